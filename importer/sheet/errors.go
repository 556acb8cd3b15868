package sheet

import (
	"fmt"
	"strings"
)

// FileError is the refusal of a file or of a place in it.
type FileError struct {
	File string // path
	Cell string // "F17", "row 4", "line 12", or ""
	Read string // what stood there, may be ""
	Text string // what is wrong, English, lower case, no full stop
	Hint string // what to do about it

	Option string // "encoding", "sheet", …: the field of Options that is wrong, where not the file is to blame
}

// Error says where, what and what was read, without the hint.
func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Cell != "" {
		b.WriteString(": " + e.Cell)
	}
	b.WriteString(": " + e.Text)
	if e.Read != "" {
		fmt.Fprintf(&b, " (read %q)", e.Read)
	}
	return b.String()
}

// clip shortens what was read to what fits an error or a note.
func clip(s string) string {
	const most = 60
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}
