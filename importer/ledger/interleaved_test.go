package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/ledger/ledgertest"
)

// TestInterleaved lets hosts that share a ledger do as they like, all at once: stage the same people, send each other's runs, fall silent, lose their
// connection, die between an intent and its answer. A person who knows what was made decides on rows in doubt. Nobody is ordered twice, and
// the ledger says what is true.
func TestInterleaved(t *testing.T) {
	cluster := ledgertest.NewCluster(t)
	for range tier(2, 30, 200) {
		seed := rand.Uint64()
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := &world{t: t, hosts: hosts{t: t, cluster: cluster, address: cluster.Database(), key: filepath.Join(t.TempDir(), "ledger.key")}}
			w.hosts.now = func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }
			w.run(seed)
		})
	}
}

// world is what the API and the people know.
type world struct {
	t     *testing.T
	hosts hosts
	ahead atomic.Int64 // of the clock
	tries atomic.Int64

	mu       sync.Mutex
	rows     map[int64]*wish
	runs     []string
	made     map[person]int
	released map[int]bool // by person's number: somebody said that one more may be sent
	told     int          // rows that a host was told to be ordered
}

type person struct{ number, details int }

// wish is what is known of a row beside the ledger.
type wish struct {
	person
	run      string
	row      int
	underWay int              // attempts that may still be written
	numbers  map[string]int64 // of what the API made
}

func (w *world) run(seed uint64) {
	w.rows, w.made, w.released = map[int64]*wish{}, map[person]int{}, map[int]bool{}
	first := w.hosts.join()
	var all sync.WaitGroup
	ended := make(chan struct{})
	for i := range uint64(3) {
		all.Go(func() { (&actor{world: w, rand: rand.New(rand.NewPCG(seed, i))}).act(60) })
	}
	var chaos sync.WaitGroup
	chaos.Go(func() {
		r := rand.New(rand.NewPCG(seed, 99))
		for {
			select {
			case <-ended:
				return
			case <-time.After(time.Duration(r.IntN(30)) * time.Millisecond):
			}
			switch r.IntN(4) {
			case 0:
				w.hosts.cluster.Exec(w.hosts.address, `UPDATE orderimport.sessions SET seen_at = '-infinity' WHERE id = (SELECT id FROM orderimport.sessions ORDER BY random() LIMIT 1)`)
			case 1:
				w.hosts.cluster.Exec(w.hosts.address, `SELECT pg_terminate_backend(pid) FROM (
					SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY random() LIMIT 1) AS one`)
			default:
				w.decide(first)
			}
		}
	})
	all.Wait()
	close(ended)
	chaos.Wait()
	first.Close()
	w.audit(w.hosts.join())
}

// decide is a person's word on a row in doubt of which nothing is under way any more.
func (w *world) decide(l *ledger.Ledger) {
	ctx := context.Background()
	w.mu.Lock()
	runs := slices.Clone(w.runs)
	w.mu.Unlock()
	for _, run := range runs {
		for row, err := range l.Rows(ctx, run) {
			if err != nil || row.State != ledger.InDoubt {
				continue
			}
			w.mu.Lock()
			o := w.rows[row.ID]
			v := ledger.Verdict{To: ledger.Ready, Reason: "asked the vendor", By: "anna@ho", HostIsDown: true}
			for number, id := range o.numbers {
				v.To, v.OrderNumber, v.OrderID, v.HostIsDown = ledger.Ordered, number, id, false
			}
			if o.underWay > 0 {
				w.mu.Unlock()
				continue
			}
			w.released[o.number] = true
			w.mu.Unlock()
			w.ahead.Add(int64(16 * time.Minute))
			if err := l.Resolve(ctx, run, []int{row.Number}, v); err != nil && !errors.As(err, new(*ledger.RefusedError)) && !errors.As(err, new(*ledger.Error)) {
				w.t.Error(err)
			}
			return
		}
	}
}

// audit holds what the ledger says against what was made.
func (w *world) audit(l *ledger.Ledger) {
	must(w.t, ledgertest.Check(context.Background(), l))
	seen := ledger.Totals{}
	for _, run := range w.runs {
		for row, err := range l.Rows(context.Background(), run) {
			must(w.t, err)
			o := w.rows[row.ID]
			seen[row.State]++
			_, made := o.numbers[row.OrderNumber]
			switch row.State {
			case ledger.Ordered:
				if len(o.numbers) != 1 || !made {
					w.t.Errorf("row %d is ordered as %q, made were %v", row.ID, row.OrderNumber, o.numbers)
				}
			case ledger.InDoubt, ledger.Sending:
			default:
				if len(o.numbers) > 0 {
					w.t.Errorf("row %d is %s, made were %v", row.ID, row.State, o.numbers)
				}
			}
		}
	}
	w.t.Logf("%d runs, %v; %d orders told", len(w.runs), seen, w.told)
}

// actor is one host.
type actor struct {
	*world
	rand *rand.Rand
	l    *ledger.Ledger
	mine []string
}

func (a *actor) act(rounds int) {
	for range rounds {
		if a.l == nil {
			l, err := a.hosts.open()
			if errors.As(err, new(*ledger.Error)) {
				continue // its connection was ended
			}
			if err != nil {
				a.t.Error("open:", err)
				return
			}
			a.l = l
		}
		if err := a.step(context.Background()); errors.As(err, new(*ledger.Error)) {
			a.end() // fenced, or its connection is gone
		} else if err != nil && !errors.As(err, new(*ledger.RefusedError)) {
			a.t.Error(err)
		}
	}
	if a.l != nil {
		_ = a.l.Close()
	}
}

func (a *actor) end() {
	if a.rand.IntN(2) == 0 {
		ledger.Crash(a.l)
	} else {
		_ = a.l.Close()
	}
	a.l, a.mine = nil, nil
}

func (a *actor) step(ctx context.Context) error {
	n := a.rand.IntN(100)
	switch {
	case n < 15 || len(a.mine) == 0 && n < 30:
		return a.stage(ctx)
	case n < 45 || len(a.mine) == 0:
		a.mu.Lock()
		runs := slices.Clone(a.runs)
		a.mu.Unlock()
		if len(runs) == 0 {
			return nil
		}
		run := runs[a.rand.IntN(len(runs))]
		err := a.l.SetRunState(ctx, run, ledger.RunRunning)
		var held *ledger.Error
		if errors.As(err, &held) && held.Hint == "wait until it has ended" {
			return nil
		}
		if err == nil && !slices.Contains(a.mine, run) {
			a.mine = append(a.mine, run)
		}
		return err
	case n < 50:
		run := a.mine[0]
		a.mine = a.mine[1:]
		return a.l.SetRunState(ctx, run, ledger.RunStopped)
	case n < 53:
		a.end()
		return nil
	}
	return a.send(ctx, a.mine[a.rand.IntN(len(a.mine))])
}

func (a *actor) stage(ctx context.Context) error {
	meta := ledger.Run{Host: "https://api.example.se"}
	s, err := a.l.Stage(ctx, meta)
	if err != nil {
		return err
	}
	defer s.Rollback()
	rows := map[int64]*wish{}
	for i := range 1 + a.rand.IntN(4) {
		p := person{1 + a.rand.IntN(25), a.rand.IntN(2)}
		row := ledger.Row{Number: i + 2, State: ledger.Ready, Package: 1001, Customer: "100200", Occurrence: 1, Payload: []byte("{}"),
			Fingerprint: ledger.Fingerprint{byte(p.number), byte(p.details)}, Keys: []ledger.Key{{byte(p.number)}}}
		if err := s.Add(ctx, &row); err != nil {
			return err
		}
		rows[row.ID] = &wish{person: p, run: s.ID(), row: row.Number, numbers: map[string]int64{}}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := s.Commit(ctx, meta); err != nil {
		return err // of unknown end: it is not told to the others
	}
	for id, o := range rows {
		a.rows[id] = o
	}
	a.runs = append(a.runs, s.ID())
	return nil
}

func (a *actor) send(ctx context.Context, run string) error {
	ready, err := a.l.Ready(ctx, run, 0, 8)
	if err != nil || len(ready) == 0 {
		return err
	}
	row := ready[a.rand.IntN(len(ready))]
	a.mu.Lock()
	o := a.rows[row.ID]
	a.mu.Unlock()
	try := a.tries.Add(1)
	request := fmt.Sprint("request-", try)
	a.underWay(o, 1)
	state, err := a.l.Claim(ctx, row.ID, request, a.hosts.now())
	if err != nil || state != ledger.Sending {
		a.underWay(o, -1)
		return err
	}
	time.Sleep(time.Duration(a.rand.IntN(10)) * time.Millisecond)
	outcome := connect.Outcome{Verdict: connect.InDoubt, Reason: "timeout"}
	switch a.rand.IntN(10) {
	case 0:
		outcome = connect.Outcome{Verdict: connect.NotSent, Reason: "stale"}
	case 1:
	case 2:
		a.make(o, try)
	default:
		outcome = ordered(int(try))
		a.make(o, try)
	}
	if a.rand.IntN(10) == 0 { // dies before it has booked the answer
		a.end()
		a.underWay(o, -1)
		return nil
	}
	state, err = answer(a.l, row.ID, request, outcome)
	a.underWay(o, -1)
	if state == ledger.Ordered {
		a.mu.Lock()
		a.told++
		a.mu.Unlock()
	}
	return err
}

func (a *actor) underWay(o *wish, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o.underWay += n
}

// make is the API's part.
func (a *actor) make(o *wish, try int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o.numbers[fmt.Sprint("A3-", try)] = try
	a.made[o.person]++
	both := a.made[person{o.number, 0}] + a.made[person{o.number, 1}]
	if a.made[o.person] > 1 || both > 1 && !a.released[o.number] {
		a.t.Errorf("person %d is ordered %d times, with these details %d", o.number, both, a.made[o.person])
	}
}
