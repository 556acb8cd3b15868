package report

import (
	"strings"
	"unicode/utf8"
)

// guard keeps a spreadsheet program from running a CSV field as a formula: it puts "'" before a field that would start one.
// Plain phone numbers (+46…) and plain negative numbers stay as they are. A field that starts with "'" before such a sign gets
// one more, so that taking off one "'" before a formula sign always gives back what was there.
func guard(field string) string {
	rest := strings.TrimLeft(field, "'")
	if !startsFormula(rest) || rest == field && (plainPhone(field) || plainNegative(field)) {
		return field
	}
	return "'" + field
}

// formulaSigns start a formula, or hide one that follows; Excel takes the full-width forms for the others.
const formulaSigns = "=+-@\t\r\n\x00＝＋－＠"

func startsFormula(s string) bool {
	first, size := utf8.DecodeRuneInString(s)
	return size > 0 && strings.ContainsRune(formulaSigns, first)
}

// plainPhone: "+" and digits, perhaps in groups.
func plainPhone(s string) bool {
	digits, ok := strings.CutPrefix(s, "+")
	return ok && digits != "" && digits[0] != ' ' && strings.Trim(digits, "0123456789 ") == ""
}

// plainNegative: "-", digits, perhaps a fraction.
func plainNegative(s string) bool {
	number, ok := strings.CutPrefix(s, "-")
	if !ok {
		return false
	}
	whole, fraction, cut := number, "", false
	if i := strings.IndexAny(number, ".,"); i >= 0 {
		whole, fraction, cut = number[:i], number[i+1:], true
	}
	return digitsOnly(whole) && (!cut || digitsOnly(fraction))
}

func digitsOnly(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
