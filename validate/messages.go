package validate

import (
	"strconv"
	"strings"
	"unicode/utf8"
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
		"samma beställning står redan på rad {1} i filen; släpp raden om båda ska beställas",
		"row {1} of the file is the same order; release this row if both are to be ordered"},
	Duplicate: {
		"redan beställd som {1} (körning {2}, rad {3})",
		"already ordered as {1} (run {2}, row {3})"},
	TwinInDoubt: {
		"samma beställning är skickad men obesvarad (körning {1}, rad {2}); avgör den först",
		"the same order was sent and not answered (run {1}, row {2}); decide that one first"},
	SamePerson: {
		"samma person har redan en beställning av paketet (körning {1}, rad {2}); det som skiljer: {3}",
		"the same person already has an order of this package (run {1}, row {2}); what differs: {3}"},
	SameOrder: {
		"samma person har redan en likadan beställning av paketet (körning {1}, rad {2}); släpp raden om det ska bli en till",
		"the same person already has an equal order of this package (run {1}, row {2}); release this row if there is to be one more"},
	KnownPerson: {
		"samma person har redan en beställning av paketet (körning {1}, rad {2}), och profilen tar bara nya (mode)",
		"the same person already has an order of this package (run {1}, row {2}), and the profile takes only new ones (mode)"},
	HiddenRow: {
		"raden är dold i arbetsboken; visa den, eller bestäm med --hidden take eller --hidden skip",
		"the row is hidden in the workbook; show it, or decide with --hidden take or --hidden skip"},
	SchemaChanged: {
		"paketets fält har ändrats sedan raden kontrollerades; kontrollera filen igen",
		"the package's fields have changed since the row was checked; check the file again"},
	LeftOut: {
		"utelämnad av regeln {1}",
		"left out by the rule {1}"},
}

// Message is the finding as a sentence: lower case, no full stop, the value quoted, what to do. It opens with the column's label,
// or the field's name where the value is not one column's. A code without a sentence is said as it is.
func (f *Finding) Message(lang Lang) string {
	pair, ok := sentences[f.Code]
	if !ok {
		pair = Phrase{f.Code, f.Code}
		if f.Value != "" {
			pair = Phrase{f.Code + ": {value}", f.Code + ": {value}"}
		}
	}
	text := pair.In(lang)
	with := []string{"{value}", strconv.Quote(cut(f.Value, 60)), "{field}", line(f.Field)}
	for i := range 3 {
		arg := ""
		if i < len(f.Args) {
			arg = line(f.Args[i])
		}
		with = append(with, "{"+strconv.Itoa(i+1)+"}", arg)
	}
	text = strings.NewReplacer(with...).Replace(text)
	if place := f.place(); place != "" {
		text = place + ": " + text
	}
	if f.Suggestion != "" {
		text += "; " + Phrase{"menas", "did you mean"}.In(lang) + " " + strconv.Quote(f.Suggestion) + "?"
	}
	return text
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
