package report

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"github.com/gocarina/gocsv"

	"orderimport/importer"
	"orderimport/validate"
)

// csvWriter writes UTF-8 with BOM, ";" and CRLF, which a double click in a Swedish Excel reads rightly.
type csvWriter struct {
	lines  csvLines
	head   importer.Head
	lang   validate.Lang
	entry  []entry // one, for gocsv
	closed bool
}

func newCSV(w io.Writer, head importer.Head, lang validate.Lang) (*csvWriter, error) {
	c := &csvWriter{lines: csvLines{w: bufio.NewWriterSize(w, 64<<10)}, head: head, lang: lang, entry: make([]entry, 1)}
	if _, err := c.lines.w.WriteString("\uFEFF"); err != nil {
		return nil, err
	}
	c.lines.before = append(c.lines.before, head.Columns...)
	return c, c.lines.Write(appended(&head, lang))
}

// Add writes the row's own cells, then what became of it, then cells that the row has beyond the header's.
func (c *csvWriter) Add(row *importer.Row) error {
	own, extra := splitCells(row, len(c.head.Columns))
	c.lines.before, c.lines.after = c.lines.before[:0], c.lines.after[:0]
	for i := range c.head.Columns {
		text := ""
		if i < len(own) {
			text = cellText(own[i])
		}
		c.lines.before = append(c.lines.before, text)
	}
	for _, cell := range extra {
		c.lines.after = append(c.lines.after, cellText(cell))
	}
	c.entry[0] = newEntry(row, &c.head, c.lang)
	return gocsv.MarshalCSVWithoutHeaders(c.entry, &c.lines)
}

// Close writes out what is buffered. The totals have no place in a CSV file, whose lines are all rows.
func (c *csvWriter) Close(importer.Summary) error {
	if c.closed {
		return errors.New("the result is closed already")
	}
	c.closed = true
	return c.lines.w.Flush()
}

// Abort does nothing: there is nothing to release.
func (c *csvWriter) Abort() { c.closed = true }

// csvLines is the gocsv.CSVWriter that puts what gocsv made of an entry between the cells of its row. It is not encoding/csv's,
// which with CRLF rewrites the line breaks inside the cells.
type csvLines struct {
	w             *bufio.Writer
	before, after []string
	err           error
}

// Write writes one line.
func (l *csvLines) Write(fields []string) error {
	first := true
	for _, part := range [...][]string{l.before, fields, l.after} {
		for _, field := range part {
			if !first {
				l.w.WriteByte(';')
			}
			first = false
			l.field(guard(field))
		}
	}
	_, l.err = l.w.WriteString("\r\n") // bufio's error is sticky: this one stands for all of the line
	return l.err
}

func (l *csvLines) field(s string) {
	if s == "" {
		return
	}
	if !strings.ContainsAny(s, ";,\t\"\r\n") && s[0] != ' ' && s[len(s)-1] != ' ' {
		l.w.WriteString(s)
		return
	}
	l.w.WriteByte('"')
	for i, part := range strings.Split(s, `"`) {
		if i > 0 {
			l.w.WriteString(`""`)
		}
		l.w.WriteString(part)
	}
	l.w.WriteByte('"')
}

// Flush leaves the writing to Close: gocsv calls it after each row.
func (l *csvLines) Flush() {}

// Error is the first failure of writing.
func (l *csvLines) Error() error { return l.err }
