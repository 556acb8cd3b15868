package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/sheet"
)

// Exercise runs the suite. open gives each test a store of its own with nothing in it.
func Exercise(t *testing.T, open func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		run  func(f *fixture)
	}{
		{"what is staged is read back", readBack},
		{"a stage is all or nothing", allOrNothing},
		{"a stage takes only what a check can give", stageRefuses},
		{"runs have their states", runStates},
		{"ready rows come in pages", readyPages},
		{"claims race for rows", claimRace},
		{"claims race for an identity", identityRace},
		{"an identity is taken and freed", identity},
		{"a key holds other details", keys},
		{"twins are told exact ones first", twins},
		{"in flight when killed becomes in doubt", recovery},
		{"an order number comes once", repeatedNumbers},
		{"a late answer ends its own doubt only", lateAnswers},
		{"resolve asks for evidence and patience", resolveRules},
		{"resolve is all or none", resolveAllOrNone},
		{"a released row is one more order", released},
		{"a claim can be given up before it is taken", givenUp},
		{"close waits for what is queued", closeWaits},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(newFixture(t, open)) })
	}
	t.Run("every move from every state", func(t *testing.T) { truthTable(t, open) })
	t.Run("a failed commit poisons", func(t *testing.T) { poison(t, open) })
	t.Run("a random life follows the model", func(t *testing.T) { randomLife(t, open) })
}

func readBack(f *fixture) {
	ctx := context.Background()
	meta := ledger.Run{File: "/in/å.csv", SHA256: "ab", Format: "csv", Sheet: "Blad1", HeaderRow: 4, Columns: []string{"A", "Å (2)"},
		Endpoint: "https://api.example.se/", Host: host, StartedAt: f.clock.Now().Add(123456 * time.Microsecond)}
	s, err := f.l.Stage(ctx, meta)
	if err != nil {
		f.t.Fatal(err)
	}
	held := in(ledger.Held, ready(2))
	held.Number, held.Reason, held.Customer, held.TwinRow, held.Occurrence = 9, "equal-row", "300400", 7, 2
	first := ready(1, 1, 2, 1)
	first.Number = 7
	first.Cells = []sheet.Cell{{Text: "\x00å\n", Kind: sheet.Text}, {}, {Text: strings.Repeat("x", 3000), Kind: sheet.NoResult}}
	invalid := ledger.Row{Number: 10, State: ledger.Invalid, Findings: []byte(`[{"code":"x"}]`)}
	for _, row := range []*ledger.Row{&first, &held, &invalid} {
		if err := s.Add(ctx, row); err != nil {
			f.t.Fatal(err)
		}
	}
	if runs, err := f.l.Runs(ctx); err != nil || len(runs) != 0 {
		f.t.Fatalf("an open stage is seen: %v, %v", runs, err)
	}
	meta.Package, meta.Profile, meta.Schemas, meta.Options, meta.Notes = 1001, []byte("version: 1\n"), []byte("[]"), []byte(`{"a":1}`), []byte(`[2]`)
	if err := s.Commit(ctx, meta); err != nil {
		f.t.Fatal(err)
	}
	if err := s.Rollback(); err != nil {
		f.t.Fatal(err)
	}
	f.crash()
	run, err := f.l.Run(ctx, s.ID())
	if err != nil {
		f.t.Fatal(err)
	}
	meta.ID, meta.State, meta.Totals = s.ID(), ledger.RunStaged, ledger.Totals{ledger.Ready: 1, ledger.Held: 1, ledger.Invalid: 1}
	if have, want := fmt.Sprintf("%+v", *run), fmt.Sprintf("%+v", meta); have != want {
		f.t.Errorf("run\n%s, want\n%s", have, want)
	}
	if len(run.ID) != 11 || run.ID[0] != 'r' || strings.Trim(run.ID, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
		f.t.Errorf("run ID %q", run.ID)
	}
	held.TwinRun = run.ID
	var have []string
	for row, err := range f.l.Rows(ctx, run.ID) {
		if err != nil {
			f.t.Fatal(err)
		}
		have = append(have, fmt.Sprintf("%+v", *row))
	}
	for i, want := range []ledger.Row{first, held, invalid} {
		want.Keys = nil
		if w := fmt.Sprintf("%+v", want); have[i] != w {
			f.t.Errorf("row\n%s, want\n%s", have[i], w)
		}
	}
	for _, err := range []error{errorOf(f.l.Run(ctx, "r0000000000")), f.l.SetRunState(ctx, "r0000000000", ledger.RunDone), f.l.Resolve(ctx, "r0000000000", []int{2}, verdict(ledger.Closed))} {
		if !errors.Is(err, fs.ErrNotExist) {
			f.t.Errorf("unknown run: %v", err)
		}
	}
	for row, err := range f.l.Rows(ctx, "r0000000000") {
		if row != nil || !errors.Is(err, fs.ErrNotExist) {
			f.t.Errorf("rows of an unknown run: %v, %v", row, err)
		}
	}
}

func errorOf(_ any, err error) error { return err }

func allOrNothing(f *fixture) {
	ctx := context.Background()
	kept, _ := f.stage(ready(1))
	for _, end := range []func(s *ledger.Stage){
		func(s *ledger.Stage) { _ = s.Rollback() },
		func(s *ledger.Stage) { f.crash() },
		func(s *ledger.Stage) {
			row := ready(3)
			row.Number = 1 // after a faulty row nothing of the run may be sealed
			if err := s.Add(ctx, &row); err == nil {
				f.t.Error("numbers need not ascend")
			}
			if err := s.Commit(ctx, ledger.Run{}); err == nil {
				f.t.Error("sealed without the faulty row")
			}
			_ = s.Rollback()
		},
		func(s *ledger.Stage) {
			cut, cancel := context.WithCancel(ctx)
			cancel()
			row := ready(3)
			row.Number = 9
			if err := s.Add(cut, &row); !errors.Is(err, context.Canceled) {
				f.t.Errorf("add with a context that has ended: %v", err)
			}
			row.Number = 10
			if err := s.Add(ctx, &row); err == nil {
				f.t.Error("stored after a failure")
			}
			_ = s.Rollback()
		},
	} {
		s, err := f.l.Stage(ctx, ledger.Run{Host: host})
		if err != nil {
			f.t.Fatal(err)
		}
		row := ready(2)
		row.Number = 2
		if err := s.Add(ctx, &row); err != nil {
			f.t.Fatal(err)
		}
		end(s)
		runs, err := f.l.Runs(ctx)
		if err != nil || len(runs) != 1 || runs[0].ID != kept {
			f.t.Fatalf("runs %v, %v", runs, err)
		}
		if err := s.Commit(ctx, ledger.Run{}); err == nil {
			f.t.Error("an ended stage can be sealed")
		}
		f.check()
	}
}

func stageRefuses(f *fixture) {
	for name, spoil := range map[string]func(*ledger.Row){
		"sending": func(r *ledger.Row) { r.State = ledger.Sending }, "ordered": func(r *ledger.Row) { r.State = ledger.Ordered },
		"no state": func(r *ledger.Row) { r.State = "" }, "no payload": func(r *ledger.Row) { r.Payload = nil },
		"no fingerprint": func(r *ledger.Row) { r.Fingerprint = ledger.Fingerprint{} }, "no occurrence": func(r *ledger.Row) { r.Occurrence = 0 },
		"no twin": func(r *ledger.Row) { r.State, r.TwinRow = ledger.Duplicate, 77 },
	} {
		s, err := f.l.Stage(context.Background(), ledger.Run{Host: host})
		if err != nil {
			f.t.Fatal(err)
		}
		row := ready(1)
		row.Number = 2
		spoil(&row)
		if err := s.Add(context.Background(), &row); !errors.As(err, new(*ledger.RefusedError)) {
			f.t.Errorf("%s: %v, want a refusal", name, err)
		}
		_ = s.Rollback()
	}
}

func runStates(f *fixture) {
	ctx := context.Background()
	state := func(run string) ledger.RunState {
		r, err := f.l.Run(ctx, run)
		if err != nil {
			f.t.Fatal(err)
		}
		return r.State
	}
	run, ids := f.stage(ready(1), ready(2))
	other, _ := f.stage(ready(3))
	if state(run) != ledger.RunRunning {
		f.t.Errorf("state %s", state(run))
	}
	request := f.bring(ids[0], nil)
	f.refused(f.l.SetRunState(ctx, run, ledger.RunStopped)) // a row is in flight
	f.refused(f.l.SetRunState(ctx, run, ledger.RunStaged))
	if _, err := f.finish(ids[0], request, rejected); err != nil {
		f.t.Fatal(err)
	}
	if err := f.l.SetRunState(ctx, run, ledger.RunStopped); err != nil {
		f.t.Fatal(err)
	}
	_, err := f.l.Claim(ctx, ids[1], "r", f.clock.Now())
	f.refused(err)
	f.want(run, 3, ledger.Ready)
	if err := f.l.SetRunState(ctx, run, ledger.RunDone); err != nil {
		f.t.Fatal(err)
	}
	reader, err := f.store.Open(ledger.Options{ReadOnly: true})
	if err != nil {
		f.t.Fatal(err)
	}
	defer reader.Close()
	runs, err := reader.Runs(ctx)
	if err != nil || len(runs) != 2 || runs[0].ID != other || runs[0].State != ledger.RunRunning || runs[1].State != ledger.RunDone {
		f.t.Errorf("beside the writer: %+v, %v", runs, err)
	}
	f.store.Crash(f.l)
	if r, err := reader.Run(ctx, other); err != nil || r.State != ledger.RunStopped {
		f.t.Errorf("its process is dead: %+v, %v", r, err)
	}
	if err := reader.SetRunState(ctx, other, ledger.RunRunning); err == nil {
		f.t.Error("a reader can write")
	}
	f.reopen()
	if state(other) != ledger.RunStopped {
		f.t.Errorf("after a crash: %s", state(other))
	}
}

func readyPages(f *fixture) {
	f.stage(ready(90))
	var rows []ledger.Row
	for i := range 10 {
		rows = append(rows, ready(byte(i+1)))
	}
	rows[3].State = ledger.Held
	run, ids := f.stage(rows...)
	f.stage(ready(91))
	f.bring(ids[5], &rejected)
	var have []int
	for after := int64(0); ; {
		page, err := f.l.Ready(context.Background(), run, after, 3)
		if err != nil {
			f.t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, row := range page {
			have, after = append(have, row.Number), row.ID
			if row.Customer != "100200" || row.Package != 1001 || len(row.Payload) == 0 {
				f.t.Errorf("row %+v", row)
			}
		}
	}
	if want := []int{2, 3, 4, 6, 8, 9, 10, 11}; !slices.Equal(have, want) {
		f.t.Errorf("ready %v, want %v", have, want)
	}
}

func claimRace(f *fixture) {
	var rows []ledger.Row
	for i := range 50 {
		rows = append(rows, ready(byte(i+1)))
	}
	run, ids := f.stage(rows...)
	var won [50]atomic.Int64
	var wg sync.WaitGroup
	for worker := range 16 {
		wg.Go(func() {
			for i := range ids {
				i := (i + worker*3) % len(ids)
				request := fmt.Sprintf("w%d-%d", worker, i)
				state, err := f.l.Claim(context.Background(), ids[i], request, f.clock.Now())
				switch {
				case err == nil && state == ledger.Sending:
					won[i].Add(1)
					if row := f.row(run, i+2); row.RequestID != request {
						f.t.Errorf("row %d carries %q, not %q", i+2, row.RequestID, request)
					}
				case !errors.As(err, new(*ledger.RefusedError)): // Sending without an error is leave to write, for one only
					f.t.Errorf("row %d: %s, %v", i+2, state, err)
				}
			}
		})
	}
	wg.Wait()
	for i := range won {
		if won[i].Load() != 1 {
			f.t.Errorf("row %d was claimed by %d workers", i+2, won[i].Load())
		}
	}
}

func identityRace(f *fixture) {
	var rows []ledger.Row
	for range 16 {
		rows = append(rows, ready(1))
	}
	_, ids := f.stage(rows...)
	var sending, held atomic.Int64
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			switch state, err := f.l.Claim(context.Background(), id, fmt.Sprint(i), f.clock.Now()); {
			case err != nil:
				f.t.Error(err)
			case state == ledger.Sending:
				sending.Add(1)
			case state == ledger.Held:
				held.Add(1)
			}
		})
	}
	wg.Wait()
	if sending.Load() != 1 || held.Load() != 15 {
		f.t.Errorf("%d sending, %d held", sending.Load(), held.Load())
	}
}

func identity(f *fixture) {
	ctx := context.Background()
	for i, test := range []struct {
		name   string
		leave  func(run string, id int64)
		want   ledger.State
		reason string
	}{
		{"sending", func(_ string, id int64) { f.bring(id, nil) }, ledger.Held, ledger.ReasonTwinInDoubt},
		{"in doubt", func(_ string, id int64) { f.bring(id, &doubt) }, ledger.Held, ledger.ReasonTwinInDoubt},
		{"ordered", func(_ string, id int64) { o := f.ordered(); f.bring(id, &o) }, ledger.Duplicate, ledger.ReasonAlreadyOrdered},
		{"rejected", func(_ string, id int64) { f.bring(id, &rejected) }, ledger.Sending, ""},
		{"ready again", func(_ string, id int64) { f.bring(id, &notSent) }, ledger.Sending, ""},
		{"closed", func(run string, id int64) {
			f.bring(id, &doubt)
			if err := f.l.Resolve(ctx, run, []int{2}, verdict(ledger.Closed)); err != nil {
				f.t.Fatal(err)
			}
		}, ledger.Sending, ""},
	} {
		content := byte(i + 1)
		first, ids := f.stage(ready(content))
		second, twin := f.stage(ready(content))
		test.leave(first, ids[0])
		state, _ := f.claim(twin[0])
		row := f.want(second, 2, test.want)
		if state != test.want || row.Reason != test.reason {
			f.t.Errorf("%s: %s (%s), want %s (%s)", test.name, state, row.Reason, test.want, test.reason)
		}
		if test.want == ledger.Duplicate {
			if original := f.row(first, 2); row.OrderNumber != original.OrderNumber || row.OrderID != original.OrderID {
				f.t.Errorf("%s: number %q, want %q", test.name, row.OrderNumber, original.OrderNumber)
			}
		}
		if test.want != ledger.Sending && (row.TwinRun != first || row.TwinRow != 2) {
			f.t.Errorf("%s: twin %s row %d", test.name, row.TwinRun, row.TwinRow)
		}
	}
	again := ready(3)
	again.Occurrence = 2
	_, ids := f.stage(again)
	if state, _ := f.claim(ids[0]); state != ledger.Sending {
		f.t.Errorf("another occurrence: %s", state)
	}
	o := f.ordered()
	known := ready(200)
	known.Customer = "777"
	before, err := f.l.KnowsCustomer(ctx, host, "777")
	_, ids = f.stage(known)
	f.bring(ids[0], &o)
	after, err2 := f.l.KnowsCustomer(ctx, host, "777")
	elsewhere, err3 := f.l.KnowsCustomer(ctx, "sandbox", "777")
	if before || !after || elsewhere || err != nil || err2 != nil || err3 != nil {
		f.t.Errorf("customer known before %v, after %v, elsewhere %v (%v, %v, %v)", before, after, elsewhere, err, err2, err3)
	}
}

func keys(f *fixture) {
	_, ids := f.stage(ready(1, 10, 11))
	run, later := f.stage(ready(2, 9, 11), ready(3, 12), ready(4, 11), ready(1, 11))
	o := f.ordered()
	f.bring(ids[0], &o)
	for i, want := range []ledger.State{ledger.Held, ledger.Sending, ledger.Held, ledger.Duplicate} {
		if state, _ := f.claim(later[i]); state != want {
			f.t.Errorf("row %d: %s, want %s", i+2, state, want)
		}
	}
	if row := f.row(run, 2); row.Reason != ledger.ReasonSamePerson || row.TwinRow != 2 || row.OrderNumber != "" {
		f.t.Errorf("held %+v", row)
	}
	if err := f.l.Resolve(context.Background(), run, []int{4}, verdict(ledger.Ready)); err != nil {
		f.t.Fatal(err)
	}
	if state, _ := f.claim(later[2]); state != ledger.Sending {
		f.t.Errorf("released: %s", state)
	}
}

func twins(f *fixture) {
	var rows []ledger.Row
	for i := range 12 {
		rows = append(rows, ready(byte(i+1), byte(100+i), 77))
	}
	for i := range rows {
		rows[i].Override = true
	}
	run, ids := f.stage(rows...)
	if found, err := f.l.Twins(context.Background(), ledger.Fingerprint{5, 1}, 1, []ledger.Key{{77, 2}}); err != nil || len(found) != 0 {
		f.t.Errorf("nothing is taken: %v, %v", found, err)
	}
	for i := range ids {
		o := f.ordered()
		f.bring(ids[i], &o)
	}
	for _, test := range []struct {
		fp         ledger.Fingerprint
		occurrence int
		keys       []ledger.Key
		exact, all int
	}{
		{ledger.Fingerprint{5, 1}, 1, nil, 6, 1},
		{ledger.Fingerprint{5, 1}, 2, nil, 0, 0},
		{ledger.Fingerprint{5, 1}, 2, []ledger.Key{{9, 9}, {102, 2}}, 0, 1},
		{ledger.Fingerprint{5, 1}, 1, []ledger.Key{{77, 2}, {102, 2}, {104, 2}}, 6, 8},
		{ledger.Fingerprint{12, 1}, 1, []ledger.Key{{77, 2}}, 13, 8},
	} {
		found, err := f.l.Twins(context.Background(), test.fp, test.occurrence, test.keys)
		if err != nil || len(found) != test.all {
			f.t.Fatalf("%v: %d twins, want %d (%v)", test, len(found), test.all, err)
		}
		for i, twin := range found {
			if twin.Run != run || twin.State != ledger.Ordered || twin.OrderNumber == "" || twin.OrderID == 0 || len(twin.Payload) == 0 {
				f.t.Errorf("twin %+v", twin)
			}
			if twin.Exact != (i == 0 && test.exact != 0) || twin.Exact && twin.Row != test.exact {
				f.t.Errorf("%v: twin %d is %+v", test, i, twin)
			}
		}
	}
}

func recovery(f *fixture) {
	run, ids := f.stage(ready(1), ready(2), ready(3), ready(4), ready(5))
	o := f.ordered()
	f.bring(ids[0], &o)
	f.bring(ids[1], nil)
	f.bring(ids[2], nil)
	f.bring(ids[3], &doubt)
	f.crash()
	if f.l.Recovered() != 2 {
		f.t.Errorf("recovered %d", f.l.Recovered())
	}
	for i, want := range []ledger.State{ledger.Ordered, ledger.InDoubt, ledger.InDoubt, ledger.InDoubt, ledger.Ready} {
		row := f.want(run, i+2, want)
		if i == 1 && (row.Reason != ledger.ReasonProcessEnded || row.RequestID == "" || !row.SentAt.Equal(f.clock.Now())) {
			f.t.Errorf("recovered row %+v", row)
		}
	}
	f.crash()
	if f.l.Recovered() != 0 {
		f.t.Errorf("recovered %d again", f.l.Recovered())
	}
}

func repeatedNumbers(f *fixture) {
	run, ids := f.stage(ready(1), ready(2), ready(3), ready(4), ready(5))
	first := f.ordered()
	f.bring(ids[0], &first)
	for i, result := range []connect.CreateOrderResult{first.Result, {OrderID: first.Result.OrderID, OrderNumber: "A3-9"}, {OrderID: 9, OrderNumber: first.Result.OrderNumber}} {
		_, request := f.claim(ids[i+1])
		state, err := f.finish(ids[i+1], request, connect.Outcome{Verdict: connect.Ordered, Status: 200, Result: result})
		if state != ledger.InDoubt || err != nil {
			f.t.Errorf("%v: %s, %v", result, state, err)
		}
		row := f.want(run, i+3, ledger.InDoubt)
		if row.Reason != ledger.ReasonRepeatedNumber || !strings.Contains(row.Message, result.OrderNumber) || row.OrderNumber != "" {
			f.t.Errorf("row %+v", row)
		}
	}
	_, request := f.claim(ids[4])
	if state, err := f.finish(ids[4], request, connect.Outcome{Verdict: connect.Ordered, Status: 200}); state != ledger.InDoubt || err != nil {
		f.t.Errorf("no number: %s, %v", state, err)
	}
	// Another host counts for itself.
	s, err := f.l.Stage(context.Background(), ledger.Run{Host: "sandbox"})
	if err != nil {
		f.t.Fatal(err)
	}
	row := ready(6)
	row.Number = 2
	if err := errors.Join(s.Add(context.Background(), &row), s.Commit(context.Background(), ledger.Run{})); err != nil {
		f.t.Fatal(err)
	}
	f.send(s.ID())
	f.bring(row.ID, &first)
	f.want(s.ID(), 2, ledger.Ordered)
}

func lateAnswers(f *fixture) {
	run, ids := f.stage(ready(1), ready(2), ready(3), ready(4))
	for i, o := range []connect.Outcome{f.ordered(), rejected, notSent} {
		request := f.bring(ids[i], &doubt)
		if _, err := f.finish(ids[i], "another", o); err == nil {
			f.t.Error("an answer of another attempt was booked")
		}
		f.want(run, i+2, ledger.InDoubt)
		state, err := f.finish(ids[i], request, o)
		if want := []ledger.State{ledger.Ordered, ledger.Rejected, ledger.Ready}[i]; state != want || err != nil {
			f.t.Errorf("late answer: %s, %v, want %s", state, err, want)
		}
		_, err = f.finish(ids[i], request, o)
		f.refused(err)
	}
	request := f.bring(ids[3], &doubt)
	if err := f.l.Resolve(context.Background(), run, []int{5}, verdict(ledger.Closed)); err != nil {
		f.t.Fatal(err)
	}
	_, err := f.finish(ids[3], request, f.ordered())
	f.refused(err)
	f.want(run, 5, ledger.Closed)
}

func resolveRules(f *fixture) {
	ctx := context.Background()
	run, ids := f.stage(ready(1), ready(2), ready(3), in(ledger.Held, ready(4)), in(ledger.Held, ledger.Row{}), in(ledger.Invalid, ledger.Row{}))
	o := f.ordered()
	f.bring(ids[0], &o)
	f.bring(ids[1], &doubt)
	f.bring(ids[2], &doubt)
	resolve := func(v ledger.Verdict, rows ...int) error { return f.l.Resolve(ctx, run, rows, v) }
	number := func(n string, id int64) ledger.Verdict {
		v := verdict(ledger.Ordered)
		v.OrderNumber, v.OrderID = n, id
		return v
	}
	spoilt := func(spoil func(*ledger.Verdict)) ledger.Verdict {
		v := verdict(ledger.Closed)
		spoil(&v)
		return v
	}
	for i, err := range []error{
		resolve(verdict(ledger.Closed)),
		resolve(spoilt(func(v *ledger.Verdict) { v.Reason = " " }), 3),
		resolve(spoilt(func(v *ledger.Verdict) { v.By = "" }), 3),
		resolve(spoilt(func(v *ledger.Verdict) { v.OrderNumber = "A3-1" }), 3),
		resolve(spoilt(func(v *ledger.Verdict) { v.To = ledger.Rejected }), 3),
		resolve(verdict(ledger.Ordered), 3, 4),
		resolve(number("", 0), 3),
		resolve(number("A3-1", -1), 3),
		resolve(number(o.Result.OrderNumber, 0), 3),
		resolve(number("A3-1", o.Result.OrderID), 3),
		resolve(verdict(ledger.Closed), 99),
		resolve(verdict(ledger.Ordered), 5), // held: never sent
		resolve(verdict(ledger.Ready), 6),   // nothing to send
		resolve(verdict(ledger.Ready), 3),   // too early
	} {
		if !errors.As(err, new(*ledger.RefusedError)) {
			f.t.Errorf("case %d: %v, want a refusal", i, err)
		}
	}
	f.clock.Add(15*time.Minute - time.Second)
	f.refused(resolve(verdict(ledger.Ready), 3))
	f.clock.Add(time.Second)
	if err := resolve(verdict(ledger.Ready), 3); err != nil {
		f.t.Error(err)
	}
	if row := f.want(run, 3, ledger.Ready); !row.Override || row.By != "anna@kontor" || row.Reason != "asked the vendor" || row.RequestID != "" || !row.SentAt.IsZero() {
		f.t.Errorf("released %+v", row)
	}
	if err := resolve(number("A3-77", 0), 4); err != nil {
		f.t.Error(err)
	}
	if row := f.want(run, 4, ledger.Ordered); row.OrderNumber != "A3-77" || row.OrderID != 0 || row.By != "anna@kontor" {
		f.t.Errorf("ordered by a person: %+v", row)
	}
	if err := resolve(verdict(ledger.Closed), 6); err != nil {
		f.t.Error(err)
	}
	f.want(run, 6, ledger.Closed)
}

func resolveAllOrNone(f *fixture) {
	run, _ := f.stage(in(ledger.Held, ready(1)), ready(2), in(ledger.Held, ready(3)))
	err := f.l.Resolve(context.Background(), run, []int{2, 4, 3}, verdict(ledger.Closed))
	var refused *ledger.RefusedError
	if !errors.As(err, &refused) || refused.Row != 3 || refused.From != ledger.Ready || refused.To != ledger.Closed {
		f.t.Fatalf("error %+v", err)
	}
	f.want(run, 2, ledger.Held)
	f.want(run, 4, ledger.Held)
}

func released(f *fixture) {
	ctx := context.Background()
	_, ids := f.stage(ready(1, 7))
	f.bring(ids[0], &doubt)
	twin := ready(1, 7)
	run, held := f.stage(in(ledger.Held, twin), in(ledger.Held, twin), in(ledger.Held, ready(2)))
	if err := f.l.Resolve(ctx, run, []int{2, 3, 4}, verdict(ledger.Ready)); err != nil {
		f.t.Fatal(err)
	}
	for i, want := range []int{2, 3, 1} {
		if row := f.row(run, i+2); row.Occurrence != want {
			f.t.Errorf("row %d: occurrence %d, want %d", i+2, row.Occurrence, want)
		}
		if state, _ := f.claim(held[i]); state != ledger.Sending {
			f.t.Errorf("row %d: %s", i+2, state)
		}
	}
	// What was in doubt and is sent again is the same order, and its keys do not hold it; its own twin still does.
	f.clock.Add(time.Hour)
	first, ids := f.stage(ready(9, 8))
	f.bring(ids[0], &doubt)
	f.clock.Add(time.Hour)
	if err := f.l.Resolve(ctx, first, []int{2}, verdict(ledger.Ready)); err != nil {
		f.t.Fatal(err)
	}
	_, other := f.stage(ready(9, 8))
	o := f.ordered()
	f.bring(other[0], &o)
	if state, _ := f.claim(ids[0]); state != ledger.Duplicate {
		f.t.Errorf("ordered meanwhile: %s", state)
	}
}

func givenUp(f *fixture) {
	run, ids := f.stage(ready(1), ready(2))
	s, err := f.l.Stage(context.Background(), ledger.Run{Host: host}) // while it is open nothing is committed
	if err != nil {
		f.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		_, err := f.l.Claim(ctx, ids[0], "given-up", f.clock.Now())
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		f.t.Errorf("claim: %v", err)
	}
	_ = s.Rollback()
	f.bring(ids[1], nil) // comes after what was queued before
	f.want(run, 2, ledger.Ready)
	if _, err := f.l.Claim(ctx, ids[0], "late", f.clock.Now()); !errors.Is(err, context.Canceled) {
		f.t.Errorf("claim with a context that has ended: %v", err)
	}
	if _, err := f.l.Claim(context.Background(), ids[0], "", f.clock.Now()); err == nil {
		f.t.Error("a claim without a request ID")
	}
	_, err = f.l.Claim(context.Background(), 999, "r", f.clock.Now())
	f.refused(err)
}

func closeWaits(f *fixture) {
	run, ids := f.stage(ready(1), ready(2))
	request := f.bring(ids[0], nil)
	var state atomic.Value
	f.l.Finish(ids[0], request, rejected, func(s ledger.State, err error) { state.Store(s) })
	if err := f.l.Close(); err != nil {
		f.t.Fatal(err)
	}
	if state.Load() != ledger.Rejected {
		f.t.Errorf("done with %v", state.Load())
	}
	if _, err := f.l.Claim(context.Background(), ids[1], "r", f.clock.Now()); !errors.Is(err, fs.ErrClosed) {
		f.t.Errorf("claim after close: %v", err)
	}
	f.reopen()
	f.want(run, 2, ledger.Rejected)
}
