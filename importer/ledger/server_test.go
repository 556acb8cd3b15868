package ledger_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
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
		h.address = h.cluster.Database()
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
			time.Sleep(200 * time.Millisecond)
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
	a, b := h.join(), h.join()
	_, rows := sending(t, b, 1, 0)
	stage, err := a.Stage(ctx, ledger.Run{Host: "https://api.example.se"})
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(900*time.Millisecond, func() { stage.Rollback() })
	if state, err := b.Claim(ctx, rows[0].ID, "request-2", time.Now()); state != ledger.Sending || err != nil {
		t.Errorf("claimed: %s, %v", state, err)
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
