package sheet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocarina/gocsv"
	"github.com/google/go-cmp/cmp"
)

// newcomer is a row by its labels.
type newcomer struct {
	Row  int    `csv:"#row"`
	Name string `csv:"Namn"`
	Town string `csv:"Ort"`
}

func TestGocsv(t *testing.T) {
	f, err := Open(write(t, "in.csv", []byte("Lista\r\n\r\nNamn;Ort\r\n\"\xc5sa\r\nBerg\";Ume\xe5\r\n\r\nBo;Kil\r\n")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var got []newcomer
	if err := gocsv.UnmarshalCSV(NewCSVReader(f), &got); err != nil {
		t.Fatal(err)
	}
	want := []newcomer{{4, "Åsa\r\nBerg", "Umeå"}, {7, "Bo", "Kil"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestGocsvDamagedRow(t *testing.T) {
	f, err := Open(write(t, "in.csv", []byte("Namn;Ort\nÅsa;Umeå\n\"Bo;Kil\nLi;Ed\n")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := NewCSVReader(f)
	_, err = r.ReadAll()
	var refused *FileError
	if !errors.As(err, &refused) || refused.Cell != "A3" || !strings.Contains(err.Error(), "open-quote") {
		t.Error(err)
	}
	if _, again := r.Read(); again != err {
		t.Error(again)
	}
}

func TestGocsvClosed(t *testing.T) {
	f, err := Open(write(t, "in.csv", benchCSV()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := NewCSVReader(f)
	for range 3 {
		if _, err := r.Read(); err != nil {
			t.Fatal(err)
		}
	}
	r.Close()
	if _, err := r.Read(); err == nil {
		t.Error("a closed reader reads")
	}
}

func ExampleNewCSVReader() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "new.csv")
	if err := os.WriteFile(path, []byte("Namn;Ort\n\n\xc5sa;Kil\n"), 0o600); err != nil {
		panic(err)
	}
	f, err := Open(path, Options{})
	if err != nil {
		panic(err)
	}
	defer f.Close()
	var people []struct {
		Row  int    `csv:"#row"`
		Name string `csv:"Namn"`
	}
	if err := gocsv.UnmarshalCSV(NewCSVReader(f), &people); err != nil {
		panic(err)
	}
	for _, p := range people {
		fmt.Println(p.Row, p.Name)
	}
	// Output: 3 Åsa
}

func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "new.csv")
	if err := os.WriteFile(path, []byte("Nyanst\xe4llda\n\nNamn;Ort\n\xc5sa;Kil\nBo\n"), 0o600); err != nil {
		panic(err)
	}
	f, err := Open(path, Options{})
	if err != nil {
		panic(err)
	}
	defer f.Close()
	fmt.Printf("%s, %q, header in row %d: %q\n", f.Encoding, f.Delimiter, f.HeaderRow, f.Columns)
	for row, err := range f.Rows() {
		if err != nil {
			panic(err)
		}
		fmt.Println(row.Number, row.Cells[0].Text, len(row.Faults))
	}
	// Output:
	// windows-1252, ";", header in row 3: ["Namn" "Ort"]
	// 4 Åsa 0
	// 5 Bo 1
}
