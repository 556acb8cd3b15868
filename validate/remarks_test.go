package validate_test

import (
	"testing"

	"orderimport/importer/sheet"
	"orderimport/validate"
)

func TestRemark(t *testing.T) {
	for _, test := range []struct {
		note sheet.Note
		lang validate.Lang
		want string
	}{
		{sheet.Note{Code: "blank-rows", Args: []string{"17"}, Text: "blank rows, down to row 17"}, validate.Swedish, "tomma rader, till och med rad 17"},
		{sheet.Note{Code: "blank-rows", Args: []string{"17"}, Text: "blank rows, down to row 17"}, validate.English, "blank rows, down to row 17"},
		{sheet.Note{Code: "title", Args: []string{`"{1} {2}"`}}, validate.Swedish, `ovanför rubrikerna, inte läst som rad: "{1} {2}"`},
		{sheet.Note{Code: "no-header", Text: "no labels"}, validate.Swedish, "ingen rad med rubriker hittades; kolumnerna heter som sina bokstäver"},
		{sheet.Note{Code: "title", Text: "stored by an earlier version"}, validate.Swedish, "stored by an earlier version"},
		{sheet.Note{Code: "new-code", Text: "not translated"}, validate.Swedish, "not translated"},
	} {
		if got := validate.Remark(test.note, test.lang); got != test.want {
			t.Errorf("%s: %q, want %q", test.note.Code, got, test.want)
		}
	}
}
