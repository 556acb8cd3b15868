package sheet

import (
	"fmt"
	"io"
	"slices"
	"strconv"
)

// maxFoot bounds the lines below a table that are no rows of it.
const maxFoot = 10

// table is one reading of the rows below the header: what is not a row of the table becomes a note, and damage to the shape of
// a row becomes a fault.
type table struct {
	file  *File
	raw   rawRows
	row   Row
	ahead []*Row // read already, &row if it is one
	last  int    // number of the row before, for the gaps of a workbook
	gap   int    // first of the blank rows just passed, 0 for none
	end   int    // last of them
	err   error

	inside bool // a row stands between the labels and what is read next

	kinds []shapes // of the first rows, by column
	seen  int      // rows that were counted
	typed int      // the first column that holds values which no label looks like, -1 while there is none
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
	return &table{file: f, raw: raw, last: f.first - 1, kinds: make([]shapes, len(f.Columns)), typed: -1}, nil
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
	if len(t.ahead) > 0 {
		row := t.ahead[0]
		t.ahead = t.ahead[1:]
		return t.judge(row)
	}
	row, err := t.take()
	if err != nil {
		return nil, err
	}
	return t.judge(row)
}

// judge decides what a row is that can be told only by those behind it.
func (t *table) judge(row *Row) (*Row, error) {
	if row.otherLabels {
		t.file.note("other-table", row.Number, rowText(row.Cells))
		return nil, t.drain()
	}
	switch {
	case row.Number == t.file.totals || isTotals(row.Cells, len(t.file.Columns)):
		// Only the last line is one of totals.
		row = row.clone()
		if foot, err := t.foot(false, row.behindBlank); err != nil {
			return nil, err
		} else if foot {
			t.file.note("totals-line", row.Number, rowText(row.Cells))
			return t.footnotes()
		}
	case row.dashes:
		// A line may be drawn at the end, or above the totals.
		row = row.clone()
		if foot, err := t.foot(true, row.behindBlank); err != nil {
			return nil, err
		} else if foot {
			t.file.note("rule", row.Number)
			return t.footnotes()
		}
	case row.isFootnote(len(t.file.Columns), row.behindBlank):
		row = row.clone()
		if foot, err := t.foot(true, row.behindBlank); err != nil {
			return nil, err
		} else if foot {
			t.file.note("footnote", row.Number, rowText(row.Cells))
			return t.footnotes()
		}
	case t.file.hashes.alone && isComment(row.Cells) && isApart(row.Cells[0].Text):
		// Where comments and values look alike, comments are the last lines.
		row = row.clone()
		if comments, err := t.onlyComments(); err != nil {
			return nil, err
		} else if comments && t.seen > 0 {
			t.file.note("comment", row.Number, rowText(row.Cells))
			return t.footnotes()
		}
		t.file.hashes = hashes{near: true, apart: true}
	case (row.behindBlank || t.breaks(row)) && onlyWords(row.Cells):
		row = row.clone()
		behind, err := t.peek(3)
		if err != nil {
			return nil, err
		}
		rows := slices.Concat([]*Row{row}, behind)
		if row.behindBlank && t.file.beginsTable(rows[:min(len(rows), 3)]) || t.breaks(row) && t.file.beginsPlainly(rows, t.usual()) {
			t.file.Notes = slices.DeleteFunc(t.file.Notes, func(n Note) bool { return n.Row > row.Number }) // what lies in it is its own
			t.file.note("other-table", row.Number, rowText(row.Cells))
			return nil, t.drain()
		}
	}
	t.count(row)
	return row, nil
}

// count takes note of what the columns hold.
func (t *table) count(row *Row) {
	if t.seen == sampleRows {
		return
	}
	t.seen++
	t.typed = -1
	for i := range t.kinds {
		t.kinds[i][row.Cells[i].shape()]++
		// Where most cells are numbers a look at the first byte tells most rows from labels.
		if is := t.kinds[i].steady(); isValue(is) && (t.typed < 0 || is != mail && t.kinds[t.typed].steady() == mail) {
			t.typed = i
		}
	}
}

// usual gives what each column holds.
func (t *table) usual() []shape {
	usual := make([]shape, len(t.kinds))
	for i := range t.kinds {
		usual[i] = t.kinds[i].steady()
	}
	return usual
}

// breaks tells whether the row has a word in each column that holds values of another kind, of which there is one.
func (t *table) breaks(row *Row) bool {
	if t.typed < 0 {
		return false
	}
	if text := row.Cells[t.typed].Text; text == "" || text[0] <= '9' {
		return false // the quick way out for most rows
	}
	for i, was := range t.usual() {
		if c := row.Cells[i]; isValue(was) && c.filled() && c.shape() != word {
			return false
		}
	}
	return true
}

// onlyComments tells whether nothing but comments follows, a few at most.
func (t *table) onlyComments() (bool, error) {
	behind, err := t.peek(maxFoot + 1)
	return err == nil && len(behind) <= maxFoot && !slices.ContainsFunc(behind, func(r *Row) bool {
		return !isComment(r.Cells) || !isApart(r.Cells[0].Text)
	}), err
}

// foot tells whether nothing but remarks follows, a few at most, and a line of totals if there may be one. apart says that a blank row
// stands before what was read last.
func (t *table) foot(totals, apart bool) (bool, error) {
	behind, err := t.peek(maxFoot + 1)
	columns := len(t.file.Columns)
	return err == nil && len(behind) <= maxFoot && !slices.ContainsFunc(behind, func(r *Row) bool {
		apart = apart || r.behindBlank
		return !r.isFootnote(columns, apart) && !(totals && isTotals(r.Cells, columns))
	}), err
}

// footnotes takes note of what is left, and gives io.EOF.
func (t *table) footnotes() (*Row, error) {
	for _, row := range t.ahead {
		code := "footnote"
		if isComment(row.Cells) {
			code = "comment"
		} else if isTotals(row.Cells, len(t.file.Columns)) {
			code = "totals-line"
		}
		t.file.note(code, row.Number, rowText(row.Cells))
	}
	t.ahead = nil
	slices.SortStableFunc(t.file.Notes, func(a, b Note) int { return a.Row - b.Row }) // blank rows between were noted when they were passed
	return nil, io.EOF
}

// peek reads on until it has n rows that were not given yet, and gives those; fewer at the end.
func (t *table) peek(n int) ([]*Row, error) {
	for len(t.ahead) < n {
		row, err := t.take()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		t.ahead = append(t.ahead, row.clone())
	}
	return t.ahead[:min(n, len(t.ahead))], nil
}

// drain reads what is behind the table, which has to be sound too, and gives io.EOF then.
func (t *table) drain() error {
	t.ahead = nil
	for t.err == nil {
		t.err = t.raw.read(&t.row)
	}
	return t.err
}

// take reads the next row that is not blank, no comment and not the labels again.
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
		row.behindBlank = t.gap > 0
		t.flush()
		var again bool
		again, row.otherLabels = t.file.repeatsLabels(row.Cells)
		rule := isRule(row.Cells)
		row.dashes = rule && t.inside && isDashes(row.Cells, len(t.file.Columns))
		switch {
		case t.file.isRemark(row.Cells):
			t.file.note("comment", row.Number, rowText(row.Cells))
		case rule && !row.dashes:
			t.file.note("rule", row.Number)
		case again:
			t.inside = false
			t.file.note("labels-again", row.Number)
		default:
			t.inside = true
			if row.wrapped {
				t.file.note("wrapped-line", row.Number)
			}
			t.fit(row)
			return row, nil
		}
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
	// A delimiter behind the last label makes a column without one, even if nothing at the beginning of the file stands in it.
	if last >= max(width, t.file.labels) || !text && last >= width {
		first := width
		for !row.Cells[first].filled() {
			first++
		}
		// In a workbook no cell shifts another one: a remark beside the table does not harm the row.
		row.Faults = append(row.Faults, Fault{Code: "extra-cells", Column: first, Text: clip(row.Cells[first].Text), Fatal: text})
	}
	row.Cells = row.Cells[:max(last+1, width)]
}
