package sheet

import (
	"bytes"
	"iter"
	"slices"
	"unicode"
	"unicode/utf8"
)

// measure is how the beginning of a text looks when it is cut by a dialect.
//
// The score is that of CleverCSV (van den Burg, Nazábal, Sutton 2019), "data consistency": the sum over the widths L of
// N·(L-1)/L divided by their number, times the share of cells of a known type. A decimal comma makes "," regular too; it is
// the type of the cells that tells then.
type measure struct {
	score        float64
	records      int
	widths       map[int]int // records by their number of cells
	width        int         // the most frequent
	faults       int
	quoted       int       // cells in quotes
	needed       int       // of these, those that could not do without
	labelsQuoted bool      // all cells of the first record are
	labels       bool      // the first record holds nothing but words
	first        int       // cells of the first record
	widest       int       // the most frequent number of cells above one, 0 where there is none
	irregular    bool      // there are several of those
	cuts, spaced int       // delimiters, and those of them with a blank behind
	top          []shape   // of the first record
	values       [][]shape // of the records after it
	text         wholeness // of the first record
}

// wholeness tells whether the cells of a record are rather the parts of one text.
type wholeness uint8

const (
	parts    wholeness = iota
	sentence           // "Namn, efternamn först"
	brackets           // "Adress (gata, ort)"
)

// wholenessOf looks at a record that is cut where the delimiter may be a comma between words.
func wholenessOf(rec *record, b []byte) wholeness {
	open := 0
	for i, f := range rec.fields {
		if f.quoted {
			return parts
		}
		if open > 0 {
			return brackets
		}
		cell := b[f.start:f.end]
		open += bytes.Count(cell, []byte{'('}) - bytes.Count(cell, []byte{')'})
		if i == 1 && len(rec.fields) == 2 {
			first, _ := utf8.DecodeRune(bytes.TrimLeft(b, " "))
			second, _ := utf8.DecodeRune(bytes.TrimLeft(cell, " "))
			if unicode.IsUpper(first) && unicode.IsLower(second) && len(bytes.Fields(cell)) > 1 {
				return sentence
			}
		}
	}
	return parts
}

// oneText tells whether what the delimiter cuts is one text in each line, and so are the labels.
func (m measure) oneText() bool {
	switch {
	case m.first < 2 || 2*m.spaced <= m.cuts:
		return false
	case m.width == 1 && m.quoted == m.needed && m.needed == m.records-1:
		return m.records > 1 // each line but that of the labels has quotes around its text
	case m.text == brackets:
		return m.first == m.width || !m.unlike()
	}
	return m.text == sentence && !m.unlike()
}

// inDoubt tells whether two columns may be one of texts with a comma in each, as in "Ek, Åsa".
func (m measure) inDoubt() bool {
	return m.width == 2 && m.quoted == 0 && m.spaced == m.cuts && !slices.ContainsFunc(m.values, func(row []shape) bool {
		return len(row) != 2 || row[0] != word || row[1] != word
	})
}

// unlike tells whether the columns hold values of different kinds, which the parts of one text hardly do.
func (m measure) unlike() bool {
	var kinds [odd + 1]bool
	for column := range m.widest {
		var counts [odd + 1]int
		for _, row := range m.values {
			if len(row) == m.widest {
				counts[row[column]]++
			}
		}
		usual := nothing
		for s := number; s <= odd; s++ {
			if counts[s] > counts[usual] || usual == nothing && counts[s] > 0 {
				usual = s
			}
		}
		kinds[usual] = true
	}
	kinds[nothing] = false
	n := 0
	for _, has := range kinds {
		if has {
			n++
		}
	}
	return n > 1 && (kinds[number] || kinds[date] || kinds[mail] || kinds[phone])
}

// regular tells whether all records have as many cells, which are more than one.
func (m measure) regular() bool {
	return m.records > 1 && len(m.widths) == 1 && m.width > 1 && m.faults == 0
}

// kinds tells whether a delimiter that stands in texts too makes a table without labels: many columns, each with values of one kind,
// numbers in two of them and texts in others.
func (m measure) kinds() bool {
	const least = 5 // columns; fewer are times
	if !m.regular() || m.width < least {
		return false
	}
	numbers, texts := 0, 0
	for column := range m.width {
		var usual shape
		for _, row := range append(m.values, m.top) {
			kind := row[column]
			if kind == odd {
				kind = word
			}
			if usual == nothing {
				usual = kind
			} else if kind != usual && kind != nothing {
				return false
			}
		}
		switch usual {
		case number:
			numbers++
		case word:
			texts++
		}
	}
	return numbers > 1 && texts > 0
}

// table tells whether a delimiter that stands in texts too makes a table beyond doubt: labels, and below them as many cells each.
func (m measure) table() bool {
	if !m.regular() || !m.labels {
		return false
	}
	if m.width > 2 {
		return true
	}
	return slices.ContainsFunc([]int{0, 1}, func(column int) bool {
		return !slices.ContainsFunc(m.values, func(row []shape) bool { return row[column] == word || row[column] == odd || row[column] == nothing })
	})
}

// lacksFirst tells whether quoted labels stand above rows that have one cell more, as R writes its tables.
func (m measure) lacksFirst() bool {
	return m.faults == 0 && m.labels && m.labelsQuoted && m.first > 1 && m.first == m.width-1 && len(m.widths) == 2 && m.widths[m.first] == 1
}

func (s search) measure(d *dialect) measure {
	var (
		cells, typed int
		m            = measure{widths: map[int]int{}}
		special      = bytes.TrimSpace([]byte(d.delimiter))
	)
	if len(special) == 0 {
		special = []byte(d.delimiter)
	}
	for rec, b := range s.records(d) {
		shapes := make([]shape, len(rec.fields))
		filled, quoted, words := 0, 0, 0
		for i, f := range rec.fields {
			text := b[f.start:min(f.end, f.start+256)]
			shapes[i] = shapeOf(string(text))
			if slices.ContainsFunc(rec.faults, func(fault Fault) bool { return fault.Column == i }) {
				shapes[i] = odd
			}
			if i > 0 {
				m.cuts++
				if d.delimiter[len(d.delimiter)-1] == ' ' || !f.quoted && f.start < len(b) && (b[f.start] == ' ' || d.padded && b[f.start-1] == ' ') {
					m.spaced++
				}
			}
			if f.quoted {
				quoted++
				if f.breaks || f.doubled || bytes.Contains(text, special) {
					m.needed++
				}
			}
			switch shapes[i] {
			case nothing:
				continue
			case word:
				words++
			}
			filled++
		}
		m.faults += len(rec.faults)
		m.quoted += quoted
		if filled == 0 || drawn(rec, b) {
			continue
		}
		for _, shape := range shapes {
			cells++
			if shape != odd {
				typed++
			}
		}
		if m.records == 0 {
			m.labels, m.labelsQuoted = words == len(shapes), quoted == len(shapes)
			m.first, m.top = len(shapes), shapes
			m.text = wholenessOf(rec, b)
		} else {
			m.values = append(m.values, shapes)
		}
		m.widths[len(shapes)]++
		m.records++
	}
	var sum float64
	for width, n := range m.widths {
		sum += float64(n) * max(1e-3, float64(width-1)) / float64(width)
		if n > m.widths[m.width] || n == m.widths[m.width] && width > m.width {
			m.width = width
		}
		if width > 1 {
			m.irregular = m.widest > 0
			if n > m.widths[m.widest] || n == m.widths[m.widest] && width > m.widest {
				m.widest = width
			}
		}
	}
	if cells > 0 {
		m.score = sum / float64(len(m.widths)) * float64(typed) / float64(cells)
	}
	return m
}

// records cuts the text, and gives each record with the text from its beginning on. Both are valid until the next.
func (s search) records(d *dialect) iter.Seq2[*record, []byte] {
	return func(yield func(*record, []byte) bool) {
		const enough = 200
		var rec record
		head := s.head
		for i := 0; i < enough && len(head) > 0; {
			n, ok := d.cut(head, s.whole, &rec)
			if !ok {
				if i > 0 {
					return
				}
				n, _ = d.cut(head, true, &rec)
			}
			if n > len(head)-len(bytes.TrimLeft(head, "\r\n")) { // no blank line
				i++
			}
			if !yield(&rec, head[:n]) {
				return
			}
			head = head[n:]
		}
	}
}

// drawn tells whether the record is a line that is drawn between others.
func drawn(rec *record, b []byte) bool {
	cells := make([]Cell, len(rec.fields))
	for i, f := range rec.fields {
		if f.start < f.end {
			cells[i] = Cell{Text: string(b[f.start:min(f.end, f.start+256)]), Kind: Text}
		}
	}
	return isRule(cells)
}

// blank tells whether nothing stands in the cell, not even quotes.
func (f field) blank(b []byte) bool {
	return !f.quoted && len(bytes.TrimLeft(b[f.start:f.end], " ")) == 0
}
