package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"orderimport/importer"
	"orderimport/importer/connect"
	"orderimport/importer/drop"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
	"orderimport/importer/submit"
	"orderimport/validate"
)

func TestErrorsInSwedish(t *testing.T) {
	for _, c := range []struct {
		err        error
		code       int
		text, hint string
	}{
		{&fs.PathError{Op: "open", Path: "hr.csv", Err: os.ErrNotExist}, exitFile, "hr.csv: finns inte", "kontrollera sökvägen"},
		{&fs.PathError{Op: "open", Path: "hr.csv", Err: os.ErrPermission}, exitFile, "hr.csv: du saknar behörighet", ""},
		{&sheet.FileError{File: "hr.csv", Text: "the file is empty", Hint: "export it again"}, exitFile, "hr.csv: filen är tom", "exportera den igen"},
		{&sheet.FileError{File: "hr.csv", Cell: "row 4", Read: "x\ny", Text: "said by nobody", Hint: "nor this"}, exitFile, `hr.csv: rad 4: said by nobody (läst: "x\ny")`, "nor this"},
		{&sheet.FileError{File: "hr.html", Cell: "row 9", Text: "the page has more than 50 columns"}, exitFile, "hr.html: rad 9: sidan har fler än 50 kolumner", ""},
		{&mapping.ProfileError{File: "p.yaml", Line: 4, Text: `unknown key "feilds"`, Hint: `did you mean "fields"?`}, exitUse, `p.yaml:4: okänd nyckel "feilds"`, `menade du "fields"?`},
		{&mapping.BindError{What: "column", Name: "Fornamn", File: "p.yaml", Line: 6, Hint: "its columns are A, B"}, exitUse, `p.yaml:6: filen har ingen kolumn "Fornamn"`, "dess kolumner är A, B"},
		{&mapping.BindError{What: "field", Name: "firstnam", Nearest: "firstname"}, exitUse, `paketet har inget fält "firstnam"`, `menade du "firstname"?`},
		{&mapping.BindError{What: "expression", Name: "1 +", File: "p.yaml", Hint: "as the library says"}, exitUse, `p.yaml: uttrycket "1 +" kan inte användas`, "as the library says"},
		{&mapping.UnknownPackage{Name: "Mobil Bass"}, exitUse, `okänt paket "Mobil Bass"`, "orderimport packages"},
		{&ledger.Error{Text: `ledger "/a b/l.db": is held by another process`, Hint: "put the ledger on a local disk"}, exitLedger, `liggaren "/a b/l.db": hålls av en annan process`, "lokal disk"},
		{&ledger.Error{Text: `ledger "/l.db": cannot be written: permission denied`, Err: &fs.PathError{Err: os.ErrPermission}}, exitLedger, `liggaren "/l.db": kan inte skrivas: permission denied`, ""},
		{&ledger.RefusedError{Text: "row 5: is ordered; only rows in doubt or held are for a person to decide"}, exitUse, "rad 5: är beställd; bara ovissa", "orderimport runs"},
		{&ledger.RefusedError{Text: `row 5: order number "A3-1", ID 0, belongs to row 9 of run r000000000a`}, exitUse, `rad 5: ordernummer "A3-1", ID 0, hör till rad 9 i körning r000000000a`, ""},
		{&connect.Error{Op: "GetPackages", Kind: connect.Unreachable, Err: errors.New("h:1 cannot be reached: dial tcp: refused")}, exitUnreachable, "GetPackages: h:1 nås inte: dial tcp: refused", "HTTPS_PROXY"},
		{&connect.Error{Op: "token", Kind: connect.Unauthorized, Err: errors.New("no token")}, exitToken, "token: API-nyckel saknas", "ORDERIMPORT_TOKEN"},
		{&importer.MaxOrdersError{Ready: 53, Max: 10}, exitStopped, "53 rader är redo, men högst 10 får beställas", "rätt fil"},
		{importer.ErrNoPackage, exitUse, "inget paket är angivet", "--package"},
		{&drop.ConfigError{File: "d.yaml", Line: 3, Text: `"rate" cannot be "fast"`, Hint: "orders a second"}, exitUse, "", ""},
	} {
		a := &app{lang: validate.Swedish}
		code, text := a.words(c.err)
		said, hint, _ := strings.Cut(text, "\ntips: ")
		if code != c.code || !strings.HasPrefix(said, c.text) || !strings.Contains(hint, c.hint) {
			t.Errorf("%v: exit %d, %q, hint %q", c.err, code, said, hint)
		}
		if code, english := (&app{lang: validate.English}).words(c.err); code != c.code || english == text {
			t.Errorf("%v: exit %d, %q", c.err, code, english)
		}
	}
	config := &drop.ConfigError{File: "d.yaml", Line: 3, Text: `"rate" cannot be "fast"`}
	if got := saidError(config).SV; got != `d.yaml: rad 3: "rate" kan inte vara "fast"` {
		t.Error(got)
	}
}

// A value goes into the Swedish sentence as it stood in the English one, whatever it holds.
func TestValuesStayAsTheyAre(t *testing.T) {
	for _, value := range []string{`"%d"`, `"did you mean"`, `"a: b: c"`, `""`, `"%!s(MISSING)"`, `"å\nb"`} {
		if got, want := swedish("the file has no column "+value), "filen har ingen kolumn "+value; got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
	for english, text := range catalogue {
		if quotedOrNone.MatchString(english) {
			values := make([]any, len(quotedOrNone.FindAllString(english, -1)))
			for i := range values {
				values[i] = "v"
			}
			if got := fmt.Sprintf(text, values...); strings.Contains(got, "%!") {
				t.Errorf("%q has other values than %q", text, english)
			}
		}
	}
}

// spoken are the packages whose sentences people meet, and whether every one of them must be in the catalogue.
var spoken = map[string]bool{
	"importer": true, "importer/drop": true, "importer/mapping": true, "importer/connect": true,
	"importer/ledger": false, "importer/sheet": false, // said in English where a sentence is new
}

// TestCatalogue looks for the sentences of errors in the source of the packages below. What is missing where it need not be there is
// shown by -v.
func TestCatalogue(t *testing.T) {
	for folder, all := range spoken {
		files, err := filepath.Glob(filepath.Join("../..", folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(folder, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, english := range sentencesOf(tree) {
				if known(english) {
					continue
				}
				if all {
					t.Errorf("%s: no Swedish in catalogue.go for %q", file, english)
				} else {
					t.Logf("%s: no Swedish for %q", file, english)
				}
			}
		}
	}
}

// known reports whether the catalogue has a sentence, whatever its verbs.
func known(english string) bool {
	bare := func(s string) string { return quotedOrNone.ReplaceAllString(s, "%") }
	english = framed.ReplaceAllString(english, "")
	for key := range catalogue {
		if bare(key) == bare(english) {
			return true
		}
	}
	return quotedOrNone.ReplaceAllString(english, "") == ""
}

// framed is what before cuts off, as the source has it.
var framed = regexp.MustCompile(`^(ledger|row|run) %[qds]: `)

// sentencesOf finds the texts and hints of errors: what stands at Text and Hint, and what the functions that make errors are given.
func sentencesOf(tree *ast.File) []string {
	var found []string
	add := func(e ast.Expr) {
		if s := formatOf(e); strings.ContainsAny(quotedOrNone.ReplaceAllString(s, ""), "abcdefghijklmnopqrstuvwxyz") && strings.Contains(s, " ") {
			found = append(found, s)
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			name := ""
			switch t := n.Type.(type) {
			case *ast.Ident:
				name = t.Name
			case *ast.SelectorExpr:
				name = t.Sel.Name
			}
			for _, e := range n.Elts {
				if pair, ok := e.(*ast.KeyValueExpr); ok && strings.HasSuffix(name, "Error") {
					if key, ok := pair.Key.(*ast.Ident); ok && (key.Name == "Text" || key.Name == "Hint") {
						add(pair.Value)
					}
				}
			}
		case *ast.CallExpr:
			name := ""
			switch f := n.Fun.(type) {
			case *ast.Ident:
				name = f.Name
			case *ast.SelectorExpr:
				name = f.Sel.Name
			}
			if slices.Contains([]string{"wrong", "fail", "refuse", "refused", "bad"}, name) {
				for _, arg := range n.Args {
					if _, call := arg.(*ast.CallExpr); !call || formatOf(arg) != "%s" {
						add(arg)
					}
				}
			}
		}
		return true
	})
	return found
}

// formatOf is the format that an expression makes its text with.
func formatOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == gotoken.STRING {
			s, _ := strconv.Unquote(e.Value)
			return s
		}
	case *ast.BinaryExpr:
		return formatOf(e.X) + formatOf(e.Y)
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" {
			return formatOf(e.Args[0])
		}
	}
	return "%s"
}

// Every reason to stop is said in words, with what the API said.
func TestStopsAreSaid(t *testing.T) {
	for _, code := range []submit.StopCode{
		submit.StopDrained, submit.StopToken, submit.StopUnreachable, submit.StopUntrusted, submit.StopConfig, submit.StopDoubts, submit.StopRefusals,
	} {
		if got := stopText(code, "alias is taken"); got.SV == got.EN || !strings.HasSuffix(got.SV, ": alias is taken") {
			t.Errorf("%s: %q, %q", code, got.SV, got.EN)
		}
	}
	if got := stopText("new", ""); got != plain("new") {
		t.Errorf("%q", got)
	}
}
