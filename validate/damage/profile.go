package damage

import (
	"strconv"

	"orderimport/importer/sheet"
	"orderimport/validate/sweden"
)

// Profile is what the columns of a file hold, counted. Its size does not depend on the number of rows. One goroutine fills it.
type Profile struct{ columns []*Column }

// NewProfile is for the columns of these 0-based numbers; the others are nobody's concern.
func NewProfile(columns []int) *Profile {
	p := &Profile{}
	for _, i := range columns {
		for len(p.columns) <= i {
			p.columns = append(p.columns, nil)
		}
		p.columns[i] = &Column{}
	}
	return p
}

// Add counts the cells of one row.
func (p *Profile) Add(cells []sheet.Cell) {
	for i, c := range p.columns[:min(len(p.columns), len(cells))] {
		if c != nil {
			c.add(cells[i].Text, cells[i].Kind)
		}
	}
}

// Column gives the profile of the 0-based column, nil for one that was not asked for. All methods of Column take nil.
func (p *Profile) Column(i int) *Column {
	if p == nil || i < 0 || i >= len(p.columns) {
		return nil
	}
	return p.columns[i]
}

// Column counts the shapes of one column's cells.
type Column struct {
	filled int
	codes  int // digits alone or among letters and hyphens, no date

	// Digits, with at most a plus before them and separators between.
	plus       int
	zeros      int                    // 0 first
	mobiles    [len(mobileStarts)]int // Swedish mobile numbers, by their start
	widths     [maxDigits + 1]int     // without a plus, by number of digits
	zeroWidths [maxDigits + 1]int     // of them with 0 first
	long       int                    // more digits than Excel keeps
	rounded    int                    // of them with zeros for the rest
	tails      int                    // .0 behind

	realDates  int
	textDates  int // of every form
	isoDates   int
	days       uint32 // of the month, of real and ISO dates, as bits
	months     uint32
	dayFirst   int // can only be day, month, year
	monthFirst int // can only be month, day, year
	eitherWay  int
	dayMonths  uint32 // the months of dayFirst
	monthDays  uint32 // the months of monthFirst
	shortDates int    // a day and a month, or a month and a year: 03-dec
}

// What a Swedish mobile number starts with, as it may be written.
const (
	withZero = iota
	withPlus
	withCountry
	bare
)

var mobileStarts = [...]string{withZero: "07", withPlus: "+467", withCountry: "467", bare: "7"}

// How many cells it takes to speak of a column, and to mend one that is text by them.
const (
	fewCells  = 5
	manyCells = 10
)

// mostly is the share from which on the rest looks damaged.
func mostly(n, of int) bool { return of >= fewCells && n*10 >= of*9 }

// percent is rounded down: 100 means all.
func percent(n, of int) string { return strconv.Itoa(n * 100 / max(of, 1)) }

// width is the number of digits that nearly all of the column's values have, 0 for none.
func (c *Column) width() int {
	for w, n := range c.widths {
		if n > 0 && c.filled >= manyCells && mostly(n, c.filled) && w < maxDigits {
			return w
		}
	}
	return 0
}

func (c *Column) add(text string, kind sheet.Kind) {
	switch kind {
	case sheet.Empty, sheet.Error, sheet.NoResult:
		return
	case sheet.Date:
		c.filled++
		c.realDates++
		c.addDay(text)
		return
	case sheet.Time:
		c.filled++
		c.realDates++
		return
	}
	if len(text) >= longest {
		c.filled++
		return
	}
	s := shapeOf(text)
	if s.length == 0 {
		return
	}
	c.filled++
	if s.digits == 0 {
		return
	}
	if s.dateLike() && c.addDate(text) {
		return
	}
	if s.letters > 0 || s.others > 0 {
		if s.length <= 20 && s.blanks == 0 {
			c.codes++
		}
		return
	}
	c.addNumber(s)
}

// addDate counts a text that is a date, and gives false for one that is none.
func (c *Column) addDate(text string) bool {
	d, form := readDate(text)
	switch form {
	case noDate:
		return false
	case isoDate:
		c.isoDates++
		c.addDay(text)
	case shortDate:
		c.shortDates++
	case dayFirst:
		c.dayFirst++
		c.dayMonths |= 1 << d.second
	case monthFirst:
		c.monthFirst++
		c.monthDays |= 1 << d.first
	case eitherWay:
		c.eitherWay++
	}
	c.textDates++
	return true
}

// addDay takes the day and the month of yyyy-mm-dd.
func (c *Column) addDay(text string) {
	if len(text) >= 10 {
		c.months |= 1 << twoDigits(text[5:])
		c.days |= 1 << twoDigits(text[8:])
	}
}

// addNumber counts digits with separators.
func (c *Column) addNumber(s shape) {
	if s.tail {
		c.tails++
	}
	c.codes++
	start := string(s.start[:min(int(s.digits), len(s.start))])
	switch {
	case s.plus:
		c.plus++
		if s.digits == 11 && start[:3] == "467" {
			c.mobiles[withPlus]++
		}
		return
	case start[0] == '0':
		c.zeros++
		if s.digits == 10 && start[1] == '7' {
			c.mobiles[withZero]++
		}
	case s.digits == 11 && start[:3] == "467":
		c.mobiles[withCountry]++
	case s.digits == 9 && sweden.IsMobile(start):
		c.mobiles[bare]++
	}
	w := min(int(s.digits), maxDigits)
	c.widths[w]++
	if start[0] == '0' {
		c.zeroWidths[w]++
	}
	if s.solid() && s.digits > kept {
		c.long++
		if s.zeros >= s.digits-kept {
			c.rounded++
		}
	}
}

// longest is the length from which on a text is no number, code or date.
const longest = 64

// shape is what a text of less than longest bytes is made of.
type shape struct {
	length    uint8 // without blanks at its ends
	digits    uint8
	zeros     uint8 // at the end
	letters   uint8
	blanks    uint8
	hyphens   uint8
	points    uint8 // and commas
	slashes   uint8
	questions uint8
	others    uint8 // and question marks
	plus      bool  // before all digits
	tail      bool  // .0 or ,0 behind digits, and no other separator
	start     [12]byte
}

// solid tells whether there is nothing but digits.
func (s *shape) solid() bool { return s.digits == s.length }

// dateLike rules out most of what is no date.
func (s *shape) dateLike() bool {
	return s.digits <= 8 && s.digits > 0 && s.length <= 12 && s.others == 0 && !s.plus &&
		(s.hyphens+s.points+s.slashes+s.blanks == 2 && s.letters == 0 || s.letters >= 3 && s.digits <= 4)
}

// shapeOf looks at each byte once. No-break spaces count as blanks, other bytes beyond ASCII as letters.
func shapeOf(text string) (s shape) {
	for text != "" && text[0] == ' ' {
		text = text[1:]
	}
	for text != "" && text[len(text)-1] == ' ' {
		text = text[:len(text)-1]
	}
	s.length = uint8(len(text))
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case isDigit(b):
			if int(s.digits) < len(s.start) {
				s.start[s.digits] = b
			}
			s.digits++
			if s.zeros++; b != '0' {
				s.zeros = 0
			}
		case b == ' ':
			s.blanks++
		case b == '-':
			s.hyphens++
		case b == '.' || b == ',':
			s.points++
		case b == '/':
			s.slashes++
		case b == '(' || b == ')': // of a phone number
		case b == '?':
			s.questions++
			s.others++
		case b == '+':
			if i == 0 {
				s.plus = true
			} else {
				s.others++
			}
		case b == 0xC2 && i+1 < len(text) && text[i+1] == 0xA0:
			s.blanks++
			i++
		case isLetter(b):
			s.letters++
		default:
			s.others++
		}
	}
	if n := len(text); s.points == 1 && int(s.digits) == n-1 && n > 2 && text[n-1] == '0' && !isDigit(text[n-2]) {
		s.tail = true
	}
	return s
}
