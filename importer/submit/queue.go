package submit

import (
	"context"
	"sync"

	"orderimport/importer/ledger"
)

const page = 256

// queue hands out the run's ready rows, a page of the ledger at a time.
type queue struct {
	ledger *ledger.Ledger
	run    string

	mu    sync.Mutex // guards all below
	rows  []ledger.Row
	after int64
	end   bool
	left  int // rows that may still be handed out, unless all
	all   bool
	shut  map[int64]string // packages whose rows are left as they are, and why
	why   string           // the reason of the last row that was left
}

// next gives a row that no other worker has been given, or nil at the end.
func (q *queue) next(ctx context.Context) (*ledger.Row, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.all && q.left == 0 {
		return nil, nil
	}
	for {
		if len(q.rows) == 0 && !q.end {
			rows, err := q.ledger.Ready(ctx, q.run, q.after, page)
			if err != nil {
				return nil, err
			}
			q.rows, q.end = rows, len(rows) < page
			if len(rows) > 0 {
				q.after = rows[len(rows)-1].ID
			}
		}
		if len(q.rows) == 0 {
			return nil, nil
		}
		row := q.rows[0]
		q.rows = q.rows[1:]
		if why, shut := q.shut[row.Package]; shut {
			q.why = why
			continue
		}
		q.left--
		return &row, nil
	}
}

// close leaves the further rows of a package as they are; true the first time.
func (q *queue) close(id int64, why string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, shut := q.shut[id]; shut {
		return false
	}
	if q.shut == nil {
		q.shut = map[int64]string{}
	}
	q.shut[id] = why
	return true
}

// leftOut says why rows were left, "" where none were.
func (q *queue) leftOut() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.why
}

// giveBack makes up for a row that was not sent, since its identity was taken meanwhile.
func (q *queue) giveBack() {
	q.mu.Lock()
	q.left++
	q.mu.Unlock()
}
