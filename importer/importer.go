// Package importer is the pipeline: Validate, Stage, Submit, Resolve, one path for the dry run and the real run, and the
// events that every renderer reads.
package importer

import (
	"time"

	"orderimport/importer/ledger"
	"orderimport/importer/sheet"
	"orderimport/validate"
)

// Head is what is known of a result before its first row.
type Head struct {
	Run       string // "" in a dry run
	File      string // as the user named it
	SHA256    string
	Endpoint  string
	DryRun    bool
	Sheet     string
	HeaderRow int
	Columns   []string
	StartedAt time.Time
}

// Summary is what is known after the last row.
type Summary struct {
	Package int64 // 0 where rows differ
	Totals  ledger.Totals
	Notes   []sheet.Note
}

// Row is one row of a result, from a dry run or from the ledger.
type Row struct {
	Number      int
	State       ledger.State
	Package     int64
	Customer    string
	Cells       []sheet.Cell
	Findings    []validate.Finding
	Reason      string // stable word, why a row is held, skipped, in doubt, …
	Message     string // the API's own words
	OrderID     int64  // for Duplicate: of the earlier order
	OrderNumber string
	HTTPStatus  int
	RequestID   string
	SentAt      time.Time
	By          string
	TwinRun     string // Duplicate and Held: the other row
	TwinRow     int
}

// orderedReason is the reason of a row that an answer of the API made an order.
const orderedReason = "ordered"

// Decided reports whether the row's state is a person's word, so that Reason is that person's, and Message, where there is one,
// is what the API said before. A row that a person released and the pool then sent is not: its state is the API's word.
func (r *Row) Decided() bool {
	return r.By != "" && (r.State == ledger.Closed || r.State == ledger.Ordered && r.Reason != orderedReason)
}
