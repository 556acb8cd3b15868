package submit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/submit"
)

// soakAudit takes the sandbox's audit as it is written, so that neither keeps the orders.
type soakAudit struct {
	mu   sync.Mutex
	made []uint8 // orders of each person
	ids  []int64 // the last one's
}

func (a *soakAudit) Write(line []byte) (int, error) {
	var o connecttest.Order
	var n int
	if err := json.Unmarshal(line, &o); err != nil {
		return 0, err
	}
	if _, err := fmt.Sscanf(o.Data["email"], "asa%d@example.se", &n); err != nil {
		return 0, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.made[n]++
	a.ids[n] = o.OrderID
	return len(line), nil
}

// TestSoak sends many orders through everything that goes wrong in a long night: one order in about a hundred is struck by each
// fault that leaves a doubt or a refusal, the token expires, the schemas change and the server restarts. No order is made
// twice, none is lost, memory stays flat, and nothing is left open. What slows the sending down strikes more seldom: it would
// only be waited for.
func TestSoak(t *testing.T) {
	rows, silences := 1_500, 1 // of a server that does not answer, each of which is waited for
	switch {
	case os.Getenv("ORDERIMPORT_TEST_LONG") == "1":
		rows, silences = 500_000, 7
	case os.Getenv("ORDERIMPORT_TEST_ALL") == "1":
		rows, silences = 10_000, 3
	}
	const workers = 16
	log.SetOutput(io.Discard) // net/http tells it of replies that nobody asked for
	defer log.SetOutput(os.Stderr)
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err != nil { // with the first connection the runtime opens two descriptors of its own, for good
		t.Fatal(err)
	} else if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	goroutines, descriptors := runtime.NumGoroutine(), openFiles()
	func() {
		often := []string{"reset-after@every:97", "reset-before@every:101", "eof-after@every:103", "truncate-after@every:107", "http-500-after@every:109",
			"http-502-before@every:113", "garbage-200-after@every:89", "cut-header-before@every:127", "close-idle-after@every:131"}
		other := []string{"http-400-before@every:83", "slow-after@every:137", "twice-after@every:139", "http-429-before@every:1009", "http-503-before@every:1013/0"}
		seldom := []string{fmt.Sprintf("token-expiry-before@every:%d", rows/10+1), fmt.Sprintf("schema-change-before@every:%d", rows/9+1),
			fmt.Sprintf("restart-after@every:%d", rows/8+1), fmt.Sprintf("timeout-after@every:%d", rows/(silences+1)+1)}
		audit := &soakAudit{made: make([]uint8, rows), ids: make([]int64, rows)}
		all := append(append(seldom, often...), other...)
		b := newBench(t, rows, connecttest.Options{Audit: audit, KeepNone: true, Token: "t"}, all...)
		fields := 0
		var flat heap
		booked := 0
		began := time.Now()
		for sendings := 1; ; sendings++ {
			stop := b.send(context.Background(), func(c *submit.Config) {
				c.Workers, c.StopAfterDoubts = workers, 0
				c.ShortPauses(time.Millisecond)
				var mu sync.Mutex
				c.Observe = func(e submit.Event) {
					mu.Lock()
					defer mu.Unlock()
					if e.Kind != submit.Booked {
						return
					}
					if booked++; booked%(rows/5) == 0 {
						flat.look()
					}
				}
				c.Recheck = func(ctx context.Context, hold func()) error {
					schema, err := b.client.GetPackageSchema(ctx, 1001)
					if err == nil && len(schema.Data) != fields {
						hold()
						fields = len(schema.Data)
					}
					return err
				}
			})
			if stop == nil {
				break
			}
			if sendings == 20 {
				t.Fatalf("no end: %+v", stop)
			}
			t.Logf("sending %d: %+v", sendings, *stop)
		}
		took := time.Since(began)
		b.server.Close()

		totals := ledger.Totals{}
		for row, err := range b.ledger.Rows(context.Background(), b.run) {
			if err != nil {
				t.Fatal(err)
			}
			totals[row.State]++
			made, id := audit.made[row.Number-2], audit.ids[row.Number-2]
			switch {
			case made > 1:
				t.Errorf("row %d was ordered %d times", row.Number, made)
			case row.State == ledger.Ordered && (made != 1 || id != row.OrderID):
				t.Errorf("row %d is ordered as %d, the server's is %d of %d", row.Number, row.OrderID, id, made)
			case row.State == ledger.InDoubt:
			case row.State != ledger.Ordered && made != 0:
				t.Errorf("row %d is %s, and the server made %d", row.Number, row.State, made)
			}
		}
		arrived := b.server.Requests().CreateOrder
		doubts := workers * 9 // of the restarts and time-outs
		for _, every := range []int{97, 101, 103, 107, 109, 113, 89, 127, 131} {
			doubts += arrived/every + 1
		}
		if totals.Rows() != rows || totals[ledger.Ordered]+totals[ledger.InDoubt]+totals[ledger.Rejected] != rows || totals[ledger.InDoubt] > doubts {
			t.Errorf("of %d rows, with at most %d in doubt: %v", rows, doubts, totals)
		}
		if grown := flat.grown(); grown > 8<<20 {
			t.Errorf("the heap grew by %d KiB while %d rows were sent", grown>>10, rows)
		}
		t.Logf("%v in %v, %.0f orders/s, heap %+d KiB", totals, took.Round(time.Millisecond), float64(arrived)/took.Seconds(), flat.grown()>>10)
		if err := b.ledger.Verify(context.Background()); err != nil {
			t.Error(err)
		}
		b.ledger.Close()
	}()
	for range 200 {
		if runtime.NumGoroutine() <= goroutines && openFiles() <= descriptors {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines and %d descriptors are left of %d and %d at the start", runtime.NumGoroutine(), openFiles(), goroutines, descriptors)
}

// heap is what is in use after a collection, at each look.
type heap struct{ looks []uint64 }

func (h *heap) look() {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.looks = append(h.looks, m.HeapAlloc)
}

// grown is how much more the last look saw than the first.
func (h *heap) grown() int64 {
	if len(h.looks) == 0 {
		return 0
	}
	return int64(h.looks[len(h.looks)-1]) - int64(h.looks[0])
}

// openFiles counts this process's descriptors, where the system tells.
func openFiles() int {
	entries, err := os.ReadDir(filepath.Join("/proc", "self", "fd"))
	if err != nil {
		return 0
	}
	return len(entries)
}
