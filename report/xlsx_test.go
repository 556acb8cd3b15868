package report

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/importer/sheet"
	"orderimport/validate"
)

func open(t testing.TB, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// part is one file of the workbook.
func part(t testing.TB, b []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWorkbookCells(t *testing.T) {
	rows := sampleRows()
	b := write(t, XLSX, sampleHead(), rows, sampleSummary(rows), validate.Swedish)
	f := open(t, b)
	shown, err := f.GetRows("Resultat")
	if err != nil {
		t.Fatal(err)
	}
	sent, zone := sampleTime.Local().Format(entryTime), sampleTime.Local().Format(" (UTC-07:00)")
	want := [][]string{
		{"Förnamn", "Mobil", "Avdelning", "Startdatum", "Kostnadsställe", "Kommentar", "Status", "Ordernummer", "Order-ID", "Fel", "Felkod", "Körning", "Tid" + zone, "Kund i ordern", "Paket i ordern", "Anrops-ID", "Rättat", "Rad i filen"},
		{"Åsa", "0701234567", "Ekonomi", "2026-12-01", "4711", "=1+1", "Beställd", "A3-0500001", "500001", "", "", "r7k2m9x4tq", sent, "100200", "1001", "", "", "2"},
		{"Örjan", "+46701234568", "HR", "2026-12-01", "", "+46 70 123 45 68", "Oviss", "", "",
			"kan redan vara beställd: inget svar kom i tid; fråga leverantören och avgör sedan raden med resolve", "timeout", "r7k2m9x4tq", sent, "100200", "1001", "q-3", "", "3"},
		{"Eva <b>&", "701234569", "Säljj", "2026-12-01 08:30:00", "#N/A", "-2+3", "Ogiltig", "", "", messages(rows[2]), "not-allowed, lost-leading-zero, cell-error, extra-cells", "r7k2m9x4tq", "", "100200", "1001", "", "", "4", "en till"},
		{"Ali", "", "IT", "2026-12-01", "0.5", "@SUM(A1)", "Avvisad", "", "", "userGroup1 saknas", "http-422", "r7k2m9x4tq", sent, "100200", "1001", "", "", "5"},
		{"Kim", "0701234560", "IT", "30:15:00", "TRUE", "#N/A", "Väntar på beslut", "", "", "samma som rad 9 i körning r000000001a, avgör raden med resolve", "same-person", "r7k2m9x4tq", "", "100200", "1001", "", "", "6"},
		{"Dold", "0701234561", "IT", "2026-12-01", "", "", "Väntar på beslut", "", "", messages(rows[5]), "hidden-row", "r7k2m9x4tq", "", "100200", "1001", "", "", "7"},
		{"Bo", "0701234562", "Lager & Logistik", "08:30:00", "", "", "Redan beställd", "A3-0400001", "400001", "redan beställd som A3-0400001 (körning r000000001a, rad 12)", "duplicate", "r7k2m9x4tq", "", "100200", "1001", "", "", "8"},
		{"Två\nrader", "", "", "", "", "", "Utelämnad", "", "", "Status == Slutat", "", "r7k2m9x4tq", "", "100200", "1001", "", "", "9"},
		{"Ida", "", "", "", "", "", "Stängd", "", "", "ska inte ha telefon (av eva@kontoret)", "", "r7k2m9x4tq", "", "100200", "1001", "", "", "10"},
		{"Redo", "", "", "", "", "", "Ej skickad", "", "", "", "", "r7k2m9x4tq", "", "100200", "1001", "", "", "11"},
		{"Skickas", "", "", "", "", "", "Skickas", "", "", "", "", "r7k2m9x4tq", "", "100200", "1001", "", "", "12"},
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}

	for cell, want := range map[string]string{"D2": "46357", "E2": "4711", "E5": "0.5", "B4": "701234569"} {
		if got, _ := f.GetCellValue("Resultat", cell, excelize.Options{RawCellValue: true}); got != want {
			t.Errorf("%s holds %q, want %q", cell, got, want)
		}
	}
	for cell, want := range map[string]excelize.CellType{
		"B2": excelize.CellTypeInlineString, "F2": excelize.CellTypeInlineString, "D2": excelize.CellTypeUnset, "E2": excelize.CellTypeUnset,
		"E6": excelize.CellTypeBool, "H2": excelize.CellTypeInlineString, "M2": excelize.CellTypeUnset,
	} {
		if got, _ := f.GetCellType("Resultat", cell); got != want {
			t.Errorf("%s is of type %v, want %v", cell, got, want)
		}
	}
	if xml := part(t, b, "xl/worksheets/sheet1.xml"); strings.Contains(xml, "<f>") || strings.Contains(xml, "<f ") {
		t.Error("the sheet holds a formula")
	}
}

// messages are all sentences of a row's findings.
func messages(row *importer.Row) string {
	var all []string
	for i := range row.Findings {
		all = append(all, row.Findings[i].Message(validate.Swedish))
	}
	return strings.Join(all, "; ")
}

func TestWorkbookMarksBadCells(t *testing.T) {
	rows := sampleRows()
	f := open(t, write(t, XLSX, sampleHead(), rows, sampleSummary(rows), validate.Swedish))
	fill := func(cell string) string {
		id, err := f.GetCellStyle("Resultat", cell)
		if err != nil {
			t.Fatal(err)
		}
		style, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		if len(style.Fill.Color) == 0 {
			return ""
		}
		return strings.TrimPrefix(style.Fill.Color[0], "FF")
	}
	for cell, want := range map[string]string{
		"A2": "", "A4": tones[toneBad].file, "B4": fillError, "C4": fillError, "E4": fillWarning, "S4": fillError,
		"G2": tones[toneGood].own, "G3": tones[toneDoubt].own, "G6": tones[toneWait].own,
	} {
		if got := fill(cell); got != strings.TrimPrefix(want, "FF") {
			t.Errorf("%s is filled %q, want %q", cell, got, want)
		}
	}

	comments, err := f.GetComments("Resultat")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range comments {
		got[c.Cell] = c.Author + " " + c.Text
	}
	want := map[string]string{}
	for i, cell := range []string{"C4", "B4", "E4", "S4"} {
		want[cell] = "orderimport " + rows[2].Findings[i].Message(validate.Swedish)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("comments (-want +got)\n%s", diff)
	}

	if visible, _ := f.GetRowVisible("Resultat", 7); visible {
		t.Error("a row that is hidden in the file is shown")
	}
	if visible, _ := f.GetRowVisible("Resultat", 6); !visible {
		t.Error("a held row is hidden")
	}
}

func TestWorkbookLayout(t *testing.T) {
	rows := sampleRows()
	b := write(t, XLSX, sampleHead(), rows, sampleSummary(rows), validate.English)
	f := open(t, b)
	if got := f.GetSheetList(); !cmp.Equal(got, []string{"Result", "Summary"}) {
		t.Errorf("sheets %v", got)
	}
	if got, _ := f.GetSheetDimension("Result"); got != "A1:S12" {
		t.Errorf("dimension %s, want A1:S12", got)
	}
	if panes, _ := f.GetPanes("Result"); !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes %+v", panes)
	}
	if names := f.GetDefinedName(); len(names) != 1 || !strings.Contains(names[0].RefersTo, "$A$1:$R$12") {
		t.Errorf("defined names %+v, want the filter's", names)
	}
	if w, _ := f.GetColWidth("Result", "C"); w != float64(len("Lager & Logistik")+3) {
		t.Errorf("column C is %v wide", w)
	}
	if w, _ := f.GetColWidth("Result", "J"); w != maxWidth+3 {
		t.Errorf("column J is %v wide", w)
	}
	for _, want := range []string{"<dimension ", "<cols>", "<sheetData>", "<autoFilter ", "<legacyDrawing "} {
		if n := strings.Count(part(t, b, "xl/worksheets/sheet1.xml"), want); n != 1 {
			t.Errorf("%s occurs %d times", want, n)
		}
	}
}

func TestSummaryAddsUp(t *testing.T) {
	rows := sampleRows()
	sum := sampleSummary(rows)
	f := open(t, write(t, XLSX, sampleHead(), rows, sum, validate.English))
	lines, err := f.GetRows("Summary")
	if err != nil {
		t.Fatal(err)
	}
	facts := map[string]string{}
	for _, l := range lines {
		if len(l) > 1 {
			facts[l[0]] = l[1]
		}
	}
	want := map[string]string{
		"File": "nyanställda <2026>.csv", "SHA-256": sampleHead().SHA256, "API": sampleHead().Endpoint, "Package": "1001", "Run": "r7k2m9x4tq",
		"Started": sampleTime.Local().Format(entryTime + " (UTC-07:00)"), "Dry run": "No", "Status": "Rows", "Total": fmt.Sprint(len(rows)),
	}
	total := 0
	for _, s := range ledger.States {
		want[StatusWord(s, false, validate.English)] = fmt.Sprint(sum.Totals[s])
		total += sum.Totals[s]
	}
	if total != len(rows) {
		t.Fatalf("the sample's totals are wrong")
	}
	if diff := cmp.Diff(want, facts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	last := lines[len(lines)-2:]
	if !cmp.Equal(last, [][]string{{"Row in file 13: blank row"}, {"rows that are hidden in the file, and so here: 1"}}) {
		t.Errorf("notes %q", last)
	}
}

func TestDryRunAndEmptyResult(t *testing.T) {
	head := sampleHead()
	head.Run, head.DryRun = "", true
	rows := sampleRows()[9:10]
	b := write(t, XLSX, head, rows, sampleSummary(rows), validate.English)
	f := open(t, b)
	if got, _ := f.GetCellValue("Result", "G2"); got != "Valid" {
		t.Errorf("status %q, want Valid", got)
	}
	if part(t, b, "xl/charts/chart1.xml") == "" {
		t.Error("no chart")
	}

	f = open(t, write(t, XLSX, head, nil, importer.Summary{}, validate.English))
	if got, _ := f.GetRows("Result"); len(got) != 1 || len(got[0]) != 18 {
		t.Errorf("rows %q, want the header only", got)
	}
}

func TestOwnLabelsAreUnique(t *testing.T) {
	once := appended(&importer.Head{Columns: []string{"Namn"}}, validate.Swedish)
	columns := append([]string{"Namn"}, once...)
	twice := appended(&importer.Head{Columns: columns}, validate.Swedish)
	seen := map[string]bool{}
	for _, label := range append(columns, twice...) {
		if seen[label] {
			t.Errorf("%q occurs twice", label)
		}
		seen[label] = true
	}
	if twice[0] != "Status (2)" {
		t.Errorf("%q, want Status (2)", twice[0])
	}
}

func TestSheetsTurnWhenFull(t *testing.T) {
	var out bytes.Buffer
	head := sampleHead()
	b, err := newWorkbook(&out, head, validate.English)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Abort()
	b.maxRows = 4
	rows := sampleRows()
	for _, r := range rows {
		if err := b.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Close(sampleSummary(rows)); err != nil {
		t.Fatal(err)
	}
	f := open(t, out.Bytes())
	if got := f.GetSheetList(); !cmp.Equal(got, []string{"Result", "Result 2", "Result 3", "Result 4", "Summary"}) {
		t.Fatalf("sheets %v", got)
	}
	var numbers []string
	for _, s := range f.GetSheetList()[:4] {
		lines, err := f.GetRows(s)
		if err != nil {
			t.Fatal(err)
		}
		if lines[0][0] != "Förnamn" {
			t.Errorf("%s begins with %q", s, lines[0])
		}
		for _, l := range lines[1:] {
			numbers = append(numbers, l[17])
		}
	}
	if got := strings.Join(numbers, " "); got != "2 3 4 5 6 7 8 9 10 11 12" {
		t.Errorf("rows %s", got)
	}
	if got, _ := f.GetSheetDimension("Result 4"); got != "A1:R3" {
		t.Errorf("dimension %s", got)
	}
}

func TestBoundsOfCommentsAndText(t *testing.T) {
	long := strings.Repeat("å", maxText-1) + "😀slut"
	bad := sampleRows()[2]
	bad.Findings = bad.Findings[:1]
	note := &importer.Row{Number: 1, State: ledger.Ready, Cells: []sheet.Cell{text(long)},
		Findings: []validate.Finding{{Code: "default-used", Severity: validate.Note, Column: "Mobil"}}}
	var rows []*importer.Row
	for range maxNoteComments + 10 {
		rows = append(rows, note)
	}
	rows = append(rows, bad)
	for range maxComments {
		rows = append(rows, bad)
	}
	f := open(t, write(t, XLSX, sampleHead(), rows, sampleSummary(rows), validate.English))
	comments, err := f.GetComments("Result")
	if err != nil {
		t.Fatal(err)
	}
	notes := 0
	for _, c := range comments {
		if strings.HasPrefix(c.Cell, "B") {
			notes++
		}
	}
	if len(comments) != maxComments || notes != maxNoteComments {
		t.Errorf("%d comments, %d of them notes; want %d, %d", len(comments), notes, maxComments, maxNoteComments)
	}
	if got, _ := f.GetCellValue("Result", "A2"); got != strings.Repeat("å", maxText-1) {
		t.Errorf("the long text has %d bytes", len(got))
	}
	lines, _ := f.GetRows("Summary")
	var told []string
	for _, l := range lines[len(lines)-2:] {
		told = append(told, l[0])
	}
	want := []string{
		fmt.Sprintf("cells that are cut here at the 32,767 characters that Excel takes: %d; the CSV result has them whole", maxNoteComments+10),
		"only the first 1500 errors have a comment at the cell; the rest stand in the column Error",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestWorkbookGivesBackWhatItTook(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOfN(rapid.Map(anyCell, func(s string) string {
			return strings.Map(func(r rune) rune {
				if r < ' ' && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF {
					return -1 // not in XML
				}
				return r
			}, s)
		}), 30, 30).Draw(rt, "texts")
		head := importer.Head{Columns: []string{"A"}}
		var rows []*importer.Row
		for i, s := range texts {
			rows = append(rows, &importer.Row{Number: i + 2, State: ledger.Ready, Cells: []sheet.Cell{text(s)}})
		}
		f := open(t, write(t, XLSX, head, rows, importer.Summary{}, validate.English))
		for i, s := range texts {
			got, err := f.GetCellValue("Result", fmt.Sprintf("A%d", i+2))
			if err != nil || got != s {
				rt.Errorf("%q came back as %q, %v", s, got, err)
			}
		}
	})
}

func TestValuesThatExcelWouldChangeStayText(t *testing.T) {
	for _, c := range []struct {
		cell   sheet.Cell
		want   any
		format format
	}{
		{sheet.Cell{Text: "0701", Kind: sheet.Number}, "0701", asText},
		{sheet.Cell{Text: "12345678901234567890", Kind: sheet.Number}, "12345678901234567890", asText},
		{sheet.Cell{Text: "-12.5", Kind: sheet.Number}, -12.5, asNumber},
		{sheet.Cell{Text: "1899-12-31", Kind: sheet.Date}, "1899-12-31", asText},
		{sheet.Cell{Text: "1900-03-01", Kind: sheet.Date}, time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC), asDate},
		{sheet.Cell{Text: "2026-02-30", Kind: sheet.Date}, "2026-02-30", asText},
		{sheet.Cell{Text: "12:61:00", Kind: sheet.Time}, "12:61:00", asText},
		{sheet.Cell{Text: "12:00:00", Kind: sheet.Time}, 0.5, asTime},
		{sheet.Cell{Text: "36:00:00", Kind: sheet.Time}, 1.5, asSpan},
		{sheet.Cell{Text: "2026-12-01", Kind: sheet.Text}, "2026-12-01", asText},
		{sheet.Cell{Kind: sheet.NoResult}, "#N/A", asText},
		{sheet.Cell{}, nil, asText},
	} {
		if got, format := cellValue(c.cell); got != c.want || format != c.format {
			t.Errorf("%+v: %#v, format %d; want %#v, %d", c.cell, got, format, c.want, c.format)
		}
	}
}

func TestTemporaryFilesArePrivateAndGo(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	stale := filepath.Join(temp, tempPrefix+"old")
	if err := os.Mkdir(stale, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(stale, time.Now(), time.Now().Add(-2*staleAfter)); err != nil {
		t.Fatal(err)
	}

	head := sampleHead()
	row := &importer.Row{Number: 2, State: ledger.Ready, Cells: []sheet.Cell{text(strings.Repeat("x", 20_000))}}
	for _, end := range []string{"Close", "Abort"} {
		w, err := New(XLSX, io.Discard, head, validate.English)
		if err != nil {
			t.Fatal(err)
		}
		private := files(t, temp)
		if !strings.HasPrefix(private, tempPrefix) || strings.Contains(private, " ") {
			t.Fatalf("temporary folder holds %q, want one private folder", private)
		}
		if info, err := os.Stat(filepath.Join(temp, private)); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
			t.Errorf("%v, %v", info, err)
		}
		for range 1100 { // over excelize's 16 MiB in memory
			if err := w.Add(row); err != nil {
				t.Fatal(err)
			}
		}
		if runtime.GOOS != "windows" {
			if got := files(t, filepath.Join(temp, private)); got != "" {
				t.Errorf("the rows' file has a name: %s", got)
			}
		}
		if end == "Close" {
			if err := w.Close(importer.Summary{}); err != nil {
				t.Fatal(err)
			}
		}
		w.Abort()
		if got := files(t, temp); got != "" {
			t.Errorf("after %s: %s", end, got)
		}
	}
}

// TestLibreOfficeReadsTheWorkbook asks a second opinion about the file.
func TestLibreOfficeReadsTheWorkbook(t *testing.T) {
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		if os.Getenv("ORDERIMPORT_TEST_ALL") == "1" {
			t.Fatal("LibreOffice (soffice) is missing")
		}
		t.Skip("LibreOffice (soffice) is missing: nobody else has read the workbook")
	}
	dir := t.TempDir()
	rows := sampleRows()
	path := filepath.Join(dir, "result.xlsx")
	if err := os.WriteFile(path, write(t, XLSX, sampleHead(), rows, sampleSummary(rows), validate.Swedish), 0o600); err != nil {
		t.Fatal(err)
	}
	// separator ";", quotes, UTF-8, from line 1, cells as shown
	out, err := exec.Command(soffice, "--headless", "-env:UserInstallation=file://"+filepath.ToSlash(filepath.Join(dir, "profile")),
		"--convert-to", "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true", "--outdir", dir, path).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(read(t, filepath.Join(dir, "result.csv")), "\uFEFF")))
	r.Comma = ';'
	r.FieldsPerRecord = -1
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) < 10 {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	for _, c := range []struct {
		line, column int
		want         string
	}{
		{0, 0, "Förnamn"}, {1, 1, "0701234567"}, {1, 3, "2026-12-01"}, {1, 5, "=1+1"}, {1, 7, "A3-0500001"}, {2, 1, "+46701234568"}, {3, 0, "Eva <b>&"}, {4, 5, "@SUM(A1)"},
	} {
		if got := lines[c.line][c.column]; got != c.want {
			t.Errorf("line %d, column %d: %q, want %q", c.line+1, c.column+1, got, c.want)
		}
	}
}

func BenchmarkResult(b *testing.B) {
	head := sampleHead()
	row := sampleRows()[0]
	for _, format := range []Format{XLSX, CSV, JSON} {
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			w, err := New(format, io.Discard, head, validate.Swedish)
			if err != nil {
				b.Fatal(err)
			}
			defer w.Abort()
			for b.Loop() {
				if err := w.Add(row); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(importer.Summary{}); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
