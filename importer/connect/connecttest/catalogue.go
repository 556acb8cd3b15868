package connecttest

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"orderimport/importer/connect"
)

// catalogueJSON holds the packages of the sandbox as they are sent. The words of "type" vary on purpose, and package 3001 has
// null, missing and misplaced members here and there, as real systems do.
//
//go:embed catalogue.json
var catalogueJSON []byte

// catalogue is what may be ordered.
type catalogue struct {
	packages []byte // answer of GetPackages
	raw      map[int64]json.RawMessage
	schemas  map[int64]*schema
}

// schema is a package's schema made ready for checking orders.
type schema struct {
	connect.OrderSchema
	byName  map[string]*connect.OrderDataItem
	allowed map[string]map[string]bool
}

// parseCatalogue reads a JSON list of OrderSchema.
func parseCatalogue(list []byte) (*catalogue, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(list, &raw); err != nil {
		return nil, fmt.Errorf("catalogue: not a JSON list: %w", err)
	}
	type entry struct {
		ID   json.RawMessage `json:"predefinedPackageID"`
		Name json.RawMessage `json:"name"`
	}
	c := &catalogue{raw: map[int64]json.RawMessage{}, schemas: map[int64]*schema{}}
	entries := make([]entry, len(raw))
	for i, text := range raw {
		if err := json.Unmarshal(text, &entries[i]); err != nil {
			return nil, fmt.Errorf("catalogue: package %d of the list: %w", i+1, err)
		}
		s := &schema{byName: map[string]*connect.OrderDataItem{}, allowed: map[string]map[string]bool{}}
		if err := json.Unmarshal(text, &s.OrderSchema); err != nil {
			return nil, fmt.Errorf("catalogue: package %d of the list: %w", i+1, err)
		}
		id := s.PredefinedPackageID
		if id <= 0 || c.schemas[id] != nil {
			return nil, fmt.Errorf("catalogue: package %d of the list: ID %d is not positive, or used twice", i+1, id)
		}
		for j := range s.Data {
			item := &s.Data[j]
			s.byName[item.Name] = item
			if len(item.AllowedValues) > 0 {
				s.allowed[item.Name] = map[string]bool{}
			}
			for _, value := range item.AllowedValues {
				s.allowed[item.Name][value] = true
			}
		}
		c.raw[id], c.schemas[id] = text, s
	}
	var err error
	c.packages, err = json.Marshal(entries)
	return c, err
}

// changed is the catalogue after a vendor's n-th change: text is FIELD=A|B, the values that a field now allows in every package
// that has it; "" gives every package one more field that may be left out.
func (c *catalogue) changed(text string, n int) (*catalogue, error) {
	field, values, narrowed := strings.Cut(text, "=")
	var list []connect.OrderSchema
	for _, id := range slices.Sorted(maps.Keys(c.schemas)) {
		s := c.schemas[id].OrderSchema
		s.Data = slices.Clone(s.Data)
		if !narrowed {
			s.Data = append(s.Data, connect.OrderDataItem{Name: fmt.Sprintf("sandboxNote%d", n), Type: "String"})
		}
		for i := range s.Data {
			if narrowed && s.Data[i].Name == field {
				s.Data[i].AllowedValues = strings.Split(values, "|")
			}
		}
		list = append(list, s)
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	return parseCatalogue(raw)
}

// changeSchemas carries out the fault schema-change.
func (s *Server) changeSchemas(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	changed, err := s.packages.changed(value, s.changes)
	if err != nil {
		panic(err) // it was parsed before
	}
	s.packages = changed
}

// expire carries out the fault token-expiry.
func (s *Server) expire(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expiries++
	if s.token = cmp.Or(value, "renewed"); s.expiries > 1 {
		s.token += "-" + strconv.Itoa(s.expiries)
	}
}
