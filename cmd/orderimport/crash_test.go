package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger/ledgertest"
)

// tier picks a suite's size: plain go test, ORDERIMPORT_TEST_ALL=1, ORDERIMPORT_TEST_LONG=1.
func tier(plain, all, long int) int {
	switch {
	case os.Getenv("ORDERIMPORT_TEST_LONG") == "1":
		return long
	case os.Getenv("ORDERIMPORT_TEST_ALL") == "1":
		return all
	}
	return plain
}

// place is a home of its own for processes of the real program.
type place struct {
	t   *testing.T
	dir string
}

func newPlace(t *testing.T) *place { return &place{t, t.TempDir()} }

func (p *place) path(name string) string { return filepath.Join(p.dir, name) }

// command is the program, ready to start. Its output is kept.
func (p *place) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	cmd := exec.Command("orderimport", args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "HOME="+p.dir, "XDG_DATA_HOME="+p.path("data"), "XDG_CONFIG_HOME="+p.path("config"), "AppData="+p.path("config"),
		"LocalAppData="+p.path("data"), "ORDERIMPORT_TOKEN=token-of-a-test", "LANG=C")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

// submission is command for a file that people wrote, and flags.
func (p *place) submission(server *connecttest.Server, file string, flags ...string) (*exec.Cmd, *bytes.Buffer) {
	return p.command(append([]string{"submit", file, "--endpoint", server.URL(), "--package", "1001", "--customer", "100200"}, flags...)...)
}

// show starts cmd with its output kept where it can be read meanwhile. The test's end ends it.
func show(t *testing.T, cmd *exec.Cmd, said *transcript) {
	t.Helper()
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
}

// exit runs the program to its end and gives its exit code.
func (p *place) exit(args ...string) (int, string) {
	cmd, out := p.command(args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

// result is what scripts rely on.
type result struct {
	Run    string         `json:"run"`
	Totals map[string]int `json:"totals"`
	Rows   []struct {
		Row         int    `json:"row"`
		Status      string `json:"status"`
		OrderNumber string `json:"orderNumber"`
	} `json:"rows"`
}

func (p *place) result(run string) result {
	p.t.Helper()
	cmd, _ := p.command("runs", run, "--format", "json")
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("runs %s: %v", run, err)
	}
	var r result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		p.t.Fatal(err)
	}
	return r
}

// latest is the newest run of a file, "" where none was stored.
func (p *place) latest(file string) string {
	p.t.Helper()
	cmd, _ := p.command("runs", "--format", "json")
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("runs: %v\n%s", err, out.String())
	}
	var list struct {
		Runs []struct{ Run, File string }
	}
	if err := json.Unmarshal(out.Bytes(), &list); err != nil {
		p.t.Fatal(err)
	}
	for _, r := range list.Runs {
		if filepath.Base(r.File) == filepath.Base(file) {
			return r.Run
		}
	}
	return ""
}

// people writes a CSV of invented people, each with a number of its own from first on.
func (p *place) people(name string, first, rows int) {
	p.t.Helper()
	var b strings.Builder
	b.WriteString("Anställningsnr;Förnamn;Efternamn;E-post;Avdelning;Startdatum\r\n")
	for n := first; n < first+rows; n++ {
		fmt.Fprintf(&b, "%d;Åsa%d;Öberg;asa%d@example.se;IT;2026-12-01\r\n", n, n, n)
	}
	if err := os.WriteFile(p.path(name), []byte(b.String()), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// audit holds a finished run against the server's own record: no order twice, none that the run does not know, every ordered
// row known to the server with its number. It gives the number of rows in doubt.
func audit(t *testing.T, orders []connecttest.Order, r result, rows int) (doubts int) {
	t.Helper()
	people, numbers := map[string]bool{}, map[string]bool{}
	for _, o := range orders {
		who := o.Data["email"]
		if people[who] {
			t.Errorf("ordered twice: %s", who)
		}
		people[who], numbers[o.OrderNumber] = true, true
	}
	sum := 0
	for status, n := range r.Totals {
		if status != "rows" {
			sum += n
		}
	}
	if r.Totals["rows"] != rows || sum != rows || len(r.Rows) != rows {
		t.Errorf("%d rows, but the totals are %v and %d rows are told", rows, r.Totals, len(r.Rows))
	}
	ordered := 0
	for _, row := range r.Rows {
		switch row.Status {
		case "ordered":
			ordered++
			if !numbers[row.OrderNumber] {
				t.Errorf("row %d: order %s is not known to the server", row.Row, row.OrderNumber)
			}
		case "inDoubt":
			doubts++
		default:
			t.Errorf("row %d ended as %s", row.Row, row.Status)
		}
	}
	if extra := len(orders) - ordered; extra < 0 || extra > doubts {
		t.Errorf("the server made %d orders, %d rows are ordered and %d in doubt", len(orders), ordered, doubts)
	}
	return doubts
}

// stores are the two kinds of ledger: a file in the place's home, and a database of a private server. The suites of this file ask both.
var stores = []struct {
	name           string
	random, traced [3]int // kills by tier; in all 2,000 and 20,000
	set            func(t *testing.T)
}{
	{"file", [3]int{10, 900, 9000}, [3]int{6, 500, 5000}, func(*testing.T) {}},
	{"PostgreSQL", [3]int{10, 400, 4000}, [3]int{6, 200, 2000}, func(t *testing.T) {
		t.Setenv("ORDERIMPORT_LEDGER", ledgertest.NewCluster(t).Database())
		t.Setenv("ORDERIMPORT_LEDGER_KEY_FILE", filepath.Join(t.TempDir(), "ledger.key"))
	}},
}

// victim is a sequence of files that are submitted by processes which are killed, all in one ledger.
type victim struct {
	*place
	server  *connecttest.Server
	workers int
	rows    int // of a file
	files   int
	kills   int // that the files before took
	doubts  int
	before  int // orders of the files before
}

func newVictim(t *testing.T, workers, rows int, latency time.Duration) *victim {
	server, err := connecttest.Start(connecttest.Options{Token: "token-of-a-test", Latency: latency})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return &victim{place: newPlace(t), server: server, workers: workers, rows: rows}
}

// survive submits the next file until its run has ended. life starts the program with the arguments it is given and reports whether it was
// killed; its number is that of the attempt. Then the operator's report is held against the server's audit.
func (v *victim) survive(life func(n int, args []string) (killed bool, code int, out string)) {
	v.t.Helper()
	name := fmt.Sprintf("people-%d.csv", v.files)
	v.people(name, v.files*v.rows, v.rows)
	v.files++
	for n, kills := 0, 0; ; n++ {
		if n > 10_000 { // one file can take all the kills there are
			v.t.Fatal("no end of the run in sight")
		}
		how := []string{"--rate", "0", "--yes", "--workers", fmt.Sprint(v.workers), "--result", v.path("out.json")}
		args := append([]string{"submit", name, "--endpoint", v.server.URL(), "--package", "1001", "--customer", "100200"}, how...)
		if n > 0 {
			if run := v.latest(name); run != "" {
				args = append([]string{"submit", run}, how...)
			}
		}
		killed, code, out := life(n, args)
		if killed {
			kills++
			continue
		}
		if code != exitOK && code != exitDoubt {
			v.t.Fatalf("exit %d:\n%s", code, out)
		}
		orders := v.server.Audit()
		doubts := audit(v.t, orders[v.before:], v.result(v.latest(name)), v.rows)
		if doubts > v.workers*kills {
			v.t.Errorf("%s: %d rows in doubt after %d kills of %d workers", name, doubts, kills, v.workers)
		}
		v.before, v.kills, v.doubts = len(orders), v.kills+kills, v.doubts+doubts
		return
	}
}

// end is how a process ended.
func end(cmd *exec.Cmd, out fmt.Stringer) (killed bool, code int, said string) {
	cmd.Wait()
	return !cmd.ProcessState.Exited(), cmd.ProcessState.ExitCode(), out.String()
}

// TestKilledAtRandomMoments ends the program with SIGKILL while it checks, stores and sends, and goes on with what the ledger
// holds: issue 2's promise, asked of the server.
func TestKilledAtRandomMoments(t *testing.T) {
	for _, store := range stores {
		t.Run(store.name, func(t *testing.T) {
			store.set(t)
			kills := tier(store.random[0], store.random[1], store.random[2])
			seed := uint64(time.Now().UnixNano())
			random := rand.New(rand.NewPCG(seed, 0))
			t.Logf("seed %d", seed)
			v := newVictim(t, 4, 400, 4*time.Millisecond)
			for total := 0; total < kills; total = v.kills {
				left := kills - total
				v.survive(func(_ int, args []string) (bool, int, string) {
					cmd, out := v.command(args...)
					if err := cmd.Start(); err != nil {
						t.Fatal(err)
					}
					if left > 0 {
						left--
						// Half of the kills come at any moment of the start, half while orders are under way.
						if random.IntN(2) == 0 {
							time.Sleep(time.Duration(random.Int64N(int64(150 * time.Millisecond))))
						} else {
							had := v.server.Requests().CreateOrder
							for i := 0; i < 400 && v.server.Requests().CreateOrder == had; i++ {
								time.Sleep(time.Millisecond)
							}
							time.Sleep(time.Duration(random.Int64N(int64(30 * time.Millisecond))))
						}
						cmd.Process.Kill()
					}
					return end(cmd, out)
				})
			}
			t.Logf("%d kills, %d orders, %d rows in doubt", v.kills, v.before, v.doubts)
		})
	}
}

// TestKilledAtSystemCalls ends the program with SIGKILL as it enters the n-th call of one kind, in the thread that does so, and a part of
// the starts after it too, in the middle of their recovery.
func TestKilledAtSystemCalls(t *testing.T) {
	strace := tracer(t)
	calls := [][]string{
		{"fdatasync", "pwrite64", "write", "fsync", "openat", "renameat", "pread64", "fallocate", "ftruncate", "connect"},
		{"write", "read", "connect", "openat", "renameat", "fsync", "epoll_pwait"},
	}
	for i, store := range stores {
		t.Run(store.name, func(t *testing.T) {
			store.set(t)
			seed := uint64(time.Now().UnixNano())
			random := rand.New(rand.NewPCG(seed, 0))
			t.Logf("seed %d", seed)
			v := newVictim(t, 4, 8, 2*time.Millisecond)
			traced := func(args []string) (bool, int, string) {
				call := calls[i][random.IntN(len(calls[i]))]
				// Few at the beginning of a thread's life, many later on.
				when := 1 + int(float64(random.IntN(60))*random.Float64()*random.Float64())
				cmd, out := v.command(args...)
				cmd.Args = append([]string{strace, "-f", "-qq", "-o", os.DevNull, "-e", "trace=" + call, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", call, when)}, cmd.Args...)
				cmd.Path = strace
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				return end(cmd, out)
			}
			for points := tier(store.traced[0], store.traced[1], store.traced[2]); v.kills < points && v.files < 50*points; {
				v.survive(func(n int, args []string) (bool, int, string) {
					if n == 0 || n < 4 && random.IntN(3) == 0 {
						return traced(args)
					}
					cmd, out := v.command(args...)
					if err := cmd.Start(); err != nil {
						t.Fatal(err)
					}
					return end(cmd, out)
				})
			}
			t.Logf("%d kills in %d files, %d orders, %d rows in doubt", v.kills, v.files, v.before, v.doubts)
		})
	}
}

// tracer is strace, for a test that is skipped where it is missing or may not trace.
func tracer(t *testing.T) string {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		missing(t, "strace is missing")
	}
	if err := exec.Command(strace, "-qq", "-o", os.DevNull, "true").Run(); err != nil {
		t.Skip("strace may not trace here: ", err)
	}
	return strace
}

// missing skips a test that lacks something of the machine; where nothing may be skipped it fails.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("ORDERIMPORT_TEST_ALL") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}
