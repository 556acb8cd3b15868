package submit

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orderimport/importer/ledger"
)

// enter is a turn that must be there.
func enter(t *testing.T, g *gate) turn {
	t.Helper()
	w, ok := g.enter()
	if !ok {
		t.Fatal("the sending has stopped")
	}
	return w
}

// atOnce counts how many of eight who want to enter are let in.
func atOnce(g *gate) int {
	var mu sync.Mutex
	in := 0
	done := make(chan struct{})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, ok := g.enter(); ok {
				mu.Lock()
				in++
				mu.Unlock()
				<-done
				g.leave()
			}
		})
	}
	synctest.Wait()
	mu.Lock()
	n := in
	mu.Unlock()
	close(done)
	all.Wait()
	return n
}

// The workers are halved once for all refusals of what left together, and come back one for each twenty orders in a row, never
// above the ceiling.
func TestWorkersGiveWayAndComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(6, shortestPause)
		now := func(want int, when string) {
			t.Helper()
			if n := atOnce(g); n != want {
				t.Errorf("%s: %d at once, not %d", when, n, want)
			}
		}
		now(1, "before the first order")
		one := enter(t, g)
		g.ordered(one)
		g.leave()
		now(6, "after the first order")
		old := enter(t, g)
		g.leave()
		for range 6 {
			g.slow(old)
		}
		now(3, "after six time-outs of one moment")
		next := enter(t, g)
		g.leave()
		if !g.slow(next) {
			t.Error("a time-out of what left later changes nothing")
		}
		now(1, "after one more")
		for range 5 {
			next = enter(t, g)
			g.leave()
			g.slow(next)
		}
		now(1, "after many")
		for orders, want := range map[int]int{19: 1, 20: 2, 99: 5, 100: 6, 300: 6} {
			g.workers, g.straight = 1, 0
			for range orders {
				g.ordered(next)
			}
			now(want, "after orders in a row")
		}
		g.workers, g.straight = 1, 0
		for range 19 {
			g.ordered(next)
		}
		g.doubt(next, "", 0)
		g.ordered(next)
		now(1, "with a doubt among twenty")
	})
}

// Pauses of our own double while nothing is ordered; those that are asked for are kept, with at most a tenth more.
func TestPausesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(4, shortestPause)
		pause := func(asked, want time.Duration) {
			t.Helper()
			w := enter(t, g)
			wait, news := g.pause(w, asked)
			g.leave()
			if wait < want || wait > want+want/10 || !news {
				t.Errorf("asked for %v: %v, told %v, want %v", asked, wait, news, want)
			}
			began := time.Now()
			enter(t, g)
			if took := time.Since(began); took != wait {
				t.Errorf("asked for %v: let in after %v, not %v", asked, took, wait)
			}
			g.leave()
			if n := atOnce(g); n != 1 {
				t.Errorf("%d at once after a pause", n)
			}
		}
		for _, want := range []time.Duration{2, 4, 8, 16, 32, 60, 60} {
			pause(0, want*time.Second)
		}
		pause(time.Hour, time.Hour)
		pause(time.Millisecond, time.Second)
		w := enter(t, g)
		g.ordered(w)
		g.leave()
		pause(0, 2*time.Second)

		// Of four refused together one speaks for all, unless another is asked to wait longer.
		w = enter(t, g)
		if _, news := g.pause(w, 5*time.Second); !news {
			t.Error("the first is no news")
		}
		if _, news := g.pause(w, 0); news {
			t.Error("the second is news")
		}
		if _, news := g.pause(w, 20*time.Second); !news {
			t.Error("a longer pause is no news")
		}
		g.leave()
		began := time.Now()
		enter(t, g)
		if took := time.Since(began); took < 20*time.Second || took > 22*time.Second {
			t.Errorf("let in after %v", took)
		}
	})
}

// Who holds the gate is alone: turns are over, nobody enters, and only the first of many sees to it.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(4, shortestPause)
		first := enter(t, g)
		g.ordered(first)
		second := enter(t, g)
		if !g.hold(first) || g.hold(second) {
			t.Error("not the first of two holds the gate")
		}
		if g.open(second) || g.sleep(second, time.Hour) {
			t.Error("a turn goes on beside the hold")
		}
		still := make(chan bool)
		go func() { still <- g.still() }()
		synctest.Wait()
		g.leave()
		synctest.Wait()
		select {
		case <-still:
			t.Fatal("still while one is inside")
		default:
		}
		g.leave()
		if !<-still {
			t.Error("stopped")
		}
		g.release()
		entered := make(chan turn)
		go func() { entered <- enter(t, g) }()
		synctest.Wait()
		select {
		case <-entered:
			t.Fatal("entered beside a hold")
		default:
		}
		g.release()
		<-entered
		go func() { still <- g.still() }()
		synctest.Wait()
		g.stop(Stop{Code: StopDrained})
		if <-still {
			t.Error("still after a stop, with one inside")
		}
	})
}

// The pace is halved, down to a thirty-second, and comes back by a tenth each clean half-minute, never above the ceiling.
func TestPaceGivesWayAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(50, nil)
		perMinute := func() int {
			began, n := time.Now(), 0
			for ; time.Since(began) < time.Minute; n++ {
				slot, _, _ := p.slot(t.Context())
				if err := p.wait(t.Context(), slot); err != nil {
					t.Fatal(err)
				}
			}
			return n
		}
		about := func(want float64, when string) {
			t.Helper()
			if n := float64(perMinute()); n < 0.97*want-1 || n > 1.03*want+1 {
				t.Errorf("%s: %v in a minute, not %v", when, n, want)
			}
		}
		about(3000, "at the ceiling")
		p.slow()
		about(1500*(1+1.1)/2, "halved")
		for range 10 {
			p.slow()
		}
		about(3000./32*(1+1.1)/2, "halved often")
		time.Sleep(17 * time.Minute)
		about(3000, "after a long clean time")
	})
}

// A slot that other hosts keep free may be late by a part of the time between two; a slot of this process alone, by any.
func TestLateSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := new(ledger.Pace)
		for _, test := range []struct {
			rate   float64
			shared *ledger.Pace
			late   time.Duration
			missed bool
		}{
			{5, shared, -time.Second, false}, {5, shared, 149 * time.Millisecond, false}, {5, shared, 151 * time.Millisecond, true},
			{0.1, shared, 7 * time.Second, false}, {0.1, shared, 8 * time.Second, true},
			{1000, shared, 14 * time.Millisecond, false}, {1000, shared, 16 * time.Millisecond, true},
			{0, shared, time.Hour, false}, {5, nil, time.Hour, false},
		} {
			if missed := newPacer(test.rate, test.shared).missed(time.Now().Add(-test.late)); missed != test.missed {
				t.Errorf("%v a second, shared %v, %v late: missed %v", test.rate, test.shared != nil, test.late, missed)
			}
		}
	})
}

// Refusals count by package, by what the message says without its values, and among the last answers.
func TestBreaker(t *testing.T) {
	feed := func(answers string) int {
		var b breaker
		for i, a := range answers {
			switch a {
			case 'o':
				b.ordered(1)
			case 'O':
				b.ordered(2)
			case 'a':
				if b.rejected(1, `userGroup1: "Sälj `+answers[:i]+`" is not one of 5`) {
					return i + 1
				}
			case 'b':
				if b.rejected(1, string(rune('a'+i))) {
					return i + 1
				}
			}
		}
		return 0
	}
	for answers, want := range map[string]int{
		"aaaaaaaaaa":                     10,
		"aaaaaaaaa":                      0,
		"aaaaaaaaaoaaaaaaaaa":            16, // fifteen of the last fifty
		"aaaaaaaaabaoaaa":                0,
		"aOaOaOaOaOaOaOaOaOa":            19, // the other package is none of its business
		"oooooooooooooobbbbbbbbbbbbbbb":  29,
		"oboboboboboboboboboboboboboboo": 0,
	} {
		if got := feed(answers); got != want {
			t.Errorf("%s: over at %d, not %d", answers, got, want)
		}
	}
	// Every fourth refused is one in four for ever, and fewer than fifteen of any fifty.
	long := ""
	for range 100 {
		long += "ooob"
	}
	if got := feed(long); got != 0 {
		t.Errorf("over at %d", got)
	}
}

// Doubts stop a sending at their limit, three in a row, or at more than workers in a minute. Those of one moment are one of a row.
func TestDoubtsEndASending(t *testing.T) {
	type doubt struct {
		after    time.Duration // the one before
		together bool          // with the one before: its order left before that was known
		answered bool          // an order between the two was
	}
	far, moment := doubt{after: time.Hour, answered: true}, doubt{together: true}
	for _, test := range []struct {
		name           string
		workers, limit int
		doubts         []doubt
		stops          int // by which of them; 0: none
	}{
		{"the limit", 4, 5, []doubt{far, far, far, far, far}, 5},
		{"in a row, hours between them", 4, 5, []doubt{far, {after: time.Hour}, {after: time.Hour}}, 3},
		{"two in a row, twice", 16, 100, []doubt{far, {}, far, {}}, 0},
		{"all workers at once", 4, 100, []doubt{far, moment, moment, moment}, 0},
		{"all workers at once, and one more", 4, 100, []doubt{far, moment, moment, moment, {after: time.Second, answered: true}}, 5},
		{"all workers at once, three times", 16, 100, []doubt{far, moment, {}, moment, {}, moment}, 5},
		{"one more after a minute", 4, 100, []doubt{far, moment, moment, moment, {after: time.Minute, answered: true}}, 0},
		{"one worker", 1, 100, []doubt{far, {answered: true}, {answered: true}}, 3},
		{"never", 1, 0, []doubt{far, {}, {}, {}, {}, {}}, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			g := newGate(test.workers, shortestPause)
			g.ordered(enter(t, g))
			g.leave()
			leave, stops := turn{}, 0
			for n, d := range test.doubts {
				time.Sleep(d.after)
				if d.answered {
					g.ordered(leave)
				}
				if !d.together {
					g.leaves(&leave)
				}
				g.doubt(leave, "", test.limit)
				if stops == 0 && g.stopped() != nil {
					stops = n + 1
				}
			}
			if stops != test.stops {
				t.Errorf("%s: stopped by doubt %d, not %d", test.name, stops, test.stops)
			}
		})
	}
}
