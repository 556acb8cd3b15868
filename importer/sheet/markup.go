package sheet

import (
	"bytes"
	"io"
	"regexp"
)

// markupKind tells files that are made of tags.
type markupKind uint8

const (
	noMarkup markupKind = iota
	htmlPage
	excelXML   // SpreadsheetML, "XML Spreadsheet 2003"
	flatODS    // an OpenDocument spreadsheet in one XML file
	otherXML   // nothing that has a table
	webArchive // MHTML, "Single File Web Page"
)

// markup tells the kind by the beginning of a file. Many systems export HTML tables under the name .xls.
func markup(head []byte) markupKind {
	b := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(b, []byte("\xff\xfe<")) || bytes.HasPrefix(b, []byte("\xfe\xff\x00<")) {
		b = bytes.ReplaceAll(b[2:], []byte{0}, nil)
	}
	b = bytes.ToLower(bytes.TrimLeft(b, " \t\r\n"))
	has := func(s string) bool { return bytes.Contains(b, []byte(s)) }
	switch {
	case bytes.HasPrefix(b, []byte("mime-version:")) && has("text/html"):
		return webArchive
	case !bytes.HasPrefix(b, []byte("<")):
		return noMarkup
	case has("urn:schemas-microsoft-com:office:spreadsheet") && has("<?xml"):
		return excelXML
	case has("urn:oasis:names:tc:opendocument:xmlns:office") && has("opendocument.spreadsheet"):
		return flatODS
	case has("<html"), has("<!doctype html"), has("<table"), bytes.HasPrefix(b, []byte("<head")), bytes.HasPrefix(b, []byte("<meta")), bytes.HasPrefix(b, []byte("<body")):
		return htmlPage
	case bytes.HasPrefix(b, []byte("<?xml")), len(b) > 1 && b[1] >= 'a' && b[1] <= 'z' && (has("</") || has("/>")):
		return otherXML
	case bytes.HasPrefix(b, []byte("<!--")):
		return htmlPage
	}
	return noMarkup
}

// openMarkup reads a file made of tags, or refuses it.
func (f *File) openMarkup(kind markupKind, census *census, opt Options) error {
	switch kind {
	case htmlPage:
		return f.openHTML(census, opt)
	case excelXML:
		return f.openExcelXML(census, opt)
	case flatODS:
		if err := f.checkXML(census.size); err != nil {
			return err
		}
		return f.openConverted("fods", io.NewSectionReader(f.file, 0, census.size), opt)
	case webArchive:
		return &FileError{File: f.Name, Text: "this is a web page archive (.mht), whatever its name says", Hint: saveAsXLSX}
	}
	return &FileError{File: f.Name, Text: "this is an XML file, but no table of Excel's", Hint: "export the table as .xlsx or .csv"}
}

// checkXML reads the file as XML to its end: LibreOffice takes one that is cut off for a shorter one.
func (f *File) checkXML(size int64) error {
	src := readAhead(io.NewSectionReader(f.file, 0, size), nil)
	defer src.close()
	x := &xmlScanner{src: src.next}
	for {
		tok, err := x.next()
		if err != nil {
			return &FileError{File: f.Name, Text: "the XML is damaged: " + err.Error(), Hint: "fetch or export the file again"}
		}
		if tok == endOfPart {
			return nil
		}
	}
}

var declaredEncoding = regexp.MustCompile(`(?i)(?:charset|encoding)\s*=\s*["']?\s*([a-z0-9_.:-]+)`)

// markupEncoding decides on the encoding: what the caller wants; UTF-8 or UTF-16 where the bytes are that; what the file
// says; what its letters look like.
func (f *File) markupEncoding(c *census, want string) (textEncoding, error) {
	if want == "" && c.invalid > 0 && c.firstNUL < 0 && !bytes.HasPrefix(c.head, []byte("\xef\xbb\xbf")) {
		if m := declaredEncoding.FindSubmatch(c.head); m != nil {
			if enc, ok := encodingByName(string(m[1])); ok && enc.table != nil {
				return enc, nil
			}
		}
	}
	return f.encoding(c, want)
}

// checkPeeks refuses to read the file once for each of so many sheets, where they are too many for its size.
func (f *File) checkPeeks(sheets int, size int64, opt Options) error {
	if opt.Sheet != "" || sheets <= 1 || int64(sheets)*size <= maxPeeked {
		return nil
	}
	return f.tooManyPeeks(sheets)
}

// decodedText is a text in UTF-8 as an io.Reader.
type decodedText struct {
	textReader
	buf []byte
	pos int
	err error
}

func (t *decodedText) Read(p []byte) (int, error) {
	for t.pos == len(t.buf) {
		if t.err != nil {
			return 0, t.err
		}
		t.chunk()
	}
	n := copy(p, t.buf[t.pos:])
	t.pos += n
	return n, nil
}

// chunk gives the next piece of text, valid until the one after. The error may come with text.
func (t *decodedText) chunk() ([]byte, error) {
	t.buf, t.err = t.appendTo(t.buf[:0])
	t.pos = 0
	return t.buf, t.err
}
