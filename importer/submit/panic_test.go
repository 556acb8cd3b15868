package submit_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/submit"
)

// TestPanicEndsInOrder lets what the sending calls panic while orders are under way: no further order leaves, and the answers are booked.
func TestPanicEndsInOrder(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c *submit.Config, now func() bool){
		"who watches": func(c *submit.Config, now func() bool) {
			observe := c.Observe
			c.Observe = func(e submit.Event) {
				observe(e)
				if now() {
					panic("a fault of ours")
				}
			}
		},
		"the look at the schemas": func(c *submit.Config, now func() bool) {
			c.Recheck = func(context.Context, func()) error {
				now()
				panic("a fault of ours")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 60, connecttest.Options{Latency: 20 * time.Millisecond}, "http-400-before@9")
			var calls atomic.Int32
			stop := b.send(context.Background(), func(c *submit.Config) {
				change(c, func() bool { return calls.Add(1) == 12 })
			})
			if code(stop) != submit.StopFault {
				t.Errorf("stopped by %+v", stop)
			}
			run, err := b.ledger.Run(context.Background(), b.run)
			if err != nil {
				t.Fatal(err)
			}
			made := len(b.server.Audit())
			if made == 0 || made > 30 || calls.Load() == 0 {
				t.Errorf("%d orders made, %d calls", made, calls.Load())
			}
			b.totals(ledger.Totals{ledger.Ordered: made, ledger.Rejected: 1, ledger.Ready: 59 - made})
			if n := run.Totals[ledger.Sending] + run.Totals[ledger.InDoubt]; n > 0 {
				t.Errorf("%d rows in doubt", n)
			}
		})
	}
}
