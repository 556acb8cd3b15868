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
