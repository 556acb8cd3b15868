package sheet

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"io"
	"unicode/utf8"
)

// headSize is how much of the file's beginning the census keeps for telling formats apart.
const headSize = 4 << 10

// census is what the first pass over all bytes of the file finds.
type census struct {
	size   int64
	sha256 string
	seal   seal
	head   []byte

	nul      [2]int64 // NUL bytes on even and odd offsets
	firstNUL int64    // offset
	multi    int64    // continuation bytes of valid UTF-8, counted up to some thousands
	invalid  int64    // bytes that are not UTF-8
	firstBad int64    // offset of the first of them
	scores   [len(legacy)]int64
	holes    [len(legacy)]int64 // bytes that the code page does not have
	firstGap int64              // offset of the first hole of legacy[0], -1 for none
}

// seal tells within this process whether the bytes are those of the census; SHA-256 takes ten times as long.
type seal uint64

var sealSeed = maphash.MakeSeed()

func newSeal() *maphash.Hash {
	h := &maphash.Hash{}
	h.SetSeed(sealSeed)
	return h
}

func sealed(h *maphash.Hash) seal { return seal(h.Sum64()) }

// unchanged compares the bytes that were read with those that were examined.
func (f *File) unchanged(h *maphash.Hash) error {
	if sealed(h) == f.seal {
		return nil
	}
	return &FileError{File: f.Name, Text: "the file changed while it was read", Hint: "wait until nobody writes to it, and start again"}
}

// takeCensus reads the whole file once.
func (f *File) takeCensus() (*census, error) {
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	sum := sha256.New()
	src := readAhead(f.file, sum)
	defer src.close()
	seal := newSeal()
	c := &census{firstNUL: -1, firstBad: -1, firstGap: -1}
	var work []byte // what the last chunk left of a sequence, and this chunk
	zipped := false // of a workbook only the hash is wanted
	for {
		data, err := src.next()
		if err != nil && err != io.EOF {
			return nil, err
		}
		seal.Write(data)
		if len(c.head) < headSize {
			c.head = append(c.head, data[:min(len(data), headSize-len(c.head))]...)
			zipped = isZip(c.head)
		}
		if !zipped {
			c.countNUL(data)
			work = append(work, data...)
			cut := len(work)
			if err == nil {
				cut -= incompleteTail(work)
			}
			c.countText(work[:cut], c.size+int64(len(data))-int64(len(work)))
			work = work[:copy(work, work[cut:])]
		}
		c.size += int64(len(data))
		if err == io.EOF {
			c.sha256, c.seal = hex.EncodeToString(sum.Sum(nil)), sealed(seal)
			return c, nil
		}
	}
}

func (c *census) countNUL(data []byte) {
	i := bytes.IndexByte(data, 0)
	if i < 0 {
		return
	}
	if c.firstNUL < 0 {
		c.firstNUL = c.size + int64(i)
	}
	for ; i < len(data); i++ {
		if data[i] == 0 {
			c.nul[(c.size+int64(i))&1]++
		}
	}
}

// incompleteTail gives how many bytes at the end begin a UTF-8 sequence that they do not complete.
func incompleteTail(b []byte) int {
	for n := 1; n <= min(len(b), utf8.UTFMax-1); n++ {
		c := b[len(b)-n]
		if utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// countText looks at text that begins at the offset base of the file.
func (c *census) countText(b []byte, base int64) {
	const enough = 4096 // of UTF-8 to be sure of it
	if utf8.Valid(b) {
		if c.multi < enough {
			c.multi += int64(len(b) - utf8.RuneCount(b))
		}
		return
	}
	var before byte
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			before = b[i]
			i++
			continue
		}
		if _, n := utf8.DecodeRune(b[i:]); n > 1 {
			c.multi += int64(n - 1)
			before = b[i+n-1]
			i += n
			continue
		}
		if c.firstBad < 0 {
			c.firstBad = base + int64(i)
		}
		c.invalid++
		after := byte(0)
		if i+1 < len(b) {
			after = b[i+1]
		}
		for k := range legacy {
			s, hole := legacy[k].score(before, b[i], after)
			c.scores[k] += s
			if hole {
				c.holes[k]++
				if k == 0 && c.firstGap < 0 {
					c.firstGap = base + int64(i)
				}
			}
		}
		before = b[i]
		i++
	}
}

// encoding decides by the whole file, or by what the caller wants, in which encoding it is.
func (f *File) encoding(c *census, want string) (textEncoding, error) {
	if want != "" {
		enc, ok := encodingByName(want)
		if !ok {
			return enc, &FileError{File: f.Name, Option: "encoding", Read: want, Text: "unknown encoding", Hint: "utf-8, utf-16le, utf-16be, windows-1252, iso-8859-15, macintosh and cp850 are known, among others"}
		}
		if enc.table == nil && !enc.wide && c.invalid > 0 {
			return enc, f.badByte(c.firstBad, "is not UTF-8", "leave the encoding out, or name the right one")
		}
		if !enc.wide && c.firstNUL >= 0 {
			return enc, f.badByte(c.firstNUL, "holds a NUL byte: this is no text", "export the table as .xlsx or .csv again")
		}
		return enc, nil
	}
	switch {
	case bytes.HasPrefix(c.head, []byte("\xff\xfe")):
		return utf16le, nil
	case bytes.HasPrefix(c.head, []byte("\xfe\xff")):
		return utf16be, nil
	}
	if c.firstNUL >= 0 {
		// Western text in UTF-16 has a NUL in most of its units, always on the same side.
		even, odd := c.nul[0], c.nul[1]
		switch {
		case odd*4 >= c.size/2 && even*50 <= odd && c.size%2 == 0:
			return utf16le, nil
		case even*4 >= c.size/2 && odd*50 <= even && c.size%2 == 0:
			return utf16be, nil
		}
		if c.isUTF32() {
			return textEncoding{}, &FileError{File: f.Name, Text: "the text is in UTF-32, which is not read", Hint: "save it as UTF-8"}
		}
		return textEncoding{}, f.badByte(c.firstNUL, "holds a NUL byte: this is no text", "export the table as .xlsx or .csv again")
	}
	if c.binary() {
		return textEncoding{}, &FileError{File: f.Name, Text: "this is a binary file, not a table in text", Hint: "export the table as .xlsx or .csv"}
	}
	if c.invalid == 0 {
		return utf8Encoding, nil
	}
	if bytes.HasPrefix(c.head, []byte("\xef\xbb\xbf")) || c.multi*10 > c.invalid {
		return textEncoding{}, f.badByte(c.firstBad, "is not UTF-8, but other lines are: two encodings are mixed", "mend the line, or name the encoding to read all of it in")
	}
	best := 0
	for k := range legacy {
		if c.scores[k] > c.scores[best] {
			best = k
		}
	}
	if c.holes[best] > 0 {
		if best == 0 {
			return textEncoding{}, f.badByte(c.firstGap, "holds a byte that "+legacy[0].name+" does not have", "name the encoding")
		}
		return textEncoding{}, &FileError{File: f.Name, Text: "the encoding is not known", Hint: "name the encoding"}
	}
	return legacy[best].encoding(), nil
}

// isUTF32 tells whether the head is of units of four bytes, two of which are NUL and the other two not both.
func (c *census) isUTF32() bool {
	little, big := true, true
	for b := c.head; len(b) >= 4; b = b[4:] {
		high, low := b[0] == 0 && b[1] == 0, b[2] == 0 && b[3] == 0
		little, big = little && low && !high, big && high && !low
	}
	return c.size%4 == 0 && (little || big)
}

// binary tells whether the head is full of control characters, but for those that texts and their delimiters are made of.
func (c *census) binary() bool {
	n := 0
	for _, b := range c.head {
		if b < ' ' && bytes.IndexByte([]byte("\t\n\r\f\v\x1a\x1b\x1c\x1d\x1e\x1f\x01"), b) < 0 || b == 0x7f {
			n++
		}
	}
	return n*50 > len(c.head)
}

// badByte is the refusal of the line with the byte at the offset.
func (f *File) badByte(offset int64, text, hint string) error {
	e := &FileError{File: f.Name, Text: text, Hint: hint}
	if _, err := f.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	b := make([]byte, chunkSize)
	lines, cr := 1, false
	for offset > 0 {
		n, err := f.file.Read(b[:min(int64(len(b)), offset)])
		for _, c := range b[:n] {
			if c == '\r' || c == '\n' && !cr {
				lines++
			}
			cr = c == '\r'
		}
		offset -= int64(n)
		if err != nil {
			break
		}
	}
	e.Cell = fmt.Sprintf("line %d", lines)
	return e
}
