package report

import (
	"strings"
	"testing"

	"orderimport/importer/ledger"
	"orderimport/validate"
)

func TestEveryStateHasItsOwnWord(t *testing.T) {
	for _, lang := range []validate.Lang{validate.Swedish, validate.English} {
		seen := map[string]ledger.State{}
		for _, s := range ledger.States {
			word := StatusWord(s, false, lang)
			if word == "" || word == string(s) {
				t.Errorf("%s: no word for %s", lang, s)
			}
			if other, ok := seen[word]; ok {
				t.Errorf("%s: %q is the word for %s and %s", lang, word, s, other)
			}
			seen[word] = s
		}
	}
	for state, word := range stateWords {
		if word.many == "" || word.many != strings.ToLower(word.many) {
			t.Errorf("%s: %q is no plural within a sentence", state, word.many)
		}
	}
	if got := StatusWord(ledger.Ready, true, validate.Swedish); got != "Giltig" {
		t.Errorf("a row that a dry run found valid is %q", got)
	}
}

func TestStatusCounts(t *testing.T) {
	totals := ledger.Totals{ledger.Ready: 5, ledger.Invalid: 1, ledger.Held: 2}
	for _, c := range []struct {
		totals ledger.Totals
		dryRun bool
		lang   validate.Lang
		want   string
	}{
		{totals, true, validate.Swedish, "5 giltiga, 1 ogiltig, 2 väntar på beslut"},
		{totals, true, validate.English, "5 valid, 1 invalid, 2 held"},
		{totals, false, validate.Swedish, "5 ej skickade, 1 ogiltig, 2 väntar på beslut"},
		{ledger.Totals{ledger.Ready: 1, ledger.InDoubt: 2}, true, validate.Swedish, "1 giltig, 2 ovissa"},
		{ledger.Totals{ledger.Held: 0}, false, validate.Swedish, ""},
	} {
		if got := StatusCounts(c.totals, c.dryRun, c.lang); got != c.want {
			t.Errorf("%v, %s: %q, want %q", c.totals, c.lang, got, c.want)
		}
	}
}
