package connect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
)

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

// Error is a failure of a safe call or of Dial. Its text says what to do, and never holds the token.
type Error struct {
	Op   string // "GetPackages", "GetPackageSchema", "dial"
	Kind ErrorKind
	Err  error
}

// Error gives the operation and what went wrong.
func (e *Error) Error() string { return e.Op + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// scrubbed is an error with a text that no secret stands in.
type scrubbed struct {
	text string
	err  error
}

func (e *scrubbed) Error() string { return e.text }
func (e *scrubbed) Unwrap() error { return e.err }

// errNoToken is the Unauthorized that needs no question to the API.
var errNoToken = errors.New("no token: set ORDERIMPORT_TOKEN or ORDERIMPORT_TOKEN_FILE")

// certificateFault reports whether err says that the other side's certificate is not to be trusted.
func certificateFault(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		hostname     x509.HostnameError
		invalid      x509.CertificateInvalidError
	)
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname) || errors.As(err, &invalid)
}
