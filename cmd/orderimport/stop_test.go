package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"orderimport/importer/connect/connecttest"
)

// transcript is what a process says, readable while it does.
type transcript struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (o *transcript) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.out.Write(p)
}

func (o *transcript) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.out.String()
}

func sandboxWith(t *testing.T, opt connecttest.Options, faults ...string) *connecttest.Server {
	t.Helper()
	for _, text := range faults {
		f, err := connecttest.ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		opt.Faults = append(opt.Faults, f)
	}
	server, err := connecttest.Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server
}

// TestStops sends signals to the real program while four orders are under way: Ctrl-C once, SIGTERM and SIGHUP however often drain; the
// second Ctrl-C names the rows, the third leaves them in doubt. What it says and stores is what the server made.
func TestStops(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent Ctrl-C on Windows")
	}
	// The first order is answered at once; the next four after two seconds, or never.
	late := []string{"slow-after@2-5/2s"}
	never := []string{"timeout-before@2-3", "timeout-after@4-5"}
	for _, test := range []struct {
		name    string
		signals []os.Signal
		faults  []string
		code    int
		says    []string // each after the signal at its place
		totals  map[string]int
	}{
		{"Ctrl-C", []os.Signal{os.Interrupt}, late, exitStopped, []string{"waiting at most 150 s"}, map[string]int{"ordered": 5, "notSent": 25}},
		{"Ctrl-C twice", []os.Signal{os.Interrupt, os.Interrupt}, late, exitStopped, []string{"waiting at most 150 s", "would then be in doubt: 3,4,5,6"}, map[string]int{"ordered": 5, "notSent": 25}},
		{"Ctrl-C three times", []os.Signal{os.Interrupt, os.Interrupt, os.Interrupt}, never, exitDoubt,
			[]string{"waiting at most 150 s", "would then be in doubt: 3,4,5,6", "now in doubt: 3,4,5,6"}, map[string]int{"ordered": 1, "inDoubt": 4, "notSent": 25}},
		{"SIGTERM", []os.Signal{syscall.SIGTERM, syscall.SIGTERM, syscall.SIGTERM}, late, exitStopped, []string{"waiting at most 150 s"}, map[string]int{"ordered": 5, "notSent": 25}},
		{"a closed terminal", []os.Signal{syscall.SIGHUP, syscall.SIGHUP}, late, exitStopped, []string{"waiting at most 150 s"}, map[string]int{"ordered": 5, "notSent": 25}},
		{"SIGTERM, then Ctrl-C", []os.Signal{syscall.SIGTERM, os.Interrupt}, late, exitStopped, []string{"waiting at most 150 s", "would then be in doubt: 3,4,5,6"}, map[string]int{"ordered": 5, "notSent": 25}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := sandboxWith(t, connecttest.Options{Token: "token-of-a-test"}, test.faults...)
			p := newPlace(t)
			p.people("people.csv", 0, 30)
			cmd, _ := p.submission(server, "people.csv", "--rate", "0", "--yes", "--workers", "4", "--result", p.path("out.json"))
			var said transcript
			show(t, cmd, &said)
			until(t, "four orders under way", func() bool { return server.Requests().CreateOrder == 5 })
			for i, s := range test.signals {
				if err := cmd.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
				if i < len(test.says) {
					until(t, fmt.Sprintf("%q in:\n%s", test.says[i], &said), func() bool { return strings.Contains(said.String(), test.says[i]) })
				}
			}
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != test.code {
				t.Errorf("exit %d, not %d:\n%s", code, test.code, &said)
			}
			// Whoever opens the ledger next books the doubt.
			run := p.latest("people.csv")
			if test.code == exitDoubt {
				if code, out := p.exit("resolve", run, "3", "--close", "--reason", "asked", "--yes"); code != exitOK {
					t.Fatalf("exit %d:\n%s", code, out)
				}
				test.totals["inDoubt"]--
				test.totals["closed"]++
			}
			r := p.result(run)
			for status, n := range r.Totals {
				if status != "rows" && n != test.totals[status] {
					t.Errorf("%d rows are %s, not %d", n, status, test.totals[status])
				}
			}
			made := len(server.Audit())
			if ordered := r.Totals["ordered"]; made < ordered || made > ordered+r.Totals["inDoubt"]+r.Totals["closed"] || server.Requests().CreateOrder != 5 {
				t.Errorf("%d orders made of %d received: %v", made, server.Requests().CreateOrder, r.Totals)
			}
		})
	}
}

// TestNobodyListens ends the reader of what the program says, as Ctrl-C does with `submit … 2>&1 | tee log`: what is said then goes
// nowhere, and the answers under way are booked all the same.
func TestNobodyListens(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent Ctrl-C on Windows")
	}
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			server := sandboxWith(t, connecttest.Options{Token: "token-of-a-test"}, "slow-after@2-5/2s")
			p := newPlace(t)
			p.people("people.csv", 0, 30)
			cmd, _ := p.submission(server, "people.csv", "--rate", "0", "--yes", "--workers", "4", "--format", format, "--result", p.path("out.json"))
			listener, said, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			cmd.Stdout, cmd.Stderr = said, said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Process.Kill()
			said.Close()
			until(t, "four orders under way", func() bool { return server.Requests().CreateOrder == 5 })
			listener.Close()
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != exitStopped {
				t.Errorf("exit %d, not %d: %v", code, exitStopped, cmd.ProcessState)
			}
			if r := p.result(p.latest("people.csv")); r.Totals["ordered"] != 5 || r.Totals["notSent"] != 25 {
				t.Errorf("rows: %v", r.Totals)
			}
			if _, err := os.Stat(p.path("out.json")); err != nil {
				t.Errorf("no result: %v", err)
			}
		})
	}
}

// TestTokenFile replaces the token's file while the program sends: it goes on with the new one, and ends with 5 where the file
// still holds the token that was refused.
func TestTokenFile(t *testing.T) {
	for _, test := range []struct {
		name string
		next string
		code int
	}{{"replaced", "the-next-token\n", exitOK}, {"still the same", "token-of-a-test\n", exitToken}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := sandboxWith(t, connecttest.Options{Token: "token-of-a-test", Latency: 100 * time.Millisecond}, "token-expiry-before@4/the-next-token")
			p := newPlace(t)
			p.people("people.csv", 0, 12)
			file := p.path("token")
			if err := os.WriteFile(file, []byte("token-of-a-test\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd, _ := p.submission(server, "people.csv", "--rate", "0", "--yes", "--workers", "1", "--result", p.path("out.json"))
			cmd.Env = append(withoutToken(cmd), "ORDERIMPORT_TOKEN_FILE="+file)
			var said transcript
			show(t, cmd, &said)
			until(t, "an order", func() bool { return server.Requests().CreateOrder > 0 })
			next := filepath.Join(p.dir, "next")
			if err := os.WriteFile(next, []byte(test.next), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(next, file); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != test.code {
				t.Errorf("exit %d, not %d:\n%s", code, test.code, &said)
			}
			if strings.Contains(said.String(), "the-next-token") || strings.Contains(said.String(), "token-of-a-test") {
				t.Errorf("a token was told:\n%s", &said)
			}
			want := 12
			if test.code != exitOK {
				want = 3
			}
			if n := len(server.Audit()); n != want {
				t.Errorf("%d orders, not %d", n, want)
			}
		})
	}
}

// TestTokenFromAPipe gives the token through a pipe, which holds it once: that it cannot be looked at again keeps no run from its end.
func TestTokenFromAPipe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no mkfifo")
	}
	t.Parallel()
	server := sandboxWith(t, connecttest.Options{Token: "token-of-a-test"}, "http-400-before@3") // a refusal asks for a look at the schemas
	p := newPlace(t)
	p.people("people.csv", 0, 8)
	if out, err := exec.Command("mkfifo", p.path("token")).CombinedOutput(); err != nil {
		t.Fatalf("mkfifo: %v: %s", err, out)
	}
	cmd, out := p.submission(server, "people.csv", "--rate", "0", "--yes", "--workers", "1", "--result", p.path("out.json"))
	cmd.Env = append(withoutToken(cmd), "ORDERIMPORT_TOKEN_FILE="+p.path("token"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tooLong := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
	defer tooLong.Stop()
	if err := os.WriteFile(p.path("token"), []byte("token-of-a-test\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitRows || len(server.Audit()) != 7 {
		t.Errorf("%v, %d orders\n%s", cmd.ProcessState, len(server.Audit()), out)
	}
}

// withoutToken is the command's environment without the token.
func withoutToken(cmd *exec.Cmd) []string {
	return slices.DeleteFunc(cmd.Env, func(s string) bool { return strings.HasPrefix(s, "ORDERIMPORT_TOKEN=") })
}

// TestAnsweredAndNotBooked ends the program at once while its disk does not answer: the orders that came back meanwhile are in doubt, and their
// numbers are said and written down.
func TestAnsweredAndNotBooked(t *testing.T) {
	strace := tracer(t)
	server := sandboxWith(t, connecttest.Options{Token: "token-of-a-test"}, "slow-after@2-5/4s")
	p := newPlace(t)
	p.people("people.csv", 0, 30)
	cmd, _ := p.submission(server, "people.csv", "--rate", "0", "--yes", "--workers", "4")
	var said transcript
	show(t, cmd, &said)
	until(t, "four orders under way", func() bool { return server.Requests().CreateOrder == 5 })
	var traced transcript
	hold := exec.Command(strace, "-f", "-p", fmt.Sprint(cmd.Process.Pid), "-o", os.DevNull, "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:delay_enter=600000000")
	hold.Stderr = &traced
	if err := hold.Start(); err != nil {
		t.Fatal(err)
	}
	release := sync.OnceFunc(func() {
		hold.Process.Kill()
		hold.Wait()
	})
	defer release()
	until(t, "the disk held", func() bool { return strings.Contains(traced.String(), "attach") })
	if strings.Contains(traced.String(), "not permitted") {
		t.Skip("strace may not attach here: ", traced.String())
	}
	until(t, "four answers", func() bool { return len(server.Audit()) == 5 })
	time.Sleep(4500 * time.Millisecond) // they come four seconds later
	for _, word := range []string{"waiting at most 150 s", "would then be in doubt: 3,4,5,6", "now in doubt: 3,4,5,6"} {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		until(t, fmt.Sprintf("%q in:\n%s", word, &said), func() bool { return strings.Contains(said.String(), word) })
	}
	var receipts []byte
	until(t, "four receipts", func() bool {
		receipts, _ = os.ReadFile(p.path(receiptsFile))
		return bytes.Count(receipts, []byte("\n")) == 4
	})
	time.Sleep(lastWords)
	release() // nobody sees the end of a process before
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitDoubt {
		t.Errorf("exit %d:\n%s", code, &said)
	}
	for _, o := range server.Audit()[1:] {
		if line := fmt.Sprintf(`"orderID":%d,"orderNumber":"%s"`, o.OrderID, o.OrderNumber); !strings.Contains(string(receipts), line) || !strings.Contains(said.String(), o.OrderNumber) {
			t.Errorf("nothing is said of %s:\n%s%s", o.OrderNumber, receipts, &said)
		}
	}
}
