package sheet

import "strings"

// labelWords are labels of the tables that are read here. No text is taken for a label on account of one alone.
var labelWords = wordSet(`namn|förnamn|efternamn|fullständigt namn|tilltalsnamn|e-post|epost|e-postadress|epostadress|mejl|mejladress|mail|tel|telefon|telefonnr|telefonnummer|
mobil|mobilnr|mobilnummer|mobiltelefon|personnr|personnummer|pnr|födelsedatum|adress|gatuadress|gata|postnr|postnummer|ort|postort|stad|land|avdelning|enhet|kostnadsställe|
anställningsnr|anställningsnummer|anst.nr|anstnr|nr|id|datum|start|startdatum|slutdatum|anställningsdatum|lön|kommentar|befattning|titel|roll|chef|kön|antal|kod|belopp|
företag|kundnr|kundnummer|name|first name|firstname|given name|last name|lastname|surname|full name|email|e-mail|email address|phone|phone number|telephone|mobile|
mobile number|address|street|zip|zip code|zipcode|postal code|postcode|city|country|department|employee id|employee number|employee no|date|start date|end date|salary|
comment|comments|job title|role|manager|gender|company|amount|quantity|code|vorname|nachname|straße|plz|abteilung|navn|fornavn|etternavn|efternavn|nimi|etunimi|sukunimi`)

// titleWords begin the line above a table that says what it is.
var titleWords = wordSet("lista|förteckning|sammanställning|översikt|urval|period|datum|företag|list|overview|selection|date|company")

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Split(strings.ReplaceAll(words, "\n", ""), "|") {
		set[word] = true
	}
	return set
}

// knownLabels counts the cells that are labels wherever they stand.
func knownLabels(cells []Cell) int {
	n := 0
	for _, c := range cells {
		if c.Kind == Text && len(c.Text) < 64 && labelWords[strings.TrimRight(strings.ToLower(label(c.Text)), " *.")] {
			n++
		}
	}
	return n
}

// beginsTitle tells whether the first cell begins as titles do, or names what stands beside it.
func beginsTitle(cells []Cell) bool {
	text := strings.ToLower(label(cells[0].Text))
	word, _, _ := strings.Cut(strings.TrimRight(text, ":"), " ")
	return strings.HasSuffix(text, ":") || titleWords[word] || footWords[word]
}
