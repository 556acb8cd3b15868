package ledger

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Stage is a run being stored. Its methods are not for several goroutines at once.
type Stage struct {
	w     *writer
	id    string
	run   int64
	host  int64
	first int64
	next  int64 // id of the next order
	last  int   // number of the last row
	buf   []byte
	accts map[string]int64

	order, content                 *inserting
	account, findAccount, findTwin *sql.Stmt
	identifiers                    map[int]*inserting // by how many are added at once
	batch                          *sharedBatch       // nil for a file

	mu     sync.Mutex
	over   bool
	broken error // of Add: SQLite may have rolled back by itself, so that nothing more may be stored
}

// Stage begins to store a run: all of its rows in one transaction, or nothing. While it is open, claims and all other moves
// wait; reading goes on and does not see it. Only one is open at a time.
func (l *Ledger) Stage(ctx context.Context, run Run) (*Stage, error) {
	if err := l.writable(); err != nil {
		return nil, err
	}
	w := l.writer
	select {
	case <-w.free:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s := &Stage{w: w, accts: make(map[string]int64), identifiers: make(map[int]*inserting)}
	err := l.failed()
	if err == nil {
		err = s.begin(w.steady(ctx), run)
	}
	if err != nil {
		s.finish()
		return nil, s.explain(ctx, err)
	}
	w.mu.Lock()
	w.stage = s
	w.mu.Unlock()
	return s, nil
}

// newRunID gives r and ten of the 36 letters and digits: 51 bits, and the table refuses a repetition.
func newRunID() string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	var id [11]byte
	id[0] = 'r'
	for i := 1; i < len(id); {
		var b [16]byte
		rand.Read(b[:])
		for _, c := range b {
			if c < 252 && i < len(id) { // 7 × 36: each digit as likely as the others
				id[i] = digits[c%36]
				i++
			}
		}
	}
	return string(id[:])
}

func (s *Stage) begin(ctx context.Context, run Run) error {
	conn := s.w.conn
	if err := s.w.begin.exec(); err != nil {
		return err
	}
	if run.StartedAt.IsZero() {
		run.StartedAt = s.w.ledger.now()
	}
	if _, err := conn.ExecContext(ctx, `INSERT INTO hosts (name) VALUES (?1) ON CONFLICT DO NOTHING`, run.Host); err != nil {
		return err
	}
	if err := conn.QueryRowContext(ctx, `SELECT id FROM hosts WHERE name = ?1`, run.Host).Scan(&s.host); err != nil {
		return err
	}
	if err := conn.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) + 1 FROM orders`).Scan(&s.first); err != nil {
		return err
	}
	s.next, s.id = s.first, newRunID()
	if err := conn.QueryRowContext(ctx, `
		INSERT INTO runs (name, host, state, file, sha256, format, sheet, header_row, columns, endpoint, package, started_at, first, count)
		VALUES (?1, ?2, 'staged', '', '', '', '', 0, '[]', '', 0, ?3, ?4, 0) RETURNING id`,
		s.id, s.host, micros(run.StartedAt), s.first).Scan(&s.run); err != nil {
		return err
	}
	if s.w.ledger.shared != nil {
		s.batch = &sharedBatch{conn: conn}
	}
	for _, p := range []struct {
		to  **inserting
		sql string
	}{
		{&s.order, `
			INSERT INTO orders (id, run, number, host, account, package, fingerprint, occurrence, override, state, reason, message, twin, decided_by)
			VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)`},
		{&s.content, `INSERT INTO contents (id, payload, cells, findings) VALUES (?1, ?2, ?3, ?4)`},
	} {
		var err error
		if *p.to, err = s.inserting(ctx, p.sql); err != nil {
			return err
		}
	}
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&s.account, `INSERT INTO accounts (host, customer) VALUES (?1, ?2) ON CONFLICT DO NOTHING`},
		{&s.findAccount, `SELECT id FROM accounts WHERE host = ?1 AND customer = ?2`},
		{&s.findTwin, `
			SELECT orders.id FROM orders JOIN runs ON runs.id = orders.run WHERE runs.name = ?1 AND orders.number = ?2`},
	} {
		var err error
		if *p.to, err = conn.PrepareContext(ctx, p.sql); err != nil {
			return err
		}
	}
	return nil
}

// ID of the run.
func (s *Stage) ID() string { return s.id }

// Add stores a row. Its numbers must ascend, its state must be one of those that a check can give (Ready, Held, Invalid, Duplicate,
// Skipped), and a Ready one needs a payload, a fingerprint and an occurrence from 1. Row.ID is filled in. After an error the stage can only be rolled back.
func (s *Stage) Add(ctx context.Context, row *Row) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	w := s.w
	err := cmp.Or(s.plausible(row), ctx.Err())
	if err == nil {
		err = s.explain(ctx, s.add(w.steady(ctx), row))
	}
	s.broken = err
	return err
}

// plausible refuses what the state machine could not begin with.
func (s *Stage) plausible(row *Row) error {
	refuse := func(text string) error {
		return &RefusedError{Row: row.Number, To: row.State, Text: fmt.Sprintf("row %d: %s", row.Number, text)}
	}
	switch row.State {
	case Ready:
		if len(row.Payload) == 0 || row.Fingerprint == (Fingerprint{}) || row.Occurrence < 1 {
			return refuse("is ready, but has no payload, no fingerprint or no occurrence")
		}
	case Held, Invalid, Duplicate, Skipped:
	default:
		return refuse(fmt.Sprintf("state %q is not one to begin with", row.State))
	}
	if row.Number <= s.last {
		return refuse(fmt.Sprintf("comes after row %d", s.last))
	}
	return nil
}

func (s *Stage) add(ctx context.Context, row *Row) error {
	account, ok := s.accts[row.Customer]
	if !ok {
		customer := row.Customer
		if s.batch != nil {
			customer = indexable(customer)
		}
		if _, err := s.account.ExecContext(ctx, s.host, customer); err != nil {
			return err
		}
		if err := s.findAccount.QueryRowContext(ctx, s.host, customer).Scan(&account); err != nil {
			return err
		}
		s.accts[row.Customer] = account
	}
	var twin, fingerprint any
	if row.TwinRow != 0 {
		run := row.TwinRun
		if run == "" {
			run = s.id
		}
		if err := s.batch.flush(ctx); err != nil {
			return err
		}
		var id int64
		err := s.findTwin.QueryRowContext(ctx, run, row.TwinRow).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return &RefusedError{Row: row.Number, To: row.State, Text: fmt.Sprintf("row %d: its twin, row %d of run %q, is not in the ledger", row.Number, row.TwinRow, run)}
		} else if err != nil {
			return err
		}
		twin = id
	}
	if row.Fingerprint != (Fingerprint{}) {
		fingerprint = row.Fingerprint[:]
	}
	id := s.next
	if err := s.order.exec(ctx, id, s.run, row.Number, s.host, account, row.Package, fingerprint, row.Occurrence, flag(row.Override),
		string(row.State), row.Reason, row.Message, twin, text(row.By)); err != nil {
		return err
	}
	s.buf = appendCells(s.buf[:0], row.Cells)
	if err := s.content.exec(ctx, id, blob(row.Payload), blob(s.buf), blob(row.Findings)); err != nil {
		return err
	}
	if err := s.addIdentifiers(ctx, id, row.Keys); err != nil {
		return err
	}
	row.ID, s.last = id, row.Number
	s.next++
	return nil
}

// addIdentifiers stores a row's keys in one statement.
func (s *Stage) addIdentifiers(ctx context.Context, id int64, keys []Key) error {
	if len(keys) == 0 {
		return nil
	}
	const most = 64 // far below the database's limit of parameters
	for len(keys) > most {
		if err := s.addIdentifiers(ctx, id, keys[:most]); err != nil {
			return err
		}
		keys = keys[most:]
	}
	stmt := s.identifiers[len(keys)]
	if stmt == nil {
		var b strings.Builder
		b.WriteString(`INSERT INTO identifiers (id, key) VALUES (?1, ?2)`)
		for i := range keys[1:] {
			fmt.Fprintf(&b, `, (?1, ?%d)`, i+3)
		}
		b.WriteString(` ON CONFLICT DO NOTHING`)
		var err error
		if stmt, err = s.inserting(ctx, b.String()); err != nil {
			return err
		}
		s.identifiers[len(keys)] = stmt
	}
	args := make([]any, 0, 8)
	args = append(args, id)
	for i := range keys {
		args = append(args, keys[i][:])
	}
	return stmt.exec(ctx, args...)
}

// Commit seals the run; run carries what became known while reading (Package, Schemas, Notes). Durable on return.
func (s *Stage) Commit(ctx context.Context, run Run) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return err
	}
	columns, err := json.Marshal(slices.Concat([]string{}, run.Columns))
	if err != nil {
		return err
	}
	if err := s.batch.flush(s.w.steady(ctx)); err != nil {
		return s.explain(ctx, err)
	}
	if _, err := s.w.conn.ExecContext(s.w.steady(ctx), `
		UPDATE runs SET file = ?2, sha256 = ?3, format = ?4, sheet = ?5, header_row = ?6, columns = ?7, endpoint = ?8, package = ?9,
			profile = ?10, schemas = ?11, options = ?12, notes = ?13, count = ?14 WHERE id = ?1`,
		s.run, run.File, run.SHA256, run.Format, run.Sheet, run.HeaderRow, string(columns), run.Endpoint, run.Package,
		blob(run.Profile), blob(run.Schemas), blob(run.Options), blob(run.Notes), s.next-s.first); err != nil {
		return s.explain(ctx, err)
	}
	// From here on the end is not the caller's to change: a commit that is cut off is one of unknown end.
	if err := s.w.seal(); err != nil {
		err = s.w.ledger.poison(err)
		s.finish()
		return err
	}
	s.finish()
	return nil
}

// Rollback forgets the run. After Commit it does nothing.
func (s *Stage) Rollback() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over {
		s.finish()
	}
	return nil
}

func (s *Stage) usable() error {
	if s.over {
		return s.w.ledger.place.fail(fs.ErrClosed, "", "the stage of run %s has ended", s.id)
	}
	if s.broken != nil {
		return s.broken
	}
	return s.w.ledger.failed()
}

// finish rolls back what is not committed and lets the committer go on.
func (s *Stage) finish() {
	s.over = true
	for _, stmt := range []*sql.Stmt{s.account, s.findAccount, s.findTwin} {
		if stmt != nil {
			_ = stmt.Close()
		}
	}
	for _, stmt := range append(slices.Collect(maps.Values(s.identifiers)), s.order, s.content) {
		stmt.close()
	}
	s.w.rollback()
	s.w.mu.Lock()
	if s.w.stage == s {
		s.w.stage = nil
	}
	s.w.mu.Unlock()
	s.w.free <- struct{}{}
}

// explain words a failure of the store. It is no poison: nothing of the run has been promised.
func (s *Stage) explain(ctx context.Context, err error) error {
	if err == nil || logical(err) || errors.As(err, new(*Error)) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if e := s.w.ledger.describe(err); e != nil {
		return e
	}
	return s.w.ledger.place.fail(err, "check the disk", "could not be written: %v", err)
}

func blob(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
