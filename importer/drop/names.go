package drop

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxName bounds the part of a claim's name that was the file's: stamp, endings and a temporary file's marks must fit beside
// it into the 255 bytes of a file name.
const maxName = 160

// stampLayout is the time in UTC before a claimed file's name.
const stampLayout = "20060102T150405.000Z"

func stamp(t time.Time) string { return t.UTC().Format(stampLayout) + "-" }

// unstamped is the name that a claimed file was dropped under; ok is false where it is none of ours.
func unstamped(claimed string) (name string, ok bool) {
	n := len(stampLayout)
	if len(claimed) < n+2 || claimed[n] != '-' {
		return "", false
	}
	if _, err := time.Parse(stampLayout, claimed[:n]); err != nil {
		return "", false
	}
	return claimed[n+1:], true
}

// Whereabouts gives where a file lies that was claimed as path, a Claim's: there as long as it is handled, then in done/ or failed/.
// A path that is no claim's is given back where a file is. ok is false where the file is in none of these places.
func Whereabouts(path string) (now string, ok bool) {
	paths := []string{path}
	dir, name := filepath.Split(path)
	if _, claimed := unstamped(name); claimed && filepath.Base(dir) == workDir {
		for _, filed := range []string{doneDir, failedDir} {
			paths = append(paths, filepath.Join(dir, "..", filed, name))
		}
	}
	for _, p := range paths {
		if _, err := os.Lstat(p); err == nil {
			return p, true
		}
	}
	return "", false
}

// stem is a name without its ending.
func stem(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }

// resultName is where the handler of a claimed file writes: a dot file in work/, so that it is never taken for a claim.
func resultName(claimed string) string { return "." + filedResult(claimed) }

func filedResult(claimed string) string { return stem(claimed) + "-result.xlsx" }

// leftover reports whether a file in work/ is what a dead process left of a result.
func leftover(name string) bool {
	return strings.HasPrefix(name, ".") && (strings.HasSuffix(name, "-result.xlsx") || strings.HasSuffix(name, ".part"))
}

// clean makes a name that every file system takes and every log shows: of bounded length, without control and direction
// characters, without what Windows refuses.
func clean(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); {
		r, n := utf8.DecodeRuneInString(name[i:])
		i += n
		if r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			r = '_'
		}
		b.WriteRune(r)
	}
	name = strings.TrimRight(b.String(), ". ")
	ext := filepath.Ext(name)
	if len(ext) > 16 {
		ext = ""
	}
	base := strings.TrimSuffix(name, ext)
	if most := maxName - len(ext); len(base) > most {
		for !utf8.RuneStart(base[most]) {
			most--
		}
		base = base[:most]
	}
	if base+ext == "" {
		return "_"
	}
	return base + ext
}

// unfinished reports whether a name is nobody's business: what is being written or belongs to a program.
func unfinished(name string) bool {
	lower := strings.ToLower(name)
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") || strings.HasSuffix(lower, ".part") || strings.HasSuffix(lower, ".tmp")
}

// matches holds a name against the drop's patterns. Letters may differ in case, and in how an accent is put together.
func (d *Drop) matches(name string) bool {
	name = folded(name)
	for _, p := range d.Patterns {
		if ok, err := path.Match(folded(p), name); ok && err == nil {
			return true
		}
	}
	return false
}

func folded(s string) string { return strings.ToLower(norm.NFC.String(s)) }
