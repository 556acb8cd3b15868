package drop

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

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

		unlock, ok, err := b.open().lock()
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
