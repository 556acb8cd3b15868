package ledger

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// answerTime is how long the server may take over one step of a commit before its end is called unknown.
const answerTime = time.Minute

// shared is a ledger in a PostgreSQL database, which several hosts have open at once. All that moves rows does so under one advisory lock
// and in a transaction of its own, so that the moves of all hosts come one after the other, as they do in a file.
type shared struct {
	place  place
	config *pgx.ConnConfig
	lease  time.Duration // how long a host may be silent

	host    string
	session int           // of sessions; 0 where the ledger is open for reading
	moved   atomic.Bool   // since the last beat
	ahead   time.Duration // the server's clock, of this host's
	beat    *sql.DB       // for what must not wait for the committer: the session's life, the pace, names
	stages  *sql.DB       // for a Stage, which nobody waits for: it may be as slow as its file
	quit    chan struct{} // ends the heartbeat

	silence sync.Mutex
	patient context.Context // ends when the server has been silent for too long; then there is another one
	giveUp  context.CancelFunc

	beating sync.WaitGroup

	remembering sync.Mutex // guards memory once the ledger is open
	memory      memory
}

// Advisory locks, of this database: one for whoever writes, one for each session.
const (
	lockWriting = 0x4F494C31
	lockSession = 0x4F494C32
)

// takenForAddress finds what somebody wrote as an address of PostgreSQL in another way than we take, such as in libpq's keywords.
var takenForAddress = regexp.MustCompile(`(?i)^\s*(file:)?\s*postgres(ql)?:|(^|\s)(host|hostaddr|dbname|user|password|passfile|service)\s*=`)

// Shared reports whether dsn is the address of a ledger that hosts share. What was only meant as one is *Error: as the path of a file it
// would be a new ledger, which knows nothing of what was ordered, with the password in its name.
func Shared(dsn string) (bool, error) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return true, nil
	}
	if takenForAddress.MatchString(dsn) {
		return false, notAnAddress()
	}
	return false, nil
}

// notAnAddress says nothing of what was written, which may hold a password.
func notAnAddress() *Error {
	return place{path: "postgres://…"}.fail(nil, "give --ledger an address such as postgres://user@host:5432/database?sslmode=verify-full",
		"is not an address of PostgreSQL, or names a file that cannot be read")
}

// newShared reads a postgres:// address; nil where dsn is none. What it does not name comes from the environment as libpq has it
// (PGHOST, PGPASSFILE and so on).
func newShared(dsn string, opt Options) (*shared, error) {
	if is, err := Shared(dsn); !is {
		return nil, err
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, notAnAddress()
	}
	s := &shared{config: config, lease: cmp.Or(opt.lease, 20*time.Second), quit: make(chan struct{})}
	s.trust(context.Background())
	s.place = place{path: fmt.Sprintf("postgres://%s@%s/%s", config.User, net.JoinHostPort(config.Host, fmt.Sprint(config.Port)), config.Database), keyFile: opt.KeyFile}
	if opt.KeyFile == "" {
		return nil, s.place.fail(nil, "name one with --ledger-key-file", "a shared ledger needs a key file on each host")
	}
	ways := []*pgconn.FallbackConfig{{Host: config.Host, Port: config.Port, TLSConfig: config.TLSConfig}}
	for _, way := range append(ways, config.Fallbacks...) {
		verified := way.TLSConfig != nil && !way.TLSConfig.InsecureSkipVerify
		if (way.Host != config.Host || way.Port != config.Port) && !opt.ReadOnly { // of several servers only one can be written
			config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
		}
		if !verified && !local(way.Host) {
			return nil, s.place.fail(nil, "add sslmode=verify-full to its address, and sslrootcert=FILE where the server's certificate is of your own making", "is reached over a network, but its server is not verified")
		}
	}
	if s.host, err = os.Hostname(); err != nil {
		return nil, err
	}
	config.ConnectTimeout = cmp.Or(config.ConnectTimeout, 10*time.Second)
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 10 * time.Second, Interval: 5 * time.Second, Count: 4}}
	config.DialFunc = dialer.DialContext
	config.RuntimeParams["search_path"] = "orderimport"
	config.RuntimeParams["application_name"] = "orderimport"
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["client_encoding"] = "UTF8"
	// What is usual for a database or a user may differ. A claim that waited for others must see what they did, or a person whose order
	// another host has just sent would be given another one.
	config.RuntimeParams["default_transaction_isolation"] = "read committed"
	config.RuntimeParams["default_transaction_read_only"] = "off"
	// Who waits for others to write has not failed.
	config.RuntimeParams["statement_timeout"] = "0"
	config.RuntimeParams["lock_timeout"] = "0"
	// A host that stops in the middle of a transaction must not keep the others from writing.
	config.RuntimeParams["idle_in_transaction_session_timeout"] = fmt.Sprint(s.lease.Milliseconds())
	return s, nil
}

// local is a socket or a loopback address.
func local(host string) bool {
	ip := net.ParseIP(host)
	return strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || host == "localhost" || ip != nil && ip.IsLoopback()
}

// db gives connections with further settings.
func (s *shared) db(settings ...string) *sql.DB {
	config := s.config.Copy()
	for i := 0; i < len(settings); i += 2 {
		config.RuntimeParams[settings[i]] = settings[i+1]
	}
	return sql.OpenDB(connector{stdlib.GetConnector(*config)})
}

// connector gives connections that read the texts as they are written for SQLite.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	t := &translator{conn.(*stdlib.Conn)}
	// Not every server knows these, so that they cannot be asked for on connecting. A session may be idle for as long as a person thinks.
	if _, err := t.Conn.Conn().Exec(ctx, `SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('idle_session_timeout', 'transaction_timeout')`); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

type translator struct{ *stdlib.Conn }

func (t *translator) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return t.Conn.PrepareContext(ctx, translate(query))
}

func (t *translator) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return t.Conn.ExecContext(ctx, translate(query), args)
}

func (t *translator) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return t.Conn.QueryContext(ctx, translate(query), args)
}

// CheckNamedValue makes of a text what PostgreSQL takes for one: a path may hold any byte.
func (t *translator) CheckNamedValue(v *driver.NamedValue) error {
	if r := reflect.ValueOf(v.Value); r.Kind() == reflect.String {
		v.Value = sendable(r.String())
	}
	return nil
}

func sendable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// indexable is a text that PostgreSQL takes into an index: of one that is no customer's number at all, the beginning and a hash.
func indexable(text string) string {
	const most = 500
	if len(text) <= most {
		return text
	}
	return fmt.Sprintf("%s… %x", text[:most], sha256.Sum256([]byte(text)))
}

var (
	placeholder = regexp.MustCompile(`\?(\d+)`)
	crossJoin   = regexp.MustCompile(`CROSS JOIN (\w+(?: \w+)?) ON`) // fixes the order of a join, which here is the planner's
	plus        = regexp.MustCompile(` \+(\w)`)                      // keeps an index out, which here is the planner's too
	translated  sync.Map
)

// translate gives a text of ours in PostgreSQL's words.
func translate(query string) string {
	if known, ok := translated.Load(query); ok {
		return known.(string)
	}
	out := placeholder.ReplaceAllString(query, `$$$1`)
	out = crossJoin.ReplaceAllString(out, `JOIN $1 ON`)
	out = plus.ReplaceAllString(out, ` $1`)
	translated.Store(query, out)
	return out
}

// openShared is Open.
func (l *Ledger) openShared(ctx context.Context, adopt bool) error {
	s := l.shared
	l.readers = s.db("default_transaction_isolation", "repeatable read", "default_transaction_read_only", "on")
	l.readers.SetMaxOpenConns(8)
	l.readers.SetMaxIdleConns(4)
	if l.readOnly {
		switch version, err := s.version(ctx, l.readers); {
		case err != nil:
			return err
		case version == 0:
			return s.place.absent()
		case version < schemaVersion:
			return errOlder
		}
		if err := l.unlock(ctx, l.readers, false); err != nil {
			return err
		}
		return l.reads.prepare(ctx, l.readers)
	}
	s.trust(ctx) // until somebody feels whether the server lives
	s.beat = s.db()
	s.beat.SetMaxOpenConns(4)
	s.beat.SetMaxIdleConns(4)
	s.stages = s.db("idle_in_transaction_session_timeout", "3600000")
	s.stages.SetMaxIdleConns(0)
	if err := l.write(ctx, s.db(), nil, fmt.Sprintf(`BEGIN; SELECT pg_advisory_xact_lock(%d, 0)`, lockWriting)); err != nil {
		return err
	}
	if err := s.verifySettings(ctx, l.writer.conn); err != nil {
		return err
	}
	if l.now == nil {
		if err := s.compareClocks(ctx, l.writer.conn); err != nil {
			return err
		}
		l.now = func() time.Time { return l.byLedger(time.Now()) }
	}
	if err := s.awaitDead(ctx, l.readers); err != nil {
		return err
	}
	var remember func() error
	err := l.writer.transact(func() (err error) {
		if err := l.enrol(ctx, adopt); err != nil {
			return err
		}
		remember, err = l.renewMark(ctx)
		return err
	})
	if err == nil {
		err = remember()
	}
	if err != nil {
		return err
	}
	s.trust(context.Background())
	s.beating.Go(s.live)
	if err := l.reads.prepare(ctx, l.readers); err != nil {
		return err
	}
	return l.writer.start(ctx)
}

// enrol makes the tables where there are none, sees that key and copy are right, and begins the session; all in one transaction.
func (l *Ledger) enrol(ctx context.Context, adopt bool) error {
	s, conn := l.shared, l.writer.conn
	version, err := s.version(ctx, conn)
	if err != nil {
		return err
	}
	isNew := version == 0
	if isNew {
		if err := os.MkdirAll(filepath.Dir(s.place.key()), 0o700); err != nil {
			return s.place.fail(err, "name another with --ledger-key-file", "the folder of its key file cannot be made: %v", cause(err))
		}
	}
	if err := l.unlock(ctx, conn, isNew); err != nil {
		return err
	}
	if isNew {
		ddl, err := schemas.ReadFile("schema/postgres.sql")
		if err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, string(ddl)); err != nil {
			return err
		}
		check := newHasher(l.key).check()
		if _, err := conn.ExecContext(ctx, putFact, keyFact, check[:]); err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, putFact, versionFact, []byte(strconv.Itoa(schemaVersion))); err != nil {
			return err
		}
	}
	origin, err := s.origin(ctx, conn)
	if err != nil {
		return err
	}
	s.memory.Origin = origin
	err = l.refuseCopy(ctx, conn, isNew)
	if l.copied = adopt && !isNew && errors.As(err, new(*Error)); err != nil && !l.copied {
		return err
	}
	if l.copied {
		s.memory.Origin = ""
		if err := l.markBackup(ctx); err != nil {
			return err
		}
	}
	if _, err := conn.ExecContext(ctx, putFact, originFact, []byte(origin)); err != nil {
		return err
	}
	if !isNew && version < schemaVersion {
		if err := l.migrateShared(ctx, version); err != nil {
			return err
		}
	}
	return l.join(ctx)
}

// version of the tables; 0 where there are none.
func (s *shared) version(ctx context.Context, db querier) (int, error) {
	var there bool
	if err := db.QueryRowContext(ctx, `SELECT to_regclass('orderimport.facts') IS NOT NULL`).Scan(&there); err != nil || !there {
		return 0, err
	}
	var version []byte
	if err := db.QueryRowContext(ctx, getFact, versionFact).Scan(&version); err != nil {
		return 0, err
	}
	number, err := strconv.Atoi(string(version))
	if err != nil || number < 1 || number > schemaVersion {
		return 0, s.place.newer(version)
	}
	return number, nil
}

// migrateShared brings tables that an older version of the program made up to schemaVersion, within the transaction. A host that still runs
// that version would go on by its rules.
func (l *Ledger) migrateShared(ctx context.Context, from int) error {
	conn := l.writer.conn
	var host string
	var pid int
	err := conn.QueryRowContext(ctx, `SELECT host, pid FROM sessions WHERE `+l.shared.alive()+` LIMIT 1`).Scan(&host, &pid)
	if err == nil {
		return l.shared.place.fail(nil, "wait until that has ended", "was made by an older version of this program and is open on host %s, process %d", host, pid)
	} else if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	for v := from + 1; v <= schemaVersion; v++ {
		ddl, err := schemas.ReadFile(fmt.Sprintf("schema/postgres-%d.sql", v))
		if err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, string(ddl)); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, putFact, versionFact, []byte(strconv.Itoa(schemaVersion)))
	return err
}

// verifySettings refuses a server that would forget what it has promised.
func (s *shared) verifySettings(ctx context.Context, db querier) error {
	var replica bool
	var fsync, commit, pages, encoding string
	err := db.QueryRowContext(ctx, `
		SELECT pg_is_in_recovery(), current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes'), current_setting('server_encoding')`).
		Scan(&replica, &fsync, &commit, &pages, &encoding)
	switch {
	case err != nil:
		return err
	case replica:
		return s.place.fail(nil, "name the primary server", "is a replica, which cannot be written")
	case fsync != "on" || commit == "off" || pages != "on":
		return s.place.fail(nil, "set fsync, synchronous_commit and full_page_writes to on at the server", "cannot be made durable here (fsync %s, synchronous_commit %s, full_page_writes %s)", fsync, commit, pages)
	case encoding != "UTF8": // an answer of the API with a letter that it lacks could not be booked
		return s.place.fail(nil, "make a database with ENCODING 'UTF8' for the ledger", "cannot hold every letter: its database has the encoding %s", encoding)
	}
	return nil
}

// compareClocks sees to it that all hosts tell times by one clock, the server's: a row that one has sent another may release after 15 minutes.
func (s *shared) compareClocks(ctx context.Context, db querier) error {
	var there time.Time
	if err := db.QueryRowContext(ctx, `SELECT clock_timestamp()`).Scan(&there); err != nil {
		return err
	}
	s.ahead = time.Until(there)
	return nil
}

// origin tells these tables from a copy of them: a dump that was put back has other tables; a server that was brought to an
// earlier moment from its archive, or a replica that took over, another timeline. The control file would tell of that only after the
// next checkpoint, minutes later.
func (s *shared) origin(ctx context.Context, db querier) (origin string, err error) {
	err = db.QueryRowContext(ctx, `
		SELECT concat_ws('-', (SELECT system_identifier FROM pg_control_system()), ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint,
			(SELECT oid FROM pg_database WHERE datname = current_database()), 'orders'::regclass::oid)`).Scan(&origin)
	return origin, err
}

// refuseElsewhere is refuseStray.
func (l *Ledger) refuseElsewhere(ctx context.Context, db querier) error {
	var known []byte
	if err := db.QueryRowContext(ctx, getFact, originFact).Scan(&known); err != nil {
		return err
	}
	if string(known) != l.shared.memory.Origin {
		return l.place.fail(nil, hintAdopt, "is a copy, or was put back from one, and may not know what was ordered since")
	}
	return l.shared.refuseShorter(ctx, db)
}

// vacuum gives the place of erased rows free. What the server's own log and backups hold of them is not ours to change.
func (l *Ledger) vacuum(ctx context.Context) error {
	if _, err := l.writer.conn.ExecContext(ctx, `VACUUM orders, contents, attempts, verdicts, runs`); err != nil {
		return err
	}
	_, err := l.writer.conn.ExecContext(ctx, `DELETE FROM facts WHERE name = ?1`, scrubFact)
	return err
}

// describe words the failures of PostgreSQL that people can do something about.
func (s *shared) describe(err error) *Error {
	var refusal *pgconn.PgError
	var connect *pgconn.ConnectError
	p := s.place
	if errors.As(err, &refusal) {
		switch refusal.Code {
		case "28P01", "28000":
			return p.fail(err, "check the user, and the password in ORDERIMPORT_LEDGER or PGPASSFILE", "the server refuses the user: %s", refusal.Message)
		case "3D000":
			return p.fail(err, "make the database, or name the right one", "there is no such database")
		case "42501":
			return p.fail(err, "let the user create a schema in this database, or ask who runs the server", "the user lacks a right: %s", refusal.Message)
		case "53100":
			return p.fail(err, "make room at the server, then go on with the run", "the server's disk is full")
		case "53300":
			return p.fail(err, "wait until others have ended, or let the server take more connections", "the server takes no more connections")
		case "57P01", "57P02", "57P03", "25P03":
			return p.fail(err, "wait until the server is up again, then go on with the run", "the server ended the connection: %s", refusal.Message)
		}
		return nil
	}
	if errors.As(err, &connect) {
		return p.fail(err, "check its address, and that the server is up", "cannot be reached")
	}
	if errors.Is(err, context.Canceled) {
		return p.fail(err, "wait until the server is up again, then go on with the run", "its server does not answer")
	}
	if cutOff(err) {
		return p.fail(err, "wait until the server is up again, then go on with the run", "the connection to its server broke off")
	}
	return nil
}

// cutOff is an error of a connection that is no more, or on which no answer came.
func cutOff(err error) bool {
	for _, known := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, driver.ErrBadConn, sql.ErrConnDone, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return true
		}
	}
	return errors.As(err, new(net.Error)) || pgconn.SafeToRetry(err)
}
