package submit

import (
	"maps"
	"slices"
	"sync"
)

// UnderWay knows the rows of a sending that are claimed, on their way, or answered and not yet booked: those that would be
// in doubt if the process ended now. The zero value is ready; any goroutine may ask it.
type UnderWay struct {
	mu   sync.Mutex // guards rows
	rows map[int]struct{}
}

// Rows are their numbers in the file, ascending.
func (u *UnderWay) Rows() []int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Sorted(maps.Keys(u.rows))
}

func (u *UnderWay) begin(row int) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.rows == nil {
		u.rows = map[int]struct{}{}
	}
	u.rows[row] = struct{}{}
}

func (u *UnderWay) end(row int) {
	if u == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.rows, row)
}
