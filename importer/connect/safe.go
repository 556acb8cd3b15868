package connect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// How often and how long a safe call is tried.
const (
	safeTries   = 5
	safeTimeout = 30 * time.Second // for one try
	safeLongest = 3 * time.Minute  // for all of them
	safePause   = 30 * time.Second // the longest between two, whatever Retry-After says
)

// GetPackages fetches every package that the user may order. Safe calls are retried with back-off. Its errors are of type
// *Error. A package without an ID is left out, since it cannot be ordered.
func (c *Client) GetPackages(ctx context.Context) ([]GetPackageResult, error) {
	const op = "GetPackages"
	body, err := c.get(ctx, op, nil)
	if err != nil {
		return nil, err
	}
	var list looseList[GetPackageResult]
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, &Error{Op: op, Kind: BadReply, Err: fmt.Errorf("the reply is not a list of packages: %w", err)}
	}
	packages := make([]GetPackageResult, 0, len(list))
	for _, p := range list {
		if p.PredefinedPackageID > 0 {
			packages = append(packages, p)
		}
	}
	if len(packages) == 0 && len(list) > 0 {
		return nil, &Error{Op: op, Kind: BadReply, Err: errors.New("the reply holds no package with an ID: check the endpoint")}
	}
	return packages, nil
}

// GetPackageSchema fetches the schema of one package. Its errors are of type *Error; NotFound where the API does not know it.
func (c *Client) GetPackageSchema(ctx context.Context, packageID int64) (*OrderSchema, error) {
	const op = "GetPackageSchema"
	body, err := c.get(ctx, op, url.Values{"predefinedPackageID": {strconv.FormatInt(packageID, 10)}})
	if err != nil {
		return nil, err
	}
	if text := bytes.TrimSpace(body); len(text) == 0 || string(text) == "null" {
		return nil, &Error{Op: op, Kind: NotFound, Err: fmt.Errorf("the API knows no package %d: see the packages that may be ordered", packageID)}
	}
	var schema OrderSchema
	if err := json.Unmarshal(body, &schema); err != nil {
		return nil, &Error{Op: op, Kind: BadReply, Err: fmt.Errorf("the reply for package %d is not a schema: %w", packageID, err)}
	}
	if err := schema.check(packageID); err != nil {
		return nil, &Error{Op: op, Kind: BadReply, Err: err}
	}
	return &schema, nil
}

// check refuses a schema that cannot be worked with, and fills in the ID where the reply left it out.
func (s *OrderSchema) check(packageID int64) error {
	switch {
	case s.PredefinedPackageID == 0 && s.Name == "" && s.Data == nil:
		return fmt.Errorf("the reply for package %d is not a schema: it has neither ID, name nor fields", packageID)
	case s.PredefinedPackageID == 0:
		s.PredefinedPackageID = packageID
	case s.PredefinedPackageID != packageID:
		return fmt.Errorf("asked for package %d, the reply is for %d", packageID, s.PredefinedPackageID)
	}
	fields := s.Data[:0]
	seen := make(map[string]OrderDataItem, len(s.Data))
	for i, item := range s.Data {
		if item.Name == "" {
			return fmt.Errorf("package %d: field %d of the schema has no name", packageID, i+1)
		}
		if twin, ok := seen[item.Name]; !ok {
			seen[item.Name] = item
			fields = append(fields, item)
		} else if !reflect.DeepEqual(twin, item) {
			return fmt.Errorf("package %d: the schema describes field %q twice, and differently", packageID, item.Name)
		}
	}
	s.Data = fields
	return nil
}

// get calls a method until it answers with 200, at most safeTries times, and gives the body. A token that was refused is another
// reason to try again only where it has been replaced.
func (c *Client) get(ctx context.Context, op string, query url.Values) ([]byte, error) {
	if c.token().Empty() {
		return nil, &Error{Op: op, Kind: Unauthorized, Err: errNoToken}
	}
	pause := &hintedPause{ExponentialBackOff: backoff.NewExponentialBackOff()}
	pause.InitialInterval, pause.Multiplier, pause.MaxInterval = c.pause, 2, safePause
	body, err := backoff.Retry(ctx, func() ([]byte, error) {
		used := c.token().reveal()
		body, wait, err := c.try(ctx, op, query)
		pause.hint = wait
		if err == nil {
			return body, nil
		}
		again := err.Kind == Unreachable
		if err.Kind == Unauthorized {
			again, _ = c.replaced(used)
		}
		if !again || ctx.Err() != nil {
			return nil, backoff.Permanent(err)
		}
		return nil, err
	}, backoff.WithBackOff(pause), backoff.WithMaxTries(safeTries), backoff.WithMaxElapsedTime(safeLongest))
	if err == nil {
		return body, nil
	}
	if known := (*Error)(nil); errors.As(err, &known) {
		return nil, known
	}
	return nil, &Error{Op: op, Kind: Unreachable, Err: err} // the context ended during a pause
}

// hintedPause is a back-off that waits at least as long as the last reply asked for.
type hintedPause struct {
	*backoff.ExponentialBackOff
	hint time.Duration
}

// NextBackOff gives the pause before the next try.
func (p *hintedPause) NextBackOff() time.Duration {
	return max(p.ExponentialBackOff.NextBackOff(), min(p.hint, safePause))
}

// try calls a method once. wait is what the reply asked for.
func (c *Client) try(ctx context.Context, op string, query url.Values) (body []byte, wait time.Duration, failure *Error) {
	ctx, cancel := context.WithTimeout(ctx, min(safeTimeout, c.reply))
	defer cancel()
	target := c.base.JoinPath("api", op)
	target.RawQuery = query.Encode()
	request := (&http.Request{Method: http.MethodGet, URL: target, Host: c.base.Host, Header: c.header(), ProtoMajor: 1, ProtoMinor: 1}).WithContext(ctx)
	// RoundTrip, not a http.Client: it follows no redirect, with which the token would go to another host.
	reply, err := c.safe.RoundTrip(request)
	if err != nil {
		return nil, 0, c.dialError(op, err)
	}
	defer reply.Body.Close()
	body, err = io.ReadAll(io.LimitReader(reply.Body, maxReply+1))
	if err == nil && len(body) > maxReply {
		return nil, 0, &Error{Op: op, Kind: BadReply, Err: errTooLarge}
	}
	if err != nil && reply.StatusCode == http.StatusOK {
		return nil, 0, c.dialError(op, fmt.Errorf("the reply broke off: %w", err))
	}
	// Whatever is made of it, a name or an error, may be shown. A short token could be a word of the schema, and stays.
	body = []byte(c.tokens.long.Load().strip(string(bytes.TrimPrefix(body, []byte("\ufeff"))), redacted))
	if reply.StatusCode == http.StatusOK && !webPage(reply.Header, body) {
		return body, 0, nil
	}
	return nil, retryAfter(reply.Header), c.refusal(op, reply, body)
}

// refusal says what a reply that is no answer means, and what to do.
func (c *Client) refusal(op string, reply *http.Response, body []byte) *Error {
	said := oneLine(c.tokens.scrub(apiWords(body)))
	if said != "" && !webPage(reply.Header, body) {
		said = ": " + strconv.Quote(said)
	} else {
		said = ""
	}
	switch status := reply.StatusCode; {
	case status == http.StatusOK:
		return &Error{Op: op, Kind: BadReply, Err: errors.New("the reply is a web page, not the API's: check the endpoint, or log in to the network")}
	case status == 401 || status == 403:
		return &Error{Op: op, Kind: Unauthorized, Err: fmt.Errorf("the token was refused with status %d%s", status, said)}
	case status/100 == 3:
		return &Error{Op: op, Kind: BadReply, Err: fmt.Errorf("redirected with status %d to %q, which is not followed: check the endpoint", status, oneLine(c.tokens.scrub(reply.Header.Get("Location"))))}
	case op == "GetPackageSchema" && (status == 404 || status == 400 || status == 422):
		return &Error{Op: op, Kind: NotFound, Err: fmt.Errorf("the API does not know the package, status %d%s: see the packages that may be ordered", status, said)}
	case status == 408 || status == 429 || status/100 == 5:
		return &Error{Op: op, Kind: Unreachable, Err: fmt.Errorf("%s answers with status %d%s: try again later", c.base.Host, status, said)}
	default:
		return &Error{Op: op, Kind: BadReply, Err: fmt.Errorf("%s answers with status %d%s: check the endpoint", c.base.Host, status, said)}
	}
}
