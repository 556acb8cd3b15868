package report

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orderimport/importer"
	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
	"orderimport/validate"
)

// TestAResultIsTheWayBackIn reads the workbook as an import does: each cell must be what it was, of the kind that it was.
func TestAResultIsTheWayBackIn(t *testing.T) {
	rows := sampleRows()
	path := filepath.Join(t.TempDir(), "result.xlsx")
	if err := os.WriteFile(path, write(t, XLSX, sampleHead(), rows, sampleSummary(rows), validate.Swedish), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := sheet.Open(path, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	columns := sampleHead().Columns
	if f.Sheet != "Resultat" || f.HeaderRow != 1 || !cmp.Equal(f.Columns[:len(columns)], columns) {
		t.Fatalf("sheet %q, header row %d, columns %q", f.Sheet, f.HeaderRow, f.Columns)
	}
	i := 0
	for row, err := range f.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if i == len(rows) {
			t.Fatalf("row %d is one too many", row.Number)
		}
		want := rows[i]
		i++
		if hidden := hasCode(want.Findings, validate.HiddenRow); row.Hidden != hidden {
			t.Errorf("row %d: hidden %t, want %t", row.Number, row.Hidden, hidden)
		}
		own, extra := splitCells(want, len(columns))
		for c := range columns {
			var before sheet.Cell
			if c < len(own) {
				before = own[c]
			}
			compare(t, row.Number, columns[c], before, row.Cells[c])
		}
		for c, before := range extra {
			compare(t, row.Number, "extra", before, row.Cells[len(columns)+len(headings)+c])
		}
	}
	if i != len(rows) {
		t.Errorf("%d rows came back, want %d", i, len(rows))
	}
}

// TestItsOwnColumnsAreNobodysFields matches a result's columns with a schema: what the result added feeds no field, makes no choice
// harder, and is not told as a column that is not used.
func TestItsOwnColumnsAreNobodysFields(t *testing.T) {
	schema := &connect.OrderSchema{PredefinedPackageID: 1001, Name: "Mobil Bas", Data: []connect.OrderDataItem{
		{Name: "firstname", Type: "string", Required: true}, {Name: "phoneNumber", Type: "phone"}, {Name: "userGroup1", Type: "string", AllowedValues: []string{"Ekonomi", "HR", "IT"}},
		{Name: "desiredActivationDate", Type: "date"}, {Name: "costCenter", Type: "string"}, {Name: "title", Type: "string"},
	}}
	columns := append([]string{"Kundnummer", "Paket", "Status", "Tid"}, sampleHead().Columns...)
	before := mapping.Suggest(columns, nil, schema, "")
	for _, lang := range []validate.Lang{validate.Swedish, validate.English} {
		head := sampleHead()
		head.Columns = columns
		labels := slices.Concat(columns, appended(&head, lang))
		head.Columns = labels
		labels = append(labels, appended(&head, lang)...) // the result of a result
		after := mapping.Suggest(labels, nil, schema, "")
		if len(before.Open) > 0 || !cmp.Equal(after.Targets, before.Targets) || !cmp.Equal(after.Open, before.Open) {
			t.Errorf("%s: %+v, open %+v, instead of %+v", lang, after.Targets, after.Open, before.Targets)
			continue
		}
		m, err := after.Profile.Bind(t.Context(), labels, one{schema}, mapping.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Unused(); !slices.Equal(got, []string{"Paket", "Status", "Tid", "Kommentar"}) {
			t.Errorf("%s: not used: %q", lang, got)
		}
	}
}

// earlier is what the mapping makes of a row under the labels.
func earlier(t *testing.T, labels, cells []string) mapping.Earlier {
	t.Helper()
	profile := mapping.Profile{Package: mapping.Source{Value: "1001"}, Customer: mapping.Source{Value: "1"}}
	m, err := profile.Bind(t.Context(), labels, one{&connect.OrderSchema{PredefinedPackageID: 1001}}, mapping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	row := sheet.Row{Number: 2}
	for _, s := range cells {
		row.Cells = append(row.Cells, text(s))
	}
	return m.Earlier(&row)
}

// TestAResultTellsWhatItSaid reads results in both languages, also the result of a result and one with its columns turned round: the
// mapping knows of each row in which run it was, which number it got, and whether an order may exist.
func TestAResultTellsWhatItSaid(t *testing.T) {
	harmless := []ledger.State{ledger.Ready, ledger.Invalid, ledger.Rejected, ledger.Skipped}
	for _, lang := range []validate.Lang{validate.Swedish, validate.English} {
		head := sampleHead()
		head.Columns = []string{"Status", "Tid"}
		labels := slices.Concat(head.Columns, appended(&head, lang))
		head.Columns = labels
		twice := slices.Concat(labels, appended(&head, validate.English))
		for _, state := range ledger.States {
			row := &importer.Row{Number: 7, State: state, Package: 1001, Customer: "100200"}
			if state == ledger.Ordered || state == ledger.Duplicate {
				row.OrderNumber, row.OrderID = "A3-1", 500001
			}
			if state == ledger.InDoubt {
				row.RequestID = "Q1"
			}
			e := newEntry(row, &head, lang)
			e.Run = "r0123456789"
			cells := slices.Concat([]string{"Ny", "nu"}, fieldsOf(&e))
			want := mapping.Earlier{Run: e.Run, Status: e.Status, State: state.Status(), OrderNumber: row.OrderNumber, OrderID: row.OrderID, Customer: "100200", Package: "1001", RequestID: row.RequestID}
			if want.Open() == slices.Contains(harmless, state) || want.Ordered() != (row.OrderNumber != "") || want.Doubt() != (state == ledger.InDoubt || state == ledger.Sending) {
				t.Errorf("%s: open %v, ordered %v, in doubt %v", state, want.Open(), want.Ordered(), want.Doubt())
			}
			expect := func(what string, got, want mapping.Earlier) {
				t.Helper()
				if got != want {
					t.Errorf("%s, %s, %s: %+v, want %+v", lang, state, what, got, want)
				}
			}
			expect("as written", earlier(t, labels, cells), want)
			later := entry{Status: StatusWord(ledger.InDoubt, false, validate.English), Run: "r9876543210"}
			expect("the result of a result", earlier(t, twice, slices.Concat(cells, fieldsOf(&later))),
				mapping.Earlier{Run: later.Run, Status: later.Status, State: "inDoubt", OrderNumber: row.OrderNumber, OrderID: row.OrderID, Customer: "100200", Package: "1001", RequestID: row.RequestID})
			expect("turned round", earlier(t, backwards(labels), backwards(cells)), want)
			hidden := *row
			hidden.Findings = append(hidden.Findings, validate.Finding{Code: validate.NotAllowed, Severity: validate.Error}, validate.Finding{Code: validate.HiddenRow, Severity: validate.Warning})
			withCode := newEntry(&hidden, &head, lang)
			withCode.Run = e.Run
			wantHidden := want
			wantHidden.Hidden = true
			expect("hidden in its file", earlier(t, labels, slices.Concat([]string{"Ny", "nu"}, fieldsOf(&withCode))), wantHidden)
			e.Run, want.Run = "", ""
			if row.OrderNumber == "" {
				want = mapping.Earlier{}
			}
			expect("of a dry run", earlier(t, labels, slices.Concat([]string{"Ny", "nu"}, fieldsOf(&e))), want)
		}
	}
	if got := earlier(t, []string{"Ordernummer", "Status", "Run"}, []string{"PO-17", "Ordered", "r2"}); got != (mapping.Earlier{}) {
		t.Errorf("columns of the file's own: %+v", got)
	}
	if got := earlier(t, []string{"Order number", "Run"}, []string{"", "r0123456789"}); !got.Open() {
		t.Errorf("a status that was taken away: %+v", got)
	}
	if valid := earlier(t, []string{"Status", "Körning"}, []string{"Giltig", "r0123456789"}); StatusWord(ledger.Ready, true, validate.Swedish) != "Giltig" || valid.Open() {
		t.Error("a row that a dry run found valid may be ordered")
	}
}

func backwards(list []string) []string {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

// fieldsOf are the cells that an entry adds to a row.
func fieldsOf(e *entry) []string {
	return []string{e.Status, e.OrderNumber, e.OrderID, e.Error, e.ErrorCode, e.Run, e.Time, e.Customer, e.Package, e.RequestID, e.Mended, strconv.Itoa(e.Row)}
}

// one is a catalogue of one package.
type one struct{ schema *connect.OrderSchema }

func (o one) Schema(context.Context, string) (*connect.OrderSchema, error) { return o.schema, nil }

// compare forgives what a workbook cannot hold: an error or a missing result comes back as the error's text, and an empty
// text as an empty cell.
func compare(t *testing.T, row int, column string, before, after sheet.Cell) {
	t.Helper()
	switch before.Kind {
	case sheet.Error, sheet.NoResult:
		if after.Text == cellText(before) {
			return
		}
	case sheet.Empty, sheet.Text:
		if before.Text == "" && after.Text == "" {
			return
		}
	}
	if before.Text != after.Text || before.Kind != after.Kind { // the format is the result's own
		t.Errorf("row %d, %s: %+v came back as %+v", row, column, before, after)
	}
}
