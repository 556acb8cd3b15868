package submit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/submit"
)

// TestRandomTroubles sends runs through faults, settings and drains drawn by lot, again and again until nothing is left to send. After each
// sending every row is what the server's audit says of it, nothing stands still and no goroutine is left. ORDERIMPORT_TEST_SEED repeats
// one run.
func TestRandomTroubles(t *testing.T) {
	seed, runs := uint64(time.Now().UnixNano()), 4
	switch {
	case os.Getenv("ORDERIMPORT_TEST_SEED") != "":
		given, err := strconv.ParseUint(os.Getenv("ORDERIMPORT_TEST_SEED"), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed, runs = given, 1
	case os.Getenv("ORDERIMPORT_TEST_LONG") == "1":
		runs = 1000
	case os.Getenv("ORDERIMPORT_TEST_ALL") == "1":
		runs = 40
	}
	for n := range uint64(runs) {
		t.Run(fmt.Sprint(seed+n), func(t *testing.T) { randomTroubles(t, rand.New(rand.NewPCG(seed+n, 0))) })
	}
}

// randomFaults draws up to six. Left out are refusals after the order was made, through which no client sees, numbers that are given twice, which
// hit one of two rows, what needs schemas, and servers that are waited for.
func randomFaults(r *rand.Rand) (faults []string) {
	var kinds []string
	for _, kind := range connecttest.FaultKinds() {
		switch name, after := strings.CutSuffix(kind, "-after"); {
		case after && (strings.HasPrefix(name, "http-4") || strings.HasPrefix(name, "plain-4") || name == "http-503"):
		case strings.HasPrefix(name, "repeat"), strings.HasPrefix(name, "schema-change"), strings.HasPrefix(name, "timeout"), strings.HasPrefix(name, "stall"):
		default:
			kinds = append(kinds, kind)
		}
	}
	for range r.IntN(7) {
		kind, at := kinds[r.IntN(len(kinds))], fmt.Sprint("@", 1+r.IntN(60))
		if r.IntN(4) == 0 {
			at = fmt.Sprint("@every:", 3+r.IntN(20))
		}
		switch {
		case strings.Contains(kind, "429"), strings.Contains(kind, "503"):
			at += "/" + []string{"", "0", "-3", "1", "date:1s", "1e99", "soon"}[r.IntN(7)]
		case strings.HasPrefix(kind, "restart"), strings.HasPrefix(kind, "slow"):
			at += "/20ms"
		}
		faults = append(faults, kind+at)
	}
	return faults
}

func randomTroubles(t *testing.T, r *rand.Rand) {
	const rows = 50
	faults := randomFaults(r)
	goroutines := runtime.NumGoroutine()
	t.Cleanup(func() { // after those of the bench
		left := 0
		for range 300 {
			if left = runtime.NumGoroutine() - goroutines; left <= 0 {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("%d goroutines are left", left)
	})
	b := newBench(t, rows, connecttest.Options{Latency: time.Duration(r.IntN(3)) * time.Millisecond}, faults...)
	for range 12 {
		ctx, drain := context.WithCancel(context.Background())
		if r.IntN(3) == 0 {
			time.AfterFunc(time.Duration(r.IntN(60))*time.Millisecond, drain)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			b.send(ctx, func(c *submit.Config) {
				c.Workers, c.StopAfterDoubts, c.First = 1+r.IntN(submit.MaxWorkers), r.IntN(6), 5*max(0, r.IntN(3)-1)
				c.Rate = []float64{0, 0, 100}[r.IntN(3)]
				c.Patience = 300 * time.Millisecond
				c.ShortPauses(2 * time.Millisecond)
				if r.IntN(2) == 0 {
					c.Recheck = func(_ context.Context, hold func()) error {
						hold()
						return nil
					}
				}
			})
		}()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			stacks := make([]byte, 1<<18)
			t.Fatalf("it stands still; faults %v\n%s", faults, stacks[:runtime.Stack(stacks, true)])
		}
		drain()
		made := map[string]int{}
		for _, o := range b.server.Audit() {
			made[o.Data["email"]]++
		}
		totals := ledger.Totals{}
		for row, err := range b.ledger.Rows(context.Background(), b.run) {
			if err != nil {
				t.Fatal(err)
			}
			totals[row.State]++
			n := made[fmt.Sprintf("asa%d@example.se", row.Number-2)]
			if n > 1 || row.State == ledger.Ordered && n != 1 || row.State != ledger.Ordered && row.State != ledger.InDoubt && n != 0 {
				t.Errorf("row %d is %s (%s), %d made; faults %v", row.Number, row.State, row.Reason, n, faults)
			}
		}
		if totals.Rows() != rows || totals[ledger.Sending] != 0 {
			t.Errorf("rows: %v; faults %v", totals, faults)
		}
		if totals[ledger.Ready] == 0 {
			return
		}
	}
}
