package validate_test

import (
	"testing"

	"orderimport/importer/connect"
	"orderimport/importer/mapping"
	"orderimport/validate"
)

// mobilBas is a package of 13 fields with a row that has nothing wrong, and nothing yet in the spelling that is sent.
func mobilBas() (*connect.OrderSchema, []string) {
	return &connect.OrderSchema{PredefinedPackageID: 1001, Data: []connect.OrderDataItem{
			{Name: "firstname", Type: "String", Required: true},
			{Name: "lastname", Type: "String", Required: true},
			{Name: "email", Type: "Email", Required: true},
			{Name: "employeeNumber", Type: "String"},
			{Name: "phoneNumber", Type: "Phone"},
			{Name: "userGroup1", Type: "String", Required: true, AllowedValues: []string{"Ekonomi", "Försäljning", "HR", "IT", "Kundtjänst", "Lager & Logistik"}},
			{Name: "alias", Type: "String"},
			{Name: "costCenter", Type: "Integer"},
			{Name: "desiredActivationDate", Type: "Date", Required: true},
			{Name: "simType", Type: "String", DefaultValue: "eSIM", Required: true, AllowedValues: []string{"eSIM", "Fysiskt SIM"}},
			{Name: "dataGB", Type: "Integer", DefaultValue: "5", AllowedValues: []string{"5", "20", "50"}},
			{Name: "voicemail", Type: "Boolean", DefaultValue: "true"},
			{Name: "monthlyLimit", Type: "Decimal"},
		}}, []string{"Åsa", "Öström", "asa.ostrom@exempel.se", "10042", "070-123 45 67", "försäljning", "Åsa Öström", "1 200", "13/12/2026", "esim", "20",
			"Ja", "1 234,50"}
}

func BenchmarkCheckClean(b *testing.B) {
	benchmark(b, func([]string) {}, 0)
}

func BenchmarkCheckWrongWord(b *testing.B) {
	benchmark(b, func(texts []string) { texts[5] = "Säljj" }, 1)
}

func benchmark(b *testing.B, alter func([]string), findings int) {
	schema, texts := mobilBas()
	alter(texts)
	rec := record(schema, texts...)
	values := append([]mapping.Value(nil), rec.Values...)
	c := newChecker(b, nil)
	var found []validate.Finding
	b.ReportAllocs()
	for b.Loop() {
		copy(rec.Values, values)
		if found = c.Check(rec, found[:0]); len(found) != findings {
			b.Fatal(found)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// A clean row costs no allocation, but for a block of mended spellings now and then.
func TestAllocations(t *testing.T) {
	schema, texts := mobilBas()
	rec := record(schema, texts...)
	values := append([]mapping.Value(nil), rec.Values...)
	c := newChecker(t, nil)
	if n := testing.AllocsPerRun(1000, func() {
		copy(rec.Values, values)
		if found := c.Check(rec, nil); len(found) > 0 {
			t.Fatal(found)
		}
	}); n >= 1 {
		t.Errorf("%v allocations a row", n)
	}
}
