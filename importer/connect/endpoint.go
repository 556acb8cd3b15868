package connect

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// The vendor's two endpoints.
const (
	liveURL = "https://connect-api.a3.se"
	testURL = "https://connect-api-staging.a3.se"
)

// Endpoint is where the API is, and the identity under which the ledger keeps its orders.
type Endpoint struct {
	URL  string // without the last "/"
	Host string // identity, DESIGN.md "Host": scheme, lower-case host, port unless default, path; "sandbox" for the built-in sandbox
}

// ParseEndpoint takes "live", "test", or a URL; http:// only for loopback. ("sandbox" is the caller's: it starts a server
// and sets Host itself.) Every spelling of one address gives the same Endpoint. A URL with a user, a query or a fragment is
// an error, and so is a host that is not plain ASCII.
func ParseEndpoint(s string) (Endpoint, error) {
	switch s = strings.TrimSpace(s); s {
	case "live":
		return Endpoint{URL: liveURL, Host: liveURL}, nil
	case "test":
		return Endpoint{URL: testURL, Host: testURL}, nil
	}
	u, err := url.Parse(s)
	if err != nil {
		// The parser's error repeats the whole text, in which a password may stand.
		return Endpoint{}, errors.New("endpoint: not a URL: use live, test, or https://HOST")
	}
	// What stands before the host or behind the path may be a secret.
	shown := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	switch {
	case u.User != nil:
		return Endpoint{}, fmt.Errorf("endpoint %q: no user or password may stand in it: the token is given apart", shown)
	case u.Scheme != "https" && u.Scheme != "http" || u.Opaque != "" || u.Hostname() == "":
		return Endpoint{}, fmt.Errorf("endpoint %q: use live, test, or https://HOST", shown)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return Endpoint{}, fmt.Errorf("endpoint %q: leave out everything from ? or # on", shown)
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	for _, r := range host {
		if r <= ' ' || r > '~' {
			return Endpoint{}, fmt.Errorf("endpoint %q: write the host in its ASCII form (xn--…)", shown)
		}
	}
	if host == "" {
		return Endpoint{}, fmt.Errorf("endpoint %q: no host: use live, test, or https://HOST", shown)
	}
	if u.Scheme == "http" && !loopbackName(host) {
		return Endpoint{}, fmt.Errorf("endpoint %q: plain http would send the token in the clear: use https (http is for 127.0.0.1, ::1 and localhost only)", shown)
	}
	address := host
	if strings.Contains(host, ":") {
		address = "[" + host + "]"
	}
	if p := u.Port(); p != "" {
		number, err := strconv.ParseUint(p, 10, 16)
		if err != nil || number == 0 {
			return Endpoint{}, fmt.Errorf("endpoint %q: %q is no port: use 1 to 65535", shown, p)
		}
		if p := strconv.FormatUint(number, 10); p != defaultPort(u.Scheme) {
			address = net.JoinHostPort(host, p)
		}
	}
	// One address must have one identity: "https://h/." would be another ledger host for the same orders.
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return Endpoint{}, fmt.Errorf("endpoint %q: %q in the path: write the address without it", shown, segment)
		}
	}
	if strings.Contains(strings.TrimRight(u.Path, "/"), "//") {
		return Endpoint{}, fmt.Errorf("endpoint %q: \"//\" in the path: write the address without it", shown)
	}
	canonical := u.Scheme + "://" + address + strings.TrimRight(u.EscapedPath(), "/")
	return Endpoint{URL: canonical, Host: canonical}, nil
}

// defaultPort is the port that a URL of the scheme has when it names none.
func defaultPort(scheme string) string {
	if scheme == "http" {
		return "80"
	}
	return "443"
}

// loopbackName reports whether a host in lower case is this machine by its name alone.
func loopbackName(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
