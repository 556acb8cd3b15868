package sheet

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

const (
	maxCellChars  = 32767     // of Excel, in UTF-16 units
	maxStringText = 192 << 20 // bytes of all shared strings in memory; a million rows of ten columns have half of it
	stringBlock   = 256 << 10 // bytes of text kept in one piece
	indexBlock    = 16 << 10  // starts kept in one piece
)

// stringTable holds the shared strings of a workbook in blocks, so that it grows without being copied.
type stringTable struct {
	blocks [][]byte   // each string as its length, a uvarint, and its bytes; none crosses a block's end
	starts [][]uint32 // block number times stringBlock plus offset
	count  int
	size   int
}

func (t *stringTable) add(b []byte) error {
	var length [binary.MaxVarintLen32]byte
	n := binary.PutUvarint(length[:], uint64(len(b)))
	if t.size += n + len(b) + 4; t.size > maxStringText { // with its start
		return fmt.Errorf("more than %d MiB of shared texts", maxStringText>>20)
	}
	last := len(t.blocks) - 1
	if last < 0 || len(t.blocks[last])+n+len(b) > stringBlock {
		size := stringBlock
		if last < 0 {
			size = 4 << 10 // most workbooks are small; append grows this one
		}
		t.blocks = append(t.blocks, make([]byte, 0, size))
		last++
	}
	if t.count%indexBlock == 0 {
		var block []uint32
		if t.count > 0 {
			block = make([]uint32, 0, indexBlock)
		}
		t.starts = append(t.starts, block)
	}
	i := len(t.starts) - 1
	t.starts[i] = append(t.starts[i], uint32(last*stringBlock+len(t.blocks[last])))
	t.blocks[last] = append(append(t.blocks[last], length[:n]...), b...)
	t.count++
	return nil
}

// get gives the bytes of string i, which is at least 0; ok is false where there is none.
func (t *stringTable) get(i int) (b []byte, ok bool) {
	if t == nil || i >= t.count {
		return nil, false
	}
	start := t.starts[i/indexBlock][i%indexBlock]
	b = t.blocks[start/stringBlock][start%stringBlock:]
	length, n := binary.Uvarint(b)
	return b[n : n+int(length)], true
}

// readStrings reads the part of shared strings.
func readStrings(x *xmlScanner) (*stringTable, error) {
	t := &stringTable{}
	var b []byte
	for {
		switch tok, err := x.next(); {
		case err != nil:
			return nil, err
		case tok == endOfPart:
			return t, nil
		case tok != startTag:
			continue
		}
		if x.depth() == 1 && !x.empty && string(x.name) != "sst" {
			return nil, x.damaged("its root is <%s>, not <sst>", clip(string(x.name)))
		}
		depth := x.depth()
		if x.empty {
			depth++
		}
		if depth != 2 {
			continue
		}
		if string(x.name) != "si" {
			if err := x.skip(); err != nil {
				return nil, err
			}
			continue
		}
		var err error
		if b, err = x.richText(b[:0]); err != nil {
			return nil, err
		}
		if tooLong(b) {
			return nil, x.damaged("the shared text %d has more than %d characters", t.count, maxCellChars)
		}
		if err := t.add(b); err != nil {
			return nil, x.damaged("%v", err)
		}
	}
}

// richText adds to dst the text of the element whose startTag came last, <si> or <is>: its own and that of its runs, without
// the phonetic ones. It reads to the element's end.
func (x *xmlScanner) richText(dst []byte) ([]byte, error) {
	if x.empty {
		return dst, nil
	}
	from := len(dst)
	depth := x.depth()
	inText := 0 // depth of the open <t>
	for x.depth() >= depth {
		tok, err := x.next()
		if err != nil {
			return dst, err
		}
		switch tok {
		case startTag:
			switch string(x.name) {
			case "r":
			case "t":
				if !x.empty {
					inText = x.depth()
				}
			default:
				if err := x.skip(); err != nil {
					return dst, err
				}
			}
		case endTag:
			if x.depth() < inText {
				inText = 0
			}
		case charData:
			if inText == 0 {
				continue
			}
			if dst, err = x.appendText(dst, x.text, x.cdata); err != nil {
				return dst, err
			}
			if len(dst)-from > 8*maxCellChars {
				return dst, x.damaged("a text of more than %d characters", maxCellChars)
			}
		}
	}
	return decodeEscapes(dst, from), nil
}

// tooLong tells whether the text has more characters than a cell can hold.
func tooLong(b []byte) bool {
	if len(b) <= maxCellChars {
		return false
	}
	units := 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if units++; r > 0xffff {
			units++
		}
		b = b[n:]
	}
	return units > maxCellChars
}
