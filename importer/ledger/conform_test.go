package ledger_test

import (
	"context"
	"path/filepath"
	"testing"

	"orderimport/importer/ledger"
	"orderimport/importer/ledger/ledgertest"
)

func TestSQLite(t *testing.T) {
	ledgertest.Exercise(t, func(t *testing.T) ledgertest.Store {
		path := filepath.Join(t.TempDir(), "ledger.db")
		return ledgertest.Store{
			Open: func(opt ledger.Options) (*ledger.Ledger, error) {
				return ledger.Open(context.Background(), path, opt)
			},
			Crash:      ledger.Crash,
			FailCommit: ledger.FailCommit,
		}
	})
}
