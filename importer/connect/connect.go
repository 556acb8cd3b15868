// Package connect is the client of the Connect API: its three methods, its types under their own names, and every
// reply or failure classified into one Outcome.
//
// Its promise: one call of [Conn.CreateOrder] delivers the order at most once, and says Ordered only on a whole, well-formed
// CreateOrderResult, NotSent only on proof that nothing was processed, and InDoubt for all else. To keep it, orders leave over
// HTTP/1.1 on connections that the package dials itself ([Client.Dial]), on which nothing is ever repeated, redirected or
// pooled, and whose written bytes are counted above TLS before they are handed down.
//
// The safe calls, [Client.GetPackages] and [Client.GetPackageSchema], are lenient in what they read and are retried.
package connect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

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

// Encode gives the bytes that [Conn.CreateOrder] sends. The same request always gives the same bytes: keys are sorted, and
// &, < and > stand as they are. Text that is not UTF-8 is an error, since encoding it would change it silently.
func (r CreateOrderRequest) Encode() ([]byte, error) {
	if !utf8.ValidString(r.CustomerNumber) {
		return nil, fmt.Errorf("customerNumber: %q is not UTF-8", r.CustomerNumber)
	}
	for key, value := range r.Data {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, fmt.Errorf("data: field %q: key or value is not UTF-8", key)
		}
	}
	if r.Data == nil {
		r.Data = map[string]string{}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		return nil, fmt.Errorf("encode order: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// CreateOrderResult is the API's word that an order exists.
type CreateOrderResult struct {
	OrderID     int64  `json:"orderID"`
	OrderNumber string `json:"orderNumber"`
}
