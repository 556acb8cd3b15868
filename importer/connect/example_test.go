package connect_test

import (
	"context"
	"fmt"

	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
)

func Example() {
	ctx := context.Background()
	sandbox, err := connecttest.Start(connecttest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer sandbox.Close()

	client, err := connect.NewClient(connect.Config{
		Endpoint: connect.Endpoint{URL: sandbox.URL(), Host: "sandbox"},
		Token:    connect.NewToken("any-token"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	schema, err := client.GetPackageSchema(ctx, 2001)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schema.Name, schema.Products)

	conn, err := client.Dial(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	order := connect.CreateOrderRequest{PredefinedPackageID: 2001, CustomerNumber: "100200", Data: map[string]string{
		"firstname": "Åsa", "lastname": "Öberg", "email": "asa.oberg@example.se", "userGroup1": "Säljj",
	}}
	for _, group := range []string{"Säljj", "Försäljning"} {
		order.Data["userGroup1"] = group
		body, err := order.Encode()
		if err != nil {
			fmt.Println(err)
			return
		}
		outcome := conn.CreateOrder(ctx, "request-1", body)
		fmt.Println(outcome.Verdict, outcome.Message, outcome.Result.OrderID > 0)
	}
	// Output:
	// Anknytning [Anknytning Softphone]
	// Rejected userGroup1: "Säljj" is not one of Ekonomi, Försäljning, HR, IT, Kundtjänst, Lager & Logistik false
	// Ordered  true
}
