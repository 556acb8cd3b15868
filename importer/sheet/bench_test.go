package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// benchRows is the size of the tables that the benchmarks read, as testing.B can carry it on a small machine.
const benchRows = 50_000

// benchRecord is one row of ten columns as an HR system exports it; some cells are quoted.
func benchRecord(i int) []string {
	comment := ""
	if i%100 == 0 {
		comment = `"first;` + "\n" + `second"`
	}
	return []string{
		fmt.Sprint(100000 + i), "Åsa", "Bergström", fmt.Sprintf("asa.bergstrom%d@example.se", i), fmt.Sprintf("070%07d", i), "Försäljning",
		fmt.Sprint(4000 + i%50), "2026-12-01", "Säljare", comment,
	}
}

var benchCSV = sync.OnceValue(func() []byte {
	b := []byte("Anställningsnr;Förnamn;Efternamn;E-post;Mobil;Avdelning;Kostnadsställe;Startdatum;Titel;Kommentar\r\n")
	for i := range benchRows {
		for j, cell := range benchRecord(i) {
			if j > 0 {
				b = append(b, ';')
			}
			b = append(b, cell...)
		}
		b = append(b, "\r\n"...)
	}
	return b
})

func benchFile(b *testing.B, name string, data []byte) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// readAllRows is what the benchmarks measure: a whole reading, examination included.
func readAllRows(tb testing.TB, path string, want int) {
	f, err := Open(path, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	n := 0
	for _, err := range f.Rows() {
		if err != nil {
			tb.Fatal(err)
		}
		n++
	}
	if n != want {
		tb.Fatalf("%d rows, not %d", n, want)
	}
}

func BenchmarkCSV(b *testing.B) {
	path := benchFile(b, "in.csv", benchCSV())
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(benchCSV())))
		for b.Loop() {
			readAllRows(b, path, benchRows)
		}
		b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("rows", func(b *testing.B) { // without Open, which hashes and examines the whole file first
		b.SetBytes(int64(len(benchCSV())))
		for b.Loop() {
			b.StopTimer()
			f, err := Open(path, Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			for _, err := range f.Rows() {
				if err != nil {
					b.Fatal(err)
				}
			}
			f.Close()
		}
		b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("encoding_csv", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(benchCSV())))
		for b.Loop() {
			f, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			r := csv.NewReader(f)
			r.Comma, r.ReuseRecord = ';', true
			n := 0
			for {
				if _, err := r.Read(); err == io.EOF {
					break
				} else if err != nil {
					b.Fatal(err)
				}
				n++
			}
			f.Close()
			if n != benchRows+1 {
				b.Fatal(n)
			}
		}
		b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

// benchBook writes the table as a workbook with shared strings, as Excel saves it, or with inline ones.
func benchBook(tb testing.TB, rows int, inlined bool) string {
	tb.Helper()
	x := excelize.NewFile()
	defer x.Close()
	style, err := x.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		tb.Fatal(err)
	}
	start := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	header := []any{"Anställningsnr", "Förnamn", "Efternamn", "E-post", "Mobil", "Avdelning", "Kostnadsställe", "Startdatum", "Titel", "Kommentar"}
	record := func(i int) []any {
		r := benchRecord(i)
		return []any{100000 + i, r[1], r[2], r[3], r[4], r[5], 4000 + i%50, excelize.Cell{StyleID: style, Value: start}, r[8], r[9]}
	}
	if inlined {
		w, err := x.NewStreamWriter("Sheet1")
		if err != nil {
			tb.Fatal(err)
		}
		w.SetRow("A1", header)
		for i := range rows {
			if err := w.SetRow(fmt.Sprintf("A%d", i+2), record(i)); err != nil {
				tb.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			tb.Fatal(err)
		}
	} else {
		x.SetSheetRow("Sheet1", "A1", &header)
		for i := range rows {
			r := record(i)
			r[7] = start
			if err := x.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+2), &r); err != nil {
				tb.Fatal(err)
			}
		}
	}
	path := filepath.Join(tb.TempDir(), "in.xlsx")
	if err := x.SaveAs(path); err != nil {
		tb.Fatal(err)
	}
	return path
}

func BenchmarkXLSX(b *testing.B) {
	for _, inlined := range []bool{true, false} {
		rows, name := benchRows, "inline"
		if !inlined {
			name = "shared"
		}
		path := benchBook(b, rows, inlined)
		b.Run("ours/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				readAllRows(b, path, rows)
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
		b.Run("excelize/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				x, err := excelize.OpenFile(path)
				if err != nil {
					b.Fatal(err)
				}
				it, err := x.Rows("Sheet1")
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for it.Next() {
					if _, err := it.Columns(excelize.Options{RawCellValue: true}); err != nil {
						b.Fatal(err)
					}
					n++
				}
				it.Close()
				x.Close()
				if n != rows+1 {
					b.Fatal(n)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
