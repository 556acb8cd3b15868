package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"
)

// Verdict is what is known about an order after an attempt to place it.
type Verdict uint8

// The verdicts. The zero value is the careful one.
const (
	InDoubt  Verdict = iota // it may exist
	NotSent                 // proof that nothing was processed: the row may be sent again
	Ordered                 // a whole, well-formed CreateOrderResult was read
	Rejected                // the API refused it for good, in its own words
)

// String gives the verdict's name.
func (v Verdict) String() string {
	if names := [...]string{"InDoubt", "NotSent", "Ordered", "Rejected"}; int(v) < len(names) {
		return names[v]
	}
	return fmt.Sprintf("Verdict(%d)", uint8(v))
}

// Reaction is what the whole run must do after an outcome, beside booking it.
type Reaction uint8

// The reactions, from the failure table in outcome.go.
const (
	Continue   Reaction = iota // go on with the next row
	Retry                      // NotSent: the same row again, on a new connection
	Pause                      // NotSent: every worker waits RetryAfter (0: the caller's own back-off)
	Doubt                      // InDoubt: counts towards --stop-after-doubts
	StopDoubt                  // InDoubt, and no further order may leave (a redirect, a captive portal, a repeated number)
	StopToken                  // NotSent: the token was refused
	StopConfig                 // NotSent: the endpoint does not take orders this way (404, 405, 413, …)
)

// String gives the reaction's name.
func (r Reaction) String() string {
	if names := [...]string{"Continue", "Retry", "Pause", "Doubt", "StopDoubt", "StopToken", "StopConfig"}; int(r) < len(names) {
		return names[r]
	}
	return fmt.Sprintf("Reaction(%d)", uint8(r))
}

// Outcome is one attempt's result. Every reply or failure becomes exactly one.
type Outcome struct {
	Verdict    Verdict
	Reaction   Reaction
	Slow       bool              // the other side is overloaded or does not keep up: rate and workers go down
	Result     CreateOrderResult // where Ordered; a readable number of a broken reply is in Message
	Status     int               // HTTP status, 0 where no reply was read
	Reason     string            // stable kebab-case word, the failure table's line: "timeout", "reset", "http-500", …
	Message    string            // the API's own words, or the failure's; "" for an order without any; at most 500 characters, one line, no control characters
	Said       string            // Message without the order's own values: Message is for the row's record, this for whoever looks on
	RetryAfter time.Duration     // with Pause; 0 where the reply did not say
}

// attempt is all that is known after one CreateOrder: what left, and what came back.
type attempt struct {
	request []byte
	size    int64         // bytes of the body
	secrets *echo         // what no order number may hold
	written int64         // bytes of the request that were handed down, counted above TLS
	err     error         // no reply, or its body was not read to the end
	waits   time.Duration // for a reply, at most
	status  int           // 0: no reply
	header  http.Header
	body    []byte

	// Found by look.
	object bool              // the body is one JSON object and nothing else
	html   bool              // the body is a web page
	result CreateOrderResult // where ordered
	order  bool              // the body is a whole, well-formed CreateOrderResult
	hint   string            // an order ID or number that can be read in it all the same
}

// failureLine is one line of the failure table.
type failureLine struct {
	reason   string // "http": with the reply's status behind it
	when     func(*attempt) bool
	verdict  Verdict
	reaction Reaction
	slow     bool // rate and workers go down
}

// failureTable is the failure table of research/reliability.md section 3: the first line that fits decides, and the last fits
// everything. Only what stands here as a proof is taken for one.
var failureTable = []failureLine{
	// No reply.
	{"nothing-sent", func(a *attempt) bool { return a.written == 0 }, NotSent, Retry, false},
	{"cancelled", func(a *attempt) bool { return a.status == 0 && errors.Is(a.err, context.Canceled) }, InDoubt, Doubt, false},
	{"timeout", func(a *attempt) bool { return a.status == 0 && timedOut(a.err) }, InDoubt, Doubt, true},
	{"closed", func(a *attempt) bool { return a.status == 0 && endOfFile(a.err) }, InDoubt, Doubt, false},
	{"reset", func(a *attempt) bool { return a.status == 0 && networkFault(a.err) }, InDoubt, Doubt, false},
	{"broken", func(a *attempt) bool { return a.status == 0 }, InDoubt, Doubt, false},

	// A reply whatever its body.
	{"redirect", func(a *attempt) bool { return a.status/100 == 3 }, InDoubt, StopDoubt, false},
	{"early-reply", func(a *attempt) bool { return a.written < a.size && a.status < 300 }, InDoubt, StopDoubt, false},
	{"number-in-refusal", func(a *attempt) bool { return a.status >= 400 && a.hint != "" }, InDoubt, Doubt, false},
	{"http", is(401, 403), NotSent, StopToken, false},
	{"http", is(404, 405, 406, 411, 413, 415, 421, 426), NotSent, StopConfig, false},
	{"http", is(429), NotSent, Pause, true},

	// A reply that its body decides.
	{"ordered", func(a *attempt) bool { return is(200, 201)(a) && a.err == nil && a.order }, Ordered, Continue, false},
	{"web-page", func(a *attempt) bool { return a.status/100 == 2 && a.html }, InDoubt, StopDoubt, false},
	{"reply-too-large", func(a *attempt) bool { return a.status/100 == 2 && errors.Is(a.err, errTooLarge) }, InDoubt, Doubt, false},
	{"reply-cut", func(a *attempt) bool { return a.status/100 == 2 && a.err != nil }, InDoubt, Doubt, false},
	{"no-order-number", is(200, 201), InDoubt, Doubt, false},
	{"http", func(a *attempt) bool { return is(400, 422)(a) && a.err == nil && a.object }, Rejected, Continue, false},
	// Neither Retry-After nor JSON alone proves anything: Varnish has the one on the page that it makes when its backend has not answered
	// in time, and gateways have a {"message"} of their own for it. The API's own shape is not known.
	{"http", func(a *attempt) bool {
		return a.status == 503 && a.err == nil && (len(a.body) == 0 || a.object) && statedWait(a.header)
	}, NotSent, Pause, true},

	// 1xx, other 2xx, 408, 409, 500, 502, 504, …: it may have been carried out.
	{"http", is(408, 503, 504, 522, 524), InDoubt, Doubt, true},
	{"http", func(*attempt) bool { return true }, InDoubt, Doubt, false},
}

// is matches replies with one of the statuses.
func is(statuses ...int) func(*attempt) bool {
	return func(a *attempt) bool {
		for _, s := range statuses {
			if a.status == s {
				return true
			}
		}
		return false
	}
}

// outcome judges the attempt by the failure table.
func (a *attempt) outcome() Outcome {
	a.look()
	line := a.line()
	stalled := a.status != 0 && timedOut(a.err) // what its status says of the order holds all the same
	o := Outcome{Verdict: line.verdict, Reaction: line.reaction, Slow: line.slow || stalled, Status: a.status, Reason: line.reason}
	if line.reason == "http" {
		o.Reason = "http-" + strconv.Itoa(a.status)
	}
	switch o.Verdict {
	case Ordered:
		o.Result = a.result
		if !talks(a.body) {
			return o
		}
	case NotSent:
		if o.Reaction == Pause {
			o.RetryAfter = retryAfter(a.header)
		}
	}
	o.Message, o.Said = a.words()
	return o
}

// line is the first line of the failure table that fits.
func (a *attempt) line() *failureLine {
	for i := range failureTable {
		if failureTable[i].when(a) {
			return &failureTable[i]
		}
	}
	return &failureTable[len(failureTable)-1]
}

func timedOut(err error) bool {
	var network net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &network) && network.Timeout()
}

func endOfFile(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

func networkFault(err error) bool {
	var network *net.OpError
	return errors.As(err, &network)
}
