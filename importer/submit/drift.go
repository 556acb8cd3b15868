package submit

import (
	"context"
	"errors"
	"time"

	"orderimport/importer/connect"
)

// How often the schemas are looked at again, beside after each refusal of a row, reliability.md "Schema drift".
const (
	rowsBetweenLooks = 500
	timeBetweenLooks = 10 * time.Minute
)

// look asks for a look at the schemas; one that is under way is followed by another.
func (p *pool) look() {
	select {
	case p.due <- struct{}{}:
	default:
	}
}

// watch looks at the schemas, and at the token, until ctx or the sending ends. The API is left in peace during a pause.
func (p *pool) watch(ctx context.Context) {
	tick := time.NewTicker(timeBetweenLooks)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-p.due:
		}
		if !p.gate.awake(ctx) {
			return
		}
		// A token that was replaced before it was refused is used from now on; one that cannot be read may still be good.
		_, _ = p.cfg.Client.Renew()
		err := p.recheck(ctx)
		var failure *connect.Error
		switch {
		case err == nil || ctx.Err() != nil:
		case !errors.As(err, &failure):
			p.failed(err)
		case failure.Kind == connect.Unauthorized:
			p.gate.stop(Stop{Code: StopToken, Message: err.Error()})
		case failure.Kind == connect.Unreachable && p.gate.paused():
			p.look() // it was refused as the orders were
		case failure.Kind == connect.Unreachable:
			p.gate.stop(Stop{Code: StopUnreachable, Message: err.Error()})
		case failure.Kind == connect.Untrusted:
			p.gate.stop(Stop{Code: StopUntrusted, Message: err.Error()})
		default:
			p.gate.stop(Stop{Code: StopConfig, Message: err.Error()})
		}
	}
}

// recheck looks at the schemas once. Nobody sends while rows are held against new ones.
func (p *pool) recheck(ctx context.Context) error {
	held := false
	defer func() {
		if held {
			p.gate.release()
		}
	}()
	return p.cfg.Recheck(ctx, func() {
		if held {
			return
		}
		held = true
		if p.gate.still() {
			p.booking.Wait() // what was given back unsent is ready again
		}
	})
}
