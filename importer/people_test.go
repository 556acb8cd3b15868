package importer_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/importer/submit"
)

// The names that are given most often, first ones before last ones, so that a company of some size has people who share both.
var (
	givenNames = strings.Fields(`Anna Lars Maria Mikael Eva Anders Kristina Johan Karin Erik Sara Per Lena Karl Emma Peter Kerstin Thomas Marie Jan
		Malin Daniel Jenny Fredrik Hanna Hans Linda Andreas Birgitta Stefan Elin Mohammed Åsa Björn Märta Göran Ahmed Örjan Zoë André Fatima Ali Inger Nils`)
	familyNames = strings.Fields(`Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson Jansson Hansson
		Bengtsson Jönsson Lindberg Jakobsson Magnusson Lindström Olofsson Lindqvist Lindgren Berg Axelsson Bergström Lundberg Lind Lundgren Mattsson Berglund
		Fredriksson Sandberg Henriksson Ali Mohamed Sjöberg Forsberg Wallin Engström Åberg Öberg Håkansson D'Angelo Nguyen Müller`)
)

// crowd invents people. No two of them share an e-mail, a phone or, within one customer, an employee number; anything else they do.
type crowd struct {
	random *rand.Rand
	emails map[string]bool
	phones map[string]bool
	hired  map[int]int // by company
	mobile string      // the last Swedish one
	made   int
}

// rank prefers the first of n, as names are spread.
func (c *crowd) rank(n int) int { return int(float64(n) * c.random.Float64() * c.random.Float64()) }

// somebody is a person as a personnel system has one.
type somebody struct{ first, last, email, phone, group string }

// employed gives the company's next number. How companies number their people differs: with zeros in front, with letters, not at all;
// the same numbers come up in each.
func (c *crowd) employed(company int) string {
	c.hired[company]++
	switch n := c.hired[company]; company % 3 {
	case 0:
		return fmt.Sprintf("%06d", n)
	case 1:
		return fmt.Sprintf("K%d%c", n/26, 'a'+n%26)
	}
	return ""
}

// letters is what of a name goes into an address.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(name)))
}

// next invents one more person.
func (c *crowd) next() somebody {
	c.made++
	p := somebody{first: givenNames[c.rank(len(givenNames))], last: familyNames[c.rank(len(familyNames))], group: []string{"Ekonomi", "IT", "HR"}[c.rank(3)]}
	plain, family := letters(p.first), letters(p.last)
	for n := 1; ; n++ { // the second of a name is anna.andersson2
		p.email = plain + "." + family + "@example.se"
		if n > 1 {
			p.email = fmt.Sprintf("%s.%s%d@example.se", plain, family, n)
		}
		if !c.emails[p.email] {
			c.emails[p.email] = true
			break
		}
	}
	for c.random.IntN(4) > 0 && p.phone == "" { // one in four brings no number along
		phone := fmt.Sprintf("07%d%07d", []int{0, 2, 3, 6, 9}[c.random.IntN(5)], c.random.IntN(10_000_000))
		if c.random.IntN(20) == 0 && c.mobile != "" {
			phone = "+" + []string{"47", "45", "358"}[c.random.IntN(3)] + c.mobile[1:] // a colleague's digits in another country
		}
		if !c.phones[phone] {
			c.phones[phone], p.phone = true, phone
			if phone[0] == '0' {
				c.mobile = phone
			}
		}
	}
	return p
}

// tier picks a suite's size: plain go test, ORDERIMPORT_TEST_ALL=1, ORDERIMPORT_TEST_LONG=1.
func tier(plain, all, long int) int {
	switch {
	case os.Getenv("ORDERIMPORT_TEST_LONG") == "1":
		return long
	case os.Getenv("ORDERIMPORT_TEST_ALL") == "1":
		return all
	}
	return plain
}

// TestDifferentPeople orders for people who share their names, their department, their day, the switchboard and whatever else
// does not name a person; for people who work at two companies; and two packages for each. Nobody is held for somebody else, in one
// file or against all that were ordered before.
func TestDifferentPeople(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	people := tier(1_000, 10_000, 100_000)
	d := newDesk(t)
	c := &crowd{random: rand.New(rand.NewPCG(seed, 0)), emails: map[string]bool{}, phones: map[string]bool{}, hired: map[int]int{}}
	const labels = "Kundnummer;Anställningsnr;Förnamn;Efternamn;E-post;Mobil;Direkt;Växel;Avdelning;Startdatum\n"
	const shared = "version: 1\ncustomer: {column: Kundnummer}\nfields:\n  firstname: Förnamn\n  lastname: Efternamn\n  email: E-post\n  userGroup1: Avdelning\n"
	phones := shared + "  employeeNumber: Anställningsnr\n  phoneNumber: Mobil\n  desiredActivationDate: Startdatum\npackage: 1001\n"
	// Of the extensions, those without a number of their own show the switchboard's, which the profile fills in.
	extensions := shared + "  directNumber: {column: Direkt, default: \"08-123 45 00\"}\npackage: 2001\nkey: [E-post]\n"
	const files = 5
	sameName, names := 0, map[string]bool{}
	var rows int
	for range files {
		var text strings.Builder
		text.WriteString(labels)
		rows = 0
		for i := range people / files {
			customer := i % 6
			p := c.next()
			if name := fmt.Sprint(customer, p.first, p.last); names[name] {
				sameName++
			} else {
				names[name] = true
			}
			direct := ""
			if i%2 == 0 {
				direct = fmt.Sprintf("08%07d", c.made)
			}
			companies := []int{customer}
			if i%50 == 0 {
				companies = append(companies, (customer+1)%6)
			}
			for _, company := range companies {
				rows++
				fmt.Fprintf(&text, "%d;%s;%s;%s;%s;%s;%s;08-123 45 00;%s;2026-12-01\n", 100200+company, c.employed(company), p.first, p.last, p.email, p.phone, direct, p.group)
			}
		}
		for _, profileText := range []string{phones, extensions} {
			d.orderAll(text.String(), profileText, rows)
		}
	}
	if want := files * rows * 2; len(d.server.Audit()) != want {
		t.Errorf("%d orders, not %d", len(d.server.Audit()), want)
	}
	t.Logf("%d people, %d with the name of a colleague, %d orders", c.made, sameName, len(d.server.Audit()))
}

// orderAll orders a file of which every row must go.
func (d *desk) orderAll(text, profileText string, rows int) {
	d.t.Helper()
	plan, err := d.plan(text, profileText)
	if err != nil {
		d.t.Fatal(err)
	}
	id, summary, err := plan.Stage(d.t.Context(), d.ledger, importer.Seal{SkipInvalid: true}, func(r *importer.Row) error {
		if r.State != ledger.Ready {
			d.t.Errorf("row %d is %s, for row %d: %v", r.Number, r.State, r.TwinRow, r.Findings)
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	sending, err := importer.Sendable(d.t.Context(), d.ledger, d.client, d.place, id, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	if stop, err := sending.Submit(d.t.Context(), submit.Config{Workers: submit.MaxWorkers, StopAfterDoubts: 1}); err != nil || stop != nil {
		d.t.Fatal(stop, err)
	}
	run, err := d.ledger.Run(d.t.Context(), id)
	if err != nil || run.Totals[ledger.Ordered] != rows || summary.Totals.Rows() != rows {
		d.t.Errorf("%d rows: %v, %v", rows, run.Totals, err)
	}
}
