package ledger_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
)

func TestFingerprint(t *testing.T) {
	h := ledger.NewHasher()
	base := []ledger.Field{{Name: "firstname", Value: "Åsa"}, {Name: "lastname", Value: "Öst Berg"}}
	want := h.Fingerprint("https://a", "100200", 1001, base)
	for name, same := range map[string][]ledger.Field{
		"order":       {{Name: "lastname", Value: "Öst Berg"}, {Name: "firstname", Value: "Åsa"}},
		"blanks":      {{Name: "firstname", Value: " Åsa\t"}, {Name: "lastname", Value: "Öst \n  Berg"}},
		"no-break":    {{Name: "firstname", Value: "Åsa\u00a0"}, {Name: "lastname", Value: "Öst\u00a0\u202fBerg"}},
		"decomposed":  {{Name: "firstname", Value: "A\u030asa"}, {Name: "lastname", Value: "O\u0308st Berg"}},
		"empty field": {{Name: "firstname", Value: "Åsa"}, {Name: "alias", Value: " \u00a0"}, {Name: "lastname", Value: "Öst Berg"}, {Name: "x"}},
	} {
		if h.Fingerprint("https://a", "100200", 1001, same) != want {
			t.Errorf("%s: another fingerprint", name)
		}
	}
	if h.Fingerprint("https://a", " 100200 ", 1001, base) != want {
		t.Error("customer number with blanks: another fingerprint")
	}
	seen := map[ledger.Fingerprint]string{want: "base"}
	for name, other := range map[string]ledger.Fingerprint{
		"host":     h.Fingerprint("https://b", "100200", 1001, base),
		"customer": h.Fingerprint("https://a", "100201", 1001, base),
		"package":  h.Fingerprint("https://a", "100200", 1002, base),
		"case":     h.Fingerprint("https://a", "100200", 1001, []ledger.Field{{Name: "firstname", Value: "åsa"}, {Name: "lastname", Value: "Öst Berg"}}),
		"less":     h.Fingerprint("https://a", "100200", 1001, base[:1]),
		"none":     h.Fingerprint("https://a", "100200", 1001, nil),
		"shifted":  h.Fingerprint("https://a", "100200", 1001, []ledger.Field{{Name: "firstnameÅ", Value: "sa"}, {Name: "lastname", Value: "Öst Berg"}}),
		"joined":   h.Fingerprint("https://a", "100200", 1001, []ledger.Field{{Name: "firstname", Value: "Åsalastname Öst Berg"}}),
		"moved":    h.Fingerprint("https://a1", "00200", 1001, base),
		"no blank": h.Fingerprint("https://a", "100200", 1001, []ledger.Field{{Name: "firstname", Value: "Åsa"}, {Name: "lastname", Value: "ÖstBerg"}}),
	} {
		if before, ok := seen[other]; ok {
			t.Errorf("%s has the fingerprint of %s", name, before)
		}
		seen[other] = name
	}
}

func TestKey(t *testing.T) {
	h := ledger.NewHasher()
	key := func(kind, value string) string {
		k, ok := h.Key("https://a", "100200", 1001, mapping.Identifier{Kind: kind, Value: value})
		if !ok {
			return ""
		}
		return fmt.Sprintf("%x", k)
	}
	for _, test := range []struct {
		kind string
		same []string
	}{
		{"employee", []string{"4711", "004711", " 04711 "}},
		{"email", []string{"asa.ost@example.se", "Asa.Ost@Example.SE", " asa.ost@example.se\u00a0"}},
		{"email", []string{"åsa@example.se", "ÅSA@example.se", "A\u030aSA@EXAMPLE.SE"}},
		{"email", []string{"ⱥ@example.se", "Ⱥ@example.se"}}, // longer in lower case
		{"phone", []string{"+46701234567", "070-123 45 67", "0046 70 123 45 67", "46701234567", "+46 (0)70-1234567", "0701234567"}},
		{"phone", []string{"+4712345678", "004712345678"}},
		{"key", []string{"A 1", " A  1", "A\u00a01"}},
	} {
		for _, value := range test.same {
			if have, want := key(test.kind, value), key(test.kind, test.same[0]); have != want || have == "" {
				t.Errorf("%s %q is %q, want that of %q", test.kind, value, have, test.same[0])
			}
		}
	}
	var all []string
	for _, id := range [][2]string{{"employee", "1"}, {"employee", "10"}, {"key", "1"}, {"phone", "1"}, {"email", "1"}, {"key", "A"}, {"key", "a"}} {
		all = append(all, key(id[0], id[1]))
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != 7 {
		t.Error("different identifiers have one key")
	}
	for _, id := range [][2]string{{"employee", "000"}, {"employee", " "}, {"email", ""}, {"phone", "saknas"}, {"phone", "0"}, {"phone", "00"}, {"phone", "+"}, {"key", "\u00a0"}} {
		if key(id[0], id[1]) != "" {
			t.Errorf("%s %q has a key", id[0], id[1])
		}
	}
	a, _ := h.Key("https://a", "100200", 1001, mapping.Identifier{Kind: "key", Value: "x"})
	for _, place := range []struct {
		host, customer string
		id             int64
	}{{"https://b", "100200", 1001}, {"https://a", "1", 1001}, {"https://a", "100200", 1}} {
		if b, _ := h.Key(place.host, place.customer, place.id, mapping.Identifier{Kind: "key", Value: "x"}); a == b {
			t.Errorf("%v has the same key", place)
		}
	}
}

func TestHasherMakesNoGarbage(t *testing.T) {
	h := ledger.NewHasher()
	fields := []ledger.Field{{Name: "lastname", Value: "Öst  Berg"}, {Name: "firstname", Value: " Åsa"}, {Name: "email", Value: "asa@example.se"}}
	ids := []mapping.Identifier{{Kind: "employee", Value: "004711"}, {Kind: "email", Value: "Åsa@Example.se"}, {Kind: "phone", Value: "0701234567"}, {Kind: "key", Value: "Å 1"}}
	if n := testing.AllocsPerRun(100, func() {
		h.Fingerprint("https://api.example.se", "100200", 1001, fields)
		for _, id := range ids {
			h.Key("https://api.example.se", "100200", 1001, id)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"", "0", "00", "+46 (0)70", "460", "é\u0301", "\xff\x00", "İ"} {
		f.Add("phone", s)
		f.Add("email", s)
	}
	f.Fuzz(func(t *testing.T, kind, value string) {
		h := ledger.NewHasher()
		a, ok := h.Key("h", "c", 1, mapping.Identifier{Kind: kind, Value: value})
		b, again := h.Key("h", "c", 1, mapping.Identifier{Kind: kind, Value: " " + value + "\t"})
		if a != b || ok != again {
			t.Errorf("%q %q: blanks at its ends matter", kind, value)
		}
	})
}

func FuzzCells(f *testing.F) {
	f.Add([]byte{})
	f.Add(ledger.AppendCells(nil, []sheet.Cell{{Text: "Åsa", Kind: sheet.Text}, {}, {Kind: sheet.NoResult}}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		cells, err := ledger.DecodeCells(b)
		if err != nil {
			return
		}
		again, err := ledger.DecodeCells(ledger.AppendCells(nil, cells))
		if err != nil || !cmp.Equal(cells, again) {
			t.Errorf("%v, %v, want %v", again, err, cells)
		}
	})
}

// All spellings of an identifier give one key, and one fingerprint to the order that holds it. To take two people for one only
// holds a row; to take one for two could order twice.
func TestSpellings(t *testing.T) {
	h := ledger.NewHasher()
	key := func(kind, value string) ledger.Key {
		k, ok := h.Key("https://a", "100200", 1001, mapping.Identifier{Kind: kind, Value: value})
		if !ok {
			t.Errorf("%s %q has no key", kind, value)
		}
		return k
	}
	print := func(kind, value string) ledger.Fingerprint {
		return h.Fingerprint("https://a", "100200", 1001, []ledger.Field{{Name: "f", Value: value, Kind: kind}})
	}
	for _, same := range [][]string{
		{"phone", "0701740605", "070-174 06 05", "+46 70 174 06 05", "+46 (0)70 174 06 05", "0046701740605", "46701740605", "701740605"},
		{"employee", "0042", "42", " 42 "},
		{"employee", "ab07", "AB07"},
		{"email", "asa@example.se", "ASA@example.SE"},
		{"key", "åsa ek", "åsa  ek "},
		{"", "08:00", "8:00", "08:00:00", "8:00:00 "},
		{"", "00:15", "0:15", "00:15:00"},
		{"", "17:30:01", "17:30:01\u00a0"},
	} {
		for _, s := range same[2:] {
			if key(same[0], s) != key(same[0], same[1]) || print(same[0], s) != print(same[0], same[1]) || !h.Same(same[0], s, same[1]) {
				t.Errorf("%s: %q and %q differ", same[0], same[1], s)
			}
		}
	}
	for _, other := range [][2]string{{"08:00", "08:00:01"}, {"8:00", "18:00"}, {"0:30", ":30"}, {"00:00", ""}, {"8:00", "8.00"}, {"1:2:00", "1:2"}, {"001:00", "01:00"}, {"10:00:00:00", "10:00:00"}} {
		if print("", other[0]) == print("", other[1]) || h.Same("", other[0], other[1]) {
			t.Errorf("%q and %q are one", other[0], other[1])
		}
	}
	if key("phone", "+46701740605") == key("phone", "+47701740605") {
		t.Error("two countries are one")
	}
}
