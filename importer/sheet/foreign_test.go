package sheet

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func TestHTML(t *testing.T) {
	tests := []struct{ name, page, want string }{
		{"plain", "<table><tr><th>Namn</th><th>Tal</th></tr><tr><td>Åsa</td><td>1</td></tr></table>", "1: Namn|Tal\n2: Åsa|1\n"},
		{"as Excel saves it", "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\">\n<head><meta charset=utf-8><style><!--td {color:red;}--></style></head><body><!--[if gte mso 9]><xml><x:Name>Blad1</x:Name></xml><![endif]--><table border=0>\n <col width=64>\n <tr height=20>\n  <td class=xl65>Namn</td>\n  <td x:num=\"1.234\">Tal</td>\n </tr>\n <tr>\n  <td>Åsa\n  Berg</td>\n  <td align=right>1,23</td>\n </tr></table></body></html>", "1: Namn|Tal\n2: Åsa Berg|1,23\n"},
		{"optional ends", "<TABLE><TBODY><TR><TD>Namn<TD>Tal<TR><TD>Åsa<TD>1</TABLE>", "1: Namn|Tal\n2: Åsa|1\n"},
		{"references and breaks", "<table><tr><td>Namn</td><td>Tal</td></tr><tr><td>&Aring;sa &amp; Bo<br>B</td><td> <b>1</b>&nbsp;2 </td></tr></table>", "1: Namn|Tal\n2: Åsa & Bo\\nB|1\u00a02\n"},
		{"only &nbsp;", "<table><tr><td>Namn<td>Tal</tr><tr><td>Åsa<td>&nbsp;</tr></table>", "1: Namn|Tal\n2: Åsa|\n"},
		{"spans", "<table><tr><td>Namn<td>Tal<td>Ort</tr><tr><td rowspan=2>Åsa<td>1<td>x</tr><tr><td>2<td>y</tr><tr><td colspan=2>Bo<td>z</tr></table>", "1: Namn|Tal|Ort\n2: Åsa|1|x\n3: |2|y\n4: Bo||z\n"},
		{"label over two columns", "<table><tr><th colspan=2>Namn<th>Ort</tr><tr><td>a<td>b<td>c</tr></table>", "1: Namn|Namn (2)|Ort\n2: a|b|c\n"},
		{"hidden row", "<table><tr><td>Namn<td>Tal</tr><tr style='display: none'><td>Åsa<td>1</tr></table>", "1: Namn|Tal\n2: Åsa|1 hidden\n"},
		{"table in a table", "<table><tr><td>meny<td><table><tr><td>Namn<td>Tal</tr><tr><td>Åsa<td>1</tr></table></tr></table>", "1: Namn|Tal\n2: Åsa|1\nnote 0: sheet\n"},
		{"script", "<script>if (a<b) document.write('<table>')</script><table><tr><td>Namn<td>Tal</tr><tr><td>Åsa<td>1<script>'</td>'</script></tr></table>", "1: Namn|Tal\n2: Åsa|1\n"},
		{"Windows-1252", "<meta http-equiv=Content-Type content='text/html; charset=windows-1252'><table><tr><td>Namn<td>Tal</tr><tr><td>\xc5sa<td>\x80</tr></table>", "1: Namn|Tal\n2: Åsa|€\n"},
		{"UTF-16", "\xff\xfe" + string(utf16Text("<table><tr><td>Namn<td>Tal</tr><tr><td>Åsa<td>1</tr></table>")), "1: Namn|Tal\n2: Åsa|1\n"},
		{"cut off", "<table><tr><td>Namn<td>Tal</tr><tr><td>Åsa<td>1", "cut off"},
		{"cut off behind a row", "<table><tr><td>Namn<td>Tal</tr><tr><td>Åsa<td>1</tr>", "cut off"},
		{"no table", "<html><form action=login></form></html>", "without a table"},
		{"long cell", "<table><tr><td>Namn<td>Tal</tr><tr><td>" + strings.Repeat("å", maxCellChars+1) + "</tr></table>", "a cell of more than 32767 characters"},
		{"wide", "<table><tr>" + strings.Repeat("<td colspan=1000>x", 17) + "</tr></table>", "more than 16384 columns"},
		{"deep", strings.Repeat("<table><tr><td>", 100), "more than 64 tables inside each other"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := dump(t, write(t, "in.xls", []byte(test.page)), Options{})
			if strings.Contains(got, "F: ") || strings.HasPrefix(got, "open: ") {
				if !strings.Contains(got, test.want) {
					t.Error(got)
				}
			} else if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func utf16Text(s string) []byte {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8))
	}
	return b
}

const excelXMLHead = `<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Styles><Style ss:ID="Default"/><Style ss:ID="d"><NumberFormat ss:Format="Short Date"/></Style><Style ss:ID="t"><NumberFormat ss:Format="Short Time"/></Style>
<Style ss:ID="e"><NumberFormat ss:Format="[h]:mm:ss"/></Style><Style ss:ID="z"><NumberFormat ss:Format="0000000000"/></Style><Style ss:ID="f"><NumberFormat ss:Format="Fixed"/></Style></Styles>
<Worksheet ss:Name="Blad1"><Table><Column ss:Width="10"/><Row><Cell><Data ss:Type="String">Namn</Data></Cell><Cell><Data ss:Type="String">Tal</Data></Cell></Row>
`

const excelXMLTail = `</Table><WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetVisible</Visible></WorksheetOptions></Worksheet></Workbook>`

func TestExcelXML(t *testing.T) {
	row := func(cell string) string {
		return `<Row><Cell><Data ss:Type="String">x</Data></Cell>` + cell + `</Row>`
	}
	second := func(want string) string { return "1: Namn|Tal\n2: x|" + want + "\n" }
	tests := []struct{ name, rows, want string }{
		{"number", row(`<Cell><Data ss:Type="Number">1.5</Data></Cell>`), second("1.5#")},
		{"fixed", row(`<Cell ss:StyleID="f"><Data ss:Type="Number">1.5</Data></Cell>`), second("1.5#")},
		{"zeros", row(`<Cell ss:StyleID="z"><Data ss:Type="Number">701234567</Data></Cell>`), second("0701234567#")},
		{"date", row(`<Cell ss:StyleID="d"><Data ss:Type="DateTime">2026-12-01T00:00:00.000</Data></Cell>`), second("2026-12-01d")},
		{"date and time", row(`<Cell ss:StyleID="d"><Data ss:Type="DateTime">2026-12-01T18:30:00.000</Data></Cell>`), second("2026-12-01 18:30:00d")},
		{"date and time of another zone's program", row(`<Cell ss:StyleID="d"><Data ss:Type="DateTime">2026-12-01T18:30:00.000Z</Data></Cell>`), second("2026-12-01 18:30:00d")},
		{"first day", row(`<Cell ss:StyleID="d"><Data ss:Type="DateTime">1900-01-01T00:00:00.000</Data></Cell>`), second("1900-01-01d")},
		{"before the calendar", row(`<Cell ss:StyleID="d"><Data ss:Type="DateTime">1850-01-01T00:00:00.000</Data></Cell>`), second("1850-01-01d")},
		{"time", row(`<Cell ss:StyleID="t"><Data ss:Type="DateTime">1899-12-31T07:30:00.000</Data></Cell>`), second("07:30:00t")},
		{"elapsed", row(`<Cell ss:StyleID="e"><Data ss:Type="DateTime">1900-01-01T12:00:00.000</Data></Cell>`), second("36:00:00t")},
		{"boolean", row(`<Cell><Data ss:Type="Boolean">1</Data></Cell>`), second("trueb")},
		{"error", row(`<Cell><Data ss:Type="Error">#N/A</Data></Cell>`), second("#N/A!")},
		{"rich text", row(`<Cell><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">Å<B>s</B>a&#10;b</ss:Data></Cell>`), second(`Åsa\nb`)},
		{"formula without result", row(`<Cell ss:Formula="=RC[-1]"/>`), second("?")},
		{"comment", row(`<Cell><Comment><Data>hej</Data></Comment></Cell>`), second("")},
		{"index", `<Row ss:Index="4"><Cell ss:Index="2"><Data ss:Type="String">x</Data></Cell></Row>`, "1: Namn|Tal\n4: |x\nnote 2: blank-rows\n"},
		{"merged", `<Row><Cell ss:MergeAcross="1"><Data ss:Type="String">x</Data></Cell><Cell><Data ss:Type="String">y</Data></Cell></Row>`, "1: Namn|Tal\n2: x||y [extra-cells 2 false]\n"},
		{"empty row", `<Row/><Row><Cell><Data ss:Type="String">a</Data></Cell></Row>`, "1: Namn|Tal\n3: a|\nnote 2: blank-row\n"},
		{"row's style and span", `<Row ss:StyleID="z" ss:Span="1"><Cell><Data ss:Type="Number">7</Data></Cell></Row>` + row(""), "1: Namn|Tal\n2: 0000000007#|\n4: x|\nnote 3: blank-row\n"},
		{"hidden", `<Row ss:Hidden="1"><Cell><Data ss:Type="String">x</Data></Cell></Row>`, "1: Namn|Tal\n2: x| hidden\n"},
		{"no number", row(`<Cell><Data ss:Type="Number">x</Data></Cell>`), `"x" is no Number`},
		{"index back", `<Row ss:Index="1"/>`, "the index 1"},
		{"index far", `<Row ss:Index="1048577"/>`, "the index 1048577"},
		{"ill-formed", `<Row><Cell></Row>`, "</Row> does not close <Cell>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := dump(t, write(t, "in.xls", []byte(excelXMLHead+test.rows+excelXMLTail)), Options{})
			if strings.Contains(got, "F: ") || strings.HasPrefix(got, "open: ") {
				if !strings.Contains(got, test.want) {
					t.Error(got)
				}
			} else if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
	merged := strings.Replace(excelXMLHead, "<Row><Cell>", `<Row><Cell ss:MergeAcross="1">`, 1) + row(`<Cell><Data ss:Type="String">y</Data></Cell><Cell><Data ss:Type="String">z</Data></Cell>`) + excelXMLTail
	if got, want := dump(t, write(t, "in.xls", []byte(merged)), Options{}), "1: Namn|Namn (2)|Tal\n2: x|y|z\n"; got != want {
		t.Error(cmp.Diff(want, got))
	}
	whole := excelXMLHead + row(`<Cell><Data ss:Type="String">å</Data></Cell>`) + excelXMLTail
	for n := 200; n < len(whole); n += 3 {
		if got := dump(t, write(t, "in.xls", []byte(whole[:n])), Options{}); !strings.HasPrefix(got, "open: ") {
			t.Fatalf("cut at %d: %s", n, got)
		}
	}
}

// protect saves the workbook with a password.
func protect(t *testing.T, book []byte, password string) []byte {
	t.Helper()
	locked, err := excelize.Encrypt(book, &excelize.Options{Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return locked
}

func TestPassword(t *testing.T) {
	// excelize writes a container that nobody can read of less than 4096 bytes, so something has to fill it.
	rnd, filling := rand.New(rand.NewPCG(1, 2)), make([]byte, 6000)
	for i := range filling {
		filling[i] = byte('a' + rnd.IntN(26))
	}
	book := newBook(cellRow(`<c r="B2"><v>1</v></c>`)).with("xl/styles.xml", "<cellStyleXfs>", "<!--"+string(filling)+"--><cellStyleXfs>").zip()
	locked := protect(t, book, "hemligt")
	tests := []struct {
		name     string
		data     []byte
		password string
		want     string
	}{
		{"right", locked, "hemligt", "1: Namn|Tal\n2: x|1#\n"},
		{"wrong", locked, "fel", "the password in ORDERIMPORT_FILE_PASSWORD does not open"},
		{"none", locked, "", "protected by a password"},
		{"only against changes", protect(t, book, defaultPassword), "", "1: Namn|Tal\n2: x|1#\n"},
		{"cut off", locked[:len(locked)/2], "hemligt", "cut off or damaged"},
	}
	for _, test := range tests {
		got := dump(t, write(t, "in.xlsx", test.data), Options{Password: test.password})
		if got != test.want && !(strings.HasPrefix(got, "open: ") && strings.Contains(got, test.want)) {
			t.Errorf("%s: %s", test.name, got)
		}
	}
}

// office makes a file of another format of a workbook, or skips the test where LibreOffice is missing.
func office(t *testing.T, book []byte, extension string) []byte {
	t.Helper()
	program := libreOffice()
	if program == "" {
		if os.Getenv("ORDERIMPORT_TEST_ALL") != "" {
			t.Fatal("LibreOffice (soffice) is missing")
		}
		t.Skip("LibreOffice (soffice) is missing")
	}
	dir := t.TempDir()
	in := filepath.Join(dir, "in.xlsx")
	if err := os.WriteFile(in, book, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-env:UserInstallation="+fileURL(filepath.Join(dir, "profile")), "--headless", "--convert-to", extension, "--outdir", filepath.Join(dir, "out"), in)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	made, err := os.ReadFile(filepath.Join(dir, "out", "in."+extension))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// conversionDirs lists what conversions left behind.
func conversionDirs(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), convertDirs+"*"))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

func TestConverted(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	header := `<row r="1">`
	for i, label := range []string{"Namn", "Mobil", "Startdatum", "Ändrad", "Klockan"} {
		header += `<c r="` + ColumnName(i) + `1" t="inlineStr"><is><t>` + label + `</t></is></c>`
	}
	book := newBook(header + `</row>` +
		`<row r="2"><c r="A2" t="inlineStr"><is><t>Åsa</t></is></c><c r="B2" s="5"><v>701234567</v></c><c r="C2" s="1"><v>46357</v></c><c r="D2" s="2"><v>46357.75</v></c><c r="E2" s="3"><v>0.5</v></c></row>` +
		`<row r="3" hidden="1"><c r="A3" t="b"><v>1</v></c><c r="B3"><v>0.1</v></c><c r="C3" t="e"><v>#N/A</v></c><c r="D3" s="4"><v>1.5</v></c><c r="E3"><f>1+1</f><v>2</v></c></row>`).zip()
	want := "1: Namn|Mobil|Startdatum|Ändrad|Klockan\n2: Åsa|0701234567#|2026-12-01d|2026-12-01 18:00:00d|12:00:00t\n3: trueb|0.1#|#N/A!|36:00:00t|2# hidden\n"
	extensions := []string{"xls", "ods", "fods"}
	if os.Getenv("ORDERIMPORT_TEST_ALL") == "" {
		extensions = extensions[:1]
	}
	for _, extension := range extensions {
		t.Run(extension, func(t *testing.T) {
			data := office(t, book, extension)
			path := write(t, "in.xlsx", data)
			if got := dump(t, path, Options{}); got != want {
				t.Error(cmp.Diff(want, got))
			}
			if left := conversionDirs(t); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			// Without the program the file is refused in one sentence; one that is cut off is so before it is asked for.
			t.Setenv("PATH", t.TempDir())
			got := dump(t, path, Options{})
			if !strings.HasPrefix(got, "open: F: this is a") || !strings.HasSuffix(got, "which only LibreOffice can convert, and it was not found") {
				t.Error(got)
			}
			for n := range 20 {
				cut := data[:len(data)*(n+1)/21]
				if got := dump(t, write(t, "in.xls", cut), Options{}); !strings.HasPrefix(got, "open: ") || strings.Contains(got, "LibreOffice") {
					t.Errorf("cut at %d of %d: %s", len(cut), len(data), got)
				}
			}
		})
	}
}

// binaryBook is a small .xlsb with one sheet, by its records ([MS-XLSB] 2.1).
func binaryBook() book {
	var records []byte
	record := func(kind int, data ...[]byte) {
		if kind < 0x80 {
			records = append(records, byte(kind))
		} else {
			records = append(records, byte(kind&0x7f|0x80), byte(kind>>7))
		}
		body := bytes.Join(data, nil)
		records = append(records, byte(len(body)))
		records = append(records, body...)
	}
	number := func(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
	text := func(s string) []byte { return append(number(uint32(len([]rune(s)))), utf16Text(s)...) }
	done := func() string {
		defer func() { records = nil }()
		return string(records)
	}
	b := book{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>` +
			`<Override PartName="/xl/worksheets/sheet1.bin" ContentType="application/vnd.ms-excel.worksheet"/></Types>`,
		"_rels/.rels":                `<Relationships ` + relNS + `><Relationship Id="rId1" Type="` + docRels + `officeDocument" Target="xl/workbook.bin"/></Relationships>`,
		"xl/_rels/workbook.bin.rels": `<Relationships ` + relNS + `><Relationship Id="rId1" Type="` + docRels + `worksheet" Target="worksheets/sheet1.bin"/></Relationships>`,
	}
	record(131) // the book, its list of sheets, one sheet
	record(143)
	record(156, number(0), number(1), text("rId1"), text("Blad1"))
	record(144)
	record(132)
	b["xl/workbook.bin"] = done()
	record(129) // the sheet, its rows
	record(145)
	for i, row := range [][]string{{"Namn", "Tal"}, {"Åsa", "1"}} {
		record(0, number(uint32(i)), number(0), []byte{0, 0, 0, 0, 0}, number(1), number(0), number(1))
		for j, s := range row {
			record(6, number(uint32(j)), number(0), text(s)) // a text of the cell's own
		}
	}
	record(146)
	record(130)
	b["xl/worksheets/sheet1.bin"] = done()
	return b
}

func TestBinaryWorkbook(t *testing.T) {
	path := write(t, "in.xlsx", binaryBook().zip())
	if libreOffice() != "" {
		if got, want := dump(t, path, Options{}), "1: Namn|Tal\n2: Åsa|1\n"; got != want {
			t.Error(cmp.Diff(want, got))
		}
	} else if os.Getenv("ORDERIMPORT_TEST_ALL") != "" {
		t.Error("LibreOffice (soffice) is missing")
	}
	t.Setenv("PATH", t.TempDir())
	if got := dump(t, path, Options{}); !strings.HasPrefix(got, "open: F: this is a binary workbook (.xlsb), which only LibreOffice can convert") {
		t.Error(got)
	}
	spoilt := patchDirectory(binaryBook().zip(), func(entry []byte, name string) {
		if name == "xl/worksheets/sheet1.bin" {
			entry[16] ^= 1
		}
	})
	if got := dump(t, write(t, "in.xlsb", spoilt), Options{}); !strings.Contains(got, "check sum is wrong") {
		t.Error(got)
	}
}

// fakeOffice puts a script in the place of LibreOffice. It finds the folder that it may write to in $HOME.
func fakeOffice(t *testing.T, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "soffice"), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	t.Setenv("TMPDIR", t.TempDir())
}

func TestConversionFails(t *testing.T) {
	ods := book{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}.zip()
	const hang = `sleep 600 & echo $! > "$MARK.new"; mv "$MARK.new" "$MARK"; wait`
	tests := []struct {
		name, script, want string
		limit              time.Duration
		interrupt          bool
	}{
		{"nothing made", "exit 0", "cannot convert it", time.Minute, false},
		{"failed", `mkdir out; echo x > out/table.xlsx; exit 1`, "cannot convert it", time.Minute, false},
		{"no workbook made", `mkdir out; echo x > out/table.xlsx`, "cannot be opened", time.Minute, false},
		{"too much made", `mkdir out; head -c 68000000 /dev/zero > out/table.xlsx`, "more than 64 MiB", time.Minute, false},
		{"far too much made", `mkdir out; head -c 600000000 /dev/zero > out/table.xlsx`, "cannot convert it", time.Minute, false},
		{"too slow", hang, "did not convert", 300 * time.Millisecond, false},
		{"stopped", hang, "was stopped", time.Minute, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			mark := filepath.Join(t.TempDir(), "mark")
			fakeOffice(t, "MARK='"+mark+"'\n"+test.script)
			defer func(limit time.Duration) { convertLimit = limit }(convertLimit)
			convertLimit = test.limit
			if test.interrupt {
				go func() {
					for range 500 {
						if _, err := os.Stat(mark); err == nil {
							self, _ := os.FindProcess(os.Getpid())
							self.Signal(syscall.SIGTERM)
							return
						}
						time.Sleep(10 * time.Millisecond)
					}
				}()
			}
			if got := dump(t, write(t, "in.ods", ods), Options{}); !strings.HasPrefix(got, "open: ") || !strings.Contains(got, test.want) {
				t.Error(got)
			}
			if left := conversionDirs(t); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if test.script != hang {
				return
			}
			text, err := os.ReadFile(mark)
			if err != nil {
				t.Fatal(err)
			}
			pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			child, _ := os.FindProcess(pid)
			for n := 0; child.Signal(syscall.Signal(0)) == nil && !zombie(pid); n++ {
				if n == 300 {
					t.Fatal("what it started is still there")
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
}

// zombie tells whether the process has ended and only waits for somebody to ask how.
func zombie(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && strings.Contains(string(text), ") Z ")
}

// TestStaleConversions removes what a killed program left, and nothing else.
func TestStaleConversions(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	old := time.Now().Add(-time.Hour)
	for _, name := range []string{convertDirs + "1", convertDirs + "2", "other"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, "2") {
			if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	removeStale()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 2 || left[0].Name() != convertDirs+"2" || left[1].Name() != "other" {
		t.Error(left)
	}
}

func TestOtherOLE(t *testing.T) {
	ole := append(bytes.Clone(oleMagic), make([]byte, 1000)...)
	if got := dump(t, write(t, "in.xls", ole), Options{}); !strings.Contains(got, "cut off or damaged") {
		t.Error(got)
	}
}
