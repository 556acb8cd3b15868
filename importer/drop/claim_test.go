package drop

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

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
		var winners atomic.Int32
		for range 4 {
			f := b.open()
			race.Go(func() {
				if claimed, err := f.claim(seen, time.Now()); err == nil && claimed != "" {
					winners.Add(1)
				}
			})
		}
		race.Wait()
		if n := winners.Load(); n != 1 {
			t.Fatalf("%d winners", n)
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
			f := b.open()
			change(b)
			if claimed, err := f.claim(seen, time.Now()); claimed != "" || err != nil {
				t.Errorf("claimed %q, %v", claimed, err)
			}
			b.wantIn("work", "")
		})
	}
}
