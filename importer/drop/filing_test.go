package drop

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

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

func TestWhereabouts(t *testing.T) {
	dir := t.TempDir()
	const name = "20261123T180000.000Z-hr.csv"
	claimed := filepath.Join(dir, workDir, name)
	for _, d := range ownDirs {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	where := func(path string) string {
		now, ok := Whereabouts(path)
		if ok != (now != "") {
			t.Errorf("%s: %q, %v", path, now, ok)
		}
		return now
	}
	if got := where(claimed); got != "" {
		t.Errorf("found where it is not: %s", got)
	}
	for _, d := range []string{failedDir, doneDir, workDir} { // each before the one found so far
		want := filepath.Join(dir, d, name)
		if err := os.WriteFile(want, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := where(claimed); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
	// A file of somebody's own folder called work is looked for nowhere else.
	if err := os.WriteFile(filepath.Join(dir, doneDir, "hr.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := where(filepath.Join(dir, workDir, "hr.csv")); got != "" {
		t.Errorf("another file was found: %s", got)
	}
}
