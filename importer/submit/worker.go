package submit

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	mathrand "math/rand/v2"
	"sync"
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
	booking sync.WaitGroup // outcomes that are not durable yet

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

// book queues an outcome; the event comes when it is durable.
func (p *pool) book(row *ledger.Row, requestID string, outcome connect.Outcome) {
	p.booking.Add(1)
	p.cfg.Ledger.Finish(row.ID, requestID, outcome, func(state ledger.State, err error) {
		defer p.booking.Done()
		if err != nil {
			if outcome.Verdict == connect.Ordered {
				p.cfg.Observe(Event{Kind: Lost, Row: row.Number, Number: outcome.Result.OrderNumber})
			}
			p.failed(err)
			return
		}
		if state == ledger.Ready {
			return
		}
		if state == ledger.InDoubt && outcome.Verdict == connect.Ordered {
			p.gate.stop(Stop{Code: StopDoubts, Message: "the API gave an order number that it had given before"})
		}
		p.cfg.Observe(Event{Kind: Booked, Row: row.Number, State: state, Number: outcome.Result.OrderNumber, Reason: outcome.Reason, Message: outcome.Message})
	})
}

// worker sends one row at a time over its own connection.
type worker struct {
	*pool
	conn  *connect.Conn
	epoch int // of the turn
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
	w.epoch, ok = w.gate.enter()
	return ok
}

// see sees to one row, inside the gate: attempts until one of them says something about the order. False means that the
// sending has stopped.
func (w *worker) see(ctx context.Context, row *ledger.Row) bool {
	began := time.Now()
	for unsent := 0; ; {
		again, reason, err := w.send(ctx, row)
		w.gate.leave()
		switch {
		case err != nil:
			w.failed(err)
			return false
		case !again:
			return true
		case reason == "http-429": // a refusal that says "later", for as long as the API may be out of reach
			if time.Since(began) > w.cfg.Patience {
				w.gate.stop(Stop{Code: StopRefusals, Message: reason})
			}
		case reason != paused:
			if unsent++; unsent > maxRepeats {
				w.gate.stop(Stop{Code: StopRefusals, Message: reason})
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

// send makes one attempt: the slot first, a connection shortly before it, then the intent, then the write. again means that
// provably nothing was processed and the row is ready as before, for the reason given.
func (w *worker) send(ctx context.Context, row *ledger.Row) (again bool, reason string, err error) {
	slot := w.pace.slot()
	if early := time.Until(slot.Add(-lead)); early > 0 && !w.gate.sleep(early) || !w.connected(ctx) {
		return true, paused, nil
	}
	if !w.gate.open(w.epoch) {
		return true, paused, nil
	}
	intent := time.Now().Round(0) // the wall clock counts a machine's sleep, the monotonic one does not
	requestID := rand.Text()
	state, err := w.cfg.Ledger.Claim(context.WithoutCancel(ctx), row.ID, requestID, intent)
	if err != nil {
		return false, "", err
	}
	if state != ledger.Sending {
		w.queue.giveBack()
		w.cfg.Observe(Event{Kind: Booked, Row: row.Number, State: state})
		return false, "", nil
	}
	outcome := connect.Outcome{Verdict: connect.NotSent, Reaction: connect.Retry, Reason: w.obstacle(ctx, slot, intent)}
	if outcome.Reason == "" {
		outcome = w.create(ctx, requestID, row.Payload)
	}
	w.book(row, requestID, outcome)
	w.react(outcome)
	return outcome.Verdict == connect.NotSent, outcome.Reason, nil
}

// obstacle waits for the slot of a durable intent and looks once more whether it should leave: "" if so. A connection that went
// bad is replaced by the next attempt.
func (w *worker) obstacle(ctx context.Context, slot, intent time.Time) string {
	if w.pace.wait(ctx, slot) != nil || !w.gate.open(w.epoch) {
		return paused
	}
	if age := time.Now().Round(0).Sub(intent); age < 0 || age > maxIntentAge || !w.conn.Usable() {
		return stale
	}
	return ""
}

// create sends the order. A panic on the way says nothing about the order: it is in doubt.
func (w *worker) create(ctx context.Context, requestID string, payload []byte) (outcome connect.Outcome) {
	defer func() {
		if recover() != nil {
			outcome = connect.Outcome{Verdict: connect.InDoubt, Reaction: connect.StopDoubt, Reason: "panic"}
		}
	}()
	return w.conn.CreateOrder(context.WithoutCancel(ctx), requestID, payload)
}

// react tells the gate what the outcome means for the others.
func (w *worker) react(o connect.Outcome) {
	switch o.Verdict {
	case connect.Ordered:
		w.gate.ordered(w.epoch)
	case connect.Rejected:
		w.gate.rejected(w.epoch, o.Message)
	case connect.InDoubt:
		w.hangUp()
		w.gate.doubt(w.epoch, o.Message, w.cfg.StopAfterDoubts)
	case connect.NotSent:
		if o.Reason != paused {
			w.hangUp()
		}
	}
	switch o.Reaction {
	case connect.Pause:
		wait := o.RetryAfter
		if wait <= 0 {
			wait = 2 * time.Second
		}
		wait = max(wait, time.Second)
		wait += time.Duration(mathrand.Int64N(int64(wait)/10 + 1)) // not all hosts at once
		w.gate.pause(wait)
		w.cfg.Observe(Event{Kind: Paused, Wait: wait, Reason: o.Reason, Message: o.Message})
	case connect.StopDoubt:
		w.gate.stop(Stop{Code: StopDoubts, Message: o.Message})
	case connect.StopToken:
		w.gate.stop(Stop{Code: StopToken, Message: o.Message})
	case connect.StopConfig:
		w.gate.stop(Stop{Code: StopConfig, Message: o.Message})
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
		if ctx.Err() != nil || w.gate.stopped() != nil {
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
		if !w.gate.sleep(wait) {
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
