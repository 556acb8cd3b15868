// Package sheet reads CSV and Excel files as a stream of rows of raw cells with their physical positions.
//
// It reads the table as a person sees it, or refuses it with the place and the mend; it never returns fewer rows
// than the file holds and no error.
package sheet

import (
	"errors"
	"io/fs"
	"iter"
	"os"
)

// Options override what Open finds out by itself. The zero value finds out everything.
type Options struct {
	Sheet     string // the sheet's name; "" chooses one by content
	Header    int    // the row of the header, 1-based; 0 finds it by content
	Encoding  string // "utf-8", "utf-16le", "utf-16be", "windows-1252", …
	Delimiter string // one to four characters, "tab", or a control character as `\x1f`; two blanks stand for two or more; "" leaves it to the text
	Quote     string // `"`, `'` or "none"; "" leaves it to the text
	Password  string // of a protected workbook
}

// File is an open table. It is read once, from the header downwards, by one goroutine.
type File struct {
	Name      string   // the path it was opened by
	Format    string   // "csv", "xlsx", "xls", "xlsb", "ods", "fods", "html" or "xml": what the file is, whatever its name says
	SHA256    string   // of the whole file's bytes, hex
	Encoding  string   // "" for a workbook
	Delimiter string   // as it stands in the file, two blanks for two or more; "" but for CSV
	Sheet     string   // "" for CSV
	HeaderRow int      // 0 where there is none
	Columns   []string // labels, unique; an unlabelled column has its letter
	Notes     []Note   // grows until the last row has been read

	file    *os.File
	seal    seal
	open    func() (rawRows, error) // starts the rows from the top, for the head and for the whole
	first   int                     // the row below the header, or the first row where there is none
	labels  int                     // cells of the header, with those behind the last label
	samples [][]Cell
	block   int // how many of the samples stand before the first blank row
	hashes  hashes
	started bool
	merged  func() ([]area, error) // the merged cells of the sheet; nil where there are none to know of
	totals  int                    // a row that the file itself says has totals, 0 for none
	noted   map[string]int         // how many notes of a code there were
}

// rawRows is one reading of a table's rows, from the top, everything included. CSV and Excel each have one.
type rawRows interface {
	// read fills the row and clears what it held; io.EOF after the last, when the whole file has proved sound.
	read(*Row) error
	// close ends a reading at any point.
	close()
}

// Open finds out format, encoding, dialect and header, and hashes the whole file. All refusals are *FileError, but for those
// of the operating system, which are *fs.PathError.
func Open(path string, opt Options) (*File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	refused := &FileError{File: path}
	switch {
	case info.IsDir():
		refused.Text, refused.Hint = "is a folder, not a file", "name the file in it"
	case !info.Mode().IsRegular():
		refused.Text, refused.Hint = "is not a regular file", "copy it to a file first"
	case info.Size() == 0:
		refused.Text, refused.Hint = "the file is empty", "export it again"
	}
	if refused.Text != "" {
		return nil, refused
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{Name: path, file: file}
	if err := f.examine(opt); err != nil {
		file.Close()
		return nil, err
	}
	return f, nil
}

// examine does what Open promises, once the file is open.
func (f *File) examine(opt Options) error {
	census, err := f.takeCensus()
	if err != nil {
		return err
	}
	f.SHA256, f.seal = census.sha256, census.seal
	if opt.Header < 0 {
		return &FileError{File: f.Name, Option: "header", Text: "the header's row is negative", Hint: "rows are counted from 1"}
	}
	if census.size == 0 {
		return &FileError{File: f.Name, Text: "the file is empty", Hint: "export it again"}
	}
	if other, err := f.openOther(census, opt); other {
		return err
	}
	return f.openCSV(census, opt)
}

// Samples gives up to 20 of the first rows below the header, with at least one cell for each of Columns. They can be had
// at any time after Open and take nothing from Rows.
func (f *File) Samples() [][]Cell { return f.samples }

// Rows yields the rows below the header; blank rows are noted, not yielded. After an error there is nothing more. A file
// that changed since Open ends in an error.
func (f *File) Rows() iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		t, err := f.table()
		if err != nil {
			yield(nil, err)
			return
		}
		t.rows(yield)
	}
}

// Survey yields the rows as Rows does, ahead of it: for what must be known of the whole table before its first row is judged. It
// takes nothing from Rows and notes nothing.
func (f *File) Survey() iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		silent := *f
		silent.Notes, silent.noted = nil, nil
		t, err := silent.table()
		if err != nil {
			yield(nil, err)
			return
		}
		t.rows(yield)
	}
}

// Close releases the file.
func (f *File) Close() error {
	err := f.file.Close()
	if errors.Is(err, fs.ErrClosed) {
		return nil
	}
	return err
}
