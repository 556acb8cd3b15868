package sheet

import (
	"bytes"
	"errors"
	"io/fs"
	"testing"
)

// tryFile reads a file of any content to its end; only the errors that Open promises may come.
func tryFile(t *testing.T, data []byte, opt Options) (rows int, whole bool) {
	f, err := Open(write(t, "in", data), opt)
	check := func(err error) {
		var refused *FileError
		var system *fs.PathError
		if !errors.As(err, &refused) && !errors.As(err, &system) {
			t.Fatalf("an error of another kind: %v", err)
		}
		if refused != nil && (refused.Text == "" || refused.Hint == "") {
			t.Fatalf("a refusal without words: %v", err)
		}
	}
	if err != nil {
		check(err)
		return 0, false
	}
	defer f.Close()
	last := f.HeaderRow
	for row, err := range f.Rows() {
		if err != nil {
			check(err)
			return rows, false
		}
		if row.Number <= last || len(row.Cells) < len(f.Columns) {
			t.Fatalf("row %d after %d with %d cells of %d", row.Number, last, len(row.Cells), len(f.Columns))
		}
		last = row.Number
		rows++
	}
	return rows, true
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{
		"a;b\n1;2\n", "a,b\r\n\"x\r\ny\",2\r\n", "a\tb\n\"x\ty\n", "\"\"\"\n\"", "sep=;\r\na;b\r\n", "a;b\n\"x\"y;2\n\"z\n", "\xef\xbb\xbfa;b\r1;2\r", "a;b\n\"\"\n;\"", "#\n#a\nb;c\n",
		"a||b\n'x''||'||2\n", "a  b   c \n 1  \"2  3\" 4\n", "a, b\n\"x\\\", \", c\\, d\n",
		"\"a;\"\"b\"\"\"\n\"1;\"\"2;3\"\"\";;\n", "a;b;c\n1;2;3\n\"4\"5;6\";7\n'8';'9;0';1\n1,2,3\n", "| a | b |\n|---|---|\n| 1 | \"2 |\n", "a;b;c\n1;2;\"3\n4;5;6\n7\";8;9\nSida 1\n",
	} {
		f.Add([]byte(seed), ";", "\"")
	}
	f.Fuzz(func(t *testing.T, data []byte, delimiter, quote string) {
		tryFile(t, data, Options{Delimiter: delimiter, Quote: quote})
		// Cut into records whole or from a window that grows byte by byte, the text is cut the same.
		if len(data) > 2000 {
			return
		}
		for _, d := range []*dialect{newDialect(";", '"', 0), newDialect("||", '\'', '\\'), newDialect(blanks, '"', 0), newDialect(", ", '"', '\\')} {
			cutTwice(t, d, data)
		}
		cutBoth(t, data, '"')
		cutBoth(t, data, 0)
	})
}

// cutTwice cuts the text into records and compares with what windows that grow byte by byte give.
func cutTwice(t *testing.T, d *dialect, b []byte) {
	var rec, part record
	for len(b) > 0 {
		n, ok := d.cut(b, true, &rec)
		if !ok || n <= 0 || n > len(b) {
			t.Fatalf("%d of %d", n, len(b))
		}
		for k := range len(b) {
			m, ok := d.cut(b[:k], false, &part)
			if ok && (m != n || len(part.fields) != len(rec.fields) || part.lines != rec.lines) {
				t.Fatalf("delimiter %q: a window of %d gives a record of %d bytes, not %d, of %q", d.delimiter, k, m, n, b)
			}
		}
		b = b[n:]
	}
}

func FuzzXLSX(f *testing.F) {
	f.Add([]byte(headerRow), []byte("<t>a</t>"), []byte("yyyy"))
	f.Add([]byte(cellRow(`<c r="B2" s="1"><f>A1</f><v>46357.5</v></c><c t="s"><v>0</v></c>`)), []byte("<r><t>a_x000D_</t></r><rPh><t>b</t></rPh>"), []byte(`[h]:mm;"x"0`))
	f.Add([]byte(`<row r="3" hidden='1'><c r="C3" t="d"><v>2026-01-01</v></c><!-- --><c r="A3" t="e"><v>#N/A</v></c></row>`), []byte("<t><![CDATA[x]]>&#229;</t>"), []byte(`000\-00`))
	f.Fuzz(func(t *testing.T, rows, shared, code []byte) {
		b := newBook(string(rows), string(shared))
		b.with("xl/styles.xml", `formatCode="0000000000"`, `formatCode="`+string(code)+`"`)
		tryFile(t, b.zip(), Options{})
	})
}

func FuzzDetect(f *testing.F) {
	for _, seed := range []string{"a;b\n", "\xff\xfea\x00;\x00b\x00", "\x00a\x00;", "PK\x03\x04", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "<html>", "\x8cke;\x9a\n", "\xe5;\xc3\xa5\n"} {
		f.Add([]byte(seed), "")
	}
	f.Add(newBook(headerRow).zip(), "")
	f.Add([]byte("a;\xa4\n"), "iso-8859-15")
	f.Fuzz(func(t *testing.T, data []byte, encoding string) {
		rows, whole := tryFile(t, data, Options{Encoding: encoding})
		if whole && rows > bytes.Count(data, []byte{'\n'})+bytes.Count(data, []byte{'\r'})+1 && !isZip(data) {
			t.Fatalf("%d rows in %q", rows, data)
		}
	})
}
