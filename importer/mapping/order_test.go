package mapping

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A package and a customer that are usual give way to the columns of a file; what is said of the file does not.
func TestSuggestFor(t *testing.T) {
	labels := []string{"Förnamn", "Efternamn", "E-post", "Avdelning", "Startdatum", "Direktnummer", "Kundnummer", "Paket"}
	rows := func(packages ...string) (all [][]string) {
		for _, p := range packages {
			all = append(all, []string{"Åsa", "Ek", "asa.ek@example.se", "HR", "2026-12-01", "08-123 45 67", "100200", p})
		}
		return all
	}
	usual := Order{Package: "1001", Customer: "999"}
	for _, c := range []struct {
		name             string
		packages         []string
		said             Order
		package_, client Source
		fields, open     int
	}{
		{"two packages", []string{"Mobil Bas", "2001"}, Order{}, Source{Column: []string{"Paket"}}, Source{Column: []string{"Kundnummer"}}, 6, 0},
		{"one other", []string{"2001", "2001"}, Order{}, Source{Column: []string{"Paket"}}, Source{Column: []string{"Kundnummer"}}, 4, 0},
		{"one unknown among them", []string{"Mobil Stor", "2001"}, Order{}, Source{Column: []string{"Paket"}}, Source{Column: []string{"Kundnummer"}}, 4, 0},
		{"none known", []string{"Stort", "Litet"}, Order{}, Source{Choose: []string{"Paket"}}, Source{Column: []string{"Kundnummer"}}, 5, 1},
		{"empty", []string{"", ""}, Order{}, Source{Value: "1001"}, Source{Column: []string{"Kundnummer"}}, 5, 0},
		{"said", []string{"2001", "2001"}, Order{"2001", "777"}, Source{Column: []string{"Paket"}}, Source{Value: "777"}, 4, 0},
		{"said otherwise", []string{"2001", "2001"}, Order{Package: "1001"}, Source{Choose: []string{"Paket"}}, Source{Column: []string{"Kundnummer"}}, 5, 1},
	} {
		p, err := SuggestFor(context.Background(), labels, sampleRows(rows(c.packages...)...), &catalogue{}, c.said, usual)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if diff := cmp.Diff([]Source{c.package_, c.client}, []Source{p.Profile.Package, p.Profile.Customer}, sameProfile); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if len(p.Profile.Fields) != c.fields || len(p.Open) != c.open {
			t.Errorf("%s: fields %+v, open %+v", c.name, p.Profile.Fields, p.Open)
		}
	}
	p, err := SuggestFor(context.Background(), labels[:5], sampleRows(rows("")[0][:5]), &catalogue{}, Order{}, usual)
	if err != nil || p.Profile.Package.Value != "1001" || p.Profile.Customer.Value != "999" || len(p.Open) > 0 {
		t.Errorf("without such columns: %+v, %v", p, err)
	}
	if _, err := SuggestFor(context.Background(), labels, nil, &catalogue{}, Order{}, Order{Package: "Mobil Stor"}); !errors.As(err, new(*UnknownPackage)) {
		t.Errorf("a package that is not there: %v", err)
	}
}
