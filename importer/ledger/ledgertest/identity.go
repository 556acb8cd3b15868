package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"orderimport/importer/ledger"
)

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
		}, ledger.Held, ledger.ReasonTwinClosed},
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
	closed, ids := f.stage(ready(60, 200), ready(61))
	f.bring(ids[0], &doubt)
	f.bring(ids[1], &rejected)
	if err := f.l.Resolve(context.Background(), closed, []int{2}, verdict(ledger.Closed)); err != nil {
		f.t.Fatal(err)
	}
	found, err := f.l.Twins(context.Background(), ledger.Fingerprint{60, 1}, 1, nil)
	if err != nil || len(found) != 1 || found[0].State != ledger.Closed || !found[0].Exact {
		f.t.Errorf("closed after an attempt: %+v (%v)", found, err)
	}
	found, err = f.l.Twins(context.Background(), ledger.Fingerprint{62, 1}, 1, []ledger.Key{{200, 2}})
	if err != nil || len(found) != 1 || found[0].State != ledger.Closed || found[0].Exact {
		f.t.Errorf("closed after an attempt, by key: %+v (%v)", found, err)
	}
	if found, err := f.l.Twins(context.Background(), ledger.Fingerprint{61, 1}, 1, nil); err != nil || len(found) != 0 {
		f.t.Errorf("rejected: %+v (%v)", found, err)
	}
}

// barred: what a person closed keeps an equal row from being sent unseen, and what may have been made where the ledger does not know of it
// also those that share a key with it.
func barred(f *fixture) {
	ctx := context.Background()
	decide := func(run string, number int, to ledger.State) {
		f.t.Helper()
		if err := f.l.Resolve(ctx, run, []int{number}, verdict(to)); err != nil {
			f.t.Fatal(err)
		}
	}
	for i, test := range []struct {
		name       string
		first      func(content, key byte) (run string)
		equal, kin ledger.State // that a claim leads to
		reason     string       // of the equal one
	}{
		{"held", func(c, k byte) string { run, _ := f.stage(in(ledger.Held, ready(c, k))); return run }, ledger.Sending, ledger.Sending, ""},
		{"held, and may exist", func(c, k byte) string { run, _ := f.stage(may(ready(c, k))); return run }, ledger.Held, ledger.Held, ledger.ReasonTwinHeld},
		{"held and closed", func(c, k byte) string {
			run, _ := f.stage(in(ledger.Held, ready(c, k)))
			decide(run, 2, ledger.Closed)
			return run
		}, ledger.Held, ledger.Sending, ledger.ReasonTwinClosed},
		{"may exist, and closed", func(c, k byte) string {
			run, _ := f.stage(may(ready(c, k)))
			decide(run, 2, ledger.Closed)
			return run
		}, ledger.Held, ledger.Held, ledger.ReasonTwinClosed},
	} {
		content, key := byte(10*i+1), byte(i+1)
		first := test.first(content, key)
		run, ids := f.stage(ready(content), ready(content+1, key))
		for n, want := range []ledger.State{test.equal, test.kin} {
			row := ready(content)
			if n == 1 {
				row = ready(content+1, key)
			}
			twins, err := f.l.Twins(ctx, row.Fingerprint, 1, row.Keys)
			if bars := want == ledger.Held; err != nil || (len(twins) == 1) != bars || bars && (twins[0].Run != first || twins[0].Exact != (n == 0)) {
				f.t.Errorf("%s: twins of row %d: %+v (%v)", test.name, n+2, twins, err)
			}
			if state, _ := f.claim(ids[n]); state != want {
				f.t.Errorf("%s: row %d is %s, want %s", test.name, n+2, state, want)
			}
		}
		if row := f.row(run, 2); row.Reason != test.reason {
			f.t.Errorf("%s: %q, want %q", test.name, row.Reason, test.reason)
		}
		if test.equal != ledger.Held {
			continue
		}
		// A person who knows of it may say that this one is to be sent, but not who spoke before it.
		decide(run, 2, ledger.Ready)
		if state, _ := f.claim(ids[0]); state != ledger.Sending {
			f.t.Errorf("%s, then released: %s", test.name, state)
		}
	}
	early, ids := f.stage(in(ledger.Held, ready(100)))
	decide(early, 2, ledger.Ready)
	late, _ := f.stage(in(ledger.Held, ready(100)))
	decide(late, 2, ledger.Closed)
	if state, _ := f.claim(ids[0]); state != ledger.Held {
		f.t.Errorf("released before another equal row was closed: %s", state)
	}
}

// heldForAnother: who released a row cannot have had in mind an equal order that the row was not held for. It is a duplicate, and no second order.
func heldForAnother(f *fixture) {
	run, ids := f.stage(in(ledger.Held, ready(1, 1)))
	_, other := f.stage(ready(1, 1))
	o := f.ordered()
	f.bring(other[0], &o)
	if err := f.l.Resolve(context.Background(), run, []int{2}, verdict(ledger.Ready)); err != nil {
		f.t.Fatal(err)
	}
	if state, _ := f.claim(ids[0]); state != ledger.Duplicate {
		f.t.Errorf("released without a word of the order: %s", state)
	}
	if row := f.row(run, 2); row.OrderNumber != o.Result.OrderNumber {
		f.t.Errorf("a duplicate of %q, want %q", row.OrderNumber, o.Result.OrderNumber)
	}
}

// may is a held row whose order may have been made where the ledger does not know of it.
func may(row ledger.Row) ledger.Row {
	row = in(ledger.Held, row)
	row.MayExist = true
	return row
}

// orderedElsewhere: a held row whose order may exist is ordered by a person's word, and then an order like any other. Where one more was
// made meanwhile there are two.
func orderedElsewhere(f *fixture) {
	ctx := context.Background()
	said := func(number string) ledger.Verdict {
		v := verdict(ledger.Ordered)
		v.OrderNumber, v.OrderID = number, 0
		return v
	}
	told, _ := f.stage(may(ready(1, 1)), in(ledger.Held, ready(2)))
	f.refused(f.l.Resolve(ctx, told, []int{3}, said("A3-1")))
	if err := f.l.Resolve(ctx, told, []int{2}, said("A3-1")); err != nil {
		f.t.Fatal(err)
	}
	if row := f.want(told, 2, ledger.Ordered); row.OrderNumber != "A3-1" || row.By != "anna@kontor" || row.Occurrence != 1 || row.RequestID != "" {
		f.t.Errorf("ordered elsewhere: %+v", row)
	}
	run, ids := f.stage(ready(1, 1), ready(3, 1))
	for n, want := range []ledger.State{ledger.Duplicate, ledger.Held} {
		if state, _ := f.claim(ids[n]); state != want {
			f.t.Errorf("row %d after it: %s, want %s", n+2, state, want)
		}
	}
	if row := f.row(run, 2); row.OrderNumber != "A3-1" || row.TwinRun != told {
		f.t.Errorf("a duplicate of it: %+v", row)
	}

	told, _ = f.stage(may(ready(4)))
	again, ids := f.stage(ready(4))
	if state, _ := f.claim(ids[0]); state != ledger.Held {
		f.t.Fatalf("beside what may exist: %s", state)
	}
	if err := f.l.Resolve(ctx, again, []int{2}, verdict(ledger.Ready)); err != nil {
		f.t.Fatal(err)
	}
	o := f.ordered()
	f.bring(ids[0], &o)
	f.want(again, 2, ledger.Ordered)
	row := ready(4)
	twins, err := f.l.Twins(ctx, row.Fingerprint, 1, nil)
	if err != nil || len(twins) != 2 || twins[0].Run != again || twins[1].Run != told || !twins[1].MayExist || twins[0].MayExist {
		f.t.Errorf("the order made, and what may exist: %+v (%v)", twins, err)
	}
	f.refused(f.l.Resolve(ctx, told, []int{2}, said(o.Result.OrderNumber)))
	if err := f.l.Resolve(ctx, told, []int{2}, said("A3-2")); err != nil {
		f.t.Fatal(err)
	}
	if row := f.want(told, 2, ledger.Ordered); row.Occurrence != 2 {
		f.t.Errorf("the second order of one content has occurrence %d", row.Occurrence)
	}
	if run, number, fp, err := f.l.Numbered(ctx, host, "A3-2"); err != nil || run != told || number != 2 || fp != row.Fingerprint {
		f.t.Errorf("A3-2 is of row %d of run %s, %x (%v)", number, run, fp, err)
	}
	if _, _, _, err := f.l.Numbered(ctx, "elsewhere", "A3-2"); !errors.Is(err, fs.ErrNotExist) {
		f.t.Errorf("A3-2 of another host: %v", err)
	}
}

// unsettled: a row that waits only for the ledger to be settled does not go before one that may be the same order, and its order may turn up.
func unsettled(f *fixture) {
	ctx := context.Background()
	resolve := func(run string, number int, to ledger.State) error {
		v := verdict(to)
		if to == ledger.Ordered {
			v.OrderNumber, v.OrderID = "A3-5", 0
		}
		return f.l.Resolve(ctx, run, []int{number}, v)
	}
	row := may(ready(1))
	row.Reason = ledger.ReasonUnsettled
	settled := in(ledger.Held, ready(2)) // as Settle leaves it
	settled.Reason = ledger.ReasonUnsettled
	list, _ := f.stage(row, settled)
	told, _ := f.stage(may(ready(1)))
	f.refused(resolve(list, 2, ledger.Ready)) // the quarter of an hour
	f.clock.Add(15 * time.Minute)
	f.refused(resolve(list, 2, ledger.Ready))
	for _, err := range []error{resolve(told, 2, ledger.Closed), resolve(list, 2, ledger.Ready), resolve(list, 3, ledger.Ordered)} {
		if err != nil {
			f.t.Error(err)
		}
	}
	f.want(list, 2, ledger.Ready)
	f.want(list, 3, ledger.Ordered)
}
