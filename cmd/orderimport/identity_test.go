package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger/ledgertest"
)

// list is a list of people as a personnel system exports it. who names the person of each row, whatever becomes of the cells.
type list struct {
	labels []string
	rows   [][]string
	who    []int
}

// The columns of a list as it is first ordered. The last two are mapped to nothing.
const (
	numberColumn = iota
	firstColumn
	lastColumn
	emailColumn
	mobileColumn
	groupColumn
	centreColumn
	startColumn
	titleColumn
	remarkColumn
)

const listProfile = `version: 1
package: 1001
customer: "100200"
key: [Anställningsnr]
fields:
  firstname: Förnamn
  lastname: Efternamn
  email: E-post
  employeeNumber: Anställningsnr
  phoneNumber: Mobil
  userGroup1: {column: Avdelning, map: {Sälj: Försäljning}}
  alias: {value: "{{Förnamn}} {{Efternamn}}"}
  costCenter: Kostnadsställe
  desiredActivationDate: {column: Startdatum, dates: [yyyy-mm-dd, d/m/yyyy]}
`

var (
	firstNames = strings.Fields("Åsa Björn Cecilia David Elin Fredrik Göran Hanna Ingrid Jörgen Karl-Johan Lena Märta Nils Örjan Per Rasmus Siv Zoë André Inès")
	lastNames  = strings.Fields("Andersson Johansson Karlsson Nilsson Öberg Åkesson Lindqvist Sjöström Müller Ångström Håkansson Bergström D'Angelo Nuñez")
	groups     = []string{"Ekonomi", "Försäljning", "HR", "IT", "Kundtjänst", "Lager & Logistik"}
)

// notAGroup is a value that makes a row invalid.
const notAGroup = "Säljj"

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// newList makes people that nobody else has made with a lower first number.
func newList(r *rand.Rand, first, people int) list {
	l := list{labels: slices.Clone(exportLabels)}
	for n := first; n < first+people; n++ {
		row := []string{
			fmt.Sprintf("%06d", 20000+n), pick(r, firstNames), pick(r, lastNames), fmt.Sprintf("person.%d@example.se", n), fmt.Sprintf("07%08d", 10000000+n*7),
			pick(r, groups), fmt.Sprint(4000 + r.IntN(50)*10), fmt.Sprintf("2026-12-%02d", 1+r.IntN(28)), "Controller", "",
		}
		if r.IntN(8) == 0 {
			row[lastColumn] += " " + pick(r, lastNames)
		}
		if r.IntN(6) == 0 {
			row[mobileColumn] = "" // new people have no number to bring along
		}
		l.rows, l.who = append(l.rows, row), append(l.who, n)
	}
	return l
}

func (l list) clone() list {
	c := list{slices.Clone(l.labels), make([][]string, len(l.rows)), slices.Clone(l.who)}
	for i, row := range l.rows {
		c.rows[i] = slices.Clone(row)
	}
	return c
}

// each changes one cell of every row.
func (l list) each(column int, change func(string) string) list {
	c := l.clone()
	for _, row := range c.rows {
		if row[column] != "" {
			row[column] = change(row[column])
		}
	}
	return c
}

// inOrder puts the rows in another order.
func (l list) inOrder(order []int) list {
	c := list{labels: l.labels}
	for _, i := range order {
		c.rows, c.who = append(c.rows, l.rows[i]), append(c.who, l.who[i])
	}
	return c
}

// withColumns puts the columns in another order; -1 is a new one.
func (l list) withColumns(order []int) list {
	c := list{who: l.who, rows: make([][]string, len(l.rows))}
	for _, from := range order {
		if from >= 0 {
			c.labels = append(c.labels, l.labels[from])
		} else {
			c.labels = append(c.labels, fmt.Sprintf("Uppgift %d", len(c.labels)))
		}
		for i, row := range l.rows {
			text := fmt.Sprint("x", i%3)
			if from >= 0 {
				text = row[from]
			}
			c.rows[i] = append(c.rows[i], text)
		}
	}
	return c
}

func columnsOf(l list) []int {
	all := make([]int, len(l.labels))
	for i := range all {
		all[i] = i
	}
	return all
}

// text is the list as CSV.
func (l list) text(delimiter, end string, quoted bool) string {
	var b strings.Builder
	for _, row := range append([][]string{l.labels}, l.rows...) {
		for i, cell := range row {
			if i > 0 {
				b.WriteString(delimiter)
			}
			if quoted || strings.ContainsAny(cell, "\"\r\n"+delimiter) {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteString(end)
	}
	return b.String()
}

func (l list) csv() []byte { return []byte(l.text(";", "\r\n", false)) }

// workbook is the list as Excel has it: texts, or where typed says so, dates and numbers as such.
func (l list) workbook(t *testing.T, typed bool) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range append([][]string{l.labels}, l.rows...) {
		for c, text := range row {
			name, err := excelize.CoordinatesToCellName(c+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if text == "" {
				continue
			}
			day, notDay := time.Parse(time.DateOnly, text)
			var number int
			_, notNumber := fmt.Sscanf(text, "%d", &number)
			switch {
			case typed && notDay == nil:
				err = f.SetCellValue("Sheet1", name, day)
				if err == nil {
					err = f.SetCellStyle("Sheet1", name, name, date)
				}
			case typed && notNumber == nil && strings.Trim(text, "0123456789") == "" && !strings.HasPrefix(text, "07"):
				err = f.SetCellValue("Sheet1", name, number) // the zeros before an employee number are gone
			default:
				err = f.SetCellStr("Sheet1", name, text)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// desk runs the program in this process, in a home of its own, against one sandbox.
type desk struct {
	*place
	server *connecttest.Server
	ledger string
}

func newDesk(t *testing.T, faults ...string) *desk {
	t.Helper()
	d := &desk{place: newPlace(t), server: sandboxWith(t, connecttest.Options{Token: "token-of-a-test"}, faults...)}
	for name, value := range map[string]string{"HOME": d.dir, "XDG_DATA_HOME": d.path("data"), "XDG_CONFIG_HOME": d.path("config"), "AppData": d.path("config"),
		"LocalAppData": d.path("data"), "ORDERIMPORT_TOKEN": "token-of-a-test", "LANG": "C"} {
		t.Setenv(name, value)
	}
	d.ledger = d.path("ledger.db")
	d.put("profile.yaml", []byte(listProfile))
	return d
}

// told is a row of a JSON result.
type told struct {
	Row         int
	Status      string
	OrderNumber string
	Findings    []struct{ Code, Message string }
}

// says joins what is found of the row.
func (r *told) says() string {
	var parts []string
	for _, f := range r.Findings {
		parts = append(parts, f.Message)
	}
	return strings.Join(parts, "; ")
}

// submit sends a file and gives the rows of the result.
func (d *desk) submit(name string, flags ...string) []told {
	d.t.Helper()
	out := d.path("out.json")
	os.Remove(out)
	args := append([]string{"submit", d.path(name), "--endpoint", d.server.URL(), "--ledger", d.ledger, "--rate", "0", "--yes", "--skip-invalid", "--stop-after-doubts", "0", "--result", out}, flags...)
	if !slices.Contains(flags, "--package") && !slices.Contains(flags, "--profile") {
		args = append(args, "--profile", d.path("profile.yaml"))
	}
	var said bytes.Buffer
	code := run(context.Background(), args, strings.NewReader(""), io.Discard, &said)
	text, err := os.ReadFile(out)
	if err != nil {
		d.t.Fatalf("exit %d, no result: %s", code, &said)
	}
	var r struct{ Rows []told }
	if err := json.Unmarshal(text, &r); err != nil {
		d.t.Fatal(err)
	}
	return r.Rows
}

// change is one way in which a file comes back.
type change struct {
	name   string
	file   string // "" is people.csv
	data   []byte
	flags  []string
	who    []int          // the persons of the rows
	edited map[int]string // what is said of the rows that are another order now, by person
	held   bool           // rows may be held instead of known: the order is put together in another way
}

// spellings are other ways to write what a column holds.
var spellings = []struct {
	name   string
	column int
	spell  func(string) string
}{
	{"e-mail in capitals", emailColumn, strings.ToUpper},
	{"characters that nobody sees", emailColumn, func(s string) string { return s[:3] + "\u200b" + s[3:] + "\u00ad" }},
	{"phones with the country", mobileColumn, func(s string) string { return "+46 " + s[1:3] + " " + s[3:6] + " " + s[6:8] + " " + s[8:] }},
	{"phones with 0046", mobileColumn, func(s string) string { return "0046" + s[1:] }},
	{"phones with a zero in brackets", mobileColumn, func(s string) string { return "+46 (0)" + s[1:] }},
	{"phones in groups", mobileColumn, func(s string) string { return s[:3] + "-" + s[3:6] + " " + s[6:8] + " " + s[8:] }},
	{"employee numbers without zeros", numberColumn, func(s string) string { return strings.TrimLeft(s, "0") }},
	{"dates of another form", startColumn, func(s string) string { return s[8:] + "/" + s[5:7] + "/" + s[:4] }},
	{"dates with a time of midnight", startColumn, func(s string) string { return s + " 00:00:00" }},
	{"the value map's word", groupColumn, func(s string) string { return strings.Replace(s, "Försäljning", "Sälj", 1) }},
	{"groups in lower case", groupColumn, strings.ToLower},
	{"costs with a decimal", centreColumn, func(s string) string { return s + ",00" }},
}

// changes are all the ways in which what was ordered comes back without anything new in it.
func changes(t *testing.T, r *rand.Rand, l list, results map[string][]byte) []change {
	text := l.text(";", "\r\n", false)
	again := func(l list) change { return change{data: l.csv(), who: l.who} }
	is := func(name string, c change) change { c.name = name; return c }
	file := func(name, file string, data []byte) change {
		return change{name: name, file: file, data: data, who: l.who}
	}
	reversed := make([]int, len(l.rows))
	for i := range reversed {
		reversed[i] = len(reversed) - 1 - i
	}
	columns := columnsOf(l)
	moved := slices.Clone(columns)
	r.Shuffle(len(moved), func(i, j int) { moved[i], moved[j] = moved[j], moved[i] })
	some := r.Perm(len(l.rows))[:1+len(l.rows)/2]

	all := []change{
		is("the same file", again(l)),
		file("renamed", "december (2) slutgiltig.csv", l.csv()),
		file("in another folder", "elsewhere/people.csv", l.csv()),
		is("the rows backwards", again(l.inOrder(reversed))),
		is("the rows shuffled", again(l.inOrder(r.Perm(len(l.rows))))),
		is("some of the rows", again(l.inOrder(some))),

		file("as a workbook of texts", "people.xlsx", l.workbook(t, false)),
		file("as a workbook of dates and numbers", "people.xlsx", l.workbook(t, true)),
		is("columns moved", again(l.withColumns(moved))),
		file("columns moved, as a workbook", "people.xlsx", l.withColumns(moved).workbook(t, true)),
		is("a column added in front", again(l.withColumns(append([]int{-1}, columns...)))),
		is("columns added in the middle and behind", again(l.withColumns(slices.Concat(columns[:4], []int{-1}, columns[4:], []int{-1})))),
		is("columns that feed nothing taken away", again(l.withColumns(columns[:titleColumn]))),
		is("cells edited that feed nothing", again(l.each(titleColumn, func(s string) string { return "Chef, " + s }))),

		file("utf-8 with a mark", "", append([]byte("\ufeff"), l.csv()...)),
		file("utf-16", "", wide(text)),
		file("windows-1252", "", narrow(t, charmap.Windows1252, text)),
		file("macintosh", "", narrow(t, charmap.Macintosh, text)),
		file("accents on their own", "", []byte(norm.NFD.String(text))),
		file("commas", "", []byte(l.text(",", "\r\n", false))),
		file("tabs", "people.txt", []byte(l.text("\t", "\n", false))),
		file("bars and quotes", "", []byte(l.text("|", "\n", true))),
		file("a title, blank lines and a remark", "", []byte("Nyanställda\r\n\r\n"+strings.Replace(text, "\r\n", "\r\n;;;;;;;;;\r\n", 1)+"\r\n# klart\r\n")),
	}
	together, spelt := l, map[int]bool{}
	for _, other := range spellings {
		all = append(all, is(other.name, again(l.each(other.column, other.spell))))
		if !spelt[other.column] && r.IntN(3) == 0 {
			together, spelt[other.column] = together.each(other.column, other.spell), true
		}
	}
	blanks := l
	for column := range l.labels {
		blanks = blanks.each(column, func(s string) string { return " " + strings.ReplaceAll(s, " ", "\u00a0 ") + "\u00a0" })
	}
	all = append(all, is("blanks", again(blanks)))
	together = together.inOrder(some).withColumns(append(moved, -1))
	c := again(together)
	c.name = "several of these at once"
	if r.IntN(2) == 0 {
		c.file, c.data = "december.xlsx", together.workbook(t, r.IntN(2) == 0)
	}
	all = append(all, c)

	renamed := l.clone()
	renamed.labels[mobileColumn], renamed.labels[groupColumn] = "Nummer att flytta", "Enhet"
	c = again(renamed)
	c.name, c.flags = "labels of other words, and a profile that knows them", []string{"--profile", "other.yaml"}
	all = append(all, c)
	c = again(l)
	c.name, c.flags, c.held = "without a profile", []string{"--package", "Mobil Bas", "--customer", "100200"}, true
	all = append(all, c)
	c = again(renamed.withColumns(moved))
	c.name, c.flags, c.held = "without a profile, labels of other words, columns moved", []string{"--package", "1001", "--customer", "100200"}, true
	all = append(all, c)
	c = again(l)
	c.name, c.flags = "package and customer named twice", []string{"--package", "1001", "--customer", "100200", "--profile", "profile.yaml"}
	all = append(all, c)

	var good []int // rows that are ordered, each the only one of its person
	for i, who := range l.who {
		if l.rows[i][groupColumn] != notAGroup && slices.Index(l.who, who) == i && !slices.Contains(l.who[i+1:], who) {
			good = append(good, i)
		}
	}
	// One cell that feeds an order: the person is known, the order is another. A person decides.
	for column, field := range map[int]string{
		firstColumn: "firstname, alias", lastColumn: "lastname, alias", emailColumn: "email", numberColumn: "employeeNumber", mobileColumn: "phoneNumber",
		groupColumn: "userGroup1", centreColumn: "costCenter", startColumn: "desiredActivationDate",
	} {
		edited := l.clone()
		row := pick(r, good)
		old := edited.rows[row][column]
		edited.rows[row][column] = map[int]string{firstColumn: "Annan", lastColumn: "Annansson", emailColumn: "other." + old, numberColumn: "9" + old,
			mobileColumn: "0701234567", groupColumn: "HR", centreColumn: "1", startColumn: "2027-01-31"}[column]
		if old == "HR" {
			edited.rows[row][column] = "IT"
		}
		c := again(edited)
		c.name, c.edited = "edited: "+field, map[int]string{l.who[row]: "what differs: " + field}
		all = append(all, c)
	}
	for name, data := range results {
		c := file("the result, "+name, name, data)
		all = append(all, c)
	}
	return all
}

func wide(text string) []byte {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func narrow(t *testing.T, encoding *charmap.Charmap, text string) []byte {
	t.Helper()
	b, err := encoding.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAFileThatComesBack orders lists of people and submits each again in every way of changes: the sandbox's audit holds not one
// order more, and each row says which order it has.
func TestAFileThatComesBack(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		newDesk(t, "reset-after@every:9").comeBack(tier(1, 14, 300))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		if tier(0, 1, 1) == 0 {
			t.Skip("with ORDERIMPORT_TEST_ALL=1")
		}
		cluster := ledgertest.NewCluster(t)
		d := newDesk(t, "reset-after@every:9")
		d.ledger = cluster.Database()
		d.comeBack(tier(0, 6, 60))
	})
}

// comeBack is TestAFileThatComesBack with so many lists.
func (d *desk) comeBack(lists int) {
	t := d.t
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	d.put("other.yaml", []byte(strings.NewReplacer(": Mobil\n", ": Nummer att flytta\n", "column: Avdelning", "column: Enhet").Replace(listProfile)))
	first, imports := 0, 0
	for range lists {
		l := newList(r, first, 4+r.IntN(12))
		first += len(l.rows)
		l.rows[r.IntN(len(l.rows))][groupColumn] = notAGroup
		if n := r.IntN(len(l.rows)); r.IntN(2) == 0 { // the same row twice: the second waits for a person
			l.rows, l.who = append(l.rows, slices.Clone(l.rows[n])), append(l.who, l.who[n])
		}
		original, data := "people.csv", l.csv()
		if r.IntN(2) == 0 {
			original, data = "people.xlsx", l.workbook(t, r.IntN(2) == 0)
		}
		d.put(original, data)
		ordered := d.submit(original, "--result", d.path("result.xlsx"), "--result", d.path("result.csv"))
		if len(ordered) != len(l.rows) {
			t.Fatalf("%d rows of %d", len(ordered), len(l.rows))
		}
		before := map[int][]told{}
		for i, row := range ordered {
			before[l.who[i]] = append(before[l.who[i]], row)
		}
		results := map[string][]byte{}
		d.submit("result.csv", "--lang", "sv", "--result", d.path("result-of-result.xlsx"), "--result", d.path("result-of-result.csv"))
		for _, name := range []string{"result.xlsx", "result.csv", "result-of-result.xlsx", "result-of-result.csv"} {
			data, err := os.ReadFile(d.path(name))
			if err != nil {
				t.Fatal(err)
			}
			results[name] = data
		}
		made := len(d.server.Audit())
		for _, c := range changes(t, r, l, results) {
			name := c.file
			if name == "" {
				name = "people.csv"
			}
			if err := os.MkdirAll(filepath.Dir(d.path(name)), 0o700); err != nil {
				t.Fatal(err)
			}
			d.put(name, c.data)
			for i, flag := range c.flags {
				if strings.HasSuffix(flag, ".yaml") {
					c.flags[i] = d.path(flag)
				}
			}
			got := d.submit(name, c.flags...)
			imports++
			if now := len(d.server.Audit()); now != made {
				t.Fatalf("%s: %d new orders\n%s", c.name, now-made, c.data)
			}
			if len(got) != len(c.who) {
				t.Errorf("%s: %d rows of %d", c.name, len(got), len(c.who))
				continue
			}
			seen := map[int]int{}
			for i := range got {
				who := c.who[i]
				c.compare(t, &before[who][seen[who]], &got[i], who)
				seen[who]++
			}
		}
	}
	t.Logf("%d people, %d imports, %d orders", first, imports, len(d.server.Audit()))
}

// compare holds what is told of a row that came back against what was told before.
func (c *change) compare(t *testing.T, before, now *told, who int) {
	t.Helper()
	status, says := "", ""
	switch before.Status {
	case "ordered":
		status, says = "duplicate", "already ordered as "+before.OrderNumber+" "
	case "inDoubt", "held":
		status = "held"
	case "invalid":
		status = "invalid"
	}
	if edit := c.edited[who]; edit != "" && status == "duplicate" {
		status, says = "held", edit
	}
	if c.held && status == "duplicate" && now.Status == "held" {
		status, says = "held", ""
	}
	if status == "" || now.Status != status || !strings.Contains(now.says(), says) || status == "duplicate" && now.OrderNumber != before.OrderNumber {
		t.Errorf("%s: row %d, once %s, is %s %q: %s\nwanted %s: %s", c.name, now.Row, before.Status, now.Status, now.OrderNumber, now.says(), status, says)
	}
}

// TestThingsThatComeBack is about orders that name no person, so that nothing but the whole order tells them apart.
func TestThingsThatComeBack(t *testing.T) {
	d := newDesk(t)
	const rows = 40
	var text strings.Builder
	text.WriteString("Namn;Avdelning;Anknytning;Öppnar\r\n")
	book := excelize.NewFile()
	defer book.Close()
	clock, err := book.NewStyle(&excelize.Style{NumFmt: 20})
	if err != nil {
		t.Fatal(err)
	}
	put := func(row int, cells ...any) {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", row), &cells); err != nil {
			t.Fatal(err)
		}
	}
	put(1, "Öppnar", "Anknytning", "Namn", "Avdelning")
	for n := range rows {
		hour, minute := 6+n%5, n%4*15
		fmt.Fprintf(&text, "Reception %d;%s;%d;%02d:%02d\r\n", n/2, groups[n%len(groups)], 100+n, hour, minute)
		put(n+2, float64(hour*60+minute)/(24*60), 100+n, fmt.Sprint("Reception ", n/2), groups[n%len(groups)])
	}
	if err := book.SetCellStyle("Sheet1", "A2", fmt.Sprintf("A%d", rows+1), clock); err != nil {
		t.Fatal(err)
	}
	var typed bytes.Buffer
	if _, err := book.WriteTo(&typed); err != nil {
		t.Fatal(err)
	}
	d.put("halls.csv", []byte(text.String()))
	d.put("halls.xlsx", typed.Bytes())
	d.put("spelt.csv", []byte(strings.NewReplacer(" ", "  ", ";0", ";\u00a00").Replace(text.String())))
	flags := []string{"--package", "3001", "--customer", "100200"}
	for _, row := range d.submit("halls.csv", flags...) {
		if row.Status != "ordered" {
			t.Fatalf("row %d is %s: %s", row.Row, row.Status, row.says())
		}
	}
	for _, name := range []string{"halls.csv", "halls.xlsx", "spelt.csv"} {
		for _, row := range d.submit(name, flags...) {
			if row.Status != "duplicate" {
				t.Errorf("%s: row %d is %s: %s", name, row.Row, row.Status, row.says())
			}
		}
	}
	if n := len(d.server.Audit()); n != rows {
		t.Errorf("%d orders, not %d", n, rows)
	}
}

// TestTheLedgerIsLost submits results to a ledger that has never heard of their orders: no row that has an order, or may have one, is
// ordered. Of the list itself nothing can be known; then the question says that the customer is new and that a result lies beside it.
func TestTheLedgerIsLost(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	d := newDesk(t, "reset-after@4", "http-400-before@5")
	l := newList(r, 0, 12)
	l.rows[6][groupColumn] = notAGroup
	l.rows, l.who = append(l.rows, slices.Clone(l.rows[0])), append(l.who, l.who[0])
	d.put("people.csv", l.csv())
	before := d.submit("people.csv", "--workers", "1", "--first", "9", "--result", d.path("result.xlsx"), "--result", d.path("result.csv"))
	svenska := d.submit("people.csv", "--lang", "sv", "--first", "1", "--result", d.path("resultat.xlsx"), "--result", d.path("resultat.csv"))
	kept := d.ledger
	made := len(d.server.Audit())
	fix := func(data []byte, mend func(labels []string, rows [][]string)) []byte {
		t.Helper()
		book, err := excelize.OpenReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		rows, err := book.GetRows(book.GetSheetName(0))
		if err != nil {
			t.Fatal(err)
		}
		for i := range rows {
			rows[i] = append(rows[i], make([]string, len(rows[0])-min(len(rows[0]), len(rows[i])))...)
		}
		mend(rows[0], rows[1:])
		return list{labels: rows[0], rows: rows[1:]}.csv()
	}
	read := func(name string) []byte {
		t.Helper()
		data, err := os.ReadFile(d.path(name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for _, test := range []struct {
		name   string
		data   []byte
		before []told
	}{
		{"again.xlsx", read("result.xlsx"), before},
		{"again.csv", read("result.csv"), before},
		{"igen.xlsx", read("resultat.xlsx"), svenska},
		{"igen.csv", read("resultat.csv"), svenska},
		{"moved.csv", fix(read("result.xlsx"), func(labels []string, rows [][]string) {
			for _, row := range append(rows, labels) {
				slices.Reverse(row)
			}
		}), before},
		{"edited.csv", fix(read("result.xlsx"), func(_ []string, rows [][]string) {
			for n, row := range rows {
				if row[groupColumn] != notAGroup {
					row[groupColumn] = []string{"HR", "IT"}[n%2]
				}
			}
		}), before},
	} {
		t.Run(test.name, func(t *testing.T) {
			d.put(test.name, test.data)
			d.ledger = d.path(test.name + ".db")
			now := d.submit(test.name, "--first", "1")
			fresh := 0
			for i, row := range now {
				was := test.before[i]
				switch was.Status {
				case "ordered", "duplicate":
					if row.Status != "held" || !strings.Contains(row.says(), was.OrderNumber+" of it (run ") {
						t.Errorf("row %d has order %s, and is %s: %s", row.Row, was.OrderNumber, row.Status, row.says())
					}
				case "inDoubt", "held":
					if row.Status != "held" {
						t.Errorf("row %d was %s, and is %s: %s", row.Row, was.Status, row.Status, row.says())
					}
				case "rejected", "notSent":
					fresh++
					if row.Status != "ordered" && row.Status != "notSent" {
						t.Errorf("row %d was %s, and is %s: %s", row.Row, was.Status, row.Status, row.says())
					}
				default:
					if row.Status != was.Status {
						t.Errorf("row %d was %s, and is %s: %s", row.Row, was.Status, row.Status, row.says())
					}
				}
			}
			made++ // the one row of those that may be sent
			if n := len(d.server.Audit()); fresh < 2 || n != made {
				t.Errorf("%d orders, not %d; %d rows may be sent", n, made, fresh)
			}
		})
	}

	t.Run("the list itself", func(t *testing.T) {
		d.put("people-result.xlsx", read("result.xlsx"))
		var said bytes.Buffer
		code := run(context.Background(), []string{"submit", d.path("people.csv"), "--endpoint", d.server.URL(), "--ledger", d.path("empty.db"), "--skip-invalid", "--profile", d.path("profile.yaml")},
			strings.NewReader(""), io.Discard, &said)
		if code != exitUse || !strings.Contains(said.String(), "has never ordered for customer 100200") || !strings.Contains(said.String(), "people-result.xlsx") {
			t.Errorf("exit %d: %s", code, &said)
		}
	})

	// The ledger knows the run, and that it was for another API: a pilot on the test endpoint holds nothing on the live one.
	d.server = sandboxWith(t, connecttest.Options{Token: "token-of-a-test"})
	t.Run("another host", func(t *testing.T) {
		d.ledger = kept
		for i, row := range d.submit("again.xlsx") {
			if status := before[i].Status; row.Status != "ordered" && status != "invalid" && status != "held" {
				t.Errorf("row %d is %s: %s", row.Row, row.Status, row.says())
			}
		}
	})
	t.Run("another host, and the ledger lost", func(t *testing.T) {
		d.ledger = d.path("lost.db")
		orders := len(d.server.Audit())
		for i, row := range d.submit("again.xlsx", "--first", "1") {
			if before[i].Status == "ordered" && row.Status != "held" {
				t.Errorf("row %d is %s: %s", row.Row, row.Status, row.says())
			}
		}
		if n := len(d.server.Audit()); n != orders+1 {
			t.Errorf("%d orders", n-orders)
		}
	})
}

// TestMendedRows mends what was invalid and what the API refused, in the list and in its result: that is ordered once, and nothing else.
func TestMendedRows(t *testing.T) {
	for _, back := range []string{"people.csv", "result.xlsx"} {
		t.Run(back, func(t *testing.T) {
			d := newDesk(t, "http-400-before@2")
			l := newList(rand.New(rand.NewPCG(1, 0)), 0, 6)
			l.rows[4][groupColumn] = notAGroup
			d.put("people.csv", l.csv())
			statuses := func(rows []told) (all string) {
				for _, row := range rows {
					all += row.Status + " "
				}
				return all
			}
			if got, want := statuses(d.submit("people.csv", "--workers", "1", "--result", d.path("result.xlsx"))), "ordered rejected ordered ordered invalid ordered "; got != want {
				t.Fatalf("%s, not %s", got, want)
			}
			mended := l.clone()
			mended.rows[1][groupColumn], mended.rows[4][groupColumn] = "IT", "IT"
			d.put("people.csv", mended.csv())
			if back != "people.csv" {
				book, err := excelize.OpenFile(d.path(back))
				if err != nil {
					t.Fatal(err)
				}
				defer book.Close()
				for _, cell := range []string{"F3", "F6"} {
					if err := book.SetCellStr(book.GetSheetName(0), cell, "IT"); err != nil {
						t.Fatal(err)
					}
				}
				if err := book.Save(); err != nil {
					t.Fatal(err)
				}
			}
			if got, want := statuses(d.submit(back)), "duplicate ordered duplicate duplicate ordered duplicate "; got != want {
				t.Errorf("mended: %s, not %s", got, want)
			}
			if got, want := statuses(d.submit(back)), strings.Repeat("duplicate ", 6); got != want || len(d.server.Audit()) != 6 {
				t.Errorf("again: %s and %d orders, not %s", got, len(d.server.Audit()), want)
			}
		})
	}
}
