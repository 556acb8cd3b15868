package drop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

const poll = 10 * time.Second

// bench is a watched folder in a bubble of synctest: its clock stands still but in sleeps.
type bench struct {
	*testing.T
	dir     string
	drop    *Drop
	outcome func(Claim) Outcome // nil: Done, with a result

	mu      sync.Mutex
	handled []string // "name=content"
	events  []Event
}

func newBench(t *testing.T) *bench {
	dir := t.TempDir()
	return &bench{T: t, dir: dir, drop: &Drop{Name: "hr", Folder: dir, Patterns: DefaultPatterns, Action: Submit}}
}

func (b *bench) handle(_ context.Context, _ *Drop, c Claim) Outcome {
	data, err := os.ReadFile(c.Path)
	if err != nil {
		b.Errorf("the claim cannot be read: %v", err)
	}
	b.mu.Lock()
	b.handled = append(b.handled, c.Name+"="+string(data))
	b.mu.Unlock()
	if b.outcome != nil {
		return b.outcome(c)
	}
	if err := os.WriteFile(c.Result, []byte("result of "+c.Name), 0o600); err != nil {
		b.Error(err)
	}
	return Outcome{Verdict: Done}
}

func (b *bench) observe(e Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
}

// watch starts a watch; the function it gives ends it and waits.
func (b *bench) watch() func() { return b.watchWith(b.handle) }

func (b *bench) watchWith(handle Handler) func() {
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() {
		Watch(ctx, &Config{Poll: poll, Drops: []*Drop{b.drop}}, handle, b.observe)
		close(ended)
	}()
	synctest.Wait()
	return func() { cancel(); <-ended }
}

// polls lets n polls go by.
func (b *bench) polls(n int) {
	time.Sleep(time.Duration(n) * poll)
	synctest.Wait()
}

func (b *bench) put(name, content string) {
	b.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
}

// written sets when a file was last written.
func (b *bench) written(name string, at time.Time) {
	b.Helper()
	if err := os.Chtimes(filepath.Join(b.dir, name), at, at); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) want(names ...string) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if got := strings.Join(b.handled, " "); got != strings.Join(names, " ") {
		b.Errorf("handled %q, want %q", b.handled, names)
	}
}

// kinds counts the events of a kind.
func (b *bench) kinds(k Kind) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.events {
		if e.Kind == k {
			n++
		}
	}
	return n
}

// in lists a folder without the stamps; dot files are left out.
func (b *bench) in(dir string) string {
	b.Helper()
	entries, err := os.ReadDir(filepath.Join(b.dir, dir))
	if err != nil && !os.IsNotExist(err) {
		b.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if plain, ok := unstamped(name); ok {
			name = plain
		}
		if !strings.HasPrefix(name, ".") && !e.IsDir() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func (b *bench) wantIn(dir, want string) {
	b.Helper()
	if got := b.in(dir); got != want {
		b.Errorf("in %s/: %q, want %q", dir, got, want)
	}
}

// bubble runs a test with a clock of its own.
func bubble(t *testing.T, test func(b *bench)) {
	synctest.Test(t, func(t *testing.T) { test(newBench(t)) })
}

func TestHalfWrittenFileIsHandledOnceWhenWhole(t *testing.T) {
	bubble(t, func(b *bench) {
		stop := b.watch()
		defer stop()
		b.put("hr.csv", "a")
		b.polls(1)
		b.put("hr.csv", "ab")
		b.polls(1)
		b.put("hr.csv", "abc")
		b.polls(1)
		b.want()
		b.polls(1)
		b.want("hr.csv=abc")
		b.polls(10)
		b.want("hr.csv=abc")
		b.wantIn(".", "")
		b.wantIn("work", "")
		b.wantIn("done", "hr-result.xlsx hr.csv")
		b.wantIn("failed", "")
	})
}

func TestSameSizeButNewTimeIsNotWhole(t *testing.T) {
	bubble(t, func(b *bench) {
		stop := b.watch()
		defer stop()
		for i := range 5 {
			b.put("hr.csv", "abc")
			b.written("hr.csv", time.Now().Add(time.Duration(i)*time.Second))
			b.polls(1)
		}
		b.want()
	})
}

func TestEmptyFileWaits(t *testing.T) {
	bubble(t, func(b *bench) {
		stop := b.watch()
		defer stop()
		b.put("hr.csv", "")
		b.polls(5)
		b.want()
		if b.kinds(Empty) != 1 {
			t.Errorf("told %d times that it is empty", b.kinds(Empty))
		}
		b.put("hr.csv", "x")
		b.polls(3)
		b.want("hr.csv=x")
	})
}

func TestFailedFileHasItsReasonBesideIt(t *testing.T) {
	bubble(t, func(b *bench) {
		b.outcome = func(c Claim) Outcome {
			if err := os.WriteFile(c.Result, []byte("marked"), 0o600); err != nil {
				t.Error(err)
			}
			return Outcome{Verdict: Failed, Text: "12 rows are invalid"}
		}
		stop := b.watch()
		defer stop()
		b.put("hr.csv", "x")
		b.polls(3)
		b.wantIn("failed", "hr-error.txt hr-result.xlsx hr.csv")
		found, err := filepath.Glob(filepath.Join(b.dir, "failed", "*-error.txt"))
		if err != nil || len(found) != 1 {
			t.Fatal(found, err)
		}
		if data, _ := os.ReadFile(found[0]); string(data) != "12 rows are invalid\n" {
			t.Errorf("error file holds %q", data)
		}
		if info, _ := os.Stat(found[0]); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("error file has mode %v", info.Mode())
		}
	})
}

func TestSameNameAgainOverwritesNothing(t *testing.T) {
	bubble(t, func(b *bench) {
		stop := b.watch()
		defer stop()
		for _, content := range []string{"monday", "tuesday"} {
			b.put("hr.csv", content)
			b.put("hr.xlsx", content)
			b.polls(3)
		}
		b.wantIn("done", "hr-result.xlsx hr-result.xlsx hr-result.xlsx hr-result.xlsx hr.csv hr.csv hr.xlsx hr.xlsx")
	})
}

func TestNoteBesideWhatWasKnown(t *testing.T) {
	bubble(t, func(b *bench) {
		b.outcome = func(Claim) Outcome { return Outcome{Verdict: Done, Note: true, Text: "the same content again"} }
		stop := b.watch()
		defer stop()
		b.put("hr.csv", "x")
		b.polls(3)
		b.wantIn("done", "hr-note.txt hr.csv")
	})
}

func TestLeftAlone(t *testing.T) {
	bubble(t, func(b *bench) {
		outside := filepath.Join(t.TempDir(), "secret.csv")
		if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		names := []string{".hidden.csv", "~$hr.xlsx", "hr.csv.part", "HR.TMP", "notes.docx"}
		for _, name := range names {
			b.put(name, "x")
		}
		if err := os.Mkdir(filepath.Join(b.dir, "folder.csv"), 0o700); err != nil {
			t.Fatal(err)
		}
		irregular := 0
		if err := os.Symlink(outside, filepath.Join(b.dir, "link.csv")); err == nil {
			irregular++
		}
		if makePipe(filepath.Join(b.dir, "pipe.csv")) == nil {
			irregular++
		}
		stop := b.watch()
		defer stop()
		b.polls(5)
		b.want()
		for _, name := range names {
			if _, err := os.Lstat(filepath.Join(b.dir, name)); err != nil {
				t.Error(err)
			}
		}
		if b.kinds(Unmatched) != 1 || b.kinds(Irregular) != irregular {
			t.Errorf("told of %d other names and %d irregular files, want 1 and %d", b.kinds(Unmatched), b.kinds(Irregular), irregular)
		}
	})
}

func TestWorkThatIsALinkIsRefused(t *testing.T) {
	bubble(t, func(b *bench) {
		elsewhere := t.TempDir()
		if err := os.Symlink(elsewhere, filepath.Join(b.dir, "work")); err != nil {
			t.Skip("no symbolic links here")
		}
		stop := b.watch()
		defer stop()
		b.put("hr.csv", "x")
		b.polls(5)
		b.want()
		if b.kinds(Lost) != 1 {
			t.Errorf("told %d times", b.kinds(Lost))
		}
		if entries, _ := os.ReadDir(elsewhere); len(entries) != 0 {
			t.Errorf("%d files were moved out of the folder", len(entries))
		}
	})
}

func TestOddNames(t *testing.T) {
	bubble(t, func(b *bench) {
		b.drop.Patterns = []string{"*.csv"}
		stop := b.watch()
		defer stop()
		long := strings.Repeat("å", 120) + ".csv"
		for _, name := range []string{"Nya anställda (2).CSV", "-rf.csv", "A\u030asa.csv", long} {
			b.put(name, "x")
		}
		if runtime.GOOS != "windows" {
			b.put("esc\x1b[31m\n\u202e.csv", "x")
		}
		b.polls(3)
		if n := len(b.handled); n != 4 && n != 5 {
			t.Errorf("handled %q", b.handled)
		}
		entries, err := os.ReadDir(filepath.Join(b.dir, "done"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.ContainsAny(e.Name(), "\x1b\n\u202e") || len(e.Name()) > 220 {
				t.Errorf("filed as %q", e.Name())
			}
		}
		b.wantIn(".", "")
	})
}

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

func TestTwoWatchesHandleEachFileOnce(t *testing.T) {
	bubble(t, func(b *bench) {
		var watch sync.WaitGroup
		ctx, cancel := context.WithCancel(b.Context())
		for range 2 {
			watch.Go(func() {
				Watch(ctx, &Config{Poll: poll, Drops: []*Drop{b.drop}}, func(ctx context.Context, d *Drop, c Claim) Outcome {
					time.Sleep(3 * poll) // long enough for the other to look
					return b.handle(ctx, d, c)
				}, b.observe)
			})
		}
		for i := range 5 {
			b.put(fmt.Sprintf("%d.csv", i), fmt.Sprint(i))
		}
		b.polls(100)
		cancel()
		watch.Wait()
		slices.Sort(b.handled)
		b.want("0.csv=0", "1.csv=1", "2.csv=2", "3.csv=3", "4.csv=4")
		if b.kinds(Busy) == 0 {
			t.Error("nobody was told that another works there: the test tests nothing")
		}
	})
}

func TestClaimRaceHasOneWinner(t *testing.T) {
	b := newBench(t)
	for i := range 50 {
		name := fmt.Sprintf("%d.csv", i)
		b.put(name, "x")
		seen, err := os.Lstat(filepath.Join(b.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		var race sync.WaitGroup
		var mu sync.Mutex
		winners := 0
		for range 4 {
			race.Go(func() {
				f, err := openFolder(b.dir)
				if err != nil {
					t.Error(err)
					return
				}
				defer f.close()
				if err := f.prepare(); err != nil {
					t.Error(err)
					return
				}
				if claimed, err := f.claim(seen, time.Now()); err == nil && claimed != "" {
					mu.Lock()
					winners++
					mu.Unlock()
				}
			})
		}
		race.Wait()
		if winners != 1 {
			t.Fatalf("%d winners", winners)
		}
	}
}

func TestClaimOfAFileThatChanged(t *testing.T) {
	for name, change := range map[string]func(b *bench){
		"written to": func(b *bench) { b.put("hr.csv", "longer") },
		"replaced": func(b *bench) {
			b.put("new", "x")
			if err := os.Rename(filepath.Join(b.dir, "new"), filepath.Join(b.dir, "hr.csv")); err != nil {
				b.Fatal(err)
			}
		},
		"gone": func(b *bench) { os.Remove(filepath.Join(b.dir, "hr.csv")) },
		"a link": func(b *bench) {
			os.Remove(filepath.Join(b.dir, "hr.csv"))
			if err := os.Symlink("/etc/hostname", filepath.Join(b.dir, "hr.csv")); err != nil {
				b.Skip("no symbolic links here")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.put("hr.csv", "x")
			seen, err := os.Lstat(filepath.Join(b.dir, "hr.csv"))
			if err != nil {
				t.Fatal(err)
			}
			f, err := openFolder(b.dir)
			if err != nil {
				t.Fatal(err)
			}
			defer f.close()
			if err := f.prepare(); err != nil {
				t.Fatal(err)
			}
			change(b)
			if claimed, err := f.claim(seen, time.Now()); claimed != "" || err != nil {
				t.Errorf("claimed %q, %v", claimed, err)
			}
			b.wantIn("work", "")
		})
	}
}

func TestChangedWhileHandled(t *testing.T) {
	bubble(t, func(b *bench) {
		var quiet, loud bool
		b.outcome = func(c Claim) Outcome {
			quiet = c.Changed()
			f, err := os.OpenFile(c.Path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(f, "more")
			f.Close()
			loud = c.Changed()
			return Outcome{Verdict: Failed}
		}
		stop := b.watch()
		defer stop()
		b.put("hr.csv", "x")
		b.polls(3)
		if quiet || !loud {
			t.Errorf("changed: %v before the write, %v after it", quiet, loud)
		}
	})
}

// midnight of the bubbles' clock is 2000-01-01 00:00 UTC, a Saturday.
func scheduled(b *bench) {
	s, err := ParseSchedule("30 3 * * *", time.UTC)
	if err != nil {
		b.Fatal(err)
	}
	b.drop.Schedule = s
}

func TestScheduleTakesWhatLiesThere(t *testing.T) {
	bubble(t, func(b *bench) {
		scheduled(b)
		stop := b.watch()
		defer stop()
		b.put("b.csv", "2")
		b.put("a.csv", "1")
		b.written("b.csv", time.Now().Add(-time.Minute))
		b.written("a.csv", time.Now())
		time.Sleep(3*time.Hour + 29*time.Minute)
		b.want()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		b.want("b.csv=2", "a.csv=1")
		b.put("late.csv", "3")
		time.Sleep(23 * time.Hour)
		b.want("b.csv=2", "a.csv=1")
		time.Sleep(time.Hour)
		synctest.Wait()
		b.want("b.csv=2", "a.csv=1", "late.csv=3")
	})
}

func TestFileHalfWrittenAtItsSlot(t *testing.T) {
	for _, c := range []struct {
		name    string
		minutes int // after the slot until it stands still
		handled bool
	}{{"finished soon", 10, true}, {"too late", 90, false}} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(b *bench) {
				scheduled(b)
				stop := b.watch()
				defer stop()
				time.Sleep(3*time.Hour + 20*time.Minute)
				for i := range 10 + c.minutes {
					b.put("hr.csv", strings.Repeat("x", i+1))
					time.Sleep(time.Minute / 20) // three seconds: never two polls alike
					b.put("hr.csv", strings.Repeat("x", i+2))
					for range 10 {
						time.Sleep(57 * time.Second / 10)
						b.written("hr.csv", time.Now())
					}
				}
				b.want()
				time.Sleep(time.Hour)
				synctest.Wait()
				if got := len(b.handled) == 1; got != c.handled {
					t.Errorf("handled %d files", len(b.handled))
				}
			})
		})
	}
}

func TestMissedSlotIsMadeUpAtTheStart(t *testing.T) {
	bubble(t, func(b *bench) {
		scheduled(b)
		b.put("old.csv", "1")
		b.written("old.csv", time.Now().Add(6*time.Hour-3*time.Hour)) // before the slot that passed
		b.put("new.csv", "2")
		b.written("new.csv", time.Now().Add(5*time.Hour)) // after it
		time.Sleep(6 * time.Hour)
		stop := b.watch()
		defer stop()
		b.polls(5)
		b.want("old.csv=1")
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		b.want("old.csv=1", "new.csv=2")
	})
}

func TestRunOnce(t *testing.T) {
	bubble(t, func(b *bench) {
		scheduled(b)
		b.put("hr.csv", "x")
		b.put("growing.csv", "1")
		grow, end := context.WithCancel(b.Context())
		var writer sync.WaitGroup
		writer.Go(func() {
			for i := 0; sleep(grow, poll/3); i++ {
				b.put("growing.csv", strings.Repeat("1", i+2))
			}
		})
		err := Run(b.Context(), &Config{Poll: poll}, b.drop, b.handle, b.observe)
		end()
		writer.Wait()
		if err != nil {
			t.Fatal(err)
		}
		b.want("hr.csv=x")
		if b.kinds(Unfinished) != 1 {
			t.Error("not told of the file that is being written")
		}

		f, err := openFolder(b.dir)
		if err != nil {
			t.Fatal(err)
		}
		defer f.close()
		unlock, ok, err := f.lock()
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if err := Run(b.Context(), &Config{Poll: poll}, b.drop, b.handle, b.observe); err != ErrBusy {
			t.Errorf("beside another process: %v", err)
		}
		unlock()
		b.drop.Folder += "-gone"
		if err := Run(b.Context(), &Config{Poll: poll}, b.drop, b.handle, b.observe); err == nil {
			t.Error("no error for a folder that is not there")
		}
	})
}

func TestCheck(t *testing.T) {
	b := newBench(t)
	if err := b.drop.Check(); err != nil {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(b.dir); len(entries) != 0 {
		t.Errorf("left %d files behind", len(entries))
	}
	b.put("work", "no folder")
	if err := b.drop.Check(); err == nil {
		t.Error("a file called work passes")
	}
	b.drop.Folder = filepath.Join(b.dir, "gone")
	if err := b.drop.Check(); err == nil {
		t.Error("a folder that is not there passes")
	}
	if runtime.GOOS != "windows" && os.Geteuid() != 0 {
		locked := newBench(t)
		if err := os.Chmod(locked.dir, 0o500); err != nil {
			t.Fatal(err)
		}
		if err := locked.drop.Check(); err == nil {
			t.Error("a folder that cannot be written to passes")
		}
	}
}

func TestCleanNames(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"hr.csv", "hr.csv"},
		{"Nyanställda å.xlsx", "Nyanställda å.xlsx"},
		{"a/b\\c:d.csv", "a_b_c_d.csv"},
		{"x\x00\x1b\xff.csv", "x___.csv"},
		{"a\u202egpj.csv", "a_gpj.csv"},
		{"dots...", "dots"},
		{"...", "_"},
		{strings.Repeat("ö", 200) + ".csv", strings.Repeat("ö", 78) + ".csv"},
	} {
		if got := clean(c.in); got != c.want {
			t.Errorf("clean(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestMatches(t *testing.T) {
	d := &Drop{Patterns: []string{"Nya Å*.csv", "*.xlsx"}}
	for name, want := range map[string]bool{"nya å1.CSV": true, "Nya A\u030abc.csv": true, "nya b.csv": false, "HR.XLSX": true, "hr.xls": false} {
		if d.matches(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}
