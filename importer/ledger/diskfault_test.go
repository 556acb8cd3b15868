package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/ledger/ledgertest"
	"orderimport/importer/submit"
)

// trouble is what a disk does from one of its operations on.
type trouble struct {
	name    string
	err     syscall.Errno
	forever bool
	ballast bool // only writes, and only while there is a ballast: what it frees is enough
}

var troubles = []trouble{
	{name: "one operation fails", err: syscall.EIO},
	{name: "the disk fails", err: syscall.EIO, forever: true},
	{name: "no room once", err: syscall.ENOSPC},
	{name: "no room", err: syscall.ENOSPC, forever: true},
	{name: "no room until the ballast is freed", err: syscall.ENOSPC, forever: true, ballast: true},
}

// arm lets the disk begin its trouble with operation n. It gives a function that reports whether it came to that.
func (tr trouble) arm(d *disk, n int, ballast string) (struck func() bool) {
	var hit atomic.Bool
	count := 0
	d.fail = func(c change) (int, error) {
		count++
		switch {
		case count <= n, count > n+1 && !tr.forever:
			return 0, nil
		case tr.ballast && (c.kind == synced || c.kind == folderSynced || c.kind == looked):
			return 0, nil
		case c.kind == looked && tr.err == syscall.ENOSPC:
			return 0, nil
		case tr.ballast:
			if _, err := os.Stat(ballast); err != nil {
				return 0, nil
			}
		}
		hit.Store(true)
		return len(c.data) / 2, &fs.PathError{Op: "write", Path: "ledger.db", Err: tr.err} // as the library's own file system says it
	}
	return hit.Load
}

// faultBench is a server, a client, and the people ordered so far.
type faultBench struct {
	server *connecttest.Server
	place  connect.Endpoint
	client *connect.Client
	people atomic.Int64
}

func newFaultBench(t *testing.T) *faultBench {
	server, err := connecttest.Start(connecttest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	b := &faultBench{server: server}
	if b.place, err = connect.ParseEndpoint(server.URL()); err != nil {
		t.Fatal(err)
	}
	if b.client, err = connect.NewClient(connect.Config{Endpoint: b.place, Token: connect.NewToken("t"), Reply: 10 * time.Second}); err != nil {
		t.Fatal(err)
	}
	return b
}

const (
	faultRows    = 50
	faultWorkers = 4
)

// told are the events of sendings.
type told struct {
	mu     sync.Mutex
	booked map[int]submit.Event
	lost   map[int]string
}

func (o *told) observe(e submit.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch e.Kind {
	case submit.Booked:
		o.booked[e.Row] = e
	case submit.Lost:
		o.lost[e.Row] = e.Number
	}
}

// stage stores a run of people from the first on, from row 2 on.
func (b *faultBench) stage(l *ledger.Ledger, first int64) (run string, err error) {
	ctx := context.Background()
	meta := ledger.Run{File: "people.csv", Columns: []string{"E-post"}, Endpoint: b.place.URL, Host: b.place.Host, Package: 1001}
	s, err := l.Stage(ctx, meta)
	if err != nil {
		return "", err
	}
	defer s.Rollback()
	for i := range int64(faultRows) {
		email := fmt.Sprintf("asa%d@example.se", first+i)
		payload, err := connect.CreateOrderRequest{PredefinedPackageID: 1001, CustomerNumber: "100200", Data: map[string]string{
			"firstname": "Åsa", "lastname": "Öberg", "email": email, "userGroup1": "IT", "desiredActivationDate": "2026-12-01",
		}}.Encode()
		if err != nil {
			return "", err
		}
		row := ledger.Row{Number: int(i) + 2, State: ledger.Ready, Package: 1001, Customer: "100200", Payload: payload, Occurrence: 1,
			Fingerprint: l.Hasher().Fingerprint(b.place.Host, "100200", 1001, []ledger.Field{{Name: "email", Value: email}})}
		if err := s.Add(ctx, &row); err != nil {
			return "", err
		}
	}
	return s.ID(), s.Commit(ctx, meta)
}

func (b *faultBench) send(l *ledger.Ledger, run string, o *told) error {
	if err := l.SetRunState(context.Background(), run, ledger.RunRunning); err != nil {
		return err
	}
	_, err := submit.Send(context.Background(), submit.Config{Ledger: l, Client: b.client, Run: run, Workers: faultWorkers, StopAfterDoubts: 5, Observe: o.observe})
	return err
}

// numbers of the orders that the server made for the rows of a run.
func (b *faultBench) numbers(first int64) (map[int]string, error) {
	made := map[int]string{}
	for _, o := range b.server.Audit() {
		var person int64
		if _, err := fmt.Sscanf(o.Data["email"], "asa%d@", &person); err != nil {
			return nil, err
		}
		if row := int(person-first) + 2; person >= first && person < first+faultRows {
			if made[row] != "" {
				return nil, fmt.Errorf("row %d was ordered twice", row)
			}
			made[row] = o.OrderNumber
		}
	}
	return made, nil
}

// strike makes a run while its disk gets into trouble at operation n, and then one on a disk that is well again. It reports whether it came to
// trouble.
func (b *faultBench) strike(dir string, tr trouble, n int) (struck bool, err error) {
	d, path, events := newDisk(), filepath.Join(dir, "ledger.db"), &told{booked: map[int]submit.Event{}, lost: map[int]string{}}
	defer d.remove()
	open := func() (*ledger.Ledger, error) {
		return ledger.Open(context.Background(), path, ledger.On(d.name, ledger.Options{}))
	}
	hit := tr.arm(d, n, path+".ballast")
	var run string
	first := b.people.Add(faultRows) - faultRows
	stored, sent := false, false
	l, failure := open()
	if failure == nil {
		if run, failure = b.stage(l, first); failure == nil {
			stored = true
			failure = b.send(l, run, events)
			sent = failure == nil
		}
		l.Close() // its end may fail as well; the next Open shows what that means
	}
	if failure != nil && !errors.As(failure, new(*ledger.Error)) {
		return hit(), fmt.Errorf("error %T: %w", failure, failure)
	}
	d.mu.Lock()
	d.fail = nil
	d.mu.Unlock()

	if l, err = open(); err != nil {
		return hit(), fmt.Errorf("open on a disk that is well again: %w", err)
	}
	defer l.Close()
	if err := ledgertest.Check(context.Background(), l); err != nil {
		return hit(), err
	}
	made, err := b.numbers(first)
	if err != nil {
		return hit(), err
	}
	if !stored && len(made) > 0 {
		return hit(), fmt.Errorf("%d orders of a run that was not stored", len(made))
	}
	doubts := 0
	for row, err := range l.Rows(context.Background(), run) {
		if errors.Is(err, fs.ErrNotExist) && !stored {
			return hit(), nil
		} else if err != nil {
			return hit(), err
		}
		number := made[row.Number]
		switch e, isBooked := events.booked[row.Number]; {
		case isBooked && e.State != row.State:
			return hit(), fmt.Errorf("row %d is %s, and was told to be %s", row.Number, row.State, e.State)
		case row.State == ledger.Ready && number != "":
			return hit(), fmt.Errorf("row %d may be sent again, and was ordered", row.Number)
		case row.State == ledger.Ordered && row.OrderNumber != number:
			return hit(), fmt.Errorf("row %d has number %q, not %q", row.Number, row.OrderNumber, number)
		case row.State == ledger.InDoubt:
			doubts++
			if number != "" && events.lost[row.Number] != number {
				return hit(), fmt.Errorf("row %d: order %s is neither in the ledger nor told", row.Number, number)
			}
		case row.State != ledger.Ordered && row.State != ledger.Ready:
			return hit(), fmt.Errorf("row %d is %s", row.Number, row.State)
		}
	}
	if doubts > faultWorkers || (tr.ballast || sent) && doubts+len(events.lost) > 0 {
		return hit(), fmt.Errorf("%d rows in doubt, %d lost after: %v", doubts, len(events.lost), failure)
	}
	if err := b.send(l, run, events); err != nil {
		return hit(), fmt.Errorf("send on a disk that is well again: %w", err)
	}
	stored2, err := l.Run(context.Background(), run)
	if err != nil {
		return hit(), err
	}
	if stored2.Totals[ledger.Ordered]+doubts != faultRows {
		return hit(), fmt.Errorf("in the end: %v", stored2.Totals)
	}
	_, err = b.numbers(first)
	return hit(), err
}

// TestDiskFaults lets each operation of a run's disk fail, in each of the ways that a disk has. Unless ORDERIMPORT_TEST_LONG is set not all
// pairs of an operation and a way are tried.
func TestDiskFaults(t *testing.T) {
	step, ways := tier(23, 1, 1), tier(1, 2, len(troubles))
	b := newFaultBench(t)
	var next, strikes atomic.Int64
	var over atomic.Bool
	var wg sync.WaitGroup
	for range 2 {
		dir := newPowerDir(t)
		wg.Go(func() {
			for !over.Load() && !t.Failed() {
				i := int(next.Add(1) - 1)
				n := i / ways * step
				tr := troubles[(i/ways+i%ways*2)%len(troubles)]
				struck, err := b.strike(dir, tr, n)
				if err != nil {
					t.Errorf("%s at operation %d: %v", tr.name, n, err)
				}
				if struck {
					strikes.Add(1)
				} else if !tr.ballast && tr.err == syscall.EIO {
					over.Store(true) // the run has no further operation
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d runs on failing disks", strikes.Load())
}
