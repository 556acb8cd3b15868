package report

import (
	"strings"
	"testing"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/importer/sheet"
	"orderimport/validate"
	"orderimport/validate/damage"
)

// What was mended stands in the row's last column, cell by cell; the cells themselves stay as they were.
func TestMended(t *testing.T) {
	head := importer.Head{File: "hr.xlsx", Columns: []string{"Namn", "Mobil"}, StartedAt: sampleTime}
	row := &importer.Row{Number: 5, State: ledger.Ready, Cells: []sheet.Cell{text("Ã…sa"), {Text: "701234567", Kind: sheet.Number}}, Findings: []validate.Finding{
		{Code: damage.GarbledText, Severity: validate.Note, Column: "Namn", Cell: "A5", Field: "firstname", Value: "Ã…sa", Args: []string{"Åsa"}},
		{Code: damage.ZerosRestored, Severity: validate.Note, Column: "Mobil", Cell: "B5", Field: "phoneNumber", Value: "701234567", Args: []string{"+46701234567"},
			Evidence: []string{damage.Starts, "9", "97", "07"}},
		{Code: validate.DefaultUsed, Severity: validate.Note, Field: "simType", Args: []string{"eSIM"}},
		{Code: damage.ShortNumber, Severity: validate.Warning, Column: "Namn", Cell: "A5", Field: "firstname", Value: "7"},
	}}
	for lang, want := range map[validate.Lang]string{
		validate.Swedish: `A5 Namn: "Ã…sa" är text i fel teckenkodning och läses som "Åsa"; B5 Mobil: "701234567" hade tappat sin första nolla och läses som +46701234567 (9 siffror; 97 % av kolumnen börjar med 07)`,
		validate.English: `A5 Namn: "Ã…sa" is text in the wrong encoding and is read as "Åsa"; B5 Mobil: "701234567" had lost its first zero and is read as +46701234567 (9 digits; 97 % of this column start with 07)`,
	} {
		f := open(t, write(t, XLSX, head, []*importer.Row{row}, sampleSummary([]*importer.Row{row}), lang))
		lines, err := f.GetRows(f.GetSheetList()[0])
		if err != nil {
			t.Fatal(err)
		}
		cells := lines[1]
		if cells[0] != "Ã…sa" || cells[1] != "701234567" || cells[len(cells)-2] != want {
			t.Errorf("%s: %q", lang, cells)
		}
		got := string(write(t, CSV, head, []*importer.Row{row}, importer.Summary{}, lang))
		if want = strings.ReplaceAll(want, `"`, `""`); !strings.HasSuffix(got, ";\""+want+"\";5\r\n") {
			t.Errorf("%s: %s", lang, got)
		}
	}
}
