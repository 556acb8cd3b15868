package sheet

import (
	"bytes"
	"encoding/xml"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// FuzzZip reads any bytes as a zip archive; FuzzDetect and FuzzXLSX have what lies in one.
func FuzzZip(f *testing.F) {
	f.Add(newBook(headerRow).zip())
	f.Add(newBook(cellRow(`<c r="B2"><v>1</v></c>`), "<t>a</t>").zip())
	f.Add(book{"mimetype": "x", "content.xml": "<x/>"}.zip())
	f.Add(newArchive().bomb("xl/workbook.xml", "<workbook>", "<sheet/>", "</workbook>", 10).bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		t.Setenv("PATH", "") // no conversion
		tryFile(t, append([]byte("PK\x03\x04"), bytes.TrimPrefix(data, []byte("PK\x03\x04"))...), Options{})
	})
}

// elements tells how encoding/xml reads a text: how often each path of local names occurs. ok is false where it refuses it.
func elements(text []byte) (paths map[string]int, ok bool) {
	paths = map[string]int{}
	var path []string
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return paths, true
		}
		if err != nil {
			return nil, false
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			path = append(path, tok.Name.Local)
			paths[strings.Join(path, "/")]++
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

// FuzzSheetXML reads any text as the part of a sheet: what is taken has as many rows as encoding/xml finds in it.
func FuzzSheetXML(f *testing.F) {
	f.Add([]byte(newBook(headerRow)[sheetXML]))
	f.Add([]byte(`<x:worksheet xmlns:x="y"><x:cols><x:col min="1" max="2" hidden="1"/></x:cols><x:sheetData><x:row r='2'><x:c r="A2" t="str"><x:f/><x:v>a</x:v></x:c></x:row></x:sheetData><x:mergeCells><x:mergeCell ref="A1:B2"/></x:mergeCells></x:worksheet>`))
	f.Add([]byte(`<?xml version="1.0"?><worksheet><sheetData/></worksheet><!-- a -->`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r := &sheetRows{book: &workbook{archive: &archive{path: "F"}}, src: readAhead(bytes.NewReader(text), nil)}
		defer r.src.close()
		r.x = &xmlScanner{src: r.src.next}
		var row Row
		rows, last := 0, 0
		for {
			err := r.read(&row)
			if err == io.EOF {
				break
			}
			if err != nil {
				return
			}
			if row.Number <= last || row.Number > maxRows || len(row.Cells) > maxColumns {
				t.Fatalf("row %d after %d with %d cells", row.Number, last, len(row.Cells))
			}
			last = row.Number
			rows++
		}
		if paths, ok := elements(text); ok && paths["worksheet/sheetData/row"] != rows {
			t.Fatalf("%d rows, not %d", rows, paths["worksheet/sheetData/row"])
		}
	})
}

// FuzzStrings reads any text as the part of shared texts: what is taken is what encoding/xml finds in it.
func FuzzStrings(f *testing.F) {
	f.Add([]byte(`<sst><si><t>a</t></si><si/><si><r><rPr><b/></rPr><t xml:space="preserve"> b</t></r><rPh><t>c</t></rPh></si></sst>`))
	f.Add([]byte(`<sst><si><t>_x000D_ _x005F_x000D_ _xD83D__xDE00_</t></si><si><t><![CDATA[<&]]>&#229;&amp;</t></si></sst>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		x := &xmlScanner{src: readAllAtOnce(text)}
		table, err := readStrings(x)
		if err != nil {
			return
		}
		if paths, ok := elements(text); ok && paths["sst/si"] != table.count {
			t.Fatalf("%d texts, not %d", table.count, paths["sst/si"])
		}
		var theirs struct {
			SI []struct {
				T string `xml:"t"`
				R []struct {
					T string `xml:"t"`
				} `xml:"r"`
				Inner string `xml:",innerxml"`
			} `xml:"si"`
		}
		if xml.Unmarshal(text, &theirs) != nil || len(theirs.SI) != table.count {
			return
		}
		for i, si := range theirs.SI {
			if strings.Count(si.Inner, "<")-strings.Count(si.Inner, "</") > 1 || strings.Contains(si.Inner, "/>") {
				continue // of one text with nothing around it both know the meaning
			}
			got, ok := table.get(i)
			want := decodeEscapes([]byte(si.T), 0)
			if !ok || si.T != "" && !bytes.Equal(got, want) {
				t.Fatalf("text %d is %q, not %q", i, got, want)
			}
		}
	})
}

// readAllAtOnce gives a text to a scanner in one piece.
func readAllAtOnce(text []byte) func() ([]byte, error) {
	return func() ([]byte, error) { return text, io.EOF }
}

// FuzzStyles reads any text as the part of styles: what is taken has as many styles as encoding/xml finds in it.
func FuzzStyles(f *testing.F) {
	f.Add([]byte(newBook("")["xl/styles.xml"]))
	f.Add([]byte(`<styleSheet><numFmts><numFmt numFmtId="164" formatCode="[&lt;5]0;[Red]yyyy"/></numFmts><cellXfs><xf numFmtId="164"/><xf/></cellXfs></styleSheet>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		w := &workbook{}
		if err := w.readStyles(&xmlScanner{src: readAllAtOnce(text)}); err != nil {
			return
		}
		paths, ok := elements(text)
		for path := range paths {
			ok = ok && (strings.Count(path, "/") > 0 || path == "styleSheet")
		}
		if ok && paths["styleSheet/cellXfs/xf"] != len(w.formats) {
			t.Fatalf("%d styles, not %d", len(w.formats), paths["styleSheet/cellXfs/xf"])
		}
		for _, format := range w.formats {
			format.appendNumber(nil, []byte("46357.5"), false)
		}
	})
}

// FuzzDates gives any number to any format: what comes out as a date is the day that excelize finds, and tells the number again.
func FuzzDates(f *testing.F) {
	for _, code := range []string{"yyyy-mm-dd", "hh:mm", "[h]:mm", "0000", `000\-000`, "[<5]0;yyyy", `"a"0;;`, "General", "d/m AM/PM"} {
		for _, raw := range []string{"46357.75", "0", "60", "59.9999999", "1e5", "-3", "2958465.99999999", ".5"} {
			f.Add(code, raw, len(raw)%2 == 0)
		}
	}
	f.Fuzz(func(t *testing.T, code, raw string, date1904 bool) {
		b, kind, ok := parseFormat(code).appendNumber(nil, []byte(raw), date1904)
		if !ok {
			return
		}
		v, err := strconv.ParseFloat(raw, 64)
		if err != nil {
			t.Fatalf("%q is taken for a number", raw)
		}
		text := string(b)
		switch kind {
		case Number:
			if got, err := strconv.ParseFloat(text, 64); err != nil || got != v {
				t.Fatalf("%q for %q", text, raw)
			}
			if strings.ContainsAny(text, "eE+") || strings.HasPrefix(text, ".") {
				t.Fatalf("%q is no plain decimal", text)
			}
		case Date:
			layout := time.DateOnly
			if len(text) > len(layout) {
				layout = time.DateTime
			}
			at, err := time.Parse(layout, text)
			switch {
			case strings.HasPrefix(text, "1900-01-00") || strings.HasPrefix(text, "1900-02-29"):
				return // days that only Excel knows
			case err != nil:
				t.Fatalf("%q for %q", text, raw)
			}
			back := serial(at)
			if date1904 {
				back = float64(at.Unix()-time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC).Unix()) / daySeconds
			}
			if math.Abs(back-v) > 0.5001/daySeconds {
				t.Fatalf("%q for %q is %v", text, raw, back)
			}
			theirs, err := excelize.ExcelDateToTime(v, date1904)
			if v >= 61 && (err != nil || theirs.Sub(at).Abs() > time.Second) {
				t.Fatalf("%q here, %v there", text, theirs)
			}
		case Time:
			var seconds float64
			for _, part := range strings.Split(text, ":") {
				n, err := strconv.Atoi(part)
				if err != nil {
					t.Fatalf("%q for %q", text, raw)
				}
				seconds = seconds*60 + float64(n)
			}
			if math.Abs(seconds/daySeconds-v) > 0.5001/daySeconds {
				t.Fatalf("%q for %q", text, raw)
			}
		}
	})
}

// FuzzOLE reads any bytes as the container of old files.
func FuzzOLE(f *testing.F) {
	locked, err := excelize.Encrypt([]byte(noise(6000)), &excelize.Options{Password: "x"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(locked)
	f.Add([]byte{0x09, 0x08, 0x10, 0x00, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		streams, err := oleStreams(append(bytes.Clone(oleMagic), bytes.TrimPrefix(data, oleMagic)...))
		if err == nil {
			for _, b := range streams {
				checkRecords(b)
			}
		}
		checkRecords(data)
	})
}

// FuzzMarkup reads any text as an HTML page and as SpreadsheetML.
func FuzzMarkup(f *testing.F) {
	for _, seed := range []string{"<tr><td rowspan=2>a<td>b</tr><tr><td>c", "<tr><td colspan=3>a<table><tr><td>b</table><td>c", "<tr><td>&nbsp;<br>x<script></td></script>"} {
		f.Add([]byte("<table>" + seed + "</table>"))
	}
	f.Add([]byte(excelXMLHead + `<Row ss:Index="3"><Cell ss:MergeAcross="2" ss:StyleID="d"><Data ss:Type="DateTime">2026-12-01T00:00:00</Data></Cell></Row>` + excelXMLTail))
	f.Fuzz(func(t *testing.T, data []byte) {
		t.Setenv("PATH", "")
		tryFile(t, data, Options{})
	})
}
