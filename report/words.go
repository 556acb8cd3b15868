package report

import (
	"orderimport/importer/ledger"
	"orderimport/validate"
)

// phrase is one text in both languages, side by side.
type phrase struct{ sv, en string }

func (p phrase) in(lang validate.Lang) string {
	if lang == validate.Swedish {
		return p.sv
	}
	return p.en
}

// statusWords are the words for people; scripts read ledger.State.Status in the JSON result.
var statusWords = map[ledger.State]phrase{
	ledger.Ready:     {"Ej skickad", "Not sent"},
	ledger.Sending:   {"Skickas", "Sending"},
	ledger.Ordered:   {"Beställd", "Ordered"},
	ledger.Rejected:  {"Avvisad", "Rejected"},
	ledger.InDoubt:   {"Oviss", "In doubt"},
	ledger.Invalid:   {"Ogiltig", "Invalid"},
	ledger.Held:      {"Väntar på beslut", "Held"},
	ledger.Duplicate: {"Redan beställd", "Already ordered"},
	ledger.Skipped:   {"Utelämnad", "Left out"},
	ledger.Closed:    {"Stängd", "Closed"},
}

// wordValid is what Ready means in a dry run: nothing was to be sent.
var wordValid = phrase{"Giltig", "Valid"}

// StatusWord is the word for a row's state that result sheets show to people. In a dry run a ready row is a valid one.
func StatusWord(state ledger.State, dryRun bool, lang validate.Lang) string {
	if dryRun && state == ledger.Ready {
		return wordValid.in(lang)
	}
	if p, ok := statusWords[state]; ok {
		return p.in(lang)
	}
	return string(state)
}

// headings of the columns that a result adds, in the order of entry's fields.
var headings = [...]phrase{
	{"Status", "Status"},
	{"Ordernummer", "Order number"},
	{"Order-ID", "Order ID"},
	{"Fel", "Error"},
	{"Felkod", "Error code"},
	{"Körning", "Run"},
	{"Tid", "Time"},
	{"Rad i filen", "Row in file"},
}

// What the workbook says beside the rows.
var (
	wordResult   = phrase{"Resultat", "Result"}
	wordSummary  = phrase{"Sammanfattning", "Summary"}
	wordYes      = phrase{"Ja, inget är skickat", "Yes, nothing was sent"}
	wordNo       = phrase{"Nej", "No"}
	wordRows     = phrase{"Rader", "Rows"}
	wordSum      = phrase{"Summa", "Total"}
	wordSeveral  = phrase{"flera", "several"}
	wordPossible = phrase{"kan redan vara beställd", "may have been ordered already"}
	wordAsk      = phrase{"fråga leverantören och avgör sedan raden med resolve", "ask the vendor, then decide the row with resolve"}
	wordDecide   = phrase{"avgör raden med resolve", "decide the row with resolve"}
	wordRequest  = phrase{"anrop", "request"}
	wordBy       = phrase{"av", "by"}
	wordSame     = phrase{"samma som rad %d i körning %s", "the same as row %d of run %s"}

	labelFile     = phrase{"Fil", "File"}
	labelSheet    = phrase{"Blad", "Sheet"}
	labelSHA256   = phrase{"SHA-256", "SHA-256"}
	labelEndpoint = phrase{"API", "API"}
	labelPackage  = phrase{"Paket", "Package"}
	labelRun      = phrase{"Körning", "Run"}
	labelStarted  = phrase{"Startad", "Started"}
	labelDryRun   = phrase{"Provkörning", "Dry run"}
	labelNotes    = phrase{"Om filen", "About the file"}

	noteHidden = phrase{"rader som är dolda i filen, och därför här: %d", "rows that are hidden in the file, and so here: %d"}
	noteCut    = phrase{
		"celler som är avkortade här vid de 32 767 tecken som Excel tar: %d; CSV-resultatet har dem hela",
		"cells that are cut here at the 32,767 characters that Excel takes: %d; the CSV result has them whole",
	}
	noteMarks = phrase{
		"bara de första %d felen har en kommentar vid cellen; resten står i kolumnen Fel",
		"only the first %d errors have a comment at the cell; the rest stand in the column Error",
	}
	noteMoreNotes = phrase{"fler anmärkningar: %d", "more notes: %d"}
)
