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
	conn  *sql.Conn // the writer's; of a shared ledger one of its own
	end   statement
	id    string
	run   int64
	host  int64
	first int64
	next  int64 // id of the next order
	last  int   // number of the last row
	bars  bool  // a row of it bars others
	buf   []byte
	accts map[string]int64

	order, content *inserting
	findTwin       *sql.Stmt
	identifiers    map[int]*inserting // by how many are added at once
	batch          *sharedBatch       // nil for a file

	mu     sync.Mutex
	over   bool
	broken error // of Add: SQLite may have rolled back by itself, so that nothing more may be stored
}

// Stage begins to store a run: all of its rows in one transaction, or nothing. While it is open, claims and all other moves in a file
// wait, and those in a shared ledger do not; reading goes on and does not see it. Only one is open at a time.
func (l *Ledger) Stage(ctx context.Context, run Run) (*Stage, error) {
	if err := l.writable(); err != nil {
		return nil, err
	}
	w := l.writer
	if err := w.acquire(ctx, w.staging); err != nil {
		return nil, err
	}
	s := &Stage{w: w, accts: make(map[string]int64), identifiers: make(map[int]*inserting)}
	err := l.failed()
	if err == nil {
		err = s.begin(ctx, run)
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
	w := s.w
	s.conn, s.end = w.conn, w.end
	begin := w.begin
	if w.ledger.shared != nil {
		var err error
		if s.conn, err = w.ledger.shared.stages.Conn(ctx); err != nil {
			return err
		}
		begin, s.end = w.ledger.shared.begin(s.conn, `BEGIN`), w.ledger.shared.commit(s.conn)
		s.batch = &sharedBatch{conn: s.conn}
	}
	if err := w.cache(ctx, stagingCache); err != nil {
		return err
	}
	if err := begin.exec(); err != nil {
		return err
	}
	if run.StartedAt.IsZero() {
		run.StartedAt = w.ledger.now()
	}
	var err error
	if s.host, err = s.named(ctx, `SELECT id FROM hosts WHERE name = ?1`, `INSERT INTO hosts (name) VALUES (?1) ON CONFLICT DO NOTHING`, run.Host); err != nil {
		return err
	}
	s.id = newRunID()
	if err := s.conn.QueryRowContext(ctx, `
		INSERT INTO runs (name, host, state, file, sha256, format, sheet, header_row, columns, endpoint, package, started_at, first, count)
		VALUES (?1, ?2, 'staged', '', '', '', '', 0, '[]', '', 0, ?3, 0, 0) RETURNING id`, s.id, s.host, micros(run.StartedAt)).Scan(&s.run); err != nil {
		return err
	}
	s.first = s.run << runBits
	if s.batch == nil {
		if err := s.conn.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) + 1 FROM orders`).Scan(&s.first); err != nil {
			return err
		}
	}
	s.next = s.first
	if s.order, err = s.inserting(ctx, `
		INSERT INTO orders (id, run, number, host, account, package, fingerprint, occurrence, override, state, reason, message, twin, decided_by, bars)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)`); err != nil {
		return err
	}
	if s.content, err = s.inserting(ctx, `INSERT INTO contents (id, payload, cells, findings) VALUES (?1, ?2, ?3, ?4)`); err != nil {
		return err
	}
	s.findTwin, err = s.conn.PrepareContext(ctx, `
		SELECT orders.id FROM orders JOIN runs ON runs.id = orders.run WHERE runs.name = ?1 AND orders.number = ?2`)
	return err
}

// runBits are the bits of an order's ID that a run has to itself in a shared ledger, where hosts stage side by side.
const runBits = 32

// named finds the ID of what has a name, and makes it where it is not there. In a shared ledger it is there for all at once: two hosts
// that stage for the same customers must not wait for each other.
func (s *Stage) named(ctx context.Context, find, insert string, args ...any) (id int64, err error) {
	var db interface {
		querier
		execer
	} = s.conn
	if s.batch != nil {
		db = s.w.ledger.shared.beat
	}
	err = db.QueryRowContext(ctx, find, args...).Scan(&id)
	if !errors.Is(err, sql.ErrNoRows) {
		return id, err
	}
	if _, err := db.ExecContext(ctx, insert, args...); err != nil {
		return 0, err
	}
	return id, db.QueryRowContext(ctx, find, args...).Scan(&id)
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
	err := cmp.Or(s.plausible(row), ctx.Err())
	if err == nil {
		err = s.explain(ctx, s.add(ctx, row))
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
	if row.MayExist && row.State != Held {
		return refuse(fmt.Sprintf("is %s, and only held rows wait for a person", row.State))
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
		var err error
		if account, err = s.named(ctx, `SELECT id FROM accounts WHERE host = ?1 AND customer = ?2`, `INSERT INTO accounts (host, customer) VALUES (?1, ?2) ON CONFLICT DO NOTHING`, s.host, customer); err != nil {
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
		string(row.State), row.Reason, row.Message, twin, text(row.By), 2*flag(row.MayExist)); err != nil {
		return err
	}
	s.buf = appendCells(s.buf[:0], row.Cells)
	if err := s.content.exec(ctx, id, blob(row.Payload), blob(s.buf), blob(row.Findings)); err != nil {
		return err
	}
	if err := s.addIdentifiers(ctx, id, row.Keys); err != nil {
		return err
	}
	s.bars = s.bars || row.MayExist
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
	if err := s.batch.flush(ctx); err != nil {
		return s.explain(ctx, err)
	}
	if _, err := s.conn.ExecContext(ctx, `
		UPDATE runs SET file = ?2, sha256 = ?3, format = ?4, sheet = ?5, header_row = ?6, columns = ?7, endpoint = ?8, package = ?9,
			profile = ?10, schemas = ?11, options = ?12, notes = ?13, first = ?14, count = ?15 WHERE id = ?1`,
		s.run, run.File, run.SHA256, run.Format, run.Sheet, run.HeaderRow, string(columns), run.Endpoint, run.Package,
		blob(run.Profile), blob(run.Schemas), blob(run.Options), blob(run.Notes), s.first, s.next-s.first); err != nil {
		return s.explain(ctx, err)
	}
	if s.bars {
		if err := s.date(ctx); err != nil {
			return s.explain(ctx, err)
		}
	}
	// From here on the end is not the caller's to change: a commit that is cut off is one of unknown end.
	if err := s.w.seal(s.end); err != nil {
		err = s.w.ledger.poison(err)
		s.finish()
		return err
	}
	s.finish()
	return nil
}

// date notes the last verdict from before the rows that bar others are there for anybody to see. Beside hosts that write, none comes between.
func (s *Stage) date(ctx context.Context) error {
	if s.w.ledger.shared != nil {
		if _, err := s.conn.ExecContext(ctx, fmt.Sprintf(`SELECT pg_advisory_xact_lock(%d, 0)`, lockWriting)); err != nil {
			return err
		}
	}
	_, err := s.conn.ExecContext(ctx, `UPDATE orders SET since = `+lastVerdict+` WHERE run = ?1 AND bars > 0`, s.run)
	return err
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
	if s.findTwin != nil {
		_ = s.findTwin.Close()
	}
	for _, stmt := range append(slices.Collect(maps.Values(s.identifiers)), s.order, s.content) {
		stmt.close()
	}
	if s.conn != nil {
		rollback(s.conn)
		// A failure costs nothing but time.
		_ = s.w.cache(context.Background(), movingCache)
		if s.conn != s.w.conn {
			_ = s.conn.Close()
		}
	}
	s.w.mu.Lock()
	if s.w.stage == s {
		s.w.stage = nil
	}
	s.w.mu.Unlock()
	s.w.staging <- struct{}{}
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
