package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// settleTime is how long after an attempt a row in doubt may not be sent again: an answer, or the order itself, can be late.
const settleTime = 15 * time.Minute

// SetRunState books that a run is being sent (RunRunning), has stopped or is done. It comes after all that was queued before. A run with
// rows in Ready is never done: RunDone stops it, since a person may have released a row meanwhile.
// A run with rows in Sending cannot be stopped or done; RunStaged is refused: *RefusedError. fs.ErrNotExist where there is no such run.
//
// Before a run is sent the disk must have 64 MiB to spare, of which 16 are kept in a file beside the ledger: freed for the outcomes of orders
// under way when the disk becomes full meanwhile.
func (l *Ledger) SetRunState(ctx context.Context, run string, state RunState) error {
	if err := l.writable(); err != nil {
		return err
	}
	switch state {
	case RunRunning, RunStopped, RunDone:
	default:
		return &RefusedError{Text: fmt.Sprintf("run %s: cannot become %q", run, state)}
	}
	if state == RunRunning && l.shared == nil {
		if err := l.place.load(); err != nil {
			return err
		}
	}
	l.marking.Lock()
	defer l.marking.Unlock()
	var settle func() error
	err := l.writer.do(ctx, func(ctx context.Context) error {
		conn := l.writer.conn
		if err := l.mayTurn(ctx, run, state); err != nil {
			return err
		}
		if state != RunRunning {
			var number int
			err := conn.QueryRowContext(ctx, `
				SELECT orders.number FROM runs CROSS JOIN orders
				WHERE runs.name = ?1 AND runs.state = 'running' AND orders.id >= runs.first AND orders.id < runs.first + runs.count AND orders.state = 'sending'
				LIMIT 1`, run).Scan(&number)
			if err == nil {
				return &RefusedError{Row: number, From: Sending, Text: fmt.Sprintf("run %s: row %d is still being sent", run, number)}
			} else if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		if state == RunDone {
			var left bool
			err := conn.QueryRowContext(ctx, `
				SELECT EXISTS (SELECT 1 FROM runs CROSS JOIN orders WHERE runs.name = ?1 AND orders.id >= runs.first AND orders.id < runs.first + runs.count AND orders.state = 'ready')`,
				run).Scan(&left)
			if err != nil {
				return err
			}
			if left {
				state = RunStopped
			}
		}
		result, err := conn.ExecContext(ctx, l.words().turn, run, string(state))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return l.noRun(run)
		}
		settle, err = l.renewMark(ctx)
		return err
	})
	if err != nil {
		return err
	}
	return settle()
}

// Verdict is a person's word on rows in doubt or held.
type Verdict struct {
	To          State  // Ordered, Ready or Closed
	OrderNumber string // with Ordered; then exactly one row
	OrderID     int64  // 0: not known
	Reason      string // required
	By          string // who, user@host; required
	HostIsDown  bool   // the person has made sure that the host which sent the row sends no more
}

// Resolve books a verdict for rows (numbers in the file) of a run, all or none, with an audit entry each. Refusals are *RefusedError;
// a run that is not there is fs.ErrNotExist.
//
// Ready sets Override. For rows in doubt it is refused until 15 minutes after the attempt, and without HostIsDown where that is
// what the doubt is about (ReasonHostSilent). For held rows whose order may exist the attempt came before the run was staged, or the copy adopted, and the 15
// minutes count from there. A held row waits for the end of the doubt about the same order; one that is held only since the ledger is not settled also
// for that of a held row that may be the same order. Where the row was held because
// of another that has taken the same fingerprint and occurrence, the released row takes the next occurrence number: the person has said
// that it is one more order. Of any other twin nobody told that person, so then it keeps its number, and the claim refuses if that is taken.
//
// Closed takes back a release, too, as long as the row has not been sent since.
//
// Of the rows that are held, only one whose order may exist, or was held for that (ReasonUnsettled), becomes Ordered: it was never sent from this ledger, but may have been from one that is lost. Where
// another row has taken its identity meanwhile, both orders exist, and it takes the next occurrence number.
//
// An equal row that is read, or claimed, after a row was Closed is Held; so is one that shares a key with a closed row whose order may exist.
func (l *Ledger) Resolve(ctx context.Context, run string, rows []int, v Verdict) error {
	if err := l.writable(); err != nil {
		return err
	}
	if text := v.fault(rows); text != "" {
		return &RefusedError{To: v.To, Text: text}
	}
	return l.writer.do(ctx, func(ctx context.Context) error {
		var id int64
		err := l.writer.conn.QueryRowContext(ctx, `SELECT id FROM runs WHERE name = ?1`, run).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return l.noRun(run)
		} else if err != nil {
			return err
		}
		for _, number := range rows {
			if err := l.resolveRow(ctx, id, number, v); err != nil {
				return err
			}
		}
		return nil
	})
}

// fault says what is wrong with a verdict by itself, or "".
func (v *Verdict) fault(rows []int) string {
	switch {
	case len(rows) == 0:
		return "no row is named"
	case strings.TrimSpace(v.Reason) == "":
		return "a reason is required"
	case v.By == "":
		return "who decides is required"
	case v.To != Ordered && v.To != Ready && v.To != Closed:
		return fmt.Sprintf("a person cannot make a row %q", v.To)
	case v.To == Ordered && len(rows) != 1:
		return "an order number belongs to exactly one row"
	case v.To == Ordered && strings.TrimSpace(v.OrderNumber) == "":
		return "the order number is required"
	case len(v.OrderNumber) > maxNumber:
		return fmt.Sprintf("an order number has at most %d bytes", maxNumber)
	case v.To != Ordered && (v.OrderNumber != "" || v.OrderID != 0):
		return fmt.Sprintf("a row that becomes %s has no order number", v.To.Status())
	case v.OrderID < 0:
		return fmt.Sprintf("order ID %d is negative", v.OrderID)
	}
	return ""
}

// resolveRow books the verdict for one row, within the transaction.
func (l *Ledger) resolveRow(ctx context.Context, run int64, number int, v Verdict) error {
	conn := l.writer.conn
	var id, host int64
	var from State
	var sent sql.NullInt64
	var sendable, mayExist, override bool
	var staged int64
	var reason string
	var fingerprint []byte
	var occurrence int
	var twin sql.NullInt64
	err := conn.QueryRowContext(ctx, `
		SELECT orders.id, orders.host, orders.state, sent_at, fingerprint, occurrence, orders.reason, twin, contents.payload IS NOT NULL, bars = 2, override = 1, runs.started_at
		FROM orders JOIN contents ON contents.id = orders.id JOIN runs ON runs.id = orders.run WHERE orders.run = ?1 AND number = ?2`, run, number).
		Scan(&id, &host, &from, &sent, &fingerprint, &occurrence, &reason, &twin, &sendable, &mayExist, &override, &staged)
	refuse := func(format string, args ...any) error {
		return &RefusedError{Row: number, From: from, To: v.To, Text: fmt.Sprintf("row %d: ", number) + fmt.Sprintf(format, args...)}
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return refuse("the run has no such row")
	case err != nil:
		return err
	case from == Held && v.To == Ordered && !mayExist && reason != ReasonUnsettled:
		return refuse("is held and was never sent, so it has no order number")
	case from == Ready && override && v.To == Closed:
	case from != InDoubt && from != Held:
		return refuse("is %s; only rows in doubt or held are for a person to decide", from.Status())
	}
	now := l.now()
	var result sql.Result
	switch v.To {
	case Ready:
		if !sendable || fingerprint == nil {
			return refuse("cannot be sent as it stands; mend the file and import it again")
		}
		if wait := settleTime - now.Sub(fromMicros(sent)); from == InDoubt && wait > 0 {
			return refuse("was sent less than 15 minutes ago; wait %s, its order may still come", wait.Round(time.Second))
		}
		if from == Held && mayExist {
			known, err := l.knownSince(ctx, staged, reason)
			if err != nil {
				return err
			}
			if wait := settleTime - now.Sub(known); wait > 0 {
				return refuse("may have been sent just before this ledger knew of it; wait %s, its order may still come", wait.Round(time.Second))
			}
		}
		if from == InDoubt && reason == ReasonHostSilent && !v.HostIsDown {
			return refuse("its host fell silent and may still send it; make sure that the host is down, then add --host-is-down")
		}
		var otherRun string
		var other int
		otherRun, other, err = doubtBefore(ctx, conn, id, twin.Int64, fingerprint, occurrence)
		if err != nil {
			return err
		} else if otherRun != "" {
			return refuse("the same order is in doubt in row %d of run %s; decide that one first", other, otherRun)
		}
		if from == Held && reason == ReasonUnsettled {
			if otherRun, other, err = heldBefore(ctx, conn, id, fingerprint, occurrence); err != nil {
				return err
			} else if otherRun != "" {
				return refuse("the same order waits in row %d of run %s and may have been made; decide that one first", other, otherRun)
			}
		}
		if occurrence, err = nextOccurrence(ctx, conn, id, twin.Int64, fingerprint, occurrence); err != nil {
			return err
		}
		if from == InDoubt {
			if _, err := conn.ExecContext(ctx, `
				INSERT INTO attempts (id, request_id, sent_at, ended_at, outcome, reason, message, http_status)
				SELECT id, request_id, sent_at, coalesce(ended_at, ?2), 'in_doubt', reason, message, http_status FROM orders WHERE id = ?1`,
				id, micros(now)); err != nil {
				return err
			}
		}
		result, err = conn.ExecContext(ctx, `
			UPDATE orders SET state = 'ready', takes = 0, bars = 0, override = 1, occurrence = ?3, decided_by = ?4, reason = ?5,
				message = '', request_id = NULL, sent_at = NULL, ended_at = NULL, http_status = 0 WHERE id = ?1 AND state = ?2`,
			id, string(from), occurrence, v.By, v.Reason)
	case Closed:
		result, err = conn.ExecContext(ctx, `
			UPDATE orders SET state = 'closed', takes = 0, decided_by = ?3, reason = ?4, bars = CASE WHEN request_id IS NOT NULL OR bars = 2 OR state = 'ready' THEN 2 ELSE 1 END,
				since = CASE WHEN request_id IS NOT NULL OR bars = 2 THEN since ELSE `+lastVerdict+` END WHERE id = ?1 AND state = ?2`,
			id, string(from), v.By, v.Reason)
	case Ordered:
		var otherRun string
		var other int
		err = conn.QueryRowContext(ctx, `
			SELECT runs.name, orders.number FROM orders JOIN runs ON runs.id = orders.run
			WHERE orders.host = ?1 AND (orders.order_number = ?2 OR orders.order_id = ?3) LIMIT 1`, host, v.OrderNumber, positive(v.OrderID)).Scan(&otherRun, &other)
		if err == nil {
			return refuse("order number %q, ID %d, belongs to row %d of run %s", v.OrderNumber, v.OrderID, other, otherRun)
		} else if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if occurrence, err = freeOccurrence(ctx, conn, id, fingerprint, occurrence); err != nil {
			return err
		}
		result, err = conn.ExecContext(ctx, `
			UPDATE orders SET state = 'ordered', takes = 1, bars = 0, occurrence = ?7, order_number = ?3, order_id = ?4, decided_by = ?5, reason = ?6
			WHERE id = ?1 AND state = ?2`,
			id, string(from), v.OrderNumber, positive(v.OrderID), v.By, v.Reason, occurrence)
	}
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, refuse("changed meanwhile"))
	}
	_, err = conn.ExecContext(ctx, `
		INSERT INTO verdicts (id, decided_at, decided_by, reason, from_state, to_state, occurrence, order_number) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
		id, micros(now), v.By, v.Reason, string(from), string(v.To), occurrence, text(v.OrderNumber))
	return err
}

// knownSince is when this ledger came to know of a held row whose order may exist: with its run, or as part of the copy that was adopted.
func (l *Ledger) knownSince(ctx context.Context, staged int64, reason string) (time.Time, error) {
	known := fromMicros(sql.NullInt64{Int64: staged, Valid: true})
	if reason != ReasonRestored && reason != ReasonUnsettled {
		return known, nil
	}
	var last sql.NullString
	err := l.writer.conn.QueryRowContext(ctx, `SELECT max(name) FROM facts WHERE name LIKE 'adopted %'`).Scan(&last)
	if at, bad := time.Parse(time.RFC3339Nano, strings.TrimPrefix(last.String, adoptedFact)); err == nil && bad == nil {
		known = at
	}
	return known, err
}

// doubtBefore finds the row whose doubt must end before a row may be released: the twin that it was held for, or the one that has its identity; no run
// where there is none.
func doubtBefore(ctx context.Context, conn *sql.Conn, id, twin int64, fingerprint []byte, occurrence int) (run string, row int, err error) {
	err = conn.QueryRowContext(ctx, `
		WITH first (id) AS (
			SELECT id FROM orders WHERE id = ?1 AND state IN ('sending', 'in_doubt')
			UNION ALL
			SELECT id FROM orders WHERE fingerprint = ?2 AND occurrence = ?3 AND takes = 1 AND id <> ?4 AND state IN ('sending', 'in_doubt')
		) SELECT runs.name, orders.number FROM first JOIN orders ON orders.id = first.id JOIN runs ON runs.id = orders.run LIMIT 1`,
		twin, fingerprint, occurrence, id).Scan(&run, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, nil
	}
	return run, row, err
}

// heldBefore finds the row with the same identity that may have been ordered, for a better reason than that the ledger is not settled; no run where
// there is none.
func heldBefore(ctx context.Context, conn *sql.Conn, id int64, fingerprint []byte, occurrence int) (run string, row int, err error) {
	err = conn.QueryRowContext(ctx, `
		SELECT runs.name, orders.number FROM orders JOIN runs ON runs.id = orders.run
		WHERE orders.fingerprint = ?1 AND orders.occurrence = ?2 AND orders.id <> ?3 AND orders.state = 'held' AND orders.bars = 2 AND orders.reason <> ?4 LIMIT 1`,
		fingerprint, occurrence, id, ReasonUnsettled).Scan(&run, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, nil
	}
	return run, row, err
}

// nextOccurrence gives the occurrence number under which a released row may be claimed: its own, unless the twin that it was held for has taken
// that, or has been released with it.
func nextOccurrence(ctx context.Context, conn *sql.Conn, id, twin int64, fingerprint []byte, occurrence int) (int, error) {
	var last, taken int
	err := conn.QueryRowContext(ctx, `
		WITH others (id, occurrence) AS (
			SELECT id, occurrence FROM orders WHERE fingerprint = ?1 AND takes = 1 AND id <> ?2
			UNION ALL
			SELECT id, occurrence FROM orders WHERE fingerprint = ?1 AND override = 1 AND state = 'ready' AND id <> ?2
		) SELECT coalesce(max(occurrence), 0), count(*) FILTER (WHERE occurrence = ?3 AND id = ?4) FROM others`, fingerprint, id, occurrence, twin).Scan(&last, &taken)
	if err != nil || taken == 0 {
		return occurrence, err
	}
	return last + 1, nil
}

// freeOccurrence gives the occurrence number under which a row that was ordered takes its identity: its own, unless another row has taken that; then
// one that is not released to anybody either.
func freeOccurrence(ctx context.Context, conn *sql.Conn, id int64, fingerprint []byte, occurrence int) (int, error) {
	var last, taken int
	err := conn.QueryRowContext(ctx, `
		SELECT coalesce(max(occurrence), 0), count(*) FILTER (WHERE occurrence = ?3 AND takes = 1) FROM orders
		WHERE fingerprint = ?1 AND id <> ?2 AND (takes = 1 OR override = 1 AND state = 'ready')`, fingerprint, id, occurrence).Scan(&last, &taken)
	if err != nil || taken == 0 {
		return occurrence, err
	}
	return last + 1, nil
}

// positive is an order ID as stored: NULL where it is not known.
func positive(id int64) any {
	if id <= 0 {
		return nil
	}
	return id
}
