package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
)

// write puts data into a file of its own.
func write(tb testing.TB, name string, data []byte) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

// dump reads a file and writes it as one text: the header, the rows with numbers and faults, the notes, the error.
func dump(tb testing.TB, path string, opt Options) string {
	tb.Helper()
	f, err := Open(path, opt)
	if err != nil {
		return "open: " + strings.ReplaceAll(err.Error(), path, "F")
	}
	defer f.Close()
	var b strings.Builder
	fmt.Fprintf(&b, "%d: %s\n", f.HeaderRow, strings.Join(f.Columns, "|"))
	for row, err := range f.Rows() {
		if err != nil {
			fmt.Fprintf(&b, "error: %s\n", strings.ReplaceAll(err.Error(), path, "F"))
			break
		}
		fmt.Fprintf(&b, "%d:", row.Number)
		for i, c := range row.Cells {
			sep := "|"
			if i == 0 {
				sep = " "
			}
			b.WriteString(sep + strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(c.Text))
			if c.Kind > Text {
				b.WriteString([]string{"#", "d", "t", "b", "!", "?"}[c.Kind-Number])
			}
		}
		if row.Hidden {
			b.WriteString(" hidden")
		}
		for _, fault := range row.Faults {
			fmt.Fprintf(&b, " [%s %d %v]", fault.Code, fault.Column, fault.Fatal)
		}
		b.WriteString("\n")
	}
	for _, n := range f.Notes {
		if n.Code != "encoding" {
			fmt.Fprintf(&b, "note %d: %s\n", n.Row, n.Code)
		}
	}
	return b.String()
}

// commentNotes are the notes about more comments than are listed.
func commentNotes() string {
	var b strings.Builder
	for n := 1; n < notesPerCode; n++ {
		fmt.Fprintf(&b, "note %d: comment\n", n)
	}
	fmt.Fprintf(&b, "note %d: more-notes\n", notesPerCode)
	return b.String()
}

// numbered writes the same cells as rows of these numbers.
func numbered(from, to int, cells string) string {
	var b strings.Builder
	for n := from; n <= to; n++ {
		fmt.Fprintf(&b, "%d: %s\n", n, cells)
	}
	return b.String()
}

func TestCSV(t *testing.T) {
	tests := []struct {
		name, in string
		opt      Options
		want     string
	}{
		{"plain", "Namn;Ort\nÅsa;Umeå\nBo;Kil\n", Options{}, "1: Namn|Ort\n2: Åsa|Umeå\n3: Bo|Kil\n"},
		{"no end of the last line", "a,b\n1,2\n3,4", Options{}, "1: a|b\n2: 1|2\n3: 3|4\n"},
		{"mixed line ends", "a;b\r\n1;2\r3;4\n5;6", Options{}, "1: a|b\n2: 1|2\n3: 3|4\n4: 5|6\n"},
		{"quotes", "a;b\n\"x;\"\"y\"\"\";\"\"\n", Options{}, "1: a|b\n2: x;\"y\"|\n"},
		{"break in quotes", "a;b\r\n\"x\r\ny\";2\r\n3;4\r\n", Options{}, "1: a|b\n2: x\\r\\ny|2\n4: 3|4\n"},
		{"blank lines", "a;b\n\n1;2\n\n\n;;\n3;4\n\n", Options{}, "1: a|b\n3: 1|2\n7: 3|4\nnote 2: blank-row\nnote 4: blank-rows\n"},
		{"titles", "Nyanställda\nUtskrift 2026-11-23\n\nNamn;Ort;Tel\nÅsa;Kil;0701234567\n", Options{}, "4: Namn|Ort|Tel\n5: Åsa|Kil|0701234567\nnote 1: title\nnote 2: title\n"},
		{"titles of an empty table", "Nyanställda 2026-11\n\nNamn;Ort;Lön*\n", Options{}, "3: Namn|Ort|Lön*\nnote 1: title\n"},
		{"one row below one label", "Namn och ort\nÅsa;Kil\n", Options{}, "1: Namn och ort\n2: Åsa|Kil [extra-cells 1 true]\n"},
		{"comments", "# skapad av HR\nNamn;Ort\nÅsa;Kil\n# slut\n", Options{}, "2: Namn|Ort\n3: Åsa|Kil\nnote 1: comment\nnote 4: comment\n"},
		{"more comments than rows", strings.Repeat("# a, b, c\n", 300) + "Namn;Ort\nÅsa;Kil\n", Options{}, "301: Namn|Ort\n302: Åsa|Kil\n" + commentNotes()},
		{"a comment that the delimiter cuts", "# HR, november, 2026\nNamn,Ort\nÅsa,Kil\n", Options{}, "2: Namn|Ort\n3: Åsa|Kil\nnote 1: title\n"},
		{"labels behind a #", "#Namn,Nr\nÅsa,1\nBo,2\n", Options{}, "1: #Namn|Nr\n2: Åsa|1\n3: Bo|2\n"},
		{"numbers behind a #", "Nr;Namn\n#1;Åsa\n#2;Bo\n", Options{}, "1: Nr|Namn\n2: #1|Åsa\n3: #2|Bo\n"},
		{"a sep line that is wrong", "sep=,\na;b\n1;2\n3;4\n", Options{}, "2: a|b\n3: 1|2\n4: 3|4\nnote 1: sep-line\n"},
		{"number sign as label", "#;Namn\n1;Åsa\n2;Bo\n", Options{}, "1: #|Namn\n2: 1|Åsa\n3: 2|Bo\n"},
		{"totals", "Namn;Ort;Kr\nÅsa;Kil;100\nBo;Umeå;150\nSumma;;250\n", Options{}, "1: Namn|Ort|Kr\n2: Åsa|Kil|100\n3: Bo|Umeå|150\nnote 4: totals-line\n"},
		{"totals only at the end", "Namn;Ort;Kr\nSumma;;250\nBo;Umeå;150\n", Options{}, "1: Namn|Ort|Kr\n2: Summa||250\n3: Bo|Umeå|150\n"},
		{"two lines of totals", "Namn;Ort;Kr\nÅsa;Kil;100\nSumma;;1\nTotalt;;2\n", Options{}, "1: Namn|Ort|Kr\n2: Åsa|Kil|100\n3: Summa||1\nnote 4: totals-line\n"},
		{"a person called Summa", "Namn;Ort;Kr\nSumma;Kil;100\n", Options{}, "1: Namn|Ort|Kr\n2: Summa|Kil|100\n"},
		{"ragged", "a;b;c\nx;y\nx;y;z;\nx;y;z;å\n", Options{}, "1: a|b|c\n2: x|y| [missing-cells -1 true]\n3: x|y|z\n4: x|y|z|å [extra-cells 3 true]\n"},
		{"open quote to the end", "a;b\n\"x;y\nz;w\n", Options{}, "1: a|b\n2: \"x|y [open-quote 0 true]\n3: z|w\n"},
		{"open quote to the next", "a;b\n\"x;y\nz;\"w\"\nu;v\n", Options{}, "1: a|b\n2: \"x|y [open-quote 0 true]\n3: z|w\n4: u|v\n"},
		{"open quote closed by luck", "a;b;c\n1;2;\"x\n3;4;5\n6;7;y\"\n8;9;0\n", Options{}, "1: a|b|c\n2: 1|2|\"x [open-quote 2 true]\n3: 3|4|5 [open-quote -1 true]\n4: 6|7|y\" [stray-quote 2 false] [open-quote -1 true]\n5: 8|9|0\n"},
		{"stray quotes", "a;b\n5\" rör;x\n\"u\"v;y\n\"w\" ;z\n", Options{}, "1: a|b\n2: 5\" rör|x [stray-quote 0 false]\n3: \"u\"v|y [stray-quote 0 true]\n4: w|z\n"},
		{"other quote", "a;b\n'x;y';\"\n", Options{Quote: "'"}, "1: a|b\n2: x;y|\"\n"},
		{"no quote", "a;b\n\"x;y\n", Options{Quote: "none"}, "1: a|b\n2: \"x|y\n"},
		{"tab", "a\tb\nx\ty,z\n", Options{}, "1: a|b\n2: x|y,z\n"},
		{"bar", "a|b\nx|y,z\n", Options{}, "1: a|b\n2: x|y,z\n"},
		{"decimal comma", "Namn;Kr;Kr2\nÅsa;12,50;1,5\nBo;13,75;2,5\n", Options{}, "1: Namn|Kr|Kr2\n2: Åsa|12,50|1,5\n3: Bo|13,75|2,5\n"},
		{"sep line", "sep=,\na,b\nx;y;z,w\n", Options{}, "2: a|b\n3: x;y;z|w\nnote 1: sep-line\n"},
		{"sep line with a blank", "sep=; \na;b\nx;y\n", Options{}, "2: a|b\n3: x|y\nnote 1: sep-line\n"},
		{"end mark of DOS", "a;b\r\n1;2\r\n\x1a", Options{}, "1: a|b\n2: 1|2\n"},
		{"end mark in the last line", "a;b\r\n1;2\x1a\x1a\r\n", Options{}, "1: a|b\n2: 1|2\n"},
		{"named delimiter", "a;b,c\nx;y,z\n", Options{Delimiter: ","}, "1: a;b|c\n2: x;y|z\n"},
		{"named control character", "a;b\x1fc\nx;y\x1fz\n", Options{Delimiter: `\x1f`}, "1: a;b|c\n2: x;y|z\n"},
		{"named thorn", "a;bþc\nx;yþz\n", Options{Delimiter: "þ"}, "1: a;b|c\n2: x;y|z\n"},
		{"one column", "Namn\nÅsa\nBo\n", Options{}, "1: Namn\n2: Åsa\n3: Bo\n"},
		{"no header", "1;asa@example.se;0701234567\n2;bo@example.se;0701234568\n", Options{}, "0: A|B|C\n1: 1|asa@example.se|0701234567\n2: 2|bo@example.se|0701234568\nnote 1: no-header\n"},
		{"labels on two lines", "Namn;Adress;;Tel\n;Gata;Ort;\nÅsa;Storg. 1;Kil;0701234567\nBo;Lillg. 2;Umeå;0701234568\n", Options{}, "2: Namn|Adress Gata|Adress Ort|Tel\n3: Åsa|Storg. 1|Kil|0701234567\n4: Bo|Lillg. 2|Umeå|0701234568\nnote 1: header-lines\n"},
		{"groups above labels that are there twice", "Anställd;;Chef;\nNamn;Tel;Namn;Tel\nÅsa;0701234567;Bo;0701234568\nLi;0701234569;Bo;0701234568\n", Options{}, "2: Anställd Namn|Anställd Tel|Chef Namn|Chef Tel\n3: Åsa|0701234567|Bo|0701234568\n4: Li|0701234569|Bo|0701234568\nnote 1: header-lines\n"},
		{"groups above labels that are there once", "Person;;Kontakt;\nNamn;Ort;E-post;Tel\nÅsa;Kil;a@example.se;0701234567\n", Options{}, "2: Namn|Ort|E-post|Tel\n3: Åsa|Kil|a@example.se|0701234567\nnote 1: title\n"},
		{"an unlabelled column and a row with a blank", "Namn;Ort;;Tel\n;Kil;x;0701234567\nBo;Umeå;;0701234568\n", Options{}, "1: Namn|Ort|C|Tel\n2: |Kil|x|0701234567\n3: Bo|Umeå||0701234568\n"},
		{"an unlabelled column and a row without a phone", "Namn;Ort;;Tel\n;Kil;x;\n;Umeå;y;\n", Options{}, "1: Namn|Ort|C|Tel\n2: |Kil|x|\n3: |Umeå|y|\n"},
		{"another table", "Nr;Ort;Tel\n1;Kil;0701234567\n\nAvdelning;Chef\nSälj;Eva\n\nx;y;z\n", Options{}, "1: Nr|Ort|Tel\n2: 1|Kil|0701234567\nnote 3: blank-row\nnote 4: other-table\n"},
		{"another table with a title, as Excel exports it", "Nr;Namn;Tel\n1;Åsa;0701234567\n;;\nChefer;;\nAvdelning;Chef;\nSälj;Eva;\n", Options{}, "1: Nr|Namn|Tel\n2: 1|Åsa|0701234567\nnote 3: blank-row\nnote 4: other-table\n"},
		{"a wider table", "Namn;Tel\nÅsa;0701234567\nBo;0701234568\nLi;0701234568\n\nAvdelning;Chef;Ort\nSälj;Eva;Kil\n", Options{}, "1: Namn|Tel\n2: Åsa|0701234567\n3: Bo|0701234568\n4: Li|0701234568\nnote 5: blank-row\nnote 6: other-table\n"},
		{"no other table: rows that lack something", "Namn;Ort;Tel\nÅsa;Kil;0701234567\n\nBo;Umeå;\nLi;Kil;\n", Options{}, "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n4: Bo|Umeå|\n5: Li|Kil|\nnote 3: blank-row\n"},
		{"no other table: one short row", "Namn;Ort;Tel\nÅsa;Kil;0701234567\n\nBo;Umeå\nLi;Kil;0701234568\n", Options{}, "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n4: Bo|Umeå| [missing-cells -1 true]\n5: Li|Kil|0701234568\nnote 3: blank-row\n"},
		{"no other table: short rows", "Namn;Ort;Tel\nÅsa;Kil;0701234567\n\nBo;Umeå\nLi;Kil\n", Options{}, "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n4: Bo|Umeå| [missing-cells -1 true]\n5: Li|Kil| [missing-cells -1 true]\nnote 3: blank-row\n"},
		{"no other table: no blank line", "Namn;Ort;Tel\nÅsa;Kil;0701234567\nBo;Umeå\nLi;Kil\n", Options{}, "1: Namn|Ort|Tel\n2: Åsa|Kil|0701234567\n3: Bo|Umeå| [missing-cells -1 true]\n4: Li|Kil| [missing-cells -1 true]\n"},
		{"another table right below", "Nr;Ort;Tel\n1;Kil;0701234567\n2;Umeå;0701234568\nAvdelning;Chef\nSälj;Eva\nIT;Bo\n", Options{}, "1: Nr|Ort|Tel\n2: 1|Kil|0701234567\n3: 2|Umeå|0701234568\nnote 4: other-table\n"},
		{"a wider table right below", "Nr;Tel\n1;0701234567\n2;0701234568\n3;0701234569\nAvdelning;Chef;Ort\nSälj;Eva;Kil\n", Options{}, "1: Nr|Tel\n2: 1|0701234567\n3: 2|0701234568\n4: 3|0701234569\nnote 5: other-table\n"},
		{"a table as wide right below", "Nr;Namn;Tel\n1;Åsa;0701234567\n2;Bo;0701234568\nKod;Avdelning;Antal\n10;Sälj;3\n20;IT;4\n", Options{}, "1: Nr|Namn|Tel\n2: 1|Åsa|0701234567\n3: 2|Bo|0701234568\nnote 4: other-table\n"},
		{"a table as wide below a blank line", "Nr;Namn;Tel\n1;Åsa;0701234567\n\nAvdelning;Chef;Ort\nSälj;Eva;Kil\n", Options{}, "1: Nr|Namn|Tel\n2: 1|Åsa|0701234567\nnote 3: blank-row\nnote 4: other-table\n"},
		{"a table of no known labels right below", "Mejl;Tel\na@example.se;0701234567\nb@example.se;0701234568\nSort;Vikt\nA;12\nB;13\n", Options{}, "1: Mejl|Tel\n2: a@example.se|0701234567\n3: b@example.se|0701234568\nnote 4: other-table\n"},
		{"another table far below", "Nr;Namn;Tel\n" + strings.Repeat("1;Åsa;0701234567\n", 300) + "Avdelning;Chef\nSälj;Eva\n", Options{}, "1: Nr|Namn|Tel\n" + numbered(2, 301, "1|Åsa|0701234567") + "note 302: other-table\n"},
		{"no other table: words for values that are not known", "Nr;Namn;Tel\n1;Åsa;0701234567\n2;Bo;0701234568\nsaknas;Li;okänd\nnytt;Eva;saknas\n", Options{}, "1: Nr|Namn|Tel\n2: 1|Åsa|0701234567\n3: 2|Bo|0701234568\n4: saknas|Li|okänd\n5: nytt|Eva|saknas\n"},
		{"no other table: labels of other names above rows of the same kinds", "Nr;Namn;Tel\n1;Åsa;0701234567\nId;Namn;Telefon\n2;Bo;0701234568\n", Options{}, "1: Nr|Namn|Tel\n2: 1|Åsa|0701234567\n3: Id|Namn|Telefon\n4: 2|Bo|0701234568\n"},
		{"no other table: a shifted row", "Nr;Förnamn;Efternamn\n1;Åsa;Ek\nBo;Ek\nLi;Ek\n", Options{}, "1: Nr|Förnamn|Efternamn\n2: 1|Åsa|Ek\n3: Bo|Ek| [missing-cells -1 true]\n4: Li|Ek| [missing-cells -1 true]\n"},
		{"the labels on each page", "Namn;Ort\nÅsa;Kil\n\nNamn;Ort\nBo;Umeå\n", Options{}, "1: Namn|Ort\n2: Åsa|Kil\n5: Bo|Umeå\nnote 3: blank-row\nnote 4: labels-again\n"},
		{"the labels behind a form feed", "Namn;Ort\nÅsa;Kil\n\fNamn;Ort\nBo;Umeå\n", Options{}, "1: Namn|Ort\n2: Åsa|Kil\n4: Bo|Umeå\nnote 3: labels-again\n"},
		{"labels again with duplicates", "Namn;Tel;Tel\nÅsa;1;2\nNamn;Tel;Tel\nBo;3;4\n", Options{}, "1: Namn|Tel|Tel (2)\n2: Åsa|1|2\n4: Bo|3|4\nnote 3: labels-again\n"},
		{"another table with a column more", "Namn;Ort;Tel\nÅsa;Kil;1\nNamn;Ort;Tel;Nr\nBo;Umeå;2;3\n", Options{}, "1: Namn|Ort|Tel\n2: Åsa|Kil|1\nnote 3: other-table\n"},
		{"another table with a column less", "Namn;Ort;Tel;Nr\nÅsa;Kil;1;2\n\nNamn;Ort;Tel\nBo;Umeå;2\n", Options{}, "1: Namn|Ort|Tel|Nr\n2: Åsa|Kil|1|2\nnote 3: blank-row\nnote 4: other-table\n"},
		{"a row like two of the labels", "Namn;Ort;Tel\nÅsa;Kil;1\nNamn;Ort\n", Options{}, "1: Namn|Ort|Tel\n2: Åsa|Kil|1\n3: Namn|Ort| [missing-cells -1 true]\n"},
		{"remarks below", "Namn;Ort;Tel\nÅsa;Kil;1\nAntal: 1\n\nLista över alla nyanställda\nSida 1 av 1;;\n*** slut ***\n", Options{}, "1: Namn|Ort|Tel\n2: Åsa|Kil|1\nnote 3: footnote\nnote 4: blank-row\nnote 5: footnote\nnote 6: footnote\nnote 7: footnote\n"},
		{"the number of rows below", "|id|namn|ort|\n|1|Åsa|Kil|\n|2|Bo|Umeå|\n2 rows in set (0.00 sec)\n", Options{}, "1: id|namn|ort\n2: 1|Åsa|Kil\n3: 2|Bo|Umeå\nnote 4: footnote\n"},
		{"numbers in front of all rows but the labels, which do not follow each other", "Namn;Ort\n1;Åsa;Kil\n3;Bo;Umeå\n", Options{}, "1: Namn|Ort\n2: 1|Åsa|Kil [extra-cells 2 true]\n3: 3|Bo|Umeå [extra-cells 2 true]\n"},
		{"totals and a remark below", "Namn;Ort;Kr\nÅsa;Kil;100\nSumma;;100\n\nKälla: HR\n", Options{}, "1: Namn|Ort|Kr\n2: Åsa|Kil|100\nnote 3: totals-line\nnote 4: blank-row\nnote 5: footnote\n"},
		{"a remark between rows", "Namn;Ort;Tel\nAntal: 1\nÅsa;Kil;1\n", Options{}, "1: Namn|Ort|Tel\n2: Antal: 1|| [missing-cells -1 true]\n3: Åsa|Kil|1\n"},
		{"a last row that is cut off", "Namn;Ort;Tel\nÅsa;Kil;1\nAnna Maria von", Options{}, "1: Namn|Ort|Tel\n2: Åsa|Kil|1\n3: Anna Maria von|| [missing-cells -1 true]\n"},
		{"a name behind a blank row", "Namn;Ort;Tel\nÅsa;Kil;1\n\nPage Ek;;\n", Options{}, "1: Namn|Ort|Tel\n2: Åsa|Kil|1\n4: Page Ek||\nnote 3: blank-row\n"},
		{"a title that fills cells", "Rapport;HR;2026-11-23;sida 1\nNamn;Ort;E-post;Mobil;Start\nÅsa;Kil;a@example.se;0701234567;2026-12-01\nBo;Umeå;b@example.se;0701234568;2026-12-01\n", Options{}, "2: Namn|Ort|E-post|Mobil|Start\n3: Åsa|Kil|a@example.se|0701234567|2026-12-01\n4: Bo|Umeå|b@example.se|0701234568|2026-12-01\nnote 1: title\n"},
		{"labels that are too few, above a row of words", "Namn;Tel\nÅsa;saknas;Kil\nBo;0701234567;Umeå\nLi;0701234568;Kil\n", Options{}, "1: Namn|Tel\n2: Åsa|saknas|Kil [extra-cells 2 true]\n3: Bo|0701234567|Umeå [extra-cells 2 true]\n4: Li|0701234568|Kil [extra-cells 2 true]\n"},
		{"a title as wide as the labels", "Rapport;HR;2026-11-23\nNamn;Ort;Tel\nÅsa;Kil;0701234567\nBo;Umeå;0701234568\n", Options{}, "2: Namn|Ort|Tel\n3: Åsa|Kil|0701234567\n4: Bo|Umeå|0701234568\nnote 1: title\n"},
		{"a title of words as wide as the labels, above words", "Lista;Nyanställda;November\nNamn;Ort;Avdelning\nÅsa;Kil;Sälj\nBo;Umeå;IT\n", Options{}, "2: Namn|Ort|Avdelning\n3: Åsa|Kil|Sälj\n4: Bo|Umeå|IT\nnote 1: title\n"},
		{"two titles as wide as the labels", "Rapport;HR;2026-11-23\nPeriod:;2026-11-01;2026-11-30\n\nNamn;Ort;Tel\nÅsa;Kil;0701234567\n", Options{}, "4: Namn|Ort|Tel\n5: Åsa|Kil|0701234567\nnote 1: title\nnote 2: title\n"},
		{"a title as wide as labels of no known kind", "Period:;2026-11-01;2026-11-30\nSort;Färg;Vikt\nA;röd;12\nB;blå;13\n", Options{}, "2: Sort|Färg|Vikt\n3: A|röd|12\n4: B|blå|13\nnote 1: title\n"},
		{"a title in each cell", "Personal;Personal;Personal\nNamn;Ort;Tel\nÅsa;Kil;0701234567\n", Options{}, "2: Namn|Ort|Tel\n3: Åsa|Kil|0701234567\nnote 1: title\n"},
		{"no title: a table of labels", "Fält;Rubrik;Typ\nname;Namn;text\nphone;Tel;siffror\n", Options{}, "1: Fält|Rubrik|Typ\n2: name|Namn|text\n3: phone|Tel|siffror\n"},
		{"no title: a label that is a date, above words", "Pass;2026-12-01;Plats\nKväll;saknas;okänd\nNatt;5;3\nDag;6;4\n", Options{}, "1: Pass|2026-12-01|Plats\n2: Kväll|saknas|okänd\n3: Natt|5|3\n4: Dag|6|4\n"},
		{"years as labels", "Namn;2024;2025;2026\nÅsa;1;2;3\nBo;4;5;6\n", Options{}, "1: Namn|2024|2025|2026\n2: Åsa|1|2|3\n3: Bo|4|5|6\n"},
		{"years as values", "Åsa;2024;2025;2026\nBo;2024;2025;2026\n", Options{}, "0: A|B|C|D\n1: Åsa|2024|2025|2026\n2: Bo|2024|2025|2026\nnote 1: no-header\n"},
		{"two files behind each other", "\ufeffNamn;Tel\nÅsa;1\n\ufeffNamn;Tel\nBo;2\n", Options{}, "1: Namn|Tel\n2: Åsa|1\n4: Bo|2\nnote 3: labels-again\n"},
		{"named header", "x;y\na;b\n1;2\n", Options{Header: 2}, "2: a|b\n3: 1|2\n"},
		{"header only", "Namn;Ort\n", Options{}, "1: Namn|Ort\n"},
		{"labels", "E-post; E-post ;;\"Mobil\nnr\";\na;b;c;d;\n", Options{}, "1: E-post|E-post (2)|C|Mobil nr\n3: a|b|c|d\n"},
		{"label taken", "x;x (2);x\na;b;c\n", Options{}, "1: x|x (2)|x (3)\n2: a|b|c\n"},
		{"line separators of Unicode in texts", "Namn;Ort\nÅsa\u2028Ek;\"Kil\u2029x\"\nBo\u0085Ek;Umeå\n", Options{}, "1: Namn|Ort\n2: Åsa\u2028Ek|Kil\u2029x\n3: Bo\u0085Ek|Umeå\n"},
		{"a long line with damaged quotes", "Namn;Text;Tel\nÅsa;x;1\nBo;\"" + strings.Repeat("y", 9000) + "\"z; lång\";2\nLi;\"w\";3\n", Options{}, "1: Namn|Text|Tel\n2: Åsa|x|1\n3: Bo|\"" + strings.Repeat("y", 9000) + "\"z| lång\"|2 [stray-quote 1 true] [stray-quote 2 false] [extra-cells 3 true]\n4: Li|w|3\n"},
		{"a long line with an open quote", "Namn;Text;Tel\nÅsa;x;1\nBo;\"" + strings.Repeat("y", 9000) + ";2\nLi;\"w\";3\n", Options{}, "1: Namn|Text|Tel\n2: Åsa|x|1\n3: Bo|\"" + strings.Repeat("y", 9000) + "|2 [open-quote 1 true]\n4: Li|w|3\n"},
		{"blanks kept", "a;b\n x ;\u00a0y\n", Options{}, "1: a|b\n2:  x |\u00a0y\n"},
		{"tags in one column", "tag\n#sverige\n#norge\n", Options{}, "1: tag\n2: #sverige\n3: #norge\n"},
		{"colours in one column", "Färg\n#ff0000\n#00ff00\n", Options{}, "1: Färg\n2: #ff0000\n3: #00ff00\n"},
		{"numbers behind a # in one column", "Nr\n#1\n#2\n", Options{}, "1: Nr\n2: #1\n3: #2\n"},
		{"tags of which one has nothing beside it", "Kanal;Medlemmar;Ämne\n#nytt;;\n#hr;3;lön\n#it\n", Options{}, "1: Kanal|Medlemmar|Ämne\n2: #nytt||\n3: #hr|3|lön\n4: #it|| [missing-cells -1 true]\n"},
		{"a comment without a blank, with all cells", "Kanal;Ämne\nsälj;x\n#nytt;\nit;y\n#slut;\n", Options{}, "1: Kanal|Ämne\n2: sälj|x\n4: it|y\nnote 3: comment\nnote 5: comment\n"},
		{"a person commented out", "Namn;Ort;Tel\n#Bo;Umeå;0701234568\nÅsa;Kil;0701234567\n#Slutade i mars\nEva;Kil;0701234569\nPer;Kil;0701234560\n", Options{}, "1: Namn|Ort|Tel\n2: #Bo|Umeå|0701234568\n3: Åsa|Kil|0701234567\n5: Eva|Kil|0701234569\n6: Per|Kil|0701234560\nnote 4: comment\n"},
		{"values that look like comments", "Nr;Text\n# 1;Åsa\n# 2;\n", Options{}, "1: Nr|Text\n2: # 1|Åsa\n3: # 2|\n"},
		{"values that look like comments in one column", "Text\n# 1\n# 2\nx\n# 3\n", Options{}, "1: Text\n2: # 1\n3: # 2\n4: x\n5: # 3\n"},
		{"values of one column that look like comments, and a row too long", "Text\n# 1\nett\ntvå;tre\nfyra\n", Options{Delimiter: ";"}, "1: Text\n2: # 1\n3: ett\n4: två|tre [extra-cells 1 true]\n5: fyra\n"},
		{"values of one column that all look like comments", "Text\n# 1\n# 2\n", Options{}, "1: Text\n2: # 1\n3: # 2\n"},
		{"comments below one column", "# av HR\nNamn\nÅsa\nBo\n# slut\n# HR\n", Options{}, "2: Namn\n3: Åsa\n4: Bo\nnote 1: comment\nnote 5: comment\nnote 6: comment\n"},
		{"comments with all cells", "Namn;Ort\nÅsa;Kil\n# norr;\nBo;Umeå\n# slut;\n", Options{}, "1: Namn|Ort\n2: Åsa|Kil\n4: Bo|Umeå\nnote 3: comment\nnote 5: comment\n"},
		{"comments without a blank", "Namn;Ort\nÅsa;Kil\n#norr\nBo;Umeå\n#slut\n", Options{}, "1: Namn|Ort\n2: Åsa|Kil\n4: Bo|Umeå\nnote 3: comment\nnote 5: comment\n"},
		{"no other table: a word among phones with and without 0", "Tel;Namn\n701234567;Åsa\n701234568;Bo\nväxel;Li\n0701234569;Eva\n0701234570;Per\n", Options{}, "1: Tel|Namn\n2: 701234567|Åsa\n3: 701234568|Bo\n4: växel|Li\n5: 0701234569|Eva\n6: 0701234570|Per\n"},
		{"no other table: a word among values of two kinds", "Värde;Ort\n12;Kil\nsaknas;Umeå\n2026-12-01;Lund\n2026-12-02;Lund\n", Options{}, "1: Värde|Ort\n2: 12|Kil\n3: saknas|Umeå\n4: 2026-12-01|Lund\n5: 2026-12-02|Lund\n"},
		{"no other table: words that labels are, among phones with and without 0", "Tel;Namn;Ort\n701234567;Åsa;Kil\nchef;Namn;Stad\n0701234569;Eva;Kil\n", Options{}, "1: Tel|Namn|Ort\n2: 701234567|Åsa|Kil\n3: chef|Namn|Stad\n4: 0701234569|Eva|Kil\n"},
		{"no other table: a short row with phones below a blank line", "Tel;Namn;Ort\n701234567;Åsa;Kil\n\nväxel;Li\n0701234569;Eva\n", Options{}, "1: Tel|Namn|Ort\n2: 701234567|Åsa|Kil\n4: växel|Li| [missing-cells -1 true]\n5: 0701234569|Eva| [missing-cells -1 true]\nnote 3: blank-row\n"},
		{"dashes for values that are missing", "Mätare;Jan;Feb\nA;---;---\n---;---;---\nB;1;2\n", Options{}, "1: Mätare|Jan|Feb\n2: A|---|---\n3: ---|---|---\n4: B|1|2\n"},
		{"dashes between rows", "p;q\n1;2\n--;--\n3;4\n", Options{}, "1: p|q\n2: 1|2\n3: --|--\n4: 3|4\n"},
		{"dashes in one column", "Betyg\nA\n---\nB\n", Options{}, "1: Betyg\n2: A\n3: ---\n4: B\n"},
		{"a line in some columns", "p;q;r\n1;2;3\n;---;---\n4;5;6\n---;;\n===;===;===\n7;8;9\n---;---;---\n", Options{}, "1: p|q|r\n2: 1|2|3\n4: 4|5|6\n7: 7|8|9\nnote 3: rule\nnote 5: rule\nnote 6: rule\nnote 8: rule\n"},
		{"a line of dashes at the end", "p;q\n1;2\n--;--\n", Options{}, "1: p|q\n2: 1|2\nnote 3: rule\n"},
		{"a line below the labels, on each page", "p;q\n--;--\n1;2\np;q\n--;--\n3;4\n", Options{}, "1: p|q\n3: 1|2\n6: 3|4\nnote 2: rule\nnote 4: labels-again\nnote 5: rule\n"},
		{"a line above the totals", "Namn;Ort;Kr\nÅsa;Kil;100\n---;---;---\nSumma;;100\n", Options{}, "1: Namn|Ort|Kr\n2: Åsa|Kil|100\nnote 3: rule\nnote 4: totals-line\n"},
		{"lines as wide as the columns", "Namn;Ort\n-----;----\nÅsa;Kil\n-----;----\nBo;Umeå\n", Options{}, "1: Namn|Ort\n3: Åsa|Kil\n5: Bo|Umeå\nnote 2: rule\nnote 4: rule\n"},
		{"a last row of one word with a sign", "A;B;C\n1;x;2\n*Nattpass;;\n", Options{}, "1: A|B|C\n2: 1|x|2\n3: *Nattpass||\n"},
		{"a last row of one word in brackets", "Kundtyp;Enkät;Ort\nA;x;Kil\n[tom];;\n", Options{}, "1: Kundtyp|Enkät|Ort\n2: A|x|Kil\n3: [tom]||\n"},
		{"words with signs behind a blank line", "A;B;C\n1;x;2\n\n* preliminärt\n** rättat\n", Options{}, "1: A|B|C\n2: 1|x|2\nnote 3: blank-row\nnote 4: footnote\nnote 5: footnote\n"},
		{"two years as labels", "Kommun;2024;2025\nKil;1;2\nUmeå;2;3\n", Options{}, "1: Kommun|2024|2025\n2: Kil|1|2\n3: Umeå|2|3\n"},
		{"years that do not follow each other as labels", "Country,1990,1995,2000\nSweden,1,2,3\n", Options{}, "1: Country|1990|1995|2000\n2: Sweden|1|2|3\n"},
		{"one year as label beside one that is known", "region;kön;2023\nRiket;män;5311412\n", Options{}, "1: region|kön|2023\n2: Riket|män|5311412\n"},
		{"years of which one is missing", "Åsa Ek;IT;2019;2024\nBo Al;HR;2020;\nEva Lo;HR;2021;\n", Options{}, "0: A|B|C|D\n1: Åsa Ek|IT|2019|2024\n2: Bo Al|HR|2020|\n3: Eva Lo|HR|2021|\nnote 1: no-header\n"},
		{"amounts that look like years", "Åsa;2000;2050\nBo;1500;900\n", Options{}, "0: A|B|C\n1: Åsa|2000|2050\n2: Bo|1500|900\nnote 1: no-header\n"},
		{"four amounts of equal steps", "Åsa;100;200;300;400\nBo;100;250;300;500\n", Options{}, "0: A|B|C|D|E\n1: Åsa|100|200|300|400\n2: Bo|100|250|300|500\nnote 1: no-header\n"},
		{"another table of which one column holds values", "Förnamn;Efternamn;E-post\n" + strings.Repeat("Åsa;Ek;asa@example.se\n", 6) + "Grupp;Ansvarig;Platser\nVäst;Bo;5\nÖst;Eva;6\n", Options{}, "1: Förnamn|Efternamn|E-post\n" + numbered(2, 7, "Åsa|Ek|asa@example.se") + "note 8: other-table\n"},
		{"one number that may be an amount", "Åsa;2000\nBo;31500\nLi;28000\n", Options{}, "0: A|B\n1: Åsa|2000\n2: Bo|31500\n3: Li|28000\nnote 1: no-header\n"},
		{"two years as values", "Åsa;1985;2010\nBo;1990;1990\nLi;;2020\n", Options{}, "0: A|B|C\n1: Åsa|1985|2010\n2: Bo|1990|1990\n3: Li||2020\nnote 1: no-header\n"},
		{"numbers of equal steps as labels", "Tid,0,10,20\nA,1.5,2.5,3.5\n", Options{}, "1: Tid|0|10|20\n2: A|1.5|2.5|3.5\n"},
		{"weeks as labels", "Enhet;1;2;3;4\nSälj;5;3;8;1\nIT;2;2;4;0\n", Options{}, "1: Enhet|1|2|3|4\n2: Sälj|5|3|8|1\n3: IT|2|2|4|0\n"},
		{"three amounts of equal steps", "Åsa;10;20;30\nBo;1;5;7\n", Options{}, "0: A|B|C|D\n1: Åsa|10|20|30\n2: Bo|1|5|7\nnote 1: no-header\n"},
		{"the numbers of columns and rows as labels", ",0,1\n0,0.5,0.25\n1,0.75,1.5\n", Options{}, "1: A|0|1\n2: 0|0.5|0.25\n3: 1|0.75|1.5\n"},
		{"the numbers of columns as labels", "0,1,2\n0.5,0.25,0.125\n0.75,1.5,2.5\n", Options{}, "1: 0|1|2\n2: 0.5|0.25|0.125\n3: 0.75|1.5|2.5\n"},
		{"the numbers of columns above values of all kinds", "1;2;3;4\n1001;Åsa;2026-12-01;12\n1002;Bo;2026-12-02;13\n", Options{}, "1: 1|2|3|4\n2: 1001|Åsa|2026-12-01|12\n3: 1002|Bo|2026-12-02|13\n"},
		{"numbers that go on", "1;2;3\n4;5;6\n7;8;9\n", Options{}, "0: A|B|C\n1: 1|2|3\n2: 4|5|6\n3: 7|8|9\nnote 1: no-header\n"},
		{"answers", "1;2;3\n3;1;2\n2;2;3\n", Options{}, "0: A|B|C\n1: 1|2|3\n2: 3|1|2\n3: 2|2|3\nnote 1: no-header\n"},
		{"rows with numbers", "1;2;3\n2;40;17\n3;20;50\n", Options{}, "0: A|B|C\n1: 1|2|3\n2: 2|40|17\n3: 3|20|50\nnote 1: no-header\n"},
		{"a date among dates is no label", "2026-01-01 00:00:00|INFO|Started\n2026-01-01 00:00:01|WARN|Slow, 5 s\n", Options{}, "0: A|B|C\n1: 2026-01-01 00:00:00|INFO|Started\n2: 2026-01-01 00:00:01|WARN|Slow, 5 s\nnote 1: no-header\n"},
		{"a link among links is no label", "https://a.se\nhttps://b.se\n", Options{}, "0: A\n1: https://a.se\n2: https://b.se\nnote 1: no-header\n"},
		{"a date as label above dates, beside words above numbers", "Nr;Namn;2026-12-01\n1;Åsa;2026-12-05\n2;Bo;2026-12-06\n", Options{}, "1: Nr|Namn|2026-12-01\n2: 1|Åsa|2026-12-05\n3: 2|Bo|2026-12-06\n"},
		{"metadata above a long table", "Stationsnamn;Klimatnummer;Höjd\nAbisko;188790;2.0\n\nParameternamn;Beskrivning;Enhet\nLufttemperatur;momentan;celsius\n\nDatum;Tid (UTC);Lufttemperatur;Kvalitet\n" + strings.Repeat("2026-01-01;01:00:00;-1.6;G\n", 20), Options{}, "7: Datum|Tid (UTC)|Lufttemperatur|Kvalitet\n" + numbered(8, 27, "2026-01-01|01:00:00|-1.6|G") + "note 1: title\nnote 2: title\nnote 4: title\nnote 5: title\n"},
		{"a list in two parts", "Sort;Färg\nA;röd\n\nNamn;blå\n" + strings.Repeat("C;12\n", 20), Options{}, "1: Sort|Färg\n2: A|röd\n4: Namn|blå\n" + numbered(5, 24, "C|12") + "note 3: blank-row\n"},
		{"a long table below one of people", "Namn;Mobil\nÅsa;0701234567\n\nKod;Avdelning;Antal\n" + strings.Repeat("10;Sälj;3\n", 20), Options{}, "1: Namn|Mobil\n2: Åsa|0701234567\nnote 3: blank-row\nnote 4: other-table\n"},

		{"two encodings, one with letters of the East", "Namn;Ort\nLinh;Nguy\xe1\xbb\x85n\n\xc5sa;\xd6berg\n", Options{}, "open: F: line 3: is not UTF-8, but other lines are: two encodings are mixed"},
		{"header not there", "a;b\n1;2\n", Options{Header: 9}, "open: F: row 9: is blank or not the start of a row, so it cannot be the header"},
		{"only blanks", " \n\n;;\n", Options{}, "open: F: holds no table: nothing but blank rows"},
		{"record separators", "Namn\x1fOrt\x1eÅsa\x1fKil\x1e", Options{}, "open: F: line 1: ends its rows with the record separator 0x1E, which is not read"},
		{"NUL", "a;b\n1;\x002\n", Options{}, "open: F: line 2: holds a NUL byte: this is no text"},
		{"bad delimiter", "a;b\n", Options{Delimiter: "xx"}, `open: F: cannot be the delimiter (read "xx")`},
		{"bad control character", "a;b\n", Options{Delimiter: `\x0a`}, `open: F: cannot be the delimiter (read "\\x0a")`},
		{"bad quote", "a;b\n", Options{Quote: "x"}, `open: F: cannot be the quote (read "x")`},
		{"bad encoding", "a;b\n", Options{Encoding: "klingon"}, `open: F: unknown encoding (read "klingon")`},
		{"mixed encodings", "a;b\nÅsa;Umeå\nBj\xf6rn;\xc5re\n", Options{}, "open: F: line 3: is not UTF-8, but other lines are: two encodings are mixed"},
		{"UTF-8 by order", "a;b\r\nx;\xe5\r\n", Options{Encoding: "UTF-8"}, "open: F: line 2: is not UTF-8"},
		{"endless line", "a;b\n" + strings.Repeat("x", maxRecord+10), Options{}, "open: F: line 2: is longer than 1048576 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if d := cmp.Diff(test.want, dump(t, write(t, "in.csv", []byte(test.in)), test.opt)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestEncodings(t *testing.T) {
	const in = "Förnamn;Avdelning\r\nÅsa;Försäljning\r\nPär;Räknenämnd\r\nZoë;Café\r\n"
	const want = "1: Förnamn|Avdelning\n2: Åsa|Försäljning\n3: Pär|Räknenämnd\n4: Zoë|Café\n"
	wide := func(big bool, text string) []byte {
		var b []byte
		for _, u := range utf16.Encode([]rune(text)) {
			if big {
				b = append(b, byte(u>>8), byte(u))
			} else {
				b = append(b, byte(u), byte(u>>8))
			}
		}
		return b
	}
	page := func(c *charmap.Charmap) []byte {
		b, err := c.NewEncoder().Bytes([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	tests := []struct {
		name string
		data []byte
		opt  string
		want string
	}{
		{"utf-8", []byte(in), "", "utf-8"},
		{"utf-8 with mark", []byte("\xef\xbb\xbf" + in), "", "utf-8"},
		{"utf-16le with mark", append([]byte{0xff, 0xfe}, wide(false, in)...), "", "utf-16le"},
		{"utf-16be with mark", append([]byte{0xfe, 0xff}, wide(true, in)...), "", "utf-16be"},
		{"utf-16le", wide(false, in), "", "utf-16le"},
		{"utf-16be", wide(true, in), "", "utf-16be"},
		{"windows-1252", page(charmap.Windows1252), "", "windows-1252"},
		{"macintosh", page(charmap.Macintosh), "", "macintosh"},
		{"cp850", page(charmap.CodePage850), "", "cp850"},
		{"iso-8859-15 by order", page(charmap.ISO8859_15), "iso-8859-15", "iso-8859-15"},
		{"latin1 by order", page(charmap.ISO8859_1), "ISO_8859-1", "windows-1252"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, "in.csv", test.data)
			opt := Options{Encoding: test.opt}
			if d := cmp.Diff(want, dump(t, path, opt)); d != "" {
				t.Error(d)
			}
			f, err := Open(path, opt)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if f.Encoding != test.want {
				t.Errorf("encoding %q, not %q", f.Encoding, test.want)
			}
		})
	}
	t.Run("few letters", func(t *testing.T) {
		for _, test := range []struct {
			chars *charmap.Charmap
			text  string
		}{
			{charmap.Windows1252, "Namn;Pris\nOlle;5 €\nBo;“x”\n"},
			{charmap.Windows1252, "Name;Text\nIt’s;“Hello” – he said…\n"},
			{charmap.Windows1252, "Name;Price\nCoat;£5\nHat;5€\n"},
			{charmap.Windows1252, "Namn;Ort\nOlle;Malmö\n"},
			{charmap.Windows1252, "NAMN;ORT\nOLLE;Å\nBO;ÖREBRO\n"},
			{charmap.Windows1252, "Namn;Antal\nOlle;2 å 3\n"},
			{charmap.Macintosh, "Namn;Ort\nOlle;Malmö\n"},
			{charmap.Macintosh, "NAMN;ORT\nOLLE;HÄRNÖSAND\n"},
			{charmap.Macintosh, "Namn;Antal\nOlle;2 å 3\n"},
			{charmap.CodePage850, "Namn;Ort\nOlle;Malmö\n"},
			{charmap.CodePage850, "NAMN;ORT\nOLLE;HÄRNÖSAND\n"},
			{charmap.CodePage850, "Namn;Antal\nOlle;2 å 3\n"},
		} {
			b, err := test.chars.NewEncoder().String(test.text)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.ReplaceAll(test.text, ";", "|"), "\n")
			want := "1: " + lines[0] + "\n"
			for i, line := range lines[1 : len(lines)-1] {
				want += fmt.Sprintf("%d: %s\n", i+2, line)
			}
			if d := cmp.Diff(want, dump(t, write(t, "in.csv", []byte(b)), Options{})); d != "" {
				t.Errorf("%s: %s", test.chars, d)
			}
		}
	})
	t.Run("half a surrogate", func(t *testing.T) {
		b := append([]byte{0xff, 0xfe}, wide(false, "a;b\n1;2\n3;")...)
		b = append(b, 0x00, 0xd8, 'x', 0)
		if got, want := dump(t, write(t, "in.csv", b), Options{}), "open: F: line 3: is not in utf-16le"; got != want {
			t.Error(got)
		}
	})
	t.Run("letters across chunks", func(t *testing.T) {
		text := "a;b\nx" + strings.Repeat("å;ö\nä", 60_000) + "\n"
		if got := dump(t, write(t, "in.csv", []byte(text)), Options{}); strings.Count(got, "ä") != 60_000 || strings.Contains(got, "error") {
			t.Error(got[:100])
		}
	})
	t.Run("broken far behind the head", func(t *testing.T) {
		text := "a;b\n" + strings.Repeat("å;ö\n", 100_000) + "\xe5;x\n"
		if got, want := dump(t, write(t, "in.csv", []byte(text)), Options{}), "open: F: line 100002: is not UTF-8, but other lines are: two encodings are mixed"; got != want {
			t.Error(got)
		}
	})
}

func TestRefused(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"empty.csv", nil, "the file is empty"},
		{"pdf.csv", []byte("%PDF-1.7 blah"), "a PDF document"},
		{"binary.csv", []byte("\x01\x02\x03\x04\x05\x06\x07\x08abc"), "a binary file"},
		{"cut.xlsx", []byte("PK\x03\x04 and no more"), "cut off or damaged"},
		{"utf32le.csv", []byte("\xff\xfe\x00\x00a\x00\x00\x00;\x00\x00\x00"), "in UTF-32"},
		{"utf32be.csv", []byte("\x00\x00\xfe\xff\x00\x00\x00a\x00\x00\x00;"), "in UTF-32"},
		{"utf32 without a mark.csv", []byte("a\x00\x00\x00;\x00\x00\x00b\x00\x00\x00\n\x00\x00\x00"), "in UTF-32"},
		{"json.csv", []byte("[\n  {\"Namn\": \"Åsa\"}\n]\n"), "this is JSON"},
		{"sylk.csv", []byte("ID;PWXL;N;E\r\nP;PGeneral\r\nC;Y1;X1;K\"Namn\"\r\nE\r\n"), "in SYLK"},
		{"dif.csv", []byte("TABLE\r\n0,1\r\n\"EXCEL\"\r\n"), "Data Interchange Format"},
		{"card.csv", []byte("BEGIN:VCARD\r\nN:Ek;Åsa\r\n"), "address cards"},
		{"elements.csv", []byte("<orders><order name=\"Åsa\"/></orders>"), "an XML file"},
		{"gzip.csv", []byte("\x1f\x8b\x08\x00"), "a gzip archive"},
	}
	for _, test := range tests {
		_, err := Open(write(t, test.name, test.data), Options{})
		var refused *FileError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), test.want) || refused.Hint == "" {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	var refused *FileError
	if _, err := Open(t.TempDir(), Options{}); !errors.As(err, &refused) {
		t.Errorf("folder: %v", err)
	}
	for _, text := range []string{"ID;Person\n1;Åsa\n", "ID;P\nB1;x\n", "<Namn>;<Tel>\nÅsa;1\n", "[Namn];{Tel}\nÅsa;1\n"} {
		if _, err := Open(write(t, "in.csv", []byte(text)), Options{}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	var missing *fs.PathError
	if _, err := Open(filepath.Join(t.TempDir(), "none.csv"), Options{}); !errors.As(err, &missing) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

func TestChangedFile(t *testing.T) {
	path := write(t, "in.csv", []byte("a;b\n1;2\n"))
	f, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.WriteFile(path, []byte("a;b\n1;3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range f.Rows() {
		last = err
	}
	if last == nil || !strings.Contains(last.Error(), "changed while it was read") {
		t.Error(last)
	}
}

func TestReadOnce(t *testing.T) {
	f, err := Open(write(t, "in.csv", benchCSV()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n := len(f.Samples()); n != sampleRows || len(f.Samples()[0]) != len(f.Columns) || f.Samples()[0][1].Text != "Åsa" {
		t.Errorf("%d samples", n)
	}
	before := runtime.NumGoroutine()
	for range f.Rows() {
		break // half-way, with more to read ahead
	}
	for i := 0; i < 100 && runtime.NumGoroutine() > before; i++ {
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines are left", n-before)
	}
	for _, err := range f.Rows() {
		if err == nil {
			t.Error("the rows came twice")
		}
		break
	}
}

// TestFarFromTheBeginning reads files whose beginning, by which they are examined, does not show all that they hold.
func TestFarFromTheBeginning(t *testing.T) {
	const rows = 30_000
	tests := []struct{ name, head, row, last, want string }{
		{"one column", "Text\n", "något\n", "ja; nej, kanske\n", "ja; nej, kanske"},
		{"one column below a label with a comma", "Namn, efternamn först\n", "Ek, Åsa\n", "Ek; Bo\n", "Ek; Bo\nnote 0: one-column"},
		{"a column without a label", "Namn;Ort;\n", "Åsa;Kil;\n", "Bo;Umeå;x\n", "Bo|Umeå|x"},
		{"quotes", "Namn;Ort\n", "Åsa;Kil\n", "Bo;\"a;\"\"b\"\"\"\n", "Bo|a;\"b\""},
		{"escapes", "Namn;Ort\n", "Åsa;\"Kil\"\n", `Bo;"sa \"hej\"; gick"` + "\n", `Bo|sa "hej"; gick [stray-quote 1 true]`},
		{"quotes of the other kind", "Namn;Ort\n", "Åsa;Kil\n", "Bo;'a;b'\n", "Bo|a;b [extra-cells -1 true]"},
		{"letters", "Namn;Ort\n", "Olle;Kil\n", "Bo;Ume\xe5\n", "Bo|Umeå"},
	}
	for _, test := range tests {
		got := dump(t, write(t, "in.csv", []byte(test.head+strings.Repeat(test.row, rows)+test.last)), Options{})
		if want := fmt.Sprintf("\n%d: %s\n", rows+2, test.want); !strings.HasSuffix(got, want) || strings.Count(got, "\n") != rows+2+strings.Count(test.want, "\n") {
			t.Errorf("%s: %q, not %q", test.name, got[max(0, len(got)-200):], want)
		}
	}
}

func TestManyBlankLines(t *testing.T) {
	f, err := Open(write(t, "in.csv", []byte("a;b\n1;2\n"+strings.Repeat("\nx;y\n", 1000))), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for range f.Rows() {
		n++
	}
	if n != 1001 || len(f.Notes) != notesPerCode {
		t.Errorf("%d rows, %d notes", n, len(f.Notes))
	}
}

// TestAgainstEncodingCSV writes tables of random shape and reads them with both readers. They differ by design in what
// the test leaves out: encoding/csv makes LF of CRLF inside quotes, knows no lone CR, and skips blank lines only if empty.
func TestAgainstEncodingCSV(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	words := []string{"Åsa", "Bo", "x y", "1,5", "12;3", `5" rör`, "två\nrader", "2026-12-01", "", " ", "070 123", "a\tb", "'q'", `"`, "å|ä"}
	for n := range 400 {
		delimiter := rune(delimiters[rnd.IntN(len(delimiters))][0])
		columns := 2 + rnd.IntN(8)
		var buf bytes.Buffer
		w := csv.NewWriter(&buf)
		w.Comma = delimiter
		header := make([]string, columns)
		for i := range header {
			header[i] = fmt.Sprintf("Kolumn %c", 'A'+i)
		}
		w.Write(header)
		for range 1 + rnd.IntN(30) {
			row := make([]string, columns)
			row[0] = fmt.Sprint(n + 7) // no row is blank
			for i := 1; i < columns; i++ {
				row[i] = words[rnd.IntN(len(words))]
			}
			w.Write(row)
		}
		w.Flush()
		r := csv.NewReader(bytes.NewReader(buf.Bytes()))
		r.Comma = delimiter
		type row struct {
			line  int
			cells []string
		}
		var want, got []row
		for {
			record, err := r.Read()
			if err != nil {
				break
			}
			line, _ := r.FieldPos(0)
			want = append(want, row{line, record})
		}
		option := string(delimiter)
		f, err := Open(write(t, "in.csv", buf.Bytes()), Options{Delimiter: option, Quote: `"`, Header: 1})
		if err != nil {
			t.Fatalf("%v\n%s", err, buf.Bytes())
		}
		got = append(got, row{f.HeaderRow, f.Columns})
		for r, err := range f.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			var cells []string
			for _, c := range r.Cells {
				cells = append(cells, c.Text)
			}
			got = append(got, row{r.Number, cells})
		}
		f.Close()
		if d := cmp.Diff(want, got, cmp.AllowUnexported(row{})); d != "" {
			t.Fatalf("%s\n%s", d, buf.Bytes())
		}
	}
}

// TestFindDelimiter asks for the delimiter of tables of ordinary content.
func TestFindDelimiter(t *testing.T) {
	rows := [][]string{
		{"Anställningsnr", "Förnamn", "E-post", "Mobil", "Lön", "Start", "Kommentar"},
		{"1001", "Åsa", "asa@example.se", "070-123 45 67", "31 500,50", "2026-12-01", "Börjar kl. 8, plan 2"},
		{"1002", "Bo", "bo@example.se", "0701234568", "28 000", "2026-12-15", ""},
		{"1003", "Li", "li@example.se", "+46701234569", "33 100,75", "2027-01-07", "Vikarie; halvtid"},
	}
	for _, delimiter := range delimiters {
		var buf bytes.Buffer
		w := csv.NewWriter(&buf)
		w.Comma = rune(delimiter[0])
		buf.WriteString("Lista över nyanställda, uttagen 2026-11-23\n")
		w.WriteAll(rows)
		f, err := Open(write(t, "in.csv", buf.Bytes()), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if f.Delimiter != delimiter || len(f.Columns) != 7 || f.HeaderRow != 2 {
			t.Errorf("%q read as %q: row %d, %q", delimiter, f.Delimiter, f.HeaderRow, f.Columns)
		}
		f.Close()
	}
}
