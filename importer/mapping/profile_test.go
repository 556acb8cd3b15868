package mapping

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var sameProfile = cmp.Options{cmpopts.IgnoreUnexported(Profile{}, Source{}, Check{}), cmpopts.IgnoreFields(Field{}, "Comment"), cmpopts.EquateEmpty()}

// design is the profile of the design, with nothing left out.
const design = `
version: 1
endpoint: test                       # only forbids others
package: 1001
customer: {column: Kundnummer}
key: [Anställningsnr]
sheet: Nyanställda
header: 4
hidden: skip
where: row["Status"] == "Ny"
fields:
  firstname: Förnamn
  email: {column: [E-post, Mejl], lower: true}
  alias: {value: '{{Förnamn}} {{Efternamn}}'}
  costCenter: {expr: 'split(row["Kst/proj"], "/")[0]'}
  userGroup1: {column: Avdelning, map: {Sälj: Försäljning, Lager: "Lager & Logistik", Nej: no, 007: }}
  desiredActivationDate: {column: Startdatum, dates: [d/m/yyyy, yyyy-mm-dd], default: "+14d"}
checks: [{field: phoneNumber, matches: '^\+46', message: {sv: "…", en: "..."}}]
rows: {min: 1, max: 2000, maxChange: 50%}
mode: all
`

func TestParseProfile(t *testing.T) {
	got, err := ParseProfile("p.yaml", []byte(design))
	if err != nil {
		t.Fatal(err)
	}
	field := func(name string, s Source) Field { return Field{Name: name, Source: s} }
	want := &Profile{
		Version: 1, Endpoint: "test", Package: Source{Value: "1001"}, Customer: Source{Column: []string{"Kundnummer"}}, Key: []string{"Anställningsnr"},
		Sheet: "Nyanställda", Header: 4, Hidden: "skip", Where: `row["Status"] == "Ny"`, Mode: "all", Rows: Rows{1, 2000, 50},
		Fields: []Field{
			field("firstname", Source{Column: []string{"Förnamn"}}),
			field("email", Source{Column: []string{"E-post", "Mejl"}, Lower: true}),
			field("alias", Source{Value: "{{Förnamn}} {{Efternamn}}"}),
			field("costCenter", Source{Expr: `split(row["Kst/proj"], "/")[0]`}),
			field("userGroup1", Source{Column: []string{"Avdelning"}, Map: map[string]string{"Sälj": "Försäljning", "Lager": "Lager & Logistik", "Nej": "no", "007": ""}}),
			field("desiredActivationDate", Source{Column: []string{"Startdatum"}, Dates: []string{"d/m/yyyy", "yyyy-mm-dd"}, Default: "+14d"}),
		},
		Checks: []Check{{Field: "phoneNumber", Matches: `^\+46`, Message: map[string]string{"sv": "…", "en": "..."}}},
	}
	if diff := cmp.Diff(want, got, sameProfile); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := ParseProfile("again.yaml", got.YAML())
	if err != nil {
		t.Fatalf("%v in\n%s", err, got.YAML())
	}
	if diff := cmp.Diff(got, again, sameProfile); diff != "" {
		t.Errorf("after YAML (-want +got):\n%s\n%s", diff, got.YAML())
	}
}

func TestParseProfileErrors(t *testing.T) {
	tests := []struct {
		name, yaml string
		line       int
		text, hint string // parts
	}{
		{"empty", "", 0, "empty", "orderimport map"},
		{"comments only", "# x\n", 0, "empty", ""},
		{"a list", "- 1\n", 1, "not a profile", "version: 1"},
		{"a text", "hello\n", 1, "not a profile", ""},
		{"no YAML", "version: 1\nfields: {a: b\nmode: [\n", 0, "YAML", ""},
		{"tab", "version: 1\nfields:\n\tfirstname: A\n", 3, "YAML", "indentation"},
		{"two documents", "version: 1\nfields: {a: b}\n---\nversion: 1\n", 0, "follows", ""},
		{"no version", "fields: {a: b}\n", 0, `no "version"`, "version: 1"},
		{"version 2", "version: 2\n", 1, `version "2"`, ""},
		{"no fields", "version: 1\n", 0, `no "fields"`, ""},
		{"unknown key", "version: 1\nfeilds: {}\n", 2, `unknown key "feilds"`, `"fields"`},
		{"unknown key, nothing near", "version: 1\nxyzzy: 1\n", 2, `unknown key "xyzzy"`, "the keys here are version"},
		{"unknown key of a field", "version: 1\nfields:\n  a: {colum: b}\n", 3, `unknown key "colum"`, `"column"`},
		{"merge key", "version: 1\nfields:\n  a: {<<: {column: b}}\n", 3, `unknown key "<<"`, ""},
		{"twice", "version: 1\nversion: 1\n", 2, "twice", ""},
		{"field twice", "version: 1\nfields:\n  a: b\n  a: c\n", 4, `"a" stands there twice`, ""},
		{"alias", "version: 1\nsheet: &x y\nmode: *x\n", 3, "aliases", ""},
		{"no source", "version: 1\nfields:\n  a: {lower: true}\n", 3, "exactly one of", ""},
		{"two sources", "version: 1\nfields:\n  a: {column: b, value: c}\n", 3, "exactly one of", ""},
		{"list of labels", "version: 1\nfields:\n  a: [b, c]\n", 3, "one text", "{column: [A, B]}"},
		{"empty label", "version: 1\nfields:\n  a:\n", 3, `"a" is empty`, ""},
		{"lower and upper", "version: 1\nfields:\n  a: {column: b, lower: true, upper: true}\n", 3, "not both", ""},
		{"lower: ja", "version: 1\nfields:\n  a: {column: b, lower: ja}\n", 3, `cannot be "ja"`, "true or false"},
		{"date format", "version: 1\nfields:\n  a: {column: b, dates: [d/mmm/yyyy]}\n", 3, `"d/mmm/yyyy" is no date format`, "d/m/yyyy"},
		{"template", "version: 1\nfields:\n  a: {value: '{{b'}\n", 3, "has no }}", ""},
		{"mode", "version: 1\nmode: new\n", 2, `"mode" cannot be "new"`, "all or new-only"},
		{"hidden", "version: 1\nhidden: keep\n", 2, "hidden", "hold or skip or take"},
		{"header 0", "version: 1\nheader: 0\n", 2, "header", ""},
		{"header text", "version: 1\nheader: four\n", 2, `not "four"`, ""},
		{"maxChange without %", "version: 1\nrows: {maxChange: 50}\n", 2, "maxChange", ""},
		{"min over max", "version: 1\nrows: {min: 3, max: 2}\n", 2, "more than", ""},
		{"regular expression", "version: 1\nchecks:\n  - {field: a, matches: '('}\n", 3, "regular expression", ""},
		{"check without field", "version: 1\nchecks:\n  - {matches: a}\n", 3, "needs field", ""},
		{"language", "version: 1\nchecks:\n  - {field: a, matches: b, message: {se: c}}\n", 3, `unknown key "se"`, "sv"},
		{"too large", "version: 1\nsheet: " + strings.Repeat("x", maxProfile), 0, "larger", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseProfile("p.yaml", []byte(test.yaml))
			var got *ProfileError
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want a *ProfileError", err)
			}
			if (test.line != 0 && got.Line != test.line) || !strings.Contains(got.Text, test.text) || !strings.Contains(got.Hint, test.hint) || got.File != "p.yaml" {
				t.Errorf("got %+v", *got)
			}
		})
	}
}

// TestYAMLRoundTrip writes and reads profiles full of what YAML is known to misread.
func TestYAMLRoundTrip(t *testing.T) {
	text := rapid.OneOf(
		rapid.SampledFrom([]string{"no", "Yes", "null", "~", "0100", "1e5", "2026-12-01", "1:30", "a: b", "a #b", "- x", "*a", "&a", "!x", "%", "@x", "`", "{x}", "[x]", "x,y",
			`"`, `'`, `\`, "=", "<<", "?", "å\u00a0ä", "a\nb", "a\tb", " a ", "Förnamn", "E-post", "Kst/proj", "+14d", "\ufeff", "\u200bx", "\u0085", "😀", "a\x7fb", "x:"}),
		rapid.StringN(1, 12, -1),
	).Filter(func(s string) bool { return Trim(s) != "" && !strings.Contains(s, "{{") })
	source := rapid.Custom(func(t *rapid.T) Source {
		s := Source{}
		switch rapid.IntRange(0, 2).Draw(t, "what") {
		case 0:
			s.Column = rapid.SliceOfN(text, 1, 3).Draw(t, "column")
		case 1:
			s.Value = text.Draw(t, "value")
		default:
			s.Expr = text.Draw(t, "expr")
		}
		if rapid.Bool().Draw(t, "more") {
			s.Lower = true
			s.Map = rapid.MapOfN(text, rapid.OneOf(text, rapid.Just("")), 1, 3).Draw(t, "map")
			for k, v := range s.Map { // keys are read without blanks around them
				delete(s.Map, k)
				s.Map[Trim(k)] = v
			}
			s.Dates = []string{"d/m/yyyy"}
			s.Default = text.Draw(t, "default")
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		p := &Profile{Version: 1, Package: source.Draw(t, "package"), Customer: source.Draw(t, "customer"), Sheet: text.Draw(t, "sheet"), Where: text.Draw(t, "where"),
			Key: rapid.SliceOfN(text, 0, 2).Draw(t, "key"), Header: rapid.IntRange(0, 9).Draw(t, "header"), Mode: "new-only", Rows: Rows{Max: rapid.IntRange(0, 9).Draw(t, "max")},
			Checks: []Check{{Field: text.Draw(t, "field"), Matches: "^x", Message: map[string]string{"sv": text.Draw(t, "sv")}}}}
		for _, name := range rapid.SliceOfNDistinct(text, 1, 4, rapid.ID[string]).Draw(t, "fields") {
			p.Fields = append(p.Fields, Field{Name: name, Source: source.Draw(t, "source"), Comment: text.Draw(t, "comment")})
		}
		got, err := ParseProfile("", p.YAML())
		if err != nil {
			t.Fatalf("%v in\n%s", err, p.YAML())
		}
		if diff := cmp.Diff(p, got, sameProfile); diff != "" {
			t.Fatalf("(-want +got):\n%s\n%s", diff, p.YAML())
		}
	})
}

func FuzzParseProfile(f *testing.F) {
	f.Add([]byte(design))
	f.Add([]byte("version: 1\nfields: {a: {column: [b], dates: [dd.mm.yy], default: +2w}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseProfile("", data)
		if err != nil {
			var wrong *ProfileError
			if !errors.As(err, &wrong) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if _, err := ParseProfile("", p.YAML()); err != nil {
			t.Fatalf("%v in\n%s", err, p.YAML())
		}
	})
}

func TestDateFormats(t *testing.T) {
	tests := []struct{ format, text, want string }{
		{"d/m/yyyy", "3/12/2026", "2026-12-03"},
		{"d/m/yyyy", "03/12/2026", "2026-12-03"},
		{"d/m/yyyy", "31/11/2026", ""},
		{"d/m/yyyy", "3/12/26", ""},
		{"d/m/yyyy", "3/12/2026 x", ""},
		{"dd.mm.yy", "03.12.26", "2026-12-03"},
		{"dd.mm.yy", "3.12.26", ""},
		{"yyyymmdd", "20261203", "2026-12-03"},
		{"YYYY-MM-DD", "2028-02-29", "2028-02-29"},
		{"yyyy-mm-dd", "2026-02-29", ""},
		{"d. m. yyyy", "3. 12. 2026", "2026-12-03"},
		{"yyyy-mm-dd", "", ""},
		{"yyyy-mm-dd", "0000-00-00", ""},
	}
	for _, test := range tests {
		f, err := parseDateFormat(test.format)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := readDate(test.text, []dateFormat{f}); got != test.want {
			t.Errorf("%q as %s = %q, want %q", test.text, test.format, got, test.want)
		}
	}
	for _, format := range []string{"", "d/m", "d/m/y", "d/m/yyy", "d/d/yyyy", "ddd/m/yyyy", "d MMM yyyy", "d/m/yyyy h"} {
		if _, err := parseDateFormat(format); err == nil {
			t.Errorf("%q was taken", format)
		}
	}
}

// TestYAMLIsReadable keeps the form of what map writes.
func TestYAMLIsReadable(t *testing.T) {
	p, err := ParseProfile("", []byte(design))
	if err != nil {
		t.Fatal(err)
	}
	p.Fields[0].Comment = "another word for it (0.95)"
	want, err := os.ReadFile("testdata/profile.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(p.YAML())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
