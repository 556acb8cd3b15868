package report

import (
	"strconv"
	"strings"

	"orderimport/importer/ledger"
	"orderimport/validate"
)

// phrase is one text in both languages.
type phrase = validate.Phrase

// stateWord is the word for a row's state. Swedish bends it in the plural: many is that form, lower case, as in "5 giltiga".
type stateWord struct {
	phrase
	many string
}

// stateWords are the words for people; scripts read ledger.State.Status in the JSON result.
var stateWords = map[ledger.State]stateWord{
	ledger.Ready:     {phrase{SV: "Ej skickad", EN: "Not sent"}, "ej skickade"},
	ledger.Sending:   {phrase{SV: "Skickas", EN: "Sending"}, "skickas"},
	ledger.Ordered:   {phrase{SV: "Beställd", EN: "Ordered"}, "beställda"},
	ledger.Rejected:  {phrase{SV: "Avvisad", EN: "Rejected"}, "avvisade"},
	ledger.InDoubt:   {phrase{SV: "Oviss", EN: "In doubt"}, "ovissa"},
	ledger.Invalid:   {phrase{SV: "Ogiltig", EN: "Invalid"}, "ogiltiga"},
	ledger.Held:      {phrase{SV: "Väntar på beslut", EN: "Held"}, "väntar på beslut"},
	ledger.Duplicate: {phrase{SV: "Redan beställd", EN: "Already ordered"}, "redan beställda"},
	ledger.Skipped:   {phrase{SV: "Utelämnad", EN: "Left out"}, "utelämnade"},
	ledger.Closed:    {phrase{SV: "Stängd", EN: "Closed"}, "stängda"},
}

// validWord is what Ready means in a dry run: nothing was to be sent.
var validWord = stateWord{phrase{SV: "Giltig", EN: "Valid"}, "giltiga"}

func wordOf(state ledger.State, dryRun bool) stateWord {
	if dryRun && state == ledger.Ready {
		return validWord
	}
	if w, ok := stateWords[state]; ok {
		return w
	}
	return stateWord{phrase{SV: string(state), EN: string(state)}, string(state)}
}

// StatusWord is the word for a row's state that result sheets show to people. In a dry run a ready row is a valid one.
func StatusWord(state ledger.State, dryRun bool, lang validate.Lang) string {
	return wordOf(state, dryRun).In(lang)
}

// StatusCounts are the states that occur and how often: "53 ordered, 1 held"; "" where there is no row.
func StatusCounts(t ledger.Totals, dryRun bool, lang validate.Lang) string {
	var parts []string
	for _, state := range ledger.States {
		if t[state] == 0 {
			continue
		}
		word := wordOf(state, dryRun)
		text := strings.ToLower(word.In(lang))
		if lang == validate.Swedish && t[state] > 1 {
			text = word.many
		}
		parts = append(parts, strconv.Itoa(t[state])+" "+text)
	}
	return strings.Join(parts, ", ")
}

// headings of the columns that a result adds, in the order of entry's fields. Package mapping knows them by these words, so that
// none is taken for a column of the file when a result is imported again; a test holds it to that.
var headings = [...]phrase{
	{SV: "Status", EN: "Status"},
	{SV: "Ordernummer", EN: "Order number"},
	{SV: "Order-ID", EN: "Order ID"},
	{SV: "Fel", EN: "Error"},
	{SV: "Felkod", EN: "Error code"},
	{SV: "Körning", EN: "Run"},
	{SV: "Tid", EN: "Time"},
	{SV: "Kund i ordern", EN: "Customer in order"},
	{SV: "Paket i ordern", EN: "Package in order"},
	{SV: "Anrops-ID", EN: "Request ID"},
	{SV: "Rättat", EN: "Mended"},
	{SV: "Rad i filen", EN: "Row in file"},
}

// headingTime is the index of the time in headings.
const headingTime = 6

// reasonWords say the stable words of rows in doubt or held, as package connect and the ledger give them.
var reasonWords = map[string]phrase{
	"timeout":                   {SV: "inget svar kom i tid", EN: "no answer came in time"},
	"cancelled":                 {SV: "anropet avbröts", EN: "the request was cancelled"},
	"closed":                    {SV: "förbindelsen stängdes före svaret", EN: "the connection was closed before the answer"},
	"reset":                     {SV: "förbindelsen bröts före svaret", EN: "the connection broke before the answer"},
	"broken":                    {SV: "svaret kunde inte läsas", EN: "the answer could not be read"},
	"redirect":                  {SV: "API:et hänvisade till en annan adress", EN: "the API named another address"},
	"early-reply":               {SV: "svaret kom innan hela beställningen hade gått iväg", EN: "the answer came before the whole order had left"},
	"number-in-refusal":         {SV: "API:et avvisade men nämnde ett ordernummer", EN: "the API refused, yet named an order number"},
	"web-page":                  {SV: "svaret var en webbsida", EN: "the answer was a web page"},
	"reply-too-large":           {SV: "svaret var för stort för att läsas", EN: "the answer was too large to be read"},
	"reply-cut":                 {SV: "svaret bröts av", EN: "the answer was cut off"},
	"panic":                     {SV: "internt fel medan svaret väntades", EN: "internal fault while the answer was awaited"},
	ledger.ReasonNoNumber:       {SV: "svaret hade inget ordernummer", EN: "the answer had no order number"},
	ledger.ReasonHostSilent:     {SV: "datorn som skickade raden tystnade innan svaret kom", EN: "the host that sent the row fell silent before the answer came"},
	ledger.ReasonProcessEnded:   {SV: "programmet avslutades innan svaret kom", EN: "the program ended before the answer came"},
	ledger.ReasonErased:         {SV: "personen är raderad ur liggaren", EN: "the person has been erased from the ledger"},
	ledger.ReasonRestored:       {SV: "liggaren är återställd, och raden kan ha beställts efter kopian", EN: "the ledger was restored, and the row may have been ordered after the copy"},
	ledger.ReasonRepeatedNumber: {SV: "API:et gav ett ordernummer som det hade gett förut", EN: "the API gave an order number that it had given before"},
}

// What the workbook says beside the rows.
var (
	wordResult   = phrase{SV: "Resultat", EN: "Result"}
	wordSummary  = phrase{SV: "Sammanfattning", EN: "Summary"}
	wordYes      = phrase{SV: "Ja, inget är skickat", EN: "Yes, nothing was sent"}
	wordNo       = phrase{SV: "Nej", EN: "No"}
	wordRows     = phrase{SV: "Rader", EN: "Rows"}
	wordSum      = phrase{SV: "Summa", EN: "Total"}
	wordSeveral  = phrase{SV: "flera", EN: "several"}
	wordPossible = phrase{SV: "kan redan vara beställd", EN: "may have been ordered already"}
	wordAsk      = phrase{SV: "fråga leverantören och avgör sedan raden med resolve", EN: "ask the vendor, then decide the row with resolve"}
	wordDecide   = phrase{SV: "avgör raden med resolve", EN: "decide the row with resolve"}
	wordBeside   = phrase{SV: "API:et gav ett ordernummer, och säger också: %s", EN: "the API gave an order number, and also says: %s"}
	wordStatus   = phrase{SV: "API:et svarade med status %s", EN: "the API answered with status %s"}
	wordBy       = phrase{SV: "av", EN: "by"}
	wordSame     = phrase{SV: "samma som rad %d i körning %s", EN: "the same as row %d of run %s"}

	labelFile     = phrase{SV: "Fil", EN: "File"}
	labelSheet    = phrase{SV: "Blad", EN: "Sheet"}
	labelSHA256   = phrase{SV: "SHA-256", EN: "SHA-256"}
	labelEndpoint = phrase{SV: "API", EN: "API"}
	labelPackage  = phrase{SV: "Paket", EN: "Package"}
	labelRun      = phrase{SV: "Körning", EN: "Run"}
	labelStarted  = phrase{SV: "Startad", EN: "Started"}
	labelDryRun   = phrase{SV: "Provkörning", EN: "Dry run"}
	labelNotes    = phrase{SV: "Om filen", EN: "About the file"}

	noteHidden = phrase{SV: "rader som är dolda i filen, och därför här: %d", EN: "rows that are hidden in the file, and so here: %d"}
	noteCut    = phrase{
		SV: "celler som är avkortade här vid de 32 767 tecken som Excel tar: %d; CSV-resultatet har dem hela",
		EN: "cells that are cut here at the 32,767 characters that Excel takes: %d; the CSV result has them whole",
	}
	noteMarks = phrase{
		SV: "bara de första %d felen har en kommentar vid cellen; resten står i kolumnen Fel",
		EN: "only the first %d errors have a comment at the cell; the rest stand in the column Error",
	}
	noteMoreNotes = phrase{SV: "fler anmärkningar: %d", EN: "more notes: %d"}
)
