package sheet

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// numberFormat is what a cell's style makes of a number, as far as it matters for reading it.
type numberFormat struct {
	code string // "" for General
	kind formatKind
	mask string // masked: '0' for a digit, all else for itself

	only condition     // what a number has to be for this section of the code to hold
	next *numberFormat // of the next section, where it does not
}

// condition is what stands in a format code as [<=9999999].
type condition struct {
	comparison string // "" holds for all numbers
	limit      float64
}

// parseCondition reads what stands in brackets; ok is false for all that is no condition, such as a colour.
func parseCondition(inside string) (condition, bool) {
	for _, comparison := range []string{"<=", ">=", "<>", "<", ">", "="} {
		if rest, ok := strings.CutPrefix(inside, comparison); ok {
			limit, err := strconv.ParseFloat(rest, 64)
			return condition{comparison, limit}, err == nil
		}
	}
	return condition{}, false
}

func (c condition) holds(v float64) bool {
	switch c.comparison {
	case "<=":
		return v <= c.limit
	case ">=":
		return v >= c.limit
	case "<>":
		return v != c.limit
	case "<":
		return v < c.limit
	case ">":
		return v > c.limit
	case "=":
		return v == c.limit
	}
	return true
}

type formatKind uint8

const (
	general formatKind = iota
	dates              // a date, or a date with a time
	times              // a time of day
	elapsed            // hours, minutes or seconds beyond a day
	masked             // digits with zeros in front
)

// builtInCodes are Excel's own formats by their number (ECMA-376 part 1, 18.8.30). What depends on the user's country stands as
// in the United States; 27-36 and 50-58 are dates and times of the East Asian versions.
var builtInCodes = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: `"$"#,##0_);("$"#,##0)`, 6: `"$"#,##0_);[Red]("$"#,##0)`, 7: `"$"#,##0.00_);("$"#,##0.00)`,
	8: `"$"#,##0.00_);[Red]("$"#,##0.00)`, 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
	14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "m/d/yy h:mm",
	27: "yyyy/m/d", 28: "yyyy/m/d", 29: "yyyy/m/d", 30: "m/d/yy", 31: "yyyy/m/d", 32: "h:mm", 33: "h:mm:ss", 34: "h:mm", 35: "h:mm:ss", 36: "yyyy/m/d",
	37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)",
	41: `_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)`, 42: `_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)`,
	43: `_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)`, 44: `_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)`,
	45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0", 48: "##0.0E+0", 49: "@",
	50: "yyyy/m/d", 51: "m/d", 52: "yyyy/m", 53: "m/d", 54: "m/d", 55: "yyyy/m", 56: "m/d", 57: "yyyy/m/d", 58: "m/d",
}

// parseFormat reads a format code. Of its sections the first counts, and where that has a condition, those behind it as well.
func parseFormat(code string) numberFormat {
	switch strings.ToLower(code) {
	case "general", "standard": // some programs write it in their own language
		return numberFormat{}
	}
	f := parseSection(code, 4)
	f.code = code
	return f
}

// parseSection reads a section of a format code, and up to left in all.
func parseSection(code string, left int) numberFormat {
	var f numberFormat
	var mask strings.Builder
	var hours, days, months, zeros, others int
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';':
			if f.only.comparison != "" && left > 1 {
				next := parseSection(code[i+1:], left-1)
				f.next = &next
			}
			i = len(code)
		case '"':
			literal, _, _ := strings.Cut(code[i+1:], `"`)
			if strings.Contains(literal, "0") {
				others++ // could not be told from a digit's place
			}
			mask.WriteString(literal)
			i += len(literal) + 1
		case '\\':
			if i++; i < len(code) {
				if code[i] == '0' {
					others++
				}
				mask.WriteByte(code[i])
			}
		case '_': // a blank as wide as the next character
			i++
		case '*': // the next character fills the cell
			i++
		case '[': // a colour, a condition, a language, or a time beyond a day
			inside, _, _ := strings.Cut(code[i+1:], "]")
			switch strings.ToLower(inside) {
			case "h", "hh", "m", "mm", "s", "ss":
				f.kind = elapsed
				return f
			}
			if only, ok := parseCondition(inside); ok {
				f.only = only
			}
			i += len(inside) + 1
		case 'y', 'Y', 'd', 'D':
			days++
		case 'm', 'M':
			months++
		case 'h', 'H', 's', 'S':
			hours++
		case 'a', 'A':
			if rest := strings.ToUpper(code[i:]); strings.HasPrefix(rest, "AM/PM") {
				hours++
				i += 4
			} else if strings.HasPrefix(rest, "A/P") {
				hours++
				i += 2
			} else {
				others++
			}
		case 'g', 'G':
			if strings.HasPrefix(strings.ToLower(code[i:]), "general") {
				i += len("general") - 1
			}
			others++
		case '0':
			zeros++
			mask.WriteByte(c)
		case ' ', '-', '(', ')', '+', ':', '/':
			mask.WriteByte(c)
		default:
			others++
		}
	}
	switch {
	case days > 0, months > 0 && hours == 0:
		f.kind = dates
	case hours > 0:
		f.kind = times
	case zeros >= 2 && others == 0:
		f.kind, f.mask = masked, mask.String()
	}
	return f
}

// appendNumber adds the number raw, as a workbook writes it, in the cell's format. ok is false where raw is no number.
func (f numberFormat) appendNumber(dst, raw []byte, date1904 bool) (b []byte, kind Kind, ok bool) {
	if f.kind == general && f.next == nil && isPlain(raw) {
		return append(dst, raw...), Number, true
	}
	for _, c := range raw {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return dst, 0, false
		}
	}
	v, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return dst, 0, false
	}
	for !f.only.holds(v) && f.next != nil {
		f = *f.next
	}
	switch f.kind {
	case dates, times, elapsed:
		if b, kind, ok := f.appendTime(dst, v, date1904); ok {
			return b, kind, true
		}
	case masked:
		if v >= 0 && v < 1e15 && v == math.Trunc(v) {
			b, kind := appendMasked(dst, f.mask, int64(v))
			return b, kind, true
		}
	}
	if v == 0 {
		v = 0 // no -0
	}
	return strconv.AppendFloat(dst, v, 'f', -1, 64), Number, true
}

// isPlain tells whether the number stands already as it is to be given: at most 15 digits, no exponent, no zeros to no purpose.
func isPlain(raw []byte) bool {
	b := raw
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 15 || b[0] < '0' || b[0] > '9' || b[0] == '0' && len(b) > 1 && b[1] != '.' {
		return false
	}
	point := -1
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9':
		case c == '.' && point < 0:
			point = i
		default:
			return false
		}
	}
	if last := b[len(b)-1]; point >= 0 && (last == '0' || last == '.') {
		return false
	}
	return len(b) == len(raw) || len(b) > 1 || b[0] != '0'
}

// appendMasked lays the digits of v from the right into the zeros of mask; digits for which there is none stand in front. Only
// zeros leave it a number; with other characters it is text, as a person sees it.
func appendMasked(dst []byte, mask string, v int64) ([]byte, Kind) {
	digits := strconv.FormatInt(v, 10)
	places := strings.Count(mask, "0")
	if len(digits) < places {
		digits = strings.Repeat("0", places-len(digits)) + digits
	}
	kind := Number
	if places < len(mask) {
		kind = Text
	}
	extra := len(digits) - places
	for i := range len(mask) {
		if mask[i] != '0' {
			dst = append(dst, mask[i])
			continue
		}
		dst = append(dst, digits[:extra+1]...)
		digits, extra = digits[extra+1:], 0
	}
	return dst, kind
}

const (
	daySeconds = 24 * 60 * 60
	lastSerial = 2958465 // 9999-12-31
	days1904   = 1462    // from the first day of the one calendar to that of the other
)

// appendTime adds the serial number v as a date or time. ok is false for numbers that are none, which Excel shows as ####.
func (f numberFormat) appendTime(dst []byte, v float64, date1904 bool) (b []byte, kind Kind, ok bool) {
	last := float64(lastSerial)
	if date1904 {
		last -= days1904
	}
	if v < 0 || v >= last+1-0.5/daySeconds {
		return dst, 0, false
	}
	days := int64(v)
	seconds := int64(math.Round((v - float64(days)) * daySeconds))
	if f.kind == elapsed {
		return appendClock(dst, days*daySeconds+seconds), Time, true
	}
	if seconds == daySeconds {
		days, seconds = days+1, 0
	}
	if days == 0 && (f.kind == times || seconds > 0 && !date1904) {
		return appendClock(dst, seconds), Time, true
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date1904:
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days == 0:
		dst = append(dst, "1900-01-00"...) // what Excel shows for 0
		return dst, Date, true
	case days == 60:
		dst = append(dst, "1900-02-29"...) // a day that never was, kept for the sake of Lotus 1-2-3
		days = 0
	case days < 60:
		epoch = epoch.AddDate(0, 0, 1)
	}
	if date1904 || days > 0 {
		dst = epoch.AddDate(0, 0, int(days)).AppendFormat(dst, "2006-01-02")
	}
	if seconds > 0 {
		dst = appendClock(append(dst, ' '), seconds)
	}
	return dst, Date, true
}

// serial gives the number that a workbook has for a time, in the calendar of 1900 with the day that never was.
func serial(t time.Time) float64 {
	days := float64(t.Unix()-time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Unix())/daySeconds + float64(t.Nanosecond())/1e9/daySeconds
	if days < 61 {
		days--
	}
	return days
}

// appendClock adds hh:mm:ss, with more digits for the hours of more than four days.
func appendClock(dst []byte, seconds int64) []byte {
	if seconds < 10*60*60 {
		dst = append(dst, '0')
	}
	dst = strconv.AppendInt(dst, seconds/3600, 10)
	m, s := seconds/60%60, seconds%60
	return append(dst, ':', byte('0'+m/10), byte('0'+m%10), ':', byte('0'+s/10), byte('0'+s%10))
}

// isoLayouts are the forms of a cell of type d.
var isoLayouts = []struct {
	layout string
	kind   Kind
}{
	{"2006-01-02", Date},
	{"2006-01-02T15:04:05.999999999", Date},
	{"2006-01-02T15:04:05.999999999Z07:00", Date},
	{"2006-01-02T15:04", Date},
	{"15:04:05.999999999", Time},
	{"15:04", Time},
}

// appendISO adds the date or time of a cell of type d; what is neither stays text. A time of day may stand on the day before
// the calendar begins.
func (f numberFormat) appendISO(dst, raw []byte) ([]byte, Kind) {
	s := strings.TrimSpace(string(raw))
	for _, l := range isoLayouts {
		t, err := time.Parse(l.layout, s)
		if err != nil {
			continue
		}
		t = t.Round(time.Second)
		if l.kind == Time || f.kind == times && t.Year() < 1900 {
			return t.AppendFormat(dst, "15:04:05"), Time
		}
		if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
			return t.AppendFormat(dst, "2006-01-02"), Date
		}
		return t.AppendFormat(dst, "2006-01-02 15:04:05"), Date
	}
	return append(dst, raw...), Text
}
