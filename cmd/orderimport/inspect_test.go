package main

import (
	"strings"
	"testing"
)

func TestColumnKeys(t *testing.T) {
	keys := &columnKeys{columns: []string{`a"b`, "D", "D (2)"}}
	for column, want := range map[int]string{0: `"a\"b":`, 1: `"D":`, 3: `"D (3)":`, 4: `"E":`} {
		if got := string(keys.of(column)); got != want {
			t.Errorf("column %d has %s, not %s", column, got, want)
		}
	}
}

// TestAppendJSON holds the short way against the long one.
func TestAppendJSON(t *testing.T) {
	for _, s := range []string{"", "Åsa <b> & 'c'", `"`, `\`, "a\nb", "\x00", "\x7f", "\xff", "😀\u2028", strings.Repeat("x", 40_000)} {
		got, err := appendJSON(nil, s)
		if err != nil {
			t.Fatal(err)
		}
		want, err := encode(s)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) && s != "😀\u2028" { // which needs no escape in JSON
			t.Errorf("%q is %s, not %s", s, got, want)
		}
	}
}

func TestOnOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"Åsa\tÖberg":          "Åsa\tÖberg",
		"a\r\nb\nc\rd\u2028e": "a⏎b⏎c⏎d⏎e",
		"\x1b[2J\u009b2J\x00": "\ufffd[2J\ufffd2J\ufffd",
		"1\u202e2\u2066":      "1\ufffd2\ufffd",
	} {
		if got := onOneLine(text); got != want {
			t.Errorf("%q is shown as %q, not %q", text, got, want)
		}
	}
}
