package submit

import (
	"maps"
	"slices"
	"sync"
)

// UnderWay knows the rows of a sending that are claimed, on their way, or answered and not yet booked: those that would be
// in doubt if the process ended now. The zero value is ready; any goroutine may ask it.
type UnderWay struct {
	mu       sync.Mutex     // guards attempts
	attempts map[string]int // the row, by request ID: the next attempt may begin before the last is booked
}

// Rows are their numbers in the file, ascending.
func (u *UnderWay) Rows() []int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Compact(slices.Sorted(maps.Values(u.attempts)))
}

func (u *UnderWay) begin(row int, requestID string) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.attempts == nil {
		u.attempts = map[string]int{}
	}
	u.attempts[requestID] = row
}

func (u *UnderWay) end(requestID string) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.attempts, requestID)
}
