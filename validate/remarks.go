package validate

import (
	"strconv"
	"strings"

	"orderimport/importer/sheet"
)

// remarks are the notes about a file in Swedish, by code; {1} and {2} are their Args. Their English comes with the note.
var remarks = map[string]string{
	"encoding":         "läst som {1}, som i {2}",
	"sep-line":         "raden sep= anger skiljetecknet",
	"title":            "ovanför rubrikerna, inte läst som rad: {1}",
	"comment":          "en kommentar, inte läst som rad: {1}",
	"header-lines":     "rubrikerna står på {1} rader, som fogades ihop",
	"header-delimiter": "rubrikerna har ett eget skiljetecken, {1}",
	"no-header":        "ingen rad med rubriker hittades; kolumnerna heter som sina bokstäver",
	"row-numbers":      "raderna är numrerade längst fram, i en kolumn utan rubrik; rubrikerna är de följande kolumnernas",
	"blank-row":        "en tom rad",
	"blank-rows":       "tomma rader, till och med rad {1}",
	"one-column":       "läst som en kolumn: {1} ses som del av texterna; står det mellan kolumner, ange det med --delimiter",
	"two-columns":      "läst som två kolumner; är {1} en del av texterna i en enda, ange ett annat skiljetecken med --delimiter, som inte finns i filen",
	"wrapped-lines":    "hela rader står inom citattecken, som togs bort",
	"wrapped-line":     "hela raden står inom citattecken, som togs bort",
	"rule":             "en streckad linje, inte läst som rad",
	"labels-again":     "rubrikerna igen, inte läst som rad",
	"other-table":      "här börjar en annan tabell, som inte läses: {1}",
	"footnote":         "under tabellen, inte läst som rad: {1}",
	"totals-line":      "en summarad i slutet, inte läst som rad: {1}",
	"sheet":            "bladet {1} valdes för sina {2} kolumner med uppgifter, av {3}",
	"hidden-sheets":    "dolda blad, som inte lästes: {1}",
	"hidden-columns":   "dolda kolumner, som lästes som de andra: {1}",
	"merged-cells":     "cellerna {1} är sammanfogade; den första har värdet, de andra är tomma",
	"no-result":        "formler vars resultat filen inte innehåller: {1}, den första i {2}",
	"more-notes":       "härefter räknas anmärkningar av slaget {1} inte upp",
	"unknown-type":     "paket {1}: typen {2} för fältet {3} är okänd, så dess värden skickas som text, okontrollerade",
}

// Remark is a note about a file, or about a schema, as a sentence.
func Remark(n sheet.Note, lang Lang) string {
	text, ok := remarks[n.Code]
	if lang != Swedish || !ok || strings.Contains(text, "{") && len(n.Args) == 0 {
		return n.Text
	}
	var pairs []string
	for i, arg := range n.Args {
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", arg)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
