package connect

import (
	"context"
	"time"
)

// Token is the value of X-Auth-Key. It cannot be printed: every way of formatting it gives "[token]".
type Token struct{ secret string }

// NewToken takes the token without blanks and line ends around it.
func NewToken(s string) Token { return Token{s} }

// Endpoint is where the API is, and the identity under which the ledger keeps its orders.
type Endpoint struct {
	URL  string // without the last "/"
	Host string // identity, DESIGN.md "Host": scheme, lower-case host, port unless default, path; "sandbox" for the built-in sandbox
}

// ParseEndpoint takes "live", "test", or a URL; http:// only for loopback. ("sandbox" is the caller's: it starts a server
// and sets Host itself.)
func ParseEndpoint(s string) (Endpoint, error) { panic("contract") }

// Config is what a Client needs. Only Endpoint and Token have no default.
type Config struct {
	Endpoint Endpoint
	Token    Token
	CAFile   string        // PEM file with roots beside the system's
	Reply    time.Duration // how long to wait for an answer's first byte; default 120 s
}

// Client talks to one endpoint. It is safe for concurrent use.
type Client struct{}

// NewClient reads CAFile and the proxy environment.
func NewClient(cfg Config) (*Client, error) { panic("contract") }

// GetPackages fetches every package that the user may order. Safe calls are retried with back-off.
func (c *Client) GetPackages(ctx context.Context) ([]GetPackageResult, error) { panic("contract") }

// GetPackageSchema fetches the schema of one package.
func (c *Client) GetPackageSchema(ctx context.Context, packageID int64) (*OrderSchema, error) {
	panic("contract")
}

// Dial opens one connection for CreateOrder: name looked up, connected, TLS agreed, nothing of HTTP written.
func (c *Client) Dial(ctx context.Context) (*Conn, error) { panic("contract") }

// Conn is one HTTP/1.1 connection on which nothing is ever repeated. One goroutine uses it.
type Conn struct{}

// Usable reports whether an order may be written: not broken, not closed by the other side, idle for at most 1 s.
func (c *Conn) Usable() bool { panic("contract") }

// CreateOrder sends body (an encoded CreateOrderRequest) once and says what became of it. The context is not for hurrying:
// cancelling it can only create doubt.
func (c *Conn) CreateOrder(ctx context.Context, requestID string, body []byte) Outcome {
	panic("contract")
}

// Close closes the connection.
func (c *Conn) Close() error { panic("contract") }

// ErrorKind tells failures of the API apart that end a command differently.
type ErrorKind uint8

// The kinds of Error.
const (
	Unreachable  ErrorKind = iota + 1 // no answer: name, connection, proxy, time-out, 5xx after all tries
	Untrusted                         // the certificate
	Unauthorized                      // the token: none, or refused with 401 or 403
	NotFound                          // 404 of GetPackageSchema, or a package that does not exist
	BadReply                          // an answer that is not what the vendor describes
)

// Error is a failure of a safe call or of Dial.
type Error struct {
	Op   string // "GetPackages", "GetPackageSchema", "dial"
	Kind ErrorKind
	Err  error
}

func (e *Error) Error() string { return e.Op + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }
