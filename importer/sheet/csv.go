package sheet

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// openCSV finds out how the text file is to be read, and its header.
func (f *File) openCSV(census *census, opt Options) error {
	f.Format = "csv"
	enc, err := f.encoding(census, opt.Encoding)
	if err != nil {
		return err
	}
	f.Encoding = enc.name
	head, whole, err := f.textHead(enc)
	if err != nil {
		return err
	}
	if enc.table != nil && opt.Encoding == "" {
		f.note("encoding", 0, enc.name, f.sampleWords(census.firstBad, enc))
	}
	if i := bytes.IndexByte(head, 0x1e); i >= 0 && bytes.IndexByte(head, 0x1f) >= 0 {
		return &FileError{File: f.Name, Cell: fmt.Sprintf("line %d", lineEnds(head[:i])+1), Text: "ends its rows with the record separator 0x1E, which is not read", Hint: "export it with line ends, or as .xlsx"}
	}
	quote, err := f.quoteOption(opt.Quote)
	if err != nil {
		return err
	}
	delimiter, fromLine := sepLine(head)
	table := head
	if fromLine {
		f.note("sep-line", 1)
		table = head[len(firstLine(head)):]
	}
	if opt.Delimiter != "" {
		if delimiter, err = f.delimiterOption(opt.Delimiter); err != nil {
			return err
		}
	}
	d := findDialect(table, whole, delimiter, quote)
	if fromLine && opt.Delimiter == "" && d.width < 2 { // the line is wrong
		d = findDialect(table, whole, "", quote)
	}
	if d.width < 2 && !whole && !fromLine && opt.Delimiter == "" {
		// What is one column at the beginning is one to the end, whatever stands in its texts.
		absent, err := f.absentDelimiter()
		if err != nil {
			return err
		}
		if absent != "" {
			d = d.with(absent, d.quote, d.escape)
		}
	}
	f.Delimiter = d.delimiter
	switch {
	case d.inTexts != "":
		f.note("one-column", 0, fmt.Sprintf("%q", d.inTexts))
	case d.doubtful:
		f.note("two-columns", 0, fmt.Sprintf("%q", d.delimiter))
	}
	if d.wrapped {
		f.note("wrapped-lines", 0)
	}
	f.open = func() (rawRows, error) {
		if _, err := f.file.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		c := &csvRows{file: f, dialect: d, line: 1, width: len(f.Columns), loose: looseRoutes}
		if !f.started {
			c.text = textReader{src: readAhead(f.file, nil), enc: enc}
			return c, nil
		}
		sum := newSeal()
		c.text = textReader{src: readAhead(f.file, sum), enc: enc}
		c.ended = func() error { return f.unchanged(sum) }
		return c, nil
	}
	top := 1
	if fromLine {
		top = 2
	}
	return f.findTable(top, opt.Header)
}

// absentDelimiter gives a delimiter that the whole file does not hold, "" where it holds all.
func (f *File) absentDelimiter() (string, error) {
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	left := slices.Clone(delimiters)
	src := readAhead(f.file, nil)
	defer src.close()
	for {
		data, err := src.next()
		left = slices.DeleteFunc(left, func(delimiter string) bool { return bytes.Contains(data, []byte(delimiter)) })
		switch {
		case len(left) == 0:
			return "", nil
		case err == io.EOF:
			return left[0], nil
		case err != nil:
			return "", err
		}
	}
}

// textHead decodes the beginning of the file; whole says that it is all of it.
func (f *File) textHead(enc textEncoding) (head []byte, whole bool, err error) {
	const size = 128 << 10
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return nil, false, err
	}
	t := textReader{src: readAhead(f.file, nil), enc: enc}
	defer t.src.close()
	for len(head) < size {
		head, err = t.appendTo(head)
		switch err {
		case nil:
		case io.EOF, errNotText: // the reader of the rows names the place
			return head, true, nil
		default:
			return nil, false, err
		}
	}
	return head, false, nil
}

// quoteOption gives the quote that the caller names, 0 for none at all; nil leaves it to the text.
func (f *File) quoteOption(s string) (*byte, error) {
	var quote byte
	switch s {
	case "":
		return nil, nil
	case `"`, "'":
		quote = s[0]
	case "none":
	default:
		return nil, &FileError{File: f.Name, Option: "quote", Read: s, Text: "cannot be the quote", Hint: `it is ", ' or none`}
	}
	return &quote, nil
}

func (f *File) delimiterOption(s string) (string, error) {
	switch strings.ToLower(s) {
	case "tab", `\t`:
		return "\t", nil
	}
	read := s
	if digits, ok := strings.CutPrefix(s, `\x`); ok { // control characters are hard to type
		if n, err := strconv.ParseUint(digits, 16, 8); err == nil && n < ' ' {
			s = string(rune(n))
		}
	}
	if !isDelimiter(s) {
		return "", &FileError{File: f.Name, Option: "delimiter", Read: read, Text: "cannot be the delimiter", Hint: `it is one to four characters like ; , | || or the word tab, or a control character like \x1f; two blanks stand for two or more`}
	}
	return s, nil
}

// isDelimiter holds for one to four characters of which none can begin a word or a quoted cell. The letter þ is taken, since programs
// do that which look for a letter that no text in their country has.
func isDelimiter(s string) bool {
	n := utf8.RuneCountInString(s)
	return n >= 1 && n <= 4 && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsLetter(r) && r != 'þ' || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune("\x00\n\r\"'", r)
	})
}

// sepLine reads the line "sep=;" with which a file tells Excel its delimiter, "" where there is none.
func sepLine(head []byte) (delimiter string, ok bool) {
	line := strings.Trim(firstLine(head), `"`)
	if len(line) < 5 || !strings.EqualFold(line[:4], "sep=") {
		return "", false
	}
	delimiter = line[4:]
	if s := strings.TrimRight(delimiter, " "); s != "" {
		delimiter = s
	}
	if !isDelimiter(delimiter) {
		return "", false
	}
	return delimiter, true
}

// sampleWords gives up to three words with letters beyond ASCII from the offset of the first of them, so that a person sees
// whether the encoding of one byte a letter is right.
func (f *File) sampleWords(offset int64, enc textEncoding) string {
	const before, size = 64, 4 << 10
	b := make([]byte, size)
	n, _ := f.file.ReadAt(b, max(0, offset-before)) // the words are for show, and a file that cannot be read shows itself later
	var text strings.Builder
	for _, c := range b[:n] {
		text.WriteRune(enc.table[c])
	}
	var words []string
	for _, w := range strings.FieldsFunc(text.String(), func(r rune) bool { return strings.ContainsRune(" \t\r\n;,|\"'()/@", r) }) {
		if len(words) < 3 && len(w) != utf8.RuneCountInString(w) {
			if w = fmt.Sprintf("%q", clip(w)); !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
	}
	return strings.Join(words, ", ")
}
