// Package mapping turns rows into records: profiles, the suggestion of columns, value maps, templates and expressions.
// Nothing is guessed: a tie, or a required field without a column, is an open question.
package mapping

import (
	"context"
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

func (e *UnknownPackage) Error() string { return "unknown package" }

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
	Kind   sheet.Kind // of the cell; sheet.Text for all else
	Column int        // 0-based source column, -1 where there is not just one
}

// Fault is what kept the mapping from giving a value; validate makes a finding of it.
type Fault struct {
	Code   string // "expression-failed", "unknown-package", "ambiguous-date", "unknown-field" (a field this row's package does not have), "no-customer"
	Field  string
	Column int // 0-based, -1
	Text   string
	Hint   string // the nearest name, or the expression's error
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

// Identifier is a value that names a person or a thing, found by kind, never by label.
type Identifier struct {
	Kind  string // "employee", "email", "phone", "key"
	Value string
}

// Check is a rule of the profile's own over one field.
type Check struct {
	Field   string            `yaml:"field"`
	Matches string            `yaml:"matches"` // RE2
	Message map[string]string `yaml:"message"` // "sv", "en"
}

// Profile is a saved mapping, DESIGN.md "A profile".
type Profile struct{}

// ParseProfile reads YAML strictly: an unknown key is an error with its line and the nearest key.
func ParseProfile(name string, data []byte) (*Profile, error) { panic("contract") }

// YAML writes the profile as `map` does.
func (p *Profile) YAML() []byte { panic("contract") }

// Target is one thing that a column can be mapped to: a field of the schema, or the order's own customerNumber and
// predefinedPackageID.
type Target struct {
	Field  string  // as `map --format json` names it
	Column string  // label; "" where none
	Score  float64 // 0 to 1
	Reason string  // "name", "synonym", "spelling", "content", "profile", "constant", …
}

// Question is a field for which the columns leave a choice, or a required field without any.
type Question struct {
	Field      string
	Candidates []string // labels
}

// Proposal is what Suggest found.
type Proposal struct {
	Columns []string          // every label, in order
	Mapping map[string]string // label to field; a label that is not in it is not used
	Targets []Target
	Open    []Question
	Profile *Profile // valid where Open is empty
}

// Suggest matches columns with the fields of schema by name, synonym, spelling and content (samples: a few rows).
// customer is the constant customer number, or "".
func Suggest(columns []string, samples [][]sheet.Cell, schema *connect.OrderSchema, customer string) *Proposal {
	panic("contract")
}

// Options override a profile.
type Options struct {
	Package  string    // "" leaves it to the profile
	Customer string    //
	Now      time.Time // for relative dates
}

// Mapping is a profile bound to a file's columns.
type Mapping struct{}

// Bind fits the profile to the columns of a file. A label or a field that is not there is *BindError, with the nearest one.
func (p *Profile) Bind(ctx context.Context, columns []string, schemas Schemas, opt Options) (*Mapping, error) {
	panic("contract")
}

// Map fills rec from row. The error is only that of Schemas other than *UnknownPackage.
func (m *Mapping) Map(ctx context.Context, row *sheet.Row, rec *Record) error { panic("contract") }

// Identifiers appends those of the record: fields of a kind that names a person (employee number, e-mail, phone), employee
// number columns that are not sent, and the profile's key.
func (m *Mapping) Identifiers(rec *Record, ids []Identifier) []Identifier { panic("contract") }
