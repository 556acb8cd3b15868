package main

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"orderimport/importer/connect/connecttest"
)

// full is standard output on a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// clerk is somebody who orders for two people, with a server of their own.
type clerk struct {
	t            *testing.T
	server       *connecttest.Server
	file, ledger string
	said         string // on standard error, by the last command
	answer       string // where it is set, a person sits there
	lang         string // "": Swedish
}

func newClerk(t *testing.T, faults ...string) *clerk {
	dir := t.TempDir()
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "AppData", "LocalAppData"} {
		t.Setenv(name, dir)
	}
	t.Setenv("ORDERIMPORT_TOKEN", "t")
	var opt connecttest.Options
	for _, text := range faults {
		fault, err := connecttest.ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		opt.Faults = append(opt.Faults, fault)
	}
	server, err := connecttest.Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	c := &clerk{t: t, server: server, file: filepath.Join(dir, "people.csv"), ledger: filepath.Join(dir, "l.db")}
	if err := os.WriteFile(c.file, []byte("Förnamn;Efternamn;E-post;Avdelning\nÅsa;Öberg;asa@example.se;IT\nBo;Ek;bo@example.se;IT\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// run runs a command in the clerk's language.
func (c *clerk) run(out io.Writer, args ...string) (code int) {
	var told bytes.Buffer
	a := &app{in: strings.NewReader(c.answer), out: out, err: &told, lang: "sv", terminal: func(any) bool { return c.answer != "" }}
	code = a.run(c.t.Context(), append(args, "--ledger", c.ledger, "--lang", cmp.Or(c.lang, "sv")))
	c.said = told.String()
	return code
}

// fresh are the settings of a command that reads the file.
func (c *clerk) fresh(command string) []string {
	return []string{command, c.file, "--endpoint", c.server.URL(), "--package", "2001", "--customer", "100200"}
}

func (c *clerk) expect(what string, code, want int, parts ...string) {
	c.t.Helper()
	if code != want {
		c.t.Errorf("%s: exit %d, not %d: %s", what, code, want, c.said)
	}
	for _, part := range parts {
		if !strings.Contains(c.said, part) {
			c.t.Errorf("%s: %q is not said: %s", what, part, c.said)
		}
	}
}

var idPattern = regexp.MustCompile(`\br[0-9a-z]{10}\b`)

// A run that is stored and cannot be sent says so, and why, also where the script that would read it is gone.
func TestUnsent(t *testing.T) {
	c := newClerk(t)
	c.expect("stored", c.run(io.Discard, c.fresh("stage")...), exitOK)
	id := idPattern.FindString(c.said)
	c.server.Close()
	var out bytes.Buffer
	c.expect("no API", c.run(&out, "submit", id, "--yes", "--format", "json"), exitUnreachable, "lagrad som körning "+id, "nås inte")
	if !strings.Contains(out.String(), id) || !strings.Contains(out.String(), `"notSent":2`) {
		t.Errorf("a run that was not sent: %s", &out)
	}
	c.expect("no API, no room", c.run(full{}, "submit", id, "--yes", "--format", "json"), exitUnreachable,
		"lagrad som körning "+id, "nås inte", "no space left on device")
}

// A script that cannot read the result still learns which run was stored.
func TestStagedUnread(t *testing.T) {
	c := newClerk(t)
	code := c.run(full{}, append(c.fresh("stage"), "--format", "json")...)
	if code == exitOK || idPattern.FindString(c.said) == "" {
		t.Errorf("exit %d: %s", code, c.said)
	}
}

// Where the ledger refuses to begin, the run is stored all the same.
func TestUnsentByTheLedger(t *testing.T) {
	c := newClerk(t)
	if err := os.MkdirAll(filepath.Join(c.ledger+".ballast", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	c.expect("no ballast", c.run(io.Discard, append(c.fresh("submit"), "--yes")...), exitLedger)
	if idPattern.FindString(c.said) == "" {
		t.Errorf("no run is named: %s", c.said)
	}
}

// Rows in doubt are told of whatever keeps the rest from being sent.
func TestDoubtsBeforeAll(t *testing.T) {
	c := newClerk(t, "reset-after@1")
	c.expect("a doubt", c.run(io.Discard, append(c.fresh("submit"), "--yes")...), exitDoubt, "oviss")
	id := idPattern.FindString(c.said)
	c.answer = "nej\n"
	c.expect("no", c.run(io.Discard, "submit", id), exitDoubt, "ovissa rader: 1", "ingenting skickades")
	c.answer = ""
	c.server.Close()
	c.expect("no API", c.run(io.Discard, "submit", id, "--yes"), exitDoubt, "ovissa rader: 1", "nås inte")
	c.expect("no API, no room", c.run(full{}, "submit", id, "--yes", "--format", "json"), exitDoubt, "ovissa rader: 1", "nås inte", "no space left on device")
	if n := strings.Count(c.said, "ovissa rader: 1"); n != 1 {
		t.Errorf("told %d times: %s", n, c.said)
	}
}

// The question before sending says what is ordered, for whom and from which file.
func TestQuestion(t *testing.T) {
	c := newClerk(t)
	c.answer = "nej\n"
	to := c.server.URL() + "? [j/N]"
	c.expect("one package", c.run(io.Discard, c.fresh("submit")...), exitStopped,
		"Skicka 2 beställningar av 2001 Anknytning för kund 100200 från people.csv till "+to)
	id := idPattern.FindString(c.said)
	c.lang = "en"
	c.expect("in English", c.run(io.Discard, "submit", id), exitStopped, "Send 2 orders of 2001 Anknytning for customer 100200 from people.csv to "+c.server.URL()+"? [y/N]")
	c.lang = ""
	if err := os.WriteFile(c.file, []byte("Förnamn;Efternamn;E-post;Avdelning;Startdatum;Kst;Paket;Kund\nÅsa;Öberg;asa@example.se;IT;;;2001;100200\nBo;Ek;bo@example.se;IT;2026-12-01;;1001;100201\nCia;Ek;cia@example.se;IT;2026-12-01;;1001;100202\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	profile := c.file + ".yaml"
	if err := os.WriteFile(profile, []byte("version: 1\npackage: {column: Paket}\ncustomer: {column: Kund}\nfields: {firstname: Förnamn, lastname: Efternamn, email: E-post, userGroup1: Avdelning, costCenter: Kst, desiredActivationDate: Startdatum}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.expect("several", c.run(io.Discard, "submit", c.file, "--endpoint", c.server.URL(), "--profile", profile), exitStopped,
		"Skicka 3 beställningar av 2 paket för 3 kunder från people.csv till "+to)
	id = idPattern.FindString(c.said)
	c.expect("the first of several", c.run(io.Discard, "submit", id, "--first", "1"), exitStopped,
		"Skicka 1 beställning av 2001 Anknytning för kund 100200 från people.csv till "+to)
	if n := len(c.server.Audit()); n != 0 {
		t.Errorf("%d orders", n)
	}
}

// A run whose file has been changed since sends what was stored, and says so before the question.
func TestChangedSince(t *testing.T) {
	c := newClerk(t)
	c.expect("stored", c.run(io.Discard, c.fresh("stage")...), exitOK)
	id := idPattern.FindString(c.said)
	const changed = "har ändrats sedan körning"
	c.answer = "nej\n"
	if c.expect("as it was", c.run(io.Discard, "submit", id), exitStopped, "Skicka 2 "); strings.Contains(c.said, changed) {
		t.Errorf("nobody changed it: %s", c.said)
	}
	if err := os.WriteFile(c.file, []byte("Förnamn;Efternamn;E-post;Avdelning\nÅsa;Öberg;asa@example.se;HR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.expect("changed", c.run(io.Discard, "submit", id), exitStopped,
		c.file+" "+changed+" "+id+" lagrades: det som lagrades skickas, inte det som står i filen nu\n", "Skicka 2 ")
	if strings.Index(c.said, changed) > strings.Index(c.said, "Skicka 2 ") {
		t.Errorf("said after the question: %s", c.said)
	}
	if err := os.Remove(c.file); err != nil {
		t.Fatal(err)
	}
	if c.expect("gone", c.run(io.Discard, "submit", id), exitStopped, "Skicka 2 "); strings.Contains(c.said, changed) {
		t.Errorf("it is gone: %s", c.said)
	}
}
