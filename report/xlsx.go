package report

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"orderimport/importer"
	"orderimport/importer/sheet"
	"orderimport/validate"
)

// Bounds of a workbook.
const (
	maxComments     = 2000 // a comment is a drawing each: more make a workbook that opens slowly
	maxNoteComments = 500  // of them, for what was mended: errors must not go without
	maxText         = excelize.TotalCellChars
)

// workbook writes the result as XLSX. The rows go through excelize's StreamWriter, which spills to a private folder (tempdir.go).
type workbook struct {
	w       io.Writer
	head    importer.Head
	lang    validate.Lang
	temp    *tempFolder
	file    *excelize.File
	styles  styles
	labels  []string       // of the columns that the result adds
	columns map[string]int // label of the file → index
	maxRows int            // of one sheet

	sheets []*sheetPart // the last one is being written
	stream *excelize.StreamWriter
	next   int // the row to write, 1-based
	values []any
	marks  []mark

	comments, noteComments int
	uncommented            int // errors
	hidden, cut            int // rows, cells
}

// mark is what the findings say about one cell.
type mark struct {
	column   int // of the result, 0-based
	severity validate.Severity
	text     string
}

func newWorkbook(w io.Writer, head importer.Head, lang validate.Lang) (*workbook, error) {
	if n := len(head.Columns) + len(headings); n > excelize.MaxColumns {
		return nil, fmt.Errorf("the result has %d columns, Excel takes %d; write it as .csv or .json", n, excelize.MaxColumns)
	}
	temp, err := newTempFolder()
	if err != nil {
		return nil, err
	}
	b := &workbook{
		w: w, head: head, lang: lang, temp: temp, maxRows: excelize.TotalRows,
		file:    excelize.NewFile(excelize.Options{TmpDir: temp.path}),
		labels:  appended(&head, lang),
		columns: make(map[string]int, len(head.Columns)),
	}
	b.styles = styles{file: b.file, ids: make(map[styleKey]int)}
	for i, label := range head.Columns {
		b.columns[label] = i
	}
	if err = b.file.SetSheetName("Sheet1", wordResult.In(lang)); err == nil {
		err = b.begin(wordResult.In(lang))
	}
	if err != nil {
		b.Abort()
		return nil, err
	}
	return b, nil
}

// begin starts a sheet of rows with its header.
func (b *workbook) begin(name string) error {
	if err := b.fitPage(name); err != nil {
		return err
	}
	stream, err := b.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := stream.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: "A2", ActiveCell: "A2", Pane: "bottomLeft"}},
	}); err != nil {
		return err
	}
	b.stream, b.next = stream, 2
	part := &sheetPart{name: name}
	b.sheets = append(b.sheets, part)

	values := b.values[:0]
	for _, label := range b.head.Columns {
		values = append(values, excelize.Cell{StyleID: b.styles.id(styleKey{tone: toneHeader}), Value: b.text(label)})
		part.widen(len(values)-1, label)
	}
	for _, label := range b.labels {
		values = append(values, excelize.Cell{StyleID: b.styles.id(styleKey{tone: toneHeader, own: true}), Value: label})
		part.widen(len(values)-1, label)
	}
	b.values = values
	if b.styles.err != nil {
		return b.styles.err
	}
	return stream.SetRow("A1", values)
}

// Add writes the row's own cells with what was found in them marked, then what became of it, then cells that the row has
// beyond the header's.
func (b *workbook) Add(row *importer.Row) error {
	if b.file == nil {
		return errors.New("the result is closed already")
	}
	if b.next > b.maxRows {
		if err := b.turn(); err != nil {
			return err
		}
	}
	b.mark(row)
	tone := toneOf(row.State)
	own, extra := splitCells(row, len(b.head.Columns))
	values := b.values[:0]
	for i := range b.head.Columns {
		var cell sheet.Cell
		if i < len(own) {
			cell = own[i]
		}
		values = b.append(values, cell, styleKey{tone: tone})
	}
	added := styleKey{tone: tone, own: true}
	e := newEntry(row, &b.head, b.lang)
	word := func(text string) sheet.Cell {
		if text == "" {
			return sheet.Cell{}
		}
		return sheet.Cell{Text: text, Kind: sheet.Text}
	}
	when := word(e.Time)
	if e.Time != "" {
		when.Kind = sheet.Date
	}
	for _, cell := range [...]sheet.Cell{
		word(e.Status), word(e.OrderNumber), word(e.OrderID), word(e.Error), word(e.ErrorCode), word(e.Run),
		when, word(e.Customer), word(e.Package), word(e.RequestID), word(e.Mended),
	} {
		values = b.append(values, cell, added)
	}
	values = b.append(values, sheet.Cell{Text: fmt.Sprint(e.Row), Kind: sheet.Number}, added)
	for _, cell := range extra {
		if len(values) == excelize.MaxColumns {
			return fmt.Errorf("row %d has more cells than Excel takes columns; write the result as .csv or .json", row.Number)
		}
		values = b.append(values, cell, styleKey{tone: tone})
	}
	b.values = values
	if b.styles.err != nil {
		return b.styles.err
	}

	var opts []excelize.RowOpts
	if hasCode(row.Findings, validate.HiddenRow) { // as it is in the file: shown, it would be taken when the result is imported again
		opts = append(opts, excelize.RowOpts{Hidden: true})
		b.hidden++
	}
	if err := b.stream.SetRow(fmt.Sprintf("A%d", b.next), values, opts...); err != nil {
		return err
	}
	if err := b.comment(); err != nil {
		return err
	}
	if b.next%1024 == 0 {
		b.temp.unlink()
	}
	b.next++
	return nil
}

// append puts a cell behind the others, in the look of its row with that of its kind and its mark.
func (b *workbook) append(values []any, cell sheet.Cell, look styleKey) []any {
	column := len(values)
	for _, m := range b.marks {
		if m.column == column {
			look.severity = m.severity
		}
	}
	value, format := cellValue(cell)
	look.format = format
	if value == nil && look == (styleKey{}) { // asText is the zero format
		return append(values, nil)
	}
	if text, ok := value.(string); ok {
		value, look.wrap = b.text(text), strings.Contains(text, "\n")
	}
	b.sheets[len(b.sheets)-1].widen(column, cell.Text)
	return append(values, excelize.Cell{StyleID: b.styles.id(look), Value: value})
}

// text is cut where Excel would cut it, and counted, so that the summary can tell.
func (b *workbook) text(s string) string {
	if len(s) <= maxText {
		return s
	}
	units := 0
	for i, r := range s {
		if units++; r >= 0x10000 {
			units++
		}
		if units > maxText {
			b.cut++
			return s[:i]
		}
	}
	return s
}

// mark collects what the row's findings say about its cells, one mark a cell.
func (b *workbook) mark(row *importer.Row) {
	b.marks = b.marks[:0]
	for i := range row.Findings {
		f := &row.Findings[i]
		column, ok := b.column(f)
		if !ok {
			continue
		}
		text := f.Message(b.lang)
		at := slices.IndexFunc(b.marks, func(m mark) bool { return m.column == column })
		if at < 0 {
			b.marks = append(b.marks, mark{column, f.Severity, text})
			continue
		}
		m := &b.marks[at]
		m.text += "\n" + text
		if weight(f.Severity) > weight(m.severity) {
			m.severity = f.Severity
		}
	}
	slices.SortFunc(b.marks, func(x, y mark) int { return cmp.Compare(x.column, y.column) })
}

// column is where in the result the finding's cell stands.
func (b *workbook) column(f *validate.Finding) (int, bool) {
	if i, ok := b.columns[f.Column]; ok {
		return i, true
	}
	letters := strings.TrimRight(f.Cell, "0123456789")
	n, err := excelize.ColumnNameToNumber(letters)
	if err != nil {
		return 0, false
	}
	if n > len(b.head.Columns) { // an extra cell
		n += len(b.labels)
	}
	return n - 1, n <= excelize.MaxColumns
}

func weight(s validate.Severity) int {
	switch s {
	case validate.Error:
		return 2
	case validate.Warning:
		return 1
	}
	return 0
}

// comment puts the row's marks beside their cells, as far as the bounds let it.
func (b *workbook) comment() error {
	for _, m := range b.marks {
		note := m.severity == validate.Note
		switch {
		case b.comments >= maxComments, note && b.noteComments >= maxNoteComments:
			if !note {
				b.uncommented++
			}
			continue
		case note:
			b.noteComments++
		}
		b.comments++
		cell, err := excelize.CoordinatesToCellName(m.column+1, b.next)
		if err != nil {
			return err
		}
		lines := strings.Count(m.text, "\n") + 1 + utf8.RuneCountInString(m.text)/40
		if err := b.file.AddComment(b.stream.Sheet, excelize.Comment{
			Author: "orderimport", Cell: cell, Text: m.text, Width: 260, Height: uint(min(24+18*lines, 400)),
		}); err != nil {
			return err
		}
	}
	return nil
}

// turn ends a full sheet and begins the next.
func (b *workbook) turn() error {
	if err := b.finish(); err != nil {
		return err
	}
	name := fmt.Sprintf("%s %d", wordResult.In(b.lang), len(b.sheets)+1)
	if _, err := b.file.NewSheet(name); err != nil {
		return err
	}
	return b.begin(name)
}

// finish ends the sheet being written.
func (b *workbook) finish() error {
	part := b.sheets[len(b.sheets)-1]
	last, err := excelize.CoordinatesToCellName(max(len(part.widths), 1), b.next-1)
	if err != nil {
		return err
	}
	part.dimension = "A1:" + last
	filter, err := excelize.CoordinatesToCellName(len(b.head.Columns)+len(b.labels), b.next-1)
	if err != nil {
		return err
	}
	if err := b.file.AutoFilter(part.name, "A1:"+filter, nil); err != nil {
		return err
	}
	return b.stream.Flush()
}

// Close ends the last sheet, adds the summary and writes the file out.
func (b *workbook) Close(sum importer.Summary) error {
	if b.file == nil {
		return errors.New("the result is closed already")
	}
	defer b.Abort()
	if err := b.finish(); err != nil {
		return err
	}
	if err := b.summary(sum); err != nil {
		return err
	}
	b.file.SetActiveSheet(0)
	if err := b.file.SetDocProps(&excelize.DocProperties{
		Creator: "orderimport", LastModifiedBy: "orderimport", Title: wordResult.In(b.lang) + " " + b.head.Run,
		Created: b.head.StartedAt.UTC().Format(time.RFC3339), Modified: b.head.StartedAt.UTC().Format(time.RFC3339),
	}); err != nil {
		return err
	}
	return writeParts(b.file, b.w, b.sheets)
}

// Abort closes excelize's temporary files and removes their folder.
func (b *workbook) Abort() {
	if b.file == nil {
		return
	}
	b.file.Close()
	b.file = nil
	b.temp.remove()
}

// fitPage makes the sheet print on as many pages as it is long, and one wide.
func (b *workbook) fitPage(sheet string) error {
	orientation, width, height, a4, fit := "landscape", 1, 0, 9, true
	if err := b.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{
		Orientation: &orientation, FitToWidth: &width, FitToHeight: &height, Size: &a4,
	}); err != nil {
		return err
	}
	return b.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit})
}
