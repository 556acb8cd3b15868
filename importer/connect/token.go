package connect

import (
	"fmt"
	"log/slog"
	"strings"
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

// scrub takes the token out of text that came from elsewhere: a reply may echo what it was sent.
func (t Token) scrub(s string) string {
	if t.Empty() {
		return s
	}
	return strings.ReplaceAll(s, t.reveal(), redacted)
}
