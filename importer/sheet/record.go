package sheet

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
)

// maxRecord bounds one CSV record in bytes. A spreadsheet's cell holds at most 32,767 characters, so what is longer is no
// record; it bounds how far a quote that never closes is followed.
const maxRecord = 1 << 20

// dialect is how a CSV file is cut into cells.
type dialect struct {
	delimiter string
	quote     byte   // 0 for none
	escape    byte   // makes a quote, a delimiter or itself behind it part of the text; 0 for none
	run       bool   // two blanks or more are one delimiter, one or more where the delimiter is one blank
	padded    bool   // blanks around a cell are there for the eye
	framed    bool   // so are delimiters at the ends of a line
	wrapped   bool   // lines stand in quotes as a whole
	width     int    // cells of most records at the beginning of the text, 0 while nobody has counted
	inTexts   string // what stands in the texts of the one column, labels and all, and could have been the delimiter
	doubtful  bool   // the two columns may be one
	stops     [256]bool
}

// blanks as a delimiter stand for two or more of them.
const blanks = "  "

func newDialect(delimiter string, quote, escape byte) *dialect {
	d := &dialect{delimiter: delimiter, quote: quote, escape: escape, run: delimiter == blanks}
	d.stops[delimiter[0]], d.stops['\n'], d.stops['\r'] = true, true, true
	if quote != 0 {
		d.stops[quote] = true
	}
	if escape != 0 {
		d.stops[escape] = true
	}
	return d
}

// at tells whether a delimiter stands at b[i].
func (d *dialect) at(b []byte, i int) bool {
	return b[i] == d.delimiter[0] && (len(d.delimiter) == 1 || len(b)-i >= len(d.delimiter) && string(b[i:i+len(d.delimiter)]) == d.delimiter)
}

// escapes tells whether b[i] is an escape that makes the byte behind it part of the text.
func (d *dialect) escapes(b []byte, i int) bool {
	return d.escape != 0 && b[i] == d.escape && i+1 < len(b) && (b[i+1] == d.escape || b[i+1] == d.delimiter[0] || d.quote != 0 && b[i+1] == d.quote)
}

// field is one cell of a record by its bytes.
type field struct {
	start, end int
	quoted     bool
	doubled    bool // quotes in it are doubled, or something is escaped
	breaks     bool // holds line breaks
}

// record is one record as it stands in a buffer.
type record struct {
	fields []field
	faults []Fault
	lines  int // line ends that belong to it
}

// cut finds the record at the start of b and gives its length. ok is false where b may end inside the record; final says that
// nothing follows b, and then ok is true.
//
// A closing quote is followed by a delimiter or a line end. Where it is not, either somebody wrote quotes inside a quoted cell
// (the cell is kept raw), or, if a line break lies between, the quote had been open since an earlier line: then the record is
// taken to end where that line ends, so that an open quote costs its own record and not the file.
func (d *dialect) cut(b []byte, final bool, rec *record) (n int, ok bool) {
	rec.fields, rec.faults, rec.lines = rec.fields[:0], rec.faults[:0], 0
	if n = d.cutPlain(b, rec); n > 0 {
		ok = true
	} else {
		n, ok = d.cutAny(b, final, rec)
	}
	if d.padded || d.framed {
		d.strip(b, rec)
	}
	return n, ok
}

// strip takes away from the record what is there for the eye.
func (d *dialect) strip(b []byte, rec *record) {
	for i := range rec.fields {
		f := &rec.fields[i]
		for !f.quoted && f.start < f.end && b[f.start] == ' ' {
			f.start++
		}
		for !f.quoted && f.start < f.end && b[f.end-1] == ' ' {
			f.end--
		}
	}
	empty := func(f field) bool { return !f.quoted && f.start == f.end }
	if !d.framed {
		return
	}
	if n := len(rec.fields); n > 1 && empty(rec.fields[n-1]) {
		rec.fields = rec.fields[:n-1]
	}
	if n := len(rec.fields); n > 1 && empty(rec.fields[0]) {
		rec.fields = rec.fields[:copy(rec.fields, rec.fields[1:])]
		for i := range rec.faults {
			rec.faults[i].Column--
		}
	}
}

// cutAny is cut for a record of any form.
func (d *dialect) cutAny(b []byte, final bool, rec *record) (n int, ok bool) {
	plain := d.quote == 0 // quotes mean nothing for the rest of this line
	i := 0
	if d.run {
		i = d.skipBlanks(b, 0)
	}
	for {
		f := field{start: i}
		if open := i; !plain && i < len(b) {
			if b[i] == ' ' {
				open = d.skipBlanks(b, i)
			}
			if open < len(b) && b[open] == d.quote {
				q := d.quoted(b, open, final)
				taken := true
				switch {
				case q.verdict == incomplete:
					return 0, false
				case q.verdict == closed:
					f = field{start: open + 1, end: q.end, quoted: true, doubled: q.doubled, breaks: q.lines > 0}
					rec.lines += q.lines
					i = q.after
				case open > i: // a quote inside a text
					taken = false
				case q.verdict == neverCloses:
					plain, taken = true, false
					rec.faults = append(rec.faults, Fault{Code: "open-quote", Column: len(rec.fields), Text: clip(firstLine(b[i:])), Fatal: true})
				default:
					for i = q.after; i < len(b) && !d.at(b, i) && b[i] != '\n' && b[i] != '\r'; {
						i++
					}
					f.end = i
					rec.faults = append(rec.faults, Fault{Code: "stray-quote", Column: len(rec.fields), Text: clip(string(b[f.start:i])), Fatal: true})
				}
				if taken {
					rec.fields = append(rec.fields, f)
					if n, ok, more := d.behind(b, &i, final, rec); !more {
						return n, ok
					}
					continue
				}
			}
		}
		stray := false
	text:
		for ; ; i++ {
			for i < len(b) && !d.stops[b[i]] {
				i++
			}
			switch {
			case i == len(b), b[i] == '\n', b[i] == '\r', d.at(b, i):
				break text
			case d.escapes(b, i):
				f.doubled = true
				i++
			case d.quote != 0 && b[i] == d.quote:
				stray = d.quote == '"' // the other is an apostrophe
			}
		}
		f.end = i
		if stray && !plain {
			rec.faults = append(rec.faults, Fault{Code: "stray-quote", Column: len(rec.fields), Text: clip(string(b[f.start:i]))})
		}
		rec.fields = append(rec.fields, f)
		if n, ok, more := d.behind(b, &i, final, rec); !more {
			return n, ok
		}
	}
}

// cutPlain is cut for what most lines are: a line of the file without a quote or an escape. 0 says that this is none.
func (d *dialect) cutPlain(b []byte, rec *record) int {
	const usual = 4 << 10 // of a line; where line ends are of another kind none is looked for further away
	n := bytes.IndexByte(b[:min(len(b), usual)], '\n')
	if n < 0 || len(d.delimiter) > 1 || d.escape != 0 || d.run {
		return 0
	}
	line := b[:n]
	if n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	// Eight bytes at a time: most cells are too short for a search of their own to pay.
	var (
		fields    = rec.fields
		start, i  = 0, 0
		delimiter = d.delimiter[0]
		quote     = d.quote
	)
	if quote == 0 {
		quote = '\r'
	}
	delimiters, quotes := ones*uint64(delimiter), ones*uint64(quote)
	for ; i+8 <= len(line); i += 8 {
		word := binary.LittleEndian.Uint64(line[i:])
		if zeros(word^quotes)|zeros(word^ones*'\r') != 0 {
			return 0
		}
		for found := zeros(word ^ delimiters); found != 0; found &= found - 1 {
			end := i + bits.TrailingZeros64(found)/8
			fields = plainField(fields, start, end)
			start = end + 1
		}
	}
	for ; i < len(line); i++ {
		switch line[i] {
		case delimiter:
			fields = plainField(fields, start, i)
			start = i + 1
		case quote, '\r':
			return 0
		}
	}
	rec.fields = plainField(fields, start, len(line))
	rec.lines = 1
	return n + 1
}

// plainField is append for a field without quotes; it writes to its place at once, and not by way of a copy.
func plainField(fields []field, start, end int) []field {
	n := len(fields)
	if n == cap(fields) {
		fields = slices.Grow(fields, 1)
	}
	fields = fields[:n+1]
	f := &fields[n]
	f.start, f.end, f.quoted, f.doubled, f.breaks = start, end, false, false, false
	return fields
}

// ones has a 1 in each of its bytes.
const ones = 0x0101010101010101

// zeros has the high bit of each byte that is zero in the word, and no other bit.
func zeros(word uint64) uint64 {
	const low = ones * 0x7f
	return ^((word&low + low) | word | low)
}

// skipBlanks gives where the blanks at b[i] end that are no delimiter; all of them where runs of blanks are delimiters.
func (d *dialect) skipBlanks(b []byte, i int) int {
	for i < len(b) && b[i] == ' ' && (d.run || !d.at(b, i)) {
		i++
	}
	return i
}

// behind looks at what stands behind a cell, at *i. more says that another cell follows, at the new *i; else the record ends.
func (d *dialect) behind(b []byte, i *int, final bool, rec *record) (n int, ok, more bool) {
	if *i < len(b) && d.at(b, *i) {
		*i += len(d.delimiter)
		if !d.run {
			return 0, false, true
		}
		if *i = d.skipBlanks(b, *i); *i < len(b) && b[*i] != '\n' && b[*i] != '\r' {
			return 0, false, true
		}
	}
	if *i == len(b) {
		return len(b), final, false
	}
	rec.lines++
	if b[*i] == '\r' {
		if *i+1 == len(b) {
			return len(b), final, false
		}
		if b[*i+1] == '\n' {
			return *i + 2, true, false
		}
	}
	return *i + 1, true, false
}

// verdict is what became of an opening quote.
type verdict uint8

const (
	incomplete  verdict = iota // the buffer ends before it is clear
	closed                     // by a quote with a delimiter or line end behind it
	closesEarly                // by a quote with something else behind it, on the same line
	neverCloses
)

type quotedCell struct {
	verdict verdict
	end     int // of the text, where the closing quote stands
	after   int // where to go on: behind the closing quote and blanks
	lines   int // line ends in the text
	doubled bool
}

// quoted follows the quote at b[i].
func (d *dialect) quoted(b []byte, i int, final bool) quotedCell {
	var q quotedCell
	for j := i + 1; ; {
		k := bytes.IndexByte(b[j:], d.quote)
		if k < 0 {
			if final {
				q.verdict = neverCloses
			}
			return q
		}
		q.lines += lineEnds(b[j : j+k])
		j += k
		if d.escaped(b[i+1 : j]) {
			q.doubled = true
			j++
			continue
		}
		if j+1 == len(b) && !final {
			return q
		}
		if j+1 < len(b) && b[j+1] == d.quote {
			q.doubled = true
			j += 2
			continue
		}
		q.end, q.after = j, j+1
		break
	}
	e := q.after
	for e < len(b) && (b[e] == ' ' || b[e] == '\t') && !d.at(b, e) {
		e++
	}
	q.doubled = q.doubled || d.escape != 0 && bytes.IndexByte(b[i+1:q.end], d.escape) >= 0
	switch {
	case len(b)-e < len(d.delimiter) && !final:
		return q
	case e == len(b), d.at(b, e), b[e] == '\n', b[e] == '\r':
		q.verdict, q.after = closed, e
	case q.lines > 0:
		q.verdict = neverCloses
	default:
		q.verdict = closesEarly
	}
	return q
}

// escaped tells whether the text before a quote ends with an escape that is not itself escaped.
func (d *dialect) escaped(text []byte) bool {
	n := 0
	for d.escape != 0 && n < len(text) && text[len(text)-1-n] == d.escape {
		n++
	}
	return n%2 == 1
}

// lineEnds counts LF, CR and CRLF alike.
func lineEnds(b []byte) int {
	n := bytes.Count(b, []byte{'\n'})
	if bytes.IndexByte(b, '\r') >= 0 {
		n += bytes.Count(b, []byte{'\r'}) - bytes.Count(b, []byte{'\r', '\n'})
	}
	return n
}

func firstLine(b []byte) string {
	if i := bytes.IndexAny(b, "\r\n"); i >= 0 {
		b = b[:i]
	}
	return string(b[:min(len(b), 256)])
}
