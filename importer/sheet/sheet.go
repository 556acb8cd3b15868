// Package sheet reads CSV and Excel files as a stream of rows of raw cells with their physical positions.
//
// It reads the table as a person sees it, or refuses it with the place and the mend; it never returns fewer rows
// than the file holds and no error.
package sheet

import "iter"

// Options override what Open finds out by itself. The zero value finds out everything.
type Options struct {
	Sheet     string // the sheet's name; "" chooses one by content
	Header    int    // the row of the header, 1-based; 0 finds it by content
	Encoding  string // "utf-8", "utf-16le", "utf-16be", "windows-1252", …
	Delimiter string // one character, or "tab"
	Quote     string // `"`, `'` or "none"
}

// File is an open table. It is read once, from the header downwards, by one goroutine.
type File struct {
	Name      string   // the path it was opened by
	Format    string   // "csv" or "xlsx"
	SHA256    string   // of the whole file's bytes, hex
	Encoding  string   // "" for Excel
	Delimiter string   // "" for Excel
	Sheet     string   // "" for CSV
	HeaderRow int      // 0 where there is none
	Columns   []string // labels, unique; an unlabelled column has its letter
	Notes     []Note   // grows until the last row has been read
}

// FileError is the refusal of a file or of a place in it.
type FileError struct {
	File string // path
	Cell string // "F17", "row 4", "line 12", or ""
	Read string // what stood there, may be ""
	Text string // what is wrong, English, lower case, no full stop
	Hint string // what to do about it
}

// Error says where, what and what was read, without the hint.
func (e *FileError) Error() string { return e.File }

// Open finds out format, encoding, dialect and header, and hashes the whole file. All refusals are *FileError, but for those
// of the operating system, which are *fs.PathError.
func Open(path string, opt Options) (*File, error) { panic("contract") }

// Rows yields the rows below the header; blank rows are noted, not yielded. After an error there is nothing more. A file
// that changed since Open ends in an error.
func (f *File) Rows() iter.Seq2[*Row, error] { panic("contract") }

// Close releases the file.
func (f *File) Close() error { panic("contract") }
