package sheet

import (
	"fmt"
	"hash"
	"io"
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
func (f *File) openWorkbook(census *census, opt Options) error {
	a, err := openArchive(f.Name, f.file, census.size)
	if err != nil {
		return err
	}
	f.Format = "xlsx"
	w := &workbook{archive: a}
	if err := w.readParts(); err != nil {
		return err
	}
	s, err := f.chooseSheet(w, opt)
	if err != nil {
		return err
	}
	f.Sheet = s.name
	f.open = w.opener(f, s)
	return f.findTable(1, opt.Header)
}

// opener gives the function that starts the rows of the sheet from the top.
func (w *workbook) opener(f *File, s sheetPart) func() (rawRows, error) {
	return func() (rawRows, error) {
		r, err := w.openSheet(s)
		if err != nil {
			return nil, err
		}
		if f.started {
			r.ended = func() error {
				sum := newSeal()
				if _, err := f.file.Seek(0, io.SeekStart); err != nil {
					return err
				}
				if err := hashAll(f.file, sum); err != nil {
					return err
				}
				return f.unchanged(sum)
			}
		}
		return r, nil
	}
}

func hashAll(r io.Reader, sum hash.Hash) error {
	_, err := io.CopyBuffer(sum, struct{ io.Reader }{r}, make([]byte, chunkSize))
	return err
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
	if strings.HasSuffix(strings.ToLower(w.part), ".bin") {
		return &FileError{File: w.path, Text: "this is a binary workbook (.xlsb), which is not read", Hint: saveAsXLSX}
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
	case w.has("xl/workbook.bin"):
		return refuse("this is a binary workbook (.xlsb), which is not read", saveAsXLSX)
	case w.has("content.xml") && w.has("mimetype"):
		return refuse("this is an OpenDocument file (.ods), which is not read", saveAsXLSX)
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
			all = append(all, r)
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

func (w *workbook) addSheet(x *xmlScanner, related []relation) error {
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
			codes[id] = parseFormat(code)
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
			if len(w.formats) > 1<<16 {
				return x.damaged("more than %d styles", 1<<16)
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

// chooseSheet takes the sheet that the caller names, or the visible one with the most of a table in it.
func (f *File) chooseSheet(w *workbook, opt Options) (sheetPart, error) {
	if opt.Sheet != "" {
		for _, s := range w.sheets {
			if s.name == opt.Sheet {
				return s, nil
			}
		}
		for _, s := range w.sheets {
			if strings.EqualFold(strings.TrimSpace(s.name), strings.TrimSpace(opt.Sheet)) {
				return s, nil
			}
		}
		return sheetPart{}, &FileError{File: f.Name, Read: opt.Sheet, Text: "there is no such sheet", Hint: "the sheets are " + sheetNames(w.sheets)}
	}
	var visible []sheetPart
	for _, s := range w.sheets {
		if !s.hidden {
			visible = append(visible, s)
		}
	}
	switch len(visible) {
	case 0:
		return sheetPart{}, &FileError{File: f.Name, Text: "the workbook has no visible sheet", Hint: "name the sheet to read"}
	case 1:
		return visible[0], nil
	}
	return f.chooseByContent(w, visible)
}

// chooseByContent measures the sheets by the first rows of each: rows of data times the square of the labels beside the first,
// since an order is wide and a list of words is not. The winner needs twice as much as any other, and as many labels.
func (f *File) chooseByContent(w *workbook, visible []sheetPart) (sheetPart, error) {
	best, tied := -1, false
	var tables []string
	width, weight := make([]int, len(visible)), make([]int, len(visible))
	for i, s := range visible {
		probe := &File{Name: f.Name, Format: f.Format, open: w.opener(&File{}, s)}
		head, err := probe.readHead(1)
		if err != nil {
			return s, err
		}
		if len(head) == 0 {
			continue
		}
		at, labelled := findHeader(head)
		width[i], _ = countFilled(head[at].Cells)
		rows := len(head) - at
		if labelled {
			rows--
		}
		weight[i] = rows * (width[i] - 1) * (width[i] - 1)
		tables = append(tables, s.name)
		if best < 0 || weight[i] > weight[best] || weight[i] == weight[best] && width[i] > width[best] {
			best = i
		}
	}
	if best < 0 {
		return sheetPart{}, &FileError{File: f.Name, Text: "holds no table: all visible sheets are blank", Hint: "export it again, or name the sheet to read"}
	}
	for i := range visible {
		tied = tied || i != best && (width[i] > 0 && 2*weight[i] > weight[best] || weight[i] > 0 && width[i] > width[best] || weight[best] == 0 && width[i] > 0)
	}
	if tied {
		return sheetPart{}, &FileError{File: f.Name, Text: "more than one sheet holds a table", Hint: "name the sheet to read: " + sheetNames(visible)}
	}
	if len(tables) > 1 {
		f.note("sheet", 0, fmt.Sprintf("the sheet %q was chosen for its content, out of %s", clip(visible[best].name), sheetNames(visible)))
	}
	return visible[best], nil
}

func sheetNames(sheets []sheetPart) string {
	var names []string
	for i, s := range sheets {
		if i == 20 {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprintf("%q", clip(s.name)))
	}
	return strings.Join(names, ", ")
}
