package connect

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// echo finds what we sent in what the other side says: in any case, and with its characters escaped as JSON, URLs and web pages do it,
// also one of them inside another. The nil one finds nothing. It is safe for concurrent use.
type echo struct {
	needles []string // in lower case, the longest first
	plain   []string // those of them that are texts as they stand, neither base64 nor hex
}

// Bounds of an echo, in bytes.
const (
	shortEcho = 8  // a shorter text counts as a word of its own only: "IT" is no echo in "WRITE"
	cutEcho   = 6  // of a text that is cut off at the end of a reply, so much must be there to be known
	mostDepth = 5  // of escapes inside escapes
	longestAs = 10 // of one character as a web page names it
)

// newEcho looks for texts, and for secrets in base64 and hex, too.
func newEcho(secrets, texts []string) *echo {
	e := &echo{}
	add := func(text string) {
		if text = strings.ToLower(text); text != "" && !slices.Contains(e.needles, text) {
			e.needles = append(e.needles, text)
		}
	}
	for _, secret := range secrets {
		add(secret)
	}
	for _, text := range texts {
		// Of +46…, the sign is often left out. What is no more than a digit or a yes names nobody.
		if text = strings.TrimLeft(text, "+"); utf8.RuneCountInString(text) > 1 && text != "true" && text != "false" {
			add(text)
			add(strings.ReplaceAll(text, " ", "+"))
		}
	}
	e.plain = slices.Clone(e.needles)
	for _, secret := range secrets {
		if len(secret) < shortEcho {
			continue
		}
		add(hex.EncodeToString([]byte(secret)))
		for before := range 3 {
			// What stands in the longer text before and behind the secret changes the characters at both ends.
			coded := strings.TrimRight(base64.StdEncoding.EncodeToString(append(make([]byte, before), secret...)), "=")
			coded = coded[4*min(before, 1) : len(coded)-1]
			add(coded)
			add(strings.NewReplacer("+", "-", "/", "_").Replace(coded))
		}
	}
	if len(e.needles) == 0 {
		return nil
	}
	slices.SortStableFunc(e.needles, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return e
}

// in reports whether s holds a whole text that is looked for, and not a short one: what depends on it must not hang on chance.
func (e *echo) in(s string) bool {
	if e == nil || len(s) < len(e.needles[len(e.needles)-1]) { // an escape is longer than what it stands for
		return false
	}
	for _, f := range e.find(s) {
		if f.whole && f.to-f.from >= shortEcho {
			return true
		}
	}
	return false
}

// strip puts instead for all that repeats what is looked for, whole or cut off at the end of s.
func (e *echo) strip(s, instead string) string {
	found := e.find(s)
	if len(found) == 0 {
		return s
	}
	var b strings.Builder
	last := 0
	for _, f := range found {
		if f.from >= last {
			b.WriteString(s[last:f.from])
			b.WriteString(instead)
		}
		last = max(last, f.to)
	}
	return b.String() + s[last:]
}

// stretch is a part of a text, in bytes.
type stretch struct {
	from, to int
	whole    bool // not cut off
}

// find gives the parts of s that repeat what is looked for, from the first on. They may overlap.
func (e *echo) find(s string) (found []stretch) {
	if e == nil || s == "" {
		return nil
	}
	l, more := read(s), true
	for depth := 0; more && depth <= mostDepth; depth++ {
		for _, needle := range e.needles {
			for from := 0; ; {
				i := strings.Index(l.text[from:], needle)
				if i < 0 {
					break
				}
				from += i
				if to := from + len(needle); len(needle) >= shortEcho || alone(l.text, from, to) {
					found = append(found, stretch{l.at[from], l.at[to], true})
				}
				from += len(needle)
			}
		}
		for _, text := range e.plain {
			for n := len(text) - 1; n >= cutEcho; n-- {
				if strings.HasSuffix(l.text, text[:n]) {
					found = append(found, stretch{l.at[len(l.text)-n], len(s), false})
					break
				}
			}
		}
		l, more = l.unescape()
	}
	slices.SortFunc(found, func(a, b stretch) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	return found
}

// alone reports whether a part of text is a word of its own.
func alone(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	after, _ := utf8.DecodeRuneInString(text[to:])
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return !word(before) && !word(after)
}

// reading is a text in lower case and with some of its escapes undone. at is where each of its bytes stood in the first place, and at its
// end where that ended.
type reading struct {
	text string
	at   []int
}

// read is s as it stands.
func read(s string) reading {
	at := make([]int, len(s)+1)
	for i := range at {
		at[i] = i
	}
	return reading{s, at}.lower()
}

// lower puts r into lower case, rune by rune: their lengths may change.
func (r reading) lower() reading {
	var b strings.Builder
	at := make([]int, 0, len(r.at))
	for i, c := range r.text {
		c = unicode.ToLower(c)
		b.WriteRune(c)
		for range utf8.RuneLen(c) {
			at = append(at, r.at[i])
		}
	}
	return reading{b.String(), append(at, r.at[len(r.text)])}
}

// unescape undoes one layer of escapes; more is false where there was none.
func (r reading) unescape() (next reading, more bool) {
	if !strings.ContainsAny(r.text, `\%&`) {
		return r, false
	}
	var b strings.Builder
	at := make([]int, 0, len(r.at))
	for i := 0; i < len(r.text); {
		char, size := unescaped(r.text[i:])
		if size == 0 {
			char, size = r.text[i:i+1], 1
		} else {
			more = true
		}
		b.WriteString(char)
		for range len(char) {
			at = append(at, r.at[i])
		}
		i += size
	}
	return reading{b.String(), append(at, r.at[len(r.text)])}.lower(), more
}

// unescaped is what the escape at the beginning of s stands for, and its length; 0 where there is none.
func unescaped(s string) (char string, size int) {
	switch s[0] {
	case '\\':
		if len(s) < 2 {
			return "", 0
		}
		if strings.IndexByte(`"'\/bfnrt`, s[1]) >= 0 {
			return s[1:2], 2 // of n and t it is not what is meant, but neither is anything that is looked for
		}
		if s[1] != 'u' {
			return "", 0
		}
		r, ok := hexRune(s, 2, 6)
		if !ok {
			return "", 0
		}
		if utf16.IsSurrogate(r) && len(s) >= 12 && s[6:8] == `\u` {
			if low, ok := hexRune(s, 8, 12); ok && utf16.DecodeRune(r, low) != unicode.ReplacementChar {
				return string(utf16.DecodeRune(r, low)), 12
			}
		}
		return string(r), 6
	case '%':
		if r, ok := hexRune(s, 1, 3); ok {
			return string([]byte{byte(r)}), 3
		}
	case '&':
		if end := strings.IndexByte(s[:min(len(s), longestAs)], ';'); end > 0 {
			if char := html.UnescapeString(s[:end+1]); char != s[:end+1] {
				return char, end + 1
			}
		}
	}
	return "", 0
}

func hexRune(s string, from, to int) (rune, bool) {
	if len(s) < to {
		return 0, false
	}
	n, err := strconv.ParseUint(s[from:to], 16, 32)
	return rune(n), err == nil
}
