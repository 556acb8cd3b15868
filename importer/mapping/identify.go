package mapping

import (
	"slices"
	"strings"

	"orderimport/importer/connect"
)

// The kinds of Identifier.
const (
	kindEmployee = "employee"
	kindEmail    = "email"
	kindPhone    = "phone"
	kindKey      = "key"
)

// fieldKind is the kind of identifier that a field holds, by its type first, then by its name; "" for none.
func fieldKind(item *connect.OrderDataItem) string {
	if c := conceptOf(item.Type); c != nil && (c.kind == kindEmail || c.kind == kindPhone) {
		return c.kind
	}
	return kindOf(item.Name)
}

// kindOf is the kind of identifier that a column or field of this name holds; "" for none.
func kindOf(name string) string {
	if c := conceptOf(name); c != nil {
		return c.kind
	}
	return ""
}

// bindKey finds the columns of the profile's key, and those with employee numbers that are not sent. A key of one column is
// of that column's kind; of several it is the word of all of them together, and none of them stands alone.
func (m *Mapping) bindKey(labels []string) error {
	for _, label := range labels {
		i, err := m.columns.find(label)
		if err != nil {
			return err
		}
		m.key = append(m.key, i)
	}
	m.keyKind = kindKey
	if len(m.key) == 1 {
		if kind := kindOf(m.columns.labels[m.key[0]]); kind != "" {
			m.keyKind = kind
		}
	}
	for i, label := range m.columns.labels {
		sent := slices.ContainsFunc(m.fields, func(f boundField) bool { return slices.Contains(f.columns, i) })
		if !sent && kindOf(label) == kindEmployee && !slices.Contains(m.key, i) {
			m.unsent = append(m.unsent, i)
		}
	}
	return nil
}

// Identifiers appends those of the record: fields of a kind that names a person (employee number, e-mail, phone), employee
// number columns that are not sent, and the profile's key. Each pair of kind and value comes once. It is called after
// validate has mended the values.
func (m *Mapping) Identifiers(rec *Record, ids []Identifier) []Identifier {
	first := len(ids)
	add := func(kind, value string) {
		id := Identifier{kind, oneSpelling(kind, value)}
		if id.Value != "" && !slices.Contains(ids[first:], id) {
			ids = append(ids, id)
		}
	}
	if p := m.planFor(rec); p != nil {
		for d, kind := range p.kinds {
			if kind != "" && d < len(rec.Values) && ownWord(&rec.Values[d]) {
				add(kind, rec.Values[d].Text)
			}
		}
	}
	for _, c := range m.unsent {
		if cell := cell(rec.Row, c); !damaged(cell.Kind) {
			add(kindEmployee, cell.Text)
		}
	}
	if len(m.key) == 1 {
		if cell := cell(rec.Row, m.key[0]); !damaged(cell.Kind) {
			add(m.keyKind, cell.Text)
		}
	} else if len(m.key) > 1 {
		add(kindKey, m.wholeKey(rec))
	}
	return ids
}

func (m *Mapping) planFor(rec *Record) *plan {
	switch {
	case rec.Schema == nil:
		return nil
	case m.plan != nil:
		return m.plan
	}
	return m.plans[rec.Package]
}

// ownWord leaves out what is the same for every row, or is no value.
func ownWord(v *Value) bool {
	return (v.Origin == FromColumn || v.Origin == FromRow) && !damaged(v.Kind)
}

// wholeKey joins the key's cells; "" where one of them is empty, since then it names nobody for sure.
func (m *Mapping) wholeKey(rec *Record) string {
	var key strings.Builder
	for i, c := range m.key {
		cell := cell(rec.Row, c)
		text := loose(cell.Text)
		if text == "" || damaged(cell.Kind) {
			return ""
		}
		if i > 0 {
			key.WriteByte(0x1f)
		}
		key.WriteString(text)
	}
	return key.String()
}

// oneSpelling writes an identifier so that two spellings of it compare equal: 070-174 06 12 is +46701740612, and employee 0042
// is the 42 that a spreadsheet made of it. To take two for one only holds a row; to take one for two could order twice.
func oneSpelling(kind, value string) string {
	value = Trim(value)
	switch kind {
	case kindPhone:
		return phoneSpelling(value)
	case kindEmployee:
		value = strings.ToLower(value)
		if number := strings.TrimLeft(value, "0"); number != "" && strings.Trim(value, "0123456789") == "" {
			return number
		}
		return value
	case kindEmail:
		return strings.ToLower(value)
	default:
		if plainASCII(value) {
			return value
		}
		return loose(value)
	}
}

// plainASCII tells a text that loose would give back as it is, without the work.
func plainASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || (c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return true
}

// phoneSpelling keeps the digits, in the international form; numbers without a country are Swedish.
func phoneSpelling(value string) string {
	if len(value) > 1 && value[0] == '+' && strings.Trim(value[1:], "0123456789") == "" {
		return value
	}
	value = strings.Replace(value, "(0)", "", 1)
	buffer := make([]byte, 0, 32)
	buffer = append(buffer, "+46"...)
	for i := range len(value) {
		if c := value[i]; c >= '0' && c <= '9' {
			buffer = append(buffer, c)
		}
	}
	switch digits := buffer[3:]; {
	case len(digits) == 0:
		return ""
	case value[0] == '+':
		return "+" + string(digits)
	case len(digits) > 2 && digits[0] == '0' && digits[1] == '0':
		return "+" + string(digits[2:])
	case digits[0] == '0':
		return string(append(buffer[:3], digits[1:]...))
	case len(digits) == 9 && digits[0] == '7':
		return string(buffer) // the spreadsheet ate the zero
	case len(digits) > 9 && digits[0] == '4' && digits[1] == '6':
		return "+" + string(digits)
	default:
		return string(digits)
	}
}
