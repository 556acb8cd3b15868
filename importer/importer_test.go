package importer_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"orderimport/importer"
	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/submit"
)

// desk is what the pipeline needs around it: a sandbox, a client, a ledger.
type desk struct {
	t      *testing.T
	server *connecttest.Server
	place  connect.Endpoint
	client *connect.Client
	ledger *ledger.Ledger
	path   string // the ledger's
	now    time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	server, err := connecttest.Start(connecttest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	d := &desk{t: t, server: server, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	if d.place, err = connect.ParseEndpoint(server.URL()); err != nil {
		t.Fatal(err)
	}
	if d.client, err = connect.NewClient(connect.Config{Endpoint: d.place, Token: connect.NewToken("t")}); err != nil {
		t.Fatal(err)
	}
	d.path = filepath.Join(t.TempDir(), "ledger.db")
	if d.ledger, err = ledger.Open(t.Context(), d.path, ledger.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.ledger.Close() })
	return d
}

const profile = `version: 1
package: 1001
customer: "100200"
key: [Anställningsnr]
fields:
  firstname: Förnamn
  lastname: Efternamn
  email: E-post
  userGroup1: Avdelning
  desiredActivationDate: Startdatum
`

const header = "Anställningsnr;Förnamn;Efternamn;E-post;Avdelning;Startdatum\n"

func person(n int) string {
	return fmt.Sprintf("%d;Åsa%d;Öberg;asa%d@example.se;IT;2026-12-01\n", n, n, n)
}

// plan reads text as a file and fits profileText to it.
func (d *desk) plan(text, profileText string) (*importer.Plan, error) {
	d.t.Helper()
	path := filepath.Join(d.t.TempDir(), "people.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	p, err := mapping.ParseProfile("profile.yaml", []byte(profileText))
	if err != nil {
		d.t.Fatal(err)
	}
	plan, err := importer.Read(importer.Job{File: path, Profile: p, Now: d.now})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { plan.Close() })
	catalogue, err := importer.NewCatalogue(d.t.Context(), d.client)
	if err != nil {
		d.t.Fatal(err)
	}
	return plan, plan.Fit(d.t.Context(), catalogue, d.place)
}

// check gives "row state code,code" for each row of a dry run.
func (d *desk) check(text, profileText string) (string, error) {
	d.t.Helper()
	plan, err := d.plan(text, profileText)
	if err != nil {
		d.t.Fatal(err)
	}
	var b strings.Builder
	summary, err := plan.Validate(d.t.Context(), d.ledger, func(r *importer.Row) error {
		var codes []string
		for _, f := range r.Findings {
			if f.Code != "default-used" {
				codes = append(codes, f.Code)
			}
		}
		fmt.Fprintf(&b, "%d %s %s\n", r.Number, r.State, strings.Join(codes, ","))
		return nil
	})
	if rows := strings.Count(b.String(), "\n"); summary.Totals.Rows() != rows {
		d.t.Errorf("%d rows were told, the totals are %v", rows, summary.Totals)
	}
	return b.String(), err
}

// order stages text and sends it whole.
func (d *desk) order(text string) string { return d.orderBy(text, profile) }

func (d *desk) orderBy(text, profileText string) string {
	d.t.Helper()
	id := d.stage(text, profileText)
	d.send(id)
	return id
}

// stage stores text's run and sends nothing of it.
func (d *desk) stage(text, profileText string) string {
	d.t.Helper()
	plan, err := d.plan(text, profileText)
	if err != nil {
		d.t.Fatal(err)
	}
	id, _, err := plan.Stage(d.t.Context(), d.ledger, importer.Seal{SkipInvalid: true}, func(*importer.Row) error { return nil })
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

func (d *desk) send(id string) {
	d.t.Helper()
	sending, err := importer.Sendable(d.t.Context(), d.ledger, d.client, d.place, id, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	if stop, err := sending.Submit(d.t.Context(), submit.Config{StopAfterDoubts: 1}); err != nil || stop != nil {
		d.t.Fatal(stop, err)
	}
}

func want(t *testing.T, what, got, expected string) {
	t.Helper()
	if got != expected {
		t.Errorf("%s:\n%swanted:\n%s", what, got, expected)
	}
}

// What was ordered once is not ordered again, however the file comes back.
func TestIdentity(t *testing.T) {
	d := newDesk(t)
	all := person(1) + person(2) + person(3)
	d.order(header + all)

	again, _ := d.check(header+all, profile)
	want(t, "the same file", again, "2 duplicate duplicate\n3 duplicate duplicate\n4 duplicate duplicate\n")
	sorted, _ := d.check("Personallista\n\n"+header+person(3)+person(1)+person(4), profile)
	want(t, "sorted anew, one gone, one new", sorted, "4 duplicate duplicate\n5 duplicate duplicate\n6 ready \n")
	spelt, _ := d.check(header+"0001; Åsa1 ;ÖBERG;ASA1@example.se;it;20261201\n", profile)
	want(t, "spelt otherwise", spelt, "2 held same-person\n") // ÖBERG is another name until a person says otherwise
	spelt, _ = d.check(header+"0001; Åsa1 ;Öberg;ASA1@example.se;it;20261201\n", profile)
	want(t, "blanks, case and zeros", spelt, "2 duplicate duplicate\n")
	moved, _ := d.check("Startdatum;E-post;Avdelning;Efternamn;Förnamn;Anställningsnr\n2026-12-01;asa1@example.se;IT;Öberg;Åsa1;1\n", profile)
	want(t, "columns moved", moved, "2 duplicate duplicate\n")
	edited, _ := d.check(header+strings.Replace(person(2), "IT", "HR", 1), profile)
	want(t, "one cell edited", edited, "2 held same-person\n")
	joiners, _ := d.check(header+strings.Replace(person(2), "IT", "HR", 1)+person(9), profile+"mode: new-only\n")
	want(t, "new people only", joiners, "2 skipped known-person\n3 ready \n")
}

// What nobody wrote into the file, the schema's defaults and the days that count from today, is no part of what makes an order the same,
// nor is the order in which the API lists its fields.
func TestFilledInOtherwise(t *testing.T) {
	d := newDesk(t)
	dated := strings.Replace(profile, "desiredActivationDate: Startdatum", `desiredActivationDate: {column: Startdatum, default: "+14d"}`, 1)
	file := header + "1;Åsa1;Öberg;asa1@example.se;IT;\n" + person(2)
	d.orderBy(file, dated)

	d.now = d.now.AddDate(0, 0, 30)
	d.client, _ = d.elsewhere(func(s *connect.OrderSchema) {
		slices.Reverse(s.Data)
		item(s, "simType").DefaultValue = "Fysiskt SIM"
		item(s, "dataGB").DefaultValue = "50"
		s.Data = append(s.Data, connect.OrderDataItem{Name: "invoiceText", Type: "String", Required: true, DefaultValue: "none"})
	})
	again, _ := d.check(file, dated)
	want(t, "a month later, with other defaults", again, "2 duplicate duplicate\n3 duplicate duplicate\n")
}

// Equal rows of one file: the first is ready, the later ones are a person's to decide, and stay decided.
func TestEqualRows(t *testing.T) {
	d := newDesk(t)
	file := header + person(1) + person(1) + person(1)
	first, _ := d.check(file, profile)
	want(t, "equal rows", first, "2 ready \n3 held duplicate-in-file\n4 held duplicate-in-file\n")
	id := d.order(file)
	if err := d.ledger.Resolve(t.Context(), id, []int{3}, ledger.Verdict{To: ledger.Ready, Reason: "two phones", By: "test"}); err != nil {
		t.Fatal(err)
	}
	d.send(id)
	if n := len(d.server.Audit()); n != 2 {
		t.Fatalf("%d orders, not 2", n)
	}
	again, _ := d.check(file, profile)
	want(t, "again", again, "2 duplicate duplicate\n3 duplicate duplicate\n4 held same-order\n")
}

// Rows that a person releases after a sending was approved, on another host say, wait for the next.
func TestReleasedAfterApproval(t *testing.T) {
	d := newDesk(t)
	sendable := func(id string) *importer.Sending {
		sending, err := importer.Sendable(t.Context(), d.ledger, d.client, d.place, id, 0)
		if err != nil {
			t.Fatal(err)
		}
		return sending
	}
	submit := func(sending *importer.Sending, first int) {
		if stop, err := sending.Submit(t.Context(), submit.Config{First: first}); err != nil || stop != nil {
			t.Fatal(stop, err)
		}
	}
	state := func(id string, orders int, expected ledger.RunState) {
		t.Helper()
		run, err := d.ledger.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(d.server.Audit()); n != orders || run.State != expected {
			t.Fatalf("%d orders and the run %s, wanted %d and %s", n, run.State, orders, expected)
		}
	}
	var id string
	release := func(row int) {
		if err := d.ledger.Resolve(t.Context(), id, []int{row}, ledger.Verdict{To: ledger.Ready, Reason: "several phones", By: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	states := func(expected string) {
		t.Helper()
		states, _ := d.states(id)
		want(t, "states", states, expected)
	}
	id = d.stage(header+person(1)+person(1)+person(1)+person(1), profile)
	approved := sendable(id)
	release(3)
	submit(approved, 0)
	state(id, 1, ledger.RunStopped)
	approved = sendable(id)
	release(4)
	submit(approved, 2) // a pilot of more than was approved
	state(id, 2, ledger.RunStopped)
	d.send(id)
	state(id, 3, ledger.RunDone)
	approved = sendable(id) // of nothing
	release(5)
	submit(approved, 0)
	state(id, 3, ledger.RunStopped)

	// One that stands before those approved takes the place of none of them, whether they are sent, or turn out to be ordered already.
	id = d.stage(header+person(2)+person(2)+person(3), profile)
	approved = sendable(id)
	release(3)
	submit(approved, 0)
	states("ordered ready ordered")
	id = d.stage(header+person(4)+person(4)+person(5)+person(6), profile)
	approved = sendable(id)
	other := d.stage(header+person(4), profile)
	d.send(other)
	release(3)
	submit(approved, 2)
	states("duplicate ready ordered ordered")
}

// A file that is not what usually comes is stopped before it is sent.
func TestPlausible(t *testing.T) {
	d := newDesk(t)
	var many *importer.ImplausibleError
	for _, rows := range []string{"rows: {min: 3}\n", "rows: {max: 1}\n"} {
		if _, err := d.check(header+person(1)+person(2), profile+rows); !errors.As(err, &many) {
			t.Errorf("%s: %v", rows, err)
		}
	}
	if _, err := d.check(header+person(1)+person(2), profile+"rows: {min: 2, max: 2}\n"); err != nil {
		t.Error(err)
	}

	// Against the run before with the same profile.
	changes := profile + "rows: {maxChange: 50%}\n"
	plan, err := d.plan(header+person(1)+person(2)+person(3)+person(4), changes)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := plan.Stage(t.Context(), d.ledger, importer.Seal{}, func(*importer.Row) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := d.check(header+person(5), changes); !errors.As(err, &many) {
		t.Errorf("a quarter of the file before: %v", err)
	}
	if _, err := d.check(header+person(5)+person(6), changes); err != nil {
		t.Errorf("half of the file before: %v", err)
	}
}

// A row may name its package; one that is not there is a finding, not an end.
func TestPackagesMixed(t *testing.T) {
	d := newDesk(t)
	mixed := strings.Replace(profile, "package: 1001", "package: {column: Paket}", 1)
	got, err := d.check(strings.Replace(header, "\n", ";Paket\n", 1)+
		strings.Replace(person(1), "\n", ";1001\n", 1)+strings.Replace(person(2), "\n", ";mobil plus\n", 1)+strings.Replace(person(3), "\n", ";Mobil Bass\n", 1), mixed)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "mixed", got, "2 ready \n3 ready \n4 invalid unknown-package\n")
}

func TestSealed(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	plan, err := d.plan(header+person(1)+person(2)+"3;Åsa3;Öberg;;IT;2026-12-01\n", profile)
	if err != nil {
		t.Fatal(err)
	}
	nothing := func(*importer.Row) error { return nil }
	if _, _, err := plan.Stage(ctx, d.ledger, importer.Seal{}, nothing); !errors.Is(err, importer.ErrInvalidRows) {
		t.Errorf("a bad row: %v", err)
	}
	if runs, err := d.ledger.Runs(ctx); err != nil || len(runs) != 0 {
		t.Errorf("%d runs were stored, %v", len(runs), err)
	}
	plan, err = d.plan(header+person(1)+person(2), profile)
	if err != nil {
		t.Fatal(err)
	}
	id, _, err := plan.Stage(ctx, d.ledger, importer.Seal{}, nothing)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := connect.Endpoint{URL: "https://elsewhere.example", Host: "https://elsewhere.example"}
	var wrong *importer.WrongEndpointError
	if _, err := importer.Sendable(ctx, d.ledger, d.client, elsewhere, id, 0); !errors.As(err, &wrong) {
		t.Errorf("another endpoint: %v", err)
	}
	var many *importer.MaxOrdersError
	if _, err := importer.Sendable(ctx, d.ledger, d.client, d.place, id, 1); !errors.As(err, &many) {
		t.Errorf("more than allowed: %v", err)
	}
	if _, err := importer.Sendable(ctx, d.ledger, d.client, d.place, id, 2); err != nil {
		t.Error(err)
	}
}

func TestProfileForAnotherEndpoint(t *testing.T) {
	d := newDesk(t)
	var other *importer.EndpointError
	if _, err := d.plan(header+person(1), profile+"endpoint: live\n"); !errors.As(err, &other) {
		t.Errorf("%v", err)
	}
}

func TestHiddenRowsAndWhere(t *testing.T) {
	d := newDesk(t)
	got, err := d.check(strings.Replace(header, "\n", ";Status\n", 1)+strings.Replace(person(1), "\n", ";Ny\n", 1)+strings.Replace(person(2), "\n", ";Slutar\n", 1),
		profile+`where: row["Status"] == "Ny"`+"\n")
	if err != nil {
		t.Fatal(err)
	}
	want(t, "where", got, "2 ready \n3 skipped left-out\n")
}
