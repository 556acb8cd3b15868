package ledger_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
)

// stageRows stores a run of n ready rows, as an HR export would give them.
func stageRows(tb testing.TB, l *ledger.Ledger, n int) string {
	tb.Helper()
	ctx := context.Background()
	h := l.Hasher()
	run := ledger.Run{File: "/in/hr.csv", Host: "https://api.example.se", Columns: []string{"Anställningsnr", "Förnamn", "E-post"}}
	s, err := l.Stage(ctx, run)
	if err != nil {
		tb.Fatal(err)
	}
	defer s.Rollback()
	cells := []sheet.Cell{{Text: "004711", Kind: sheet.Text}, {Text: "Åsa", Kind: sheet.Text}, {Text: "asa@example.se", Kind: sheet.Text}}
	for i := range n {
		mail := fmt.Sprintf("p%d@example.se", i)
		k1, _ := h.Key(run.Host, "100200", 1001, mapping.Identifier{Kind: "email", Value: mail})
		k2, _ := h.Key(run.Host, "100200", 1001, mapping.Identifier{Kind: "employee", Value: fmt.Sprint(i + 1)})
		row := ledger.Row{Number: i + 2, State: ledger.Ready, Package: 1001, Customer: "100200", Cells: cells, Findings: []byte("[]"),
			Payload:     fmt.Appendf(nil, `{"predefinedPackageID":1001,"customerNumber":"100200","data":{"firstname":"Åsa","lastname":"Öst","email":%q,"userGroup1":"HR"}}`, mail),
			Fingerprint: h.Fingerprint(run.Host, "100200", 1001, []ledger.Field{{Name: "email", Value: mail}}), Occurrence: 1, Keys: []ledger.Key{k1, k2}}
		if err := s.Add(ctx, &row); err != nil {
			tb.Fatal(err)
		}
	}
	if err := s.Commit(ctx, run); err != nil {
		tb.Fatal(err)
	}
	return s.ID()
}

// BenchmarkClaimFinish is 16 workers with an API that answers at once: what the ledger alone allows, fully durable.
func BenchmarkClaimFinish(b *testing.B) {
	ctx := context.Background()
	l, err := ledger.Open(ctx, filepath.Join(b.TempDir(), "l.db"), ledger.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	run := stageRows(b, l, b.N)
	if err := l.SetRunState(ctx, run, ledger.RunRunning); err != nil {
		b.Fatal(err)
	}
	rows, err := l.Ready(ctx, run, 0, b.N)
	if err != nil || len(rows) != b.N {
		b.Fatal(len(rows), err)
	}
	var next, failed atomic.Int64
	var wg, pending sync.WaitGroup
	pending.Add(b.N)
	b.ReportAllocs()
	b.ResetTimer()
	for range 16 {
		wg.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(b.N) {
					return
				}
				request := fmt.Sprintf("0190b3c4-5d6e-7f80-9a0b-%012d", i)
				state, err := l.Claim(ctx, rows[i].ID, request, time.Now())
				if err != nil || state != ledger.Sending {
					failed.Add(1)
				}
				l.Finish(rows[i].ID, request, connect.Outcome{Verdict: connect.Ordered, Status: 200,
					Result: connect.CreateOrderResult{OrderID: i + 1, OrderNumber: fmt.Sprintf("A3-%07d", i+1)}}, func(s ledger.State, err error) {
					if err != nil || s != ledger.Ordered {
						failed.Add(1)
					}
					pending.Done()
				})
			}
		})
	}
	wg.Wait()
	pending.Wait()
	b.StopTimer()
	if failed.Load() > 0 {
		b.Fatal(failed.Load(), "orders failed")
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}

// BenchmarkStage stores rows of three cells, two keys and a payload of 150 bytes.
func BenchmarkStage(b *testing.B) {
	l, err := ledger.Open(context.Background(), filepath.Join(b.TempDir(), "l.db"), ledger.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	b.ReportAllocs()
	b.ResetTimer()
	stageRows(b, l, b.N)
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
