package drop

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const whole = `version: 1
poll: 2s
ledger: state/ledger.db
lang: sv
drops:
  - name: hr-natt
    folder: in/hr
    pattern: [ "*.csv", "Nya anställda*.xlsx" ]
    profile: hr.yaml
    endpoint: https://connect-api.a3.se
    package: 1001
    customer: 0100200
    schedule: "30 3 * * 1-5"
    timezone: Europe/Stockholm
    action: submit
    max-orders: 200
    skip-invalid: true
    rate: 2.5
    workers: 2
  - {name: prov, folder: /srv/prov, package: Mobil Bas, action: validate}
`

func TestParseConfig(t *testing.T) {
	dir := t.TempDir()
	c, err := ParseConfig(filepath.Join(dir, "watch.yaml"), []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	if c.Poll != 2*time.Second || c.Lang != "sv" || c.Ledger != filepath.Join(dir, "state", "ledger.db") || len(c.Drops) != 2 {
		t.Errorf("config: %+v", c)
	}
	d := c.Drop("hr-natt")
	if d.Folder != filepath.Join(dir, "in", "hr") || d.Profile != filepath.Join(dir, "hr.yaml") {
		t.Errorf("paths: %q, %q", d.Folder, d.Profile)
	}
	if d.Customer != "0100200" || d.Package != "1001" || d.MaxOrders != 200 || !d.SkipInvalid || *d.Rate != 2.5 || d.Workers != 2 || d.Action != Submit {
		t.Errorf("drop: %+v", d)
	}
	next := d.Schedule.Next(time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)) // a Friday
	if got := next.Format(time.RFC3339); got != "2026-11-30T03:30:00+01:00" {
		t.Errorf("next slot %s", got)
	}
	p := c.Drop("prov")
	if p.Endpoint != "" || p.Schedule != nil || p.Rate != nil || strings.Join(p.Patterns, " ") != "*.csv *.xlsx" {
		t.Errorf("defaults: %+v", p)
	}
	if c.Drop("natt") != nil {
		t.Error("found a drop that is not there")
	}
}

func TestParseConfigRefuses(t *testing.T) {
	const drop = "version: 1\ndrops:\n  - {name: a, folder: in, profile: p.yaml, action: submit, max-orders: 5"
	for _, c := range []struct{ name, yaml, text, hint string }{
		{"empty", "", "empty", "version: 1"},
		{"no version", "drops: [{name: a, folder: b, package: 1, action: validate}]", "version is missing", ""},
		{"other version", "version: 2", `not "2"`, ""},
		{"no drops", "version: 1", "no drop", ""},
		{"broken", "version: 1\n\tx", "line 2", "indentation"},
		{"two documents", drop + "}\n---\nversion: 1", "follows", ""},
		{"a list", "- 1", "keys and values", ""},
		{"unknown key", "version: 1\npol: 1s", `line 2: unknown key "pol"`, `"poll"`},
		{"unknown key of a drop", drop + ", max_orders: 3}", `line 3: unknown key "max_orders"`, `"max-orders"`},
		{"far key", drop + ", recipients: red}", `"recipients"`, "the keys here are"},
		{"secret", drop + ", token: abc}", `"token"`, "ORDERIMPORT_TOKEN_FILE"},
		{"twice", drop + ", name: b}", "twice", ""},
		{"poll too short", "version: 1\npoll: 50ms", `"50ms"`, ""},
		{"poll no time", "version: 1\npoll: soon", `"soon"`, ""},
		{"no name", "version: 1\ndrops: [{folder: b}]", "no name", ""},
		{"bad name", "version: 1\ndrops: [{name: ../b}]", `"../b"`, ""},
		{"no folder", "version: 1\ndrops: [{name: b}]", "no folder", ""},
		{"no action", "version: 1\ndrops: [{name: b, folder: c}]", "no action", ""},
		{"bad action", "version: 1\ndrops: [{name: b, folder: c, action: order}]", `"order"`, ""},
		{"no limit", "version: 1\ndrops: [{name: b, folder: c, profile: p, action: submit}]", "without a limit", "max-orders"},
		{"zero limit", drop + "}\n  - {name: c, folder: d, max-orders: 0}", "at least 1", ""},
		{"no profile", "version: 1\ndrops: [{name: b, folder: c, package: 1, action: submit, max-orders: 3}]", "without a profile", "map"},
		{"nothing to order", "version: 1\ndrops: [{name: b, folder: c, action: validate}]", "neither", ""},
		{"pattern with folder", drop + ", pattern: a/*.csv}", `"a/*.csv"`, ""},
		{"pattern broken", drop + `, pattern: "[a"}`, `"[a"`, ""},
		{"pattern empty", drop + `, pattern: []}`, "empty", ""},
		{"six fields", drop + `, schedule: "0 30 3 * * *"}`, "five fields", ""},
		{"descriptor", drop + `, schedule: "@daily"}`, "five fields", ""},
		{"zone inside", drop + `, schedule: "TZ=UTC 3 * * *"}`, "five fields", ""},
		{"no such minute", drop + `, schedule: "61 3 * * *"}`, "61", ""},
		{"no such day", drop + `, schedule: "0 3 30 2 *"}`, "no such day", ""},
		{"zone", drop + `, timezone: Europe/Stockhom}`, `"Europe/Stockhom"`, ""},
		{"rate", drop + `, rate: -1}`, `"-1"`, ""},
		{"rate not a number", drop + `, rate: nan}`, `"nan"`, ""},
		{"workers", drop + `, workers: 0}`, "at least 1", ""},
		{"same name", drop + "}\n  - {name: a, folder: other, package: 1, action: validate}", `called "a"`, ""},
		{"same folder", drop + "}\n  - {name: b, folder: ./x/../in, package: 1, action: validate}", "one folder", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseConfig("watch.yaml", []byte(c.yaml))
			var wrong *ConfigError
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(err.Error(), c.text) || !strings.Contains(wrong.Hint, c.hint) {
				t.Errorf("got %q, hint %q; want %q, hint %q", err, wrong.Hint, c.text, c.hint)
			}
		})
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add(whole)
	f.Add("version: 1\ndrops: [*a]")
	f.Add("&a [*a]")
	f.Add("#")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := ParseConfig("watch.yaml", []byte(s)); err == nil && len(c.Drops) == 0 {
			t.Error("a config without drops")
		}
	})
}
