package sweden

import "strings"

var months = [12][2]string{{"januari", "january"}, {"februari", "february"}, {"mars", "march"}, {"april", "april"}, {"maj", "may"}, {"juni", "june"},
	{"juli", "july"}, {"augusti", "august"}, {"september", "september"}, {"oktober", "october"}, {"november", "november"}, {"december", "december"}}

// Month takes the name of a month in Swedish or English, whole or cut to three or four letters; 0 for none.
func Month(s string) int {
	s = strings.ToLower(s)
	if len(s) < 3 {
		return 0
	}
	for i, names := range months {
		for _, name := range names {
			if s == name || len(s) <= 4 && strings.HasPrefix(name, s) {
				return i + 1
			}
		}
	}
	return 0
}
