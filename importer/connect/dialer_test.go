package connect_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
)

// kind is the kind of a *connect.Error, 0 for any other error and none.
func kind(err error) connect.ErrorKind {
	var e *connect.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return 0
}

// startTLS starts a sandbox with TLS, and gives the configuration that trusts it.
func startTLS(t *testing.T, faults ...connecttest.Fault) (*connecttest.Server, connect.Config) {
	t.Helper()
	server := start(t, connecttest.Options{TLS: true, Faults: faults})
	file, err := server.CAFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return server, connect.Config{Endpoint: connect.Endpoint{URL: server.URL()}, CAFile: file}
}

// TestUntrustedCertificate checks that not one byte of HTTP goes to a server that cannot be trusted, and that it is not asked
// again.
func TestUntrustedCertificate(t *testing.T) {
	server, trusted := startTLS(t)
	foreign := clientOf(t, connect.Config{Endpoint: trusted.Endpoint})
	other, wrong := startTLS(t)
	wrong.Endpoint.URL = server.URL() // the authority of another server
	for name, client := range map[string]*connect.Client{"unknown authority": foreign, "other authority": clientOf(t, wrong)} {
		if _, err := client.Dial(t.Context()); kind(err) != connect.Untrusted || !strings.Contains(err.Error(), "--ca-file") {
			t.Errorf("%s: Dial: %v", name, err)
		}
		if _, err := client.GetPackages(t.Context()); kind(err) != connect.Untrusted {
			t.Errorf("%s: GetPackages: %v", name, err)
		}
	}
	var asked atomic.Value
	front := proxy(t, strings.TrimPrefix(server.URL(), "https://"), "", 0, &asked)
	if _, err := viaProxy(t, trusted, "http://"+front, "other.sandbox.invalid").Dial(t.Context()); kind(err) != connect.Untrusted {
		t.Errorf("certificate of another name: %v", err)
	}
	if a, b := server.Requests(), other.Requests(); a != (connecttest.Requests{}) || b != (connecttest.Requests{}) {
		t.Errorf("requests arrived: %+v %+v", a, b)
	}
}

// proxy is an office proxy: it answers each CONNECT with reply ("" means 200), pipes to target, and cuts the connection when the
// client has sent cut bytes into the tunnel (0: never).
func proxy(t *testing.T, target, reply string, cut int64, asked *atomic.Value) string {
	return recorder(t, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		asked.Store(r.Method + " " + r.RequestURI + " " + r.Header.Get("Proxy-Authorization") + r.Header.Get("X-Auth-Key"))
		if reply != "" {
			_, _ = io.WriteString(conn, reply)
			return
		}
		out, err := net.Dial("tcp", target)
		if err != nil {
			return
		}
		defer out.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.Copy(conn, out)
			conn.Close()
		}()
		if cut > 0 {
			_, _ = io.CopyN(out, in, cut)
			// What was passed on is carried out before the tunnel breaks; its answer never comes back.
			_ = conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		} else {
			_, _ = io.Copy(out, in)
		}
		out.Close()
		<-done
	})
}

// viaProxy gives a client whose endpoint can only be reached through the proxy.
func viaProxy(t *testing.T, config connect.Config, proxy, host string) *connect.Client {
	t.Helper()
	t.Setenv("HTTPS_PROXY", proxy)
	t.Setenv("NO_PROXY", "")
	config.Endpoint.URL = "https://" + host
	return clientOf(t, config)
}

// TestThroughProxy checks that orders and safe calls go through CONNECT, that the token stays inside the tunnel, and that the
// proxy's own password goes to it alone.
func TestThroughProxy(t *testing.T) {
	server, config := startTLS(t)
	var asked atomic.Value
	address := proxy(t, strings.TrimPrefix(server.URL(), "https://"), "", 0, &asked)
	client := viaProxy(t, config, "http://user:pass@"+address, connecttest.Name)
	if _, err := client.GetPackages(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn := dial(t, client)
	for range 3 {
		if o := conn.CreateOrder(t.Context(), "r", encode(t, order())); o.Verdict != connect.Ordered {
			t.Fatalf("outcome %+v", o)
		}
	}
	if got := asked.Load(); got != "CONNECT "+connecttest.Name+":443 Basic dXNlcjpwYXNz" {
		t.Errorf("the proxy was asked %q", got)
	}
}

// TestProxyResetAfterBody checks that the byte counter sits on the proxy's path too: an order that left is in doubt.
func TestProxyResetAfterBody(t *testing.T) {
	server, config := startTLS(t, fault(t, "timeout-after"))
	var asked atomic.Value
	address := proxy(t, strings.TrimPrefix(server.URL(), "https://"), "", 0, &asked)
	// How much the handshake sends is not fixed: so the proxy is told to cut by the sandbox having made the order.
	cutter := make(chan net.Conn, 1)
	front := recorder(t, func(conn net.Conn) {
		back, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		defer back.Close()
		cutter <- conn
		go func() {
			_, _ = io.Copy(back, conn)
			back.Close()
		}()
		_, _ = io.Copy(conn, back)
	})
	conn := dial(t, viaProxy(t, config, "http://"+front, connecttest.Name))
	go func() {
		tunnel := <-cutter
		for len(server.Audit()) == 0 {
			time.Sleep(time.Millisecond)
		}
		_ = tunnel.(*net.TCPConn).SetLinger(0)
		tunnel.Close()
	}()
	o := conn.CreateOrder(t.Context(), "r", encode(t, order()))
	if o.Verdict != connect.InDoubt || o.Reaction != connect.Doubt || o.Reason != "reset" {
		t.Errorf("outcome %+v", o)
	}
	if n := server.Requests().CreateOrder; n != 1 {
		t.Errorf("delivered %d times", n)
	}
}

// TestProxyCutsEarly checks that a tunnel that breaks before TLS is agreed is a failure to dial, so that nothing was sent.
func TestProxyCutsEarly(t *testing.T) {
	server, config := startTLS(t)
	var asked atomic.Value
	address := proxy(t, strings.TrimPrefix(server.URL(), "https://"), "", 20, &asked)
	if _, err := viaProxy(t, config, "http://"+address, connecttest.Name).Dial(t.Context()); kind(err) != connect.Unreachable {
		t.Errorf("error %v", err)
	}
	if r := server.Requests(); r != (connecttest.Requests{}) {
		t.Errorf("requests %+v", r)
	}
}

// TestProxyRefusal checks that a proxy's refusal is a failure to dial that says what to do, without the proxy's password.
func TestProxyRefusal(t *testing.T) {
	server, config := startTLS(t)
	tests := []struct{ reply, want string }{
		{"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "user and password"},
		{"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "status 403"},
		{"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.sandbox.invalid/\r\n\r\n", "status 302"},
		{"HTTP/1.1 200 OK\r\n\r\nhello", "nobody asked"},
		{"SSH-2.0\r\n", "no reply to CONNECT"},
	}
	for _, test := range tests {
		var asked atomic.Value
		address := proxy(t, strings.TrimPrefix(server.URL(), "https://"), test.reply, 0, &asked)
		_, err := viaProxy(t, config, "http://user:hush-hush@"+address, connecttest.Name).Dial(t.Context())
		if kind(err) != connect.Unreachable || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%.20q: error %v, want %q", test.reply, err, test.want)
		}
	}
	t.Setenv("HTTPS_PROXY", "socks5://user:hush-hush@127.0.0.1:1")
	config.Endpoint.URL = "https://" + connecttest.Name
	if _, err := connect.NewClient(config); err == nil || strings.Contains(err.Error(), "hush") {
		t.Errorf("socks5: %v", err)
	}
}

// TestLoopbackNeedsNoProxy checks that a sandbox is reached straight, whatever the environment says.
func TestLoopbackNeedsNoProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	server := start(t, connecttest.Options{})
	if _, err := newClient(t, server).GetPackages(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestUnreachable checks the error of an endpoint that is down.
func TestUnreachable(t *testing.T) {
	server := start(t, connecttest.Options{})
	client := newClient(t, server)
	server.Close()
	if _, err := client.Dial(t.Context()); kind(err) != connect.Unreachable {
		t.Errorf("Dial: %v", err)
	}
	if _, err := client.GetPackages(t.Context()); kind(err) != connect.Unreachable || !strings.HasPrefix(err.Error(), "GetPackages: ") {
		t.Errorf("GetPackages: %v", err)
	}
}

// TestNoGoroutineIsLeft checks that connections and safe calls leave nothing running behind, however they end.
func TestNoGoroutineIsLeft(t *testing.T) {
	server := start(t, connecttest.Options{Faults: []connecttest.Fault{fault(t, "reset-after@every:3"), fault(t, "truncate-after@every:4")}})
	client, body := newClient(t, server), encode(t, order())
	round := func() {
		conn, err := client.Dial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			conn.CreateOrder(t.Context(), "r", body)
		}
		conn.Close()
		if _, err := client.GetPackages(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	round()
	before := runtime.NumGoroutine()
	for range 50 {
		round()
	}
	// The server's own goroutines end a moment after their connections: so a bounded wait, not a count at once.
	after := runtime.NumGoroutine()
	for deadline := time.Now().Add(5 * time.Second); after > before+5 && time.Now().Before(deadline); after = runtime.NumGoroutine() {
		time.Sleep(10 * time.Millisecond)
	}
	if after > before+5 {
		t.Errorf("%d goroutines before, %d after", before, after)
	}
}
