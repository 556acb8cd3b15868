package sheet

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// candidate is one sheet of a file that has several, or could have.
type candidate struct {
	name   string
	hidden bool
	open   func() (rawRows, error) // starts its rows from the top

	// Both are nil where a file has no such thing.
	table  func() (tablePart, error) // the table that the file itself names in it
	merged func() ([]area, error)    // its merged cells, which takes a reading to its end
}

// openOneOf takes the sheet that the caller names, or chooses one, and finds its header.
func (f *File) openOneOf(sheets []candidate, opt Options) error {
	s, err := f.choose(sheets, opt.Sheet)
	if err != nil {
		return err
	}
	f.Sheet, f.merged = s.name, s.merged
	f.open = func() (rawRows, error) {
		raw, err := s.open()
		if err != nil || !f.started {
			return raw, err
		}
		return &sealedRows{rawRows: raw, file: f}, nil
	}
	if opt.Header == 0 && s.table != nil {
		if opt.Header, err = f.namedTable(s); err != nil {
			return err
		}
	}
	return f.findTable(1, opt.Header)
}

// namedTable gives the header's row of the table that the workbook itself names in the sheet, if it is most of what the sheet
// holds; 0 where the content has to tell.
func (f *File) namedTable(s candidate) (header int, err error) {
	t, err := s.table()
	if err != nil || t.header == 0 {
		return 0, err
	}
	head, err := f.readHead(1)
	if err != nil {
		return 0, err
	}
	inside, outside := 0, 0
	labelled := false
	for _, row := range head {
		labelled = labelled || row.Number == t.header
		for i, c := range row.Cells {
			switch {
			case !c.filled():
			case row.Number >= t.top && row.Number <= t.bottom && i >= t.from && i <= t.to:
				inside++
			default:
				outside++
			}
		}
	}
	if !labelled || inside <= outside {
		return 0, nil
	}
	f.totals = t.totals
	return t.header, nil
}

// tooManyPeeks is the refusal to choose from so many sheets.
func (f *File) tooManyPeeks(sheets int) error {
	return &FileError{File: f.Name, Text: fmt.Sprintf("it has %d sheets or tables, and to choose one more than %s would have to be read", sheets, mebibytes(maxPeeked)), Hint: "name the sheet to read"}
}

// sealedRows ends a reading only when the file still has the bytes that were examined.
type sealedRows struct {
	rawRows
	file *File
}

func (r *sealedRows) read(row *Row) error {
	err := r.rawRows.read(row)
	if err != io.EOF {
		return err
	}
	sum := newSeal()
	if _, err := r.file.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.CopyBuffer(sum, struct{ io.Reader }{r.file.file}, make([]byte, chunkSize)); err != nil {
		return err
	}
	if err := r.file.unchanged(sum); err != nil {
		return err
	}
	return io.EOF
}

// choose takes the sheet that the caller names, or the visible one with the most of a table in it.
func (f *File) choose(sheets []candidate, named string) (candidate, error) {
	if named != "" {
		for _, s := range sheets {
			if s.name == named {
				return s, nil
			}
		}
		for _, s := range sheets {
			if strings.EqualFold(strings.TrimSpace(s.name), strings.TrimSpace(named)) {
				return s, nil
			}
		}
		return candidate{}, &FileError{File: f.Name, Option: "sheet", Read: named, Text: "there is no such sheet", Hint: "the sheets are " + sheetNames(sheets)}
	}
	var visible, hidden []candidate
	for _, s := range sheets {
		if s.hidden {
			hidden = append(hidden, s)
		} else {
			visible = append(visible, s)
		}
	}
	if len(hidden) > 0 {
		f.note("hidden-sheets", 0, sheetNames(hidden))
	}
	switch len(visible) {
	case 0:
		return candidate{}, &FileError{File: f.Name, Text: "the workbook has no visible sheet", Hint: "name the sheet to read: " + sheetNames(hidden)}
	case 1:
		return visible[0], nil
	}
	return f.chooseByContent(visible)
}

// chooseByContent measures the sheets by the first rows of each: rows of data times the cube of the labels beside the first,
// since an order is wide and a list of words is not. The winner needs twice as much as any other, and as many labels, and none
// may be like it: sheets with the labels of each other are one table in parts, and which of them is meant nobody can tell.
func (f *File) chooseByContent(visible []candidate) (candidate, error) {
	best, tied := -1, false
	var tables []string
	width, weight := make([]int, len(visible)), make([]int, len(visible))
	named := make([]map[string]bool, len(visible)) // the labels
	for i, s := range visible {
		probe := &File{Name: f.Name, Format: f.Format, open: s.open}
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
			named[i] = map[string]bool{}
			for _, c := range head[at].Cells {
				if c.filled() {
					named[i][strings.ToLower(label(c.Text))] = true
				}
			}
		}
		weight[i] = rows * (width[i] - 1) * (width[i] - 1) * (width[i] - 1)
		tables = append(tables, s.name)
		if best < 0 || weight[i] > weight[best] || weight[i] == weight[best] && width[i] > width[best] {
			best = i
		}
	}
	if best < 0 {
		return candidate{}, &FileError{File: f.Name, Text: "holds no table: all visible sheets are blank", Hint: "export it again, or name the sheet to read"}
	}
	for i := range visible {
		tied = tied || i != best && (width[i] > 0 && 2*weight[i] > weight[best] || weight[i] > 0 && width[i] > width[best] || weight[best] == 0 && width[i] > 0 || weight[i] > 0 && alike(named[i], named[best]))
	}
	if tied {
		return candidate{}, &FileError{File: f.Name, Text: "more than one sheet holds a table", Hint: "name the sheet to read: " + sheetNames(visible)}
	}
	if len(tables) > 1 {
		f.note("sheet", 0, fmt.Sprintf("%q", clip(visible[best].name)), strconv.Itoa(width[best]), sheetNames(visible))
	}
	return visible[best], nil
}

// alike tells whether most labels of the one are those of the other.
func alike(a, b map[string]bool) bool {
	both := 0
	for name := range a {
		if b[name] {
			both++
		}
	}
	return 2*both > max(len(a), len(b))
}

func sheetNames(sheets []candidate) string {
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
