package mapping

import "fmt"

// Profile is a saved mapping, DESIGN.md "A profile".
type Profile struct {
	Version  int    // always 1
	Endpoint string // "live", "test", "sandbox" or a URL: the only endpoint it may be used with; "" allows all
	Package  Source // a constant is an ID or a name; the zero Source where the profile leaves it to the flag
	Customer Source // the zero Source where the profile leaves it to the flag
	Key      []string
	Sheet    string
	Header   int    // row of the header, 1-based; 0 finds it
	Hidden   string // "hold", "skip", "take" or ""
	Where    string // an expression; rows for which it is false are skipped
	Fields   []Field
	Checks   []Check
	Rows     Rows
	Mode     string // "all", "new-only" or ""

	file  string
	lines map[string]int // "key", "where": their lines, for BindError
}

// Field is one field of the order and where its value comes from.
type Field struct {
	Name string // OrderDataItem.Name
	Source
	Comment string // one line; YAML writes it beside the field, ParseProfile does not read it
}

// Source is where a value comes from. Exactly one of Column, Value and Expr is set. What follows is done in this order:
// lower or upper, map, dates, default.
type Source struct {
	Column  []string          // labels; the first with a value wins
	Value   string            // a constant, or a template with {{Label}}
	Expr    string            // an expression over the row, see expression.go
	Lower   bool              //
	Upper   bool              //
	Map     map[string]string // what is not in it passes; "" empties the value
	Dates   []string          // formats like d/m/yyyy; a text that fits none stays as it is
	Default string            // for an empty value: a constant, or days or weeks from today: "+14d", "+2w"
	Choose  []string          // not nil: an open question of Suggest's, with its labels, and nothing else is set; see Proposal.YAML

	line int
}

// Set tells whether the profile has the source at all.
func (s *Source) Set() bool {
	return len(s.Column) > 0 || s.Value != "" || s.Expr != "" || s.Choose != nil
}

// Rows says how many rows a file may have. 0 is no bound.
type Rows struct {
	Min, Max  int
	MaxChange int // percent, against the file before
}

// Check is a rule of the profile's own over one field.
type Check struct {
	Field   string            `yaml:"field"`
	Matches string            `yaml:"matches"` // RE2
	Message map[string]string `yaml:"message"` // "sv", "en"

	line int
}

// ProfileError is a profile that cannot be used as it is written.
type ProfileError struct {
	File string
	Line int    // 0 where the whole file is meant
	Text string // what is wrong, with what was read quoted
	Hint string // what to do, may be ""
}

// Error says where and what, without the hint.
func (e *ProfileError) Error() string { return place(e.File, e.Line) + e.Text }

// BindError is a profile, or a flag, that does not fit the columns of a file or the fields of a package.
type BindError struct {
	What    string // "column", "field", "package", "customerNumber", "expression", "template", "date format"
	Name    string // what was asked for; "" where nothing was
	Nearest string // "" where nothing is near
	File    string // the profile; "" where it has none
	Line    int    // 0 where it is not known
	Hint    string // what to do
}

// Error says where and what, without the hint.
func (e *BindError) Error() string {
	at := place(e.File, e.Line)
	switch {
	case e.What == "column":
		return at + fmt.Sprintf("the file has no column %q", e.Name)
	case e.What == "field":
		return at + fmt.Sprintf("the package has no field %q", e.Name)
	case e.Name == "":
		return at + "no " + e.What + " is given"
	default:
		return at + fmt.Sprintf("%s %q cannot be used", e.What, e.Name)
	}
}

func place(file string, line int) string {
	switch {
	case file == "" && line == 0:
		return ""
	case line == 0:
		return file + ": "
	case file == "":
		return fmt.Sprintf("line %d: ", line)
	default:
		return fmt.Sprintf("%s:%d: ", file, line)
	}
}

// didYouMean is the hint that goes with a nearest name.
func didYouMean(nearest string) string {
	if nearest == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", nearest)
}
