package connect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// The safe calls' types are read leniently: null, a missing member, "" and [] are alike; numbers and booleans may stand as
// strings and the other way round; unknown members are left aside. What cannot be understood even so is an error.

// UnmarshalJSON reads leniently.
func (r *GetPackageResult) UnmarshalJSON(raw []byte) error {
	var in struct {
		PredefinedPackageID looseInt    `json:"predefinedPackageID"`
		Name                looseString `json:"name"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	*r = GetPackageResult{int64(in.PredefinedPackageID), string(in.Name)}
	return nil
}

// UnmarshalJSON reads leniently.
func (s *OrderSchema) UnmarshalJSON(raw []byte) error {
	var in struct {
		PredefinedPackageID looseInt                  `json:"predefinedPackageID"`
		Name                looseString               `json:"name"`
		Products            looseList[looseString]    `json:"products"`
		Data                looseList[*OrderDataItem] `json:"data"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	*s = OrderSchema{PredefinedPackageID: int64(in.PredefinedPackageID), Name: string(in.Name), Products: plain(in.Products)}
	for _, item := range in.Data {
		if item != nil {
			s.Data = append(s.Data, *item)
		}
	}
	return nil
}

// UnmarshalJSON reads leniently.
func (i *OrderDataItem) UnmarshalJSON(raw []byte) error {
	var in struct {
		Name          looseString            `json:"name"`
		Type          looseString            `json:"type"`
		DefaultValue  looseString            `json:"defaultValue"`
		Required      looseBool              `json:"required"`
		AllowedValues looseList[looseString] `json:"allowedValues"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	*i = OrderDataItem{string(in.Name), string(in.Type), string(in.DefaultValue), bool(in.Required), plain(in.AllowedValues)}
	return nil
}

// looseString is a string, or a number or boolean as it was written; null is "".
type looseString string

func (s *looseString) UnmarshalJSON(raw []byte) error {
	switch raw[0] {
	case 'n':
		*s = ""
		return nil
	case '{', '[':
		return fmt.Errorf("%.40q stands where a text should", raw)
	case '"':
		return json.Unmarshal(raw, (*string)(s))
	}
	*s = looseString(raw)
	return nil
}

// looseInt is an integer, or a string of one; null and "" are 0.
type looseInt int64

func (i *looseInt) UnmarshalJSON(raw []byte) error {
	var s looseString
	if err := s.UnmarshalJSON(raw); err != nil {
		return err
	}
	text := strings.TrimSpace(string(s))
	if text == "" {
		*i = 0
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("%.40q stands where an integer should", text)
	}
	*i = looseInt(n)
	return nil
}

// looseBool is a boolean, 0 or 1, or a string of one; null and "" are false.
type looseBool bool

func (b *looseBool) UnmarshalJSON(raw []byte) error {
	var s looseString
	if err := s.UnmarshalJSON(raw); err != nil {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(string(s))) {
	case "true", "1", "yes":
		*b = true
	case "false", "0", "no", "":
		*b = false
	default:
		return fmt.Errorf("%.40q stands where true or false should", s)
	}
	return nil
}

// looseList is a list; null and "" are an empty one, and one value alone is a list of it.
type looseList[T any] []T

func (l *looseList[T]) UnmarshalJSON(raw []byte) error {
	*l = nil
	if raw = bytes.TrimSpace(raw); string(raw) == "null" || string(raw) == `""` {
		return nil
	}
	if raw[0] == '[' {
		return json.Unmarshal(raw, (*[]T)(l))
	}
	var one T
	if err := json.Unmarshal(raw, &one); err != nil {
		return err
	}
	*l = looseList[T]{one}
	return nil
}

// plain gives the texts of a list without its empty ones; nil where none is left.
func plain(in looseList[looseString]) []string {
	var out []string
	for _, s := range in {
		if s != "" {
			out = append(out, string(s))
		}
	}
	return out
}
