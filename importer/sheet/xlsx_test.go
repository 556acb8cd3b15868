package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// book is a workbook by its parts, which a test spoils.
type book map[string]string

const (
	mainNS  = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relNS   = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	docRels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// contentTypes is what other programs ask for first.
const contentTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
	`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
	`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
	`<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>` +
	`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
	`<Override PartName="/xl/worksheets/sheet2.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`

// newBook has one sheet with these rows, and styles: 1 date, 2 date and time, 3 time, 4 elapsed, 5 ten zeros, 6 percent,
// 7 zeros with a hyphen, 8 currency, 9 zeros of two kinds.
func newBook(rows string, shared ...string) book {
	b := book{
		"[Content_Types].xml":        contentTypes,
		"_rels/.rels":                `<Relationships ` + relNS + `><Relationship Id="rId1" Type="` + docRels + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" + `<workbook ` + mainNS + ` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr/><sheets><sheet name="Blad1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships ` + relNS + `><Relationship Id="rId1" Type="` + docRels + `worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + docRels + `styles" Target="/xl/styles.xml"/><Relationship Id="rId3" Type="` + docRels + `sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/styles.xml":              `<styleSheet ` + mainNS + `><numFmts count="5"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm"/><numFmt numFmtId="165" formatCode="0000000000"/><numFmt numFmtId="166" formatCode="000000\-0000"/><numFmt numFmtId="167" formatCode="#,##0.00\ &quot;kr&quot;;[Red]-0"/><numFmt numFmtId="168" formatCode="[&lt;=9999999]000\-0000;0000000000"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs count="10"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="20"/><xf numFmtId="46"/><xf numFmtId="165"/><xf numFmtId="9"/><xf numFmtId="166"/><xf numFmtId="167"/><xf numFmtId="168"/></cellXfs><dxfs><dxf><numFmt numFmtId="0" formatCode="yyyy"/></dxf></dxfs></styleSheet>`,
		"xl/worksheets/sheet1.xml":   `<worksheet ` + mainNS + `><dimension ref="A1"/><cols><col min="1" max="2"/></cols><sheetData>` + rows + `</sheetData><pageMargins left="1"/></worksheet>`,
	}
	table := `<sst ` + mainNS + `>`
	for _, s := range shared {
		table += "<si>" + s + "</si>"
	}
	b["xl/sharedStrings.xml"] = table + `</sst>`
	return b
}

// with replaces a text in a part.
func (b book) with(part, from, to string) book {
	if !strings.Contains(b[part], from) {
		panic(part + " does not hold " + from)
	}
	b[part] = strings.Replace(b[part], from, to, 1)
	return b
}

func (b book) zip() []byte {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, name := range slices.Sorted(maps.Keys(b)) { // [Content_Types].xml comes first, as it should
		p, err := w.Create(name)
		if err != nil {
			panic(err)
		}
		p.Write([]byte(b[name]))
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

const headerRow = `<row r="1"><c r="A1" t="inlineStr"><is><t>Namn</t></is></c><c r="B1" t="inlineStr"><is><t>Tal</t></is></c></row>`

// cell is a second row with one cell in B, given by its XML.
func cellRow(cell string) string {
	return headerRow + `<row r="2"><c r="A2" t="inlineStr"><is><t>x</t></is></c>` + cell + `</row>`
}

func TestXLSXCells(t *testing.T) {
	tests := []struct{ name, cell, want string }{
		{"integer", `<c r="B2"><v>42</v></c>`, "42#"},
		{"typed number", `<c r="B2" t="n"><v>-1.5</v></c>`, "-1.5#"},
		{"float noise", `<c r="B2"><v>1.1000000000000001</v></c>`, "1.1#"},
		{"17 digits", `<c r="B2"><v>0.30000000000000004</v></c>`, "0.30000000000000004#"},
		{"exponent", `<c r="B2"><v>4.6701234567E10</v></c>`, "46701234567#"},
		{"small", `<c r="B2"><v>1E-3</v></c>`, "0.001#"},
		{"trailing zeros", `<c r="B2"><v>1.50</v></c>`, "1.5#"},
		{"minus zero", `<c r="B2"><v>-0</v></c>`, "0#"},
		{"percent", `<c r="B2" s="6"><v>0.5</v></c>`, "0.5#"},
		{"currency", `<c r="B2" s="8"><v>1234.5</v></c>`, "1234.5#"},
		{"date", `<c r="B2" s="1"><v>46357</v></c>`, "2026-12-01d"},
		{"date with time", `<c r="B2" s="2"><v>46357.75</v></c>`, "2026-12-01 18:00:00d"},
		{"rounded up", `<c r="B2" s="2"><v>46356.999999</v></c>`, "2026-12-01d"},
		{"first day", `<c r="B2" s="1"><v>1</v></c>`, "1900-01-01d"},
		{"day before the bug", `<c r="B2" s="1"><v>59</v></c>`, "1900-02-28d"},
		{"the bug", `<c r="B2" s="1"><v>60</v></c>`, "1900-02-29d"},
		{"day after the bug", `<c r="B2" s="1"><v>61</v></c>`, "1900-03-01d"},
		{"zero as date", `<c r="B2" s="1"><v>0</v></c>`, "1900-01-00d"},
		{"negative date", `<c r="B2" s="1"><v>-3</v></c>`, "-3#"},
		{"last date", `<c r="B2" s="1"><v>2958465</v></c>`, "9999-12-31d"},
		{"beyond dates", `<c r="B2" s="1"><v>2958466</v></c>`, "2958466#"},
		{"time of day", `<c r="B2" s="3"><v>0.5</v></c>`, "12:00:00t"},
		{"time with a date", `<c r="B2" s="3"><v>46357.5</v></c>`, "2026-12-01 12:00:00d"},
		{"elapsed", `<c r="B2" s="4"><v>1.5</v></c>`, "36:00:00t"},
		{"long elapsed", `<c r="B2" s="4"><v>5</v></c>`, "120:00:00t"},
		{"zeros", `<c r="B2" s="5"><v>701234567</v></c>`, "0701234567#"},
		{"zeros with a fraction", `<c r="B2" s="5"><v>1.5</v></c>`, "1.5#"},
		{"zeros with a hyphen", `<c r="B2" s="7"><v>101011234</v></c>`, "010101-1234"},
		{"more digits than zeros", `<c r="B2" s="7"><v>198501011234</v></c>`, "19850101-1234"},
		{"zeros under a condition", `<c r="B2" s="9"><v>12345</v></c>`, "001-2345"},
		{"zeros beyond the condition", `<c r="B2" s="9"><v>701234567</v></c>`, "0701234567#"},
		{"true", `<c r="B2" t="b"><v>1</v></c>`, "trueb"},
		{"false", `<c r="B2" t="b"><v>0</v></c>`, "falseb"},
		{"error", `<c r="B2" t="e"><v>#N/A</v></c>`, "#N/A!"},
		{"iso date", `<c r="B2" t="d"><v>2026-12-01T00:00:00</v></c>`, "2026-12-01d"},
		{"iso time of day", `<c r="B2" t="d"><v>07:30:00</v></c>`, "07:30:00t"},
		{"iso time before the calendar", `<c r="B2" t="d" s="3"><v>1899-12-31T07:30:00.000</v></c>`, "07:30:00t"},
		{"no iso date", `<c r="B2" t="d"><v>i morgon</v></c>`, "i morgon"},
		{"iso date and time", `<c r="B2" t="d"><v>2026-12-01T07:30:00Z</v></c>`, "2026-12-01 07:30:00d"},
		{"formula", `<c r="B2"><f>A1*2</f><v>4</v></c>`, "4#"},
		{"formula with text", `<c r="B2" t="str"><f>A1</f><v>Åsa &amp; Bo</v></c>`, "Åsa & Bo"},
		{"formula with empty text", `<c r="B2" t="str"><f>A1</f><v></v></c>`, ""},
		{"formula without result", `<c r="B2"><f>A1</f></c>`, "?"},
		{"formula with an empty result", `<c r="B2"><f>A1</f><v/></c>`, "?"},
		{"shared", `<c r="B2" t="s"><v>0</v></c>`, "Åsa"},
		{"shared, rich and phonetic", `<c r="B2" t="s"><v>1</v></c>`, "Åsa Berg"},
		{"shared, empty", `<c r="B2" t="s"><v>2</v></c>`, ""},
		{"escapes", `<c r="B2" t="s"><v>3</v></c>`, `a\r\n_x000D_b`},
		{"inline, rich", `<c r="B2" t="inlineStr"><is><r><rPr><b/></rPr><t>Å</t></r><r><t xml:space="preserve"> b</t></r></is></c>`, "Å b"},
		{"references", `<c r="B2" t="inlineStr"><is><t>&#229;&#xE4;&lt;&apos;</t></is></c>`, "åä<'"},
		{"cdata", `<c r="B2" t="inlineStr"><is><t><![CDATA[a<b&c]]></t></is></c>`, "a<b&c"},
		{"line ends", "<c r=\"B2\" t=\"inlineStr\"><is><t>a\r\nb</t></is></c>", `a\nb`},
		{"no reference", `<c><v>7</v></c>`, "7#"},
		{"single quotes, blanks, comment", "<c\n r = 'B2' ><!-- > --><v >7</v\t></c >", "7#"},
		{"only a style", `<c r="B2" s="1"/>`, ""},
		{"no value", `<c r="B2"></c>`, ""},
		{"extension", `<c r="B2"><v>7</v><extLst><ext><v>8</v></ext></extLst></c>`, "7#"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBook(cellRow(test.cell), "<t>Åsa</t>", `<r><t>Åsa</t></r><r><t xml:space="preserve"> Berg</t></r><rPh sb="0" eb="1"><t>aasa</t></rPh><phoneticPr fontId="1"/>`, "", "<t>a_x000D_\n_x005F_x000D_b</t>")
			want := "1: Namn|Tal\n2: x|" + test.want + "\n"
			if test.want == "?" {
				want += "note 0: no-result\n"
			}
			if d := cmp.Diff(want, dump(t, write(t, "in.xlsx", b.zip()), Options{})); d != "" {
				t.Error(d)
			}
		})
	}
	t.Run("1904", func(t *testing.T) {
		for cell, want := range map[string]string{
			`<c r="B2" s="1"><v>0</v></c>`: "1904-01-01d", `<c r="B2" s="1"><v>44895</v></c>`: "2026-12-01d", `<c r="B2" s="2"><v>0.5</v></c>`: "1904-01-01 12:00:00d",
			`<c r="B2" s="1"><v>2957003</v></c>`: "9999-12-31d", `<c r="B2" s="1"><v>2957004</v></c>`: "2957004#",
			`<c r="B2" s="3"><v>0.5</v></c>`: "12:00:00t", `<c r="B2" s="4"><v>1.5</v></c>`: "36:00:00t",
		} {
			b := newBook(cellRow(cell)).with("xl/workbook.xml", "<workbookPr/>", `<workbookPr date1904="1"/>`)
			if got := dump(t, write(t, "in.xlsx", b.zip()), Options{}); got != "1: Namn|Tal\n2: x|"+want+"\n" {
				t.Errorf("%s: %s", cell, got)
			}
		}
	})
}

// TestCellFormat is for those who ask what Excel did to a cell: they need the format beside the value.
func TestCellFormat(t *testing.T) {
	b := newBook(headerRow+`<row r="2"><c r="A2" t="s" s="7"><v>0</v></c><c r="B2" s="1"><v>46357</v></c><c r="C2" s="5"><v>7</v></c><c r="D2"><v>7</v></c></row>`, "<t>x</t>")
	f, err := Open(write(t, "in.xlsx", b.zip()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want := []Cell{{"x", Text, `000000\-0000`}, {"2026-12-01", Date, "mm-dd-yy"}, {"0000000007", Number, "0000000000"}, {"7", Number, ""}}
	for row, err := range f.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, row.Cells); d != "" {
			t.Error(d)
		}
	}
}

func TestXLSXRows(t *testing.T) {
	name := func(ref, text string) string {
		return `<c r="` + ref + `" t="inlineStr"><is><t>` + text + `</t></is></c>`
	}
	tests := []struct{ name, rows, want string }{
		{"gaps", headerRow + `<row r="4">` + name("A4", "x") + `</row><row r="5"/><row r="6">` + name("A6", "y") + `</row><row r="9"/>`, "1: Namn|Tal\n4: x|\n6: y|\nnote 2: blank-rows\nnote 5: blank-row\n"},
		{"hidden", headerRow + `<row r="2" hidden="1">` + name("A2", "x") + `</row>`, "1: Namn|Tal\n2: x| hidden\n"},
		{"no row numbers", strings.ReplaceAll(headerRow, ` r="1"`, "") + `<row><c t="inlineStr"><is><t>x</t></is></c></row>`, "1: Namn|Tal\n2: x|\n"},
		{"out of order", headerRow + `<row r="2">` + name("B2", "y") + name("A2", "x") + `</row>`, "1: Namn|Tal\n2: x|y\n"},
		{"title and offset", `<row r="2">` + name("B2", "Nyanställda") + `</row><row r="4">` + name("B4", "Namn") + name("C4", "Ort") + name("D4", "Tel") + `</row><row r="5">` + name("B5", "x") + name("C5", "y") + name("D5", "z") + `</row>`, "4: A|Namn|Ort|Tel\n5: |x|y|z\nnote 2: title\n"},
		{"beside the table", headerRow + `<row r="2">` + name("A2", "x") + name("E2", "obs!") + `</row>`, "1: Namn|Tal\n2: x||||obs! [extra-cells 4 false]\n"},
		{"totals", headerRow + `<row r="2">` + name("A2", "x") + `<c r="B2"><v>1</v></c></row><row r="3">` + name("A3", "Summa:") + `<c r="B3"><v>1</v></c></row>`, "1: Namn|Tal\n2: x|1#\nnote 3: totals-line\n"},
		{"prefixes", strings.NewReplacer("</", "</x:", "<", "<x:").Replace(headerRow + `<row r="2">` + name("A2", "x") + `</row>`), "1: Namn|Tal\n2: x|\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if d := cmp.Diff(test.want, dump(t, write(t, "in.xlsx", newBook(test.rows).zip()), Options{})); d != "" {
				t.Error(d)
			}
		})
	}
}

// inlineRow is a row of texts from column A on; an empty one leaves its cell out.
func inlineRow(number int, texts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<row r="%d">`, number)
	for i, text := range texts {
		if text != "" {
			fmt.Fprintf(&b, `<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>`, ColumnName(i), number, text)
		}
	}
	return b.String() + "</row>"
}

// TestXLSXAround has what stands around the rows of a sheet.
func TestXLSXAround(t *testing.T) {
	const part = "xl/worksheets/sheet1.xml"
	plain := func() book { return newBook(inlineRow(1, "Namn", "Tal") + inlineRow(2, "x", "y")) }
	table := func(rows, attributes string) book {
		b := newBook(rows)
		b["xl/worksheets/_rels/sheet1.xml.rels"] = `<Relationships ` + relNS + `><Relationship Id="rId1" Type="` + docRels + `table" Target="../tables/table1.xml"/></Relationships>`
		b["xl/tables/table1.xml"] = `<table ` + mainNS + ` id="1" name="T" ` + attributes + `><autoFilter ref="A1:B2"/></table>`
		return b
	}
	years := inlineRow(3, "2024", "2025", "2026") + inlineRow(4, "1", "2", "3") + inlineRow(5, "4", "5", "6")
	tests := []struct {
		name string
		b    book
		want string
	}{
		{"frozen panes", plain().with(part, "<dimension", `<sheetViews><sheetView><pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews><dimension`), "1: Namn|Tal\n2: x|y\n"},
		{"wrong dimension", plain().with(part, `ref="A1"`, `ref="A1:XFD1048576"`), "1: Namn|Tal\n2: x|y\n"},
		{"no dimension", plain().with(part, `<dimension ref="A1"/>`, ""), "1: Namn|Tal\n2: x|y\n"},
		{"autofilter", plain().with(part, "<pageMargins", `<autoFilter ref="A1:B2"/><pageMargins`), "1: Namn|Tal\n2: x|y\n"},
		{"hidden columns", plain().with(part, `<col min="1" max="2"/>`, `<col min="2" max="5" hidden="1"/>`), "1: Namn|Tal\n2: x|y\nnote 0: hidden-columns\n"},
		{"hidden columns beside the table", plain().with(part, `<col min="1" max="2"/>`, `<col min="3" max="16384" hidden="true"/>`), "1: Namn|Tal\n2: x|y\n"},
		{"merged cells", plain().with(part, "<pageMargins", `<mergeCells><mergeCell ref="A2:A3"/></mergeCells><pageMargins`), "1: Namn|Tal\n2: x|y\nnote 2: merged-cells\n"},
		{"merged labels", newBook(inlineRow(1, "Namn", "", "Adress", "", "Tel")+inlineRow(2, "a", "b", "c", "d", "e")).with(part, "<pageMargins", `<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="C1:D1"/></mergeCells><pageMargins`), "1: Namn|Namn (2)|Adress|Adress (2)|Tel\n2: a|b|c|d|e\n"},
		{"a label merged downwards", newBook(inlineRow(1, "Nr")+inlineRow(2, "", "Gata", "Ort", "Tel")+inlineRow(3, "a", "b", "c", "d")).with(part, "<pageMargins", `<mergeCells><mergeCell ref="A1:A2"/></mergeCells><pageMargins`), "2: Nr|Gata|Ort|Tel\n3: a|b|c|d\nnote 1: title\n"},
		{"groups of labels", newBook(inlineRow(1, "Lista")+inlineRow(2, "Nr", "Adress", "", "Tel")+inlineRow(3, "", "Gata", "Ort")+inlineRow(4, "a", "b", "c", "d")+inlineRow(5, "e", "f", "g", "h")).with(part, "<pageMargins", `<mergeCells><mergeCell ref="A2:A3"/><mergeCell ref="B2:C2"/><mergeCell ref="D2:D3"/></mergeCells><pageMargins`), "3: Nr|Adress Gata|Adress Ort|Tel\n4: a|b|c|d\n5: e|f|g|h\nnote 2: header-lines\nnote 1: title\n"},
		{"groups of all labels", newBook(inlineRow(1, "Person", "", "Adress", "")+inlineRow(2, "Namn", "Tel", "Gata", "Ort")+inlineRow(3, "a", "070", "c", "d")+inlineRow(4, "e", "071", "g", "h")).with(part, "<pageMargins", `<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="C1:D1"/></mergeCells><pageMargins`), "2: Person Namn|Person Tel|Adress Gata|Adress Ort\n3: a|070|c|d\n4: e|071|g|h\nnote 1: header-lines\n"},
		{"a merged label above values", newBook(inlineRow(1, "Namn", "", "Tel", "")+inlineRow(2, "a", "070", "c", "072")+inlineRow(3, "e", "071", "g", "073")).with(part, "<pageMargins", `<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="C1:D1"/></mergeCells><pageMargins`), "1: Namn|Namn (2)|Tel|Tel (2)\n2: a|070|c|072\n3: e|071|g|073\n"},
		{"a title over all", newBook(inlineRow(1, "Lista")+inlineRow(2, "Nr", "Gata", "Ort")+inlineRow(3, "a", "b", "c")).with(part, "<pageMargins", `<mergeCells><mergeCell ref="A1:C1"/></mergeCells><pageMargins`), "2: Nr|Gata|Ort\n3: a|b|c\nnote 1: title\n"},
		{"no label", newBook(inlineRow(1, "Namn", "", "Ort", "Tel") + inlineRow(2, "a", "b", "c", "d")), "1: Namn|B|Ort|Tel\n2: a|b|c|d\n"},
		{"merged to nowhere", plain().with(part, "<pageMargins", `<mergeCells><mergeCell ref="A3:A2"/></mergeCells><pageMargins`), "cells that can be merged"},
		{"years are labels of a table", table(years, `ref="A3:C5"`), "3: 2024|2025|2026\n4: 1|2|3\n5: 4|5|6\n"},
		{"years are none without", newBook(years), "0: A|B|C\n3: 2024|2025|2026\n4: 1|2|3\n5: 4|5|6\nnote 3: no-header\n"},
		{"a table without labels", table(years, `ref="A3:C5" headerRowCount="0"`), "0: A|B|C\n3: 2024|2025|2026\n4: 1|2|3\n5: 4|5|6\nnote 3: no-header\n"},
		{"totals of a table", table(years, `ref="A3:C5" totalsRowCount="1"`), "3: 2024|2025|2026\n4: 1|2|3\nnote 5: totals-line\n"},
		{"rows behind a table", table(years+inlineRow(6, "7", "8", "9"), `ref="A3:C5" totalsRowCount="1"`), "3: 2024|2025|2026\n4: 1|2|3\n5: 4|5|6\n6: 7|8|9\n"},
		{"a small table beside", table(inlineRow(1, "Namn", "Tal", "Ort", "", "Rang")+inlineRow(2, "x", "y", "z", "", "2"), `ref="E2:E3"`), "1: Namn|Tal|Ort|D|Rang\n2: x|y|z||2\n"},
		{"a damaged table", table(years, `ref="A3"`).with("xl/tables/table1.xml", "</table>", ""), "damaged in xl/tables/table1.xml"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := dump(t, write(t, "in.xlsx", test.b.zip()), Options{})
			if strings.Contains(got, "F: ") {
				if !strings.Contains(got, test.want) {
					t.Error(got)
				}
			} else if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestVariants are files of other kinds, or of other names, that are read like a plain workbook.
func TestVariants(t *testing.T) {
	plain := newBook(cellRow(`<c r="B2" t="d" s="1"><v>2026-12-01</v></c>`))
	strict, macros, noTypes := maps.Clone(plain), maps.Clone(plain), maps.Clone(plain)
	for part, text := range strict {
		strict[part] = strings.NewReplacer("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main",
			docRels, "http://purl.oclc.org/ooxml/officeDocument/relationships/").Replace(text)
	}
	macros["xl/vbaProject.bin"] = "\x01\x02"
	macros.with("[Content_Types].xml", "spreadsheetml.sheet.main+xml", "ms-excel.sheet.macroEnabled.main+xml")
	delete(noTypes, "[Content_Types].xml")
	backslashes := book{}
	for part, text := range plain {
		backslashes[strings.ReplaceAll(part, "/", `\`)] = text
	}
	for name, data := range map[string][]byte{
		"strict.xlsx": strict.zip(), "macros.xlsm": macros.zip(), "types.xlsx": noTypes.zip(), "backslashes.xlsx": backslashes.zip(), "workbook.csv": plain.zip(), "workbook.xls": plain.zip(),
		"text.xlsx": []byte("Namn;Tal\r\nx;2026-12-01\r\n"),
	} {
		got := strings.Replace(dump(t, write(t, name, data), Options{}), "01d", "01", 1)
		if got != "1: Namn|Tal\n2: x|2026-12-01\n" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestXLSXRefused(t *testing.T) {
	const part = "xl/worksheets/sheet1.xml"
	good := cellRow(`<c r="B2"><v>1</v></c>`)
	tests := []struct {
		name string
		b    book
		want string
	}{
		{"cut sheet", newBook(good).with(part, `</row></sheetData><pageMargins left="1"/></worksheet>`, ""), "it ends inside <row>"},
		{"no end of root", newBook(good).with(part, "</worksheet>", ""), "it ends inside <worksheet>"},
		{"wrong end", newBook(good).with(part, "</sheetData>", "</sheet>"), "</sheet> does not close <sheetData>"},
		{"no sheetData", newBook("").with(part, "<sheetData></sheetData>", ""), "no <sheetData>"},
		{"two sheetData", newBook(good).with(part, "<pageMargins", "<sheetData/><pageMargins"), "a second <sheetData>"},
		{"second root", newBook(good).with(part, "</worksheet>", "</worksheet><x/>"), "second root"},
		{"text behind", newBook(good).with(part, "</worksheet>", "</worksheet>x"), "outside of all elements"},
		{"control character", newBook(good).with(part, "<t>x</t>", "<t>x\x01</t>"), "control character"},
		{"control reference", newBook(good).with(part, "<t>x</t>", "<t>&#1;</t>"), "reference"},
		{"entity", newBook(good).with(part, "<t>x</t>", "<t>&boom;</t>"), `the reference "&boom;" is not known`},
		{"doctype", newBook(good).with(part, "<worksheet", `<!DOCTYPE x [<!ENTITY a "b">]><worksheet`), "document type"},
		{"not UTF-8", newBook(good).with(part, "<t>x</t>", "<t>\xe5</t>"), "no UTF-8"},
		{"other encoding", newBook(good).with(part, "<worksheet", `<?xml version="1.0" encoding="UTF-16"?><worksheet`), "not UTF-8"},
		{"attribute without quotes", newBook(good).with(part, `r="B2"`, `r=B2`), "without quotes"},
		{"index out of range", newBook(cellRow(`<c r="B2" t="s"><v>3</v></c>`), "<t>a</t>"), "Blad1!B2: the workbook has no text of this number"},
		{"negative index", newBook(cellRow(`<c r="B2" t="s"><v>-1</v></c>`)), "Blad1!B2: the number of its text"},
		{"style out of range", newBook(cellRow(`<c r="B2" s="99"><v>3</v></c>`)), "Blad1!B2: the cell has the style 99"},
		{"no number", newBook(cellRow(`<c r="B2"><v>abc</v></c>`)), `Blad1!B2: the value is not a number (read "abc")`},
		{"infinite", newBook(cellRow(`<c r="B2"><v>1e999</v></c>`)), "not a number"},
		{"no boolean", newBook(cellRow(`<c r="B2" t="b"><v>2</v></c>`)), "neither true nor false"},
		{"unknown type", newBook(cellRow(`<c r="B2" t="z"><v>2</v></c>`)), "type"},
		{"text in the wrong place", newBook(cellRow(`<c r="B2" t="inlineStr"><t>y</t></c>`)), "<t> inside a cell"},
		{"cell in the wrong place", newBook(good + `<c r="A3"><v>1</v></c>`), "<c> among the rows"},
		{"row in a row", newBook(headerRow + `<row r="2"><row r="3"/></row>`), "<row> inside a row"},
		{"cell twice", newBook(cellRow(`<c r="B2"><v>2</v></c><c r="B2"><v>3</v></c>`)), "Blad1!B2: the cell stands in the sheet twice"},
		{"cell of another row", newBook(cellRow(`<c r="B3"><v>2</v></c>`)), "stands in row 2"},
		{"row twice", newBook(good + `<row r="2"/>`), "row 2 follows row 2"},
		{"huge row", newBook(good + `<row r="2147483647"/>`), "row number"},
		{"negative row", newBook(good + `<row r="-1"/>`), "row number"},
		{"huge column", newBook(cellRow(`<c r="ZZZ2"><v>2</v></c>`)), "is no cell"},
		{"long cell", newBook(cellRow(`<c r="B2" t="inlineStr"><is><t>` + strings.Repeat("å", maxCellChars+1) + `</t></is></c>`)), "Blad1!B2: the cell has more than 32767"},
		{"long shared text", newBook(good, "<t>"+strings.Repeat("x", maxCellChars+1)+"</t>"), "more than 32767"},
		{"deep", newBook(good).with(part, "<pageMargins", strings.Repeat("<a>", 1000)+"<pageMargins"), "inside each other"},
		{"cut strings", newBook(good).with("xl/sharedStrings.xml", "</sst>", ""), "damaged in xl/sharedStrings.xml"},
		{"cut styles", newBook(good).with("xl/styles.xml", "</styleSheet>", ""), "damaged in xl/styles.xml"},
		{"no part", newBook(good).with("xl/_rels/workbook.xml.rels", "sheet1", "sheet9"), `the part "xl/worksheets/sheet9.xml" is missing`},
		{"bomb", newBook(good).with(part, "<pageMargins", strings.Repeat("<a/>", ratioFloor/4+10)+"<pageMargins"), "inflates to more than"},
		{"docx", book{"word/document.xml": "x"}, "Word document"},
		{"zip", book{"mimetype": "x"}, "holds no workbook"},
		{"hidden only", newBook(good).with("xl/workbook.xml", `sheetId="1"`, `state="veryHidden"`), "no visible sheet"},
		{"blank", newBook(""), "holds no table"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, "in.csv", test.b.zip()) // the name does not matter
			f, err := Open(path, Options{})
			if err == nil {
				for _, err = range f.Rows() {
				}
				f.Close()
			}
			var refused *FileError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), test.want) || refused.Hint == "" {
				t.Errorf("not %q: %v", test.want, err)
			}
		})
	}
}

// TestXLSXDamagedBytes spoils what lies around the XML: check sums, lengths, the table of contents.
func TestXLSXDamagedBytes(t *testing.T) {
	good := newBook(cellRow(`<c r="B2"><v>1</v></c>`)).zip()
	text := []byte(newBook(cellRow(`<c r="B2"><v>1</v></c>`))["xl/worksheets/sheet1.xml"])
	sum := crc32.ChecksumIEEE(text)
	find := []byte{byte(sum), byte(sum >> 8), byte(sum >> 16), byte(sum >> 24)}
	bad := bytes.ReplaceAll(good, find, []byte{1, 2, 3, 4})
	if bytes.Equal(bad, good) {
		t.Fatal("the check sum was not found")
	}
	if got := dump(t, write(t, "in.xlsx", bad), Options{}); !strings.Contains(got, "check sum is wrong") {
		t.Error(got)
	}
	whole := dump(t, write(t, "in.xlsx", good), Options{})
	for n := range good {
		if n%7 == 0 {
			if got := dump(t, write(t, "in.xlsx", good[:n]), Options{}); !strings.HasPrefix(got, "open: ") {
				t.Errorf("cut at %d: %s", n, got)
			}
		}
		if n%3 == 0 {
			spoilt := bytes.Clone(good)
			spoilt[n] ^= 0x41
			got := dump(t, write(t, "in.xlsx", spoilt), Options{})
			if !strings.Contains(got, "F: ") && got != whole {
				t.Errorf("byte %d changed in silence: %s", n, got)
			}
		}
	}
}

func TestSheetChoice(t *testing.T) {
	two := func(first, second string) book {
		b := newBook(first).
			with("xl/workbook.xml", `</sheets>`, `<sheet name="Blad2" sheetId="2" r:id="rId9"/></sheets>`).
			with("xl/_rels/workbook.xml.rels", `</Relationships>`, `<Relationship Id="rId9" Type="`+docRels+`worksheet" Target="worksheets/sheet2.xml"/></Relationships>`)
		b["xl/worksheets/sheet2.xml"] = `<worksheet ` + mainNS + `><sheetData>` + second + `</sheetData></worksheet>`
		return b
	}
	table := func(rows, columns int) string {
		var b strings.Builder
		for r := 1; r <= rows; r++ {
			fmt.Fprintf(&b, `<row r="%d">`, r)
			for c := range columns {
				fmt.Fprintf(&b, `<c r="%s%d" t="inlineStr"><is><t>t%dk%d</t></is></c>`, ColumnName(c), r, r, c)
			}
			b.WriteString("</row>")
		}
		return b.String()
	}
	tests := []struct {
		name, first, second, want string
		opt                       Options
	}{
		{"blank first", "", table(3, 3), "Blad2", Options{}},
		{"instructions first", table(30, 1), table(3, 8), "Blad2", Options{}},
		{"list of words second", table(20, 8), table(40, 2), "Blad1", Options{}},
		{"tie", table(5, 4), table(5, 4), "", Options{}},
		{"long list against one order", table(2, 8), table(200, 2), "", Options{}},
		{"one table in parts", inlineRow(1, "Namn", "Tel", "Ort") + inlineRow(2, "a", "b", "c"), inlineRow(1, "namn", "Ort", "Tel") + inlineRow(2, "a", "b", "c") + inlineRow(3, "a", "b", "c") + inlineRow(4, "a", "b", "c"), "", Options{}},
		{"a part without rows", inlineRow(1, "Namn", "Tel", "Ort") + inlineRow(2, "a", "b", "c"), inlineRow(1, "Namn", "Tel", "Ort"), "Blad1", Options{}},
		{"named", table(5, 4), table(5, 4), "Blad2", Options{Sheet: "Blad2"}},
		{"named otherwise", table(5, 4), table(5, 4), "Blad1", Options{Sheet: " BLAD1"}},
		{"not there", table(5, 4), "", "", Options{Sheet: "Blad3"}},
	}
	for _, test := range tests {
		f, err := Open(write(t, "in.xlsx", two(test.first, test.second).zip()), test.opt)
		if err != nil {
			var refused *FileError
			if test.want != "" || !errors.As(err, &refused) || !strings.Contains(refused.Hint, `"Blad1", "Blad2"`) {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		if f.Sheet != test.want {
			t.Errorf("%s: %q", test.name, f.Sheet)
		}
		f.Close()
	}
}

func TestParseFormat(t *testing.T) {
	tests := []struct {
		code string
		want numberFormat
	}{
		{"General", numberFormat{}},
		{"STANDARD", numberFormat{}},
		{"[<100]00;0000", numberFormat{kind: masked, mask: "00", only: condition{"<", 100}, next: &numberFormat{kind: masked, mask: "0000"}}},
		{"[<=9]0;[<=99]0;[>99]0;0;0;0", numberFormat{only: condition{"<=", 9}, next: &numberFormat{only: condition{"<=", 99}, next: &numberFormat{only: condition{">", 99}, next: &numberFormat{}}}}},
		{"[<x]0;00", numberFormat{}},
		{"0.00E+00", numberFormat{}},
		{"#,##0", numberFormat{}},
		{`0" st"`, numberFormat{}},
		{"@", numberFormat{}},
		{"yyyy-mm-dd", numberFormat{kind: dates}},
		{`[$-41D]d mmmm yyyy;@`, numberFormat{kind: dates}},
		{"mmm", numberFormat{kind: dates}},
		{"h:mm AM/PM", numberFormat{kind: times}},
		{"mm:ss.0", numberFormat{kind: times}},
		{"[h]:mm:ss", numberFormat{kind: elapsed}},
		{"[Red]0", numberFormat{}},
		{`#,##0.00 "dagar"`, numberFormat{}},
		{"0000", numberFormat{kind: masked, mask: "0000"}},
		{`000\ 00`, numberFormat{kind: masked, mask: "000 00"}},
		{`"+46"00`, numberFormat{kind: masked, mask: "+4600"}},
		{`\0000`, numberFormat{}},
		{`"open`, numberFormat{}},
		{`[open`, numberFormat{}},
		{`\`, numberFormat{}},
	}
	for _, test := range tests {
		if test.code != "General" && test.code != "STANDARD" {
			test.want.code = test.code
		}
		if got := parseFormat(test.code); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %v", test.code, got)
		}
	}
}

func TestColumnName(t *testing.T) {
	for i := range maxColumns {
		c, row, ok := parseReference([]byte(ColumnName(i) + "7"))
		if c != i || row != 7 || !ok {
			t.Fatalf("%d: %s", i, ColumnName(i))
		}
	}
	for _, ref := range []string{"", "A", "1", "A0", "XFE1", "A1048577", "A-1", "AAAA1", "A1x"} {
		if _, _, ok := parseReference([]byte(ref)); ok {
			t.Errorf("%q is taken", ref)
		}
	}
}
