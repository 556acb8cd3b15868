package submit

import (
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
)

// ShortPauses makes the shortest pause d instead of a second, and all of our own as much shorter.
func (c *Config) ShortPauses(d time.Duration) { c.shortest = d }

// Clock makes now the wall clock that an intent's age is read from.
func (c *Config) Clock(now func() time.Time) { c.clock = now }

// MaxUnwritten is how many attempts of one row may come to nothing without a byte written.
const MaxUnwritten = maxUnwritten

// Stale are the words for an order that was given back since its connection or its intent was no longer fresh.
var Stale = unsent(stale).Said

// AfterMissing reports whether an order whose slot passed so long ago gets another one.
func AfterMissing(t *testing.T, client *connect.Client, shared *ledger.Pace, ago time.Duration) bool {
	t.Helper()
	conn, err := client.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	w := worker{pool: &pool{cfg: Config{Client: client, clock: time.Now}, gate: newGate(1, shortestPause), pace: newPacer(5, shared)}, conn: conn, lead: lead}
	w.enter()
	now := time.Now()
	if _, err := w.obstacle(t.Context(), now.Add(-ago), now); err != nil {
		t.Fatal(err)
	}
	return w.lead > lead
}
