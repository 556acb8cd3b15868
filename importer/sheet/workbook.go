package sheet

import (
	"path"
	"strconv"
	"strings"
)

// workbook is what surrounds the rows of an XLSX file: its sheets, styles and shared strings.
type workbook struct {
	*archive
	part     string // of the workbook itself
	sheets   []sheetPart
	formats  []numberFormat // by a cell's style
	strings  *stringTable
	date1904 bool
}

// sheetPart is one sheet of the workbook.
type sheetPart struct {
	name   string
	part   string
	hidden bool
}

// openWorkbook reads the parts around the rows and finds the sheet and its header.
func (f *File) openWorkbook(a *archive, opt Options) error {
	w := &workbook{archive: a}
	if err := w.readParts(); err != nil {
		return err
	}
	sheets := make([]candidate, len(w.sheets))
	for i, s := range w.sheets {
		sheets[i] = candidate{name: s.name, hidden: s.hidden}
		sheets[i].table = func() (tablePart, error) { return w.tableOf(s) }
		sheets[i].merged = func() ([]area, error) { return w.mergedIn(s) }
		sheets[i].open = func() (rawRows, error) {
			peek := f.Sheet == ""
			if peek && w.peeked > maxPeeked {
				return nil, f.tooManyPeeks(len(sheets))
			}
			r, err := w.openSheet(s)
			if err != nil {
				return nil, err
			}
			r.peek = peek
			if f.started {
				r.file = f
			}
			return r, nil
		}
	}
	return f.openOneOf(sheets, opt)
}

// readParts finds the parts by their relations, and reads them.
func (w *workbook) readParts() error {
	if err := w.refuseOthers(); err != nil {
		return err
	}
	w.part = "xl/workbook.xml"
	if w.has("_rels/.rels") {
		top, err := w.relations("_rels/.rels", "")
		if err != nil {
			return err
		}
		for _, r := range top {
			if r.is("officeDocument") {
				w.part = r.target
			}
		}
	}
	if !w.has(w.part) {
		return &FileError{File: w.path, Text: "this zip archive holds no workbook", Hint: "unpack it, or " + saveAsXLSX}
	}
	dir, base := path.Split(w.part)
	related, err := w.relations(dir+"_rels/"+base+".rels", dir)
	if err != nil {
		return err
	}
	if err := w.scan(w.part, func(x *xmlScanner) error { return w.readWorkbook(x, related) }); err != nil {
		return err
	}
	for _, r := range related {
		switch {
		case r.external:
		case r.is("styles"):
			if err := w.scan(r.target, w.readStyles); err != nil {
				return err
			}
		case r.is("sharedStrings"):
			err := w.scan(r.target, func(x *xmlScanner) (err error) {
				w.strings, err = readStrings(x)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// refuseOthers names the other kinds of zip archive that people hand in.
func (w *workbook) refuseOthers() error {
	refuse := func(text, hint string) error { return &FileError{File: w.path, Text: text, Hint: hint} }
	switch {
	case w.has("word/document.xml"):
		return refuse("this is a Word document, not a table", "export the table as .xlsx or .csv")
	case w.has("index/document.iwa"), w.has("index.zip"):
		return refuse("this is a Numbers file, which is not read", "export it from Numbers as .xlsx")
	}
	return nil
}

// relation is a link from one part to another.
type relation struct {
	id, kind, target string
	external         bool
}

// is compares the last word of the kind, which is the same in transitional and strict workbooks.
func (r relation) is(kind string) bool { return r.kind == kind }

// relations reads a part of relations; targets are relative to dir.
func (w *workbook) relations(part, dir string) ([]relation, error) {
	var all []relation
	err := w.scan(part, func(x *xmlScanner) error {
		for {
			tok, err := x.next()
			if err != nil || tok == endOfPart {
				return err
			}
			if tok != startTag || string(x.name) != "Relationship" {
				continue
			}
			var r relation
			var mode string
			for _, a := range []struct {
				name string
				to   *string
			}{{"Id", &r.id}, {"Type", &r.kind}, {"Target", &r.target}, {"TargetMode", &mode}} {
				if *a.to, err = x.attribute(a.name); err != nil {
					return err
				}
			}
			r.kind = path.Base(r.kind)
			r.external = strings.EqualFold(mode, "External")
			if !r.external {
				r.target = strings.ReplaceAll(r.target, `\`, "/")
				if strings.HasPrefix(r.target, "/") {
					r.target = path.Clean(r.target)[1:]
				} else {
					r.target = path.Join(dir, r.target)
				}
			}
			if all = append(all, r); len(all) > maxEntries {
				return x.damaged("more than %d relations", maxEntries)
			}
		}
	})
	return all, err
}

// readWorkbook reads the list of sheets and the epoch of dates.
func (w *workbook) readWorkbook(x *xmlScanner, related []relation) error {
	for {
		tok, err := x.next()
		if err != nil || tok == endOfPart {
			return err
		}
		if tok != startTag {
			continue
		}
		switch string(x.name) {
		case "workbookPr":
			on, err := x.attribute("date1904")
			if err != nil {
				return err
			}
			w.date1904 = isTrue(on)
		case "sheet":
			if err := w.addSheet(x, related); err != nil {
				return err
			}
		}
	}
}

// maxSheets bounds the sheets of a file; each costs a look at its first rows.
const maxSheets = 1000

func (w *workbook) addSheet(x *xmlScanner, related []relation) error {
	if len(w.sheets) == maxSheets {
		return x.damaged("more than %d sheets", maxSheets)
	}
	name, err := x.attribute("name")
	if err != nil {
		return err
	}
	state, err := x.attribute("state")
	if err != nil {
		return err
	}
	id, err := x.attribute("id")
	if err != nil {
		return err
	}
	for _, r := range related {
		if r.id != id {
			continue
		}
		if r.is("worksheet") && !r.external {
			w.sheets = append(w.sheets, sheetPart{name: name, part: r.target, hidden: state == "hidden" || state == "veryHidden"})
		}
		return nil // a chart or a macro sheet has no table
	}
	return x.damaged("the sheet %q has no part", clip(name))
}

func isTrue(s string) bool { return s == "1" || strings.EqualFold(s, "true") || s == "on" }

// The limits of styles, those of Excel rounded up.
const (
	maxStyles     = 1 << 16
	maxFormatCode = 4 << 10 // bytes of 255 characters, written at length
)

// readStyles reads for each style of cells what it makes of numbers.
func (w *workbook) readStyles(x *xmlScanner) error {
	codes := map[int]numberFormat{}
	var parent string // the child of the root that is open
	for {
		tok, err := x.next()
		if err != nil || tok == endOfPart {
			return err
		}
		if tok != startTag {
			continue
		}
		depth := x.depth()
		if x.empty {
			depth++
		}
		switch {
		case depth == 2:
			parent = string(x.name)
		case depth == 3 && parent == "numFmts" && string(x.name) == "numFmt":
			id, err := x.number("numFmtId")
			if err != nil {
				return err
			}
			code, err := x.attribute("formatCode")
			if err != nil {
				return err
			}
			if len(code) > maxFormatCode {
				return x.damaged("a number format of more than %d bytes", maxFormatCode)
			}
			if codes[id] = parseFormat(code); len(codes) > maxStyles {
				return x.damaged("more than %d number formats", maxStyles)
			}
		case depth == 3 && parent == "cellXfs" && string(x.name) == "xf":
			id, err := x.number("numFmtId")
			if err != nil {
				return err
			}
			format, ok := codes[id]
			if !ok {
				format = parseFormat(builtInCodes[id])
			}
			w.formats = append(w.formats, format)
			if len(w.formats) > maxStyles {
				return x.damaged("more than %d styles", maxStyles)
			}
		}
	}
}

// number reads an attribute of digits; 0 where it is not there.
func (x *xmlScanner) number(name string) (int, error) {
	s, err := x.attribute(name)
	if err != nil || s == "" {
		return 0, err
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return 0, x.damaged("%s is %q, not a number", name, clip(s))
	}
	return int(n), nil
}
