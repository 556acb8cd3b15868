package sheet

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shape is what a cell's text looks like.
type shape uint8

const (
	nothing shape = iota
	number        // digits with signs and separators of thousands and decimals
	date          // or a time
	mail
	phone
	word // what a label or a name can be
	odd  // anything else
)

// shapeOf tells the shape by the characters alone; it is a measure for regularity, not a check of the value.
func shapeOf(s string) shape {
	s = strings.TrimSpace(s)
	if s == "" {
		return nothing
	}
	var digits, letters, ats, dashes, colons, slashes, dots, commas, blanks, others int
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case unicode.IsLetter(r) || unicode.IsMark(r):
			letters++
		case r == '@':
			ats++
		case r == '-':
			dashes++
		case r == ':':
			colons++
		case r == '/':
			slashes++
		case r == '.':
			dots++
		case r == ',':
			commas++
		case r == ' ' || r == '\u00a0' || r == '\u202f':
			blanks++
		case strings.ContainsRune("+()%€$£kr", r):
		case strings.ContainsRune("&'’_#–!?*=\n\r", r):
			others++
		default:
			return odd
		}
	}
	switch {
	case ats == 1 && letters > 0 && dots > 0 && blanks == 0 && commas == 0:
		return mail
	case letters == 0 && digits > 0 && others == 0 && ats == 0:
		switch {
		case digits >= 3 && (dashes == 2 || slashes == 2 || colons > 0 || dots == 2 && digits <= 8 && digits >= 4):
			return date
		case dashes == 0 && slashes == 0 || dashes == 1 && s[0] == '-':
			if s[0] == '+' || s[0] == '0' && digits > 6 && dots+commas == 0 {
				return phone
			}
			if commas > 1 && dots > 1 {
				return odd
			}
			return number
		case dots+commas == 0:
			return phone
		}
		return odd
	case letters > 0 && commas == 0 && ats == 0:
		if digits >= 4 && letters == 1 && (strings.ContainsRune(s, 'T') || strings.ContainsRune(s, 'Z')) && dashes == 2 {
			return date
		}
		return word
	}
	return odd
}

// shape tells the shape of a cell; what a workbook says of it counts for more than its text.
func (c Cell) shape() shape {
	switch c.Kind {
	case Number:
		return number
	case Date, Time:
		return date
	case Bool:
		return number
	}
	return shapeOf(c.Text)
}

// filled tells whether a person sees something in the cell.
func (c Cell) filled() bool {
	if c.Kind == Empty || c.Text == "" {
		return c.Kind == NoResult
	}
	if b := c.Text[0]; b > ' ' && b < utf8.RuneSelf {
		return true
	}
	return strings.ContainsFunc(c.Text, func(r rune) bool { return !invisible(r) }) // the first, in most texts
}

// invisible holds for blanks of all kinds and marks without width.
func invisible(r rune) bool {
	return unicode.IsSpace(r) || r >= '\u200b' && r <= '\u200f' || r == '\ufeff' || r == '\u2060' || r >= '\u202a' && r <= '\u202e'
}

// countFilled gives how many cells are filled, and which is the first, -1 for none.
func countFilled(cells []Cell) (n, first int) {
	first = -1
	for i := range cells {
		if cells[i].filled() {
			if n++; first < 0 {
				first = i
			}
		}
	}
	return n, first
}

// blank tells whether nothing in the row is to be seen.
func blank(cells []Cell) bool {
	for i := range cells {
		if cells[i].filled() {
			return false
		}
	}
	return true
}

// isComment tells whether the row is one remark behind a #.
func isComment(cells []Cell) bool {
	if len(cells) == 0 || cells[0].Text == "" || cells[0].Text[0] > '#' && cells[0].Text[0] < utf8.RuneSelf {
		return false // the quick way out for most rows
	}
	if !strings.HasPrefix(strings.TrimSpace(cells[0].Text), "#") {
		return false
	}
	n, _ := countFilled(cells)
	return n == 1
}

// hashes is what the first rows of a table tell of the values in its first column that begin with #, as tags and colours do: where half
// of them do so, and not where one person has been commented out.
type hashes struct {
	near, apart bool // values begin so that are no comments, without and with a blank behind the #
	alone       bool // there is one column, or no row has a second value, so that comments and values fill as many cells
}

// hashesIn looks at the rows below the labels.
func hashesIn(rows []Row) hashes {
	near, apart, all := 0, 0, 0
	for _, row := range rows {
		n, first := countFilled(row.Cells)
		if n < 2 {
			continue
		}
		all++
		if text := row.Cells[0].Text; first > 0 || !strings.HasPrefix(strings.TrimSpace(text), "#") {
			continue
		} else if isApart(text) {
			apart++
		} else {
			near++
		}
	}
	return hashes{near: near > 0 && 2*near >= all, apart: apart > 0 && 2*apart >= all, alone: all == 0}
}

// isApart tells whether the text behind the # is set off from it, as in a comment and not in a tag.
func isApart(text string) bool {
	text = strings.TrimLeft(strings.TrimSpace(text), "#")
	return text != "" && strings.TrimLeftFunc(text, invisible) != text
}

// isRemark tells whether the row below the labels is a comment. One that begins like the values of its column is a row, and so is one in a
// table of one column, where only the last lines may be comments, see judge.
func (f *File) isRemark(cells []Cell) bool {
	if !isComment(cells) {
		return false
	}
	apart := isApart(cells[0].Text)
	switch {
	case apart && f.hashes.apart, !apart && f.hashes.near:
		return false
	case f.Format == "csv" && len(cells) < len(f.Columns):
		return true
	}
	return !f.hashes.alone
}

// footWords begin the lines below a table in which a report speaks of itself, in the languages of the exports that are read here.
var footWords = map[string]bool{
	"sida": true, "page": true, "källa": true, "source": true, "not": true, "obs": true, "anm": true, "fotnot": true, "rapport": true, "report": true,
	"utskrift": true, "utskriven": true, "utskrivet": true, "uttagen": true, "genererad": true, "genererat": true, "generated": true, "skapad": true, "skapat": true,
	"created": true, "exporterad": true, "exporterat": true, "exported": true, "printed": true, "uppdaterad": true, "updated": true, "senast": true,
	"copyright": true, "slut": true, "end": true, "eof": true, "rader": true, "rows": true, "records": true, "poster": true,
}

// rowWords stand behind the number of rows with which a database ends what it prints.
var rowWords = map[string]bool{"row": true, "rows": true, "rad": true, "rader": true, "records": true, "poster": true}

func isCount(s string) bool { return strings.Trim(s, "0123456789") == "" }

// isFootnote tells whether the row, were there nothing but such rows below it, is a remark below a table of so many columns: one cell
// in front, with a sentence behind a blank row, or with the words and signs of a report's end. What could be a row that lacks its other
// cells is one, and its check names it; so is a single word in brackets, unless a blank row sets such remarks apart.
func (r *Row) isFootnote(columns int, apart bool) bool {
	if columns < 3 || len(r.Cells) < 2 || r.Cells[0].Kind != Text || r.Cells[1].Kind != Empty && r.Cells[1].filled() {
		return false // the quick way out for all other rows
	}
	if n, first := countFilled(r.Cells); n != 1 || first != 0 {
		return false
	}
	text := strings.ToLower(strings.TrimSpace(r.Cells[0].Text))
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	switch {
	case len(words) == 0:
		return false
	case strings.HasPrefix(text, "©"), (len(words) > 1 || apart) && (strings.ContainsRune("(*[", rune(text[0])) || strings.HasPrefix(text, "--") || strings.HasPrefix(text, "==")):
		return true
	case len(words) > 1 && isCount(words[0]) && rowWords[words[1]]:
		return true // "2 rows in set (0.00 sec)"
	case totalWords[words[0]], footWords[words[0]]:
		// A person may be called so, but not with a figure or a colon.
		return len(words) > 2 || strings.ContainsAny(text, "0123456789:") || len(words) == 1 && words[0] != "page"
	}
	return r.behindBlank && len(words) > 2
}

// isRule tells whether the row is a line drawn between others: dashes and the like in each of its cells.
func isRule(cells []Cell) bool {
	drawn := 0
	for _, c := range cells {
		if c.Kind == Empty {
			continue
		}
		if c.Kind != Text || c.Text != "" && c.Text[0] >= '0' && c.Text[0] != '=' && c.Text[0] != '_' && c.Text[0] != '|' && c.Text[0] != ':' {
			return false // the quick way out for all other rows
		}
		if strings.Trim(c.Text, "-=_+*:| ") != "" {
			return false
		}
		n := strings.Count(c.Text, "-") + strings.Count(c.Text, "=") + strings.Count(c.Text, "_") + strings.Count(c.Text, "*")
		if n < 2 {
			return false
		}
		drawn += n
	}
	return drawn > 2
}

// isDashes tells whether a row that looks like a rule has the same two or three dashes in all its cells: between other rows they stand for
// values that are missing.
func isDashes(cells []Cell, columns int) bool {
	text := cells[0].Text
	return len(cells) == columns && (text == "--" || text == "---") && !slices.ContainsFunc(cells, func(c Cell) bool { return c.Text != text })
}

// totalWords begin a line of totals, in the languages of the exports that are read here.
var totalWords = map[string]bool{
	"summa": true, "summa totalt": true, "totalt": true, "total": true, "totals": true, "totalsumma": true, "sum": true, "grand total": true,
	"antal": true, "antal rader": true, "i alt": true, "sum totalt": true, "yhteensä": true, "summe": true, "gesamt": true, "gesamtsumme": true,
}

// isTotals tells whether the row, were it the last, is unmistakably one of totals: a word for it in front, numbers behind it,
// and most of the columns empty.
func isTotals(cells []Cell, columns int) bool {
	i := 0
	for i < len(cells) && !cells[i].filled() {
		i++
	}
	if i == len(cells) || cells[i].Kind != Text {
		return false
	}
	switch cells[i].Text[0] | 0x20 {
	case 's', 't', 'g', 'a', 'i', 'y', ' ':
	default:
		return false // the quick way out for all other rows
	}
	label := strings.ToLower(strings.TrimRight(strings.TrimSpace(cells[i].Text), ": "))
	if !totalWords[label] {
		return false
	}
	numbers := 0
	for _, c := range cells[i+1:] {
		switch c.shape() {
		case nothing:
		case number:
			numbers++
		default:
			return false
		}
	}
	return numbers > 0 && (numbers+1)*2 <= max(columns, 4)
}
