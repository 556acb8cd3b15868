//go:build unix

package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger/ledgertest"
)

// TestFourHosts sends from four processes, each with a home of its own, over one ledger in PostgreSQL: one is stopped for longer than its lease,
// one is killed, and then the server itself fails while they send. Whoever is left goes on with the runs of the others. Nothing is
// ordered twice, nothing is lost, and the four together keep the rate of one.
func TestFourHosts(t *testing.T) {
	const rate, workers = 20, 4
	rows := tier(25, 80, 400)
	stopped := time.Duration(tier(1, 22, 60)) * time.Second
	cluster := ledgertest.NewCluster(t)
	server, err := connecttest.Start(connecttest.Options{Token: "token-of-a-test", Latency: 150 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	t.Setenv("ORDERIMPORT_LEDGER", cluster.Database())
	t.Setenv("ORDERIMPORT_LEDGER_KEY_FILE", filepath.Join(t.TempDir(), "ledger.key"))

	var hosts [4]*place
	var runs [4]string
	for i := range hosts {
		hosts[i] = newPlace(t)
		name := fmt.Sprintf("people-%d.csv", i)
		hosts[i].people(name, i*rows, rows)
		if code, out := hosts[i].exit("stage", name, "--endpoint", server.URL(), "--package", "1001", "--customer", "100200"); code != exitOK {
			t.Fatalf("exit %d\n%s", code, out)
		}
		runs[i] = hosts[i].latest(name)
	}
	submit := func(host int, run string) (*exec.Cmd, *bytes.Buffer) {
		cmd, out := hosts[host].command("submit", run, "--rate", fmt.Sprint(rate), "--yes", "--workers", fmt.Sprint(workers), "--result", hosts[host].path("out.json"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, out
	}
	ordered := func(n int) {
		t.Helper()
		for range 6000 {
			if len(server.Audit()) >= n {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("only %d orders", len(server.Audit()))
	}

	var commands [4]*exec.Cmd
	var outs [4]*bytes.Buffer
	for i := range hosts {
		commands[i], outs[i] = submit(i, runs[i])
	}
	ordered(rows / 4)
	if code, out := hosts[1].exit("submit", runs[0], "--yes", "--rate", "20"); code != exitLedger || !strings.Contains(out, "is being sent by host") {
		t.Errorf("a run that is being sent elsewhere: exit %d\n%s", code, out)
	}
	_ = commands[0].Process.Signal(syscall.SIGSTOP)
	ordered(rows / 2)
	_ = commands[1].Process.Kill()
	commands[1].Wait()
	var waking sync.WaitGroup
	waking.Go(func() {
		time.Sleep(stopped)
		_ = commands[0].Process.Signal(syscall.SIGCONT)
	})
	for i := 2; i < 4; i++ {
		commands[i].Wait()
		if code := commands[i].ProcessState.ExitCode(); code != exitOK {
			t.Errorf("host %d: exit %d\n%s", i, code, outs[i])
		}
	}
	// The next host goes on with what the dead one left, and with what the silent one left once its lease has passed.
	goOn := func(host int, run string) {
		t.Helper()
		for range 60 {
			cmd, out := submit(host, run)
			cmd.Wait()
			code := cmd.ProcessState.ExitCode()
			if code == exitLedger && strings.Contains(out.String(), "is being sent by host") {
				time.Sleep(time.Second)
				continue
			}
			switch code {
			case exitOK, exitDoubt:
				return
			case exitStopped: // the one that woke has proved rows not to be sent, behind the back of this one
				continue
			}
			t.Fatalf("host %d: exit %d\n%s", host, code, out)
		}
		t.Fatal("no end of the run in sight")
	}
	goOn(2, runs[1])
	waited := make(chan struct{})
	go func() { commands[0].Wait(); close(waited) }()
	goOn(3, runs[0])
	waking.Wait()
	<-waited
	if code := commands[0].ProcessState.ExitCode(); code != exitOK && code != exitDoubt && code != exitLedger {
		t.Errorf("the host that was silent: exit %d\n%s", code, outs[0])
	}
	goOn(3, runs[0]) // what the one that woke has proved not to be sent after all

	all := result{Totals: map[string]int{}}
	add := func(r result) {
		for status, n := range r.Totals {
			all.Totals[status] += n
		}
		all.Rows = append(all.Rows, r.Rows...)
	}
	for _, run := range runs {
		add(hosts[2].result(run))
	}
	doubts := audit(t, server.Audit(), all, 4*rows)
	if doubts > 2*workers {
		t.Errorf("%d rows in doubt after one host was stopped and one killed", doubts)
	}
	// The rate and one is what a quiet machine shows; on a busy one orders leave on time and are counted late.
	if most := busiest(server.Audit()); most > rate+1+rate/5 {
		t.Errorf("%d orders in one second, at a rate of %d for all", most, rate)
	}
	t.Logf("%d orders, %d in doubt, at most %d in a second", len(server.Audit()), doubts, busiest(server.Audit()))

	// The server fails while two hosts send. What their orders under way come to is written down beside their files.
	before := len(server.Audit())
	for i := range 2 {
		name := fmt.Sprintf("more-%d.csv", i)
		hosts[i].people(name, (4+i)*rows, rows)
		if code, out := hosts[i].exit("stage", name, "--endpoint", server.URL(), "--package", "1001", "--customer", "100200"); code != exitOK {
			t.Fatalf("exit %d\n%s", code, out)
		}
		runs[i] = hosts[i].latest(name)
		commands[i], outs[i] = submit(i, runs[i])
	}
	ordered(len(server.Audit()) + 5 + rand.IntN(rows/2))
	cluster.Stop("immediate")
	for i := range 2 {
		commands[i].Wait()
		if code := commands[i].ProcessState.ExitCode(); code != exitLedger {
			t.Errorf("host %d after the server failed: exit %d\n%s", i, code, outs[i])
		}
	}
	cluster.Start()
	receipts := ""
	for _, h := range hosts {
		data, _ := os.ReadFile(h.path(receiptsFile))
		receipts += string(data)
	}
	for i := range 2 {
		goOn(3, runs[i])
		add(hosts[3].result(runs[i]))
	}
	if after := audit(t, server.Audit(), all, 6*rows); after > doubts+2*workers {
		t.Errorf("%d more rows in doubt after the server failed", after-doubts)
	}
	known := map[string]bool{}
	for _, row := range all.Rows {
		known[row.OrderNumber] = true
	}
	for _, o := range server.Audit()[before:] {
		if !known[o.OrderNumber] && !strings.Contains(receipts, fmt.Sprintf(`"orderNumber":%q`, o.OrderNumber)) {
			t.Errorf("order %s is nowhere\n%s", o.OrderNumber, receipts)
		}
	}
	t.Logf("%d receipts", strings.Count(receipts, "\n"))
	if code, out := hosts[0].exit("ledger", "verify"); code != exitOK {
		t.Errorf("verify: exit %d\n%s", code, out)
	}
	if home, _ := filepath.Glob(hosts[0].path("data/orderimport/*")); len(home) > 0 {
		t.Errorf("a ledger of its own at a host: %v", home)
	}
}

// busiest is how many orders the server counted at most within any second.
func busiest(orders []connecttest.Order) (most int) {
	first := 0
	for i, o := range orders {
		for o.Time.Sub(orders[first].Time) >= time.Second {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}
