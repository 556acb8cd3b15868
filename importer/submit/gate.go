package submit

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// What the gate does where the other side does not say how long.
const (
	shortestPause = time.Second
	ownPause      = 2  // times the shortest: the first; each that follows without an order in between is twice as long
	longestPause  = 60 // times the shortest, of our own; the other side may ask for more
	straightUp    = 20 // orders in a row after which one more worker may send
)

// gate decides who may send: nobody during a pause, while it is held or after a stop; one at a time until a row has been
// ordered; then as many as the other side bears.
type gate struct {
	ceiling  int
	shortest time.Duration // a pause

	mu       sync.Mutex // guards all below
	changed  chan struct{}
	workers  int // that may be inside: the ceiling, or fewer after refusals
	straight int // orders in a row since workers went down
	slowed   int // counts how often they did
	inside   int
	held     int
	canary   bool // one at a time
	epoch    int  // counts the pauses and holds: an answer to a question from before one opens nothing
	pauses   int  // in a row, without an order in between
	refused  int  // in a row, while canary
	until    time.Time
	longest  time.Duration // of the pauses so far
	ended    *Stop
	doubts   doubts
}

// turn is a worker's leave to send one row. What it learns counts for the gate as it was when the turn began.
type turn struct {
	epoch, slowed int
	doubts        int // known when its order left
}

func newGate(workers int, shortest time.Duration) *gate {
	return &gate{ceiling: workers, workers: workers, shortest: shortest, canary: true, changed: make(chan struct{}), doubts: doubts{workers: workers}}
}

// wake lets everybody who waits look again. The caller holds mu.
func (g *gate) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// enter waits for a turn; false means that the sending has stopped.
func (g *gate) enter() (turn, bool) {
	for {
		g.mu.Lock()
		if g.ended != nil {
			g.mu.Unlock()
			return turn{}, false
		}
		pause := time.Until(g.until)
		free := g.held == 0 && g.inside < g.workers && (!g.canary || g.inside == 0)
		if pause <= 0 && free {
			g.inside++
			t := turn{epoch: g.epoch, slowed: g.slowed}
			g.mu.Unlock()
			return t, true
		}
		changed := g.changed
		g.mu.Unlock()
		if pause > 0 {
			timer := time.NewTimer(pause)
			select {
			case <-timer.C:
			case <-changed:
			}
			timer.Stop()
			continue
		}
		<-changed
	}
}

// leave ends a turn.
func (g *gate) leave() {
	g.mu.Lock()
	g.inside--
	g.wake()
	g.mu.Unlock()
}

// open reports whether an intent that is durable may still be written: neither stopped nor paused since the turn began.
func (g *gate) open(t turn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ended == nil && g.epoch == t.epoch
}

// leaves notes in the turn what is known when its order leaves.
func (g *gate) leaves(t *turn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t.doubts = g.doubts.all
}

// sleep waits for d; false means that the turn is over before its time.
func (g *gate) sleep(t turn, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		g.mu.Lock()
		over, changed := g.ended != nil || g.epoch != t.epoch, g.changed
		g.mu.Unlock()
		if over {
			return false
		}
		select {
		case <-timer.C:
			return true
		case <-changed:
		}
	}
}

// awake waits until there is no pause; false means that ctx or the sending has ended.
func (g *gate) awake(ctx context.Context) bool {
	for {
		g.mu.Lock()
		over, left, changed := g.ended != nil || ctx.Err() != nil, time.Until(g.until), g.changed
		g.mu.Unlock()
		if over || left <= 0 {
			return !over
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-changed:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// paused reports whether there is a pause.
func (g *gate) paused() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Until(g.until) > 0
}

// pause keeps everybody out for as long as the other side asked, 0 where it did not say, and lets them in one at a time after
// it. wait is how long; news is false where the answer is one of many to the same overload.
func (g *gate) pause(t turn, asked time.Duration) (wait time.Duration, news bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	first := t.epoch == g.epoch
	if first {
		g.pauses++
	}
	if wait = asked; wait <= 0 {
		wait = time.Duration(min(longestPause, ownPause<<min(max(g.pauses-1, 0), 10))) * g.shortest
	}
	wait = max(wait, g.shortest)
	wait += rand.N(wait/10 + 1) // not all hosts at once
	g.longest = max(g.longest, wait)
	until := time.Now().Add(wait)
	news = first || until.Sub(g.until) > time.Second
	if until.After(g.until) {
		g.until = until
	}
	g.interrupt()
	return wait, news
}

// longestWait is the longest that anybody has been asked for.
func (g *gate) longestWait() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.longest
}

// interrupt ends all turns and begins with one row at a time again. The caller holds mu.
func (g *gate) interrupt() {
	g.canary, g.refused = true, 0
	g.epoch++
	g.wake()
}

// hold keeps everybody out until release, unless the turn is over: then somebody else has seen to what it learnt.
func (g *gate) hold(t turn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.epoch != g.epoch {
		return false
	}
	g.held++
	g.interrupt()
	return true
}

// still keeps everybody out until release, and returns when nobody is inside; false means that the sending has stopped.
func (g *gate) still() bool {
	g.mu.Lock()
	g.held++
	g.interrupt()
	for g.inside > 0 && g.ended == nil {
		changed := g.changed
		g.mu.Unlock()
		<-changed
		g.mu.Lock()
	}
	defer g.mu.Unlock()
	return g.ended == nil
}

// release ends a hold.
func (g *gate) release() {
	g.mu.Lock()
	g.held--
	g.wake()
	g.mu.Unlock()
}

// stop ends the sending; the first reason stays.
func (g *gate) stop(s Stop) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended == nil {
		g.ended = &s
	}
	g.wake()
}

func (g *gate) stopped() *Stop {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ended
}

// slow halves the workers, once for all answers to what left before it; it reports whether it did.
func (g *gate) slow(t turn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.slowed != g.slowed {
		return false
	}
	g.slowed++
	g.workers, g.straight = max(1, g.workers/2), 0
	return true
}

// ordered opens the gate for all, if the order left in this epoch.
func (g *gate) ordered(t turn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refused = 0
	g.doubts.answered()
	if g.workers < g.ceiling {
		if g.straight++; g.straight == straightUp {
			g.workers, g.straight = g.workers+1, 0
			g.wake()
		}
	}
	if g.canary && t.epoch == g.epoch {
		g.canary, g.pauses = false, 0
		g.wake()
	}
}

// rejected passes the turn, and stops where none of the first rows is taken.
func (g *gate) rejected(t turn, message string) {
	g.mu.Lock()
	g.doubts.answered()
	if g.canary && t.epoch == g.epoch {
		g.refused++
	}
	over := g.refused >= maxCanaryRefusals
	g.mu.Unlock()
	if over {
		g.stop(Stop{Code: StopRefusals, Message: message})
	}
}

// forgive begins to count refusals anew: the package that they came from is out.
func (g *gate) forgive() {
	g.mu.Lock()
	g.refused = 0
	g.doubts.answered()
	g.mu.Unlock()
}

// doubt counts a row in doubt. A doubt of the one row that goes ahead stops at once: there is no reason to believe that the
// next would end better. A limit of 0 never stops.
func (g *gate) doubt(t turn, message string, limit int) {
	g.mu.Lock()
	g.straight = 0
	enough := g.doubts.add(t.doubts, limit, time.Now())
	over := enough || limit > 0 && g.canary && t.epoch == g.epoch
	g.mu.Unlock()
	if over {
		g.stop(Stop{Code: StopDoubts, Message: message})
	}
}
