package connect

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// limited is a connection to serve, which answers the first request, as Dial would have made it.
func limited(t *testing.T, serve func(net.Conn)) *Conn {
	t.Helper()
	client, err := NewClient(Config{Endpoint: Endpoint{URL: "http://127.0.0.1:1"}, Token: NewToken("t")})
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		in := bufio.NewReader(theirs)
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		serve(theirs)
		_, _ = io.Copy(io.Discard, in) // until the other side closes it
	}()
	w := &wire{Conn: ours}
	cc, err := client.orders.NewClientConn(context.WithValue(t.Context(), dialled{}, w), client.base.Scheme, hostPort(client.base))
	if err != nil {
		t.Fatal(err)
	}
	return newConn(client, w, cc)
}

// head and rest are an answer.
var (
	head = fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n", len(good))
	rest = "\r\n" + good
)

// TestAnswersThatAreWaitedFor has each part of an answer come shortly before and shortly after its limit.
func TestAnswersThatAreWaitedFor(t *testing.T) {
	for _, test := range []struct {
		name   string
		pause  [2]time.Duration // before the answer, and in the middle of its body
		reason string
	}{
		{"just in time", [2]time.Duration{119 * time.Second, 29 * time.Second}, "ordered"},
		{"no header", [2]time.Duration{121 * time.Second, 0}, "timeout"},
		{"half a body", [2]time.Duration{0, 31 * time.Second}, "reply-cut"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := limited(t, func(conn net.Conn) {
					time.Sleep(test.pause[0])
					if _, err := io.WriteString(conn, head+rest[:20]); err != nil {
						return
					}
					time.Sleep(test.pause[1])
					_, _ = io.WriteString(conn, rest[20:])
				})
				o := conn.CreateOrder(t.Context(), "r", []byte("{}"))
				conn.Close()
				time.Sleep(time.Hour) // the server, too, comes to its end
				if o.Reason != test.reason || o.Slow != (test.reason != "ordered") {
					t.Errorf("outcome %+v, want %s", o, test.reason)
				}
			})
		})
	}
}

// TestHugeHeaderIsNotRead bounds what a reply's header may hold.
func TestHugeHeaderIsNotRead(t *testing.T) {
	for size, reason := range map[int]string{60 << 10: "ordered", 70 << 10: "broken"} {
		conn := limited(t, func(conn net.Conn) {
			_, _ = fmt.Fprintf(conn, "%sX-Pad: %s\r\n%s", head, strings.Repeat("x", size), rest)
		})
		if o := conn.CreateOrder(t.Context(), "r", []byte("{}")); o.Reason != reason {
			t.Errorf("%d bytes: %+v, want %s", size, o, reason)
		}
		conn.Close()
	}
}

// TestSleepingMachine checks that a connection counts as idle by the wall clock too: the monotonic one may stand still meanwhile.
func TestSleepingMachine(t *testing.T) {
	for slept, usable := range map[time.Duration]bool{0: true, 2 * time.Second: false, -2 * time.Second: false, time.Hour: false} {
		synctest.Test(t, func(t *testing.T) {
			conn := limited(t, func(conn net.Conn) { _, _ = io.WriteString(conn, head+rest) })
			defer conn.Close()
			conn.wall = conn.wall.Add(-slept)
			if conn.Usable() != usable {
				t.Errorf("slept for %v: usable %v", slept, !usable)
			}
			if o := conn.CreateOrder(t.Context(), "r", []byte("{}")); (o.Verdict == Ordered) != usable || !usable && o.Verdict != NotSent {
				t.Errorf("slept for %v: %+v", slept, o)
			}
			if usable && !conn.Usable() {
				t.Error("not usable after an order")
			}
		})
	}
}

// TestSilenceOnTheWay has a proxy say nothing to CONNECT, and an endpoint nothing to TLS, until they hang up: shortly before the limit, which
// is their end, or after it, which is ours.
func TestSilenceOnTheWay(t *testing.T) {
	d := &dialer{target: &url.URL{Scheme: "https", Host: "api.example"}, proxy: &url.URL{Scheme: "http", Host: "proxy.example"}}
	client, err := NewClient(Config{Endpoint: Endpoint{URL: "https://api.example"}, Token: NewToken("t")})
	if err != nil {
		t.Fatal(err)
	}
	d.tls = client.dialer.tls
	for name, step := range map[string]func(context.Context, net.Conn) error{
		"CONNECT": d.connect,
		"TLS": func(ctx context.Context, conn net.Conn) error {
			_, err := d.handshake(ctx, conn, "api.example")
			return err
		},
	} {
		for patience, ours := range map[time.Duration]bool{9 * time.Second: false, 11 * time.Second: true} {
			synctest.Test(t, func(t *testing.T) {
				conn, theirs := net.Pipe()
				go func() { _, _ = io.Copy(io.Discard, theirs) }()
				time.AfterFunc(patience, func() { theirs.Close() })
				err := step(t.Context(), conn)
				if err == nil || timedOut(err) != ours {
					t.Errorf("%s, silent for %v: %v", name, patience, err)
				}
				conn.Close()
				time.Sleep(time.Hour)
			})
		}
	}
}

// elsewhere is a connection that went to another machine than its name said.
type elsewhere struct {
	net.Conn
	address net.Addr
}

func (e elsewhere) RemoteAddr() net.Addr { return e.address }

// TestPlainHTTPStaysHere checks where a connection without TLS went, not what the host is called.
func TestPlainHTTPStaysHere(t *testing.T) {
	d := &dialer{target: &url.URL{Scheme: "http", Host: "localhost:8080"}}
	for _, test := range []struct {
		address net.Addr
		here    bool
	}{
		{&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, true}, {&net.TCPAddr{IP: net.IPv6loopback}, true}, {&net.TCPAddr{IP: net.IPv4(127, 9, 9, 9)}, true},
		{&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}, false}, {&net.TCPAddr{IP: net.ParseIP("2001:db8::1")}, false}, {&net.TCPAddr{}, false},
		{&net.UnixAddr{Name: "/tmp/socket"}, false},
	} {
		conn, err := d.secure(t.Context(), elsewhere{address: test.address})
		if (err == nil) != test.here || (conn != nil) != test.here || err != nil && !strings.Contains(err.Error(), "in the clear") {
			t.Errorf("%v: %v", test.address, err)
		}
	}
}
