package submit

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"orderimport/importer/ledger"
)

// pacer spaces the orders of all workers. A token bucket of one gives the rate; the times of the last writes keep any second
// from holding more than the rate and one, even where a late timer lets several follow each other closely.
type pacer struct {
	bucket  *rate.Limiter // nil: no limit
	ceiling rate.Limit
	shared  *ledger.Pace  // nil: no other hosts
	late    time.Duration // how long after its shared slot an order may be written

	pace  sync.Mutex // guards the bucket and clean: a bucket that hears of times out of order gives too much
	clean time.Time  // since when nothing has slowed the pace, or it last went up

	mu   sync.Mutex  // guards the ring
	last []time.Time // the last writes, a ring of as many as a second may hold and one
	at   int
}

const (
	// shyness keeps the bucket a little below the rate: the other side's clock may cut its seconds anywhere.
	shyness = 0.996
	// span is how long the ring's orders take at least. What it is above a second is room for orders that arrive unevenly.
	span = 1015 * time.Millisecond
	// lead is how long before its slot an order's connection and intent are made ready. Both must be fresh at the write,
	// however far apart the slots are: a connection is not used after a second of silence.
	lead = 200 * time.Millisecond
	// longestLead is where a slot was missed that other hosts keep free.
	longestLead = 800 * time.Millisecond

	// After each clean spell the pace goes up again by a tenth; it never goes down below a part of the ceiling.
	cleanSpell = 30 * time.Second
	slowest    = 32

	// A second may hold one order more than the rate, so that each may be late by most of the time between two.
	mostDelay     = 0.75
	shortestDelay = 15 * time.Millisecond
)

func newPacer(perSecond float64, shared *ledger.Pace) *pacer {
	if perSecond <= 0 {
		return &pacer{shared: shared}
	}
	ceiling := rate.Limit(perSecond * shyness)
	return &pacer{
		bucket: rate.NewLimiter(ceiling, 1), ceiling: ceiling, shared: shared, last: make([]time.Time, int(perSecond)+1),
		late: max(shortestDelay, time.Duration(mostDelay/perSecond*float64(time.Second))),
	}
}

// slot books the next order's time; the zero time where there is no limit. A slot that is not used is lost. paused is what is left
// of a pause that another host has asked for; then nothing is booked.
func (p *pacer) slot(ctx context.Context) (slot time.Time, paused time.Duration, err error) {
	if p.bucket == nil {
		return time.Time{}, 0, nil
	}
	p.pace.Lock()
	now := time.Now()
	p.quicken(now)
	if p.shared == nil {
		defer p.pace.Unlock()
		return now.Add(p.bucket.ReserveN(now, 1).DelayFrom(now)), 0, nil
	}
	every := time.Duration(min(float64(time.Second)/float64(p.bucket.Limit()), float64(24*time.Hour))) // what is longer would overflow
	p.pace.Unlock()
	wait, paused, err := p.shared.Slot(ctx, every)
	return time.Now().Add(wait), paused, err
}

// missed reports whether a shared slot has passed: with the orders of other hosts a late one could exceed the rate.
func (p *pacer) missed(slot time.Time) bool {
	return p.shared != nil && p.bucket != nil && time.Since(slot) > p.late
}

// slow halves the pace.
func (p *pacer) slow() {
	if p.bucket == nil {
		return
	}
	p.pace.Lock()
	defer p.pace.Unlock()
	p.bucket.SetLimit(max(p.bucket.Limit()/2, p.ceiling/slowest))
	p.clean = time.Now()
}

// quicken makes up for what was slowed, a tenth for each clean spell. The caller holds pace.
func (p *pacer) quicken(now time.Time) {
	for p.bucket.Limit() < p.ceiling && now.Sub(p.clean) >= cleanSpell {
		p.clean = p.clean.Add(cleanSpell)
		p.bucket.SetLimitAt(now, min(p.bucket.Limit()*1.1, p.ceiling))
	}
}

// wait returns when an order may be written in slot. It ends early with ctx.
func (p *pacer) wait(ctx context.Context, slot time.Time) error {
	if p.bucket == nil {
		return nil
	}
	if err := sleep(ctx, time.Until(slot)); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := sleep(ctx, time.Until(p.last[p.at].Add(span))); err != nil {
		return err
	}
	p.last[p.at] = time.Now()
	p.at = (p.at + 1) % len(p.last)
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
