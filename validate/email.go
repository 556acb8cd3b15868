package validate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// readEmail takes one plain address. It stays as it is written.
func readEmail(s string) reading {
	if isEmail(s) {
		return reading{text: s}
	}
	for _, r := range s {
		if r >= utf8.RuneSelf && unicode.IsLetter(r) && strings.Count(s, "@") == 1 && !strings.ContainsAny(s, " <>") {
			return reading{code: EmailLetter, severity: Error, args: []string{string(r)}, suggestion: plainLetters(s)}
		}
	}
	return reading{code: NotEmail, severity: Error, suggestion: bareAddress(s)}
}

// isEmail is stricter than RFC 5322, as mail in use is: dot-atoms of ASCII, a domain with a dot, no quotes, no brackets.
func isEmail(s string) bool {
	at := strings.IndexByte(s, '@')
	if at < 1 || at > 64 || len(s) > 254 {
		return false
	}
	local, domain := s[:at], s[at+1:]
	for i := 0; i < len(local); i++ {
		ch := local[i]
		switch {
		case letterOrDigit(ch), strings.IndexByte("!#$%&'*+-/=?^_`{|}~", ch) >= 0:
		case ch == '.' && i > 0 && i < len(local)-1 && local[i-1] != '.':
		default:
			return false
		}
	}
	labels := 0
	for domain != "" {
		label, rest, more := strings.Cut(domain, ".")
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || more && rest == "" {
			return false
		}
		for i := 0; i < len(label); i++ {
			if !letterOrDigit(label[i]) && label[i] != '-' {
				return false
			}
		}
		labels++
		if !more && (len(label) < 2 || digits(label)) {
			return false
		}
		domain = rest
	}
	return labels >= 2
}

func letterOrDigit(ch byte) bool {
	return ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' || ch >= '0' && ch <= '9'
}

// plainLetters is the address without accents, its domain as the network knows it; "" where that is no address either.
func plainLetters(s string) string {
	local, domain, _ := strings.Cut(s, "@")
	local, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), local)
	if err != nil {
		return ""
	}
	if domain, err = idna.Lookup.ToASCII(domain); err != nil {
		return ""
	}
	if s = local + "@" + domain; isEmail(s) {
		return s
	}
	return ""
}

// bareAddress is the address inside "Anna <anna@exempel.se>", "mailto:anna@exempel.se", "anna @exempel.se" and the like; "" for none.
func bareAddress(s string) string {
	if i, j := strings.IndexByte(s, '<'), strings.IndexByte(s, '>'); i >= 0 && j > i {
		s = s[i+1 : j]
	}
	s = strings.TrimPrefix(strings.Trim(s, " .,;:<>()[]\"'"), "mailto:")
	if !isEmail(s) && strings.Count(s, "@") == 1 {
		before, after, _ := strings.Cut(s, "@")
		s = strings.TrimRight(before, " ") + "@" + strings.TrimLeft(after, " ")
	}
	if isEmail(s) {
		return s
	}
	return ""
}
