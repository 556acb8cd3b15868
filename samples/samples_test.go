package samples

import (
	"archive/zip"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"orderimport/importer/connect"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
	"orderimport/validate"
	"orderimport/validate/damage"
)

//go:generate go test . -run TestSamples -update

var update = flag.Bool("update", false, "write the samples anew")

const title = "Nyanställda december 2026 – utdrag ur personalsystemet"

var labels = []string{"Anställningsnr", "Förnamn", "Efternamn", "E-post", "Mobil", "Avdelning", "Kostnadsställe", "Startdatum", "Titel", "Kommentar"}

// The columns of the table.
const (
	number = iota
	firstName
	lastName
	email
	mobile
	department
	costCentre
	start
	jobTitle
	remark
)

// people are first name, last name, department and title; the rest follows from their order.
var people = []string{
	"Åsa Lindqvist Sälj Säljare", "Björn Åkesson Lager Truckförare", "Cecilia Öberg Ekonomi Controller", "David Holmgren IT Systemutvecklare",
	"Elin Sjöström Kundtjänst Kundrådgivare", "Fredrik Hägglund Sälj Innesäljare", "Gunilla Ström HR HR-specialist", "Håkan Wåhlin Lager Lagerarbetare",
	"Ingrid Norén Ekonomi Redovisningsekonom", "Jörgen Ek Sälj Säljare", "Karin Söderlund Kundtjänst Teamledare", "Lars Brännström IT Nätverkstekniker",
	"Märta Hallén Sälj Säljare", "Niklas Sjöö Lager Lagerarbetare", "Olivia Backlund HR Rekryterare", "Pär Ljungqvist IT Supporttekniker",
	"Quirin Malm Ekonomi Ekonomiassistent", "Rebecka Åström Försäljning Key Account Manager", "Sören Fält Lager Lagerchef", "Tove Engdahl Kundtjänst Kundrådgivare",
	"Ulf Näslund Sälj Regionchef", "Viktoria Höök Sälj Säljare", "Wilhelm Rosén IT Arkitekt", "Ylva Grönberg Kundtjänst Kundrådgivare",
	"Zeynep Demir IT Testare", "Åke Törnkvist Lager Chaufför", "Ängla Dahlin HR HR-assistent", "Östen Bjurman Ekonomi Inköpare",
	"André Sundén Sälj Innesäljare", "Beatrice Lövgren Kundtjänst Kundrådgivare", "Christoffer Ahl IT Systemutvecklare", "Desirée Frisk Sälj Säljare",
	"Emil Häger Lager Lagerarbetare", "Frida Månsson Ekonomi Löneadministratör", "Gösta Rydén Sälj Säljare", "Hélène Asp HR HR-chef",
	"Isak Jönsson Lager Truckförare", "Johanna Strömbäck Kundtjänst Kundrådgivare", "Kjell Öhman IT Drifttekniker", "Linnéa Vikström Sälj Säljare",
	"Mattias Hård Lager Lagerarbetare", "Nadja Kovac Ekonomi Controller", "Oskar Sandström IT Produktägare", "Petra Wennberg Kundtjänst Schemaläggare",
	"Rasmus Löf Sälj Innesäljare", "Sanna Åberg Sälj Säljare", "Tobias Källström Lager Lagerarbetare", "Ulrika Blom HR Utbildningsansvarig",
	"Vidar Hjelm IT Säkerhetsspecialist", "Wilma Östlund Kundtjänst Kundrådgivare", "Agnes Björk Sälj Säljare", "Bertil Sjögren Lager Chaufför",
	"Camilla Nyström Ekonomi Redovisningschef", "Daniel Åhlén IT Systemutvecklare", "Ebba Lindén Kundtjänst Kundrådgivare", "Filip Hörnfeldt Sälj Säljare",
	"Greta Söder HR Rekryterare", "Hampus Ågren Lager Lagerarbetare", "Ida Wallén Sälj Säljare",
}

// faults are the spoilt cells, by their place in the table: what stands there and what validate calls it. All but mended make a row
// that cannot be ordered.
var faults = map[int]struct {
	column int
	text   string
	code   string
}{
	7:  {mobile, mended, damage.ZerosRestored},
	13: {email, "", validate.MissingValue},
	21: {department, "Försäljnng", validate.NotAllowed},
	30: {start, "2026-02-30", validate.ImpossibleDate},
	38: {start, "3/12/2026", validate.AmbiguousDate},
	46: {email, "tobias.kallstrom.example.se", validate.NotEmail},
}

// mended has lost its first zero; the rest of its column tells which number it is.
const mended = "701740612"

// again is the row that comes a second time at the end of the table.
const again = 17

var remarks = map[int]string{
	2:  "Behåller sitt nummer; flyttas från privat abonnemang",
	9:  "Kallas \"Jögge\"",
	18: "Dubbel SIM – en till surfplattan",
	33: "Tak 300 € per månad vid resa",
	51: "Hämtar i receptionen",
}

// table makes the rows below the header.
func table() [][]string {
	plain := strings.NewReplacer("å", "a", "ä", "a", "ö", "o", "é", "e", "è", "e")
	var rows [][]string
	day := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for i, person := range people {
		words := strings.SplitN(person, " ", 4)
		row := make([]string, len(labels))
		row[number] = strconv.Itoa(20461 + i)
		row[firstName], row[lastName], row[department], row[jobTitle] = words[0], words[1], words[2], words[3]
		row[email] = plain.Replace(strings.ToLower(words[0]+"."+words[1])) + "@example.se"
		row[mobile] = fmt.Sprintf("070-174 06 %02d", 5+i)
		row[costCentre] = map[string]string{"Sälj": "4110", "Försäljning": "4110", "Lager": "4200", "Ekonomi": "1300", "IT": "1500", "Kundtjänst": "4300", "HR": "1400"}[words[2]]
		row[start] = day.AddDate(0, 0, i/20*7+i%3).Format(time.DateOnly)
		row[remark] = remarks[i]
		if f, ok := faults[i]; ok {
			row[f.column] = f.text
		}
		rows = append(rows, row)
	}
	return append(rows, rows[again])
}

func csvFile(t *testing.T, rows [][]string) []byte {
	var b strings.Builder
	b.WriteString(title + "\r\n\r\n" + strings.Join(labels, ";") + "\r\n")
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(';')
			}
			if strings.ContainsAny(cell, ";\"\n") {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteString("\r\n")
	}
	data, err := charmap.Windows1252.NewEncoder().String(b.String())
	if err != nil {
		t.Fatal(err)
	}
	return []byte(data)
}

func workbook(t *testing.T, rows [][]string) []byte {
	try := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	x := excelize.NewFile()
	defer x.Close()
	const name = "Nyanställda"
	try(x.SetSheetName("Sheet1", name))
	style := func(s *excelize.Style) int {
		id, err := x.NewStyle(s)
		try(err)
		return id
	}
	format := "yyyy\\-mm\\-dd"
	bold, date := style(&excelize.Style{Font: &excelize.Font{Bold: true}}), style(&excelize.Style{CustomNumFmt: &format})
	set := func(column, row int, value any, style int) {
		cell, err := excelize.CoordinatesToCellName(column+1, row)
		try(err)
		try(x.SetCellValue(name, cell, value))
		if style != 0 {
			try(x.SetCellStyle(name, cell, cell, style))
		}
	}
	set(0, 1, title, bold)
	for i, label := range labels {
		set(i, 3, label, bold)
	}
	for i, row := range rows {
		for c, text := range row {
			day, err := time.Parse(time.DateOnly, text)
			n, isNumber := strconv.Atoi(text)
			switch {
			case text == "":
			case c == start && err == nil:
				set(c, i+4, day, date)
			case isNumber == nil:
				set(c, i+4, n, 0)
			default:
				set(c, i+4, text, 0)
			}
		}
	}
	for c, width := range []float64{14, 14, 14, 34, 16, 14, 15, 12, 22, 44} {
		column, err := excelize.ColumnNumberToName(c + 1)
		try(err)
		try(x.SetColWidth(name, column, column, width))
	}
	try(x.SetDocProps(&excelize.DocProperties{Created: "2026-11-23T08:00:00Z", Modified: "2026-11-23T08:00:00Z", Title: title}))
	b, err := x.WriteToBuffer()
	try(err)
	return b.Bytes()
}

// parts unpacks a workbook: two with the same parts are the same, however they were deflated.
func parts(t *testing.T, data []byte) map[string]string {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(content)
	}
	return all
}

// TestSamples checks that the two lists are what this file makes; with -update it writes them.
func TestSamples(t *testing.T) {
	rows := table()
	csv, xlsx := csvFile(t, rows), workbook(t, rows)
	if *update {
		for name, data := range map[string][]byte{"hr-export.csv": csv, "hr-export.xlsx": xlsx} {
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	const mend = "run go test ./samples -run TestSamples -update"
	if !bytes.Equal(csv, HRExportCSV) {
		t.Error("hr-export.csv is not what the generator makes; " + mend)
	}
	if !maps.Equal(parts(t, xlsx), parts(t, HRExportXLSX)) {
		t.Error("hr-export.xlsx is not what the generator makes; " + mend)
	}
	if len(rows) != 60 {
		t.Errorf("%d rows, want 60", len(rows))
	}
}

// catalogue has the package of the profile, as the sandbox has it.
type catalogue struct{}

func (catalogue) Schema(context.Context, string) (*connect.OrderSchema, error) { return schema, nil }

var schema = &connect.OrderSchema{PredefinedPackageID: 1001, Name: "Mobil Bas", Data: []connect.OrderDataItem{
	{Name: "firstname", Type: "String", Required: true},
	{Name: "lastname", Type: "String", Required: true},
	{Name: "email", Type: "Email", Required: true},
	{Name: "employeeNumber", Type: "String"},
	{Name: "phoneNumber", Type: "Phone"},
	{Name: "userGroup1", Type: "String", Required: true, AllowedValues: []string{"Ekonomi", "Försäljning", "HR", "IT", "Kundtjänst", "Lager & Logistik"}},
	{Name: "alias", Type: "String"},
	{Name: "costCenter", Type: "Integer"},
	{Name: "desiredActivationDate", Type: "Date", Required: true},
}}

// TestSamplesAreRead runs both lists through the dry run's layers: the same values of both, and each fault found in its cell.
func TestSamplesAreRead(t *testing.T) {
	profile, err := mapping.ParseProfile("profile.yaml", Profile)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var sent [][]string
	for name, data := range map[string][]byte{"hr-export.csv": HRExportCSV, "hr-export.xlsx": HRExportXLSX} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := sheet.Open(path, sheet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if f.HeaderRow != 3 || !slices.Equal(f.Columns, labels) {
			t.Fatalf("%s: header on row %d: %q", name, f.HeaderRow, f.Columns)
		}
		m, err := profile.Bind(context.Background(), f.Columns, catalogue{}, mapping.Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		checker, err := validate.New(now, f.Columns, nil)
		if err != nil {
			t.Fatal(err)
		}
		columns := damage.NewProfile([]int{number, mobile, start})
		for row, err := range f.Survey() {
			if err != nil {
				t.Fatal(err)
			}
			columns.Add(row.Cells)
		}
		checker.Compare(columns)
		var rec mapping.Record
		var values []string
		i := 0
		for row, err := range f.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Map(context.Background(), row, &rec); err != nil {
				t.Fatal(err)
			}
			found := checker.Check(&rec, nil)
			var want, got []string
			if f, ok := faults[i]; ok {
				want = []string{f.code + " " + sheet.ColumnName(f.column) + strconv.Itoa(i+4)}
			}
			for _, f := range found {
				got = append(got, f.Code+" "+f.Cell)
				if (f.Severity == validate.Error) != (f.Value != mended) {
					t.Errorf("%s, %s: severity %s", name, f.Cell, f.Severity)
				}
			}
			if !slices.Equal(got, want) || row.Number != i+4 {
				t.Errorf("%s, row %d: found %q, want %q", name, row.Number, got, want)
			}
			for _, v := range rec.Values {
				values = append(values, v.Text)
			}
			i++
		}
		if i != 60 {
			t.Errorf("%s: %d rows", name, i)
		}
		sent = append(sent, values)
	}
	if diff := cmp.Diff(sent[0], sent[1]); diff != "" {
		t.Errorf("the two lists are not sent alike:\n%s", diff)
	}
}

// TestNobodyIsReal keeps addresses and numbers where no person can have them.
func TestNobodyIsReal(t *testing.T) {
	for _, row := range table() {
		if at := row[email]; at != "" && !strings.HasSuffix(at, "example.se") {
			t.Errorf("address %q", at)
		}
		digits := strings.NewReplacer("-", "", " ", "").Replace(row[mobile])
		n, err := strconv.Atoi(strings.TrimPrefix(digits, "0"))
		if err != nil || n < 701740605 || n > 701740699 {
			t.Errorf("number %q", row[mobile])
		}
	}
}

func Example() {
	header := bytes.SplitN(HRExportCSV, []byte("\r\n"), 4)[2]
	text, err := charmap.Windows1252.NewDecoder().Bytes(header)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(text))
	// Output: Anställningsnr;Förnamn;Efternamn;E-post;Mobil;Avdelning;Kostnadsställe;Startdatum;Titel;Kommentar
}
