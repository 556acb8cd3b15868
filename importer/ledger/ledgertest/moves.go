package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
)

// truthTable tries every move on a row in every state: the one place where the whole state machine can be read.
func truthTable(t *testing.T, open func(t *testing.T) Store) {
	f := newFixture(t, open)
	const refused = ledger.State("refused")
	moves := []string{"claim", "ordered", "rejected", "doubt", "not sent", "by another", "say ordered", "say send", "say close"}
	table := map[ledger.State][]ledger.State{
		ledger.Ready:     {ledger.Sending, refused, refused, refused, refused, refused, refused, refused, refused},
		ledger.Sending:   {refused, ledger.Ordered, ledger.Rejected, ledger.InDoubt, ledger.Ready, refused, refused, refused, refused},
		ledger.InDoubt:   {ledger.InDoubt, ledger.Ordered, ledger.Rejected, ledger.InDoubt, ledger.Ready, refused, ledger.Ordered, ledger.Ready, ledger.Closed},
		ledger.Held:      {ledger.Held, refused, refused, refused, refused, refused, refused, ledger.Ready, ledger.Closed},
		ledger.Ordered:   {ledger.Ordered, refused, refused, refused, refused, refused, refused, refused, refused},
		ledger.Rejected:  {ledger.Rejected, refused, refused, refused, refused, refused, refused, refused, refused},
		ledger.Invalid:   {ledger.Invalid, refused, refused, refused, refused, refused, refused, refused, refused},
		ledger.Duplicate: {ledger.Duplicate, refused, refused, refused, refused, refused, refused, refused, refused},
		ledger.Skipped:   {ledger.Skipped, refused, refused, refused, refused, refused, refused, refused, refused},
		ledger.Closed:    {ledger.Closed, refused, refused, refused, refused, refused, refused, refused, refused},
	}
	content := byte(0)
	for _, from := range ledger.States {
		for i, move := range moves {
			content++
			run, id, request := f.put(from, content)
			f.clock.Add(time.Hour)
			var state ledger.State
			var err error
			switch move {
			case "claim":
				state, err = f.l.Claim(context.Background(), id, fmt.Sprintf("claim-%d", content), f.clock.Now())
			case "ordered":
				state, err = f.finish(id, request, f.ordered())
			case "rejected":
				state, err = f.finish(id, request, rejected)
			case "doubt":
				state, err = f.finish(id, request, doubt)
			case "not sent":
				state, err = f.finish(id, request, notSent)
			case "by another":
				state, err = f.finish(id, "another", rejected)
			case "say ordered":
				v := verdict(ledger.Ordered)
				v.OrderNumber, v.OrderID = fmt.Sprintf("B-%d", content), int64(content)
				err = f.l.Resolve(context.Background(), run, []int{2}, v)
			case "say send":
				err = f.l.Resolve(context.Background(), run, []int{2}, verdict(ledger.Ready))
			case "say close":
				err = f.l.Resolve(context.Background(), run, []int{2}, verdict(ledger.Closed))
			}
			want := table[from][i]
			stored := f.row(run, 2).State
			switch {
			case want == refused && (!errors.As(err, new(*ledger.RefusedError)) || stored != from):
				t.Errorf("%s of a %s row: %v, and it is %s; want a refusal", move, from, err, stored)
			case want != refused && (err != nil || stored != want || i < 6 && state != want):
				t.Errorf("%s of a %s row: told %q, stored %s (%v), want %s", move, from, state, stored, err, want)
			}
		}
	}
}

// put stages a row and brings it into a state by moves that are allowed.
func (f *fixture) put(state ledger.State, content byte) (run string, id int64, request string) {
	f.t.Helper()
	row, request := ready(content), "none"
	switch state {
	case ledger.Held, ledger.Invalid, ledger.Duplicate, ledger.Skipped:
		row.State = state
	}
	run, ids := f.stage(row)
	switch state {
	case ledger.Sending:
		request = f.bring(ids[0], nil)
	case ledger.Ordered:
		o := f.ordered()
		request = f.bring(ids[0], &o)
	case ledger.Rejected:
		request = f.bring(ids[0], &rejected)
	case ledger.InDoubt, ledger.Closed:
		request = f.bring(ids[0], &doubt)
		if state == ledger.Closed {
			if err := f.l.Resolve(context.Background(), run, []int{2}, verdict(ledger.Closed)); err != nil {
				f.t.Fatal(err)
			}
		}
	}
	f.want(run, 2, state)
	return run, ids[0], request
}

// poison breaks each kind of commit twice, without and with its effect. Both times the caller is told of an error and the
// ledger is done for; what the next opening finds is what was done or not done, never something between.
func poison(t *testing.T, open func(t *testing.T) Store) {
	ctx := context.Background()
	for name, step := range map[string]struct {
		from     ledger.State // the row's state before, and after a commit without effect and a new start
		move     func(f *fixture, run string, id int64, request string) error
		done     ledger.State // with effect and a new start
		undone   ledger.State
		moreRuns int
	}{
		"claim": {ledger.Ready, func(f *fixture, run string, id int64, _ string) error {
			state, err := f.l.Claim(ctx, id, "claim", f.clock.Now())
			if state != "" {
				f.t.Errorf("claim tells %s", state)
			}
			return err
		}, ledger.InDoubt, ledger.Ready, 0},
		"ordered": {ledger.Sending, func(f *fixture, run string, id int64, request string) error {
			_, err := f.finish(id, request, f.ordered())
			return err
		}, ledger.Ordered, ledger.InDoubt, 0},
		"not sent": {ledger.Sending, func(f *fixture, run string, id int64, request string) error {
			_, err := f.finish(id, request, notSent)
			return err
		}, ledger.Ready, ledger.InDoubt, 0},
		"resolve": {ledger.Held, func(f *fixture, run string, id int64, _ string) error {
			return f.l.Resolve(ctx, run, []int{2}, verdict(ledger.Closed))
		}, ledger.Closed, ledger.Held, 0},
		"stage": {ledger.Ready, func(f *fixture, run string, id int64, _ string) error {
			s, err := f.l.Stage(ctx, ledger.Run{Host: host})
			if err != nil {
				f.t.Fatal(err)
			}
			row := ready(200)
			row.Number = 2
			if err := s.Add(ctx, &row); err != nil {
				f.t.Fatal(err)
			}
			return s.Commit(ctx, ledger.Run{})
		}, ledger.Ready, ledger.Ready, 1},
	} {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, done %v", name, done), func(t *testing.T) {
				f := newFixture(t, open)
				run, id, request := f.put(step.from, 1)
				f.store.FailCommit(f.l, done)
				broken := func(err error) {
					t.Helper()
					if !errors.As(err, new(*ledger.Error)) {
						t.Errorf("error %v, want *ledger.Error", err)
					}
				}
				broken(step.move(f, run, id, request))
				_, err := f.l.Claim(ctx, id, "later", f.clock.Now())
				broken(err)
				_, err = f.finish(id, request, rejected)
				broken(err)
				broken(f.l.SetRunState(ctx, run, ledger.RunDone))
				_, err = f.l.Stage(ctx, ledger.Run{})
				broken(err)
				_, err = f.l.Runs(ctx)
				broken(err)
				_, err = f.l.Ready(ctx, run, 0, 1)
				broken(err)
				f.crash()
				want, runs := step.undone, 1
				if done {
					want, runs = step.done, 1+step.moreRuns
				}
				f.want(run, 2, want)
				if all, err := f.l.Runs(ctx); err != nil || len(all) != runs {
					t.Errorf("%d runs, want %d (%v)", len(all), runs, err)
				}
			})
		}
	}
}

// outcomes by the state they lead to, but for Ordered, which needs a number.
var outcomes = map[ledger.State]connect.Outcome{ledger.Rejected: rejected, ledger.InDoubt: doubt, ledger.Ready: notSent}
