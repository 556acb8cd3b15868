package validate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"orderimport/validate/damage"
)

// constants are the codes of codes.go, here and in damage.
func constants(t *testing.T) map[string]bool {
	codes := map[string]bool{}
	for _, name := range []string{"codes.go", "damage/codes.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				code, err := strconv.Unquote(lit.Value)
				if err != nil || codes[code] {
					t.Errorf("code %s: twice, or %v", lit.Value, err)
				}
				codes[code] = true
			}
			return true
		})
	}
	return codes
}

func TestEveryCodeHasItsSentences(t *testing.T) {
	codes := constants(t)
	kebab := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	slot := regexp.MustCompile(`\{[^}]*\}`)
	for code := range codes {
		s, ok := sentences[code]
		if !ok || s.SV == "" || s.EN == "" || !kebab.MatchString(code) {
			t.Errorf("%s: a sentence is missing, or the code is not kebab-case", code)
			continue
		}
		for _, text := range []string{s.SV, s.EN} {
			if first := []rune(text)[0]; strings.ToLower(string(first)) != string(first) || strings.HasSuffix(text, ".") {
				t.Errorf("%s: %q opens with a capital or ends with a full stop", code, text)
			}
			for _, name := range slot.FindAllString(text, -1) {
				if !strings.Contains("{value} {field} {1} {2} {3}", name) {
					t.Errorf("%s: unknown slot %s", code, name)
				}
			}
		}
		if code == CheckFailed {
			continue // one language each
		}
		for _, name := range []string{"{value}", "{field}", "{1}", "{2}", "{3}"} {
			if strings.Contains(s.SV, name) != strings.Contains(s.EN, name) {
				t.Errorf("%s: %s is in one language only", code, name)
			}
		}
	}
	for code := range sentences {
		if !codes[code] {
			t.Errorf("%s: a sentence without a code", code)
		}
	}
}

// What stands in Args is told by the sentence: the last slot is the last argument.
func TestArgsAreUsed(t *testing.T) {
	for code, n := range map[string]int{NotAllowed: 1, AmbiguousNumber: 3, AmbiguousDate: 2, EmailLetter: 1, LostPlus: 1, AmbiguousPhone: 2,
		ControlCharacter: 1, InvisibleRemoved: 1, BlankMended: 1, DefaultUsed: 1, ExpressionFailed: 1, DuplicateInFile: 1, SamePersonInFile: 1, Duplicate: 3,
		TwinInDoubt: 2, TwinClosed: 2, TwinHeld: 2, SamePerson: 3, SameOrder: 2, KnownPerson: 2, EarlierResult: 2, Unsettled: 1, LeftOut: 1, damage.GarbledText: 1, damage.TextMark: 1, damage.NumberExpanded: 1,
		damage.TailRemoved: 1, damage.DateOrder: 1, damage.ZerosRestored: 1, damage.PlusRestored: 1} {
		f := Finding{Code: code, Value: "v", Args: []string{"arg-1", "arg-2", "arg-3"}[:n]}
		for _, lang := range []Lang{Swedish, English} {
			text := f.Message(lang)
			for _, arg := range f.Args {
				if !strings.Contains(text, arg) {
					t.Errorf("%s: %s is not in %q", code, arg, text)
				}
			}
			if strings.Contains(text, "{") {
				t.Errorf("%s: an open slot in %q", code, text)
			}
		}
	}
}

// So are the figures of the evidence, in both languages.
func TestEvidenceIsUsed(t *testing.T) {
	for word, n := range map[string]int{damage.Starts: 3, damage.Widths: 3, damage.NoDates: 1, damage.DayFirst: 1, damage.MonthFirst: 1, damage.OneOrder: 2,
		damage.Rounded: 2, damage.Tails: 1} {
		f := Finding{Code: damage.DateOrder, Evidence: append([]string{word}, []string{"fig-1", "fig-2", "fig-3"}[:n]...)}
		for _, lang := range []Lang{Swedish, English} {
			text := f.Message(lang)
			for _, figure := range f.Evidence[1:] {
				if !strings.Contains(text, figure) {
					t.Errorf("%s: %s is not in %q", word, figure, text)
				}
			}
			if strings.Contains(text, "{") {
				t.Errorf("%s: an open slot in %q", word, text)
			}
		}
	}
}

func TestMessage(t *testing.T) {
	for _, tt := range []struct {
		f    Finding
		lang Lang
		want string
	}{
		{Finding{Code: NotAllowed, Column: "Avdelning", Field: "userGroup1", Value: "Säljj", Suggestion: "Försäljning", Args: []string{"HR, IT"}}, Swedish,
			`Avdelning: "Säljj" är inte ett tillåtet värde; tillåtna är HR, IT; menas "Försäljning"?`},
		{Finding{Code: NotAllowed, Field: "userGroup1", Value: "x", Args: []string{"HR, IT"}}, English,
			`userGroup1: "x" is not an allowed value; allowed are HR, IT`},
		{Finding{Code: NotDate, Column: "D", Value: "{1}\n{field}"}, English, `D: "{1}\n{field}" is not a date; write yyyy-mm-dd`},
		{Finding{Code: NotDate, Value: strings.Repeat("å", 100)}, English, `"` + strings.Repeat("å", 60) + `…" is not a date; write yyyy-mm-dd`},
		{Finding{Code: DefaultUsed, Column: "SIM\ntyp", Args: []string{"a\r\u200bb"}}, English, `SIM typ: empty; the package's default "a  b" is sent`},
		{Finding{Code: LostZero, Column: "Mobil", Value: "701234567", Suggestion: "+46701234567", Evidence: []string{damage.Starts, "9", "97", "07"}}, Swedish,
			`Mobil: telefonnumret "701234567" har tappat sin första nolla; formatera kolumnen som text och skriv numret med nolla (9 siffror; 97 % av kolumnen börjar med 07); menas "+46701234567"?`},
		{Finding{Code: SamePerson, Args: []string{"r1", "2"}}, English,
			"the same person already has an order of this package (run r1, row 2); what differs cannot be told, since what was ordered then is not known; release or close the row with resolve"},
		{Finding{Code: Duplicate}, English, "already ordered as  (run , row )"}, // without its args: no panic
		{Finding{Code: "not-known", Value: "x"}, Swedish, `not-known: "x"`},
		{Finding{Code: "not-known"}, "", "not-known"},
	} {
		if got := tt.f.Message(tt.lang); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}
