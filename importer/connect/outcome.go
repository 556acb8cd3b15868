package connect

import "time"

// Verdict is what is known about an order after an attempt to place it.
type Verdict uint8

// The verdicts. The zero value is the careful one.
const (
	InDoubt  Verdict = iota // it may exist
	NotSent                 // proof that nothing was processed: the row may be sent again
	Ordered                 // a whole, well-formed CreateOrderResult was read
	Rejected                // the API refused it for good, in its own words
)

// Reaction is what the whole run must do after an outcome, beside booking it.
type Reaction uint8

// The reactions, from the failure table in outcome.go.
const (
	Continue   Reaction = iota // go on with the next row
	Retry                      // NotSent: the same row again, on a new connection
	Pause                      // NotSent: every worker waits RetryAfter (0: the caller's own back-off), and rate and workers go down
	Doubt                      // InDoubt: counts towards --stop-after-doubts
	StopDoubt                  // InDoubt, and no further order may leave (a redirect, a captive portal, a repeated number)
	StopToken                  // NotSent: the token was refused
	StopConfig                 // NotSent: the endpoint does not take orders this way (404, 405, 413, …)
)

// Outcome is one attempt's result. Every reply or failure becomes exactly one.
type Outcome struct {
	Verdict    Verdict
	Reaction   Reaction
	Result     CreateOrderResult // where Ordered; a readable number of a broken reply is in Message
	Status     int               // HTTP status, 0 where no reply was read
	Reason     string            // stable kebab-case word, the failure table's line: "timeout", "reset", "http-500", …
	Message    string            // the API's own words, or the failure's; at most 500 characters, one line, no control characters
	RetryAfter time.Duration     // with Pause; 0 where the reply did not say
}
