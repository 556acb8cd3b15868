package sheet

import (
	"bytes"
	"slices"
)

// The costs of what a line with quotes that are not doubled or closed is taken to mean.
const (
	notDoubled  = 2 // a quote inside a text
	openingText = 3 // an opening quote that is one
)

// looseCut looks for the way to cut a line into cells that takes the fewest liberties.
type looseCut struct {
	*dialect
	line           []byte
	columns, cells int             // least and most cells; those behind the columns are empty
	closings       []int           // quotes that may close a cell, since a delimiter or the end follows
	routes         map[place]route // the best to each place
	reached        map[int][]int   // the numbers of cells with which a byte is reached
	left           int             // routes that may be tried yet
}

// looseRoutes is how many routes may be tried in a file, beside one for each of its bytes: those of some thousand lines that are
// damaged as lines are, so that a file made of quotes does not take for ever.
const looseRoutes = 1 << 19

// place is where a cell of the line may begin: at which byte, and behind how many cells.
type place struct{ at, cells int }

// route is the way with the least cost to a place, by the cell before it.
type route struct {
	cost int
	many bool // others cost the same
	from int  // where that cell begins
	cell field
	code string // of the fault that is in it
}

// cutLoosely cuts a line with quotes that are not doubled or closed. A quote closes a cell if a delimiter or the end follows, any
// other is text; an opening quote may be text too. Of all ways that give as many cells as there are columns the one with the fewest
// such liberties becomes the record, with a fault for each; if there are several, none, and ok is false. left is what may be tried yet
// in the file, see looseRoutes.
func (d *dialect) cutLoosely(line []byte, columns int, rec *record, left *int) (ok bool) {
	const most, routes = 8 << 10, 1 << 15 // bytes of a line, and what is tried for one
	if len(line) > most || *left <= 0 || d.quote == 0 || d.run || d.escape != 0 {
		return false
	}
	l := looseCut{
		dialect: d, line: line, columns: columns, cells: max(columns, d.width),
		routes: map[place]route{{}: {}}, reached: map[int][]int{0: {0}}, left: min(routes, *left),
	}
	*left -= l.left
	defer func() { *left += l.left }()
	for i, b := range line {
		if b == d.quote && l.delimited(d.skipBlanks(line, i+1)) {
			l.closings = append(l.closings, i)
		}
	}
	for at := 0; at <= len(line); at++ {
		for _, cells := range l.reached[at] {
			if l.left <= 0 {
				return false
			}
			l.goOn(place{at, cells})
		}
	}
	best, ok := l.best()
	if !ok {
		return false
	}
	rec.fields, rec.faults = rec.fields[:0], rec.faults[:0]
	for ; best.cells > 0; best = (place{l.routes[best].from, best.cells - 1}) {
		r := l.routes[best]
		rec.fields = append(rec.fields, r.cell)
		if r.code != "" {
			text := clip(string(line[r.from : best.at-len(d.delimiter)]))
			rec.faults = append(rec.faults, Fault{Code: r.code, Column: best.cells - 1, Text: text, Fatal: true})
		}
	}
	slices.Reverse(rec.fields)
	slices.Reverse(rec.faults)
	return true
}

// delimited tells whether a cell may end at the byte i.
func (l *looseCut) delimited(i int) bool { return i == len(l.line) || l.at(l.line, i) }

// goOn finds the cells that may begin at the place.
func (l *looseCut) goOn(p place) {
	end := p.at
	for !l.delimited(end) {
		end++
	}
	text := field{start: p.at, end: end}
	open := l.skipBlanks(l.line, p.at)
	if open == len(l.line) || l.line[open] != l.quote {
		l.step(p, end, 0, text, "")
		return
	}
	code := "open-quote"
	if bytes.IndexByte(l.line[open+1:end], l.quote) >= 0 {
		code = "stray-quote"
	}
	l.step(p, end, openingText, text, code)
	strict := l.quoted(l.line, open, true)
	i, _ := slices.BinarySearch(l.closings, open+1)
	for _, closing := range l.closings[i:] {
		cell := field{start: open + 1, end: closing, quoted: true, doubled: true}
		end := l.skipBlanks(l.line, closing+1)
		if strict.verdict == closed && strict.end == closing {
			l.step(p, end, 0, cell, "")
		} else {
			l.step(p, end, notDoubled, cell, "stray-quote")
		}
	}
}

// step takes note of a cell from the place to a delimiter at end, or to where one would stand behind the line.
func (l *looseCut) step(from place, end, cost int, cell field, code string) {
	l.left--
	to := place{end + len(l.delimiter), from.cells + 1}
	if to.cells > l.cells || from.cells >= l.columns && cell.start < cell.end {
		return
	}
	before := l.routes[from]
	r := route{before.cost + cost, before.many, from.at, cell, code}
	old, ok := l.routes[to]
	switch {
	case !ok:
		l.reached[to.at] = append(l.reached[to.at], to.cells)
		l.routes[to] = r
	case r.cost < old.cost:
		l.routes[to] = r
	case r.cost == old.cost:
		old.many = true
		l.routes[to] = old
	}
}

// best gives the end of the cheapest way through the whole line; ok is false where there is none, or there are several.
func (l *looseCut) best() (best place, ok bool) {
	cost := -1
	for cells := l.columns; cells <= l.cells; cells++ {
		end := place{len(l.line) + len(l.delimiter), cells}
		switch r, found := l.routes[end]; {
		case !found:
		case cost < 0 || r.cost < cost:
			best, cost = end, r.cost
			ok = !r.many
		case r.cost == cost:
			ok = false
		}
	}
	return best, ok
}
