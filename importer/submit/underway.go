package submit

import (
	"cmp"
	"slices"
	"sync"

	"orderimport/importer/connect"
)

// UnderWay knows the rows of a sending that are claimed, on their way, or answered and not yet booked: those that would be
// in doubt if the process ended now. The zero value is ready; any goroutine may ask it.
type UnderWay struct {
	mu       sync.Mutex           // guards attempts
	attempts map[string]*underWay // by request ID: the next attempt of a row may begin before the last is booked
}

type underWay struct {
	row     int
	ordered connect.CreateOrderResult // as answered; zero: not, or not so
}

// Rows are their numbers in the file, ascending.
func (u *UnderWay) Rows() []int {
	u.mu.Lock()
	defer u.mu.Unlock()
	var rows []int
	for _, a := range u.attempts {
		rows = append(rows, a.row)
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// Answered are the orders among them that the API has given a number, as Lost: what the ledger does not know yet.
func (u *UnderWay) Answered() []Event {
	u.mu.Lock()
	defer u.mu.Unlock()
	var events []Event
	for id, a := range u.attempts {
		if a.ordered.OrderNumber != "" {
			events = append(events, Event{Kind: Lost, Row: a.row, Number: a.ordered.OrderNumber, OrderID: a.ordered.OrderID, Request: id})
		}
	}
	slices.SortFunc(events, func(a, b Event) int { return cmp.Compare(a.Row, b.Row) })
	return events
}

func (u *UnderWay) begin(row int, requestID string) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.attempts == nil {
		u.attempts = map[string]*underWay{}
	}
	u.attempts[requestID] = &underWay{row: row}
}

func (u *UnderWay) answered(requestID string, ordered connect.CreateOrderResult) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if a := u.attempts[requestID]; a != nil {
		a.ordered = ordered
	}
}

// told forgets the order of an attempt that stays in doubt: Lost has been told of it.
func (u *UnderWay) told(requestID string) { u.answered(requestID, connect.CreateOrderResult{}) }

func (u *UnderWay) end(requestID string) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.attempts, requestID)
}
