package connect_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
)

// answering is a client of a server that gives one raw reply after the other, the last again and again; asked counts the requests.
func answering(t *testing.T, asked *atomic.Int32, replies ...string) *connect.Client {
	t.Helper()
	address := recorder(t, func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			n := int(asked.Add(1))
			fmt.Fprint(conn, replies[min(n, len(replies))-1])
		}
	})
	return clientOf(t, connect.Config{Endpoint: connect.Endpoint{URL: "http://" + address}})
}

func raw(status int, body string, headers ...string) string {
	return fmt.Sprintf("HTTP/1.1 %d x\r\nContent-Length: %d\r\n%s\r\n%s", status, len(body), strings.Join(append(headers, ""), "\r\n"), body)
}

func TestLenientPackages(t *testing.T) {
	tests := []struct {
		body string
		want []connect.GetPackageResult // nil: BadReply
	}{
		{`[{"predefinedPackageID":1001,"name":"Mobil Bas"},{"predefinedPackageID":"2001","name":null,"more":{}},{"name":"without ID"}]`,
			[]connect.GetPackageResult{{PredefinedPackageID: 1001, Name: "Mobil Bas"}, {PredefinedPackageID: 2001}}},
		{"\ufeff[]", []connect.GetPackageResult{}},
		{"null", []connect.GetPackageResult{}},
		{`""`, []connect.GetPackageResult{}},
		{`[{"predefinedPackageID":"many"}]`, nil},
		{`{"message":"nej"}`, nil},
		{`<html>logga in</html>`, nil},
		{`[`, nil},
		{``, nil},
	}
	for _, test := range tests {
		var asked atomic.Int32
		got, err := answering(t, &asked, raw(200, test.body)).GetPackages(t.Context())
		if (test.want == nil) != (kind(err) == connect.BadReply) || !cmp.Equal(got, test.want) {
			t.Errorf("%q: %v, %v", test.body, got, err)
		}
		if asked.Load() != 1 {
			t.Errorf("%q: asked %d times", test.body, asked.Load())
		}
	}
}

func TestLenientSchema(t *testing.T) {
	const item = `{"name":"a","type":"Integer","defaultValue":5,"required":"true","allowedValues":[5,"20",null,""]}`
	want := &connect.OrderSchema{PredefinedPackageID: 7, Name: "P", Products: []string{"X"}, Data: []connect.OrderDataItem{
		{Name: "a", Type: "Integer", DefaultValue: "5", Required: true, AllowedValues: []string{"5", "20"}}}}
	bare := &connect.OrderSchema{PredefinedPackageID: 7, Data: []connect.OrderDataItem{{Name: "a"}}}
	tests := []struct {
		body string
		want *connect.OrderSchema
		kind connect.ErrorKind
	}{
		{`{"predefinedPackageID":7,"name":"P","products":["X"],"data":[` + item + `]}`, want, 0},
		{`{"predefinedPackageID":"7","name":"P","products":"X","data":` + item + `,"version":3}`, want, 0},
		{`{"name":"P","products":["X",null,""],"data":[` + item + `,null,` + item + `]}`, want, 0},
		{`{"data":[{"name":"a"}]}`, bare, 0},
		{`{"data":[{"name":"a","type":null,"defaultValue":"","required":null,"allowedValues":""}],"products":null}`, bare, 0},
		{`{"data":[{"name":"a","required":0,"allowedValues":[]}],"products":[]}`, bare, 0},
		{`{"predefinedPackageID":7,"data":null}`, &connect.OrderSchema{PredefinedPackageID: 7}, 0},
		{`null`, nil, connect.NotFound},
		{``, nil, connect.NotFound},
		{`{}`, nil, connect.BadReply},
		{`{"message":"nej"}`, nil, connect.BadReply},
		{`{"predefinedPackageID":8,"data":[]}`, nil, connect.BadReply},
		{`{"data":[{"type":"String"}]}`, nil, connect.BadReply},
		{`{"data":[{"name":"a"},{"name":"a","required":true}]}`, nil, connect.BadReply},
		{`{"data":[{"name":"a","required":"maybe"}]}`, nil, connect.BadReply},
		{`{"data":[{"name":{"sv":"a"}}]}`, nil, connect.BadReply},
		{`[1]`, nil, connect.BadReply},
	}
	for _, test := range tests {
		var asked atomic.Int32
		got, err := answering(t, &asked, raw(200, test.body)).GetPackageSchema(t.Context(), 7)
		if kind(err) != test.kind || !cmp.Equal(got, test.want) {
			t.Errorf("%q: %v\n%s", test.body, err, cmp.Diff(test.want, got))
		}
	}
}

// TestSandboxSchemas checks that what the sandbox sends, odd members and all, is read whole.
func TestSandboxSchemas(t *testing.T) {
	client := newClient(t, start(t, connecttest.Options{}))
	packages, err := client.GetPackages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[int64]int{1001: 13, 1002: 14, 2001: 7, 3001: 4}
	for _, p := range packages {
		s, err := client.GetPackageSchema(t.Context(), p.PredefinedPackageID)
		if err != nil {
			t.Fatal(err)
		}
		if s.Name != p.Name || len(s.Data) != want[p.PredefinedPackageID] || len(s.Products) < 2 {
			t.Errorf("package %+v: schema %+v", p, s)
		}
	}
	if len(packages) != len(want) {
		t.Errorf("packages %v", packages)
	}
	if _, err := client.GetPackageSchema(t.Context(), 4711); kind(err) != connect.NotFound || !strings.Contains(err.Error(), "4711") {
		t.Errorf("unknown package: %v", err)
	}
}

// TestSafeCallsAreRetried checks what is asked again and what is not, and what each comes to.
func TestSafeCallsAreRetried(t *testing.T) {
	fine := raw(200, "[]")
	tests := []struct {
		name    string
		replies []string
		kind    connect.ErrorKind
		asked   int32
	}{
		{"500 twice", []string{raw(500, ""), raw(503, "<p>"), fine}, 0, 3},
		{"429 with Retry-After", []string{raw(429, "", "Retry-After: 0"), fine}, 0, 2},
		{"408", []string{raw(408, ""), fine}, 0, 2},
		{"cut", []string{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[", fine}, 0, 2},
		{"no reply", []string{"", fine}, 0, 2},
		{"502 for ever", []string{raw(502, "")}, connect.Unreachable, 5},
		{"401", []string{raw(401, `{"message":"okänd"}`)}, connect.Unauthorized, 1},
		{"403", []string{raw(403, "")}, connect.Unauthorized, 1},
		{"404", []string{raw(404, "")}, connect.BadReply, 1},
		{"204", []string{"HTTP/1.1 204 No Content\r\n\r\n"}, connect.BadReply, 1},
		{"too large", []string{raw(200, "["+strings.Repeat(" ", 1<<20)+"]")}, connect.BadReply, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			_, err := answering(t, &asked, test.replies...).GetPackages(t.Context())
			if kind(err) != test.kind || (err == nil) != (test.kind == 0) || asked.Load() != test.asked {
				t.Errorf("error %v (kind %d) after %d requests; want kind %d after %d", err, kind(err), asked.Load(), test.kind, test.asked)
			}
			if err != nil && strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("the error has more than one line: %q", err)
			}
		})
	}
}

func TestNoToken(t *testing.T) {
	server := start(t, connecttest.Options{})
	client, err := connect.NewClient(connect.Config{Endpoint: connect.Endpoint{URL: server.URL()}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.GetPackages(t.Context()); kind(err) != connect.Unauthorized {
		t.Errorf("GetPackages: %v", err)
	}
	if _, err := client.Dial(t.Context()); kind(err) != connect.Unauthorized {
		t.Errorf("Dial: %v", err)
	}
	if r := server.Requests(); r != (connecttest.Requests{}) {
		t.Errorf("the API was asked: %+v", r)
	}
}

func TestCancelledSafeCall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var asked atomic.Int32
	client := answering(t, &asked, raw(500, ""))
	cancel()
	if _, err := client.GetPackages(ctx); !errors.Is(err, context.Canceled) || kind(err) != connect.Unreachable {
		t.Errorf("error %v", err)
	}
	if asked.Load() != 0 {
		t.Errorf("asked %d times", asked.Load())
	}
}

// TestAShortTokenLeavesTheSchemaAlone: what is said of it may lose a word, but the values that are allowed are those of the API.
func TestAShortTokenLeavesTheSchemaAlone(t *testing.T) {
	server := start(t, connecttest.Options{})
	client, err := connect.NewClient(connect.Config{Endpoint: connect.Endpoint{URL: server.URL()}, Token: connect.NewToken("IT")})
	if err != nil {
		t.Fatal(err)
	}
	s, err := client.GetPackageSchema(t.Context(), 1001)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range s.Data {
		if item.Name == "userGroup1" && !slices.Contains(item.AllowedValues, "IT") {
			t.Errorf("allowed are %q", item.AllowedValues)
		}
	}
}
