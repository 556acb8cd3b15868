package main

import (
	"os"
	"path/filepath"
	"testing"

	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger/ledgertest"
	"orderimport/samples"
)

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
