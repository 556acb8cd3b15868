package importer

import (
	"encoding/binary"

	"orderimport/importer/ledger"
)

// twins is the index of the identities in one file: some 12 bytes for each identifier and 4 for each row, so that a million
// rows fit in the memory that DESIGN.md grants.
//
// A row is entered under each of its keys, or under its fingerprint where it has none: two equal rows share their keys, so
// the fingerprints of all rows need no index of their own, only 4 bytes each to tell an equal row from a changed one.
type twins struct {
	shards [256]shard
	prints []*[printPage]uint32       // by row number: the fingerprint's first bytes
	equal  map[ledger.Fingerprint]int // of the fingerprints seen at least twice: how often
}

const printPage = 1 << 14

// shard is an open-addressed table. It grows by an eighth, each shard on its own, so that no moment needs twice the memory.
type shard struct {
	slots []slot
	used  int
}

// slot is 8 bytes of an HMAC and the row it was first seen in; row 0 is free.
type slot struct{ high, low, row uint32 }

func newTwins() *twins { return &twins{equal: map[ledger.Fingerprint]int{}} }

// enter notes a row. It gives the earlier row of the file that shares an identity with it (0: none), and its occurrence: 1,
// or k where it is the k-th equal row.
func (t *twins) enter(row int, fp ledger.Fingerprint, keys []ledger.Key) (earlier, occurrence int) {
	for len(t.prints) <= row/printPage {
		t.prints = append(t.prints, new([printPage]uint32))
	}
	print := binary.LittleEndian.Uint32(fp[:])
	t.prints[row/printPage][row%printPage] = print
	if len(keys) == 0 {
		earlier = t.note(fp, row)
	}
	for _, k := range keys {
		if first := t.note(k, row); first != 0 && (earlier == 0 || first < earlier) {
			earlier = first
		}
	}
	if earlier == 0 {
		return 0, 1
	}
	n, again := t.equal[fp]
	if !again && t.prints[earlier/printPage][earlier%printPage] != print {
		return earlier, 1
	}
	if !again {
		n = 1
	}
	t.equal[fp] = n + 1
	return earlier, n + 1
}

// note gives the row that has the identity already, or enters this one.
func (t *twins) note(id [16]byte, row int) int {
	s := &t.shards[id[0]]
	if s.used*10 >= len(s.slots)*9 {
		s.grow()
	}
	return s.put(slot{binary.LittleEndian.Uint32(id[4:]), binary.LittleEndian.Uint32(id[8:]), uint32(row)})
}

func (s *shard) grow() {
	old := s.slots
	s.slots, s.used = make([]slot, max(16, len(old)+len(old)/8)), 0
	for _, e := range old {
		if e.row != 0 {
			s.put(e)
		}
	}
}

func (s *shard) put(e slot) int {
	i := int(uint64(e.high) * uint64(len(s.slots)) >> 32)
	for ; s.slots[i].row != 0; i = (i + 1) % len(s.slots) {
		if s.slots[i].high == e.high && s.slots[i].low == e.low {
			return int(s.slots[i].row)
		}
	}
	s.slots[i] = e
	s.used++
	return 0
}
