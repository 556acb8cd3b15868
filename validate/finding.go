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
	Value      string   `json:"value,omitempty"`  // what was read, at most 200 characters
	Suggestion string   `json:"suggestion,omitempty"`
	Args       []string `json:"args,omitempty"`     // what the code's sentence needs beside these, see messages.go
	Evidence   []string `json:"evidence,omitempty"` // what the rest of the column shows: a word of package damage and its figures
}

// Mends reports whether the finding tells of a value that is read otherwise than it stands in its cell.
func (f *Finding) Mends() bool { return f.Severity == Note && f.Field != "" && f.Value != "" }

// HasError reports whether one of the findings keeps its row from being sent.
func HasError(found []Finding) bool {
	for i := range found {
		if found[i].Severity == Error {
			return true
		}
	}
	return false
}
