package validate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"
)

// allowed is a schema's list of allowed values, ready for look-up.
type allowed struct {
	values  []string
	exact   map[string]struct{}
	folded  map[string]string // without case and blanks; "" where that is two values
	list    []string          // Args of NotAllowed
	nearest map[string]string // what was looked for before: columns hold the same few wrong words again and again
}

// newAllowed leaves out empty values, which some APIs write for "any". It gives nil where no value is left.
func newAllowed(values []string) *allowed {
	a := &allowed{exact: map[string]struct{}{}, folded: map[string]string{}, nearest: map[string]string{}}
	for _, value := range values {
		if _, twice := a.exact[value]; trim(value) == "" || twice {
			continue
		}
		a.values = append(a.values, value)
		a.exact[value] = struct{}{}
		a.fold(value, value)
	}
	if len(a.values) == 0 {
		return nil
	}
	const shown = 20
	text := strings.Join(a.values[:min(shown, len(a.values))], ", ")
	if len(a.values) > shown {
		text += ", …"
	}
	a.list = []string{text}
	return a
}

// fold makes value findable by the folded spelling, unless that is another's too.
func (a *allowed) fold(spelling, value string) {
	key := string(appendFolded(nil, spelling))
	if have, ok := a.folded[key]; ok && have != value {
		value = ""
	}
	a.folded[key] = value
}

// find gives the allowed value that s is, but for case and blanks.
func (a *allowed) find(c *Checker, s string) (string, bool) {
	if _, ok := a.exact[s]; ok {
		return s, true
	}
	c.scratch = appendFolded(c.scratch[:0], s)
	value := a.folded[string(c.scratch)]
	return value, value != ""
}

// appendFolded appends s in lower case, without blanks.
func appendFolded(dst []byte, s string) []byte {
	for _, r := range s {
		if r < utf8.RuneSelf {
			if r == ' ' {
				continue
			}
			if r >= 'A' && r <= 'Z' {
				r += 'a' - 'A'
			}
			dst = append(dst, byte(r))
			continue
		}
		if !unicode.IsSpace(r) {
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
	}
	return dst
}

// near gives the allowed value that s was probably meant to be, "" where none or several are near.
func (a *allowed) near(s string) string {
	if value, ok := a.nearest[s]; ok {
		return value
	}
	const remembered, longest = 1000, 100
	value := ""
	if utf8.RuneCountInString(s) <= longest {
		value = a.search(s)
	}
	if len(a.nearest) < remembered {
		a.nearest[s] = value
	}
	return value
}

func (a *allowed) search(s string) string {
	word := string(appendFolded(nil, s))
	if digits(word) {
		return "" // one number is no slip of the pen for another
	}
	number := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, word)
	if _, ok := a.exact[number]; ok {
		return number // "20 GB" for "20"
	}
	size := utf8.RuneCountInString(word)
	slips, shared := best{need: -(1 + size/4)}, best{need: max(3, (size*3+4)/5)}
	for _, value := range a.values {
		folded := string(appendFolded(nil, value))
		length := utf8.RuneCountInString(folded)
		if gap := length - size; gap >= slips.need && -gap >= slips.need {
			if d := levenshtein.ComputeDistance(word, folded); d < length {
				slips.offer(value, -d)
			}
		}
		shared.offer(value, commonRun(word, folded))
	}
	if slips.value != "" {
		return slips.value
	}
	return shared.value
}

// best keeps the value with the highest score that reaches need; of two equal ones, none.
type best struct {
	value string
	need  int
	found bool
}

func (b *best) offer(value string, score int) {
	switch {
	case score > b.need || score == b.need && !b.found:
		b.value, b.need, b.found = value, score, true
	case score == b.need:
		b.value = ""
	}
}

// commonRun is the length in characters of the longest text that is in both: "Sälj" is Försäljning.
func commonRun(a, b string) int {
	other := []rune(b)
	row := make([]int, len(other)+1)
	longest := 0
	for _, r := range a {
		before := 0
		for j, o := range other {
			here := row[j+1]
			if r == o {
				row[j+1] = before + 1
				longest = max(longest, row[j+1])
			} else {
				row[j+1] = 0
			}
			before = here
		}
	}
	return longest
}
