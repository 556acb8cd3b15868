// Package sweden reads what only Sweden writes. It mends where there is one reading, and says so where there is none or two.
package sweden

// Reading says how sure a value is.
type Reading uint8

// The readings. The zero value is the careful one.
const (
	None        Reading = iota // not a number
	Sure                       // the one reading there is
	PlusAdded                  // the one reading there is, but a "+" had been lost
	ZeroLost                   // looks like a number whose first zero a spreadsheet ate: a suggestion, not a reading
	TwoReadings                // with a lost "+" and with a lost zero it is two different numbers
)

const maxDigits = 15 // E.164

// AppendPhone appends the number in s to dst as E.164, "+46701234567". It takes Swedish numbers with area code (0…), +46…, 0046…,
// 46… where nothing else can be meant, +46 (0)…, and foreign ones of 8 to 15 digits with + or 00. Blanks, hyphens, dashes, dots,
// slashes and brackets between digits do not count; any other character makes it None.
//
// With ZeroLost what is appended is only likely; with TwoReadings it is the bare digits; with None nothing is appended.
func AppendPhone(dst []byte, s string) ([]byte, Reading) {
	var digits [maxDigits + 3]byte // "00" before, and one more to see that it is too long
	n, plus := 0, false
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			if n == len(digits) {
				return dst, None
			}
			digits[n] = byte(r)
			n++
		case r == '+' && n == 0 && !plus:
			plus = true
		case r == '\'' && i == 0: // Excel's mark for "this is text", left in by some exports
		case r == ' ', r == '-', r == '.', r == '/', r == '(', r == ')', r == '\u00a0', r == '\u202f',
			r >= '\u2010' && r <= '\u2014', r == '\u2212':
		default:
			return dst, None
		}
	}
	d := digits[:n]
	if !plus && len(d) > 2 && d[0] == '0' && d[1] == '0' {
		plus, d = true, d[2:]
	}
	switch {
	case plus:
		return international(dst, d)
	case len(d) > 1 && d[0] == '0':
		if !national(d[1:]) {
			return dst, None
		}
		return append(append(dst, "+46"...), d[1:]...), Sure
	case len(d) >= 10 && d[0] == '4' && d[1] == '6':
		// A Swedish number without its zero has at most 9 digits, so this can only be a country code.
		if out, r := international(dst, d); r == Sure {
			return out, PlusAdded
		}
		return dst, None
	case len(d) == 9 && d[0] == '4' && d[1] == '6' && national(d[2:]):
		return append(dst, d...), TwoReadings // +46 8 123456, or 046-8123456
	case len(d) >= 8 && national(d):
		return append(append(dst, "+46"...), d...), ZeroLost
	}
	return dst, None
}

// international takes the digits behind the "+".
func international(dst, d []byte) ([]byte, Reading) {
	if len(d) >= 2 && d[0] == '4' && d[1] == '6' {
		d = d[2:]
		if len(d) > 0 && d[0] == '0' { // +46 (0)70…
			d = d[1:]
		}
		if !national(d) {
			return dst, None
		}
		return append(append(dst, "+46"...), d...), Sure
	}
	if len(d) < 8 || len(d) > maxDigits || d[0] == '0' {
		return dst, None
	}
	return append(append(dst, '+'), d...), Sure
}

// national reports whether d, without its first zero, has a length that the Swedish numbering plan gives out: 9 digits for mobile
// numbers, up to 13 for machines, 7 to 9 for all others.
func national(d []byte) bool {
	if len(d) < 7 || d[0] == '0' {
		return false
	}
	switch {
	case mobile(d[0], d[1]):
		return len(d) == 9
	case d[0] == '7' && d[1] == '1':
		return len(d) >= 9 && len(d) <= 13
	}
	if string(d[:3]) == "378" && len(d) <= 13 {
		return true
	}
	return len(d) <= 9
}

// IsMobile reports whether the digits are a Swedish mobile number, all of it but its first zero.
func IsMobile(digits string) bool { return len(digits) == 9 && mobile(digits[0], digits[1]) }

// mobile is for the first two digits behind the zero.
func mobile(a, b byte) bool {
	return a == '7' && (b == '0' || b == '2' || b == '3' || b == '6' || b == '9')
}
