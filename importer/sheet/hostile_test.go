package sheet

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// archiveOf makes a zip by hand, so that it can lie.
type archiveOf struct {
	b    bytes.Buffer
	w    *zip.Writer
	errs []error
}

func newArchive() *archiveOf {
	a := &archiveOf{}
	a.w = zip.NewWriter(&a.b)
	return a
}

func (a *archiveOf) add(parts book) *archiveOf {
	for name, text := range parts {
		p, err := a.w.Create(name)
		if err == nil {
			_, err = p.Write([]byte(text))
		}
		a.errs = append(a.errs, err)
	}
	return a
}

// bomb adds a part of head, then unit so many times, then tail, without inflating it first: the deflated unit is repeated.
func (a *archiveOf) bomb(name, head, unit, tail string, times int) *archiveOf {
	sum := crc32.NewIEEE()
	var packed bytes.Buffer
	deflate := func(s string, last bool) []byte {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, flate.BestCompression)
		w.Write([]byte(s))
		if last {
			w.Close()
		} else {
			w.Flush()
		}
		return b.Bytes()
	}
	packed.Write(deflate(head, false))
	sum.Write([]byte(head))
	middle := deflate(unit, false)
	for range times {
		packed.Write(middle)
		sum.Write([]byte(unit))
	}
	packed.Write(deflate(tail, true))
	sum.Write([]byte(tail))
	p, err := a.w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: sum.Sum32(), CompressedSize64: uint64(packed.Len()), UncompressedSize64: uint64(len(head) + times*len(unit) + len(tail))})
	if err == nil {
		_, err = p.Write(packed.Bytes())
	}
	a.errs = append(a.errs, err)
	return a
}

func (a *archiveOf) bytes() []byte {
	for _, err := range append(a.errs, a.w.Close()) {
		if err != nil {
			panic(err)
		}
	}
	return a.b.Bytes()
}

// without is the book less some parts, which a bomb takes the place of.
func (b book) without(parts ...string) book {
	for _, part := range parts {
		delete(b, part)
	}
	return b
}

// noise is text that hardly packs, so that no ratio gives it away.
func noise(n int) string {
	rnd := rand.New(rand.NewPCG(5, 6))
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.-"[rnd.IntN(64)]
	}
	return string(b)
}

// patchDirectory changes the zip's table of contents: change gets each entry's fixed part and name.
func patchDirectory(data []byte, change func(entry []byte, name string)) []byte {
	for at := bytes.Index(data, []byte("PK\x01\x02")); at >= 0 && bytes.HasPrefix(data[at:], []byte("PK\x01\x02")); {
		n := int(binary.LittleEndian.Uint16(data[at+28:]))
		change(data[at:at+46], string(data[at+46:at+46+n]))
		at += 46 + n + int(binary.LittleEndian.Uint16(data[at+30:])) + int(binary.LittleEndian.Uint16(data[at+32:]))
	}
	return data
}

const sheetXML = "xl/worksheets/sheet1.xml"

// hostile are files that are made to take the time or the memory, or to be read as something that they are not; each with the
// words that its refusal has to hold.
var hostile = []struct {
	name string
	make func() []byte
	want string
}{
	{"blanks of 600 MiB", func() []byte {
		return newArchive().add(newBook("").without(sheetXML)).bomb(sheetXML, "<worksheet>", strings.Repeat("<a/>", 1<<18), "</worksheet>", 600).bytes()
	}, "more than 200 times its size"},
	{"600 MiB that pack badly", func() []byte {
		rows := strings.Repeat("<!--"+noise(8000)+strings.Repeat(" ", 250_000)+"-->", 4)
		return newArchive().add(newBook("").without(sheetXML)).bomb(sheetXML, "<worksheet><sheetData>", rows, "</sheetData></worksheet>", 600).bytes()
	}, "inflate to more than 512 MiB"},
	{"600 MiB of shared texts", func() []byte {
		texts := strings.Repeat("<si><t>"+noise(800)+strings.Repeat("x", 30_000)+"</t></si>", 34)
		return newArchive().add(newBook(headerRow).without("xl/sharedStrings.xml")).bomb("xl/sharedStrings.xml", "<sst>", texts, "</sst>", 600).bytes()
	}, "more than 192 MiB of shared texts"},
	{"a hundred million empty shared texts", func() []byte {
		texts := "<!--" + noise(4000) + "-->" + strings.Repeat("<si/>", 160_000)
		return newArchive().add(newBook(headerRow).without("xl/sharedStrings.xml")).bomb("xl/sharedStrings.xml", "<sst>", texts, "</sst>", 640).bytes()
	}, "more than 192 MiB of shared texts"},
	{"a long text a thousand times in a row", func() []byte {
		return newBook(headerRow+`<row r="2">`+strings.Repeat(`<c t="s"><v>0</v></c>`, 1000)+`</row>`, "<t>"+noise(32_000)+"</t>").zip()
	}, "the row has more than 8 MiB of text"},
	{"wide rows of long texts", func() []byte {
		row := "<!--" + noise(3000) + "--><row>" + strings.Repeat(`<c t="s"><v>0</v></c>`, 16_000) + "</row>"
		return newBook(strings.Repeat(row, 210)+"<oops>", "<t>"+noise(500)+"</t>").zip()
	}, "<oops> among the rows"},
	{"bomb in an OpenDocument file", func() []byte {
		a := newArchive().add(book{"mimetype": "x", "content.xml": "<x/>"})
		for i := range 70 {
			a.bomb(fmt.Sprintf("Pictures/%d.svg", i), "", noise(6000)+strings.Repeat("x", 1<<20), "", 15)
		}
		return a.bytes()
	}, "inflate to more than 512 MiB"},
	{"3000 parts", func() []byte {
		parts := book{}
		for i := range 3000 {
			parts[fmt.Sprintf("xl/%d", i)] = ""
		}
		return newArchive().add(parts).bytes()
	}, "parts, more than 2000"},
	{"a table of contents of 6 MiB", func() []byte {
		a := newArchive()
		for i := range 100 {
			_, err := a.w.CreateHeader(&zip.FileHeader{Name: fmt.Sprint(i), Comment: noise(60_000)})
			a.errs = append(a.errs, err)
		}
		return a.bytes()
	}, "its table of contents has more than 4 MiB"},
	{"parts over each other", func() []byte {
		var first uint32
		return patchDirectory(newBook(headerRow).zip(), func(entry []byte, name string) {
			if first == 0 {
				first = binary.LittleEndian.Uint32(entry[42:]) + 1
			}
			if name == sheetXML {
				binary.LittleEndian.PutUint32(entry[42:], first-1)
			}
		})
	}, "parts of it lie over each other"},
	{"a part longer than it says", func() []byte {
		return patchDirectory(newBook(headerRow).zip(), func(entry []byte, name string) {
			if name == sheetXML {
				binary.LittleEndian.PutUint32(entry[24:], 100)
			}
		})
	}, "damaged in " + sheetXML},
	{"a part shorter than it says", func() []byte {
		return patchDirectory(newBook(headerRow).zip(), func(entry []byte, name string) {
			if name == sheetXML {
				binary.LittleEndian.PutUint32(entry[24:], 1<<30)
			}
		})
	}, "damaged in " + sheetXML},
	{"a part beyond the file", func() []byte {
		return patchDirectory(newBook(headerRow).zip(), func(entry []byte, name string) {
			if name == sheetXML {
				binary.LittleEndian.PutUint32(entry[20:], 1<<30)
			}
		})
	}, "lies outside of the file"},
	{"a packing that is not known", func() []byte {
		return patchDirectory(newBook(headerRow).zip(), func(entry []byte, name string) {
			binary.LittleEndian.PutUint16(entry[10:], 99)
		})
	}, "cannot be unpacked"},
	{"a part twice", func() []byte {
		return newArchive().add(newBook(headerRow)).add(book{strings.ToUpper(sheetXML): "x"}).bytes()
	}, "twice"},
	{"a zip of zips", func() []byte {
		inner := newArchive().bomb("0", "", strings.Repeat("\x00", 1<<20), "", 1000).bytes()
		return newArchive().add(book{"1.zip": string(inner), "2.zip": string(inner)}).bytes()
	}, "holds no workbook"},
	{"billion laughs", func() []byte {
		var dtd strings.Builder
		dtd.WriteString(`<!DOCTYPE x [<!ENTITY a0 "ha">`)
		for i := range 30 {
			fmt.Fprintf(&dtd, `<!ENTITY a%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&a%d;", i), 10))
		}
		return newBook(cellRow("")).with(sheetXML, "<worksheet", dtd.String()+"]><worksheet").with(sheetXML, "<t>x</t>", "<t>&a30;</t>").zip()
	}, "a document type"},
	{"an entity of another file", func() []byte {
		return newBook(cellRow("")).with(sheetXML, "<worksheet", `<!DOCTYPE x SYSTEM "file:///etc/passwd"><worksheet`).zip()
	}, "a document type"},
	{"a tag of 5 MiB", func() []byte {
		return newBook(headerRow).with(sheetXML, "<pageMargins", `<x a="`+strings.Repeat("a", 5<<20)+`"/><pageMargins`).zip()
	}, "a tag or a text of more than 1048576 bytes"},
	{"a text of 5 MiB", func() []byte {
		return newBook(cellRow(`<c r="B2" t="inlineStr"><is><t>` + strings.Repeat("a", 5<<20) + `</t></is></c>`)).zip()
	}, "a tag or a text of more than 1048576 bytes"},
	{"100,000 elements inside each other", func() []byte {
		return newBook(headerRow).with(sheetXML, "<pageMargins", strings.Repeat("<a>", 100_000)+"<pageMargins").zip()
	}, "more than 64 elements inside each other"},
	{"more rows than a sheet has", func() []byte {
		return newArchive().add(newBook("").without(sheetXML)).bomb(sheetXML, "<worksheet><sheetData>"+headerRow, "<!--"+noise(1000)+"-->"+strings.Repeat("<row/>", 10_000), "</sheetData></worksheet>", 110).bytes()
	}, "more than 1048576 rows"},
	{"more columns than a sheet has", func() []byte {
		return newBook("<row>" + strings.Repeat("<c><v>1</v></c>", maxColumns+1) + "</row>").zip()
	}, "more than 16384 columns"},
	{"a row number that overflows", func() []byte { return newBook(`<row r="18446744073709551617"/>`).zip() }, "row number"},
	{"a cell far right", func() []byte { return newBook(`<row r="1"><c r="XFE1"><v>1</v></c></row>`).zip() }, "is no cell"},
	{"a cell far down", func() []byte { return newBook(`<row><c r="A1048577"><v>1</v></c></row>`).zip() }, "is no cell"},
	{"a style that overflows", func() []byte { return newBook(cellRow(`<c r="B2" s="4294967296"><v>1</v></c>`)).zip() }, "the style"},
	{"a shared text that overflows", func() []byte {
		return newBook(cellRow(`<c r="B2" t="s"><v>4294967296</v></c>`), "<t>a</t>").zip()
	}, "the number of its text"},
	{"a million sheets", func() []byte {
		return newBook(headerRow).with("xl/workbook.xml", "</sheets>", strings.Repeat(`<sheet name="x" r:id="rId1"/>`, 1_000_000)+"</sheets>").zip()
	}, "more than 1000 sheets"},
	{"many large sheets", func() []byte {
		b := newBook(headerRow).with("xl/workbook.xml", "</sheets>", strings.Repeat(`<sheet name="x" r:id="rId1"/>`, 900)+"</sheets>").without(sheetXML)
		return newArchive().add(b).bomb(sheetXML, "<worksheet><sheetData>", "<!--"+noise(9000)+strings.Repeat(" ", 1<<20-9010)+"-->", "</sheetData></worksheet>", 50).bytes()
	}, "more than 128 MiB would have to be read"},
	{"a million relations", func() []byte {
		return newBook(headerRow).with("xl/_rels/workbook.xml.rels", "</Relationships>", strings.Repeat(`<Relationship Id="a" Type="b" Target="c"/>`, 1_000_000)+"</Relationships>").zip()
	}, "more than 2000 relations"},
	{"a million styles", func() []byte {
		return newBook(headerRow).with("xl/styles.xml", "</cellXfs>", strings.Repeat(`<xf/>`, 1_000_000)+"</cellXfs>").zip()
	}, "more than 65536 styles"},
	{"a million number formats", func() []byte {
		var b strings.Builder
		for i := range 1_000_000 {
			fmt.Fprintf(&b, `<numFmt numFmtId="%d" formatCode="0"/>`, i)
		}
		return newBook(headerRow).with("xl/styles.xml", "</numFmts>", b.String()+"</numFmts>").zip()
	}, "more than 65536 number formats"},
	{"a long number format", func() []byte {
		return newBook(headerRow).with("xl/styles.xml", "0000000000", strings.Repeat("0", 10_000)).zip()
	}, "a number format of more than 4096 bytes"},
	{"an HTML tag without an end", func() []byte { return []byte("<table><tr><td " + strings.Repeat("a=b ", 1<<20)) }, "more than 1048576 bytes"},
	{"a million tables", func() []byte { return []byte(strings.Repeat("<table></table>", 1_000_000)) }, "more than 1000 tables"},
	{"tables inside tables", func() []byte { return []byte(strings.Repeat("<table><tr><td>", 1_000_000)) }, "more than 64 tables inside each other"},
	{"many large HTML tables", func() []byte {
		return []byte(strings.Repeat("<table><tr><td>a<td>b</tr></table>", 900) + strings.Repeat("<p> </p>", 1<<20))
	}, "more than 128 MiB would have to be read"},
	{"cells that reach over all rows", func() []byte {
		return []byte("<table>" + strings.Repeat("<tr>"+strings.Repeat("<td colspan=1000 rowspan=65534>x", 16)+"</tr>", 2000) + "</table>")
	}, "more than 16384 columns"},
	{"an HTML row of 20 MiB", func() []byte {
		return []byte("<table><tr>" + strings.Repeat("<td>"+strings.Repeat("x", 30_000), 700) + "</table>")
	}, "a row of more than 8 MiB"},
	{"a SpreadsheetML row of 20 MiB", func() []byte {
		return []byte(excelXMLHead + "<Row>" + strings.Repeat(`<Cell><Data ss:Type="String">`+strings.Repeat("x", 30_000)+"</Data></Cell>", 700) + "</Row>" + excelXMLTail)
	}, "a row of more than 8 MiB"},
	{"an entity in SpreadsheetML", func() []byte {
		return []byte(strings.Replace(excelXMLHead, "<Workbook", `<!DOCTYPE x [<!ENTITY a "b">]><Workbook`, 1) + excelXMLTail)
	}, "a document type"},
	{"a password hashed for an hour", func() []byte {
		// excelize cannot write this kind of protection, so the words are put where another's stood.
		locked, err := excelize.Encrypt([]byte(noise(20_000)), &excelize.Options{Password: "x"})
		if err != nil {
			panic(err)
		}
		info := bytes.Index(locked, []byte("M\x00i\x00c\x00r\x00o\x00s\x00o\x00f\x00t\x00 \x00E\x00n\x00h"))
		copy(locked[info:], `spinCount="4000000000"`)
		return locked
	}, "hashed more than 1000000 times"},
	{"an old file without an end", func() []byte {
		return append([]byte{0x09, 0x04, 0x06, 0x00, 0x00, 0x04, 0x10, 0x00, 0, 0}, bytes.Repeat([]byte{0x01, 0x00, 0x00, 0x00}, 1<<20)...)
	}, "it ends inside a sheet"},
	{"an old file in a circle", func() []byte {
		b := append(bytes.Clone(oleMagic), make([]byte, 4096)...)
		copy(b[24:], []byte{0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0})
		binary.LittleEndian.PutUint32(b[44:], 1)
		binary.LittleEndian.PutUint32(b[48:], 1) // the folder begins in sector 1, which the table in sector 0 says follows itself
		for i := range 109 {
			binary.LittleEndian.PutUint32(b[76+4*i:], 0xFFFFFFFF)
		}
		binary.LittleEndian.PutUint32(b[76:], 0)
		for i := range 128 {
			binary.LittleEndian.PutUint32(b[512+4*i:], 1)
		}
		return b
	}, "cut off or damaged"},
}

const hostilePath = "ORDERIMPORT_TEST_HOSTILE" // names the file that a child process reads

// TestReadHostile is the child of TestHostile.
func TestReadHostile(t *testing.T) {
	path := os.Getenv(hostilePath)
	if path == "" {
		return
	}
	defer func() {
		status, _ := os.ReadFile("/proc/self/status")
		if peak := regexp.MustCompile(`VmHWM:\s*(\d+) kB`).FindSubmatch(status); peak != nil {
			fmt.Printf("peak: %s\n", peak[1])
		}
	}()
	f, err := Open(path, Options{})
	if err == nil {
		for _, err = range f.Rows() {
		}
		f.Close()
	}
	if refused, ok := err.(*FileError); ok && refused.Hint != "" {
		fmt.Printf("refused: %v\n", err)
		return
	}
	t.Errorf("not refused: %v", err)
}

// TestHostile reads every file in a process of its own, which shows what it takes. The memory is asked for; the time, less than
// two seconds on a machine that does nothing else, is told by -v.
// The race detector needs a multiple of both, so under it only the refusal counts.
func TestHostile(t *testing.T) {
	for _, file := range hostile {
		t.Run(file.name, func(t *testing.T) {
			path := write(t, "in.xlsx", file.make())
			cmd := exec.Command(os.Args[0], "-test.run=^TestReadHostile$", "-test.timeout=60s")
			cmd.Env = append(os.Environ(), hostilePath+"="+path, "GOCOVERDIR="+t.TempDir())
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "refused: ") || !strings.Contains(string(out), file.want) {
				t.Fatalf("%v, want %q: %s", err, file.want, out)
			}
			peak := 0 // KiB; only Linux tells
			if m := regexp.MustCompile(`peak: (\d+)`).FindSubmatch(out); m != nil {
				peak, _ = strconv.Atoi(string(m[1]))
			}
			t.Logf("%v of the processor, %d MiB", cmd.ProcessState.UserTime().Round(10*time.Millisecond), peak>>10)
			if peak > 256<<10 && !underRace {
				t.Errorf("it took %d MiB", peak>>10)
			}
		})
	}
}
