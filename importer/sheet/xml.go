package sheet

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	maxToken = 1 << 20 // bytes of one tag or one run of text; a cell of 32,767 characters written as references is smaller
	maxDepth = 64      // open elements
)

// token is what xmlScanner.next has found.
type token uint8

const (
	endOfPart token = iota
	startTag
	endTag
	charData
)

// xmlScanner cuts the XML of one part into tags and text, strictly: what is not well-formed in tags, references, characters or
// nesting is an error, and so is a document type. Names are given without their prefix.
type xmlScanner struct {
	src     func() ([]byte, error) // the next bytes; io.EOF may come with some
	decoded bool                   // they are UTF-8, whatever the XML says of its encoding
	buf     []byte
	pos     int
	err     error // of src
	base    int64 // offset of buf[0] in the part

	name  []byte // of startTag and endTag
	attrs []byte // of startTag, as they stand
	empty bool   // startTag of an element that is also its end: no endTag follows
	text  []byte // of text, as it stands
	cdata bool   // the text holds no references

	open   []byte // names of the open elements, one after the other
	starts []int  // of each in open
	rooted bool   // the root element was seen
}

// damage is what is wrong with the XML of a part.
type damage struct {
	offset int64
	text   string
}

func (d *damage) Error() string { return fmt.Sprintf("%s (at byte %d)", d.text, d.offset) }

func (x *xmlScanner) damaged(format string, args ...any) error {
	return &damage{x.base + int64(x.pos), fmt.Sprintf(format, args...)}
}

// depth gives how many elements are open. An empty one never is.
func (x *xmlScanner) depth() int { return len(x.starts) }

// more reads on behind the buffer. It moves the buffer: earlier slices are void.
func (x *xmlScanner) more() error {
	if x.err != nil {
		return x.err
	}
	if len(x.buf)-x.pos > maxToken {
		return x.damaged("a tag or a text of more than %d bytes", maxToken)
	}
	x.base += int64(x.pos)
	x.buf = x.buf[:copy(x.buf, x.buf[x.pos:])]
	x.pos = 0
	var b []byte
	b, x.err = x.src()
	x.buf = append(x.buf, b...)
	if len(b) > 0 {
		return nil
	}
	return x.err
}

// next finds the next tag or text. Comments and processing instructions are passed over. At the end of the part all
// elements have to be closed, and the part has been read to its last byte.
func (x *xmlScanner) next() (token, error) {
	for {
		if x.pos == len(x.buf) {
			switch err := x.more(); {
			case err == nil:
				continue
			case err != io.EOF:
				return 0, err
			case len(x.starts) > 0:
				return 0, x.damaged("it ends inside <%s>", x.top())
			case !x.rooted:
				return 0, x.damaged("it is empty")
			}
			return endOfPart, nil
		}
		if x.buf[x.pos] != '<' {
			return x.textToken()
		}
		if x.pos+1 == len(x.buf) {
			if err := x.want(2); err != nil {
				return 0, err
			}
		}
		switch x.buf[x.pos+1] {
		case '/':
			return x.endToken()
		case '?':
			if err := x.instruction(); err != nil {
				return 0, err
			}
		case '!':
			t, err := x.markup()
			if t != endOfPart || err != nil {
				return t, err
			}
		default:
			return x.startToken()
		}
	}
}

// want reads on until n bytes stand at pos.
func (x *xmlScanner) want(n int) error {
	for len(x.buf)-x.pos < n {
		if err := x.more(); err == io.EOF {
			return x.damaged("it ends inside a tag")
		} else if err != nil {
			return err
		}
	}
	return nil
}

// What ends the pieces of XML.
var (
	tagEnd         = []byte(">")
	instructionEnd = []byte("?>")
	commentEnd     = []byte("-->")
	sectionEnd     = []byte("]]>")
)

// until gives the length from pos to the end of the first sep that begins at least skip bytes on.
func (x *xmlScanner) until(skip int, sep []byte) (int, error) {
	for from := skip; ; {
		if from <= len(x.buf)-x.pos {
			if i := bytes.Index(x.buf[x.pos+from:], sep); i >= 0 {
				return from + i + len(sep), nil
			}
			from = max(skip, len(x.buf)-x.pos-len(sep)+1)
		}
		if err := x.want(len(x.buf) - x.pos + 1); err != nil {
			return 0, err
		}
	}
}

func (x *xmlScanner) textToken() (token, error) {
	n := 0
	for {
		i := bytes.IndexByte(x.buf[x.pos+n:], '<')
		if i >= 0 {
			n += i
			break
		}
		n = len(x.buf) - x.pos
		if err := x.more(); err == io.EOF {
			break
		} else if err != nil {
			return 0, err
		}
	}
	x.text, x.cdata = x.buf[x.pos:x.pos+n], false
	if len(x.starts) == 0 && len(bytes.TrimLeft(bytes.TrimPrefix(x.text, []byte("\xef\xbb\xbf")), " \t\r\n")) > 0 {
		return 0, x.damaged("text outside of all elements")
	}
	x.pos += n
	return charData, nil
}

// inTag marks the bytes of a tag that mean something to tagLength.
var inTag = [256]bool{'<': true, '>': true, '"': true, '\'': true}

// tagLength gives the length of the tag at pos, with its brackets; a bracket inside quotes does not end it.
func (x *xmlScanner) tagLength() (int, error) {
	quote := byte(0) // the open one
	for i := 1; ; {
		b := x.buf[x.pos:]
		for ; i < len(b); i++ {
			c := b[i]
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case !inTag[c]:
			case c == '>':
				return i + 1, nil
			case c == '<':
				return 0, x.damaged("a tag inside a tag")
			default:
				quote = c
			}
		}
		if err := x.want(len(b) + 1); err != nil {
			return 0, err
		}
	}
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

// nameLength gives the length of the name at the start of b, 0 for none, and where its part behind the prefix begins.
func nameLength(b []byte) (n, local int) {
	for n < len(b) {
		switch c := b[n]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= utf8.RuneSelf:
		case n > 0 && (c >= '0' && c <= '9' || c == '-' || c == '.'):
		case n > 0 && c == ':':
			local = n + 1
		default:
			return n, local
		}
		n++
	}
	return n, local
}

func (x *xmlScanner) startToken() (token, error) {
	n, err := x.tagLength()
	if err != nil {
		return 0, err
	}
	tag := x.buf[x.pos+1 : x.pos+n-1]
	x.empty = len(tag) > 0 && tag[len(tag)-1] == '/'
	if x.empty {
		tag = tag[:len(tag)-1]
	}
	m, local := nameLength(tag)
	switch {
	case m == local || m < len(tag) && !isBlank(tag[m]):
		return 0, x.damaged("a tag without a name")
	case len(x.starts) == 0 && x.rooted:
		return 0, x.damaged("a second root element")
	case len(x.starts) >= maxDepth:
		return 0, x.damaged("more than %d elements inside each other", maxDepth)
	}
	x.rooted = true
	x.name, x.attrs = tag[local:m], tag[m:]
	if !x.empty {
		x.starts = append(x.starts, len(x.open))
		x.open = append(x.open, tag[:m]...)
	}
	x.pos += n
	return startTag, nil
}

func (x *xmlScanner) endToken() (token, error) {
	if len(x.starts) > 0 {
		// Nearly all tags are just the name, and in one piece.
		start := x.starts[len(x.starts)-1]
		name := x.open[start:]
		if b := x.buf[x.pos+2:]; len(b) > len(name) && b[len(name)] == '>' && string(b[:len(name)]) == string(name) {
			_, local := nameLength(name)
			x.name = b[local:len(name)]
			x.open, x.starts = x.open[:start], x.starts[:len(x.starts)-1]
			x.pos += len(name) + 3
			return endTag, nil
		}
	}
	n, err := x.until(2, tagEnd)
	if err != nil {
		return 0, err
	}
	tag := x.buf[x.pos+2 : x.pos+n-1]
	for len(tag) > 0 && isBlank(tag[len(tag)-1]) {
		tag = tag[:len(tag)-1]
	}
	if !bytes.Equal(tag, x.top()) || len(tag) == 0 {
		return 0, x.damaged("</%s> does not close <%s>", clip(string(tag)), clip(string(x.top())))
	}
	_, local := nameLength(tag)
	x.name = tag[local:]
	x.open = x.open[:x.starts[len(x.starts)-1]]
	x.starts = x.starts[:len(x.starts)-1]
	x.pos += n
	return endTag, nil
}

// top gives the name of the innermost open element, nil for none.
func (x *xmlScanner) top() []byte {
	if len(x.starts) == 0 {
		return nil
	}
	return x.open[x.starts[len(x.starts)-1]:]
}

// instruction passes over <?…?>; the one at the top may name no encoding but UTF-8.
func (x *xmlScanner) instruction() error {
	n, err := x.until(2, instructionEnd)
	if err != nil {
		return err
	}
	body := x.buf[x.pos+2 : x.pos+n-2]
	if !x.decoded && bytes.HasPrefix(body, []byte("xml")) && len(body) > 3 && isBlank(body[3]) {
		if i := bytes.Index(body, []byte("encoding")); i >= 0 {
			lower := bytes.ToLower(body[i:])
			if !bytes.Contains(lower, []byte("utf-8")) && !bytes.Contains(lower, []byte("us-ascii")) {
				return x.damaged("its encoding is not UTF-8")
			}
		}
	}
	x.pos += n
	return nil
}

// markup reads what begins with <!: a comment, which gives endOfPart for nothing, or a CDATA section, which is text.
func (x *xmlScanner) markup() (token, error) {
	if err := x.want(4); err != nil {
		return 0, err
	}
	if string(x.buf[x.pos:x.pos+4]) == "<!--" {
		n, err := x.until(4, commentEnd)
		x.pos += n
		return endOfPart, err
	}
	const section = "<![CDATA["
	if err := x.want(len(section)); err != nil {
		return 0, err
	}
	if string(x.buf[x.pos:x.pos+len(section)]) != section || len(x.starts) == 0 {
		return 0, x.damaged("a document type or other declaration, which is not read")
	}
	n, err := x.until(len(section), sectionEnd)
	if err != nil {
		return 0, err
	}
	x.text, x.cdata = x.buf[x.pos+len(section):x.pos+n-3], true
	x.pos += n
	return charData, nil
}

// onlyValue reads what stands in nearly every cell, <v>…</v></c> in one piece with nothing to resolve, at a third of the cost of
// its tags one by one. ok is false for all else, and nothing is read then.
func (x *xmlScanner) onlyValue() (value []byte, ok bool) {
	const start, end = "<v>", "</v></c>"
	b := x.buf[x.pos:]
	if len(b) < len(start) || string(b[:len(start)]) != start || string(x.top()) != "c" {
		return nil, false
	}
	n := len(start)
	for n < len(b) && plainText[b[n]] && b[n] != '<' {
		n++
	}
	if len(b)-n < len(end) || string(b[n:n+len(end)]) != end {
		return nil, false
	}
	x.open = x.open[:x.starts[len(x.starts)-1]]
	x.starts = x.starts[:len(x.starts)-1]
	x.pos += n + len(end)
	return b[len(start):n], true
}

// skip passes over the rest of the element whose startTag came last.
func (x *xmlScanner) skip() error {
	if x.empty {
		return nil
	}
	for depth := x.depth(); x.depth() >= depth; {
		if _, err := x.next(); err != nil {
			return err
		}
	}
	return nil
}

// attr takes the first attribute off attrs. The name is without prefix where prefixed is false, and value as it stands.
// ok is false after the last.
func (x *xmlScanner) attr(attrs *[]byte) (name, value []byte, ok bool, err error) {
	b := *attrs
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	if len(b) == 0 {
		return nil, nil, false, nil
	}
	n, _ := nameLength(b)
	i := n
	for i < len(b) && isBlank(b[i]) {
		i++
	}
	if n == 0 || i == len(b) || b[i] != '=' {
		return nil, nil, false, x.damaged("an attribute without a value in <%s>", clip(string(x.name)))
	}
	for i++; i < len(b) && isBlank(b[i]); i++ {
	}
	if i == len(b) || b[i] != '"' && b[i] != '\'' {
		return nil, nil, false, x.damaged("an attribute without quotes in <%s>", clip(string(x.name)))
	}
	j := bytes.IndexByte(b[i+1:], b[i])
	if j < 0 {
		return nil, nil, false, x.damaged("an attribute without an end in <%s>", clip(string(x.name)))
	}
	*attrs = b[i+j+2:]
	return b[:n], b[i+1 : i+1+j], true, nil
}

// attribute finds one attribute of the last startTag by its name without prefix; "" where it is not there.
func (x *xmlScanner) attribute(want string) (string, error) {
	attrs, found := x.attrs, ""
	for {
		name, value, ok, err := x.attr(&attrs)
		if err != nil || !ok {
			return found, err
		}
		if _, local := nameLength(name); string(name[local:]) == want {
			b, err := x.appendText(nil, value, false)
			if err != nil {
				return "", err
			}
			found = string(b)
		}
	}
}

// plainText marks the bytes of text that stand for themselves.
var plainText = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '&'
	}
	t['\t'], t['\n'] = true, true
	return t
}()

// appendText adds text to dst with its references resolved and its line ends made LF.
func (x *xmlScanner) appendText(dst, raw []byte, cdata bool) ([]byte, error) {
	for i := 0; i < len(raw); {
		start := i
		for i < len(raw) && plainText[raw[i]] {
			i++
		}
		dst = append(dst, raw[start:i]...)
		if i == len(raw) {
			break
		}
		switch c := raw[i]; {
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(raw[i:])
			if r == utf8.RuneError && n == 1 || r == 0xfffe || r == 0xffff {
				return dst, x.damaged("a byte that is no UTF-8")
			}
			dst = append(dst, raw[i:i+n]...)
			i += n
		case c == '\r':
			dst = append(dst, '\n')
			if i++; i < len(raw) && raw[i] == '\n' {
				i++
			}
		case c == '&' && cdata:
			dst = append(dst, c)
			i++
		case c == '&':
			j := bytes.IndexByte(raw[i:min(len(raw), i+16)], ';')
			if j < 0 {
				return dst, x.damaged("a & that begins no reference")
			}
			r, ok := reference(raw[i+1 : i+j])
			if !ok {
				return dst, x.damaged("the reference %q is not known", clip(string(raw[i:i+j+1])))
			}
			dst = utf8.AppendRune(dst, r)
			i += j + 1
		default:
			return dst, x.damaged("the control character %q", c)
		}
	}
	return dst, nil
}

// reference gives the character of what stands between & and ;. Only the five of XML and numbers are known.
func reference(b []byte) (rune, bool) {
	switch string(b) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(b) < 2 || b[0] != '#' {
		return 0, false
	}
	digits, base := string(b[1:]), 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	r := rune(n)
	if err != nil || r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff || !utf8.ValidRune(r) {
		return 0, false
	}
	return r, true
}

// decodeEscapes resolves the _xHHHH_ in which workbooks write what XML cannot hold, in b[from:].
func decodeEscapes(b []byte, from int) []byte {
	i := bytes.Index(b[from:], []byte("_x"))
	if i < 0 {
		return b
	}
	i += from
	out := b[:i]
	for i < len(b) {
		r, n := escape(b[i:])
		if utf16.IsSurrogate(r) {
			low, m := escape(b[i+n:])
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				n = 0
			} else {
				n += m
			}
		}
		if n == 0 {
			out = append(out, b[i])
			i++
			continue
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	return out
}

// escape reads one _xHHHH_ at the start of b; n is 0 where there is none.
func escape(b []byte) (r rune, n int) {
	if len(b) < 7 || b[0] != '_' || b[1] != 'x' || b[6] != '_' {
		return 0, 0
	}
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, 0
		}
	}
	if r == 0 {
		return 0, 0
	}
	return r, 7
}
