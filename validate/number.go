package validate

import "orderimport/importer/sheet"

type numeral uint8

const (
	notNumeral numeral = iota
	oneNumber
	twoNumbers // one separator before three digits: thousands or decimals
)

// appendNumber appends the number in s, written as 1234.5, to dst. Thousands may be parted by blanks, or by the one of "." and ","
// that is not the decimal sign. In a Number cell "." is always the decimal sign. Digits stay as they are, also zeros at either end.
func appendNumber(dst []byte, s string, kind sheet.Kind) ([]byte, numeral) {
	start := len(dst)
	if rest, ok := cutMinus(s); ok {
		dst, s = append(dst, '-'), rest
	} else if len(s) > 1 && s[0] == '+' {
		s = s[1:]
	}
	dots, commas, blanks, last := 0, 0, 0, -1
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch >= '0' && ch <= '9':
		case ch == '.':
			dots, last = dots+1, i
		case ch == ',':
			commas, last = commas+1, i
		case ch == ' ':
			blanks++
		default:
			return dst[:start], notNumeral
		}
	}
	if s == "" {
		return dst[:start], notNumeral
	}
	whole, fraction, group := s, "", byte(' ')
	switch {
	case dots+commas == 0:
	case dots == 1 && commas == 0, commas == 1 && dots == 0:
		whole, fraction = s[:last], s[last+1:]
		if kind != sheet.Number && len(fraction) == 3 && len(whole) >= 1 && len(whole) <= 3 && whole[0] != '0' {
			if digits(whole) && digits(fraction) {
				return dst[:start], twoNumbers
			}
			return dst[:start], notNumeral
		}
	case blanks > 0:
		return dst[:start], notNumeral
	case dots > 0 && commas > 0: // 1.234,5
		decimal := s[last]
		if decimal == '.' && dots > 1 || decimal == ',' && commas > 1 {
			return dst[:start], notNumeral
		}
		whole, fraction, group = s[:last], s[last+1:], byte('.'+','-int(decimal))
	default: // 1.234.567
		group, last = s[last], -1
	}
	if last >= 0 && !digits(fraction) || whole == "" && last < 0 {
		return dst[:start], notNumeral
	}
	dst, ok := appendGroups(dst, whole, group)
	if !ok {
		return dst[:start], notNumeral
	}
	if last >= 0 {
		dst = append(append(dst, '.'), fraction...)
	}
	return dst, oneNumber
}

// appendGroups appends the digits of s, which are in one piece or in groups of three.
func appendGroups(dst []byte, s string, group byte) ([]byte, bool) {
	if s == "" {
		return append(dst, '0'), true
	}
	run, groups := 0, 0
	for i := 0; i < len(s); i++ {
		if s[i] == group {
			if run == 0 || run > 3 || groups > 0 && run != 3 || s[0] == '0' {
				return dst, false
			}
			run, groups = 0, groups+1
			continue
		}
		if s[i] < '0' || s[i] > '9' {
			return dst, false
		}
		dst = append(dst, s[i])
		run++
	}
	return dst, groups == 0 || run == 3
}

// cutMinus takes the typographic minus too.
func cutMinus(s string) (rest string, ok bool) {
	const minus = "\u2212"
	switch {
	case len(s) > 1 && s[0] == '-':
		return s[1:], true
	case len(s) > len(minus) && s[:len(minus)] == minus:
		return s[len(minus):], true
	}
	return s, false
}

// digits reports whether s is digits only, and not empty.
func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func (c *Checker) readInteger(s string, kind sheet.Kind) reading {
	if digits(s) {
		return reading{text: s}
	}
	out, what := appendNumber(c.scratch[:0], s, kind)
	c.scratch = out
	if what == twoNumbers {
		return ambiguousNumber(s)
	}
	if what == notNumeral {
		return reading{code: NotInteger, severity: Error}
	}
	end := len(out)
	for i, ch := range out {
		if ch == '.' {
			end = i
		} else if end < len(out) && ch != '0' {
			return reading{code: NotInteger, severity: Error}
		}
	}
	return reading{text: c.keep(s, out[:end])}
}

func (c *Checker) readDecimal(s string, kind sheet.Kind) reading {
	if digits(s) {
		return reading{text: s}
	}
	out, what := appendNumber(c.scratch[:0], s, kind)
	c.scratch = out
	switch what {
	case oneNumber:
		return reading{text: c.keep(s, out)}
	case twoNumbers:
		return ambiguousNumber(s)
	}
	return reading{code: NotDecimal, severity: Error}
}

// ambiguousNumber is for one separator before three digits.
func ambiguousNumber(s string) reading {
	at := len(s) - 4
	return reading{code: AmbiguousNumber, severity: Error, args: []string{s[:at] + s[at+1:], s[:at] + "." + s[at+1:], s + "0"}}
}

func (c *Checker) readBoolean(s string) reading {
	if len(s) > 8 {
		return reading{code: NotBoolean, severity: Error}
	}
	c.scratch = appendFolded(c.scratch[:0], s)
	switch string(c.scratch) {
	case "true", "ja", "yes", "1", "j", "y", "sant", "sann", "på", "on":
		return reading{text: "true"}
	case "false", "nej", "no", "0", "n", "falskt", "falsk", "av", "off":
		return reading{text: "false"}
	}
	return reading{code: NotBoolean, severity: Error}
}
