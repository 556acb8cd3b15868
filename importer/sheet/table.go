package sheet

import (
	"fmt"
	"io"
	"slices"
	"strconv"
)

// table is one reading of the rows below the header: what is not a row of the table becomes a note, and damage to the shape of
// a row becomes a fault.
type table struct {
	file  *File
	raw   rawRows
	row   Row
	ahead *Row // read already, &row
	last  int  // number of the row before, for the gaps of a workbook
	gap   int  // first of the blank rows just passed, 0 for none
	end   int  // last of them
	err   error
}

// table starts the one reading that a File has.
func (f *File) table() (*table, error) {
	if f.started {
		return nil, &FileError{File: f.Name, Text: "the rows were read already", Hint: "open the file again"}
	}
	f.started = true
	raw, err := f.open()
	if err != nil {
		return nil, err
	}
	return &table{file: f, raw: raw, last: f.first - 1}, nil
}

func (t *table) close() { t.raw.close() }

// rows yields what next gives, and ends the reading.
func (t *table) rows(yield func(*Row, error) bool) {
	defer t.close()
	for {
		row, err := t.next()
		if err == io.EOF {
			return
		}
		if err != nil {
			yield(nil, err)
			return
		}
		if !yield(row, nil) {
			return
		}
	}
}

// next gives the next row, valid until the one after; io.EOF after the last.
func (t *table) next() (*Row, error) {
	row, err := t.ahead, error(nil)
	t.ahead = nil
	if row == nil {
		row, err = t.take()
	}
	if err != nil || row.Number != t.file.totals && !isTotals(row.Cells, len(t.file.Columns)) {
		return row, err
	}
	// Only the last line is one of totals: look whether another follows.
	held := &Row{Number: row.Number, Cells: slices.Clone(row.Cells), Hidden: row.Hidden, Faults: slices.Clone(row.Faults)}
	if t.ahead, err = t.take(); err == io.EOF {
		t.file.note("totals-line", held.Number, rowText(held.Cells))
	}
	if err != nil {
		return nil, err
	}
	return held, nil
}

// take reads the next row that is not blank and no comment.
func (t *table) take() (*Row, error) {
	for t.err == nil {
		if t.err = t.raw.read(&t.row); t.err != nil {
			break
		}
		row := &t.row
		if row.Number < t.file.first {
			continue
		}
		if t.file.Format != "csv" && row.Number > t.last+1 {
			t.blank(t.last+1, row.Number-1)
		}
		t.last = row.Number
		if blank(row.Cells) && len(row.Faults) == 0 {
			t.blank(row.Number, row.Number)
			continue
		}
		t.flush()
		if isComment(row.Cells) {
			t.file.note("comment", row.Number, rowText(row.Cells))
			continue
		}
		t.fit(row)
		return row, nil
	}
	return nil, t.err
}

// blank takes note of blank rows; a block of them becomes one note. Those at the end of the file are nobody's concern.
func (t *table) blank(from, to int) {
	if t.gap == 0 {
		t.gap = from
	}
	t.end = to
}

func (t *table) flush() {
	if t.gap == 0 {
		return
	}
	if t.end > t.gap {
		t.file.note("blank-rows", t.gap, strconv.Itoa(t.end))
	} else {
		t.file.note("blank-row", t.gap)
	}
	t.gap = 0
}

// fit brings the row to the table's width and names what does not fit.
func (t *table) fit(row *Row) {
	width := len(t.file.Columns)
	text := t.file.Format == "csv"
	if text && len(row.Cells) < width {
		row.Faults = append(row.Faults, Fault{Code: "missing-cells", Column: -1, Text: fmt.Sprintf("%d of %d", len(row.Cells), width), Fatal: true})
	}
	for len(row.Cells) < width {
		row.Cells = append(row.Cells, Cell{})
	}
	if len(row.Cells) == width {
		return
	}
	last := lastFilled(row.Cells)
	if last >= width {
		first := width
		for !row.Cells[first].filled() {
			first++
		}
		// In a workbook no cell shifts another one: a remark beside the table does not harm the row.
		row.Faults = append(row.Faults, Fault{Code: "extra-cells", Column: first, Text: clip(row.Cells[first].Text), Fatal: text})
	}
	row.Cells = row.Cells[:max(last+1, width)]
}
