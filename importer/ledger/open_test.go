package ledger_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"orderimport/importer/ledger"
	"orderimport/importer/ledger/ledgertest"
)

func open(t *testing.T, path string, opt ledger.Options) *ledger.Ledger {
	t.Helper()
	l, err := ledger.Open(context.Background(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// made is a ledger with one run, closed.
func made(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "år 2026 #1?%41", "ledger.db") // what a URI would misread
	l := open(t, "file:"+path, ledger.Options{})
	stageRows(t, l, 3)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct {
		name     string
		spoil    func(t *testing.T, path string) string // may give another path
		want     string
		readOnly bool
	}{
		{"no key", func(t *testing.T, path string) string { return path + must(t, os.Remove(path+".key")) }, "is missing", false},
		{"no key, to read", func(t *testing.T, path string) string { return path + must(t, os.Remove(path+".key")) }, "is missing", true},
		{"damaged key", func(t *testing.T, path string) string {
			return path + must(t, os.WriteFile(path+".key", []byte("abc"), 0o600))
		}, "is damaged", false},
		{"another key", func(t *testing.T, path string) string {
			return path + must(t, os.WriteFile(path+".key", []byte(strings.Repeat("ab", 32)), 0o600))
		}, "another ledger", false},
		{"another key, to read", func(t *testing.T, path string) string {
			return path + must(t, os.WriteFile(path+".key", []byte(strings.Repeat("ab", 32)), 0o600))
		}, "another ledger", true},
		{"not a database", func(t *testing.T, path string) string {
			return path + must(t, os.WriteFile(path, []byte(strings.Repeat("Förnamn;Efternamn\n", 100)), 0o600))
		}, "not a ledger", false},
		{"not a database, to read", func(t *testing.T, path string) string {
			return path + must(t, os.WriteFile(path, []byte(strings.Repeat("Förnamn;Efternamn\n", 100)), 0o600))
		}, "not a ledger", true},
		{"a folder", func(t *testing.T, path string) string { return filepath.Dir(path) }, "is not a file", false},
		{"newer", func(t *testing.T, path string) string { return path + exec(t, path, `PRAGMA user_version = 99`) }, "newer version", false},
		{"newer, to read", func(t *testing.T, path string) string { return path + exec(t, path, `PRAGMA user_version = 99`) }, "newer version", true},
		{"another program's", func(t *testing.T, path string) string { return path + exec(t, path, `PRAGMA application_id = 7`) }, "another program", false},
		{"a folder that cannot be made", func(t *testing.T, path string) string { return filepath.Join(path, "below a file", "l.db") }, "folder cannot be made", false},
		{"a server", func(t *testing.T, path string) string { return "postgres://u:secret@h/db" }, "needs a key file", false},
		{"nothing", func(t *testing.T, path string) string { return "" }, "no path", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := test.spoil(t, made(t))
			l, err := ledger.Open(context.Background(), path, ledger.Options{ReadOnly: test.readOnly})
			var e *ledger.Error
			if l != nil || !errors.As(err, &e) || !strings.Contains(e.Text, test.want) || e.Hint == "" || strings.Contains(e.Text+e.Path, "secret") {
				t.Errorf("error %+v, want %q", err, test.want)
			}
		})
	}
}

func must(t *testing.T, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return ""
}

// exec changes a closed ledger.
func exec(t *testing.T, path, query string) string {
	t.Helper()
	l := open(t, path, ledger.Options{})
	must(t, ledger.Exec(l, query))
	return must(t, l.Close())
}

// TestOpenMigrates opens a ledger as version 1 left it.
func TestOpenMigrates(t *testing.T) {
	path := made(t)
	exec(t, path, `DROP INDEX orders_barring; ALTER TABLE orders DROP COLUMN bars; ALTER TABLE orders DROP COLUMN since; PRAGMA user_version = 1`)
	reader := open(t, path, ledger.Options{ReadOnly: true}) // who looks brings it up, too
	if runs, err := reader.Runs(context.Background()); err != nil || len(runs) != 1 {
		t.Errorf("to read: %+v, %v", runs, err)
	}
	must(t, reader.Close())
	l := open(t, path, ledger.Options{})
	if runs, err := l.Runs(context.Background()); err != nil || len(runs) != 1 || runs[0].Totals.Rows() != 3 {
		t.Errorf("%+v, %v", runs, err)
	}
	must(t, ledger.Exec(l, `DROP INDEX orders_barring`))
}

func TestOpenIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no permission bits")
	}
	dir := filepath.Join(t.TempDir(), "new", "folder")
	l := open(t, filepath.Join(dir, "ledger.db"), ledger.Options{})
	stageRows(t, l, 1)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder %v, %v", info.Mode(), err)
	}
	private := func(when string, least int) {
		t.Helper()
		files, err := os.ReadDir(dir)
		if err != nil || len(files) < least {
			t.Fatalf("%s: files %v, %v", when, files, err)
		}
		for _, f := range files {
			if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %s: %v, %v", when, f.Name(), info.Mode(), err)
			}
		}
	}
	private("while it is written", 6) // with -wal, -shm, .key, .lock and .mark
	must(t, l.Close())
	reader := open(t, filepath.Join(dir, "ledger.db"), ledger.Options{ReadOnly: true})
	private("while it is read", 6)
	must(t, reader.Close())
}

func TestOpenTwice(t *testing.T) {
	path := made(t)
	l := open(t, path, ledger.Options{})
	_, err := ledger.Open(context.Background(), path, ledger.Options{})
	var e *ledger.Error
	if !errors.As(err, &e) || !strings.Contains(e.Text, "is held by") || e.Hint == "" {
		t.Errorf("error %v", err)
	}
	must(t, l.Close())
	must(t, l.Close()) // again does nothing
	open(t, path, ledger.Options{})
}

func TestOpenToRead(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	_, err := ledger.Open(ctx, path, ledger.Options{ReadOnly: true})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no ledger: %v", err)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 0 {
		t.Errorf("made %v", files)
	}
	l := open(t, path, ledger.Options{})
	r := open(t, path, ledger.Options{ReadOnly: true})
	run := stageRows(t, l, 2)
	if got, err := r.Run(ctx, run); err != nil || got.Totals[ledger.Ready] != 2 {
		t.Errorf("beside a writer: %v, %v", got, err)
	}
	must(t, l.Close())
	must(t, r.Close())

	dir := filepath.Dir(path)
	must(t, os.Chmod(dir, 0o500))
	defer os.Chmod(dir, 0o700)
	if os.WriteFile(filepath.Join(dir, "x"), nil, 0o600) == nil {
		t.Skip("this user may write to a read-only folder")
	}
	r = open(t, path, ledger.Options{ReadOnly: true})
	must(t, ledgertest.Check(ctx, r))
	_, err = ledger.Open(ctx, filepath.Join(dir, "other.db"), ledger.Options{})
	if !errors.As(err, new(*ledger.Error)) {
		t.Errorf("writing in a read-only folder: %v", err)
	}
}

// TestKeyBeforeDatabase: a start that died between the key and the database is gone on with.
func TestKeyBeforeDatabase(t *testing.T) {
	path := made(t)
	must(t, os.Remove(path))
	must(t, os.Remove(path+".mark"))
	key, err := os.ReadFile(path + ".key")
	must(t, err)
	l := open(t, path, ledger.Options{})
	must(t, ledgertest.Check(context.Background(), l))
	if again, _ := os.ReadFile(path + ".key"); string(again) != string(key) {
		t.Error("the key was replaced")
	}
}

func TestHasherIsTheLedgers(t *testing.T) {
	path := made(t)
	fields := []ledger.Field{{Name: "a", Value: "b"}}
	l := open(t, path, ledger.Options{})
	first := l.Hasher().Fingerprint("h", "c", 1, fields)
	must(t, l.Close())
	if open(t, path, ledger.Options{}).Hasher().Fingerprint("h", "c", 1, fields) != first {
		t.Error("another start, another fingerprint")
	}
	if ledger.NewHasher().Fingerprint("h", "c", 1, fields) == first {
		t.Error("a random key gives the ledger's fingerprint")
	}
}

type breakage struct{ name, query, want string }

// breakages break each invariant of a run of three rows, once what the store itself refuses is out of the way: checks, unique indexes and
// references. ROW is the ID of the first row.
var breakages = []breakage{
	{"whole", `SELECT 1`, ""},
	{"state", `UPDATE orders SET state = 'lost' WHERE id = ROW`, "one of the states"},
	{"takes", `UPDATE orders SET takes = 1 WHERE id = ROW`, "takes its identity"},
	{"row gone", `DELETE FROM orders WHERE id = ROW + 1`, "as were sealed"},
	{"moved to another run", `UPDATE orders SET run = 7 WHERE id = ROW + 1`, "as were sealed"},
	{"numbers", `UPDATE orders SET number = 100 WHERE id = ROW`, "ascend"},
	{"contents", `DELETE FROM contents WHERE id = ROW + 2`, "contents"},
	{"number without order", `UPDATE orders SET order_number = 'A3-1' WHERE id = ROW`, "have a number"},
	{"identity twice", `UPDATE orders SET state = 'in_doubt', takes = 1, request_id = 'r', sent_at = 1, occurrence = 1,
		fingerprint = (SELECT fingerprint FROM orders WHERE id = ROW)`, "identity is taken once"},
	{"order number twice", `UPDATE orders SET state = 'ordered', takes = 1, order_number = 'A3-1', request_id = 'r'`, "order number is given once"},
	{"order ID twice", `UPDATE orders SET state = 'ordered', takes = 1, order_number = CAST(id AS TEXT), order_id = 7, request_id = 'r'`, "order ID is given once"},
	{"sending while stopped", `UPDATE orders SET state = 'sending', takes = 1, request_id = 'r', sent_at = 1 WHERE id = ROW`, "only while their run"},
	{"no attempt", `UPDATE orders SET state = 'in_doubt', takes = 1 WHERE id = ROW`, "carries its attempt"},
	{"no payload", `UPDATE contents SET payload = NULL WHERE id = ROW`, "has a payload"},
	{"closed by nobody", `UPDATE orders SET state = 'closed' WHERE id = ROW`, "by a person"},
	{"doubt ended by nobody", `INSERT INTO attempts (id, request_id, sent_at, ended_at, outcome, reason, message, http_status)
		VALUES (ROW, 'r', 1, 2, 'in_doubt', '', '', 0)`, "a doubt ends"},
	{"twin that is not there", `UPDATE orders SET twin = 99 WHERE id = ROW`, "referred to"},
	{"host that is not there", `UPDATE orders SET host = 99 WHERE id = ROW`, "referred to"},
	{"account that is not there", `DELETE FROM accounts`, "referred to"},
	{"contents of no row", `UPDATE contents SET id = 99 WHERE id = ROW`, "referred to"},
	{"key of no row", `UPDATE identifiers SET id = 99 WHERE id = ROW`, "referred to"},
	{"verdict on no row", `INSERT INTO verdicts (id, decided_at, decided_by, reason, from_state, to_state, occurrence) VALUES (99, 1, '', '', '', '', 1)`, "referred to"},
}

// TestVerify breaks each invariant behind the ledger's back.
func TestVerify(t *testing.T) {
	for _, test := range breakages {
		t.Run(test.name, func(t *testing.T) {
			l := open(t, made(t), ledger.Options{})
			must(t, ledger.Exec(l, `PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;
				DROP INDEX orders_identity; DROP INDEX orders_number; DROP INDEX orders_order_id`))
			must(t, ledger.Exec(l, strings.ReplaceAll(test.query, "ROW", "1")))
			err := ledgertest.Check(context.Background(), l)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// TestDiskIsRefused: what a disk cannot promise is asked before anything is sent, and nothing is left there.
func TestDiskIsRefused(t *testing.T) {
	const room = 64 << 20
	var refused *ledger.Error
	t.Run("of another machine", func(t *testing.T) {
		path := made(t)
		ledger.OnDisk(t, "NFS", room)
		for _, readOnly := range []bool{false, true} {
			if _, err := ledger.Open(context.Background(), path, ledger.Options{ReadOnly: readOnly}); !errors.As(err, &refused) || !strings.Contains(refused.Text, "network file system (NFS)") {
				t.Errorf("read only %v: %v", readOnly, err)
			}
		}
		other := filepath.Join(t.TempDir(), "ledger.db")
		if _, err := ledger.Open(context.Background(), other, ledger.Options{}); !errors.As(err, &refused) {
			t.Errorf("a new one: %v", err)
		}
		if left, err := os.ReadDir(filepath.Dir(other)); err != nil || len(left) > 0 {
			t.Errorf("left %v, %v", left, err)
		}
	})
	t.Run("nearly full", func(t *testing.T) {
		path := made(t)
		ledger.OnDisk(t, "", room-1)
		l := open(t, path, ledger.Options{})
		run := stageRows(t, l, 1)
		if err := l.SetRunState(context.Background(), run, ledger.RunRunning); !errors.As(err, &refused) || !strings.Contains(refused.Text, "has only 63 MiB left, and a sending needs 64") {
			t.Errorf("a sending: %v", err)
		}
		ledger.OnDisk(t, "", room)
		must(t, l.SetRunState(context.Background(), run, ledger.RunRunning))
	})
}
