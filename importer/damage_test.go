package importer_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"orderimport/importer"
	"orderimport/importer/mapping"
	"orderimport/validate"
)

const damageProfile = `version: 1
package: 1001
customer: {column: Kundnr}
fields:
  firstname: Namn
  lastname: Namn
  email: E-post
  employeeNumber: Anst
  phoneNumber: Mobil
  userGroup1: Avdelning
  costCenter: Kst
  monthlyLimit: Tak
  desiredActivationDate: Start
`

var damageLabels = []string{"Kundnr", "Namn", "E-post", "Anst", "Mobil", "Avdelning", "Kst", "Tak", "Start"}

const (
	customerColumn = iota
	nameColumn
	emailColumn
	numberColumn
	mobileColumn
	groupColumn
	centreColumn
	limitColumn
	startColumn
)

// healthy is the n-th row of a list with nothing wrong in it. Dates are real ones in a workbook.
func healthy(n int) []any {
	return []any{"0100200", "Åsa Öberg", fmt.Sprintf("asa%d@example.se", n), fmt.Sprintf("%06d", 900+n), fmt.Sprintf("070-12%d %02d %02d", n%10, n/100, n%100), "IT", 4110, 299,
		time.Date(2026, 12, 1+n%20, 0, 0, 0, 0, time.UTC)}
}

// list writes rows as a workbook, or as CSV as Excel would save it, and gives its path.
func list(t testing.TB, format string, labels []string, rows [][]any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list."+format)
	if format == "csv" {
		var b strings.Builder
		b.WriteString(strings.Join(labels, ";") + "\r\n")
		for _, row := range rows {
			for i, v := range row {
				if i > 0 {
					b.WriteByte(';')
				}
				if day, ok := v.(time.Time); ok {
					v = day.Format(time.DateOnly)
				}
				if n, ok := v.(float64); ok {
					v = strings.Replace(fmt.Sprintf("%.5E", n), ".", ",", 1)
				}
				fmt.Fprint(&b, v)
			}
			b.WriteString("\r\n")
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	f := excelize.NewFile()
	defer f.Close()
	date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	header := make([]any, len(labels))
	for i, label := range labels {
		header[i] = label
	}
	for i, row := range append([][]any{header}, rows...) {
		cells := make([]any, len(row))
		for c, v := range row {
			cells[c] = v
			if day, ok := v.(time.Time); ok {
				cells[c] = excelize.Cell{StyleID: date, Value: day}
			}
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), cells); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// found gives the findings of a dry run about single cells, one line each, and how many rows it had.
func (d *desk) found(t *testing.T, path, profileText string) (lines []string, rows int) {
	t.Helper()
	p, err := mapping.ParseProfile("profile.yaml", []byte(profileText))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := importer.Read(importer.Job{File: path, Profile: p, Now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	defer plan.Close()
	catalogue, err := importer.NewCatalogue(t.Context(), d.client)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Fit(t.Context(), catalogue, d.place); err != nil {
		t.Fatal(err)
	}
	summary, err := plan.Validate(t.Context(), nil, func(r *importer.Row) error {
		for i := range r.Findings {
			f := &r.Findings[i]
			if f.Code == validate.DefaultUsed || f.Code == validate.DuplicateInFile || f.Code == validate.SamePersonInFile { // invented people come twice
				continue
			}
			words := slices.Concat([]string{f.Cell, f.Code, string(f.Severity)}, f.Args, strings.Fields(f.Suggestion), f.Evidence)
			lines = append(lines, strings.Join(words, " "))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines, summary.Totals.Rows()
}

// Each kind of damage in one cell of a list that is healthy otherwise, as a workbook holds it and as CSV does. Rows 2 to 61 are
// healthy; the damage stands in row 62.
func TestDamage(t *testing.T) {
	d := newDesk(t)
	day := func(year, month, date int) time.Time {
		return time.Date(year, time.Month(month), date, 0, 0, 0, 0, time.UTC)
	}
	for _, tt := range []struct {
		what      string
		column    int
		value     any
		csv, xlsx string
	}{
		{"nothing", nameColumn, "Åsa Öberg", "", ""},
		{"mobile without its zero", mobileColumn, 701234567,
			"E62 restored-zero note +46701234567 starts 9 98 07", "E62 restored-zero note +46701234567 starts 9 98 07"},
		{"office number without its zero", mobileColumn, 812345678,
			"E62 lost-leading-zero error +46812345678 starts 9 98 07", "E62 lost-leading-zero error +46812345678 starts 9 98 07"},
		{"a bare number of two readings", mobileColumn, 468123456,
			"E62 ambiguous-phone error +468123456 0468123456 0468123456 starts 9 98 0", "E62 ambiguous-phone error +468123456 0468123456 0468123456 starts 9 98 0"},
		{"phone in scientific form", mobileColumn, 46701234567.0,
			"E62 scientific-form error", "E62 lost-plus note +46701234567"}, // a workbook has all its digits
		{"phone as a date", mobileColumn, day(2026, 3, 12), "E62 code-as-date error", "E62 code-as-date error"},
		{"ID without its zeros", numberColumn, 417,
			"D62 short-number warning 000417 widths 3 98 6", "D62 restored-zero note 000417 widths 3 98 6"},
		{"customer without its zero", customerColumn, 100200,
			"A62 short-number warning 0100200 widths 6 98 7", "A62 restored-zero note 0100200 widths 6 98 7"},
		{"rounded ID", numberColumn, 8946200012345670000.0, "D62 scientific-form error", "D62 rounded-number error"},
		{"ID as a date", numberColumn, day(2026, 12, 3), "D62 code-as-date error no-dates 98", "D62 code-as-date error no-dates 98"},
		{"amount as a date", limitColumn, day(2026, 5, 12), "H62 code-as-date error", "H62 code-as-date error"},
		{"word of a list as a date", groupColumn, day(2026, 3, 1), "F62 code-as-date error", "F62 code-as-date error"},
		{"garbled name", nameColumn, "BjÃ¶rn Ã–berg", "B62 garbled-text note Björn Öberg, twice", "B62 garbled-text note Björn Öberg, twice"},
		{"garbled word of a list", groupColumn, "FÃ¶rsÃ¤ljning", "F62 garbled-text note Försäljning", "F62 garbled-text note Försäljning"},
		{"invisible mark", mobileColumn, "+46\u202c701234567", "E62 invisible-character note U+202C", "E62 invisible-character note U+202C"},
		{"no-break space", nameColumn, "Åsa\u00a0Öberg", "B62 unusual-blank note U+00A0, twice", "B62 unusual-blank note U+00A0, twice"},
		{"lost letter", nameColumn, "Bj?rn", "B62 lost-letters warning, twice", "B62 lost-letters warning, twice"},
		{"not found", numberColumn, "#SAKNAS!", "D62 cell-error error", "D62 cell-error error"},
		{"too narrow", limitColumn, "#######", "H62 cell-error error", "H62 cell-error error"},
		{"mark for text", numberColumn, "'000417", "D62 text-mark note 000417", "D62 text-mark note 000417"},
		{"date of 1900", startColumn, day(1900, 1, 12), "I62 zero-date error", "I62 zero-date error"},
		{"date of either order", startColumn, "3/2/2027", "I62 ambiguous-date error 2027-02-03 2027-03-02", "I62 ambiguous-date error 2027-02-03 2027-03-02"},
	} {
		for format, want := range map[string]string{"csv": tt.csv, "xlsx": tt.xlsx} {
			var rows [][]any
			for n := range 60 {
				rows = append(rows, healthy(n))
			}
			hurt := healthy(60)
			hurt[tt.column] = tt.value
			got, n := d.found(t, list(t, format, damageLabels, append(rows, hurt)), damageProfile)
			if text, twice := strings.CutSuffix(want, ", twice"); twice { // the column feeds two fields
				want = text + "; " + text
			}
			if strings.Join(got, "; ") != want || n != 61 {
				t.Errorf("%s in %s: found %q in %d rows, want %q", tt.what, format, got, n, want)
			}
		}
	}
}

// A column of dates in one clear order makes the unclear ones clear; real dates whose day and month a program has swapped are told.
func TestDamagedDates(t *testing.T) {
	d := newDesk(t)
	rows := func(start func(n int) any) (rows [][]any) {
		for n := range 12 {
			row := healthy(n)
			row[startColumn] = start(n)
			rows = append(rows, row)
		}
		return rows
	}
	for _, tt := range []struct {
		what  string
		start func(n int) any
		want  string // of all rows
	}{
		{"one order", func(n int) any { return fmt.Sprintf("%d/1/2027", 3+n*2) },
			"I2 date-order note 2027-01-03 day-first 7; I3 date-order note 2027-01-05 day-first 7; I4 date-order note 2027-01-07 day-first 7; I5 date-order note 2027-01-09 day-first 7; I6 date-order note 2027-01-11 day-first 7"},
		{"swapped", func(n int) any {
			if n < 8 {
				return fmt.Sprintf("%d/12/2026", 13+n)
			}
			return time.Date(2026, time.Month(n-6), 12, 0, 0, 0, 0, time.UTC)
		}, "I10 swapped-date error 2026-12-02 one-order 8 4; I11 swapped-date error 2026-12-03 one-order 8 4; I12 swapped-date error 2026-12-04 one-order 8 4; I13 swapped-date error 2026-12-05 one-order 8 4"},
	} {
		for _, format := range []string{"csv", "xlsx"} {
			got, _ := d.found(t, list(t, format, damageLabels, rows(tt.start)), damageProfile)
			if strings.Join(got, "; ") != tt.want {
				t.Errorf("%s in %s: %q, want %q", tt.what, format, got, tt.want)
			}
		}
	}
}

// A large list as it leaves a Swedish HR system has no damage: whatever of names, numbers and spellings it holds, nothing is said.
func TestNothingIsFoundInACleanList(t *testing.T) {
	d := newDesk(t)
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	first := []string{"Åsa", "Björn", "Hélène", "Jean-Luc", "Märta", "Ängla", "Östen", "D'Arcy", "Zoë", "Łukasz", "Ørjan", "Maj", "April", "Siân", "Anaïs", "Nuñez", "Mc", "Ali", "Ö"}
	last := []string{"Öberg", "von Essen", "Åkesson Lind", "Sjöö", "O’Neill", "Śliwa", "Müller", "Gonçalves", "São", "Mars", "Ek", "Å", "'t Hooft", "Lilja (vikarie)", "Dürr & Söner", "Ström-Åhl"}
	mobile := func() string {
		n := random.IntN(10_000_000)
		digits := pick("70", "72", "73", "76", "79") + fmt.Sprintf("%07d", n)
		switch random.IntN(8) {
		case 0:
			return "+46" + digits
		case 1:
			return "+46 (0)" + digits[:2] + "-" + digits[2:5] + " " + digits[5:7] + " " + digits[7:]
		case 2:
			return "0046" + digits
		case 3:
			return "08-" + fmt.Sprint(1_000_000+random.IntN(9_000_000))
		case 4:
			return "+47" + fmt.Sprint(40_000_000+random.IntN(9_999_999))
		case 5:
			return ""
		}
		return "0" + digits[:2] + "-" + digits[2:5] + " " + digits[5:7] + " " + digits[7:]
	}
	kinds := []struct {
		name   string
		number func(n int) string
	}{
		{"short IDs", func(n int) string { return fmt.Sprint(1 + n) }},
		{"IDs with zeros", func(n int) string { return fmt.Sprintf("%07d", n) }},
		{"IDs with letters", func(n int) string { return fmt.Sprintf("%s%05d", pick("E", "K", "MAR", "DEC"), n) }},
		{"long IDs", func(n int) string { return fmt.Sprintf("89462%014d", random.Int64N(1e14)) }},
		{"16 digits", func(n int) string { return fmt.Sprintf("%016d", random.Int64N(9e15)+1e15) }},
		{"codes with hyphens", func(n int) string { return fmt.Sprintf("%d-%d", 13+random.IntN(80), 1+random.IntN(99)) }},
		{"IDs of three systems", func(n int) string { return pick(fmt.Sprint(n), fmt.Sprintf("A-%d", n), fmt.Sprintf("%08d", n), "") }},
		{"identity numbers", func(n int) string {
			return fmt.Sprintf("%02d%02d%02d-%04d", random.IntN(100), 1+random.IntN(12), 1+random.IntN(28), n%10000)
		}},
	}
	for i, kind := range kinds {
		var rows [][]any
		for n := range 5000 {
			name := pick(first...) + " " + pick(last...)
			var start any = time.Date(2026, 11, 24+random.IntN(200), 0, 0, 0, 0, time.UTC)
			rows = append(rows, []any{"100200", name, fmt.Sprintf("p%d@example.se", n), kind.number(n), mobile(),
				pick("Ekonomi", "Försäljning", "HR", "IT", "Kundtjänst", "Lager & Logistik"), 1000 + random.IntN(9000), pick("", "299", "1 200", "99,50"), start})
		}
		format := []string{"csv", "xlsx"}[i%2]
		if lines, n := d.found(t, list(t, format, damageLabels, rows), damageProfile); len(lines) > 0 || n != len(rows) {
			t.Errorf("%s in %s: %d findings in %d rows: %q", kind.name, format, len(lines), n, lines[:min(len(lines), 5)])
		}
	}
}

// The sentences of damage name the column, the value and the evidence, in both languages.
func TestDamageInWords(t *testing.T) {
	f := validate.Finding{Code: "short-number", Severity: validate.Warning, Column: "Anst", Value: "417", Suggestion: "000417", Evidence: []string{"widths", "3", "98", "6"}}
	for lang, want := range map[validate.Lang]string{
		validate.Swedish: `Anst: "417" kan ha tappat sina första nollor; formatera kolumnen som text och skriv numret med dem (3 siffror; 98 % av kolumnen har 6); menas "000417"?`,
		validate.English: `Anst: "417" may have lost its first zeros; format the column as text and write the number with them (3 digits; 98 % of this column have 6); did you mean "000417"?`,
	} {
		if got := f.Message(lang); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
