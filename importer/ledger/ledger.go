// Package ledger is the durable record of every order: one state machine, at most one order per identity.
package ledger

import (
	"context"
	"encoding/json"
	"iter"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
)

// Run is one import of one file.
type Run struct {
	ID        string // r[0-9a-z]{10}, given by Stage
	File      string // absolute path of the input
	SHA256    string
	Format    string
	Sheet     string
	HeaderRow int
	Columns   []string
	Endpoint  string          // URL as used
	Host      string          // identity, connect.Endpoint.Host
	Package   int64           // 0 where rows differ
	Profile   []byte          // YAML, as used
	Schemas   []byte          // JSON array of connect.OrderSchema, as checked against
	Options   json.RawMessage // the importer's own: skip-invalid and what else is sealed
	Notes     json.RawMessage // of the file
	StartedAt time.Time       // staged
	State     RunState
	Totals    Totals
}

// RunState is the state of a run as `runs` tells it.
type RunState string

// The states of a run. Running is told where a live process holds the ledger's lock and sends this run.
const (
	RunStaged  RunState = "staged"
	RunRunning RunState = "running"
	RunStopped RunState = "stopped"
	RunDone    RunState = "done"
)

// Fingerprint is the identity of an order's content; Key that of an identifier. Both are truncated HMACs.
type (
	Fingerprint [16]byte
	Key         [16]byte
)

// Row is one row of a run as stored.
type Row struct {
	ID          int64 // of the ledger
	Number      int   // in the file
	State       State
	Package     int64
	Customer    string
	Payload     []byte // encoded connect.CreateOrderRequest; nil for rows that cannot be sent
	Cells       []sheet.Cell
	Findings    json.RawMessage // validate's
	Fingerprint Fingerprint
	Occurrence  int   // 1, or k for the k-th equal row of one file
	Keys        []Key // of the record's identifiers
	Override    bool  // a person released it: keys do not hold it again
	Reason      string
	Message     string // the API's words, for Rejected and InDoubt
	OrderID     int64
	OrderNumber string
	HTTPStatus  int
	RequestID   string
	SentAt      time.Time // zero: never
	By          string    // the person, where a person decided
	TwinRun     string    // the other row of a duplicate or held one
	TwinRow     int
}

// Twin is an earlier row with the same identity.
type Twin struct {
	Run         string
	Row         int
	State       State
	OrderNumber string
	OrderID     int64
	Payload     []byte // to tell the difference
	Exact       bool   // fingerprint and occurrence, not only a key
}

// Hasher makes fingerprints and keys with the ledger's own key. Not safe for concurrent use; makes no garbage.
type Hasher struct{}

// NewHasher gives a Hasher with a random key: for a dry run without a ledger.
func NewHasher() *Hasher { panic("contract") }

// Field is one operator-supplied value of an order.
type Field struct{ Name, Value string }

// Fingerprint of an order: host, customer, package and the non-empty fields in any order, each normalised. It sorts fields.
func (h *Hasher) Fingerprint(host, customer string, packageID int64, fields []Field) Fingerprint {
	panic("contract")
}

// Key of one identifier of an order for this host, customer and package; ok is false where nothing is left of the value
// after normalising (employee number without leading zeros, e-mail in lower case, phone as digits with country).
func (h *Hasher) Key(host, customer string, packageID int64, id mapping.Identifier) (k Key, ok bool) {
	panic("contract")
}

// Options of Open.
type Options struct {
	ReadOnly bool             // no lock, no recovery, nothing created: a ledger that is not there is fs.ErrNotExist
	Now      func() time.Time // default time.Now
}

// Error is a ledger that cannot be used; commands end with 74.
type Error struct {
	Path string
	Text string
	Hint string
	Err  error
}

func (e *Error) Error() string { return e.Text }
func (e *Error) Unwrap() error { return e.Err }

// Ledger is an open ledger.
type Ledger struct{}

// Open opens or creates the ledger at dsn (a path or file:PATH), takes its lock, and books what an earlier process left in
// Sending as InDoubt before it returns. A second process gets *Error.
func Open(ctx context.Context, dsn string, opt Options) (*Ledger, error) { panic("contract") }

// Recovered is how many rows Open booked as InDoubt.
func (l *Ledger) Recovered() int { panic("contract") }

// Hasher gives a new Hasher with the ledger's key.
func (l *Ledger) Hasher() *Hasher { panic("contract") }

// Close waits for what is queued, then lets go of the lock.
func (l *Ledger) Close() error { panic("contract") }

// KnowsCustomer reports whether this ledger has ever ordered for the customer at host.
func (l *Ledger) KnowsCustomer(ctx context.Context, host, customer string) (bool, error) {
	panic("contract")
}

// Twins finds the earlier rows that stand in the way of an order: state Ordered, Sending or InDoubt, with the same fingerprint
// and occurrence, or with one of the keys. Exact ones first; at most 8.
func (l *Ledger) Twins(ctx context.Context, fp Fingerprint, occurrence int, keys []Key) ([]Twin, error) {
	panic("contract")
}

// Stage begins to store a run: all of its rows in one transaction, or nothing.
func (l *Ledger) Stage(ctx context.Context, run Run) (*Stage, error) { panic("contract") }

// Stage is a run being stored.
type Stage struct{}

// ID of the run.
func (s *Stage) ID() string { panic("contract") }

// Add stores a row. Its numbers must ascend.
func (s *Stage) Add(ctx context.Context, row *Row) error { panic("contract") }

// Commit seals the run; run carries what became known while reading (Package, Schemas, Notes). Durable on return.
func (s *Stage) Commit(ctx context.Context, run Run) error { panic("contract") }

// Rollback forgets the run. After Commit it does nothing.
func (s *Stage) Rollback() error { panic("contract") }

// Runs yields all runs with their totals, newest first.
func (l *Ledger) Runs(ctx context.Context) ([]Run, error) { panic("contract") }

// Run finds one; fs.ErrNotExist where it is not there.
func (l *Ledger) Run(ctx context.Context, id string) (*Run, error) { panic("contract") }

// Rows yields the rows of a run in the file's order. Twin order numbers are filled in for Duplicate rows.
func (l *Ledger) Rows(ctx context.Context, run string) iter.Seq2[*Row, error] { panic("contract") }

// Ready gives up to limit rows in state Ready with an ID above after, in order: what Submit sends. Only ID, Number, Package,
// Customer and Payload are filled in.
func (l *Ledger) Ready(ctx context.Context, run string, after int64, limit int) ([]Row, error) {
	panic("contract")
}

// Claim moves a row from Ready to Sending. When it returns Sending, the intent is durable and the order may be written to
// the wire. Otherwise the row did not move, or moved to Duplicate or Held since another run has taken its identity; the state
// it is in is returned.
func (l *Ledger) Claim(ctx context.Context, row int64, requestID string, at time.Time) (State, error) {
	panic("contract")
}

// Finish books the outcome of the attempt requestID: Sending (or InDoubt, for the attempt's own late answer) to Ordered,
// Rejected, InDoubt, or back to Ready. It queues and returns; done is called from the committer once it is durable, with the
// state the row is in, or with the error that kept it from being so. An order number that this host gave before makes the
// row InDoubt (reason "repeated-order-number").
func (l *Ledger) Finish(row int64, requestID string, outcome connect.Outcome, done func(State, error)) {
	panic("contract")
}

// SetRunState books that a run is being sent (RunRunning), has stopped or is done.
func (l *Ledger) SetRunState(ctx context.Context, run string, state RunState) error {
	panic("contract")
}

// Verdict is a person's word on rows in doubt or held.
type Verdict struct {
	To          State  // Ordered, Ready or Closed
	OrderNumber string // with Ordered; then exactly one row
	OrderID     int64  // 0: not known
	Reason      string // required
	By          string // who, user@host
}

// Resolve books a verdict for rows (numbers in the file) of a run, all or none, with an audit entry each. Ready: sets
// Override; for rows in doubt it is refused until 15 minutes after the attempt. Refusals are *RefusedError.
func (l *Ledger) Resolve(ctx context.Context, run string, rows []int, v Verdict) error {
	panic("contract")
}

// RefusedError is a move that the state machine does not have.
type RefusedError struct {
	Row  int
	From State
	To   State
	Text string
}

func (e *RefusedError) Error() string { return e.Text }
