package ledger

// State of a row. The words are stored.
type State string

// The states, DESIGN.md "A row's life".
const (
	Invalid   State = "invalid"
	Held      State = "held"
	Duplicate State = "duplicate"
	Skipped   State = "skipped"
	Ready     State = "ready"
	Sending   State = "sending"
	Ordered   State = "ordered"
	Rejected  State = "rejected"
	InDoubt   State = "in_doubt"
	Closed    State = "closed"
)

// States in the order in which reports count them.
var States = []State{Ready, Sending, Ordered, Rejected, InDoubt, Invalid, Held, Duplicate, Skipped, Closed}

// Status is the state's word in JSON and result sheets.
func (s State) Status() string {
	switch s {
	case Ready:
		return "notSent"
	case InDoubt:
		return "inDoubt"
	default:
		return string(s)
	}
}

// Takes reports whether a row in this state has taken its identity: the order exists, or may exist. It is stored as orders.takes.
func (s State) Takes() bool { return s == Sending || s == InDoubt || s == Ordered }

// The ledger's own reasons. All others are outcomes' (connect) or the importer's.
const (
	ReasonProcessEnded   = "process-ended"         // InDoubt: found in Sending by Open
	ReasonHostSilent     = "host-silent"           // InDoubt: found in Sending by another host, when this one had fallen silent
	ReasonRepeatedNumber = "repeated-order-number" // InDoubt: the host answered with a number or ID that it gave before
	ReasonNoNumber       = "no-order-number"       // InDoubt: called ordered without a number and an ID, or with one that is none
	ReasonAlreadyOrdered = "already-ordered"       // Duplicate, by Claim: the same order exists
	ReasonTwinInDoubt    = "twin-in-doubt"         // Held, by Claim: the same order may exist
	ReasonTwinClosed     = "twin-closed"           // Held, by Claim: a person has closed the same order
	ReasonTwinHeld       = "twin-held"             // Held, by Claim: the same order waits for a person, and may exist
	ReasonRestored       = "restored"              // Held, by Adopt: the order may exist, made after the backup
	ReasonUnsettled      = "unsettled"             // Held, by who stages: the ledger is Unsettled
	ReasonSamePerson     = "same-person"           // Held, by Claim: an order with other details has one of its keys
)

// RunState is the state of a run as `runs` tells it.
type RunState string

// The states of a run. Running is told where a live process holds the ledger's lock and sends this run.
const (
	RunStaged  RunState = "staged"
	RunRunning RunState = "running"
	RunStopped RunState = "stopped"
	RunDone    RunState = "done"
)

// Totals counts rows by state.
type Totals map[State]int

// Rows is the sum of all states.
func (t Totals) Rows() int {
	n := 0
	for _, c := range t {
		n += c
	}
	return n
}
