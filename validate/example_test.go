package validate_test

import (
	"fmt"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
	"orderimport/validate"
)

func Example() {
	schema := &connect.OrderSchema{PredefinedPackageID: 1001, Data: []connect.OrderDataItem{
		{Name: "phoneNumber", Type: "Phone"},
		{Name: "userGroup1", Type: "String", Required: true, AllowedValues: []string{"Ekonomi", "Försäljning"}},
	}}
	record := mapping.Record{
		Row:     &sheet.Row{Number: 4},
		Package: "1001", PackageColumn: -1, Schema: schema,
		Customer: "100200", CustomerColumn: -1,
		Values: []mapping.Value{
			{Text: "070-123 45 67", Origin: mapping.FromColumn, Kind: sheet.Text, Column: 4},
			{Text: "Säljj", Origin: mapping.FromColumn, Kind: sheet.Text, Column: 5},
		},
	}
	columns := []string{"Anställningsnr", "Förnamn", "Efternamn", "E-post", "Mobil", "Avdelning"}
	checker, err := validate.New(time.Now(), columns, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range checker.Check(&record, nil) {
		fmt.Println(f.Cell, f.Message(validate.English))
	}
	fmt.Println(record.Values[0].Text)
	// Output:
	// F4 Avdelning: "Säljj" is not an allowed value; allowed are Ekonomi, Försäljning; did you mean "Försäljning"?
	// +46701234567
}
