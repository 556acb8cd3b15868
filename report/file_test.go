package report

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func put(t *testing.T, f *File, err error, content string) *File {
	t.Helper()
	if err == nil {
		_, err = f.Write([]byte(content))
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// files are the names in the folder.
func files(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestFileReplacesWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "result.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}

	f, err := Create(path)
	put(t, f, err, "half")
	if got := read(t, path); got != "old" {
		t.Errorf("before Commit the file holds %q", got)
	}
	f.Abort()
	f.Abort()
	if got := files(t, dir); got != "result.json" || read(t, path) != "old" {
		t.Errorf("after Abort: %s", got)
	}

	f, err = Create(path)
	put(t, f, err, "new")
	if runtime.GOOS != "windows" {
		if info, err := f.temp.Stat(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	f.Abort()
	if got := files(t, dir); got != "result.json" || read(t, path) != "new" {
		t.Errorf("after Commit: %s", got)
	}
	if f.Commit() == nil {
		t.Error("a second Commit is no error")
	}
}

func TestDefaultNamesOverwriteNothing(t *testing.T) {
	dir := t.TempDir()
	input := filepath.Join(dir, "nya.xlsx")
	for _, want := range []string{"nya-result.xlsx", "nya-result-2.xlsx", "nya-result-3.xlsx"} {
		if got := filepath.Base(DefaultPath(input)); got != want {
			t.Fatalf("DefaultPath = %s, want %s", got, want)
		}
		f, err := CreateBeside(input)
		put(t, f, err, want)
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		if got := filepath.Base(f.Path()); got != want {
			t.Fatalf("Path = %s, want %s", got, want)
		}
	}

	a, err := CreateBeside(input)
	put(t, a, err, "a")
	b, err := CreateBeside(input)
	put(t, b, err, "b")
	for _, f := range []*File{a, b} {
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	if a.Path() == b.Path() || read(t, a.Path()) != "a" || read(t, b.Path()) != "b" {
		t.Errorf("two at once: %s and %s", a.Path(), b.Path())
	}
	if got := Beside(input); len(got) != 5 || filepath.Base(got[4]) != "nya-result-5.xlsx" {
		t.Errorf("Beside = %v", got)
	}
	all := Beside(input)
	if err := os.Remove(all[1]); err != nil {
		t.Fatal(err)
	}
	all = slices.Delete(all, 1, 2)
	for _, one := range all {
		got := Siblings(one)
		slices.Sort(got)
		slices.Sort(all)
		if !slices.Equal(got, all) {
			t.Errorf("Siblings of %s = %v", one, got)
		}
	}
	for _, name := range []string{input, "result.xlsx", "nya-result-x.xlsx", "nya-result.csv"} {
		if got := Siblings(filepath.Join(filepath.Dir(input), name)); got != nil {
			t.Errorf("Siblings of %s = %v", name, got)
		}
	}
	if got := files(t, dir); strings.Contains(got, ".part") {
		t.Errorf("left behind: %s", got)
	}
}

func TestCreateRefuses(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		dir:                                  "is a folder",
		filepath.Join(dir, "none", "r.xlsx"): "cannot be written",
	} {
		if _, err := Create(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Create(%s): %v, want %q", path, err, want)
		}
	}
}

func TestFormatOf(t *testing.T) {
	for path, want := range map[string]Format{"a.xlsx": XLSX, "B.CSV": CSV, "x/y.json": JSON, "a.xls": "", "a": ""} {
		if got, err := FormatOf(path); got != want || (err != nil) != (want == "") {
			t.Errorf("FormatOf(%s) = %q, %v", path, got, err)
		}
	}
}
