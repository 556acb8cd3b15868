package connect

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"
)

// maxWords bounds Outcome.Message, in characters.
const maxWords = 500

// maxNumber bounds an order number, in bytes: what is longer is no reference.
const maxNumber = 200

// maxWait is the longest Retry-After that is believed. More is taken for a mistake.
const maxWait = 24 * time.Hour

var errTooLarge = fmt.Errorf("the reply is larger than %d bytes", maxReply)

// look finds out what the body is.
func (a *attempt) look() {
	a.body = bytes.TrimPrefix(a.body, []byte("\ufeff"))
	if len(a.body) == 0 {
		return
	}
	var parsed, single = parseResult(a.body)
	a.object = single
	if result, ok := parsed.result(); ok && single && !a.secrets.in(result.OrderNumber) {
		a.order, a.result = true, result
	}
	if a.order && a.err == nil && (a.status == 200 || a.status == 201) {
		return
	}
	a.html = webPage(a.header, a.body)
	a.hint = readableNumber([]byte(a.secrets.strip(string(a.body), "…"))) // it may end in the middle of what is repeated
}

// looseResult is a CreateOrderResult as it came, with how often each member did.
type looseResult struct {
	OrderID     member `json:"orderID"`
	OrderNumber member `json:"orderNumber"`
}

// member is one JSON value, and how often its key stood in the object: twice is not well-formed.
type member struct {
	raw   string
	times int
}

// UnmarshalJSON is called once for each time the key stands in the object.
func (m *member) UnmarshalJSON(raw []byte) error {
	m.raw, m.times = string(raw), m.times+1
	return nil
}

// parseResult reads a body; single says whether it is one JSON object and nothing else.
func parseResult(body []byte) (r looseResult, single bool) {
	if body = bytes.TrimSpace(body); len(body) == 0 || body[0] != '{' {
		return r, false
	}
	return r, json.Unmarshal(body, &r) == nil
}

// result is the strict reading: a positive ID (a number, or a string of one) and a number that is not empty, each once.
func (r looseResult) result() (CreateOrderResult, bool) {
	if r.OrderID.times != 1 || r.OrderNumber.times != 1 {
		return CreateOrderResult{}, false
	}
	id, err := strconv.ParseInt(strings.Trim(r.OrderID.raw, `"`), 10, 64)
	if err != nil || id <= 0 {
		return CreateOrderResult{}, false
	}
	var number string
	if r.OrderNumber.raw == "null" || json.Unmarshal([]byte(r.OrderNumber.raw), &number) != nil {
		return CreateOrderResult{}, false
	}
	if number = strings.TrimSpace(number); number == "" || len(number) > maxNumber || strings.ContainsFunc(number, unprintable) {
		return CreateOrderResult{}, false
	}
	return CreateOrderResult{OrderID: id, OrderNumber: number}, true
}

var (
	readableID    = regexp.MustCompile(`(?i)"orderID"\s*:\s*"?0*([1-9][0-9]{0,18})`)
	readableOrder = regexp.MustCompile(`(?i)"orderNumber"\s*:\s*"?([^"\\{}\[\],\x00-\x1f]{1,60})`)
)

// readableNumber looks for an order's ID and number in a reply that is not to be believed: a hint for a person.
func readableNumber(body []byte) string {
	var found []string
	if m := readableOrder.FindSubmatch(body); m != nil {
		if number := strings.TrimSpace(string(m[1])); number != "" && number != "null" {
			found = append(found, "order number "+number)
		}
	}
	if m := readableID.FindSubmatch(body); m != nil {
		found = append(found, "order ID "+string(m[1]))
	}
	return strings.Join(found, ", ")
}

// webPage reports whether a body is HTML, by its type or its beginning.
func webPage(header http.Header, body []byte) bool {
	if body = bytes.TrimSpace(body); len(body) > 0 && body[0] == '<' {
		return true
	}
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	return strings.EqualFold(strings.TrimSpace(kind), "text/html") && !json.Valid(body)
}

// words are what Outcome.Message holds: the hint, then the API's own words or the failure's. said is the same without what they repeat of
// the order.
func (a *attempt) words() (message, said string) {
	var words []string
	if a.hint != "" {
		words = append(words, "readable in the reply: "+a.hint)
	}
	if said := apiWords(a.body); said != "" {
		words = append(words, said)
	}
	if a.err != nil {
		words = append(words, a.failure())
	}
	if a.status/100 == 3 {
		words = append(words, fmt.Sprintf("redirected to %q, which was not followed", a.header.Get("Location")))
	}
	if len(words) == 0 {
		words = append(words, strings.TrimSpace(fmt.Sprintf("status %d %s without a text", a.status, http.StatusText(a.status))))
	}
	var order CreateOrderRequest
	_ = json.Unmarshal(a.request, &order) // it is one of ours
	values := newEcho(nil, slices.Collect(maps.Values(order.Data)))
	without := make([]string, len(words))
	for i := range words { // each on its own: a reply that was cut off ends with a piece of what it repeats
		words[i] = a.secrets.strip(words[i], redacted)
		without[i] = values.strip(words[i], "[…]")
	}
	return oneLine(strings.Join(words, "; ")), oneLine(strings.Join(without, "; "))
}

// failure says why there is no whole reply, for people: what net/http calls it tells them nothing, and names ports.
func (a *attempt) failure() string {
	var errno syscall.Errno
	switch {
	case timedOut(a.err) && a.status == 0:
		return fmt.Sprintf("no answer within %gs", a.waits.Seconds())
	case timedOut(a.err):
		return "the answer stopped in its middle"
	case endOfFile(a.err) && a.status == 0:
		return "the connection was closed before the answer"
	case endOfFile(a.err):
		return "the connection was closed in the middle of the answer"
	case errors.As(a.err, &errno):
		return errno.Error()
	}
	return a.err.Error()
}

// apiWords finds the text for people in a reply: the usual members of an error object, or else all of it.
func apiWords(body []byte) string {
	var said map[string]json.RawMessage
	if json.Unmarshal(body, &said) == nil {
		if words := memberWords(said); words != "" {
			return words
		}
	}
	return string(body)
}

// memberWords are the texts of an object's usual members for people.
func memberWords(said map[string]json.RawMessage) string {
	var words []string
	for _, key := range []string{"message", "Message", "error", "Error", "error_description", "title", "detail", "errors"} {
		raw, ok := said[key]
		if !ok || slices.Contains([]string{"null", "false", "0", "[]", "{}"}, string(raw)) {
			continue
		}
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		if text = strings.TrimSpace(text); text != "" {
			words = append(words, text)
		}
	}
	return strings.Join(words, "; ")
}

// talks reports whether a result says something beside its ID and number. These are the vendor's word that the order exists, but whoever
// reads the row must see that the API contradicts itself. Nothing here judges what the words mean.
func talks(body []byte) bool {
	var said map[string]json.RawMessage
	return json.Unmarshal(body, &said) == nil && (memberWords(said) != "" || string(said["success"]) == "false")
}

// oneLine makes foreign text fit for a line of a terminal or a cell: no control characters, blanks collapsed, at most maxWords
// characters.
func oneLine(s string) string {
	if len(s) > 8*maxWords {
		s = s[:8*maxWords] // enough for maxWords characters of any kind
	}
	s = strings.Map(func(r rune) rune {
		if unprintable(r) || unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxWords {
		s = string([]rune(s)[:maxWords-1]) + "…"
	}
	return s
}

// unprintable reports characters that do things to a terminal, or hide: controls, and marks of writing direction.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) || r == utf8.RuneError
}

// errNoWait says that a reply has no Retry-After that can be read.
var errNoWait = errors.New("no Retry-After")

// parseWait reads Retry-After: seconds, or a date, which is taken against the reply's own Date, since its clock and ours may
// differ.
func parseWait(header http.Header) (time.Duration, error) {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return 0, errNoWait
	}
	if seconds, err := strconv.ParseUint(value, 10, 63); err == nil {
		return time.Duration(min(seconds, uint64(2*maxWait/time.Second))) * time.Second, nil
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0, errNoWait
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return until.Sub(now), nil
}

// statedWait reports whether a reply says, in a form that can be read, when to come again: it then refused before processing.
func statedWait(header http.Header) bool {
	_, err := parseWait(header)
	return err == nil
}

// retryAfter is how long a reply asks to wait; 0 where it does not say, or what it says is absurd.
func retryAfter(header http.Header) time.Duration {
	wait, err := parseWait(header)
	if err != nil || wait < 0 || wait > maxWait {
		return 0
	}
	return wait
}
