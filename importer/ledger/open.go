package ledger

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
	"github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/driver" // registers "sqlite3"
)

// Options of Open.
type Options struct {
	ReadOnly bool             // no lock, no recovery, no ledger made: one that is not there is fs.ErrNotExist
	KeyFile  string           // where the key of a shared ledger lies on this host; a file's lies beside it
	Now      func() time.Time // default time.Now

	adopt bool          // a copy may be written to, by Adopt
	vfs   string        // SQLite's name of the file system to use; "" but in tests, which have disks that fail
	lease time.Duration // how long a host may be silent; 0 = the usual, but tests have no time
}

// Ledger is an open ledger. Its methods may be called from several goroutines.
type Ledger struct {
	place     place
	now       func() time.Time
	readOnly  bool
	key       []byte
	recovered int
	copied    bool // what Open found, for Adopt

	shared  *shared      // nil for a file
	lock    *flock.Flock // of a file
	readers *sql.DB
	reads   reads
	writer  *writer // nil where readOnly

	marking sync.Mutex            // from a new mark to its settling
	marked  marked                // by a writer of a file
	failure atomic.Pointer[Error] // what every later call returns
	closing sync.Once
	closed  error
}

// applicationID marks the database file as a ledger of ours.
const applicationID = 0x4F494C31

//go:embed schema/*.sql
var schemas embed.FS

// schemaVersion is the number of the last file in schema. A ledger of a lower version is brought up to it by Open.
const schemaVersion = 4

// Open opens or creates the ledger at dsn (a path, file:PATH or postgres://…), takes its lock, and books what an earlier process left in
// Sending as InDoubt before it returns. A second process gets *Error, and so does who opens a copy, see Adopt. A folder that is not there is made, 0700.
//
// ReadOnly opens beside a writer, and on a ledger in a folder that cannot be written unless an earlier process left work in its
// log. SQLite may make its own -wal and -shm files for as long as it is open. A ledger of an older version is opened for writing first, which
// brings it up; the errors are that one's.
func Open(ctx context.Context, dsn string, opt Options) (*Ledger, error) {
	l := &Ledger{now: opt.Now, readOnly: opt.ReadOnly}
	var err error
	if l.shared, err = newShared(dsn, opt); err != nil {
		return nil, err
	}
	if l.now == nil && (l.shared == nil || l.readOnly) {
		l.now = time.Now
	}
	if l.shared != nil {
		l.place = l.shared.place
	} else if l.place, err = newPlace(dsn, opt); err != nil {
		return nil, err
	}
	switch {
	case l.shared != nil:
		err = l.openShared(ctx, opt.adopt)
	case opt.ReadOnly:
		err = l.openToRead(ctx)
	default:
		err = l.openToWrite(ctx, opt.adopt)
	}
	if err != nil {
		l.release()
		if errors.Is(err, errOlder) {
			return openOlder(ctx, dsn, opt)
		}
		return nil, l.explain(ctx, err)
	}
	return l, nil
}

// errOlder is met by who reads a ledger of an older version.
var errOlder = errors.New("was made by an older version of this program")

// openOlder is Open to read, of such a ledger.
func openOlder(ctx context.Context, dsn string, opt Options) (*Ledger, error) {
	writing := opt
	writing.ReadOnly = false
	l, err := Open(ctx, dsn, writing)
	if err != nil {
		return nil, err
	}
	if err := l.Close(); err != nil {
		return nil, err
	}
	return Open(ctx, dsn, opt)
}

func (l *Ledger) openToRead(ctx context.Context) error {
	p := l.place
	switch ok, err := p.exists(); {
	case err != nil:
		return err
	case !ok:
		return p.absent()
	}
	if err := p.refuseNetwork(); err != nil {
		return err
	}
	err := l.openReaders(ctx, "mode=ro")
	if errors.Is(err, sqlite3.CANTOPEN) || errors.Is(err, sqlite3.READONLY) {
		// A folder that cannot be written. With an empty log and no writer the file by itself is the whole ledger.
		if size(p.wal()) > 0 || p.held() {
			return p.fail(err, "copy the folder to where it can be written", "cannot be read, since its folder cannot be written and its log is not empty")
		}
		l.readers.Close()
		err = l.openReaders(ctx, "mode=ro", "immutable=1")
	}
	if err != nil {
		return err
	}
	_ = os.Chmod(p.shm(), 0o600) // the driver makes it for all to read; where it is somebody else's, or not there, there is nothing to do
	version, err := l.identify(ctx, l.readers)
	switch {
	case err != nil:
		return err
	case version == 0:
		return p.absent()
	case version < schemaVersion:
		return errOlder
	}
	if err := l.unlock(ctx, l.readers, false); err != nil {
		return err
	}
	return l.reads.prepare(ctx, l.readers)
}

func (l *Ledger) openToWrite(ctx context.Context, adopt bool) error {
	p := l.place
	if err := p.prepare(); err != nil {
		return err
	}
	if _, err := p.exists(); err != nil {
		return err
	}
	lock, err := p.hold(ctx)
	if err != nil {
		return err
	}
	l.lock = lock
	for _, path := range []string{p.path, p.shm()} {
		if err := p.touch(path); err != nil {
			return err
		}
	}
	log := newLog(p.vfs)
	p.vfs = log.name
	db, err := sql.Open("sqlite3", p.uri(
		"_txlock=immediate",
		"_pragma=busy_timeout(10000)",
		"_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)",
		"_pragma=fullfsync(ON)",
		"_pragma=checkpoint_fullfsync(ON)",
		"_pragma=secure_delete(ON)",
		"_pragma=trusted_schema(OFF)",
		"_pragma=cell_size_check(ON)",
		"_pragma=temp_store(MEMORY)",
		"_pragma=wal_autocheckpoint(0)", // the committer sees to it
		// Until the committer starts: what there is to recover may be large.
		fmt.Sprintf("_pragma=cache_size(-%d)", stagingCache),
	))
	if err != nil {
		log.release()
		return err
	}
	if err := l.write(ctx, db, log, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	version, err := l.identify(ctx, l.writer.conn)
	if err != nil {
		return err
	}
	if err := l.verifySettings(ctx); err != nil {
		return err
	}
	if err := l.unlock(ctx, l.writer.conn, version == 0); err != nil {
		return err
	}
	err = l.refuseCopy(ctx, l.writer.conn, version == 0)
	if l.copied = adopt && errors.As(err, new(*Error)); err != nil && !l.copied {
		return err
	}
	// Every page of the file carries a checksum from here on: what a disk changes by itself is an error and not another order number.
	own, err := raw(l.writer.conn)
	if err == nil {
		err = own.EnableChecksums("main")
	}
	if err != nil {
		return err
	}
	if version < schemaVersion {
		if err := l.migrate(ctx, version); err != nil {
			return err
		}
	}
	if err := l.recover(ctx); err != nil {
		return err
	}
	if err := l.openReaders(ctx, "mode=ro"); err != nil {
		return err
	}
	if err := l.reads.prepare(ctx, l.readers); err != nil {
		return err
	}
	return l.writer.start(ctx)
}

func (l *Ledger) openReaders(ctx context.Context, settings ...string) error {
	db, err := sql.Open("sqlite3", l.place.uri(append(settings,
		"_pragma=busy_timeout(10000)",
		"_pragma=query_only(ON)",
		"_pragma=trusted_schema(OFF)",
		"_pragma=cell_size_check(ON)",
		"_pragma=temp_store(MEMORY)",
	)...))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(4)
	l.readers = db
	_, err = db.ExecContext(ctx, `SELECT count(*) FROM sqlite_schema`) // opens the file and its log
	return err
}

// querier is what *sql.DB and *sql.Conn have in common.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// execer is what *sql.Tx and *sql.Conn have in common.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// identify refuses what is not a ledger, or one of a later version; 0 is a database with nothing in it.
func (l *Ledger) identify(ctx context.Context, db querier) (version int, err error) {
	var id, tables int
	for pragma, to := range map[string]*int{
		`PRAGMA application_id`:              &id,
		`PRAGMA user_version`:                &version,
		`SELECT count(*) FROM sqlite_schema`: &tables,
	} {
		if err := db.QueryRowContext(ctx, pragma).Scan(to); err != nil {
			return 0, err
		}
	}
	switch {
	case tables == 0 && id == 0:
		return 0, nil
	case id != applicationID || version < 1:
		return 0, l.place.fail(nil, "name the right file with --ledger", "is a database of another program")
	case version > schemaVersion:
		return 0, l.place.newer(version)
	}
	return version, nil
}

// verifySettings refuses to work without the durability that the rest relies on.
func (l *Ledger) verifySettings(ctx context.Context) error {
	var mode string
	var sync int
	if err := l.writer.conn.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&mode); err != nil {
		return err
	}
	if err := l.writer.conn.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&sync); err != nil {
		return err
	}
	if mode != "wal" || sync != 2 {
		return l.place.fail(nil, "put the ledger on a local disk", "cannot be made durable here (journal_mode %s, synchronous %d)", mode, sync)
	}
	return nil
}

// unlock reads the ledger's key, and refuses one that is not this ledger's. For a new ledger it makes one, unless an earlier
// start got as far as that.
func (l *Ledger) unlock(ctx context.Context, db querier, isNew bool) error {
	hint := "put back the key file that was made with this ledger; without it no earlier order can be recognised"
	if l.shared != nil {
		hint = "copy the key file from a host that has it and name it with --ledger-key-file; without it no earlier order can be recognised"
	}
	key, err := l.place.readKey()
	switch {
	case errors.Is(err, fs.ErrNotExist) && isNew:
		key, err = l.place.makeKey()
	case errors.Is(err, fs.ErrNotExist):
		// Not wrapped: a ledger without its key is there.
		err = l.place.fail(nil, hint, "its key file %q is missing", l.place.key())
	case err != nil && !errors.As(err, new(*Error)):
		err = l.place.fail(err, "check the file's permissions", "its key file cannot be read: %v", cause(err))
	}
	if err != nil {
		return err
	}
	l.key = key
	if isNew {
		return nil
	}
	var want []byte
	if err := db.QueryRowContext(ctx, getFact, keyFact).Scan(&want); err != nil {
		return err
	}
	if have := newHasher(key).check(); !hmac.Equal(have[:], want) {
		return l.place.fail(nil, hint, "its key file %q belongs to another ledger", l.place.key())
	}
	return nil
}

// migrate brings the schema up to schemaVersion, in one transaction.
func (l *Ledger) migrate(ctx context.Context, from int) error {
	return l.writer.transact(func() error {
		if err := makeTables(ctx, l.writer.conn, from); err != nil {
			return err
		}
		if from == 0 {
			check := newHasher(l.key).check()
			if _, err := l.writer.conn.ExecContext(ctx, putFact, keyFact, check[:]); err != nil {
				return err
			}
		}
		return nil
	})
}

// makeTables brings the schema of a file up to schemaVersion within a transaction.
func makeTables(ctx context.Context, db execer, from int) error {
	for v := from + 1; v <= schemaVersion; v++ {
		ddl, err := schemas.ReadFile(fmt.Sprintf("schema/%d.sql", v))
		if err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, string(ddl)); err != nil {
			return err
		}
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = %d`, applicationID, schemaVersion))
	return err
}

// recover books what an earlier process left in flight, and makes safe what it left unsafe. Only rows of a run that is being sent can be in Sending (Claim sees to it).
func (l *Ledger) recover(ctx context.Context) error {
	var settle func() error
	err := l.writer.transact(func() error {
		result, err := l.writer.conn.ExecContext(ctx, `
			UPDATE orders SET state = 'in_doubt', reason = ?1, ended_at = ?2
			FROM runs WHERE runs.state = 'running' AND orders.id >= runs.first AND orders.id < runs.first + runs.count AND orders.state = 'sending'`,
			ReasonProcessEnded, micros(l.now()))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		l.recovered = int(n)
		if _, err := l.writer.conn.ExecContext(ctx, `UPDATE runs SET state = 'stopped' WHERE state = 'running'`); err != nil {
			return err
		}
		if l.copied {
			if err := l.markBackup(ctx); err != nil {
				return err
			}
		}
		// A process that was killed between the write and the sync of a commit leaves what the disk may still lose. Whatever this
		// one tells must be safe before it does, so there is always something to commit, and its sync takes in what came before.
		settle, err = l.renewMark(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if err := settle(); err != nil {
		return err
	}
	l.writer.copyLog()
	return nil
}

// byLedger is a time of this host's clock as the ledger tells it.
func (l *Ledger) byLedger(t time.Time) time.Time {
	if l.shared == nil {
		return t
	}
	return t.Add(l.shared.ahead)
}

// Recovered is how many rows Open booked as InDoubt.
func (l *Ledger) Recovered() int { return l.recovered }

// Hasher gives a new Hasher with the ledger's key.
func (l *Ledger) Hasher() *Hasher { return newHasher(l.key) }

// Close waits for what is queued, then lets go of the lock. A Stage that is still open is rolled back.
func (l *Ledger) Close() error {
	l.closing.Do(func() {
		if l.writer != nil {
			l.writer.stop()
		}
		if l.failure.Load() == nil {
			l.failure.Store(l.place.fail(fs.ErrClosed, "", "is closed"))
		}
		l.closed = l.release()
	})
	return l.closed
}

// release lets go of all that Open took, in the order that leaves the database checkpointed.
func (l *Ledger) release() error {
	var errs []error
	if l.shared != nil {
		errs = append(errs, l.shared.leave())
	}
	if l.readers != nil {
		errs = append(errs, l.reads.close(), l.readers.Close())
	}
	if l.writer != nil {
		errs = append(errs, l.writer.close())
	}
	errs = append(errs, l.marked.close())
	if l.lock != nil {
		errs = append(errs, l.lock.Unlock())
	}
	return errors.Join(errs...)
}

// failed is the *Error that has ended the use of this Ledger, if any.
func (l *Ledger) failed() error {
	if e := l.failure.Load(); e != nil {
		return e
	}
	return nil
}

// poison ends the use of this Ledger: what the disk holds is not known any more.
func (l *Ledger) poison(err error) error {
	l.failure.CompareAndSwap(nil, l.unwritable(err))
	return l.failure.Load()
}

// unwritable is a failed commit for people.
func (l *Ledger) unwritable(err error) *Error {
	e := l.place.fail(err, "nothing more was sent; make room or mend the disk, then go on with the run", "could not be written: %v", err)
	if describe := l.describe(err); describe != nil {
		e.Text, e.Hint = describe.Text, describe.Hint
	}
	return e
}

// explain makes a driver's error of Open into one for people.
func (l *Ledger) explain(ctx context.Context, err error) error {
	var known *Error
	switch {
	case errors.As(err, &known), errors.Is(err, fs.ErrNotExist):
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if e := l.describe(err); e != nil {
		return e
	}
	return l.place.fail(err, "check the file and its folder", "cannot be used: %v", err)
}

// describe words the failures of SQLite that people can do something about.
func (l *Ledger) describe(err error) *Error {
	p := l.place
	if l.shared != nil {
		return l.shared.describe(err)
	}
	switch {
	case errors.Is(err, sqlite3.NOTADB):
		return p.fail(err, "name the right file with --ledger, or bring this one back from a backup; a new ledger does not know what was ordered", "is not a ledger, nor a database at all")
	case errors.Is(err, sqlite3.CORRUPT), errors.Is(err, sqlite3.IOERR_DATA):
		return p.fail(err, "put back the last backup", "is damaged: %v", err)
	case p.isFull(err):
		return p.fail(err, "make room, then go on with the run", "the disk is full")
	case errors.Is(err, sqlite3.READONLY), errors.Is(err, sqlite3.CANTOPEN), errors.Is(err, sqlite3.PERM), errors.Is(err, sqlite3.AUTH):
		return p.fail(err, "check the permissions of the file and its folder, or choose another place with --ledger", "cannot be opened for writing: %v", err)
	case errors.Is(err, sqlite3.BUSY), errors.Is(err, sqlite3.LOCKED):
		return p.fail(err, "close the program that has the file open", "is locked by another program")
	case errors.Is(err, sqlite3.IOERR):
		return p.fail(err, "check the disk", "the disk failed: %v", err)
	}
	return nil
}
