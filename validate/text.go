package validate

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// glyph says what a character is to a reader of the cell.
type glyph uint8

const (
	visible glyph = iota
	blank         // looks like a blank but is not one
	invisible
	control
	damaged // stands where a character was lost
)

func glyphOf(r rune) glyph {
	switch {
	case r >= 0x20 && r < 0x7f:
		return visible
	case r == '\t', r == '\n', r == '\r':
		return blank
	case r < 0xa0:
		return control
	case r == 0xa0:
		return blank
	case r == 0xad: // soft hyphen
		return invisible
	case r < 0x61c:
		return visible
	case r == 0x61c, r == 0x180e, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff:
		return invisible // zero width, and marks of writing direction as they cling to copied phone numbers
	case r == 0x1680, r >= 0x2000 && r <= 0x200a, r == 0x2028, r == 0x2029, r == 0x202f, r == 0x205f, r == 0x3000:
		return blank
	case r == utf8.RuneError:
		return damaged
	}
	return visible
}

// cleaned is a text as it may be sent, and the first character of each kind that kept it from being so; 0 for none.
type cleaned struct {
	text                              string
	blank, invisible, control, damage rune
}

// clean trims s, removes invisible characters, makes ordinary blanks of unusual ones and composes accents (NFC: the same text,
// as Macs write it). It allocates only where something inside the text changes.
func (c *Checker) clean(s string) (out cleaned) {
	s = trim(s)
	out.text = s
	compose := false
	for _, r := range s {
		if r >= 0x300 {
			compose = true
		} else if r >= 0x20 && r < 0x7f || r > 0xad {
			continue
		}
		var first *rune
		switch glyphOf(r) {
		case visible:
			continue
		case blank:
			first = &out.blank
		case invisible:
			first = &out.invisible
		case control:
			first = &out.control
		case damaged:
			first = &out.damage
		}
		if *first == 0 {
			*first = r
		}
	}
	if out.blank != 0 || out.invisible != 0 {
		var b strings.Builder
		wide := false
		for _, r := range s {
			switch glyphOf(r) {
			case blank:
				if !wide {
					b.WriteByte(' ')
				}
				wide = true
			case invisible:
			default:
				b.WriteRune(r)
				wide = r == ' '
			}
		}
		out.text = b.String()
	}
	if compose {
		out.text = norm.NFC.String(out.text)
	}
	return out
}

// trim removes blanks and invisible characters from both ends.
func trim(s string) string {
	if s == "" || s[0] > ' ' && s[0] < 0x7f && s[len(s)-1] > ' ' && s[len(s)-1] < 0x7f {
		return s
	}
	return strings.TrimFunc(s, func(r rune) bool {
		g := glyphOf(r)
		return r == ' ' || g == blank || g == invisible
	})
}
