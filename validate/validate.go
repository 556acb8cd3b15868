// Package validate checks records against the schema of their package: every row, every finding, each with its cell.
//
// A value is mended only where it has one reading, and then it is said or is only another spelling of the same; everything else
// is refused, with the cell named and, where there is one, the mend beside it. Fields whose type has an unknown word pass as text:
// the vendor does not say the words, and Notes tells it once for a file.
package validate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
	"orderimport/validate/damage"
)

// Checker checks records. It remembers compiled schemas; one goroutine uses it.
type Checker struct {
	today   int // 20261201
	columns []string
	rules   map[string][]rule // by field
	schemas map[*connect.OrderSchema][]field
	notes   []sheet.Note
	profile *damage.Profile // nil: nothing is known of the columns
	column  *damage.Column  // of the value under way
	scratch []byte
	mended  strings.Builder
}

// rule is a mapping.Check, ready to use.
type rule struct {
	matches *regexp.Regexp
	says    []string // Args of CheckFailed
}

// New makes a checker; now is the day that relative dates count from; columns are the file's labels; custom are the profile's own
// checks, which see the value as it is sent and do not see empty ones. The error names a check whose pattern is not RE2.
func New(now time.Time, columns []string, custom []mapping.Check) (*Checker, error) {
	c := &Checker{
		today:   day{now.Year(), int(now.Month()), now.Day()}.number(),
		columns: columns,
		rules:   map[string][]rule{},
		schemas: map[*connect.OrderSchema][]field{},
	}
	for _, check := range custom {
		matches, err := regexp.Compile(check.Matches)
		if err != nil {
			return nil, fmt.Errorf("check of the field %q: %w; see https://github.com/google/re2/wiki/Syntax", check.Field, err)
		}
		sv, en := check.Message["sv"], check.Message["en"]
		switch {
		case sv == "" && en == "":
			pattern := strconv.Quote(check.Matches)
			sv, en = "värdet passar inte profilens mönster "+pattern, "the value does not fit the profile's pattern "+pattern
		case sv == "":
			sv = en
		case en == "":
			en = sv
		}
		c.rules[check.Field] = append(c.rules[check.Field], rule{matches, []string{sv, en}})
	}
	return c, nil
}

// Compare lets the checker hold every value against the profile of its column from now on: only so does it find, and mend, most
// of what spreadsheet programs damage.
func (c *Checker) Compare(profile *damage.Profile) { c.profile = profile }

// Notes are the remarks about the schemas seen so far, once for each field of each package: "unknown-type".
func (c *Checker) Notes() []sheet.Note { return c.notes }

// Check appends all findings of the record to found, and mends its values in place: canonical spelling of a type (yyyy-mm-dd,
// true, 1234.5, +46…), allowed values that differ only by case and blanks, and the schema's default for a required field
// that is empty. A record that is skipped has no findings.
func (c *Checker) Check(rec *mapping.Record, found []Finding) []Finding {
	if rec.Skip != "" {
		return found
	}
	if rec.Row != nil {
		for _, fault := range rec.Row.Faults {
			f := c.finding(rec, fault.Code, Warning, fault.Column, "", fault.Text)
			if fault.Fatal {
				f.Severity = Error
			}
			found = append(found, f)
		}
	}
	for i := range rec.Faults {
		found = append(found, c.faulty(rec, &rec.Faults[i]))
	}
	found = c.checkCustomer(rec, found)
	if rec.Schema == nil {
		if !faultOf(rec, UnknownPackage, packageField) {
			found = append(found, c.finding(rec, UnknownPackage, Error, rec.PackageColumn, packageField, rec.Package))
		}
		return found
	}
	fields, ok := c.schemas[rec.Schema]
	if !ok {
		fields = c.compile(rec.Schema)
		c.schemas[rec.Schema] = fields
	}
	for len(rec.Values) < len(fields) {
		rec.Values = append(rec.Values, mapping.Value{Column: -1})
	}
	for i := range fields {
		if len(rec.Faults) > 0 && faultOf(rec, "", fields[i].item.Name) {
			continue
		}
		found = c.checkValue(rec, &fields[i], &rec.Values[i], found)
	}
	return found
}

// faulty makes a finding of what kept the mapping from giving a value.
func (c *Checker) faulty(rec *mapping.Record, fault *mapping.Fault) Finding {
	f := c.finding(rec, fault.Code, Error, fault.Column, fault.Field, fault.Text)
	switch fault.Code {
	case noCustomer, UnknownPackage:
		if fault.Code == noCustomer {
			f.Code = MissingCustomer
		}
		if code := brokenCell(rec, fault.Column); code != "" {
			f.Code = code
		}
		f.Suggestion = fault.Hint
	case UnknownField:
		f.Suggestion = fault.Hint
	case AmbiguousDate:
		// The hint holds both readings by the profile's formats, which may be others than ours.
		one, other, ok := strings.Cut(fault.Hint, " or ")
		if d, e, what := readDay(trim(fault.Text)); !ok && what == twoDays {
			one, other = d.String(), e.String()
		}
		f.Args = []string{one, other}
	default:
		if fault.Hint != "" {
			f.Args = []string{fault.Hint}
		}
	}
	return f
}

// faultOf reports whether the mapping has already spoken of the code or the field.
func faultOf(rec *mapping.Record, code, field string) bool {
	for i := range rec.Faults {
		if f := &rec.Faults[i]; code != "" && f.Code == code || field != "" && f.Field == field {
			return true
		}
	}
	return false
}

// The order's own two members, beside the schema's fields, and the mapping's word for a record without the first.
const (
	customerField = "customerNumber"
	packageField  = "predefinedPackageID"
	noCustomer    = "no-customer"
)

func (c *Checker) checkCustomer(rec *mapping.Record, found []Finding) []Finding {
	if len(rec.Faults) > 0 && faultOf(rec, noCustomer, customerField) {
		return found
	}
	say := func(code, value string) []Finding {
		return append(found, c.finding(rec, code, Error, rec.CustomerColumn, customerField, value))
	}
	if code := brokenCell(rec, rec.CustomerColumn); code != "" {
		return say(code, rec.Row.Cells[rec.CustomerColumn].Text)
	}
	read := rec.Customer
	rec.Customer = trim(read)
	if rec.Customer == "" {
		return say(MissingCustomer, "")
	}
	if rec.CustomerColumn >= 0 && rec.Row != nil && rec.CustomerColumn < len(rec.Row.Cells) {
		column := c.columnOf(rec, rec.CustomerColumn, rec.Customer)
		d := column.Look(rec.Customer, rec.Row.Cells[rec.CustomerColumn].Kind, damage.Text)
		if d.Verdict != damage.None {
			found = say(d.Code, rec.Customer)
			said := &found[len(found)-1]
			said.Severity = severities[d.Verdict]
			said.tell(&d)
			if d.Verdict == damage.Mended {
				rec.Customer = d.Text
			}
		}
	}
	for _, r := range rec.Customer {
		if r == ' ' || glyphOf(r) != visible {
			return say(BadCustomer, read)
		}
	}
	return found
}

// brokenCell is the code for a cell of the row that holds no value, or "".
func brokenCell(rec *mapping.Record, column int) string {
	if rec.Row == nil || column < 0 || column >= len(rec.Row.Cells) {
		return ""
	}
	cell := &rec.Row.Cells[column]
	return broken(cell.Kind, cell.Text)
}

// broken is the code for a cell that holds no value, or "". An error of the spreadsheet program is text once the sheet has been
// saved as CSV.
func broken(kind sheet.Kind, text string) string {
	switch {
	case kind == sheet.NoResult:
		return NoResult
	case kind == sheet.Error, damage.IsError(text):
		return CellError
	}
	return ""
}

func (c *Checker) checkValue(rec *mapping.Record, f *field, v *mapping.Value, found []Finding) []Finding {
	say := func(code string, severity Severity, value string) *Finding {
		found = append(found, c.finding(rec, code, severity, v.Column, f.item.Name, value))
		return &found[len(found)-1]
	}
	if code := broken(v.Kind, v.Text); code != "" {
		say(code, Error, v.Text)
		return found
	}
	read := v.Text
	whole, garbled := damage.Ungarble(read)
	clean := c.clean(whole)
	switch {
	case clean.control != 0:
		say(ControlCharacter, Error, read).Args = []string{fmt.Sprintf("%U", clean.control)}
		return found
	case clean.damage != 0:
		say(DamagedText, Error, read)
		return found
	case clean.text == "":
		v.Text = ""
		if f.item.Required && f.item.DefaultValue != "" {
			v.Text, v.Origin, v.Kind = f.item.DefaultValue, mapping.FromSchema, sheet.Text
			say(DefaultUsed, Note, "").Args = []string{f.item.DefaultValue}
		} else if f.item.Required {
			say(MissingValue, Error, "")
		}
		return found
	}
	if garbled {
		say(damage.GarbledText, Note, read).Args = []string{whole}
	}
	c.column = c.columnOf(rec, v.Column, read)
	text, found, sound := c.undamage(rec, f, v, clean.text, found)
	if !sound {
		return found
	}
	kind := v.Kind
	if text != clean.text {
		kind = sheet.Text
	}
	r := f.read(c, text, kind)
	if r.code != "" {
		said := say(r.code, r.severity, read)
		said.Suggestion, said.Args, said.Evidence = r.suggestion, r.args, r.evidence
		if r.severity == Error {
			return found
		}
	}
	v.Text = r.text
	if clean.invisible != 0 {
		say(InvisibleRemoved, Note, read).Args = []string{fmt.Sprintf("%U", clean.invisible)}
	}
	// Between the digits of a number or the words of a list it is only another spelling.
	if clean.blank != 0 && f.allowed == nil && f.typ == textType {
		say(BlankMended, Note, read).Args = []string{fmt.Sprintf("%U", clean.blank)}
	}
	for i := range f.rules {
		if !f.rules[i].matches.MatchString(v.Text) {
			say(CheckFailed, Error, read).Args = f.rules[i].says
		}
	}
	return found
}

// undamage mends what a spreadsheet program did to the clean text of a value, as far as there is one reading. sound is false where
// the text cannot be right.
func (c *Checker) undamage(rec *mapping.Record, f *field, v *mapping.Value, text string, found []Finding) (mended string, all []Finding, sound bool) {
	kind := v.Kind
	if v.Origin != mapping.FromColumn {
		kind = sheet.Text // what is no cell was never a number or a date to a spreadsheet program
	}
	for range 3 { // what is mended may be damaged in another way too
		d := f.damage(c, text, kind)
		if d.Verdict == damage.None {
			break
		}
		finding := c.finding(rec, d.Code, severities[d.Verdict], v.Column, f.item.Name, text)
		finding.tell(&d)
		found = append(found, finding)
		if d.Verdict != damage.Mended {
			return text, found, d.Verdict != damage.Wrong
		}
		text, kind = d.Text, sheet.Text
	}
	return text, found, true
}

// columnOf is the profile of the column that the text stands in. It is nil for a text that the mapping has made of several cells,
// or has changed: the profile is of what stands in the file.
func (c *Checker) columnOf(rec *mapping.Record, column int, text string) *damage.Column {
	if c.profile == nil || rec.Row == nil || column < 0 || column >= len(rec.Row.Cells) || mapping.Trim(rec.Row.Cells[column].Text) != text {
		return nil
	}
	return c.profile.Column(column)
}

var severities = [...]Severity{damage.Mended: Note, damage.Suspicious: Warning, damage.Wrong: Error}

// tell fills in what was found of damage.
func (f *Finding) tell(d *damage.Damage) {
	f.Evidence = d.Evidence
	if d.Verdict == damage.Mended {
		f.Args = []string{d.Text}
	} else {
		f.Suggestion = d.Text
	}
}

// finding fills in the place.
func (c *Checker) finding(rec *mapping.Record, code string, severity Severity, column int, field, value string) Finding {
	const longest = 200
	f := Finding{Code: code, Severity: severity, Field: field, Value: cut(value, longest)}
	if column < 0 {
		return f
	}
	letters := sheet.ColumnName(column)
	f.Column = letters
	if column < len(c.columns) {
		f.Column = c.columns[column]
	}
	if rec.Row != nil {
		f.Cell = letters + strconv.Itoa(rec.Row.Number)
	}
	return f
}

// keep gives read where what is to be sent is the same, and else a string of it that does not cost an allocation of its own.
func (c *Checker) keep(read string, sent []byte) string {
	if read == string(sent) {
		return read
	}
	const block = 4096
	if c.mended.Cap()-c.mended.Len() < len(sent) {
		c.mended.Reset() // strings given out keep the old block
		c.mended.Grow(max(block, len(sent)))
	}
	start := c.mended.Len()
	c.mended.Write(sent)
	return c.mended.String()[start:]
}
