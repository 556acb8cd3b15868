package connecttest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"orderimport/importer/connect/connecttest"
)

func start(t *testing.T, options connecttest.Options) *connecttest.Server {
	t.Helper()
	server, err := connecttest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server
}

// call sends one request with a token and gives the status and the body.
func call(t *testing.T, method, url, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Auth-Key", "token")
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	reply, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply, string(text)
}

// mobil is an order of package 1001 with some of its values changed; an empty one is left out.
func mobil(changes ...string) string {
	data := map[string]string{"firstname": "Åsa", "lastname": "Öberg", "email": "asa@example.se", "userGroup1": "IT", "desiredActivationDate": "2026-12-01"}
	for i := 0; i < len(changes); i += 2 {
		if data[changes[i]] = changes[i+1]; changes[i+1] == "" {
			delete(data, changes[i])
		}
	}
	body, _ := json.Marshal(map[string]any{"predefinedPackageID": 1001, "customerNumber": "100200", "data": data})
	return string(body)
}

// TestOrdersAreChecked checks that a bad order is refused with the field's name, and a good one made.
func TestOrdersAreChecked(t *testing.T) {
	server := start(t, connecttest.Options{})
	tests := []struct{ body, message string }{ // "" is an order
		{mobil(), ""},
		{mobil("phoneNumber", "+46 70-123 45 67", "costCenter", "-12", "voicemail", "false", "monthlyLimit", "99.50", "dataGB", "20"), ""},
		{mobil("firstname", ""), "firstname: a value is required"},
		{mobil("email", "asa"), "email: "},
		{mobil("phoneNumber", "7.01E+08"), "phoneNumber: "},
		{mobil("costCenter", "12.5"), "costCenter: "},
		{mobil("monthlyLimit", "99,50"), "monthlyLimit: "},
		{mobil("voicemail", "ja"), "voicemail: "},
		{mobil("desiredActivationDate", "1/12/2026"), "desiredActivationDate: "},
		{mobil("dataGB", "7"), `dataGB: "7" is not one of 5, 20, 50`},
		{mobil("colour", "red"), "colour: package 1001 has no such field"},
		{strings.Replace(mobil(), "100200", " ", 1), "customerNumber: a value is required"},
		{strings.Replace(mobil(), "1001", "9", 1), "predefinedPackageID: there is no package 9"},
		{strings.Replace(mobil(), `"Åsa"`, "17", 1), "not valid JSON"},
		{mobil() + "{}", "followed by more"},
		{"", "not valid JSON"},
	}
	made := 0
	for _, test := range tests {
		reply, body := call(t, "POST", server.URL()+"/api/CreateOrder", test.body)
		if test.message == "" {
			made++
			if reply.StatusCode != 200 || !strings.Contains(body, `"orderNumber":"A3-0`) {
				t.Errorf("%s: %d %s", test.body, reply.StatusCode, body)
			}
			continue
		}
		var said struct{ Message string }
		if err := json.Unmarshal([]byte(body), &said); err != nil || reply.StatusCode != 400 || !strings.Contains(said.Message, test.message) {
			t.Errorf("%s: %d %s, want %q", test.body, reply.StatusCode, body, test.message)
		}
	}
	audit := server.Audit()
	if len(audit) != made {
		t.Fatalf("%d orders made, want %d", len(audit), made)
	}
	if d := audit[0].Data; d["simType"] != "eSIM" || d["dataGB"] != "5" || d["voicemail"] != "true" || d["firstname"] != "Åsa" {
		t.Errorf("defaults are not filled in: %v", d)
	}
	audit[0].Data["firstname"] = "changed"
	if server.Audit()[0].Data["firstname"] != "Åsa" {
		t.Error("the audit is not a copy")
	}
}

func TestWrongUse(t *testing.T) {
	server := start(t, connecttest.Options{Token: "right"})
	right := []string{"X-Auth-Key", "right"}
	tests := []struct {
		method, path, body string
		headers            []string
		status             int
	}{
		{"GET", "/api/GetPackages", "", right, 200},
		{"GET", "/api/GetPackages", "", nil, 401},
		{"POST", "/api/CreateOrder", mobil(), []string{"X-Auth-Key", ""}, 401},
		{"GET", "/api/CreateOrder", "", right, 405},
		{"POST", "/api/CreateOrder", mobil(), append([]string{"Content-Type", "text/plain"}, right...), 415},
		{"POST", "/api/CreateOrder", strings.Repeat(" ", 2<<20), right, 413},
		{"GET", "/api/GetPackageSchema?predefinedPackageID=9", "", right, 404},
		{"GET", "/api/GetPackageSchema", "", right, 400},
		{"GET", "/api/CancelOrder", "", right, 404},
		{"GET", "/healthz", "", nil, 200},
	}
	for _, test := range tests {
		if reply, body := call(t, test.method, server.URL()+test.path, test.body, test.headers...); reply.StatusCode != test.status {
			t.Errorf("%s %s: %d %.100s, want %d", test.method, test.path, reply.StatusCode, body, test.status)
		}
	}
	if n := len(server.Audit()); n != 0 {
		t.Errorf("%d orders were made", n)
	}
}

// TestAudit checks that the three views of what was made agree, and hold what was sent.
func TestAudit(t *testing.T) {
	var lines bytes.Buffer
	server := start(t, connecttest.Options{Audit: &lines})
	for _, id := range []string{"r-1", "r-2"} {
		call(t, "POST", server.URL()+"/api/CreateOrder", mobil(), "X-Request-ID", id)
	}
	_, text := call(t, "GET", server.URL()+"/audit", "")
	var served []connecttest.Order
	if err := json.Unmarshal([]byte(text), &served); err != nil {
		t.Fatal(err)
	}
	audit := server.Audit()
	written := strings.Split(strings.TrimSpace(lines.String()), "\n")
	if len(audit) != 2 || len(served) != 2 || len(written) != 2 {
		t.Fatalf("%d, %d and %d orders", len(audit), len(served), len(written))
	}
	for i, o := range audit {
		if o.RequestID != fmt.Sprintf("r-%d", i+1) || o.Customer != "100200" || o.PackageID != 1001 || o.Time.IsZero() {
			t.Errorf("order %+v", o)
		}
		if served[i].OrderNumber != o.OrderNumber || !strings.Contains(written[i], `"`+o.OrderNumber+`"`) {
			t.Errorf("order %s: served %s, written %s", o.OrderNumber, served[i].OrderNumber, written[i])
		}
	}
}

// failingWriter is a disk that is full.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// TestNoOrderWithoutAudit checks that an order that cannot be written down is not made.
func TestNoOrderWithoutAudit(t *testing.T) {
	server := start(t, connecttest.Options{Audit: failingWriter{}})
	if reply, _ := call(t, "POST", server.URL()+"/api/CreateOrder", mobil()); reply.StatusCode != 500 || len(server.Audit()) != 0 {
		t.Errorf("status %d, %d orders", reply.StatusCode, len(server.Audit()))
	}
}

// TestNumbersNeverRepeat checks it over starts, servers side by side, and callers side by side.
func TestNumbersNeverRepeat(t *testing.T) {
	seen := map[string]bool{}
	total := 0
	for range 5 {
		one, two := start(t, connecttest.Options{}), start(t, connecttest.Options{})
		var wait sync.WaitGroup
		for _, server := range []*connecttest.Server{one, two, one, two} {
			wait.Go(func() {
				for range 10 {
					call(t, "POST", server.URL()+"/api/CreateOrder", mobil())
				}
			})
		}
		wait.Wait()
		one.Close()
		two.Close()
		for _, o := range append(one.Audit(), two.Audit()...) {
			seen[o.OrderNumber] = true
			total++
		}
	}
	if total != 200 || len(seen) != total {
		t.Errorf("%d orders with %d numbers", total, len(seen))
	}
}

// TestRate checks that the limit refuses with 429 and Retry-After, and that the peak is counted.
func TestRate(t *testing.T) {
	server := start(t, connecttest.Options{Rate: 3})
	var refused int
	for range 8 {
		if reply, _ := call(t, "POST", server.URL()+"/api/CreateOrder", mobil()); reply.StatusCode == 429 {
			if refused++; reply.Header.Get("Retry-After") != "1" {
				t.Errorf("Retry-After %q", reply.Header.Get("Retry-After"))
			}
		}
	}
	if made := len(server.Audit()); refused == 0 || made+refused != 8 || made < 3 {
		t.Errorf("%d made, %d refused", made, refused)
	}
	if peak := server.PeakPerSecond(); peak < 2 || peak > 8 {
		t.Errorf("peak %d", peak)
	}
}

// TestCloseEndsWhatHangs checks that Close does not wait for latency or for a fault that never answers.
func TestCloseEndsWhatHangs(t *testing.T) {
	f, err := connecttest.ParseFault("timeout-before@1")
	if err != nil {
		t.Fatal(err)
	}
	hanging := start(t, connecttest.Options{Faults: []connecttest.Fault{f}})
	late := start(t, connecttest.Options{Latency: time.Hour})
	var wait sync.WaitGroup
	for _, server := range []*connecttest.Server{hanging, late} {
		wait.Go(func() {
			r, _ := http.NewRequest("POST", server.URL()+"/api/CreateOrder", strings.NewReader(mobil()))
			r.Header.Set("X-Auth-Key", "token")
			r.Header.Set("Content-Type", "application/json")
			if reply, err := (&http.Client{}).Do(r); err == nil {
				reply.Body.Close()
				t.Errorf("status %d", reply.StatusCode)
			}
		})
		for server.Requests().CreateOrder == 0 {
			time.Sleep(time.Millisecond)
		}
		server.Close()
		server.Close()
	}
	wait.Wait()
}

func TestStartRefuses(t *testing.T) {
	for name, options := range map[string]connecttest.Options{
		"not loopback":     {Addr: "0.0.0.0:0"},
		"no address":       {Addr: "nowhere"},
		"negative rate":    {Rate: -1},
		"negative latency": {Latency: -1},
		"unknown fault":    {Faults: []connecttest.Fault{{Kind: "flood"}}},
		"catalogue":        {Catalogue: []byte(`[{"predefinedPackageID":0}]`)},
		"twice the same":   {Catalogue: []byte(`[{"predefinedPackageID":1},{"predefinedPackageID":1}]`)},
	} {
		if server, err := connecttest.Start(options); err == nil {
			server.Close()
			t.Errorf("%s: started", name)
		}
	}
	if _, err := start(t, connecttest.Options{}).CAFile(t.TempDir()); err == nil {
		t.Error("a CA file without TLS")
	}
}

func TestCAFileIsPrivate(t *testing.T) {
	file, err := start(t, connecttest.Options{TLS: true}).CAFile(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestParseFault(t *testing.T) {
	tests := []struct {
		in   string
		want connecttest.Fault // zero: an error
		out  string            // "": as in
	}{
		{"reset-after@5", connecttest.Fault{Kind: "reset-after", From: 5, To: 5}, ""},
		{"timeout-before@3-5", connecttest.Fault{Kind: "timeout-before", From: 3, To: 5}, ""},
		{"eof-after@3-", connecttest.Fault{Kind: "eof-after", From: 3}, ""},
		{"http-500-after@every:10", connecttest.Fault{Kind: "http-500-after", From: 10, Every: 10}, ""},
		{"http-429-before@1/120", connecttest.Fault{Kind: "http-429-before", From: 1, To: 1, Value: "120"}, ""},
		{"http-307-before/https://other.example/", connecttest.Fault{Kind: "http-307-before", From: 1, Value: "https://other.example/"}, ""},
		{"plain-599-before", connecttest.Fault{Kind: "plain-599-before", From: 1}, ""},
		{"slow-after@1-", connecttest.Fault{Kind: "slow-after", From: 1}, "slow-after"},
		{"schema-change-before@5/userGroup1=IT|HR", connecttest.Fault{Kind: "schema-change-before", From: 5, To: 5, Value: "userGroup1=IT|HR"}, ""},
		{"http-429-before@2/date:2s", connecttest.Fault{Kind: "http-429-before", From: 2, To: 2, Value: "date:2s"}, ""},
		{"slow-before", connecttest.Fault{}, ""},
		{"token-expiry-after", connecttest.Fault{}, ""},
		{"reset", connecttest.Fault{}, ""},
		{"flood-after", connecttest.Fault{}, ""},
		{"http-NNN-after", connecttest.Fault{}, ""},
		{"http-100-after", connecttest.Fault{}, ""},
		{"http-5000-after", connecttest.Fault{}, ""},
		{"reset-after@", connecttest.Fault{}, ""},
		{"reset-after@0", connecttest.Fault{}, ""},
		{"reset-after@5-3", connecttest.Fault{}, ""},
		{"reset-after@every:x", connecttest.Fault{}, ""},
		{"reset-after@99999999999", connecttest.Fault{}, ""},
		{"http-429-before@1/1\r\nX: y", connecttest.Fault{}, ""},
		{"", connecttest.Fault{}, ""},
	}
	for _, test := range tests {
		f, err := connecttest.ParseFault(test.in)
		if f != test.want || (err == nil) != (test.want != connecttest.Fault{}) {
			t.Errorf("%q: %+v, %v", test.in, f, err)
			continue
		}
		if out := f.String(); err == nil && out != test.in && out != test.out {
			t.Errorf("%q: written as %q", test.in, out)
		}
	}
	kinds := connecttest.FaultKinds()
	if !slices.IsSorted(kinds) || len(slices.Compact(slices.Clone(kinds))) != len(kinds) {
		t.Errorf("kinds %v", kinds)
	}
	for _, kind := range kinds {
		if f, err := connecttest.ParseFault(kind + "@2"); err != nil || f.Kind != kind {
			t.Errorf("%s: %+v, %v", kind, f, err)
		}
	}
}

// TestWorldChanges checks the faults after which the server itself is another: its token, its schemas, its life.
func TestWorldChanges(t *testing.T) {
	fault := func(text string) connecttest.Fault {
		f, err := connecttest.ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	server := start(t, connecttest.Options{Faults: []connecttest.Fault{
		fault("token-expiry-before@2-3"), fault("schema-change-before@4/userGroup1=HR|Lager"), fault("schema-change-before@6"), fault("restart-after@7/30ms"),
	}})
	order := server.URL() + "/api/CreateOrder"
	schema := server.URL() + "/api/GetPackageSchema?predefinedPackageID=1001"
	status := func(want int, headers ...string) {
		t.Helper()
		if reply, text := call(t, "POST", order, mobil(), headers...); reply.StatusCode != want {
			t.Errorf("status %d, not %d: %s", reply.StatusCode, want, text)
		}
	}
	status(200)
	status(401) // the second call: the token has expired
	status(401, "X-Auth-Key", "token")
	status(401, "X-Auth-Key", "renewed") // the third call, and it has expired again
	if server.Token() != "renewed-2" {
		t.Errorf("token %q", server.Token())
	}
	now := []string{"X-Auth-Key", "renewed-2"}
	status(400, now...) // IT is not allowed any more
	if _, text := call(t, "GET", schema, "", now...); !strings.Contains(text, `["HR","Lager"]`) {
		t.Errorf("schema: %s", text)
	}
	status(400, now...)
	status(400, now...)
	if _, text := call(t, "GET", schema, "", now...); !strings.Contains(text, "sandboxNote2") {
		t.Errorf("schema: %s", text)
	}
	made := len(server.Audit())
	r, err := http.NewRequest("POST", order, strings.NewReader(mobil("userGroup1", "HR")))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Auth-Key", "renewed-2")
	r.Header.Set("Content-Type", "application/json")
	if _, err := http.DefaultClient.Do(r); err == nil {
		t.Error("an answer from a server that goes down")
	}
	if n := len(server.Audit()); n != made+1 {
		t.Errorf("%d orders were made before it went down, not 1", n-made)
	}
	for range 200 {
		if reply, err := http.Get(server.URL() + "/healthz"); err == nil {
			reply.Body.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the server did not come back")
}

// TestRetryAfterDate checks that a date is told by the server's own clock.
func TestRetryAfterDate(t *testing.T) {
	f, err := connecttest.ParseFault("http-429-before/date:5s")
	if err != nil {
		t.Fatal(err)
	}
	server := start(t, connecttest.Options{Faults: []connecttest.Fault{f}})
	reply, _ := call(t, "POST", server.URL()+"/api/CreateOrder", mobil())
	now, err := http.ParseTime(reply.Header.Get("Date"))
	if err != nil {
		t.Fatal(err)
	}
	until, err := http.ParseTime(reply.Header.Get("Retry-After"))
	if err != nil {
		t.Fatal(err)
	}
	if wait := until.Sub(now); wait != 5*time.Second || time.Until(now) < 30*time.Minute {
		t.Errorf("come again after %v, by a clock that is %v ahead", wait, time.Until(now))
	}
}

// TestFaultsStrikeWhereTold checks which calls a fault strikes.
func TestFaultsStrikeWhereTold(t *testing.T) {
	for text, want := range map[string]string{
		"http-500-before@3":       "..x......",
		"http-500-before@3-5":     "..xxx....",
		"http-500-before@7-":      "......xxx",
		"http-500-before@every:4": "...x...x.",
		"http-500-after":          "xxxxxxxxx",
	} {
		f, err := connecttest.ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		server := start(t, connecttest.Options{Faults: []connecttest.Fault{f}})
		got := ""
		for range len(want) {
			if reply, _ := call(t, "POST", server.URL()+"/api/CreateOrder", mobil()); reply.StatusCode == 500 {
				got += "x"
			} else {
				got += "."
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func Example() {
	f, err := connecttest.ParseFault("http-503-before@2/5")
	if err != nil {
		fmt.Println(err)
		return
	}
	server, err := connecttest.Start(connecttest.Options{Faults: []connecttest.Fault{f}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	fmt.Println(strings.HasPrefix(server.URL(), "http://127.0.0.1:"), len(server.Audit()), f)
	// Output: true 0 http-503-before@2/5
}
