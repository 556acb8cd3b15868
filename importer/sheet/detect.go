package sheet

import (
	"bytes"
	"io"
)

// isZip tells whether the file begins as a zip archive does, and so perhaps is a workbook.
func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")) || bytes.HasPrefix(head, []byte("PK\x07\x08"))
}

const saveAsXLSX = "open it in Excel or LibreOffice and save it as .xlsx"

// oleMagic begins the container of XLS files and of password-protected workbooks.
var oleMagic = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}

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
	{"\x09\x08\x10\x00", "this is an old Excel file (.xls), which is not read", saveAsXLSX},
	{"\x09\x08\x06\x00", "this is an old Excel file (.xls), which is not read", saveAsXLSX},
	{"\x09\x04\x06\x00", "this is an old Excel file (.xls), which is not read", saveAsXLSX},
	{"\x09\x00\x04\x00", "this is an old Excel file (.xls), which is not read", saveAsXLSX},
	{"SQLite format 3\x00", "this is a database, not a table in text", "export the table as .xlsx or .csv"},
	{"\xff\xfe\x00\x00", "the text is in UTF-32, which is not read", "save it as UTF-8"},
	{"\x00\x00\xfe\xff", "the text is in UTF-32, which is not read", "save it as UTF-8"},
	{"\x7fELF", "this is a program, not a table", "name the table's file"},
	{"MZ\x90\x00", "this is a program, not a table", "name the table's file"},
}

// refuseForeign refuses what is not text, by its content. head is the beginning of the file.
func (f *File) refuseForeign(head []byte) error {
	refuse := func(text, hint string) error { return &FileError{File: f.Name, Text: text, Hint: hint} }
	if bytes.HasPrefix(head, oleMagic) {
		if f.contains(utf16Bytes("EncryptedPackage")) {
			return refuse("this workbook is protected by a password", "open it in Excel, take the password off (File, Info, Protect Workbook) and save it as .xlsx")
		}
		return refuse("this is an old Excel file (.xls), which is not read", saveAsXLSX)
	}
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return refuse(s.text, s.hint)
		}
	}
	if kind := markup(head); kind != "" {
		return refuse("this is "+kind+", whatever its name says", saveAsXLSX)
	}
	return nil
}

// markup names the kind of an HTML or XML text, "" for others. Many systems export HTML tables under the name .xls.
func markup(head []byte) string {
	b := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(b, []byte("\xff\xfe<")) || bytes.HasPrefix(b, []byte("\xfe\xff\x00<")) {
		b = bytes.ReplaceAll(b[2:], []byte{0}, nil)
	}
	b = bytes.ToLower(bytes.TrimLeft(b, " \t\r\n"))
	switch {
	case bytes.HasPrefix(b, []byte("<?xml")):
		if bytes.Contains(b, []byte("<html")) {
			return "an HTML page"
		}
		if bytes.Contains(b, []byte("urn:schemas-microsoft-com:office:spreadsheet")) {
			return "an Excel 2003 XML file"
		}
		return "an XML file"
	case bytes.HasPrefix(b, []byte("<html")), bytes.HasPrefix(b, []byte("<!doctype html")), bytes.HasPrefix(b, []byte("<table")),
		bytes.HasPrefix(b, []byte("<head")), bytes.HasPrefix(b, []byte("<meta")), bytes.HasPrefix(b, []byte("<!--")):
		return "an HTML page"
	}
	return ""
}

// contains searches the whole file for the bytes. Only for files that are refused anyway.
func (f *File) contains(want []byte) bool {
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return false
	}
	buf := make([]byte, 0, chunkSize+len(want))
	for {
		n, err := f.file.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if bytes.Contains(buf, want) {
			return true
		}
		if err != nil {
			return false
		}
		if keep := len(want) - 1; len(buf) > keep {
			buf = buf[:copy(buf, buf[len(buf)-keep:])]
		}
	}
}

func utf16Bytes(ascii string) []byte {
	b := make([]byte, 0, 2*len(ascii))
	for i := range len(ascii) {
		b = append(b, ascii[i], 0)
	}
	return b
}
