package main

import (
	"bytes"
	"errors"
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

// A run that is stored and cannot be sent says so, and why, also where the script that would read it is gone.
func TestUnsent(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "AppData", "LocalAppData"} {
		t.Setenv(name, dir)
	}
	t.Setenv("ORDERIMPORT_TOKEN", "t")
	server, err := connecttest.Start(connecttest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	file := filepath.Join(dir, "people.csv")
	if err := os.WriteFile(file, []byte("Förnamn;Efternamn;E-post;Avdelning\nÅsa;Öberg;asa@example.se;IT\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, told bytes.Buffer
	if code := run(t.Context(), []string{"stage", file, "--endpoint", server.URL(), "--package", "2001", "--customer", "100200", "--lang", "sv"}, strings.NewReader(""), &out, &told); code != exitOK {
		t.Fatalf("exit %d: %s", code, &told)
	}
	id := regexp.MustCompile(`r[0-9a-z]{10}`).FindString(told.String())
	server.Close()

	told.Reset()
	if code := run(t.Context(), []string{"submit", id, "--yes", "--lang", "sv", "--format", "json"}, strings.NewReader(""), &out, &told); code != exitUnreachable {
		t.Errorf("exit %d: %s", code, &told)
	}
	if !strings.Contains(out.String(), id) || !strings.Contains(out.String(), `"notSent":1`) || !strings.Contains(told.String(), "lagrad som körning "+id) {
		t.Errorf("a run that was not sent: %s%s", &out, &told)
	}
	told.Reset()
	if code := run(t.Context(), []string{"submit", id, "--lang", "sv", "--yes", "--format", "json"}, strings.NewReader(""), full{}, &told); code != exitUnreachable {
		t.Errorf("exit %d: %s", code, &told)
	}
	for _, part := range []string{"lagrad som körning " + id, "nås inte", "no space left on device"} {
		if !strings.Contains(told.String(), part) {
			t.Errorf("%q is not said: %s", part, &told)
		}
	}
}
