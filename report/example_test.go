package report_test

import (
	"fmt"
	"os"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/importer/sheet"
	"orderimport/report"
	"orderimport/validate"
)

func ExampleNew() {
	head := importer.Head{Run: "r7k2m9x4tq", File: "nya.csv", Endpoint: "https://connect-api-staging.a3.se", Columns: []string{"Förnamn"}}
	w, err := report.New(report.JSON, os.Stdout, head, validate.Swedish)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Abort()
	err = w.Add(&importer.Row{
		Number: 2, State: ledger.Ordered, Package: 1001, Customer: "100200", Cells: []sheet.Cell{{Text: "Åsa", Kind: sheet.Text}},
		OrderID: 500001, OrderNumber: "A3-0500001",
	})
	if err == nil {
		err = w.Close(importer.Summary{Package: 1001, Totals: ledger.Totals{ledger.Ordered: 1}})
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// {"run": "r7k2m9x4tq",
	//  "file": "nya.csv",
	//  "sha256": "",
	//  "package": 1001,
	//  "endpoint": "https://connect-api-staging.a3.se",
	//  "dryRun": false,
	//  "totals": {"rows":1,"notSent":0,"sending":0,"ordered":1,"rejected":0,"inDoubt":0,"invalid":0,"held":0,"duplicate":0,"skipped":0,"closed":0},
	//  "rows": [
	//   {"row":2,"package":1001,"customer":"100200","status":"ordered","orderID":500001,"orderNumber":"A3-0500001","findings":[]}
	//  ]}
}
