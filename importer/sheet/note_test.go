package sheet

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestEveryNoteHasItsSentence finds the notes in the source: each code has a sentence, with as many values as the note gives it.
func TestEveryNoteHasItsSentence(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{"more-notes": true}
	for _, name := range files {
		tree, err := parser.ParseFile(gotoken.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || method.Sel.Name != "note" {
				return true
			}
			code, ok := call.Args[0].(*ast.BasicLit)
			if !ok {
				return true // a code in a variable, which the tests of its notes see
			}
			word, _ := strconv.Unquote(code.Value)
			used[word] = true
			if text, ok := noteTexts[word]; !ok || strings.Count(text, "%s") != len(call.Args)-2 {
				t.Errorf("%s: note %q has %d values for the sentence %q", name, word, len(call.Args)-2, text)
			}
			return true
		})
	}
	if len(used) < 10 {
		t.Errorf("only %d codes were found", len(used))
	}
}
