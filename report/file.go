package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"

	"orderimport/importer/sheet"
	"orderimport/validate"
)

// File is a result file that appears at its path whole or not at all.
type File struct {
	path string
	free bool // path must not be there yet; with number n, from base
	base string
	temp *os.File
}

// Create begins a file that replaces whatever is at path once it is committed. It is written beside path, mode 0600, so that
// the move at the end is within one file system.
func Create(path string) (*File, error) {
	info, err := os.Lstat(path)
	if err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: is a folder; name a file in it", path)
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.part")
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be written: %w", path, errors.Unwrap(err))
	}
	return &File{path: path, temp: temp}, nil
}

// CreateBeside begins the result of input under its default name, which Commit settles: it overwrites nothing, even where
// another process takes DefaultPath(input) meanwhile.
func CreateBeside(input string) (*File, error) {
	f, err := Create(DefaultPath(input))
	if err != nil {
		return nil, err
	}
	f.free, f.base = true, input
	return f, nil
}

// DefaultPath is where the result of input goes when nothing else is said: NAME-result.xlsx beside it, then NAME-result-2.xlsx
// and so on, the first name that is free.
func DefaultPath(input string) string {
	for n := 1; ; n++ {
		path := numbered(input, n)
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) || n == maxNumber {
			return path
		}
	}
}

// maxNumber bounds the search for a free name in a folder that cannot be looked into.
const maxNumber = 10_000

func numbered(input string, n int) string {
	stem := strings.TrimSuffix(input, filepath.Ext(input)) + "-result"
	if n > 1 {
		stem = fmt.Sprintf("%s-%d", stem, n)
	}
	return stem + ".xlsx"
}

// Beside finds the results that lie beside input under default names, the oldest number first.
func Beside(input string) []string {
	var found []string
	for n := 1; n < maxNumber; n++ {
		path := numbered(input, n)
		if _, err := os.Lstat(path); err != nil {
			break
		}
		found = append(found, path)
	}
	return found
}

var defaultName = regexp.MustCompile(`^(.+)-result(-[0-9]+)?\.xlsx$`)

// Siblings finds the results under default names of the file that result is one of, itself among them; none where its name is no default one.
func Siblings(result string) []string {
	m := defaultName.FindStringSubmatch(filepath.Base(result))
	if m == nil {
		return nil
	}
	entries, _ := os.ReadDir(filepath.Dir(result)) // who cannot list a folder has the file itself
	var found []string
	for _, e := range entries {
		if other := defaultName.FindStringSubmatch(e.Name()); other != nil && other[1] == m[1] {
			found = append(found, filepath.Join(filepath.Dir(result), e.Name()))
		}
	}
	return found
}

// EndpointOf is the API at which the orders of a result were made, as its summary says; "" where it says nothing, as a CSV does.
func EndpointOf(result string) string {
	for _, lang := range []validate.Lang{validate.Swedish, validate.English} {
		if said := fact(result, lang, labelEndpoint); said != "" {
			return said
		}
	}
	return ""
}

// fact is what the summary of a result says under a label.
func fact(result string, lang validate.Lang, label phrase) string {
	f, err := sheet.Open(result, sheet.Options{Sheet: wordSummary.In(lang), Header: 1})
	if err != nil {
		return ""
	}
	defer f.Close()
	for row, err := range f.Rows() {
		if err != nil {
			return ""
		}
		if len(row.Cells) > 1 && row.Cells[0].Text == label.In(lang) {
			return row.Cells[1].Text
		}
	}
	return ""
}

// Path is where the file is after Commit; before, where it is meant to go.
func (f *File) Path() string { return f.path }

// Write writes to the file beside the path.
func (f *File) Write(p []byte) (int, error) { return f.temp.Write(p) }

// Commit makes the file durable and moves it to its path. After an error the path is as it was before, but for an error of
// making the new name durable, which comes last.
func (f *File) Commit() error {
	if f.temp == nil {
		return errors.New("the file is committed or given up already")
	}
	if err := f.temp.Sync(); err != nil {
		f.Abort()
		return fmt.Errorf("%s: cannot be written: %w", f.path, err)
	}
	name := f.temp.Name()
	err := f.temp.Close()
	f.temp = nil
	if err == nil {
		err = f.move(name)
	}
	if err != nil {
		os.Remove(name)
		if runtime.GOOS == "windows" && errors.Is(err, fs.ErrPermission) {
			return fmt.Errorf("%s: cannot be replaced: %w; close it in Excel", f.path, err)
		}
		return fmt.Errorf("%s: cannot be written: %w", f.path, err)
	}
	return syncFolder(filepath.Dir(f.path))
}

// move gives the finished file its name.
func (f *File) move(name string) error {
	if !f.free {
		return os.Rename(name, f.path)
	}
	for n := 1; n < maxNumber; n++ {
		f.path = numbered(f.base, n)
		err := os.Link(name, f.path) // unlike a rename, it refuses to replace
		switch {
		case err == nil:
			return os.Remove(name)
		case errors.Is(err, fs.ErrExist):
			continue
		}
		// A file system without links: look, then rename. The gap between the two is as small as it can be there.
		if _, err := os.Lstat(f.path); errors.Is(err, fs.ErrNotExist) {
			return os.Rename(name, f.path)
		}
	}
	return errors.New("no free name; move earlier results away")
}

// Abort gives the file up and leaves nothing behind. After Commit it does nothing.
func (f *File) Abort() {
	if f.temp == nil {
		return
	}
	f.temp.Close()
	os.Remove(f.temp.Name())
	f.temp = nil
}

// syncFolder makes the new name durable. Windows has no such call for folders, and keeps the rename in its journal.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) { // EINVAL: a file system that cannot, as some shares
		return err
	}
	return nil
}
