package sheet

import "fmt"

// noteTexts has the sentence of every code of a Note in English, with a %s for each of its Args.
var noteTexts = map[string]string{
	"encoding":         "read as %s, as in %s", // encoding, some words of the file
	"sep-line":         "the line sep= names the delimiter",
	"title":            "above the header, not read as a row: %s", // the row's text, as in all notes of a row
	"comment":          "a comment, not read as a row: %s",
	"header-lines":     "the labels stand on %s lines, which were joined", // how many
	"header-delimiter": "the labels have a delimiter of their own, %s",    // it, quoted
	"no-header":        "no row of labels was found; the columns have letters",
	"row-numbers":      "the rows are numbered in front, in a column without a label; the labels are those of the columns behind it",
	"blank-row":        "a blank row",
	"blank-rows":       "blank rows, down to row %s",                                                                                    // the last of them
	"one-column":       "read as one column: %s is taken for part of its texts; if it stands between columns, name it as the delimiter", // it, quoted
	"two-columns":      "read as two columns; if %s is part of the texts in one, name another delimiter, which the file does not hold",  // it, quoted
	"wrapped-lines":    "lines stand in quotes as a whole, which were taken away",
	"wrapped-line":     "the line stands in quotes as a whole, which were taken away",
	"rule":             "a line that is drawn, not read as a row",
	"labels-again":     "the labels again, not read as a row",
	"other-table":      "another table begins here, which is not read: %s",
	"footnote":         "below the table, not read as a row: %s",
	"totals-line":      "a line of totals at the end, not read as a row: %s",
	"sheet":            "the sheet %s was chosen for its %s columns of data, out of %s", // its name, their number, all names
	"hidden-sheets":    "hidden sheets, which were not looked at: %s",
	"hidden-columns":   "hidden columns, which were read like the others: %s",                    // their letters
	"merged-cells":     "the cells %s are merged; the first has the value, the others are blank", // "A2:A3"
	"no-result":        "formulas whose results the file does not hold: %s, the first in %s",     // how many, the cell
	"more-notes":       "from here on notes of the kind %s are not listed",                       // a code
}

// notesPerCode bounds the notes of one kind, so that a file of a million blank lines does not fill the memory.
const notesPerCode = 20

// note adds a remark, up to notesPerCode of its code. row is 0 where the whole file is meant.
func (f *File) note(code string, row int, args ...string) {
	if f.noted == nil {
		f.noted = map[string]int{}
	}
	f.noted[code]++
	switch n := f.noted[code]; {
	case n < notesPerCode:
		f.Notes = append(f.Notes, newNote(code, row, args...))
	case n == notesPerCode:
		f.Notes = append(f.Notes, newNote("more-notes", row, code))
	}
}

func newNote(code string, row int, args ...string) Note {
	values := make([]any, len(args))
	for i, arg := range args {
		values[i] = arg
	}
	return Note{Code: code, Row: row, Args: args, Text: fmt.Sprintf(noteTexts[code], values...)}
}
