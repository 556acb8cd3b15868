package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"
)

// Crash ends l as a process ends that is killed: nothing that is queued is booked, and the lock is free.
func Crash(l *Ledger) {
	l.closing.Do(func() {
		l.failure.CompareAndSwap(nil, &Error{Text: "killed"})
		l.writer.stop()
		l.closed = l.release()
		if l.shared != nil {
			l.shared.forgotten()
		}
	})
}

// forgotten waits until the server has noticed that the session's connection is gone, as it does soon after a process has been killed.
func (s *shared) forgotten() {
	db := s.db()
	defer db.Close()
	for range 200 {
		var held bool
		err := db.QueryRow(`SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = ?1 AND objid::bigint = ?2)`, lockSession, s.session).Scan(&held)
		if err != nil || !held {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// FailCommit makes the next commits of l fail, after they have taken effect (done) or before.
func FailCommit(l *Ledger, done bool) {
	_ = l.writer.acquire(context.Background(), l.writer.free)
	l.writer.interrupt = func(d bool) error {
		if d == done {
			return errors.New("injected failure")
		}
		return nil
	}
	l.writer.free <- struct{}{}
}

// HoldSync lets the next commit of l wait at the end of its sync until fail is called; then that sync has failed, and none after it does.
func HoldSync(l *Ledger) (fail func()) {
	failed := make(chan struct{})
	var once sync.Once
	_ = l.writer.acquire(context.Background(), l.writer.free)
	l.writer.interrupt = func(done bool) (err error) {
		if done {
			once.Do(func() { <-failed; err = errors.New("injected failure") })
		}
		return err
	}
	l.writer.free <- struct{}{}
	return func() { close(failed) }
}

// WhileWriting does something while no host can write to a shared ledger.
func WhileWriting(l *Ledger, do func()) {
	db := l.shared.db()
	defer db.Close()
	tx, err := db.Begin()
	if err == nil {
		defer tx.Rollback()
		_, err = tx.Exec(`SELECT pg_advisory_xact_lock(?1, 0)`, lockWriting)
	}
	if err != nil {
		panic(err)
	}
	do()
}

// Plan is what PostgreSQL thinks of a statement: the pages and rows that it takes, in its units.
type Plan struct {
	Text string
	Cost float64
}

// Plans are those of the committer's statements, whatever their values are, and of the rules of Verify.
func Plans(l *Ledger) (moves, rules []Plan, err error) {
	_ = l.writer.acquire(context.Background(), l.writer.free)
	defer func() { l.writer.free <- struct{}{} }()
	ctx, conn := context.Background(), l.writer.conn
	explain := func(query string) (cost float64, err error) {
		var plan []byte
		if err := conn.QueryRowContext(ctx, `EXPLAIN (FORMAT JSON) `+query).Scan(&plan); err != nil {
			return 0, err
		}
		var doc []struct {
			Plan struct {
				Cost float64 `json:"Total Cost"`
			}
		}
		err = json.Unmarshal(plan, &doc)
		return doc[0].Plan.Cost, err
	}
	if _, err := conn.ExecContext(ctx, `SET plan_cache_mode = force_generic_plan`); err != nil {
		return nil, nil, err
	}
	prepared := map[string]string{}
	err = each(ctx, conn, func(scan func(...any) error) error {
		var text, call string
		err := scan(&text, &call)
		prepared[text] = call
		return err
	}, `SELECT statement, format('EXECUTE %I(', name) || array_to_string(array_fill('NULL'::text, ARRAY[cardinality(parameter_types)]), ', ') || ')'
		FROM pg_prepared_statements WHERE cardinality(parameter_types) > 0`)
	for text, call := range prepared {
		cost, e := explain(call)
		moves, err = append(moves, Plan{text, cost}), errors.Join(err, e)
	}
	for _, rule := range l.rules() {
		cost, e := explain(translate(rule.sql))
		rules, err = append(rules, Plan{rule.sql, cost}), errors.Join(err, e)
	}
	return moves, rules, err
}

// Exec changes what is stored behind the ledger's back.
func Exec(l *Ledger, query string, args ...any) error {
	_ = l.writer.acquire(context.Background(), l.writer.free)
	defer func() { l.writer.free <- struct{}{} }()
	_, err := l.writer.conn.ExecContext(context.Background(), query, args...)
	return err
}

var (
	AppendCells = appendCells
	DecodeCells = decodeCells
)

// On gives opt with another file system beneath SQLite.
func On(vfs string, opt Options) Options {
	opt.vfs = vfs
	return opt
}

// Queued is how many moves wait for the committer, or for the sync before theirs.
func Queued(l *Ledger) int {
	l.writer.mu.Lock()
	defer l.writer.mu.Unlock()
	return len(l.writer.queue) + len(l.writer.group)
}

// CopyAt sets how long SQLite's log is when it is copied into the database, in bytes.
func CopyAt(l *Ledger, size int64) {
	_ = l.writer.acquire(context.Background(), l.writer.free)
	l.writer.copyAt = size
	l.writer.free <- struct{}{}
}

// Adopting gives opt as Adopt opens with.
func Adopting(opt Options) Options {
	opt.adopt = true
	return opt
}

// Leased gives opt with another lease.
func Leased(lease time.Duration, opt Options) Options {
	opt.lease = lease
	return opt
}

// Behind makes l the ledger of a host whose clock is behind the server's.
func Behind(l *Ledger, d time.Duration) { l.shared.ahead += d }

// Silence keeps l from showing that it lives, as SIGSTOP would.
func Silence(l *Ledger) {
	l.shared.quit <- struct{}{}
}

// OnDisk lets ledgers lie on a disk of that name, "" for a local one, with so much room until the test has ended.
func OnDisk(t *testing.T, name string, room int64) {
	system, free := fileSystem, freeRoom
	t.Cleanup(func() { fileSystem, freeRoom = system, free })
	fileSystem = func(string) string { return name }
	freeRoom = func(place) (int64, bool) { return room, true }
}
