package report

import (
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
	if got := StatusWord(ledger.Ready, true, validate.Swedish); got != "Giltig" {
		t.Errorf("a row that a dry run found valid is %q", got)
	}
}
