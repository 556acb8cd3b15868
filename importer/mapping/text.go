package mapping

import (
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
	"golang.org/x/text/unicode/norm"
)

// Trim takes blanks, line ends, no-break spaces and characters without width off both ends. Such characters come along when
// a cell is pasted from a web page or a chat. What stands inside stays, line breaks too.
func Trim(s string) string {
	if s == "" || (plainByte(s[0]) && plainByte(s[len(s)-1])) {
		return s
	}
	return strings.TrimFunc(s, invisible)
}

// unguard takes off the one "'" that a CSV file may carry before what would start a formula, as report puts it there and as
// spreadsheet programs show it: the result sheet is also the way back in.
func unguard(s string) string {
	rest := strings.TrimLeft(s, "'")
	if rest != s && rest != "" && strings.ContainsRune("=+-@\t\r\n\x00＝＋－＠", []rune(rest)[0]) {
		return s[1:]
	}
	return s
}

func plainByte(b byte) bool { return b > ' ' && b < 0x7f }

func invisible(r rune) bool {
	switch {
	case unicode.IsSpace(r):
		return true
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2064, r >= 0x2066 && r <= 0x2069:
		return true
	case r == 0xFEFF, r == 0x00AD, r == 0x180E:
		return true
	}
	return false
}

// loose is the spelling under which two cells or labels are the same but for case, blanks and the way accents are encoded.
func loose(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(Trim(s))), " "))
}

// compact is the spelling under which a label meets its synonyms: NFKC, lower case, letters and digits only.
// "E-post", "e_post" and "ePost" are one.
func compact(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(s))
}

// folded is compact without accents, for files whose labels were typed without å, ä and ö. It is a second pass only: in
// Swedish they are letters of their own.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'ø':
			return 'o'
		case 'æ':
			return 'a'
		}
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(compact(s)))
}

// spellingLimit is how many letters a label may differ by and still be taken for a misspelling of a word of that length.
func spellingLimit(length int) int {
	switch {
	case length < 5:
		return 0
	case length < 9:
		return 1
	default:
		return 2
	}
}

// nearest finds the candidate that name was probably meant to be; "" where none is near.
func nearest(name string, candidates []string) string {
	want := folded(name)
	limit := 1
	if n := len([]rune(want)); n > 3 {
		limit = max(2, n/3) // two letters that changed places count as two
	}
	best, bestDistance := "", 1+limit
	for _, c := range candidates {
		if d := levenshtein.ComputeDistance(want, folded(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}
