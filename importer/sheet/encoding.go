package sheet

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// textEncoding is how the bytes of a text file become UTF-8: as they stand, by 16-bit units, or by a table of one rune for
// each byte.
type textEncoding struct {
	name  string
	wide  bool
	big   bool // units begin with their high byte
	table *[256]rune
}

var (
	utf8Encoding = textEncoding{name: "utf-8"}
	utf16le      = textEncoding{name: "utf-16le", wide: true}
	utf16be      = textEncoding{name: "utf-16be", wide: true, big: true}
)

// codePage is an encoding of one byte a letter, with what each byte tells of a text being in it.
type codePage struct {
	name  string
	chars *charmap.Charmap
	runes [256]rune
	worth [256]int8 // of a byte from 128 on
	upper [256]bool
}

// legacy are the code pages that are told apart by content; the first wins a tie.
var legacy = [...]*codePage{
	newCodePage("windows-1252", charmap.Windows1252),
	newCodePage("macintosh", charmap.Macintosh),
	newCodePage("cp850", charmap.CodePage850),
}

func newCodePage(name string, chars *charmap.Charmap) *codePage {
	p := &codePage{name: name, chars: chars}
	for b := range 256 {
		r := chars.DecodeByte(byte(b))
		p.runes[b] = r
		p.upper[b] = unicode.IsUpper(r)
		switch {
		case strings.ContainsRune("åäöÅÄÖ", r):
			p.worth[b] = 6
		case strings.ContainsRune("éèëüæøÆØÜ", r):
			p.worth[b] = 2
		case strings.ContainsRune("çêïâáúßÉ", r): // not those that are quotes and dashes in another code page
			p.worth[b] = 1
		case unicode.IsLetter(r):
			p.worth[b] = -2
		case strings.ContainsRune("\u00a0–—‘’“”…€£§°½´©®«»²³±·¿¡", r):
			p.worth[b] = -2
		default:
			p.worth[b] = -6
		}
	}
	return p
}

// score weighs a byte from 128 on, with those before and after it; hole says that the code page does not have it.
func (p *codePage) score(before, b, after byte) (s int64, hole bool) {
	s = int64(p.worth[b])
	switch {
	case p.upper[b] && ('a' <= before && before <= 'z' || before >= 0x80 && unicode.IsLower(p.runes[before]) || p.letter(before) && 'a' <= after && after <= 'z'):
		s -= 8 // a capital inside a word
	case p.letter(before):
	case p.runes[b] == '“' && p.letter(after):
		s += 8 // hardly any word begins with the letters that other code pages have here
	case p.letter(b) && !p.letter(after):
		s = max(s-8, -6) // a letter alone: in another code page the byte may be a sign, as in "5 €"
	}
	r := p.runes[b]
	hole = r == utf8.RuneError || r >= 0x80 && r < 0xa0
	if hole {
		s -= 12
	}
	return s, hole
}

func (p *codePage) letter(b byte) bool { return unicode.IsLetter(p.runes[b]) }

func (p *codePage) encoding() textEncoding { return textEncoding{name: p.name, table: &p.runes} }

// encodingByName finds an encoding by the name that a user may write.
func encodingByName(name string) (textEncoding, bool) {
	n := strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
	switch n {
	case "utf8", "utf8bom", "utf8sig":
		return utf8Encoding, true
	case "utf16le", "utf16":
		return utf16le, true
	case "utf16be":
		return utf16be, true
	case "windows1252", "cp1252", "ansi", "latin1", "iso88591":
		// What is labelled ISO-8859-1 is Windows-1252 in the wild.
		return legacy[0].encoding(), true
	case "macintosh", "macroman", "mac":
		return legacy[1].encoding(), true
	case "cp850", "ibm850", "dos":
		return legacy[2].encoding(), true
	case "latin9":
		n = "iso885915"
	}
	for _, e := range charmap.All {
		c, ok := e.(*charmap.Charmap)
		if !ok {
			continue
		}
		known := strings.NewReplacer("-", "", " ", "", "ibmcodepage", "cp").Replace(strings.ToLower(c.String()))
		if known == n || strings.Replace(known, "windows", "cp", 1) == n || strings.Replace(known, "cp", "ibm", 1) == n {
			p := newCodePage(strings.ToLower(strings.ReplaceAll(c.String(), " ", "-")), c)
			return p.encoding(), true
		}
	}
	return textEncoding{}, false
}

// mark gives the byte order mark, "" where there is none.
func (e *textEncoding) mark() string {
	switch {
	case e.table != nil:
		return ""
	case !e.wide:
		return "\xef\xbb\xbf"
	case e.big:
		return "\xfe\xff"
	}
	return "\xff\xfe"
}

// errNotText ends a text that its encoding cannot hold.
var errNotText = errors.New("broken text")

// textReader gives a file's text in UTF-8, without byte order marks.
type textReader struct {
	src   *ahead
	enc   textEncoding
	begun bool
	odd   []byte // the bytes of a unit or pair that the last chunk did not complete
}

// appendTo adds the next piece of text to dst. The error, io.EOF at the end, may come with text.
func (t *textReader) appendTo(dst []byte) ([]byte, error) {
	dst, err := t.decode(dst)
	if err == io.EOF {
		dst = cutEndMark(dst)
	}
	return dst, err
}

// cutEndMark takes the mark away with which programs of DOS end a text, once or up to the end of a block.
func cutEndMark(b []byte) []byte {
	const mark = 0x1a
	text := bytes.TrimRight(b, "\x1a\r\n")
	if i := bytes.IndexByte(b[len(text):], mark); i >= 0 {
		return b[:len(text)+i]
	}
	return b
}

func (t *textReader) decode(dst []byte) ([]byte, error) {
	data, err := t.src.next()
	if !t.begun {
		t.begun = true
		for mark := t.enc.mark(); mark != "" && bytes.HasPrefix(data, []byte(mark)); { // some programs write it twice
			data = data[len(mark):]
		}
	}
	switch {
	case t.enc.wide:
		return t.appendUnits(dst, data, err)
	case t.enc.table != nil:
		for len(data) > 0 {
			n := 0
			for n < len(data) && data[n] < utf8.RuneSelf {
				n++
			}
			dst = append(dst, data[:n]...)
			if n < len(data) {
				dst = utf8.AppendRune(dst, t.enc.table[data[n]])
				n++
			}
			data = data[n:]
		}
		return dst, err
	}
	return append(dst, data...), err
}

func (t *textReader) appendUnits(dst, data []byte, err error) ([]byte, error) {
	if len(t.odd) > 0 {
		data = append(t.odd, data...)
		t.odd = nil
	}
	unit := func(i int) rune {
		if t.enc.big {
			return rune(data[i])<<8 | rune(data[i+1])
		}
		return rune(data[i+1])<<8 | rune(data[i])
	}
	i := 0
	for i+1 < len(data) {
		r := unit(i)
		switch {
		case r == 0:
			return dst, errNotText
		case utf16.IsSurrogate(r):
			if i+3 >= len(data) {
				goto rest
			}
			if r = utf16.DecodeRune(r, unit(i+2)); r == utf8.RuneError {
				return dst, errNotText
			}
			i += 2
		}
		dst = utf8.AppendRune(dst, r)
		i += 2
	}
rest:
	if i < len(data) {
		if err == io.EOF {
			return dst, errNotText
		}
		t.odd = append([]byte(nil), data[i:]...)
	}
	return dst, err
}
