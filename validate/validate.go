package validate

import (
	"time"

	"orderimport/importer/mapping"
)

// Checker checks records. It remembers compiled schemas; one goroutine uses it.
type Checker struct{}

// New makes a checker; now is the day that relative dates count from; custom are the profile's own checks.
func New(now time.Time, columns []string, custom []mapping.Check) (*Checker, error) {
	panic("contract")
}

// Check appends all findings of the record to found, and mends its values in place: canonical spelling of a type (yyyy-mm-dd,
// true, 1234.5, +46…), allowed values that differ only by case and blanks, and the schema's default for a required field
// that is empty.
func (c *Checker) Check(rec *mapping.Record, found []Finding) []Finding { panic("contract") }
