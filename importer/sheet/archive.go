package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The limits of a workbook's archive, counted on the bytes that really come out of it.
const (
	maxEntries   = 2000
	maxDirectory = 4 << 20   // bytes of its table of contents
	maxInflated  = 512 << 20 // of all parts that are read, or
	usualRatio   = 32        // times the file's size if that is more: a large file is honest work
	maxRatio     = 200       // inflated to packed, of one part; large real sheets reach about 100
	ratioFloor   = 16 << 20  // inflated bytes below which the ratio does not matter
	maxPeeked    = 128 << 20 // of sheets of which only the first rows are read
)

// archive is the zip of a workbook.
type archive struct {
	path     string
	parts    map[string]*zip.File // by lower-case name with /
	limit    int64                // of the bytes that come out of it
	inflated int64                // bytes of the parts read to their end
	peeked   int64                // of those of which the beginning was enough
}

// limitedReaderAt refuses to read on after so many bytes. It keeps a huge table of contents from filling the memory.
type limitedReaderAt struct {
	r    io.ReaderAt
	left int64 // negative for no limit
}

var errDirectory = errors.New("too large")

func (l *limitedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if l.left >= 0 {
		if l.left -= int64(len(p)); l.left < 0 {
			l.left = 0
			return 0, errDirectory
		}
	}
	return l.r.ReadAt(p, off)
}

func openArchive(path string, r io.ReaderAt, size int64) (*archive, error) {
	a := &archive{path: path, parts: map[string]*zip.File{}, limit: max(maxInflated, usualRatio*size)}
	limited := &limitedReaderAt{r: r, left: maxDirectory}
	z, err := zip.NewReader(limited, size)
	if err != nil {
		if errors.Is(err, errDirectory) {
			return nil, a.refuse("its table of contents has more than %s", mebibytes(maxDirectory))
		}
		return nil, &FileError{File: path, Text: "the workbook is cut off or damaged: its zip archive cannot be opened", Hint: "fetch or export the file again"}
	}
	limited.left = -1
	if len(z.File) > maxEntries {
		return nil, a.refuse("it has %d parts, more than %d", len(z.File), maxEntries)
	}
	type extent struct{ from, to int64 }
	extents := make([]extent, 0, len(z.File))
	for _, e := range z.File {
		offset, err := e.DataOffset()
		if err != nil || e.CompressedSize64 > uint64(size) || offset+int64(e.CompressedSize64) > size {
			return nil, a.refuse("the part %q lies outside of the file: it is cut off or damaged", clip(e.Name))
		}
		extents = append(extents, extent{offset, offset + int64(e.CompressedSize64)})
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(e.Name, `\`, "/"), "/"))
		if _, twice := a.parts[name]; twice {
			return nil, a.refuse("it holds the part %q twice", clip(e.Name))
		}
		a.parts[name] = e
	}
	slices.SortFunc(extents, func(a, b extent) int {
		if a.from != b.from {
			return int(max(-1, min(1, a.from-b.from)))
		}
		return int(max(-1, min(1, a.to-b.to)))
	})
	for i := 1; i < len(extents); i++ {
		if extents[i].from < extents[i-1].to {
			return nil, a.refuse("parts of it lie over each other")
		}
	}
	return a, nil
}

// refuse is a refusal of the archive as such.
func (a *archive) refuse(format string, args ...any) error {
	return &FileError{File: a.path, Text: "this workbook is not read: " + fmt.Sprintf(format, args...), Hint: "open it in Excel and save it again"}
}

// mebibytes says a limit.
func mebibytes(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }

func (a *archive) has(part string) bool { return a.parts[strings.ToLower(part)] != nil }

// partReader inflates one part within the limits.
type partReader struct {
	io.ReadCloser
	archive *archive
	name    string
	packed  int64
	before  int64 // inflated from other parts
	n       int64
}

func (p *partReader) Read(b []byte) (int, error) {
	n, err := p.ReadCloser.Read(b)
	p.n += int64(n)
	switch {
	case p.before+p.n > p.archive.limit:
		return n, p.archive.refuse("its parts inflate to more than %s", mebibytes(p.archive.limit))
	case p.n > ratioFloor && p.n > maxRatio*p.packed:
		return n, p.archive.refuse("the part %s inflates to more than %d times its size", p.name, maxRatio)
	}
	return n, err
}

// open starts reading a part that exists.
func (a *archive) open(part string) (*partReader, error) {
	e := a.parts[strings.ToLower(part)]
	if e == nil {
		return nil, a.refuse("the part %q is missing", clip(part))
	}
	if e.Flags&1 != 0 {
		return nil, &FileError{File: a.path, Text: "this archive is protected by a password", Hint: "save the workbook without a password"}
	}
	r, err := e.Open()
	if err != nil {
		return nil, a.refuse("the part %q cannot be unpacked: %v", clip(part), err)
	}
	return &partReader{ReadCloser: r, archive: a, name: e.Name, packed: int64(e.CompressedSize64), before: a.inflated}, nil
}

// scan reads a part to its end, checked, through an xmlScanner. A large part is inflated on another core.
func (a *archive) scan(part string, read func(*xmlScanner) error) error {
	p, err := a.open(part)
	if err != nil {
		return err
	}
	defer p.Close()
	src := readAhead(p, nil)
	defer src.close()
	x := &xmlScanner{src: src.next}
	if err := read(x); err != nil {
		return a.broken(part, err)
	}
	for {
		tok, err := x.next()
		if err != nil {
			return a.broken(part, err)
		}
		if tok == endOfPart {
			a.inflated += p.n
			return nil
		}
	}
}

// check reads all parts to their ends, within the limits and against their check sums.
func (a *archive) check() error {
	a.limit = maxInflated
	for name := range a.parts {
		if _, err := a.mentions(name, ""); err != nil {
			return err
		}
	}
	return nil
}

// mentions tells whether the word stands in the part, which is read to its end; there may be no such part.
func (a *archive) mentions(part, word string) (bool, error) {
	if !a.has(part) {
		return false, nil
	}
	p, err := a.open(part)
	if err != nil {
		return false, err
	}
	defer p.Close()
	found := false
	buf := make([]byte, 0, chunkSize)
	for {
		n, err := p.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		found = found || bytes.Contains(buf, []byte(word))
		if err == io.EOF {
			a.inflated += p.n
			return found, nil
		}
		if err != nil {
			return false, a.broken(part, err)
		}
		buf = buf[:copy(buf, buf[max(0, len(buf)-len(word)):])]
	}
}

// broken says in which part of the workbook the error is.
func (a *archive) broken(part string, err error) error {
	var refused *FileError
	if errors.As(err, &refused) {
		return err
	}
	e := &FileError{File: a.path, Hint: "open it in Excel, which may mend it, and save it again; or fetch the file again"}
	var d *damage
	switch {
	case errors.As(err, &d):
		e.Text = fmt.Sprintf("the workbook is damaged in %s at byte %d: %s", part, d.offset, d.text)
	case errors.Is(err, zip.ErrChecksum):
		e.Text = fmt.Sprintf("the workbook is damaged in %s: its check sum is wrong", part)
	case errors.Is(err, io.ErrUnexpectedEOF):
		e.Text = fmt.Sprintf("the workbook is damaged in %s: the part is cut off", part)
	default:
		e.Text = fmt.Sprintf("the workbook is damaged in %s: %v", part, err)
	}
	return e
}
