package mapping

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// datePart is a piece of a date format: a field of the date, or one character that must stand there.
type datePart struct {
	field   byte // 'd', 'm', 'y', or 0 for a literal
	width   int  // 1: one or two digits; else exactly so many
	literal rune
}

// dateFormat is a format as people write it in Excel: d/m/yyyy, dd.mm.yy, yyyymmdd.
type dateFormat []datePart

// parseDateFormat takes d or dd, m or mm, yy or yyyy, each once, and any other characters but letters between them.
func parseDateFormat(s string) (dateFormat, error) {
	var f dateFormat
	seen := map[byte]bool{}
	runes := []rune(strings.ToLower(s))
	for i := 0; i < len(runes); {
		r := runes[i]
		if r != 'd' && r != 'm' && r != 'y' {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return nil, fmt.Errorf("%q is no part of a date", string(r))
			}
			f = append(f, datePart{literal: r})
			i++
			continue
		}
		n := 1
		for i+n < len(runes) && runes[i+n] == r {
			n++
		}
		if (r == 'y' && n != 2 && n != 4) || (r != 'y' && n > 2) {
			return nil, fmt.Errorf("%q is no part of a date", string(runes[i:i+n]))
		}
		if seen[byte(r)] {
			return nil, fmt.Errorf("%q stands there twice", string(r))
		}
		seen[byte(r)] = true
		f = append(f, datePart{field: byte(r), width: n})
		i += n
	}
	if len(seen) != 3 {
		return nil, fmt.Errorf("a date needs d, m and y")
	}
	return f, nil
}

// read takes the whole of s as a date of this format; two digits of a year are of this century.
func (f dateFormat) read(s string) (time.Time, bool) {
	var day, month, year int
	for _, p := range f {
		if p.field == 0 {
			rest, ok := strings.CutPrefix(s, string(p.literal))
			if !ok {
				return time.Time{}, false
			}
			s = rest
			continue
		}
		most := p.width
		if most == 1 {
			most = 2
		}
		n := 0
		for n < most && n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		if n < p.width {
			return time.Time{}, false
		}
		number, _ := strconv.Atoi(s[:n])
		s = s[n:]
		switch p.field {
		case 'd':
			day = number
		case 'm':
			month = number
		default:
			year = number
			if p.width == 2 {
				year += 2000
			}
		}
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if s != "" || t.Day() != day || int(t.Month()) != month || t.Year() != year {
		return time.Time{}, false // 30 February would roll over into March
	}
	return t, true
}

// readDate tries all formats. other is not "" where a later format reads another day: then nobody knows which is meant.
func readDate(s string, formats []dateFormat) (date, other string) {
	for _, f := range formats {
		t, ok := f.read(s)
		if !ok {
			continue
		}
		switch d := t.Format(time.DateOnly); {
		case date == "":
			date = d
		case d != date:
			return date, d
		}
	}
	return date, ""
}

// relativeDays reads a default that counts from today: "+14d", "+2w". ok is false for every other text, which is a constant.
func relativeDays(s string) (days int, ok bool) {
	if len(s) < 3 || s[0] != '+' {
		return 0, false
	}
	unit := s[len(s)-1]
	n, err := strconv.ParseUint(s[1:len(s)-1], 10, 12)
	if err != nil || (unit != 'd' && unit != 'w') {
		return 0, false
	}
	if unit == 'w' {
		return int(n) * 7, true
	}
	return int(n), true
}
