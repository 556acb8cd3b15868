package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// openHTML reads a table of an HTML page, which many systems export under the name .xls.
func (f *File) openHTML(census *census, opt Options) error {
	enc, err := f.markupEncoding(census, opt.Encoding)
	if err != nil {
		return err
	}
	f.Format, f.Encoding = "html", enc.name
	page := func(table int) *htmlRows {
		text := &decodedText{textReader: textReader{src: readAhead(io.NewSectionReader(f.file, 0, census.size), nil), enc: enc}}
		z := html.NewTokenizer(text)
		z.SetMaxBuf(maxToken)
		return &htmlRows{file: f, text: text, z: z, table: table}
	}
	r := page(-1)
	defer r.close()
	if err := r.next(); err != io.EOF { // to the end, since there is no table -1
		return err
	}
	if r.tables == 0 {
		return &FileError{File: f.Name, Text: "this is an HTML page without a table, whatever its name says", Hint: "it may be a page that asks to log in, or tells of an error: open it in a browser, and export the table again"}
	}
	sheets := make([]candidate, r.tables)
	for i := range sheets {
		sheets[i] = candidate{name: fmt.Sprintf("table %d", i+1), open: func() (rawRows, error) { return page(i), nil }, merged: func() ([]area, error) {
			r := page(i)
			return readMerged(r, &r.merged)
		}}
	}
	if err := f.checkPeeks(len(sheets), census.size, opt); err != nil {
		return err
	}
	return f.openOneOf(sheets, opt)
}

// maxTables bounds the tables of a page.
const maxTables = maxSheets

// htmlRows reads the rows of one table of a page. A table inside a cell of another is one of its own.
type htmlRows struct {
	file   *File
	text   *decodedText
	z      *html.Tokenizer
	table  int // number of the one to read
	tables int // begun so far
	open   []int

	row     Row  // the last one that ended
	under   Row  // the one under way
	started bool // it has begun
	pending int  // its number, from 1
	cell    []byte
	size    int // bytes of the texts of the row
	column  int // of the cell under way
	inCell  bool
	blank   bool  // blanks came behind the cell's text
	below   []int // by column, how many rows down a cell above still reaches
	merged  []area
	done    bool
}

func (r *htmlRows) close() { r.text.src.close() }

func (r *htmlRows) read(row *Row) error {
	if err := r.next(); err != nil {
		return err
	}
	row.Number, row.Hidden, row.Faults = r.row.Number, r.row.Hidden, row.Faults[:0]
	row.Cells = append(row.Cells[:0], r.row.Cells...)
	return nil
}

// next reads on to the end of a row, which is in r.row then.
func (r *htmlRows) next() error {
	for !r.done {
		switch kind := r.z.Next(); kind {
		case html.ErrorToken:
			r.done = true
			return r.end()
		case html.TextToken:
			if r.inCell && r.mine() {
				r.appendText(r.z.Text())
				if len(r.cell) > 8*maxCellChars {
					return r.refuse("has a cell of more than %d characters", maxCellChars)
				}
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, attributes := r.z.TagName()
			ended, err := r.tag(string(name), kind == html.EndTagToken, attributes)
			if ended || err != nil {
				return err
			}
		}
	}
	return io.EOF
}

// mine tells whether the innermost open table is the one to read.
func (r *htmlRows) mine() bool { return len(r.open) > 0 && r.open[len(r.open)-1] == r.table }

// tag takes in a tag; ended says that a row is complete.
func (r *htmlRows) tag(name string, closing, attributes bool) (ended bool, err error) {
	switch name {
	case "table":
		return r.tableTag(closing)
	case "script", "style", "title", "textarea":
		if !closing {
			r.z.Next() // its text, or its end where it has none
		}
		return false, nil
	}
	if !r.mine() {
		return false, nil
	}
	switch name {
	case "tr":
		ended, err = r.endRow()
		if !closing && err == nil {
			r.startRow(attributes)
		}
	case "td", "th":
		if err = r.endCell(); err == nil && !closing {
			if !r.started {
				r.startRow(false)
			}
			err = r.startCell(attributes)
		}
	case "br", "p", "div", "li":
		if r.inCell && len(r.cell) > 0 && r.cell[len(r.cell)-1] != '\n' && (name == "br" || !closing) {
			r.cell, r.blank = append(r.cell, '\n'), false
		}
	}
	return ended, err
}

func (r *htmlRows) tableTag(closing bool) (ended bool, err error) {
	if !closing {
		if r.tables == maxTables {
			return false, r.refuse("has more than %d tables", maxTables)
		}
		if len(r.open) == maxDepth {
			return false, r.refuse("has more than %d tables inside each other", maxDepth)
		}
		r.open = append(r.open, r.tables)
		r.tables++
		return false, nil
	}
	if len(r.open) == 0 {
		return false, nil // an end too many hurts nobody
	}
	if r.mine() {
		r.done = true
		ended, err = r.endRow()
		if !ended && err == nil {
			err = io.EOF
		}
		if err == nil || err == io.EOF {
			// What follows the table has to be sound too, to its end.
			if rest := r.drain(); rest != nil {
				return false, rest
			}
		}
	}
	r.open = r.open[:len(r.open)-1]
	return ended, err
}

// drain reads the rest of the page.
func (r *htmlRows) drain() error {
	for {
		if r.z.Next() == html.ErrorToken {
			if err := r.z.Err(); err != io.EOF {
				return r.broken(err)
			}
			return nil
		}
	}
}

// end is what the end of the page means.
func (r *htmlRows) end() error {
	if err := r.z.Err(); err != io.EOF {
		return r.broken(err)
	}
	if len(r.open) > 0 {
		return &FileError{File: r.file.Name, Cell: fmt.Sprintf("row %d", r.pending), Text: "the page ends inside a table: it is cut off", Hint: "fetch or export the file again"}
	}
	return io.EOF
}

func (r *htmlRows) broken(err error) error {
	switch {
	case errors.Is(err, html.ErrBufferExceeded):
		return r.refuse("has a tag or a text of more than %d bytes", maxToken)
	case errors.Is(err, errNotText):
		return r.refuse("is not in %s", r.text.enc.name)
	}
	return err
}

func (r *htmlRows) refuse(format string, args ...any) error {
	return &FileError{File: r.file.Name, Cell: fmt.Sprintf("row %d", r.pending), Text: "the page " + fmt.Sprintf(format, args...), Hint: saveAsXLSX}
}

func (r *htmlRows) startRow(attributes bool) {
	r.started = true
	r.pending++
	r.column, r.size = 0, 0
	r.under.Number, r.under.Hidden, r.under.Cells = r.pending, false, r.under.Cells[:0]
	for attributes {
		var name, value []byte
		name, value, attributes = r.z.TagAttr()
		if string(name) == "style" && strings.Contains(strings.ReplaceAll(strings.ToLower(string(value)), " ", ""), "display:none") || string(name) == "hidden" {
			r.under.Hidden = true
		}
	}
}

// endRow ends the row under way; ended is false where there was none.
func (r *htmlRows) endRow() (ended bool, err error) {
	if !r.started {
		return false, nil
	}
	err = r.endCell()
	r.started = false
	r.row, r.under = r.under, r.row
	if r.pending > maxRows {
		return false, r.refuse("has more than %d rows", maxRows)
	}
	for i := range r.below {
		r.below[i] = max(0, r.below[i]-1)
	}
	return true, err
}

// startCell finds the column of the cell whose tag came last: behind the one before, and beside those that reach down.
func (r *htmlRows) startCell(attributes bool) error {
	across, down := 1, 1
	for attributes {
		var name, value []byte
		name, value, attributes = r.z.TagAttr()
		n, err := strconv.Atoi(strings.TrimSpace(string(value)))
		if err != nil || n < 1 {
			continue
		}
		switch string(name) {
		case "colspan":
			across = min(n, 1000) // the bounds of HTML
		case "rowspan":
			down = min(n, 65534)
		}
	}
	for r.column < len(r.below) && r.below[r.column] > 0 {
		r.column++
	}
	at := r.column
	r.column += across
	if r.column > maxColumns {
		return r.refuse("has more than %d columns", maxColumns)
	}
	if (across > 1 || down > 1) && len(r.merged) < maxMerged {
		r.merged = append(r.merged, area{columnRange{at, r.column - 1}, r.pending, r.pending + down - 1})
	}
	if down > 1 {
		for len(r.below) < r.column {
			r.below = append(r.below, 0)
		}
		for i := at; i < r.column; i++ {
			r.below[i] = down
		}
	}
	for len(r.under.Cells) <= at {
		r.under.Cells = append(r.under.Cells, Cell{})
	}
	r.inCell, r.cell, r.blank = true, r.cell[:0], false
	return nil
}

func (r *htmlRows) endCell() error {
	if !r.inCell {
		return nil
	}
	r.inCell = false
	text := bytes.TrimRight(r.cell, "\n")
	if r.size += len(text); r.size > maxRowText {
		return r.refuse("has a row of more than %s", mebibytes(maxRowText))
	}
	if tooLong(text) {
		return r.refuse("has a cell of more than %d characters", maxCellChars)
	}
	if c := (Cell{Text: string(text), Kind: Text}); c.filled() { // a cell that shows nothing often holds &nbsp;
		r.under.Cells[len(r.under.Cells)-1] = c
	}
	return nil
}

// appendText adds text as a browser shows it: blanks and line breaks are one blank, and none at the ends.
func (r *htmlRows) appendText(b []byte) {
	for _, c := range b {
		if isBlank(c) || c == '\f' {
			r.blank = true
			continue
		}
		if r.blank && len(r.cell) > 0 && r.cell[len(r.cell)-1] != '\n' {
			r.cell = append(r.cell, ' ')
		}
		r.blank = false
		r.cell = append(r.cell, c)
	}
}
