package validate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"orderimport/importer/sheet"
)

// Every note of package sheet has its Swedish, with the same values.
func TestEveryNoteHasItsRemark(t *testing.T) {
	tree, err := parser.ParseFile(token.NewFileSet(), "../importer/sheet/note.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(tree, func(n ast.Node) bool {
		pair, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		key, isText := pair.Key.(*ast.BasicLit)
		value, isTextToo := pair.Value.(*ast.BasicLit)
		if !isText || !isTextToo || key.Kind != token.STRING {
			return true
		}
		code, _ := strconv.Unquote(key.Value)
		text, ok := remarks[code]
		if found++; !ok || strings.Count(text, "{") != strings.Count(value.Value, "%s") {
			t.Errorf("%s: %q for %s", code, text, value.Value)
		}
		return true
	})
	if found < 10 {
		t.Errorf("only %d notes were found", found)
	}
}

func TestRemark(t *testing.T) {
	for _, test := range []struct {
		note sheet.Note
		lang Lang
		want string
	}{
		{sheet.Note{Code: "blank-rows", Args: []string{"17"}, Text: "blank rows, down to row 17"}, Swedish, "tomma rader, till och med rad 17"},
		{sheet.Note{Code: "blank-rows", Args: []string{"17"}, Text: "blank rows, down to row 17"}, English, "blank rows, down to row 17"},
		{sheet.Note{Code: "title", Args: []string{`"{1} {2}"`}}, Swedish, `ovanför rubrikerna, inte läst som rad: "{1} {2}"`},
		{sheet.Note{Code: "no-header", Text: "no labels"}, Swedish, "ingen rad med rubriker hittades; kolumnerna heter som sina bokstäver"},
		{sheet.Note{Code: "title", Text: "stored by an earlier version"}, Swedish, "stored by an earlier version"},
		{sheet.Note{Code: "new-code", Text: "not translated"}, Swedish, "not translated"},
	} {
		if got := Remark(test.note, test.lang); got != test.want {
			t.Errorf("%s: %q, want %q", test.note.Code, got, test.want)
		}
	}
}
