package ledger

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
)

// A ledger that was put back from a copy, or copied to another place, has forgotten orders. It is known by its mark: a random
// word that is new at each start of a writer and each time a run begins or ends, and that lies in the database and in the file PATH.mark beside it.
// An older database has an older mark; a copy of both files is another file to the operating system. A copy from the middle of the run
// that was then killed has the right mark, and does not know the last claim, which PATH.mark tells too.
//
// Each new mark is copied out of SQLite's log into the database file at once, or as soon as nobody reads what was before it: the log of a process
// that was killed would give its mark to whatever older file is put before it.

// markFact is the database's mark, and noMark that of one which has none yet: nothing was ordered from it.
const (
	markFact = "mark"
	noMark   = ""
)

// mark is what PATH.mark holds: one line, whose end is overwritten at each claim.
type mark struct {
	Marks []string  `json:"marks"` // the database has one of them: two only from before a commit until after it
	File  string    `json:"file"`  // fileIdentity of the database
	Claim lastClaim `json:"claim"`
}

// lastClaim is what the last commit of claims held, of which somebody has been told. It survives the process and not the power: nobody waits for its sync.
type lastClaim struct {
	Row     int64  `json:"row"` // 0 where there is none
	Request string `json:"request"`
}

// maxRequest is the longest request ID, in bytes, and claimRoom what the last claim takes in PATH.mark at most: none grows to more than six times
// its length in JSON.
const (
	maxRequest = 64
	claimRoom  = 448
)

// marked is PATH.mark as its one writer keeps it.
type marked struct {
	mu   sync.Mutex
	file *os.File // nil where there is none
	at   int64    // where the last claim is
	last lastClaim
}

func (p place) mark() string {
	if p.keyFile != "" {
		return p.keyFile + ".mark"
	}
	return p.path + ".mark"
}

// readMark gives the zero mark where there is none.
func (p place) readMark() (m mark, err error) {
	b, err := os.ReadFile(p.mark())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return m, nil
	case err != nil:
		return m, p.fail(err, "check the file's permissions", "its mark %q cannot be read: %v", p.mark(), cause(err))
	}
	if json.Unmarshal(b, &m) != nil || len(m.Marks) == 0 {
		return mark{Marks: []string{"damaged"}}, nil // the database has no such mark
	}
	return m, nil
}

// writeMark is durable when it returns.
func (l *Ledger) writeMark(marks ...string) error {
	m := &l.marked
	m.mu.Lock()
	defer m.mu.Unlock()
	line, err := json.Marshal(mark{Marks: marks, File: fileIdentity(l.place.path)})
	if err != nil {
		return err
	}
	head := line[:bytes.LastIndex(line, []byte(`{"row"`))]
	claim, err := m.last.line()
	if err != nil {
		return err
	}
	path := l.place.mark()
	if err := m.close(); err != nil { // Windows replaces no file that is open
		return err
	}
	if err := l.place.writeBeside(path, append(head, claim...)); err != nil {
		return err
	}
	m.file, err = os.OpenFile(path, os.O_WRONLY, 0)
	m.at = int64(len(head))
	return err
}

// note tells PATH.mark of the last claim, where there is one: a simulated disk and a shared ledger have none. A failure costs the notice of one copy, and
// must not keep outcomes from being booked: a disk that is full has room for those.
func (m *marked) note(c lastClaim) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = c
	if line, err := c.line(); err == nil && m.file != nil {
		_, _ = m.file.WriteAt(line, m.at)
	}
}

func (m *marked) close() error {
	if m.file == nil {
		return nil
	}
	err := m.file.Close()
	m.file = nil
	return err
}

// line is the end of PATH.mark, always of the same length.
func (c lastClaim) line() ([]byte, error) {
	b, err := json.Marshal(c)
	return fmt.Appendf(nil, "%-*s}\n", claimRoom, b), err
}

// refuseLost keeps a new ledger from being made where one is lost.
func (p place) refuseLost() error {
	m, err := p.readMark()
	if err == nil && len(m.Marks) > 0 && !slices.Contains(m.Marks, noMark) && p.vfs == "" {
		err = p.fail(nil, "put back its last backup and take that over with `orderimport ledger adopt --reason TEXT`; only where nothing was ever ordered, delete the .mark file",
			"is gone, and what was ordered with it: its mark %q is still there", p.mark())
	}
	return err
}

// refuseStray keeps a ledger from being written to that is not where, or not as, it was left.
func (l *Ledger) refuseStray(ctx context.Context, db querier) error {
	p := l.place
	if p.vfs != "" {
		return nil // a simulated disk, which has no files beside the database
	}
	m, err := p.readMark()
	if err != nil {
		return err
	}
	own := noMark
	err = db.QueryRowContext(ctx, getFact, markFact).Scan(&own)
	switch {
	case errors.Is(err, sql.ErrNoRows) && len(m.Marks) == 0:
		return nil // made before there were marks
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	case len(m.Marks) == 0:
		return p.fail(nil, hintAdopt, "is a copy without its file %q and may not know what was ordered since", p.mark())
	case !slices.Contains(m.Marks, own):
		return l.putBack()
	}
	if m.Claim.Row != 0 {
		var known bool
		err := db.QueryRowContext(ctx, `
			SELECT EXISTS (SELECT 1 FROM orders WHERE id = ?1 AND request_id = ?2) OR EXISTS (SELECT 1 FROM attempts WHERE id = ?1 AND request_id = ?2)`,
			m.Claim.Row, m.Claim.Request).Scan(&known)
		if err != nil {
			return err
		}
		if !known {
			return l.putBack()
		}
	}
	if file := fileIdentity(p.path); m.File != "" && file != "" && file != m.File {
		return p.fail(nil, hintAdopt, "is a copy, or was put back from one, and may not know what was ordered since")
	}
	l.marked.last = m.Claim // a start that gets no further than its mark must not forget it
	return nil
}

func (l *Ledger) putBack() error {
	return l.place.fail(nil, hintAdopt, "is not as it was left: it was put back from a copy, and does not know what was ordered since")
}

// renewMark gives the database a new mark within the transaction, as its last statement. settle is for after the commit.
func (l *Ledger) renewMark(ctx context.Context) (settle func() error, err error) {
	if l.shared != nil {
		var wal int64
		err := l.writer.conn.QueryRowContext(ctx, `SELECT `+walNow).Scan(&wal)
		return func() error { l.shared.remember(wal); return nil }, err
	}
	var random [8]byte
	rand.Read(random[:])
	next := hex.EncodeToString(random[:])
	marks := []string{next}
	var own string
	switch err := l.writer.conn.QueryRowContext(ctx, getFact, markFact).Scan(&own); {
	case err == nil:
		marks = append(marks, own)
	case errors.Is(err, sql.ErrNoRows):
		marks = append(marks, noMark)
	default:
		return nil, err
	}
	if _, err := l.writer.conn.ExecContext(ctx, putFact, markFact, []byte(next)); err != nil {
		return nil, err
	}
	l.writer.copyDue = true
	if l.place.vfs != "" {
		return func() error { return nil }, nil
	}
	write := func(marks ...string) error {
		if err := l.writeMark(marks...); err != nil {
			return l.place.fail(err, "check the permissions of the folder and the room on the disk", "its mark cannot be written: %v", cause(err))
		}
		return nil
	}
	return func() error { return write(next) }, write(marks...)
}
