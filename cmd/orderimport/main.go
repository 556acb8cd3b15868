// Command orderimport orders one package for each row of a spreadsheet through the Connect API: it reads the sheet, maps its
// columns to the package's fields, checks every row in a dry run, sends the orders through a rate-limited pool with a durable
// ledger, and writes a result sheet with an order number or an error for each row.
//
// It never orders a row twice by itself, never loses one, and says "in doubt" where that is the truth.
package main

import (
	"context"
	"io"
	"log"
	"os"
)

func main() {
	// net/http logs replies that nobody asked for, bytes and all; what they say may be personal.
	log.SetOutput(io.Discard)
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
