package submit

import (
	"math/bits"
	"regexp"
	"sync"
)

// When the refusals of one package end its rows, reliability.md section 3.
const (
	maxEqualRefusals  = 10 // in a row, with one message
	maxRecentRefusals = 15 // of the last 50 answers
	recentAnswers     = 50
)

// breaker counts the API's refusals by package: what is wrong with one need not be wrong with another.
type breaker struct {
	mu       sync.Mutex // guards packages
	packages map[int64]*refusals
}

// refusals of one package.
type refusals struct {
	equal   int    // in a row with one message
	message string // that one, as signature gives it
	recent  uint64 // the last answers, the latest lowest: 1 is a refusal
}

func (b *breaker) of(id int64) *refusals {
	r := b.packages[id]
	if r == nil {
		r = &refusals{}
		if b.packages == nil {
			b.packages = map[int64]*refusals{}
		}
		b.packages[id] = r
	}
	return r
}

// ordered counts an order.
func (b *breaker) ordered(id int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.of(id)
	r.equal, r.message = 0, ""
	r.recent <<= 1
}

// rejected counts a refusal; true means that no further row of the package should be sent.
func (b *breaker) rejected(id int64, message string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.of(id)
	if s := signature(message); s == r.message {
		r.equal++
	} else {
		r.equal, r.message = 1, s
	}
	r.recent = r.recent<<1 | 1
	return r.equal >= maxEqualRefusals || bits.OnesCount64(r.recent&(1<<recentAnswers-1)) >= maxRecentRefusals
}

var values = regexp.MustCompile(`"[^"]*"|'[^']*'|[0-9]+`)

// signature is a message without the values of the one row that it was about.
func signature(message string) string { return values.ReplaceAllString(message, "…") }
