// Package damage finds what a spreadsheet program did to the data before it came here: zeros and plus signs that it ate, long
// numbers that it rounded or wrote as 1,23E+11, codes that it took for dates, days and months that changed places, text that
// was read in the wrong encoding.
//
// No schema shows such damage, since what is left looks like a value. What shows it is the rest of the column: a [Profile]
// counts the shapes in each, in one pass and in memory that does not grow with the file, and a [Column] then looks at one cell
// beside it. A cell is mended only where that leaves one reading; all else is told, with the evidence and the likely mend.
package damage

import (
	"strconv"
	"strings"

	"orderimport/importer/sheet"
)

// Use is what the field that the cell feeds can hold.
type Use uint8

// The uses. What can be damage depends on them: a date is none among dates.
const (
	Text    Use = iota // names, codes, IDs
	Listed             // one of the words of a list
	Phone              //
	Whole              // a number without decimals
	Decimal            //
	Date               // with or without a time
	Other              // what has a spelling of its own: yes and no, e-mail
)

// Verdict says what the damage means for the order.
type Verdict uint8

// The verdicts.
const (
	None       Verdict = iota
	Mended             // there is one reading
	Suspicious         // the value may well be right
	Wrong              // the value cannot be right, or is more likely wrong than right
)

// Damage is what was found in one cell; the zero value is none.
type Damage struct {
	Code     string // of the finding, kebab-case
	Verdict  Verdict
	Text     string   // Mended: the reading; else the likely right text, "" for none
	Evidence []string // what the column shows: a word, and the figures that its sentence needs; nil for none
}

// The words of evidence, with what stands behind each.
const (
	Starts     = "starts"      // digits of the value; percent of the column; what those start with
	Widths     = "widths"      // digits of the value; percent of the column; the digits of those
	NoDates    = "no-dates"    // percent of the column that are no dates
	DayFirst   = "day-first"   // how many dates of the column can only be day, month, year
	MonthFirst = "month-first" // … month, day, year
	OneOrder   = "one-order"   // text dates; real dates
	Rounded    = "rounded"     // rounded ones; of how many long numbers
	Tails      = "tails"       // percent of the column that end in .0
)

// Look examines a cell whose text is clean: without blanks at its ends, invisible characters and line breaks. The column may be
// nil: then there is no evidence, and only what needs none is found. What is mended is to be looked at again.
func (c *Column) Look(text string, kind sheet.Kind, use Use) Damage {
	if use == Other {
		return Damage{}
	}
	if len(text) >= longest || !hasDigit(text) {
		if use == Text && lostLetters(text) {
			return Damage{Code: LostLetters, Verdict: Suspicious}
		}
		return Damage{}
	}
	s := shapeOf(text)
	if inner, ok := unmark(text, s); ok && use != Phone {
		return Damage{Code: TextMark, Verdict: Mended, Text: inner}
	}
	var d Damage
	switch {
	case kind == sheet.Date || kind == sheet.Time || s.dateLike():
		d = c.lookAtDate(text, kind, use)
	case s.letters == 1 && use != Listed:
		d = lookAtScientific(text)
	case s.letters == 0 && use != Date && use != Listed:
		d = c.lookAtNumber(text, kind, use, s)
	case use == Text && s.questions > 0 && lostLetters(text):
		d = Damage{Code: LostLetters, Verdict: Suspicious}
	}
	return d
}

func (c *Column) lookAtNumber(text string, kind sheet.Kind, use Use, s shape) Damage {
	if s.solid() {
		if d := c.lookAtLong(text, kind, use); d.Verdict != None {
			return d
		}
		if use == Text {
			return c.lookAtShort(text, kind)
		}
		return Damage{}
	}
	if s.tail && (use == Text || use == Phone) {
		return c.lookAtTail(text, use)
	}
	return Damage{}
}

// unmark takes off what tells Excel that a value is text, and what some exports write out: '00123 and ="00123".
func unmark(text string, s shape) (string, bool) {
	switch {
	case text[0] == '\'' && s.digits > 2 && s.letters == 0 && (text[1] == '+' || isDigit(text[1])):
		return text[1:], true
	case strings.HasPrefix(text, `="`) && strings.HasSuffix(text, `"`) && len(text) > 3:
		inner := text[2 : len(text)-1]
		return inner, !strings.Contains(inner, `"`) && strings.TrimSpace(inner) == inner
	}
	return "", false
}

// lookAtScientific reads a number as Excel writes it in a column that is too narrow, and in CSV always: 4,67012E+10. Its sign and
// two digits behind the E tell it from a code like 3E8.
func lookAtScientific(text string) Damage {
	e := strings.IndexAny(text, "eE")
	if e < 1 || len(text)-e < 4 || len(text)-e > 5 || text[e+1] != '+' && text[e+1] != '-' {
		return Damage{}
	}
	exponent, err := strconv.Atoi(text[e+2:])
	if err != nil || !isDigit(text[0]) || text[e+2] < '0' {
		return Damage{}
	}
	fraction := ""
	if e > 1 {
		if text[1] != '.' && text[1] != ',' || !allDigits(text[2:e]) {
			return Damage{}
		}
		fraction = text[2:e]
	}
	if text[e+1] == '+' && len(fraction) == exponent && exponent > 0 && text[0] != '0' {
		return Damage{Code: NumberExpanded, Verdict: Mended, Text: text[:1] + fraction}
	}
	if text[e+1] == '-' && fraction == "" {
		return Damage{Code: ScientificForm, Verdict: Suspicious} // a room may be called 3E-12
	}
	return Damage{Code: ScientificForm, Verdict: Wrong}
}

const (
	kept      = 15               // digits that Excel keeps of a number
	exactly   = 9007199254740992 // up to here a floating point number holds each whole number
	maxDigits = 20               // beyond are only counted as so many
)

// lookAtLong looks for a number that Excel cut to 15 digits and filled up with zeros.
func (c *Column) lookAtLong(text string, kind sheet.Kind, use Use) Damage {
	if len(text) <= kept || use == Decimal {
		return Damage{}
	}
	zeros := rounded(text)
	if kind == sheet.Number {
		if n, err := strconv.ParseUint(text, 10, 64); zeros || err != nil || n > exactly {
			return Damage{Code: RoundedNumber, Verdict: Wrong}
		}
		return Damage{}
	}
	if !zeros || c == nil {
		return Damage{}
	}
	// By chance one of ten numbers ends in a zero: where there is more behind it than that, it takes several of them.
	chance := 1.0
	for range len(text) - kept {
		chance /= 10
	}
	d := Damage{Code: RoundedNumber, Evidence: []string{Rounded, strconv.Itoa(c.rounded), strconv.Itoa(c.long)}}
	switch expected := chance * float64(c.long); {
	case 2*c.rounded >= c.long && (c.rounded >= 3 || chance < 0.001):
		d.Verdict = Wrong
	case expected < 0.1:
		d.Verdict = Suspicious
	default:
		return Damage{}
	}
	return d
}

// rounded tells whether the digits are zeros from the 16th on.
func rounded(digits string) bool {
	return len(digits) > kept && strings.Trim(digits[kept:], "0") == ""
}

// lookAtTail looks at a number with .0 behind it, as programs write whole numbers that they keep as floating point.
func (c *Column) lookAtTail(text string, use Use) Damage {
	whole := text[:len(text)-2]
	if c != nil && mostly(c.tails, c.filled) && len(whole) >= 4 {
		return Damage{Code: TailRemoved, Verdict: Mended, Text: whole, Evidence: []string{Tails, percent(c.tails, c.filled)}}
	}
	if use == Phone {
		return Damage{Code: FloatTail, Verdict: Wrong, Text: whole}
	}
	return Damage{}
}

// lookAtShort looks for digits that stood before the others: zeros, or a plus sign.
func (c *Column) lookAtShort(text string, kind sheet.Kind) Damage {
	if c == nil || text[0] == '0' {
		return Damage{}
	}
	digits := strconv.Itoa(len(text))
	if c.filled >= manyCells && mostly(c.plus, c.filled) && len(text) >= 8 {
		d := Damage{Code: MissingPlus, Verdict: Suspicious, Text: "+" + text, Evidence: []string{Starts, digits, percent(c.plus, c.filled), "+"}}
		if kind == sheet.Number { // a cell that is text keeps its plus
			d.Code, d.Verdict = PlusRestored, Mended
		}
		return d
	}
	width := c.width()
	if len(text) >= width || c.zeroWidths[width] < 2 {
		return Damage{}
	}
	d := Damage{Code: ShortNumber, Verdict: Suspicious, Text: strings.Repeat("0", width-len(text)) + text,
		Evidence: []string{Widths, digits, percent(c.widths[width], c.filled), strconv.Itoa(width)}}
	if kind == sheet.Number && 2*len(text) >= width {
		d.Code, d.Verdict = ZerosRestored, Mended
	}
	return d
}

// LostZero weighs what the column says of a bare number of so many digits that looks like a Swedish one without its first zero.
// sure says that a mobile number among them has that one reading: the column holds Swedish mobile numbers, and nearly nothing else.
func (c *Column) LostZero(digits int) (evidence []string, sure bool) {
	if c == nil || c.filled < fewCells {
		return nil, false
	}
	all, most := 0, withZero
	for i, n := range c.mobiles {
		all += n
		if i != bare && n > c.mobiles[most] {
			most = i
		}
	}
	if mostly(all, c.filled) {
		if c.mobiles[most] == 0 {
			most = bare
		}
		return []string{Starts, strconv.Itoa(digits), percent(c.mobiles[most], c.filled), mobileStarts[most]}, true
	}
	if mostly(c.zeros, c.filled) {
		return []string{Starts, strconv.Itoa(digits), percent(c.zeros, c.filled), "0"}, false
	}
	return nil, false
}

// Prefix tells whether nearly all of the column's numbers stand with a plus sign, "+", or with a zero, "0", before them; "" for
// neither. It is a hint for a number of so many digits that has none.
func (c *Column) Prefix(digits int) (prefix string, evidence []string) {
	switch {
	case c == nil:
		return "", nil
	case mostly(c.plus, c.filled):
		return "+", []string{Starts, strconv.Itoa(digits), percent(c.plus, c.filled), "+"}
	case mostly(c.zeros, c.filled):
		return "0", []string{Starts, strconv.Itoa(digits), percent(c.zeros, c.filled), "0"}
	}
	return "", nil
}

// lostLetters finds a question mark between letters, as programs write it for a letter that an encoding does not have. Addresses
// of the web have such too.
func lostLetters(text string) bool {
	if strings.IndexByte(text, '?') < 0 || strings.ContainsAny(text, "=&/") {
		return false
	}
	for i := 1; i+1 < len(text); i++ {
		if text[i] == '?' && isLetter(text[i-1]) && isLetter(text[i+1]) {
			return true
		}
	}
	return false
}

// isLetter holds for all bytes of letters beyond ASCII too.
func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= 0x80 }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func hasDigit(s string) bool {
	for i := 0; i < len(s); i++ {
		if isDigit(s[i]) {
			return true
		}
	}
	return false
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

var errorWords = map[string]bool{}

func init() {
	for _, words := range []string{
		"#N/A #NAME? #NULL! #NUM! #REF! #VALUE! #DIV/0! #SPILL! #CALC! #GETTING_DATA #FIELD! #BLOCKED! #CONNECT! #BUSY! #UNKNOWN!", // English
		"#SAKNAS! #NAMN? #SKÄRNING! #OGILTIGT! #REFERENS! #VÄRDEFEL! #DIVISION/0!",                                                 // Swedish
		"#I/T #NAVN? #TOM! #TALL! #VERDI! #NUL! #REFERENCE! #VÆRDI!",                                                               // Norwegian, Danish
		"#PUUTTUU! #NIMI? #TYHJÄ! #LUKU! #VIITTAUS! #ARVO! #JAKO/0!",                                                               // Finnish
		"#NV #ZAHL! #BEZUG! #WERT!", // German
	} {
		for word := range strings.FieldsSeq(words) {
			errorWords[word] = true
		}
	}
}

// IsError tells whether the text is an error of Excel, which is text once the sheet has been saved as CSV, or the ##### of a column
// too narrow for its number.
func IsError(text string) bool {
	return text != "" && text[0] == '#' && (errorWords[text] || len(text) >= 3 && strings.Trim(text, "#") == "")
}
