// Package connect is the client of the Connect API: its three methods, its types under their own names, and every
// reply or failure classified into one Outcome.
package connect

// GetPackageResult is one package that the user may order.
type GetPackageResult struct {
	PredefinedPackageID int64  `json:"predefinedPackageID"`
	Name                string `json:"name"`
}

// OrderSchema says what a package holds and which fields an order of it needs.
type OrderSchema struct {
	PredefinedPackageID int64           `json:"predefinedPackageID"`
	Name                string          `json:"name"`
	Products            []string        `json:"products"`
	Data                []OrderDataItem `json:"data"`
}

// OrderDataItem is one field of an order.
type OrderDataItem struct {
	Name          string   `json:"name"`          // the key to use in CreateOrderRequest.Data
	Type          string   `json:"type"`          // the vendor does not say which words it can hold
	DefaultValue  string   `json:"defaultValue"`  // set by the server where CreateOrder gives no value; "" is none
	Required      bool     `json:"required"`      //
	AllowedValues []string `json:"allowedValues"` // empty: any
}

// CreateOrderRequest orders one package for one customer. Every value is sent as a JSON string.
type CreateOrderRequest struct {
	PredefinedPackageID int64             `json:"predefinedPackageID"`
	CustomerNumber      string            `json:"customerNumber"`
	Data                map[string]string `json:"data"`
}

// CreateOrderResult is the API's word that an order exists.
type CreateOrderResult struct {
	OrderID     int64  `json:"orderID"`
	OrderNumber string `json:"orderNumber"`
}
