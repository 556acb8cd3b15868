package mapping_test

import (
	"strings"
	"testing"

	"orderimport/importer/mapping"
)

func TestNamed(t *testing.T) {
	for word, want := range map[string]string{
		"":                 "",
		" Anna@example.se": "key:anna@example.se email:Anna@example.se",
		"070-123 45 67":    "key:070-123 45 67 phone:070-123 45 67 employee:070-123 45 67",
		"+1 (555) 010-99":  "key:+1 (555) 010-99 phone:+1 (555) 010-99 employee:+1 (555) 010-99",
		"701234567":        "key:701234567 phone:701234567 employee:701234567",
		"0012345":          "key:0012345 employee:0012345",
		"198501011234":     "key:198501011234 employee:198501011234",
		"E-17":             "key:e-17 employee:E-17",
	} {
		var got []string
		for _, id := range mapping.Named(word) {
			got = append(got, id.Kind+":"+id.Value)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q", word, got)
		}
	}
}
