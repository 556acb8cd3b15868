package ledger_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/ledger/ledgertest"
	"orderimport/importer/mapping"
)

// alike stages a row of its own run for Åsa's address. Those with other details are the same person all the same.
func alike(t *testing.T, l *ledger.Ledger, state ledger.State, details string) (run string, row ledger.Row) {
	t.Helper()
	s, row, seal := staging(t, l, ledger.Row{State: state}, details)
	seal()
	must(t, l.SetRunState(context.Background(), s, ledger.RunRunning))
	return s, row
}

// staging is alike up to the seal.
func staging(t *testing.T, l *ledger.Ledger, row ledger.Row, details string) (run string, _ ledger.Row, seal func()) {
	t.Helper()
	ctx, head := context.Background(), ledger.Run{File: "/in/x.csv", Host: "https://api.example.se", Package: 1001}
	s, err := l.Stage(ctx, head)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Rollback() })
	key, ok := l.Hasher().Key(head.Host, "100200", 1001, mapping.Identifier{Kind: "email", Value: "asa@example.se"})
	if !ok {
		t.Fatal("no key")
	}
	row.Number, row.Package, row.Customer, row.Payload, row.Occurrence, row.Keys = 2, 1001, "100200", []byte(`{}`), 1, []ledger.Key{key}
	row.Fingerprint = l.Hasher().Fingerprint(head.Host, "100200", 1001, []ledger.Field{{Name: "firstname", Value: details}})
	must(t, s.Add(ctx, &row))
	return s.ID(), row, func() { must(t, s.Commit(ctx, head)) }
}

var release = ledger.Verdict{To: ledger.Ready, Reason: "two phones", By: "eva@hr"}

// claimed gives the state that a claim ends in.
func claimed(t *testing.T, l *ledger.Ledger, row ledger.Row, at time.Time) ledger.State {
	t.Helper()
	state, err := l.Claim(context.Background(), row.ID, fmt.Sprint("R", row.ID), at)
	must(t, err)
	return state
}

// TestUnseen: whoever released a row cannot have had in mind what took its identity after that, whatever the clocks say.
func TestUnseen(t *testing.T) {
	ctx, now := context.Background(), time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	desk := func(t *testing.T) *ledger.Ledger {
		return open(t, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Now: func() time.Time { return now }})
	}
	for _, late := range []time.Duration{-time.Second, 0, time.Millisecond, time.Hour} {
		l := desk(t)
		held, second := alike(t, l, ledger.Held, "Åsa")
		_, first := alike(t, l, ledger.Ready, "Asa")
		must(t, l.Resolve(ctx, held, []int{2}, release))
		if state := claimed(t, l, first, now.Add(-late)); state != ledger.Sending {
			t.Fatalf("the first is %s", state)
		}
		if state := claimed(t, l, second, now); state != ledger.Held {
			t.Errorf("taken by a clock %v behind: the second is %s", late, state)
		}
	}
	t.Run("known by then", func(t *testing.T) {
		l := desk(t)
		held, second := alike(t, l, ledger.Held, "Åsa")
		_, first := alike(t, l, ledger.Ready, "Asa")
		claimed(t, l, first, now.Add(time.Hour))
		must(t, l.Resolve(ctx, held, []int{2}, release))
		if state := claimed(t, l, second, now); state != ledger.Sending {
			t.Errorf("the second is %s", state)
		}
	})
	t.Run("a late answer", func(t *testing.T) {
		l := desk(t)
		run, first := alike(t, l, ledger.Ready, "Asa")
		held, second := alike(t, l, ledger.Held, "Åsa")
		request := fmt.Sprint("R", first.ID)
		answer := func(o connect.Outcome) (state ledger.State) {
			done := make(chan error)
			l.Finish(first.ID, request, o, func(s ledger.State, err error) { state = s; done <- err })
			must(t, <-done)
			return state
		}
		claimed(t, l, first, now)
		answer(connect.Outcome{Verdict: connect.InDoubt, Reason: "no answer"})
		now = now.Add(time.Hour)
		must(t, l.Resolve(ctx, run, []int{2}, release))
		must(t, l.Resolve(ctx, held, []int{2}, release))
		if state := answer(connect.Outcome{Verdict: connect.Ordered, Status: 200, Result: connect.CreateOrderResult{OrderID: 1, OrderNumber: "A1"}}); state != ledger.Ordered {
			t.Fatalf("the first is %s", state)
		}
		if state := claimed(t, l, second, now); state != ledger.Held {
			t.Errorf("the second is %s", state)
		}
	})
}

// TestUnseenShared holds a shared ledger to the same, and to what its backup and its older versions have to do with it.
func TestUnseenShared(t *testing.T) {
	cluster := ledgertest.NewCluster(t)
	for name, test := range map[string]func(*testing.T, *hosts){
		"by another host": unseenByAnotherHost, "in a file that is being read": unseenBeforeTheSeal, "made by version 2": sharedMigrates, "in a backup": backupKeepsVerdicts,
	} {
		t.Run(name, func(t *testing.T) {
			test(t, &hosts{t: t, cluster: cluster, address: cluster.Database(), key: filepath.Join(t.TempDir(), "k", "ledger.key")})
		})
	}
}

// unseenByAnotherHost: a verdict and a claim of two hosts count in the order of their commits. The intent is older than the verdict
// that overtakes it.
func unseenByAnotherHost(t *testing.T, h *hosts) {
	ctx := context.Background()
	a, b := h.join(), h.join()
	_, first := alike(t, a, ledger.Ready, "Asa")
	held, second := alike(t, b, ledger.Held, "Åsa")
	intent := time.Now()
	time.Sleep(10 * time.Millisecond)
	must(t, b.Resolve(ctx, held, []int{2}, release))
	if state := claimed(t, a, first, intent); state != ledger.Sending {
		t.Fatalf("the first is %s", state)
	}
	if state := claimed(t, b, second, time.Now()); state != ledger.Held {
		t.Errorf("the second is %s", state)
	}
}

// unseenBeforeTheSeal: nobody sees a row before its file has been read to the end, however early it stands there.
func unseenBeforeTheSeal(t *testing.T, h *hosts) {
	a, b := h.join(), h.join()
	held, second := alike(t, b, ledger.Held, "Åsa")
	_, _, seal := staging(t, a, ledger.Row{State: ledger.Held, MayExist: true}, "Asa")
	must(t, b.Resolve(context.Background(), held, []int{2}, release))
	seal()
	if state := claimed(t, b, second, time.Now()); state != ledger.Held {
		t.Errorf("the second is %s, although the first may exist", state)
	}
}

// sharedMigrates opens a shared ledger as version 2 left it, once no host works by its rules any more.
func sharedMigrates(t *testing.T, h *hosts) {
	ctx := context.Background()
	a := h.join()
	held, second := alike(t, a, ledger.Held, "Åsa")
	_, first := alike(t, a, ledger.Ready, "Asa")
	must(t, a.Resolve(ctx, held, []int{2}, release))
	claimed(t, a, first, time.Now())
	closed, _ := alike(t, a, ledger.Held, "Ada")
	must(t, a.Resolve(ctx, closed, []int{2}, ledger.Verdict{To: ledger.Closed, Reason: "left", By: "eva@hr"}))
	h.cluster.Exec(h.address, `ALTER TABLE orderimport.orders DROP COLUMN since`, `ALTER TABLE orderimport.orders DROP COLUMN bars`,
		`CREATE INDEX orders_closed ON orderimport.orders (fingerprint, occurrence) WHERE state = 'closed' AND request_id IS NOT NULL`, `UPDATE orderimport.facts SET value = '2' WHERE name = 'version'`)

	if _, err := h.open(); err == nil || !strings.Contains(err.Error(), "older version of this program and is open on host") {
		t.Fatalf("beside a host of the old version: %v", err)
	}
	if _, err := ledger.Open(ctx, h.address, ledger.Options{KeyFile: h.key, ReadOnly: true}); err == nil || !strings.Contains(err.Error(), "older version of this program and is open on host") {
		t.Fatalf("to read: %v", err)
	}
	must(t, a.Close())
	reader, err := ledger.Open(ctx, h.address, ledger.Options{KeyFile: h.key, ReadOnly: true})
	must(t, err)
	must(t, reader.Close())
	b := h.join()
	must(t, b.Verify(ctx))
	must(t, b.SetRunState(ctx, held, ledger.RunRunning))
	if state := claimed(t, b, second, time.Now()); state != ledger.Held {
		t.Errorf("the second is %s, although the first was sent after its release", state)
	}
	if _, again := alike(t, b, ledger.Ready, "Ada"); claimed(t, b, again, time.Now()) != ledger.Held {
		t.Error("a row that was closed by the old rules is sent")
	}
	must(t, h.join().Close())
}

// backupKeepsVerdicts: orders refer to verdicts by number, and a server's numbers have gaps.
func backupKeepsVerdicts(t *testing.T, h *hosts) {
	ctx := context.Background()
	a := h.join()
	h.cluster.Exec(h.address, `ALTER SEQUENCE orderimport.verdicts_rowid_seq RESTART WITH 34`)
	other, _ := alike(t, a, ledger.Held, "Åke")
	must(t, a.Resolve(ctx, other, []int{2}, ledger.Verdict{To: ledger.Closed, Reason: "left", By: "eva@hr"}))
	_, first := alike(t, a, ledger.Ready, "Asa")
	held, second := alike(t, a, ledger.Held, "Åsa")
	claimed(t, a, first, time.Now())

	to := filepath.Join(t.TempDir(), "copy.db")
	must(t, a.Backup(ctx, to))
	_, err := ledger.Adopt(ctx, to, ledger.Adoption{By: "eva@hr", Reason: "no server any more"}, ledger.Options{})
	must(t, err)
	l := open(t, to, ledger.Options{Now: func() time.Time { return time.Now().Add(15 * time.Minute) }})
	must(t, l.Resolve(ctx, held, []int{2}, release))
	must(t, l.SetRunState(ctx, held, ledger.RunRunning))
	if state := claimed(t, l, second, time.Now()); state != ledger.Sending {
		t.Errorf("released knowing of the first, the second is %s", state)
	}
}
