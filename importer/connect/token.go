package connect

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// redacted is what every way of printing a Token gives.
const redacted = "[token]"

// Token is the value of X-Auth-Key. It cannot be printed: every way of formatting it gives "[token]".
type Token struct {
	// A pointer, since fmt prints unexported fields of a struct around a Token without asking the Token: it then shows an
	// address, not the secret.
	secret *string
}

// NewToken takes the token without blanks and line ends around it.
func NewToken(s string) Token {
	s = strings.TrimSpace(s)
	return Token{&s}
}

// Empty reports whether there is no token.
func (t Token) Empty() bool { return t.reveal() == "" }

// String gives "[token]".
func (t Token) String() string { return redacted }

// GoString gives "[token]".
func (t Token) GoString() string { return redacted }

// Format writes "[token]", whatever the verb and its flags.
func (t Token) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalJSON gives "[token]" as a JSON string.
func (t Token) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText gives "[token]".
func (t Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue gives "[token]".
func (t Token) LogValue() slog.Value { return slog.StringValue(redacted) }

// reveal gives the secret itself; only the header of a request may have it.
func (t Token) reveal() string {
	if t.secret == nil {
		return ""
	}
	return *t.secret
}

// sendable reports whether the token can stand in a header: visible ASCII only.
func (t Token) sendable() bool {
	for _, b := range []byte(t.reveal()) {
		if b <= ' ' || b > '~' {
			return false
		}
	}
	return true
}

// errBadToken is a token that no header can carry.
var errBadToken = errors.New("it holds a blank, a line end or a character that is not ASCII: copy it again")

// tokens are a client's token and those it had before.
type tokens struct {
	now    atomic.Pointer[Token]
	reread func() (Token, error)

	mu     sync.Mutex           // guards the change of all below
	echoes atomic.Pointer[echo] // of them all, and of other secrets that go out
	long   atomic.Pointer[echo] // of those that are no word by chance
	all    []Token              // what cannot be printed
}

// token is the one that requests carry now.
func (c *Client) token() Token { return *c.tokens.now.Load() }

// Renew reads the token again where it came from, and uses it from the next request on. It reports whether it is another one.
// What cannot be read, or is no token, changes nothing and is an error of type *Error.
func (c *Client) Renew() (bool, error) {
	if c.tokens.reread == nil {
		return false, nil
	}
	next, err := c.tokens.reread()
	if known := (*Error)(nil); errors.As(err, &known) {
		return false, known
	}
	switch {
	case err != nil:
	case next.Empty():
		err = errNoToken
	case !next.sendable():
		err = errBadToken
	}
	if err != nil {
		return false, &Error{Op: "token", Kind: Unauthorized, Err: err}
	}
	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	old := c.token()
	if next.reveal() == old.reveal() {
		return false, nil
	}
	c.tokens.use(next)
	return true, nil
}

// replaced sees to another token than used, which was refused, and reports whether there is one now, whoever has read it: what was
// replaced while the request was under way must not be taken for what was refused.
func (c *Client) replaced(used string) (bool, error) {
	if c.token().reveal() != used {
		return true, nil
	}
	_, err := c.Renew()
	if c.token().reveal() != used {
		return true, nil
	}
	return false, err
}

// use takes next for all requests from now on. The caller holds mu, or is the only one who knows t.
func (t *tokens) use(next Token) {
	t.all = append(t.all, next)
	secrets := make([]string, len(t.all))
	for i, secret := range t.all {
		secrets[i] = secret.reveal()
	}
	t.echoes.Store(newEcho(secrets, nil))
	t.long.Store(newEcho(slices.DeleteFunc(secrets, func(s string) bool { return len(s) < shortEcho }), nil))
	t.now.Store(&next)
}

// scrub takes every token out of text that came from elsewhere: a reply may echo what it was sent.
func (t *tokens) scrub(s string) string { return t.echoes.Load().strip(s, redacted) }
