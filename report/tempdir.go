package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// tempFolder is where excelize puts what it does not hold in memory: rows of people, so only this user can look into it, and
// nothing of it stays.
type tempFolder struct{ path string }

const tempPrefix = "orderimport-result-"

// staleAfter is the age at which a folder is one that a killed process left behind.
const staleAfter = 24 * time.Hour

func newTempFolder() (*tempFolder, error) {
	sweep(os.TempDir(), time.Now())
	path, err := os.MkdirTemp("", tempPrefix) // mode 0700
	if err != nil {
		return nil, fmt.Errorf("no folder for temporary files: %w; set TMPDIR to one that can be written", err)
	}
	return &tempFolder{path}, nil
}

// unlink takes the names away from files that are open: on Unix they live on without one until they are closed, so that
// even a killed process leaves nothing. Where the system refuses, remove does it later.
func (t *tempFolder) unlink() {
	entries, err := os.ReadDir(t.path)
	if err != nil {
		return
	}
	for _, e := range entries {
		os.Remove(filepath.Join(t.path, e.Name()))
	}
}

// remove removes the folder with all in it.
func (t *tempFolder) remove() { os.RemoveAll(t.path) }

// sweep removes folders of this kind that were left behind.
func sweep(parent string, now time.Time) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), tempPrefix) {
			continue
		}
		if info, err := e.Info(); err == nil && now.Sub(info.ModTime()) > staleAfter {
			os.RemoveAll(filepath.Join(parent, e.Name()))
		}
	}
}
