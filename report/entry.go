package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/validate"
)

// entry is what a result adds to the columns of a row. The field order is that of headings.
type entry struct {
	Status      string `csv:"status"`
	OrderNumber string `csv:"orderNumber"`
	OrderID     string `csv:"orderID"`
	Error       string `csv:"error"`
	ErrorCode   string `csv:"errorCode"`
	Run         string `csv:"run"`
	Time        string `csv:"time"`
	Customer    string `csv:"customer"`
	Package     string `csv:"package"`
	RequestID   string `csv:"requestID"`
	Mended      string `csv:"mended"`
	Row         int    `csv:"row"`
}

// entryTime is how entry.Time is written: as the readers of a sheet have it on the wall, see wallClock.
const entryTime = "2006-01-02 15:04:05"

// wallClock is the zone of all times of a result: the local one as it was when the run began, so that one offset in the heading
// tells the vendor which moments are meant.
func wallClock(head *importer.Head) *time.Location {
	_, offset := head.StartedAt.In(time.Local).Zone()
	return time.FixedZone("", offset)
}

// appended gives the labels of entry's fields, made unlike those of the file's own columns: a result can be imported again,
// and labels must stay unique.
func appended(head *importer.Head, lang validate.Lang) []string {
	labels := make([]string, 0, len(headings))
	for i, h := range headings {
		text := h.In(lang)
		if i == headingTime {
			text += head.StartedAt.In(wallClock(head)).Format(" (UTC-07:00)")
		}
		label := text
		for n := 2; slices.Contains(head.Columns, label) || slices.Contains(labels, label); n++ {
			label = fmt.Sprintf("%s (%d)", text, n)
		}
		labels = append(labels, label)
	}
	return labels
}

// newEntry says in words what became of the row.
func newEntry(row *importer.Row, head *importer.Head, lang validate.Lang) entry {
	e := entry{
		Status:      StatusWord(row.State, head.DryRun, lang),
		OrderNumber: row.OrderNumber,
		Error:       errorText(row, lang),
		ErrorCode:   errorCode(row),
		Run:         head.Run,
		Customer:    row.Customer,
		RequestID:   row.RequestID,
		Mended:      mendedText(row, lang),
		Row:         row.Number,
	}
	if row.Package != 0 {
		e.Package = strconv.FormatInt(row.Package, 10)
	}
	if row.OrderID != 0 {
		e.OrderID = strconv.FormatInt(row.OrderID, 10)
	}
	if !row.SentAt.IsZero() {
		e.Time = row.SentAt.In(wallClock(head)).Format(entryTime)
	}
	return e
}

// errorText joins all that keeps a row from being ordered, or may: findings other than notes, then what the API or a person said.
func errorText(row *importer.Row, lang validate.Lang) string {
	var parts []string
	for i := range row.Findings {
		if f := &row.Findings[i]; f.Severity != validate.Note {
			parts = append(parts, f.Message(lang))
		}
	}
	said := Said(row, lang)
	switch row.State {
	case ledger.InDoubt:
		parts = append(parts, inDoubtText(said, lang))
	case ledger.Duplicate, ledger.Held:
		if len(parts) == 0 { // found by the ledger while sending, so no check has put it into words
			parts = append(parts, twinText(row, lang))
		}
	default:
		if said != "" {
			parts = append(parts, said)
		}
	}
	text := strings.Join(parts, "; ")
	if row.Decided() {
		text = strings.TrimSpace(text + " (" + wordBy.In(lang) + " " + row.By + ")")
	}
	return text
}

// Said is what there is to say of how the row came into its state beside its findings: a person's reason where a person decided,
// else what happened, in words where it has a stable one, and the API's own words. It is "" where the findings say it, and for a
// row of which nothing need be said.
func Said(row *importer.Row, lang validate.Lang) string {
	if row.Decided() {
		return row.Reason
	}
	switch row.State {
	case ledger.Ready, ledger.Sending, ledger.Duplicate:
		return ""
	case ledger.Ordered:
		if row.Message != "" {
			return fmt.Sprintf(wordBeside.In(lang), row.Message)
		}
		return ""
	case ledger.Held:
		if hasCode(row.Findings, row.Reason) {
			return ""
		}
		return twinText(row, lang) // found by the ledger while sending
	case ledger.InDoubt:
		what := reasonText(row.Reason, lang)
		switch row.Reason {
		case "timeout", "closed", "reset", "cancelled": // no reply, so the message is ours and says the same
			return what
		}
		if what == "" || row.Message == "" {
			return what + row.Message
		}
		return what + ": " + row.Message
	}
	if row.Message != "" || hasCode(row.Findings, row.Reason) {
		return row.Message
	}
	return reasonText(row.Reason, lang)
}

// reasonText is a stable word in words; what has none, as a person's own sentence, is said as it is.
func reasonText(reason string, lang validate.Lang) string {
	if p, ok := reasonWords[reason]; ok {
		return p.In(lang)
	}
	if status, ok := strings.CutPrefix(reason, "http-"); ok {
		return fmt.Sprintf(wordStatus.In(lang), status)
	}
	return reason
}

// mendedText tells what is sent otherwise than it stands in the row, cell by cell. The row's own cells stay as they are.
func mendedText(row *importer.Row, lang validate.Lang) string {
	var parts []string
	for i := range row.Findings {
		if f := &row.Findings[i]; f.Mends() {
			parts = append(parts, strings.TrimSpace(f.Cell+" "+f.Message(lang)))
		}
	}
	return strings.Join(parts, "; ")
}

// inDoubtText tells what may be, why, and what to do. What the vendor needs for the search has columns of its own.
func inDoubtText(said string, lang validate.Lang) string {
	text := wordPossible.In(lang)
	if said != "" {
		text += ": " + said
	}
	return text + "; " + wordAsk.In(lang)
}

// twinText names the other row of a duplicate or a held one.
func twinText(row *importer.Row, lang validate.Lang) string {
	if row.State == ledger.Duplicate {
		f := validate.Finding{Code: validate.Duplicate, Args: []string{row.OrderNumber, row.TwinRun, strconv.Itoa(row.TwinRow)}}
		return f.Message(lang)
	}
	switch row.Reason {
	case ledger.ReasonTwinInDoubt, ledger.ReasonTwinClosed, ledger.ReasonTwinHeld:
		f := validate.Finding{Code: row.Reason, Args: []string{row.TwinRun, strconv.Itoa(row.TwinRow)}}
		return f.Message(lang)
	}
	var parts []string
	if row.TwinRow != 0 {
		parts = append(parts, fmt.Sprintf(wordSame.In(lang), row.TwinRow, row.TwinRun))
	} else if row.Reason != "" {
		parts = append(parts, reasonText(row.Reason, lang))
	}
	return strings.Join(append(parts, wordDecide.In(lang)), ", ")
}

// errorCode joins the stable words behind errorText.
func errorCode(row *importer.Row) string {
	var codes []string
	for i := range row.Findings {
		if f := &row.Findings[i]; f.Severity != validate.Note && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	switch row.State {
	case ledger.Ready, ledger.Sending, ledger.Ordered:
	case ledger.Duplicate:
		if len(codes) == 0 {
			codes = append(codes, validate.Duplicate)
		}
	default:
		if isCode(row.Reason) && !slices.Contains(codes, row.Reason) {
			codes = append(codes, row.Reason)
		}
	}
	return strings.Join(codes, ", ")
}

// isCode tells a stable word from a person's sentence or a rule.
func isCode(reason string) bool {
	return reason != "" && strings.Trim(reason, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func hasCode(findings []validate.Finding, code string) bool {
	return slices.ContainsFunc(findings, func(f validate.Finding) bool { return f.Code == code })
}
