package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderimport/importer/ledger"
)

// copyFiles copies those of a ledger's files whose names end so, into a folder; over a file that is there, or as a new one.
func copyFiles(t *testing.T, path, folder string, over bool, endings ...string) string {
	t.Helper()
	to := filepath.Join(folder, filepath.Base(path))
	for _, ending := range endings {
		data, err := os.ReadFile(path + ending)
		must(t, err)
		if !over {
			if err := os.Remove(to + ending); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		must(t, os.WriteFile(to+ending, data, 0o600))
	}
	return to
}

// halfSent sends one row of the ledger before it is copied and one after, and kills the process. It gives the copy.
func halfSent(t *testing.T, path string) (safe string) {
	l := open(t, path, ledger.Options{})
	_, rows := sending(t, l, 3, 1)
	must(t, ledger.Exec(l, `PRAGMA wal_checkpoint(TRUNCATE)`))
	safe = copyFiles(t, path, t.TempDir(), false, "")
	if state := claimed(t, l, rows[1], time.Now()); state != ledger.Sending {
		t.Fatal(state)
	}
	ledger.Crash(l)
	return safe
}

// markOf is what PATH.mark holds.
func markOf(t *testing.T, path string) (mark map[string]any) {
	data, err := os.ReadFile(path + ".mark")
	must(t, err)
	must(t, json.Unmarshal(data, &mark))
	return mark
}

// TestCopiesAreNoticed: a ledger that is not where it was left, or not as it was left, may have forgotten orders.
func TestCopiesAreNoticed(t *testing.T) {
	ctx := context.Background()
	all := []string{"", ".key", ".mark"}
	// sendOne sends a row of the ledger, so that a copy made before does not know it.
	sendOne := func(t *testing.T, path string) {
		l := open(t, path, ledger.Options{})
		people(t, l, "later", 5)
		must(t, l.Close())
	}
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, path string) string // may give another path
		want  string                                 // "" where it is opened
	}{
		{"as it was left", func(t *testing.T, path string) string { sendOne(t, path); return path }, ""},
		{"moved", func(t *testing.T, path string) string {
			to := filepath.Join(t.TempDir(), "moved")
			must(t, os.Rename(filepath.Dir(path), to))
			return filepath.Join(to, filepath.Base(path))
		}, ""},
		{"killed", func(t *testing.T, path string) string {
			l := open(t, path, ledger.Options{})
			stageRows(t, l, 2)
			ledger.Crash(l)
			return path
		}, ""},
		{"killed between the mark and its commit", func(t *testing.T, path string) string {
			l := open(t, path, ledger.Options{})
			run := stageRows(t, l, 2)
			ledger.FailCommit(l, false)
			if l.SetRunState(ctx, run, ledger.RunRunning) == nil {
				t.Fatal("no failure")
			}
			ledger.Crash(l)
			return path
		}, ""},
		{"killed between a commit and its mark", func(t *testing.T, path string) string {
			l := open(t, path, ledger.Options{})
			run := stageRows(t, l, 2)
			ledger.FailCommit(l, true)
			if l.SetRunState(ctx, run, ledger.RunRunning) == nil {
				t.Fatal("no failure")
			}
			ledger.Crash(l)
			return path
		}, ""},
		{"made before there were marks", func(t *testing.T, path string) string {
			exec(t, path, `DELETE FROM facts WHERE name = 'mark'`)
			return path + must(t, os.Remove(path+".mark"))
		}, ""},
		{"copied without its mark", func(t *testing.T, path string) string {
			return copyFiles(t, path, t.TempDir(), false, "", ".key")
		}, "is a copy without its file"},
		{"copied", func(t *testing.T, path string) string { return copyFiles(t, path, t.TempDir(), false, all...) }, "is a copy, or was put back"},
		{"put back over itself", func(t *testing.T, path string) string {
			safe := copyFiles(t, path, t.TempDir(), false, all...)
			sendOne(t, path)
			return copyFiles(t, safe, filepath.Dir(path), true, "")
		}, "is not as it was left"},
		{"put back over itself, from the middle of a run", func(t *testing.T, path string) string {
			l := open(t, path, ledger.Options{})
			run := stageRows(t, l, 2)
			must(t, l.SetRunState(ctx, run, ledger.RunRunning))
			must(t, ledger.Exec(l, `PRAGMA wal_checkpoint(TRUNCATE)`))
			safe := copyFiles(t, path, t.TempDir(), false, all...)
			must(t, l.SetRunState(ctx, run, ledger.RunDone))
			must(t, l.Close())
			return copyFiles(t, safe, filepath.Dir(path), true, "")
		}, "is not as it was left"},
		{"put back over itself, from the middle of a run that was then killed", func(t *testing.T, path string) string {
			return copyFiles(t, halfSent(t, path), filepath.Dir(path), true, "")
		}, "is not as it was left"},
		{"put back so, after a start that got no further than its mark", func(t *testing.T, path string) string {
			safe := halfSent(t, path)
			before := markOf(t, path)["marks"].([]any)
			ledger.Crash(open(t, path, ledger.Options{}))
			mark := markOf(t, path)
			mark["marks"] = append(mark["marks"].([]any), before...) // as it is until the commit
			line, err := json.Marshal(mark)
			must(t, err)
			must(t, os.WriteFile(path+".mark", line, 0o600))
			return copyFiles(t, safe, filepath.Dir(path), true, "")
		}, "is not as it was left"},
		{"killed in the middle of a run", func(t *testing.T, path string) string {
			halfSent(t, path)
			return path
		}, ""},
		{"put back from before there were marks", func(t *testing.T, path string) string {
			return path + exec(t, path, `DELETE FROM facts WHERE name = 'mark'`)
		}, "is not as it was left"},
		{"killed while it was made, before its first mark was in it", func(t *testing.T, path string) string {
			exec(t, path, `DELETE FROM facts WHERE name = 'mark'`)
			firstMark(t, path)
			return path
		}, ""},
		{"killed while it was made, before anything was in it", func(t *testing.T, path string) string {
			firstMark(t, path)
			return path + must(t, os.Truncate(path, 0))
		}, ""},
		{"put back with all its files", func(t *testing.T, path string) string {
			safe := copyFiles(t, path, t.TempDir(), false, all...)
			sendOne(t, path)
			return copyFiles(t, safe, filepath.Dir(path), false, all...)
		}, "is a copy, or was put back"},
		{"a damaged mark", func(t *testing.T, path string) string {
			return path + must(t, os.WriteFile(path+".mark", []byte("{"), 0o600))
		}, "is not as it was left"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := c.spoil(t, made(t))
			l, err := ledger.Open(ctx, path, ledger.Options{})
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				must(t, l.Close())
				var not *ledger.RefusedError
				if _, err := ledger.Adopt(ctx, path, ledger.Adoption{By: "eva@hr", Reason: "why not"}, ledger.Options{}); !errors.As(err, &not) {
					t.Errorf("adopted: %v", err)
				}
				return
			}
			var refused *ledger.Error
			for range 2 { // a refusal does not make it right
				if l != nil || !errors.As(err, &refused) || !strings.Contains(refused.Text, c.want) || !strings.Contains(refused.Hint, "ledger adopt") {
					t.Fatalf("%v", err)
				}
				l, err = ledger.Open(ctx, path, ledger.Options{})
			}
			reader := open(t, path, ledger.Options{ReadOnly: true})
			runs, err := reader.Runs(ctx)
			if err != nil || len(runs) == 0 {
				t.Fatalf("not to be read: %v, %v", runs, err)
			}
			ready := 0
			for _, r := range runs {
				ready += r.Totals[ledger.Ready]
			}
			must(t, reader.Close())
			// Somebody who adopts it and dies half-way has not adopted it.
			half := open(t, path, ledger.Adopting(ledger.Options{}))
			ledger.Crash(half)
			if _, err := ledger.Open(ctx, path, ledger.Options{}); !errors.As(err, &refused) || !strings.Contains(refused.Text, "is a backup of 20") {
				t.Fatalf("half adopted: %v", err)
			}
			if held, err := ledger.Adopt(ctx, path, ledger.Adoption{By: "eva@hr", Reason: "the disk died"}, ledger.Options{}); err != nil || held != ready {
				t.Fatalf("%d of %d rows held: %v", held, ready, err)
			}
			must(t, open(t, path, ledger.Options{}).Close())
			must(t, open(t, path, ledger.Options{}).Verify(ctx))
		})
	}
	t.Run("lost", func(t *testing.T) {
		path := made(t)
		must(t, os.Remove(path))
		for range 2 {
			var refused *ledger.Error
			if _, err := ledger.Open(ctx, path, ledger.Options{}); !errors.As(err, &refused) || !strings.Contains(refused.Text, "is gone, and what was ordered with it") {
				t.Fatalf("a new ledger in the place of a lost one: %v", err)
			}
		}
	})
}

// TestCopyBeforeANewerLog puts an older database before the log that a killed process left. SQLite makes one of the two, which is neither:
// nobody sends from it, nor takes it over.
func TestCopyBeforeANewerLog(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name string
		copy func(t *testing.T, path string) string
		want string
	}{
		{"a copy by hand", func(t *testing.T, path string) string { return copyFiles(t, path, t.TempDir(), false, "") }, "is not as it was left"},
		{"a backup", func(t *testing.T, path string) string {
			l := open(t, path, ledger.Options{})
			backup := filepath.Join(t.TempDir(), "ledger.db")
			must(t, l.Backup(ctx, backup))
			must(t, l.Close())
			return backup
		}, "is a backup of 20"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := made(t)
			older := c.copy(t, path)
			l := open(t, path, ledger.Options{})
			people(t, l, "between", 40)
			must(t, l.Close())
			l = open(t, path, ledger.Options{})
			sending(t, l, 60, 60)
			log, err := os.ReadFile(path + "-wal")
			must(t, err)
			ledger.Crash(l)
			putBack := func(log []byte) {
				copyFiles(t, older, filepath.Dir(path), true, "")
				must(t, os.WriteFile(path+"-wal", log, 0o600))
			}
			putBack(log)
			var refused *ledger.Error
			if _, err := ledger.Open(ctx, path, ledger.Options{}); !errors.As(err, &refused) || !strings.Contains(refused.Text, c.want) {
				t.Fatalf("opened: %v", err)
			}
			word := ledger.Adoption{By: "eva@hr", Reason: "the disk died"}
			if _, err := ledger.Adopt(ctx, path, word, ledger.Options{}); !errors.As(err, &refused) || !strings.Contains(refused.Text, "is not sound") || !strings.Contains(refused.Hint, "-wal") {
				t.Fatalf("adopted: %v", err)
			}
			putBack(nil)
			if _, err := ledger.Adopt(ctx, path, word, ledger.Options{}); err != nil {
				t.Fatal(err)
			}
			must(t, open(t, path, ledger.Options{}).Verify(ctx))
		})
	}
}

// firstMark leaves the mark as it is until the first of all is in the database.
func firstMark(t *testing.T, path string) {
	t.Helper()
	mark := markOf(t, path)
	mark["marks"] = append(mark["marks"].([]any), "")
	line, err := json.Marshal(mark)
	must(t, err)
	must(t, os.WriteFile(path+".mark", line, 0o600))
}
