package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// scrubFact says that contents were erased and their bytes may still lie in the files.
const scrubFact = "to scrub"

// Purgeable is what Purge would find.
type Purgeable struct {
	Rows int       // ended, with contents to erase
	Open int       // as old, but in doubt, held or not sent: their contents are still needed
	Last time.Time // the last entry of the ledger: a clock that is far from it may be wrong; zero where there is none
}

// oldRuns are the runs in which nothing has happened since ?1. In ended rows nothing more can happen by itself.
const (
	oldRuns = `
		WITH old (first, next) AS (
			SELECT first, first + count FROM runs WHERE state <> 'running' AND started_at < ?1
			AND NOT EXISTS (SELECT 1 FROM orders WHERE id >= runs.first AND id < runs.first + runs.count AND ended_at >= ?1)
			AND NOT EXISTS (SELECT 1 FROM verdicts WHERE id >= runs.first AND id < runs.first + runs.count AND decided_at >= ?1))`
	ended    = `state IN ('ordered', 'rejected', 'invalid', 'duplicate', 'skipped', 'closed')`
	oldEnded = oldRuns + `, gone (id) AS (SELECT orders.id FROM old CROSS JOIN orders ON orders.id >= old.first AND orders.id < old.next WHERE ` + ended + `)`
	// lastEntry is when something was last booked; NULL where nothing was.
	lastEntry = `(SELECT max(at) FROM (SELECT max(started_at) AS at FROM runs UNION ALL SELECT max(ended_at) FROM orders UNION ALL SELECT max(decided_at) FROM verdicts) AS entries)`
	filled    = `(payload IS NOT NULL OR cells IS NOT NULL OR findings IS NOT NULL)`
)

// Purgeable tells what Purge with the same moment would erase, and what it would leave.
func (l *Ledger) Purgeable(ctx context.Context, before time.Time) (p Purgeable, err error) {
	if err := l.failed(); err != nil {
		return p, err
	}
	var last sql.NullInt64
	err = l.readers.QueryRowContext(ctx, oldEnded+`
		SELECT (SELECT count(*) FROM gone JOIN contents ON contents.id = gone.id WHERE `+filled+`),
			(SELECT count(*) FROM old CROSS JOIN orders ON orders.id >= old.first AND orders.id < old.next WHERE NOT `+ended+`),
			`+lastEntry,
		before.UnixMicro()).Scan(&p.Rows, &p.Open, &last)
	p.Last = fromMicros(last)
	return p, l.unreadable(ctx, err)
}

// Purge erases the contents (payload, cells, findings, the API's messages) of all rows that have ended, of runs in which nothing has
// happened since before, and books who did. What keeps an order from being made twice stays: fingerprints, keys, order numbers, who decided what.
// rows is how many lost their contents. On return no byte of what was erased is left in the ledger's files; copies of them are not its to change.
func (l *Ledger) Purge(ctx context.Context, before time.Time, by string) (rows int, err error) {
	if err := l.writable(); err != nil {
		return 0, err
	}
	err = l.writer.do(ctx, func(ctx context.Context) error {
		conn := l.writer.conn
		at := before.UnixMicro()
		result, err := conn.ExecContext(ctx, oldEnded+`
			UPDATE contents SET payload = NULL, cells = NULL, findings = NULL WHERE id IN (SELECT id FROM gone) AND `+filled, at)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		rows = int(n)
		for _, query := range []string{
			oldEnded + ` UPDATE orders SET message = '' WHERE message <> '' AND id IN (SELECT id FROM gone)`,
			oldEnded + ` UPDATE attempts SET message = '' WHERE message <> '' AND id IN (SELECT id FROM gone)`,
			oldRuns + `
				UPDATE runs SET notes = NULL WHERE notes IS NOT NULL AND first IN (SELECT first FROM old)
				AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.id >= runs.first AND orders.id < runs.first + runs.count AND NOT ` + ended + `)`,
		} {
			if _, err := conn.ExecContext(ctx, query, at); err != nil {
				return err
			}
		}
		if rows == 0 {
			return nil
		}
		return l.bookErasure(ctx, "purged", struct {
			By     string `json:"by"`
			Before string `json:"before"`
			Rows   int    `json:"rows"`
		}{by, before.UTC().Format(time.RFC3339), rows})
	})
	if err != nil {
		return 0, err
	}
	return rows, l.scrub(ctx)
}

// bookErasure notes, within the transaction, that something was erased, and that its bytes are to be scrubbed.
func (l *Ledger) bookErasure(ctx context.Context, what string, how any) error {
	said, err := json.Marshal(how)
	if err != nil {
		return err
	}
	conn := l.writer.conn
	if _, err := conn.ExecContext(ctx, putFact, what+" "+l.now().UTC().Format(time.RFC3339Nano), said); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, putFact, scrubFact, []byte("due"))
	return err
}

// scrub rewrites the files after an erasure, now or one that was cut off before it got here. SQLite overwrites what it deletes
// (secure_delete), but a page that was split or joined earlier can still hold a second copy of a row, and the log holds pages as they were.
func (l *Ledger) scrub(ctx context.Context) error {
	w := l.writer
	if err := w.acquire(ctx, w.free); err != nil {
		return err
	}
	defer func() { w.free <- struct{}{} }()
	if err := l.failed(); err != nil {
		return err
	}
	var due bool
	err := w.conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM facts WHERE name = ?1)`, scrubFact).Scan(&due)
	if err == nil && due {
		if l.shared != nil {
			err = l.vacuum(w.steady(ctx))
		} else {
			err = l.rewrite(ctx)
		}
	}
	var known *Error
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return l.place.fail(err, hintScrub, "what was erased may still be in its files: %v", err)
}

const hintScrub = "make room and close what has the ledger open, then start the same command again"

// rewrite is scrub by whoever holds writer.free.
func (l *Ledger) rewrite(ctx context.Context) error {
	conn := l.writer.conn
	// The new copy of the database passes through a file without a name: it may not fit into SQLite's memory.
	for _, query := range []string{`PRAGMA temp_store = FILE`, `VACUUM`, `PRAGMA temp_store = MEMORY`} {
		if _, err := conn.ExecContext(ctx, query); err != nil {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), `PRAGMA temp_store = MEMORY`)
			return err
		}
	}
	if err := l.truncateLog(ctx); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, `DELETE FROM facts WHERE name = ?1`, scrubFact)
	return err
}

// truncateLog copies the whole log into the database and leaves it empty.
func (l *Ledger) truncateLog(ctx context.Context) error {
	var busy, frames, copied int
	if err := l.writer.conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &copied); err != nil {
		return err
	}
	if busy != 0 {
		return l.place.fail(nil, hintScrub, "somebody reads it, and what was erased is still in its log")
	}
	return nil
}
