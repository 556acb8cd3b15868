package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger/ledgertest"
	"orderimport/samples"
)

// TestPostgreSQLAddress tries what somebody may set as the address of a shared ledger. Its password is in nothing that is said or made.
func TestPostgreSQLAddress(t *testing.T) {
	cluster := ledgertest.NewCluster(t)
	const password = "hemligt-ord"
	withPassword := func(address string) string { return strings.Replace(address, "test@", "test:"+password+"@", 1) }
	empty := withPassword(cluster.Database())
	for _, test := range []struct {
		name, address string
		args          []string
		code          int
		want          string
	}{
		{"verify, nothing there", empty, []string{"ledger", "verify"}, exitLedger, "is not there"},
		{"backup, nothing there", empty, []string{"ledger", "backup", "-o", "copy.db"}, exitLedger, "is not there"},
		{"erase, nothing there", empty, []string{"erase", "anna@example.se"}, exitLedger, "is not there"},
		{"runs, nothing there", empty, []string{"runs"}, exitOK, "no runs yet"},
		{"keywords", "host=127.0.0.1 user=test password=" + password + " dbname=ledger", []string{"runs"}, exitLedger, "postgres://"},
		{"keywords, one", "dbname=ledger", []string{"ledger", "verify"}, exitLedger, "postgres://"},
		{"one slash", "postgres:/test:" + password + "@127.0.0.1/ledger", []string{"runs"}, exitLedger, "postgres://"},
		{"no slash", "postgresql:test:" + password + "@127.0.0.1/ledger", []string{"runs"}, exitLedger, "postgres://"},
		{"a file of the name", "file:postgres://test:" + password + "@127.0.0.1/ledger", []string{"runs"}, exitLedger, "postgres://"},
		{"capitals", "POSTGRES://test:" + password + "@127.0.0.1/ledger", []string{"runs"}, exitLedger, "postgres://"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlace(t)
			cmd, out := p.command(test.args...)
			cmd.Env = append(cmd.Env, "ORDERIMPORT_LEDGER="+test.address)
			_ = cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != test.code || !strings.Contains(out.String(), test.want) {
				t.Errorf("exit %d, want %d and %q\n%s", code, test.code, test.want, out)
			}
			if strings.Contains(out.String(), password) {
				t.Errorf("tells the password\n%s", out)
			}
			_ = filepath.WalkDir(p.dir, func(path string, e os.DirEntry, _ error) error {
				if path != p.dir {
					t.Errorf("made %s", path)
				}
				return nil
			})
		})
	}
	for address, want := range map[string]int{
		"postgres://test:" + password + "@db.example.se/ledger":             exitUse,
		"postgres://test@db.example.se/ledger?password=" + password:         exitUse,
		"postgres://test@db.example.se/ledger?sslpassword=" + password:      exitUse,
		"POSTGRES://test:" + password + "@db.example.se/ledger":             exitUse,
		"host=db.example.se user=test password=" + password + " dbname=led": exitLedger,
	} {
		if code, out := newPlace(t).exit("runs", "--ledger", address); code != want || strings.Contains(out, password) {
			t.Errorf("on the command line %s: exit %d\n%s", address, code, out)
		}
	}
}

// TestPostgreSQLWatch: a watch over a shared ledger takes the key that it is told of.
func TestPostgreSQLWatch(t *testing.T) {
	cluster := ledgertest.NewCluster(t)
	p, server := watched(t, connecttest.Options{}, "")
	t.Setenv("ORDERIMPORT_LEDGER", cluster.Database())
	t.Setenv("ORDERIMPORT_LEDGER_KEY_FILE", p.path("shared.key"))
	p.put("in/hr.csv", samples.HRExportCSV)
	if code, out := p.exit("watch", "run", "hr", "-c", "watch.yaml"); code != exitRows {
		t.Errorf("exit %d\n%s", code, out)
	}
	if len(server.Audit()) == 0 {
		t.Error("nothing was ordered")
	}
	if _, err := os.Stat(p.path("shared.key")); err != nil {
		t.Error(err)
	}
	if home, _ := filepath.Glob(p.path("data/orderimport/*")); len(home) > 0 {
		t.Errorf("a ledger or a key of its own: %v", home)
	}
}

// TestPostgreSQLTakeOver: a shared ledger learns from a result what another ledger ordered.
func TestPostgreSQLTakeOver(t *testing.T) {
	cluster := ledgertest.NewCluster(t)
	server := sandboxWith(t, connecttest.Options{Token: "token-of-a-test"}, "reset-after@3")
	p := newPlace(t)
	p.people("people.csv", 0, 4)
	order := []string{"--endpoint", server.URL(), "--package", "1001", "--customer", "100200"}
	send := append([]string{"submit", "people.csv", "--rate", "0", "--workers", "1", "--yes"}, order...)
	if code, out := p.exit(append(send, "--result", "result.csv")...); code != exitDoubt {
		t.Fatalf("exit %d\n%s", code, out)
	}
	t.Setenv("ORDERIMPORT_LEDGER", cluster.Database())
	t.Setenv("ORDERIMPORT_LEDGER_KEY_FILE", p.path("shared.key"))
	adopt := append([]string{"ledger", "adopt", "--from-results", "result.csv", "--reason", "one ledger for all", "--yes"}, order...)
	for _, want := range []struct {
		code int
		says string
	}{{exitRows, "orders booked: 3"}, {exitRows, "orders booked: 0"}} {
		if code, out := p.exit(adopt...); code != want.code || !strings.Contains(out, want.says) {
			t.Fatalf("exit %d\n%s", code, out)
		}
	}
	if code, out := p.exit("ledger", "verify"); code != exitOK {
		t.Errorf("exit %d\n%s", code, out)
	}
	if code, out := p.exit(send...); code != exitRows || !strings.Contains(out, "1 held, 3 already ordered") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if n := len(server.Audit()); n != 4 {
		t.Errorf("%d orders", n)
	}
}
