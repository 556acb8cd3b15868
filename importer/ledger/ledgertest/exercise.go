package ledgertest

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
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
		{"what a person closed, and what may exist, bars equal rows", barred},
		{"an equal order that a row was not held for", heldForAnother},
		{"a held row that was ordered elsewhere", orderedElsewhere},
		{"a row of a ledger that is not settled", unsettled},
		{"a claim can be given up before it is taken", givenUp},
		{"close waits for what is queued", closeWaits},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(newFixture(t, open)) })
	}
	t.Run("every move from every state", func(t *testing.T) { truthTable(t, open) })
	t.Run("a failed commit poisons", func(t *testing.T) { poison(t, open) })
	t.Run("a random life follows the model", func(t *testing.T) { randomLife(t, open) })
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
	reason := ledger.ReasonProcessEnded
	if f.store.Shared {
		reason = ledger.ReasonHostSilent
	}
	for i, want := range []ledger.State{ledger.Ordered, ledger.InDoubt, ledger.InDoubt, ledger.InDoubt, ledger.Ready} {
		row := f.want(run, i+2, want)
		if i == 1 && (row.Reason != reason || row.RequestID == "" || !row.SentAt.Equal(f.clock.Now())) {
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
	for _, result := range []connect.CreateOrderResult{{}, {OrderID: 10}, {OrderNumber: "A3-10"}, {OrderID: 10, OrderNumber: strings.Repeat("A3-10 ", 100)}} {
		if state, err := f.finish(ids[4], request, connect.Outcome{Verdict: connect.Ordered, Status: 200, Result: result}); state != ledger.InDoubt || err != nil {
			f.t.Errorf("%v is no number: %s, %v", result, state, err)
		}
		if row := f.want(run, 6, ledger.InDoubt); row.Reason != ledger.ReasonNoNumber {
			f.t.Errorf("row %+v", row)
		}
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
	releasedTooSoon(f)
}

// releasedTooSoon lets the answer of an attempt come after a person has said that the row may be sent again.
func releasedTooSoon(f *fixture) {
	run, ids := f.stage(ready(21), ready(22))
	var requests [2]string
	for i := range ids {
		requests[i] = f.bring(ids[i], &doubt)
	}
	f.clock.Add(time.Hour)
	if err := f.l.Resolve(context.Background(), run, []int{2, 3}, verdict(ledger.Ready)); err != nil {
		f.t.Fatal(err)
	}
	_, err := f.finish(ids[0], "another", f.ordered())
	f.refused(err)
	o := f.ordered()
	if state, err := f.finish(ids[0], requests[0], o); state != ledger.Ordered || err != nil {
		f.t.Errorf("an order that was released too soon: %s, %v", state, err)
	}
	if row := f.row(run, 2); row.OrderNumber != o.Result.OrderNumber || row.RequestID != requests[0] || row.SentAt.IsZero() {
		f.t.Errorf("stored as %+v", row)
	}
	if state, _ := f.claim(ids[0]); state != ledger.Ordered {
		f.t.Errorf("claimed as %s", state)
	}
	if state, _ := f.claim(ids[1]); state != ledger.Sending { // both exist now, or will
		f.t.Errorf("claimed as %s", state)
	}
	_, err = f.finish(ids[1], requests[1], f.ordered())
	f.refused(err)
	f.want(run, 3, ledger.Sending)
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
		resolve(number(strings.Repeat("A3-1 ", 101), 0), 3),
		resolve(number(o.Result.OrderNumber, 0), 3),
		resolve(number("A3-1", o.Result.OrderID), 3),
		resolve(verdict(ledger.Closed), 99),
		resolve(number("A3-1", 0), 5),     // held: never sent
		resolve(verdict(ledger.Ready), 6), // nothing to send
		resolve(verdict(ledger.Ready), 3), // too early
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
	o := f.ordered()
	original, ids := f.stage(ready(1, 7))
	f.bring(ids[0], &doubt)
	twin := ready(1, 7)
	twin.TwinRun, twin.TwinRow = original, 2
	run, held := f.stage(in(ledger.Held, twin), in(ledger.Held, twin), in(ledger.Held, ready(2)))
	f.refused(f.l.Resolve(ctx, run, []int{2}, verdict(ledger.Ready)))
	if _, err := f.finish(ids[0], f.row(original, 2).RequestID, o); err != nil {
		f.t.Fatal(err)
	}
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
	o = f.ordered()
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
