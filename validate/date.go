package validate

import (
	"strconv"
	"strings"
	"time"

	"orderimport/validate/sweden"
)

// day is a date that may not exist.
type day struct{ year, month, date int }

// in reports whether the day is in the calendar. Years that are not 1900 to 2199 are taken for slips of the pen.
func (d day) in() bool {
	if d.year < 1900 || d.year > 2199 || d.month < 1 || d.month > 12 || d.date < 1 {
		return false
	}
	last := 31
	switch d.month {
	case 4, 6, 9, 11:
		last = 30
	case 2:
		last = 28
		if d.year%4 == 0 && (d.year%100 != 0 || d.year%400 == 0) {
			last = 29
		}
	}
	return d.date <= last
}

// number orders days: 20261201.
func (d day) number() int { return d.year*10000 + d.month*100 + d.date }

func (d day) append(dst []byte) []byte {
	dst = strconv.AppendInt(dst, int64(d.year), 10)
	for _, n := range [2]int{d.month, d.date} {
		dst = append(dst, '-', byte('0'+n/10), byte('0'+n%10))
	}
	return dst
}

func (d day) String() string { return string(d.append(nil)) }

type calendar uint8

const (
	notDay calendar = iota
	oneDay
	twoDays
	noSuchDay
)

// readDay takes yyyy-mm-dd, yyyymmdd, the same with other separators, d/m/yyyy and m/d/yyyy where just one of them is in the
// calendar, and "2 mars 2026". The second day is the other reading of twoDays.
func readDay(s string) (day, day, calendar) {
	if len(s) == 8 && digits(s) {
		return oneReading(day{atoi(s[:4]), atoi(s[4:6]), atoi(s[6:])})
	}
	first, rest, ok := cutPart(s)
	if !ok || first == "" {
		return day{}, day{}, notDay
	}
	second, third, ok := cutPart(rest)
	if !ok || !digits(first) || !digits(third) {
		return day{}, day{}, notDay
	}
	if !digits(second) {
		if m := sweden.Month(second); m > 0 && len(first) <= 2 && len(third) == 4 {
			return oneReading(day{atoi(third), m, atoi(first)})
		}
		return day{}, day{}, notDay
	}
	switch {
	case len(second) > 2:
	case len(first) == 4 && len(third) <= 2:
		return oneReading(day{atoi(first), atoi(second), atoi(third)})
	case len(third) == 4 && len(first) <= 2:
		dm, md := day{atoi(third), atoi(second), atoi(first)}, day{atoi(third), atoi(first), atoi(second)}
		if dm.in() && md.in() && dm != md {
			return dm, md, twoDays
		}
		if md.in() {
			return md, day{}, oneDay
		}
		return oneReading(dm)
	}
	return day{}, day{}, notDay
}

func oneReading(d day) (day, day, calendar) {
	switch {
	case d.in():
		return d, day{}, oneDay
	case d.year < 1900 || d.year > 2199:
		return day{}, day{}, notDay
	}
	return day{}, day{}, noSuchDay
}

// cutPart cuts s at the first separator of a date. A blank may follow another separator: "2. mars 2026".
func cutPart(s string) (part, rest string, ok bool) {
	i := strings.IndexAny(s, "-/. ")
	if i < 0 {
		return s, "", false
	}
	part, rest = s[:i], s[i+1:]
	if rest != "" && s[i] != ' ' && rest[0] == ' ' {
		rest = rest[1:]
	}
	return part, rest, true
}

// clock is the time of day behind a date.
type clock struct {
	text string // "08:00:00"; "" for none and for midnight
	zone bool   // with Z or an offset: the day may be another one where the reader is
}

// cutClock parts a date and a time. ok is false where what follows the date is no time.
func cutClock(s string) (date string, at clock, ok bool) {
	colon := strings.IndexByte(s, ':')
	if colon < 0 {
		return s, clock{}, true
	}
	i := strings.LastIndexAny(s[:colon], " Tt")
	if i < 0 {
		return s, clock{}, false
	}
	date, t := s[:i], s[i+1:]
	if j := strings.IndexAny(t, "Zz+-"); j >= 0 {
		at.zone, t = true, t[:j]
	}
	t, fraction, dotted := strings.Cut(t, ".")
	if dotted && !digits(fraction) {
		return s, clock{}, false
	}
	var limits = [3]int{23, 59, 59}
	hms, midnight := [3]int{}, strings.Trim(fraction, "0") == ""
	n := 0
	for part := range strings.SplitSeq(t, ":") {
		if n == 3 || len(part) > 2 || !digits(part) || atoi(part) > limits[n] {
			return s, clock{}, false
		}
		hms[n] = atoi(part)
		midnight = midnight && hms[n] == 0
		n++
	}
	if n < 2 {
		return s, clock{}, false
	}
	if !midnight {
		var b []byte
		for i, v := range hms {
			if i > 0 {
				b = append(b, ':')
			}
			b = append(b, byte('0'+v/10), byte('0'+v%10))
		}
		at.text = string(b)
	}
	return date, at, true
}

// readDate reads a date; with times, a time of day may follow, and is sent as yyyy-mm-ddThh:mm:ss.
func (c *Checker) readDate(s string, times, activation bool) reading {
	date, at, ok := cutClock(s)
	if !ok {
		return reading{code: NotDate, severity: Error}
	}
	d, other, what := readDay(date)
	switch {
	case what == notDay:
		return reading{code: NotDate, severity: Error, suggestion: fromSerial(s)}
	case what == noSuchDay:
		return reading{code: ImpossibleDate, severity: Error}
	case what == twoDays:
		return reading{code: AmbiguousDate, severity: Error, args: []string{d.String(), other.String()}}
	case at.text != "" && !times:
		r := reading{code: TimeOfDay, severity: Error}
		if !at.zone {
			r.suggestion = d.String()
		}
		return r
	}
	c.scratch = d.append(c.scratch[:0])
	if at.text != "" {
		if at.zone { // it would have to be moved to a zone that nobody named
			return reading{code: TimeOfDay, severity: Error}
		}
		c.scratch = append(append(c.scratch, 'T'), at.text...)
	}
	r := reading{text: c.keep(s, c.scratch)}
	const years = 2 * 10000
	if n := d.number(); activation && (n < c.today-years || n > c.today+years) {
		r.code, r.severity = FarDate, Warning
	}
	return r
}

// fromSerial is the day that a spreadsheet would show for the number in s: days since 1899-12-30. "" where it would be out of the way.
func fromSerial(s string) string {
	if len(s) != 5 || !digits(s) || s < "20000" {
		return ""
	}
	return time.Date(1899, 12, 30+atoi(s), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// atoi is for a few digits.
func atoi(s string) (n int) {
	for i := 0; i < len(s); i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
