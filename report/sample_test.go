package report

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/importer/sheet"
	"orderimport/validate"
)

var sampleTime = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

func sampleHead() importer.Head {
	return importer.Head{
		Run: "r7k2m9x4tq", File: "nyanställda <2026>.csv", SHA256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		Endpoint: "https://connect-api-staging.a3.se", HeaderRow: 1, StartedAt: sampleTime,
		Columns: []string{"Förnamn", "Mobil", "Avdelning", "Startdatum", "Kostnadsställe", "Kommentar"},
	}
}

func text(s string) sheet.Cell { return sheet.Cell{Text: s, Kind: sheet.Text} }

// sampleRows has each state once, and each kind of cell.
func sampleRows() []*importer.Row {
	date := sheet.Cell{Text: "2026-12-01", Kind: sheet.Date}
	row := func(n int, state ledger.State, cells ...sheet.Cell) *importer.Row {
		return &importer.Row{Number: n, State: state, Package: 1001, Customer: "100200", Cells: cells}
	}
	ordered := row(2, ledger.Ordered, text("Åsa"), text("0701234567"), text("Ekonomi"), date, sheet.Cell{Text: "4711", Kind: sheet.Number}, text("=1+1"))
	ordered.OrderID, ordered.OrderNumber, ordered.SentAt, ordered.HTTPStatus = 500001, "A3-0500001", sampleTime, 200
	ordered.Findings = []validate.Finding{{Code: "default-used", Severity: validate.Note, Field: "simType", Value: "", Suggestion: "eSIM"}}

	doubt := row(3, ledger.InDoubt, text("Örjan"), text("+46701234568"), text("HR"), date, sheet.Cell{}, text("+46 70 123 45 68"))
	doubt.Reason, doubt.Message, doubt.RequestID, doubt.SentAt = "timeout", "no answer within 120s", "q-3", sampleTime

	invalid := row(4, ledger.Invalid, text("Eva <b>&"), sheet.Cell{Text: "701234569", Kind: sheet.Number}, text("Säljj"), sheet.Cell{Text: "2026-12-01 08:30:00", Kind: sheet.Date},
		sheet.Cell{Text: "#N/A", Kind: sheet.Error}, text("-2+3"), text("en till"))
	invalid.Findings = []validate.Finding{
		{Code: "not-allowed", Severity: validate.Error, Column: "Avdelning", Cell: "C4", Field: "userGroup1", Value: "Säljj", Suggestion: "Försäljning"},
		{Code: "lost-leading-zero", Severity: validate.Error, Column: "Mobil", Cell: "B4", Field: "phoneNumber", Value: "701234569", Suggestion: "+46701234569"},
		{Code: "cell-error", Severity: validate.Warning, Column: "Kostnadsställe", Cell: "E4", Field: "costCenter", Value: "#N/A"},
		{Code: "extra-cells", Severity: validate.Error, Cell: "G4", Value: "en till"},
	}

	rejected := row(5, ledger.Rejected, text("Ali"), text(""), text("IT"), date, sheet.Cell{Text: "0.5", Kind: sheet.Number}, text("@SUM(A1)"))
	rejected.Reason, rejected.Message, rejected.HTTPStatus, rejected.SentAt = "http-422", "userGroup1 saknas", 422, sampleTime

	held := row(6, ledger.Held, text("Kim"), text("0701234560"), text("IT"), sheet.Cell{Text: "30:15:00", Kind: sheet.Time}, sheet.Cell{Text: "true", Kind: sheet.Bool}, sheet.Cell{Kind: sheet.NoResult})
	held.Reason, held.TwinRun, held.TwinRow = "same-person", "r000000001a", 9
	hidden := row(7, ledger.Held, text("Dold"), text("0701234561"), text("IT"), date)
	hidden.Findings = []validate.Finding{{Code: "hidden-row", Severity: validate.Error}}

	duplicate := row(8, ledger.Duplicate, text("Bo"), text("0701234562"), text("Lager & Logistik"), sheet.Cell{Text: "08:30:00", Kind: sheet.Time})
	duplicate.OrderID, duplicate.OrderNumber, duplicate.TwinRun, duplicate.TwinRow = 400001, "A3-0400001", "r000000001a", 12

	skipped := row(9, ledger.Skipped, text("Två\nrader"))
	skipped.Reason = "Status == Slutat"
	closed := row(10, ledger.Closed, text("Ida"))
	closed.Reason, closed.By = "ska inte ha telefon", "eva@kontoret"
	return []*importer.Row{ordered, doubt, invalid, rejected, held, hidden, duplicate, skipped, closed,
		row(11, ledger.Ready, text("Redo")), row(12, ledger.Sending, text("Skickas"))}
}

func sampleSummary(rows []*importer.Row) importer.Summary {
	sum := importer.Summary{Package: 1001, Totals: ledger.Totals{}, Notes: []sheet.Note{{Code: "blank-row", Row: 13, Text: "blank row"}}}
	for _, r := range rows {
		sum.Totals[r.State]++
	}
	return sum
}

// write makes a whole result.
func write(t testing.TB, format Format, head importer.Head, rows []*importer.Row, sum importer.Summary, lang validate.Lang) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := New(format, &out, head, lang)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, r := range rows {
		if err := w.Add(r); err != nil {
			t.Fatal(fmt.Errorf("row %d: %w", r.Number, err))
		}
	}
	if err := w.Close(sum); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
