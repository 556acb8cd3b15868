package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"orderimport/importer/connect"
)

// moves are the prepared statements of the committer: those that change, and those that tell why a change found no row.
//
// Placeholders are numbered (?1): the driver binds $1 by first appearance, not by number.
type moves struct {
	claim, yield                              statement // Claim
	order, reject, doubt, unsend, keepAttempt statement // Finish
	lateOrder, lateAnswer                     statement
	look, exactTwin, keyTwin, priorNumber     *sql.Stmt
}

func (s *moves) prepare(ctx context.Context, w *writer) (err error) {
	words := w.ledger.words()
	for _, p := range []struct {
		to  *statement
		sql string
	}{
		{&s.claim, words.update + ` orders SET state = 'sending', takes = 1, since = ` + lastVerdict + `, request_id = ?2, sent_at = ?3, ended_at = NULL, reason = '', message = '', http_status = 0
			WHERE id = ?1 AND state = 'ready'
			AND EXISTS (SELECT 1 FROM runs WHERE runs.id = orders.run AND ` + words.running + `)
			AND NOT EXISTS (SELECT 1 FROM identifiers mine
				CROSS JOIN identifiers theirs ON theirs.key = mine.key CROSS JOIN orders t ON t.id = theirs.id
				WHERE mine.id = orders.id AND theirs.id <> mine.id AND ` + mayExist + ` AND ` + unseen("orders") + `)
			AND NOT EXISTS (SELECT 1 FROM orders t WHERE t.fingerprint = orders.fingerprint AND t.occurrence = orders.occurrence
				AND t.bars > 0 AND t.id <> orders.id AND ` + unseen("orders") + `)` + words.identityFree},
		{&s.yield, `UPDATE orders SET state = ?2, reason = ?3, twin = ?4 WHERE id = ?1 AND state = 'ready'`},
		{&s.order, words.update + ` orders SET state = 'ordered', order_id = ?3, order_number = ?4, http_status = ?5, reason = ?6, message = ?7, ended_at = ?8
			WHERE id = ?1 AND request_id = ?2 AND state IN ('sending', 'in_doubt')` + words.numberFree},
		{&s.reject, `
			UPDATE orders SET state = 'rejected', takes = 0, http_status = ?3, reason = ?4, message = ?5, ended_at = ?6
			WHERE id = ?1 AND request_id = ?2 AND state IN ('sending', 'in_doubt')`},
		{&s.doubt, `
			UPDATE orders SET state = 'in_doubt', http_status = ?3, reason = ?4, message = ?5, ended_at = ?6
			WHERE id = ?1 AND request_id = ?2 AND state IN ('sending', 'in_doubt')`},
		{&s.keepAttempt, `
			INSERT INTO attempts (id, request_id, sent_at, ended_at, outcome, reason, message, http_status)
			SELECT id, request_id, sent_at, ?3, 'ready', ?4, ?5, ?6 FROM orders
			WHERE id = ?1 AND request_id = ?2 AND state IN ('sending', 'in_doubt')`},
		{&s.unsend, `
			UPDATE orders SET state = 'ready', takes = 0, request_id = NULL, sent_at = NULL, ended_at = NULL, reason = ?3, message = ?4, http_status = ?5
			WHERE id = ?1 AND request_id = ?2 AND state IN ('sending', 'in_doubt')`},
		{&s.lateOrder, words.update + ` orders SET state = 'ordered', takes = 1, since = ` + lastVerdict + `, order_id = ?3, order_number = ?4, http_status = ?5, reason = ?6, message = ?7, ended_at = ?8,
				request_id = ?2, sent_at = (SELECT max(a.sent_at) FROM attempts a WHERE a.id = orders.id AND a.request_id = ?2)
			WHERE id = ?1 AND state = 'ready' AND EXISTS (SELECT 1 FROM attempts a WHERE a.id = orders.id AND a.request_id = ?2 AND a.outcome = 'in_doubt' AND a.sent_at IS NOT NULL)` +
			words.identityFree + words.numberFree},
		{&s.lateAnswer, `
			INSERT INTO attempts (id, request_id, ended_at, outcome, reason, message, http_status, order_id, order_number)
			SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM orders WHERE id = ?1`},
	} {
		if *p.to, err = w.prepare(ctx, p.sql); err != nil {
			return err
		}
	}
	for _, p := range []struct {
		to  **sql.Stmt
		sql string
	}{
		{&s.look, `
			SELECT orders.state, orders.request_id, orders.number, CASE WHEN ` + words.running + ` THEN 'running' ELSE 'stopped' END
			FROM orders JOIN runs ON runs.id = orders.run WHERE orders.id = ?1`},
		{&s.exactTwin, `
			SELECT t.id, t.state, t.takes FROM orders me JOIN orders t ON t.fingerprint = me.fingerprint AND t.occurrence = me.occurrence
			WHERE me.id = ?1 AND t.id <> me.id AND t.takes = 1
			UNION ALL
			SELECT t.id, t.state, t.takes FROM orders me JOIN orders t ON t.fingerprint = me.fingerprint AND t.occurrence = me.occurrence
			WHERE me.id = ?1 AND t.id <> me.id AND t.bars > 0 AND ` + unseen("me") + `
			ORDER BY 3 DESC, 1 LIMIT 1`},
		{&s.keyTwin, `
			SELECT t.id FROM orders me JOIN identifiers mine ON mine.id = me.id JOIN identifiers theirs ON theirs.key = mine.key JOIN orders t ON t.id = theirs.id
			WHERE me.id = ?1 AND t.id <> me.id AND ` + mayExist + ` AND ` + unseen("me") + ` ORDER BY t.id LIMIT 1`},
		{&s.priorNumber, `
			SELECT runs.name, t.number FROM orders me JOIN orders t ON t.host = me.host AND t.order_number = ?2 JOIN runs ON runs.id = t.run WHERE me.id = ?1
			UNION ALL
			SELECT runs.name, t.number FROM orders me JOIN orders t ON t.host = me.host AND t.order_id = ?3 JOIN runs ON runs.id = t.run WHERE me.id = ?1
			LIMIT 1`},
	} {
		if *p.to, err = w.conn.PrepareContext(ctx, p.sql); err != nil {
			return err
		}
	}
	return nil
}

func (s *moves) close() error {
	errs := []error{closeAll(s.claim, s.yield, s.order, s.reject, s.doubt, s.unsend, s.keepAttempt, s.lateOrder, s.lateAnswer)}
	for _, stmt := range []*sql.Stmt{s.look, s.exactTwin, s.keyTwin, s.priorNumber} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}

// mayExist is a condition on t: its order was made, or may have been, although a person has said that it is closed, or where this ledger does
// not know of it.
const mayExist = `(t.takes = 1 OR t.bars = 2)`

// lastVerdict is the newest of all verdicts. They are numbered in the order of their commits, which no clock and no host disagrees about.
const lastVerdict = `(SELECT coalesce(max(rowid), 0) FROM verdicts)`

// unseen is a condition on t, which stands in the way of the row named: nobody who released that row can have had t in mind. It was
// released for the rows of its own file, and for what had taken its identity by then.
func unseen(row string) string {
	return fmt.Sprintf(`(%[1]s.override = 0 OR t.run <> %[1]s.run AND t.since >= (SELECT max(v.rowid) FROM verdicts v WHERE v.id = %[1]s.id))`, row)
}

// maxNumber is the longest order number, in bytes. A longer text is none, and no index takes any length.
const maxNumber = 500

var claims = sync.Pool{New: func() any { return &move{kind: claim, reply: make(chan struct{}, 1)} }}

// Claim moves a row from Ready to Sending. When it returns Sending, the intent is durable and the order may be written to
// the wire. Otherwise the row did not move, or moved to Duplicate or Held since another row has taken its identity; the state
// it is in is returned. A row that another attempt has in Sending is *RefusedError, and so is one whose run is not RunRunning. requestID must be new for the row,
// and has at most 64 bytes.
//
// at is this host's time of the intent; a shared ledger keeps it by its server's clock. The context is heeded until the committer takes the claim. After that Claim returns what became of it: a caller whose
// context has ended meanwhile and who gets Sending gives the row back with Finish.
func (l *Ledger) Claim(ctx context.Context, row int64, requestID string, at time.Time) (State, error) {
	if err := l.writable(); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if requestID == "" || len(requestID) > maxRequest {
		return "", fmt.Errorf("ledger: a claim's request ID has 1 to %d bytes, not %d", maxRequest, len(requestID))
	}
	m := claims.Get().(*move)
	m.row, m.request, m.at, m.state, m.err = row, requestID, at, "", nil
	m.taken.Store(false)
	if err := l.writer.enqueue(m); err != nil {
		return "", err
	}
	if err := l.writer.wait(ctx, m); err != nil {
		return "", err // m may still be in the queue
	}
	state := m.state
	claims.Put(m)
	return state, nil
}

// Finish books the outcome of the attempt requestID: Sending (or InDoubt, for the attempt's own late answer) to Ordered,
// Rejected, InDoubt, or back to Ready. It queues and returns; done is called from the committer once it is durable, with the
// state the row is in, or with the error that kept it from being so. It must not wait for the ledger.
//
// An order number or ID that this host gave before makes the row InDoubt (ReasonRepeatedNumber), and so does an order without
// them or with a number of more than 500 bytes (ReasonNoNumber). An order of a row in doubt that a person has released makes it Ordered, unless it has been sent again. Any
// other answer that finds the row elsewhere, since a person has decided meanwhile, is kept as an attempt, number and all, and told as *RefusedError.
func (l *Ledger) Finish(row int64, requestID string, outcome connect.Outcome, done func(State, error)) {
	err := l.writable()
	if err == nil {
		err = l.writer.enqueue(&move{kind: finish, row: row, request: requestID, outcome: outcome, done: done})
	}
	if err != nil && done != nil {
		done("", err)
	}
}

func (l *Ledger) writable() error {
	if err := l.failed(); err != nil {
		return err
	}
	if l.readOnly {
		return l.place.fail(nil, "", "is open for reading only")
	}
	return nil
}

// claimRow is Claim within the transaction.
func (w *writer) claimRow(ctx context.Context, m *move) error {
	s := &w.moves
	ok, err := s.claim.moved(m.row, m.request, micros(w.ledger.byLedger(m.at)))
	if err != nil {
		return err
	}
	if ok {
		m.state = Sending
		return nil
	}
	at, err := s.at(ctx, m)
	if err != nil || m.err != nil {
		return err
	}
	switch m.state {
	case Ready:
	case Sending: // by another attempt, whose caller alone has leave to write
		m.err = &RefusedError{Row: at.number, From: Sending, To: Sending, Text: fmt.Sprintf("row %d: is being sent already", at.number)}
		return nil
	default:
		return nil
	}
	if at.run != RunRunning {
		if m.err = w.ledger.fenced(ctx); m.err != nil {
			return nil
		}
		m.err = &RefusedError{Row: at.number, From: Ready, To: Sending, Text: fmt.Sprintf("row %d: its run is not being sent", at.number)}
		return nil
	}
	var twin int64
	to, reason := Held, ReasonSamePerson
	var theirs State
	err = s.exactTwin.QueryRowContext(ctx, m.row).Scan(&twin, &theirs, new(int))
	switch {
	case err == nil && theirs == Ordered:
		to, reason = Duplicate, ReasonAlreadyOrdered
	case err == nil && theirs == Closed:
		reason = ReasonTwinClosed
	case err == nil && theirs == Held:
		reason = ReasonTwinHeld
	case err == nil:
		reason = ReasonTwinInDoubt
	case errors.Is(err, sql.ErrNoRows):
		err = s.keyTwin.QueryRowContext(ctx, m.row).Scan(&twin)
	}
	if err != nil {
		return err
	}
	if ok, err = s.yield.moved(m.row, string(to), reason, twin); err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("row %d changed under its claim", at.number)
	}
	m.state = to
	return nil
}

// whereabouts of a row that a compare-and-set did not find.
type whereabouts struct {
	request sql.NullString
	number  int
	run     RunState
}

// at looks a row up, and fills in m.state, or m.err where there is no such row.
func (s *moves) at(ctx context.Context, m *move) (at whereabouts, err error) {
	err = s.look.QueryRowContext(ctx, m.row).Scan(&m.state, &at.request, &at.number, &at.run)
	if errors.Is(err, sql.ErrNoRows) {
		m.err = &RefusedError{Text: fmt.Sprintf("the ledger has no row with ID %d", m.row)}
		return at, nil
	}
	return at, err
}

// finishRow is Finish within the transaction.
func (s *moves) finishRow(ctx context.Context, m *move, now time.Time) (err error) {
	o, ended := &m.outcome, now.UnixMicro()
	var ok bool
	switch {
	case o.Verdict == connect.Ordered && (o.Result.OrderNumber == "" || o.Result.OrderID <= 0):
		m.state = InDoubt
		ok, err = s.doubt.moved(m.row, m.request, o.Status, ReasonNoNumber, o.Message, ended)
	case o.Verdict == connect.Ordered && len(o.Result.OrderNumber) > maxNumber:
		m.state = InDoubt
		text := fmt.Sprintf("an order number of %d bytes, ID %d, that begins with %q", len(o.Result.OrderNumber), o.Result.OrderID, o.Result.OrderNumber[:maxNumber])
		ok, err = s.doubt.moved(m.row, m.request, o.Status, ReasonNoNumber, text, ended)
	case o.Verdict == connect.Ordered:
		m.state = Ordered
		ok, err = s.order.moved(m.row, m.request, o.Result.OrderID, o.Result.OrderNumber, o.Status, o.Reason, o.Message, ended)
	case o.Verdict == connect.Rejected:
		m.state = Rejected
		ok, err = s.reject.moved(m.row, m.request, o.Status, o.Reason, o.Message, ended)
	case o.Verdict == connect.NotSent:
		m.state = Ready
		if err = s.keepAttempt.exec(m.row, m.request, ended, o.Reason, o.Message, o.Status); err != nil {
			return err
		}
		ok, err = s.unsend.moved(m.row, m.request, o.Reason, o.Message, o.Status)
	default:
		m.state = InDoubt
		ok, err = s.doubt.moved(m.row, m.request, o.Status, o.Reason, o.Message, ended)
	}
	if ok || err != nil {
		return err
	}
	return s.finishElsewhere(ctx, m, m.state, ended)
}

// finishElsewhere books an outcome that cannot be what it says: a repeated number, or an answer for a row that has moved on.
func (s *moves) finishElsewhere(ctx context.Context, m *move, to State, ended int64) error {
	o := &m.outcome
	at, err := s.at(ctx, m)
	if err != nil || m.err != nil {
		return err
	}
	if to == Ordered && at.request.String == m.request && (m.state == Sending || m.state == InDoubt) {
		var run string
		var number int
		if err := s.priorNumber.QueryRowContext(ctx, m.row, o.Result.OrderNumber, o.Result.OrderID).Scan(&run, &number); err != nil {
			return err
		}
		text := fmt.Sprintf("order number %q, ID %d: given before, for row %d of run %s", o.Result.OrderNumber, o.Result.OrderID, number, run)
		ok, err := s.doubt.moved(m.row, m.request, o.Status, ReasonRepeatedNumber, text, ended)
		if err == nil && !ok {
			err = fmt.Errorf("row %d changed under its answer", at.number)
		}
		m.state = InDoubt
		return err
	}
	if to == Ordered && m.state == Ready { // a person has released the doubt, and was wrong
		ok, err := s.lateOrder.moved(m.row, m.request, o.Result.OrderID, o.Result.OrderNumber, o.Status, o.Reason, o.Message, ended)
		if ok {
			m.state = Ordered
		}
		if ok || err != nil {
			return err
		}
	}
	var id, orderNumber any
	if to == Ordered {
		id, orderNumber = o.Result.OrderID, o.Result.OrderNumber
	}
	err = s.lateAnswer.exec(m.row, m.request, ended, string(to), o.Reason, o.Message, o.Status, id, orderNumber)
	m.err = &RefusedError{Row: at.number, From: m.state, To: to, Text: fmt.Sprintf("row %d: is %s, so the answer to request %q does not apply", at.number, m.state.Status(), m.request)}
	return err
}
