package sheet

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// openExcelXML reads a workbook in SpreadsheetML, the "XML Spreadsheet 2003" that many systems export under the name .xls.
func (f *File) openExcelXML(census *census, opt Options) error {
	enc, err := f.markupEncoding(census, opt.Encoding)
	if err != nil {
		return err
	}
	f.Format, f.Encoding = "xml", enc.name
	styles := map[string]numberFormat{}
	book := func(sheet int) *excelXMLRows {
		text := &decodedText{textReader: textReader{src: readAhead(io.NewSectionReader(f.file, 0, census.size), nil), enc: enc}}
		return &excelXMLRows{file: f, text: text, x: &xmlScanner{src: text.chunk, decoded: true}, styles: styles, sheet: sheet}
	}
	r := book(-1)
	defer r.close()
	if err := r.survey(); err != nil {
		return r.refused(err)
	}
	for i := range r.sheets {
		r.sheets[i].open = func() (rawRows, error) { return book(i), nil }
		r.sheets[i].merged = func() ([]area, error) {
			r := book(i)
			return readMerged(r, &r.merged)
		}
	}
	if err := f.checkPeeks(len(r.sheets), census.size, opt); err != nil {
		return err
	}
	return f.openOneOf(r.sheets, opt)
}

// excelXMLRows reads the rows of one sheet.
type excelXMLRows struct {
	file   *File
	text   *decodedText
	x      *xmlScanner
	styles map[string]numberFormat
	sheet  int // number of the one to read
	sheets []candidate

	begun    bool
	merged   []area
	row      int // number of the row under way
	rowStyle string
	value    []byte
}

func (r *excelXMLRows) close() { r.text.src.close() }

// survey reads the whole file for its styles and sheets.
func (r *excelXMLRows) survey() error {
	x := r.x
	style := ""
	for {
		tok, err := x.next()
		if err != nil || tok == endOfPart {
			return err
		}
		switch {
		case tok == charData:
		case tok == endTag:
		case string(x.name) == "Style":
			style, err = x.attribute("ID")
		case string(x.name) == "NumberFormat":
			var code string
			if code, err = x.attribute("Format"); err == nil && (len(r.styles) == maxStyles || len(code) > maxFormatCode) {
				err = x.damaged("more than %d styles, or a number format of more than %d bytes", maxStyles, maxFormatCode)
			} else if err == nil {
				r.styles[style] = namedFormat(code)
			}
		case string(x.name) == "Worksheet":
			var name string
			if name, err = x.attribute("Name"); err == nil {
				r.sheets = append(r.sheets, candidate{name: name})
			}
			if len(r.sheets) > maxSheets {
				return x.damaged("more than %d sheets", maxSheets)
			}
		case string(x.name) == "Table":
			err = x.skip()
		case string(x.name) == "Visible":
			var state []byte
			if state, err = x.appendElement(nil); err == nil && len(r.sheets) > 0 {
				r.sheets[len(r.sheets)-1].hidden = string(state) != "SheetVisible"
			}
		}
		if err != nil {
			return err
		}
	}
}

// namedFormat is parseFormat, for format codes and for the names that SpreadsheetML has for some.
func namedFormat(code string) numberFormat {
	switch code {
	case "General Date", "Long Date", "Medium Date", "Short Date":
		return numberFormat{code: code, kind: dates}
	case "Long Time", "Medium Time", "Short Time":
		return numberFormat{code: code, kind: times}
	case "General Number", "Fixed", "Standard", "Percent", "Scientific", "Currency", "Euro Currency", "Yes/No", "True/False", "On/Off":
		return numberFormat{code: code}
	}
	return parseFormat(code)
}

func (r *excelXMLRows) read(row *Row) error {
	err := r.next(row)
	if err == io.EOF {
		return err
	}
	return r.refused(err)
}

// refused says where an error is, in words for the user.
func (r *excelXMLRows) refused(err error) error {
	d, ok := err.(*damage)
	switch {
	case ok:
		place := ""
		if r.row > 0 {
			place = fmt.Sprintf("row %d", r.row)
		}
		return &FileError{File: r.file.Name, Cell: place, Text: fmt.Sprintf("the XML is damaged at byte %d: %s", d.offset, d.text), Hint: "fetch or export the file again"}
	case err == errNotText:
		return &FileError{File: r.file.Name, Text: "is not in " + r.text.enc.name, Hint: "name its encoding"}
	}
	return err
}

func (r *excelXMLRows) next(row *Row) error {
	x := r.x
	if !r.begun {
		r.begun = true
		if err := r.begin(); err != nil {
			return err
		}
	}
	for {
		tok, err := x.next()
		switch {
		case err != nil:
			return err
		case tok == endTag: // of the table: all elements within are read to their end
			return r.finish()
		case tok == endOfPart:
			return io.EOF
		case tok != startTag:
		case string(x.name) == "Row":
			return r.readRow(row)
		default:
			if err := x.skip(); err != nil {
				return err
			}
		}
	}
}

// begin reads on to the table of the sheet. One without a table is blank.
func (r *excelXMLRows) begin() error {
	n := -1
	for {
		tok, err := r.x.next()
		switch {
		case err != nil:
			return err
		case tok == endOfPart:
			return io.EOF
		case tok != startTag:
		case string(r.x.name) == "Worksheet":
			if n++; n > r.sheet {
				return r.finish()
			}
		case string(r.x.name) == "Table":
			if n != r.sheet {
				err = r.x.skip()
			} else if r.x.empty {
				err = r.finish()
			} else {
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
}

// finish reads what follows the table.
func (r *excelXMLRows) finish() error {
	for {
		if tok, err := r.x.next(); err != nil {
			return err
		} else if tok == endOfPart {
			return io.EOF
		}
	}
}

// position reads the attribute Index, which stands where rows or cells were left out.
func (r *excelXMLRows) position(next, most int) (int, error) {
	n, err := r.x.number("Index")
	if err != nil {
		return 0, err
	}
	if n == 0 {
		n = next
	}
	if n < next || n > most {
		return 0, r.x.damaged("the index %d in <%s> is not one from %d to %d", n, r.x.name, next, most)
	}
	return n, nil
}

func (r *excelXMLRows) readRow(row *Row) error {
	x := r.x
	number, err := r.position(r.row+1, maxRows)
	if err != nil {
		return err
	}
	hidden, err := x.attribute("Hidden")
	if err != nil {
		return err
	}
	if r.rowStyle, err = x.attribute("StyleID"); err != nil {
		return err
	}
	r.row = number
	span, err := x.number("Span") // rows below that are like this one, and hold nothing
	if err != nil {
		return err
	}
	row.Number, row.Hidden, row.Faults, row.Cells = number, isTrue(hidden), row.Faults[:0], row.Cells[:0]
	begin := x.base + int64(x.pos)
	r.row = min(r.row+span, maxRows)
	if x.empty {
		return nil
	}
	for column := 0; ; {
		tok, err := x.next()
		switch {
		case err != nil:
			return err
		case tok == endTag:
			return nil
		case tok != startTag:
		case string(x.name) == "Cell":
			if column, err = r.readCell(row, column); err != nil {
				return err
			}
			if x.base+int64(x.pos)-begin > maxRowText {
				return x.damaged("a row of more than %s", mebibytes(maxRowText))
			}
		default:
			if err := x.skip(); err != nil {
				return err
			}
		}
	}
}

// readCell reads the cell whose startTag came last, and gives the column behind it. next is where it stands if it does not
// say so itself.
func (r *excelXMLRows) readCell(row *Row, next int) (int, error) {
	x := r.x
	column, err := r.position(next+1, maxColumns)
	if err != nil {
		return 0, err
	}
	across, err := x.number("MergeAcross")
	if err != nil {
		return 0, err
	}
	style, err := x.attribute("StyleID")
	if err != nil {
		return 0, err
	}
	formula, err := x.attribute("Formula")
	if err != nil {
		return 0, err
	}
	format, ok := r.styles[style]
	if !ok {
		format = r.styles[r.rowStyle]
	}
	down, err := x.number("MergeDown")
	if err != nil {
		return 0, err
	}
	behind := min(column+across, maxColumns)
	if (across > 0 || down > 0) && len(r.merged) < maxMerged {
		r.merged = append(r.merged, area{columnRange{column - 1, behind - 1}, row.Number, row.Number + down})
	}
	cell := Cell{}
	if formula != "" {
		cell.Kind = NoResult
	}
	if !x.empty {
		for depth := x.depth(); x.depth() >= depth; {
			tok, err := x.next()
			if err != nil {
				return 0, err
			}
			if tok != startTag {
				continue
			}
			if string(x.name) != "Data" {
				if err := x.skip(); err != nil {
					return 0, err
				}
				continue
			}
			if cell, err = r.readData(format); err != nil {
				return 0, err
			}
		}
	}
	if cell.Kind != Empty {
		for len(row.Cells) < column {
			row.Cells = append(row.Cells, Cell{})
		}
		cell.Format = format.code
		row.Cells[column-1] = cell
	}
	return behind, nil
}

// readData reads the element that holds a cell's value.
func (r *excelXMLRows) readData(format numberFormat) (Cell, error) {
	x := r.x
	kind, err := x.attribute("Type")
	if err != nil {
		return Cell{}, err
	}
	if r.value, err = x.appendElement(r.value[:0]); err != nil {
		return Cell{}, err
	}
	if tooLong(r.value) {
		return Cell{}, x.damaged("a cell of more than %d characters", maxCellChars)
	}
	if kind != "String" && kind != "" {
		if r.value = trimBlanks(r.value); len(r.value) == 0 {
			return Cell{}, nil
		}
	}
	text := string(r.value)
	wrong := func() (Cell, error) { return Cell{}, x.damaged("the value %q is no %s", clip(text), clip(kind)) }
	switch kind {
	case "Number":
		b, kind, ok := format.appendNumber(nil, r.value, false)
		if !ok {
			return wrong()
		}
		return Cell{Text: string(b), Kind: kind}, nil
	case "DateTime":
		at, err := time.Parse("2006-01-02T15:04:05.999999999", strings.TrimSuffix(text, "Z"))
		if err != nil {
			return wrong()
		}
		if format.kind != times && format.kind != elapsed {
			format.kind = dates
		}
		b, kind, ok := format.appendTime(nil, serial(at), false)
		if !ok {
			b, kind = format.appendISO(nil, r.value)
		}
		return Cell{Text: string(b), Kind: kind}, nil
	case "Boolean":
		on, err := strconv.ParseBool(text)
		if err != nil {
			return wrong()
		}
		return Cell{Text: strconv.FormatBool(on), Kind: Bool}, nil
	case "Error":
		return Cell{Text: text, Kind: Error}, nil
	}
	if text == "" {
		return Cell{}, nil
	}
	return Cell{Text: text, Kind: Text}, nil
}

// appendElement adds to dst all text of the element whose startTag came last, and reads to its end.
func (x *xmlScanner) appendElement(dst []byte) ([]byte, error) {
	if x.empty {
		return dst, nil
	}
	for depth := x.depth(); x.depth() >= depth; {
		tok, err := x.next()
		if err != nil {
			return dst, err
		}
		if tok != charData {
			continue
		}
		if dst, err = x.appendText(dst, x.text, x.cdata); err != nil {
			return dst, err
		}
		if len(dst) > 8*maxCellChars {
			return dst, x.damaged("a text of more than %d characters", maxCellChars)
		}
	}
	return dst, nil
}
