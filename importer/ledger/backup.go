package ledger

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// backupFact marks a copy that Backup made, with the time it was made at. It is gone once the copy has been adopted.
const backupFact = "backup"

// Backup writes the ledger as it is at this moment to path, a shared one too as a file, and its key to path.key, both for their owner alone and synced; it
// overwrites neither. A process that is sending goes on meanwhile. The copy is checked as by Verify before Backup returns.
//
// What is ordered afterwards the copy does not know, and sent from it would be ordered twice: it can be read, but Open refuses it for
// writing until somebody has adopted it.
func (l *Ledger) Backup(ctx context.Context, path string) (err error) {
	if err := l.failed(); err != nil {
		return err
	}
	target, err := newPlace(path, Options{})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(target.dir(), 0o700); err != nil {
		return target.fail(err, "choose another place", "its folder cannot be made: %v", cause(err))
	}
	part := place{path: target.path + ".part"}
	for _, p := range []string{target.path, target.key()} {
		if _, err := os.Lstat(p); !errors.Is(err, fs.ErrNotExist) {
			return &Error{Path: p, Text: fmt.Sprintf("%q is there already", p), Hint: "name a new file for the backup"}
		}
	}
	defer func() {
		if err != nil {
			os.Remove(part.path)
		}
	}()
	f, err := os.OpenFile(part.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return target.fail(err, "choose another place", "cannot be written: %v", cause(err))
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := l.copyTo(ctx, part); err != nil {
		if l.shared != nil {
			if e := l.describe(err); e != nil {
				return e
			}
		}
		return target.fail(err, "choose another place, or make room", "cannot be written: %v", err)
	}
	if err := part.check(ctx); err != nil {
		return target.fail(err, "the ledger itself may be damaged: see `ledger verify`", "is not sound: %v", err)
	}
	if err := target.writeKey(l.key); err != nil {
		return target.fail(err, "choose another place, or make room", "its key file cannot be made: %v", cause(err))
	}
	if err := errors.Join(os.Rename(part.path, target.path), syncDir(target.dir())); err != nil {
		return target.fail(err, "choose another place", "cannot be written: %v", cause(err))
	}
	return nil
}

// copyTo copies the database into a file without a log, and marks it.
func (l *Ledger) copyTo(ctx context.Context, to place) error {
	db, err := sql.Open("sqlite3", to.uri("_pragma=journal_mode(DELETE)", "_pragma=synchronous(FULL)"))
	if err != nil {
		return err
	}
	if l.shared != nil {
		err = l.copyTables(ctx, db)
	} else {
		err = l.copyFile(ctx, to)
	}
	if err != nil {
		return errors.Join(err, db.Close())
	}
	_, err = db.ExecContext(ctx, putFact, backupFact, []byte(l.now().UTC().Format(time.RFC3339)))
	return errors.Join(err, db.Close())
}

func (l *Ledger) copyFile(ctx context.Context, to place) error {
	conn, err := l.readers.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	own, err := raw(conn)
	if err != nil {
		return err
	}
	return own.Backup("main", to.uri())
}

// copyTables copies a shared ledger into an empty file, all from one moment.
func (l *Ledger) copyTables(ctx context.Context, db *sql.DB) error {
	from, err := l.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer from.Rollback()
	to, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer to.Rollback()
	if _, err := to.ExecContext(ctx, `PRAGMA defer_foreign_keys = ON`); err != nil {
		return err
	}
	if err := makeTables(ctx, to, 0); err != nil {
		return err
	}
	for _, table := range []string{"facts", "hosts", "accounts", "runs", "orders", "contents", "identifiers", "attempts", "verdicts"} {
		if err := copyTable(ctx, from, to, table); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	// Nobody sends from the copy, and what the sessions have in flight is then in doubt, as after any restart.
	if _, err := to.ExecContext(ctx, `DELETE FROM facts WHERE name IN (?1, ?2)`, versionFact, originFact); err != nil {
		return err
	}
	return to.Commit()
}

// copyTable copies the columns that the table has in the file.
func copyTable(ctx context.Context, from, to *sql.Tx, table string) error {
	var columns []string
	if table == "verdicts" { // orders refer to them by number
		columns = append(columns, "rowid")
	}
	err := each(ctx, to, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		columns = append(columns, name)
		return err
	}, `SELECT name FROM pragma_table_info(?1)`, table)
	if err != nil {
		return err
	}
	insert, err := to.PrepareContext(ctx, fmt.Sprintf(`INSERT INTO %s (%s) VALUES (?%s)`, table, strings.Join(columns, ", "), strings.Repeat(", ?", len(columns)-1)))
	if err != nil {
		return err
	}
	defer insert.Close()
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	return each(ctx, from, func(scan func(...any) error) error {
		if err := scan(places...); err != nil {
			return err
		}
		_, err := insert.ExecContext(ctx, values...)
		return err
	}, fmt.Sprintf(`SELECT %s FROM %s ORDER BY 1`, strings.Join(columns, ", "), table))
}

// check is Verify of a file that nobody has open.
func (p place) check(ctx context.Context) error {
	l := &Ledger{place: p, readOnly: true}
	if err := l.openReaders(ctx, "mode=ro", "immutable=1"); err != nil {
		return err
	}
	return errors.Join(l.Verify(ctx), l.readers.Close())
}

// hintAdopt is for who opens a copy.
const hintAdopt = "go on with the ledger itself; if that is lost, take this one over with `orderimport ledger adopt --reason TEXT`"

// refuseCopy keeps a copy from being written to as if it were the ledger.
func (l *Ledger) refuseCopy(ctx context.Context, db querier, isNew bool) error {
	if isNew {
		if l.shared != nil {
			return l.shared.refuseGone()
		}
		return l.place.refuseLost()
	}
	var made []byte
	err := db.QueryRowContext(ctx, getFact, backupFact).Scan(&made)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if l.shared != nil {
			return l.refuseElsewhere(ctx, db)
		}
		return l.refuseStray(ctx, db)
	case err != nil:
		return err
	}
	return l.place.fail(nil, hintAdopt, "is a backup of %s and does not know what was ordered since", made)
}

// markBackup makes of a copy that was not made by Backup what is as good as one, of its last entry, within the transaction: it stays
// refused until Adopt has held its rows.
func (l *Ledger) markBackup(ctx context.Context) error {
	var last sql.NullInt64
	if err := l.writer.conn.QueryRowContext(ctx, `SELECT `+lastEntry).Scan(&last); err != nil {
		return err
	}
	_, err := l.writer.conn.ExecContext(ctx, `INSERT INTO facts (name, value) VALUES (?1, ?2) ON CONFLICT DO NOTHING`, backupFact, []byte(fromMicros(last).Format(time.RFC3339)))
	return err
}

// Adoption is a person's word that a copy becomes the ledger.
type Adoption struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// Adopt makes a copy the ledger, whether Backup made it or not, and books who said so, when and why. Rows that were ready to be sent when the copy was made may
// have been ordered since, and held ones released: they are Held (ReasonRestored), and a person releases or closes each; held is their number. What was in
// flight then is InDoubt, as after every Open. A ledger that is no copy is *RefusedError, and one that breaks a rule of Verify *Error: a copy is mixed with
// what is newer where it was put before the log that a killed process left.
//
// Orders of files that were first read after the backup are in no copy: only the result files and the vendor know them. Until somebody has
// seen to those the ledger is Unsettled.
func Adopt(ctx context.Context, dsn string, word Adoption, opt Options) (held int, err error) {
	if strings.TrimSpace(word.Reason) == "" || word.By == "" {
		return 0, &RefusedError{Text: "who adopts the ledger, and why, is required"}
	}
	opt.adopt = true
	l, err := Open(ctx, dsn, opt)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := l.Verify(ctx); err != nil {
		hint := "put the copy back once more, and no -wal or -shm file of another time beside it; if it is not sound by itself, take an older one"
		if l.shared != nil {
			hint = "put back a dump that is sound, or an older one"
		}
		return 0, l.place.fail(err, hint, "is not sound: %v", err)
	}
	err = l.writer.do(ctx, func(ctx context.Context) error {
		held, err = l.adopt(ctx, word)
		return err
	})
	return held, err
}

// adopt is Adopt within the transaction.
func (l *Ledger) adopt(ctx context.Context, word Adoption) (held int, err error) {
	conn := l.writer.conn
	var made []byte
	err = conn.QueryRowContext(ctx, `DELETE FROM facts WHERE name = ?1 RETURNING value`, backupFact).Scan(&made)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, &RefusedError{Text: "this ledger is no copy: there is nothing to adopt"}
	} else if err != nil {
		return 0, err
	}
	result, err := conn.ExecContext(ctx, `UPDATE orders SET state = 'held', reason = ?1, bars = 2, since = `+lastVerdict+` WHERE state IN ('ready', 'held')`, ReasonRestored)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, err
	}
	said, err := json.Marshal(struct {
		Adoption
		Made string `json:"made"`
		Held int64  `json:"held"`
	}{word, string(made), n})
	if err != nil {
		return 0, err
	}
	if _, err := conn.ExecContext(ctx, putFact, unsettledFact, made); err != nil {
		return 0, err
	}
	_, err = conn.ExecContext(ctx, putFact, adoptedFact+l.now().UTC().Format(time.RFC3339Nano), said)
	return int(n), err
}

// adoptedFact begins the names of those that tell of an adoption; its time follows.
const adoptedFact = "adopted "

// unsettledFact says that the ledger was adopted, with the time of its copy, and that nobody knows yet what was ordered since.
const unsettledFact = "unsettled"

// Unsettled is the time of the copy that the ledger was adopted from (RFC 3339), "" where it was not or is settled. Until then any
// file may have been ordered already, and its rows are a person's to decide.
func (l *Ledger) Unsettled(ctx context.Context) (since string, err error) {
	if err := l.failed(); err != nil {
		return "", err
	}
	err = l.readers.QueryRowContext(ctx, getFact, unsettledFact).Scan(&since)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return since, l.unreadable(ctx, err)
}

// Settle books a person's word that all which was ordered between the copy and its adoption is accounted for. Rows that were held for want of that word
// (ReasonUnsettled) bar no others any more; those of the copy itself (ReasonRestored) do until a person has decided them. *RefusedError where
// the ledger is not Unsettled.
func (l *Ledger) Settle(ctx context.Context, word Adoption) error {
	if err := l.writable(); err != nil {
		return err
	}
	if strings.TrimSpace(word.Reason) == "" || word.By == "" {
		return &RefusedError{Text: "who settles the ledger, and why, is required"}
	}
	said, err := json.Marshal(word)
	if err != nil {
		return err
	}
	return l.writer.do(ctx, func(ctx context.Context) error {
		conn := l.writer.conn
		result, err := conn.ExecContext(ctx, `DELETE FROM facts WHERE name = ?1`, unsettledFact)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, &RefusedError{Text: "this ledger was not taken over from a copy, or is settled already"})
		}
		if _, err := conn.ExecContext(ctx, `UPDATE orders SET bars = 0 WHERE state = 'held' AND reason = ?1`, ReasonUnsettled); err != nil {
			return err
		}
		_, err = conn.ExecContext(ctx, putFact, "settled "+l.now().UTC().Format(time.RFC3339Nano), said)
		return err
	})
}

// writeKey writes the key, durable when it returns.
func (p place) writeKey(key []byte) error {
	return p.writeBeside(p.key(), []byte(hex.EncodeToString(key)+"\n"))
}

// writeBeside writes or replaces a companion of the database, durable when it returns.
func (p place) writeBeside(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
