package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

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
	if before != after {
		t.Errorf("row %d, %s: %+v came back as %+v", row, column, before, after)
	}
}
