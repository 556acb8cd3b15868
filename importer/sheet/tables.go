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
	if f.HeaderRow == 0 || width < 2 || len(cells) < 2 || cells[0].Text == "" || cells[0].Text[0] != f.Columns[0][0] && cells[0].Text[0] > ' ' && cells[0].Text[0] < utf8.RuneSelf {
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
		if usual := f.usualShape(i); isValue(usual) && !values[i].isLike(usual) {
			return true
		}
	}
	return false
}

// beginsPlainly tells whether these rows begin another table wherever they stand, right below a row of the first or as wide as it.
// The columns that held numbers, dates or addresses have words in the first row, and one of them holds other things in all rows below.
// And two of the words or more are always labels; or all such columns hold other things, two columns or one of three, one of them values of
// another kind, and none of the words is there again: one word among values stands for one that is not known. usual has what each
// column held until now.
func (f *File) beginsPlainly(rows []*Row, usual []shape) bool {
	labels := rows[0].Cells
	width := lastFilled(labels) + 1
	if n, _ := countFilled(labels); n < width || width < 2 || !onlyWords(labels) || !distinct(labels[:width]) {
		return false
	}
	below := rows[1:]
	for i, row := range below {
		if row.Number != rows[i].Number+1 || row.behindBlank {
			below = below[:i]
			break
		}
		if lastFilled(row.Cells) >= width {
			return false
		}
	}
	if len(below) == 0 {
		return false
	}
	typed, others, values := 0, 0, 0
	for i, was := range usual[:min(width, len(usual))] {
		if !isValue(was) {
			continue
		}
		typed++
		other, value := 0, 0
		kind := below[0].Cells[i].shape()
		for _, row := range below {
			if is := row.Cells[i].shape(); is != nothing && !row.Cells[i].isLike(was) {
				other++
				if isValue(is) && row.Cells[i].isLike(kind) {
					value++
				}
			}
		}
		if other == len(below) {
			others++
		}
		if value == len(below) {
			values++
		}
	}
	if others == 0 {
		return false
	}
	if knownLabels(labels) >= 2 {
		return true
	}
	repeated := slices.ContainsFunc(below, func(row *Row) bool {
		return slices.ContainsFunc(labels[:width], func(c Cell) bool {
			return slices.ContainsFunc(row.Cells, func(value Cell) bool { return value.Text == c.Text })
		})
	})
	const wide = 3 // columns, where only one of them held other things than words
	return others == typed && (others > 1 || width >= wide) && values > 0 && len(below) > 1 && !repeated
}

// steady is the usual shape if hardly a cell has another, else that of a text.
func (counts *shapes) steady() shape {
	usual, filled := counts.usual(), 0
	for _, n := range counts[number:] {
		filled += n
	}
	if 10*counts[usual] < 9*filled {
		return odd
	}
	return usual
}

// isValue tells whether a shape is one that labels do not have.
func isValue(s shape) bool { return s == number || s == date || s == mail || s == phone }

// isLike tells whether the cell is of the kind that was. A phone that lost its 0 looks like a number, but a long one.
func (c Cell) isLike(was shape) bool {
	const phoneDigits = 7
	is := c.shape()
	return is == was || was == number && is == phone || was == phone && is == number && len(c.Text) >= phoneDigits
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
	var counts shapes
	for _, cells := range f.samples[:f.block] {
		counts[cells[column].shape()]++
	}
	return counts.usual()
}

// shapes counts what cells look like.
type shapes [odd + 1]int

func (counts *shapes) usual() shape {
	usual := nothing
	for s, n := range counts {
		if n > counts[usual] {
			usual = shape(s)
		}
	}
	return usual
}
