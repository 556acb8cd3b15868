package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/ledger/ledgertest"
)

// TestPostgreSQL holds the shared ledger to what a file's keeps, and to what only hosts that share one need.
func TestPostgreSQL(t *testing.T) {
	cluster := ledgertest.NewCluster(t)
	ledgertest.Exercise(t, func(t *testing.T) ledgertest.Store {
		address, key := cluster.Database(), filepath.Join(t.TempDir(), "ledger.key")
		return ledgertest.Store{
			Open: func(opt ledger.Options) (*ledger.Ledger, error) {
				opt.KeyFile = key
				return ledger.Open(context.Background(), address, opt)
			},
			Shared:     true,
			Crash:      ledger.Crash,
			FailCommit: ledger.FailCommit,
		}
	})
	for name, test := range map[string]func(*testing.T, *hosts){
		"one host sends a run":                  oneHost,
		"a silent host loses its run":           silentHost,
		"a host that has ended leaves at once":  endedHost,
		"the key is one for all hosts":          oneKey,
		"a copy is refused until it is adopted": copiedDatabase,
		"the pace is one for all hosts":         onePace,
		"a backup is a file":                    sharedBackup,
		"who is erased is in no row":            sharedErase,
		"an outage ends the sending":            outage,
		"a server that hangs ends it too":       hungServer,
		"clocks that differ":                    otherClocks,
		"addresses":                             addresses,
	} {
		t.Run(name, func(t *testing.T) {
			test(t, &hosts{t: t, cluster: cluster, address: cluster.Database(), key: filepath.Join(t.TempDir(), "k", "ledger.key")})
		})
	}
}

// hosts share one ledger.
type hosts struct {
	t       *testing.T
	cluster *ledgertest.Cluster
	address string
	key     string
	now     func() time.Time
}

const shortLease = time.Second

func (h *hosts) open() (*ledger.Ledger, error) {
	return ledger.Open(context.Background(), h.address, ledger.Leased(shortLease, ledger.Options{KeyFile: h.key, Now: h.now}))
}

func (h *hosts) join() *ledger.Ledger {
	h.t.Helper()
	l, err := h.open()
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { l.Close() })
	return l
}

// sending stages a run of n rows and claims the first ones.
func sending(t *testing.T, l *ledger.Ledger, n, claims int) (run string, rows []ledger.Row) {
	t.Helper()
	ctx := context.Background()
	run = stageRows(t, l, n)
	if err := l.SetRunState(ctx, run, ledger.RunRunning); err != nil {
		t.Fatal(err)
	}
	rows, err := l.Ready(ctx, run, 0, n)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[:claims] {
		if state, err := l.Claim(ctx, row.ID, fmt.Sprint("request-", row.Number), time.Now()); err != nil || state != ledger.Sending {
			t.Fatal(state, err)
		}
	}
	return run, rows
}

func ordered(n int) connect.Outcome {
	return connect.Outcome{Verdict: connect.Ordered, Status: 200, Result: connect.CreateOrderResult{OrderID: int64(n), OrderNumber: fmt.Sprint("A3-", n)}}
}

// finish books the outcome of what sending has claimed.
func finish(l *ledger.Ledger, row ledger.Row, o connect.Outcome) (ledger.State, error) {
	return answer(l, row.ID, fmt.Sprint("request-", row.Number), o)
}

// answer books the outcome of an attempt and waits for it.
func answer(l *ledger.Ledger, row int64, request string, o connect.Outcome) (state ledger.State, err error) {
	done := make(chan struct{})
	l.Finish(row, request, o, func(s ledger.State, e error) { state, err = s, e; close(done) })
	<-done
	return state, err
}

func wantError(t *testing.T, err error, text string) {
	t.Helper()
	var refusal *ledger.Error
	if !errors.As(err, &refusal) || !strings.Contains(refusal.Text, text) {
		t.Errorf("error %v, want one with %q", err, text)
	}
}

func wantTotals(t *testing.T, l *ledger.Ledger, run string, state ledger.RunState, want ledger.Totals) {
	t.Helper()
	r, err := l.Run(context.Background(), run)
	if err != nil {
		t.Fatal(err)
	}
	if r.State != state || fmt.Sprint(r.Totals) != fmt.Sprint(want) {
		t.Errorf("run is %s with %v, want %s with %v", r.State, r.Totals, state, want)
	}
}

func oneHost(t *testing.T, h *hosts) {
	a, b := h.join(), h.join()
	run, _ := sending(t, a, 3, 1)
	wantError(t, b.SetRunState(context.Background(), run, ledger.RunRunning), "is being sent by host")
	wantError(t, b.SetRunState(context.Background(), run, ledger.RunStopped), "is being sent by host")
	wantTotals(t, b, run, ledger.RunRunning, ledger.Totals{ledger.Sending: 1, ledger.Ready: 2})
	if err := b.Verify(context.Background()); err != nil {
		t.Error(err)
	}
}

func silentHost(t *testing.T, h *hosts) {
	ctx := context.Background()
	var ahead time.Duration
	h.now = func() time.Time { return time.Now().Add(ahead) }
	a := h.join()
	run, rows := sending(t, a, 5, 3)
	b := h.join()
	ledger.Silence(a)
	time.Sleep(shortLease + 200*time.Millisecond)
	wantTotals(t, b, run, ledger.RunStopped, ledger.Totals{ledger.Sending: 3, ledger.Ready: 2})
	if err := b.SetRunState(ctx, run, ledger.RunRunning); err != nil {
		t.Fatal(err)
	}
	wantTotals(t, b, run, ledger.RunRunning, ledger.Totals{ledger.InDoubt: 3, ledger.Ready: 2})
	for row, err := range b.Rows(ctx, run) {
		if err != nil {
			t.Fatal(err)
		}
		if row.State == ledger.InDoubt && row.Reason != ledger.ReasonHostSilent {
			t.Errorf("row %d: %s", row.Number, row.Reason)
		}
	}

	// The one that wakes may send nothing more, but what it still hears counts.
	_, err := a.Claim(ctx, rows[3].ID, "late", time.Now())
	wantError(t, err, "was silent for more than")
	if state, err := finish(a, rows[0], ordered(1)); state != ledger.Ordered || err != nil {
		t.Errorf("a late answer: %s, %v", state, err)
	}
	if state, err := finish(a, rows[1], connect.Outcome{Verdict: connect.NotSent, Reason: "stale"}); state != ledger.Ready || err != nil {
		t.Errorf("a late proof: %s, %v", state, err)
	}
	wantError(t, a.SetRunState(ctx, run, ledger.RunStopped), "was silent for more than")
	if state, err := b.Claim(ctx, rows[3].ID, "request-b", time.Now()); state != ledger.Sending || err != nil {
		t.Errorf("the other's claim: %s, %v", state, err)
	}

	// A person sends a row again only who says that its host is down.
	ahead = 16 * time.Minute
	verdict := ledger.Verdict{To: ledger.Ready, Reason: "the vendor has no such order", By: "anna@ho"}
	var refused *ledger.RefusedError
	if err := b.Resolve(ctx, run, []int{rows[2].Number}, verdict); !errors.As(err, &refused) || !strings.Contains(refused.Text, "--host-is-down") {
		t.Errorf("resolved: %v", err)
	}
	verdict.HostIsDown = true
	if err := b.Resolve(ctx, run, []int{rows[2].Number}, verdict); err != nil {
		t.Error(err)
	}
	wantTotals(t, b, run, ledger.RunRunning, ledger.Totals{ledger.Ordered: 1, ledger.Sending: 1, ledger.Ready: 3})
	if err := b.Verify(ctx); err != nil {
		t.Error(err)
	}
}

func endedHost(t *testing.T, h *hosts) {
	a := h.join()
	run, _ := sending(t, a, 3, 2)
	ledger.Crash(a)
	b := h.join()
	if b.Recovered() != 2 {
		t.Errorf("recovered %d", b.Recovered())
	}
	wantTotals(t, b, run, ledger.RunStopped, ledger.Totals{ledger.InDoubt: 2, ledger.Ready: 1})
}

func oneKey(t *testing.T, h *hosts) {
	a := h.join()
	h.key = filepath.Join(t.TempDir(), "other.key")
	_, err := h.open()
	wantError(t, err, "is missing")
	_, err = ledger.Open(context.Background(), h.address, ledger.Options{KeyFile: h.key, ReadOnly: true})
	if wantError(t, err, "is missing"); errors.Is(err, fs.ErrNotExist) {
		t.Error("a ledger whose key is missing is told as one that is not there")
	}
	h.key = filepath.Join(t.TempDir(), "third.key")
	other := hosts{t: t, address: h.cluster.Database(), key: h.key}
	other.join()
	_, err = h.open()
	wantError(t, err, "belongs to another ledger")
	if a.Recovered() != 0 {
		t.Error("recovered")
	}
}

func copiedDatabase(t *testing.T, h *hosts) {
	a := h.join()
	run, _ := sending(t, a, 3, 1)
	a.Close()
	h.address = h.cluster.Copy(h.address)
	_, err := h.open()
	wantError(t, err, "is a copy")
	reading, err := ledger.Open(context.Background(), h.address, ledger.Options{KeyFile: h.key, ReadOnly: true})
	if err != nil {
		t.Fatal("a copy can be read:", err)
	}
	reading.Close()
	held, err := ledger.Adopt(context.Background(), h.address, ledger.Adoption{By: "anna@ho", Reason: "the server was lost"}, ledger.Options{KeyFile: h.key})
	if held != 2 || err != nil {
		t.Errorf("held %d, %v", held, err)
	}
	wantTotals(t, h.join(), run, ledger.RunStopped, ledger.Totals{ledger.InDoubt: 1, ledger.Held: 2})
}

// onePace asks for slots from four hosts at once: they are as far apart as they must be, and a pause of one is a pause of all.
func onePace(t *testing.T, h *hosts) {
	ctx := context.Background()
	const every = 10 * time.Millisecond
	var mu sync.Mutex
	var slots []time.Duration // from one moment, by their hosts' clock, which here is one
	began := time.Now()
	var all sync.WaitGroup
	var first *ledger.Pace
	for range 4 {
		pace := h.join().Pace("https://api.example.se")
		first = pace
		for range 16 {
			all.Go(func() {
				for range 2 {
					asked := time.Since(began)
					wait, paused, err := pace.Slot(ctx, every)
					if err != nil || paused != 0 {
						t.Error(paused, err)
						return
					}
					mu.Lock()
					slots = append(slots, asked+wait)
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	last := slots[0]
	for _, s := range slots {
		last = max(last, s)
	}
	if last < 127*every {
		t.Errorf("128 slots in %s", last)
	}
	if wait, paused, err := h.join().Pace("https://other.example.se").Slot(ctx, every); wait != 0 || paused != 0 || err != nil {
		t.Errorf("another API: %s, %s, %v", wait, paused, err)
	}
	// A server takes a hundred connections, as it is delivered.
	if n := h.cluster.Connections(h.address); n > 4*8 {
		t.Errorf("%d connections of four hosts", n)
	}
	// The server's clock was put back by an hour.
	l := h.join()
	must(t, ledger.Exec(l, `UPDATE pace SET last_at = last_at + interval '1 hour'`))
	if wait, _, err := first.Slot(ctx, every); wait > time.Minute || err != nil {
		t.Errorf("a slot after the clock was put back: %s, %v", wait, err)
	}
	if err := first.Pause(ctx, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := first.Pause(ctx, time.Second); err != nil {
		t.Fatal(err)
	}
	pace := h.join().Pace("https://api.example.se")
	if left, err := pace.Paused(ctx); left < 50*time.Second || left > time.Minute || err != nil {
		t.Errorf("paused for %s, %v", left, err)
	}
	if _, paused, err := pace.Slot(ctx, every); paused < 50*time.Second || err != nil {
		t.Errorf("a slot while paused: %s, %v", paused, err)
	}
}

func sharedBackup(t *testing.T, h *hosts) {
	ctx := context.Background()
	a := h.join()
	run, rows := sending(t, a, 4, 2)
	if _, err := finish(a, rows[0], ordered(1)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "backup.db")
	if err := a.Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	_, err := ledger.Open(ctx, path, ledger.Options{})
	wantError(t, err, "is a backup of")
	if held, err := ledger.Adopt(ctx, path, ledger.Adoption{By: "anna@ho", Reason: "the server was lost"}, ledger.Options{}); held != 2 || err != nil {
		t.Fatal(held, err)
	}
	file := open(t, path, ledger.Options{})
	defer file.Close()
	wantTotals(t, file, run, ledger.RunStopped, ledger.Totals{ledger.Ordered: 1, ledger.InDoubt: 1, ledger.Held: 2})
	if err := file.Verify(ctx); err != nil {
		t.Error(err)
	}
	old, err := a.Run(ctx, run)
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range a.Rows(ctx, run) {
		if err != nil {
			t.Fatal(err)
		}
		twins, err := file.Twins(ctx, row.Fingerprint, row.Occurrence, nil)
		if err != nil || len(twins) != 1 { // what was ready may have been ordered since
			t.Errorf("row %d of run %s (%s) has twins %v in the backup, %v", row.Number, old.ID, row.State, twins, err)
		}
	}
}

func sharedErase(t *testing.T, h *hosts) {
	ctx := context.Background()
	a := h.join()
	const canary = "anna@example.se"
	run := stagePeople(t, a, someone{"4711", canary, "", "", ledger.Ready, connect.NotSent}, someone{"4712", "bo@example.se", "", "", ledger.Ready, connect.NotSent})
	if found := h.cluster.Search(h.address, canary); len(found) == 0 {
		t.Fatal("the person is nowhere to begin with")
	}
	erased, err := a.Erase(ctx, canary, "anna@ho")
	if err != nil || len(erased) != 1 {
		t.Fatal(erased, err)
	}
	if found := h.cluster.Search(h.address, canary); len(found) > 0 {
		t.Errorf("still in %v", found)
	}
	wantTotals(t, a, run, ledger.RunStopped, ledger.Totals{ledger.Closed: 1, ledger.Ready: 1})

	other := stagePeople(t, a, someone{"4713", "cia@example.se", "", "", ledger.Ready, connect.Ordered})
	later := time.Now().Add(time.Hour)
	if p, err := a.Purgeable(ctx, later); err != nil || p.Rows != 1 || p.Open != 1 || p.Last.IsZero() {
		t.Errorf("purgeable %+v, %v", p, err)
	}
	if n, err := a.Purge(ctx, later, "anna@ho"); n != 1 || err != nil {
		t.Errorf("purged %d, %v", n, err)
	}
	if found := h.cluster.Search(h.address, "cia@example.se"); len(found) > 0 {
		t.Errorf("still in %v", found)
	}
	wantTotals(t, a, other, ledger.RunStopped, ledger.Totals{ledger.Ordered: 1})
	if err := a.Verify(ctx); err != nil {
		t.Error(err)
	}
}

// outage ends the server as a power failure would, with rows in flight: what was told stays, what is not known is in doubt.
func outage(t *testing.T, h *hosts) {
	ctx := context.Background()
	h.cluster = ledgertest.NewCluster(t) // small, so that it is up again soon
	h.address = h.cluster.Database()
	a := h.join()
	const n, workers = 200, 4
	run, rows := sending(t, a, n, 0)
	next := make(chan ledger.Row)
	var mu sync.Mutex
	told := map[int]ledger.State{}
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for row := range next {
				state, err := a.Claim(ctx, row.ID, fmt.Sprint("request-", row.Number), time.Now())
				if err != nil {
					return
				}
				mu.Lock()
				told[row.Number] = state
				mu.Unlock()
				if state, err = finish(a, row, ordered(row.Number)); err != nil {
					return
				}
				mu.Lock()
				told[row.Number] = state
				mu.Unlock()
			}
		})
	}
	ended := make(chan struct{})
	go func() { all.Wait(); close(ended) }()
feed:
	for i, row := range rows {
		if i == n/2 {
			h.cluster.Stop("immediate")
		}
		select {
		case next <- row:
		case <-ended:
			break feed
		}
	}
	close(next)
	<-ended
	h.cluster.Start()
	_, err := a.Claim(ctx, rows[n-1].ID, "after", time.Now())
	wantError(t, err, "server")
	a.Close()
	b := h.join()
	seen := ledger.Totals{}
	for row, err := range b.Rows(ctx, run) {
		if err != nil {
			t.Fatal(err)
		}
		seen[row.State]++
		switch told[row.Number] {
		case ledger.Ordered:
			if row.State != ledger.Ordered {
				t.Errorf("row %d was told ordered and is %s", row.Number, row.State)
			}
		case ledger.Sending:
			if row.State != ledger.InDoubt && row.State != ledger.Ordered {
				t.Errorf("row %d was being sent and is %s", row.Number, row.State)
			}
		}
	}
	if seen.Rows() != n || seen[ledger.InDoubt] > workers || seen[ledger.Ordered] < n/2-workers {
		t.Errorf("after the outage: %v", seen)
	}
	if err := b.Verify(ctx); err != nil {
		t.Error(err)
	}
}

func addresses(t *testing.T, h *hosts) {
	for _, test := range []struct{ address, key, text string }{
		{"postgres://anna:secret@db.example.se/ledger", h.key, "is not verified"},
		{"postgres://anna:secret@db.example.se/ledger?sslmode=require", h.key, "is not verified"},
		{"postgres://anna:secret@db.example.se:x/ledger", h.key, "is not an address"},
		{"postgres://anna:secret@127.0.0.1:1/ledger", h.key, "cannot be reached"},
		{strings.Replace(h.address, "/ledger", "/none", 1), h.key, "no such database"},
		{h.address, "", "needs a key file"},
	} {
		_, err := ledger.Open(context.Background(), test.address, ledger.Options{KeyFile: test.key})
		wantError(t, err, test.text)
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%v tells the password", err)
		}
	}
}

// otherClocks: a row that was sent a moment ago is not released by a host whose clock is ahead of the sender's.
func otherClocks(t *testing.T, h *hosts) {
	ctx := context.Background()
	a := h.join()
	ledger.Behind(a, time.Hour)
	run := stageRows(t, a, 1)
	must(t, a.SetRunState(ctx, run, ledger.RunRunning))
	rows, err := a.Ready(ctx, run, 0, 1)
	must(t, err)
	_, err = a.Claim(ctx, rows[0].ID, "request-2", time.Now().Add(-time.Hour))
	must(t, err)
	ledger.Crash(a)
	b := h.join()
	var refused *ledger.RefusedError
	err = b.Resolve(ctx, run, []int{2}, ledger.Verdict{To: ledger.Ready, Reason: "its host burnt down", By: "anna@ho", HostIsDown: true})
	if !errors.As(err, &refused) || !strings.Contains(refused.Text, "15 minutes") {
		t.Errorf("error %v, want a refusal", err)
	}
	for row, err := range b.Rows(ctx, run) {
		if must(t, err); time.Since(row.SentAt).Abs() > time.Minute {
			t.Errorf("sent at %s", row.SentAt)
		}
	}
}

// hungServer: a server that holds its connections and says nothing is no host that writes for long. Nobody waits for it longer than the lease and
// a few beats, and what was booked before stays so.
func hungServer(t *testing.T, h *hosts) {
	ctx := context.Background()
	behind := h.address[strings.Index(h.address, "@")+1 : strings.LastIndex(h.address, "/")]
	front, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hung := make(chan struct{})
	var pumps sync.WaitGroup
	var mu sync.Mutex
	var ends []net.Conn
	cut := func() {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range ends {
			c.Close()
		}
	}
	defer pumps.Wait()
	defer cut()
	defer front.Close()
	pump := func(to, from net.Conn) {
		defer to.Close()
		buf := make([]byte, 1<<16)
		for {
			n, err := from.Read(buf)
			if err != nil {
				return
			}
			select {
			case <-hung: // what comes is taken and goes nowhere
			default:
				if _, err := to.Write(buf[:n]); err != nil {
					return
				}
			}
		}
	}
	pumps.Go(func() {
		for {
			client, err := front.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", behind)
			if err != nil {
				client.Close()
				continue
			}
			mu.Lock()
			ends = append(ends, client, server)
			mu.Unlock()
			pumps.Go(func() { pump(server, client) })
			pumps.Go(func() { pump(client, server) })
		}
	})
	there := h.address
	h.address = strings.Replace(there, behind, front.Addr().String(), 1)
	a := h.join()
	run, rows := sending(t, a, 4, 2)
	close(hung)
	told := make(chan error, 2)
	a.Finish(rows[0].ID, "request-2", ordered(1), func(_ ledger.State, err error) { told <- err })
	go func() {
		_, err := a.Claim(ctx, rows[2].ID, "request-4", time.Now())
		told <- err
	}()
	for range 2 {
		select {
		case err := <-told:
			wantError(t, err, "its server does not answer")
		case <-time.After(20 * shortLease):
			t.Fatal("still waiting")
		}
	}
	cut()
	a.Close()

	h.address = there
	b := h.join()
	wantTotals(t, b, run, ledger.RunStopped, ledger.Totals{ledger.InDoubt: 2, ledger.Ready: 2})
}
