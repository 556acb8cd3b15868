package submit_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/ledger/ledgertest"
	"orderimport/importer/mapping"
	"orderimport/importer/submit"
)

// bench is a ledger with one staged run, a sandbox and a client for it.
type bench struct {
	tb     testing.TB
	ledger *ledger.Ledger
	server *connecttest.Server
	client *connect.Client
	run    string
	reread func() // called when the token is read again

	mu     sync.Mutex
	events []submit.Event
}

func newBench(tb testing.TB, rows int, opt connecttest.Options, faults ...string) *bench {
	tb.Helper()
	for _, text := range faults {
		fault, err := connecttest.ParseFault(text)
		if err != nil {
			tb.Fatal(err)
		}
		opt.Faults = append(opt.Faults, fault)
	}
	server, err := connecttest.Start(opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { server.Close() })
	b := newBenchAt(tb, rows, server.URL(), func() string { return server.Token() })
	b.server = server
	return b
}

// newBenchAt is newBench with a server at url, whose token is what token gives.
func newBenchAt(tb testing.TB, rows int, url string, token func() string) *bench {
	tb.Helper()
	return newBenchIn(tb, rows, url, filepath.Join(tb.TempDir(), "ledger.db"), ledger.Options{}, token)
}

// newBenchIn is newBenchAt with a ledger of its own.
func newBenchIn(tb testing.TB, rows int, url, dsn string, opt ledger.Options, token func() string) *bench {
	tb.Helper()
	place, err := connect.ParseEndpoint(url)
	if err != nil {
		tb.Fatal(err)
	}
	b := &bench{tb: tb}
	reread := func() (connect.Token, error) {
		if b.reread != nil {
			b.reread()
		}
		return connect.NewToken(cmp.Or(token(), "t")), nil
	}
	client, err := connect.NewClient(connect.Config{Endpoint: place, Token: connect.NewToken("t"), Reread: reread, Reply: 2 * time.Second})
	if err != nil {
		tb.Fatal(err)
	}
	lg, err := ledger.Open(context.Background(), dsn, opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { lg.Close() })
	b.ledger, b.client = lg, client
	b.run = b.stage(place, rows)
	return b
}

// order is the payload of the n-th invented person.
func order(n int) []byte { return orderOf(1001, n) }

func orderOf(id int64, n int) []byte {
	body, err := connect.CreateOrderRequest{PredefinedPackageID: id, CustomerNumber: "100200", Data: map[string]string{
		"firstname": "Åsa", "lastname": "Öberg", "email": fmt.Sprintf("asa%d@example.se", n), "userGroup1": "IT", "desiredActivationDate": "2026-12-01",
	}}.Encode()
	if err != nil {
		panic(err)
	}
	return body
}

func (b *bench) stage(place connect.Endpoint, rows int) string {
	return b.stagePackages(place, rows, func(int) int64 { return 1001 })
}

// stagePackages stages rows of which each orders the package that of names.
func (b *bench) stagePackages(place connect.Endpoint, rows int, of func(n int) int64) string {
	ctx := context.Background()
	run := ledger.Run{File: "people.csv", SHA256: "00", Format: "csv", Columns: []string{"E-post"}, Endpoint: place.URL, Host: place.Host, Package: 1001, StartedAt: time.Now()}
	stage, err := b.ledger.Stage(ctx, run)
	if err != nil {
		b.tb.Fatal(err)
	}
	defer stage.Rollback()
	h := b.ledger.Hasher()
	for n := range rows {
		email, id := fmt.Sprintf("asa%d@example.se", n), of(n)
		key, _ := h.Key(place.Host, "100200", id, mapping.Identifier{Kind: "email", Value: email})
		err := stage.Add(ctx, &ledger.Row{
			Number: n + 2, State: ledger.Ready, Package: id, Customer: "100200", Payload: orderOf(id, n), Occurrence: 1, Keys: []ledger.Key{key},
			Fingerprint: h.Fingerprint(place.Host, "100200", id, []ledger.Field{{Name: "email", Value: email}}),
		})
		if err != nil {
			b.tb.Fatal(err)
		}
	}
	if err := stage.Commit(ctx, run); err != nil {
		b.tb.Fatal(err)
	}
	return stage.ID()
}

func (b *bench) send(ctx context.Context, change func(*submit.Config)) *submit.Stop {
	b.tb.Helper()
	cfg := submit.Config{Ledger: b.ledger, Client: b.client, Run: b.run, Workers: 4, StopAfterDoubts: 5, Observe: func(e submit.Event) {
		b.mu.Lock()
		b.events = append(b.events, e)
		b.mu.Unlock()
	}}
	if change != nil {
		change(&cfg)
	}
	if err := b.ledger.SetRunState(context.Background(), b.run, ledger.RunRunning); err != nil {
		b.tb.Fatal(err)
	}
	stop, err := submit.Send(ctx, cfg)
	if err != nil {
		b.tb.Fatal(err)
	}
	return stop
}

// totals holds the ledger's totals against what is wanted, and the server's audit against the ledger.
func (b *bench) totals(want ledger.Totals) {
	b.tb.Helper()
	run, err := b.ledger.Run(context.Background(), b.run)
	if err != nil {
		b.tb.Fatal(err)
	}
	for _, s := range ledger.States {
		if run.Totals[s] != want[s] {
			b.tb.Errorf("%s: %d rows, not %d (all: %v)", s, run.Totals[s], want[s], run.Totals)
		}
	}
	people := map[string]bool{}
	orders := b.server.Audit()
	for _, o := range orders {
		if people[o.Data["email"]] {
			b.tb.Errorf("ordered twice: %s", o.Data["email"])
		}
		people[o.Data["email"]] = true
	}
	if n := len(orders); n < run.Totals[ledger.Ordered] || n > run.Totals[ledger.Ordered]+run.Totals[ledger.InDoubt] {
		b.tb.Errorf("the server made %d orders: %v", n, run.Totals)
	}
}

func code(s *submit.Stop) submit.StopCode {
	if s == nil {
		return ""
	}
	return s.Code
}

func TestSend(t *testing.T) {
	ctx := context.Background()
	tests := []struct {
		name   string
		faults []string
		change func(*submit.Config)
		stop   submit.StopCode
		want   ledger.Totals // of 30 rows
	}{
		{name: "all is well", want: ledger.Totals{ledger.Ordered: 30}},
		{name: "a pilot", change: func(c *submit.Config) { c.First = 7 }, want: ledger.Totals{ledger.Ordered: 7, ledger.Ready: 23}},
		{name: "a doubt of the first row stops", faults: []string{"reset-after@1"}, stop: submit.StopDoubts, want: ledger.Totals{ledger.InDoubt: 1, ledger.Ready: 29}},
		{name: "a doubt later does not", faults: []string{"reset-after@9"}, want: ledger.Totals{ledger.Ordered: 29, ledger.InDoubt: 1}},
		{name: "doubts up to the limit", faults: []string{"reset-before@5-30"}, change: func(c *submit.Config) { c.Workers, c.StopAfterDoubts = 1, 2 }, stop: submit.StopDoubts, want: ledger.Totals{ledger.Ordered: 4, ledger.InDoubt: 2, ledger.Ready: 24}},
		// Two refusals slow four workers down to one.
		{name: "three doubts in a row", faults: []string{"http-429-before@1-2", "reset-before@4-"}, change: func(c *submit.Config) { c.ShortPauses(time.Millisecond) }, stop: submit.StopDoubts, want: ledger.Totals{ledger.Ordered: 1, ledger.InDoubt: 3, ledger.Ready: 26}},
		{name: "more doubts than workers in a minute", faults: []string{"reset-before@every:3"}, change: func(c *submit.Config) { c.Workers, c.StopAfterDoubts = 1, 30 }, stop: submit.StopDoubts, want: ledger.Totals{ledger.Ordered: 6, ledger.InDoubt: 3, ledger.Ready: 21}},
		{name: "no limit", faults: []string{"reset-before@1-30"}, change: func(c *submit.Config) { c.StopAfterDoubts = 0 }, want: ledger.Totals{ledger.InDoubt: 30}},
		{name: "a refused row passes the turn", faults: []string{"http-400-before@1-3"}, want: ledger.Totals{ledger.Ordered: 27, ledger.Rejected: 3}},
		{name: "ten refusals stop", faults: []string{"http-400-before@1-30"}, stop: submit.StopRefusals, want: ledger.Totals{ledger.Rejected: 10, ledger.Ready: 20}},
		{name: "refusals with one message, later", faults: []string{"http-400-before@3-30"}, change: func(c *submit.Config) { c.Workers = 1 }, stop: submit.StopRefusals, want: ledger.Totals{ledger.Ordered: 2, ledger.Rejected: 10, ledger.Ready: 18}},
		{name: "the token is refused and is still the same", faults: []string{"http-401-before@4-30"}, change: func(c *submit.Config) { c.Workers = 1 }, stop: submit.StopToken, want: ledger.Totals{ledger.Ordered: 3, ledger.Ready: 27}},
		{name: "the token has been replaced", faults: []string{"token-expiry-before@4", "token-expiry-before@20"}, want: ledger.Totals{ledger.Ordered: 30}},
		{name: "a row that no token opens", faults: []string{"token-expiry-before@4-30"}, change: func(c *submit.Config) { c.Workers = 1 }, stop: submit.StopToken, want: ledger.Totals{ledger.Ordered: 3, ledger.Ready: 27}},
		{name: "not an endpoint for orders", faults: []string{"http-404-before@1-30"}, stop: submit.StopConfig, want: ledger.Totals{ledger.Ready: 30}},
		{name: "a redirect", faults: []string{"http-307-before@2"}, change: func(c *submit.Config) { c.Workers = 1 }, stop: submit.StopDoubts, want: ledger.Totals{ledger.Ordered: 1, ledger.InDoubt: 1, ledger.Ready: 28}},
		{name: "a number that was given before", faults: []string{"repeat-before@5"}, change: func(c *submit.Config) { c.Workers = 1 }, stop: submit.StopDoubts, want: ledger.Totals{ledger.Ordered: 4, ledger.InDoubt: 1, ledger.Ready: 25}},
		{name: "a doubt from before a pause", faults: []string{"reset-after@3", "http-429-before@4"}, change: func(c *submit.Config) { c.ShortPauses(10 * time.Millisecond) }, want: ledger.Totals{ledger.Ordered: 29, ledger.InDoubt: 1}},
		{name: "a pause for all", faults: []string{"http-429-before@6"}, change: func(c *submit.Config) { c.ShortPauses(10 * time.Millisecond) }, want: ledger.Totals{ledger.Ordered: 30}},
		{name: "a pause until a date, by a clock an hour ahead", faults: []string{"http-503-before@6/date:2s"}, want: ledger.Totals{ledger.Ordered: 30}},
		{name: "an absurd pause", faults: []string{"http-429-before@6/1000000000"}, change: func(c *submit.Config) { c.ShortPauses(10 * time.Millisecond) }, want: ledger.Totals{ledger.Ordered: 30}},
		{name: "a negative pause", faults: []string{"http-429-before@6/-7"}, change: func(c *submit.Config) { c.ShortPauses(10 * time.Millisecond) }, want: ledger.Totals{ledger.Ordered: 30}},
		{name: "a pause longer than patience", faults: []string{"http-429-before@3-9/1"}, change: func(c *submit.Config) { c.Workers, c.Patience = 1, time.Millisecond }, stop: submit.StopRefusals, want: ledger.Totals{ledger.Ordered: 2, ledger.Ready: 28}},
		{name: "a row that waited through another's pause", faults: []string{"http-429-before@4/2", "http-429-before@5/1"}, change: func(c *submit.Config) { c.Rate, c.Workers, c.Patience = 30, 8, 500*time.Millisecond }, want: ledger.Totals{ledger.Ordered: 30}},
		{name: "unavailable again and again", faults: []string{"http-503-before@3-/0"}, change: func(c *submit.Config) { c.Workers = 1; c.ShortPauses(time.Millisecond) }, stop: submit.StopRefusals, want: ledger.Totals{ledger.Ordered: 2, ledger.Ready: 28}},
		{name: "a restart", faults: []string{"restart-before@9"}, want: ledger.Totals{ledger.Ordered: 29, ledger.InDoubt: 1}, change: func(c *submit.Config) { c.Workers = 1 }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, 30, connecttest.Options{}, test.faults...)
			if got := code(b.send(ctx, test.change)); got != test.stop {
				t.Errorf("stopped by %q, not %q", got, test.stop)
			}
			b.totals(test.want)
		})
	}
}

// One package of three is refused row by row: its further rows are left ready, and the others are ordered.
func TestOnePackageIsRefused(t *testing.T) {
	b := newBench(t, 0, connecttest.Options{})
	place, err := connect.ParseEndpoint(b.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	packages := []int64{1001, 3001, 1002} // 3001 has none of the fields that are sent
	b.run = b.stagePackages(place, 90, func(n int) int64 { return packages[n%3] })
	if got := code(b.send(context.Background(), func(c *submit.Config) { c.Workers = 1 })); got != submit.StopRefusals {
		t.Errorf("stopped by %q", got)
	}
	b.totals(ledger.Totals{ledger.Ordered: 60, ledger.Rejected: 10, ledger.Ready: 20})
	var shut []int64
	for _, e := range b.events {
		if e.Kind == submit.Shut {
			shut = append(shut, e.Package)
		}
	}
	if !slices.Equal(shut, []int64{3001}) {
		t.Errorf("told that %v are shut", shut)
	}
}

// While the schemas are looked at orders go on leaving; while rows are held against new ones none is under way.
func TestRecheck(t *testing.T) {
	b := newBench(t, 1200, connecttest.Options{Latency: time.Millisecond}, "http-400-before@100")
	looks, holds := 0, 0
	var underWay atomic.Int32
	observe := func(e submit.Event) {
		if e.Kind == submit.Booked {
			underWay.Add(1)
		}
	}
	stop := b.send(context.Background(), func(c *submit.Config) {
		c.Observe = observe
		c.Recheck = func(ctx context.Context, hold func()) error {
			looks++
			if looks%2 == 0 {
				return nil
			}
			holds++
			hold()
			hold()
			booked, made := underWay.Load(), len(b.server.Audit())
			time.Sleep(50 * time.Millisecond)
			if underWay.Load() != booked || len(b.server.Audit()) != made {
				t.Error("orders leave beside the hold")
			}
			for row, err := range b.ledger.Rows(ctx, b.run) {
				if err != nil {
					return err
				}
				if row.State == ledger.Sending {
					t.Errorf("row %d is under way beside the hold", row.Number)
				}
			}
			return nil
		}
	})
	if stop != nil {
		t.Errorf("stopped by %+v", stop)
	}
	b.totals(ledger.Totals{ledger.Ordered: 1199, ledger.Rejected: 1})
	if looks != 3 || holds != 2 { // after the refusal, 500 and 1000 rows
		t.Errorf("looked %d times, held %d times", looks, holds)
	}
}

// What a look at the schemas ends with ends the sending.
func TestRecheckFails(t *testing.T) {
	for _, test := range []struct {
		kind connect.ErrorKind
		want submit.StopCode
	}{
		{connect.Unreachable, submit.StopUnreachable}, {connect.Untrusted, submit.StopUntrusted}, {connect.Unauthorized, submit.StopToken},
		{connect.NotFound, submit.StopConfig}, {connect.BadReply, submit.StopConfig},
	} {
		b := newBench(t, 50, connecttest.Options{Latency: time.Millisecond}, "http-400-before@5")
		got := code(b.send(context.Background(), func(c *submit.Config) {
			c.Recheck = func(context.Context, func()) error {
				return &connect.Error{Op: "GetPackageSchema", Kind: test.kind, Err: io.EOF}
			}
		}))
		if got != test.want {
			t.Errorf("%v: stopped by %q, not %q", test.kind, got, test.want)
		}
	}
}

// A pause that the orders were asked for holds for the looks at the schemas, too: one that is refused meanwhile ends nothing, and is made
// after the pause.
func TestRecheckHeedsThePause(t *testing.T) {
	b := newBench(t, 20, connecttest.Options{}, "http-400-before@3", "http-429-before@5/1")
	var paused atomic.Pointer[time.Time]
	var looks, during atomic.Int32
	stop := b.send(context.Background(), func(c *submit.Config) {
		c.Workers = 1
		c.Observe = func(e submit.Event) {
			if now := time.Now(); e.Kind == submit.Paused {
				paused.Store(&now)
			}
		}
		c.Recheck = func(context.Context, func()) error {
			if looks.Add(1) == 1 { // begun before the pause, refused within it
				for range 200 {
					if paused.Load() != nil {
						return &connect.Error{Op: "GetPackageSchema", Kind: connect.Unreachable, Err: io.EOF}
					}
					time.Sleep(10 * time.Millisecond)
				}
				t.Error("no pause")
			} else if at := paused.Load(); time.Since(*at) < time.Second {
				during.Add(1)
			}
			return nil
		}
	})
	if stop != nil {
		t.Errorf("stopped by %+v", stop)
	}
	b.totals(ledger.Totals{ledger.Ordered: 19, ledger.Rejected: 1})
	if looks.Load() != 2 || during.Load() > 0 {
		t.Errorf("looked %d times, %d of them during the pause", looks.Load(), during.Load())
	}
}

// Before the first order, and after each pause, there is never more than one under way.
func TestOneAtATimeUntilOneIsOrdered(t *testing.T) {
	b := newBench(t, 12, connecttest.Options{Latency: 20 * time.Millisecond}, "http-400-before@1-4")
	b.send(context.Background(), nil)
	b.totals(ledger.Totals{ledger.Ordered: 8, ledger.Rejected: 4})
	first := slices.IndexFunc(b.events, func(e submit.Event) bool { return e.State == ledger.Ordered })
	for _, e := range b.events[:first] {
		if e.State != ledger.Rejected {
			t.Errorf("before the first order: %+v", e)
		}
	}
	if first != 4 {
		t.Errorf("the first order came as event %d, not after the 4 refusals", first)
	}
}

// The token is replaced, and the look at the schemas takes it over while an order with the old one is refused: the order goes again with
// the new one.
func TestTokenRenewedBeside(t *testing.T) {
	b := newBench(t, 12, connecttest.Options{}, "token-expiry-before@4")
	var nested atomic.Bool
	b.reread = func() {
		if !nested.CompareAndSwap(false, true) {
			return
		}
		if changed, err := b.client.Renew(); !changed || err != nil {
			t.Errorf("renewed %v, %v", changed, err)
		}
	}
	if stop := b.send(context.Background(), func(c *submit.Config) { c.Workers = 1 }); stop != nil {
		t.Errorf("stopped by %+v", stop)
	}
	b.totals(ledger.Totals{ledger.Ordered: 12})
}

// A drain takes no further row, lets the answers land, and leaves the rest for the next time.
func TestDrain(t *testing.T) {
	b := newBench(t, 200, connecttest.Options{Latency: 10 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.Background())
	stop := b.send(ctx, func(c *submit.Config) {
		var booked int
		var mu sync.Mutex
		c.Observe = func(submit.Event) {
			mu.Lock()
			defer mu.Unlock()
			if booked++; booked == 20 {
				cancel()
			}
		}
	})
	if code(stop) != submit.StopDrained {
		t.Errorf("stopped by %q", code(stop))
	}
	run, err := b.ledger.Run(context.Background(), b.run)
	if err != nil {
		t.Fatal(err)
	}
	if n := run.Totals[ledger.Ordered]; n < 20 || n > 40 || run.Totals[ledger.InDoubt]+run.Totals[ledger.Sending] != 0 {
		t.Errorf("after the drain: %v", run.Totals)
	}
	b.send(context.Background(), nil)
	b.totals(ledger.Totals{ledger.Ordered: 200})
}

// The server never counts more than the rate and one in any second: the promise of --rate. A machine that stalls the server
// for longer than two orders are apart can make it count more, so the best of six counts.
func TestRateIsACeiling(t *testing.T) {
	const rate, orders = 50, 120
	peak := 0
	for range 6 {
		b := newBench(t, orders, connecttest.Options{})
		b.send(context.Background(), func(c *submit.Config) { c.Rate, c.Workers = rate, 16 })
		b.totals(ledger.Totals{ledger.Ordered: orders})
		if peak = b.server.PeakPerSecond(); peak <= rate+1 {
			return
		}
	}
	t.Errorf("%d orders in one second at a rate of %d", peak, rate)
}

// Slots further apart than a connection stays fresh: each order still goes in its own.
func TestSlowRates(t *testing.T) {
	for _, test := range []struct {
		rate    float64
		workers int
		rows    int
	}{{3, 4, 9}, {5, 16, 12}, {0.7, 1, 3}} {
		t.Run(fmt.Sprint(test.rate, "/s ", test.workers, " workers"), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, test.rows, connecttest.Options{})
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			b.send(ctx, func(c *submit.Config) { c.Rate, c.Workers = test.rate, test.workers })
			b.totals(ledger.Totals{ledger.Ordered: test.rows})
		})
	}
}

// The API goes away for a while: no row is touched meanwhile, and the run goes on by itself or ends as unreachable.
func TestUnreachable(t *testing.T) {
	b := newBench(t, 5, connecttest.Options{})
	b.server.Close()
	stop := b.send(context.Background(), func(c *submit.Config) { c.Patience = 100 * time.Millisecond })
	if code(stop) != submit.StopUnreachable {
		t.Errorf("stopped by %q", code(stop))
	}
	b.totals(ledger.Totals{ledger.Ready: 5})
}

// asSandbox makes this test's program the sandbox, for as long as its standard input is open. It says how long an answer takes.
const asSandbox = "ORDERIMPORT_TEST_SANDBOX"

func TestMain(m *testing.M) {
	if os.Getenv(asSandbox) == "" {
		os.Exit(m.Run())
	}
	latency, err := time.ParseDuration(os.Getenv(asSandbox))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server, err := connecttest.Start(connecttest.Options{KeepNone: true, Latency: latency})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(server.URL())
	io.Copy(io.Discard, os.Stdin)
	server.Close()
}

// sandboxProcess starts a sandbox in a process of its own, as an API is.
func sandboxProcess(tb testing.TB, latency time.Duration) (url string) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asSandbox+"="+latency.String())
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			tb.Error(err)
		}
	})
	if _, err := fmt.Fscan(out, &url); err != nil {
		tb.Fatal(err)
	}
	return url
}

// BenchmarkSend is the price of the promise: the same client with and without a durable ledger, 16 workers, no rate limit, a server that
// answers at once and one that takes its time. The server is another process: in this one it would stand still whenever the disk is waited for.
func BenchmarkSend(b *testing.B) {
	for _, latency := range []time.Duration{0, 5 * time.Millisecond} {
		b.Run(latency.String(), func(b *testing.B) {
			url := sandboxProcess(b, latency)
			b.Run("bare", func(b *testing.B) { sendBare(b, url) })
			b.Run("file", func(b *testing.B) { sendBooked(b, url, newBenchAt(b, b.N, url, anyToken)) })
			b.Run("PostgreSQL", func(b *testing.B) {
				opt := ledger.Options{KeyFile: filepath.Join(b.TempDir(), "key")}
				sendBooked(b, url, newBenchIn(b, b.N, url, ledgertest.NewCluster(b).Database(), opt, anyToken))
			})
		})
	}
}

// sendBooked sends s as a run is sent.
func sendBooked(b *testing.B, url string, s *bench) {
	place, err := connect.ParseEndpoint(url)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	if stop := s.send(context.Background(), func(c *submit.Config) {
		c.Workers, c.Observe, c.Pace = submit.MaxWorkers, nil, s.ledger.Pace(place.Host)
	}); stop != nil {
		b.Fatal(stop)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}

func anyToken() string { return "" }

// sendBare sends b.N orders, and books nothing.
func sendBare(b *testing.B, url string) {
	s := newBenchAt(b, 1, url, anyToken)
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	rows := make(chan int)
	for range submit.MaxWorkers {
		wg.Go(func() {
			conn, err := s.client.Dial(context.Background())
			if err != nil {
				b.Error(err)
				for range rows {
				}
				return
			}
			defer conn.Close()
			for n := range rows {
				if o := conn.CreateOrder(context.Background(), fmt.Sprint("bare-", n), order(n)); o.Verdict != connect.Ordered {
					b.Errorf("%+v", o)
				}
			}
		})
	}
	for n := range b.N {
		rows <- n
	}
	close(rows)
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}

// BenchmarkRate tells how near the average comes to --rate 50, and the most orders in any second.
func BenchmarkRate(b *testing.B) {
	const rate = 50
	const orders = 300
	peak := 0
	for b.Loop() {
		s := newBench(b, orders, connecttest.Options{})
		s.send(context.Background(), func(c *submit.Config) { c.Rate, c.Workers = rate, 16 })
		peak = max(peak, s.server.PeakPerSecond())
	}
	b.ReportMetric(100*float64(b.N*(orders-1))/b.Elapsed().Seconds()/rate, "%_of_rate")
	b.ReportMetric(float64(peak), "peak/s")
}

// A row that waits for its slot is claimed already: whoever ends the process now leaves it in doubt, and is told so.
func TestUnderWayFromTheClaimOn(t *testing.T) {
	b := newBench(t, 4, connecttest.Options{})
	var underWay submit.UnderWay
	missed, seen := 0, 0
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.send(context.Background(), func(c *submit.Config) { c.Rate, c.Workers, c.UnderWay = 2, 1, &underWay })
	}()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		case <-time.After(time.Millisecond):
		}
		before := underWay.Rows()
		for row, err := range b.ledger.Rows(context.Background(), b.run) {
			if err != nil {
				t.Fatal(err)
			}
			if row.State != ledger.Sending {
				continue
			}
			if after := underWay.Rows(); slices.Contains(before, row.Number) || slices.Contains(after, row.Number) {
				seen++
			} else {
				missed++
			}
		}
	}
	if missed >= seen { // on a busy machine a look may take longer than a row
		t.Errorf("%d looks at rows being sent found them under way, %d did not", seen, missed)
	}
}

// A row is under way from its claim to its answer, also where an earlier attempt, which was refused whole, is booked meanwhile.
func TestUnderWayAgain(t *testing.T) {
	const rows = 40
	var underWay submit.UnderWay
	var ids, tokens, missing atomic.Int64
	var refused sync.Map
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var order connect.CreateOrderRequest
		if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
			t.Error(err)
		}
		if _, again := refused.LoadOrStore(order.Data["email"], true); !again {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		time.Sleep(20 * time.Millisecond)
		var n int
		if _, err := fmt.Sscanf(order.Data["email"], "asa%d@", &n); err != nil {
			t.Error(err)
		}
		if !slices.Contains(underWay.Rows(), n+2) {
			missing.Add(1)
		}
		id := ids.Add(1)
		fmt.Fprintf(w, `{"orderID":%d,"orderNumber":"A%d"}`, id, id)
	}))
	defer server.Close()
	b := newBenchAt(t, rows, server.URL, func() string { return fmt.Sprint("token-", tokens.Add(1)) })
	stop := b.send(context.Background(), func(c *submit.Config) { c.UnderWay = &underWay; c.ShortPauses(time.Millisecond) })
	if stop != nil || ids.Load() != rows {
		t.Fatalf("%v, %d orders", stop, ids.Load())
	}
	if n := missing.Load(); n > 0 {
		t.Errorf("%d orders were at the server and not under way", n)
	}
	if left := underWay.Rows(); len(left) > 0 {
		t.Errorf("still under way: %v", left)
	}
}

// What the API says beside an order's number is the row's to tell: it is ordered, and somebody may have to ask.
func TestWordsBesideANumber(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"orderID":7,"orderNumber":"A3-7","success":false,"error":"customer blocked, order not placed"}`)
	}))
	defer server.Close()
	b := newBenchAt(t, 1, server.URL, anyToken)
	if stop := b.send(context.Background(), nil); stop != nil {
		t.Errorf("stopped by %+v", stop)
	}
	for row, err := range b.ledger.Rows(context.Background(), b.run) {
		if err != nil {
			t.Fatal(err)
		}
		if row.State != ledger.Ordered || row.OrderNumber != "A3-7" || row.Message != "customer blocked, order not placed" {
			t.Errorf("%+v", row)
		}
	}
	if err := b.ledger.Verify(context.Background()); err != nil {
		t.Error(err)
	}
}
