package submit

import "time"

// When doubts end a sending before their limit is reached, reliability.md section 3: each is a row that a person has to clear up.
const (
	maxDoubtsInRow = 3
	recentDoubts   = time.Minute // in which there may be as many as workers, and two at least
)

// doubts counts a sending's rows in doubt. The gate's mutex guards it.
type doubts struct {
	workers int // the ceiling
	all     int
	inRow   int         // without an answer in between, each of an order that left when the one before was known
	counted int         // all, when inRow last grew
	recent  []time.Time // ascending
}

// add counts a doubt about an order that left when known of them were known; true means that no further order should leave. A
// server that goes down leaves all its callers in doubt at once: those count as one of a row.
func (d *doubts) add(known, limit int, now time.Time) bool {
	if known >= d.counted {
		d.inRow++
		d.counted = d.all + 1
	}
	d.all++
	for len(d.recent) > 0 && now.Sub(d.recent[0]) >= recentDoubts {
		d.recent = d.recent[1:]
	}
	d.recent = append(d.recent, now)
	return limit > 0 && (d.all >= limit || d.inRow >= maxDoubtsInRow || len(d.recent) > max(d.workers, maxDoubtsInRow-1))
}

// answered ends a row of doubts: the API has said what became of an order.
func (d *doubts) answered() { d.inRow = 0 }
