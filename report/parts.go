package report

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// sheetPart is what is known of a streamed sheet only when its last row is written, though it stands before the first.
type sheetPart struct {
	name      string
	dimension string // "A1:K61"
	widths    []int  // by column, of the longest line, in characters
}

// Widths of columns, in characters.
const (
	minWidth = 6
	maxWidth = 70
)

// widen makes room for text in the column.
func (p *sheetPart) widen(column int, text string) {
	for len(p.widths) <= column {
		p.widths = append(p.widths, 0)
	}
	if len(text) <= p.widths[column] || p.widths[column] >= maxWidth {
		return
	}
	longest := 0
	for line := range strings.SplitSeq(text, "\n") {
		longest = max(longest, utf8.RuneCountInString(line))
	}
	p.widths[column] = max(p.widths[column], min(longest, maxWidth))
}

// cols is the part's <cols> element.
func (p *sheetPart) cols() []byte {
	var b bytes.Buffer
	b.WriteString("<cols>")
	for i, w := range p.widths {
		fmt.Fprintf(&b, `<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, max(w, minWidth)+3) // 3: the filter's button
	}
	b.WriteString("</cols>")
	return b.Bytes()
}

// writeParts writes the workbook straight to w, part by part: excelize by itself builds the whole file in memory first. On
// the way, the streamed sheets get their dimension and column widths, which excelize writes before it has seen a row.
func writeParts(file *excelize.File, w io.Writer, sheets []*sheetPart) error {
	paths := make(map[string]*sheetPart, len(sheets))
	for i, part := range sheets { // excelize names the part of a new workbook's n-th sheet by n
		paths[fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1)] = part
	}
	p := &partWriter{zip: zip.NewWriter(w), sheets: paths}
	file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return p })
	if err := file.Write(io.Discard); err != nil {
		return err
	}
	return p.err
}

// partWriter is the excelize.ZipWriter that writeParts plants.
type partWriter struct {
	zip    *zip.Writer
	sheets map[string]*sheetPart
	open   *headWriter
	err    error
}

// AddFS is not used for workbooks written by excelize.
func (*partWriter) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Create begins a part.
func (p *partWriter) Create(name string) (io.Writer, error) {
	p.settle()
	w, err := p.zip.Create(path.Clean(name))
	if err != nil {
		return nil, err
	}
	part, ok := p.sheets[name]
	if !ok {
		return w, nil
	}
	delete(p.sheets, name)
	p.open = &headWriter{w: w, part: part}
	return p.open, nil
}

// Close ends the file.
func (p *partWriter) Close() error {
	p.settle()
	if len(p.sheets) > 0 && p.err == nil {
		p.err = errUnknownLayout
	}
	return errors.Join(p.err, p.zip.Close())
}

// settle checks the part that ends.
func (p *partWriter) settle() {
	if p.open != nil && !p.open.done && p.err == nil {
		p.err = errUnknownLayout
	}
	p.open = nil
}

// errUnknownLayout cannot happen with the version of excelize that go.mod names; a test holds it to that.
var errUnknownLayout = errors.New("excelize lays a sheet out in a way that is not known here")

// headWriter rewrites what stands before <sheetData>.
type headWriter struct {
	w    io.Writer
	part *sheetPart
	head []byte
	done bool
}

func (h *headWriter) Write(p []byte) (int, error) {
	if h.done {
		return h.w.Write(p)
	}
	h.head = append(h.head, p...)
	start, data := []byte("<dimension ref=\"A1\"></dimension>"), []byte("<sheetData>")
	at := bytes.Index(h.head, data)
	if at < 0 {
		return len(p), nil
	}
	before, after, ok := bytes.Cut(h.head[:at], start)
	if !ok {
		return 0, errUnknownLayout
	}
	h.done = true
	for _, b := range [][]byte{before, []byte(`<dimension ref="` + h.part.dimension + `"/>`), after, h.part.cols(), h.head[at:]} {
		if _, err := h.w.Write(b); err != nil {
			return 0, err
		}
	}
	h.head = nil
	return len(p), nil
}
