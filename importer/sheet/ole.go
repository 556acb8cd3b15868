package sheet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/richardlehane/mscfb"
	"github.com/xuri/excelize/v2"
)

// oleMagic begins the container of XLS files and of password-protected workbooks.
var oleMagic = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}

// openOLE reads what lies in an OLE container: a workbook behind a password, or an XLS file.
func (f *File) openOLE(census *census, opt Options) error {
	raw, err := f.hold(census)
	if err != nil {
		return err
	}
	streams, err := oleStreams(raw)
	if err != nil {
		return &FileError{File: f.Name, Text: "the file is cut off or damaged: " + err.Error(), Hint: "fetch or export the file again"}
	}
	if info, ok := streams["EncryptionInfo"]; ok {
		book, err := f.decrypt(raw, info, opt.Password)
		if err != nil {
			return err
		}
		return f.openZip(bytes.NewReader(book), int64(len(book)), opt)
	}
	for _, name := range []string{"Workbook", "Book"} {
		if book, ok := streams[name]; ok {
			return f.openXLS(book, raw, opt)
		}
	}
	text := "this file holds no table"
	switch {
	case streams["WordDocument"] != nil:
		text = "this is a Word document, not a table"
	case streams["PowerPoint Document"] != nil:
		text = "this is a PowerPoint presentation, not a table"
	case streams["__properties_version1.0"] != nil:
		text = "this is an Outlook message, not a table"
	}
	return &FileError{File: f.Name, Text: text, Hint: "export the table as .xlsx or .csv"}
}

// hold reads the whole file, and makes sure that it is the one that was examined.
func (f *File) hold(census *census) ([]byte, error) {
	if census.size > maxForeign {
		return nil, f.tooLargeToHold()
	}
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(f.file, maxForeign))
	if err != nil {
		return nil, err
	}
	sum := newSeal()
	sum.Write(raw)
	return raw, f.unchanged(sum)
}

// oleStreams gives the streams of an OLE container by their names, as far as they tell what it is. One that is cut off is an
// error. Of streams of a name only one is given, and of those in folders none: they are not the file's own.
func oleStreams(raw []byte) (streams map[string][]byte, err error) {
	defer caught(&err)
	r, err := mscfb.New(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	streams = map[string][]byte{}
	for {
		entry, err := r.Next()
		if err == io.EOF {
			return streams, nil
		}
		if err != nil {
			return nil, err
		}
		switch entry.Name {
		case "Workbook", "Book", "EncryptionInfo", "WordDocument", "PowerPoint Document", "__properties_version1.0":
		default:
			continue
		}
		if len(entry.Path) > 0 || streams[entry.Name] != nil {
			continue
		}
		if entry.Size < 0 || entry.Size > int64(len(raw)) {
			return nil, fmt.Errorf("the stream %q is longer than the file", entry.Name)
		}
		b := make([]byte, entry.Size)
		if n, err := io.ReadFull(entry, b); err != nil {
			return nil, fmt.Errorf("of %d bytes of the stream %q only %d are there", len(b), entry.Name, n)
		}
		streams[entry.Name] = b
	}
}

// caught turns a panic of a library that reads hostile bytes into an error.
func caught(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("its container cannot be read: %v", r)
	}
}

const (
	maxSpins = 1_000_000 // rounds of the password's hash; Excel's own are 100,000

	// defaultPassword opens what Excel protects only against changes: it asks nobody for it, and neither do we.
	defaultPassword = "VelvetSweatshop"
)

var spinCount = regexp.MustCompile(`spinCount="(\d+)"`)

// decrypt opens a workbook that was saved with a password. It is in memory only. info is the stream that says how.
func (f *File) decrypt(raw, info []byte, password string) ([]byte, error) {
	refuse := func(text, hint string) error { return &FileError{File: f.Name, Text: text, Hint: hint} }
	if m := spinCount.FindSubmatch(info); m != nil {
		if n, err := strconv.Atoi(string(m[1])); err != nil || n > maxSpins {
			return nil, refuse(fmt.Sprintf("its password is hashed more than %d times", maxSpins), saveAsXLSX)
		}
	}
	text := "the password in ORDERIMPORT_FILE_PASSWORD does not open this workbook"
	if password == "" {
		password, text = defaultPassword, "this workbook is protected by a password"
	}
	book, err := decryptBook(raw, password)
	if err != nil || !isZip(book) { // a wrong password gives nonsense
		return nil, refuse(text, "set ORDERIMPORT_FILE_PASSWORD to it, or open the file in Excel, take the password off (File, Info, Protect Workbook) and save it")
	}
	return book, nil
}

func decryptBook(raw []byte, password string) (book []byte, err error) {
	defer caught(&err)
	return excelize.Decrypt(raw, &excelize.Options{Password: password})
}

// openXLS reads an old Excel file, whose stream of records is book, through LibreOffice.
func (f *File) openXLS(book, raw []byte, opt Options) error {
	protected, err := checkRecords(book)
	switch {
	case err != nil:
		return &FileError{File: f.Name, Text: "the file is cut off or damaged: " + err.Error(), Hint: "fetch or export the file again"}
	case protected:
		return &FileError{File: f.Name, Text: "this old Excel file (.xls) is protected by a password", Hint: "open it in Excel, take the password off and save it as .xlsx"}
	}
	return f.openConverted("xls", bytes.NewReader(raw), opt)
}

// The records of an XLS file that checkRecords knows ([MS-XLS] 2.3).
const (
	recordEOF        = 0x000A
	recordFilePass   = 0x002F
	recordBoundSheet = 0x0085
	recordBOF        = 0x0809
	recordBOF2       = 0x0009 // of Excel 2, 3 and 4, whose files are one sheet
	recordBOF3       = 0x0209
	recordBOF4       = 0x0409
)

// checkRecords walks the records of an XLS file, so that one that is cut off does not pass for a shorter one: LibreOffice
// reads what is there. Every sheet must begin where the list of sheets says, and all must have their ends.
func checkRecords(b []byte) (protected bool, err error) {
	var sheets []uint32
	begins := map[uint32]bool{}
	depth, whole := 0, 0
	for at := 0; at < len(b); {
		if depth == 0 && whole > 0 && len(bytes.Trim(b[at:], "\x00")) == 0 {
			break // filled up to the end of a sector
		}
		if len(b)-at < 4 {
			return false, fmt.Errorf("it ends inside a record, at byte %d", at)
		}
		kind, size := binary.LittleEndian.Uint16(b[at:]), int(binary.LittleEndian.Uint16(b[at+2:]))
		if len(b)-at-4 < size {
			return false, fmt.Errorf("it ends inside a record, at byte %d", at)
		}
		data := b[at+4 : at+4+size]
		switch kind {
		case recordBOF, recordBOF2, recordBOF3, recordBOF4:
			begins[uint32(at)] = true
			depth++
		case recordEOF:
			depth--
			whole++
		case recordFilePass:
			return true, nil
		case recordBoundSheet:
			if len(data) >= 4 {
				sheets = append(sheets, binary.LittleEndian.Uint32(data))
			}
		}
		if depth < 0 || depth == 0 && kind != recordEOF {
			if whole > 0 {
				break // what follows the last sheet belongs to nobody
			}
			return false, fmt.Errorf("a record outside of all sheets, at byte %d", at)
		}
		at += 4 + size
	}
	if depth != 0 || whole == 0 {
		return false, fmt.Errorf("it ends inside a sheet")
	}
	for _, start := range sheets {
		if !begins[start] {
			return false, fmt.Errorf("a sheet is missing, at byte %d", start)
		}
	}
	return false, nil
}
