package sheet

import (
	"bytes"
	"slices"
)

// mend cuts a record once more that the dialect does not cut into the cells of the table, or not without a fault, in the ways in
// which single lines go wrong: quotes around the whole line, escapes or quotes of another kind, quotes that are not doubled or not
// closed, the delimiter of another file. Only a way that gives exactly the cells of the table counts. What was damaged keeps a
// fault that forbids sending it: how it is read is for people to see.
//
// It gives the text that the fields of the record are of, which is b where the record is left as it was.
func (c *csvRows) mend(row *Row, b []byte) []byte {
	d, line := c.dialect, cutLineEnd(b)
	if text, n, ok := d.unwrap(line); ok && n == len(line) {
		// A title in quotes may hold as many delimiters as a row does; labels are looked for among the words.
		certain := d.wrapped || bytes.IndexByte(text, d.quote) >= 0 || c.width > 2
		switch {
		case certain && c.fits(d, text):
			row.wrapped = !d.wrapped
			return text
		case d.wrapped:
			lines := c.rec.lines
			d.cut(text, true, &c.rec)
			c.rec.lines = lines
			return text
		}
	}
	damage := c.damage(line)
	switch other := d.otherQuote(); {
	case other != 0 && bytes.IndexByte(line, other) >= 0 && c.fits(d.with(d.delimiter, other, 0), line):
		if damage.Code == "" {
			damage = Fault{Code: "stray-quote", Text: clip(string(line)), Fatal: true}
		}
	case damage.Code == "":
		return b
	case d.escape == 0 && d.quote != 0 && bytes.IndexByte(line, '\\') >= 0 && c.fits(d.with(d.delimiter, d.quote, '\\'), line):
	case (damage.Code == "open-quote" || damage.Code == "stray-quote") && d.cutLoosely(line, c.columns(), &c.rec, &c.loose):
		return line // with faults of its own
	case 2*len(c.rec.fields) <= c.columns() && c.fitsOther(line):
		damage = Fault{Code: "other-delimiter", Column: -1, Text: c.by.delimiter, Fatal: true}
	default:
		return b
	}
	c.rec.faults = append(c.rec.faults, damage)
	return line
}

// fitsOther looks for the delimiter of another file.
func (c *csvRows) fitsOther(line []byte) bool {
	return slices.ContainsFunc([]string{";", ",", "\t", "|", " "}, func(delimiter string) bool {
		return delimiter != c.dialect.delimiter && c.fits(c.dialect.with(delimiter, c.dialect.quote, 0), line)
	})
}

// isOdd tells whether the record at b has to be mended.
func (c *csvRows) isOdd(b []byte) bool {
	if c.columns() < 2 {
		return false
	}
	if len(c.rec.faults) > 0 && slices.ContainsFunc(c.rec.faults, isFatal) {
		return true
	}
	if !c.rec.fills(c.columns(), b) {
		return slices.ContainsFunc(c.rec.fields, func(f field) bool { return !f.blank(b) })
	}
	// A line in quotes as a whole, with delimiters behind it, may have as many cells as there are columns.
	if c.rec.fields[0].quoted && !slices.ContainsFunc(c.rec.fields[1:], func(f field) bool { return !f.blank(b) }) {
		return true
	}
	// Quotes of the other kind are part of the texts, unless all have them.
	return b[0] != 0 && b[0] == c.dialect.otherQuote() && c.rec.lines == 1 && len(c.rec.fields) > 1
}

func isFatal(f Fault) bool { return f.Fatal }

// columns gives how many cells a record should have: as many as there are columns, or while these are not known as most records at
// the beginning have.
func (c *csvRows) columns() int {
	if c.width > 0 {
		return c.width
	}
	return c.dialect.width
}

// fills tells whether the record has as many cells, and behind them nothing but blank ones.
func (r *record) fills(columns int, b []byte) bool {
	return len(r.fields) >= columns && !slices.ContainsFunc(r.fields[columns:], func(f field) bool { return !f.blank(b) })
}

// damage is the fault that the record at line has, or else that of its number of cells; none if that is right.
func (c *csvRows) damage(line []byte) Fault {
	columns := c.columns()
	if i := slices.IndexFunc(c.rec.faults, isFatal); i >= 0 {
		return c.rec.faults[i]
	}
	switch n := len(c.rec.fields); {
	case n < columns:
		return Fault{Code: "missing-cells", Column: -1, Fatal: true}
	case !c.rec.fills(columns, line):
		f := c.rec.fields[columns]
		return Fault{Code: "extra-cells", Column: -1, Text: clip(string(line[f.start:f.end])), Fatal: true}
	}
	return Fault{}
}

// fits cuts the text, without its line end, by another dialect. If that gives the cells of the table without a fault, they are
// those of the record from now on. What the other dialect has that this one has not must show: each cell in the other quotes, or
// one that needs them; words in all labels where the labels are not known yet.
func (c *csvRows) fits(d *dialect, text []byte) bool {
	rec := &c.spare
	if n, _ := d.cut(text, true, rec); n != len(text) || slices.ContainsFunc(rec.faults, isFatal) || !rec.fills(c.columns(), text) {
		return false
	}
	quoted, filled, needed, words := 0, 0, 0, 0
	for i := range rec.fields {
		f := &rec.fields[i]
		if d.quote != c.dialect.quote && c.dialect.encloses(text[f.start:f.end]) {
			f.start, f.end, f.quoted = f.start+1, f.end-1, true
			filled++
			continue // one cell may have the quotes of the table where another needs the other ones
		}
		if f.blank(text) {
			continue
		}
		filled++
		if f.quoted {
			quoted++
			if bytes.Contains(text[f.start:f.end], []byte(d.delimiter)) {
				needed++
			}
		} else if text[f.start] == ' ' && d.delimiter != c.dialect.delimiter {
			return false // a sentence
		}
		if shapeOf(string(text[f.start:f.end])) == word {
			words++
		}
	}
	if d.quote != c.dialect.quote && quoted < filled && needed == 0 || d.delimiter == " " && quoted < filled {
		return false
	}
	if d.delimiter != c.dialect.delimiter && c.width == 0 && (words < len(rec.fields) || words < 3) {
		return false
	}
	rec.lines = c.rec.lines
	c.rec, c.spare = c.spare, c.rec
	c.by = d
	return true
}

// encloses tells whether the text stands in quotes and holds none.
func (d *dialect) encloses(text []byte) bool {
	n := len(text)
	return d.quote != 0 && n > 1 && text[0] == d.quote && text[n-1] == d.quote && bytes.Count(text, []byte{d.quote}) == 2
}

// with is the dialect with other characters.
func (d *dialect) with(delimiter string, quote, escape byte) *dialect {
	n := newDialect(delimiter, quote, escape)
	n.padded, n.framed, n.inTexts = d.padded, d.framed, d.inTexts
	n.run = n.run || d.run && delimiter == d.delimiter
	return n
}

// otherQuote gives the one of the two quotes that the dialect does not have, 0 where it has none.
func (d *dialect) otherQuote() byte {
	switch d.quote {
	case '"':
		return '\''
	case '\'':
		return '"'
	}
	return 0
}

// unwrap gives what stands in the quotes that are around the whole line at b, and the length of the line. Excel writes such lines
// where it took a file for one of a single column; delimiters may follow that have nothing between them.
func (d *dialect) unwrap(b []byte) (text []byte, n int, ok bool) {
	if d.quote == 0 || len(b) < 2 || b[0] != d.quote {
		return nil, 0, false
	}
	for i := 1; i < len(b); i++ {
		k := bytes.IndexByte(b[i:], d.quote)
		if k < 0 {
			break
		}
		if i += k; i+1 < len(b) && b[i+1] == d.quote {
			i++
			continue
		}
		n = i + 1
		for n < len(b) && b[n] == b[i+1] && bytes.IndexByte([]byte(";,\t|"), b[n]) >= 0 {
			n++
		}
		if n < len(b) && b[n] != '\n' && b[n] != '\r' {
			break
		}
		return bytes.ReplaceAll(b[1:i], []byte{d.quote, d.quote}, []byte{d.quote}), n, true
	}
	return nil, 0, false
}

// cutLineEnd takes the line end away.
func cutLineEnd(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte{'\n'}), []byte{'\r'})
}
