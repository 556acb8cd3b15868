package ledger_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"orderimport/importer/ledger"
	"orderimport/importer/ledger/ledgertest"
)

// A row that no longer fits leaves Ready; one that is on its way, or has left Ready before, is not touched.
func TestInvalidate(t *testing.T) {
	ctx := context.Background()
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	run := stageRows(t, l, 4)
	must(t, l.SetRunState(ctx, run, ledger.RunRunning))
	ready, err := l.Ready(ctx, run, 0, 10)
	must(t, err)
	if state, err := l.Claim(ctx, ready[1].ID, "request", time.Now()); state != ledger.Sending || err != nil {
		t.Fatal(state, err)
	}
	findings := json.RawMessage(`[{"code":"not-allowed"}]`)
	misfits := []ledger.Misfit{{Row: ready[0].ID, Findings: findings}, {Row: ready[1].ID, Findings: findings}, {Row: ready[2].ID, Findings: findings}, {Row: 99}}
	for _, want := range [][]int64{{ready[0].ID, ready[2].ID}, nil} {
		moved, err := l.Invalidate(ctx, misfits)
		must(t, err)
		if !slices.Equal(moved, want) {
			t.Errorf("moved %v, not %v", moved, want)
		}
	}
	var states []ledger.State
	for row, err := range l.Rows(ctx, run) {
		must(t, err)
		states = append(states, row.State)
		if row.State == ledger.Invalid && (string(row.Findings) != string(findings) || row.Reason != ledger.ReasonSchemaChanged) {
			t.Errorf("row %d: %s, reason %q", row.Number, row.Findings, row.Reason)
		}
	}
	if want := []ledger.State{ledger.Invalid, ledger.Sending, ledger.Invalid, ledger.Ready}; !slices.Equal(states, want) {
		t.Errorf("states %v, not %v", states, want)
	}
	if state, err := l.Claim(ctx, ready[0].ID, "request", time.Now()); state != ledger.Invalid || err != nil {
		t.Errorf("claimed: %s, %v", state, err)
	}
	must(t, ledgertest.Check(ctx, l))
}
