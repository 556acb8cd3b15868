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
// number columns that are not sent, and the profile's key. Each pair of kind and value comes once, as it is spelt: which spellings
// are the same is the ledger's to know. It is called after validate has mended the values.
func (m *Mapping) Identifiers(rec *Record, ids []Identifier) []Identifier {
	first := len(ids)
	add := func(kind, value string) {
		id := Identifier{kind, Trim(value)}
		if kind == kindKey {
			id.Value = loose(value)
		}
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

// Kinds gives the kind of identifier that each field of the record's schema holds, "" for none.
func (m *Mapping) Kinds(rec *Record) []string {
	if p := m.planFor(rec); p != nil {
		return p.kinds
	}
	return nil
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

// Named gives the identifiers that a word for a person may be: an e-mail address, a phone number, an employee number, or the key of
// a profile that has one column for it.
func Named(person string) []Identifier {
	person = Trim(person)
	if person == "" {
		return nil
	}
	ids := []Identifier{{kindKey, loose(person)}}
	switch {
	case strings.Contains(person, "@"):
		return append(ids, Identifier{kindEmail, person})
	case readsAsPhone(person):
		ids = append(ids, Identifier{kindPhone, person})
	}
	return append(ids, Identifier{kindEmployee, person})
}

// readsAsPhone reports whether a word can only be read as a phone number: with its country or its leading zero, or a mobile number that a
// spreadsheet ate the zero of. Other digits are rather an employee's.
func readsAsPhone(s string) bool {
	digits := 0
	for i := range len(s) {
		if '0' <= s[i] && s[i] <= '9' {
			digits++
		}
	}
	return likePhone(s) && (digits >= 8 && strings.IndexByte("+0(", s[0]) >= 0 || digits == 9 && s[0] == '7')
}

// EmployeeColumns are the columns with these labels that hold employee numbers.
func EmployeeColumns(labels []string) (columns []int) {
	for i, label := range labels {
		if kindOf(label) == kindEmployee {
			columns = append(columns, i)
		}
	}
	return columns
}
