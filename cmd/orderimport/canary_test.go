package main

import (
	"archive/zip"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"maps"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"orderimport/importer/connect/connecttest"
)

// secret is the token of these tests: whatever escapes a text knows, one of its characters calls for it.
const secret = `kT7vXw-9Qz+4/"<&>\'%=~Bn2LmP`

// traces are what a secret leaves where it was let out, in lower case: six of its characters in a row, or as much of it in base64 or
// in hex.
func traces(secret string) []string {
	var all []string
	windows := func(s string, n int) {
		for i := 0; i+n <= len(s); i++ {
			all = append(all, strings.ToLower(s[i:i+n]))
		}
	}
	windows(secret, 6)
	for before := range 3 {
		coded := base64.StdEncoding.EncodeToString(append(make([]byte, before), secret...))
		windows(strings.Trim(coded[4*min(before, 1):], "="), 10)
	}
	windows(hex.EncodeToString([]byte(secret)), 12)
	return all
}

// birds are what the people of these tests are known by, in lower case. What a finding may show is in badBird.
var birds = []string{"kanarina", "gulfågel", "kanarie.post", "7010000", "krn-90", "hemlig anteckning"}

// badBird stands where a finding names the cell.
const badBird = "kanariegruppen"

// birdcage is a list of people, the third with a bad cell.
func birdcage() string {
	var b strings.Builder
	b.WriteString("Anställningsnr;Förnamn;Efternamn;E-post;Mobil;Avdelning;Startdatum;Anteckning\r\n")
	for n := range 4 {
		group := "IT"
		if n == 2 {
			group = "Kanariegruppen"
		}
		fmt.Fprintf(&b, "KRN-90%d;Kanarina%d;Gulfågel %d;kanarie.post%d@example.se;070100000%d;%s;2026-12-01;hemlig anteckning %d\r\n", n, n, n, n, n, group, n)
	}
	return b.String()
}

// cage is a home in which everything that the program writes is looked through.
type cage struct {
	*place
	token  string // how the program is told the token: the variable
	env    []string
	traces []string
	given  []string // files that the test put there, with a secret in them
}

func newCage(t *testing.T) *cage {
	t.Helper()
	c := &cage{place: newPlace(t), traces: traces(secret), token: "ORDERIMPORT_TOKEN=" + secret}
	if err := os.Mkdir(c.path("tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	c.put("birds.csv", []byte(birdcage()))
	return c
}

// start makes the process ready, with its two outputs apart.
func (c *cage) start(args ...string) (cmd *exec.Cmd, out, errs *transcript) {
	cmd, _ = c.command(args...)
	cmd.Env = append(withoutToken(cmd), c.token, "TMPDIR="+c.path("tmp"), "TEMP="+c.path("tmp"), "TMP="+c.path("tmp"))
	cmd.Env = append(cmd.Env, c.env...)
	out, errs = &transcript{}, &transcript{}
	cmd.Stdout, cmd.Stderr = out, errs
	return cmd, out, errs
}

// run runs a command to its end, and looks through all that it left. Where data is true its standard output is rows of the file.
func (c *cage) run(data bool, args ...string) (code int, said string) {
	c.t.Helper()
	cmd, out, errs := c.start(args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.t.Fatal(err)
	}
	what := strings.Join(args, " ")
	if data {
		c.heard(what, "standard output", "", out.String())
	} else {
		c.heard(what, "standard output", out.String(), out.String())
	}
	c.heard(what, "standard error", errs.String(), errs.String())
	c.search(what)
	return cmd.ProcessState.ExitCode(), out.String() + errs.String()
}

// place of a finding: it names the cell whose value it shows.
var cellName = regexp.MustCompile(`(?m)^ *[A-Z]+[0-9]+ .*$`)

// heard looks for people and the token in what was said.
func (c *cage) heard(what, where, people, all string) {
	c.t.Helper()
	for _, bird := range birds {
		if i := strings.Index(strings.ToLower(people), bird); i >= 0 {
			c.t.Errorf("%s: %s tells of a person: …%s…", what, where, around(people, i))
		}
	}
	if i := strings.Index(strings.ToLower(cellName.ReplaceAllString(people, "")), badBird); i >= 0 {
		c.t.Errorf("%s: %s tells of a cell that it does not name: …%s…", what, where, around(people, i))
	}
	if i := c.find([]byte(all)); i >= 0 {
		c.t.Errorf("%s: %s tells the token: …%s…", what, where, around(all, i))
	}
}

// find is where the token left a trace, -1 for nowhere.
func (c *cage) find(text []byte) int {
	text = bytes.ToLower(text)
	for _, trace := range c.traces {
		if i := bytes.Index(text, []byte(trace)); i >= 0 {
			return i
		}
	}
	return -1
}

func around(text string, i int) string {
	return text[max(0, min(i, len(text))-60):min(len(text), i+60)]
}

// keeps are the files in which people may stand: the input, the ledger and its copies, results, what the sandbox was sent.
var keeps = regexp.MustCompile(`^(birds.*\.csv|in/.*\.(csv|xlsx)|.*\.db(-wal|-shm)?|.*result.*\.(xlsx|csv|json)|audit\.jsonl)$`)

// search goes through every file of the home, workbooks too.
func (c *cage) search(what string) {
	c.t.Helper()
	err := filepath.WalkDir(c.dir, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // gone meanwhile
			return nil
		}
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(c.dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		data, err := os.ReadFile(path)
		if err != nil || strings.HasSuffix(name, "token") || slices.Contains(c.given, name) {
			return err
		}
		if z, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err == nil {
			for _, part := range z.File {
				if r, err := part.Open(); err == nil {
					text, _ := io.ReadAll(r)
					data = append(append(data, '\n'), text...)
				}
			}
		}
		if i := c.find(data); i >= 0 {
			c.t.Errorf("%s: the token is in %s: …%q…", what, name, around(string(data), i))
		}
		if keeps.MatchString(name) || strings.HasPrefix(name, "demo/") {
			return nil
		}
		lower := bytes.ToLower(data)
		for _, bird := range append([]string{badBird}, birds...) {
			if i := bytes.Index(lower, []byte(bird)); i >= 0 {
				c.t.Errorf("%s: a person is in %s: …%q…", what, name, around(string(data), i))
			}
		}
		if strings.HasPrefix(name, "tmp/") {
			c.t.Errorf("%s: %s was left behind", what, name)
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// parrot is an API that repeats what it was sent, wherever it can.
type parrot struct {
	t       *testing.T
	url     string
	sandbox *connecttest.Server

	mu     sync.Mutex
	method string // which method repeats; the others are the sandbox's
	reply  func(token string, order []byte) string
	left   int // how often
}

func newParrot(t *testing.T) *parrot {
	t.Helper()
	p := &parrot{t: t, sandbox: sandboxWith(t, connecttest.Options{Token: secret})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: p}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	p.url = "http://" + listener.Addr().String()
	return p
}

// ServeHTTP repeats, or asks the sandbox.
func (p *parrot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	p.mu.Lock()
	reply := p.reply
	if p.left == 0 || !strings.HasSuffix(r.URL.Path, p.method) {
		reply = nil
	} else {
		p.left--
	}
	p.mu.Unlock()
	if reply != nil {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, reply(r.Header.Get("X-Auth-Key"), body))
		return
	}
	forward, err := http.NewRequestWithContext(r.Context(), r.Method, p.sandbox.URL()+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return
	}
	forward.Header = r.Header.Clone()
	answer, err := http.DefaultTransport.RoundTrip(forward)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
	w.WriteHeader(answer.StatusCode)
	io.Copy(w, answer.Body)
}

// echoes are the token and the order's values in every spelling that a reply may give them, beginning with another one each turn.
func echoes(token string, order []byte, turn int) string {
	var sent struct{ Data map[string]string }
	json.Unmarshal(order, &sent) // a safe call has none
	spell := func(s string) []string {
		quoted, _ := json.Marshal(s)
		ascii := strings.Trim(fmt.Sprintf("%+q", s), `"`)
		return []string{s, strings.Trim(string(quoted), `"`), ascii, url.QueryEscape(s), url.PathEscape(s), html.EscapeString(s), strings.ToUpper(s)}
	}
	words := append(spell(token), base64.StdEncoding.EncodeToString([]byte(token)), "Basic "+base64.StdEncoding.EncodeToString([]byte("user:"+token)),
		base64.RawURLEncoding.EncodeToString([]byte("a"+token)), hex.EncodeToString([]byte(token)))
	for _, field := range slices.Sorted(maps.Keys(sent.Data)) {
		words = append(words, spell(sent.Data[field])...)
	}
	if len(order) > 0 {
		words = append(words, string(order))
	}
	turn %= len(words)
	return strings.Join(slices.Concat(words[turn:], words[:turn]), " | ")
}

// repetition is one way to repeat words in a reply.
type repetition struct {
	name  string
	reply func(words string) string
}

// repetitions are all of them: every status, then replies that are none.
func repetitions() []repetition {
	quote := func(words string) string {
		b, _ := json.Marshal(words)
		return string(b)
	}
	line := func(words string) string { return strings.Map(func(r rune) rune { return max(r, ' ') }, words) }
	whole := func(first, headers, body string) string {
		return fmt.Sprintf("HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n%s", first, len(body), headers, body)
	}
	first := func(words string) string {
		word, _, _ := strings.Cut(words, " | ")
		return word
	}
	var all []repetition
	for _, status := range []int{200, 201, 202, 204, 301, 302, 307, 308, 400, 401, 403, 404, 405, 408, 409, 413, 422, 429, 500, 502, 503} {
		all = append(all, repetition{fmt.Sprint(status), func(words string) string {
			w := line(words)
			headers := "Content-Type: application/json\r\nLocation: https://elsewhere.example/?said=" + url.QueryEscape(words) + "\r\nWWW-Authenticate: X realm=" + w +
				"\r\nSet-Cookie: k=" + w + "\r\nRetry-After: 0\r\nX-Echo: " + w + "\r\n"
			body := `{"message":` + quote(words) + `,"errors":{` + quote(words) + `:[` + quote(words) + `]}}`
			if status == 204 {
				body = ""
			}
			return whole(fmt.Sprint(status, " ", w), headers, body)
		}})
	}
	for _, status := range []string{"200 OK", "400 Bad Request", "401 Unauthorized", "500 Internal Server Error"} {
		all = append(all,
			repetition{status + " in plain text", func(words string) string { return whole(status, "Content-Type: text/plain\r\n", words) }},
			repetition{status + " as a web page", func(words string) string {
				return whole(status, "Content-Type: text/html\r\n", "<html><body>"+words+"</body></html>")
			}},
			repetition{status + ", JSON of no known kind", func(words string) string { return whole(status, "", `[`+quote(words)+`]`) }},
			repetition{status + ", cut", func(words string) string {
				return "HTTP/1.1 " + status + "\r\nContent-Length: 9999\r\n\r\nrefused: " + words[:9]
			}})
	}
	return append(all,
		repetition{"an order number", func(words string) string {
			return whole("200 OK", "", `{"orderID":7,"orderNumber":`+quote(first(words))+`}`)
		}},
		repetition{"no order number", func(words string) string {
			return whole("200 OK", "", `{"orderID":0,"orderNumber":`+quote(first(words))+`,"message":`+quote(words)+`}`)
		}},
		repetition{"a package of that name", func(words string) string {
			return whole("200 OK", "", `[{"predefinedPackageID":1001,"name":`+quote(words)+`}]`)
		}},
		repetition{"a schema of such fields", func(words string) string {
			return whole("200 OK", "", `{"predefinedPackageID":1001,"name":`+quote(words)+`,"products":[`+quote(words)+`],"data":[{"name":`+quote(words)+
				`,"type":`+quote(words)+`,"required":true,"defaultValue":`+quote(words)+`,"allowedValues":[`+quote(words)+`]}]}`)
		}},
		repetition{"a member of the wrong type", func(words string) string {
			return whole("200 OK", "", `{"predefinedPackageID":`+quote(words)+`,"data":[{"name":{`+quote(words)+`:1}}]}`)
		}},
		repetition{"no HTTP", func(words string) string { return line(words) + "\r\n\r\n" }},
		repetition{"no status", func(words string) string { return "HTTP/1.1 " + line(words) + "\r\n\r\n" }},
		repetition{"no header", func(words string) string { return "HTTP/1.1 200 OK\r\n" + line(words) + "\r\n\r\n" }},
		repetition{"no length", func(words string) string { return "HTTP/1.1 200 OK\r\nContent-Length: " + line(words) + "\r\n\r\n" }},
		repetition{"no encoding", func(words string) string { return "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + line(words) + "\r\n\r\n" }},
		repetition{"no chunk", func(words string) string {
			return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + line(words) + "\r\nx\r\n0\r\n\r\n"
		}},
		repetition{"a trailer", func(words string) string {
			return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Echo\r\n\r\n2\r\n{}\r\n0\r\n" + line(words) + "\r\n\r\n"
		}},
		repetition{"a hint first", func(words string) string {
			return "HTTP/1.1 103 " + line(words) + "\r\nLink: " + line(words) + "\r\n\r\nHTTP/1.1 101 " + line(words) + "\r\nUpgrade: " + line(words) + "\r\n\r\n"
		}},
	)
}

// TestWhatIsRepeated has an API that repeats the token and the order in all of its replies: the token is nowhere in what the
// program says and writes, and people are only in their files, the ledger and the results.
func TestWhatIsRepeated(t *testing.T) {
	step := tier(16, 1, 1) // in a plain go test from another one each time
	first := mathrand.IntN(step)
	t.Logf("one in %d, from %d", step, first)
	for i, r := range repetitions() {
		if i%step != first {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			p := newParrot(t)
			for turn := range tier(1, 1, 12) {
				c := newCage(t)
				repeat := func(method string, times int) {
					p.mu.Lock()
					defer p.mu.Unlock()
					p.method, p.left = method, times
					p.reply = func(token string, order []byte) string { return r.reply(echoes(token, order, i+7*turn)) }
				}
				api := []string{"--endpoint", p.url}
				order := append(api, "--package", "1001", "--customer", "100200", "--rate", "0", "--skip-invalid", "--yes", "--stop-after-doubts", "0", "--result", c.path("result.xlsx"), "--result", c.path("result.json"))
				repeat("GetPackages", 9)
				c.run(false, append([]string{"packages"}, api...)...)
				repeat("GetPackageSchema", 9)
				c.run(false, append([]string{"schema", "1001"}, api...)...)
				repeat("GetPackageSchema", 9)
				c.run(false, append([]string{"submit", "birds.csv"}, order...)...)
				repeat("CreateOrder", 2)
				c.run(false, append([]string{"submit", "birds.csv"}, order...)...)
				if run := c.latest("birds.csv"); run != "" {
					c.run(true, "runs", run)
					c.run(false, "report", run, "-o", c.path("all-result.csv"))
					repeat("CreateOrder", 1)
					c.run(false, "submit", run, "--rate", "0", "--yes", "--result", c.path("more-result.json"))
				}
			}
		})
	}
}

// TestEveryCommand runs all of them, with the token given in each of its ways, on an API at which all goes well but for one order that
// is left in doubt.
func TestEveryCommand(t *testing.T) {
	if tier(0, 1, 1) == 0 {
		t.Skip("sixty processes, with ORDERIMPORT_TEST_ALL=1")
	}
	for _, way := range []string{"ORDERIMPORT_TOKEN", "ORDERIMPORT_TOKEN_FILE", "CREDENTIALS_DIRECTORY"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			server := sandboxWith(t, connecttest.Options{Token: secret}, "cut-body-after@2", "http-400-before@3")
			c := newCage(t)
			switch way {
			case "ORDERIMPORT_TOKEN_FILE":
				c.put("token", []byte(secret+"\n"))
				c.token = way + "=" + c.path("token")
			case "CREDENTIALS_DIRECTORY":
				c.put("orderimport-token", []byte(secret+"\n"))
				c.token = way + "=" + c.dir
			}
			ran := map[string]bool{}
			run := func(want int, data bool, args ...string) string {
				t.Helper()
				ran[args[0]] = true
				if len(args) > 1 {
					ran[args[0]+" "+args[1]] = true
				}
				code, said := c.run(data, args...)
				if code != want {
					t.Errorf("%s: exit %d, not %d\n%s", strings.Join(args, " "), code, want, said)
				}
				return said
			}
			api := []string{"--endpoint", server.URL()}
			order := append(api, "--package", "1001", "--customer", "100200")
			send := []string{"--rate", "0", "--yes", "--workers", "1"}
			with := func(first ...string) []string { return append(first, order...) }

			run(exitOK, false, "version")
			run(exitOK, false, "help", "submit")
			run(exitOK, false, "completion", "bash")
			run(exitUse, false, "submit", "--token="+secret, "birds.csv")
			run(exitUse, false, "submit", "-t"+secret, "birds.csv")
			run(exitOK, false, append([]string{"packages"}, api...)...)
			run(exitOK, false, append([]string{"packages", "--format", "json"}, api...)...)
			run(exitOK, false, append([]string{"schema", "1001", "--lang", "sv"}, api...)...)
			run(exitOK, true, "inspect", "birds.csv")
			run(exitOK, true, "inspect", "birds.csv", "--format", "json")
			run(exitOK, false, with("map", "birds.csv")...)
			run(exitOK, false, with("map", "birds.csv", "--format", "json")...)
			run(exitOK, false, with("map", "birds.csv", "-o", c.path("profile.yaml"))...)
			run(exitRows, false, with("validate", "birds.csv", "--result", c.path("dry-result.xlsx"))...)
			run(exitRows, true, with("validate", "birds.csv", "--format", "json")...)
			run(exitRows, false, with("stage", "birds.csv", "--lang", "sv")...)
			run(exitRows, false, with("stage", "birds.csv", "--skip-invalid")...)
			staged := c.latest("birds.csv")
			run(exitDoubt, false, append(with("submit", "birds.csv", "--skip-invalid", "--stop-after-doubts", "0"), send...)...)
			doubt := c.latest("birds.csv")
			run(exitRows, true, append([]string{"submit", staged, "--format", "json"}, send...)...)
			run(exitOK, false, "runs")
			run(exitOK, false, "runs", "--format", "json")
			run(exitOK, true, "runs", doubt)
			run(exitOK, true, "runs", doubt, "--format", "json")
			run(exitOK, false, "report", doubt, "-o", c.path("vendor-result.xlsx"), "--only", "inDoubt")
			run(exitOK, false, "report", doubt, "-o", c.path("all-result.json"))
			run(exitUse, false, "report", doubt, "-o", c.path("missing/all-result.json"))
			run(exitUse, false, "resolve", doubt, "99", "--close", "--reason", "nobody", "--yes")
			run(exitUse, false, "resolve", doubt, "2", "--send", "--reason", "asked", "--yes")
			run(exitOK, false, "resolve", doubt, "3", "--close", "--reason", "asked", "--yes")

			c.put("drops.yaml", []byte(fmt.Sprintf("version: 1\npoll: 100ms\ndrops:\n  - {name: hr, folder: in, profile: profile.yaml, package: 1001, customer: \"100200\", endpoint: %q, action: submit, max-orders: 100, rate: 0, skip-invalid: true}\n", server.URL())))
			if err := os.MkdirAll(c.path("in"), 0o700); err != nil {
				t.Fatal(err)
			}
			c.put("in/dropped.csv", []byte(birdcage()))
			run(exitOK, false, "watch", "--check", "-c", "drops.yaml")
			run(exitRows, false, "watch", "run", "hr", "-c", "drops.yaml")
			c.put("in/late.csv", []byte(strings.ReplaceAll(birdcage(), "90", "907")))
			c.live("watch", func() bool { return c.filed("done") != "" && strings.Contains(c.filed("done"), "late") }, "watch", "-c", "drops.yaml")
			ran["watch"] = true

			run(exitOK, false, "ledger", "verify")
			run(exitOK, false, "ledger", "backup", "-o", c.path("copy.db"))
			run(exitOK, false, "ledger", "adopt", "--ledger", c.path("copy.db"), "--reason", "the disk broke", "--yes")
			run(exitOK, false, "ledger", "purge", "--older-than", "400d", "--yes")
			run(exitOK, false, "erase", "krn-900", "--yes")
			run(exitOK, true, "runs", doubt)
			run(exitOK, false, "erase", "krn-901", "--yes", "--lang", "sv")
			run(exitOK, false, "demo", "--dir", c.path("demo"))
			c.live("sandbox", func() bool { return true }, "sandbox", "--audit", c.path("audit.jsonl"))
			ran["sandbox"] = true

			for _, name := range leaves((&app{out: io.Discard, err: io.Discard}).commands(), "") {
				if !ran[name] {
					t.Errorf("%s was not run", name)
				}
			}
			if way == "ORDERIMPORT_TOKEN" && len(server.Audit()) == 0 {
				t.Error("nothing was ordered")
			}
		})
	}
}

// leaves are the names of all commands that do something.
func leaves(c *cobra.Command, before string) (names []string) {
	for _, sub := range c.Commands() {
		name := strings.TrimSpace(before + " " + sub.Name())
		if sub.Runnable() && sub.Name() != "zsh" && sub.Name() != "fish" && sub.Name() != "powershell" { // the other completions are cobra's, too
			names = append(names, name)
		}
		names = append(names, leaves(sub, name)...)
	}
	return names
}

// live runs a command that ends by itself only when it is told, until what is waited for is there.
func (c *cage) live(what string, there func() bool, args ...string) {
	c.t.Helper()
	cmd, out, errs := c.start(args...)
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	defer cmd.Process.Kill()
	until(c.t, what, func() bool { return out.String()+errs.String() != "" && there() })
	if runtime.GOOS == "windows" {
		cmd.Process.Kill()
	} else {
		cmd.Process.Signal(os.Interrupt)
	}
	cmd.Wait()
	c.heard(what, "standard output", out.String(), out.String())
	c.heard(what, "standard error", errs.String(), errs.String())
	c.search(what)
}

// TestFailuresTellNoSecret has everything go wrong that has a secret at hand: the token's place, the certificate, a proxy with a password, a
// database with one, the settings.
func TestFailuresTellNoSecret(t *testing.T) {
	p := newParrot(t)
	p.mu.Lock()
	p.method, p.left, p.reply = "", 1<<30, func(token string, order []byte) string {
		said := echoes(token, order, 0)
		return fmt.Sprintf("HTTP/1.1 401 %[1]s\r\nContent-Length: %[2]d\r\nX-Echo: %[1]s\r\n\r\n%[1]s", strings.Map(func(r rune) rune { return max(r, ' ') }, said), len(said))
	}
	p.mu.Unlock()
	const word = "Qj7-Geheim!9x" // a password
	quoted := url.QueryEscape(word)
	for _, test := range []struct {
		name  string
		env   []string
		files map[string]string
		args  []string // behind those of the command
		code  int
	}{
		{"refused", nil, nil, []string{"--endpoint", p.url}, exitToken},
		{"two lines", []string{"ORDERIMPORT_TOKEN=" + secret + "\n" + word}, nil, []string{"--endpoint", p.url}, exitToken},
		{"not ASCII", []string{"ORDERIMPORT_TOKEN=" + secret + "é"}, nil, []string{"--endpoint", p.url}, exitToken},
		{"a file that holds more", []string{"ORDERIMPORT_TOKEN=", "ORDERIMPORT_TOKEN_FILE=my-token"}, map[string]string{"my-token": "token: " + secret + "\n" + word}, []string{"--endpoint", p.url}, exitToken},
		{"a file that is not there", []string{"ORDERIMPORT_TOKEN=", "ORDERIMPORT_TOKEN_FILE=missing"}, nil, []string{"--endpoint", p.url}, exitToken},

		{"a certificate for others", nil, nil, []string{"--endpoint", stranger(t)}, exitUnreachable},
		{"no TLS", nil, nil, []string{"--endpoint", strings.Replace(p.url, "http:", "https:", 1)}, exitUnreachable},
		{"what is no TLS and repeats", nil, nil, []string{"--endpoint", "https://" + babbler(t)}, exitUnreachable},
		{"nobody there", nil, nil, []string{"--endpoint", "http://127.0.0.1:1"}, exitUnreachable},

		{"a proxy that refuses", []string{"HTTPS_PROXY=http://user:" + quoted + "@" + strings.TrimPrefix(p.url, "http://")}, nil, []string{"--endpoint", "https://connect.example"}, exitUnreachable},
		{"a proxy that babbles", []string{"HTTPS_PROXY=http://user:" + quoted + "@" + babbler(t)}, nil, []string{"--endpoint", "https://connect.example"}, exitUnreachable},
		{"a proxy of another kind", []string{"HTTPS_PROXY=socks5://user:" + quoted + "@127.0.0.1:1"}, nil, []string{"--endpoint", "https://connect.example"}, exitUse},

		{"an endpoint with a password", nil, nil, []string{"--endpoint", "https://user:" + quoted + "@connect.example"}, exitUse},
		{"an endpoint with a key", nil, nil, []string{"--endpoint", "https://connect.example/?key=" + quoted}, exitUse},
		{"an endpoint that is none", nil, nil, []string{"--endpoint", "https://user:" + word + "@:x:y"}, exitUse},
		{"the environment's endpoint", []string{"ORDERIMPORT_ENDPOINT=https://user:" + quoted + "@connect.example"}, nil, nil, exitUse},
		{"the config file's endpoint", nil, map[string]string{"config.yaml": "endpoint: https://connect.example/?key=" + quoted}, []string{"--config", "config.yaml"}, exitUse},
		{"a token in the config file", nil, map[string]string{"config.yaml": "token: " + word}, []string{"--config", "config.yaml"}, exitUse},
		{"a config file of a token", nil, map[string]string{"config.yaml": word}, []string{"--config", "config.yaml"}, exitUse},
		{"a config file of a list", nil, map[string]string{"config.yaml": "endpoint: [" + word + "]"}, []string{"--config", "config.yaml"}, exitUse},
		{"a config file that breaks off", nil, map[string]string{"config.yaml": "endpoint: \"" + word}, []string{"--config", "config.yaml"}, exitUse},

		{"a database out of reach", []string{"ORDERIMPORT_LEDGER=postgres://user:" + quoted + "@127.0.0.1:1/orders?sslmode=disable"}, nil, []string{"--endpoint", p.url}, 0},
		{"a database's address that is none", []string{"ORDERIMPORT_LEDGER=postgres://user:" + word + "@:x:y/orders"}, nil, []string{"--endpoint", p.url}, 0},
		{"a database on the command line", nil, nil, []string{"--endpoint", p.url, "--ledger", "postgres://user:" + quoted + "@127.0.0.1:1/orders"}, 0},
		{"a database's password in the environment", []string{"ORDERIMPORT_LEDGER=postgres://user@127.0.0.1:1/orders?sslmode=disable", "PGPASSWORD=" + word}, nil, []string{"--endpoint", p.url}, 0},
		{"a workbook's password", []string{"ORDERIMPORT_FILE_PASSWORD=" + word}, nil, []string{"--endpoint", p.url}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newCage(t)
			c.traces = append(c.traces, traces(word)...)
			for _, half := range []string{word[:6], quoted} {
				c.traces = append(c.traces, strings.ToLower(half))
			}
			c.env = test.env
			for name, text := range test.files {
				c.put(name, []byte(text))
			}
			c.given = slices.Collect(maps.Keys(test.files))
			for _, command := range [][]string{{"packages"}, {"validate", "birds.csv", "--package", "1001", "--customer", "1"}, {"submit", "birds.csv", "--package", "1001", "--customer", "1", "--yes"}, {"runs"}} {
				if slices.Contains(test.args, "https://connect.example") && test.code == exitUnreachable && (tier(0, 1, 1) == 0 || command[0] != "packages") {
					continue // it is tried again for many seconds
				}
				args := append(command, test.args...)
				if command[0] == "runs" || command[0] == "packages" {
					args = without(args, "--ledger", command[0] == "packages")
					args = without(args, "--endpoint", command[0] == "runs")
				}
				code, said := c.run(false, args...)
				if test.code != 0 && command[0] != "runs" && code != test.code {
					t.Errorf("%s: exit %d, not %d\n%s", command[0], code, test.code, said)
				}
				if code == exitOK && command[0] != "runs" && command[0] != "packages" {
					t.Errorf("%s went well: %s", command[0], said)
				}
			}
		})
	}
}

// without leaves out a flag that a command does not have.
func without(args []string, flag string, out bool) []string {
	if i := slices.Index(args, flag); out && i >= 0 {
		return slices.Delete(slices.Clone(args), i, i+2)
	}
	return args
}

// stranger is a server whose certificate is for a host that is called like the token.
func stranger(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{secret}, NotAfter: time.Now().Add(time.Hour), Subject: pkix.Name{CommonName: secret}}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	if err != nil {
		t.Fatal(err)
	}
	serve(t, listener, func(conn net.Conn) { io.Copy(conn, conn) })
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return "https://localhost:" + port
}

// babbler is a server that says in no proper protocol what it hears, and the token.
func babbler(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, listener, func(conn net.Conn) {
		heard := make([]byte, 4096)
		n, _ := conn.Read(heard)
		// net/http quotes what stands in the status's place.
		fmt.Fprintf(conn, "HTTP/1.1 %s|%s\r\n\r\n", secret, strings.Join(strings.Fields(string(heard[:n])), "|"))
	})
	return listener.Addr().String()
}

func serve(t *testing.T, listener net.Listener, each func(net.Conn)) {
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				each(conn)
			}()
		}
	}()
}

// TestLibreOfficeIsNotToldTheToken puts a program in LibreOffice's place that writes down what it was given.
func TestLibreOfficeIsNotToldTheToken(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the program in LibreOffice's place is a shell script")
	}
	c := newCage(t)
	c.put("soffice", []byte("#!/bin/sh\n{ env; echo \"$@\"; cat /proc/$PPID/cmdline; } >"+c.path("heard.txt")+" 2>&1\nexit 1\n"))
	if err := os.Chmod(c.path("soffice"), 0o700); err != nil {
		t.Fatal(err)
	}
	c.put("birds.fods", []byte(`<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet/></office:body></office:document>`))
	c.env = []string{"PATH=" + c.dir + string(os.PathListSeparator) + os.Getenv("PATH"), "ORDERIMPORT_FILE_PASSWORD=" + secret, "PGPASSWORD=" + secret, "HTTPS_PROXY=http://user:" + url.QueryEscape(secret) + "@127.0.0.1:1"}
	if code, said := c.run(false, "inspect", "birds.fods"); code != exitFile {
		t.Errorf("exit %d: %s", code, said)
	}
	if heard, err := os.ReadFile(c.path("heard.txt")); err != nil || !bytes.Contains(heard, []byte("--convert-to")) {
		t.Errorf("LibreOffice was not asked: %v\n%s", err, heard)
	}
}
