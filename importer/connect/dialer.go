package connect

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// How long each step of a connection may take (research/reliability.md 2.3).
const (
	dialTimeout = 10 * time.Second
	tlsTimeout  = 10 * time.Second
)

// dialer opens connections to one endpoint: straight, or with CONNECT through the proxy that the environment names. It is ours,
// and not Transport.Proxy's, so that the byte counter sits above TLS on every path.
type dialer struct {
	target *url.URL
	proxy  *url.URL    // nil: straight
	tls    *tls.Config // for the endpoint and for a proxy that is spoken to over TLS; ServerName is set for each
}

// dial connects, and agrees on TLS where the endpoint has it. Nothing of HTTP has been written to the endpoint when it returns.
func (d *dialer) dial(ctx context.Context) (*wire, error) {
	first := d.target
	if d.proxy != nil {
		first = d.proxy
	}
	tcp := net.Dialer{Timeout: dialTimeout}
	conn, err := tcp.DialContext(ctx, "tcp", hostPort(first))
	if err != nil {
		return nil, err
	}
	secured, err := d.secure(ctx, conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &wire{Conn: secured}, nil
}

// secure goes from a TCP connection to one on which HTTP can be spoken with the endpoint. The caller closes conn on error.
func (d *dialer) secure(ctx context.Context, conn net.Conn) (net.Conn, error) {
	if d.target.Scheme == "http" {
		// The name localhost is whatever the resolver says; what counts is where the connection went.
		if a, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
			return nil, fmt.Errorf("%s is not this machine (it is %s): plain http would send the token in the clear", d.target.Host, conn.RemoteAddr())
		}
		return conn, nil
	}
	if d.proxy != nil {
		var err error
		if d.proxy.Scheme == "https" {
			if conn, err = d.handshake(ctx, conn, d.proxy.Hostname()); err != nil {
				return nil, fmt.Errorf("proxy %s: %w", d.proxy.Host, err)
			}
		}
		if err = d.connect(ctx, conn); err != nil {
			return nil, fmt.Errorf("proxy %s: %w", d.proxy.Host, err)
		}
	}
	return d.handshake(ctx, conn, d.target.Hostname())
}

// handshake agrees on TLS. It offers HTTP/1.1 only: over HTTP/2, net/http repeats requests that may have been carried out
// (golang/go#52459).
func (d *dialer) handshake(ctx context.Context, conn net.Conn, name string) (net.Conn, error) {
	config := d.tls.Clone()
	config.ServerName = name
	secured := tls.Client(conn, config)
	ctx, cancel := context.WithTimeout(ctx, tlsTimeout)
	defer cancel()
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secured, nil
}

// connect asks the proxy for a tunnel to the endpoint.
func (d *dialer) connect(ctx context.Context, conn net.Conn) error {
	target := hostPort(d.target)
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: target}, Host: target, Header: http.Header{}}
	if user := d.proxy.User; user != nil {
		password, _ := user.Password()
		credentials := base64.StdEncoding.EncodeToString([]byte(user.Username() + ":" + password))
		request.Header.Set("Proxy-Authorization", "Basic "+credentials)
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := conn.SetDeadline(time.Now().Add(dialTimeout)); err != nil {
		return err
	}
	if err := request.Write(conn); err != nil {
		return err
	}
	// Reading ahead would be safe only for what TLS has not begun: a byte more than the reply is an error below.
	in := bufio.NewReader(io.LimitReader(conn, maxReplyHeader))
	reply, err := http.ReadResponse(in, request)
	if err != nil {
		return fmt.Errorf("no reply to CONNECT: %w", err)
	}
	switch {
	case reply.StatusCode == http.StatusProxyAuthRequired:
		return errors.New("it asks for a user and password: give them in HTTPS_PROXY")
	case reply.StatusCode != http.StatusOK:
		return fmt.Errorf("it refused the connection to %s with status %d: ask for it to be allowed, or set NO_PROXY", target, reply.StatusCode)
	case in.Buffered() > 0:
		return errors.New("it sent data that nobody asked for")
	}
	if !stop() {
		return context.Cause(ctx)
	}
	return conn.SetDeadline(time.Time{})
}

// hostPort is the address to dial for a URL.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = defaultPort(u.Scheme)
	}
	return net.JoinHostPort(u.Hostname(), port)
}
