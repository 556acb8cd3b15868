package ledger

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"orderimport/importer/mapping"
)

// keySize is the length in bytes of a ledger's own key.
const keySize = 32

// Versions of the two encodings. A change of a normaliser is a new version, and old rows are then looked up under both.
const (
	fingerprintVersion = "fp1"
	keyVersion         = "bk1"
	checkVersion       = "check1"
)

// Hasher makes fingerprints and keys with the ledger's own key. Not safe for concurrent use; makes no garbage.
type Hasher struct {
	mac hash.Hash
	buf []byte // what is hashed
	nfc []byte // one value in normal form C
	sum [sha256.Size]byte
}

// NewHasher gives a Hasher with a random key: for a dry run without a ledger.
func NewHasher() *Hasher {
	var key [keySize]byte
	rand.Read(key[:])
	return newHasher(key[:])
}

func newHasher(key []byte) *Hasher { return &Hasher{mac: hmac.New(sha256.New, key)} }

// Field is one operator-supplied value of an order. Kind is that of the mapping.Identifier that the field holds, "" for none: it
// says what spellings of the value are the same.
type Field struct{ Name, Value, Kind string }

// Fingerprint of an order: host, customer, package and the non-empty fields in any order, each normalised. It sorts fields.
// Normalised is: Unicode form C, no blanks at the ends, inner blanks (no-break ones too) as one space, a time of day as h:mm; and as Key
// does by kind.
func (h *Hasher) Fingerprint(host, customer string, packageID int64, fields []Field) Fingerprint {
	slices.SortFunc(fields, compareFields)
	h.begin(fingerprintVersion, host, customer, packageID)
	for i := range fields {
		start := len(h.buf)
		h.appendExact(fields[i].Name)
		value := len(h.buf)
		h.appendKind(fields[i].Kind, fields[i].Value)
		if len(h.buf) == value+4 {
			h.buf = h.buf[:start] // an empty field sends nothing, so it is no part of the order
		}
	}
	return Fingerprint(h.finish())
}

func compareFields(a, b Field) int {
	if c := cmp.Compare(a.Name, b.Name); c != 0 {
		return c
	}
	return cmp.Compare(a.Value, b.Value)
}

// Key of one identifier of an order for this host, customer and package; ok is false where nothing is left of the value
// after normalising (employee number without leading zeros, e-mail in lower case, phone as digits with country).
func (h *Hasher) Key(host, customer string, packageID int64, id mapping.Identifier) (k Key, ok bool) {
	h.begin(keyVersion, host, customer, packageID)
	h.appendExact(id.Kind)
	start := len(h.buf)
	h.appendKind(id.Kind, id.Value)
	if len(h.buf) == start+4 {
		return Key{}, false
	}
	return Key(h.finish()), true
}

// Same reports whether two values of a field are spellings of one, so that an order with either has the same fingerprint.
func (h *Hasher) Same(kind, a, b string) bool {
	if a == b {
		return true
	}
	h.buf = h.buf[:0]
	h.appendKind(kind, a)
	middle := len(h.buf)
	h.appendKind(kind, b)
	return bytes.Equal(h.buf[:middle], h.buf[middle:])
}

// appendKind is appendValue of the one spelling that all spellings of an identifier have.
func (h *Hasher) appendKind(kind, value string) {
	start := len(h.buf)
	h.appendValue(value)
	h.buf = slices.Grow(h.buf, 2) // phoneDigits may need two bytes more than it was given
	spelling := h.buf[start+4:]
	switch kind {
	case "employee":
		spelling = h.lower(bytes.TrimLeft(spelling, "0")) // a spreadsheet eats them
	case "email":
		spelling = h.lower(spelling)
	case "phone":
		spelling = phoneDigits(spelling)
	default:
		spelling = timeOfDay(spelling)
	}
	n := copy(h.buf[start+4:cap(h.buf)], spelling)
	h.buf = h.buf[:start+4+n]
	binary.BigEndian.PutUint32(h.buf[start:], uint32(n))
}

// check is the value by which a ledger knows its key.
func (h *Hasher) check() [16]byte {
	h.buf = append(h.buf[:0], checkVersion...)
	return h.finish()
}

func (h *Hasher) begin(version, host, customer string, packageID int64) {
	h.buf = append(h.buf[:0], version...)
	h.appendExact(host)
	h.appendValue(customer)
	h.buf = binary.BigEndian.AppendUint64(h.buf, uint64(packageID))
}

func (h *Hasher) finish() (sum [16]byte) {
	h.mac.Reset()
	h.mac.Write(h.buf)
	copy(sum[:], h.mac.Sum(h.sum[:0]))
	return sum
}

// appendExact adds s with its length before it, so that no two lists of values read the same.
func (h *Hasher) appendExact(s string) {
	h.buf = binary.BigEndian.AppendUint32(h.buf, uint32(len(s)))
	h.buf = append(h.buf, s...)
}

// appendValue is appendExact of s normalised.
func (h *Hasher) appendValue(s string) {
	start := len(h.buf)
	h.buf = append(h.buf, 0, 0, 0, 0)
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		h.appendASCII(s)
	} else {
		h.appendUnicode(s)
	}
	binary.BigEndian.PutUint32(h.buf[start:], uint32(len(h.buf)-start-4))
}

func (h *Hasher) appendASCII(s string) {
	start, gap := len(h.buf), false
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == ' ' || '\t' <= c && c <= '\r' {
			gap = len(h.buf) > start
			continue
		}
		if gap {
			h.buf, gap = append(h.buf, ' '), false
		}
		h.buf = append(h.buf, s[i])
	}
}

func (h *Hasher) appendUnicode(s string) {
	h.nfc = norm.NFC.AppendString(h.nfc[:0], s)
	start, gap := len(h.buf), false
	for b := h.nfc; len(b) > 0; {
		r, n := utf8.DecodeRune(b)
		if unicode.IsSpace(r) { // U+00A0 and U+202F among them
			gap = len(h.buf) > start
		} else {
			if gap {
				h.buf, gap = append(h.buf, ' '), false
			}
			h.buf = append(h.buf, b[:n]...)
		}
		b = b[n:]
	}
}

// lower gives b in lower case, in h's own space.
func (h *Hasher) lower(b []byte) []byte {
	h.nfc = h.nfc[:0]
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		h.nfc = utf8.AppendRune(h.nfc, unicode.ToLower(r))
		b = b[n:]
	}
	// The lower-case form of a letter can be longer than the letter itself: what Key copies back must fit.
	h.buf = slices.Grow(h.buf, len(h.nfc))
	return h.nfc
}

// timeOfDay reduces a time, in place, to h:mm, with seconds where there are any: a workbook holds 08:00:00 where the same list
// saved as text has 08:00 or 8:00. Anything else stays as it is.
func timeOfDay(b []byte) []byte {
	short := b
	if len(short) > 1 && short[0] == '0' && short[1] != ':' {
		short = short[1:]
	}
	colon := bytes.IndexByte(short, ':')
	if colon < 1 || colon > 2 || (len(short)-colon != 3 && len(short)-colon != 6) {
		return b
	}
	for i, c := range short {
		mark := i == colon || i == colon+3
		if mark != (c == ':') || !mark && (c < '0' || c > '9') {
			return b
		}
	}
	if bytes.HasSuffix(short[colon+3:], []byte(":00")) {
		short = short[:colon+3]
	}
	return short
}

// phoneDigits reduces a phone number, in place, to the digits of its international form. A number without a country is
// taken for a Swedish one: the API's customers are Swedish, and a wrong guess here only holds a row or fails to.
func phoneDigits(b []byte) []byte {
	plus := len(b) > 0 && b[0] == '+'
	digits := b[:0]
	for _, c := range b {
		if '0' <= c && c <= '9' {
			digits = append(digits, c)
		}
	}
	switch {
	case plus:
	case bytes.HasPrefix(digits, []byte("00")):
		digits = digits[2:]
	case bytes.HasPrefix(digits, []byte("0")):
		if len(digits) == 1 {
			return nil
		}
		digits = append(digits, 0)
		copy(digits[2:], digits[1:len(digits)-1])
		digits[0], digits[1] = '4', '6'
	case len(digits) == 9 && digits[0] == '7': // a spreadsheet ate the zero
		digits = append(digits, 0, 0)
		copy(digits[2:], digits[:9])
		digits[0], digits[1] = '4', '6'
	}
	if bytes.HasPrefix(digits, []byte("460")) { // +46 (0)70…
		copy(digits[2:], digits[3:])
		digits = digits[:len(digits)-1]
	}
	return digits
}
