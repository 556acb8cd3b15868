package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/validate"
)

func TestJSONIsWhatScriptsRelyOn(t *testing.T) {
	rows := sampleRows()[:4]
	rows[2].Findings = rows[2].Findings[:1]
	message, _ := json.Marshal(rows[2].Findings[0].Message(validate.English))
	note, _ := json.Marshal(rows[0].Findings[0].Message(validate.English))
	want := `{"run": "r7k2m9x4tq",
 "file": "nyanställda <2026>.csv",
 "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
 "package": 1001,
 "endpoint": "https://connect-api-staging.a3.se",
 "dryRun": false,
 "totals": {"rows":4,"notSent":0,"sending":0,"ordered":1,"rejected":1,"inDoubt":1,"invalid":1,"held":0,"duplicate":0,"skipped":0,"closed":0},
 "rows": [
  {"row":2,"package":1001,"customer":"100200","status":"ordered","orderID":500001,"orderNumber":"A3-0500001","httpStatus":200,"sentAt":"2026-11-23T18:00:00Z","findings":[{"code":"default-used","severity":"note","column":"","cell":"","field":"simType","value":"","message":` + string(note) + `,"suggestion":"eSIM"}]},
  {"row":3,"package":1001,"customer":"100200","status":"inDoubt","reason":"no answer within 120s","requestID":"q-3","sentAt":"2026-11-23T18:00:00Z","findings":[]},
  {"row":4,"package":1001,"customer":"100200","status":"invalid","findings":[{"code":"not-allowed","severity":"error","column":"Avdelning","cell":"C4","field":"userGroup1","value":"Säljj","message":` + string(message) + `,"suggestion":"Försäljning"}]},
  {"row":5,"package":1001,"customer":"100200","status":"rejected","reason":"userGroup1 saknas","httpStatus":422,"sentAt":"2026-11-23T18:00:00Z","findings":[]}
 ]}
`
	got := string(write(t, JSON, sampleHead(), rows, sampleSummary(rows), validate.English))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestJSONOfADryRunWithoutRows(t *testing.T) {
	head := sampleHead()
	head.Run, head.DryRun = "", true
	got := write(t, JSON, head, nil, importer.Summary{}, validate.Swedish)
	var doc map[string]any
	if err := json.Unmarshal(got, &doc); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	if doc["run"] != nil || doc["package"] != nil || doc["dryRun"] != true {
		t.Errorf("run %v, package %v, dryRun %v; want null, null, true", doc["run"], doc["package"], doc["dryRun"])
	}
	if rows, ok := doc["rows"].([]any); !ok || len(rows) != 0 {
		t.Errorf("rows %v, want []", doc["rows"])
	}
	if n := len(doc["totals"].(map[string]any)); n != 11 {
		t.Errorf("%d totals, want 11", n)
	}
}

// TestJSONManyRows goes over the bounds of the spool's chunks.
func TestJSONManyRows(t *testing.T) {
	const n = 20_000
	var out bytes.Buffer
	w, err := New(JSON, &out, sampleHead(), validate.English)
	if err != nil {
		t.Fatal(err)
	}
	row := sampleRows()[2]
	for i := range n {
		row.Number, row.Customer = i+2, strings.Repeat(string(rune('a'+i*7%26)), i%40)
		if err := w.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(importer.Summary{Totals: ledger.Totals{ledger.Invalid: n}}); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Totals map[string]int
		Rows   []struct{ Row int }
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Rows) != n || doc.Totals["rows"] != n {
		t.Fatalf("%d rows, totals %d, want %d", len(doc.Rows), doc.Totals["rows"], n)
	}
	for i, r := range doc.Rows {
		if r.Row != i+2 {
			t.Fatalf("row %d stands at place %d", r.Row, i)
		}
	}
	if w.Close(importer.Summary{}) == nil {
		t.Error("closing twice is no error")
	}
}

func TestJSONTotals(t *testing.T) {
	got := string(JSONTotals(ledger.Totals{ledger.InDoubt: 2, ledger.Ready: 3}))
	want := `{"rows": 5, "notSent": 3, "sending": 0, "ordered": 0, "rejected": 0, "inDoubt": 2, "invalid": 0, "held": 0, "duplicate": 0, "skipped": 0, "closed": 0}`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// failing writes n bytes, then no more.
type failing struct{ n int }

var errFull = errors.New("disk full")

func (f *failing) Write(p []byte) (int, error) {
	if len(p) > f.n {
		return 0, errFull
	}
	f.n -= len(p)
	return len(p), nil
}

func TestAFullDiskIsAnError(t *testing.T) {
	for _, format := range []Format{XLSX, CSV, JSON} {
		t.Run(string(format), func(t *testing.T) {
			w, err := New(format, &failing{100}, sampleHead(), validate.English)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Abort()
			for range 100 {
				if err = w.Add(sampleRows()[0]); err != nil {
					break
				}
			}
			if err == nil {
				err = w.Close(importer.Summary{})
			}
			if !errors.Is(err, errFull) {
				t.Errorf("error %v, want %v", err, errFull)
			}
		})
	}
}
