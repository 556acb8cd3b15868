package sheet

import (
	"bytes"
	"fmt"
	"io"
	"slices"
)

// csvRows reads a CSV file's records as rows.
type csvRows struct {
	file    *File
	text    textReader
	dialect *dialect
	width   int // columns of the table, 0 while they are not known
	buf     []byte
	pos     int
	err     error // of the text, behind the buffer's end
	line    int   // of buf[pos]
	rec     record
	by      *dialect // that cut it
	spare   record
	scratch []byte
	loose   int          // routes that may be tried yet to cut damaged lines
	behind  int          // the first line that is not behind a quote which closed by luck
	ended   func() error // a last check after the last record
}

func (c *csvRows) close() { c.text.src.close() }

func (c *csvRows) read(row *Row) error {
	n, err := c.cut()
	if err != nil {
		return err
	}
	b := c.buf[c.pos : c.pos+n]
	c.loose += n
	row.Number, row.Hidden, row.Faults, row.wrapped = c.line, false, row.Faults[:0], false
	if c.rec.lines > 1 && c.columns() > 2 && !c.dialect.wrapped && c.swallows(b) {
		b = c.release(b)
	}
	text := b
	c.by = c.dialect
	if c.dialect.wrapped || c.isOdd(b) {
		text = c.mend(row, b)
	}
	if len(c.rec.faults) > 0 {
		row.Faults = append(row.Faults, c.rec.faults...)
	}
	if c.line < c.behind && !slices.ContainsFunc(row.Faults, isFatal) {
		row.Faults = append(row.Faults, Fault{Code: "open-quote", Column: -1, Text: clip(firstLine(b)), Fatal: true})
	}
	row.Cells = row.Cells[:0]
	c.cells(row, text)
	c.pos += len(b)
	c.line += c.rec.lines
	return nil
}

// cut finds the next record at c.pos, reading on where it has to, and gives its length.
func (c *csvRows) cut() (int, error) {
	for {
		rest := c.buf[c.pos:]
		if len(rest) > 0 {
			// Only the true end of the text ends a record: before an error of reading, half a record is none.
			if n, ok := c.dialect.cut(rest, c.err == io.EOF, &c.rec); ok && n <= maxRecord {
				return n, nil
			}
		}
		if len(rest) >= maxRecord {
			n, _ := c.dialect.cut(rest[:maxRecord], true, &c.rec)
			if n == maxRecord {
				return 0, &FileError{File: c.file.Name, Cell: fmt.Sprintf("line %d", c.line), Text: fmt.Sprintf("is longer than %d bytes", maxRecord), Hint: "this is hardly a table; look at the line ends and the delimiter"}
			}
			return n, nil
		}
		if c.err != nil {
			return 0, c.end(rest)
		}
		c.fill()
	}
}

// fill reads the next piece of text behind what is left in the buffer.
func (c *csvRows) fill() {
	c.buf = c.buf[:copy(c.buf, c.buf[c.pos:])]
	c.pos = 0
	c.buf, c.err = c.text.appendTo(c.buf)
}

func (c *csvRows) end(rest []byte) error {
	switch {
	case c.err == errNotText:
		return &FileError{File: c.file.Name, Cell: fmt.Sprintf("line %d", c.line+lineEnds(rest)), Text: "is not in " + c.text.enc.name, Hint: "save the file as UTF-8, or name its encoding"}
	case c.err != io.EOF:
		return c.err
	case c.ended != nil:
		if err := c.ended(); err != nil {
			return err
		}
	}
	return io.EOF
}

// cells cuts one string for the whole record into the row's cells.
func (c *csvRows) cells(row *Row, b []byte) {
	doubled := false
	for i := range c.rec.fields {
		if c.rec.fields[i].doubled {
			doubled = true
			break
		}
	}
	if doubled {
		// Quotes are made single in a copy, and the fields are those of the copy then.
		c.scratch = c.scratch[:0]
		for i := range c.rec.fields {
			f := &c.rec.fields[i]
			start := len(c.scratch)
			if !f.doubled {
				c.scratch = append(c.scratch, b[f.start:f.end]...)
			} else {
				for j := f.start; j < f.end; j++ {
					if c.by.escapes(b[:f.end], j) {
						j++
						c.scratch = append(c.scratch, b[j])
						continue
					}
					c.scratch = append(c.scratch, b[j])
					if f.quoted && b[j] == c.by.quote && j+1 < f.end && b[j+1] == b[j] {
						j++
					}
				}
			}
			f.start, f.end = start, len(c.scratch)
		}
		b = c.scratch
	}
	s := string(b)
	if cap(row.Cells) < len(c.rec.fields) {
		row.Cells = make([]Cell, 0, max(len(c.rec.fields), c.width))
	}
	cells := row.Cells[:len(c.rec.fields)]
	for i := range cells {
		// Text and Kind are all that a cell of CSV has.
		cell := &cells[i]
		if f := &c.rec.fields[i]; f.start < f.end {
			cell.Text, cell.Kind = s[f.start:f.end], Text
		} else {
			cell.Text, cell.Kind = "", Empty
		}
	}
	row.Cells = cells
}

// swallows finds the open quote that a later quote happened to close well: then a quoted cell holds whole lines of the table.
func (c *csvRows) swallows(b []byte) bool {
	for _, f := range c.rec.fields {
		if !f.breaks {
			continue
		}
		lines := bytes.FieldsFunc(b[f.start:f.end], func(r rune) bool { return r == '\n' || r == '\r' })
		for _, line := range lines[min(1, len(lines)):] {
			if bytes.Count(line, []byte(c.dialect.delimiter)) == c.columns()-1 {
				return true
			}
		}
	}
	return false
}

// release makes a record of the first line only, in which the open quote stands. The lines below it are records again, but all down
// to the quote that closed it are in doubt.
func (c *csvRows) release(b []byte) []byte {
	c.behind = max(c.behind, c.line+c.rec.lines)
	line := b[:bytes.IndexAny(b, "\r\n")]
	end := len(line) + 1
	if b[len(line)] == '\r' && b[end] == '\n' {
		end++
	}
	c.dialect.cut(line, true, &c.rec)
	c.rec.lines = 1
	return b[:end]
}
