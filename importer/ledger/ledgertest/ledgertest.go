// Package ledgertest proves that a store keeps the promises of package ledger: [Exercise] is the suite that every store passes,
// [Check] the audit of one ledger at any moment.
package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/sheet"
)

// Store is one ledger that Exercise may open, kill and open again.
type Store struct {
	Open       func(opt ledger.Options) (*ledger.Ledger, error)
	Crash      func(*ledger.Ledger)       // ends it as a killed process would
	Shared     bool                       // by several hosts: one knows of another that it is silent, not that it has ended
	FailCommit func(*ledger.Ledger, bool) // its next commits fail, after (true) or before they take effect
}

// Check audits a ledger: every invariant from storage, and that what Runs, Run and Rows tell is one and the same. It may run
// beside the writer if nothing moves meanwhile.
func Check(ctx context.Context, l *ledger.Ledger) error {
	if err := l.Verify(ctx); err != nil {
		return err
	}
	runs, err := l.Runs(ctx)
	if err != nil {
		return err
	}
	for _, run := range runs {
		counted, numbers := ledger.Totals{}, 0
		for row, err := range l.Rows(ctx, run.ID) {
			if err != nil {
				return err
			}
			counted[row.State]++
			if row.Number <= numbers {
				return fmt.Errorf("run %s: row %d comes after row %d", run.ID, row.Number, numbers)
			}
			numbers = row.Number
			if err := checkRow(run, row); err != nil {
				return fmt.Errorf("run %s: row %d: %w", run.ID, row.Number, err)
			}
		}
		for _, state := range ledger.States {
			if counted[state] != run.Totals[state] {
				return fmt.Errorf("run %s: %d rows are %s, its totals say %d", run.ID, counted[state], state, run.Totals[state])
			}
		}
		if counted.Rows() != run.Totals.Rows() {
			return fmt.Errorf("run %s: %d rows, its totals sum up to %d", run.ID, counted.Rows(), run.Totals.Rows())
		}
	}
	return nil
}

// checkRow audits one row as Rows tells it.
func checkRow(run ledger.Run, row *ledger.Row) error {
	switch row.State {
	case ledger.Ordered:
		if row.OrderNumber == "" {
			return errors.New("ordered without a number")
		}
	case ledger.Sending:
		if run.State != ledger.RunRunning {
			return fmt.Errorf("is being sent, its run is %s", run.State)
		}
		fallthrough
	case ledger.InDoubt, ledger.Rejected:
		if row.RequestID == "" || row.SentAt.IsZero() {
			return fmt.Errorf("%s without an attempt", row.State)
		}
	case ledger.Duplicate:
	default:
		if row.OrderNumber != "" {
			return fmt.Errorf("%s with a number", row.State)
		}
	}
	return nil
}

// host is where the suite's orders go.
const host = "https://api.example.se"

// clock of the suite; tests move it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fixture is one store under test with its open ledger.
type fixture struct {
	t     rapid.TB
	store Store
	clock *clock
	l     *ledger.Ledger
	tries int // gives every attempt its own request ID
	order int64
}

func newFixture(t *testing.T, open func(t *testing.T) Store) *fixture {
	f := &fixture{t: t, store: open(t), clock: newClock()}
	f.reopen()
	t.Cleanup(func() {
		if !t.Failed() {
			f.check()
		}
		if err := f.l.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return f
}

func (f *fixture) reopen() {
	f.t.Helper()
	l, err := f.store.Open(ledger.Options{Now: f.clock.Now})
	if err != nil {
		f.t.Fatal("open:", err)
	}
	f.l = l
}

// crash kills the ledger and opens it again.
func (f *fixture) crash() {
	f.t.Helper()
	f.store.Crash(f.l)
	f.reopen()
}

func (f *fixture) check() {
	f.t.Helper()
	if err := Check(context.Background(), f.l); err != nil {
		f.t.Fatal(err)
	}
}

// ready is a row that may be sent. content tells orders apart, keys people.
func ready(content byte, keys ...byte) ledger.Row {
	row := ledger.Row{State: ledger.Ready, Package: 1001, Customer: "100200", Occurrence: 1,
		Payload:     fmt.Appendf(nil, `{"predefinedPackageID":1001,"customerNumber":"100200","data":{"firstname":"Åsa %d"}}`, content),
		Fingerprint: ledger.Fingerprint{content, 1}, Findings: []byte(`[]`),
		Cells: []sheet.Cell{{Text: "Åsa", Kind: sheet.Text}, {}, {Text: "42", Kind: sheet.Number}}}
	for _, k := range keys {
		row.Keys = append(row.Keys, ledger.Key{k, 2})
	}
	return row
}

// in is ready in another state to begin with.
func in(state ledger.State, row ledger.Row) ledger.Row {
	row.State = state
	return row
}

// stage stores rows as a run, from row 2 on, fills in their IDs, and starts sending it.
func (f *fixture) stage(rows ...ledger.Row) (run string, ids []int64) {
	f.t.Helper()
	ctx := context.Background()
	meta := ledger.Run{File: "/in/hr.csv", Host: host, Endpoint: host + "/", Package: 1001, Columns: []string{"Förnamn", "Titel", "Nr"}, HeaderRow: 1}
	s, err := f.l.Stage(ctx, meta)
	if err != nil {
		f.t.Fatal("stage:", err)
	}
	for i := range rows {
		rows[i].Number = i + 2
		if err := s.Add(ctx, &rows[i]); err != nil {
			f.t.Fatal("add:", err)
		}
		ids = append(ids, rows[i].ID)
	}
	if err := s.Commit(ctx, meta); err != nil {
		f.t.Fatal("commit:", err)
	}
	f.send(s.ID())
	return s.ID(), ids
}

func (f *fixture) send(run string) {
	f.t.Helper()
	if err := f.l.SetRunState(context.Background(), run, ledger.RunRunning); err != nil {
		f.t.Fatal("run state:", err)
	}
}

// claim claims a row under a new request ID.
func (f *fixture) claim(id int64) (ledger.State, string) {
	f.t.Helper()
	f.tries++
	request := fmt.Sprintf("request-%d", f.tries)
	state, err := f.l.Claim(context.Background(), id, request, f.clock.Now())
	if err != nil {
		f.t.Fatal("claim:", err)
	}
	return state, request
}

// finish books an outcome and waits for it.
func (f *fixture) finish(id int64, request string, o connect.Outcome) (state ledger.State, err error) {
	done := make(chan struct{})
	f.l.Finish(id, request, o, func(s ledger.State, e error) {
		state, err = s, e
		close(done)
	})
	<-done
	return state, err
}

// ordered is an outcome with a number never given before.
func (f *fixture) ordered() connect.Outcome {
	f.order++
	return connect.Outcome{Verdict: connect.Ordered, Status: 200,
		Result: connect.CreateOrderResult{OrderID: 500000 + f.order, OrderNumber: fmt.Sprintf("A3-%07d", 500000+f.order)}}
}

var (
	doubt    = connect.Outcome{Verdict: connect.InDoubt, Reason: "timeout", Message: "no answer within 120s"}
	notSent  = connect.Outcome{Verdict: connect.NotSent, Status: 429, Reason: "too-many-requests"}
	rejected = connect.Outcome{Verdict: connect.Rejected, Status: 400, Reason: "refused", Message: "lastname: saknas"}
)

// bring claims a ready row and finishes it with o: Ordered, Rejected or InDoubt, or leaves it in Sending where o is nil.
func (f *fixture) bring(id int64, o *connect.Outcome) (request string) {
	f.t.Helper()
	state, request := f.claim(id)
	if state != ledger.Sending {
		f.t.Fatalf("claim: %s", state)
	}
	if o != nil {
		if _, err := f.finish(id, request, *o); err != nil {
			f.t.Fatal("finish:", err)
		}
	}
	return request
}

// row reads one row back.
func (f *fixture) row(run string, number int) *ledger.Row {
	f.t.Helper()
	for row, err := range f.l.Rows(context.Background(), run) {
		if err != nil {
			f.t.Fatal("rows:", err)
		}
		if row.Number == number {
			return row
		}
	}
	f.t.Fatalf("run %s has no row %d", run, number)
	return nil
}

// want fails unless the row is in a state.
func (f *fixture) want(run string, number int, state ledger.State) *ledger.Row {
	f.t.Helper()
	row := f.row(run, number)
	if row.State != state {
		f.t.Fatalf("row %d is %s (%s), want %s", number, row.State, row.Reason, state)
	}
	return row
}

// refused fails unless err is *ledger.RefusedError.
func (f *fixture) refused(err error) {
	f.t.Helper()
	if !errors.As(err, new(*ledger.RefusedError)) {
		f.t.Fatalf("error %v, want a refusal", err)
	}
}

// verdict is a person's word.
func verdict(to ledger.State) ledger.Verdict {
	v := ledger.Verdict{To: to, Reason: "asked the vendor", By: "anna@kontor"}
	if to == ledger.Ordered {
		v.OrderNumber, v.OrderID = "A3-0900001", 900001
	}
	return v
}
