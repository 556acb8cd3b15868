package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Pace is the rate and the pause that all hosts of a shared ledger keep together, by its server's clock.
type Pace struct {
	ledger *Ledger
	host   string
}

// Pace of the orders to host, as in Run.Host; nil for a ledger in a file, whose process is alone.
func (l *Ledger) Pace(host string) *Pace {
	if l.shared == nil || l.readOnly {
		return nil
	}
	return &Pace{l, host}
}

// Slot books the next order's time, every after the one before of whatever host; it is wait from now. While there is a pause nothing is
// booked, and paused is what is left of it. A slot that is not used is lost. A slot so far ahead as no hosts have workers for is from before
// the server's clock was put back, and counts no more.
func (p *Pace) Slot(ctx context.Context, every time.Duration) (wait, paused time.Duration, err error) {
	var micros int64
	err = p.ask(ctx, &micros, `
		INSERT INTO pace (host, last_at, paused_until) VALUES (?1, clock_timestamp(), '-infinity')
		ON CONFLICT (host) DO UPDATE SET last_at = CASE
			WHEN pace.last_at > clock_timestamp() + greatest(1000 * ?2 * interval '1 microsecond', interval '10 minutes') THEN clock_timestamp()
			ELSE greatest(pace.last_at + ?2 * interval '1 microsecond', clock_timestamp()) END
		WHERE pace.paused_until <= clock_timestamp()
		RETURNING greatest(0, extract(epoch FROM last_at - clock_timestamp()) * 1000000)::bigint`, p.host, every.Microseconds())
	if errors.Is(err, sql.ErrNoRows) {
		paused, err = p.Paused(ctx)
		return 0, max(paused, time.Millisecond), err
	}
	return time.Duration(micros) * time.Microsecond, 0, err
}

// Pause keeps all hosts from sending for d from now; a longer one stays.
func (p *Pace) Pause(ctx context.Context, d time.Duration) error {
	soon, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	_, err := p.ledger.shared.beat.ExecContext(soon, `
		INSERT INTO pace (host, last_at, paused_until) VALUES (?1, '-infinity', clock_timestamp() + ?2 * interval '1 microsecond')
		ON CONFLICT (host) DO UPDATE SET paused_until = greatest(pace.paused_until, excluded.paused_until)`, p.host, d.Microseconds())
	return p.ledger.unreadable(ctx, err)
}

// Paused is what is left of a pause; 0 where there is none.
func (p *Pace) Paused(ctx context.Context) (time.Duration, error) {
	var micros int64
	err := p.ask(ctx, &micros, `
		SELECT (extract(epoch FROM paused_until - clock_timestamp()) * 1000000)::bigint FROM pace
		WHERE host = ?1 AND paused_until > clock_timestamp()`, p.host)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return time.Duration(micros) * time.Microsecond, err
}

func (p *Pace) ask(ctx context.Context, to *int64, query string, args ...any) error {
	soon, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	err := p.ledger.shared.beat.QueryRowContext(soon, query, args...).Scan(to)
	if errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return p.ledger.unreadable(ctx, err)
}
