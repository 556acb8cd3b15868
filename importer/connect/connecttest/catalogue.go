package connecttest

import (
	_ "embed"
	"encoding/json"
	"fmt"

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
