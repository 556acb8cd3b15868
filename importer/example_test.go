package importer_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"orderimport/importer"
	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/submit"
)

// The whole way: read, fit, stage, send, and every row's end from the ledger.
func Example() {
	ctx := context.Background()
	server, err := connecttest.Start(connecttest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	endpoint, err := connect.ParseEndpoint(server.URL())
	if err != nil {
		log.Fatal(err)
	}
	client, err := connect.NewClient(connect.Config{Endpoint: endpoint, Token: connect.NewToken("token")})
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "orderimport-example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "people.csv")
	if err := os.WriteFile(file, []byte("Förnamn;Efternamn;E-post;Avdelning\nÅsa;Öberg;asa@example.se;IT\nBo;Ek;bo.example.se;HR\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	profile, err := mapping.ParseProfile("", []byte(`{version: 1, package: Anknytning, customer: "100200",
		fields: {firstname: Förnamn, lastname: Efternamn, email: E-post, userGroup1: Avdelning}}`))
	if err != nil {
		log.Fatal(err)
	}

	plan, err := importer.Read(importer.Job{File: file, Profile: profile, Now: time.Now()})
	if err != nil {
		log.Fatal(err)
	}
	defer plan.Close()
	catalogue, err := importer.NewCatalogue(ctx, client)
	if err != nil {
		log.Fatal(err)
	}
	if err := plan.Fit(ctx, catalogue, endpoint); err != nil {
		log.Fatal(err)
	}
	lg, err := ledger.Open(ctx, filepath.Join(dir, "ledger.db"), ledger.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer lg.Close()
	run, _, err := plan.Stage(ctx, lg, importer.Seal{SkipInvalid: true}, func(*importer.Row) error { return nil })
	if err != nil {
		log.Fatal(err)
	}
	sending, err := importer.Sendable(ctx, lg, client, endpoint, run, 0)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := sending.Submit(ctx, submit.Config{Rate: submit.DefaultRate}); err != nil {
		log.Fatal(err)
	}
	_, summary, rows, err := importer.Result(ctx, lg, run)
	if err != nil {
		log.Fatal(err)
	}
	for row, err := range rows {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.Number, row.State)
	}
	fmt.Println(summary.Totals.Rows(), "rows,", len(server.Audit()), "order")
	// Output:
	// 2 ordered
	// 3 invalid
	// 2 rows, 1 order
}
