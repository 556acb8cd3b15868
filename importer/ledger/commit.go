package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ncruces/go-sqlite3"

	"orderimport/importer/connect"
)

// maxGroup bounds the moves of one commit.
const maxGroup = 256

// move is one change that waits for the committer: a claim, the end of an attempt, or anything else that needs a transaction of
// its own (op).
type move struct {
	row     int64
	request string
	at      time.Time
	outcome connect.Outcome
	kind    kind
	op      func(ctx context.Context) error

	taken atomic.Bool // by the committer, or by a caller who gave up
	state State
	err   error
	done  func(State, error) // finish
	reply chan struct{}      // claim and op
}

type kind uint8

const (
	claim kind = iota
	finish
	other
)

// writer is the one connection that writes, and the committer goroutine that owns it unless a Stage of a file does.
//
// The committer of a file does not stand still while a commit is synced. It carries out the moves that come meanwhile, all in the
// next transaction, which it ends when that sync has. So syncs follow each other without a gap, one at a time, and whoever waited for one is
// told while the next begins.
type writer struct {
	ledger *Ledger
	db     *sql.DB
	conn   *sql.Conn
	log    *log      // beneath conn; nil of a shared ledger
	begin  statement // of a transaction beside which nobody else writes
	end    statement // COMMIT
	moves  moves
	full   *Error // the committer's: a write failed, and from there on only outcomes are booked

	copyAt  int64         // how long the log is when it is copied into the database
	copyDue bool          // it is copied in any case, since there is a new mark in it
	copied  int64         // how long it was when it last was
	free    chan struct{} // holds a token while nobody uses conn, see acquire
	staging chan struct{} // holds one while no Stage is open; of a file it is free

	mu       sync.Mutex
	arrived  sync.Cond // of something in the queue, or the end of a sync
	queue    []*move
	group    []*move // of the transaction that is open, as long as more may join
	syncing  bool    // the commit before it
	stopping bool
	stage    *Stage
	running  bool
	ended    chan struct{}

	telling sync.Mutex // one group at a time, in the order of their commits

	// interrupt is nil but in tests, which fail a commit before (done false) or after it has taken effect.
	interrupt func(done bool) error
}

// write makes db's one connection the writer's, with what every transaction begins and ends with. log is beneath it.
func (l *Ledger) write(ctx context.Context, db *sql.DB, log *log, begin string) (err error) {
	db.SetMaxOpenConns(1)
	w := &writer{ledger: l, db: db, log: log, copyAt: logLimit, free: make(chan struct{}, 1), ended: make(chan struct{})}
	w.arrived.L = &w.mu
	w.staging = w.free
	if l.shared != nil {
		w.staging = make(chan struct{}, 1)
		w.staging <- struct{}{}
	}
	l.writer = w
	if w.conn, err = db.Conn(ctx); err != nil {
		return err
	}
	if l.shared != nil {
		w.begin, w.end = l.shared.begin(w.conn, begin), l.shared.commit(w.conn)
		return nil
	}
	if w.begin, err = w.prepare(ctx, begin); err != nil {
		return err
	}
	w.end, err = w.prepare(ctx, `COMMIT`)
	return err
}

func (w *writer) start(ctx context.Context) error {
	if err := w.moves.prepare(ctx, w); err != nil {
		return err
	}
	if err := w.cache(ctx, movingCache); err != nil {
		return err
	}
	w.running = true
	w.free <- struct{}{}
	go w.run()
	return nil
}

// stop ends the committer after all that is queued.
func (w *writer) stop() {
	w.mu.Lock()
	stage := w.stage
	w.mu.Unlock()
	if stage != nil {
		_ = stage.Rollback()
	}
	w.mu.Lock()
	w.stopping = true
	w.arrived.Broadcast()
	w.mu.Unlock()
	<-w.ended
}

func (w *writer) close() error {
	errs := []error{w.moves.close(), closeAll(w.begin, w.end)}
	if w.conn != nil {
		errs = append(errs, w.conn.Close())
	}
	errs = append(errs, w.db.Close())
	if w.log != nil {
		w.log.release()
	}
	return errors.Join(errs...)
}

// steady is ctx for a statement of the writer. PostgreSQL's driver answers an interruption by giving up the connection, and this one
// is the session.
func (w *writer) steady(ctx context.Context) context.Context {
	if w.ledger.shared != nil {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// enqueue hands m to the committer.
func (w *writer) enqueue(m *move) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopping {
		return w.ledger.place.fail(fs.ErrClosed, "", "is closed")
	}
	w.queue = append(w.queue, m)
	w.arrived.Broadcast()
	return nil
}

// wait gives the result of m, or the context's error if that ends before the committer has taken m. From there on a move is
// carried out: its caller is told how it ended.
func (w *writer) wait(ctx context.Context, m *move) error {
	select {
	case <-m.reply:
	case <-ctx.Done():
		if m.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		<-m.reply
	}
	return m.err
}

// do runs op in a transaction of its own, in the queue's order.
func (w *writer) do(ctx context.Context, op func(ctx context.Context) error) error {
	m := &move{kind: other, op: op, reply: make(chan struct{}, 1)}
	if err := w.enqueue(m); err != nil {
		return err
	}
	return w.wait(ctx, m)
}

func (w *writer) run() {
	defer close(w.ended)
	defer w.settle()
	for w.await() {
		<-w.free
		w.commit()
		w.free <- struct{}{}
	}
}

// acquire waits until conn may be used, by somebody else than the committer; free gets its token back after that.
func (w *writer) acquire(ctx context.Context, free chan struct{}) error {
	select {
	case <-free:
		w.settle()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle waits for the end of a sync, until all who waited for it have been told.
func (w *writer) settle() {
	w.mu.Lock()
	for w.syncing {
		w.arrived.Wait()
	}
	w.mu.Unlock()
	w.telling.Lock()
	defer w.telling.Unlock()
}

// The memory for pages of a file, in KiB. A commit that has split a page looks at every page in memory, so those that only move rows keep few.
const (
	movingCache  = 2000
	stagingCache = 32000 // and recovery's
)

// cache gives the connection of a file that much memory for pages, in KiB.
func (w *writer) cache(ctx context.Context, kib int) error {
	if w.ledger.shared != nil {
		return nil
	}
	_, err := w.conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA cache_size = %d`, -kib))
	return err
}

// await reports whether there is something to do.
func (w *writer) await() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) == 0 {
		if w.stopping {
			return false
		}
		w.arrived.Wait()
	}
	return true
}

// take adds to the group from the queue, and gives what it added: all that waits up to maxGroup or the next op, or that op alone. It
// waits until there is something, or until the commit before the group's is synced: then it gives the whole group, too, and nothing joins
// it any more.
func (w *writer) take() (added, group []*move) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.syncing && !w.fits() {
		w.arrived.Wait()
	}
	if w.group == nil {
		w.group = []*move{}
	}
	before, n := len(w.group), 0
	for w.fits() && n < len(w.queue) {
		m := w.queue[n]
		if m.kind == other && len(w.group) > 0 {
			break
		}
		n++
		if m.taken.CompareAndSwap(false, true) {
			w.group = append(w.group, m)
		}
	}
	rest := copy(w.queue, w.queue[n:])
	clear(w.queue[rest:])
	w.queue = w.queue[:rest]
	added = w.group[before:]
	if !w.syncing {
		group, w.group = w.group, nil
	}
	return added, group
}

// fits reports whether the first in the queue may be added to the group. The caller holds mu.
func (w *writer) fits() bool {
	switch n := len(w.group); {
	case len(w.queue) == 0:
		return false
	case n == 0:
		return true
	default:
		return n < maxGroup && w.group[0].kind != other && w.queue[0].kind != other
	}
}

// commit carries out a group in one synced transaction and tells everyone how it ended.
func (w *writer) commit() {
	var group []*move
	err := w.ledger.failed()
	if err == nil {
		group, err = w.carryOut(nil)
	}
	for group == nil { // it failed before all had joined
		_, group = w.take()
	}
	if w.lighten(err) {
		_, err = w.carryOut(group)
	}
	if late := w.log != nil && w.log.owes(); err != nil || !late {
		w.copyLog()
		w.telling.Lock()
		defer w.telling.Unlock()
		w.tell(group, w.final(err))
		return
	}
	w.mu.Lock()
	w.syncing = true
	w.mu.Unlock()
	go func() {
		err := w.log.harden()
		if err == nil && w.interrupt != nil {
			err = w.interrupt(true)
		}
		w.telling.Lock() // before the next sync may begin, and so before its group is told
		defer w.telling.Unlock()
		err = w.final(err)
		w.mu.Lock()
		w.syncing = false
		w.arrived.Broadcast()
		w.mu.Unlock()
		w.tell(group, err)
	}()
}

// note has the mark tell of a group's claims.
func (w *writer) note(group []*move) {
	for _, m := range slices.Backward(group) {
		if m.kind == claim && m.state == Sending {
			w.ledger.marked.note(lastClaim{m.row, m.request})
			return
		}
	}
}

// final is how a transaction ended. An error of the store's poisons the ledger.
func (w *writer) final(err error) error {
	if err != nil && !logical(err) {
		err = w.ledger.poison(err)
	}
	return err
}

// tell says how a group ended. The caller holds telling.
func (w *writer) tell(group []*move, err error) {
	if err == nil {
		w.note(group)
	}
	for _, m := range group {
		if err != nil {
			m.state, m.err = "", err
		}
		if m.done != nil {
			m.done(m.state, m.err)
		}
		if m.reply != nil {
			m.reply <- struct{}{}
		}
	}
}

// carryOut books a group in one transaction: the one given, or else what waits and what joins it until the commit before it is safe. Its
// sync is left to who calls, but for that of an op, and of a group after which the log is to be copied. It gives no group where it failed
// before all had joined.
func (w *writer) carryOut(again []*move) (group []*move, err error) {
	apply := func(moves []*move) error {
		for _, m := range moves {
			if err := w.apply(m); err != nil {
				return err
			}
		}
		return nil
	}
	err = w.transact(func() error {
		group = again
		if err := apply(group); err != nil {
			return err
		}
		for group == nil {
			var added []*move
			added, group = w.take()
			if err := apply(added); err != nil {
				return err
			}
		}
		if w.log != nil {
			w.log.late = len(group) > 0 && group[0].kind != other && !w.long()
		}
		return w.ledger.failed()
	})
	if w.log != nil {
		w.log.late = false
	}
	if s := w.ledger.shared; s != nil && err == nil {
		s.moved.Store(true)
	}
	return group, err
}

// long reports whether SQLite's log is to be copied into the database. Whoever reads keeps what he reads from being left behind, and then
// the next try is when it is as long again.
func (w *writer) long() bool {
	if w.log == nil {
		return false
	}
	size := w.log.size()
	if size < w.copied {
		w.copied = 0
	}
	return size-w.copied >= w.copyAt
}

// copyLog copies SQLite's log into the database when it has become long or holds a new mark, while nothing is synced. A failure costs nothing
// but room: what was in the log is still there.
func (w *writer) copyLog() {
	if !w.copyDue && !w.long() || w.ledger.failed() != nil {
		return
	}
	w.copied, w.copyDue = w.log.size(), false
	if own, err := raw(w.conn); err == nil {
		_, _, _ = own.WALCheckpoint("main", sqlite3.CHECKPOINT_PASSIVE)
	}
}

// logical errors are answers of an op, which is alone in its transaction. All others mean that the store has failed.
func logical(err error) bool {
	return errors.As(err, new(*RefusedError)) || errors.As(err, new(*Error)) || errors.Is(err, fs.ErrNotExist)
}

// apply carries out one move within the transaction. An error ends the transaction; a move that is merely refused is told in
// m.err.
func (w *writer) apply(m *move) error {
	m.state, m.err = "", nil
	if w.full != nil && m.kind != finish {
		m.err = w.full
		return nil
	}
	ctx := context.Background()
	if s := w.ledger.shared; s != nil && m.kind == other {
		ctx = s.patience()
	} else if s != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, answerTime)
		defer cancel()
	}
	switch m.kind {
	case claim:
		return w.claimRow(ctx, m)
	case finish:
		return w.moves.finishRow(ctx, m, w.ledger.now())
	default:
		return m.op(ctx)
	}
}

// transact runs body between BEGIN and a synced COMMIT. After an error the transaction is rolled back, or is of unknown end.
func (w *writer) transact(body func() error) error {
	if err := w.begin.exec(); err != nil {
		return err
	}
	err := body()
	if err == nil {
		err = w.seal(w.end)
	}
	if err != nil {
		rollback(w.conn)
	}
	return err
}

// seal commits. Where the log's sync is due after it, the commit is not safe yet.
func (w *writer) seal(end statement) error {
	if w.interrupt != nil {
		if err := w.interrupt(false); err != nil {
			return err
		}
	}
	if err := end.exec(); err != nil {
		return err
	}
	if w.interrupt != nil && (w.log == nil || !w.log.due) {
		return w.interrupt(true)
	}
	return nil
}

// rollback ends a transaction if one is open. Its own failure changes nothing: what is not committed is not there.
func rollback(conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	_, _ = conn.ExecContext(ctx, `ROLLBACK`)
}

// micros is a time as stored; the zero time is NULL.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func fromMicros(us sql.NullInt64) time.Time {
	if !us.Valid {
		return time.Time{}
	}
	return time.UnixMicro(us.Int64).UTC()
}
