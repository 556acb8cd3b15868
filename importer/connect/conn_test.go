package connect_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
)

// want is what an order struck by a fault must come to.
type want struct {
	verdict connect.Verdict
	react   connect.Reaction
	reason  string
}

// expected gives what each kind of fault must come to.
func expected(t *testing.T, kind string) want {
	name, side, _ := cutLast(kind)
	doubt := func(reason string) want { return want{connect.InDoubt, connect.Doubt, reason} }
	switch name {
	case "reset":
		return doubt("reset")
	case "eof":
		return doubt("closed")
	case "cut-header", "cut-body", "restart":
		return want{connect.InDoubt, connect.Doubt, ""} // the reset may overtake what was written before it
	case "timeout":
		return doubt("timeout")
	case "garbage":
		return doubt("broken")
	case "truncate", "long-length", "stall-body":
		return doubt("reply-cut")
	case "huge":
		return doubt("reply-too-large")
	case "cut-close", "short-length", "garbage-200", "empty-200", "error-200", "gzip-200", "zero-id", "no-number":
		return doubt("no-order-number")
	case "html-200":
		return want{connect.InDoubt, connect.StopDoubt, "web-page"}
	case "redirect-other":
		return want{connect.InDoubt, connect.StopDoubt, "redirect"}
	case "repeat", "slow", "close-idle", "twice", "schema-change": // a repeated number is the ledger's to notice
		return want{connect.Ordered, connect.Continue, "ordered"}
	}
	if name == "token-expiry" {
		name = "http-401"
	}
	prefix, digits, _ := strings.Cut(name, "-")
	status, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatalf("no expectation for %q", kind)
	}
	reason, page := "http-"+digits, prefix == "plain"
	switch {
	case status == 201 && !page:
		if side == "after" {
			return want{connect.Ordered, connect.Continue, "ordered"}
		}
		return doubt("no-order-number")
	case status/100 == 2 && page && status != 204:
		return want{connect.InDoubt, connect.StopDoubt, "web-page"}
	case status/100 == 3:
		return want{connect.InDoubt, connect.StopDoubt, "redirect"}
	case status == 400 || status == 422:
		if page {
			return doubt(reason)
		}
		return want{connect.Rejected, connect.Continue, reason}
	case status == 401 || status == 403:
		return want{connect.NotSent, connect.StopToken, reason}
	case slices.Contains([]int{404, 405, 413, 415}, status):
		return want{connect.NotSent, connect.StopConfig, reason}
	case status == 429:
		return want{connect.NotSent, connect.Pause, reason}
	}
	return doubt(reason)
}

func cutLast(kind string) (name, side string, ok bool) {
	i := strings.LastIndexByte(kind, '-')
	return kind[:max(i, 0)], kind[i+1:], i > 0
}

// TestFaults sends an order into every fault, on a new connection and on one that was used before, and holds the outcome against
// the sandbox's audit: never more than one order, and never a word that the audit contradicts.
func TestFaults(t *testing.T) {
	for _, kind := range connecttest.FaultKinds() {
		for _, reused := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/reused=%v", kind, reused), func(t *testing.T) {
				t.Parallel()
				server := start(t, connecttest.Options{})
				config := connect.Config{Endpoint: connect.Endpoint{URL: server.URL()}}
				silent := strings.HasPrefix(kind, "timeout") || strings.HasPrefix(kind, "stall")
				if silent {
					config.Reply = 50 * time.Millisecond
				}
				conn := dial(t, clientOf(t, config))
				body, earlier := encode(t, order()), 0
				nth := 1
				if reused || strings.HasPrefix(kind, "repeat") {
					if o := conn.CreateOrder(t.Context(), "first", body); o.Verdict != connect.Ordered {
						t.Fatalf("first order: %+v", o)
					}
					earlier, nth = 1, 2
				}
				if err := server.AddFault(fault(t, fmt.Sprintf("%s@%d", kind, nth))); err != nil {
					t.Fatal(err)
				}
				o := conn.CreateOrder(t.Context(), "struck", body)

				w := expected(t, kind)
				if o.Verdict != w.verdict || o.Reaction != w.react || w.reason != "" && o.Reason != w.reason {
					t.Errorf("got %+v, want %+v", o, w)
				}
				if silent && !o.Slow {
					t.Errorf("not slow: %+v", o)
				}
				if got := server.Requests().CreateOrder; got != nth {
					t.Errorf("delivered %d times, want once", got-earlier)
				}
				made := server.Audit()[earlier:]
				if _, side, _ := cutLast(kind); len(made) != map[string]int{"before": 0, "after": 1}[side] && !strings.HasPrefix(kind, "schema-change") {
					t.Fatalf("the sandbox made %d orders", len(made))
				}
				// A refusal after the order was made is a lie that no client can see through; all else must agree.
				if len(made) == 1 && o.Verdict == connect.Ordered && !strings.HasPrefix(kind, "repeat") && o.Result.OrderID != made[0].OrderID {
					t.Errorf("result %+v, made %+v", o.Result, made[0])
				}
				if o.Verdict == connect.InDoubt && conn.Usable() {
					t.Error("the connection is usable after a doubt")
				}
				if len(made) == 1 && made[0].RequestID != "struck" {
					t.Errorf("request ID %q", made[0].RequestID)
				}
			})
		}
	}
}

// recorder is a raw HTTP/1.1 server that hands each connection to serve, and counts what it was sent.
func recorder(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	wait.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			wait.Go(func() {
				defer conn.Close()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for _, conn := range open {
			conn.Close()
		}
		mu.Unlock()
		wait.Wait()
	})
	return listener.Addr().String()
}

const okReply = "HTTP/1.1 200 OK\r\nContent-Length: 36\r\n\r\n" + `{"orderID":1,"orderNumber":"A3-001"}`

// TestHeaders checks exactly which headers an order has. An Idempotency-Key, even an empty one, would make net/http send it twice.
func TestHeaders(t *testing.T) {
	got := make(chan *http.Request, 1)
	address := recorder(t, func(conn net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		got <- r
		_, _ = io.WriteString(conn, okReply)
	})
	client := clientOf(t, connect.Config{Endpoint: connect.Endpoint{URL: "http://" + address + "/base/"}})
	body := encode(t, order())
	if o := dial(t, client).CreateOrder(t.Context(), "req-1", body); o.Verdict != connect.Ordered {
		t.Fatalf("outcome %+v", o)
	}
	r := <-got
	want := http.Header{
		"X-Auth-Key": {secret}, "Content-Type": {"application/json"}, "Accept": {"application/json"}, "User-Agent": {"orderimport"},
		"X-Request-Id": {"req-1"}, "Content-Length": {strconv.Itoa(len(body))},
	}
	for name, values := range r.Header {
		if !slices.Equal(values, want[name]) {
			t.Errorf("header %s: %q, want %q", name, values, want[name])
		}
	}
	if len(r.Header) != len(want) {
		t.Errorf("headers %v, want %v", r.Header, want)
	}
	if r.Method != "POST" || r.RequestURI != "/base/api/CreateOrder" || r.Host != address || r.ProtoMinor != 1 || len(r.TransferEncoding) > 0 {
		t.Errorf("request %s %s %s to %s", r.Method, r.RequestURI, r.Proto, r.Host)
	}
	if sent, _ := io.ReadAll(r.Body); string(sent) != string(body) {
		t.Errorf("body %q, want %q", sent, body)
	}
}

// TestRedirectIsNeverFollowed checks that neither the order nor the token goes where a redirect points.
func TestRedirectIsNeverFollowed(t *testing.T) {
	var visits atomic.Int32
	other := recorder(t, func(net.Conn) { visits.Add(1) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := start(t, connecttest.Options{Faults: []connecttest.Fault{fault(t, fmt.Sprintf("http-%d-before/http://%s/", status, other))}})
		o := dial(t, newClient(t, server)).CreateOrder(t.Context(), "r", encode(t, order()))
		if o.Verdict != connect.InDoubt || o.Reaction != connect.StopDoubt || !strings.Contains(o.Message, other) {
			t.Errorf("%d: %+v", status, o)
		}
	}
	get := recorder(t, func(conn net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		fmt.Fprintf(conn, "HTTP/1.1 302 Found\r\nLocation: http://%s/\r\nContent-Length: 0\r\n\r\n", other)
	})
	_, err := clientOf(t, connect.Config{Endpoint: connect.Endpoint{URL: "http://" + get}}).GetPackages(t.Context())
	if kind(err) != connect.BadReply {
		t.Errorf("GetPackages: %v", err)
	}
	if n := visits.Load(); n > 0 {
		t.Errorf("the redirect was followed %d times", n)
	}
}

// TestHTTP2IsNotUsed checks that a server that would speak HTTP/2 is spoken to in HTTP/1.1.
func TestHTTP2IsNotUsed(t *testing.T) {
	server, config := startTLS(t)
	if o := dial(t, clientOf(t, config)).CreateOrder(t.Context(), "r", encode(t, order())); o.Verdict != connect.Ordered {
		t.Fatalf("outcome %+v", o)
	}
	if _, err := clientOf(t, config).GetPackages(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := server.Requests(); r.HTTP2 != 0 || r.CreateOrder != 1 || r.GetPackages != 1 {
		t.Errorf("requests %+v", r)
	}
	// That it would have: or else the test shows nothing.
	offered, err := tls.Dial("tcp", strings.TrimPrefix(server.URL(), "https://"), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer offered.Close()
	if p := offered.ConnectionState().NegotiatedProtocol; p != "h2" {
		t.Errorf("the sandbox offers %q, want h2", p)
	}
}

// TestSecondReplyIsNotBelieved checks that a reply that comes without a request is never taken for the next order's.
func TestSecondReplyIsNotBelieved(t *testing.T) {
	var orders atomic.Int32
	address := recorder(t, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			orders.Add(1)
			_, _ = io.WriteString(conn, okReply+okReply)
		}
	})
	client := clientOf(t, connect.Config{Endpoint: connect.Endpoint{URL: "http://" + address}})
	body := encode(t, order())
	for trial := range 50 {
		conn := dial(t, client)
		if o := conn.CreateOrder(t.Context(), "first", body); o.Verdict != connect.Ordered {
			t.Fatalf("first: %+v", o)
		}
		before := orders.Load()
		o := conn.CreateOrder(t.Context(), "second", body)
		if o.Verdict != connect.NotSent || o.Reaction != connect.Retry || orders.Load() != before {
			t.Fatalf("trial %d: %+v, %d orders delivered", trial, o, orders.Load()-before)
		}
		conn.Close()
	}
}

// TestClosedConnectionSendsNothing checks that an order on a dead connection is proven unsent.
func TestClosedConnectionSendsNothing(t *testing.T) {
	server := start(t, connecttest.Options{})
	client, body := newClient(t, server), encode(t, order())
	conn := dial(t, client)
	conn.Close()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, o := range map[string]connect.Outcome{
		"closed":    conn.CreateOrder(t.Context(), "r", body),
		"cancelled": dial(t, client).CreateOrder(cancelled, "r", body),
	} {
		if o.Verdict != connect.NotSent || o.Reaction != connect.Retry || o.Reason != "nothing-sent" || o.Message == "" {
			t.Errorf("%s: %+v", name, o)
		}
	}
	if n := server.Requests().CreateOrder; n != 0 {
		t.Errorf("%d orders arrived", n)
	}
}

// TestIdleConnectionIsNotUsed checks the rule of one second.
func TestIdleConnectionIsNotUsed(t *testing.T) {
	server := start(t, connecttest.Options{})
	conn := dial(t, newClient(t, server))
	if !conn.Usable() {
		t.Error("a new connection is not usable")
	}
	time.Sleep(1100 * time.Millisecond)
	if conn.Usable() {
		t.Error("usable after more than a second")
	}
	if o := conn.CreateOrder(t.Context(), "r", encode(t, order())); o.Verdict != connect.NotSent || server.Requests().CreateOrder != 0 {
		t.Errorf("outcome %+v, %d orders arrived", o, server.Requests().CreateOrder)
	}
}

// TestCancelInFlightIsDoubt checks that cancelling creates doubt, and nothing else.
func TestCancelInFlightIsDoubt(t *testing.T) {
	server := start(t, connecttest.Options{Faults: []connecttest.Fault{fault(t, "timeout-after")}})
	conn := dial(t, newClient(t, server))
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		for len(server.Audit()) == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel(io.ErrNoProgress)
	}()
	if o := conn.CreateOrder(ctx, "r", encode(t, order())); o.Verdict != connect.InDoubt || o.Reason != "cancelled" {
		t.Errorf("outcome %+v", o)
	}
}

// TestTokenEchoIsScrubbed checks that a reply that repeats the token does not bring it into a message.
func TestTokenEchoIsScrubbed(t *testing.T) {
	address := recorder(t, func(conn net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		text := `{"message":"` + strings.Repeat("x", 490) + ` ` + r.Header.Get("X-Auth-Key") + `"}`
		fmt.Fprintf(conn, "HTTP/1.1 400 Bad\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
	})
	client := clientOf(t, connect.Config{Endpoint: connect.Endpoint{URL: "http://" + address}})
	o := dial(t, client).CreateOrder(t.Context(), "r", encode(t, order()))
	if o.Verdict != connect.Rejected || strings.Contains(o.Message, secret[:6]) || !strings.Contains(o.Message, "[token]") {
		t.Errorf("outcome %+v", o)
	}
	_, err := client.GetPackages(t.Context())
	if err == nil || strings.Contains(err.Error(), secret[:6]) {
		t.Errorf("error %v", err)
	}
}

// TestIdleCloseRace sends orders at the very moment when the server closes the connection: each is delivered once or not at all,
// and what is said agrees with the audit.
func TestIdleCloseRace(t *testing.T) {
	server := start(t, connecttest.Options{Faults: []connecttest.Fault{fault(t, "close-idle-after")}})
	client, body := newClient(t, server), encode(t, order())
	tally := map[connect.Verdict]int{}
	said := map[string]connect.Outcome{}
	for trial := range 200 {
		conn := dial(t, client)
		for n := range 2 {
			id := fmt.Sprintf("%d-%d", trial, n)
			o := conn.CreateOrder(t.Context(), id, body)
			tally[o.Verdict]++
			said[id] = o
			time.Sleep(time.Duration(trial%20) * 100 * time.Microsecond)
		}
		conn.Close()
	}
	made := map[string]int{}
	for _, o := range server.Audit() {
		made[o.RequestID]++
	}
	for id, o := range said {
		n := made[id]
		if n > 1 || o.Verdict == connect.Ordered && n != 1 || o.Verdict == connect.NotSent && n != 0 || o.Verdict == connect.Rejected {
			t.Errorf("order %s: made %d times, said %+v", id, n, o)
		}
	}
	t.Logf("outcomes: %v", tally)
}

// TestReusedConnections checks that many workers share nothing, and that each order is made once.
func TestReusedConnections(t *testing.T) {
	server := start(t, connecttest.Options{})
	client := newClient(t, server)
	const workers, each = 8, 100
	var wait sync.WaitGroup
	for w := range workers {
		conn := dial(t, client)
		wait.Go(func() {
			for n := range each {
				r := order()
				r.Data["firstname"] = fmt.Sprintf("Åsa %d-%d", w, n)
				body, err := r.Encode()
				if err != nil {
					t.Error(err)
					return
				}
				if o := conn.CreateOrder(context.Background(), r.Data["firstname"], body); o.Verdict != connect.Ordered {
					t.Errorf("worker %d: %+v", w, o)
					return
				}
			}
		})
	}
	wait.Wait()
	numbers := map[string]bool{}
	for _, o := range server.Audit() {
		numbers[o.OrderNumber] = true
		if o.RequestID != o.Data["firstname"] {
			t.Errorf("order of %q has the request ID %q", o.Data["firstname"], o.RequestID)
		}
	}
	if len(numbers) != workers*each || server.Requests().CreateOrder != workers*each {
		t.Errorf("%d orders from %d deliveries, want %d", len(numbers), server.Requests().CreateOrder, workers*each)
	}
}
