package connecttest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Fault is a misbehaviour of the sandbox when an order is placed. [ParseFault] reads one from a text.
type Fault struct {
	Kind  string // one of FaultKinds, or http-NNN-… or plain-NNN-… with another status
	From  int    // the first CreateOrder it strikes, counted from 1 as they are let in
	To    int    // the last; 0: no end
	Every int    // of these, every how many-th; 0 and 1: each
	Value string // see ParseFault
}

// What a fault does, before the side is added to it: "-before" the order is made (it then never is), or "-after".
var (
	bothSides = []string{
		"reset",          // the connection is reset without a reply
		"eof",            // the connection is closed without a reply
		"timeout",        // no reply ever comes
		"cut-header",     // reset in the middle of the reply's header
		"cut-body",       // reset in the middle of the reply's body
		"stall-body",     // half of the reply's body, and then nothing ever
		"truncate",       // half of the body that Content-Length promised, then closed
		"cut-close",      // half of a body without Content-Length, then closed
		"long-length",    // a Content-Length beyond the body's end, then closed
		"short-length",   // a Content-Length that cuts the body
		"garbage",        // bytes that are not HTTP
		"garbage-200",    // 200 with a body that is not JSON
		"empty-200",      // 200 without a body
		"html-200",       // 200 with a web page, as a captive portal sends
		"error-200",      // 200 with an error's JSON
		"zero-id",        // 200 with orderID 0
		"no-number",      // 200 with an empty orderNumber
		"repeat",         // 200 with the number of the order before
		"huge",           // 200 with 2 MiB
		"gzip-200",       // 200 with a body that nobody asked to be compressed, a thousand times larger than it looks
		"http-NNN",       // the status NNN with the API's JSON; for 2xx after the order is made, with its number
		"plain-NNN",      // the status NNN with a web page, as a proxy in between sends
		"redirect-other", // 307 to another origin
		"restart",        // the server goes down with all its connections, and comes back a moment later
	}
	beforeOnly = []string{
		"schema-change", // from now on the packages have other fields: VALUE is FIELD=A|B, the values allowed; else a new one that may be left out
		"token-expiry",  // from now on only the token VALUE is let in, "renewed" by default; the second time VALUE-2, …
	}
	afterOnly = []string{
		"slow",       // the right reply byte by byte
		"close-idle", // the right reply, and the connection closed a moment later
		"twice",      // the right reply, twice
	}
	statuses = []int{201, 202, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 500, 502, 503, 504}
)

// FaultKinds lists the kinds of faults, sorted. Beside them, http-NNN-before, http-NNN-after, plain-NNN-before and
// plain-NNN-after take any status from 200 to 599.
func FaultKinds() []string {
	var kinds []string
	for _, name := range bothSides {
		if !strings.HasSuffix(name, "-NNN") {
			kinds = append(kinds, name+"-before", name+"-after")
			continue
		}
		for _, status := range statuses {
			concrete := strings.TrimSuffix(name, "NNN") + strconv.Itoa(status)
			kinds = append(kinds, concrete+"-before", concrete+"-after")
		}
	}
	for _, name := range beforeOnly {
		kinds = append(kinds, name+"-before")
	}
	for _, name := range afterOnly {
		kinds = append(kinds, name+"-after")
	}
	slices.Sort(kinds)
	return kinds
}

// ParseFault reads a fault:
//
//	KIND[@WHEN][/VALUE]
//
// KIND is one of FaultKinds. WHEN says which CreateOrder it strikes, counted from 1: "5" the fifth alone, "3-5" three of them,
// "3-" all from the third on, "every:10" the tenth, twentieth and so on; without it each is struck. VALUE is the Retry-After of a
// status ("date:5s": as a date, by the clock of a server that is an hour ahead), the Location of a redirect, how long a restart
// or a slow reply takes, or what is said at the kind. Examples:
//
//	reset-after@5
//	timeout-before@3-5
//	http-500-after@every:10
//	http-429-before@1/120
//	http-307-before@2/https://other.example/
func ParseFault(s string) (Fault, error) {
	rest, value, _ := strings.Cut(s, "/")
	kind, when, placed := strings.Cut(rest, "@")
	f := Fault{Kind: kind, From: 1, Value: value}
	if !knownKind(kind) {
		return Fault{}, fmt.Errorf("fault %q: unknown kind %q: it is NAME-before or NAME-after, such as reset-after or http-500-before", s, kind)
	}
	if strings.ContainsAny(value, "\r\n") {
		return Fault{}, fmt.Errorf("fault %q: the value may not hold a line end", s)
	}
	if !placed {
		return f, nil
	}
	count := func(text string) int {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1<<30 {
			return 0
		}
		return n
	}
	if every, ok := strings.CutPrefix(when, "every:"); ok {
		f.Every = count(every)
		f.From = f.Every
	} else if from, to, ok := strings.Cut(when, "-"); !ok {
		f.From = count(from)
		f.To = f.From
	} else if f.From = count(from); to != "" {
		if f.To = count(to); f.To < f.From {
			f.From = 0
		}
	}
	if f.From == 0 {
		return Fault{}, fmt.Errorf("fault %q: %q does not say when: use 5, 3-5, 3- or every:10", s, when)
	}
	return f, nil
}

// String gives the text that ParseFault reads.
func (f Fault) String() string {
	s := f.Kind
	switch {
	case f.Every > 1:
		s += fmt.Sprintf("@every:%d", f.Every)
	case f.To != 0 && f.To == f.From:
		s += fmt.Sprintf("@%d", f.From)
	case f.To != 0:
		s += fmt.Sprintf("@%d-%d", f.From, f.To)
	case f.From > 1:
		s += fmt.Sprintf("@%d-", f.From)
	}
	if f.Value != "" {
		s += "/" + f.Value
	}
	return s
}

// knownKind reports whether a kind is one of FaultKinds, or a status with a side.
func knownKind(kind string) bool {
	name, after := side(kind)
	if name == "" {
		return false
	}
	if _, status := cutStatus(name); status != 0 {
		return true
	}
	oneSide := beforeOnly
	if after {
		oneSide = afterOnly
	}
	return !strings.HasSuffix(name, "-NNN") && slices.Contains(bothSides, name) || slices.Contains(oneSide, name)
}

// side splits a kind into its name and whether the order is made first; "" where it says neither.
func side(kind string) (name string, after bool) {
	if name, ok := strings.CutSuffix(kind, "-after"); ok {
		return name, true
	}
	name, ok := strings.CutSuffix(kind, "-before")
	if !ok {
		return "", false
	}
	return name, false
}

// cutStatus splits http-503 into its parts; status is 0 where the name is no such.
func cutStatus(name string) (prefix string, status int) {
	prefix, digits, _ := strings.Cut(name, "-")
	if prefix != "http" && prefix != "plain" || len(digits) != 3 {
		return "", 0
	}
	status, err := strconv.Atoi(digits)
	if err != nil || status < 200 || status > 599 {
		return "", 0
	}
	return prefix, status
}

// strikes reports whether the n-th CreateOrder is struck.
func (f Fault) strikes(n int) bool {
	return n >= f.From && (f.To == 0 || n <= f.To) && (f.Every < 2 || n%f.Every == 0)
}
