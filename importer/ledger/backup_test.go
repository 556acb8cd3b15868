package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
)

// TestBackup copies a ledger while rows are sent from it, and takes the copy over.
func TestBackup(t *testing.T) {
	ctx := context.Background()
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	run := stageRows(t, l, 300)
	if err := l.SetRunState(ctx, run, ledger.RunRunning); err != nil {
		t.Fatal(err)
	}
	rows, err := l.Ready(ctx, run, 0, 300)
	if err != nil {
		t.Fatal(err)
	}
	half, done := make(chan struct{}), make(chan error, 1)
	go func() {
		for i, row := range rows {
			request := fmt.Sprintf("request-%d", i)
			if state, err := l.Claim(ctx, row.ID, request, time.Now()); err != nil || state != ledger.Sending {
				done <- fmt.Errorf("row %d: %s, %v", row.Number, state, err)
				return
			}
			if i == 100 {
				close(half)
			}
			if i == len(rows)-1 {
				break // the last one stays in flight
			}
			booked := make(chan error, 1)
			l.Finish(row.ID, request, connect.Outcome{Verdict: connect.Ordered, Status: 200, Result: connect.CreateOrderResult{OrderID: int64(i + 1), OrderNumber: fmt.Sprint("A3-", i)}},
				func(_ ledger.State, err error) { booked <- err })
			if err := <-booked; err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	select {
	case <-half:
	case err := <-done:
		t.Fatal("ended early:", err)
	}
	path := filepath.Join(t.TempDir(), "safe", "backup.db")
	if err := l.Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, path + ".key"} {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", filepath.Base(p), info.Mode())
		}
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 2 {
		t.Errorf("files %v", files)
	}
	var refused *ledger.Error
	if err := l.Backup(ctx, path); !errors.As(err, &refused) {
		t.Errorf("a second backup to the same file: %v", err)
	}

	before := states(t, open(t, path, ledger.Options{ReadOnly: true}), run)
	if before[ledger.Ordered] < 100 || before[ledger.InDoubt] > 1 || before[ledger.Ordered]+before[ledger.InDoubt]+before[ledger.Ready] != 300 {
		t.Errorf("the copy has %v", before)
	}
	if _, err := ledger.Open(ctx, path, ledger.Options{}); !errors.As(err, &refused) {
		t.Fatalf("opened for writing: %v", err)
	}
	var not *ledger.RefusedError
	if _, err := ledger.Adopt(ctx, path, ledger.Adoption{By: "eva@hr"}, ledger.Options{}); !errors.As(err, &not) {
		t.Errorf("without a reason: %v", err)
	}
	held, err := ledger.Adopt(ctx, path, ledger.Adoption{By: "eva@hr", Reason: "the disk died"}, ledger.Options{})
	if err != nil || held != before[ledger.Ready] {
		t.Fatalf("%d rows held of %v: %v", held, before, err)
	}
	adopted := open(t, path, ledger.Options{})
	after := states(t, adopted, run)
	if after[ledger.Ready] != 0 || after[ledger.Held] != before[ledger.Ready] || after[ledger.InDoubt] != before[ledger.InDoubt] || after[ledger.Ordered] != before[ledger.Ordered] {
		t.Errorf("%v became %v", before, after)
	}
	if err := adopted.Verify(ctx); err != nil {
		t.Error(err)
	}
	var waits int
	for row, err := range adopted.Rows(ctx, run) {
		if err != nil {
			t.Fatal(err)
		}
		if row.State == ledger.Held {
			waits = row.Number
		}
	}
	if err := adopted.Resolve(ctx, run, []int{waits}, release); !errors.As(err, &not) || !strings.Contains(not.Text, "just before") {
		t.Errorf("released at once: %v", err)
	}
	if err := adopted.Close(); err != nil {
		t.Fatal(err)
	}
	later := open(t, path, ledger.Options{Now: func() time.Time { return time.Now().Add(15 * time.Minute) }})
	if err := errors.Join(later.Resolve(ctx, run, []int{waits}, release), later.Close()); err != nil {
		t.Errorf("released a quarter of an hour later: %v", err)
	}
	if _, err := ledger.Adopt(ctx, path, ledger.Adoption{By: "eva@hr", Reason: "again"}, ledger.Options{}); !errors.As(err, &not) {
		t.Errorf("adopted twice: %v", err)
	}
}

func states(t *testing.T, l *ledger.Ledger, run string) ledger.Totals {
	t.Helper()
	totals := ledger.Totals{}
	for row, err := range l.Rows(context.Background(), run) {
		if err != nil {
			t.Fatal(err)
		}
		totals[row.State]++
	}
	return totals
}
