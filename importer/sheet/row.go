package sheet

import "slices"

// Kind says what a cell held before it became text.
type Kind uint8

// The kinds of cell. A CSV file knows only Empty and Text.
const (
	Empty    Kind = iota // nothing, or only a style
	Text                 // text as it stands in the file
	Number               // a plain decimal, "." as separator, no exponent
	Date                 // yyyy-mm-dd, or yyyy-mm-dd hh:mm:ss where there is a time of day
	Time                 // hh:mm:ss, a time of day or a span of hours
	Bool                 // true or false
	Error                // an error of the spreadsheet program: #N/A, #REF!, …
	NoResult             // a formula whose result the file does not hold; Text is ""
)

// Cell is one cell of a row: its text as DESIGN.md writes it for `inspect`, and what it was.
type Cell struct {
	Text   string
	Kind   Kind
	Format string // code of its number format, as "d-mmm" or "0.00E+00"; "" for General, in an empty cell and in CSV
}

// Row is one row of the table. It and its cells are valid until the next one is read; the strings stay.
type Row struct {
	Number int    // 1-based, as a spreadsheet shows it; for CSV the line on which the record starts
	Cells  []Cell // by column, at least one for each of File.Columns; more where the row is longer than the header
	Hidden bool   // hidden or filtered away in the workbook
	Faults []Fault

	behindBlank bool // a blank row stands before it
	dashes      bool // its cells are dashes, for values that are missing or drawn
	otherLabels bool // it is the header of another table
	wrapped     bool // its line stood in quotes as a whole
}

// clone is a copy that stays valid when the next row is read.
func (r *Row) clone() *Row {
	c := *r
	c.Cells, c.Faults = slices.Clone(r.Cells), slices.Clone(r.Faults)
	return &c
}

// Fault is damage to one row that leaves its cells readable: the row is kept, and its check reports it.
type Fault struct {
	Code   string // "extra-cells", "missing-cells", "open-quote", "stray-quote", "other-delimiter"
	Column int    // 0-based, -1 where the whole row is meant
	Text   string // what was read there
	Fatal  bool   // the row must not be sent as it stands
}

// Note is a remark about the file, not about one of its rows: a blank line, a title above the header, a totals line. Code and
// Args say all of it, so that it can be said in any language; noteTexts lists the codes of this package with their arguments.
type Note struct {
	Code string   `json:"code"` // kebab-case and stable
	Row  int      `json:"row,omitempty"`
	Args []string `json:"args,omitempty"` // what the sentence names, always as many for a code
	Text string   `json:"text"`           // the sentence in English
}

// ColumnName gives the letters of the 0-based column, "A" for 0 and "AA" for 26.
func ColumnName(column int) string {
	var b [8]byte
	i := len(b)
	for column >= 0 {
		i--
		b[i] = byte('A' + column%26)
		column = column/26 - 1
	}
	return string(b[i:])
}
