package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"orderimport/importer/connect/connecttest"
	"orderimport/importer/drop"
	"orderimport/samples"
	"orderimport/validate"
)

// watched is a place with one drop, in/, that orders on a sandbox.
func watched(t *testing.T, opt connecttest.Options, more string) (*place, *connecttest.Server) {
	t.Helper()
	server, err := connecttest.Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	p := newPlace(t)
	if err := os.Mkdir(p.path("in"), 0o700); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf(`version: 1
poll: 100ms
drops:
  - {name: hr, folder: in, profile: profile.yaml, endpoint: %q, action: submit, max-orders: 100, skip-invalid: true, rate: 0%s}
`, server.URL(), more)
	p.put("watch.yaml", []byte(config))
	p.put("profile.yaml", samples.Profile)
	return p, server
}

func (p *place) put(name string, data []byte) {
	p.t.Helper()
	if err := os.WriteFile(p.path(name), data, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// filed are the names in a folder of the drop, without their stamps.
func (p *place) filed(dir string) string {
	entries, _ := os.ReadDir(p.path(filepath.Join("in", dir)))
	var names []string
	for _, e := range entries {
		if name := e.Name(); !strings.HasPrefix(name, ".") && !e.IsDir() {
			names = append(names, name[strings.Index(name, "Z-")+2:])
		}
	}
	return strings.Join(names, " ")
}

// until waits for something to become true.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 1500 {
		if ok() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("still not: %s", what)
}

// orderedOnce gives the number of orders in the audit, and fails where two are for one person.
func orderedOnce(t *testing.T, server *connecttest.Server) int {
	t.Helper()
	people := map[string]bool{}
	audit := server.Audit()
	for _, o := range audit {
		who := o.Customer + "/" + o.Data["employeeNumber"] + "/" + o.Data["email"]
		if people[who] {
			t.Errorf("ordered twice: row of order %s", o.OrderNumber)
		}
		people[who] = true
	}
	return len(audit)
}

func TestWatchOrdersAHalfWrittenFileOnceItIsWhole(t *testing.T) {
	p, server := watched(t, connecttest.Options{}, "")
	cmd, out := p.command("watch", "-c", "watch.yaml")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	half := len(samples.HRExportCSV) / 2
	for n := half; n < half+5; n++ { // never two polls alike
		p.put("in/hr.csv", samples.HRExportCSV[:n])
		time.Sleep(60 * time.Millisecond)
	}
	if n := orderedOnce(t, server); n != 0 {
		t.Errorf("%d orders from half a file", n)
	}
	p.put("in/hr.csv", samples.HRExportCSV)
	until(t, "hr.csv in done/", func() bool { return strings.Contains(p.filed("done"), "hr.csv") })
	n := orderedOnce(t, server)
	if n == 0 || p.filed("done") != "hr-result.xlsx hr.csv" || p.filed("failed") != "" {
		t.Errorf("%d orders; done: %s; failed: %s", n, p.filed("done"), p.filed("failed"))
	}

	// The same content again, under another name.
	p.put("in/again.csv", samples.HRExportCSV)
	until(t, "again.csv in done/", func() bool { return strings.Contains(p.filed("done"), "again.csv") })
	if m := orderedOnce(t, server); m != n || !strings.Contains(p.filed("done"), "again-note.txt") {
		t.Errorf("%d orders, then %d; done: %s", n, m, p.filed("done"))
	}
	if runtime.GOOS == "windows" {
		return // it has no SIGTERM to send
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v\n%s", err, out)
	}
	// A line of the log names a file, and nothing that lies in it.
	for _, secret := range []string{"@", "token-of-a-test"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, out)
		}
	}
}

func TestWatchGoesOnAfterAKill(t *testing.T) {
	kills := tier(2, 5, 40)
	p, server := watched(t, connecttest.Options{Latency: 30 * time.Millisecond}, "")
	p.put("in/hr.csv", samples.HRExportCSV)
	for kill := range kills {
		before := orderedOnce(t, server)
		cmd, _ := p.command("watch", "-c", "watch.yaml")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		until(t, "a new order, or the end", func() bool {
			return len(server.Audit()) > before || strings.Contains(p.filed("done"), "hr.csv")
		})
		time.Sleep(time.Duration(kill%5) * 7 * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if kill == 0 && p.filed("work") != "hr.csv" {
			t.Errorf("not killed in the middle: work: %s; done: %s", p.filed("work"), p.filed("done"))
		}
	}
	code, out := p.exit("watch", "-c", "watch.yaml", "run", "hr")
	if code != exitDoubt && code != exitRows && code != exitOK {
		t.Errorf("exit %d:\n%s", code, out)
	}
	if p.filed("done") != "hr-result.xlsx hr.csv" || p.filed("work") != "" {
		t.Errorf("done: %s; work: %s\n%s", p.filed("done"), p.filed("work"), out)
	}
	n := orderedOnce(t, server)
	run := p.latest(p.claimed())
	if run == "" {
		t.Fatal("no run in the ledger")
	}
	totals := p.result(run).Totals
	if totals["notSent"]+totals["sending"] != 0 || totals["ordered"] > n || totals["ordered"]+totals["inDoubt"] < n {
		t.Errorf("%d orders in the audit, totals %v", n, totals)
	}
	if totals["inDoubt"] > 4*kills {
		t.Errorf("%d rows in doubt after %d kills", totals["inDoubt"], kills)
	}
}

// claimed is the name under which hr.csv was handled.
func (p *place) claimed() string {
	found, _ := filepath.Glob(p.path("in/done/*-hr.csv"))
	if len(found) != 1 {
		p.t.Fatalf("found %v", found)
	}
	return found[0]
}

func TestWatchKeepsAFileWhileTheTokenIsRefused(t *testing.T) {
	p, server := watched(t, connecttest.Options{Token: "another"}, "")
	p.put("in/hr.csv", samples.HRExportCSV)
	if code, out := p.exit("watch", "-c", "watch.yaml", "run", "hr"); code != exitToken || p.filed("work") != "hr.csv" {
		t.Errorf("exit %d; work: %s\n%s", code, p.filed("work"), out)
	}
	if n := orderedOnce(t, server); n != 0 {
		t.Errorf("%d orders", n)
	}
}

// TestWatchTakesTheSameAgain drops a file again whose first run was stopped with rows left: nothing is sent behind a person's back, and nothing
// looks as if it had been.
func TestWatchTakesTheSameAgain(t *testing.T) {
	p, server := watched(t, connecttest.Options{}, "")
	f, err := connecttest.ParseFault("reset-after@1")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.AddFault(f); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"hr", "again"} {
		p.put("in/"+name+".csv", samples.HRExportCSV)
		code, out := p.exit("watch", "-c", "watch.yaml", "run", "hr")
		if want := map[string]int{"hr": exitDoubt, "again": exitStopped}[name]; code != want || !strings.Contains(p.filed("failed"), name+"-error.txt") || p.filed("done") != "" {
			t.Errorf("%s: exit %d, not %d; done: %s; failed: %s\n%s", name, code, want, p.filed("done"), p.filed("failed"), out)
		}
		if !strings.Contains(out, "go on with") {
			t.Errorf("%s: %s", name, out)
		}
	}
	if n := orderedOnce(t, server); n != 1 {
		t.Errorf("%d orders", n)
	}
}

// stopped is a watch that was ended with orders under way and a row in doubt.
func stopped(t *testing.T) (p *place, server *connecttest.Server) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent SIGTERM on Windows")
	}
	p, server = watched(t, connecttest.Options{}, ", workers: 1")
	for _, text := range []string{"reset-after@2", "slow-after@3/2s"} {
		f, err := connecttest.ParseFault(text)
		if err == nil {
			err = server.AddFault(f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	p.put("in/hr.csv", samples.HRExportCSV)
	cmd, out := p.command("watch", "-c", "watch.yaml", "run", "hr")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	until(t, "an order that takes its time", func() bool { return server.Requests().CreateOrder == 3 })
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitDoubt || p.filed("work") != "hr.csv" {
		t.Errorf("exit %d, not %d; work: %s; failed: %s\n%s", code, exitDoubt, p.filed("work"), p.filed("failed"), out)
	}
	return p, server
}

// TestWatchIsStopped ends a watch with orders under way and a row in doubt: it tells of the doubt, and leaves the file for the next time.
func TestWatchIsStopped(t *testing.T) {
	p, server := stopped(t)
	if code, out := p.exit("watch", "-c", "watch.yaml", "run", "hr"); code != exitDoubt || p.filed("done") != "hr-result.xlsx hr.csv" {
		t.Errorf("exit %d; done: %s\n%s", code, p.filed("done"), out)
	}
	orderedOnce(t, server)
}

// TestDoubtsAreNoReasonToFile has the API out of reach when a run with a row in doubt is gone on with: it is tried again, as any other.
func TestDoubtsAreNoReasonToFile(t *testing.T) {
	p, server := stopped(t)
	server.Close()
	if code, out := p.exit("watch", "-c", "watch.yaml", "run", "hr"); code != exitDoubt || p.filed("work") != "hr.csv" {
		t.Errorf("exit %d; work: %s; failed: %s\n%s", code, p.filed("work"), p.filed("failed"), out)
	}
}

// TestWatchIsStoppedEarly has a file drained by a signal of which the watch around it does not know yet: the file is no failure.
func TestWatchIsStoppedEarly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent SIGTERM on Windows")
	}
	t.Setenv("ORDERIMPORT_TOKEN", "token-of-a-test")
	p, server := watched(t, connecttest.Options{Latency: 200 * time.Millisecond}, "")
	const claims = "in/work"
	const claimed = claims + "/20261123T180000.000Z-hr.csv"
	if err := os.Mkdir(p.path(claims), 0o700); err != nil {
		t.Fatal(err)
	}
	p.put(claimed, samples.HRExportCSV)
	a := &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard, lang: validate.English, given: map[string]bool{}, terminal: func(any) bool { return false }}
	a.set.ledger, a.set.own = p.path("ledger.db"), &settings{}
	a.set.own.allFlags() // the defaults
	w, err := a.watcher(p.path("watch.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan drop.Outcome)
	go func() {
		ended <- w.handle(context.Background(), w.config.Drops[0], drop.Claim{Name: "hr.csv", Path: p.path(claimed), Result: p.path(claims + "/result.xlsx")})
	}()
	until(t, "an order", func() bool { return server.Requests().CreateOrder > 0 })
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if out := <-ended; out.Verdict != drop.Left {
		t.Errorf("%+v", out)
	}
}

func TestWatchFilesWhatCannotBeDone(t *testing.T) {
	p, server := watched(t, connecttest.Options{}, "")
	p.put("in/binary.csv", []byte("%PDF-1.7 \x00\x01"))
	config, err := os.ReadFile(p.path("watch.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if code, out := p.exit("watch", "-c", "watch.yaml", "run", "hr"); code != exitFile || p.filed("failed") != "binary-error.txt binary.csv" {
		t.Errorf("exit %d; failed: %s\n%s", code, p.filed("failed"), out)
	}
	p.put("watch.yaml", []byte(strings.Replace(string(config), "max-orders: 100", "max-orders: 3", 1)))
	p.put("in/hr.csv", samples.HRExportCSV)
	if code, out := p.exit("watch", "-c", "watch.yaml", "run", "hr"); code != exitStopped || !strings.Contains(p.filed("failed"), "hr-error.txt") {
		t.Errorf("too many orders: exit %d; failed: %s\n%s", code, p.filed("failed"), out)
	}
	if n := orderedOnce(t, server); n != 0 {
		t.Errorf("%d orders", n)
	}
	// What was never sent may be dropped again once the limit is mended.
	p.put("watch.yaml", config)
	p.put("in/hr.csv", samples.HRExportCSV)
	if code, out := p.exit("watch", "-c", "watch.yaml", "run", "hr"); code != exitRows && code != exitOK {
		t.Errorf("dropped again: exit %d\n%s", code, out)
	}
	if n := orderedOnce(t, server); n == 0 {
		t.Error("nothing was ordered")
	}
}

func TestWatchCheck(t *testing.T) {
	p, _ := watched(t, connecttest.Options{}, `, schedule: "30 3 * * *", timezone: Europe/Stockholm`)
	if code, out := p.exit("watch", "-c", "watch.yaml", "--check"); code != exitOK || !strings.Contains(out, "T03:30:00+0") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if entries, _ := os.ReadDir(p.path("in")); len(entries) != 0 {
		t.Errorf("left %d files", len(entries))
	}
	good, err := os.ReadFile(p.path("watch.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, text string }{
		{"unknown key", "folder:", "foldr:", `did you mean "folder"`},
		{"folder", "folder: in", "folder: nowhere", "nowhere"},
		{"profile", "profile: profile.yaml", "profile: other.yaml", "other.yaml"},
		{"plain http", "http://127.0.0.1", "http://10.0.0.1", "https"},
		{"no limit elsewhere", "endpoint: ", "endpoint: test #", "--rate 0"},
		{"workers", "rate: 0", "workers: 99", "99"},
	} {
		bad := strings.Replace(string(good), c.old, c.new, 1)
		if c.name == "no limit elsewhere" {
			bad = `{version: 1, drops: [{name: hr, folder: in, profile: profile.yaml, action: submit, max-orders: 1, rate: 0}]}`
		}
		p.put("watch.yaml", []byte(bad))
		if code, out := p.exit("watch", "-c", "watch.yaml", "--check"); code != exitUse || !strings.Contains(out, c.text) {
			t.Errorf("%s: exit %d\n%s", c.name, code, out)
		}
	}
	// A drop that only validates may look at live: it needs no limit of orders.
	p.put("watch.yaml", []byte(`{version: 1, drops: [{name: hr, folder: in, profile: profile.yaml, action: validate, endpoint: live}]}`))
	if code, out := p.exit("watch", "-c", "watch.yaml", "--check"); code != exitOK {
		t.Errorf("a dry run on live: exit %d\n%s", code, out)
	}
	p.put("watch.yaml", good)
	if code, out := p.exit("watch", "-c", "watch.yaml", "run", "nobody"); code != exitUse || !strings.Contains(out, "hr") {
		t.Errorf("unknown drop: exit %d\n%s", code, out)
	}
}

// What a drop does not say, environment and config file do, and then the defaults.
func TestDropSettings(t *testing.T) {
	c := newClerk(t)
	config := filepath.Join(filepath.Dir(c.file), "usual.yaml")
	if err := os.WriteFile(config, []byte("rate: 2\nworkers: 3\nstop-after-doubts: 7\nhidden: take\nencoding: cp850\ndelimiter: tab\nquote: none\ncustomer: \"999\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ORDERIMPORT_WORKERS", "2")
	t.Setenv("ORDERIMPORT_MAX_ORDERS", "9")
	a := &app{}
	cmd, _, err := a.commands().Find([]string{"watch", "run"})
	if err != nil {
		t.Fatal(err)
	}
	a.set.config = config
	if err := a.prepare(cmd); err != nil {
		t.Fatal(err)
	}
	w := &watcher{app: a}
	got := w.command(&drop.Drop{}, nil).set
	if got.rate != 2 || got.workers != 2 || got.stopAfterDoubts != 7 || got.encoding != "cp850" || got.delimiter != "tab" || got.quote != "none" {
		t.Errorf("of the settings: %+v", got)
	}
	if usual := got.usual(); got.hidden != "" || got.customer != "" || usual.Hidden != "take" || usual.Customer != "999" {
		t.Errorf("what yields to the profile: %+v, %+v", got, usual)
	}
	if got.maxOrders != 0 || got.endpoint != "test" {
		t.Errorf("what only a drop says: %+v", got)
	}
	rate := 0.5
	got = w.command(&drop.Drop{Rate: &rate, Workers: 1, Customer: "777"}, nil).set
	if got.rate != 0.5 || got.workers != 1 || got.customer != "777" {
		t.Errorf("of the drop: %+v", got)
	}
}

// TestWatchHoldsOnToWhatItSent has a slow writer go on with a file that is being ordered: what was ordered of it is told with its run, and
// the whole file, dropped again, orders the rest.
func TestWatchHoldsOnToWhatItSent(t *testing.T) {
	p, server := watched(t, connecttest.Options{Latency: 50 * time.Millisecond}, ", workers: 1")
	const head = "Anställningsnr;Förnamn;Efternamn;E-post;Mobil;Avdelning;Kostnadsställe;Startdatum\n"
	rows := func(from, to int) []byte {
		var b strings.Builder
		for n := from; n < to; n++ {
			fmt.Fprintf(&b, "%d;Åsa%d;Öberg;asa%d@example.se;;IT;4110;2026-12-01\n", n, n, n)
		}
		return []byte(b.String())
	}
	p.put("in/nya.csv", append([]byte(head), rows(100, 112)...))
	writer, err := os.OpenFile(p.path("in/nya.csv"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	cmd, out := p.command("watch", "-c", "watch.yaml", "run", "hr")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	until(t, "an order", func() bool { return len(server.Audit()) > 0 })
	if _, err := writer.Write(rows(112, 116)); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	cmd.Wait()
	claimed, _ := filepath.Glob(p.path("in/failed/*-nya.csv"))
	if len(claimed) != 1 {
		t.Fatalf("failed: %s\n%s", p.filed("failed"), out)
	}
	run := p.latest(claimed[0])
	if n := orderedOnce(t, server); n != 12 || cmd.ProcessState.ExitCode() != exitFile {
		t.Errorf("%d orders, exit %d\n%s", n, cmd.ProcessState.ExitCode(), out)
	}
	text, err := os.ReadFile(strings.TrimSuffix(claimed[0], ".csv") + "-error.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{string(text), out.String()} {
		if strings.Contains(said, "nothing was") || !strings.Contains(said, "run "+run) || !strings.Contains(said, "12 rows: 12 ordered") || !strings.Contains(said, "drop the whole file again; what is ordered is not ordered twice") {
			t.Errorf("said of 12 orders: %s", said)
		}
	}
	p.put("in/nya.csv", append([]byte(head), rows(100, 116)...))
	if code, out := p.exit("watch", "-c", "watch.yaml", "run", "hr"); code != exitOK || orderedOnce(t, server) != 16 {
		t.Errorf("the whole file: exit %d, %d orders\n%s", code, orderedOnce(t, server), out)
	}
}

// TestWatchNamesItsLedger has the drops' file and the environment name ledgers: which one is in use is said, and two words for it are refused.
func TestWatchNamesItsLedger(t *testing.T) {
	p, _ := watched(t, connecttest.Options{}, "")
	config, err := os.ReadFile(p.path("watch.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	with := func(ledger string) { p.put("watch.yaml", append([]byte("ledger: "+ledger+"\n"), config...)) }
	try := func(what string, env string, code int, says []string, args ...string) {
		t.Helper()
		cmd, out := p.command(append([]string{"watch", "-c", "watch.yaml"}, args...)...)
		cmd.Env = append(cmd.Env, "ORDERIMPORT_LEDGER="+env)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() }).Stop() // it may have begun to watch
		_ = cmd.Wait()
		if got := cmd.ProcessState.ExitCode(); got != code {
			t.Errorf("%s: exit %d, not %d\n%s", what, got, code, out)
		}
		for _, part := range says {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%s: %q is not said:\n%s", what, part, out)
			}
		}
	}
	own, other := p.path("own.db"), p.path("other.db")
	try("the default", "", exitOK, []string{"the ledger is " + p.path("data/orderimport/ledger.db") + ", which is not there yet"}, "--check")
	with("own.db")
	try("the file's", "", exitOK, []string{"the ledger is " + own + ", which is not there yet"}, "--check")
	two := []string{"ORDERIMPORT_LEDGER says the ledger " + other, "watch.yaml says the ledger " + own, "--ledger"}
	try("two", other, exitUse, two, "--check")
	try("two, to watch", other, exitUse, two)
	try("two, one drop", other, exitUse, two, "run", "hr")
	try("two, in Swedish", other, exitUse, []string{"ORDERIMPORT_LEDGER säger liggaren " + other}, "--check", "--lang", "sv")
	try("twice the same", own, exitOK, []string{"the ledger is " + own}, "--check")
	try("a flag", other, exitOK, []string{"the ledger is " + p.path("third.db")}, "--check", "--ledger", "third.db")
	with("postgres://orders@db.example.se/orders")
	try("a password", "postgres://orders:hemligt@db.example.se/others", exitUse, []string{"says the ledger postgres://orders@db.example.se/others,"}, "--check")

	with("own.db")
	p.put("in/hr.csv", samples.HRExportCSV)
	try("to order", "", exitRows, nil, "run", "hr")
	try("a ledger", "", exitOK, []string{"the ledger is " + own + "\n"}, "--check")
	if runtime.GOOS != "windows" { // it has no SIGTERM to send
		cmd, _ := p.command("watch", "-c", "watch.yaml")
		var said transcript
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Process.Kill()
		until(t, "the ledger, at the start", func() bool { return strings.Contains(said.String(), "; the ledger is "+own+"\n") })
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v\n%s", err, &said)
		}
	}
	if err := os.Remove(own + ".key"); err != nil {
		t.Fatal(err)
	}
	try("without its key", "", exitLedger, []string{"own.db.key", "hr: submit"}, "--check")
	with("nowhere/own.db")
	try("no folder", "", exitLedger, []string{"nowhere is not there"}, "--check")
}
