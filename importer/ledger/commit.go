package ledger

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

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
type writer struct {
	ledger *Ledger
	db     *sql.DB
	conn   *sql.Conn
	begin  statement // of a transaction beside which nobody else writes
	end    statement // COMMIT
	moves  moves
	full   *Error // the committer's: a write failed, and from there on only outcomes are booked

	free    chan struct{} // holds a token while nobody uses conn
	staging chan struct{} // holds one while no Stage is open; of a file it is free

	mu       sync.Mutex
	arrived  sync.Cond
	queue    []*move
	group    []*move
	stopping bool
	stage    *Stage
	running  bool
	ended    chan struct{}

	// interrupt is nil but in tests, which fail a commit before (done false) or after it has taken effect.
	interrupt func(done bool) error
}

// write makes db's one connection the writer's, with what every transaction begins and ends with.
func (l *Ledger) write(ctx context.Context, db *sql.DB, begin string) (err error) {
	db.SetMaxOpenConns(1)
	w := &writer{ledger: l, db: db, free: make(chan struct{}, 1), ended: make(chan struct{})}
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
		w.begin, w.end = sharedBegin(w.conn, begin), sharedCommit(w.conn)
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
	w.arrived.L = &w.mu
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
	return errors.Join(append(errs, w.db.Close())...)
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
	w.arrived.Signal()
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
	for w.await() {
		<-w.free
		w.commit(w.take())
		w.free <- struct{}{}
	}
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

// take removes the next group from the queue: all that waits up to maxGroup or the next op, or that op alone.
func (w *writer) take() []*move {
	w.mu.Lock()
	defer w.mu.Unlock()
	group, n := w.group[:0], 0
	for _, m := range w.queue {
		if len(group) == maxGroup || m.kind == other && len(group) > 0 {
			break
		}
		n++
		if !m.taken.CompareAndSwap(false, true) {
			continue
		}
		group = append(group, m)
		if m.kind == other {
			break
		}
	}
	rest := copy(w.queue, w.queue[n:])
	clear(w.queue[rest:])
	w.queue = w.queue[:rest]
	w.group = group
	return group
}

// commit carries out a group in one synced transaction and tells everyone how it ended.
func (w *writer) commit(group []*move) {
	if len(group) == 0 {
		return
	}
	err := w.ledger.failed()
	if err == nil {
		if w.full != nil {
			group = w.outcomes(group)
		}
		if err = w.carryOut(group); w.lighten(err) {
			group = w.outcomes(group)
			err = w.carryOut(group)
		}
		if err != nil && !logical(err) {
			err = w.ledger.poison(err)
		}
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

// carryOut books a group in one transaction.
func (w *writer) carryOut(group []*move) error {
	if len(group) == 0 {
		return nil
	}
	err := w.transact(func() error {
		for _, m := range group {
			m.state, m.err = "", nil
			if err := w.apply(m); err != nil {
				return err
			}
		}
		return nil
	})
	if s := w.ledger.shared; s != nil && err == nil {
		s.moved.Store(true)
	}
	return err
}

// logical errors are answers of an op, which is alone in its transaction. All others mean that the store has failed.
func logical(err error) bool {
	return errors.As(err, new(*RefusedError)) || errors.As(err, new(*Error)) || errors.Is(err, fs.ErrNotExist)
}

// apply carries out one move within the transaction. An error ends the transaction; a move that is merely refused is told in
// m.err.
func (w *writer) apply(m *move) error {
	ctx := context.Background()
	if w.ledger.shared != nil && m.kind != other {
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

// seal commits.
func (w *writer) seal(end statement) error {
	if w.interrupt != nil {
		if err := w.interrupt(false); err != nil {
			return err
		}
	}
	if err := end.exec(); err != nil {
		return err
	}
	if w.interrupt != nil {
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
