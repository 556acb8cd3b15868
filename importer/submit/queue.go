package submit

import (
	"context"
	"fmt"
	"sync"

	"orderimport/importer/ledger"
)

const page = 256

// queue hands out the run's ready rows, a page of the ledger at a time. The next page is read while the rows of the last are sent.
type queue struct {
	ledger   *ledger.Ledger
	run      string
	approved func(row int) bool // nil: every row is

	mu     sync.Mutex // guards all below
	rows   []ledger.Row
	coming chan fetched // the page that is being read; nil: none
	after  int64
	end    bool
	left   int // rows that may still be handed out, unless all
	all    bool
	shut   map[int64]string // packages whose rows are left as they are, and why
	why    string           // the reason of the last row that was left
}

// fetched is a page, or why there is none.
type fetched struct {
	rows []ledger.Row
	err  error
}

// fetch begins to read the next page, unless that is under way or there is none. The caller holds mu.
func (q *queue) fetch(ctx context.Context) {
	if q.coming != nil || q.end {
		return
	}
	coming, after := make(chan fetched, 1), q.after
	q.coming = coming
	go func() {
		defer func() { // as a worker's: the answers under way must still be booked
			if r := recover(); r != nil {
				coming <- fetched{err: fmt.Errorf("the rows to send could not be read: %T", r)}
			}
		}()
		rows, err := q.ledger.Ready(ctx, q.run, after, page)
		coming <- fetched{rows, err}
	}()
}

// next gives a row that no other worker has been given, or nil at the end.
func (q *queue) next(ctx context.Context) (*ledger.Row, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.all && q.left == 0 {
		return nil, nil
	}
	for {
		if len(q.rows) < page/2 {
			q.fetch(ctx)
		}
		if len(q.rows) == 0 && q.coming != nil {
			if err := q.arrive(); err != nil {
				return nil, err
			}
		}
		if len(q.rows) == 0 {
			return nil, nil
		}
		row := q.rows[0]
		q.rows = q.rows[1:]
		if q.approved != nil && !q.approved(row.Number) {
			continue
		}
		if why, shut := q.shut[row.Package]; shut {
			q.why = why
			continue
		}
		q.left--
		return &row, nil
	}
}

// arrive waits for the page that is being read. The caller holds mu.
func (q *queue) arrive() error {
	f := <-q.coming
	q.coming = nil
	if f.err != nil {
		return f.err
	}
	q.rows, q.end = append(q.rows, f.rows...), len(f.rows) < page
	if len(f.rows) > 0 {
		q.after = f.rows[len(f.rows)-1].ID
	}
	return nil
}

// settle waits until nothing is read any more.
func (q *queue) settle() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.coming != nil {
		<-q.coming
		q.coming = nil
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
