package sheet

import (
	"fmt"
	"io"
	"slices"
	"strconv"
)

// The limits of a sheet, those of Excel but for the last.
const (
	maxRows    = 1 << 20
	maxColumns = 1 << 14
	maxRowText = 8 << 20 // bytes of all texts of a row: few bytes of a file can refer to one long shared text many times
)

// sheetRows reads the rows of one sheet in one pass over its XML.
type sheetRows struct {
	book  *workbook
	sheet sheetPart
	part  *partReader
	src   *ahead
	x     *xmlScanner

	begun bool
	row   int    // number of the row under way
	spans []span // by column
	width int    // spans that this row uses
	arena []byte // the row's text
	value []byte // scratch for <v>

	about sheetAbout
	file  *File // hears of it at the end; nil for none
	peek  bool  // only to choose a sheet
}

// span is a cell's text in the arena.
type span struct {
	start, end int
	kind       Kind
	row        int // the row that set it
	format     string
}

func (w *workbook) openSheet(s sheetPart) (*sheetRows, error) {
	p, err := w.open(s.part)
	if err != nil {
		return nil, err
	}
	src := readAhead(p, nil)
	return &sheetRows{book: w, sheet: s, part: p, src: src, x: &xmlScanner{src: src.next}}, nil
}

func (r *sheetRows) close() {
	r.src.close()
	r.part.Close()
	if r.peek {
		r.book.peeked += r.part.n
	}
}

// refuse is the refusal of what stands in a cell, or in the row where column is negative.
func (r *sheetRows) refuse(column int, read, format string, args ...any) error {
	place := fmt.Sprintf("row %d", r.row)
	if column >= 0 {
		place = ColumnName(column) + strconv.Itoa(r.row)
	}
	return &FileError{File: r.book.path, Cell: r.sheet.name + "!" + place, Read: clip(read), Text: fmt.Sprintf(format, args...),
		Hint: "open it in Excel, which may mend it, and save it again"}
}

func (r *sheetRows) read(row *Row) error {
	err := r.next(row)
	switch {
	case err == nil:
		return nil
	case err != io.EOF:
		return r.book.broken(r.sheet.part, err)
	case r.file != nil:
		r.about.tell(r.file)
	}
	return io.EOF
}

func (r *sheetRows) next(row *Row) error {
	if !r.begun {
		r.begun = true
		if err := r.begin(); err != nil {
			return err
		}
	}
	for {
		tok, err := r.x.next()
		if err != nil {
			return err
		}
		switch {
		case tok == endTag: // all elements within are read to their end, so this is </sheetData>
			return r.finish()
		case tok != startTag:
		case string(r.x.name) == "row":
			return r.readRow(row)
		default:
			return r.x.damaged("<%s> among the rows", clip(string(r.x.name)))
		}
	}
}

// begin reads on to <sheetData>.
func (r *sheetRows) begin() error {
	for {
		tok, err := r.x.next()
		switch {
		case err != nil:
			return err
		case tok == endOfPart:
			return r.x.damaged("it has no <sheetData>")
		case tok != startTag:
		case r.x.depth() <= 1 && !r.x.empty:
			if string(r.x.name) != "worksheet" {
				return r.x.damaged("its root is <%s>, not <worksheet>", clip(string(r.x.name)))
			}
		case string(r.x.name) == "cols":
			// its elements follow
		case string(r.x.name) == "col":
			if err := r.readColumns(); err != nil {
				return err
			}
		case string(r.x.name) != "sheetData":
			if err := r.x.skip(); err != nil {
				return err
			}
		case r.x.empty:
			return r.finish()
		default:
			return nil
		}
	}
}

// finish reads what follows the rows, so that damage there and a wrong check sum come to light.
func (r *sheetRows) finish() error {
	for {
		tok, err := r.x.next()
		switch {
		case err != nil:
			return err
		case tok == startTag && string(r.x.name) == "sheetData" && r.x.depth() <= 2:
			return r.x.damaged("it has a second <sheetData>")
		case tok == startTag && string(r.x.name) == "mergeCell":
			if err := r.takeMerged(); err != nil {
				return err
			}
		case tok == endOfPart:
			return io.EOF
		}
	}
}

// readRow reads the row whose startTag came last.
func (r *sheetRows) readRow(row *Row) error {
	x := r.x
	number, hidden := r.row+1, false
	for attrs := x.attrs; ; {
		name, value, ok, err := x.attr(&attrs)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		switch string(name) {
		case "r":
			n, ok := parseDigits(value)
			if !ok || n < 1 || n > maxRows {
				return x.damaged("the row number %q is not one from 1 to %d", clip(string(value)), maxRows)
			}
			number = n
		case "hidden":
			hidden = isTrue(string(value))
		}
	}
	if number <= r.row {
		return x.damaged("row %d follows row %d", number, r.row)
	}
	if number > maxRows {
		return x.damaged("more than %d rows", maxRows)
	}
	r.row, r.width, r.arena = number, 0, r.arena[:0]
	if !x.empty {
		if err := r.readCells(); err != nil {
			return err
		}
	}
	s := string(r.arena)
	row.Number, row.Hidden, row.Faults = number, hidden, row.Faults[:0]
	row.Cells = slices.Grow(row.Cells[:0], r.width)[:r.width]
	for i := range row.Cells {
		if p := &r.spans[i]; p.row == number {
			row.Cells[i] = Cell{s[p.start:p.end], p.kind, p.format}
		} else {
			row.Cells[i] = Cell{}
		}
	}
	return nil
}

func (r *sheetRows) readCells() error {
	column := -1
	for {
		tok, err := r.x.next()
		switch {
		case err != nil:
			return err
		case tok == endTag:
			return nil
		case tok != startTag:
		case string(r.x.name) == "c":
			if column, err = r.readCell(column + 1); err != nil {
				return err
			}
		case string(r.x.name) == "extLst":
			if err := r.x.skip(); err != nil {
				return err
			}
		default:
			return r.x.damaged("<%s> inside a row", clip(string(r.x.name)))
		}
	}
}

// cellType is the attribute t of a cell.
type cellType uint8

const (
	numeric cellType = iota
	shared
	inline
	formulaText
	boolean
	failed
	iso
)

// cellTypeOf reads the attribute; ok is false for what is none.
func cellTypeOf(b []byte) (t cellType, ok bool) {
	switch string(b) {
	case "n":
		return numeric, true
	case "s":
		return shared, true
	case "inlineStr":
		return inline, true
	case "str":
		return formulaText, true
	case "b":
		return boolean, true
	case "e":
		return failed, true
	case "d":
		return iso, true
	}
	return 0, false
}

// readCell reads the cell whose startTag came last. column is where it stands if it does not say so itself.
func (r *sheetRows) readCell(column int) (int, error) {
	x := r.x
	kind, style := numeric, 0
	for attrs := x.attrs; ; {
		name, value, ok, err := x.attr(&attrs)
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		if len(name) != 1 {
			continue
		}
		switch name[0] {
		case 'r':
			c, row, ok := parseReference(value)
			if !ok {
				return 0, x.damaged("%q is no cell", clip(string(value)))
			}
			if row != r.row {
				return 0, x.damaged("the cell %s stands in row %d", value, r.row)
			}
			column = c
		case 's':
			if style, ok = parseDigits(value); !ok {
				return 0, x.damaged("the style %q is not a number", clip(string(value)))
			}
		case 't':
			if kind, ok = cellTypeOf(value); !ok {
				return 0, x.damaged("the type %q of a cell is not known", clip(string(value)))
			}
		}
	}
	if column >= maxColumns {
		return 0, x.damaged("more than %d columns", maxColumns)
	}
	for len(r.spans) <= column {
		r.spans = append(r.spans, span{})
	}
	p := &r.spans[column]
	if p.row == r.row {
		return 0, r.refuse(column, "", "the cell stands in the sheet twice")
	}
	r.width = max(r.width, column+1)
	*p = span{start: len(r.arena), end: len(r.arena), row: r.row}
	if style > 0 && style >= len(r.book.formats) && len(r.book.formats) > 0 {
		return 0, r.refuse(column, "", "the cell has the style %d, but there are only %d", style, len(r.book.formats))
	}
	if x.empty {
		return column, nil
	}
	content, err := r.readContent(kind == inline)
	if err != nil {
		return 0, err
	}
	if p.kind, err = r.cellText(column, kind, style, content); err != nil {
		return 0, err
	}
	p.end = len(r.arena)
	if p.kind == NoResult {
		if r.about.noResults++; r.about.noResults == 1 {
			r.about.noResult = ColumnName(column) + strconv.Itoa(r.row)
		}
	}
	if p.kind != Empty && style < len(r.book.formats) {
		p.format = r.book.formats[style].code
	}
	if len(r.arena) > maxRowText {
		return 0, r.refuse(-1, "", "the row has more than %s of text", mebibytes(maxRowText))
	}
	if tooLong(r.arena[p.start:p.end]) {
		return 0, r.refuse(column, "", "the cell has more than %d characters", maxCellChars)
	}
	return column, nil
}

// content tells which elements a cell had; the text of <v> is in value then, that of <is> in the arena.
type content struct {
	value, formula, inline bool
}

// readContent reads the elements of a cell to its end.
func (r *sheetRows) readContent(inlined bool) (content, error) {
	x := r.x
	var c content
	r.value = r.value[:0]
	if value, ok := x.onlyValue(); ok {
		r.value = append(r.value, value...)
		return content{value: true}, nil
	}
	for {
		tok, err := x.next()
		switch {
		case err != nil:
			return c, err
		case tok == endTag:
			return c, nil
		case tok != startTag:
			continue
		}
		switch string(x.name) {
		case "v":
			if c.value {
				return c, x.damaged("a cell with two values")
			}
			c.value = true
			err = r.readValue()
		case "is":
			if c.inline || !inlined {
				return c, x.damaged("a cell with a text that is not of its type")
			}
			c.inline = true
			r.arena, err = x.richText(r.arena)
		case "f":
			c.formula = true
			err = x.skip()
		case "extLst":
			err = x.skip()
		default:
			err = x.damaged("<%s> inside a cell", clip(string(x.name)))
		}
		if err != nil {
			return c, err
		}
	}
}

// readValue reads the text of <v>.
func (r *sheetRows) readValue() error {
	x := r.x
	if x.empty {
		return nil
	}
	for {
		tok, err := x.next()
		switch {
		case err != nil:
			return err
		case tok == endTag:
			return nil
		case tok == startTag:
			return x.damaged("an element inside the value of a cell")
		}
		if r.value, err = x.appendText(r.value, x.text, x.cdata); err != nil {
			return err
		}
		if len(r.value) > 8*maxCellChars {
			return x.damaged("a text of more than %d characters", maxCellChars)
		}
	}
}

// cellText adds the cell's text to the arena.
func (r *sheetRows) cellText(column int, t cellType, style int, c content) (Kind, error) {
	v := r.value
	if t != formulaText && t != inline {
		v = trimBlanks(v)
	}
	if c.formula && (!c.value || len(v) == 0 && t != formulaText) {
		return NoResult, nil
	}
	start := r.spans[column].start // of an inline text, which is in the arena already
	switch t {
	case inline:
		if !c.inline && c.value {
			r.arena = decodeEscapes(append(r.arena, v...), start)
		}
	case formulaText:
		r.arena = decodeEscapes(append(r.arena, v...), start)
	default:
		if len(v) == 0 {
			return Empty, nil
		}
		return r.typedText(column, t, style, v)
	}
	if len(r.arena) == start {
		return Empty, nil
	}
	return Text, nil
}

// typedText adds the text of a value that is not written as such.
func (r *sheetRows) typedText(column int, t cellType, style int, v []byte) (Kind, error) {
	switch t {
	case shared:
		i, ok := parseDigits(v)
		if !ok {
			return 0, r.refuse(column, string(v), "the number of its text is no number")
		}
		b, ok := r.book.strings.get(i)
		if !ok {
			return 0, r.refuse(column, string(v), "the workbook has no text of this number")
		}
		r.arena = append(r.arena, b...)
		if len(b) == 0 {
			return Empty, nil
		}
		return Text, nil
	case boolean:
		switch string(v) {
		case "1", "true":
			r.arena = append(r.arena, "true"...)
		case "0", "false":
			r.arena = append(r.arena, "false"...)
		default:
			return 0, r.refuse(column, string(v), "the value is neither true nor false")
		}
		return Bool, nil
	case failed:
		r.arena = append(r.arena, v...)
		return Error, nil
	}
	var format numberFormat
	if style < len(r.book.formats) {
		format = r.book.formats[style]
	}
	var kind Kind
	if t == iso {
		r.arena, kind = format.appendISO(r.arena, v)
		return kind, nil
	}
	var ok bool
	if r.arena, kind, ok = format.appendNumber(r.arena, v, r.book.date1904); !ok {
		return 0, r.refuse(column, string(v), "the value is not a number")
	}
	return kind, nil
}

func trimBlanks(b []byte) []byte {
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isBlank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

// parseDigits reads up to nine digits.
func parseDigits(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// parseReference reads a reference like "F17": the 0-based column and the row.
func parseReference(b []byte) (column, row int, ok bool) {
	i := 0
	for i < len(b) && i < 4 {
		c := b[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		column = column*26 + int(c-'A'+1)
		i++
	}
	row, ok = parseDigits(b[i:])
	if i == 0 || column > maxColumns || !ok || row < 1 || row > maxRows {
		return 0, 0, false
	}
	return column - 1, row, true
}
