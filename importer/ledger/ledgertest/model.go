package ledgertest

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"orderimport/importer/ledger"
)

// modelRow is what the model knows of a row: the rules of identity, as plainly as they can be said.
type modelRow struct {
	run        string
	number     int
	id         int64
	state      ledger.State
	content    byte
	occurrence int
	keys       []byte
	override   bool
	request    string
	sent       time.Time
	staged     time.Time
	since      int       // verdicts, when it took its identity
	released   int       // the verdict that did so; all are numbered from 1
	bars       int       // held or closed: 1 equal rows, 2 those with one of its keys too
	twin       *modelRow // that it is held for
}

// life is the model beside the real thing.
type life struct {
	*fixture
	rows     []*modelRow
	verdicts int
}

// How many lives there are unless ORDERIMPORT_TEST_LONG=1 or -rapid.checks asks for more: under the race detector each takes a second.
const (
	fewLives   = "10"
	shortLives = "30" // with ORDERIMPORT_TEST_ALL=1
)

// randomLife stages, claims, finishes, resolves and kills at random, few people and contents, and compares each state told and
// all states stored with the model.
func randomLife(t *testing.T, open func(t *testing.T) Store) {
	if checks := flag.Lookup("rapid.checks"); os.Getenv("ORDERIMPORT_TEST_LONG") != "1" && checks.Value.String() == checks.DefValue {
		lives := fewLives
		if os.Getenv("ORDERIMPORT_TEST_ALL") == "1" {
			lives = shortLives
		}
		_ = checks.Value.Set(lives)
		defer checks.Value.Set(checks.DefValue)
	}
	stores := 0
	rapid.Check(t, func(rt *rapid.T) {
		stores++
		var store Store
		t.Run(fmt.Sprint(stores), func(t *testing.T) {
			store = open(t)
			f := &life{fixture: &fixture{t: rt, store: store, clock: newClock()}}
			f.reopen()
			defer func() { _ = f.l.Close() }()
			defer f.check()
			rt.Repeat(map[string]func(*rapid.T){
				"stage": f.stageSome, "claim": f.claimOne, "finish": f.finishOne, "resolve": f.resolveOne,
				"crash": f.die, "wait": func(*rapid.T) { f.clock.Add(10 * time.Minute) }, "": f.compare,
			})
		})
	})
}

func (f *life) stageSome(t *rapid.T) {
	if len(f.rows) > 12 {
		t.Skip("enough rows")
	}
	var rows []ledger.Row
	var added []*modelRow
	for i := range rapid.IntRange(1, 3).Draw(t, "rows") {
		m := &modelRow{number: i + 2, content: rapid.ByteRange(1, 3).Draw(t, "content"), occurrence: 1,
			state: rapid.SampledFrom([]ledger.State{ledger.Ready, ledger.Ready, ledger.Held}).Draw(t, "state")}
		if rapid.Bool().Draw(t, "keyed") {
			m.keys = []byte{rapid.ByteRange(1, 2).Draw(t, "key")}
		}
		row := in(m.state, ready(m.content, m.keys...))
		if m.state == ledger.Held && rapid.Bool().Draw(t, "made elsewhere") {
			m.bars, m.since, row.MayExist = 2, f.verdicts, true
		}
		rows, added = append(rows, row), append(added, m)
	}
	run, ids := f.stage(rows...)
	for i, m := range added {
		m.run, m.id, m.staged = run, ids[i], f.clock.Now()
	}
	f.rows = append(f.rows, added...)
}

// pick draws a row in one of the states.
func (f *life) pick(t *rapid.T, states ...ledger.State) *modelRow {
	var fit []*modelRow
	for _, m := range f.rows {
		for _, s := range states {
			if m.state == s {
				fit = append(fit, m)
			}
		}
	}
	if len(fit) == 0 {
		t.Skip("no such row")
	}
	return rapid.SampledFrom(fit).Draw(t, "row")
}

func (f *life) claimOne(t *rapid.T) {
	m := f.pick(t, ledger.Ready)
	want := ledger.Sending
	var equal, barring, keyed *modelRow // what it is held for: the first of them that there is
	for _, other := range f.rows {
		taken := other.state.Takes()
		if other == m || !taken && other.bars == 0 {
			continue
		}
		unseen := !m.override || other.run != m.run && other.since >= m.released
		switch exact := other.content == m.content && other.occurrence == m.occurrence; {
		case exact && taken:
			equal = other
		case !unseen:
		case exact:
			barring = cmp.Or(barring, other)
		case len(m.keys) > 0 && len(other.keys) > 0 && m.keys[0] == other.keys[0] && (taken || other.bars == 2):
			keyed = cmp.Or(keyed, other)
		}
	}
	twin := cmp.Or(equal, barring, keyed)
	switch {
	case twin == nil:
	case twin == equal && twin.state == ledger.Ordered:
		want = ledger.Duplicate
	default:
		want = ledger.Held
	}
	state, request := f.claim(m.id)
	if state != want {
		t.Fatalf("claim of row %d: %s, want %s", m.id, state, want)
	}
	if m.state = want; want != ledger.Sending {
		m.twin = twin
	} else {
		m.request, m.sent, m.since = request, f.clock.Now(), f.verdicts
	}
}

func (f *life) finishOne(t *rapid.T) {
	m := f.pick(t, ledger.Sending, ledger.InDoubt)
	to := rapid.SampledFrom([]ledger.State{ledger.Ordered, ledger.Rejected, ledger.InDoubt, ledger.Ready}).Draw(t, "to")
	o, ok := outcomes[to]
	if !ok {
		o = f.ordered()
	}
	if state, err := f.finish(m.id, m.request, o); state != to || err != nil {
		t.Fatalf("finish of row %d: %s, %v, want %s", m.id, state, err, to)
	}
	m.state = to
}

func (f *life) resolveOne(t *rapid.T) {
	m := f.pick(t, ledger.InDoubt, ledger.Held, ledger.Ordered, ledger.Sending, ledger.Ready)
	to := rapid.SampledFrom([]ledger.State{ledger.Ready, ledger.Closed, ledger.Ordered}).Draw(t, "to")
	v := verdict(to)
	v.HostIsDown = f.store.Shared
	if to == ledger.Ordered {
		o := f.ordered()
		v.OrderNumber, v.OrderID = o.Result.OrderNumber, 0
	}
	allowed := m.state == ledger.InDoubt && (to != ledger.Ready || f.clock.Now().Sub(m.sent) >= 15*time.Minute) ||
		m.state == ledger.Held && (to == ledger.Closed || to == ledger.Ordered && m.bars == 2 || to == ledger.Ready && (m.bars != 2 || f.clock.Now().Sub(m.staged) >= 15*time.Minute)) ||
		m.state == ledger.Ready && m.override && to == ledger.Closed
	for _, other := range f.rows {
		if to == ledger.Ready && other != m && (other.state == ledger.Sending || other.state == ledger.InDoubt) &&
			(other == m.twin || other.content == m.content && other.occurrence == m.occurrence) {
			allowed = false // that doubt comes first
		}
	}
	err := f.l.Resolve(context.Background(), m.run, []int{m.number}, v)
	if (err == nil) != allowed {
		t.Fatalf("row %d from %s to %s: %v, want allowed %v", m.id, m.state, to, err, allowed)
	}
	if !allowed {
		return
	}
	f.verdicts++
	switch from := m.state; {
	case to == ledger.Closed && (from == ledger.InDoubt || m.bars == 2):
		m.bars = 2
	case to == ledger.Closed && from == ledger.Ready:
		m.bars, m.since = 2, f.verdicts-1
	case to == ledger.Closed:
		m.bars, m.since = 1, f.verdicts-1
	default:
		m.bars = 0
	}
	if to == ledger.Ordered {
		last, taken := 0, false
		for _, other := range f.rows {
			if other != m && other.content == m.content && (other.state.Takes() || other.override && other.state == ledger.Ready) {
				last, taken = max(last, other.occurrence), taken || other.occurrence == m.occurrence && other.state.Takes()
			}
		}
		if taken {
			m.occurrence = last + 1
		}
	}
	if m.state = to; to == ledger.Ready {
		m.released = f.verdicts
		last, taken := 0, false
		for _, other := range f.rows {
			if other != m && other.content == m.content && (other.state.Takes() || other.override && other.state == ledger.Ready) {
				last, taken = max(last, other.occurrence), taken || other.occurrence == m.occurrence && other == m.twin
			}
		}
		if m.override = true; taken {
			m.occurrence = last + 1
		}
	}
}

func (f *life) die(t *rapid.T) {
	f.crash()
	for _, m := range f.rows {
		if m.state == ledger.Sending {
			m.state = ledger.InDoubt
		}
		f.send(m.run)
	}
}

func (f *life) compare(t *rapid.T) {
	for _, m := range f.rows {
		if row := f.row(m.run, m.number); row.State != m.state || row.Occurrence != m.occurrence || row.Override != m.override {
			t.Fatalf("row %d is %s, occurrence %d, override %v; the model says %+v", m.id, row.State, row.Occurrence, row.Override, *m)
		}
	}
}
