package submit_test

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/submit"
)

// Ctrl-C drains: no further row is taken, and the answers under way are waited for.
func ExampleSend() {
	send := func(lg *ledger.Ledger, client *connect.Client, run string) error {
		ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
		defer cancel()
		stop, err := submit.Send(ctx, submit.Config{
			Ledger: lg, Client: client, Run: run, Rate: submit.DefaultRate, StopAfterDoubts: submit.DefaultDoubts,
			Observe: func(e submit.Event) {
				if e.Kind == submit.Booked {
					fmt.Println("row", e.Row, e.State, e.Number)
				}
			},
		})
		if stop != nil {
			fmt.Println("rows are left:", stop.Code, stop.Message)
		}
		return err
	}
	_ = send
}
