package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"orderimport/validate"
)

// TestHelp asks every command for its help, in both languages.
func TestHelp(t *testing.T) {
	saidHelps, saidFlags := map[string]bool{}, map[string]bool{}
	for _, lang := range []validate.Lang{validate.Swedish, validate.English} {
		a := &app{lang: lang}
		var walk func(c *cobra.Command)
		walk = func(c *cobra.Command) {
			key := helpKey(c)
			saidHelps[key] = true
			h := helps[key]
			if h.short.In(lang) == "" || h.long.In(lang) == "" || (h.args.SV == "") != (h.args.EN == "") {
				t.Errorf("%q: a word is missing in %s", key, lang)
			}
			for _, flags := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
				flags.VisitAll(func(f *pflag.Flag) {
					name := f.Name
					if _, own := flagHelps[key+" "+name]; own {
						name = key + " " + name
					}
					saidFlags[name] = true
					value, usage := pflag.UnquoteUsage(f)
					if usage == "" {
						t.Errorf("%s --%s: no word in %s", key, f.Name, lang)
					}
					if (value == "") != (f.Value.Type() == "bool") || strings.ContainsFunc(value, func(r rune) bool { return r > unicode.MaxASCII }) {
						t.Errorf("%s --%s: the value is called %q in %s; name it in ASCII, which pflag can align", key, f.Name, value, lang)
					}
				})
			}
			var out bytes.Buffer
			a.usage(&out, c)
			exits, _ := strings.CutPrefix(out.String()[strings.Index(out.String(), helpExits.In(lang))+1:], "\n")
			for code, words := range exitWords {
				line := fmt.Sprintf("\n  %-3d %s\n", code, words.In(lang))
				if want := slices.Contains(exitCodes(key), code) && !c.HasAvailableSubCommands(); !c.HasAvailableSubCommands() && strings.Contains(exits, line) != want {
					t.Errorf("%s: exit code %d is told: %v", key, code, !want)
				}
			}
			if lang == validate.Swedish {
				for _, english := range []string{"Usage", "Flags", "(default", "Commands", "Exit"} {
					if strings.Contains(out.String(), english) {
						t.Errorf("%s: %q in a Swedish help:\n%s", key, english, out.String())
					}
				}
			}
			for _, sub := range c.Commands() {
				walk(sub)
			}
		}
		walk(a.commands())
	}
	for key := range helps {
		if !saidHelps[key] {
			t.Errorf("there is no command %q", key)
		}
	}
	for key := range flagHelps {
		if !saidFlags[key] {
			t.Errorf("there is no flag %q", key)
		}
	}
}

// The language is known before the command line is understood: its faults are said in it, too.
func TestLanguageIsKnownFirst(t *testing.T) {
	t.Setenv("LC_ALL", "en_GB.UTF-8")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	for _, c := range []struct {
		variable string // ORDERIMPORT_LANG
		args     []string
		code     int
		out, err string
	}{
		{"", []string{"--lang", "sv", "submit", "--help"}, exitOK, "Användning:\n  orderimport submit FIL|KÖRNING [flaggor]", ""},
		{"", []string{"submit", "-h", "--lang=sv"}, exitOK, "Slutkoder:", ""},
		{"sv", []string{"submit", "-h"}, exitOK, "Slutkoder:", ""},
		{"sv", []string{"submit", "-h", "--lang", "en"}, exitOK, "Exit codes:", ""},
		{"sv", []string{"help", "watch", "run"}, exitOK, "orderimport watch run NAMN", ""},
		{"", []string{"submit", "a.csv", "--ratte", "5", "--lang", "sv"}, exitUse, "", "okänd flagga --ratte"},
		{"", []string{"submit", "a.csv", "--rate", "fast", "--lang", "sv"}, exitUse, "", `--rate kan inte vara "fast"`},
		{"", []string{"submit", "--lang", "sv", "--rate"}, exitUse, "", "--rate behöver ett värde"},
		{"", []string{"submit", "--lang", "sv"}, exitUse, "", "submit tar FIL|KÖRNING, fick 0 argument"},
		{"", []string{"sumbit", "--lang", "sv"}, exitUse, "", "det finns inget kommando \"sumbit\"\ntips: menade du \"submit\"?"},
		{"", []string{"completion", "tcsh"}, exitUse, "", `there is no command "tcsh"`},
		{"", []string{"sumbit", "--help", "--lang", "sv"}, exitUse, "", "det finns inget kommando \"sumbit\"\ntips: menade du \"submit\"?"},
		{"", []string{"-h", "nothing"}, exitUse, "", `there is no command "nothing"`},
		{"", []string{"ledger", "nothing", "--help"}, exitUse, "", `there is no command "nothing"`},
		{"", []string{"ledger", "verify", "--help"}, exitOK, "orderimport ledger verify [flags]", ""},
		{"", []string{"--help"}, exitOK, "orderimport COMMAND", ""},
		{"", []string{"help", "nothing"}, exitUse, "", `there is no command "nothing"`},
		{"", []string{"version", "--lang", "fi"}, exitUse, "", `--lang cannot be "fi"`},
	} {
		t.Setenv("ORDERIMPORT_LANG", c.variable)
		var out, errs bytes.Buffer
		code := run(context.Background(), c.args, strings.NewReader(""), &out, &errs)
		if code != c.code || !strings.Contains(out.String(), c.out) || !strings.Contains(errs.String(), c.err) || code == exitUse && out.Len() > 0 {
			t.Errorf("%q: exit %d\n%s%s", c.args, code, out.String(), errs.String())
		}
	}
}
