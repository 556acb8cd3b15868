package validate

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"orderimport/validate/damage"
)

// sentences are what each code says. {value} is Finding.Value in quotes, {field} its field, {1} to {3} its Args. Where there is a
// Suggestion, Message adds it.
var sentences = map[string]Phrase{
	MissingValue: {
		"ett värde krävs men saknas; fyll i det",
		"a value is required but missing; fill it in"},
	MissingCustomer: {
		"kundnummer saknas; fyll i det, eller ange det i profilen eller med --customer",
		"the customer number is missing; fill it in, or give it in the profile or with --customer"},
	BadCustomer: {
		"kundnumret {value} innehåller blanksteg eller styrtecken; skriv det utan",
		"the customer number {value} holds blanks or control characters; write it without"},
	NotAllowed: {
		"{value} är inte ett tillåtet värde; tillåtna är {1}",
		"{value} is not an allowed value; allowed are {1}"},
	NotInteger: {
		"{value} är inte ett heltal; skriv bara siffror",
		"{value} is not a whole number; write digits only"},
	NotDecimal: {
		"{value} är inte ett tal; skriv som 1234,5",
		"{value} is not a number; write it like 1234.5"},
	AmbiguousNumber: {
		"{value} kan vara {1} eller {2}; skriv {1} eller {3}",
		"{value} can be {1} or {2}; write {1} or {3}"},
	NotBoolean: {
		"{value} är varken ja eller nej; skriv ja eller nej",
		"{value} is neither yes nor no; write yes or no"},
	NotDate: {
		"{value} är inte ett datum; skriv åååå-mm-dd",
		"{value} is not a date; write yyyy-mm-dd"},
	ImpossibleDate: {
		"datumet {value} finns inte i kalendern; skriv ett datum som finns",
		"the date {value} is not in the calendar; write one that is"},
	AmbiguousDate: {
		"{value} kan vara {1} eller {2}; skriv åååå-mm-dd, eller ange kolumnens datumformat i profilen (dates)",
		"{value} can be {1} or {2}; write yyyy-mm-dd, or name the column's date format in the profile (dates)"},
	TimeOfDay: {
		"{value} har ett klockslag, men här kan bara ett datum stå; skriv åååå-mm-dd",
		"{value} has a time of day, but only a date can stand here; write yyyy-mm-dd"},
	FarDate: {
		"{value} ligger mer än två år från i dag; är året rätt?",
		"{value} is more than two years from today; is the year right?"},
	NotEmail: {
		"{value} är inte en e-postadress; skriv en enda adress, som anna@exempel.se",
		"{value} is not an e-mail address; write a single address, like anna@example.com"},
	EmailLetter: {
		"e-postadressen {value} innehåller tecknet {1}; skriv adressen som den används, utan å, ä, ö och accenter",
		"the e-mail address {value} holds the letter {1}; write the address as it is used, without å, ä, ö and accents"},
	NotPhone: {
		"{value} är inte ett telefonnummer; skriv det med riktnummer, som 0701234567 eller +46701234567",
		"{value} is not a phone number; write it with its area code, like 0701234567 or +46701234567"},
	LostZero: {
		"telefonnumret {value} har tappat sin första nolla; formatera kolumnen som text och skriv numret med nolla",
		"the phone number {value} has lost its first zero; format the column as text and write the number with its zero"},
	LostPlus: {
		"telefonnumret {value} hade tappat sitt plustecken och skickas som {1}",
		"the phone number {value} had lost its plus sign and is sent as {1}"},
	AmbiguousPhone: {
		"telefonnumret {value} kan vara {1} eller {2}; skriv det med + eller med riktnummer",
		"the phone number {value} can be {1} or {2}; write it with + or with its area code"},
	CellError: {
		"cellen visar felet {value}; rätta formeln eller skriv värdet",
		"the cell shows the error {value}; mend the formula or write the value"},
	NoResult: {
		"cellens formel har inget sparat resultat; öppna filen i Excel, spara den och försök igen",
		"the cell's formula has no saved result; open the file in Excel, save it and try again"},
	ControlCharacter: {
		"{value} innehåller styrtecknet {1}; skriv om cellen",
		"{value} holds the control character {1}; write the cell anew"},
	DamagedText: {
		"i {value} har tecken gått förlorade när filen skapades; skriv om cellen, eller exportera filen igen",
		"{value} has lost characters when the file was made; write the cell anew, or export the file again"},
	InvisibleRemoved: {
		"ett osynligt tecken ({1}) i {value} skickas inte",
		"an invisible character ({1}) in {value} is not sent"},
	BlankMended: {
		"en radbrytning, tabb eller ovanligt blanksteg ({1}) i {value} skickas som ett vanligt blanksteg",
		"a line break, tab or unusual blank ({1}) in {value} is sent as an ordinary blank"},
	DefaultUsed: {
		"tomt; paketets standardvärde \"{1}\" skickas",
		"empty; the package's default \"{1}\" is sent"},
	CheckFailed: {"{1}", "{2}"},

	damage.GarbledText: {
		"{value} är text i fel teckenkodning och läses som \"{1}\"",
		"{value} is text in the wrong encoding and is read as \"{1}\""},
	damage.LostLetters: {
		"i {value} står ett frågetecken mitt i ett ord, som när en bokstav har gått förlorad; skriv om cellen om det är så",
		"{value} has a question mark inside a word, as where a letter was lost; write the cell anew if it is so"},
	damage.TextMark: {
		"{value} har kvar Excels tecken för text och läses som \"{1}\"",
		"{value} still has Excel's mark for text and is read as \"{1}\""},
	damage.ScientificForm: {
		"{value} är ett tal i grundpotensform, och dess siffror har gått förlorade; formatera kolumnen som text och skriv det igen",
		"{value} is a number in scientific form, and its digits are lost; format the column as text and write it again"},
	damage.NumberExpanded: {
		"{value} är ett tal i grundpotensform med alla siffror kvar och läses som {1}",
		"{value} is a number in scientific form with all its digits, and is read as {1}"},
	damage.RoundedNumber: {
		"{value} har avrundats: Excel behåller 15 siffror; formatera kolumnen som text och skriv numret igen",
		"{value} was rounded: Excel keeps 15 digits; format the column as text and write the number again"},
	damage.FloatTail: {
		"{value} slutar med en decimal som inte hör till numret; skriv det utan",
		"{value} ends in a decimal that is no part of the number; write it without"},
	damage.TailRemoved: {
		"{value} slutar med en decimal som inte hör till numret, och läses som {1}",
		"{value} ends in a decimal that is no part of the number, and is read as {1}"},
	damage.CodeAsDate: {
		"{value} är ett datum, som Excel gör av koder som 3-12 och MAR1; formatera kolumnen som text och skriv om cellen",
		"{value} is a date, as Excel makes them of codes like 3-12 and MAR1; format the column as text and write the cell anew"},
	damage.ZeroDate: {
		"{value} är vad Excel visar för ett litet tal eller en tom cell i datumformat; skriv rätt datum eller töm cellen",
		"{value} is what Excel shows for a small number or an empty cell in the format of a date; write the right date or empty the cell"},
	damage.DateOrder: {
		"{value} läses som {1}",
		"{value} is read as {1}"},
	damage.SwappedDate: {
		"dag och månad kan ha bytt plats i {value}; jämför med källan, och skriv hela kolumnen som åååå-mm-dd",
		"day and month may have changed places in {value}; compare it with the source, and write the whole column as yyyy-mm-dd"},
	damage.ShortNumber: {
		"{value} kan ha tappat sina första nollor; formatera kolumnen som text och skriv numret med dem",
		"{value} may have lost its first zeros; format the column as text and write the number with them"},
	damage.ZerosRestored: {
		"{value} hade tappat sin första nolla och läses som {1}",
		"{value} had lost its first zero and is read as {1}"},
	damage.MissingPlus: {
		"{value} kan ha tappat sitt plustecken; formatera kolumnen som text och skriv numret med det",
		"{value} may have lost its plus sign; format the column as text and write the number with it"},
	damage.PlusRestored: {
		"{value} hade tappat sitt plustecken och läses som {1}",
		"{value} had lost its plus sign and is read as {1}"},

	ExtraCells: {
		"raden har fler celler än rubrikraden, här står {value}; ta bort dem, eller sätt citattecken om cellen som innehåller skiljetecknet",
		"the row has more cells than the header, here stands {value}; remove them, or put quotes around the cell that holds the delimiter"},
	MissingCells: {
		"raden har färre celler än rubrikraden; fyll på den",
		"the row has fewer cells than the header; complete it"},
	OpenQuote: {
		"ett citattecken stängs aldrig, här står {value}; stäng det eller dubblera det",
		"a quote is never closed, here stands {value}; close it or double it"},
	StrayQuote: {
		"ett citattecken står mitt i en cell, här står {value}; dubblera det",
		"a quote stands in the middle of a cell, here stands {value}; double it"},
	OtherDelimiter: {
		"raden har ett annat skiljetecken än de andra, {value}; skriv om den med samma",
		"the row has another delimiter than the others, {value}; write it with the same"},
	ExpressionFailed: {
		"profilens uttryck gav inget värde: {1}",
		"the profile's expression gave no value: {1}"},
	UnknownPackage: {
		"paketet {value} går inte att beställa; se orderimport packages",
		"the package {value} cannot be ordered; see orderimport packages"},
	UnknownField: {
		"radens paket har inget fält {field}, men här står {value}; töm cellen, eller ändra profilen",
		"the row's package has no field {field}, but here stands {value}; empty the cell, or change the profile"},

	DuplicateInFile: {
		"samma beställning står redan på rad {1} i filen; ska båda beställas, släpp raden med resolve --send",
		"row {1} of the file is the same order; if both are to be ordered, release this row with resolve --send"},
	SamePersonInFile: {
		"rad {1} i filen har samma anställningsnummer, e-postadress eller telefonnummer men andra uppgifter; ska båda beställas, släpp raden med resolve --send",
		"row {1} of the file has the same employee number, e-mail address or phone number but other details; if both are to be ordered, release this row with resolve --send"},
	Duplicate: {
		"redan beställd som {1} (körning {2}, rad {3})",
		"already ordered as {1} (run {2}, row {3})"},
	TwinInDoubt: {
		"samma beställning är skickad men obesvarad (körning {1}, rad {2}); avgör den först med resolve, och stäng sedan den här raden om det inte ska bli en till",
		"the same order was sent and not answered (run {1}, row {2}); decide that one first with resolve, then close this row unless it is to be one more"},
	TwinClosed: {
		"en människa har stängt samma beställning (körning {1}, rad {2}), gjord eller inte; ska den göras nu, släpp den här raden med resolve --send",
		"a person has closed the same order (run {1}, row {2}), made or not; if it is to be made now, release this row with resolve --send"},
	TwinHeld: {
		"samma beställning väntar på beslut (körning {1}, rad {2}) och kan vara gjord; avgör den först med resolve, och stäng sedan den här raden om det inte ska bli en till",
		"the same order waits for a decision (run {1}, row {2}) and may have been made; decide that one first with resolve, then close this row unless it is to be one more"},
	SamePerson: {
		"samma person har redan en beställning av paketet (körning {1}, rad {2}); det som skiljer: {3}; släpp eller stäng raden med resolve",
		"the same person already has an order of this package (run {1}, row {2}); what differs: {3}; release or close the row with resolve"},
	SameOrder: {
		"samma person har redan en likadan beställning av paketet (körning {1}, rad {2}); ska det bli en till, släpp raden med resolve --send",
		"the same person already has an equal order of this package (run {1}, row {2}); if there is to be one more, release this row with resolve --send"},
	KnownPerson: {
		"samma person har redan en beställning av paketet (körning {1}, rad {2}), och profilen tar bara nya (mode)",
		"the same person already has an order of this package (run {1}, row {2}), and the profile takes only new ones (mode)"},
	EarlierResult: {
		"raden kommer från en resultatfil som säger {1} om den (körning {2}), och liggaren känner inte den beställningen; skriv in vad resultatfilen säger med ledger adopt --from-results, stäng raden med resolve --close, eller släpp den med --send om den inte är beställd",
		"the row comes from a result sheet that says {1} of it (run {2}), and the ledger does not know that order; book what the result tells with ledger adopt --from-results, close the row with resolve --close, or release it with --send if it was not ordered"},
	Unsettled: {
		"liggaren togs över från en kopia av {1} och vet inte vad som beställts sedan dess; skriv först in resultatfilerna sedan dess med ledger adopt --from-results; släpp sedan raden med resolve --send om den inte är beställd, eller säg med ledger adopt --settled att allt är utrett",
		"the ledger was taken over from a copy of {1} and does not know what was ordered since; first book the results since then with ledger adopt --from-results; then release the row with resolve --send if it was not ordered, or say with ledger adopt --settled that all is accounted for"},
	HiddenRow: {
		"raden är dold i arbetsboken; visa den, eller bestäm med --hidden take eller --hidden skip",
		"the row is hidden in the workbook; show it, or decide with --hidden take or --hidden skip"},
	SchemaChanged: {
		"paketets fält har ändrats sedan raden kontrollerades; kontrollera filen igen",
		"the package's fields have changed since the row was checked; check the file again"},
	LeftOut: {
		"utelämnad av regeln {1}",
		"left out by the rule {1}"},
	NoOrderTold: {
		"resultatfilen säger inget om en beställning för raden; importera listan som vanligt om den ska beställas",
		"the result sheet tells of no order for this row; import the list as usual if it is to be ordered"},
	OtherOrder: {
		"resultatfilen berättar om en beställning för kund {1}, paket {2}; ange dem med --customer och --package",
		"the result sheet tells of an order for customer {1}, package {2}; name these with --customer and --package"},
}

// samePersonErased is what SamePerson says without the fields that differ: what was ordered has been erased, or came from a result alone.
var samePersonErased = Phrase{
	"samma person har redan en beställning av paketet (körning {1}, rad {2}); vad som skiljer går inte att säga, för vad som beställdes då är inte känt; släpp eller stäng raden med resolve",
	"the same person already has an order of this package (run {1}, row {2}); what differs cannot be told, since what was ordered then is not known; release or close the row with resolve",
}

// earlierDoubt is what EarlierResult says of a row without an order number.
var earlierDoubt = Phrase{
	"raden kommer från en resultatfil som säger {1} om den (körning {2}, anrops-ID {3}), så den kan vara beställd; fråga leverantören, och avgör den med resolve: --ordered NUMMER, --send om den inte är beställd, eller --close",
	"the row comes from a result sheet that says {1} of it (run {2}, request ID {3}), so it may have been ordered; ask the vendor, and decide it with resolve: --ordered NUMBER, --send if it was not ordered, or --close",
}

// proofs are the sentences of evidence, by its word; {1} to {3} are its figures.
var proofs = map[string]Phrase{
	damage.Starts:     {"{1} siffror; {2} % av kolumnen börjar med {3}", "{1} digits; {2} % of this column start with {3}"},
	damage.Widths:     {"{1} siffror; {2} % av kolumnen har {3}", "{1} digits; {2} % of this column have {3}"},
	damage.NoDates:    {"{1} % av kolumnen är inte datum", "{1} % of this column are no dates"},
	damage.DayFirst:   {"dag före månad: {1} av kolumnens datum går inte att läsa på annat sätt, och inget tvärtom", "day before month: {1} of this column's dates cannot be read otherwise, and none the other way round"},
	damage.MonthFirst: {"månad före dag: {1} av kolumnens datum går inte att läsa på annat sätt, och inget tvärtom", "month before day: {1} of this column's dates cannot be read otherwise, and none the other way round"},
	damage.OneOrder:   {"kolumnens {1} datum i text har alla en dag över 12, dess {2} andra ingen", "the {1} dates of this column that are text all have a day above 12, its {2} others none"},
	damage.Rounded:    {"{1} av kolumnens {2} långa nummer har bara nollor efter siffra 15", "{1} of this column's {2} long numbers have only zeros behind the 15th digit"},
	damage.Tails:      {"{1} % av kolumnen slutar så", "{1} % of this column end so"},
}

// Message is the finding as a sentence: lower case, no full stop, the value quoted, what to do, the evidence in brackets. It opens
// with the column's label, or the field's name where the value is not one column's. A code without a sentence is said as it is.
func (f *Finding) Message(lang Lang) string {
	pair, ok := sentences[f.Code]
	if !ok {
		pair = Phrase{f.Code, f.Code}
		if f.Value != "" {
			pair = Phrase{f.Code + ": {value}", f.Code + ": {value}"}
		}
	}
	switch {
	case f.Code == SamePerson && len(f.Args) < 3:
		pair = samePersonErased
	case f.Code == EarlierResult && len(f.Args) == 3:
		pair = earlierDoubt
	}
	text := fill(pair.In(lang), f.Args, "{value}", strconv.Quote(cut(f.Value, 60)), "{field}", line(f.Field))
	if len(f.Evidence) > 0 {
		text += " (" + fill(proofs[f.Evidence[0]].In(lang), f.Evidence[1:]) + ")"
	}
	if place := f.place(); place != "" {
		text = place + ": " + text
	}
	if f.Suggestion != "" {
		text += "; " + Phrase{"menas", "did you mean"}.In(lang) + " " + strconv.Quote(f.Suggestion) + "?"
	}
	return text
}

// fill puts the args into {1} to {3} of the sentence, and the others, in pairs, where they belong.
func fill(text string, args []string, others ...string) string {
	for i := range 3 {
		arg := ""
		if i < len(args) {
			arg = line(args[i])
		}
		others = append(others, "{"+strconv.Itoa(i+1)+"}", arg)
	}
	return strings.NewReplacer(others...).Replace(text)
}

func (f *Finding) place() string {
	if f.Column != "" {
		return line(cut(f.Column, 60))
	}
	return line(f.Field)
}

// line makes blanks of line breaks and of characters that cannot be seen: labels and allowed values are other people's text.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if glyphOf(r) != visible && r != utf8.RuneError {
			return ' '
		}
		return r
	}, s)
}

// cut shortens s to at most n characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i] + "…"
		}
		n--
	}
	return s
}
