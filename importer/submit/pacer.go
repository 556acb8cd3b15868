package submit

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// pacer spaces the orders of all workers. A token bucket of one gives the rate; the times of the last writes keep any second
// from holding more than the rate and one, even where a late timer lets several follow each other closely.
type pacer struct {
	bucket *rate.Limiter // nil: no limit

	mu   sync.Mutex  // guards all below
	last []time.Time // the last writes, a ring of as many as a second may hold and one
	at   int
}

const (
	// shyness keeps the bucket a little below the rate: the other side's clock may cut its seconds anywhere.
	shyness = 0.996
	// span is how long the ring's orders take at least. What it is above a second is room for orders that arrive unevenly.
	span = 1015 * time.Millisecond
)

func newPacer(perSecond float64) *pacer {
	if perSecond <= 0 {
		return &pacer{}
	}
	return &pacer{
		bucket: rate.NewLimiter(rate.Limit(perSecond*shyness), 1),
		last:   make([]time.Time, int(perSecond)+1),
	}
}

// slow reports whether a slot can be further away than an intent should wait: then it is waited for before the intent.
func (p *pacer) slow() bool { return p.bucket != nil && p.bucket.Limit() < 1 }

// wait returns at this order's turn. It ends early with ctx.
func (p *pacer) wait(ctx context.Context) error {
	if p.bucket == nil {
		return nil
	}
	if err := p.bucket.Wait(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bucket.Limit() >= 1 {
		if d := time.Until(p.last[p.at].Add(span)); d > 0 {
			select {
			case <-time.After(d):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	p.last[p.at] = time.Now()
	p.at = (p.at + 1) % len(p.last)
	return nil
}
