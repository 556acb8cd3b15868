package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
)

// A ledger that was put back from a copy, or copied to another place, has forgotten orders. It is known by its mark: a random
// word that is new at each start of a writer and each time a run begins or ends, and that lies in the database and in the file PATH.mark beside it.
// An older database has an older mark; a copy of both files is another file to the operating system.

// markFact is the database's mark.
const markFact = "mark"

// mark is what PATH.mark holds.
type mark struct {
	Marks []string `json:"marks"` // the database has one of them: two only from before a commit until after it
	File  string   `json:"file"`  // fileIdentity of the database
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
func (p place) writeMark(marks ...string) error {
	b, err := json.Marshal(mark{marks, fileIdentity(p.path)})
	if err != nil {
		return err
	}
	return p.writeBeside(p.mark(), append(b, '\n'))
}

// refuseLost keeps a new ledger from being made where one is lost.
func (p place) refuseLost() error {
	m, err := p.readMark()
	if err == nil && len(m.Marks) > 0 && p.vfs == "" {
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
	var own string
	err = db.QueryRowContext(ctx, getFact, markFact).Scan(&own)
	switch {
	case errors.Is(err, sql.ErrNoRows) && len(m.Marks) == 0:
		return nil // made before there were marks
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	case len(m.Marks) == 0:
		return p.fail(nil, hintAdopt, "is a copy without its file %q and may not know what was ordered since", p.mark())
	case !slices.Contains(m.Marks, own):
		return p.fail(nil, hintAdopt, "is not as it was left: it was put back from a copy, and does not know what was ordered since")
	}
	if file := fileIdentity(p.path); m.File != "" && file != "" && file != m.File {
		return p.fail(nil, hintAdopt, "is a copy, or was put back from one, and may not know what was ordered since")
	}
	return nil
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
	case !errors.Is(err, sql.ErrNoRows):
		return nil, err
	}
	if _, err := l.writer.conn.ExecContext(ctx, putFact, markFact, []byte(next)); err != nil {
		return nil, err
	}
	if l.place.vfs != "" {
		return func() error { return nil }, nil
	}
	write := func(marks ...string) error {
		if err := l.place.writeMark(marks...); err != nil {
			return l.place.fail(err, "check the permissions of the folder and the room on the disk", "its mark cannot be written: %v", cause(err))
		}
		return nil
	}
	return func() error { return write(next) }, write(marks...)
}
