package connect_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
)

func TestParseEndpoint(t *testing.T) {
	tests := []struct{ in, host string }{ // "" is an error
		{"live", "https://connect-api.a3.se"},
		{"test", "https://connect-api-staging.a3.se"},
		{" HTTPS://Connect-API.a3.SE:443/ ", "https://connect-api.a3.se"},
		{"https://connect-api.a3.se.", "https://connect-api.a3.se"},
		{"https://api.example.se:8443/Base//", "https://api.example.se:8443/Base"},
		{"https://api.example.se:0443", "https://api.example.se"},
		{"http://127.0.0.1:80", "http://127.0.0.1"},
		{"http://127.9.9.9:8080/", "http://127.9.9.9:8080"},
		{"http://LOCALHOST:8080", "http://localhost:8080"},
		{"http://[::1]:8080", "http://[::1]:8080"},
		{"https://[2001:DB8::1]", "https://[2001:db8::1]"},
		{"http://connect-api.a3.se", ""},
		{"http://localhost.example.se", ""},
		{"http://127.0.0.1.example.se", ""},
		{"http://128.0.0.1", ""},
		{"http://0.0.0.0", ""},
		{"http://127.1", ""},
		{"https://user:hush@api.example.se", ""},
		{"https://api.example.se/?a=b", ""},
		{"https://api.example.se/?", ""},
		{"https://api.example.se/#a", ""},
		{"https://åäö.se", ""},
		{"https://api.example.se:0", ""},
		{"https://api.example.se:70000", ""},
		{"https://", ""},
		{"https://connect-api.a3.se/.", ""},
		{"https://connect-api.a3.se/x/..", ""},
		{"https://connect-api.a3.se/a//b", ""},
		{"https://.", ""},
		{"https:api.example.se", ""},
		{"ftp://api.example.se", ""},
		{"api.example.se", ""},
		{"sandbox", ""},
		{"Live", ""},
		{"", ""},
		{"https://user:hush@a b\x7f", ""},
	}
	for _, test := range tests {
		e, err := connect.ParseEndpoint(test.in)
		if (err == nil) != (test.host != "") || e.Host != test.host || e.URL != test.host {
			t.Errorf("%q: %+v, %v; want %q", test.in, e, err, test.host)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: the error tells the password: %v", test.in, err)
		}
	}
}

// TestTokenIsNeverPrinted tries every way of printing, alone and inside other values.
func TestTokenIsNeverPrinted(t *testing.T) {
	token := connect.NewToken(" " + secret + "\r\n")
	config := connect.Config{Token: token}
	client := clientOf(t, connect.Config{Endpoint: connect.Endpoint{URL: "http://127.0.0.1:1"}})
	hidden := struct{ token connect.Token }{token}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s"} {
		for _, value := range []any{token, &token, config, []connect.Token{token}, hidden, *client} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
	}
	for _, value := range []any{token, config, map[string]any{"t": &token}} {
		if err := json.NewEncoder(&out).Encode(value); err != nil {
			t.Fatal(err)
		}
	}
	text, err := token.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	out.Write(text)
	slog.New(slog.NewTextHandler(&out, nil)).Info("a", "token", token, "config", config)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("a", "token", token, "config", config)
	for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), secret[:3]} {
		if strings.Contains(out.String(), form) {
			t.Errorf("%q was printed", form)
		}
	}
	if !strings.Contains(out.String(), "[token]") || token.Empty() || !connect.NewToken(" \n").Empty() || !(connect.Token{}).Empty() {
		t.Error("the token is not what it was made of")
	}
}

func TestNewClientRefuses(t *testing.T) {
	good := connect.Endpoint{URL: "https://api.example.se"}
	for name, config := range map[string]connect.Config{
		"plain http":       {Endpoint: connect.Endpoint{URL: "http://api.example.se"}},
		"no endpoint":      {},
		"token with blank": {Endpoint: good, Token: connect.NewToken("hush hush")},
		"token with line":  {Endpoint: good, Token: connect.NewToken("hush\nhush")},
		"no CA file":       {Endpoint: good, CAFile: t.TempDir() + "/none.pem"},
		"CA file of text":  {Endpoint: good, CAFile: "values_test.go"},
	} {
		if _, err := connect.NewClient(config); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEncode(t *testing.T) {
	r := connect.CreateOrderRequest{PredefinedPackageID: 1001, CustomerNumber: "100200", Data: map[string]string{
		"userGroup1": "Lager & Logistik", "alias": "<Åsa>", "firstname": "Åsa"}}
	const want = `{"predefinedPackageID":1001,"customerNumber":"100200","data":{"alias":"<Åsa>","firstname":"Åsa","userGroup1":"Lager & Logistik"}}`
	for range 20 {
		if got := encode(t, r); string(got) != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	if got := encode(t, connect.CreateOrderRequest{PredefinedPackageID: 1}); !strings.HasSuffix(string(got), `"data":{}}`) {
		t.Errorf("no data: %s", got)
	}
	for _, bad := range []connect.CreateOrderRequest{
		{CustomerNumber: "\xff"}, {Data: map[string]string{"a": "\xff"}}, {Data: map[string]string{"\xff": "a"}},
	} {
		if got, err := bad.Encode(); err == nil {
			t.Errorf("not UTF-8 was encoded: %s", got)
		}
	}
}

// TestTokenIsRenewed checks that a token that has become another one is used at once, also on an open connection, and that
// neither is ever told.
func TestTokenIsRenewed(t *testing.T) {
	server := start(t, connecttest.Options{Token: secret})
	now, failure := secret, error(nil)
	client := clientOf(t, connect.Config{Endpoint: connect.Endpoint{URL: server.URL()}, Reread: func() (connect.Token, error) { return connect.NewToken(now), failure }})
	conn := dial(t, client)
	body := encode(t, order())
	if o := conn.CreateOrder(t.Context(), "1", body); o.Verdict != connect.Ordered {
		t.Fatalf("%+v", o)
	}
	if err := server.AddFault(fault(t, "token-expiry-before@2/another-secret")); err != nil {
		t.Fatal(err)
	}
	if o := conn.CreateOrder(t.Context(), "2", body); o.Verdict != connect.NotSent || o.Reaction != connect.StopToken {
		t.Fatalf("%+v", o)
	}
	for _, test := range []struct {
		now     string
		failure error
		changed bool
		says    string // "": no error
	}{
		{secret, nil, false, ""},
		{"", nil, false, "no token"},
		{"another secret", nil, false, "a blank"},
		{secret, errors.New("the file is gone"), false, "the file is gone"},
		{"another-secret", nil, true, ""},
		{"another-secret", nil, false, ""},
	} {
		now, failure = test.now, test.failure
		changed, err := client.Renew()
		if changed != test.changed || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: %v, %v", test.now, changed, err)
		}
		if known := (*connect.Error)(nil); err != nil && (!errors.As(err, &known) || known.Kind != connect.Unauthorized) {
			t.Errorf("%T: %v", err, err)
		}
	}
	if o := dial(t, client).CreateOrder(t.Context(), "3", body); o.Verdict != connect.Ordered {
		t.Errorf("on a new connection: %+v", o)
	}
	if o := conn.CreateOrder(t.Context(), "4", body); o.Verdict != connect.Ordered {
		t.Errorf("on the old connection: %+v", o)
	}
	if _, err := client.GetPackages(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestReplacedTokenIsTriedAgain checks that a refused token is not taken for the one that has replaced it meanwhile, whoever has read that.
func TestReplacedTokenIsTriedAgain(t *testing.T) {
	server := start(t, connecttest.Options{Token: "another-secret"})
	body := encode(t, order())
	of := func(now string) *connect.Client {
		return clientOf(t, connect.Config{Endpoint: connect.Endpoint{URL: server.URL()}, Reread: func() (connect.Token, error) { return connect.NewToken(now), nil }})
	}
	if _, err := of(secret).GetPackages(t.Context()); kind(err) != connect.Unauthorized || server.Requests().GetPackages != 1 {
		t.Errorf("%v, asked %d times", err, server.Requests().GetPackages)
	}
	if _, err := of("another-secret").GetPackages(t.Context()); err != nil || server.Requests().GetPackages != 3 {
		t.Errorf("%v, asked %d times", err, server.Requests().GetPackages)
	}
	client := of("another-secret")
	conn := dial(t, client)
	if o := conn.CreateOrder(t.Context(), "1", body); o.Reaction != connect.StopToken {
		t.Fatalf("%+v", o)
	}
	if changed, err := client.Renew(); !changed || err != nil {
		t.Fatalf("renewed %v, %v", changed, err)
	}
	if changed, err := conn.Renew(); !changed || err != nil {
		t.Errorf("renewed beside: %v, %v", changed, err)
	}
	if o := conn.CreateOrder(t.Context(), "2", body); o.Verdict != connect.Ordered {
		t.Errorf("%+v", o)
	}
	if changed, err := conn.Renew(); changed || err != nil {
		t.Errorf("renewed again: %v, %v", changed, err)
	}
}
