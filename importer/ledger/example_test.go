package ledger_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
)

func Example() {
	dir, err := os.MkdirTemp("", "ledger")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	l, err := ledger.Open(ctx, filepath.Join(dir, "ledger.db"), ledger.Options{})
	if err != nil {
		panic(err)
	}
	defer l.Close()

	// A run of one order is stored whole, or not at all.
	run := ledger.Run{File: "/in/hr-export.csv", Host: "https://api.example.se", Package: 1001}
	stage, err := l.Stage(ctx, run)
	if err != nil {
		panic(err)
	}
	defer stage.Rollback()
	row := ledger.Row{Number: 2, State: ledger.Ready, Package: 1001, Customer: "100200", Payload: []byte(`{"predefinedPackageID":1001}`),
		Fingerprint: l.Hasher().Fingerprint(run.Host, "100200", 1001, []ledger.Field{{Name: "firstname", Value: "Åsa"}}), Occurrence: 1}
	if err := stage.Add(ctx, &row); err != nil {
		panic(err)
	}
	if err := stage.Commit(ctx, run); err != nil {
		panic(err)
	}

	// The intent is durable before the order leaves, its outcome when done is called.
	if err := l.SetRunState(ctx, stage.ID(), ledger.RunRunning); err != nil {
		panic(err)
	}
	state, err := l.Claim(ctx, row.ID, "request-1", time.Now())
	if err != nil {
		panic(err)
	}
	fmt.Println(state)
	booked := make(chan struct{})
	outcome := connect.Outcome{Verdict: connect.Ordered, Status: 200, Result: connect.CreateOrderResult{OrderID: 500001, OrderNumber: "A3-0500001"}}
	l.Finish(row.ID, "request-1", outcome, func(state ledger.State, err error) {
		fmt.Println(state, err)
		close(booked)
	})
	<-booked

	// From now on the same order is known.
	twins, err := l.Twins(ctx, row.Fingerprint, 1, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(twins[0].State, twins[0].OrderNumber)
	// Output:
	// sending
	// ordered <nil>
	// ordered A3-0500001
}
