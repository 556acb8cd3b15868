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

// TestKilledAtRandomMoments ends the program with SIGKILL while it checks, stores and sends, and goes on with what the ledger
// holds: issue 2's promise, asked of the server.
func TestKilledAtRandomMoments(t *testing.T) {
	const workers, rows = 4, 400
	kills := tier(10, 200, 2000)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	server, err := connecttest.Start(connecttest.Options{Token: "token-of-a-test", Latency: 4 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	p := newPlace(t)
	done, doubts, before := 0, 0, 0
	for file := 0; done < kills; file++ {
		name := fmt.Sprintf("people-%d.csv", file)
		p.people(name, file*rows, rows)
		for life := 0; ; life++ {
			if life > kills*4+20 {
				t.Fatal("no end of the run in sight")
			}
			run := p.latest(name)
			args := []string{"submit", run, "--rate", "0", "--yes", "--workers", fmt.Sprint(workers), "--result", p.path("out.json")}
			if run == "" {
				args = []string{"submit", name, "--endpoint", server.URL(), "--package", "1001", "--customer", "100200", "--rate", "0", "--yes", "--workers", fmt.Sprint(workers), "--result", p.path("out.json")}
			}
			cmd, out := p.command(args...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if done < kills {
				// Half of the kills come at any moment of the start, half while orders are under way.
				if random.IntN(2) == 0 {
					time.Sleep(time.Duration(random.Int64N(int64(150 * time.Millisecond))))
				} else {
					had := len(server.Audit())
					for i := 0; i < 400 && len(server.Audit()) == had; i++ {
						time.Sleep(time.Millisecond)
					}
					time.Sleep(time.Duration(random.Int64N(int64(30 * time.Millisecond))))
				}
				cmd.Process.Kill()
			}
			cmd.Wait()
			if cmd.ProcessState.Success() || cmd.ProcessState.Exited() {
				if code := cmd.ProcessState.ExitCode(); code != exitOK && code != exitDoubt {
					t.Fatalf("exit %d:\n%s", code, out)
				}
				break
			}
			done++
		}
		r := p.result(p.latest(name))
		orders := server.Audit()
		doubts += audit(t, orders[before:], r, rows)
		before = len(orders)
	}
	if doubts > workers*done {
		t.Errorf("%d rows in doubt after %d kills of %d workers", doubts, done, workers)
	}
	t.Logf("%d kills, %d orders, %d rows in doubt", done, before, doubts)
}
