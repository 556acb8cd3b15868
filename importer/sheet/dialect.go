package sheet

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// delimiters are tried in this order, which also decides a tie. Those of several characters come from the text itself.
var delimiters = []string{";", ",", "\t", "|", "^", "~"}

// weakDelimiters stand inside ordinary texts too: one is taken only where every line of the beginning has as many cells, and
// none of the others makes a table.
var weakDelimiters = []string{blanks, " ", ":", "#", "!", "*", "þ", "=", "$", "&", "@"}

// separators are the control characters of ASCII that are made for it, and the one of Hive. They stand in no text, so that one which
// cuts most lines is the delimiter whatever else stands there.
var separators = []string{"\x1f", "\x1e", "\x1d", "\x1c", "\x01"}

// findDialect cuts the beginning of the text in all ways that come into question and takes the one whose table is the most
// regular and whose cells look the most like values. delimiter is "" and quote nil where the caller does not name them.
func findDialect(head []byte, whole bool, delimiter string, quote *byte) *dialect {
	s := search{head: belowComments(head), whole: whole}
	if whole {
		s.head = rowCount.ReplaceAll(s.head, nil)
	}
	d, m := s.find(delimiter, quote)
	if text, certain := s.unwrapped(quote); text != nil {
		inner := search{head: text, whole: whole}
		w, n := inner.find(delimiter, quote)
		if n.width > 1 && n.score > m.score*(1+1e-9) && (certain || len(n.widths) == 1 && (n.width > 2 || n.unlike() || w.delimiter == "\t")) {
			d, m = w, n
			d.wrapped = true
		}
	}
	d.width = m.width
	d.doubtful = delimiter == "" && strings.TrimSpace(d.delimiter) == "," && m.inDoubt()
	return d
}

// rowCount is the number of rows with which a database ends what it prints. It is no row by which a delimiter is found.
var rowCount = regexp.MustCompile(`(?i)(?:\r?\n)+\(?[0-9]+ (?:rows?|rad(?:er)?)\b[^\r\n]*\s*$`)

// unwrapped gives the text with the lines that stand in quotes as a whole without those; nil where neither all lines do nor one
// that holds quotes itself, which makes it certain.
func (s search) unwrapped(quote *byte) (text []byte, certain bool) {
	d := newDialect(";", '"', 0)
	if quote != nil {
		d.quote = *quote
	}
	all := true
	for b := s.head; len(b) > 0; {
		line, n, ok := d.unwrap(b)
		if ok {
			certain = certain || bytes.IndexByte(line, d.quote) >= 0
		} else {
			if n = bytes.IndexAny(b, "\r\n"); n < 0 {
				n = len(b)
			}
			line = b[:n]
			all = all && (n == 0 || n == len(b) && !s.whole)
		}
		text = append(text, line...)
		for ; n < len(b) && (b[n] == '\n' || b[n] == '\r'); n++ {
			text = append(text, b[n])
		}
		b = b[n:]
	}
	if !all && !certain {
		return nil, false
	}
	return text, certain
}

// belowComments gives the text below the lines at its top that begin with #, all of it where there is nothing below.
func belowComments(head []byte) []byte {
	for rest := head; len(rest) > 0; {
		if rest[0] != '#' && rest[0] != '\r' && rest[0] != '\n' {
			return rest
		}
		n := bytes.IndexAny(rest, "\r\n")
		if n < 0 {
			break
		}
		rest = rest[n+1:]
	}
	return head
}

// search is the beginning of a text whose dialect is looked for.
type search struct {
	head  []byte
	whole bool // the head is all of it
}

// find gives the best dialect with what it makes of the text.
func (s search) find(delimiter string, quote *byte) (*dialect, measure) {
	if quote != nil {
		d, m := s.delimiter(delimiter, *quote)
		return s.escaping(d), m
	}
	double, m := s.delimiter(delimiter, '"')
	if m.quoted == 0 && bytes.IndexByte(s.head, '\'') >= 0 {
		// A name may hold an apostrophe, and Excel's mark of a text is one: only cells that need their quotes, or labels that all
		// have them, make it the quote.
		single, _ := s.delimiter(delimiter, '\'')
		single = s.escaping(single)
		if n := s.measure(single); n.faults == 0 && (n.needed > 0 || n.labelsQuoted) && n.score >= m.score*(1-1e-9) {
			return single, n
		}
	}
	return s.escaping(double), m
}

// delimiter finds the best one for a quote, unless it is given.
func (s search) delimiter(given string, quote byte) (*dialect, measure) {
	if given != "" {
		d := s.layout(newDialect(given, quote, 0))
		m := s.measure(d)
		if given == " " && !m.regular() {
			if run, n := s.runs(quote); n.regular() {
				return run, n
			}
		}
		return d, m
	}
	for _, delimiter := range separators {
		if !bytes.Contains(s.head, []byte(delimiter)) {
			continue
		}
		d := newDialect(delimiter, quote, 0)
		if m := s.measure(d); m.width > 1 {
			return d, m
		}
	}
	var best *dialect
	var of measure
	compound := append(s.compound(between), "\t\t")
	for _, delimiter := range slices.Concat(delimiters, compound) {
		if best != nil && !bytes.Contains(s.head, []byte(delimiter)) {
			continue
		}
		d := s.layout(newDialect(delimiter, quote, 0))
		m := s.measure(d)
		longer := 0.0 // "; " before ";" where one is as good as the other
		if best != nil && len(delimiter) > len(best.delimiter) {
			longer = 2e-9
		}
		if best == nil || m.score*(1+longer) > of.score*(1+1e-9) || s.doubles(delimiter, best.delimiter, m, of) {
			best, of = d, m
		}
	}
	for _, delimiter := range compound {
		// One character twice stands in hardly any text: what cuts no more than it does is part of a cell.
		first, n := utf8.DecodeRuneInString(delimiter)
		if delimiter != string(first)+string(first) || strings.HasPrefix(best.delimiter, delimiter[:n]) || !bytes.Contains(s.head, []byte(delimiter)) {
			continue
		}
		d := s.layout(newDialect(delimiter, quote, 0))
		if m := s.measure(d); m.regular() && m.width >= of.width && m.width > 2 {
			best, of = d, m
		}
	}
	rare := slices.DeleteFunc(s.compound(punctuation), func(delimiter string) bool { return slices.Contains(compound, delimiter) })
	for _, delimiter := range rare {
		// "|@|" has the same on both sides; in ";-" the dash is that of the numbers.
		if delimiter[0] != delimiter[len(delimiter)-1] || delimiter[0] == ' ' || !s.mostly(delimiter, best.delimiter) {
			continue
		}
		d := s.layout(newDialect(delimiter, quote, 0))
		if m := s.measure(d); m.first > 1 && s.holds(delimiter, best.delimiter, m, of) {
			return d, m
		}
	}
	oneText := strings.TrimSpace(best.delimiter) == "," && of.oneText()
	cutsTable := !oneText && (of.first > 1 || of.unlike() && !(best.delimiter == "," && s.decimals()) && !s.addresses(best, of))
	if of.width > 1 && cutsTable {
		return best, of
	}
	for _, delimiter := range slices.Concat(rare, weakDelimiters) {
		below := s.from(delimiter)
		d := below.escaping(newDialect(delimiter, quote, 0))
		m := below.measure(d)
		if m.table() && !s.narrows(d, m) && (m.width > 2 || utf8.RuneCountInString(delimiter) > 1 || delimiter == " " || delimiter == ":") {
			return d, m
		}
		switch delimiter {
		case ":":
			if m.kinds() && !hexGroups.MatchString(firstLine(s.head)) {
				return d, m
			}
		case " ":
			if m.lacksFirst() || s.numbers(d, m) {
				return d, m
			}
			if d, m = s.runs(quote); m.table() || s.numbers(d, m) {
				return d, m
			}
		}
	}
	if of.widest > 1 && !cutsTable && (oneText || s.inTexts(best, of)) {
		for _, delimiter := range delimiters {
			if !bytes.Contains(s.head, []byte(delimiter)) {
				d := newDialect(delimiter, quote, 0)
				if oneText {
					d.inTexts = best.delimiter
				}
				return d, s.measure(d)
			}
		}
	}
	return best, of
}

// layout finds out what of the text is there for the eye: blanks beside each delimiter, as in "Åsa | Kil", and bars at both ends
// of each line, as in the tables of Markdown.
func (s search) layout(d *dialect) *dialect {
	if bare := strings.Trim(d.delimiter, " "); bare != d.delimiter || bare == "\t" {
		d.padded = bare != "" && bare != "\t"
		return d
	}
	padded, framed, lines := true, d.delimiter == "|", 0
	for rec, b := range s.records(d) {
		n := len(rec.fields)
		if n < 2 || drawn(rec, b) {
			continue
		}
		lines++
		framed = framed && n > 2 && rec.fields[0].blank(b) && rec.fields[n-1].blank(b)
		for _, f := range rec.fields[:n-1] {
			at := f.end // of the delimiter behind it
			if f.quoted {
				at += 1 + bytes.Index(b[f.end+1:], []byte(d.delimiter))
			}
			padded = padded && (at > 0 && b[at-1] == ' ' || at+len(d.delimiter) < len(b) && b[at+len(d.delimiter)] == ' ')
		}
	}
	d.framed = framed && lines > 0
	d.padded = d.framed || padded && lines > 0
	return d
}

// inTexts tells whether a delimiter that does not cut the first line is rather a part of texts in one column, as in "Ek, Åsa" or
// "12,50": where it makes two columns of them, or now two and now three, or as many everywhere below what can only be the label of one.
func (s search) inTexts(d *dialect, m measure) bool {
	if d.delimiter == "," && s.decimals() && (m.widest == 2 || m.irregular) {
		return true
	}
	c := s.captionOf(d)
	spaced := 2*m.spaced > m.cuts
	switch {
	case c.labels > 1 || c.labels > 0 && !c.known:
		return false
	case spaced && (m.widest == 2 || m.irregular || c.word && c.apart):
		return true
	case !c.label || m.quoted > 0:
		return false
	}
	// Lists of few words have no blanks between. A tab stands in no text, and of several characters together hardly any.
	switch bare := strings.TrimSpace(d.delimiter); {
	case utf8.RuneCountInString(bare) != 1:
		return false
	case bare == ";":
		return spaced
	}
	return spaced || m.widest == 2 || m.irregular
}

// caption is the first line of a text, where the delimiter does not cut it: the label of one column, or a title above several.
type caption struct {
	word   bool // one that begins and ends no title
	label  bool // such words, in small letters or always a label
	known  bool // always a label
	labels int  // words below it, in the first line that is cut, that are always labels
	apart  bool // below that another line is not cut, and it is no remark at the end
}

// captionOf looks at the first line and those below it.
func (s search) captionOf(d *dialect) caption {
	var c caption
	n, cut := 0, false
	for rec, b := range s.records(d) {
		cells := make([]Cell, len(rec.fields))
		for i, f := range rec.fields {
			cells[i] = Cell{Text: string(b[f.start:min(f.end, f.start+256)]), Kind: Text}
		}
		if blank(cells) || isRule(cells) {
			continue
		}
		switch n++; {
		case n == 1:
			if len(cells) > 1 {
				return c
			}
			c.word, c.label = columnLabel(cells[0])
			c.known = knownLabels(cells) > 0
		case len(cells) == 1:
			foot := Row{Cells: []Cell{cells[0], {}}}
			c.apart = c.apart || cut && !foot.isFootnote(3, true)
		case !cut:
			cut = true
			c.labels = knownLabels(cells)
		}
	}
	return c
}

// columnLabel tells whether a line can be the label of a column and no title: alone for one word, sure where it is written as labels are.
func columnLabel(c Cell) (alone, sure bool) {
	const most = 30 // letters
	text := label(c.Text)
	n := strings.Count(text, " ") + 1
	if shapeOf(text) != word || n > 3 || utf8.RuneCountInString(text) > most || strings.ContainsAny(text, "0123456789") || beginsTitle([]Cell{c}) || titleEnd.MatchString(text) {
		return false, false
	}
	first, _ := utf8.DecodeRuneInString(text)
	return n == 1, unicode.IsLower(first) || knownLabels([]Cell{c}) > 0
}

// titleEnd is the end of a word for what stands below it, and of a sentence.
var titleEnd = regexp.MustCompile(`(?i)(?:lista|listor|förteckning|sammanställning|översikt|rapport|register|list|report|overview|[.!?])$`)

// addresses tells whether what the delimiter cuts below the label of one column are the parts of addresses, which are of different kinds.
func (s search) addresses(d *dialect, m measure) bool {
	return strings.TrimSpace(d.delimiter) == "," && m.spaced == m.cuts && m.quoted == 0 && addressLabel.MatchString(firstLine(s.head)) && s.captionOf(d).labels == 0
}

// addressLabel is the label of a column of whole addresses.
var addressLabel = regexp.MustCompile(`(?i)^\s*(?:(?:gatu|post|bostads|hem|besöks|leverans)?adress|(?:(?:street|home|postal|mailing) )?address|anschrift|adresse)\s*$`)

// decimals tells whether each comma stands inside a number.
func (s search) decimals() bool {
	digit := func(i int) bool { return i >= 0 && i < len(s.head) && s.head[i] >= '0' && s.head[i] <= '9' }
	for i, c := range s.head {
		if c == ',' && !(digit(i-1) && digit(i+1) && !(digit(i+2) && digit(i+3) && digit(i+4))) {
			return false
		}
	}
	return true
}

// doubles tells whether delimiter is single several times over, which cuts the same table with empty columns between all others.
func (s search) doubles(delimiter, single string, m, of measure) bool {
	n := len(delimiter) / len(single)
	return n > 1 && delimiter == strings.Repeat(single, n) && s.holds(delimiter, single, m, of)
}

// holds tells whether single stands nowhere but in delimiter, which makes the table: then what lies around it is no text.
func (s search) holds(delimiter, single string, m, of measure) bool {
	return m.width > 1 && len(m.widths) == 1 && len(of.widths) == 1 && of.width == (m.width-1)*strings.Count(delimiter, single)+1
}

// narrows tells whether one of the characters that the delimiter is made of cuts more than the delimiter does, and as regularly.
func (s search) narrows(d *dialect, m measure) bool {
	if utf8.RuneCountInString(d.delimiter) < 2 || d.run {
		return false
	}
	for _, r := range strings.ReplaceAll(d.delimiter, " ", "") {
		n := s.measure(newDialect(string(r), d.quote, 0))
		if n.regular() && n.width > (m.width-1)*strings.Count(d.delimiter, string(r))+1 {
			return true
		}
	}
	return false
}

// hexGroups is an address of a network device, or one of the internet.
var hexGroups = regexp.MustCompile(`^[0-9A-Fa-f:./ ]+$`)

// runs gives the dialect that takes blanks at the ends of a line and several between cells for one. Where there are several between,
// all columns have to begin or to end in one line: else one of them may be empty. The measure is none where that is not so.
func (s search) runs(quote byte) (*dialect, measure) {
	d := newDialect(" ", quote, 0)
	d.run = true
	d = s.escaping(d)
	m := s.measure(d)
	if !m.regular() {
		return d, measure{}
	}
	starts, ends := make([]int, m.width), make([]int, m.width)
	single, first := true, true
	for rec, b := range s.records(d) {
		if len(rec.fields) != m.width {
			continue // a blank line
		}
		end, at := 0, 0 // of the field before, in letters and in bytes
		for i, f := range rec.fields {
			if f.quoted {
				f.start, f.end = f.start-1, f.end+1
			}
			start := end + utf8.RuneCount(b[at:f.start])
			end, at = start+utf8.RuneCount(b[f.start:f.end]), f.end
			single = single && (i == 0 || b[f.start-1] != ' ' || b[f.start-2] != ' ')
			switch {
			case first:
				starts[i], ends[i] = start, end
				continue
			case starts[i] != start:
				starts[i] = -1
			}
			if ends[i] != end {
				ends[i] = -1
			}
		}
		first = false
	}
	for i := range m.width {
		if !single && starts[i] < 0 && ends[i] < 0 {
			return d, measure{}
		}
	}
	return d, m
}

// numbers tells whether blanks make a table of nothing but numbers. What may be one number with blanks in it, or a phone, is none.
func (s search) numbers(d *dialect, m measure) bool {
	if !m.regular() || m.width < 3 {
		return false
	}
	decimals := false
	for rec, b := range s.records(d) {
		if len(rec.fields) != m.width {
			continue // a blank line
		}
		for i, f := range rec.fields {
			text := strings.Replace(string(b[f.start:f.end]), ",", ".", 1)
			if _, err := strconv.ParseFloat(text, 64); err != nil || leadingZero.MatchString(text) {
				return false
			}
			decimals = decimals || i+1 < m.width && strings.Contains(text, ".")
		}
	}
	return decimals
}

// leadingZero begins a phone or a code, and no number.
var leadingZero = regexp.MustCompile(`^0[0-9]`)

// mostly tells whether most of what single finds in the text belongs to delimiter.
func (s search) mostly(delimiter, single string) bool {
	n := strings.Count(delimiter, single)
	return n > 0 && 2*n*bytes.Count(s.head, []byte(delimiter)) > bytes.Count(s.head, []byte(single))
}

// from gives the text from the first of its lines on that the delimiter of several characters stands in; above it may be titles.
func (s search) from(delimiter string) search {
	const most = 10 // lines of titles
	if utf8.RuneCountInString(delimiter) < 2 || delimiter == blanks {
		return s
	}
	below := s
	for range most {
		n := bytes.IndexAny(below.head, "\r\n")
		if n < 0 {
			break
		}
		if bytes.Contains(below.head[:n], []byte(delimiter)) {
			return below
		}
		below.head = below.head[n+1:]
	}
	return s
}

// escaping makes a backslash the escape where the text is no table without.
func (s search) escaping(d *dialect) *dialect {
	if d.quote != 0 && !bytes.Contains(s.head, []byte{'\\', d.quote}) && !bytes.Contains(s.head, []byte{'\\', d.delimiter[0]}) {
		return d
	}
	escaped := d.with(d.delimiter, d.quote, '\\')
	without, with := s.measure(d), s.measure(escaped)
	if with.faults < without.faults || with.faults == without.faults && len(with.widths) == 1 && len(without.widths) > 1 {
		return escaped
	}
	return d
}

// compound gives the delimiters of two to four characters that stand in the first lines: what lies between the letters, digits
// and quotes there.
func (s search) compound(between func(rune) bool) []string {
	const lines, most = 5, 12
	var found []string
	head := s.head
	for range lines {
		line := firstLine(head)
		for len(line) > 0 && len(found) < most {
			start := strings.IndexFunc(line, between)
			if start < 0 {
				break
			}
			line = line[start:]
			end := strings.IndexFunc(line, func(r rune) bool { return !between(r) })
			if end < 0 {
				end = len(line)
			}
			run := line[:end]
			line = line[end:]
			if n := utf8.RuneCountInString(run); n > 4 || n == 1 && len(run) == 1 || strings.Trim(run, " ") == "" || slices.Contains(found, run) {
				continue
			}
			found = append(found, run)
		}
		next := bytes.IndexAny(head, "\r\n")
		if next < 0 {
			break
		}
		head = head[next+1:]
	}
	return found
}

// between holds for what can be part of a delimiter of several characters.
func between(r rune) bool {
	return !strings.ContainsRune(`.+-@/_%`, r) && punctuation(r)
}

// punctuation holds for that too, and for what also stands in dates, phones and addresses.
func punctuation(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && !unicode.IsControl(r) && (r == ' ' || !invisible(r)) && !strings.ContainsRune(`"'\()`, r)
}
