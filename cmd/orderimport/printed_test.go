package main

import (
	"path/filepath"
	"runtime"
	"testing"
)

// TestLedgerWords names ledgers for a command that a person is to run: as a shell takes them, and without a password.
func TestLedgerWords(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its shells quote in other ways")
	}
	t.Setenv("XDG_DATA_HOME", "/data")
	t.Chdir(t.TempDir())
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	const shared = "postgres://orders:hemligt@db.example.se/orders?sslmode=verify-full"
	for _, c := range []struct {
		name string
		set  settings
		want string
	}{
		{"the default", settings{}, ""},
		{"the default, named", settings{ledger: "/data/orderimport/ledger.db"}, ""},
		{"a file", settings{ledger: "own.db"}, " --ledger " + here + "/own.db"},
		{"a name with quotes", settings{ledger: "file:/a/Åsa's l.db"}, ` --ledger '/a/Åsa'\''s l.db'`},
		{"a name for the shell", settings{ledger: "/a/$HOME.db"}, " --ledger '/a/$HOME.db'"},
		{"as the environment says", settings{ledger: "/a/l.db", own: &settings{ledger: "file:/a/l.db"}}, ""},
		{"as the environment says, read elsewhere", settings{ledger: "/a/l.db", own: &settings{ledger: "/a/l.db"}, elsewhere: true}, " --ledger /a/l.db"},
		{"not as the environment says", settings{ledger: "/a/l.db", own: &settings{ledger: "/b/l.db"}}, " --ledger /a/l.db"},
		{"the default, not as the environment says", settings{ledger: "/data/orderimport/ledger.db", own: &settings{ledger: "/b/l.db"}}, " --ledger /data/orderimport/ledger.db"},
		{"shared", settings{ledger: shared}, " --ledger 'postgres://orders@db.example.se/orders?sslmode=verify-full'"},
		{"shared, a password behind", settings{ledger: "postgres://orders@db.example.se/orders?password=hemligt&sslpassword=hemligt"}, " --ledger postgres://orders@db.example.se/orders"},
		{"shared, its password in the environment", settings{ledger: "postgres://orders@db.example.se/orders?sslmode=verify-full", own: &settings{ledger: shared}}, ""},
		{"shared, with a key of its own", settings{ledger: "postgres://orders@db.example.se/orders", ledgerKey: "/etc/my key"}, " --ledger postgres://orders@db.example.se/orders --ledger-key-file '/etc/my key'"},
	} {
		if got := c.set.ledgerWords(); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
