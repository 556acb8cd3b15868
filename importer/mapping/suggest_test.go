package mapping

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orderimport/importer/connect"
	"orderimport/importer/sheet"
)

// sampleRows makes rows of text cells.
func sampleRows(rows ...[]string) [][]sheet.Cell {
	var all [][]sheet.Cell
	for _, r := range rows {
		all = append(all, row(r...).Cells)
	}
	return all
}

var hrLabels = []string{"Anställningsnr", "Förnamn", "Efternamn", "E-post", "Mobil", "Avdelning", "Kostnadsställe", "Startdatum", "Titel", "Kommentar"}

var hrRows = sampleRows(
	[]string{"1001", "Åsa", "Ek", "asa.ek@example.se", "070-174 06 05", "HR", "4711", "2026-12-01", "Chef", ""},
	[]string{"1002", "Bo", "Al", "bo.al@example.se", "070-174 06 06", "IT", "4712", "2026-12-02", "Säljare", "x"},
	[]string{"1003", "Cia", "Berg", "cia.berg@example.se", "070-174 06 07", "Ekonomi", "4711", "2026-12-03", "Säljare", ""},
)

func TestSuggestHRExport(t *testing.T) {
	p := Suggest(hrLabels, hrRows, mobileSchema, "100200")
	if len(p.Open) > 0 {
		t.Fatalf("open questions: %+v", p.Open)
	}
	want := map[string]string{"Anställningsnr": "employeeNumber", "Förnamn": "firstname", "Efternamn": "lastname", "E-post": "email", "Mobil": "phoneNumber",
		"Avdelning": "userGroup1", "Kostnadsställe": "costCenter", "Startdatum": "desiredActivationDate"}
	if diff := cmp.Diff(want, p.Mapping); diff != "" {
		t.Errorf("mapping (-want +got):\n%s", diff)
	}
	if p.Targets[0] != (Target{"customerNumber", "", 1, "constant"}) || p.Targets[1] != (Target{"predefinedPackageID", "", 1, "constant"}) || len(p.Targets) != len(mobileSchema.Data)+2 {
		t.Errorf("targets: %+v", p.Targets)
	}
	m, err := p.Profile.Bind(context.Background(), hrLabels, &catalogue{}, Options{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Unused(); !slices.Equal(got, []string{"Titel", "Kommentar"}) {
		t.Errorf("unused: %v", got)
	}
	rec := mapRow(t, m, &sheet.Row{Cells: hrRows[1]})
	if value(t, rec, "email").Text != "bo.al@example.se" || rec.Customer != "100200" {
		t.Errorf("record: %+v", rec)
	}
	again, err := ParseProfile("", p.YAML())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p.Profile, again, sameProfile); diff != "" {
		t.Errorf("written and read (-want +got):\n%s", diff)
	}
}

// TestSuggestKey keeps an employee number that no field takes as the key.
func TestSuggestKey(t *testing.T) {
	p := Suggest(hrLabels, hrRows, extensionSchema, "100200")
	if !slices.Equal(p.Profile.Key, []string{"Anställningsnr"}) || p.Mapping["Anställningsnr"] != "" || len(p.Open) != 0 {
		t.Errorf("key %v, mapping %v, open %v", p.Profile.Key, p.Mapping, p.Open)
	}
}

func TestSuggestLanguages(t *testing.T) {
	fields := []string{"firstname", "lastname", "email", "employeeNumber", "phoneNumber", "userGroup1", "costCenter", "desiredActivationDate", "customerNumber"}
	for _, labels := range [][]string{
		{"First Name", "Surname", "E-mail address", "EmployeeID", "Mobile phone", "Department", "Cost Centre", "Start date", "Customer no."},
		{"first_name", "last_name", "EMAIL", "employee_number", "phone", "userGroup", "cost-center", "desiredActivationDate", "customer_number"},
		{"FÖRNAMN *", "Efter namn", "Mejl", "Anst.nr", "Mobil", "Enhet", "Kst", "Startdag", "Kundnr"},
		{"Fornamn", "Efternamn", "Epost", "Anstallningsnummer", "Mobiltelefon", "Anvandargrupp", "Kostnadsstalle", "Onskat aktiveringsdatum", "Kundnummer"},
		{"Förnamn (tilltal)", "Efternamn", "E-post (arbete)", "Anställningsnr", "Mobilnr 1", "Avdelning", "Kostnadsställe", "Aktiveringsdatum", "Kund-id"},
		{"Fo\u0308rnamn", "Efternamn", "E‑post", "Medarbetarnummer", "Telefonnummer", "Avd.", "K-ställe", "Anställningsdatum", "Kund"},
		{"Förnam", "Efternman", "E-post adress", "Anställninsnr", "Mobilnumer", "Avdelnig", "Kostnadställe", "Startdatun", "Kundnumer"},
		{"Fornavn", "Etternavn", "E-postadresse", "Ansattnummer", "Mobilnummer", "Avdeling", "Kostnadssted", "Startdato", "Kundenummer"},
		{"Fornavn", "Efternavn", "E-mailadresse", "Medarbejdernummer", "Tlf.nr.", "Afdeling", "Omkostningssted", "Ansættelsesdato", "Kundenr."},
		{"Etunimi", "Sukunimi", "Sähköposti", "Henkilönumero", "Matkapuhelin", "Osasto", "Kustannuspaikka", "Aloituspäivä", "Asiakasnumero"},
		{"Vorname", "Nachname", "E-Mail-Adresse", "Personal-Nr.", "Handynummer", "Abteilung", "Kostenstelle", "Eintrittsdatum", "Kunden-Nr."},
	} {
		p := Suggest(labels, nil, mobileSchema, "")
		for i, label := range labels {
			if p.Mapping[label] != fields[i] {
				t.Errorf("%q went to %q, want %q", label, p.Mapping[label], fields[i])
			}
		}
		if len(p.Open) > 0 {
			t.Errorf("%s: open %+v", labels[0], p.Open)
		}
	}
}

// TestSuggestNeverGuesses has columns that look like a field and are another thing.
func TestSuggestNeverGuesses(t *testing.T) {
	labels := []string{"Slutdatum", "Personnummer", "Chefens e-post", "Privat mobil", "Födelsedatum", "Namn på chef", "Org.nr", "Telefon hem", "Efternamnsinitial", "Datum"}
	if p := Suggest(labels, nil, mobileSchema, "1"); len(p.Mapping) > 0 || len(p.Profile.Key) > 0 {
		t.Errorf("mapped %v, key %v", p.Mapping, p.Profile.Key)
	}
}

func TestSuggestQuestions(t *testing.T) {
	question := func(p *Proposal, field string) *Question {
		for i := range p.Open {
			if p.Open[i].Field == field {
				return &p.Open[i]
			}
		}
		return nil
	}
	t.Run("required without a column", func(t *testing.T) {
		p := Suggest([]string{"Förnamn"}, nil, mobileSchema, "")
		var got []string
		for _, q := range p.Open {
			got = append(got, q.Field)
			if len(q.Candidates) > 0 {
				t.Errorf("candidates for %s: %v", q.Field, q.Candidates)
			}
		}
		if want := []string{"customerNumber", "lastname", "email", "userGroup1", "desiredActivationDate"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("tie", func(t *testing.T) {
		p := Suggest([]string{"Mobil", "Telefon"}, nil, mobileSchema, "1")
		q := question(p, "phoneNumber")
		if q == nil || !slices.Equal(q.Candidates, []string{"Mobil", "Telefon"}) || len(p.Mapping) > 0 {
			t.Errorf("open %+v, mapping %v", p.Open, p.Mapping)
		}
		if yaml := string(p.YAML()); !strings.Contains(yaml, "  phoneNumber: {choose: [Mobil, Telefon]}  # ") || !strings.Contains(yaml, "  email: {choose: []}  # ") {
			t.Errorf("YAML:\n%s", yaml)
		}
	})
	t.Run("content breaks a tie", func(t *testing.T) {
		p := Suggest([]string{"E-post", "Mail"}, sampleRows([]string{"ja", "a@example.se"}, []string{"nej", "b@example.se"}), mobileSchema, "1")
		if p.Mapping["Mail"] != "email" || question(p, "email") != nil {
			t.Errorf("open %+v, mapping %v", p.Open, p.Mapping)
		}
	})
	t.Run("one column, two fields", func(t *testing.T) {
		schema := &connect.OrderSchema{Data: []connect.OrderDataItem{{Name: "mobileNumber"}, {Name: "phoneNumber"}}}
		p := Suggest([]string{"Mobil"}, nil, schema, "1")
		if len(p.Open) != 2 || len(p.Mapping) != 0 {
			t.Errorf("open %+v, mapping %v", p.Open, p.Mapping)
		}
	})
	t.Run("own name beats a synonym for another field", func(t *testing.T) {
		schema := &connect.OrderSchema{Data: []connect.OrderDataItem{{Name: "name"}, {Name: "alias"}}}
		p := Suggest([]string{"name", "alias"}, nil, schema, "1")
		if len(p.Open) != 0 || p.Mapping["name"] != "name" || p.Mapping["alias"] != "alias" {
			t.Errorf("open %+v, mapping %v", p.Open, p.Mapping)
		}
	})
	t.Run("misspelt label over other content", func(t *testing.T) {
		p := Suggest([]string{"Startdatun"}, sampleRows([]string{"ja"}, []string{"nej"}), mobileSchema, "1")
		if q := question(p, "desiredActivationDate"); q == nil || !slices.Equal(q.Candidates, []string{"Startdatun"}) {
			t.Errorf("open %+v, mapping %v", p.Open, p.Mapping)
		}
	})
}

func TestSuggestByAllowedValues(t *testing.T) {
	rows := sampleRows([]string{"HR", "5", "HR"}, []string{"it", "20", "HR"}, []string{"Ekonomi", "50", "HR"}, []string{"Lager & logistik ", "5", "HR"}, []string{"Annat", "5", "HR"})
	p := Suggest([]string{"Var", "Antal", "Kommentar"}, rows, mobileSchema, "1")
	if diff := cmp.Diff(map[string]string{"Var": "userGroup1"}, p.Mapping); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSuggestPackageColumn(t *testing.T) {
	labels := []string{"Paket", "Förnamn"}
	same := Suggest(labels, sampleRows([]string{"Mobil bas", "a"}, []string{"1001", "b"}), mobileSchema, "1")
	if same.Mapping["Paket"] != "predefinedPackageID" || !slices.Equal(same.Profile.Package.Column, []string{"Paket"}) {
		t.Errorf("the chosen package in the column: %+v", same.Mapping)
	}
	other := Suggest(labels, sampleRows([]string{"Mobil Bas", "a"}, []string{"Mobil Plus", "b"}), mobileSchema, "1")
	if len(other.Open) == 0 || other.Open[0].Field != "predefinedPackageID" || !slices.Equal(other.Open[0].Candidates, []string{"Paket"}) {
		t.Errorf("another package in the column: %+v", other.Open)
	}
	empty := Suggest(labels, sampleRows([]string{"", "a"}), mobileSchema, "1")
	if empty.Profile.Package.Value != "1001" {
		t.Errorf("an empty column: %+v", empty.Profile.Package)
	}
}

// TestConcepts keeps a word from standing for two things.
func TestConcepts(t *testing.T) {
	seen := map[string]string{}
	for _, c := range concepts {
		for _, w := range c.words {
			if other, ok := seen[compact(w)]; ok && other != c.name {
				t.Errorf("%q is a word for %q and %q", w, other, c.name)
			}
			if compact(w) == "" {
				t.Errorf("%q is no word", w)
			}
			seen[compact(w)] = c.name
		}
	}
	for word, c := range words().folded {
		if c == nil {
			t.Errorf("without accents, %q stands for two things", word)
		}
	}
}

func TestNearest(t *testing.T) {
	labels := []string{"Förnamn", "Efternamn", "E-post", "Mobil"}
	for name, want := range map[string]string{"Fornamn": "Förnamn", "förnam": "Förnamn", "Epost": "E-post", "E-pots": "E-post", "Mobilnr": "Mobil", "Skostorlek": "", "X": ""} {
		if got := nearest(name, labels); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestUnguard(t *testing.T) {
	for read, want := range map[string]string{"'=1+1": "=1+1", "'+4670": "+4670", "''=1": "'=1", "'s-Hertogenbosch": "'s-Hertogenbosch", "'": "'", "=1": "=1", "'＝1": "＝1"} {
		if got := unguard(read); got != want {
			t.Errorf("%q reads as %q, not %q", read, got, want)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	labels := []string{"Nr", "Anst.nr", "E-post", "Mobil", "Namn", "Ort"}
	cells := []string{" A7 ", "0042", "Asa@Example.se", "070-174 06 05", "Åsa", "Åre"}
	tests := []struct {
		name, yaml string
		want       []Identifier
	}{
		{"fields", "fields: {email: E-post, phoneNumber: Mobil, employeeNumber: Anst.nr}", []Identifier{{"email", "Asa@Example.se"}, {"employee", "0042"}, {"phone", "070-174 06 05"}}},
		{"employee number not sent", "fields: {alias: Namn}", []Identifier{{"employee", "0042"}}},
		{"key of its own kind", "fields: {alias: Namn}\nkey: Anst.nr", []Identifier{{"employee", "0042"}}},
		{"key that is sent too", "fields: {email: E-post}\nkey: [E-post]", []Identifier{{"email", "Asa@Example.se"}, {"employee", "0042"}}},
		{"other key", "fields: {alias: Namn}\nkey: [Nr]", []Identifier{{"employee", "0042"}, {"key", "a7"}}},
		{"key of several columns", "fields: {alias: Namn}\nkey: [Anst.nr, Ort]", []Identifier{{"key", "0042\x1fåre"}}},
		{"constant", "fields: {email: {value: info@example.se}}\nkey: [Nr]", []Identifier{{"employee", "0042"}, {"key", "a7"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := bind(t, "version: 1\npackage: 1001\ncustomer: \"1\"\n"+test.yaml+"\n", labels, Options{})
			if got := m.Identifiers(mapRow(t, m, row(cells...)), nil); !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
	t.Run("half a key is none", func(t *testing.T) {
		m := bind(t, "version: 1\npackage: 1001\ncustomer: \"1\"\nfields: {alias: Namn}\nkey: [Nr, Ort]\n", labels, Options{})
		if got := m.Identifiers(mapRow(t, m, row("7", "", "", "", "x", "")), nil); len(got) != 0 {
			t.Errorf("got %q", got)
		}
	})
	t.Run("appends", func(t *testing.T) {
		m := bind(t, "version: 1\npackage: {column: Ort}\ncustomer: \"1\"\nfields: {email: E-post}\n", labels, Options{})
		ids := m.Identifiers(mapRow(t, m, row("", "", "a@example.se", "", "", "2001")), []Identifier{{"x", "y"}})
		if !slices.Equal(ids, []Identifier{{"x", "y"}, {"email", "a@example.se"}}) {
			t.Errorf("got %q", ids)
		}
		if ids = m.Identifiers(mapRow(t, m, row("", "", "a@example.se", "", "", "9")), nil); len(ids) != 0 {
			t.Errorf("of a row whose package is not known: %q", ids)
		}
	})
}

func benchmark(b *testing.B, yaml string) {
	p, err := ParseProfile("", []byte(yaml))
	if err != nil {
		b.Fatal(err)
	}
	m, err := p.Bind(context.Background(), hrLabels, &catalogue{}, Options{Now: noon})
	if err != nil {
		b.Fatal(err)
	}
	r := &sheet.Row{Cells: hrRows[0]}
	rec, ids := &Record{}, []Identifier(nil)
	for b.Loop() {
		if err := m.Map(context.Background(), r, rec); err != nil {
			b.Fatal(err)
		}
		ids = m.Identifiers(rec, ids[:0])
	}
}

const plainProfile = "version: 1\npackage: 1001\ncustomer: \"100200\"\nkey: [Anställningsnr]\nfields: {firstname: Förnamn, lastname: Efternamn, email: E-post, phoneNumber: Mobil, costCenter: Kostnadsställe, desiredActivationDate: Startdatum, "

func BenchmarkMapPlain(b *testing.B) { benchmark(b, plainProfile+"userGroup1: Avdelning}") }

func BenchmarkMapValueMap(b *testing.B) {
	benchmark(b, plainProfile+"userGroup1: {column: Avdelning, map: {HR: HR, Sälj: Försäljning}}}")
}

func BenchmarkMapExpressions(b *testing.B) {
	benchmark(b, "where: Titel != \"x\"\n"+plainProfile+"userGroup1: Avdelning, alias: {value: \"{{Förnamn}} {{Efternamn}}\"}, dataGB: {expr: 'Avdelning == \"IT\" ? \"50\" : \"5\"'}}")
}

// TestMapAllocations guards the budget of the way of a row: one for the phone number's one spelling.
func TestMapAllocations(t *testing.T) {
	m := bind(t, plainProfile+"userGroup1: {column: Avdelning, map: {Lager: \"Lager & Logistik\", Sälj: Försäljning}}}", hrLabels, Options{})
	r, rec, ids := &sheet.Row{Cells: hrRows[0]}, &Record{}, []Identifier(nil)
	n := testing.AllocsPerRun(100, func() {
		if err := m.Map(context.Background(), r, rec); err != nil {
			t.Fatal(err)
		}
		ids = m.Identifiers(rec, ids[:0])
	})
	if n > 1 {
		t.Errorf("%v allocations a row", n)
	}
}

// What `map` could not decide is refused when the profile is read, by name, until a person has.
func TestOpenQuestionsAreRefused(t *testing.T) {
	schema := &connect.OrderSchema{PredefinedPackageID: 1001, Data: []connect.OrderDataItem{
		{Name: "firstname", Required: true}, {Name: "phoneNumber"}, {Name: "email", Type: "Email", Required: true}, {Name: "desiredActivationDate", DefaultValue: "2027-01-01"},
	}}
	sure := []string{"Förnamn", "E-post"}
	for _, c := range []struct {
		name     string
		labels   []string
		samples  [][]sheet.Cell
		customer string
		text     string
		hint     string
	}{
		{"an optional field", append(sure, "Mobil", "Telefon"), nil, "1", `"phoneNumber" is still open: choose one of "Mobil", "Telefon"`, "phoneNumber: Mobil"},
		{"a field with a default", append(sure, "Startdatum", "Startdag"), nil, "1", `"desiredActivationDate" is still open: choose one of "Startdatum", "Startdag"`, "take the line out"},
		{"a field without a column", sure[:1], nil, "1", `"email" is still open: no column fits`, "email: {value: …}"},
		{"the customer", append(sure, "Kundnr", "Kundnummer"), nil, "", `"customer" is still open: choose one of "Kundnr", "Kundnummer"`, "customer: {column: Kundnr}"},
		{"the package", append(sure, "Paket"), sampleRows([]string{"a", "b@example.se", "Mobil Plus"}), "1", `"package" is still open: choose one of "Paket", or one package for all rows`, "package: ID"},
	} {
		_, err := ParseProfile("p.yaml", Suggest(c.labels, c.samples, schema, c.customer).YAML())
		var refused *ProfileError
		if !errors.As(err, &refused) || refused.Line == 0 || refused.Text != c.text || !strings.Contains(refused.Hint, c.hint) {
			t.Errorf("%s: %+v", c.name, err)
		}
	}
	p, err := ParseProfile("", Suggest(sure, nil, schema, "").YAML())
	if err != nil || p.Customer.Set() {
		t.Errorf("a customer number that no column has is for the flag: %v", err)
	}
}

func ExampleSuggest() {
	labels := []string{"Förnamn", "E-post", "Mejl"}
	schema := &connect.OrderSchema{PredefinedPackageID: 1001, Data: []connect.OrderDataItem{
		{Name: "firstname", Required: true}, {Name: "email", Type: "Email", Required: true},
	}}
	proposal := Suggest(labels, nil, schema, "100200")
	fmt.Printf("%s", proposal.YAML())
	// Output:
	// version: 1
	// package: 1001
	// customer: "100200"
	// fields:
	//   firstname: Förnamn  # another word for it (0.95)
	//   email: {choose: [E-post, Mejl]}  # open: write the right one here, alone
}

func Example() {
	profile, err := ParseProfile("profile.yaml", []byte(`
version: 1
package: 1001
customer: "100200"
fields:
  alias: {value: "{{Förnamn}} {{Efternamn}}"}
  userGroup1: {column: Avdelning, map: {Sälj: Försäljning}}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	mapping, err := profile.Bind(ctx, []string{"Förnamn", "Efternamn", "Avdelning"}, &catalogue{}, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var record Record
	if err := mapping.Map(ctx, row("Åsa", "Ek", "Sälj"), &record); err != nil {
		fmt.Println(err)
		return
	}
	for i, value := range record.Values {
		if value.Text != "" {
			fmt.Printf("%s: %s\n", record.Schema.Data[i].Name, value.Text)
		}
	}
	// Output:
	// userGroup1: Försäljning
	// alias: Åsa Ek
}
