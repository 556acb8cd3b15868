package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"orderimport/importer/sheet"
)

func (a *app) inspect() *cobra.Command {
	c := &cobra.Command{
		Use:  "inspect",
		Args: takes(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			defer frugal()()
			f, err := a.openSheet(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			if a.json() {
				return a.inspectJSON(f)
			}
			return a.inspectText(f)
		},
	}
	a.set.sheetFlags(c.Flags())
	a.set.formatFlag(c.Flags())
	return c
}

func (a *app) inspectText(f *sheet.File) error {
	const shown = 5
	a.tell(plain("%s"), a.readLine(f))
	for i, label := range f.Columns {
		fmt.Fprintf(a.out, "  %-3s %s\n", sheet.ColumnName(i), onOneLine(label))
	}
	n := 0
	for row, err := range f.Rows() {
		if err != nil {
			return err
		}
		if n++; n <= shown {
			texts := make([]string, len(row.Cells))
			for i, c := range row.Cells {
				texts[i] = onOneLine(c.Text)
			}
			fmt.Fprintf(a.out, "%s %d: %s\n", phrase{SV: "rad", EN: "row"}.In(a.lang), row.Number, strings.Join(texts, " | "))
		}
	}
	fmt.Fprintln(a.out, rowsText(n, a.lang))
	for _, note := range f.Notes {
		fmt.Fprintf(a.out, textNote.In(a.lang)+"\n", noteLine(note, a.lang))
	}
	return nil
}

var lineBreaks = strings.NewReplacer("\r\n", "⏎", "\n", "⏎", "\r", "⏎", "\u2028", "⏎", "\u2029", "⏎")

// onOneLine is a file's text for a terminal: its line breaks are seen, and what would command the terminal is not obeyed, nor what would
// show the text in another order than it has.
func onOneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
			return utf8.RuneError
		}
		return r
	}, lineBreaks.Replace(text))
}

// openSheet opens a file as the flags say. A flag that the file's format has no use for is refused: it was given for a reason.
func (a *app) openSheet(file string) (*sheet.File, error) {
	f, err := sheet.Open(file, a.set.sheetOptions())
	if err != nil {
		return nil, err
	}
	if err := a.checkSheetFlags(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (a *app) checkSheetFlags(f *sheet.File) error {
	useless := []string{"delimiter", "quote"}
	switch {
	case f.Format == "csv":
		useless = []string{"sheet"}
	case f.Encoding == "": // a page or XML file has one
		useless = append(useless, "encoding")
	}
	for _, name := range useless {
		if a.given[name] {
			return &useError{text: textUseless, args: []any{name, f.Name, f.Format}, hint: hintUseless}
		}
	}
	return nil
}

// readLine says in one line how a file was read.
func (a *app) readLine(f *sheet.File) string {
	how := []string{f.Format}
	for _, s := range []string{f.Encoding, f.Sheet} {
		if s != "" {
			how = append(how, s)
		}
	}
	if f.Delimiter != "" {
		how = append(how, fmt.Sprintf("%q", f.Delimiter))
	}
	header := textNoHeader.In(a.lang)
	if f.HeaderRow > 0 {
		header = fmt.Sprintf(textHeader.In(a.lang), f.HeaderRow)
	}
	return onOneLine(fmt.Sprintf(textRead.In(a.lang), filepath.Base(f.Name), strings.Join(how, ", "), header, len(f.Columns)))
}

// inspectJSON streams all rows; the columns keep the sheet's order.
func (a *app) inspectJSON(f *sheet.File) error {
	w := bufio.NewWriter(a.out)
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	var header any
	if f.HeaderRow > 0 {
		header = f.HeaderRow
	}
	put := func(text string, v any) error {
		w.WriteString(text)
		data, err := encode(v)
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	}
	fields := []struct {
		text  string
		value any
	}{
		{`{"file":`, f.Name}, {`,"format":`, f.Format}, {`,"encoding":`, null(f.Encoding)}, {`,"delimiter":`, null(f.Delimiter)},
		{`,"sheet":`, null(f.Sheet)}, {`,"headerRow":`, header}, {`,"columns":`, f.Columns},
	}
	for _, field := range fields {
		if err := put(field.text, field.value); err != nil {
			return err
		}
	}
	w.WriteString(`,"rows":[`)
	keys := &columnKeys{columns: f.Columns}
	var line []byte
	for row, err := range f.Rows() {
		if err != nil {
			w.Flush()
			return err
		}
		if line != nil {
			w.WriteByte(',')
		}
		line = fmt.Appendf(line[:0], "\n{\"row\":%d,\"cells\":{", row.Number)
		comma := false
		for i, cell := range row.Cells {
			if cell.Text == "" {
				continue
			}
			if comma {
				line = append(line, ',')
			}
			comma = true
			if line, err = appendJSON(append(line, keys.of(i)...), cell.Text); err != nil {
				return err
			}
		}
		line = append(line, '}')
		if row.Hidden {
			line = append(line, `,"hidden":true`...)
		}
		w.Write(append(line, '}'))
	}
	notes := f.Notes
	if notes == nil {
		notes = []sheet.Note{}
	}
	if err := put("],\n\"notes\":", notes); err != nil {
		return err
	}
	w.WriteString("}\n")
	return w.Flush()
}

// columnKeys are the keys of a row's cells: the labels, and behind them the letters of the columns, which another column may
// have for a label.
type columnKeys struct {
	columns []string
	keys    [][]byte // with quotes and colon
}

func (k *columnKeys) of(column int) []byte {
	for i := len(k.keys); i <= column; i++ {
		label := sheet.ColumnName(i)
		if i < len(k.columns) {
			label = k.columns[i]
		} else {
			for n := 2; slices.Contains(k.columns, label); n++ {
				label = fmt.Sprintf("%s (%d)", sheet.ColumnName(i), n)
			}
		}
		key, _ := encode(label) // a string always can be
		k.keys = append(k.keys, append(key, ':'))
	}
	return k.keys[column]
}

// appendJSON is encode for a text; most hold nothing that has to be escaped.
func appendJSON(b []byte, s string) ([]byte, error) {
	plain := utf8.ValidString(s)
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= ' ' && s[i] != '"' && s[i] != '\\'
	}
	if plain {
		return append(append(append(b, '"'), s...), '"'), nil
	}
	text, err := encode(s)
	return append(b, text...), err
}

// encode is JSON with "<" and "&" as they stand.
func encode(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return []byte(strings.TrimSuffix(b.String(), "\n")), err
}
