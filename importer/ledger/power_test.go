package ledger_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/ledger/ledgertest"
)

// tier picks a suite's size: plain go test, ORDERIMPORT_TEST_ALL=1, ORDERIMPORT_TEST_LONG=1.
func tier(plain, all, long int) int {
	switch {
	case underRace:
		return max(1, plain/4)
	case os.Getenv("ORDERIMPORT_TEST_LONG") == "1":
		return long
	case os.Getenv("ORDERIMPORT_TEST_ALL") == "1":
		return all
	}
	return plain
}

// What somebody outside was told, in a disk's history.
type (
	stored  struct{ rows []int }  // Stage.Commit returned
	running struct{ workers int } // a sending begins
	left    struct {              // an order was written to the wire
		row    int
		fate   ledger.State // what its outcome says
		made   bool         // the server made it
		number string
	}
	booked struct { // Finish is done
		row   int
		state ledger.State
	}
	reopened struct{ facts facts } // Open returned, and this is what the ledger tells
)

// order is what is known outside of the ledger about a row.
type order struct {
	told   ledger.State // the ledger's last word
	away   bool         // written to the wire since, the outcome not booked
	fate   ledger.State
	made   int
	number string
}

// facts are all that was told.
type facts struct {
	orders  map[int]*order
	workers int
}

func (f facts) copy() facts {
	next := facts{orders: make(map[int]*order, len(f.orders)), workers: f.workers}
	for row, o := range f.orders {
		c := *o
		next.orders[row] = &c
	}
	return next
}

// hear adds the marks of a history.
func (f *facts) hear(history []change) error {
	for _, c := range history {
		switch m := c.mark.(type) {
		case stored:
			for _, row := range m.rows {
				f.orders[row] = &order{told: ledger.Ready}
			}
		case running:
			f.workers = m.workers
		case left:
			o := f.orders[m.row]
			o.away, o.fate, o.number = true, m.fate, m.number
			if m.made {
				if o.made++; o.made > 1 {
					return fmt.Errorf("row %d was ordered twice", m.row)
				}
			}
		case booked:
			o := f.orders[m.row]
			o.away, o.told = false, m.state
		case reopened:
			*f = m.facts.copy()
		}
	}
	return nil
}

// agree compares the facts with what a ledger tells after it was opened again, and takes over what it tells.
func (f *facts) agree(l *ledger.Ledger) error {
	ctx := context.Background()
	if err := ledgertest.Check(ctx, l); err != nil {
		return err
	}
	runs, err := l.Runs(ctx)
	if err != nil {
		return err
	}
	seen, doubts := 0, 0
	for _, run := range runs {
		for row, err := range l.Rows(ctx, run.ID) {
			if err != nil {
				return err
			}
			o := f.orders[row.Number]
			if o == nil { // stored, but nobody was told yet
				o = &order{told: ledger.Ready}
				f.orders[row.Number] = o
				if row.State != ledger.Ready {
					return fmt.Errorf("row %d is %s, and was never sent", row.Number, row.State)
				}
			}
			seen++
			allowed := []ledger.State{o.told}
			switch {
			case o.away:
				allowed = []ledger.State{ledger.InDoubt, o.fate}
			case o.told == ledger.Ready:
				allowed = []ledger.State{ledger.Ready, ledger.InDoubt}
			}
			if !slices.Contains(allowed, row.State) {
				return fmt.Errorf("row %d is %s (%s) after %+v", row.Number, row.State, row.Reason, *o)
			}
			if row.State == ledger.Ordered && row.OrderNumber != o.number {
				return fmt.Errorf("row %d has number %q, not %q", row.Number, row.OrderNumber, o.number)
			}
			if row.State == ledger.Ready && o.made > 0 {
				return fmt.Errorf("row %d may be sent again, and was ordered", row.Number)
			}
			if row.State == ledger.InDoubt && o.told != ledger.InDoubt && !(o.away && o.fate == ledger.InDoubt) {
				doubts++
			}
			o.told, o.away = row.State, false
		}
	}
	if seen != len(f.orders) {
		return fmt.Errorf("%d rows, but %d were stored", seen, len(f.orders))
	}
	if doubts > f.workers {
		return fmt.Errorf("%d rows in doubt, but %d workers", doubts, f.workers)
	}
	return nil
}

// life is one use of the ledger on a disk. Its workers and the committer take turns as random says: the committer stands still in
// each sync until it is let go, and whoever moves meanwhile is in the next group. So a seed gives one history.
type life struct {
	disk   *disk
	dir    string
	random *rand.Rand
	facts  facts // as the life began
	number *int  // the server's last

	l       *ledger.Ledger
	gated   atomic.Bool
	arrived chan struct{}
	release chan struct{}
	moved   chan moved
	busy    bool // the committer stands in a sync
	group   int  // moves of the commit under way
	next    int  // moves queued behind it
	claims  int  // of them all, those that are claims
	heard   []moved
	flying  []flight
}

// moved is a claim or finish that came back.
type moved struct {
	row     ledger.Row
	request string
	state   ledger.State
	err     error
	claim   bool
}

// flight is an order under way.
type flight struct {
	row     ledger.Row
	request string
	outcome connect.Outcome
}

func newLife(dir string, d *disk, known facts, number *int, random *rand.Rand) *life {
	v := &life{disk: d, dir: dir, random: random, facts: known, number: number, arrived: make(chan struct{}), release: make(chan struct{}), moved: make(chan moved, 64)}
	d.synced = func() {
		if v.gated.Load() {
			v.arrived <- struct{}{}
			<-v.release
		}
	}
	return v
}

func (v *life) open() (err error) {
	v.l, err = ledger.Open(context.Background(), filepath.Join(v.dir, "ledger.db"), ledger.On(v.disk.name, ledger.Options{}))
	return err
}

// close ends the life: in order, or as a process that is killed.
func (v *life) close() error {
	if v.l == nil {
		return nil
	}
	if v.random.IntN(2) == 0 {
		ledger.Crash(v.l)
		return nil
	}
	return v.l.Close()
}

// stage stores a run of rows that no other run has.
func (v *life) stage() error {
	ctx := context.Background()
	run := ledger.Run{File: "people.csv", Host: "https://api.example.se", Endpoint: "https://api.example.se", Package: 1001, Columns: []string{"E-post"}}
	s, err := v.l.Stage(ctx, run)
	if err != nil {
		return err
	}
	first := 0
	for row := range v.facts.orders {
		first = max(first, row)
	}
	for _, c := range v.disk.history {
		if m, ok := c.mark.(stored); ok {
			first = max(first, m.rows[len(m.rows)-1])
		}
	}
	var rows []int
	for range 1 + v.random.IntN(8) {
		first++
		row := ledger.Row{Number: first, State: ledger.Ready, Package: 1001, Customer: "100200", Occurrence: 1, Fingerprint: ledger.Fingerprint{byte(first), 1},
			Payload: fmt.Appendf(nil, `{"data":{"email":"asa%d@example.se","note":%q}}`, first, strings.Repeat("x", v.random.IntN(600))), Keys: []ledger.Key{{byte(first), 2}}}
		if err := s.Add(ctx, &row); err != nil {
			return err
		}
		rows = append(rows, first)
	}
	if err := s.Commit(ctx, run); err != nil {
		return err
	}
	v.disk.mark(stored{rows})
	return nil
}

// send sends rows of a run as workers do: claim, write, book, and the next row while the outcome waits in the queue.
func (v *life) send(run string, rows []ledger.Row) error {
	if err := v.l.SetRunState(context.Background(), run, ledger.RunRunning); err != nil {
		return err
	}
	workers := 1 + v.random.IntN(4)
	v.disk.mark(running{workers})
	v.gated.Store(true)
	for {
		var able []func() error
		if v.busy {
			able = append(able, v.goOn)
		}
		if len(rows) > 0 && v.claims+len(v.flying) < workers {
			able = append(able, func() error {
				row := rows[0]
				rows = rows[1:]
				return v.claim(row)
			})
		}
		if len(v.flying) > 0 {
			able = append(able, v.land)
		}
		if len(able) == 0 {
			break
		}
		if err := able[v.random.IntN(len(able))](); err != nil {
			return err
		}
	}
	v.gated.Store(false)
	return v.l.SetRunState(context.Background(), run, ledger.RunStopped)
}

// goOn lets the committer out of its sync.
func (v *life) goOn() error {
	v.busy = false
	v.release <- struct{}{}
	return v.settle()
}

// claim lets a worker claim a row.
func (v *life) claim(row ledger.Row) error {
	v.claims++
	*v.number++
	request := fmt.Sprintf("request-%d", *v.number)
	return v.move(func() {
		state, err := v.l.Claim(context.Background(), row.ID, request, time.Now())
		v.moved <- moved{row: row, request: request, state: state, err: err, claim: true}
	})
}

// land lets the answer to an order arrive.
func (v *life) land() error {
	i := v.random.IntN(len(v.flying))
	f := v.flying[i]
	v.flying = slices.Delete(v.flying, i, i+1)
	return v.move(func() {
		v.l.Finish(f.row.ID, f.request, f.outcome, func(state ledger.State, err error) {
			if err == nil {
				v.disk.mark(booked{f.row.Number, state})
			}
			v.moved <- moved{row: f.row, state: state, err: err}
		})
	})
}

// move starts a claim or finish and waits until it is in the committer's queue, or has come as far as it can.
func (v *life) move(f func()) error {
	before := ledger.Queued(v.l)
	go f()
	if !v.busy {
		v.group++
		return v.settle()
	}
	v.next++
	for ledger.Queued(v.l) == before {
		runtime.Gosched()
	}
	return nil
}

// settle waits until the committer stands in a sync, or has nothing to do.
func (v *life) settle() error {
	for v.group > 0 {
		select {
		case m := <-v.moved:
			v.heard = append(v.heard, m)
		case <-v.arrived:
			v.busy = true
			if v.next == 0 || ledger.Queued(v.l) > 0 {
				return nil // still the same group
			}
			for len(v.heard) < v.group {
				v.heard = append(v.heard, <-v.moved)
			}
		}
		if len(v.heard) == v.group {
			v.group, v.next = v.next, 0
			if err := v.hear(); err != nil || v.busy {
				return err
			}
		}
	}
	return nil
}

// hear takes in how the moves of a group ended. An order that may leave does so.
func (v *life) hear() error {
	slices.SortFunc(v.heard, func(a, b moved) int { return cmp.Compare(a.row.Number, b.row.Number) })
	for _, m := range v.heard {
		if m.err != nil {
			return m.err
		}
		if !m.claim {
			continue
		}
		v.claims--
		if m.state != ledger.Sending {
			return fmt.Errorf("row %d: claimed as %s", m.row.Number, m.state)
		}
		v.write(m)
	}
	v.heard = v.heard[:0]
	return nil
}

// write sends an order to the server, which does with it what random says.
func (v *life) write(m moved) {
	f := flight{row: m.row, request: m.request}
	told := left{row: m.row.Number}
	switch v.random.IntN(8) {
	case 0:
		f.outcome, told.fate = connect.Outcome{Verdict: connect.Rejected, Status: 400, Reason: "http-400", Message: "lastname: saknas"}, ledger.Rejected
	case 1:
		f.outcome, told.fate = connect.Outcome{Verdict: connect.NotSent, Status: 429, Reason: "http-429"}, ledger.Ready
	case 2:
		f.outcome, told.fate, told.made = connect.Outcome{Verdict: connect.InDoubt, Reason: "timeout"}, ledger.InDoubt, v.random.IntN(2) == 0
	default:
		told.fate, told.made, told.number = ledger.Ordered, true, fmt.Sprintf("A3-%07d", *v.number)
		f.outcome = connect.Outcome{Verdict: connect.Ordered, Status: 200, Result: connect.CreateOrderResult{OrderID: int64(*v.number), OrderNumber: told.number}}
	}
	*v.number++
	v.disk.mark(told)
	v.flying = append(v.flying, f)
}

// sendAll sends what is ready of every run.
func (v *life) sendAll() error {
	runs, err := v.l.Runs(context.Background())
	if err != nil {
		return err
	}
	for _, run := range runs {
		ready, err := v.l.Ready(context.Background(), run.ID, 0, 100)
		if err != nil {
			return err
		}
		if len(ready) > 0 {
			if err := v.send(run.ID, ready[:1+v.random.IntN(len(ready))]); err != nil {
				return err
			}
		}
	}
	return nil
}

// work is what a person does with a ledger in a few days: stage, send, stop, look, go on.
func (v *life) work() error {
	for range 1 + v.random.IntN(3) {
		if err := v.open(); err != nil {
			return err
		}
		// Logs in production are copied back rarely; here also within a few commits.
		if pages := v.random.IntN(3) * 4; pages > 0 {
			ledger.CopyAt(v.l, int64(pages)*4096)
		}
		for range v.random.IntN(3) {
			if err := v.stage(); err != nil {
				return err
			}
			if v.random.IntN(4) > 0 {
				if err := v.sendAll(); err != nil {
					return err
				}
			}
		}
		if err := v.close(); err != nil {
			return err
		}
	}
	return nil
}

// moment is after how many changes of a history, at least since, a life ends: any, or one between the syncs before and after a
// sync: one of a kind where there is one, else each kind is as likely as the others.
func moment(d *disk, since int, random *rand.Rand, kind syncKind) int {
	syncs, at := []int{since}, map[syncKind][]int{}
	for n, c := range d.history[since:] {
		if c.sync != "" {
			at[c.sync] = append(at[c.sync], len(syncs))
			syncs = append(syncs, since+n)
		}
	}
	syncs = append(syncs, len(d.history))
	if len(at) == 0 || len(at[kind]) == 0 && random.IntN(3) == 0 {
		return since + random.IntN(len(d.history)-since+1)
	}
	near := at[kind]
	if len(near) == 0 {
		near = at[slices.Sorted(maps.Keys(at))[random.IntN(len(at))]]
	}
	i := near[random.IntN(len(near))]
	if random.IntN(2) == 0 {
		return syncs[i+1] // the most is unsafe just before the next one
	}
	return syncs[i-1] + random.IntN(syncs[i+1]-syncs[i-1]+1)
}

// storing are the moments, at least since, when a run is written and not safe. What is killed there leaves it so to the next process.
func (d *disk) storing(since int) (moments []int) {
	last := -1
	for n, c := range d.history {
		switch c.mark.(type) {
		case nil:
			if c.sync == syncCommit {
				last = n
			}
		case stored:
			if last >= since {
				moments = append(moments, last)
			}
		}
	}
	return moments
}

// powerLoss is one seed: a ledger is used, its power goes or its process is killed at a random moment, and again in the life after that, which begins with the
// recovery; each time what the ledger then tells is compared with what was told outside.
func powerLoss(dir string, seed uint64, ignored syncKind) error {
	random := rand.New(rand.NewPCG(seed, 0))
	d, known, number := newDisk(), facts{orders: map[int]*order{}}, 0
	defer func() { d.remove() }()
	if err := newLife(dir, d, known.copy(), &number, random).work(); err != nil {
		return fmt.Errorf("a life without a fault: %w", err)
	}
	if err := d.copied(); err != nil {
		return err
	}
	since := 0
	for range 2 + random.IntN(2) {
		n, kill := moment(d, since, random, ignored), random.IntN(3) == 0
		if storing := d.storing(since); kill && len(storing) > 0 && random.IntN(2) == 0 {
			n = storing[random.IntN(len(storing))]
		}
		if err := known.hear(d.history[since:n]); err != nil {
			return err
		}
		var next *disk
		if kill {
			next = d.killed(n)
		} else {
			next = d.after(n, random, ignored)
		}
		since = len(next.history)
		fail := func(err error) error {
			return fmt.Errorf("after change %d of %d (killed: %v): %w\n%s", n, len(d.history), kill, err, d.story(max(0, n-12), n))
		}
		v := newLife(dir, next, known.copy(), &number, random)
		if err := v.open(); err != nil {
			next.remove()
			return fail(err)
		}
		err := v.facts.agree(v.l)
		next.mark(reopened{v.facts.copy()})
		if err == nil && random.IntN(4) == 0 {
			err = v.sendAll()
		}
		if err = errors.Join(err, v.close()); err == nil {
			err = next.copied()
		}
		if err != nil {
			next.remove()
			return fail(err)
		}
		d.remove()
		d = next
	}
	return nil
}

// newPowerDir is a folder for ledgers with a key of their own, so that a seed's fingerprints are the same each time.
func newPowerDir(t *testing.T) string {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "ledger.db.key"), []byte(strings.Repeat("ab", 32)), 0o600))
	return dir
}

// TestPowerLoss cuts the power under the real ledger. ORDERIMPORT_SEED=N runs one seed alone.
func TestPowerLoss(t *testing.T) {
	if text := os.Getenv("ORDERIMPORT_SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err == nil {
			err = powerLoss(newPowerDir(t), seed, "")
		}
		if err != nil {
			t.Fatalf("seed %s: %v", text, err)
		}
		return
	}
	first, seeds := uint64(time.Now().UnixNano()), tier(150, 1000, 100_000)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 2 {
		dir := newPowerDir(t)
		wg.Go(func() {
			for !t.Failed() {
				i := next.Add(1) - 1
				if i >= int64(seeds) {
					return
				}
				if err := powerLoss(dir, first+uint64(i), ""); err != nil {
					t.Errorf("ORDERIMPORT_SEED=%d: %v", first+uint64(i), err)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d seeds from %d", seeds, first)
}

// TestEverySyncCounts takes the syncs of one kind away: the seeds must notice, or the sync, or the test, is worth nothing.
func TestEverySyncCounts(t *testing.T) {
	for kind, rare := range map[syncKind]bool{
		syncNewDatabase: false, syncNewFolder: false, syncJournal: false, syncCommit: false, syncDatabase: false,
		syncLogHeader: true, // one seed in a thousand or two tells
	} {
		if rare && (underRace || os.Getenv("ORDERIMPORT_TEST_LONG") != "1") {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			const most = 30_000
			dir, first := newPowerDir(t), uint64(time.Now().UnixNano())
			for i := range uint64(most) {
				if err := powerLoss(dir, first+i, kind); err != nil {
					t.Logf("noticed by seed %d, the %dth: %v", first+i, i+1, err)
					return
				}
			}
			t.Errorf("%d seeds from %d notice nothing", most, first)
		})
	}
}

// TestSeedsRepeat: a seed that fails can be run again.
func TestSeedsRepeat(t *testing.T) {
	dir := newPowerDir(t)
	for seed := range uint64(4) {
		var first string
		for range 2 {
			d, number := newDisk(), 0
			must(t, newLife(dir, d, facts{orders: map[int]*order{}}, &number, rand.New(rand.NewPCG(seed, 0))).work())
			d.remove()
			d.history = slices.DeleteFunc(d.history, func(c change) bool { return c.kind == marked }) // heard a moment sooner or later
			story := d.story(0, len(d.history))
			if first != "" && story != first {
				t.Errorf("seed %d has two histories", seed)
			}
			first = story
		}
	}
}
