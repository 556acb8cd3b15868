package validate

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"unicode"

	"orderimport/importer/connect"
	"orderimport/importer/sheet"
	"orderimport/validate/damage"
	"orderimport/validate/sweden"
)

// valueType is what OrderDataItem.Type means.
type valueType uint8

const (
	textType valueType = iota
	integerType
	decimalType
	booleanType
	dateType
	dateTimeType
	emailType
	phoneType
)

// uses is what the types mean to package damage.
var uses = [...]damage.Use{textType: damage.Text, integerType: damage.Whole, decimalType: damage.Decimal, booleanType: damage.Other,
	dateType: damage.Date, dateTimeType: damage.Date, emailType: damage.Other, phoneType: damage.Phone}

// typeWords are the words of APIs and databases for types, as typeWord writes them. The vendor does not say which of them it uses.
var typeWords = map[string]valueType{}

func init() {
	for t, words := range map[valueType]string{
		textType:     "string text str char varchar nvarchar nchar freetext sträng fritext enum list select dropdown choice lista",
		integerType:  "int integer int16 int32 int64 uint uint32 uint64 long short smallint bigint heltal",
		decimalType:  "decimal double float single real money number numeric currency tal decimaltal belopp",
		booleanType:  "bool boolean bit flag yesno janej checkbox",
		dateType:     "date datum dateonly localdate",
		dateTimeType: "datetime datetime2 datetimeoffset timestamp localdatetime",
		emailType:    "email mail emailaddress epost epostadress mejl",
		phoneType:    "phone phonenumber telephone telephonenumber tel telefon telefonnummer mobile mobilenumber mobilephone mobil mobilnummer cellphone msisdn e164",
	} {
		for word := range strings.FieldsSeq(words) {
			typeWords[word] = t
		}
	}
}

// typeWord is a type's word in lower case, letters and digits only, without a size behind it: "System.VarChar(50)" is varchar.
func typeWord(s string) string {
	s, _, _ = strings.Cut(s, "(")
	s = strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	return strings.TrimPrefix(s, "system")
}

// field is one OrderDataItem, ready to check values.
type field struct {
	item       *connect.OrderDataItem
	typ        valueType
	allowed    *allowed // nil: any
	activation bool
	rules      []rule
}

// compile makes the checks of a schema. What it cannot know becomes a note.
func (c *Checker) compile(schema *connect.OrderSchema) []field {
	fields := make([]field, len(schema.Data))
	for i := range schema.Data {
		item := &schema.Data[i]
		f := field{item: item, allowed: newAllowed(item.AllowedValues), rules: c.rules[item.Name]}
		f.activation = strings.Contains(strings.ToLower(item.Name), "activation")
		var known bool
		if f.typ, known = typeWords[typeWord(item.Type)]; !known && typeWord(item.Type) != "" {
			place := []string{strconv.FormatInt(schema.PredefinedPackageID, 10), strconv.Quote(cut(item.Type, 60)), item.Name}
			c.notes = append(c.notes, sheet.Note{Code: "unknown-type", Args: place, Text: fmt.Sprintf(
				"package %s: the type %s of the field %s is not known, so its values are sent as text, unchecked", place[0], place[1], place[2])})
		}
		if f.allowed != nil {
			// "Ja" among the allowed values of a Boolean is also found by "true".
			spelled := maps.Clone(f.allowed.folded)
			for _, value := range f.allowed.values {
				r := f.readType(c, value, sheet.Text)
				if _, taken := spelled[string(appendFolded(nil, r.text))]; !taken && r.severity != Error {
					f.allowed.fold(r.text, value)
				}
			}
		}
		fields[i] = f
	}
	return fields
}

// reading is a value as it is sent, or why it is not.
type reading struct {
	text       string
	code       string // "" for nothing to say
	severity   Severity
	suggestion string
	args       []string
	evidence   []string
}

// damage looks at a clean value that is not empty. What stands on the field's list cannot be damaged.
func (f *field) damage(c *Checker, text string, kind sheet.Kind) damage.Damage {
	if f.allowed == nil {
		return c.column.Look(text, kind, uses[f.typ])
	}
	d := c.column.Look(text, kind, damage.Listed)
	if d.Verdict != damage.None {
		if _, ok := f.allowed.find(c, text); ok {
			return damage.Damage{}
		}
	}
	return d
}

// read reads a clean value that is not empty.
func (f *field) read(c *Checker, text string, kind sheet.Kind) reading {
	if f.allowed == nil {
		return f.readType(c, text, kind)
	}
	// The list stands above the type: an Integer may have "5 GB" in it.
	if value, ok := f.allowed.find(c, text); ok {
		return reading{text: value}
	}
	if r := f.readType(c, text, kind); r.severity != Error {
		if value, ok := f.allowed.find(c, r.text); ok {
			r.text = value
			return r
		}
	}
	return reading{code: NotAllowed, severity: Error, args: f.allowed.list, suggestion: f.allowed.near(text)}
}

func (f *field) readType(c *Checker, text string, kind sheet.Kind) reading {
	switch f.typ {
	case integerType:
		return c.readInteger(text, kind)
	case decimalType:
		return c.readDecimal(text, kind)
	case booleanType:
		return c.readBoolean(text)
	case dateType, dateTimeType:
		return c.readDate(text, f.typ == dateTimeType, f.activation)
	case emailType:
		return readEmail(text)
	case phoneType:
		return c.readPhone(text)
	}
	return reading{text: text}
}

func (c *Checker) readPhone(s string) reading {
	out, how := sweden.AppendPhone(c.scratch[:0], s)
	c.scratch = out
	switch how {
	case sweden.Sure:
		return reading{text: c.keep(s, out)}
	case sweden.PlusAdded:
		text := c.keep(s, out)
		return reading{text: text, code: LostPlus, severity: Note, args: []string{text}}
	case sweden.ZeroLost:
		digits := out[len("+46"):]
		evidence, sure := c.column.LostZero(len(digits))
		if sure && sweden.IsMobile(string(digits)) {
			text := c.keep(s, out)
			return reading{text: text, code: damage.ZerosRestored, severity: Note, args: []string{text}, evidence: evidence}
		}
		return reading{code: LostZero, severity: Error, suggestion: string(out), evidence: evidence}
	case sweden.TwoReadings:
		r := reading{code: AmbiguousPhone, severity: Error, args: []string{"+" + string(out), "0" + string(out)}}
		var prefix string
		if prefix, r.evidence = c.column.Prefix(len(out)); prefix != "" {
			r.suggestion = prefix + string(out)
		}
		return r
	}
	r := reading{code: NotPhone, severity: Error}
	if prefix, evidence := c.column.Prefix(len(s)); prefix == "+" && digits(s) {
		if number, how := sweden.AppendPhone(nil, prefix+s); how == sweden.Sure {
			r.suggestion, r.evidence = string(number), evidence
		}
	}
	return r
}
