package mapping

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"orderimport/importer/connect"
	"orderimport/importer/sheet"
)

var groups = []string{"Ekonomi", "Försäljning", "HR", "IT", "Kundtjänst", "Lager & Logistik"}

func mobile() *connect.OrderSchema {
	return &connect.OrderSchema{PredefinedPackageID: 1001, Name: "Mobil Bas", Data: []connect.OrderDataItem{
		{Name: "firstname", Type: "String", Required: true},
		{Name: "lastname", Type: "String", Required: true},
		{Name: "email", Type: "Email", Required: true},
		{Name: "employeeNumber", Type: "String"},
		{Name: "phoneNumber", Type: "Phone"},
		{Name: "userGroup1", Type: "String", Required: true, AllowedValues: groups},
		{Name: "alias", Type: "String"},
		{Name: "costCenter", Type: "Integer"},
		{Name: "desiredActivationDate", Type: "Date", Required: true},
		{Name: "simType", Type: "String", Required: true, DefaultValue: "eSIM", AllowedValues: []string{"eSIM", "Fysiskt SIM"}},
		{Name: "dataGB", Type: "Integer", AllowedValues: []string{"5", "20", "50"}, DefaultValue: "5"},
		{Name: "voicemail", Type: "Boolean", DefaultValue: "true"},
	}}
}

func extension() *connect.OrderSchema {
	return &connect.OrderSchema{PredefinedPackageID: 2001, Name: "Anknytning", Data: []connect.OrderDataItem{
		{Name: "firstname", Type: "String", Required: true},
		{Name: "email", Type: "E-mail", Required: true},
		{Name: "userGroup1", Type: "String", Required: true, AllowedValues: groups},
		{Name: "directNumber", Type: "PhoneNumber"},
	}}
}

// catalogue is a Schemas over the two packages; it counts its calls.
type catalogue struct {
	calls int
	err   error
}

func (c *catalogue) Schema(_ context.Context, name string) (*connect.OrderSchema, error) {
	c.calls++
	switch {
	case c.err != nil:
		return nil, c.err
	case name == "1001" || name == "Mobil Bas":
		return mobileSchema, nil
	case name == "2001" || name == "Anknytning":
		return extensionSchema, nil
	}
	return nil, &UnknownPackage{Name: name, Nearest: "Mobil Bas"}
}

var mobileSchema, extensionSchema = mobile(), extension()

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// row makes a row of text cells.
func row(texts ...string) *sheet.Row {
	r := &sheet.Row{Number: 2}
	for _, t := range texts {
		kind := sheet.Text
		if t == "" {
			kind = sheet.Empty
		}
		r.Cells = append(r.Cells, sheet.Cell{Text: t, Kind: kind})
	}
	return r
}

func bind(t *testing.T, yaml string, labels []string, opt Options) *Mapping {
	t.Helper()
	p, err := ParseProfile("test.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err, err.(*ProfileError).Hint)
	}
	if opt.Now.IsZero() {
		opt.Now = noon
	}
	m, err := p.Bind(context.Background(), labels, &catalogue{}, opt)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mapRow(t *testing.T, m *Mapping, r *sheet.Row) *Record {
	t.Helper()
	rec := &Record{}
	if err := m.Map(context.Background(), r, rec); err != nil {
		t.Fatal(err)
	}
	return rec
}

func value(t *testing.T, rec *Record, field string) Value {
	t.Helper()
	for i, d := range rec.Schema.Data {
		if d.Name == field {
			return rec.Values[i]
		}
	}
	t.Fatalf("no field %q", field)
	return Value{}
}

// TestSource maps one field from one row in every way a profile knows.
func TestSource(t *testing.T) {
	labels := []string{"Förnamn", "Efternamn", "E-post", "Mejl", "Kst/proj"}
	tests := []struct {
		name, source string
		cells        []string
		want         Value
		faults       []Fault
	}{
		{"label", `Förnamn`, []string{"Åsa"}, Value{"Åsa", FromColumn, sheet.Text, 0}, nil},
		{"label in another case", `FÖRNAMN`, []string{"Åsa"}, Value{"Åsa", FromColumn, sheet.Text, 0}, nil},
		{"edges", `Förnamn`, []string{" \u00a0\u200bÅsa\nMaria\u202c\ufeff "}, Value{"Åsa\nMaria", FromColumn, sheet.Text, 0}, nil},
		{"nothing", `Förnamn`, []string{"\u200b "}, Value{"", NoValue, sheet.Empty, 0}, nil},
		{"row too short", `Mejl`, []string{"Åsa"}, Value{"", NoValue, sheet.Empty, 3}, nil},
		{"first with a value", `{column: [E-post, Mejl], lower: true}`, []string{"", "", "", "Å@Example.SE"}, Value{"å@example.se", FromColumn, sheet.Text, 3}, nil},
		{"upper", `{column: Förnamn, upper: true}`, []string{"åsa"}, Value{"ÅSA", FromColumn, sheet.Text, 0}, nil},
		{"constant", `{value: "020"}`, nil, Value{"020", FromConstant, sheet.Text, -1}, nil},
		{"template", `{value: "{{Förnamn}} {{ Efternamn }}"}`, []string{" Åsa", "Ek "}, Value{"Åsa Ek", FromRow, sheet.Text, -1}, nil},
		{"template, half", `{value: "{{Förnamn}} {{Efternamn}}"}`, []string{"Åsa"}, Value{"Åsa", FromRow, sheet.Text, -1}, nil},
		{"template, empty", `{value: "{{Förnamn}} AB"}`, []string{""}, Value{"", NoValue, sheet.Text, 0}, nil},
		{"map", `{column: Förnamn, map: {Sälj: Försäljning}}`, []string{"Sälj"}, Value{"Försäljning", FromColumn, sheet.Text, 0}, nil},
		{"map, loose", `{column: Förnamn, map: {Sälj norr: Försäljning}}`, []string{"SÄLJ  norr"}, Value{"Försäljning", FromColumn, sheet.Text, 0}, nil},
		{"map, loose but ambiguous", `{column: Förnamn, map: {Ab: 1, aB: 2}}`, []string{"AB"}, Value{"AB", FromColumn, sheet.Text, 0}, nil},
		{"map, passes", `{column: Förnamn, map: {Sälj: Försäljning}}`, []string{"HR"}, Value{"HR", FromColumn, sheet.Text, 0}, nil},
		{"map to nothing", `{column: Förnamn, map: {"-": ""}}`, []string{"-"}, Value{"", NoValue, sheet.Text, 0}, nil},
		{"default", `{column: Förnamn, default: Okänd}`, []string{""}, Value{"Okänd", FromConstant, sheet.Text, -1}, nil},
		{"default not needed", `{column: Förnamn, default: Okänd}`, []string{"Bo"}, Value{"Bo", FromColumn, sheet.Text, 0}, nil},
		{"default in days", `{column: Förnamn, default: "+14d"}`, []string{""}, Value{"2026-12-07", FromClock, sheet.Text, -1}, nil},
		{"default in weeks", `{column: Förnamn, default: "+2w"}`, []string{""}, Value{"2026-12-07", FromClock, sheet.Text, -1}, nil},
		{"default like a phone", `{column: Förnamn, default: "+46701740605"}`, []string{""}, Value{"+46701740605", FromConstant, sheet.Text, -1}, nil},
		{"date", `{column: Förnamn, dates: [d/m/yyyy, yyyy-mm-dd]}`, []string{"3/12/2026"}, Value{"2026-12-03", FromColumn, sheet.Text, 0}, nil},
		{"date that fits none", `{column: Förnamn, dates: [d/m/yyyy]}`, []string{"30/2/2026"}, Value{"30/2/2026", FromColumn, sheet.Text, 0}, nil},
		{"date that fits two", `{column: Förnamn, dates: [d/m/yyyy, m/d/yyyy]}`, []string{"3/12/2026"}, Value{"3/12/2026", FromColumn, sheet.Text, 0},
			[]Fault{{"ambiguous-date", "alias", 0, "3/12/2026", "2026-12-03 or 2026-03-12"}}},
		{"expression", `{expr: 'split(row["Kst/proj"], "/")[0]'}`, []string{"", "", "", "", "4711/X"}, Value{"4711", FromRow, sheet.Text, 4}, nil},
		{"expression, member", `{expr: 'row.Förnamn + "-" + Efternamn'}`, []string{"a", "b"}, Value{"a-b", FromRow, sheet.Text, -1}, nil},
		{"expression, number", `{expr: 'int(Förnamn) * 2'}`, []string{"21"}, Value{"42", FromRow, sheet.Text, 0}, nil},
		{"expression, functions", `{expr: 'join(map(split(Förnamn, " "), upper(#)), "")'}`, []string{"a b"}, Value{"AB", FromRow, sheet.Text, 0}, nil},
		{"expression, replaced", `{expr: 'replace(Förnamn, " ", "")'}`, []string{"a b"}, Value{"ab", FromRow, sheet.Text, 0}, nil},
		{"expression fails", `{expr: 'int(Förnamn)', default: "7"}`, []string{"x"}, Value{"", NoValue, sheet.Text, 0},
			[]Fault{{"expression-failed", "alias", 0, "x", "invalid operation: int(x) (1:1)"}}},
		{"expression with a list", `{expr: 'split(Förnamn, " ")'}`, []string{"x"}, Value{"", NoValue, sheet.Text, 0},
			[]Fault{{"expression-failed", "alias", 0, "x", "the result is a list, not one value"}}},
		{"expression over a long cell", `{expr: 'Förnamn'}`, []string{strings.Repeat("å", 1001)}, Value{"", NoValue, sheet.Text, 0},
			[]Fault{{"expression-failed", "alias", 0, strings.Repeat("å", 1001), "a cell is longer than 1000 characters"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := bind(t, "version: 1\npackage: 1001\ncustomer: \"100200\"\nfields:\n  alias: "+test.source+"\n", labels, Options{})
			rec := mapRow(t, m, row(test.cells...))
			if diff := cmp.Diff(test.want, value(t, rec, "alias")); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.faults, append([]Fault(nil), rec.Faults...)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDamagedCells are never "", and neither a default nor a computation hides them.
func TestDamagedCells(t *testing.T) {
	for _, kind := range []sheet.Kind{sheet.Error, sheet.NoResult} {
		for _, source := range []string{`A`, `{column: [A, B]}`, `{column: A, default: x, map: {"#N/A": y}}`, `{value: "{{A}} {{B}}"}`, `{expr: A + B}`} {
			m := bind(t, "version: 1\npackage: 1001\ncustomer: \"1\"\nfields: {alias: "+source+"}\n", []string{"A", "B"}, Options{})
			r := row("#N/A", "b")
			r.Cells[0].Kind = kind
			if kind == sheet.NoResult {
				r.Cells[0].Text = ""
			}
			if got, want := value(t, mapRow(t, m, r), "alias"), (Value{r.Cells[0].Text, FromColumn, kind, 0}); got != want {
				t.Errorf("%s, kind %d: got %+v, want %+v", source, kind, got, want)
			}
		}
	}
	m := bind(t, "version: 1\npackage: 1001\ncustomer: {column: A}\nwhere: A == \"x\"\nfields: {alias: B}\n", []string{"A", "B"}, Options{})
	r := row("#REF!", "b")
	r.Cells[0].Kind = sheet.Error
	rec := mapRow(t, m, r)
	if rec.Skip != "" || rec.Customer != "" || len(rec.Faults) != 2 || rec.Faults[0].Code != "expression-failed" || rec.Faults[1].Code != "no-customer" {
		t.Errorf("where and customer over an error cell: %+v", rec)
	}
}

func TestDateCellStays(t *testing.T) {
	m := bind(t, "version: 1\npackage: 1001\ncustomer: \"1\"\nfields: {desiredActivationDate: {column: A, dates: [d/m/yyyy]}}\n", []string{"A"}, Options{})
	r := &sheet.Row{Cells: []sheet.Cell{{Text: "2026-12-01", Kind: sheet.Date}}}
	if got := value(t, mapRow(t, m, r), "desiredActivationDate"); got != (Value{"2026-12-01", FromColumn, sheet.Date, 0}) {
		t.Errorf("got %+v", got)
	}
}

func TestWhere(t *testing.T) {
	labels := []string{"Status", "Namn", "Antal"}
	yaml := "version: 1\npackage: 1001\ncustomer: \"1\"\nwhere: row[\"Status\"] == \"Ny\" and int(Antal) > 0\nfields: {alias: Namn}\n"
	m := bind(t, yaml, labels, Options{})
	if rec := mapRow(t, m, row(" Ny ", "Åsa", "1")); rec.Skip != "" || value(t, rec, "alias").Text != "Åsa" {
		t.Errorf("a row that the rule takes: %+v", rec)
	}
	if rec := mapRow(t, m, row("Slutat", "Bo", "1")); rec.Skip != `row["Status"] == "Ny" and int(Antal) > 0` || len(rec.Values) != 0 || len(rec.Faults) != 0 {
		t.Errorf("a row that the rule leaves out: %+v", rec)
	}
	rec := mapRow(t, m, row("Ny", "Bo", "många"))
	if rec.Skip != "" || len(rec.Faults) != 1 || rec.Faults[0].Code != "expression-failed" || rec.Faults[0].Field != "" {
		t.Errorf("a row on which the rule fails must not be left out: %+v", rec)
	}
}

func TestMixedPackages(t *testing.T) {
	labels := []string{"Paket", "Kund", "Förnamn", "Mobil"}
	yaml := "version: 1\npackage: {column: Paket}\ncustomer: {column: Kund}\nfields: {firstname: Förnamn, phoneNumber: Mobil}\n"
	p, err := ParseProfile("", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	schemas := &catalogue{}
	m, err := p.Bind(context.Background(), labels, schemas, Options{})
	if err != nil {
		t.Fatal(err)
	}
	rec := mapRow(t, m, row("Mobil Bas", "100200", "Åsa", "0701740605"))
	if rec.Schema != mobileSchema || rec.PackageColumn != 0 || rec.Customer != "100200" || rec.CustomerColumn != 1 || len(rec.Faults) != 0 || value(t, rec, "phoneNumber").Text == "" {
		t.Errorf("by name: %+v", rec)
	}
	rec = mapRow(t, m, row("2001", "100200", "Åsa", "0701740605"))
	if want := []Fault{{"unknown-field", "phoneNumber", 3, "0701740605", ""}}; rec.Schema != extensionSchema || !cmp.Equal(rec.Faults, want) {
		t.Errorf("a field that this row's package does not have: %+v", rec)
	}
	if rec = mapRow(t, m, row("2001", "100200", "Åsa", "")); len(rec.Faults) != 0 {
		t.Errorf("an empty field that this row's package does not have: %+v", rec.Faults)
	}
	rec = mapRow(t, m, row("Mobil Bass", "", "Åsa", ""))
	want := []Fault{{"no-customer", "customerNumber", 1, "", ""}, {"unknown-package", "predefinedPackageID", 0, "Mobil Bass", "Mobil Bas"}}
	if rec.Schema != nil || len(rec.Values) != 0 || !cmp.Equal(rec.Faults, want) {
		t.Errorf("an unknown package: %+v", rec)
	}
	before := schemas.calls
	mapRow(t, m, row("2001", "1", "x", ""))
	if schemas.calls != before {
		t.Error("a package that was seen before was asked for again")
	}
	schemas.err = errors.New("down")
	if err := m.Map(context.Background(), row("3001", "1", "x", ""), &Record{}); err != schemas.err {
		t.Errorf("got %v, want the error of Schemas", err)
	}
}

// TestReuse sees that nothing of a row stays in the record for the next.
func TestReuse(t *testing.T) {
	m := bind(t, "version: 1\npackage: {column: P}\ncustomer: {column: K}\nwhere: A != \"no\"\nfields: {firstname: A}\n", []string{"P", "K", "A"}, Options{})
	rec := &Record{}
	for _, r := range []*sheet.Row{row("9", "", "a"), row("1001", "7", "no"), row("1001", "7", "b")} {
		if err := m.Map(context.Background(), r, rec); err != nil {
			t.Fatal(err)
		}
	}
	if rec.Skip != "" || len(rec.Faults) != 0 || rec.Customer != "7" || rec.Package != "1001" || len(rec.Values) != len(mobileSchema.Data) {
		t.Errorf("left over: %+v", rec)
	}
}

func TestOptionsOverride(t *testing.T) {
	yaml := "version: 1\npackage: 2001\ncustomer: {column: Kund}\nfields: {firstname: A}\n"
	m := bind(t, yaml, []string{"A", "Kund"}, Options{Package: "Mobil Bas", Customer: "300"})
	rec := mapRow(t, m, row("x", "200"))
	if rec.Customer != "300" || rec.CustomerColumn != -1 || rec.Package != "Mobil Bas" || rec.PackageColumn != -1 || rec.Schema != mobileSchema {
		t.Errorf("got %+v", rec)
	}
}

func TestBindErrors(t *testing.T) {
	tests := []struct {
		name, yaml string
		want       BindError
		hint       string
	}{
		{"label", "fields:\n  firstname: Fornamm\n", BindError{What: "column", Name: "Fornamm", Nearest: "Förnamn", Line: 5}, `did you mean "Förnamn"?`},
		{"label, nothing near", "fields:\n  firstname: Skostorlek\n", BindError{What: "column", Name: "Skostorlek", Line: 5}, "its columns are Förnamn, E-post"},
		{"label in a template", "fields:\n  firstname: {value: \"{{E-pots}}\"}\n", BindError{What: "column", Name: "E-pots", Nearest: "E-post", Line: 5}, ""},
		{"label in an expression", "fields:\n  firstname: {expr: 'row[\"E-pots\"]'}\n", BindError{What: "column", Name: "E-pots", Nearest: "E-post", Line: 5}, ""},
		{"bare word in an expression", "fields:\n  firstname: {expr: upper(Förnam)}\n", BindError{What: "column", Name: "Förnam", Nearest: "Förnamn", Line: 5}, ""},
		{"key", "fields: {firstname: Förnamn}\nkey: [Anstnr]\n", BindError{What: "column", Name: "Anstnr", Line: 5}, ""},
		{"field", "fields:\n  firstnam: Förnamn\n", BindError{What: "field", Name: "firstnam", Nearest: "firstname", Line: 5}, `did you mean "firstname"?`},
		{"field of a check", "fields:\n  firstname: Förnamn\nchecks:\n  - {field: emial, matches: x}\n", BindError{What: "field", Name: "emial", Nearest: "email", Line: 7}, ""},
		{"where", "fields: {firstname: Förnamn}\nwhere: Förnamn + 1\n", BindError{What: "expression", Name: "Förnamn + 1", Line: 5}, "invalid operation: + (mismatched types string and int) (1:9)"},
		{"where that is no condition", "fields: {firstname: Förnamn}\nwhere: Förnamn\n", BindError{What: "expression", Name: "Förnamn", Line: 5}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := ParseProfile("p.yaml", []byte("version: 1\npackage: 1001\ncustomer: \"1\"\n"+test.yaml))
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Bind(context.Background(), []string{"Förnamn", "E-post"}, &catalogue{}, Options{})
			var got *BindError
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want a *BindError", err)
			}
			if test.hint != "" && got.Hint != test.hint {
				t.Errorf("hint %q, want %q", got.Hint, test.hint)
			}
			if !strings.HasPrefix(got.Error(), "p.yaml:") {
				t.Errorf("%q does not begin with its place", got.Error())
			}
			test.want.File, test.want.Hint = "p.yaml", got.Hint
			if *got != test.want {
				t.Errorf("got  %+v\nwant %+v", *got, test.want)
			}
		})
	}
	for _, test := range []struct{ yaml, what string }{{"package: 1001\n", "customerNumber"}, {"customer: \"1\"\n", "package"}} {
		p, err := ParseProfile("", []byte("version: 1\nfields: {firstname: A}\n"+test.yaml))
		if err != nil {
			t.Fatal(err)
		}
		var got *BindError
		if _, err = p.Bind(context.Background(), []string{"A"}, &catalogue{}, Options{}); !errors.As(err, &got) || got.What != test.what {
			t.Errorf("without %s: %v", test.what, err)
		}
	}
	broken := &Profile{Customer: Source{Value: "{{A"}, Package: Source{Value: "1001"}}
	if _, err := broken.Bind(context.Background(), []string{"A"}, &catalogue{}, Options{}); err == nil || err.Error() != `template "{{A" cannot be used` {
		t.Errorf("a broken template: %v", err)
	}
	p, _ := ParseProfile("", []byte("version: 1\npackage: Mobil\ncustomer: \"1\"\nfields: {firstname: A}\n"))
	var unknown *UnknownPackage
	if _, err := p.Bind(context.Background(), []string{"A"}, &catalogue{}, Options{}); !errors.As(err, &unknown) || unknown.Name != "Mobil" {
		t.Errorf("an unknown package: %v", err)
	}
}

// TestExpressionBounds has what could eat time or memory, or give another value tomorrow.
func TestExpressionBounds(t *testing.T) {
	for _, source := range []string{
		`now()`, `repeat(A, 100000)`, `1..1000000`, `all(split(A, ""), all(split(A, ""), true))`, `let x = A; x`, `toJSON(A)`, `$env`, `cells[0]`, `row`, `row[A]`,
		`reduce(split(A, ""), #acc + #, "")`, `keys({"a": A})`, `date("2026-01-01")`, strings.Repeat("A+", 200) + "A", strings.Repeat(" ", maxSource) + "A", `A +`, ``,
	} {
		if _, err := compileExpression(source, newColumns([]string{"A"}), false); err == nil {
			t.Errorf("%.40q was taken", source)
		}
	}
	m := bind(t, "version: 1\npackage: 1001\ncustomer: \"1\"\nfields: {alias: {expr: 'replace(A, \"a\", A)'}, firstname: {expr: 'join(split(A, \"\"), A)'}}\n", []string{"A"}, Options{})
	if rec := mapRow(t, m, row(strings.Repeat("a", 900))); len(rec.Faults) != 2 {
		t.Errorf("texts that explode: %d faults", len(rec.Faults))
	}
}

func TestColumns(t *testing.T) {
	m := bind(t, "version: 1\npackage: {column: P}\ncustomer: \"1\"\nfields: {alias: {value: \"{{A}} {{B}}\"}, email: {column: [A, B]}, firstname: B, lastname: {value: x}}\n", []string{"A", "B", "P"}, Options{})
	for field, want := range map[string][]int{"alias": {0, 1}, "email": {0, 1}, "firstname": {1}, "lastname": nil, "nothing": nil, "predefinedPackageID": {2}, "customerNumber": nil} {
		if got := m.Columns(field); !slices.Equal(got, want) {
			t.Errorf("Columns(%q) = %v, want %v", field, got, want)
		}
		column := -1
		if len(want) == 1 {
			column = want[0]
		}
		if got := m.Column(field); got != column {
			t.Errorf("Column(%q) = %d, want %d", field, got, column)
		}
	}
}

func TestUnused(t *testing.T) {
	labels := []string{"Förnamn", "Efternamn", "Kund", "Status", "Ort", "Löpnr", "Anställningsnr", "Tid", "Kommentar"}
	profile := "version: 1\npackage: 1001\ncustomer: {column: Kund}\nkey: [Löpnr]\nwhere: row[\"Status\"] == \"Ny\"\n" +
		"fields:\n  firstname: Förnamn\n  alias: {value: '{{Förnamn}} {{Efternamn}}'}\n  userGroup1: {expr: 'row[\"Ort\"]'}\n"
	p, err := ParseProfile("", []byte(profile))
	if err != nil {
		t.Fatal(err)
	}
	m, err := p.Bind(context.Background(), labels, &catalogue{}, Options{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	// The number of an employee is read though nothing is sent of it: it tells people apart.
	if got := m.Unused(); !slices.Equal(got, []string{"Tid", "Kommentar"}) {
		t.Errorf("unused: %q", got)
	}
}
