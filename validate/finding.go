// Package validate checks records against the schema of their package: every row, every finding, each with its cell.
package validate

// Severity of a finding.
type Severity string

// Only Error keeps a row from being sent.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note" // what was mended or filled in, by the one reading there is
)

// Finding is what a check found in one row. Code is a stable kebab-case noun; the sentence is Message's.
type Finding struct {
	Code       string   `json:"code"`
	Severity   Severity `json:"severity"`
	Column     string   `json:"column,omitempty"` // label
	Cell       string   `json:"cell,omitempty"`   // "F4"
	Field      string   `json:"field,omitempty"`  // OrderDataItem.Name
	Value      string   `json:"value,omitempty"`  // what was read
	Suggestion string   `json:"suggestion,omitempty"`
	Args       []string `json:"args,omitempty"` // what the code's sentence needs beside these, see messages.go
}

// Lang is a language of the program's sentences.
type Lang string

// The languages.
const (
	Swedish Lang = "sv"
	English Lang = "en"
)

// Message is the finding as a sentence: lower case, no full stop, the value quoted, what to do.
func (f *Finding) Message(lang Lang) string { panic("contract") }
