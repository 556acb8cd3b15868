package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// Bounds of what is read and how long it is waited for (research/reliability.md 2.3).
const (
	maxReply       = 1 << 20           // bytes of a reply's body
	maxReplyHeader = 64 << 10          // bytes of a reply's header
	requestBuffer  = 32 << 10          // an order that fits leaves in one write, so all of it or nothing
	maxIdle        = time.Second       // a connection that lay still for longer may be closing just now
	replyTimeout   = 120 * time.Second // a short one only turns slow successes into doubt
	bodyTimeout    = 30 * time.Second  // from a reply's header to its end
)

// userAgent names this program to the API.
const userAgent = "orderimport"

// Config is what a Client needs. Only Endpoint and Token have no default.
type Config struct {
	Endpoint Endpoint
	Token    Token
	Reread   func() (Token, error) `json:"-"` // reads the token again where it came from; nil: it cannot have changed
	CAFile   string                // PEM file with roots beside the system's
	Reply    time.Duration         // how long to wait for an answer's first byte, and for its rest where that is less than 30 s; default 120 s
}

// Client talks to one endpoint. It is safe for concurrent use, and holds nothing that needs closing.
type Client struct {
	base   *url.URL
	tokens *tokens
	reply  time.Duration
	dialer *dialer
	safe   *http.Transport // for the GETs
	orders *http.Transport // for CreateOrder: only its NewClientConn is used
	pause  time.Duration   // before the second try of a safe call
}

// NewClient reads CAFile and the proxy environment (HTTPS_PROXY, NO_PROXY; never used for loopback). It connects to nothing. An
// empty token is no error here: the calls then fail as Unauthorized without asking.
func NewClient(cfg Config) (*Client, error) {
	endpoint, err := ParseEndpoint(cfg.Endpoint.URL)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(endpoint.URL)
	if err != nil {
		return nil, fmt.Errorf("endpoint %q: %w", endpoint.URL, err)
	}
	if base.Path == "" {
		base.Path = "/" // JoinPath would make a path without it
	}
	if !cfg.Token.sendable() {
		return nil, &Error{Op: "token", Kind: Unauthorized, Err: errBadToken}
	}
	roots, err := readRoots(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	proxy, err := httpproxy.FromEnvironment().ProxyFunc()(base)
	if err != nil {
		// The error repeats the setting, in which a password may stand.
		return nil, errors.New("HTTPS_PROXY: not a URL: use http://HOST:PORT")
	}
	if proxy != nil && proxy.Scheme != "http" && proxy.Scheme != "https" {
		return nil, fmt.Errorf("HTTPS_PROXY: a %q proxy is not supported: use http://HOST:PORT", proxy.Scheme)
	}
	if cfg.Reply <= 0 {
		cfg.Reply = replyTimeout
	}
	c := &Client{
		base:   base,
		tokens: &tokens{reread: cfg.Reread},
		reply:  cfg.Reply,
		dialer: &dialer{target: base, proxy: proxy, tls: &tls.Config{
			MinVersion: tls.VersionTLS12,
			RootCAs:    roots,
			NextProtos: []string{"http/1.1"},
		}},
		pause: 500 * time.Millisecond,
	}
	if loopbackName(base.Hostname()) {
		c.pause = 20 * time.Millisecond // a server on this machine is there or not: no one should wait to learn it
	}
	if proxy != nil && proxy.User != nil {
		password, _ := proxy.User.Password()
		c.tokens.all = append(c.tokens.all, NewToken(password), NewToken(base64.StdEncoding.EncodeToString([]byte(proxy.User.Username()+":"+password))))
	}
	c.tokens.use(cfg.Token)
	c.safe = newTransport(func(ctx context.Context) (net.Conn, error) { return c.dialer.dial(ctx) })
	c.safe.DisableKeepAlives = true // they are few and far between; and so nothing lingers
	c.orders = newTransport(func(ctx context.Context) (net.Conn, error) {
		if w, ok := ctx.Value(dialled{}).(*wire); ok {
			return w, nil
		}
		return nil, errors.New("no connection was dialled")
	})
	return c, nil
}

// dialled is the context key under which Dial hands its connection to the transport.
type dialled struct{}

// newTransport makes a transport that speaks HTTP/1.1 over the connections that dial gives it, asks for no compression and
// uses no proxy of its own.
func newTransport(dial func(context.Context) (net.Conn, error)) *http.Transport {
	dialContext := func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }
	t := &http.Transport{
		DialContext:            dialContext,
		DialTLSContext:         dialContext,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxReplyHeader,
		WriteBufferSize:        requestBuffer,
		Protocols:              new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	return t
}

// readRoots gives the system's roots and those of the file; nil means the system's alone.
func readRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("CA file: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("CA file %q: no certificate in it: it must be PEM (-----BEGIN CERTIFICATE-----)", file)
	}
	return roots, nil
}

// header gives a new header with what every request carries. There is no Idempotency-Key, and never may be: net/http repeats a
// POST that has one. What the API can log to find an order by is X-Request-ID.
func (c *Client) header() http.Header {
	return http.Header{
		"X-Auth-Key": {c.token().reveal()},
		"Accept":     {"application/json"},
		"User-Agent": {userAgent},
	}
}

// Dial opens one connection for CreateOrder: name looked up, connected, TLS agreed, nothing of HTTP written. Its errors are
// of type *Error.
func (c *Client) Dial(ctx context.Context) (*Conn, error) {
	const op = "dial"
	if c.token().Empty() {
		return nil, &Error{Op: op, Kind: Unauthorized, Err: errNoToken}
	}
	w, err := c.dialer.dial(ctx)
	if err != nil {
		return nil, c.dialError(op, err)
	}
	cc, err := c.orders.NewClientConn(context.WithValue(ctx, dialled{}, w), c.base.Scheme, hostPort(c.base))
	if err != nil {
		w.Close()
		return nil, &Error{Op: op, Kind: Unreachable, Err: err}
	}
	return newConn(c, w, cc), nil
}

// dialError says which kind of failure kept a connection from being made, and what to do. What net/http and crypto/tls say of a reply or a
// certificate repeats pieces of it.
func (c *Client) dialError(op string, err error) *Error {
	err = &scrubbed{oneLine(c.tokens.scrub(err.Error())), err}
	if certificateFault(err) {
		return &Error{Op: op, Kind: Untrusted, Err: fmt.Errorf("the certificate of %s is not trusted: %w: if your network inspects TLS, give its root certificate with --ca-file", c.base.Host, err)}
	}
	return &Error{Op: op, Kind: Unreachable, Err: fmt.Errorf("%s cannot be reached: %w", c.base.Host, err)}
}
