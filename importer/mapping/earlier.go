package mapping

import (
	"slices"
	"strconv"
	"strings"

	"orderimport/importer/sheet"
)

// resultColumn is the concept of what a result sheet of this program adds behind a file's own columns, but for the status.
const resultColumn = "result"

// resultColumns reports which labels are those that a result added: a status with at least three more of them behind it. A column
// of the file's own that happens to be called "Time" is none.
func resultColumns(labels []string) []bool {
	added := make([]bool, len(labels))
	named := func(i int, concept string) bool {
		c := conceptOf(labels[i])
		return c != nil && c.name == concept
	}
	for i := range labels {
		end := i + 1
		for named(i, "status") && end < len(labels) && named(end, resultColumn) {
			end++
		}
		if end > i+3 {
			for k := i; k < end; k++ {
				added[k] = true
			}
		}
	}
	return added
}

// Earlier is what an earlier result of this program says of a row that is read from it again. It is zero for any other row.
type Earlier struct {
	Run         string // "" where the result was a dry run's
	Status      string // as it stands there
	OrderNumber string
	OrderID     int64 // 0 where there is none
	Ordered     bool  // its status says that the order was made
	Unsent      bool  // its status says that it was still to be sent
	Doubt       bool  // its status says that it may have been made
	Checked     bool  // its status is one that only a row without a fault has, which was compared with the others
	RequestID   string
	Customer    string // in the order; "" where that does not stand there
	Package     string // its ID
	// Open says that the row was left in a state in which an order may exist, or a person was to decide: what its status says, and true
	// where that is none of a result's words.
	Open   bool
	Hidden bool // its row was hidden in the file that the result is of: a CSV hides none
}

// earlierWords are the labels that a result gives to what Earlier takes from it.
var earlierWords = struct{ run, number, id, code, customer, pkg, request []string }{
	[]string{"run", "körning"}, []string{"ordernumber", "ordernummer"}, []string{"orderid"}, []string{"errorcode", "felkod"},
	[]string{"customerinorder", "kundiordern"}, []string{"packageinorder", "paketiordern"}, []string{"requestid", "anropsid"},
}

// hiddenCode is validate.HiddenRow, as it stands among a result's error codes; a test of package report holds it to that.
const hiddenCode = "hidden-row"

// orderedWords are those of statusWords that tell of an order.
var orderedWords = []string{"ordered", "beställd", "alreadyordered", "redanbeställd"}

// What others of them say of a row, besides.
var (
	unsentWords  = []string{"notsent", "ejskickad"}
	doubtWords   = []string{"indoubt", "oviss", "sending", "skickas"}
	checkedWords = []string{"notsent", "ejskickad", "valid", "giltig", "rejected", "avvisad"}
)

// statusWords are the words for a row's state in results, by compact: true for those of Earlier.Open. Package report has them; a test
// there holds these to them.
var statusWords = map[string]bool{
	"notsent": false, "ejskickad": false, "valid": false, "giltig": false, "invalid": false, "ogiltig": false, "rejected": false, "avvisad": false,
	"leftout": false, "utelämnad": false,
	"sending": true, "skickas": true, "ordered": true, "beställd": true, "indoubt": true, "oviss": true, "held": true, "väntarpåbeslut": true,
	"alreadyordered": true, "redanbeställd": true, "closed": true, "stängd": true,
}

// earlierColumns are where a file has what a result added. There can be several of each: the result of a result has them twice.
type earlierColumns struct {
	added                            []bool // by column: it stands among the others, as a result has them
	runs, numbers, ids, marks, codes []int
	customers, packages, requests    []int
}

func newEarlierColumns(labels []string) earlierColumns {
	e := earlierColumns{added: resultColumns(labels)}
	for i, label := range labels {
		is := func(words []string) bool {
			return slices.ContainsFunc(readings(label), func(s string) bool { return slices.Contains(words, compact(s)) })
		}
		c := conceptOf(label)
		switch {
		case is(earlierWords.run):
			e.runs = append(e.runs, i)
		case is(earlierWords.number):
			e.numbers = append(e.numbers, i)
		case is(earlierWords.id):
			e.ids = append(e.ids, i)
		case is(earlierWords.customer):
			e.customers = append(e.customers, i)
		case is(earlierWords.pkg):
			e.packages = append(e.packages, i)
		case is(earlierWords.request):
			e.requests = append(e.requests, i)
		case is(earlierWords.code):
			e.codes = append(e.codes, i)
		case c != nil && c.name == "status":
			e.marks = append(e.marks, i)
		}
	}
	return e
}

// Earlier finds what an earlier result says of the row, the last one where there are several. A row is known to come from a result by
// its run, wherever the columns stand now, or by columns that stand as a result has them.
func (m *Mapping) Earlier(row *sheet.Row) Earlier {
	e := Earlier{Open: true}
	text := func(column int) string { return Trim(cell(row, column).Text) }
	for _, c := range m.earlier.runs {
		if run := text(c); isRun(run) {
			e.Run = run
		}
	}
	last := func(columns []int) (said string, place int) {
		for i, c := range columns {
			if s := text(c); s != "" && (e.Run != "" || m.earlier.added[c]) {
				said, place = s, i
			}
		}
		return said, place
	}
	number, place := last(m.earlier.numbers)
	e.OrderNumber = number
	if number != "" && len(m.earlier.ids) == len(m.earlier.numbers) { // the ID of that number, and of no earlier one
		if id, err := strconv.ParseInt(text(m.earlier.ids[place]), 10, 64); err == nil && id > 0 {
			e.OrderID = id
		}
	}
	e.Customer, _ = last(m.earlier.customers)
	e.Package, _ = last(m.earlier.packages)
	e.RequestID, _ = last(m.earlier.requests)
	for _, c := range m.earlier.codes {
		if (e.Run != "" || m.earlier.added[c]) && slices.Contains(strings.Split(text(c), ", "), hiddenCode) {
			e.Hidden = true
		}
	}
	if e.Run == "" && e.OrderNumber == "" {
		return Earlier{Hidden: e.Hidden}
	}
	for _, c := range m.earlier.marks {
		if open, known := statusWords[compact(text(c))]; known {
			e.Status, e.Open = text(c), open
			is := func(words []string) bool { return slices.Contains(words, compact(text(c))) }
			e.Ordered, e.Unsent, e.Doubt, e.Checked = is(orderedWords), is(unsentWords), is(doubtWords), is(checkedWords)
		}
	}
	return e
}

// isRun tells the ID of a run, as the ledger makes them.
func isRun(s string) bool {
	if len(s) != 11 || s[0] != 'r' {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
