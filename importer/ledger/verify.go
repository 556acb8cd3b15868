package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// rule is one invariant.
type rule struct{ name, sql string }

// sharedRules are PostgreSQL's own.
var sharedRules = []rule{
	{"what is referred to is there", `
		SELECT 'run ' || name || ' refers to a host' FROM runs r WHERE NOT EXISTS (SELECT 1 FROM hosts WHERE hosts.id = r.host)
		UNION ALL SELECT 'account ' || id || ' refers to a host' FROM accounts a WHERE NOT EXISTS (SELECT 1 FROM hosts WHERE hosts.id = a.host)
		UNION ALL SELECT 'row ' || id || ' refers to a host' FROM orders o WHERE NOT EXISTS (SELECT 1 FROM hosts WHERE hosts.id = o.host)
		UNION ALL SELECT 'row ' || id || ' refers to a run' FROM orders o WHERE NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = o.run)
		UNION ALL SELECT 'row ' || id || ' refers to an account' FROM orders o WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE accounts.id = o.account)
		UNION ALL SELECT 'row ' || id || ' refers to a twin' FROM orders o WHERE twin IS NOT NULL AND NOT EXISTS (SELECT 1 FROM orders t WHERE t.id = o.twin)
		UNION ALL SELECT 'contents ' || id || ' refer to a row' FROM contents c WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.id = c.id)
		UNION ALL SELECT 'a key refers to row ' || id FROM identifiers i WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.id = i.id)
		UNION ALL SELECT 'attempt ' || rowid || ' refers to a row' FROM attempts a WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.id = a.id)
		UNION ALL SELECT 'verdict ' || rowid || ' refers to a row' FROM verdicts v WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.id = v.id)`},
	{"a run that is being sent belongs to a session", `
		SELECT 'run ' || name FROM runs WHERE (state = 'running') <> EXISTS (SELECT 1 FROM sessions WHERE sessions.id = runs.session)`},
}

// fileRules are SQLite's own.
var fileRules = []rule{
	{"the database file is sound", `SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'`},
	{"what is referred to is there", `SELECT "table" || ' ' || coalesce(rowid, '') || ' refers to ' || parent FROM pragma_foreign_key_check`},
}

// rules are the invariants of a ledger as statements that find who breaks them: one text each. An index that is damaged must
// not hide a fault from them, so they compare values rather than rely on constraints.
var rules = []rule{
	{"every row has one of the states", `
		SELECT 'row ' || id || ': ' || state FROM orders
		WHERE state NOT IN ('ready', 'sending', 'ordered', 'rejected', 'in_doubt', 'invalid', 'held', 'duplicate', 'skipped', 'closed')`},
	{"a row takes its identity in the states that do", `
		SELECT 'row ' || id FROM orders WHERE takes <> CASE WHEN state IN ('sending', 'in_doubt', 'ordered') THEN 1 ELSE 0 END`},
	{"a run has as many rows as were sealed, under consecutive IDs", `
		SELECT 'run ' || name FROM runs
		WHERE count <> (SELECT count(*) FROM orders WHERE orders.id >= first AND orders.id < first + runs.count AND orders.run = runs.id)
		OR count <> (SELECT count(*) FROM orders WHERE orders.run = runs.id)`},
	{"numbers ascend with IDs", `
		SELECT 'row ' || b.id FROM orders a JOIN orders b ON b.id = a.id + 1 AND b.run = a.run WHERE b.number <= a.number`},
	{"every row has its contents", `SELECT 'row ' || id FROM orders WHERE NOT EXISTS (SELECT 1 FROM contents WHERE contents.id = orders.id)`},
	{"an identity is taken once", `
		SELECT 'rows ' || string_agg(CAST(id AS TEXT), ',') FROM orders WHERE +takes = 1 AND fingerprint IS NOT NULL
		GROUP BY +fingerprint, +occurrence HAVING count(*) > 1`},
	{"an order number is given once", `
		SELECT 'rows ' || string_agg(CAST(id AS TEXT), ',') FROM orders WHERE order_number IS NOT NULL GROUP BY +host, +order_number HAVING count(*) > 1`},
	{"an order ID is given once", `
		SELECT 'rows ' || string_agg(CAST(id AS TEXT), ',') FROM orders WHERE order_id IS NOT NULL GROUP BY +host, +order_id HAVING count(*) > 1`},
	{"ordered rows, and only they, have a number", `
		SELECT 'row ' || id FROM orders WHERE (state = 'ordered') <> (order_number IS NOT NULL) OR order_id IS NOT NULL AND state <> 'ordered'`},
	{"rows are sent only while their run is", `
		SELECT 'row ' || orders.id FROM orders JOIN runs ON runs.id = orders.run WHERE orders.state = 'sending' AND runs.state <> 'running'`},
	{"what was sent carries its attempt, and nothing else does", `
		SELECT 'row ' || id FROM orders
		WHERE state IN ('sending', 'in_doubt', 'rejected') AND (request_id IS NULL OR sent_at IS NULL)
		OR state IN ('ready', 'invalid', 'held', 'duplicate', 'skipped') AND (request_id IS NOT NULL OR sent_at IS NOT NULL)`},
	{"what may be sent has a payload and a fingerprint", `
		SELECT 'row ' || orders.id FROM orders JOIN contents ON contents.id = orders.id
		WHERE state IN ('ready', 'sending') AND (payload IS NULL OR fingerprint IS NULL OR occurrence < 1)`},
	{"only rows that are held or closed bar others", `
		SELECT 'row ' || id FROM orders WHERE bars <> 0 AND state NOT IN ('held', 'closed') OR bars <> 2 AND state = 'closed' AND request_id IS NOT NULL`},
	{"a closed row was closed by a person, and nothing was ordered unsent but by a person", `
		SELECT 'row ' || id FROM orders WHERE (state = 'closed' OR state = 'ordered' AND request_id IS NULL)
		AND NOT EXISTS (SELECT 1 FROM verdicts WHERE verdicts.id = orders.id AND to_state = orders.state)`},
	{"a doubt ends by a person's word or by its own answer", `
		SELECT 'row ' || a.id FROM attempts a WHERE a.outcome = 'in_doubt' AND a.sent_at IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.id = a.id AND v.from_state = 'in_doubt' AND v.to_state = 'ready')`},
}

func (l *Ledger) rules() []rule {
	if l.shared != nil {
		return append(slices.Clip(sharedRules), rules...)
	}
	return append(slices.Clip(fileRules), rules...)
}

// maxViolations bounds how many breaches of one rule Verify tells.
const maxViolations = 5

// Verify checks every invariant from storage, whatever wrote it: nil where all hold, else an error with one line for each breach.
// It reads the whole ledger.
func (l *Ledger) Verify(ctx context.Context) error {
	if err := l.failed(); err != nil {
		return err
	}
	tx, err := l.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return l.unreadable(ctx, err)
	}
	defer tx.Rollback()
	var broken []error
	for _, rule := range l.rules() {
		found, err := breaches(ctx, tx, rule.sql)
		if err != nil {
			return l.unreadable(ctx, err)
		}
		for _, f := range found {
			broken = append(broken, fmt.Errorf("broken: %s: %s", rule.name, f))
		}
	}
	return errors.Join(broken...)
}

func breaches(ctx context.Context, tx *sql.Tx, query string) (found []string, err error) {
	rows, err := tx.QueryContext(ctx, query+fmt.Sprintf(` LIMIT %d`, maxViolations))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var f string
		if err := rows.Scan(&f); err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return found, rows.Err()
}
