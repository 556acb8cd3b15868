package ledgertest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers "pgx"
)

// Cluster is a PostgreSQL server of a test's own, on 127.0.0.1.
type Cluster struct {
	tb    testing.TB
	bin   string
	dir   string
	port  int
	user  string // who runs it; "" the test's own user
	count int
}

// NewCluster starts a server that ends with the test. Where PostgreSQL is missing the test is skipped, and fails if
// ORDERIMPORT_TEST_ALL is set.
func NewCluster(tb testing.TB) *Cluster {
	tb.Helper()
	bin := postgresFolder()
	if bin == "" {
		missing(tb, "PostgreSQL's server programs (initdb, pg_ctl) are missing")
	}
	return newCluster(tb, bin, func(c *Cluster) {
		c.run("initdb", "-D", c.dir, "-U", "test", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
	})
}

// Replica starts a server that follows this one until it is promoted.
func (c *Cluster) Replica() *Cluster {
	c.tb.Helper()
	return newCluster(c.tb, c.bin, func(r *Cluster) {
		r.run("pg_basebackup", "-D", r.dir, "-h", "127.0.0.1", "-p", fmt.Sprint(c.port), "-U", "test", "--no-sync", "-R", "-c", "fast")
	})
}

// Promote makes a replica a server of its own, and gives the address there of a database that it has followed.
func (c *Cluster) Promote(address string) string {
	c.tb.Helper()
	c.run("pg_ctl", "-D", c.dir, "-w", "promote")
	return c.Address(address)
}

// Address is here what a database's of another server is there.
func (c *Cluster) Address(there string) string { return c.address(databaseOf(there)) }

// newCluster starts a server with a folder that fill makes.
func newCluster(tb testing.TB, bin string, fill func(c *Cluster)) *Cluster {
	tb.Helper()
	c := &Cluster{tb: tb, bin: bin}
	dir, err := os.MkdirTemp("", "orderimport-pg")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	c.dir = filepath.Join(dir, "data")
	if os.Geteuid() == 0 { // the server refuses to run as root
		for _, name := range []string{"postgres", "nobody"} {
			if _, err := user.Lookup(name); err == nil {
				c.user = name
				break
			}
		}
		if err := os.Chmod(dir, 0o777); err != nil {
			tb.Fatal(err)
		}
	}
	fill(c)
	if c.port, err = freePort(); err != nil {
		tb.Fatal(err)
	}
	c.Start()
	tb.Cleanup(func() { c.Stop("immediate") })
	return c
}

// Start starts the server and waits until it answers.
func (c *Cluster) Start() {
	c.tb.Helper()
	c.run("pg_ctl", "-D", c.dir, "-w", "-t", "60", "-l", filepath.Join(c.dir, "log"), "-o",
		fmt.Sprintf("-c listen_addresses=127.0.0.1 -c port=%d -c unix_socket_directories='' -c max_connections=200", c.port), "start")
}

// Stop stops it: "fast" ends the connections, "immediate" is as if the power failed.
func (c *Cluster) Stop(how string) {
	c.tb.Helper()
	c.run("pg_ctl", "-D", c.dir, "-w", "-m", how, "stop")
}

// Snapshot keeps the server's files as they are, and gives what puts them back. The server is stopped for both.
func (c *Cluster) Snapshot() (putBack func()) {
	c.tb.Helper()
	kept := c.dir + "-kept"
	replace := func(to, from string) {
		c.tb.Helper()
		c.Stop("fast")
		err := os.RemoveAll(to)
		if err == nil {
			err = exec.Command("cp", "-a", from, to).Run() // with their owner
		}
		if err != nil {
			c.tb.Fatal(err)
		}
		c.Start()
	}
	replace(kept, c.dir)
	return func() { replace(c.dir, kept) }
}

// Database makes an empty database, as CREATE DATABASE takes options, and gives its address.
func (c *Cluster) Database(options ...string) string {
	c.tb.Helper()
	c.count++
	name := fmt.Sprintf("ledger%d", c.count)
	c.Exec(c.address("postgres"), `CREATE DATABASE `+name+` `+strings.Join(options, " "))
	return c.address(name)
}

// Exec changes something in a database, one statement after the other.
func (c *Cluster) Exec(address string, statements ...string) {
	c.tb.Helper()
	c.at(address, func(ctx context.Context, db *sql.DB) error {
		for _, s := range statements {
			if _, err := db.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *Cluster) address(name string) string {
	return fmt.Sprintf("postgres://test@127.0.0.1:%d/%s?sslmode=disable", c.port, name)
}

// databaseOf is the name of the database in an address of ours.
func databaseOf(address string) string {
	name, _, _ := strings.Cut(address[strings.LastIndex(address, "/")+1:], "?")
	return name
}

func (c *Cluster) run(program string, args ...string) {
	c.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	path := filepath.Join(c.bin, program)
	cmd := exec.CommandContext(ctx, path, args...)
	if c.user != "" {
		quoted := []string{path}
		for _, a := range args {
			quoted = append(quoted, "'"+strings.ReplaceAll(a, "'", `'\''`)+"'")
		}
		cmd = exec.CommandContext(ctx, "su", c.user, "-s", "/bin/sh", "-c", strings.Join(quoted, " "))
	}
	cmd.Dir = filepath.Dir(c.dir)
	// Into a file: the server keeps what it was given open.
	out, err := os.CreateTemp("", "orderimport-pg-out")
	if err != nil {
		c.tb.Fatal(err)
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		c.tb.Fatalf("%s: %v\n%s\n%s", program, err, bytes.TrimSpace(said), bytes.TrimSpace(log))
	}
}

// postgresFolder is where the server's programs are; Debian keeps them off the PATH.
func postgresFolder() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), "postgres")); err == nil {
			return filepath.Dir(path)
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return ""
	}
	return filepath.Dir(slices.Max(found))
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// missing skips a test that lacks something of the machine.
func missing(tb testing.TB, what string) {
	tb.Helper()
	if os.Getenv("ORDERIMPORT_TEST_ALL") != "" {
		tb.Fatal(what)
	}
	tb.Skip(what)
}

// Copy gives the address of a copy of a database, as a dump that is put back would make one.
func (c *Cluster) Copy(address string) string {
	c.tb.Helper()
	c.count++
	name := fmt.Sprintf("ledger%d", c.count)
	c.Exec(c.address("postgres"), `CREATE DATABASE `+name+` TEMPLATE `+databaseOf(address))
	return c.address(name)
}

// Connections is how many programs have to a database.
func (c *Cluster) Connections(address string) (n int) {
	c.tb.Helper()
	c.at(address, func(ctx context.Context, db *sql.DB) error {
		return db.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&n)
	})
	return n
}

// Search gives the columns of a ledger that hold a word, in any case.
func (c *Cluster) Search(address, word string) (found []string) {
	c.tb.Helper()
	c.at(address, func(ctx context.Context, db *sql.DB) error {
		rows, err := db.QueryContext(ctx, `
			SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'orderimport' AND data_type IN ('text', 'bytea')`)
		if err != nil {
			return err
		}
		type column struct{ table, name, kind string }
		var columns []column
		for rows.Next() {
			var col column
			if err := rows.Scan(&col.table, &col.name, &col.kind); err != nil {
				return err
			}
			columns = append(columns, col)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for _, col := range columns {
			value := col.name
			if col.kind == "bytea" {
				value = fmt.Sprintf("encode(%s, 'escape')", col.name)
			}
			var n int
			if err := db.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*) FROM orderimport.%s WHERE position(lower($1) IN lower(%s)) > 0`, col.table, value), word).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				found = append(found, col.table+"."+col.name)
			}
		}
		return nil
	})
	return found
}

func (c *Cluster) at(address string, do func(context.Context, *sql.DB) error) {
	c.tb.Helper()
	db, err := sql.Open("pgx", address)
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		err = do(ctx, db)
		db.Close()
	}
	if err != nil {
		c.tb.Fatal(err)
	}
}
