package submit_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/ledger/ledgertest"
	"orderimport/importer/submit"
)

// sharedLedger is one that hosts share.
func sharedLedger(t *testing.T) *ledger.Ledger {
	t.Helper()
	lg, err := ledger.Open(t.Context(), ledgertest.NewCluster(t).Database(), ledger.Options{KeyFile: filepath.Join(t.TempDir(), "key")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lg.Close() })
	return lg
}

// TestOtherHosts sends beside them.
func TestOtherHosts(t *testing.T) {
	t.Parallel()
	lg := sharedLedger(t)
	t.Run("a pause", func(t *testing.T) { pauseOfAllHosts(t, lg) })
	t.Run("a missed slot", func(t *testing.T) { missedSlot(t, lg) })
}

// pauseOfAllHosts has one host asked for an hour's pause: all others learn of it, and write no order that is ready to leave.
func pauseOfAllHosts(t *testing.T, lg *ledger.Ledger) {
	for _, test := range []struct {
		name   string
		faults []string
		rate   float64 // without one no slot is asked for, and only the last look before the write learns of the pause
		made   int
		claims bool
	}{
		{"asked with 429", []string{"http-429-before@3/3600"}, 0, 2, true},
		{"asked with 503", []string{"http-503-before@3/3600"}, 50, 2, true},
		{"asked elsewhere", nil, 0, 0, true},
		{"asked elsewhere, before a slot", nil, 50, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, 0, connecttest.Options{}, test.faults...)
			b.ledger = lg
			place, err := connect.ParseEndpoint(b.server.URL())
			if err != nil {
				t.Fatal(err)
			}
			b.run = b.stage(place, 6)
			pace := lg.Pace(place.Host)
			if test.faults == nil {
				if err := pace.Pause(t.Context(), time.Hour); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second) // then it drains
			defer cancel()
			pauses, claims := 0, false
			stop := b.send(ctx, func(c *submit.Config) {
				c.Rate, c.Workers, c.Pace = test.rate, 1, pace
				c.Clock(func() time.Time {
					claims = true
					return time.Now()
				})
				c.Observe = func(e submit.Event) {
					if e.Kind != submit.Paused {
						return
					}
					pauses++
					if left, err := pace.Paused(context.Background()); left < 30*time.Minute || err != nil {
						t.Errorf("other hosts wait for %v, %v", left, err)
					}
					cancel()
				}
			})
			if code(stop) != submit.StopDrained || pauses != 1 || claims != test.claims {
				t.Errorf("stopped by %+v after %d pauses, claims %v", stop, pauses, claims)
			}
			b.totals(ledger.Totals{ledger.Ordered: test.made, ledger.Ready: 6 - test.made})
		})
	}
}

// missedSlot finds the slot of an order gone by that other hosts kept free: another is asked for, and the next order is ready sooner.
func missedSlot(t *testing.T, lg *ledger.Ledger) {
	b := newBench(t, 0, connecttest.Options{})
	for _, shared := range []bool{true, false} {
		var pace *ledger.Pace
		if shared {
			pace = lg.Pace("a host")
		}
		if next := submit.AfterMissing(t, b.client, pace, time.Minute); next != shared {
			t.Errorf("beside other hosts %v: another slot %v", shared, next)
		}
	}
}
