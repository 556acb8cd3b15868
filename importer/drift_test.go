package importer_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"orderimport/importer"
	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/submit"
	"orderimport/validate"
)

// elsewhere is a client for a sandbox whose package 1001 has been changed; nil takes the package away.
func (d *desk) elsewhere(change func(*connect.OrderSchema)) (*connect.Client, *connecttest.Server) {
	d.t.Helper()
	var schemas []*connect.OrderSchema
	packages, err := d.client.GetPackages(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	for _, p := range packages {
		schema, err := d.client.GetPackageSchema(d.t.Context(), p.PredefinedPackageID)
		if err != nil {
			d.t.Fatal(err)
		}
		if p.PredefinedPackageID == 1001 {
			if change == nil {
				continue
			}
			change(schema)
		}
		schemas = append(schemas, schema)
	}
	catalogue, err := json.Marshal(schemas)
	if err != nil {
		d.t.Fatal(err)
	}
	server, err := connecttest.Start(connecttest.Options{Catalogue: catalogue})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { server.Close() })
	client, err := connect.NewClient(connect.Config{Endpoint: connect.Endpoint{URL: server.URL()}, Token: connect.NewToken("t")})
	if err != nil {
		d.t.Fatal(err)
	}
	return client, server
}

// staged stores a file's run and gives its ID.
func (d *desk) staged(text string) string {
	d.t.Helper()
	plan, err := d.plan(text, profile)
	if err != nil {
		d.t.Fatal(err)
	}
	id, _, err := plan.Stage(d.t.Context(), d.ledger, importer.Seal{}, func(*importer.Row) error { return nil })
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

// item is a field of the schema.
func item(s *connect.OrderSchema, name string) *connect.OrderDataItem {
	i := slices.IndexFunc(s.Data, func(item connect.OrderDataItem) bool { return item.Name == name })
	return &s.Data[i]
}

// A package that is not listed any more is not ordered, though its schema is still there.
func TestPackageNotListed(t *testing.T) {
	d := newDesk(t)
	id := d.staged(header + person(1))
	_, server := d.elsewhere(func(*connect.OrderSchema) {})
	behind, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/GetPackages") {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, `[]`)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	client, err := connect.NewClient(connect.Config{Endpoint: connect.Endpoint{URL: front.URL}, Token: connect.NewToken("t")})
	if err != nil {
		t.Fatal(err)
	}
	sending, err := importer.Sendable(t.Context(), d.ledger, client, d.place, id, 0)
	if err != nil || sending.Ready != 0 || !slices.Equal(sending.Unlisted, []int64{1001}) {
		t.Fatalf("%+v, %v", sending, err)
	}
	if stop, err := sending.Submit(t.Context(), submit.Config{}); stop != nil || err != nil || len(server.Audit()) != 0 {
		t.Errorf("%+v, %v, %d orders", stop, err, len(server.Audit()))
	}
	states, _ := d.states(id)
	want(t, "states", states, "ready")
}

// The schema changes between the check and the sending: rows whose order fits as it stands are sent, the others are invalid,
// with the field and the cell named.
func TestSchemaChanged(t *testing.T) {
	tests := []struct {
		name   string
		change func(*connect.OrderSchema)
		states string // of the three rows, whose departments are IT, HR and IT
		says   string // one of the first invalid row's findings: code, field, cell, suggestion
	}{
		{"not at all", func(*connect.OrderSchema) {}, "ordered ordered ordered", ""},
		{"an allowed value is gone", func(s *connect.OrderSchema) { item(s, "userGroup1").AllowedValues = []string{"HR", "Lager"} }, "invalid ordered invalid", "not-allowed userGroup1 E2 "},
		{"an allowed value is spelt otherwise", func(s *connect.OrderSchema) { item(s, "userGroup1").AllowedValues = []string{"it", "HR"} }, "invalid ordered invalid", "schema-changed userGroup1  it"},
		{"a list of allowed values is gone", func(s *connect.OrderSchema) { item(s, "userGroup1").AllowedValues = nil }, "ordered ordered ordered", ""},
		{"a new field that need not be sent", func(s *connect.OrderSchema) {
			s.Data = append(s.Data, connect.OrderDataItem{Name: "floor", Type: "String"})
		}, "ordered ordered ordered", ""},
		{"a new field that must be sent", func(s *connect.OrderSchema) {
			s.Data = append(s.Data, connect.OrderDataItem{Name: "floor", Type: "String", Required: true})
		}, "invalid invalid invalid", "missing-value floor  "},
		{"a new field that must be sent, with a default nobody has approved", func(s *connect.OrderSchema) {
			s.Data = append(s.Data, connect.OrderDataItem{Name: "floor", Type: "String", Required: true, DefaultValue: "3"})
		}, "invalid invalid invalid", "schema-changed floor  3"},
		{"a new field that is filled in where it is not sent, which nobody has approved", func(s *connect.OrderSchema) {
			s.Data = append(s.Data, connect.OrderDataItem{Name: "floor", Type: "String", DefaultValue: "3"})
		}, "invalid invalid invalid", "schema-changed floor  "},
		{"another default for a field that is sent", func(s *connect.OrderSchema) { item(s, "userGroup1").DefaultValue = "HR" }, "ordered ordered ordered", ""},
		{"another product in the package", func(s *connect.OrderSchema) { s.Products = append(s.Products, "Telefon för 9 000 kr") }, "invalid invalid invalid", "schema-changed   "},
		{"the products in another order", func(s *connect.OrderSchema) { slices.Reverse(s.Products) }, "ordered ordered ordered", ""},
		{"a product twice", func(s *connect.OrderSchema) { s.Products = append(s.Products, s.Products[0]) }, "invalid invalid invalid", "schema-changed   "},
		{"a product twice instead of another", func(s *connect.OrderSchema) { s.Products[1] = s.Products[0] }, "invalid invalid invalid", "schema-changed   "},
		{"another name of the package", func(s *connect.OrderSchema) { s.Name += " Plus" }, "invalid invalid invalid", "schema-changed   "},
		{"a field is gone", func(s *connect.OrderSchema) {
			s.Data = slices.DeleteFunc(s.Data, func(i connect.OrderDataItem) bool { return i.Name == "userGroup1" })
		}, "invalid invalid invalid", "unknown-field userGroup1 E2 "},
		{"another type", func(s *connect.OrderSchema) { item(s, "lastname").Type = "Integer" }, "invalid invalid invalid", "not-an-integer lastname C2 "},
		{"another order of the fields", func(s *connect.OrderSchema) { slices.Reverse(s.Data) }, "ordered ordered ordered", ""},
		{"the package is gone", nil, "invalid invalid invalid", "unknown-package predefinedPackageID  "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			id := d.staged(header + person(1) + strings.Replace(person(2), "IT", "HR", 1) + person(3))
			client, server := d.elsewhere(test.change)
			sending, err := importer.Sendable(t.Context(), d.ledger, client, d.place, id, 0)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(test.states, "invalid"); sending.Misfits != n || sending.Run.Totals[ledger.Invalid] != n {
				t.Errorf("%d misfits, %v", sending.Misfits, sending.Run.Totals)
			}
			if stop, err := sending.Submit(t.Context(), submit.Config{StopAfterDoubts: 1}); stop != nil || err != nil {
				t.Fatal(stop, err)
			}
			if n := len(server.Audit()); n != strings.Count(test.states, "ordered") {
				t.Errorf("%d orders", n)
			}
			states, said := d.states(id)
			want(t, "states", states, test.states)
			if !strings.Contains(said, test.says) {
				t.Errorf("said:\n%swithout %q", said, test.says)
			}
		})
	}
}

// states gives the rows' states, and the findings of the invalid ones with their place and suggestion.
func (d *desk) states(id string) (states, said string) {
	d.t.Helper()
	_, _, rows, err := importer.Result(d.t.Context(), d.ledger, id)
	if err != nil {
		d.t.Fatal(err)
	}
	for row, err := range rows {
		if err != nil {
			d.t.Fatal(err)
		}
		states += " " + string(row.State)
		for _, f := range row.Findings {
			if row.State == ledger.Invalid {
				said += fmt.Sprintf("%s %s %s %s\n", f.Code, f.Field, f.Cell, f.Suggestion)
			}
		}
		if (row.State == ledger.Invalid) != validate.HasError(row.Findings) {
			d.t.Errorf("row %d is %s with %+v", row.Number, row.State, row.Findings)
		}
	}
	return strings.TrimSpace(states), said
}

// The schema changes while orders leave: the refusal that it causes makes the rest be held against the new one, before more are
// refused.
func TestSchemaChangesUnderWay(t *testing.T) {
	d := newDesk(t)
	text := header
	for n := range 40 {
		row := person(n)
		if n%2 == 1 {
			row = strings.Replace(row, "IT", "HR", 1)
		}
		text += row
	}
	id := d.staged(text)
	sending, err := importer.Sendable(t.Context(), d.ledger, d.client, d.place, id, 0)
	if err != nil {
		t.Fatal(err)
	}
	d.changeSchema()
	told := map[ledger.State]int{}
	var mu sync.Mutex
	stop, err := sending.Submit(t.Context(), submit.Config{StopAfterDoubts: 1, Workers: 2, Rate: 200, Observe: func(e submit.Event) {
		mu.Lock()
		told[e.State]++
		mu.Unlock()
	}})
	if stop != nil || err != nil {
		t.Fatal(stop, err)
	}
	run, err := d.ledger.Run(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	// Ten leave before the change, of which the last may be met by it, and half of the other thirty fit after it; who was under
	// way then, the API refuses.
	totals := run.Totals
	if n := totals[ledger.Rejected]; n < 1 || n > 5 || totals[ledger.Ordered] < 24 || totals[ledger.Ordered] > 25 || totals[ledger.Invalid] != 40-n-totals[ledger.Ordered] {
		t.Errorf("%v", totals)
	}
	for state, n := range totals {
		if told[state] != n {
			t.Errorf("%d rows are %s, %d were told", n, state, told[state])
		}
	}
	if n := len(d.server.Audit()); n != totals[ledger.Ordered] {
		t.Errorf("%d orders, %v", n, totals)
	}
}

// A run whose packages cannot be looked at is not sent, and no row of it is judged.
func TestSchemaNotThere(t *testing.T) {
	d := newDesk(t)
	id := d.staged(header + person(1))
	client, server := d.elsewhere(nil)
	server.Close()
	var failure *connect.Error
	if _, err := importer.Sendable(t.Context(), d.ledger, client, d.place, id, 0); !errors.As(err, &failure) || failure.Kind != connect.Unreachable {
		t.Errorf("%v", err)
	}
	states, _ := d.states(id)
	want(t, "states", states, "ready")
}

// changeSchema has the API take other values of userGroup1 from the eleventh order on.
func (d *desk) changeSchema() {
	d.t.Helper()
	change, err := connecttest.ParseFault("schema-change-before@11/userGroup1=HR|Lager")
	if err == nil {
		err = d.server.AddFault(change)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// A row that cannot be read ends a sending under way, and what was sent by then is told.
func TestUnreadableUnderWay(t *testing.T) {
	d := newDesk(t)
	text := header
	for n := range 30 {
		text += person(n)
	}
	id := d.stage(text, profile)
	sending, err := importer.Sendable(t.Context(), d.ledger, d.client, d.place, id, 0)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+d.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE contents SET payload = x'7B' WHERE id = (SELECT max(id) FROM contents)`); err != nil {
		t.Fatal(err)
	}
	d.changeSchema()
	_, err = sending.Submit(t.Context(), submit.Config{Workers: 1})
	if err == nil || !strings.Contains(err.Error(), "row 31: its order cannot be read") {
		t.Errorf("%v", err)
	}
	run, err := d.ledger.Run(t.Context(), id)
	if err != nil || run.State != ledger.RunStopped || run.Totals[ledger.Ordered] != 10 || len(d.server.Audit()) != 10 {
		t.Errorf("%+v, %v, %d orders", run, err, len(d.server.Audit()))
	}
}
