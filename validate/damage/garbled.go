package damage

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// pages are the code pages in which UTF-8 is read by mistake. They show å as Ã¥, √•, ├Ñ and ├Ñ, and ö as Ã¶, √∂, ├Â and ├╢.
var pages = [...]*charmap.Charmap{charmap.Windows1252, charmap.Macintosh, charmap.CodePage850, charmap.CodePage437}

// Ungarble gives text that was written in UTF-8 and read in another encoding as it was written: "Ã…sa" is Åsa. ok is false where
// nothing of the kind is in it. What comes out is not garbled once more.
func Ungarble(text string) (mended string, ok bool) {
	for range 4 { // each reading in a wrong encoding may have been followed by a second
		if !maybeGarbled(text) {
			break
		}
		better := text
		for i := range pages {
			if better = ungarble(text, i); better != text {
				break
			}
		}
		if better == text {
			break
		}
		text, ok = better, true
	}
	return text, ok
}

// maybeGarbled is the quick way out for nearly all texts: none of them has one of the letters that stand for a first byte, with
// another letter beyond ASCII behind it.
func maybeGarbled(s string) bool {
	for i := 0; i+3 < len(s); i++ {
		switch s[i] {
		case 0xC3:
			if b := s[i+1]; s[i+2] >= 0x80 && (b >= 0x82 && b <= 0x85 || b == 0xA2) { // Â Ã Ä Å â
				return true
			}
		case 0xE2:
			if s[i+3] >= 0x80 && (s[i:i+3] == "√" || s[i:i+3] == "├") {
				return true
			}
		}
	}
	return false
}

// ungarble puts the letters back that the page shows as two or three.
func ungarble(s string, page int) string {
	var b strings.Builder
	done := 0 // of s, that is in b
	var before rune
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if letter, n := garbledLetter(s[i:], page, before); n > 0 {
			b.WriteString(s[done:i])
			b.WriteRune(letter)
			i += n
			done, before = i, letter
			continue
		}
		i += size
		before = r
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// garbledLetter gives the letter that stands garbled at the start of s, and how many bytes it takes; 0 for none.
func garbledLetter(s string, page int, before rune) (letter rune, n int) {
	var raw [3]byte
	want := 2
	for i := 0; i < want; i++ {
		r, size := utf8.DecodeRuneInString(s[n:])
		b, ok := byteOf(r, page)
		if size == 0 || !ok || b < 0x80 || i > 0 && b >= 0xC0 {
			return 0, 0
		}
		if i == 0 {
			switch b {
			case 0xC2, 0xC3, 0xC4, 0xC5:
			case 0xE2:
				want = 3
			default:
				return 0, 0
			}
		}
		raw[i] = b
		n += size
	}
	letter, _ = utf8.DecodeRune(raw[:want])
	if !believable(letter, page, raw[1], before) {
		return 0, 0
	}
	return letter, n
}

// afterLetters are the bytes of dashes, quotes, dots, accents and raised digits.
const afterLetters = "\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\xa0\xa8\xab\xad\xb2\xb3\xb4\xb7\xb9\xbb"

// believable leaves alone what may have been written as it stands: Å and Ä are letters of their own.
func believable(letter rune, page int, second byte, before rune) bool {
	switch {
	case letter >= 0xC0 && letter <= 0xFF:
		// A capital Ã at the end of a Portuguese word, and then a no-break space.
		return letter != '×' && letter != '÷' && (second != 0xA0 || !unicode.IsUpper(before))
	case letter >= 0xA0 && letter < 0xC0:
		return page == 0 || letter == 0xA0 || letter == '°' || letter == '´'
	case letter >= 0x100 && letter < 0x180:
		return page == 0 && unicode.IsLetter(letter) && strings.IndexByte(afterLetters, second) < 0
	}
	return page == 0 && (letter >= 0x2010 && letter <= 0x2044 || letter == '€' || letter == '™')
}

// byteOf is the byte that the page shows as r.
func byteOf(r rune, page int) (byte, bool) {
	if r < 0x80 {
		return byte(r), true
	}
	if page == 0 && r >= 0x80 && r <= 0xff {
		return byte(r), true // as ISO-8859-1 shows it
	}
	return pages[page].EncodeRune(r)
}
