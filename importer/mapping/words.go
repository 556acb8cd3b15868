package mapping

import "sync"

// concept is one thing that columns and fields are named after. Its words are compared by compact, so that "E-post" stands for
// "e_post" and "EPOST" too. A word belongs to one concept only.
type concept struct {
	name  string
	kind  string // of Identifier, "" for none
	words []string
}

// concepts are the usual columns of lists of people and phones: fields and types of APIs, then Swedish, English, Norwegian
// and Danish, Finnish, German. The last ones are never ordered: they are here so that an end date is not taken for a
// misspelt start date, nor a manager's address for the employee's.
var concepts = []concept{
	{"first name", "", []string{"firstname", "given name", "forename", "first",
		"Förnamn", "Tilltalsnamn", "Fornavn", "Etunimi", "Kutsumanimi", "Vorname", "Rufname"}},
	{"last name", "", []string{"lastname", "surname", "family name", "last",
		"Efternamn", "Familjenamn", "Etternavn", "Efternavn", "Slektsnavn", "Sukunimi", "Nachname", "Familienname", "Zuname"}},
	{"full name", "", []string{"alias", "name", "full name", "display name", "employee name", "person name",
		"Namn", "Fullständigt namn", "Hela namnet", "För- och efternamn", "Visningsnamn", "Personens namn",
		"Navn", "Fullt navn", "Fulde navn", "Visningsnavn", "Nimi", "Koko nimi", "Kokonimi", "Näyttönimi", "Vollständiger Name", "Anzeigename"}},
	{"e-mail", kindEmail, []string{"email", "mail", "email address", "mail address", "work email", "business email", "smtp",
		"E-post", "Epost", "Mejl", "E-mejl", "E-postadress", "Mejladress", "Mailadress", "E-mailadress", "Jobbmejl", "E-post arbete", "E-post jobb", "Arbetsmejl",
		"E-postadresse", "Mailadresse", "E-mailadresse", "Sähköposti", "Sähköpostiosoite", "E-Mail-Adresse"}},
	{"phone", kindPhone, []string{"phone", "phone number", "mobile", "mobile number", "mobile phone", "cell", "cell phone", "cellphone number", "telephone", "telephone number", "msisdn", "tel",
		"Mobil", "Mobilnr", "Mobilnummer", "Mobiltelefon", "Mobiltelefonnummer", "Telefon", "Telefonnr", "Telefonnummer", "Tfn", "Tel.nr", "Mobil tfn", "Nummer att flytta", "Befintligt nummer",
		"Mobiltelefonnr", "Tlf", "Tlf.nr", "Tlfnummer", "Puhelin", "Puhelinnumero", "Matkapuhelin", "Matkapuhelinnumero", "Kännykkä", "Handy", "Handynummer", "Rufnummer", "Mobilrufnummer"}},
	{"employee number", kindEmployee, []string{"employee number", "employee no", "employee nr", "employee id", "emp id", "emp no", "staff number", "staff id", "personnel number", "payroll number",
		"Anställningsnr", "Anställningsnummer", "Anst.nr", "Anstnummer", "Anställnings-id", "Anställd nr", "Personalnummer", "Personalnr", "Medarbetarnummer", "Medarbetar-id",
		"Ansattnummer", "Ansattnr", "Ansatt-id", "Medarbejdernummer", "Medarbejdernr", "Lønnummer", "Henkilönumero", "Työntekijänumero", "Henkilöstönumero", "Mitarbeiternummer", "Mitarbeiter-Nr", "Personal-Nr."}},
	{"user group", "", []string{"user group", "group", "department", "dept", "unit", "organizational unit", "org unit", "team",
		"Avdelning", "Avd", "Enhet", "Användargrupp", "Grupp", "Organisation", "Organisationsenhet",
		"Avdeling", "Brukergruppe", "Gruppe", "Afdeling", "Brugergruppe", "Osasto", "Yksikkö", "Ryhmä", "Käyttäjäryhmä", "Abteilung", "Benutzergruppe"}},
	{"cost centre", "", []string{"cost center", "cost centre", "cost code",
		"Kostnadsställe", "Kostnadsställenummer", "Kst", "K-ställe", "Kostn.ställe", "Kostnadsbärare", "Kostnadssted", "Koststed", "Omkostningssted", "Kustannuspaikka", "Kostenstelle"}},
	{"start date", "", []string{"desired activation date", "activation date", "start date", "starting date", "hire date", "employment date", "first day", "date of joining", "activation", "delivery date",
		"Startdatum", "Startdag", "Aktiveringsdatum", "Önskat aktiveringsdatum", "Önskat datum", "Anställningsdatum", "Anställd från", "Första dag", "Första arbetsdag", "Börjar", "Tillträde", "Tillträdesdatum", "Leveransdatum", "Fr.o.m.", "Från och med", "Gäller från",
		"Startdato", "Ansettelsesdato", "Ansættelsesdato", "Aktiveringsdato", "Første dag", "Tiltrædelsesdato", "Aloituspäivä", "Alkamispäivä", "Aktivointipäivä", "Eintrittsdatum", "Beginn", "Aktivierungsdatum"}},
	{"title", "", []string{"title", "job title", "position", "role",
		"Titel", "Befattning", "Yrkestitel", "Yrke", "Roll", "Tjänst", "Tittel", "Stilling", "Stillingsbetegnelse", "Nimike", "Tehtävänimike", "Tehtävä", "Stellenbezeichnung", "Berufsbezeichnung"}},
	{"customer number", "", []string{customerField, "customer no", "customer nr", "customer id", "account number", "customer",
		"Kundnummer", "Kundnr", "Kund-id", "Kund", "Kundenummer", "Kundenr", "Kunde", "Asiakasnumero", "Asiakas", "Kundennummer", "Kunden-Nr"}},
	{"package", "", []string{packageField, "package", "package id", "package name", "subscription", "subscription type", "plan",
		"Paket", "Paketnamn", "Paket-id", "Abonnemang", "Abonnemangstyp", "Tjänstepaket", "Pakke", "Pakkenavn", "Abonnement", "Abonnementstype", "Paketti", "Liittymä", "Liittymätyyppi", "Tarif", "Vertrag"}},
	{"SIM type", "", []string{"simtype", "sim", "sim card", "sim card type", "type of sim",
		"SIM-typ", "SIM-kort", "SIM-kortstyp", "Typ av SIM", "Simkorttype", "SIM-kortti", "SIM-kortin tyyppi", "SIM-Karte", "SIM-Kartentyp"}},
	{"data amount", "", []string{"data gb", "data", "data amount", "data allowance", "data volume", "gb",
		"Datamängd", "Surf", "Surfmängd", "Surfpott", "Datapott", "Mobildata", "Antal GB", "Datamengde", "Datamængde", "Datamäärä", "Datenvolumen", "Datenmenge"}},
	{"extension", "", []string{"extension", "extension number", "ext", "internal number", "short number",
		"Anknytning", "Anknytningsnummer", "Ankn", "Internnummer", "Kortnummer", "Linjenummer", "Lokalnummer", "Alanumero", "Sisäinen numero", "Durchwahl", "Nebenstelle"}},
	{"direct number", kindPhone, []string{"direct number", "direct dial", "direct line", "did", "ddi", "landline", "office phone", "work phone",
		"Direktnummer", "Direktnr", "Direktval", "Fast telefon", "Fastnummer", "Arbetstelefon", "Telefon arbete", "Direkte nummer", "Direkte telefon", "Suora numero", "Lankapuhelin", "Festnetz", "Festnetznummer"}},
	{"voicemail", "", []string{"voicemail", "voice mail", "voice mailbox", "Röstbrevlåda", "Telefonsvarare", "Mobilsvar", "Talepostkasse", "Telefonsvarer", "Vastaaja", "Puhelinvastaaja", "Mailbox", "Anrufbeantworter"}},
	{"roaming", "", []string{"roaming", "international roaming", "Utlandssurf", "Utland", "Verkkovierailu"}},
	{"monthly limit", "", []string{"monthly limit", "spending limit", "cost limit", "monthly cap",
		"Månadsgräns", "Kostnadstak", "Beloppsgräns", "Takbelopp", "Månedsgrense", "Beløpsgrense", "Månedlig grænse", "Kuukausiraja", "Monatslimit", "Kostenlimit"}},
	{"opening time", "", []string{"open from", "opens", "opening time", "Öppnar", "Öppet från", "Åpner", "Åbner", "Aukeaa", "Öffnet"}},

	{"end date", "", []string{"end date", "last day", "termination date", "Slutdatum", "Slutdag", "Sista dag", "Slutar", "T.o.m.", "Sluttdato", "Slutdato", "Päättymispäivä", "Enddatum", "Austrittsdatum"}},
	{"birth", "", []string{"birth date", "date of birth", "birthday", "Födelsedatum", "Födelsedag", "Född", "Fødselsdato", "Syntymäaika", "Geburtsdatum"}},
	{"identity number", "", []string{"social security number", "ssn", "personal identity number", "Personnummer", "Personnr", "Pers.nr", "Samordningsnummer", "Fødselsnummer", "CPR-nummer", "Henkilötunnus", "Sozialversicherungsnummer"}},
	{"manager", "", []string{"manager", "supervisor", "manager name", "manager email", "Chef", "Chefens namn", "Chefens e-post", "Närmaste chef", "Leder", "Esimies", "Esihenkilö", "Vorgesetzter"}},
	{"private e-mail", "", []string{"private email", "personal email", "home email", "Privat e-post", "E-post privat", "Privat mejl", "E-post hem", "Henkilökohtainen sähköposti", "Private E-Mail"}},
	{"private phone", "", []string{"private phone", "home phone", "Hemtelefon", "Telefon hem", "Privat telefon", "Privat mobil", "Mobil privat", "Kotipuhelin", "Privattelefon"}},
	{"relative", "", []string{"emergency contact", "emergency phone", "next of kin", "Anhörig", "Anhörig telefon", "Närmast anhörig", "ICE", "Pårørende", "Lähiomainen", "Notfallkontakt"}},
	{"organisation number", "", []string{"organization number", "Organisationsnummer", "Org.nr", "Orgnummer", "CVR-nummer", "Y-tunnus"}},
	{"remark", "", []string{"comment", "comments", "remark", "note", "notes", "Kommentar", "Kommentarer", "Anmärkning", "Övrigt", "Notering", "Merknad", "Bemærkning", "Huomautus", "Kommentti", "Bemerkung"}},
	{"status", "", []string{"status", "state", "Läge", "Tila", "Zustand"}},
	{resultColumn, "", []string{"order number", "order id", "error", "error code", "run", "time", "customer in order", "package in order", "request id", "mended", "row in file",
		"Ordernummer", "Order-ID", "Fel", "Felkod", "Körning", "Tid", "Kund i ordern", "Paket i ordern", "Anrops-ID", "Rättat", "Rad i filen"}},
	{"address", "", []string{"address", "street", "city", "postal code", "Adress", "Gatuadress", "Postadress", "Ort", "Postort", "Postnummer", "Postnr", "Adresse", "Osoite", "Anschrift", "PLZ"}},
}

// wordIndex finds concepts by their words.
type wordIndex struct {
	exact  map[string]*concept // by compact
	folded map[string]*concept // by folded; nil where two concepts would share it
}

var words = sync.OnceValue(func() wordIndex {
	index := wordIndex{map[string]*concept{}, map[string]*concept{}}
	for i := range concepts {
		c := &concepts[i]
		for _, w := range c.words {
			index.exact[compact(w)] = c
			if other, ok := index.folded[folded(w)]; ok && other != c {
				index.folded[folded(w)] = nil
				continue
			}
			index.folded[folded(w)] = c
		}
	}
	return index
})

// conceptOf is what a label, a field's name or a type stands for: by its letters, then without a number at its end
// (userGroup1) or what stands in brackets, then without accents. nil where nobody knows.
func conceptOf(name string) *concept {
	index := words()
	for _, s := range readings(name) {
		if c := index.exact[compact(s)]; c != nil {
			return c
		}
	}
	for _, s := range readings(name) {
		if c := index.folded[folded(s)]; c != nil {
			return c
		}
	}
	return nil
}
