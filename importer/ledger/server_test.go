package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/ledger/ledgertest"
)

// TestServer keeps a shared ledger on servers that are set up in ways of their own.
func TestServer(t *testing.T) {
	cluster := ledgertest.NewCluster(t)
	for name, test := range map[string]func(*testing.T, *hosts){
		"other defaults of a transaction": otherDefaults,
		"time limits of the server's own": timeLimits,
		"another encoding":                otherEncoding,
		"a user of no rank":               plainUser,
		"long texts":                      longTexts,
		"a long stage":                    longStage,
		"a replica takes over":            promotedReplica,
		"its files are put back":          putBack,
		"it is gone":                      lostDatabase,
		"every broken rule is found":      brokenRules,
		"hosts begin it at once":          begunAtOnce,
		"a ledger that has grown":         grownLedger,
	} {
		t.Run(name, func(t *testing.T) {
			test(t, &hosts{t: t, cluster: cluster, address: cluster.Database(), key: filepath.Join(t.TempDir(), "ledger.key")})
		})
	}
}

// name of the database that an address ends with.
func (h *hosts) name() string {
	name := h.address[strings.LastIndex(h.address, "/")+1:]
	name, _, _ = strings.Cut(name, "?")
	return name
}

// otherDefaults: of two claims for one person the second waits for the first and sees it, whatever view of the database is usual there.
func otherDefaults(t *testing.T, h *hosts) {
	ctx := context.Background()
	for _, setting := range []string{"default_transaction_isolation = 'repeatable read'", "default_transaction_isolation = 'serializable'", "default_transaction_read_only = on", "client_encoding = latin1"} {
		h.address, h.key = h.cluster.Database(), filepath.Join(t.TempDir(), "ledger.key")
		h.cluster.Exec(h.address, `ALTER DATABASE `+h.name()+` SET `+setting)
		a, b := h.join(), h.join()
		var rows [2]ledger.Row
		for i, l := range []*ledger.Ledger{a, b} {
			run := stagePeople(t, l, someone{"4711", "åsa@example.se", "", fmt.Sprint("Ł", i), ledger.Ready, connect.NotSent})
			if err := l.SetRunState(ctx, run, ledger.RunRunning); err != nil {
				t.Fatal(err)
			}
			ready, err := l.Ready(ctx, run, 0, 1)
			if err != nil || len(ready) != 1 {
				t.Fatal(ready, err)
			}
			rows[i] = ready[0]
		}
		states := make(chan ledger.State)
		ledger.WhileWriting(a, func() {
			for i, l := range []*ledger.Ledger{a, b} {
				go func() {
					state, err := l.Claim(ctx, rows[i].ID, fmt.Sprint("request", i), time.Now())
					if err != nil {
						t.Errorf("%s: %v", setting, err)
					}
					states <- state
				}()
			}
			select {
			case state := <-states:
				t.Errorf("%s: %s while another host writes", setting, state)
			case <-time.After(200 * time.Millisecond):
			}
		})
		if one, other := <-states, <-states; one == other || one != ledger.Sending && other != ledger.Sending {
			t.Errorf("%s: claimed: %q and %q", setting, one, other)
		}
		a.Close()
		b.Close()
	}
}

// timeLimits: what a server does to ordinary programs must not end a sending.
func timeLimits(t *testing.T, h *hosts) {
	ctx := context.Background()
	for _, setting := range []string{"statement_timeout = 300", "lock_timeout = 300", "idle_session_timeout = 300", "idle_in_transaction_session_timeout = 300"} {
		h.cluster.Exec(h.address, `ALTER DATABASE `+h.name()+` SET `+setting)
	}
	b := h.join()
	_, rows := sending(t, b, 1, 0)
	claimed := make(chan error)
	ledger.WhileWriting(b, func() {
		go func() {
			_, err := b.Claim(ctx, rows[0].ID, "request-2", time.Now())
			claimed <- err
		}()
		time.Sleep(900 * time.Millisecond)
	})
	if err := <-claimed; err != nil {
		t.Errorf("claimed: %v", err)
	}
	time.Sleep(600 * time.Millisecond)
	if state, err := finish(b, rows[0], ordered(1)); state != ledger.Ordered || err != nil {
		t.Errorf("finished: %s, %v", state, err)
	}
	if _, err := b.Runs(ctx); err != nil {
		t.Error(err)
	}
}

func otherEncoding(t *testing.T, h *hosts) {
	h.address = h.cluster.Database("ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
	_, err := h.open()
	wantError(t, err, "LATIN1")
}

// plainUser owns the database and has no right beside that.
func plainUser(t *testing.T, h *hosts) {
	ctx := context.Background()
	h.cluster.Exec(h.address, `CREATE ROLE plain LOGIN`, `ALTER DATABASE `+h.name()+` OWNER TO plain`)
	h.address = strings.Replace(h.address, "test@", "plain@", 1)
	a, b := h.join(), h.join()
	run, rows := sending(t, a, 3, 2)
	if _, err := finish(a, rows[0], ordered(1)); err != nil {
		t.Error(err)
	}
	wantTotals(t, b, run, ledger.RunRunning, ledger.Totals{ledger.Ordered: 1, ledger.Sending: 1, ledger.Ready: 1})
	if err := b.Verify(ctx); err != nil {
		t.Error(err)
	}
	if _, err := b.Purge(ctx, time.Now().Add(time.Hour), "anna@ho"); err != nil {
		t.Error(err)
	}
}

// longTexts are what an API in disorder may answer, and what may stand in a cell.
func longTexts(t *testing.T, h *hosts) {
	ctx := context.Background()
	a := h.join()
	long := func(n int) string { // no repetition, which would be packed
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "%x", uint64(i+1)*0x9E3779B97F4A7C15)
		}
		return b.String()[:n]
	}
	stage, err := a.Stage(ctx, ledger.Run{Host: "https://api.example.se"})
	if err != nil {
		t.Fatal(err)
	}
	defer stage.Rollback()
	row := ledger.Row{Number: 2, State: ledger.Invalid, Customer: long(32_767), Reason: long(100_000)}
	if err := stage.Add(ctx, &row); err != nil {
		t.Error(err)
	}
	if err := stage.Commit(ctx, ledger.Run{Host: "https://api.example.se"}); err != nil {
		t.Error(err)
	}
	stage.Rollback()
	_, rows := sending(t, a, 4, 4)
	odd := "\x00\xff\U0001F4DE – "
	for i, answer := range []struct {
		connect.Outcome
		want ledger.State
	}{
		{connect.Outcome{Verdict: connect.Ordered, Status: 200, Result: connect.CreateOrderResult{OrderID: 1, OrderNumber: long(1_000_000)}}, ledger.InDoubt},
		{connect.Outcome{Verdict: connect.Ordered, Status: 200, Result: connect.CreateOrderResult{OrderID: 1<<63 - 1, OrderNumber: odd + long(480)}}, ledger.Ordered},
		{connect.Outcome{Verdict: connect.Rejected, Status: 400, Reason: odd, Message: odd + long(1_000_000)}, ledger.Rejected},
		{connect.Outcome{Verdict: connect.InDoubt, Status: 1 << 30, Reason: odd, Message: odd}, ledger.InDoubt},
	} {
		if state, err := finish(a, rows[i], answer.Outcome); state != answer.want || err != nil {
			t.Errorf("answer %d: %s, %v", i, state, err)
		}
	}
	if err := a.Verify(ctx); err != nil {
		t.Error(err)
	}
}

// longStage: a host that reads a file, however slowly, keeps no other from sending.
func longStage(t *testing.T, h *hosts) {
	ctx := context.Background()
	a, b := h.join(), h.join()
	_, rows := sending(t, b, 3, 0)
	run := ledger.Run{Host: "https://new.example.se"}
	var stages []*ledger.Stage
	for i, l := range []*ledger.Ledger{a, b} {
		stage, err := l.Stage(ctx, run)
		if err != nil {
			t.Fatal(err)
		}
		defer stage.Rollback()
		stages = append(stages, stage)
		for j, customer := range []string{"1", "2"} { // each host begins with another one
			row := ledger.Row{Number: 2 + j, State: ledger.Skipped, Customer: customer}
			if i == 1 {
				row.Customer = []string{"2", "1"}[j]
			}
			if err := stage.Add(ctx, &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	soon, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for _, row := range rows {
		if state, err := b.Claim(soon, row.ID, fmt.Sprint("request-", row.Number), time.Now()); state != ledger.Sending || err != nil {
			t.Fatalf("claimed: %s, %v", state, err)
		}
		if state, err := finish(b, row, ordered(row.Number)); state != ledger.Ordered || err != nil {
			t.Fatalf("finished: %s, %v", state, err)
		}
	}
	time.Sleep(2 * shortLease)
	for _, stage := range stages {
		row := ledger.Row{Number: 9, State: ledger.Skipped, Customer: "3"}
		if err := stage.Add(ctx, &row); err != nil {
			t.Error(err)
		}
		if err := stage.Commit(ctx, run); err != nil {
			t.Error(err)
		}
		wantTotals(t, a, stage.ID(), ledger.RunStaged, ledger.Totals{ledger.Skipped: 3})
	}
	if err := a.Verify(ctx); err != nil {
		t.Error(err)
	}
}

// promotedReplica takes over when its server fails, and may lack what that told last.
func promotedReplica(t *testing.T, h *hosts) {
	a := h.join()
	run, _ := sending(t, a, 3, 1)
	replica := h.cluster.Replica()
	a.Close()
	// While it follows, it is there to be read, and where it is named beside its server that is used.
	here, there := h.address, replica.Address(h.address)
	h.address = there
	_, err := h.open()
	wantError(t, err, "is a replica")
	server := func(address string) string {
		return address[strings.Index(address, "@")+1 : strings.LastIndex(address, "/")]
	}
	h.address = strings.Replace(here, server(here), server(there)+","+server(here), 1)
	h.join().Close()
	h.address = here
	h.address = replica.Promote(h.address)
	_, err = h.open()
	wantError(t, err, "is a copy")
	held, err := ledger.Adopt(context.Background(), h.address, ledger.Adoption{By: "anna@ho", Reason: "the server was lost"}, ledger.Options{KeyFile: h.key})
	if held != 2 || err != nil {
		t.Errorf("held %d, %v", held, err)
	}
	wantTotals(t, h.join(), run, ledger.RunStopped, ledger.Totals{ledger.InDoubt: 1, ledger.Held: 2})
}

// putBack: who has seen the server later than its files are notices, and says so until somebody has taken them over.
func putBack(t *testing.T, h *hosts) {
	ctx := context.Background()
	h.cluster = ledgertest.NewCluster(t) // small, so that it is up again soon
	h.address = h.cluster.Database()
	a := h.join()
	other := *h
	run, rows := sending(t, a, 5, 1)
	a.Close()
	data, err := os.ReadFile(h.key)
	must(t, err)
	other.key = filepath.Join(t.TempDir(), "ledger.key")
	must(t, os.WriteFile(other.key, data, 0o600))
	putBack := h.cluster.Snapshot()

	a = h.join()
	must(t, other.join().Close()) // it has seen the server as late, and orders nothing
	must(t, a.SetRunState(ctx, run, ledger.RunRunning))
	for i, row := range rows[1:3] {
		state, err := a.Claim(ctx, row.ID, fmt.Sprint("request-", row.Number), time.Now())
		if must(t, err); state != ledger.Sending {
			t.Fatal(state)
		}
		_, err = finish(a, row, ordered(i+1))
		must(t, err)
	}
	time.Sleep(shortLease / 2) // a beat of its heart later
	ledger.Crash(a)
	putBack()
	for _, host := range []*hosts{h, &other} {
		_, err = host.open()
		wantError(t, err, "put back from a copy")
	}
	held, err := ledger.Adopt(ctx, h.address, ledger.Adoption{By: "anna@ho", Reason: "the disk was lost"}, ledger.Options{KeyFile: h.key})
	if held != 4 || err != nil {
		t.Errorf("held %d, %v", held, err)
	}
	wantTotals(t, h.join(), run, ledger.RunStopped, ledger.Totals{ledger.InDoubt: 1, ledger.Held: 4})
	other.join()
	h.cluster.Stop("immediate") // which is no reason to refuse it
	h.cluster.Start()
	h.join()
	other.join()
}

// lostDatabase: an empty database of the name, or of a name that was misspelt, is no new ledger to a host that had one.
func lostDatabase(t *testing.T, h *hosts) {
	a := h.join()
	stageRows(t, a, 1)
	must(t, a.Close())
	there := h.address
	h.address = h.cluster.Database()
	_, err := h.open()
	wantError(t, err, "is gone")
	other := *h // has the key, and never had the ledger
	other.key = filepath.Join(t.TempDir(), "ledger.key")
	data, err := os.ReadFile(h.key)
	must(t, err)
	must(t, os.WriteFile(other.key, data, 0o600))
	must(t, other.join().Close())
	_, err = h.open()
	wantError(t, err, "is a copy")
	h.address = there
	h.join()
}

// brokenRules is TestVerify of a shared ledger.
func brokenRules(t *testing.T, h *hosts) {
	ctx := context.Background()
	a := h.join()
	must(t, ledger.Exec(a, `
		SET session_replication_role = replica;
		DROP INDEX orders_identity; DROP INDEX orders_number; DROP INDEX orders_order_id;
		DO $$ DECLARE c record; BEGIN
			FOR c IN SELECT conname, conrelid::regclass AS name FROM pg_constraint WHERE contype = 'c' AND connamespace = 'orderimport'::regnamespace LOOP
				EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.name, c.conname);
			END LOOP;
		END $$`))
	for _, test := range append(breakages, breakage{"nobody sends it", `UPDATE runs SET state = 'running'`, "belongs to a session"}) {
		stageRows(t, a, 3)
		must(t, ledger.Exec(a, strings.ReplaceAll(test.query, "ROW", "(SELECT first FROM runs)")))
		err := ledgertest.Check(ctx, a)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
		must(t, ledger.Exec(a, `TRUNCATE hosts, accounts, runs, orders, contents, identifiers, attempts, verdicts`))
	}
}

// grownLedger: what a move takes does not grow with the ledger, and what Verify takes grows no faster.
func grownLedger(t *testing.T, h *hosts) {
	const n = 20_000
	a := h.join()
	stageRows(t, a, 1)
	must(t, ledger.Exec(a, fmt.Sprintf(`
		SET work_mem = '64kB';
		INSERT INTO orders (id, run, number, host, account, package, fingerprint, occurrence, override, state, takes, reason, message, order_id, order_number, request_id, sent_at)
			SELECT first + i, runs.id, i + 2, runs.host, accounts.id, 1001, decode(md5(i::text), 'hex'), 1, 0, 'ordered', 1, '', '', i, 'A3-' || i, 'r' || i, 1
			FROM runs, accounts, generate_series(1, %d) i;
		INSERT INTO contents SELECT id, 'x'::bytea FROM orders WHERE order_id IS NOT NULL;
		INSERT INTO identifiers SELECT id, fingerprint FROM orders WHERE order_id IS NOT NULL;
		UPDATE runs SET count = %d;
		ANALYZE`, n, n+1)))
	must(t, ledgertest.Check(context.Background(), a))
	moves, rules, err := ledger.Plans(a)
	must(t, err)
	if len(moves) < 10 {
		t.Errorf("only %d statements", len(moves))
	}
	for _, plan := range moves {
		if plan.Cost > 200 {
			t.Errorf("costs %.0f: %s", plan.Cost, plan.Text)
		}
	}
	for _, plan := range rules {
		if plan.Cost > n {
			t.Errorf("costs %.0f: %s", plan.Cost, plan.Text)
		}
	}
}

// begunAtOnce: of hosts that open a new ledger at the same moment one makes it; the others have its key, or are refused.
func begunAtOnce(t *testing.T, h *hosts) {
	for _, oneKey := range []bool{true, false} {
		h.address = h.cluster.Database()
		folder := t.TempDir()
		var opened, refused, absent atomic.Int32
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				key := filepath.Join(folder, "ledger.key")
				if !oneKey {
					key += fmt.Sprint(i)
				}
				l, err := ledger.Open(context.Background(), h.address, ledger.Options{KeyFile: key, ReadOnly: i >= 4})
				switch {
				case err == nil:
					opened.Add(1)
					if err := errors.Join(l.Verify(context.Background()), l.Close()); err != nil {
						t.Error(err)
					}
				case errors.Is(err, fs.ErrNotExist) && i >= 4:
					absent.Add(1)
				default:
					refused.Add(1)
					wantError(t, err, "is missing")
				}
			})
		}
		all.Wait()
		if n := opened.Load(); oneKey && n+absent.Load() != 8 || !oneKey && n != 1 {
			t.Errorf("one key %v: %d opened it, %d were refused", oneKey, n, refused.Load())
		}
	}
}
