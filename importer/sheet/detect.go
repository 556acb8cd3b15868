package sheet

import (
	"bytes"
	"io"
	"regexp"
)

// isZip tells whether the file begins as a zip archive does, and so perhaps is a workbook.
func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")) || bytes.HasPrefix(head, []byte("PK\x07\x08"))
}

const saveAsXLSX = "open it in Excel or LibreOffice and save it as .xlsx"

// signatures are the beginnings of files that cannot be a table in text, whatever their name says.
var signatures = []struct{ magic, text, hint string }{
	{"%PDF-", "this is a PDF document, not a table", "export the table as .xlsx or .csv where it comes from"},
	{"{\\rtf", "this is an RTF document, not a table", "export the table as .xlsx or .csv where it comes from"},
	{"\x1f\x8b", "this is a gzip archive", "unpack it first"},
	{"7z\xbc\xaf\x27\x1c", "this is a 7-Zip archive", "unpack it first"},
	{"Rar!\x1a\x07", "this is a RAR archive", "unpack it first"},
	{"BZh", "this is a bzip2 archive", "unpack it first"},
	{"\x89PNG\r\n", "this is a picture, not a table", "export the table as .xlsx or .csv where it comes from"},
	{"\xff\xd8\xff", "this is a picture, not a table", "export the table as .xlsx or .csv where it comes from"},
	{"GIF8", "this is a picture, not a table", "export the table as .xlsx or .csv where it comes from"},
	{"SQLite format 3\x00", "this is a database, not a table in text", "export the table as .xlsx or .csv"},
	{"\xff\xfe\x00\x00", "the text is in UTF-32, which is not read", "save it as UTF-8"},
	{"\x00\x00\xfe\xff", "the text is in UTF-32, which is not read", "save it as UTF-8"},
	{"\xfd7zXZ\x00", "this is an xz archive", "unpack it first"},
	{"\x28\xb5\x2f\xfd", "this is a Zstandard archive", "unpack it first"},
	{"BEGIN:VCARD", "this is a file of address cards, not a table", "export the table as .xlsx or .csv where it comes from"},
	{"\x7fELF", "this is a program, not a table", "name the table's file"},
	{"MZ\x90\x00", "this is a program, not a table", "name the table's file"},
}

// notations are the beginnings of texts that are tables to programs only. A table may well have the label ID, so a file of SYLK
// is told by its second line.
var notations = []struct {
	beginning  *regexp.Regexp
	text, hint string
}{
	{regexp.MustCompile(`^\s*[{\[]\s*[{\["]`), "this is JSON, not a table", "export the table as .xlsx or .csv where it comes from"},
	{regexp.MustCompile(`^ID;P[^\r\n]*[\r\n]+[BCFOP];`), "this is a file in SYLK (.slk), whatever its name says", saveAsXLSX},
	{regexp.MustCompile(`^TABLE\r?\n0,1\r?\n`), "this is a file in the Data Interchange Format (.dif), whatever its name says", saveAsXLSX},
}

// openOther opens what is not a text of cells, or refuses it, by its content alone; other is false for all else, which is left
// to openCSV.
func (f *File) openOther(census *census, opt Options) (other bool, err error) {
	head := census.head
	switch {
	case isZip(head):
		return true, f.openZip(f.file, census.size, opt)
	case bytes.HasPrefix(head, oleMagic):
		return true, f.openOLE(census, opt)
	case isBareXLS(head):
		raw, err := f.hold(census)
		if err != nil {
			return true, err
		}
		return true, f.openXLS(raw, raw, opt)
	}
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return true, &FileError{File: f.Name, Text: s.text, Hint: s.hint}
		}
	}
	for _, n := range notations {
		if n.beginning.Match(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))) {
			return true, &FileError{File: f.Name, Text: n.text, Hint: n.hint}
		}
	}
	if kind := markup(head); kind != noMarkup {
		return true, f.openMarkup(kind, census, opt)
	}
	return false, nil
}

// isBareXLS tells the files of Excel 2, 3 and 4, which lie in no container, by their first record: its kind, its length and
// the kind of sheet.
func isBareXLS(head []byte) bool {
	if len(head) < 8 || head[0] != 0x09 || head[1] > 0x04 || head[1]&1 != 0 {
		return false
	}
	return (head[2] == 4 || head[2] == 6 || head[2] == 8) && head[3] == 0 && head[7] == 0 && (head[6] == 0x10 || head[6] == 0x20 || head[6] == 0x40)
}

// openZip reads a workbook in a zip archive of any kind.
func (f *File) openZip(r io.ReaderAt, size int64, opt Options) error {
	a, err := openArchive(f.Name, r, size)
	if err != nil {
		return err
	}
	extension := ""
	switch {
	case a.has("xl/workbook.bin"):
		extension = "xlsb"
	case a.has("content.xml") && a.has("mimetype"):
		extension = "ods"
		protected, err := a.mentions("META-INF/manifest.xml", "encryption-data")
		if err != nil {
			return err
		}
		if protected {
			return &FileError{File: f.Name, Text: "this OpenDocument file is protected by a password", Hint: "save it without one, as .xlsx"}
		}
	default:
		f.Format = "xlsx"
		return f.openWorkbook(a, opt)
	}
	// LibreOffice reads what it can of a damaged file, and inflates what it is given: all of it has to be sound first.
	if err := a.check(); err != nil {
		return err
	}
	return f.openConverted(extension, io.NewSectionReader(r, 0, size), opt)
}
