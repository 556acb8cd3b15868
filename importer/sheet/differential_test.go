package sheet

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// written is a cell of a generated workbook: what has to be read, and what it is in the file.
type written struct {
	Text string
	Kind Kind

	value any    // for excelize to write
	style int    // of newBook: 1 date, 2 date and time, 3 time, 4 elapsed, 5 ten zeros, 7 zeros with a hyphen
	xml   string // type and content of the cell, for the writer by hand
}

// sample texts have what breaks readers: blanks, line breaks, marks of XML and of its escapes, letters of all lengths.
var sampleTexts = []string{
	"Åsa", "x", " ledande och följande ", "två\nrader", "a & b < c > d \"e\" 'f'", "_x000D_", "_x005F_x000D_ _x00g1_", "0701234567", "=1+1", "'citat",
	"\u00a0", "naïve café", "日本語", "😀😀", "\u202aivägledd\u202c", "tab\there", "#N/A", "1,5", "TRUE", "]]>", "&amp;", strings.Repeat("lång ", 500),
}

// someCell makes a cell up. What excelize cannot write is left to the writer by hand.
func someCell(rnd *rand.Rand, byHand bool) written {
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	raw := func(text string) string { return "><v>" + text + "</v>" }
	day := time.Date(1901+rnd.IntN(198), time.Month(1+rnd.IntN(12)), 1+rnd.IntN(28), 0, 0, 0, 0, time.UTC)
	days := int(day.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
	seconds := 1 + rnd.IntN(86399)
	clock := fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	kinds := 9
	if byHand {
		kinds = 15
	}
	switch rnd.IntN(kinds) {
	case 0:
		return written{}
	case 1, 2:
		text := sampleTexts[rnd.IntN(len(sampleTexts))]
		if !byHand && strings.Contains(text, "_x") {
			text = "x" // excelize writes what looks like an escape as it stands, so that Excel and we read another text
		}
		return written{Text: text, Kind: Text, value: text, xml: "text"}
	case 3:
		v := rnd.IntN(1e9)
		return written{Text: strconv.Itoa(v), Kind: Number, value: v, xml: raw(strconv.Itoa(v))}
	case 4:
		v := math.Round(rnd.NormFloat64()*1e9) / 1e6 // excelize writes 15 digits
		return written{Text: number(v), Kind: Number, value: v, xml: raw(strconv.FormatFloat(v, 'E', -1, 64))}
	case 5:
		on := rnd.IntN(2) == 1
		return written{Text: strconv.FormatBool(on), Kind: Bool, value: on, xml: ` t="b"` + raw(strconv.Itoa(map[bool]int{true: 1}[on]))}
	case 6:
		return written{Text: day.Format(time.DateOnly), Kind: Date, value: days, style: 1, xml: raw(strconv.Itoa(days))}
	case 7:
		serial := float64(days) + float64(seconds)/86400
		return written{Text: day.Format(time.DateOnly) + " " + clock, Kind: Date, value: serial, style: 2, xml: raw(number(serial))}
	case 8:
		v := rnd.IntN(1e10)
		return written{Text: fmt.Sprintf("%010d", v), Kind: Number, value: v, style: 5, xml: raw(strconv.Itoa(v))}
	case 9:
		return written{Text: clock, Kind: Time, style: 3, xml: raw(number(float64(seconds) / 86400))}
	case 10:
		hours := rnd.IntN(1000)
		return written{Text: fmt.Sprintf("%02d:30:00", hours), Kind: Time, style: 4, xml: raw(number((float64(hours) + 0.5) / 24))}
	case 11:
		text := []string{"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?"}[rnd.IntN(5)]
		return written{Text: text, Kind: Error, xml: ` t="e"><f>1/0</f><v>` + text + "</v>"}
	case 12:
		return written{Kind: NoResult, xml: "><f>A1</f>"}
	case 13:
		return written{Text: day.Format(time.DateOnly), Kind: Date, style: 1, xml: ` t="d"` + raw(day.Format("2006-01-02T15:04:05"))}
	default:
		v := rnd.IntN(1e10)
		return written{Text: fmt.Sprintf("%06d-%04d", v/1e4, v%1e4), Kind: Text, style: 7, xml: raw(strconv.Itoa(v))}
	}
}

// someTable makes up labels and rows; the rows are by their numbers, with gaps.
func someTable(rnd *rand.Rand, byHand bool) (labels []string, rows map[int][]written, last int) {
	columns := 2 + rnd.IntN(9)
	for c := range columns {
		labels = append(labels, fmt.Sprintf("Kolumn %d", c))
	}
	rows = map[int][]written{}
	last = 1
	for range rnd.IntN(40) {
		last++
		if rnd.IntN(12) == 0 {
			last += rnd.IntN(3)
		}
		row := []written{{Text: "x", Kind: Text, value: "x", xml: "text"}}
		for range columns - 1 {
			row = append(row, someCell(rnd, byHand))
		}
		rows[last] = row
	}
	return labels, rows, last
}

// writeExcelize writes the table with excelize, by its stream or cell by cell.
func writeExcelize(t *testing.T, rnd *rand.Rand, path string, labels []string, rows map[int][]written, last int) {
	t.Helper()
	x := excelize.NewFile()
	defer x.Close()
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	styles := map[int]int{}
	for style, code := range map[int]string{1: "yyyy-mm-dd", 2: `yyyy\-mm\-dd\ hh:mm:ss`, 5: "0000000000"} {
		id, err := x.NewStyle(&excelize.Style{CustomNumFmt: &code})
		check(err)
		styles[style] = id
	}
	if rnd.IntN(2) == 0 {
		w, err := x.NewStreamWriter("Sheet1")
		check(err)
		header := make([]any, len(labels))
		for i, label := range labels {
			header[i] = label
		}
		check(w.SetRow("A1", header))
		for r := 2; r <= last; r++ {
			var cells []any
			for _, c := range rows[r] {
				cells = append(cells, excelize.Cell{StyleID: styles[c.style], Value: c.value})
			}
			if cells != nil {
				check(w.SetRow("A"+strconv.Itoa(r), cells))
			}
		}
		check(w.Flush())
	} else {
		for i, label := range labels {
			check(x.SetCellValue("Sheet1", ColumnName(i)+"1", label))
		}
		for r, row := range rows {
			for i, c := range row {
				ref := ColumnName(i) + strconv.Itoa(r)
				if c.value != nil {
					check(x.SetCellValue("Sheet1", ref, c.value))
				}
				if c.style > 0 {
					check(x.SetCellStyle("Sheet1", ref, ref, styles[c.style]))
				}
			}
		}
	}
	check(x.SaveAs(path))
}

// handWriter writes workbooks as other programs do, in every way that the format has for the same thing.
type handWriter struct {
	rnd     *rand.Rand
	shared  []string
	ordered bool // cells in order, each with its reference: what excelize needs to read it rightly
}

func (w *handWriter) oneOf(ways ...string) string { return ways[w.rnd.IntN(len(ways))] }

// text escapes a text, by references or as CDATA.
func (w *handWriter) text(s string) string {
	escaped := strings.ReplaceAll(s, "_x", "_x005F_x") // so that what looks like an escape is none
	if w.rnd.IntN(4) == 0 && !strings.Contains(escaped, "]]>") {
		return "<![CDATA[" + escaped + "]]>"
	}
	plain := strings.NewReplacer("&", w.oneOf("&amp;", "&#38;", "&#x26;"), "<", w.oneOf("&lt;", "&#60;"), ">", "&gt;", "\n", w.oneOf("\n", "\r\n", "&#10;", "_x000A_"), `"`, w.oneOf(`"`, "&quot;"), "Å", w.oneOf("Å", "&#xC5;", "&#197;"))
	return plain.Replace(escaped)
}

// si is the content of a shared or inline text: plain, or in runs with phonetic marks between.
func (w *handWriter) si(s string) string {
	open := `<t xml:space="preserve">`
	runes := []rune(s)
	if len(runes) < 2 || w.rnd.IntN(3) > 0 || strings.Contains(s, "_") {
		return open + w.text(s) + "</t>"
	}
	cut := 1 + w.rnd.IntN(len(runes)-1)
	return "<r><rPr><b/></rPr>" + open + w.text(string(runes[:cut])) + "</t></r><r>" + open + w.text(string(runes[cut:])) + `</t></r><rPh sb="0" eb="1"><t>fonetik</t></rPh><phoneticPr fontId="1"/>`
}

func (w *handWriter) cell(ref string, c written) string {
	if ref != "" {
		ref = ` r=` + w.oneOf(`"`+ref+`"`, `'`+ref+`'`)
	}
	if c.style > 0 {
		ref = fmt.Sprintf(` s="%d"`, c.style) + ref
	}
	switch {
	case c.xml == "":
		return w.oneOf("<c"+ref+"/>", "<c"+ref+"></c>", "<c"+ref+"><v/></c>")
	case c.xml != "text":
		return "<c" + ref + c.xml + "</c>"
	}
	switch w.rnd.IntN(3) {
	case 0:
		return "<c" + ref + ` t="inlineStr"><is>` + w.si(c.Text) + "</is></c>"
	case 1:
		return "<c" + ref + ` t="str"><f>A1</f><v>` + w.text(c.Text) + "</v></c>"
	}
	w.shared = append(w.shared, w.si(c.Text))
	return fmt.Sprintf(`<c%s t="s"><v>%d</v></c>`, ref, len(w.shared)-1)
}

func (w *handWriter) row(number int, row []written) string {
	var cells []string
	mute := !w.ordered && w.rnd.IntN(3) == 0 // no cell says where it stands
	for i, c := range row {
		switch {
		case mute:
			cells = append(cells, w.cell("", c))
		case c.Kind != Empty || w.rnd.IntN(2) == 0:
			cells = append(cells, w.cell(ColumnName(i)+strconv.Itoa(number), c))
		}
	}
	if !mute && !w.ordered {
		w.rnd.Shuffle(len(cells), func(i, j int) { cells[i], cells[j] = cells[j], cells[i] })
	}
	return fmt.Sprintf(`<row r="%d">%s</row>`, number, strings.Join(cells, w.oneOf("", "\n", "<!-- > -->")))
}

func (w *handWriter) write(t *testing.T, path string, labels []string, rows map[int][]written, last int) {
	t.Helper()
	header := make([]written, len(labels))
	for i, label := range labels {
		header[i] = written{Text: label, Kind: Text, xml: "text"}
	}
	text := w.row(1, header)
	for r := 2; r <= last; r++ {
		if row, ok := rows[r]; ok {
			text += w.row(r, row)
		}
	}
	b := newBook(text, w.shared...)
	if w.rnd.IntN(3) == 0 {
		b[sheetXML] = strings.Replace(tagName.ReplaceAllString(b[sheetXML], "<${1}x:"), mainNS, "xmlns:x"+mainNS[len("xmlns"):], 1)
	}
	if err := os.WriteFile(path, b.zip(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tagName is where a prefix goes. No sample text has a letter behind its <.
var tagName = regexp.MustCompile(`<(/?)\b`)

// excelizeCells reads the sheet with the other reader, as raw values.
func excelizeCells(t *testing.T, path, sheetName string) map[string]string {
	t.Helper()
	x, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	rows, err := x.Rows(sheetName)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	cells := map[string]string{}
	for r := 1; rows.Next(); r++ {
		columns, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for c, text := range columns {
			if text != "" {
				cells[ColumnName(c)+strconv.Itoa(r)] = text
			}
		}
	}
	return cells
}

// sameAsExcelize compares a cell with what excelize says. Where they differ by design the reason stands at the case.
func sameAsExcelize(c written, theirs string) bool {
	switch c.Kind {
	case Bool: // raw it is a number there
		return theirs == map[string]string{"true": "1", "false": "0"}[c.Text] || theirs == strings.ToUpper(c.Text)
	case Number: // raw it stands as in the file, with its exponent and without the zeros of the format
		ours, err := strconv.ParseFloat(c.Text, 64)
		v, err2 := strconv.ParseFloat(theirs, 64)
		return err == nil && err2 == nil && ours == v
	case Text:
		if c.style == 7 { // zeros and a hyphen of the format, which is left out there
			ours, _ := strconv.ParseInt(strings.ReplaceAll(c.Text, "-", ""), 10, 64)
			v, err := strconv.ParseInt(theirs, 10, 64)
			return err == nil && ours == v
		}
		// An escape in the result of a formula is not resolved there; Excel does, since all texts are of one type in the format.
		return theirs == c.Text || string(decodeEscapes([]byte(theirs), 0)) == c.Text
	case Date, Time: // raw it is a serial number there, unless the file has it as ISO text
		v, err := strconv.ParseFloat(theirs, 64)
		if err != nil {
			at, err := time.Parse("2006-01-02T15:04:05", theirs)
			return err == nil && at.Format(time.DateOnly) == c.Text
		}
		if c.Kind == Time {
			var h, m, s float64
			fmt.Sscanf(c.Text, "%f:%f:%f", &h, &m, &s)
			return math.Abs(v*86400-(h*3600+m*60+s)) < 0.5
		}
		at, err := excelize.ExcelDateToTime(v, false)
		layout := time.DateOnly
		if len(c.Text) > len(layout) {
			layout = time.DateTime
		}
		return err == nil && at.Round(time.Second).Format(layout) == c.Text
	case NoResult: // nothing in both
		return theirs == ""
	}
	return theirs == c.Text
}

// TestDifferential writes workbooks of random shape, by excelize and by hand, and compares what is read with what was written
// and with what excelize reads.
func TestDifferential(t *testing.T) {
	books := 60
	if os.Getenv("ORDERIMPORT_TEST_ALL") != "" {
		books = 600
	}
	dir := t.TempDir()
	for n := range books {
		rnd := rand.New(rand.NewPCG(7, uint64(n)))
		byHand := n%2 == 0
		labels, rows, last := someTable(rnd, byHand)
		path, sheetName := filepath.Join(dir, fmt.Sprintf("%d.xlsx", n)), "Sheet1"
		hand := &handWriter{rnd: rnd, ordered: n%4 == 0}
		if byHand {
			sheetName = "Blad1"
			hand.write(t, path, labels, rows, last)
		} else {
			writeExcelize(t, rnd, path, labels, rows, last)
		}
		want, got := map[string]written{}, map[string]written{}
		for r, row := range rows {
			for i, c := range row {
				if c.Kind != Empty {
					want[ColumnName(i)+strconv.Itoa(r)] = written{Text: c.Text, Kind: c.Kind, style: c.style}
				}
			}
		}
		f, err := Open(path, Options{Header: 1})
		if err != nil {
			t.Fatalf("workbook %d: %v", n, err)
		}
		if d := cmp.Diff(labels, f.Columns); d != "" {
			t.Fatalf("workbook %d: %s", n, d)
		}
		for row, err := range f.Rows() {
			if err != nil {
				t.Fatalf("workbook %d: %v", n, err)
			}
			for i, c := range row.Cells {
				if c.Kind != Empty {
					ref := ColumnName(i) + strconv.Itoa(row.Number)
					got[ref] = written{Text: c.Text, Kind: c.Kind, style: want[ref].style}
				}
			}
		}
		f.Close()
		if d := cmp.Diff(want, got, cmp.AllowUnexported(written{})); d != "" {
			t.Fatalf("workbook %d: %s", n, d)
		}
		if byHand && !hand.ordered {
			continue // excelize shifts the cells of a row that are out of order
		}
		theirs := excelizeCells(t, path, sheetName)
		for ref, c := range got {
			if !sameAsExcelize(c, theirs[ref]) {
				t.Fatalf("workbook %d, %s: %q here, %q there", n, ref, c.Text, theirs[ref])
			}
			delete(theirs, ref)
		}
		for i := range labels {
			delete(theirs, ColumnName(i)+"1")
		}
		if len(theirs) > 0 {
			t.Fatalf("workbook %d: only there: %v", n, theirs)
		}
	}
}
