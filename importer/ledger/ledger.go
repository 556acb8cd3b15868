// Package ledger is the durable record of every order: one state machine, at most one order per identity.
//
// A row of a file is stored once, by [Ledger.Stage], and from then on has exactly one [State]. Every move is a
// compare-and-set in the store, and every move that something outside depends on is synced to the disk before its caller is
// told: an order may be written to the wire when [Ledger.Claim] has returned [Sending], not before. What an earlier process
// left in Sending is in doubt when [Open] returns; only a person ends a doubt, by [Ledger.Resolve].
//
// One process at a time writes to a ledger; any number may read beside it. One goroutine does the writing: it takes
// all moves that wait into one synced transaction, with no timer, so that the sync itself is the window. A commit that
// fails, or whose end is not known, poisons the Ledger: every later call returns the [*Error], nothing more is sent, and the next
// Open finds out from the disk what became of it.
// While a commit is synced the next transaction is prepared. So a row that somebody reads beside the sending can be ahead of the disk by that
// one sync; who is told by [Ledger.Claim] and [Ledger.Finish] never is.
//
// The store of one host is SQLite on a local disk, in WAL mode with synchronous=FULL. Beside the file PATH lie PATH.key (the key of all
// fingerprints, without which the ledger is refused; Backup copies both), PATH.lock, PATH.mark, which gives copies away, and
// PATH.ballast, 16 MiB that are given up to a full disk: then nothing more is sent, and what orders under way come to is still booked.
//
// Hosts that share a ledger keep it in PostgreSQL, under the same rules and through the same code. There every process that writes is
// a session: alive while its connection holds a lock of its own and it was seen within 20 seconds, by the server's clock. A run is sent
// by one session at a time. When that is dead or silent another may go on with what is ready; what was in flight is in doubt
// (ReasonHostSilent), and is sent again only when a person says that the host is down. All moves of all hosts come one after the
// other; files are staged beside them. [Pace] is their common rate and pause. Beside each host's key lies KEY.mark,
// by which the host knows a server again that has lost what it told: whose files were put back, or which has no ledger any more. The server must keep what it has promised (fsync, synchronous_commit), and connections must be its
// own, not a pooler's that changes them between transactions.
//
// Whether a person who released a row knew of another order for the same person is told by the order of commits, and by no host's clock:
// verdicts are numbered, and a row that takes its identity notes the last one.
//
// What shows it (long tiers, 2026-11-29, two cores): the program was killed with SIGKILL at 20,001 points over both stores, of which 7,001 were
// system calls and many lay in the recovery of the kill before: of 136,099 orders none was made twice, no row was lost, and 28,493 were in
// doubt, at most as many as workers for each kill. The power went in 100,000 lives, two or three times in each, on a disk that can lose or tear any of
// what is not synced. Of 50,000 bits turned in a closed ledger's files, each was noticed or changed nothing. Of 500,000 orders sent through
// one per cent of each fault none was made twice, and memory stayed as it was.
package ledger

import (
	"encoding/json"
	"time"

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
	StartedAt time.Time       // staged; given by Stage where it is zero
	State     RunState
	Totals    Totals
}

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
	Fingerprint Fingerprint     // zero: none
	Occurrence  int             // 1, or k for the k-th equal row of one file
	Keys        []Key           // of the record's identifiers; not read back
	Override    bool            // a person released it: keys do not hold it again
	MayExist    bool            // of a Held row: its order may have been made where the ledger does not know of it; not read back
	Reason      string          // why the row is held, skipped, in doubt, …; of a Ready row: why its last attempt was not sent
	Message     string          // the API's words, for Rejected and InDoubt
	OrderID     int64           // of a Duplicate: the earlier order's, and so is OrderNumber
	OrderNumber string
	HTTPStatus  int
	RequestID   string
	SentAt      time.Time // zero: never
	By          string    // the person, where a person decided
	TwinRun     string    // the other row of a duplicate or held one; "" in Add with a TwinRow: of the same run
	TwinRow     int
}

// Twin is an earlier row with the same identity.
type Twin struct {
	Run         string
	Row         int
	State       State
	OrderNumber string
	OrderID     int64
	Payload     []byte // to tell the difference; nil where it has been erased
	Reason      string
	MayExist    bool // Held or Closed, and the order may exist where the ledger does not know of it
	Exact       bool // fingerprint and occurrence, not only a key
}

// Fingerprint is the identity of an order's content; Key that of an identifier. Both are truncated HMACs.
type (
	Fingerprint [16]byte
	Key         [16]byte
)

// Error is a ledger that cannot be used; commands end with 74.
type Error struct {
	Path string
	Text string // one sentence, with the path
	Hint string // what to do
	Err  error
}

func (e *Error) Error() string { return e.Text }
func (e *Error) Unwrap() error { return e.Err }

// RefusedError is a move that the state machine does not have.
type RefusedError struct {
	Row  int // in the file; 0 where the run as a whole is meant
	From State
	To   State
	Text string
}

func (e *RefusedError) Error() string { return e.Text }
