package drop

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

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
