package submit_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/ledger/ledgertest"
	"orderimport/importer/submit"
)

// TestSlowLedger sends with a ledger that takes longer over each claim than a connection may lie idle and a slot may be late: slowly, but
// the orders leave.
func TestSlowLedger(t *testing.T) {
	t.Parallel()
	address := ledgertest.NewCluster(t).Database()
	lg, err := ledger.Open(t.Context(), address, ledger.Options{KeyFile: filepath.Join(t.TempDir(), "key")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lg.Close() })
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, query := range []string{
		`CREATE FUNCTION orderimport.slowly() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN IF NEW.state = 'sending' THEN PERFORM pg_sleep(1.2); END IF; RETURN NEW; END $$`,
		`CREATE TRIGGER slowly BEFORE UPDATE ON orderimport.orders FOR EACH ROW EXECUTE FUNCTION orderimport.slowly()`,
	} {
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	for name, shared := range map[string]bool{"alone": false, "beside other hosts": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 0, connecttest.Options{})
			b.ledger = lg
			place, err := connect.ParseEndpoint(b.server.URL())
			if err != nil {
				t.Fatal(err)
			}
			b.run = b.stage(place, 2)
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second) // then it drains
			defer cancel()
			stop := b.send(ctx, func(c *submit.Config) {
				c.Rate, c.Workers = 5, 2
				if shared {
					c.Pace = lg.Pace(place.Host)
				}
			})
			if stop != nil {
				t.Errorf("stopped by %+v", stop)
			}
			b.totals(ledger.Totals{ledger.Ordered: 2})
		})
	}
}
