package validate_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"orderimport/importer/connect"
	"orderimport/importer/sheet"
	"orderimport/validate"
)

// Whatever stands in a cell: what passes is clean, passes again as it is without a word, and what is refused has its sentences.
func TestAnyText(t *testing.T) {
	types := []string{"String", "Integer", "Decimal", "Boolean", "Date", "DateTime", "Email", "Phone", "time"}
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9 .,+/:TZ-]{0,24}`), rapid.StringMatching(`[a-zåäö.@<> ]{0,20}`))
	rapid.Check(t, func(r *rapid.T) {
		item := connect.OrderDataItem{Name: "field", Type: rapid.SampledFrom(types).Draw(r, "type")}
		if rapid.Bool().Draw(r, "restricted") {
			item.AllowedValues = rapid.SliceOf(text).Draw(r, "allowed")
		}
		in := text.Draw(r, "text")
		kind := rapid.SampledFrom([]sheet.Kind{sheet.Text, sheet.Number, sheet.Date}).Draw(r, "kind")
		out, found := one(t, item, in, kind)
		for _, f := range found {
			for _, lang := range []validate.Lang{validate.Swedish, validate.English} {
				if m := f.Message(lang); m == "" || strings.ContainsAny(m, "\n\r") {
					r.Errorf("message %q", m)
				}
			}
			if _, err := json.Marshal(f); err != nil {
				r.Error(err)
			}
		}
		if validate.HasError(found) {
			if out != in {
				r.Errorf("refused, but mended to %q", out)
			}
			return
		}
		if !utf8.ValidString(out) {
			r.Errorf("sends broken text %q", out)
		}
		again, found := one(t, item, out, kind)
		found = slices.DeleteFunc(found, func(f validate.Finding) bool { return f.Severity == validate.Warning }) // what is doubtful stays so
		if again != out || len(found) > 0 {
			r.Errorf("sends %q, and of that %q with %v", out, again, found)
		}
	})
}
