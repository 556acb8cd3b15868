package sheet

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// repeatsLabels tells whether the row is the header once more, as reports print it on each page; or the header of another table, which
// has some columns more, or less.
func (f *File) repeatsLabels(cells []Cell) (again, other bool) {
	width := len(f.Columns)
	if f.HeaderRow == 0 || width < 2 || len(cells) < 2 || cells[0].Text == "" || cells[0].Text[0] != f.Columns[0][0] && cells[0].Text[0] < utf8.RuneSelf {
		return false, false // the quick way out for most rows
	}
	n := lastFilled(cells) + 1
	if k := min(n, width); k < min(width, 3) || !slices.EqualFunc(cells[:k], f.Columns[:k], isLabel) {
		return false, false
	}
	return n == width, n != width
}

// isLabel tells whether the column has its name of this cell, perhaps with the number of labels that are there several times.
func isLabel(c Cell, column string) bool {
	named := func(text string) bool {
		number, ok := strings.CutPrefix(column, text)
		return ok && (number == "" || strings.HasPrefix(number, " (") && strings.Trim(number[2:], "0123456789") == ")")
	}
	return !c.filled() || named(c.Text) || named(label(c.Text))
}

// beginsTable tells whether these rows, the first of which stands behind a blank one, are the beginning of another table below the
// first: labels, or one title and labels, and a row of values right below. What makes it another one is that neither labels nor
// values are as wide as the first table, and that a column which held numbers, dates or addresses holds other things now. Where
// this does not hold, they are rows like all others, which their check judges: no row is left out on a guess.
func (f *File) beginsTable(rows []*Row) bool {
	if n, first := countFilled(rows[0].Cells); n == 1 && first == 0 {
		rows = rows[1:]
		if len(rows) == 0 || rows[0].behindBlank {
			return false
		}
	}
	if len(rows) < 2 || rows[1].behindBlank || rows[1].Number != rows[0].Number+1 {
		return false
	}
	labels, values := rows[0].Cells, rows[1].Cells
	width := lastFilled(labels) + 1
	if width < 2 || width == len(f.Columns) || width != lastFilled(values)+1 || !onlyWords(labels) || !distinct(labels[:width]) {
		return false
	}
	if n, first := countFilled(labels); first != 0 || n < width {
		return false
	}
	for i := range min(width, len(f.Columns)) {
		if usual := f.usualShape(i); usual != word && usual != odd && usual != nothing && values[i].shape() != usual {
			return true
		}
	}
	return false
}

func distinct(cells []Cell) bool {
	seen := map[string]bool{}
	for _, c := range cells {
		if seen[c.Text] {
			return false
		}
		seen[c.Text] = true
	}
	return true
}

// usualShape gives what most of the first cells of a column look like, down to the first blank row.
func (f *File) usualShape(column int) shape {
	var counts [odd + 1]int
	for _, cells := range f.samples[:f.block] {
		counts[cells[column].shape()]++
	}
	usual := nothing
	for s, n := range counts {
		if n > counts[usual] {
			usual = shape(s)
		}
	}
	return usual
}
