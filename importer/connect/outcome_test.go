package connect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const good = `{"orderID":500001,"orderNumber":"A3-0500001"}`

// TestFailureTable pins each line of the failure table, and that no line is without a case.
func TestFailureTable(t *testing.T) {
	reset := &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	page := "<html><body>Logga in</body></html>"
	wait := http.Header{"Retry-After": {"7"}}
	noReply := func(err error) attempt { return attempt{size: 10, written: 400, err: err} }
	reply := func(status int, body string) attempt {
		return attempt{size: 10, written: 400, status: status, body: []byte(body), header: http.Header{}}
	}
	with := func(a attempt, change func(*attempt)) attempt { change(&a); return a }

	tests := []struct {
		name    string
		attempt attempt
		reason  string
		verdict Verdict
		react   Reaction
	}{
		{"dead before the write", attempt{size: 10, err: io.EOF}, "nothing-sent", NotSent, Retry},
		{"reset, but nothing written", attempt{size: 10, err: reset}, "nothing-sent", NotSent, Retry},
		{"cancelled before the write", attempt{size: 10, err: context.Canceled}, "nothing-sent", NotSent, Retry},
		{"reply to nothing", attempt{size: 10, status: 200, body: []byte(good)}, "nothing-sent", NotSent, Retry},
		{"cancelled in flight", noReply(context.Canceled), "cancelled", InDoubt, Doubt},
		{"no answer", noReply(os.ErrDeadlineExceeded), "timeout", InDoubt, Doubt},
		{"caller's deadline", noReply(context.DeadlineExceeded), "timeout", InDoubt, Doubt},
		{"EOF after the write", noReply(io.EOF), "closed", InDoubt, Doubt},
		{"EOF within the header", noReply(fmt.Errorf("read: %w", io.ErrUnexpectedEOF)), "closed", InDoubt, Doubt},
		{"reset after the write", noReply(reset), "reset", InDoubt, Doubt},
		{"one byte written", attempt{size: 10, written: 1, err: reset}, "reset", InDoubt, Doubt},
		{"not HTTP", noReply(errors.New("malformed HTTP response")), "broken", InDoubt, Doubt},
		{"301", reply(301, ""), "redirect", InDoubt, StopDoubt},
		{"303", reply(303, good), "redirect", InDoubt, StopDoubt},
		{"307", reply(307, ""), "redirect", InDoubt, StopDoubt},
		{"success before the whole order left", with(reply(200, good), func(a *attempt) { a.written = 5 }), "early-reply", InDoubt, StopDoubt},
		{"413 before the whole order left", with(reply(413, ""), func(a *attempt) { a.written = 5 }), "http-413", NotSent, StopConfig},
		{"400 with a number", reply(400, good), "number-in-refusal", InDoubt, Doubt},
		{"429 with a number", reply(429, `{"orderNumber":"A3-1"}`), "number-in-refusal", InDoubt, Doubt},
		{"401", reply(401, page), "http-401", NotSent, StopToken},
		{"403", reply(403, ""), "http-403", NotSent, StopToken},
		{"404", reply(404, page), "http-404", NotSent, StopConfig},
		{"405", reply(405, ""), "http-405", NotSent, StopConfig},
		{"406", reply(406, ""), "http-406", NotSent, StopConfig},
		{"411", reply(411, ""), "http-411", NotSent, StopConfig},
		{"413", reply(413, ""), "http-413", NotSent, StopConfig},
		{"415", reply(415, ""), "http-415", NotSent, StopConfig},
		{"421", reply(421, ""), "http-421", NotSent, StopConfig},
		{"426", reply(426, ""), "http-426", NotSent, StopConfig},
		{"429", reply(429, page), "http-429", NotSent, Pause},
		{"503 that says when", with(reply(503, ""), func(a *attempt) { a.header = wait }), "http-503", NotSent, Pause},
		{"503 that says when, and no more of it came", with(reply(503, ""), func(a *attempt) { a.header, a.err = wait, io.ErrUnexpectedEOF }), "http-503", InDoubt, Doubt},
		{"503 of Varnish", with(reply(503, page), func(a *attempt) { a.header = wait }), "http-503", InDoubt, Doubt},
		{"503 of a proxy, in words", with(reply(503, "no healthy upstream"), func(a *attempt) { a.header = wait }), "http-503", InDoubt, Doubt},
		{"503 without a word", reply(503, ""), "http-503", InDoubt, Doubt},
		{"503 with an unreadable when", with(reply(503, page), func(a *attempt) { a.header = http.Header{"Retry-After": {"-5"}} }), "http-503", InDoubt, Doubt},
		{"200", reply(200, good), "ordered", Ordered, Continue},
		{"201", reply(201, good), "ordered", Ordered, Continue},
		{"captive portal", reply(200, page), "web-page", InDoubt, StopDoubt},
		{"captive portal with 202", reply(202, page), "web-page", InDoubt, StopDoubt},
		{"reply too large", with(reply(200, good), func(a *attempt) { a.err = errTooLarge }), "reply-too-large", InDoubt, Doubt},
		{"reply cut", with(reply(200, `{"orderID":5000`), func(a *attempt) { a.err = io.ErrUnexpectedEOF }), "reply-cut", InDoubt, Doubt},
		{"reply that stalls", with(reply(200, `{"orderID":5000`), func(a *attempt) { a.err = os.ErrDeadlineExceeded }), "reply-cut", InDoubt, Doubt},
		{"refusal that stalls", with(reply(401, `{"mess`), func(a *attempt) { a.err = os.ErrDeadlineExceeded }), "http-401", NotSent, StopToken},
		{"whole, but the connection cut it", with(reply(200, good), func(a *attempt) { a.err = io.ErrUnexpectedEOF }), "reply-cut", InDoubt, Doubt},
		{"200 empty", reply(200, ""), "no-order-number", InDoubt, Doubt},
		{"200 with an error", reply(200, `{"message":"nej"}`), "no-order-number", InDoubt, Doubt},
		{"400 in the API's words", reply(400, `{"message":"nej"}`), "http-400", Rejected, Continue},
		{"422 in the API's words", reply(422, `{"errors":{"email":["fel"]}}`), "http-422", Rejected, Continue},
		{"400 of a proxy", reply(400, page), "http-400", InDoubt, Doubt},
		{"400 with a list", reply(400, `["nej"]`), "http-400", InDoubt, Doubt},
		{"400 cut", with(reply(400, `{"message":"nej"}`), func(a *attempt) { a.err = io.ErrUnexpectedEOF }), "http-400", InDoubt, Doubt},
		{"503 of a gateway, in JSON", reply(503, `{"message":"Service Unavailable"}`), "http-503", InDoubt, Doubt},
		{"503 in JSON that says when", with(reply(503, `{"message":"stängt"}`), func(a *attempt) { a.header = wait }), "http-503", NotSent, Pause},
		{"524", reply(524, page), "http-524", InDoubt, Doubt},
		{"503 of a proxy", reply(503, page), "http-503", InDoubt, Doubt},
		{"101", reply(101, ""), "http-101", InDoubt, Doubt},
		{"202", reply(202, good), "http-202", InDoubt, Doubt},
		{"204", reply(204, ""), "http-204", InDoubt, Doubt},
		{"408", reply(408, ""), "http-408", InDoubt, Doubt},
		{"409", reply(409, `{"message":"finns"}`), "http-409", InDoubt, Doubt},
		{"418", reply(418, `{}`), "http-418", InDoubt, Doubt},
		{"500", reply(500, `{"message":"fel"}`), "http-500", InDoubt, Doubt},
		{"502", reply(502, page), "http-502", InDoubt, Doubt},
		{"504", reply(504, page), "http-504", InDoubt, Doubt},
		{"522", reply(522, page), "http-522", InDoubt, Doubt},
	}
	reached := map[*failureLine]bool{}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := test.attempt.outcome()
			reached[test.attempt.line()] = true
			if o.Verdict != test.verdict || o.Reaction != test.react || o.Reason != test.reason {
				t.Errorf("got %v %v %q, want %v %v %q", o.Verdict, o.Reaction, o.Reason, test.verdict, test.react, test.reason)
			}
			if slow := slices.Contains([]string{"timeout", "http-408", "http-429", "http-503", "http-504", "http-522", "http-524"}, o.Reason) || strings.HasSuffix(test.name, "stalls"); o.Slow != slow {
				t.Errorf("slow %v, want %v", o.Slow, slow)
			}
			if o.Status != test.attempt.status {
				t.Errorf("status %d, want %d", o.Status, test.attempt.status)
			}
			if (o.Message == "") != (o.Verdict == Ordered) {
				t.Errorf("message %q with %v", o.Message, o.Verdict)
			}
		})
	}
	for i := range failureTable {
		if !reached[&failureTable[i]] {
			t.Errorf("line %d (%s) of the failure table has no case", i, failureTable[i].reason)
		}
	}
}

// TestFailureInWords: what is said of a reply that did not come names no port and no function.
func TestFailureInWords(t *testing.T) {
	broken := &net.OpError{Op: "read", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 44044}, Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	late := &net.OpError{Op: "read", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 44044}, Err: os.ErrDeadlineExceeded}
	for _, test := range []struct {
		attempt attempt
		want    string
	}{
		{attempt{err: late, waits: 120 * time.Second}, "no answer within 120s"},
		{attempt{err: fmt.Errorf("net/http: Transport failed to read from server: %w", io.EOF)}, "the connection was closed before the answer"},
		{attempt{err: fmt.Errorf("net/http: Transport failed to read from server: %w", broken)}, "connection reset by peer"},
		{attempt{status: 200, err: late, body: []byte(`{"orderID":7,`)}, `readable in the reply: order ID 7; {"orderID":7,; the answer stopped in its middle`},
		{attempt{status: 502, err: io.ErrUnexpectedEOF}, "the connection was closed in the middle of the answer"},
	} {
		test.attempt.size, test.attempt.written = 10, 400
		if o := test.attempt.outcome(); o.Message != test.want {
			t.Errorf("%s: %q, want %q", o.Reason, o.Message, test.want)
		}
	}
}

// TestOutcomesAgree checks over every status and many bodies that the verdict and the reaction fit each other, and that Ordered
// comes only with a result.
func TestOutcomesAgree(t *testing.T) {
	fitting := map[Verdict][]Reaction{
		InDoubt: {Doubt, StopDoubt}, NotSent: {Retry, Pause, StopToken, StopConfig}, Ordered: {Continue}, Rejected: {Continue},
	}
	bodies := []string{"", good, "{}", "[]", "null", "<p>", `{"orderID":1}`, strings.Repeat("x", 3000), "\x00\xff"}
	for status := 100; status < 1000; status++ {
		for _, body := range bodies {
			for _, written := range []int64{0, 5, 400} {
				for _, err := range []error{nil, io.EOF} {
					o := (&attempt{size: 10, written: written, status: status, err: err, body: []byte(body)}).outcome()
					ok := false
					for _, r := range fitting[o.Verdict] {
						ok = ok || r == o.Reaction
					}
					if !ok {
						t.Fatalf("status %d, body %.20q, written %d: %v with %v", status, body, written, o.Verdict, o.Reaction)
					}
					if o.Verdict == Ordered && (body != good || status != 200 && status != 201 || err != nil || written < 10) {
						t.Fatalf("status %d, body %.20q, written %d, error %v: ordered", status, body, written, err)
					}
					if written == 0 && o.Verdict != NotSent {
						t.Fatalf("nothing written: %v", o.Verdict)
					}
				}
			}
		}
	}
}

func TestStrictResult(t *testing.T) {
	tests := []struct {
		body string
		want CreateOrderResult // zero: not believed
	}{
		{good, CreateOrderResult{500001, "A3-0500001"}},
		{"\ufeff \r\n" + good + "\n", CreateOrderResult{500001, "A3-0500001"}},
		{`{"orderID":"500001","orderNumber":" A3-1 ","more":[{"orderID":9}]}`, CreateOrderResult{500001, "A3-1"}},
		{`{"OrderId":7,"OrderNumber":"7"}`, CreateOrderResult{7, "7"}},
		{`{"orderID":0,"orderNumber":"A"}`, CreateOrderResult{}},
		{`{"orderID":-1,"orderNumber":"A"}`, CreateOrderResult{}},
		{`{"orderID":1.5,"orderNumber":"A"}`, CreateOrderResult{}},
		{`{"orderID":99999999999999999999,"orderNumber":"A"}`, CreateOrderResult{}},
		{`{"orderID":null,"orderNumber":"A"}`, CreateOrderResult{}},
		{`{"orderID":true,"orderNumber":"A"}`, CreateOrderResult{}},
		{`{"orderID":1,"orderNumber":""}`, CreateOrderResult{}},
		{`{"orderID":1,"orderNumber":"  "}`, CreateOrderResult{}},
		{`{"orderID":1,"orderNumber":null}`, CreateOrderResult{}},
		{`{"orderID":1,"orderNumber":12}`, CreateOrderResult{}},
		{`{"orderID":1,"orderNumber":"A\u001b[2J"}`, CreateOrderResult{}},
		{`{"orderID":1,"orderNumber":"` + strings.Repeat("9", 201) + `"}`, CreateOrderResult{}},
		{`{"orderID":1,"orderID":2,"orderNumber":"A"}`, CreateOrderResult{}},
		{`{"orderID":1,"ORDERID":1,"orderNumber":"A"}`, CreateOrderResult{}},
		{`{"orderID":1,"orderNumber":"A"`, CreateOrderResult{}},
		{good + good, CreateOrderResult{}},
		{"[" + good + "]", CreateOrderResult{}},
		{`"` + good, CreateOrderResult{}},
		{"", CreateOrderResult{}},
	}
	for _, test := range tests {
		o := (&attempt{size: 1, written: 1, status: 200, body: []byte(test.body)}).outcome()
		if o.Result != test.want || (o.Verdict == Ordered) != (test.want != CreateOrderResult{}) {
			t.Errorf("%.60q: %v %+v, want %+v", test.body, o.Verdict, o.Result, test.want)
		}
	}
}

// TestWordsBesideANumber checks that an order stays one whatever is said beside its number, and that this is told.
func TestWordsBesideANumber(t *testing.T) {
	tests := []struct{ more, want string }{
		{"", ""},
		{`,"success":true,"error":null,"errors":[],"message":""`, ""},
		{`,"error":false,"products":["Mobil"]`, ""},
		{`,"success":false,"error":"customer blocked, order not placed"`, "customer blocked, order not placed"},
		{`,"Error":"kunden är spärrad","detail":"2001"`, "kunden är spärrad; 2001"},
		{`,"errors":{"email":["fel"]}`, `{"email":["fel"]}`},
		{`,"message":"tack, canary!"`, "tack, [token]!"},
		{`,"success":false`, `{"orderID":500001,"orderNumber":"A3-0500001","success":false}`},
	}
	for _, test := range tests {
		body := strings.TrimSuffix(good, "}") + test.more + "}"
		o := (&attempt{size: 1, written: 1, status: 200, body: []byte(body), secrets: newEcho([]string{"canary"}, nil)}).outcome()
		if o.Verdict != Ordered || o.Result != (CreateOrderResult{500001, "A3-0500001"}) || o.Message != test.want || o.Said != test.want {
			t.Errorf("%s: %+v, want %q", test.more, o, test.want)
		}
	}
}

// TestNumberHint checks that a number that can be read in a broken reply is told.
func TestNumberHint(t *testing.T) {
	tests := []struct{ body, want string }{
		{`{"orderID":500001,"orderNumber":"A3-05`, "order number A3-05, order ID 500001"},
		{`{"orderID": "12`, "order ID 12"},
		{`{"orderID":0,"orderNumber":"A3-9"}`, "order number A3-9"},
		{`{"orderID":0,"orderNumber":null}`, ""},
		{`{"orderID":0,"orderNumber":""}`, ""},
		{`{"message":"nej"}`, ""},
	}
	for _, test := range tests {
		o := (&attempt{size: 1, written: 1, status: 200, err: io.ErrUnexpectedEOF, body: []byte(test.body)}).outcome()
		if o.Verdict != InDoubt || strings.Contains(o.Message, "readable in the reply") != (test.want != "") || !strings.Contains(o.Message, test.want) {
			t.Errorf("%q: %v %q, want %q", test.body, o.Verdict, o.Message, test.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	const date = "Mon, 23 Nov 2026 18:00:00 GMT"
	tests := []struct {
		value, date string
		want        time.Duration
	}{
		{"120", "", 2 * time.Minute},
		{" 0 ", "", 0},
		{"1800", "", 30 * time.Minute}, // long, but kept as it is
		{"-5", "", 0},
		{"1e9", "", 0},
		{"1000000000", "", 0},
		{"18446744073709551615", "", 0},
		{"99999999999999999999999", "", 0},
		{"1.5", "", 0},
		{"soon", "", 0},
		{"", "", 0},
		{"Mon, 23 Nov 2026 18:01:30 GMT", date, 90 * time.Second}, // against the reply's clock, not ours
		{"Mon, 23 Nov 2026 17:59:00 GMT", date, 0},
		{"Mon, 23 Nov 2099 18:00:00 GMT", date, 0},
		{"Mon, 23 Nov 2099 18:00:00 GMT", "nonsense", 0},
	}
	for _, test := range tests {
		header := http.Header{"Retry-After": {test.value}, "Date": {test.date}}
		o := (&attempt{size: 1, written: 1, status: 429, header: header}).outcome()
		if o.Verdict != NotSent || o.RetryAfter != test.want {
			t.Errorf("%q at %q: %v %v, want %v", test.value, test.date, o.Verdict, o.RetryAfter, test.want)
		}
	}
}

func TestMessageIsOneSafeLine(t *testing.T) {
	tests := []struct{ body, want string }{
		{`{"message":"e-post saknas"}`, "e-post saknas"},
		{`{"message":"a\r\nb\t\u001b[31mc\u0000 \u202ed"}`, "a b [31mc d"},
		{`{"title":"Fel","errors":{"email":["saknas"]}}`, `Fel; {"email":["saknas"]}`},
		{`{"code":17}`, `{"code":17}`},
		{`{"message":"` + strings.Repeat("å", 600) + `"}`, strings.Repeat("å", 499) + "…"},
		{"{\"message\":\"\xff\"}", ""},
	}
	for _, test := range tests {
		a := attempt{size: 1, written: 1, status: 400, body: []byte(test.body)}
		if got := oneLine(a.outcome().Message); got != test.want {
			t.Errorf("%.60q: %q, want %q", test.body, got, test.want)
		}
	}
}

// FuzzReply checks that no reply panics, and that what is believed is well-formed.
func FuzzReply(f *testing.F) {
	for _, body := range []string{good, "", "<html>", `{"orderID":`, "\xff", `{"orderID":{},"orderNumber":[]}`} {
		f.Add(200, "5", []byte(body))
	}
	f.Fuzz(func(t *testing.T, status int, wait string, body []byte) {
		a := attempt{size: 1, written: 1, status: status, body: body, header: http.Header{"Retry-After": {wait}}}
		o := a.outcome()
		if o.Verdict == Ordered && (o.Result.OrderID <= 0 || o.Result.OrderNumber == "") {
			t.Errorf("believed %+v of %q", o.Result, body)
		}
		if message := oneLine(o.Message); len([]rune(message)) > maxWords || strings.ContainsFunc(message, unprintable) {
			t.Errorf("message %q", message)
		}
		if o.RetryAfter < 0 || o.RetryAfter > maxWait {
			t.Errorf("wait %v of %q", o.RetryAfter, wait)
		}
	})
}
