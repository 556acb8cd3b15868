package damage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"orderimport/importer/sheet"
	"orderimport/validate/damage"
)

func Example() {
	profile := damage.NewProfile([]int{5})
	row := make([]sheet.Cell, 6)
	for n := range 99 {
		row[5] = sheet.Cell{Text: fmt.Sprintf("00%03d", n), Kind: sheet.Text}
		profile.Add(row)
	}
	row[5] = sheet.Cell{Text: "417", Kind: sheet.Number}
	profile.Add(row)
	found := profile.Column(5).Look("417", sheet.Number, damage.Text)
	fmt.Println(found.Code, found.Text, found.Evidence)
	// Output: restored-zero 00417 [widths 3 99 5]
}

// cells are n of them, made by text.
func cells(n int, kind sheet.Kind, text func(int) string) []sheet.Cell {
	var all []sheet.Cell
	for i := range n {
		all = append(all, sheet.Cell{Text: text(i), Kind: kind})
	}
	return all
}

func texts(n int, format string) []sheet.Cell {
	return cells(n, sheet.Text, func(i int) string { return fmt.Sprintf(format, i) })
}

func column(groups ...[]sheet.Cell) *damage.Column {
	p := damage.NewProfile([]int{0})
	for _, cell := range slices.Concat(groups...) {
		p.Add([]sheet.Cell{cell})
	}
	return p.Column(0)
}

func TestLook(t *testing.T) {
	const text, number, date, clock = sheet.Text, sheet.Number, sheet.Date, sheet.Time
	var (
		fives   = texts(50, "00%03d")
		mobiles = texts(50, "07012345%02d")
		plussed = texts(50, "+467012345%02d")
		codes   = texts(50, "%d-45")
		words   = texts(50, "avdelning %d")
		names   = cells(50, text, func(int) string { return "Åsa Öberg" })
		serials = texts(50, "89462000123456%05d")
		cut     = texts(50, "8946200012345%02d0000")
		tails   = texts(50, "10%03d.0")
		days    = func(format string) []sheet.Cell {
			return cells(12, text, func(i int) string { return fmt.Sprintf(format, 13+i) })
		}
		real = func(format string) []sheet.Cell {
			return cells(12, date, func(i int) string { return fmt.Sprintf(format, 1+i) })
		}
	)
	for _, tt := range []struct {
		what   string
		column *damage.Column
		text   string
		kind   sheet.Kind
		use    damage.Use
		want   string // the code, ! for wrong, ? for suspicious, = for mended, and the text
	}{
		{"an ID beside its like", column(fives), "00417", text, damage.Text, ""},
		{"a number among texts with zeros", column(fives), "417", number, damage.Text, "restored-zero = 00417"},
		{"a text among texts with zeros", column(fives), "417", text, damage.Text, "short-number ? 00417"},
		{"far too short", column(fives), "4", number, damage.Text, "short-number ? 00004"},
		{"longer than the others", column(fives), "104170", number, damage.Text, ""},
		{"no zeros to lose", column(texts(50, "10%03d")), "417", number, damage.Text, ""},
		{"a column without one width", column(fives, texts(50, "%d")), "417", number, damage.Text, ""},
		{"too few to tell", column(texts(5, "00%03d")), "417", number, damage.Text, ""},
		{"no column", nil, "417", number, damage.Text, ""},
		{"a whole number needs no zeros", column(fives), "417", number, damage.Whole, ""},
		{"a phone kept as text", column(mobiles), "701234567", number, damage.Text, "restored-zero = 0701234567"},
		{"a phone without its plus, kept as text", column(plussed), "46701234567", number, damage.Text, "restored-plus = +46701234567"},
		{"a text that never had a plus", column(plussed), "46701234567", text, damage.Text, "missing-plus ? +46701234567"},

		{"scientific", nil, "4,67012E+10", text, damage.Phone, "scientific-form !"},
		{"scientific with a point", nil, "4.67012e+10", text, damage.Text, "scientific-form !"},
		{"scientific without decimals", nil, "1E+15", text, damage.Whole, "scientific-form !"},
		{"scientific amount", nil, "1,5E+03", text, damage.Decimal, "scientific-form !"},
		{"scientific and whole", nil, "4,6701234567E+10", text, damage.Phone, "expanded-number = 46701234567"},
		{"below one", nil, "1,2E-05", text, damage.Text, "scientific-form !"},
		{"a room", nil, "3E-12", text, damage.Text, "scientific-form ?"},
		{"a code with E", nil, "3E8", text, damage.Text, ""},
		{"a code with E and a plus", nil, "12E+5", text, damage.Text, ""},
		{"a word of a list", nil, "1E+15", text, damage.Listed, ""},

		{"15 digits", nil, "123456789012345", number, damage.Text, ""},
		{"rounded by Excel", nil, "8946200012345670000", number, damage.Text, "rounded-number !"},
		{"16 digits as they were", nil, "1234567890123456", number, damage.Text, ""},
		{"more than floating point holds", nil, "12345678901234568", number, damage.Text, "rounded-number !"},
		{"an amount", nil, "12345678901234568", number, damage.Decimal, ""},
		{"a long text that is whole", column(serials), "8946200012345600017", text, damage.Text, ""},
		{"one rounded among whole ones", column(serials, texts(1, "894620001234567000%d")), "8946200012345670000", text, damage.Text, "rounded-number ?"},
		{"all rounded", column(cut), "8946200012345170000", text, damage.Text, "rounded-number !"},
		{"a zero by chance", column(texts(50, "12345678901234%02d")), "1234567890123410", text, damage.Text, ""},

		{"an apostrophe", nil, "'00417", text, damage.Text, "text-mark = 00417"},
		{"a year", nil, "'93", text, damage.Text, ""},
		{"an apostrophe of a name", nil, "'t Hooft", text, damage.Text, ""},
		{"an export's formula", nil, `="00417"`, text, damage.Text, "text-mark = 00417"},
		{"a formula of two texts", nil, `="0"&"1"`, text, damage.Text, ""},

		{"floating point", column(tails), "10417.0", text, damage.Text, "removed-tail = 10417"},
		{"floating point, Swedish", column(tails), "10417,0", text, damage.Text, "removed-tail = 10417"},
		{"a version", column(texts(50, "%d.0")), "2.0", text, damage.Text, ""},
		{"one tail", column(fives), "10417.0", text, damage.Text, ""},
		{"a phone with a tail", nil, "81234567.0", text, damage.Phone, "decimal-tail ! 81234567"},

		{"a date among codes", column(codes), "2026-12-03", date, damage.Text, "code-as-date !"},
		{"a date among words", column(words), "2026-12-03", date, damage.Text, "code-as-date !"},
		{"a time among codes", column(codes), "03:12:00", clock, damage.Text, "code-as-date !"},
		{"a date among dates", column(real("2026-12-%02d")), "2026-12-03", date, damage.Text, ""},
		{"a date alone", column(real("2026-12-%02d")[:1]), "2026-12-01", date, damage.Text, ""},
		{"a date where a number stands", nil, "2026-12-05", date, damage.Decimal, "code-as-date !"},
		{"a date where a phone stands", nil, "2026-12-05", date, damage.Phone, "code-as-date !"},
		{"a date in a list", nil, "2026-03-01", date, damage.Listed, "code-as-date !"},
		{"a short date among codes", column(codes), "03-dec", text, damage.Text, "code-as-date !"},
		{"a month among codes", column(codes), "mar-26", text, damage.Text, "code-as-date !"},
		{"a short date among words", column(words), "3-Dec", text, damage.Text, "code-as-date ?"},
		{"a short date among its like", column(texts(12, "%02d-dec")), "03-dec", text, damage.Text, ""},
		{"a text date among codes", column(codes), "2026-12-03", text, damage.Text, "code-as-date !"},
		{"a text date among words", column(words), "2026-12-03", text, damage.Text, "code-as-date ?"},
		{"a text date among some more", column(words, texts(12, "2026-12-%02d")), "2026-12-03", text, damage.Text, ""},
		{"a code", column(codes), "3-45", text, damage.Text, ""},
		{"a code that a date would be", column(codes), "MAR1", text, damage.Text, ""},
		{"a name like a month", column(names), "Mars Maj", text, damage.Text, ""},

		{"zero as a date", nil, "1900-01-00", date, damage.Date, "zero-date !"},
		{"12 as a date", nil, "1900-01-12", date, damage.Date, "zero-date !"},
		{"zero of 1904", nil, "1904-01-01", date, damage.Date, "zero-date !"},
		{"zero in LibreOffice", nil, "1899-12-30", text, damage.Date, "zero-date !"},
		{"zero as text", nil, "01/01/1900", text, damage.Date, "zero-date !"},
		{"12 as a date for a code", nil, "1900-01-12", date, damage.Text, "zero-date !"},
		{"a day of 1904", nil, "1904-02-01", date, damage.Date, ""},

		{"day first", column(days("%d/1/2027")), "3/2/2026", text, damage.Date, "date-order = 2026-02-03"},
		{"month first", column(days("1/%d/2027")), "3/2/2026", text, damage.Date, "date-order = 2026-03-02"},
		{"both orders", column(days("1/%d/2027"), days("%d/1/2027")), "3/2/2026", text, damage.Date, ""},
		{"too few to tell the order", column(days("%d/1/2027")[:2]), "3/2/2026", text, damage.Date, ""},
		{"text beside real dates", column(days("%d/1/2027"), real("2026-12-%02d")), "3/2/2026", text, damage.Date, ""},
		{"day and month the same", column(days("%d/1/2027")), "2/2/2026", text, damage.Date, ""},
		{"clear by itself", column(days("%d/1/2027")), "13/2/2026", text, damage.Date, ""},

		{"swapped", column(days("%d/12/2026"), real("2026-%02d-12")), "2026-03-12", date, damage.Date, "swapped-date ! 2026-12-03"},
		{"swapped in CSV", column(days("12/%d/2026"), cells(12, text, func(i int) string { return fmt.Sprintf("2026-%02d-12", i+1) })),
			"2026-03-12", text, damage.Date, "swapped-date ! 2026-12-03"},
		{"perhaps swapped", column(days("%d/12/2026"), real("2026-%02d-12"), real("2026-01-%02d")), "2026-03-12", date, damage.Date, "swapped-date ? 2026-12-03"},
		{"too few to be swapped", column(days("%d/12/2026"), real("2026-%02d-12")[:2]), "2026-02-12", date, damage.Date, ""},
		{"some text of either order", column(days("%d/12/2026"), real("2026-%02d-12"), texts(1, "%d/2/2026"), texts(3, "3/%d/2026")), "2026-03-12", date, damage.Date, ""},
		{"swapped or not is the same", column(days("%d/12/2026"), real("2026-%02d-12")), "2026-12-12", date, damage.Date, ""},
		{"a batch of one month", column(days("%d/12/2026"), real("2026-12-%02d")), "2026-12-03", date, damage.Date, ""},
		{"days beyond 12 on both sides", column(days("%d/12/2026"), real("2026-%02d-12"), real("2026-01-2%d")), "2026-03-12", date, damage.Date, ""},

		{"a lost letter", nil, "Bj?rn", text, damage.Text, "lost-letters ?"},
		{"a question", nil, "Vem?", text, damage.Text, ""},
		{"an address", nil, "https://x.se/a?b=1", text, damage.Text, ""},
		{"yes or no", nil, "1E+15", text, damage.Other, ""},
		{"nothing", nil, "", text, damage.Text, ""},
	} {
		d := tt.column.Look(tt.text, tt.kind, tt.use)
		got := strings.TrimSpace(d.Code + []string{"", " = ", " ? ", " ! "}[d.Verdict] + d.Text)
		if got != tt.want {
			t.Errorf("%s: %q is %q, want %q", tt.what, tt.text, got, tt.want)
		}
		if tt.column != nil && d.Verdict == damage.Suspicious && d.Code != damage.LostLetters && d.Evidence == nil {
			t.Errorf("%s: suspicion without evidence", tt.what)
		}
	}
}

func TestLostZero(t *testing.T) {
	bare := cells(50, sheet.Number, func(i int) string { return fmt.Sprint(701234500 + i) })
	for _, tt := range []struct {
		what   string
		column *damage.Column
		want   string
	}{
		{"the others have it", column(texts(97, "07012345%02d"), bare[:3]), "[starts 9 97 07] true"},
		{"the others have it, written with blanks", column(texts(97, "070-123 45 %02d"), bare[:3]), "[starts 9 97 07] true"},
		{"the others have a country", column(texts(90, "+46 70 123 45 %02d"), bare[:3]), "[starts 9 96 +467] true"},
		{"the others have a country without its plus", column(texts(90, "467012345%02d"), bare[:3]), "[starts 9 96 467] true"},
		{"all have lost it", column(bare), "[starts 9 100 7] true"},
		{"numbers of the fixed network", column(texts(97, "08-1234%02d"), bare[:3]), "[starts 9 97 0] false"},
		{"Polish numbers", column(cells(50, sheet.Text, func(i int) string { return fmt.Sprint(501234567 + i*7654321) })), "[] false"},
		{"a column of all kinds", column(texts(20, "07012345%02d"), texts(20, "%d"), bare), "[] false"},
		{"too few", column(bare[:4]), "[] false"},
		{"no column", nil, "[] false"},
	} {
		evidence, sure := tt.column.LostZero(9)
		if got := fmt.Sprint(evidence, sure); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
}

func TestUngarble(t *testing.T) {
	for in, want := range map[string]string{
		"Ã…sa":                     "Åsa",
		"BjÃ¶rn Ã–berg":            "Björn Öberg",
		"Ã\u0085sa, as ISO-8859-1": "Åsa, as ISO-8859-1",
		"FÃ¶rsÃ¤ljning":            "Försäljning",
		"HÃ©lÃ¨ne":                 "Hélène",
		"GarcÃ\u00ada":             "García",
		"Ã\u0192Â¥":                "å", // twice
		"Åsa Ã–berg":               "Åsa Öberg",
		"5Â\u00a0%":                "5\u00a0%",
		"Annaâ€™s":                 "Anna’s",
		"300 â‚¬":                  "300 €",
		"Å¡koda":                   "škoda",
		"√Ösa √ñberg":              "Åsa Öberg",
		"Bj√∂rn":                   "Björn",
		"Bj├Ârn":                   "Björn",
		"Bj├╢rn":                   "Björn",
		"├àsa":                     "Åsa",

		"Åsa Öberg":         "",
		"Ängla Ädel":        "",
		"Å – Ä":             "",
		"”Å”":               "",
		"Å…":                "",
		"SÃO PAULO":         "",
		"IRMÃ\u00a0SILVA":   "",
		"château â la mode": "",
		"Ä²":                "",
		"plain":             "",
		"":                  "",
		"Ã":                 "",
		"\xc3":              "",
	} {
		got, ok := damage.Ungarble(in)
		if want == "" {
			if ok || got != in {
				t.Errorf("%q became %q", in, got)
			}
			continue
		}
		if !ok || got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestIsError(t *testing.T) {
	for text, want := range map[string]bool{"#N/A": true, "#SAKNAS!": true, "#VÄRDEFEL!": true, "#I/T": true, "########": true, "#1": false, "#": false, "": false, "N/A": false} {
		if damage.IsError(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// Nothing is found in a healthy cell without an allocation, nor by filling the profile.
func TestAllocations(t *testing.T) {
	row := []sheet.Cell{{Text: "Åsa Öberg", Kind: sheet.Text}, {Text: "070-123 45 67", Kind: sheet.Text}, {Text: "2026-12-01", Kind: sheet.Date}, {Text: "13/12/2026", Kind: sheet.Text}}
	p := damage.NewProfile([]int{0, 1, 2, 3})
	uses := []damage.Use{damage.Text, damage.Phone, damage.Date, damage.Date}
	if n := testing.AllocsPerRun(100, func() {
		p.Add(row)
		for i, cell := range row {
			damage.Ungarble(cell.Text)
			if d := p.Column(i).Look(cell.Text, cell.Kind, uses[i]); d.Verdict != damage.None {
				t.Fatal(d)
			}
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkProfile(b *testing.B) {
	row := []sheet.Cell{{Text: "Åsa", Kind: sheet.Text}, {Text: "Öberg", Kind: sheet.Text}, {Text: "asa.oberg@example.se", Kind: sheet.Text}, {Text: "070-123 45 67", Kind: sheet.Text},
		{Text: "Försäljning", Kind: sheet.Text}, {Text: "4110", Kind: sheet.Text}, {Text: "2026-12-01", Kind: sheet.Text}, {Text: "100417", Kind: sheet.Text}}
	p := damage.NewProfile([]int{0, 1, 2, 3, 4, 5, 6, 7})
	b.ReportAllocs()
	for b.Loop() {
		p.Add(row)
	}
}
