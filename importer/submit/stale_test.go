package submit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/submit"
)

// counter is an API that counts its orders and its connections.
type counter struct {
	*httptest.Server
	orders, connections atomic.Int64
	before              func(requestID string, n int64) // the n-th answer; nil: nothing
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	c := &counter{}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var order connect.CreateOrderRequest
		if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
			t.Error(err)
		}
		n := c.orders.Add(1)
		if c.before != nil {
			c.before(r.Header.Get("X-Request-ID"), n)
		}
		fmt.Fprintf(w, `{"orderID":%d,"orderNumber":"A%d"}`, n, n)
	}))
	c.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			c.connections.Add(1)
		}
	}
	c.Start()
	t.Cleanup(c.Close)
	return c
}

// A machine that sleeps between the booking of an order and its write, or whose clock is put, gives the row back unsent, and goes on with
// a new intent on a new connection; not for ever.
func TestOldIntentIsNotWritten(t *testing.T) {
	const each = 0
	for _, test := range []struct {
		name        string
		jump        time.Duration
		at          int // the look at the clock before which it jumps: 1 is the intent's, 2 and 3 come before the write
		stop        submit.StopCode
		connections int64
	}{
		{"awake", 0, each, "", 1},
		{"before the wait for the slot", 31 * time.Second, 2, "", 2},
		{"in the wait for the slot", 31 * time.Second, 3, "", 2},
		{"a clock that is put back", -time.Minute, 2, "", 2},
		{"a short sleep", 20 * time.Second, 2, "", 1},
		{"again and again", 31 * time.Second, each, submit.StopUnreachable, 1 + submit.MaxUnwritten},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := newCounter(t)
			b := newBenchAt(t, 1, api.URL, anyToken)
			looks, off := 0, time.Duration(0)
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second) // then it drains
			defer cancel()
			stop := b.send(ctx, func(c *submit.Config) {
				c.Workers = 1 // who alone looks
				c.Clock(func() time.Time {
					if looks++; looks == test.at || test.at == each {
						off += test.jump
					}
					return time.Now().Add(off)
				})
			})
			if code(stop) != test.stop || api.connections.Load() != test.connections {
				t.Errorf("stopped by %+v after %d connections, not %d", stop, api.connections.Load(), test.connections)
			}
			want, orders := ledger.Ordered, int64(1)
			if test.stop != "" {
				want, orders = ledger.Ready, 0
			}
			run, err := b.ledger.Run(context.Background(), b.run)
			if err != nil {
				t.Fatal(err)
			}
			if run.Totals[want] != 1 || api.orders.Load() != orders {
				t.Errorf("%v, %d orders at the server", run.Totals, api.orders.Load())
			}
		})
	}
}

// A connection that lies still for more than a second before the write is not written to, though it was good when the wait began.
func TestStillConnectionIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	api := newCounter(t)
	b := newBenchAt(t, 1, api.URL, anyToken)
	looks := 0
	stop := b.send(context.Background(), func(c *submit.Config) {
		c.Workers = 1
		c.Clock(func() time.Time {
			if looks++; looks%3 == 0 { // the last of each attempt
				time.Sleep(1100 * time.Millisecond)
			}
			return time.Now()
		})
	})
	if code(stop) != submit.StopUnreachable || stop.Message != submit.Stale || api.orders.Load() != 0 {
		t.Errorf("stopped by %+v, %d orders", stop, api.orders.Load())
	}
}

// An order that comes to light after a person has closed its row is one that nobody wanted any more: no further one leaves.
func TestAnswerAfterTheDecision(t *testing.T) {
	const late = 3
	api := newCounter(t)
	b := newBenchAt(t, 8, api.URL, anyToken)
	api.before = func(requestID string, n int64) {
		if n != late {
			return
		}
		ctx := context.Background()
		for row, err := range b.ledger.Rows(ctx, b.run) {
			if err != nil {
				t.Error(err)
				return
			}
			if row.State != ledger.Sending || row.RequestID != requestID {
				continue
			}
			booked := make(chan error, 1)
			b.ledger.Finish(row.ID, requestID, connect.Outcome{Reaction: connect.Doubt, Reason: "timeout"}, func(_ ledger.State, err error) { booked <- err })
			if err := <-booked; err != nil {
				t.Error(err)
			}
			if err := b.ledger.Resolve(ctx, b.run, []int{row.Number}, ledger.Verdict{To: ledger.Closed, Reason: "asked", By: "a test"}); err != nil {
				t.Error(err)
			}
		}
	}
	stop := b.send(context.Background(), func(c *submit.Config) { c.Workers = 1 })
	if code(stop) != submit.StopDoubts || stop.Message == "" {
		t.Errorf("stopped by %+v", stop)
	}
	run, err := b.ledger.Run(context.Background(), b.run)
	if err != nil {
		t.Fatal(err)
	}
	// The next order may be under way before the answer is booked.
	if n := api.orders.Load(); n > late+1 || run.Totals[ledger.Closed] != 1 || run.Totals[ledger.Ordered] != int(n)-1 || run.Totals[ledger.Ready] != 8-int(n) {
		t.Errorf("%d orders: %v", n, run.Totals)
	}
	lost := 0
	for _, e := range b.events {
		if e.Kind == submit.Lost && e.Number == fmt.Sprint("A", late) {
			lost++
		}
	}
	if lost != 1 {
		t.Errorf("told of the order %d times", lost)
	}
}

// A certificate that is not trusted ends the sending at once: nobody waits for it to become so.
func TestUntrusted(t *testing.T) {
	b := newBench(t, 5, connecttest.Options{TLS: true})
	stop := b.send(context.Background(), func(c *submit.Config) { c.Patience = time.Millisecond })
	if code(stop) != submit.StopUntrusted || stop.Message == "" {
		t.Errorf("stopped by %+v", stop)
	}
	if len(b.events) > 0 {
		t.Errorf("told %+v", b.events)
	}
	b.totals(ledger.Totals{ledger.Ready: 5})
}
