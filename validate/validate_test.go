package validate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orderimport/importer/connect"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
	"orderimport/validate"
)

var today = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

func newChecker(t testing.TB, columns []string, checks ...mapping.Check) *validate.Checker {
	t.Helper()
	c, err := validate.New(today, columns, checks)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// record is one of the schema with its values from the columns B, C, …, in row 4.
func record(schema *connect.OrderSchema, texts ...string) *mapping.Record {
	rec := &mapping.Record{
		Row:     &sheet.Row{Number: 4, Cells: make([]sheet.Cell, len(texts)+1)},
		Package: "1001", PackageColumn: -1, Schema: schema,
		Customer: "100200", CustomerColumn: -1,
	}
	for i, text := range texts {
		v := mapping.Value{Text: text, Origin: mapping.FromColumn, Kind: sheet.Text, Column: i + 1}
		if text == "" {
			v.Kind, v.Origin = sheet.Empty, mapping.NoValue
		}
		rec.Values = append(rec.Values, v)
	}
	return rec
}

// one checks a single value of a type.
func one(t testing.TB, item connect.OrderDataItem, text string, kind sheet.Kind) (string, []validate.Finding) {
	t.Helper()
	if item.Name == "" {
		item.Name = "field"
	}
	rec := record(&connect.OrderSchema{PredefinedPackageID: 1, Data: []connect.OrderDataItem{item}}, text)
	rec.Values[0].Kind = kind
	found := newChecker(t, []string{"A", "Label"}).Check(rec, nil)
	for _, f := range found {
		if f.Cell != "B4" || f.Column != "Label" || f.Field != item.Name {
			t.Errorf("%q: place of the finding is %+v", text, f)
		}
	}
	return rec.Values[0].Text, found
}

func codes(found []validate.Finding) string {
	var b []string
	for _, f := range found {
		s := f.Code
		if f.Suggestion != "" {
			s += " → " + f.Suggestion
		}
		b = append(b, s)
	}
	return strings.Join(b, ", ")
}

func TestTypes(t *testing.T) {
	const nbsp, zwsp = "\u00a0", "\u200b"
	for _, tt := range []struct {
		typ, in string
		kind    sheet.Kind
		out     string // what is sent; where there is an error, what was read
		codes   string
	}{
		{"String", "Åsa", sheet.Text, "Åsa", ""},
		{"String", " Åsa ", sheet.Text, "Åsa", ""},
		{"String", nbsp + "Åsa" + zwsp, sheet.Text, "Åsa", ""},
		{"String", "A\u030asa", sheet.Text, "Åsa", ""}, // a ring of its own, as Macs write it
		{"String", "Åsa" + nbsp + "Öst", sheet.Text, "Åsa Öst", "unusual-blank"},
		{"String", "Åsa\r\nÖst", sheet.Text, "Åsa Öst", "unusual-blank"},
		{"String", "Ås" + zwsp + "a", sheet.Text, "Åsa", "invisible-character"},
		{"String", "A\ufeff\u030asa", sheet.Text, "Åsa", "invisible-character"},
		{"String", "Иван Ω", sheet.Text, "Иван Ω", ""},
		{"String", "Åsa\x07", sheet.Text, "Åsa\x07", "control-character"},
		{"String", "\u0085sa", sheet.Text, "\u0085sa", "control-character"},
		{"String", "\ufffdsa", sheet.Text, "\ufffdsa", "damaged-text"},
		{"String", "\xc5sa", sheet.Text, "\xc5sa", "damaged-text"},
		{"String", "#N/A", sheet.Error, "#N/A", "cell-error"},
		{"String", "#N/A", sheet.Text, "#N/A", "cell-error"},
		{"String", "#SAKNAS!", sheet.Text, "#SAKNAS!", "cell-error"},
		{"String", "#1", sheet.Text, "#1", ""},
		{"String", "", sheet.NoResult, "", "no-result"},
		{"String", "=1+1", sheet.Text, "=1+1", ""},
		{"", "x", sheet.Text, "x", ""},
		{"time", "8.30", sheet.Text, "8.30", ""},

		{"Integer", "0123", sheet.Text, "0123", ""},
		{"int", "-5", sheet.Number, "-5", ""},
		{"Int32", "\u22125", sheet.Text, "-5", ""},
		{"System.Int64", "+5", sheet.Text, "5", ""},
		{"Integer", "1 200", sheet.Text, "1200", ""},
		{"Integer", "1" + nbsp + "200", sheet.Text, "1200", ""},
		{"Integer", "12,0", sheet.Text, "12", ""},
		{"Integer", "12.00", sheet.Text, "12", ""},
		{"Integer", "1.200.000", sheet.Text, "1200000", ""},
		{"Integer", "12.5", sheet.Number, "12.5", "not-an-integer"},
		{"Integer", "12,000", sheet.Text, "12,000", "ambiguous-number"},
		{"Integer", "12 00", sheet.Text, "12 00", "not-an-integer"},
		{"Integer", "1 23 456", sheet.Text, "1 23 456", "not-an-integer"},
		{"Integer", "1 234 56", sheet.Text, "1 234 56", "not-an-integer"},
		{"Integer", "0 123", sheet.Text, "0 123", "not-an-integer"},
		{"Integer", "tolv", sheet.Text, "tolv", "not-an-integer"},
		{"Integer", "-", sheet.Text, "-", "not-an-integer"},
		{"Integer", "1e3", sheet.Text, "1e3", "not-an-integer"},
		{"Integer", "2026-12-01", sheet.Date, "2026-12-01", "code-as-date"},

		{"Decimal", "1234,5", sheet.Text, "1234.5", ""},
		{"Money", "1 234,50", sheet.Text, "1234.50", ""},
		{"Double", "1.234,5", sheet.Text, "1234.5", ""},
		{"Number", "1,234.5", sheet.Text, "1234.5", ""},
		{"Decimal", "1,234,567", sheet.Text, "1234567", ""},
		{"Decimal", "0,123", sheet.Text, "0.123", ""},
		{"Decimal", "1234,567", sheet.Text, "1234.567", ""},
		{"Decimal", "1 234,567", sheet.Text, "1234.567", ""},
		{"Decimal", ",5", sheet.Text, "0.5", ""},
		{"Decimal", "1.234", sheet.Number, "1.234", ""},
		{"Decimal", "1,234", sheet.Text, "1,234", "ambiguous-number"},
		{"Decimal", "-1.234", sheet.Text, "-1.234", "ambiguous-number"},
		{"Decimal", "1.234.5", sheet.Text, "1.234.5", "not-a-decimal"},
		{"Decimal", "1,234.567,8", sheet.Text, "1,234.567,8", "not-a-decimal"},
		{"Decimal", "12,34.5", sheet.Text, "12,34.5", "not-a-decimal"},
		{"Decimal", "5,", sheet.Text, "5,", "not-a-decimal"},
		{"Decimal", ",", sheet.Text, ",", "not-a-decimal"},
		{"Decimal", "299 kr", sheet.Text, "299 kr", "not-a-decimal"},

		{"Boolean", "Ja", sheet.Text, "true", ""},
		{"bool", "NEJ", sheet.Text, "false", ""},
		{"Ja/Nej", "1", sheet.Number, "true", ""},
		{"bit", "false", sheet.Bool, "false", ""},
		{"Boolean", "x", sheet.Text, "x", "not-a-boolean"},
		{"Boolean", "2", sheet.Number, "2", "not-a-boolean"},
		{"Boolean", "kanske inte", sheet.Text, "kanske inte", "not-a-boolean"},

		{"Date", "2026-12-01", sheet.Date, "2026-12-01", ""},
		{"Date", "2026-12-01 00:00:00", sheet.Text, "2026-12-01", ""},
		{"Date", "2026-12-01T00:00:00Z", sheet.Text, "2026-12-01", ""},
		{"Date", "2026-12-1", sheet.Text, "2026-12-01", ""},
		{"Datum", "20261201", sheet.Number, "2026-12-01", ""},
		{"Date", "13/2/2026", sheet.Text, "2026-02-13", ""},
		{"Date", "2/13/2026", sheet.Text, "2026-02-13", ""},
		{"Date", "13/2-2026", sheet.Text, "2026-02-13", ""},
		{"Date", "31.12.2026", sheet.Text, "2026-12-31", ""},
		{"Date", "3/3/2026", sheet.Text, "2026-03-03", ""},
		{"Date", "2 mars 2026", sheet.Text, "2026-03-02", ""},
		{"Date", "2. Sept 2026", sheet.Text, "2026-09-02", ""},
		{"Date", "2024-02-29", sheet.Text, "2024-02-29", ""},
		{"Date", "3/2/2026", sheet.Text, "3/2/2026", "ambiguous-date"},
		{"Date", "2026-02-30", sheet.Text, "2026-02-30", "impossible-date"},
		{"Date", "1900-02-29", sheet.Text, "1900-02-29", "zero-date"},
		{"Date", "2026-02-29", sheet.Text, "2026-02-29", "impossible-date"},
		{"Date", "31/4/2026", sheet.Text, "31/4/2026", "impossible-date"},
		{"Date", "2026-12-01 08:30:00", sheet.Date, "2026-12-01 08:30:00", "time-of-day → 2026-12-01"},
		{"Date", "2026-11-30T23:00:00Z", sheet.Text, "2026-11-30T23:00:00Z", "time-of-day"},
		{"Date", "46357", sheet.Number, "46357", "not-a-date → 2026-12-01"},
		{"Date", "13/2", sheet.Text, "13/2", "not-a-date"},
		{"Date", "26-12-01", sheet.Text, "26-12-01", "not-a-date"},
		{"Date", "261201", sheet.Text, "261201", "not-a-date"},
		{"Date", "0206-12-01", sheet.Text, "0206-12-01", "not-a-date"},
		{"Date", "snarast", sheet.Text, "snarast", "not-a-date"},
		{"Date", "08:30:00", sheet.Time, "08:30:00", "not-a-date"},
		{"Date", "2026-12-01 25:00", sheet.Text, "2026-12-01 25:00", "not-a-date"},
		{"Date", "2026-12-", sheet.Text, "2026-12-", "not-a-date"},
		{"DateTime", "2026-12-01 08:30", sheet.Text, "2026-12-01T08:30:00", ""},
		{"DateTime", "2026-12-01", sheet.Date, "2026-12-01", ""},

		{"Email", "Asa.Ost@Exempel.SE", sheet.Text, "Asa.Ost@Exempel.SE", ""},
		{"E-mail", "a+b_c'd@x-y.co.uk", sheet.Text, "a+b_c'd@x-y.co.uk", ""},
		{"E-post", "åsa@exempel.se", sheet.Text, "åsa@exempel.se", "email-letter → asa@exempel.se"},
		{"Email", "info@åkeri.se", sheet.Text, "info@åkeri.se", "email-letter → info@xn--keri-poa.se"},
		{"Email", "Asa <asa@exempel.se>", sheet.Text, "Asa <asa@exempel.se>", "not-an-email → asa@exempel.se"},
		{"Email", "mailto:asa@exempel.se", sheet.Text, "mailto:asa@exempel.se", "not-an-email → asa@exempel.se"},
		{"Email", "asa @exempel.se", sheet.Text, "asa @exempel.se", "not-an-email → asa@exempel.se"},
		{"Email", "asa@exempel.se;bo@exempel.se", sheet.Text, "asa@exempel.se;bo@exempel.se", "not-an-email"},
		{"Email", "asa@exempel", sheet.Text, "asa@exempel", "not-an-email"},
		{"Email", "asa.exempel.se", sheet.Text, "asa.exempel.se", "not-an-email"},
		{"Email", "@exempel.se", sheet.Text, "@exempel.se", "not-an-email"},
		{"Email", "a..b@exempel.se", sheet.Text, "a..b@exempel.se", "not-an-email"},
		{"Email", "a.@exempel.se", sheet.Text, "a.@exempel.se", "not-an-email"},
		{"Email", "a@-x.se", sheet.Text, "a@-x.se", "not-an-email"},
		{"Email", "a@x.s", sheet.Text, "a@x.s", "not-an-email"},
		{"Email", strings.Repeat("a", 65) + "@x.se", sheet.Text, strings.Repeat("a", 65) + "@x.se", "not-an-email"},
		{"Email", "a@10.0.0.1", sheet.Text, "a@10.0.0.1", "not-an-email"},

		{"Phone", "070-123 45 67", sheet.Text, "+46701234567", ""},
		{"PhoneNumber", "+46701234567", sheet.Text, "+46701234567", ""},
		{"MSISDN", "46701234567", sheet.Number, "+46701234567", "lost-plus"},
		{"Telefon", "\u202d+46701234567\u202c", sheet.Text, "+46701234567", ""},
		{"Telefon", "+46\u202c701234567", sheet.Text, "+46701234567", "invisible-character"},
		{"Phone", "701234567", sheet.Number, "701234567", "lost-leading-zero → +46701234567"},
		{"Phone", "468123456", sheet.Number, "468123456", "ambiguous-phone"},
		{"Phone", "saknas", sheet.Text, "saknas", "not-a-phone"},
	} {
		out, found := one(t, connect.OrderDataItem{Type: tt.typ}, tt.in, tt.kind)
		if out != tt.out || codes(found) != tt.codes {
			t.Errorf("%s %q: sends %q with %q, want %q with %q", tt.typ, tt.in, out, codes(found), tt.out, tt.codes)
		}
		for _, f := range found {
			if want := validate.Error; f.Severity != want && out == tt.in {
				t.Errorf("%s %q: %s has severity %s", tt.typ, tt.in, f.Code, f.Severity)
			}
			if !strings.HasPrefix(tt.in, f.Value) && strings.TrimSpace(tt.in) != f.Value {
				t.Errorf("%s %q: the finding tells %q", tt.typ, tt.in, f.Value)
			}
		}
	}
}

func TestArgs(t *testing.T) {
	for _, tt := range []struct {
		typ, in string
		want    []string
	}{
		{"Date", "3/2/2026", []string{"2026-02-03", "2026-03-02"}},
		{"Decimal", "-1,234", []string{"-1234", "-1.234", "-1,2340"}},
		{"Phone", "468123456", []string{"+468123456", "0468123456"}},
		{"Phone", "46701234567", []string{"+46701234567"}},
		{"String", "a\tb", []string{"U+0009"}},
		{"String", "a\x01b", []string{"U+0001"}},
		{"Email", "bö@x.se", []string{"ö"}},
	} {
		_, found := one(t, connect.OrderDataItem{Type: tt.typ}, tt.in, sheet.Text)
		if len(found) != 1 || !cmp.Equal(found[0].Args, tt.want) {
			t.Errorf("%s %q: %+v, want args %q", tt.typ, tt.in, found, tt.want)
		}
	}
}

func TestAllowed(t *testing.T) {
	groups := []string{"Ekonomi", "Försäljning", "HR", "IT", "Kundtjänst", "Lager & Logistik"}
	for _, tt := range []struct {
		typ     string
		allowed []string
		in, out string
		codes   string
	}{
		{"String", groups, "Försäljning", "Försäljning", ""},
		{"String", groups, "FÖRSÄLJNING", "Försäljning", ""},
		{"String", groups, "lager&logistik", "Lager & Logistik", ""},
		{"String", groups, "Lager\u00a0& \u00a0Logistik", "Lager & Logistik", ""},
		{"String", groups, "Kund tjänst", "Kundtjänst", ""},
		{"String", groups, "Säljj", "Säljj", "not-allowed → Försäljning"},
		{"String", groups, "Forsaljning", "Forsaljning", "not-allowed → Försäljning"},
		{"String", groups, "Logistik", "Logistik", "not-allowed → Lager & Logistik"},
		{"String", groups, "Ekonimi", "Ekonimi", "not-allowed → Ekonomi"},
		{"String", groups, "IR", "IR", "not-allowed"}, // as near to HR as to IT
		{"String", groups, "Marknad", "Marknad", "not-allowed"},
		{"String", groups, strings.Repeat("Ekonomi", 100), strings.Repeat("Ekonomi", 100), "not-allowed"},
		{"String", []string{"A", "Norr"}, "x", "x", "not-allowed"}, // one letter for another is no slip
		{"String", []string{"hr", "HR"}, "HR", "HR", ""},
		{"String", []string{"hr", "HR"}, "Hr", "Hr", "not-allowed"}, // one of two: not guessed
		{"String", []string{""}, "x", "x", ""},
		{"String", []string{"", "x"}, "X", "x", ""},
		{"Integer", []string{"5", "20", "50"}, "20,0", "20", ""},
		{"Integer", []string{"5", "20", "50"}, "20 GB", "20 GB", "not-allowed → 20"},
		{"Integer", []string{"5", "20", "50"}, "21", "21", "not-allowed"},
		{"Integer", []string{"5 GB", "20 GB"}, "5gb", "5 GB", ""}, // the list stands above the type
		{"Boolean", []string{"Ja", "Nej"}, "yes", "Ja", ""},
		{"Boolean", []string{"Ja", "Yes"}, "true", "true", "not-allowed"},
		{"Date", []string{"2026-12-01", "2027-01-01"}, "20261201", "2026-12-01", ""},
	} {
		out, found := one(t, connect.OrderDataItem{Type: tt.typ, AllowedValues: tt.allowed}, tt.in, sheet.Text)
		if out != tt.out || codes(found) != tt.codes {
			t.Errorf("%q of %q: sends %q with %q, want %q with %q", tt.in, tt.allowed, out, codes(found), tt.out, tt.codes)
		}
	}
}

func TestEmpty(t *testing.T) {
	for _, tt := range []struct {
		name          string
		item          connect.OrderDataItem
		in            string
		out           string
		codes         string
		fromTheSchema bool
	}{
		{"optional", connect.OrderDataItem{}, "", "", "", false},
		{"optional with default", connect.OrderDataItem{DefaultValue: "5"}, "", "", "", false},
		{"required", connect.OrderDataItem{Required: true}, "", "", "missing-value", false},
		{"required with default", connect.OrderDataItem{Required: true, DefaultValue: "eSIM"}, "", "eSIM", "default-used", true},
		{"blanks", connect.OrderDataItem{Required: true}, " \u00a0\u200b\n", "", "missing-value", false},
		{"optional blanks", connect.OrderDataItem{Type: "Integer"}, " \u00a0", "", "", false},
		{"given", connect.OrderDataItem{Required: true, DefaultValue: "eSIM"}, "x", "x", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.item.Name = "f"
			rec := record(&connect.OrderSchema{Data: []connect.OrderDataItem{tt.item}}, tt.in)
			found := newChecker(t, nil).Check(rec, nil)
			v := rec.Values[0]
			if v.Text != tt.out || codes(found) != tt.codes || (v.Origin == mapping.FromSchema) != tt.fromTheSchema {
				t.Errorf("sends %+v with %+v", v, found)
			}
			if len(found) == 1 && validate.HasError(found) == tt.fromTheSchema {
				t.Errorf("severity %s", found[0].Severity)
			}
		})
	}
}

// Every finding of a row comes at once: of the file, of the mapping, of the customer, of each field.
func TestAllFindingsOfARow(t *testing.T) {
	schema := &connect.OrderSchema{PredefinedPackageID: 1001, Data: []connect.OrderDataItem{
		{Name: "firstname", Type: "String", Required: true},
		{Name: "email", Type: "Email", Required: true},
		{Name: "alias", Type: "String", Required: true},
		{Name: "start", Type: "Date"},
		{Name: "costCenter", Type: "Integer"},
	}}
	rec := record(schema, "", "åsa", "", "3/2/2026", "x")
	rec.Customer, rec.CustomerColumn = "100 200", 6
	rec.Row.Faults = []sheet.Fault{
		{Code: "extra-cells", Column: 30, Text: "mer"},
		{Code: "open-quote", Column: 0, Text: "\"x", Fatal: true},
	}
	rec.Faults = []mapping.Fault{
		{Code: "expression-failed", Field: "alias", Column: -1, Text: "", Hint: "no such label"},
		{Code: "unknown-field", Field: "roamin", Column: 5, Text: "ja", Hint: "roaming"},
		{Code: "ambiguous-date", Field: "start", Column: 4, Text: "3/2/26", Hint: "2026-02-03 or 2026-03-02"},
	}
	columns := []string{"Nr", "Förnamn", "E-post", "Alias", "Start", "Kst", "Kund"}
	got := newChecker(t, columns).Check(rec, nil)
	want := []validate.Finding{
		{Code: "extra-cells", Severity: validate.Warning, Column: "AE", Cell: "AE4", Value: "mer"},
		{Code: "open-quote", Severity: validate.Error, Column: "Nr", Cell: "A4", Value: "\"x"},
		{Code: "expression-failed", Severity: validate.Error, Field: "alias", Args: []string{"no such label"}},
		{Code: "unknown-field", Severity: validate.Error, Column: "Kst", Cell: "F4", Field: "roamin", Value: "ja", Suggestion: "roaming"},
		{Code: "ambiguous-date", Severity: validate.Error, Column: "Start", Cell: "E4", Field: "start", Value: "3/2/26",
			Args: []string{"2026-02-03", "2026-03-02"}},
		{Code: "malformed-customer", Severity: validate.Error, Column: "Kund", Cell: "G4", Field: "customerNumber", Value: "100 200"},
		{Code: "missing-value", Severity: validate.Error, Column: "Förnamn", Cell: "B4", Field: "firstname"},
		{Code: "not-an-email", Severity: validate.Error, Column: "E-post", Cell: "C4", Field: "email", Value: "åsa"},
		{Code: "not-an-integer", Severity: validate.Error, Column: "Kst", Cell: "F4", Field: "costCenter", Value: "x"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPackageAndCustomer(t *testing.T) {
	schema := &connect.OrderSchema{}
	for _, tt := range []struct {
		name  string
		alter func(*mapping.Record)
		codes string
	}{
		{"all well", func(*mapping.Record) {}, ""},
		{"customer trimmed", func(r *mapping.Record) { r.Customer = " 100200\u00a0" }, ""},
		{"no customer", func(r *mapping.Record) { r.Customer = " " }, "missing-customer"},
		{"no customer, said already", func(r *mapping.Record) {
			r.Customer, r.Faults = "", []mapping.Fault{{Code: "no-customer", Column: -1}}
		}, "missing-customer"},
		{"customer of a broken formula", func(r *mapping.Record) {
			r.Customer, r.CustomerColumn = "#REF!", 0
			r.Row.Cells[0] = sheet.Cell{Text: "#REF!", Kind: sheet.Error}
		}, "cell-error"},
		{"customer of a broken formula, said already", func(r *mapping.Record) {
			r.Customer, r.CustomerColumn = "", 0
			r.Row.Cells[0] = sheet.Cell{Text: "#REF!", Kind: sheet.Error}
			r.Faults = []mapping.Fault{{Code: "no-customer", Field: "customerNumber", Column: 0, Text: "#REF!"}}
		}, "cell-error"},
		{"customer that an expression did not give", func(r *mapping.Record) {
			r.Customer, r.Faults = "", []mapping.Fault{{Code: "expression-failed", Field: "customerNumber", Column: -1}}
		}, "expression-failed"},
		{"package of a formula without result", func(r *mapping.Record) {
			r.Schema, r.PackageColumn = nil, 0
			r.Row.Cells[0] = sheet.Cell{Kind: sheet.NoResult}
			r.Faults = []mapping.Fault{{Code: "unknown-package", Field: "predefinedPackageID", Column: 0}}
		}, "no-result"},
		{"customer with a control character", func(r *mapping.Record) { r.Customer = "100\x00200" }, "malformed-customer"},
		{"no package", func(r *mapping.Record) { r.Schema = nil }, "unknown-package"},
		{"no package, said already", func(r *mapping.Record) {
			r.Schema, r.Faults = nil, []mapping.Fault{{Code: "unknown-package", Column: -1, Text: "Mobil Bass", Hint: "Mobil Bas"}}
		}, "unknown-package → Mobil Bas"},
		{"skipped", func(r *mapping.Record) { r.Skip, r.Customer, r.Schema = "where", "", nil }, ""},
		{"without its row", func(r *mapping.Record) { r.Row, r.Customer = nil, "" }, "missing-customer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := record(schema)
			tt.alter(rec)
			if got := codes(newChecker(t, nil).Check(rec, nil)); got != tt.codes {
				t.Errorf("got %q, want %q", got, tt.codes)
			}
			if tt.codes == "" && rec.Skip == "" && rec.Customer != "100200" {
				t.Errorf("customer %q", rec.Customer)
			}
		})
	}
}

// What an order holds already was never a cell that a spreadsheet program could round.
func TestValueOfAnOrder(t *testing.T) {
	rec := record(&connect.OrderSchema{Data: []connect.OrderDataItem{{Name: "simNumber", Type: "String"}}}, "8946200012345670000")
	rec.Values[0].Kind = sheet.Number
	if got := codes(newChecker(t, nil).Check(rec, nil)); got != "rounded-number" {
		t.Errorf("a number cell: %q", got)
	}
	rec.Values[0].Origin = mapping.FromRow
	if got := codes(newChecker(t, nil).Check(rec, nil)); got != "" {
		t.Errorf("a value of an order: %q", got)
	}
}

// Mended values share blocks of memory, and stay what they are when the checker goes on.
func TestMendedValuesStay(t *testing.T) {
	schema := &connect.OrderSchema{Data: []connect.OrderDataItem{{Name: "phone", Type: "Phone"}}}
	c := newChecker(t, nil)
	var sent []string
	for i := range 2000 {
		rec := record(schema, fmt.Sprintf("070%07d", i))
		c.Check(rec, nil)
		sent = append(sent, rec.Values[0].Text)
	}
	for i, got := range sent {
		if want := fmt.Sprintf("+4670%07d", i); got != want {
			t.Fatalf("number %d is %q, want %q", i, got, want)
		}
	}
}

// A record that is short of values is not a record without required fields.
func TestShortRecord(t *testing.T) {
	rec := record(&connect.OrderSchema{Data: []connect.OrderDataItem{{Name: "a"}, {Name: "b", Required: true}}}, "x")
	if got := codes(newChecker(t, nil).Check(rec, nil)); got != "missing-value" {
		t.Errorf("got %q", got)
	}
}

func TestProfileChecks(t *testing.T) {
	schema := &connect.OrderSchema{Data: []connect.OrderDataItem{{Name: "phoneNumber", Type: "Phone"}}}
	check := mapping.Check{Field: "phoneNumber", Matches: `^\+46`, Message: map[string]string{"sv": "bara svenska nummer"}}
	for in, want := range map[string]string{"0701234567": "", "+4722123456": "check-failed", "": "", "x": "not-a-phone"} {
		found := newChecker(t, nil, check).Check(record(schema, in), nil)
		if codes(found) != want {
			t.Errorf("%q: got %q, want %q", in, codes(found), want)
		}
		if want == "check-failed" {
			if got := found[0].Message(validate.Swedish); got != "B: bara svenska nummer" {
				t.Error(got)
			}
			if got := found[0].Message(validate.English); got != "B: bara svenska nummer" {
				t.Error(got)
			}
		}
	}
	check.Message = nil
	found := newChecker(t, nil, check).Check(record(schema, "+4722123456"), nil)
	if got, want := found[0].Message(validate.English), `B: the value does not fit the profile's pattern "^\\+46"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := validate.New(today, nil, []mapping.Check{{Field: "a", Matches: "("}}); err == nil || !strings.Contains(err.Error(), `"a"`) {
		t.Errorf("broken pattern: %v", err)
	}
}

func TestFarDate(t *testing.T) {
	for _, tt := range []struct{ name, in, codes string }{
		{"desiredActivationDate", "2062-12-01", "far-date"},
		{"desiredActivationDate", "2016-12-01", "far-date"},
		{"desiredActivationDate", "2026-11-20", ""},
		{"desiredActivationDate", "2028-11-23", ""},
		{"born", "1970-01-01", ""},
	} {
		out, found := one(t, connect.OrderDataItem{Name: tt.name, Type: "Date"}, tt.in, sheet.Text)
		if codes(found) != tt.codes || validate.HasError(found) || out != tt.in {
			t.Errorf("%s %s: sends %s with %+v", tt.name, tt.in, out, found)
		}
	}
}

// An unknown type is told once for a field of a package, however many rows there are.
func TestNotes(t *testing.T) {
	schema := &connect.OrderSchema{PredefinedPackageID: 3001, Data: []connect.OrderDataItem{
		{Name: "openFrom", Type: "time"}, {Name: "name", Type: "String"}, {Name: "any"}}}
	c := newChecker(t, nil)
	for range 3 {
		if found := c.Check(record(schema, "8.30", "x", "y"), nil); len(found) > 0 {
			t.Errorf("%+v", found)
		}
	}
	notes := c.Notes()
	if len(notes) != 1 || notes[0].Code != "unknown-type" || !strings.Contains(notes[0].Text, "openFrom") {
		t.Errorf("%+v", notes)
	}
}
