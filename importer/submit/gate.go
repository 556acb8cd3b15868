package submit

import (
	"sync"
	"time"
)

// gate decides who may send: nobody during a pause or after a stop, one at a time until a row has been ordered, then all.
type gate struct {
	mu       sync.Mutex // guards all below
	changed  chan struct{}
	workers  int
	inside   int
	canary   bool // one at a time
	epoch    int  // counts the pauses: an answer to a question from before the pause opens nothing
	refused  int  // in a row, while canary
	until    time.Time
	ended    *Stop
	equal    int    // refusals in a row with one message
	lastText string // that message
	doubts   int
}

func newGate(workers int) *gate {
	return &gate{workers: workers, canary: true, changed: make(chan struct{})}
}

// wake lets everybody who waits look again. The caller holds mu.
func (g *gate) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// enter waits for a turn and gives its epoch; false means that the sending has stopped.
func (g *gate) enter() (epoch int, ok bool) {
	for {
		g.mu.Lock()
		if g.ended != nil {
			g.mu.Unlock()
			return 0, false
		}
		pause := time.Until(g.until)
		free := g.inside < g.workers && (!g.canary || g.inside == 0)
		if pause <= 0 && free {
			g.inside++
			epoch := g.epoch
			g.mu.Unlock()
			return epoch, true
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

// open reports whether an intent that is durable may still be written: neither stopped nor paused since epoch.
func (g *gate) open(epoch int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ended == nil && g.epoch == epoch
}

// sleep waits for d; false means that the sending has stopped meanwhile.
func (g *gate) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		g.mu.Lock()
		ended, changed := g.ended != nil, g.changed
		g.mu.Unlock()
		if ended {
			return false
		}
		select {
		case <-timer.C:
			return true
		case <-changed:
		}
	}
}

// pause keeps everybody out for d, and lets them in one at a time after it.
func (g *gate) pause(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := time.Now().Add(d); until.After(g.until) {
		g.until = until
	}
	g.canary, g.refused = true, 0
	g.epoch++
	g.wake()
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

// ordered opens the gate for all, if the order left in this epoch.
func (g *gate) ordered(epoch int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.equal, g.lastText, g.refused = 0, "", 0
	if g.canary && epoch == g.epoch {
		g.canary = false
		g.wake()
	}
}

// rejected passes the turn, and stops where the API refuses one row after the other.
func (g *gate) rejected(epoch int, message string) {
	g.mu.Lock()
	if message == g.lastText {
		g.equal++
	} else {
		g.equal, g.lastText = 1, message
	}
	if g.canary && epoch == g.epoch {
		g.refused++
	}
	over := g.equal >= maxEqualRefusals || g.refused >= maxCanaryRefusals
	g.mu.Unlock()
	if over {
		g.stop(Stop{Code: StopRefusals, Message: message})
	}
}

// doubt counts a row in doubt. A doubt of the one row that goes ahead stops at once: there is no reason to believe that the
// next would end better. A limit of 0 never stops.
func (g *gate) doubt(epoch int, message string, limit int) {
	g.mu.Lock()
	g.doubts++
	over := limit > 0 && (g.canary && epoch == g.epoch || g.doubts >= limit)
	g.mu.Unlock()
	if over {
		g.stop(Stop{Code: StopDoubts, Message: message})
	}
}
