package report

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/importer/sheet"
	"orderimport/validate"
)

func TestCSV(t *testing.T) {
	rows := sampleRows()
	got := string(write(t, CSV, sampleHead(), []*importer.Row{rows[0], rows[3], rows[6], rows[7]}, importer.Summary{}, validate.Swedish))
	sent, zone := sampleTime.Local().Format(entryTime), sampleTime.Local().Format(" (UTC-07:00)")
	want := "\uFEFFFörnamn;Mobil;Avdelning;Startdatum;Kostnadsställe;Kommentar;Status;Ordernummer;Order-ID;Fel;Felkod;Körning;Tid" + zone + ";Kund i ordern;Paket i ordern;Anrops-ID;Rättat;Rad i filen\r\n" +
		"Åsa;0701234567;Ekonomi;2026-12-01;4711;'=1+1;Beställd;A3-0500001;500001;;;r7k2m9x4tq;" + sent + ";100200;1001;;;2\r\n" +
		"Ali;;IT;2026-12-01;0.5;'@SUM(A1);Avvisad;;;userGroup1 saknas;http-422;r7k2m9x4tq;" + sent + ";100200;1001;;;5\r\n" +
		"Bo;0701234562;Lager & Logistik;08:30:00;;;Redan beställd;A3-0400001;400001;\"redan beställd som A3-0400001 (körning r000000001a, rad 12)\";duplicate;r7k2m9x4tq;;100200;1001;;;8\r\n" +
		"\"Två\nrader\";;;;;;Utelämnad;;;Status == Slutat;;r7k2m9x4tq;;100200;1001;;;9\r\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestGuard(t *testing.T) {
	for _, c := range []struct{ field, want string }{
		{"", ""},
		{"Åsa", "Åsa"},
		{"=1+1", "'=1+1"},
		{"+46701234567", "+46701234567"},
		{"+46 70 123 45 67", "+46 70 123 45 67"},
		{"+46-70", "'+46-70"}, // a sum to Excel
		{"+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"},
		{"+", "'+"},
		{"-5", "-5"},
		{"-5,25", "-5,25"},
		{"-5.", "'-5."},
		{"-2+3", "'-2+3"},
		{"-", "'-"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\t=1", "'\t=1"},
		{"\r=1", "'\r=1"},
		{"\n=1", "'\n=1"},
		{"\x00=1", "'\x00=1"},
		{"＝1+1", "'＝1+1"},
		{"'t Hart", "'t Hart"},
		{"'=1", "''=1"},
		{"'+46701234567", "''+46701234567"},
	} {
		if got := guard(c.field); got != c.want {
			t.Errorf("guard(%q) = %q, want %q", c.field, got, c.want)
		}
	}
}

// unguard is what a reader does who wants the cells back.
func unguard(field string) string {
	if rest, ok := strings.CutPrefix(field, "'"); ok && startsFormula(strings.TrimLeft(rest, "'")) {
		return rest
	}
	return field
}

var anyCell = rapid.OneOf(
	rapid.StringMatching(`[-+=@';"\t\nåÅ_x0D 0-9]{0,8}`),
	rapid.String(),
)

func TestCSVGivesBackWhatItTook(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		cell := rapid.Map(anyCell, func(s string) string { return strings.ReplaceAll(s, "\r", "") }) // encoding/csv reads CR LF as LF
		fields := rapid.SliceOfN(cell, 2, 5).Draw(rt, "fields")
		head := importer.Head{Columns: make([]string, len(fields))}
		row := &importer.Row{Number: 2, State: ledger.Ready}
		for i, f := range fields {
			head.Columns[i] = sheet.ColumnName(i)
			row.Cells = append(row.Cells, text(f))
		}
		out := write(t, CSV, head, []*importer.Row{row}, importer.Summary{}, validate.English)
		r := csv.NewReader(bytes.NewReader(out))
		r.Comma = ';'
		lines, err := r.ReadAll()
		if err != nil || len(lines) != 2 {
			rt.Fatalf("%d lines, %v: %q", len(lines), err, out)
		}
		for i, f := range fields {
			got := lines[1][i]
			if startsFormula(got) && !plainPhone(got) && !plainNegative(got) {
				rt.Errorf("%q is a formula to a spreadsheet program", got)
			}
			if got := unguard(got); got != f {
				rt.Errorf("column %d: %q came back as %q", i, f, got)
			}
		}
	})
}
