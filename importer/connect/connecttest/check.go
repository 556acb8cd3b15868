package connecttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"time"
)

// orderRequest is a CreateOrderRequest as it is received.
type orderRequest struct {
	PredefinedPackageID int64             `json:"predefinedPackageID"`
	CustomerNumber      string            `json:"customerNumber"`
	Data                map[string]string `json:"data"`
}

// check reads an order, checks it against its package's schema and fills in the defaults. The error is what the API would say.
func (c *catalogue) check(body []byte) (*orderRequest, error) {
	var order orderRequest
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&order); err != nil {
		return nil, fmt.Errorf("the order is not valid JSON of a CreateOrderRequest: %w", err)
	}
	if decoder.More() {
		return nil, fmt.Errorf("the order is followed by more data")
	}
	s := c.schemas[order.PredefinedPackageID]
	if s == nil {
		return nil, fmt.Errorf("predefinedPackageID: there is no package %d", order.PredefinedPackageID)
	}
	if strings.TrimSpace(order.CustomerNumber) == "" {
		return nil, fmt.Errorf("customerNumber: a value is required")
	}
	unknown := ""
	for name := range order.Data {
		if s.byName[name] == nil && (unknown == "" || name < unknown) { // the same one every time
			unknown = name
		}
	}
	if unknown != "" {
		return nil, fmt.Errorf("%s: package %d has no such field", unknown, order.PredefinedPackageID)
	}
	if order.Data == nil {
		order.Data = make(map[string]string, len(s.Data))
	}
	for i := range s.Data {
		item := &s.Data[i]
		value := order.Data[item.Name]
		if value == "" && item.DefaultValue != "" {
			value = item.DefaultValue
			order.Data[item.Name] = value
		}
		if value == "" {
			if item.Required {
				return nil, fmt.Errorf("%s: a value is required", item.Name)
			}
			continue
		}
		if allowed := s.allowed[item.Name]; allowed != nil && !allowed[value] {
			return nil, fmt.Errorf("%s: %q is not one of %s", item.Name, value, strings.Join(item.AllowedValues, ", "))
		}
		if !fits(item.Type, value) {
			return nil, fmt.Errorf("%s: %q is not a valid %s", item.Name, value, item.Type)
		}
	}
	return &order, nil
}

// fits reports whether a value is one of the type. A type that it does not know takes anything.
func fits(kind, value string) bool {
	switch strings.ToLower(kind) {
	case "integer", "int":
		_, err := strconv.ParseInt(value, 10, 64)
		return err == nil
	case "decimal":
		if strings.Trim(value, "-.0123456789") != "" {
			return false
		}
		_, err := strconv.ParseFloat(value, 64)
		return err == nil
	case "boolean", "bool":
		return value == "true" || value == "false"
	case "date":
		_, err := time.Parse(time.DateOnly, value)
		return err == nil
	case "email", "e-mail":
		address, err := mail.ParseAddress(value)
		return err == nil && address.Address == value
	case "phone", "phonenumber":
		digits := strings.Map(func(r rune) rune {
			if r == '-' || r == ' ' {
				return -1
			}
			return r
		}, strings.TrimPrefix(value, "+"))
		return len(digits) >= 5 && len(digits) <= 15 && strings.Trim(digits, "0123456789") == ""
	}
	return true
}
