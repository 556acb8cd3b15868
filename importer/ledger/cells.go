package ledger

import (
	"encoding/binary"
	"errors"

	"orderimport/importer/sheet"
)

// appendCells encodes cells compactly: for each its length and kind in one number, then its text.
func appendCells(b []byte, cells []sheet.Cell) []byte {
	for i := range cells {
		b = binary.AppendUvarint(b, uint64(len(cells[i].Text))<<3|uint64(cells[i].Kind&7))
		b = append(b, cells[i].Text...)
	}
	return b
}

var errCells = errors.New("stored cells are damaged")

func decodeCells(b []byte) ([]sheet.Cell, error) {
	if len(b) == 0 {
		return nil, nil
	}
	text := string(b) // one string for all cells of the row
	n := 0
	for rest := b; len(rest) > 0; n++ {
		head, size := binary.Uvarint(rest)
		if size <= 0 || head>>3 > uint64(len(rest)-size) {
			return nil, errCells
		}
		rest = rest[size+int(head>>3):]
	}
	cells := make([]sheet.Cell, 0, n)
	for at := 0; at < len(b); {
		head, size := binary.Uvarint(b[at:])
		at += size
		end := at + int(head>>3)
		cells = append(cells, sheet.Cell{Text: text[at:end], Kind: sheet.Kind(head & 7)})
		at = end
	}
	return cells, nil
}
