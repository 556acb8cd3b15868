package damage

import (
	"strconv"
	"strings"

	"orderimport/importer/sheet"
	"orderimport/validate/sweden"
)

// form is how a date is written in text.
type form uint8

const (
	noDate     form = iota
	isoDate         // 2026-12-03
	dayFirst        // 13/2/2026
	monthFirst      // 2/13/2026
	eitherWay       // 3/2/2026
	shortDate       // 03-dec, dec-26, 3 Dec
)

// numbers are the first two of a date written with its year last, in their order.
type numbers struct{ first, second, year int }

// readDate tells how a date is written. It is a measure for the column, not a check of the value.
func readDate(text string) (n numbers, f form) {
	var parts [3]string
	count, from := 0, 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && text[i] != '-' && text[i] != '/' && text[i] != '.' && text[i] != ' ' {
			continue
		}
		if count == len(parts) {
			return n, noDate
		}
		parts[count] = text[from:i]
		count, from = count+1, i+1
	}
	a, b := parts[0], parts[1]
	switch {
	case count == 2:
		if len(a) <= 2 && allDigits(a) && isMonth(b) || isMonth(a) && len(b) <= 4 && allDigits(b) {
			return n, shortDate
		}
		return n, noDate
	case count != 3 || !allDigits(a) || !allDigits(b) || !allDigits(parts[2]) || len(b) > 2:
		return n, noDate
	case len(a) == 4 && len(parts[2]) <= 2:
		if a >= "1899" && a < "2200" && twoDigits(b) <= 12 && twoDigits(parts[2]) <= 31 {
			return n, isoDate
		}
	case len(a) <= 2 && len(parts[2]) == 4:
		n.first, n.second = twoDigits(a), twoDigits(b)
		n.year, _ = strconv.Atoi(parts[2])
		switch {
		case n.year < 1899 || n.year >= 2200 || n.first < 1 || n.second < 1 || n.first > 31 || n.second > 31:
		case n.first > 12 && n.second > 12:
		case n.first > 12:
			return n, dayFirst
		case n.second > 12:
			return n, monthFirst
		default:
			return n, eitherWay
		}
	}
	return n, noDate
}

func isMonth(s string) bool { return len(s) >= 3 && isLetter(s[0]) && sweden.Month(s) > 0 }

// twoDigits is the number that one or two digits at the start of s make, at most 31.
func twoDigits(s string) int {
	n := 0
	for i := 0; i < len(s) && i < 2 && isDigit(s[i]); i++ {
		n = n*10 + int(s[i]-'0')
	}
	return min(n, 31)
}

// lookAtDate examines a cell that is a date or may be one.
func (c *Column) lookAtDate(text string, kind sheet.Kind, use Use) Damage {
	n, form := readDate(text)
	real := kind == sheet.Date || kind == sheet.Time
	if !real && form == noDate {
		return Damage{}
	}
	if use == Date {
		return c.lookAtDay(text, kind, n, form)
	}
	if kind == sheet.Date && ofYearZero(text) {
		return Damage{Code: ZeroDate, Verdict: Wrong}
	}
	d := Damage{Code: CodeAsDate}
	switch {
	case use != Text && (real || form == shortDate || form == isoDate):
		d.Verdict = Wrong // never a number, nor a word of a list
	case use != Text || c == nil:
	case real:
		if dates := c.realDates + c.textDates; mostly(c.filled-dates, c.filled-1) {
			d.Verdict, d.Evidence = Wrong, []string{NoDates, percent(c.filled-dates, c.filled)}
		}
	default:
		others := c.filled - c.realDates - c.textDates
		enough := 2*others > c.filled
		if form != shortDate {
			enough = mostly(others, c.filled-1)
		}
		if enough {
			d.Verdict, d.Evidence = Suspicious, []string{NoDates, percent(others, c.filled)}
			if mostly(c.codes, c.filled-1) {
				d.Verdict = Wrong
			}
		}
	}
	if d.Verdict == None {
		return Damage{}
	}
	return d
}

// lookAtDay examines what feeds a date.
func (c *Column) lookAtDay(text string, kind sheet.Kind, n numbers, form form) Damage {
	if ofYearZero(text) || form != isoDate && (n.year == 1900 || n.year == 1899) {
		return Damage{Code: ZeroDate, Verdict: Wrong}
	}
	if c == nil {
		return Damage{}
	}
	switch {
	case form == eitherWay && n.first != n.second && kind != sheet.Date:
		// The reading that all clear dates of the column share. Where real dates stand among them it is not sure: a program that
		// takes 3/2/2026 for a date by one order, and 13/2/2026 for text, has left the text in the other.
		d := Damage{Code: DateOrder, Verdict: Mended}
		switch {
		case c.monthFirst == 0 && c.dayFirst >= 3 && c.realDates == 0:
			d.Text, d.Evidence = isoText(n.year, n.second, n.first), []string{DayFirst, strconv.Itoa(c.dayFirst)}
		case c.dayFirst == 0 && c.monthFirst >= 3 && c.realDates == 0:
			d.Text, d.Evidence = isoText(n.year, n.first, n.second), []string{MonthFirst, strconv.Itoa(c.monthFirst)}
		default:
			return Damage{}
		}
		return d
	case (kind == sheet.Date || form == isoDate) && len(text) >= 10:
		return c.lookAtUsual(text)
	}
	return Damage{}
}

// lookAtUsual asks whether a real date, or the yyyy-mm-dd that it is in CSV, has day and month in each other's place. A program that
// reads 13/2/2026 month first cannot make a date of it and leaves it text, but makes the second of March of 3/2/2026: what is left
// is a column whose text dates all have days above 12, and whose real dates have none.
func (c *Column) lookAtUsual(text string) Damage {
	const to12 = 1<<13 - 1
	months, proofs, usual := c.dayMonths, c.dayFirst, c.realDates+c.isoDates
	if proofs == 0 {
		months, proofs = c.monthDays, c.monthFirst
	}
	if c.dayFirst > 0 && c.monthFirst > 0 || c.eitherWay > 0 || proofs < 3 || usual < 3 || c.days&^to12 != 0 {
		return Damage{}
	}
	month, day := text[5:7], text[8:10]
	if month == day || c.months&^months == 0 {
		return Damage{} // as they stand, they lie in the months of the others
	}
	d := Damage{Code: SwappedDate, Verdict: Suspicious, Text: text[:5] + day + "-" + month, Evidence: []string{OneOrder, strconv.Itoa(proofs), strconv.Itoa(usual)}}
	if c.days&^months == 0 {
		d.Verdict = Wrong // and swapped they would
	}
	return d
}

// ofYearZero tells whether the date is one that Excel shows for an empty cell, a zero or a small number: counting starts in 1900,
// in some workbooks in 1904, and in LibreOffice at the end of 1899.
func ofYearZero(text string) bool {
	return strings.HasPrefix(text, "1900-") || strings.HasPrefix(text, "1899-") || strings.HasPrefix(text, "1904-01-01")
}

func isoText(year, month, day int) string {
	b := strconv.AppendInt(nil, int64(year), 10)
	for _, n := range [2]int{month, day} {
		b = append(b, '-', byte('0'+n/10), byte('0'+n%10))
	}
	return string(b)
}
