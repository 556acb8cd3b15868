package submit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
)

// pool is what the workers of one sending share.
type pool struct {
	cfg     Config
	gate    *gate
	pace    *pacer
	queue   queue
	breaker breaker
	booking sync.WaitGroup // outcomes that are not durable yet
	booked  atomic.Int64   // rows since the sending began
	due     chan struct{}  // holds a token when the schemas should be looked at again

	mu  sync.Mutex // guards err
	err error      // the ledger's first
}

// failure is the ledger's error, if there was one.
func (p *pool) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// failed keeps the ledger's error and lets nobody send again.
func (p *pool) failed(err error) {
	p.mu.Lock()
	if p.err == nil {
		p.err = err
	}
	p.mu.Unlock()
	p.gate.stop(Stop{Code: StopDrained})
}

// guard, deferred, ends the sending in order after a panic: it would end the process, with the answers to all orders under way. What
// panicked may hold a row's values, and is not told.
func (p *pool) guard() {
	if r := recover(); r != nil {
		p.gate.stop(Stop{Code: StopFault, Message: fmt.Sprintf("%T", r)})
	}
}

// book queues an outcome; the event comes when it is durable.
func (p *pool) book(row *ledger.Row, requestID string, outcome connect.Outcome) {
	if outcome.Verdict == connect.Ordered {
		p.cfg.UnderWay.answered(requestID, outcome.Result)
	}
	p.booking.Add(1)
	p.cfg.Ledger.Finish(row.ID, requestID, outcome, func(state ledger.State, err error) {
		defer p.booking.Done()
		if err != nil {
			if outcome.Verdict == connect.Ordered { // or another attempt has the row, and this order is one more
				p.cfg.UnderWay.told(requestID)
				p.cfg.Observe(Event{Kind: Lost, Row: row.Number, Number: outcome.Result.OrderNumber, OrderID: outcome.Result.OrderID, Request: requestID})
			}
			if !errors.As(err, new(*ledger.RefusedError)) {
				p.failed(err)
			} else if outcome.Verdict == connect.Ordered {
				p.gate.stop(Stop{Code: StopDoubts, Message: "an answer came after somebody had decided about its row"})
			}
			return
		}
		p.cfg.UnderWay.end(requestID)
		if state == ledger.Ready {
			return
		}
		if p.booked.Add(1)%rowsBetweenLooks == 0 {
			p.look()
		}
		if state == ledger.InDoubt && outcome.Verdict == connect.Ordered {
			p.gate.stop(Stop{Code: StopDoubts, Message: "the API gave an order number that is none, or that it had given before"})
		}
		p.cfg.Observe(Event{Kind: Booked, Row: row.Number, State: state, Number: outcome.Result.OrderNumber, Reason: outcome.Reason, Message: outcome.Said})
	})
}

// worker sends one row at a time over its own connection.
type worker struct {
	*pool
	conn *connect.Conn
	turn turn
	lead time.Duration // before its slot an order is made ready
}

// work takes rows until there are none, or the sending has stopped.
func (w *worker) work(ctx context.Context) {
	for {
		if !w.enter() {
			return
		}
		// The page must be read even while a drain begins: the queue looks at the gate, not at the context.
		row, err := w.queue.next(context.WithoutCancel(ctx))
		if err != nil {
			w.failed(err)
		}
		if row == nil {
			w.gate.leave()
			return
		}
		if !w.see(ctx, row) {
			return
		}
	}
}

// enter waits for the worker's turn; false means that the sending has stopped.
func (w *worker) enter() (ok bool) {
	w.turn, ok = w.gate.enter()
	return ok
}

// see sees to one row, inside the gate: attempts until one of them says something about the order. False means that the
// sending has stopped.
func (w *worker) see(ctx context.Context, row *ledger.Row) bool {
	var later time.Time // when the API first said so to this row
	for unwritten, refused := 0, 0; ; {
		outcome, err := w.send(ctx, row)
		w.gate.leave()
		if err != nil {
			w.failed(err)
			return false
		}
		if outcome.Verdict != connect.NotSent {
			return true
		}
		switch {
		case outcome.Reason == paused:
		case outcome.Status == 429: // "later", for as long as the API may be out of reach, beside what it asks for
			if later.IsZero() {
				later = time.Now()
			}
			if time.Since(later) > w.cfg.Patience+w.gate.longestWait() {
				w.gate.stop(Stop{Code: StopRefusals, Message: outcome.Said})
			}
		case outcome.Status == 0:
			if unwritten++; unwritten > maxUnwritten {
				w.gate.stop(Stop{Code: StopUnreachable, Message: outcome.Said})
			}
		default:
			if refused++; refused > maxRepeats {
				code := StopRefusals
				if outcome.Reaction == connect.StopToken {
					code = StopToken
				}
				w.gate.stop(Stop{Code: code, Message: outcome.Said})
			}
		}
		if !w.enter() {
			return false
		}
	}
}

// Why an intent was given back before its write: nobody was asked, so nobody refused.
const (
	paused = "paused" // a pause or a stop came first
	stale  = "stale"  // the connection, or the intent itself, was no longer fresh
)

// unsent is the outcome of an attempt of which nothing was written, for a reason of ours.
func unsent(reason string) connect.Outcome {
	o := connect.Outcome{Verdict: connect.NotSent, Reaction: connect.Retry, Reason: reason}
	if reason == stale {
		o.Message = "the connection was closed, or this machine took too long between the order's booking and its sending"
		o.Said = o.Message
	}
	return o
}

// send makes one attempt: the slot first, a connection shortly before it, then the intent, then the write. NotSent means that
// provably nothing was processed and the row is ready as before. A row that another run has taken meanwhile, or that no longer
// fits its schema, has the zero outcome.
func (w *worker) send(ctx context.Context, row *ledger.Row) (connect.Outcome, error) {
	slot, pause, err := w.pace.slot(context.WithoutCancel(ctx))
	if err != nil {
		return connect.Outcome{}, err
	}
	if pause > 0 {
		w.heed(pause)
		return unsent(paused), nil
	}
	if early := time.Until(slot.Add(-w.lead)); early > 0 && !w.gate.sleep(w.turn, early) || !w.connected(ctx) || !w.gate.open(w.turn) {
		return unsent(paused), nil
	}
	intent := w.cfg.clock().Round(0) // the wall clock counts a machine's sleep, the monotonic one does not
	requestID := rand.Text()
	// From the claim on the row is in doubt if the process ends, whether its order was written or not.
	w.cfg.UnderWay.begin(row.Number, requestID)
	state, err := w.cfg.Ledger.Claim(context.WithoutCancel(ctx), row.ID, requestID, intent)
	if err != nil {
		return connect.Outcome{}, err
	}
	if state != ledger.Sending {
		w.cfg.UnderWay.end(requestID)
		w.queue.giveBack()
		if state != ledger.Invalid { // whoever found it so has told it
			w.cfg.Observe(Event{Kind: Booked, Row: row.Number, State: state})
		}
		return connect.Outcome{}, nil
	}
	outcome, err := w.attempt(ctx, requestID, row.Payload, slot, intent)
	w.book(row, requestID, outcome)
	w.react(row, outcome)
	return outcome, err
}

// heed takes over a pause that another host was asked for.
func (w *worker) heed(left time.Duration) {
	if wait, news := w.gate.pause(w.turn, left); news {
		w.cfg.Observe(Event{Kind: Paused, Wait: wait, Reason: paused})
	}
}

// obstacle waits for the slot of a durable intent and looks once more whether it should leave: "" if so. Where the claim took so long that
// the connection may be closing or a slot among other hosts' has passed, it sees to new ones, as long as the intent is fresh. The
// error is the ledger's.
func (w *worker) obstacle(ctx context.Context, slot, intent time.Time) (string, error) {
	for {
		switch {
		case !w.gate.open(w.turn):
			return paused, nil
		case !w.fresh(intent) || !w.conn.Usable() && !w.redial(ctx):
			return stale, nil
		}
		if w.pace.wait(ctx, slot) != nil {
			return paused, nil
		}
		if w.pace.shared != nil {
			left, err := w.pace.shared.Paused(context.WithoutCancel(ctx))
			if left > 0 {
				w.heed(left)
			}
			if err != nil || left > 0 {
				return paused, err
			}
		}
		if !w.pace.missed(slot) {
			break
		}
		w.lead = min(2*w.lead, longestLead)
		next, left, err := w.pace.slot(context.WithoutCancel(ctx))
		if left > 0 {
			w.heed(left)
		}
		if err != nil || left > 0 || !w.gate.sleep(w.turn, time.Until(next.Add(-w.lead))) {
			return paused, err
		}
		slot = next
	}
	if !w.gate.open(w.turn) {
		return paused, nil
	}
	if !w.fresh(intent) || !w.conn.Usable() {
		return stale, nil
	}
	return "", nil
}

// fresh reports whether an intent may still be written.
func (w *worker) fresh(intent time.Time) bool {
	age := w.cfg.clock().Round(0).Sub(intent)
	return age >= 0 && age <= maxIntentAge
}

// redial replaces a connection that is no longer usable. One try: the row can be given back.
func (w *worker) redial(ctx context.Context) bool {
	w.hangUp()
	conn, err := w.cfg.Client.Dial(ctx)
	if err == nil {
		w.conn = conn
	}
	return err == nil
}

// attempt sends the order of a durable intent, unless something has come between. A panic on the way says nothing about the order: it
// is in doubt. The error is the ledger's.
func (w *worker) attempt(ctx context.Context, requestID string, payload []byte, slot, intent time.Time) (outcome connect.Outcome, err error) {
	defer func() {
		if recover() != nil {
			outcome = connect.Outcome{Verdict: connect.InDoubt, Reaction: connect.StopDoubt, Reason: "panic"}
		}
	}()
	if obstacle, err := w.obstacle(ctx, slot, intent); obstacle != "" {
		return unsent(obstacle), err
	}
	w.gate.leaves(&w.turn)
	return w.conn.CreateOrder(context.WithoutCancel(ctx), requestID, payload), nil
}

// react tells the gate what the outcome means for the others.
func (w *worker) react(row *ledger.Row, o connect.Outcome) {
	if o.Slow && w.gate.slow(w.turn) {
		w.pace.slow()
	}
	switch o.Verdict {
	case connect.Ordered:
		w.gate.ordered(w.turn)
		w.breaker.ordered(row.Package)
	case connect.Rejected:
		w.rejected(row, o)
	case connect.InDoubt:
		w.hangUp()
		w.gate.doubt(w.turn, o.Said, w.cfg.StopAfterDoubts)
	case connect.NotSent:
		if o.Reason != paused {
			defer w.hangUp()
		}
	}
	switch o.Reaction {
	case connect.Pause:
		wait, news := w.gate.pause(w.turn, o.RetryAfter)
		if news && w.pace.shared != nil {
			if err := w.pace.shared.Pause(context.Background(), wait); err != nil {
				w.failed(err)
			}
		}
		if news {
			w.cfg.Observe(Event{Kind: Paused, Wait: wait, Reason: o.Reason, Message: o.Said})
		}
	case connect.StopDoubt:
		w.gate.stop(Stop{Code: StopDoubts, Message: o.Said})
	case connect.StopToken:
		w.renew(o.Said)
	case connect.StopConfig:
		w.gate.stop(Stop{Code: StopConfig, Message: o.Said})
	}
}

// rejected counts a refusal, and closes its package where they are too many.
func (w *worker) rejected(row *ledger.Row, o connect.Outcome) {
	w.look()
	if !w.breaker.rejected(row.Package, o.Message) {
		w.gate.rejected(w.turn, o.Said)
		return
	}
	w.gate.forgive()
	if w.queue.close(row.Package, o.Said) {
		w.cfg.Observe(Event{Kind: Shut, Package: row.Package, Message: o.Said})
	}
}

// renew reads the token again after it was refused. Where it is another one, the sending goes on with one row; the same one
// would be refused again.
func (w *worker) renew(refusal string) {
	if !w.gate.hold(w.turn) {
		return // it was refused before, and has been seen to
	}
	defer w.gate.release()
	switch changed, err := w.conn.Renew(); {
	case err != nil:
		w.gate.stop(Stop{Code: StopToken, Message: err.Error()})
	case !changed:
		w.gate.stop(Stop{Code: StopToken, Message: refusal})
	default:
		w.cfg.Observe(Event{Kind: Renewed})
	}
}

// connected sees to a usable connection, with full jitter between the tries (0.5 s, doubling, at most 60 s). No row is
// touched meanwhile.
func (w *worker) connected(ctx context.Context) bool {
	if w.conn != nil && w.conn.Usable() {
		return true
	}
	w.hangUp()
	began := time.Now()
	for try := 0; ; try++ {
		conn, err := w.cfg.Client.Dial(ctx)
		if err == nil {
			w.conn = conn
			return true
		}
		if ctx.Err() != nil || !w.gate.open(w.turn) {
			return false
		}
		var failure *connect.Error
		if errors.As(err, &failure) && failure.Kind == connect.Untrusted {
			w.gate.stop(Stop{Code: StopUntrusted, Message: err.Error()})
			return false
		}
		ceiling := min(60*time.Second, time.Duration(0.5*math.Pow(2, float64(min(try, 7)))*float64(time.Second)))
		wait := time.Duration(mathrand.Int64N(int64(ceiling)))
		if time.Since(began)+wait > w.cfg.Patience {
			w.gate.stop(Stop{Code: StopUnreachable, Message: err.Error()})
			return false
		}
		w.cfg.Observe(Event{Kind: Unreachable, Wait: wait, Message: err.Error()})
		if !w.gate.sleep(w.turn, wait) {
			return false
		}
	}
}

// hangUp closes the connection, if there is one.
func (w *worker) hangUp() {
	if w.conn != nil {
		w.conn.Close()
		w.conn = nil
	}
}
