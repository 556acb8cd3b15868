package report

import (
	"orderimport/importer/ledger"
	"orderimport/validate"
)

// phrase is one text in both languages.
type phrase = validate.Phrase

// statusWords are the words for people; scripts read ledger.State.Status in the JSON result.
var statusWords = map[ledger.State]phrase{
	ledger.Ready:     {SV: "Ej skickad", EN: "Not sent"},
	ledger.Sending:   {SV: "Skickas", EN: "Sending"},
	ledger.Ordered:   {SV: "Beställd", EN: "Ordered"},
	ledger.Rejected:  {SV: "Avvisad", EN: "Rejected"},
	ledger.InDoubt:   {SV: "Oviss", EN: "In doubt"},
	ledger.Invalid:   {SV: "Ogiltig", EN: "Invalid"},
	ledger.Held:      {SV: "Väntar på beslut", EN: "Held"},
	ledger.Duplicate: {SV: "Redan beställd", EN: "Already ordered"},
	ledger.Skipped:   {SV: "Utelämnad", EN: "Left out"},
	ledger.Closed:    {SV: "Stängd", EN: "Closed"},
}

// wordValid is what Ready means in a dry run: nothing was to be sent.
var wordValid = phrase{SV: "Giltig", EN: "Valid"}

// StatusWord is the word for a row's state that result sheets show to people. In a dry run a ready row is a valid one.
func StatusWord(state ledger.State, dryRun bool, lang validate.Lang) string {
	if dryRun && state == ledger.Ready {
		return wordValid.In(lang)
	}
	if p, ok := statusWords[state]; ok {
		return p.In(lang)
	}
	return string(state)
}

// headings of the columns that a result adds, in the order of entry's fields.
var headings = [...]phrase{
	{SV: "Status", EN: "Status"},
	{SV: "Ordernummer", EN: "Order number"},
	{SV: "Order-ID", EN: "Order ID"},
	{SV: "Fel", EN: "Error"},
	{SV: "Felkod", EN: "Error code"},
	{SV: "Körning", EN: "Run"},
	{SV: "Tid", EN: "Time"},
	{SV: "Rad i filen", EN: "Row in file"},
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
	wordRequest  = phrase{SV: "anrop", EN: "request"}
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
