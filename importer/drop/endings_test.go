package drop

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestCrashInTheMiddleGoesOn(t *testing.T) {
	bubble(t, func(b *bench) {
		b.put("hr.csv", "x")
		var first string
		b.outcome = func(c Claim) Outcome {
			first = c.Path
			if err := os.WriteFile(c.Result, []byte("half"), 0o600); err != nil {
				t.Error(err)
			}
			panic("the process dies")
		}
		func() {
			defer func() { _ = recover() }()
			w := newWatched(b.drop, b.handle, b.observe, make(chan struct{}, 1))
			for range 3 {
				_ = w.round(b.Context(), time.Now(), true)
			}
		}()
		b.wantIn("work", "hr.csv")

		var second string
		b.outcome = func(c Claim) Outcome {
			second = c.Path
			if _, err := os.Lstat(c.Result); err == nil {
				t.Error("the dead process's result is still there")
			}
			return Outcome{Verdict: Done}
		}
		stop := b.watch()
		defer stop()
		b.polls(1)
		if first == "" || first != second {
			t.Errorf("the claim was %q, then %q", first, second)
		}
		b.want("hr.csv=x", "hr.csv=x")
		if b.kinds(Resumed) != 1 {
			t.Error("not told that it goes on")
		}
		b.wantIn("work", "")
		b.wantIn("done", "hr.csv")
	})
}

func TestEndDrains(t *testing.T) {
	bubble(t, func(b *bench) {
		b.put("a.csv", "1")
		b.put("b.csv", "2")
		begun := make(chan struct{})
		stop := b.watchWith(func(ctx context.Context, d *Drop, c Claim) Outcome {
			close(begun)
			<-ctx.Done()
			time.Sleep(100 * time.Second) // answers under way
			return Outcome{Verdict: Left}
		})
		b.polls(3)
		<-begun
		start := time.Now()
		stop()
		if took := time.Since(start); took != 100*time.Second {
			t.Errorf("ended after %v", took)
		}
		b.wantIn("work", "a.csv")
		b.wantIn(".", "b.csv")
		if b.kinds(Waiting) != 1 {
			t.Error("not told that a file waits")
		}
		stop = b.watch()
		defer stop()
		b.polls(3)
		b.want("a.csv=1", "b.csv=2")
	})
}

func TestOutOfReachIsTriedEverLessOften(t *testing.T) {
	bubble(t, func(b *bench) {
		var up atomic.Bool
		b.outcome = func(Claim) Outcome {
			if up.Load() {
				return Outcome{Verdict: Done}
			}
			return Outcome{Verdict: Again, Text: "no answer"}
		}
		stop := b.watch()
		defer stop()
		b.put("a.csv", "1")
		b.put("b.csv", "2")
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		// 1, 2, 4, 8, 16, 32 minutes, then each hour.
		if n := len(b.handled); n < 25 || n > 31 {
			t.Errorf("tried %d times in a day", n)
		}
		if b.kinds(Postponed) != 1 || b.kinds(Resumed) != 0 {
			t.Errorf("told %d times that it waits, %d times that it goes on", b.kinds(Postponed), b.kinds(Resumed))
		}
		b.wantIn("work", "a.csv")
		b.wantIn(".", "b.csv")
		up.Store(true)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		b.wantIn("done", "a.csv b.csv")
	})
}

func TestOneDropsTroubleStopsNoOther(t *testing.T) {
	bubble(t, func(b *bench) {
		gone := filepath.Join(t.TempDir(), "gone")
		bad := &Drop{Name: "bad", Folder: gone, Patterns: DefaultPatterns}
		ctx, cancel := context.WithCancel(b.Context())
		var watch sync.WaitGroup
		watch.Go(func() {
			Watch(ctx, &Config{Poll: poll, Drops: []*Drop{bad, b.drop}}, b.handle, b.observe)
		})
		defer watch.Wait()
		defer cancel()
		b.put("hr.csv", "x")
		b.polls(5)
		b.want("hr.csv=x")
		if b.kinds(Lost) != 1 {
			t.Errorf("told %d times that the folder is gone", b.kinds(Lost))
		}
		if err := os.Mkdir(gone, 0o700); err != nil {
			t.Fatal(err)
		}
		b.polls(2)
		if b.kinds(Found) != 1 {
			t.Error("not told that the folder is back")
		}
		if err := os.WriteFile(filepath.Join(gone, "other.csv"), []byte("y"), 0o600); err != nil {
			t.Fatal(err)
		}
		b.polls(3)
		b.want("hr.csv=x", "other.csv=y")
	})
}
