package connect

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Conn is one HTTP/1.1 connection on which nothing is ever repeated. One goroutine uses it.
type Conn struct {
	client *Client
	wire   *wire
	cc     *http.ClientConn
	broken bool
	last   time.Time // when it was last known to be in use, by the monotonic clock
	wall   time.Time // and by the wall clock

	// Used again for each order, which is safe because the connection is given up unless an order was written whole and its
	// reply was read to the end.
	request *http.Request
	id, key []string // values of X-Request-ID and X-Auth-Key in request.Header
	body    orderBody
	limit   io.LimitedReader
	reply   bytes.Buffer
}

// orderBody is the body of a request. It cannot be rewound.
type orderBody struct{ bytes.Reader }

// Close does nothing.
func (*orderBody) Close() error { return nil }

// errEarly is of a reply that came before the order had left.
var errEarly = errors.New("the reply came before the order had been written")

// errNotUsable is the failure of an order that was not begun.
var errNotUsable = errors.New("the connection was closed or had been idle too long")

func newConn(c *Client, w *wire, cc *http.ClientConn) *Conn {
	conn := &Conn{client: c, wire: w, cc: cc, id: []string{""}, key: []string{""}}
	conn.used()
	header := c.header()
	header["Content-Type"] = []string{"application/json"}
	header["X-Request-Id"], header["X-Auth-Key"] = conn.id, conn.key
	// Made by hand: http.NewRequest would set GetBody, with which net/http may send a second time.
	conn.request = &http.Request{
		Method:     http.MethodPost,
		URL:        c.base.JoinPath("api", "CreateOrder"),
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     header,
		Host:       c.base.Host,
	}
	return conn
}

// Usable reports whether an order may be written: not broken, not closed by the other side, idle for at most 1 s.
func (c *Conn) Usable() bool {
	if c.broken || c.cc.Err() != nil {
		return false
	}
	now := time.Now()
	if now.Sub(c.last) > maxIdle {
		return false
	}
	// The monotonic clock may stand still while the machine sleeps; the wall clock does not.
	slept := now.Round(0).Sub(c.wall)
	return -maxIdle <= slept && slept <= maxIdle
}

// used notes that the connection is in use now.
func (c *Conn) used() {
	c.last = time.Now()
	c.wall = c.last.Round(0)
}

// CreateOrder sends body (an encoded CreateOrderRequest) once and says what became of it. The context is not for hurrying:
// cancelling it can only create doubt. requestID goes along as X-Request-ID, for the vendor's logs. On a connection that is not
// Usable nothing is sent. After NotSent with Retry, and after InDoubt, the connection is closed.
func (c *Conn) CreateOrder(ctx context.Context, requestID string, body []byte) Outcome {
	a := attempt{request: body, size: int64(len(body)), waits: c.client.reply, secrets: c.client.tokens.echoes.Load()}
	switch {
	case ctx.Err() != nil:
		a.err = ctx.Err()
	case !c.Usable() || !c.wire.arm(c.alive):
		c.giveUp()
		a.err = errNotUsable
	default:
		c.exchange(ctx, requestID, body, &a)
	}
	outcome := a.outcome()
	if outcome.Verdict == InDoubt {
		c.giveUp()
	}
	return outcome
}

// exchange writes the request and reads its reply into a.
func (c *Conn) exchange(ctx context.Context, requestID string, body []byte, a *attempt) {
	c.id[0], c.key[0] = requestID, c.client.token().reveal()
	c.body.Reset(body)
	r := c.request.WithContext(ctx)
	r.Body, r.ContentLength = &c.body, int64(len(body))
	// A deadline of the connection bounds the write as well; net/http's own time-out starts only after it.
	if err := c.wire.SetDeadline(time.Now().Add(c.client.reply)); err != nil {
		a.err, a.written = err, c.giveUp()
		return
	}
	reply, err := c.cc.RoundTrip(r)
	if err != nil {
		a.err, a.written = err, c.giveUp()
		if ctx.Err() != nil {
			a.err = ctx.Err()
		}
		return
	}
	a.status, a.header, a.written = reply.StatusCode, reply.Header, c.wire.sent()
	if a.written < a.size {
		// A reply before the request had left. Sealing makes sure that the rest does not leave after we have judged. Its body is not read.
		a.written, a.err = c.giveUp(), errEarly
		reply.Body.Close()
		return
	}
	a.err = c.read(reply.Body)
	reply.Body.Close()
	a.body = c.reply.Bytes()
	if a.err != nil {
		c.giveUp()
		if ctx.Err() != nil {
			a.err = ctx.Err()
		}
		return
	}
	if c.wire.SetDeadline(time.Time{}) != nil {
		c.giveUp()
	}
	c.used()
}

// read reads a reply's body to its end into c.reply.
func (c *Conn) read(body io.Reader) error {
	c.reply.Reset()
	if err := c.wire.SetDeadline(time.Now().Add(min(bodyTimeout, c.client.reply))); err != nil {
		return err
	}
	c.limit = io.LimitedReader{R: body, N: maxReply + 1}
	if _, err := c.reply.ReadFrom(&c.limit); err != nil {
		return err
	}
	if c.reply.Len() > maxReply {
		return errTooLarge
	}
	return nil
}

// Renew is [Client.Renew] after the last order on this connection was refused for its token. It reports whether the next order will carry
// another one.
func (c *Conn) Renew() (bool, error) { return c.client.replaced(c.key[0]) }

// alive reports whether net/http still reads from the connection.
func (c *Conn) alive() bool { return c.cc.Err() == nil }

// giveUp makes the connection unusable, and says how many bytes of the order had been handed down. After it none follow.
func (c *Conn) giveUp() int64 {
	written := c.wire.seal()
	c.Close()
	return written
}

// Close closes the connection.
func (c *Conn) Close() error {
	c.broken = true
	return c.cc.Close()
}
