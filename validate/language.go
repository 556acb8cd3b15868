package validate

// Lang is a language of the program's sentences.
type Lang string

// The languages.
const (
	Swedish Lang = "sv"
	English Lang = "en"
)

// Phrase is one sentence or word in both languages, side by side: nothing that people read has one language only.
type Phrase struct{ SV, EN string }

// In gives the phrase in lang, English where that is no known language.
func (p Phrase) In(lang Lang) string {
	if lang == Swedish {
		return p.SV
	}
	return p.EN
}
