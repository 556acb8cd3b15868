package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"sync"
)

// maxTwins bounds what Twins gives.
const maxTwins = 8

// reads are the prepared statements of the readers.
type reads struct {
	ready, customer *sql.Stmt

	mu    sync.Mutex
	twins map[int]*sql.Stmt // by number of keys
	db    *sql.DB
}

func (r *reads) prepare(ctx context.Context, db *sql.DB) (err error) {
	r.db, r.twins = db, make(map[int]*sql.Stmt)
	// The ids of a run are consecutive, so that this is one walk over a stretch of the table. It has one lower bound: of two SQLite
	// would seek the first and read up to the other, which is every page from the run's beginning again.
	if r.ready, err = db.PrepareContext(ctx, `
		SELECT orders.id, orders.number, orders.package, accounts.customer, contents.payload
		FROM runs CROSS JOIN orders CROSS JOIN accounts ON accounts.id = orders.account CROSS JOIN contents ON contents.id = orders.id
		WHERE runs.name = ?1 AND orders.id >= CASE WHEN runs.first > ?2 THEN runs.first ELSE ?2 + 1 END
			AND orders.id < runs.first + runs.count AND orders.state = 'ready'
		ORDER BY orders.id LIMIT ?3`); err != nil {
		return err
	}
	r.customer, err = db.PrepareContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM orders JOIN accounts ON accounts.id = orders.account JOIN hosts ON hosts.id = accounts.host
			WHERE hosts.name = ?1 AND accounts.customer = ?2 AND orders.state = 'ordered')`)
	return err
}

func (r *reads) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, stmt := range r.twins {
		errs = append(errs, stmt.Close())
	}
	for _, stmt := range []*sql.Stmt{r.ready, r.customer} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}

// twinsStatement finds twins by a fingerprint and n keys.
func (r *reads) twinsStatement(ctx context.Context, n int) (*sql.Stmt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if stmt := r.twins[n]; stmt != nil {
		return stmt, nil
	}
	var b strings.Builder
	b.WriteString(`
		WITH found (id, exact) AS (
			SELECT id, 1 FROM orders WHERE fingerprint = ?1 AND occurrence = ?2 AND takes = 1
			UNION ALL
			SELECT id, 1 FROM orders WHERE fingerprint = ?1 AND occurrence = ?2 AND bars > 0`)
	if n > 0 {
		b.WriteString(`
			UNION ALL
			SELECT t.id, 0 FROM identifiers CROSS JOIN orders t ON t.id = identifiers.id
			WHERE ` + mayExist + ` AND identifiers.key IN (?3`)
		for i := 1; i < n; i++ {
			fmt.Fprintf(&b, `, ?%d`, i+3)
		}
		b.WriteByte(')')
	}
	fmt.Fprintf(&b, `)
		SELECT runs.name, o.number, o.state, coalesce(o.order_number, ''), coalesce(o.order_id, 0), contents.payload, o.reason, o.bars = 2, max(found.exact) AS exact
		FROM found CROSS JOIN orders o ON o.id = found.id CROSS JOIN runs ON runs.id = o.run CROSS JOIN contents ON contents.id = o.id
		GROUP BY o.id, runs.name, contents.payload ORDER BY exact DESC, o.takes DESC, o.id LIMIT %d`, maxTwins)
	stmt, err := r.db.PrepareContext(ctx, b.String())
	if err != nil {
		return nil, err
	}
	r.twins[n] = stmt
	return stmt, nil
}

// KnowsCustomer reports whether this ledger has ever ordered for the customer at host.
func (l *Ledger) KnowsCustomer(ctx context.Context, host, customer string) (known bool, err error) {
	if err := l.failed(); err != nil {
		return false, err
	}
	err = l.reads.customer.QueryRowContext(ctx, host, customer).Scan(&known)
	return known, l.unreadable(ctx, err)
}

// Twins finds the earlier rows that stand in the way of an order: those whose order exists or may exist (Ordered, Sending or InDoubt, Held with
// MayExist, and what a person Closed of the last two), with the same fingerprint and occurrence or with one of the keys, and all others
// that a person Closed, with the same fingerprint and occurrence. Exact ones first, and of those the one that has taken the identity; at most 8. Rows
// of a Stage that is open are not among them.
func (l *Ledger) Twins(ctx context.Context, fp Fingerprint, occurrence int, keys []Key) ([]Twin, error) {
	if err := l.failed(); err != nil {
		return nil, err
	}
	twins, err := l.twins(ctx, fp, occurrence, keys)
	return twins, l.unreadable(ctx, err)
}

func (l *Ledger) twins(ctx context.Context, fp Fingerprint, occurrence int, keys []Key) ([]Twin, error) {
	stmt, err := l.reads.twinsStatement(ctx, len(keys))
	if err != nil {
		return nil, err
	}
	args := make([]any, 0, 8)
	args = append(args, fp[:], occurrence)
	for i := range keys {
		args = append(args, keys[i][:])
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var twins []Twin
	for rows.Next() {
		var t Twin
		if err := rows.Scan(&t.Run, &t.Row, &t.State, &t.OrderNumber, &t.OrderID, &t.Payload, &t.Reason, &t.MayExist, &t.Exact); err != nil {
			return nil, err
		}
		twins = append(twins, t)
	}
	return twins, rows.Err()
}

// Numbered finds the row that has an order number of host; fs.ErrNotExist where none has.
func (l *Ledger) Numbered(ctx context.Context, host, number string) (run string, row int, fp Fingerprint, err error) {
	if err := l.failed(); err != nil {
		return "", 0, fp, err
	}
	var print []byte
	err = l.readers.QueryRowContext(ctx, `
		SELECT runs.name, orders.number, orders.fingerprint FROM orders JOIN runs ON runs.id = orders.run
		WHERE orders.host = (SELECT id FROM hosts WHERE name = ?1) AND orders.order_number = ?2`, host, number).Scan(&run, &row, &print)
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, fp, fmt.Errorf("order number %q: %w", number, fs.ErrNotExist)
	}
	copy(fp[:], print)
	return run, row, fp, l.unreadable(ctx, err)
}

func (l *Ledger) selectRun(rest string) string {
	return `
	SELECT runs.name, hosts.name, ` + l.words().runState + `, file, sha256, format, sheet, header_row, columns, endpoint, package,
		profile, schemas, options, notes, started_at
	FROM runs JOIN hosts ON hosts.id = runs.host ` + rest
}

// Runs yields all runs with their totals, newest first. Profile, Schemas, Options and Notes are with Run only.
func (l *Ledger) Runs(ctx context.Context) ([]Run, error) {
	if err := l.failed(); err != nil {
		return nil, err
	}
	runs, err := l.runs(ctx)
	return runs, l.unreadable(ctx, err)
}

func (l *Ledger) runs(ctx context.Context) (runs []Run, err error) {
	tx, err := l.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // one view for runs and totals
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	rows, err := tx.QueryContext(ctx, l.selectRun(`ORDER BY runs.id DESC`))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		run, err := l.scanRun(rows)
		if err != nil {
			return nil, err
		}
		run.Profile, run.Schemas, run.Options, run.Notes = nil, nil, nil, nil
		runs = append(runs, *run)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range runs {
		if runs[i].Totals, err = l.totals(ctx, tx, &runs[i]); err != nil {
			return nil, err
		}
	}
	return runs, nil
}

// Run finds one; fs.ErrNotExist where it is not there.
func (l *Ledger) Run(ctx context.Context, id string) (*Run, error) {
	if err := l.failed(); err != nil {
		return nil, err
	}
	run, err := l.run(ctx, id)
	return run, l.unreadable(ctx, err)
}

func (l *Ledger) run(ctx context.Context, id string) (*Run, error) {
	tx, err := l.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	run, err := l.scanRun(tx.QueryRowContext(ctx, l.selectRun(`WHERE runs.name = ?1`), id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, l.noRun(id)
	} else if err != nil {
		return nil, err
	}
	run.Totals, err = l.totals(ctx, tx, run)
	return run, err
}

func (l *Ledger) noRun(id string) error {
	return fmt.Errorf("ledger %q: run %q: %w", l.place.path, id, fs.ErrNotExist)
}

// sending reports whether a run that is told as running is being sent: by a live process. A writer's Open has stopped those of
// dead ones, so for it all are its own; of a shared ledger the store itself tells.
func (l *Ledger) sending() bool { return l.shared != nil || !l.readOnly || l.place.held() }

func (l *Ledger) scanRun(row interface{ Scan(...any) error }) (*Run, error) {
	var run Run
	var columns string
	var started sql.NullInt64
	if err := row.Scan(&run.ID, &run.Host, &run.State, &run.File, &run.SHA256, &run.Format, &run.Sheet, &run.HeaderRow, &columns,
		&run.Endpoint, &run.Package, &run.Profile, &run.Schemas, (*[]byte)(&run.Options), (*[]byte)(&run.Notes), &started); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(columns), &run.Columns); err != nil {
		return nil, fmt.Errorf("run %s: columns: %w", run.ID, err)
	}
	run.StartedAt = fromMicros(started)
	run.State = l.live(run.State)
	return &run, nil
}

// live is a run's state as it is told: a run is running only while a live process sends it.
func (l *Ledger) live(state RunState) RunState {
	if state == RunRunning && !l.sending() {
		return RunStopped
	}
	return state
}

// abandoned reports whether what a run has in Sending is in doubt already, although nobody has booked it yet: a process that ended left it
// so, and who only reads books nothing.
func (l *Ledger) abandoned(state RunState) bool { return l.readOnly && state != RunRunning }

func (l *Ledger) totals(ctx context.Context, tx *sql.Tx, run *Run) (Totals, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT orders.state, count(*) FROM runs CROSS JOIN orders
		WHERE runs.name = ?1 AND orders.id >= runs.first AND orders.id < runs.first + runs.count GROUP BY orders.state`, run.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	t := make(Totals, len(States))
	for rows.Next() {
		var state State
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, err
		}
		if state == Sending && l.abandoned(run.State) {
			state = InDoubt
		}
		t[state] += n
	}
	return t, rows.Err()
}

// Rows yields the rows of a run in the file's order, all from one moment. Twin order numbers are filled in for Duplicate rows.
// A run that is not there is fs.ErrNotExist. Each Row is new.
func (l *Ledger) Rows(ctx context.Context, run string) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		err := l.failed()
		if err == nil {
			err = l.unreadable(ctx, l.rows(ctx, run, yield))
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func (l *Ledger) rows(ctx context.Context, run string, yield func(*Row, error) bool) error {
	tx, err := l.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var first, count int64
	var state RunState
	err = tx.QueryRowContext(ctx, `SELECT first, count, `+l.words().runState+` FROM runs WHERE name = ?1`, run).Scan(&first, &count, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return l.noRun(run)
	} else if err != nil {
		return err
	}
	abandoned := l.abandoned(l.live(state))
	rows, err := tx.QueryContext(ctx, `
		SELECT o.id, o.number, o.state, o.package, accounts.customer, contents.payload, contents.cells, contents.findings,
			o.fingerprint, o.occurrence, o.override, o.reason, o.message,
			coalesce(o.order_id, CASE WHEN o.state = 'duplicate' THEN twin.order_id END, 0),
			coalesce(o.order_number, CASE WHEN o.state = 'duplicate' THEN twin.order_number END, ''),
			o.http_status, coalesce(o.request_id, ''), o.sent_at, coalesce(o.decided_by, ''),
			coalesce(twins.name, ''), coalesce(twin.number, 0)
		FROM orders o CROSS JOIN accounts ON accounts.id = o.account CROSS JOIN contents ON contents.id = o.id
		LEFT JOIN orders twin ON twin.id = o.twin LEFT JOIN runs twins ON twins.id = twin.run
		WHERE o.id >= ?1 AND o.id < ?2 ORDER BY o.id`, first, first+count)
	if err != nil {
		return err
	}
	defer rows.Close()
	var cells, fingerprint sql.RawBytes
	for rows.Next() {
		var r Row
		var sent sql.NullInt64
		if err := rows.Scan(&r.ID, &r.Number, &r.State, &r.Package, &r.Customer, &r.Payload, &cells, (*[]byte)(&r.Findings),
			&fingerprint, &r.Occurrence, &r.Override, &r.Reason, &r.Message, &r.OrderID, &r.OrderNumber,
			&r.HTTPStatus, &r.RequestID, &sent, &r.By, &r.TwinRun, &r.TwinRow); err != nil {
			return err
		}
		copy(r.Fingerprint[:], fingerprint)
		r.SentAt = fromMicros(sent)
		if abandoned && r.State == Sending {
			r.State, r.Reason = InDoubt, l.words().left
		}
		if r.Cells, err = decodeCells(cells); err != nil {
			return fmt.Errorf("row %d of run %s: %w", r.Number, run, err)
		}
		if !yield(&r, nil) {
			return nil
		}
	}
	return rows.Err()
}

// Ready gives up to limit rows in state Ready with an ID above after, in order: what Submit sends. Only ID, Number, State, Package,
// Customer and Payload are filled in.
func (l *Ledger) Ready(ctx context.Context, run string, after int64, limit int) ([]Row, error) {
	if err := l.failed(); err != nil {
		return nil, err
	}
	asked := ctx
	if l.shared != nil {
		var cancel context.CancelFunc
		asked, cancel = context.WithTimeout(ctx, answerTime)
		defer cancel()
	}
	ready, err := l.ready(asked, run, after, limit)
	return ready, l.unreadable(ctx, err)
}

func (l *Ledger) ready(ctx context.Context, run string, after int64, limit int) ([]Row, error) {
	rows, err := l.reads.ready.QueryContext(ctx, run, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ready []Row
	for rows.Next() {
		r := Row{State: Ready}
		if err := rows.Scan(&r.ID, &r.Number, &r.Package, &r.Customer, &r.Payload); err != nil {
			return nil, err
		}
		ready = append(ready, r)
	}
	return ready, rows.Err()
}

// unreadable words a failure of the store while reading. It is no poison: what was promised is on the disk or not, whoever reads.
func (l *Ledger) unreadable(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.As(err, new(*Error)) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if e := l.describe(err); e != nil {
		return e
	}
	return l.place.fail(err, "check the disk, then the ledger", "could not be read: %v", err)
}
