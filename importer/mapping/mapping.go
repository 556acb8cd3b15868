// Package mapping turns rows into records, and never guesses: what a field is sent with follows from the profile alone, a
// tie or a required field without a column is an open question, and a label or field that is not there is an error that
// names the nearest one.
//
// A [Profile] says which columns feed which fields. It is read with [ParseProfile] or proposed by [Suggest]; Bind fits it to
// the columns of a file, and the [Mapping] that comes of it turns each row into a [Record] for package validate.
package mapping

import (
	"context"
	"fmt"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/sheet"
)

// Schemas finds the schema of a package named in a file. The error for a package that is not there is *UnknownPackage.
type Schemas interface {
	// Schema takes an ID or a name as it stands in a cell or a flag. It is called for each row: it must remember.
	Schema(ctx context.Context, package_ string) (*connect.OrderSchema, error)
}

// UnknownPackage is a package that GetPackages does not list.
type UnknownPackage struct {
	Name    string
	Nearest string // "" where nothing is near
}

// Error says what was asked for and, where there is one, the nearest package.
func (e *UnknownPackage) Error() string {
	if e.Nearest == "" {
		return fmt.Sprintf("unknown package %q", e.Name)
	}
	return fmt.Sprintf("unknown package %q, the nearest is %q", e.Name, e.Nearest)
}

// Origin says where a value came from.
type Origin uint8

// The origins. FromSchema and FromClock are not the operator's words and take no part in the fingerprint.
const (
	NoValue      Origin = iota
	FromColumn          // one cell, perhaps through a value map
	FromConstant        // the profile's constant, or its constant default
	FromRow             // a template or an expression over several cells
	FromClock           // a default relative to today, like "+14d"
	FromSchema          // OrderDataItem.DefaultValue (set by validate)
)

// Value is what one field of an order will be sent with. Text "" sends no key.
type Value struct {
	Text   string
	Origin Origin
	Kind   sheet.Kind // of the cell; sheet.Text for all else, but Error and NoResult where a template or an expression met such a cell
	Column int        // 0-based source column, also of an empty cell; -1 where there is not just one
}

// Fault is what kept the mapping from giving a value; validate makes a finding of it.
type Fault struct {
	Code   string // "expression-failed", "unknown-package", "ambiguous-date", "unknown-field" (a field this row's package does not have), "no-customer"
	Field  string // "" for the profile's where
	Column int    // 0-based, -1
	Text   string // what was read
	Hint   string // the nearest name, the expression's error, or the readings of a date ("2026-03-04 or 2026-04-03")
}

// Record is a row after mapping. It is valid until the next call of Map.
type Record struct {
	Row            *sheet.Row
	Package        string               // as read
	PackageColumn  int                  // -1 for a constant
	Schema         *connect.OrderSchema // nil where the package is not known
	Customer       string
	CustomerColumn int     // -1 for a constant
	Values         []Value // one for each of Schema.Data, same order
	Skip           string  // not "": left out by the profile's where, with the reason
	Faults         []Fault
}

// Identifier is a value that names a person or a thing, found by kind, never by label. Value is as the file spells it: the
// ledger knows which spellings are the same.
type Identifier struct {
	Kind  string // "employee", "email", "phone", "key"
	Value string
}

// Options override a profile.
type Options struct {
	Package  string    // "" leaves it to the profile
	Customer string    // "" leaves it to the profile
	Now      time.Time // for relative dates; its own zone says which day it is
}
