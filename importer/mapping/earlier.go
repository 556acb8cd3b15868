package mapping

import (
	"cmp"
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
	State       string // the same in the words of a JSON result; "" where it is none of a result's words
	OrderNumber string
	OrderID     int64 // 0 where there is none
	RequestID   string
	Customer    string // in the order; "" where that does not stand there
	Package     string // its ID
	Hidden      bool   // its row was hidden in the file that the result is of: a CSV hides none
}

// Open says that the row was left in a state in which an order may exist, or a person was to decide; so it is where nobody knows the state.
func (e *Earlier) Open() bool {
	return !slices.Contains([]string{"notSent", "invalid", "rejected", "skipped"}, e.State)
}

// Ordered says that an order was made, by that row or by an equal one before it.
func (e *Earlier) Ordered() bool { return e.State == "ordered" || e.State == "duplicate" }

// Doubt says that an order was sent and may have been made.
func (e *Earlier) Doubt() bool { return e.State == "inDoubt" || e.State == "sending" }

// hiddenCode is validate.HiddenRow, as it stands among a result's error codes; a test of package report holds it to that.
const hiddenCode = "hidden-row"

// earlierLabels are the labels that a result gives to what Earlier takes from it, by compact, in both languages.
var earlierLabels = map[string]string{
	"run": "run", "körning": "run", "ordernumber": "number", "ordernummer": "number", "orderid": "id", "errorcode": "code", "felkod": "code",
	"customerinorder": "customer", "kundiordern": "customer", "packageinorder": "package", "paketiordern": "package",
	"requestid": "request", "anropsid": "request",
}

// statusWords are the words for a row's state in results, by compact, and those of a JSON result. Package report has them; a test
// there holds these to them.
var statusWords = map[string]string{
	"notsent": "notSent", "ejskickad": "notSent", "valid": "notSent", "giltig": "notSent", "invalid": "invalid", "ogiltig": "invalid",
	"rejected": "rejected", "avvisad": "rejected", "leftout": "skipped", "utelämnad": "skipped", "sending": "sending", "skickas": "sending",
	"ordered": "ordered", "beställd": "ordered", "indoubt": "inDoubt", "oviss": "inDoubt", "held": "held", "väntarpåbeslut": "held",
	"alreadyordered": "duplicate", "redanbeställd": "duplicate", "closed": "closed", "stängd": "closed",
}

// earlierColumns are where a file has what a result added. There can be several of each: the result of a result has them twice.
type earlierColumns struct {
	added []bool           // by column: it stands among the others, as a result has them
	of    map[string][]int // by what they hold, as earlierLabels has it, and "status"
}

func newEarlierColumns(labels []string) earlierColumns {
	e := earlierColumns{added: resultColumns(labels), of: map[string][]int{}}
	for i, label := range labels {
		what := ""
		for _, s := range readings(label) {
			what = cmp.Or(what, earlierLabels[compact(s)])
		}
		if c := conceptOf(label); what == "" && c != nil && c.name == "status" {
			what = c.name
		}
		if what != "" {
			e.of[what] = append(e.of[what], i)
		}
	}
	return e
}

// Earlier finds what an earlier result says of the row, the last one where there are several. A row is known to come from a result by
// its run, wherever the columns stand now, or by columns that stand as a result has them.
func (m *Mapping) Earlier(row *sheet.Row) Earlier {
	var e Earlier
	columns := m.earlier.of
	text := func(column int) string { return Trim(cell(row, column).Text) }
	for _, c := range columns["run"] {
		if run := text(c); isRun(run) {
			e.Run = run
		}
	}
	last := func(what string) (said string, place int) {
		for i, c := range columns[what] {
			if s := text(c); s != "" && (e.Run != "" || m.earlier.added[c]) {
				said, place = s, i
			}
		}
		return said, place
	}
	number, place := last("number")
	e.OrderNumber = number
	if number != "" && len(columns["id"]) == len(columns["number"]) { // the ID of that number, and of no earlier one
		if id, err := strconv.ParseInt(text(columns["id"][place]), 10, 64); err == nil && id > 0 {
			e.OrderID = id
		}
	}
	e.Customer, _ = last("customer")
	e.Package, _ = last("package")
	e.RequestID, _ = last("request")
	for _, c := range columns["code"] {
		if (e.Run != "" || m.earlier.added[c]) && slices.Contains(strings.Split(text(c), ", "), hiddenCode) {
			e.Hidden = true
		}
	}
	if e.Run == "" && e.OrderNumber == "" {
		return Earlier{Hidden: e.Hidden}
	}
	for _, c := range columns["status"] {
		if state := statusWords[compact(text(c))]; state != "" {
			e.Status, e.State = text(c), state
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
