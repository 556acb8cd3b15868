package sheet

import (
	"fmt"
	"io"
	"strconv"
)

// LineColumn is the label of the first column that CSVReader adds: the number of the row, as Row.Number has it. A struct
// takes it with the tag `csv:"#row"`.
const LineColumn = "#row"

// CSVReader hands the rows of a File to gocsv, for which it is a gocsv.CSVReader. The line numbers in gocsv's own errors are
// counted from records; the true ones are in the column LineColumn. A row that must not be taken as it stands, see Fault.Fatal,
// ends the reading with a *FileError, because gocsv has no place for a remark on one row.
type CSVReader struct {
	file  *File
	table *table
	begun bool
	err   error
}

// NewCSVReader makes a reader of the file, whose rows can be read only once, by it or by Rows. Reading to the end or to an error
// releases what it holds; else Close does.
func NewCSVReader(f *File) *CSVReader { return &CSVReader{file: f} }

// Read gives the labels first, then row by row the texts of as many cells. The slice is the caller's to keep. The error is
// io.EOF at the end, else one of Rows.
func (r *CSVReader) Read() ([]string, error) {
	if !r.begun {
		r.begun = true
		return append([]string{LineColumn}, r.file.Columns...), nil
	}
	if r.table == nil && r.err == nil {
		r.table, r.err = r.file.table()
	}
	if r.err != nil {
		return nil, r.err
	}
	row, err := r.table.next()
	if err == nil {
		err = r.fatal(row)
	}
	if err != nil {
		r.Close()
		r.err = err
		return nil, err
	}
	record := make([]string, 1, len(r.file.Columns)+1)
	record[0] = strconv.Itoa(row.Number)
	for _, c := range row.Cells[:len(r.file.Columns)] {
		record = append(record, c.Text)
	}
	return record, nil
}

// fatal makes an error of the first fault that forbids taking the row.
func (r *CSVReader) fatal(row *Row) error {
	for _, f := range row.Faults {
		if f.Fatal {
			place := fmt.Sprintf("row %d", row.Number)
			if f.Column >= 0 {
				place = ColumnName(f.Column) + strconv.Itoa(row.Number)
			}
			return &FileError{File: r.file.Name, Cell: place, Read: f.Text, Text: "the row is damaged: " + f.Code, Hint: "mend the row in the file"}
		}
	}
	return nil
}

// ReadAll gives all that Read would give.
func (r *CSVReader) ReadAll() ([][]string, error) {
	var all [][]string
	for {
		record, err := r.Read()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, record)
	}
}

// Close releases what the reading holds; the File stays open.
func (r *CSVReader) Close() error {
	if r.table != nil {
		r.table.close()
	}
	if r.err == nil {
		r.err = io.ErrClosedPipe
	}
	return nil
}
