package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
)

// Outcomes are told one at a time, in the order in which they were given, however slow who is told; and Close comes after the last.
func TestTold(t *testing.T) {
	const rows = 8
	ctx := context.Background()
	l, err := ledger.Open(ctx, filepath.Join(t.TempDir(), "l.db"), ledger.Options{})
	must(t, err)
	defer l.Close()
	run := stageRows(t, l, rows)
	must(t, l.SetRunState(ctx, run, ledger.RunRunning))
	ready, err := l.Ready(ctx, run, 0, rows)
	must(t, err)
	request := func(i int) string { return fmt.Sprint("request-", i) }
	for i, row := range ready {
		if state, err := l.Claim(ctx, row.ID, request(i), time.Now()); state != ledger.Sending || err != nil {
			t.Fatal(state, err)
		}
	}
	var telling, told atomic.Int32
	for i, row := range ready {
		l.Finish(row.ID, request(i), connect.Outcome{Verdict: connect.Rejected, Status: 400}, func(state ledger.State, err error) {
			if telling.Add(1) > 1 || int(told.Load()) != i || state != ledger.Rejected || err != nil {
				t.Errorf("outcome %d was told beside another, or as number %d: %s, %v", i, told.Load(), state, err)
			}
			time.Sleep(20 * time.Millisecond) // several commits
			told.Add(1)
			telling.Add(-1)
		})
		time.Sleep(2 * time.Millisecond) // so that not all are of one commit
	}
	must(t, l.Close())
	if n := told.Load(); n != rows {
		t.Errorf("closed when %d of %d outcomes had been told", n, rows)
	}
}

// TestAfterAFailedSync: what was prepared while a sync was under way is not committed when that has failed. The system tells of a failed sync once,
// so the next would succeed over pages that are lost.
func TestAfterAFailedSync(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path, ledger.Options{})
	_, rows := sending(t, l, 2, 0)
	fail := ledger.HoldSync(l)
	var told sync.WaitGroup
	ended := make([]error, len(rows))
	for i, row := range rows {
		told.Go(func() { _, ended[i] = l.Claim(context.Background(), row.ID, fmt.Sprint("request-", i), time.Now()) })
		for range 1000 { // until the first is being synced, and the second is in the transaction behind it
			if ledger.Queued(l) == i {
				break
			}
			time.Sleep(time.Millisecond)
		}
		time.Sleep(20 * time.Millisecond)
	}
	fail()
	told.Wait()
	for i, err := range ended {
		if !errors.As(err, new(*ledger.Error)) {
			t.Errorf("claim %d was told %v", i+1, err)
		}
	}
	ledger.Crash(l)
	l = open(t, path, ledger.Options{})
	if n := l.Recovered(); n > 1 { // the first may be there, or not
		t.Errorf("%d claims are there", n)
	}
}
