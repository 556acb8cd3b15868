package mapping

import (
	"context"
	"errors"
	"strings"

	"orderimport/importer/sheet"
)

// Map fills rec from row. The error is only that of Schemas other than *UnknownPackage. A row that the profile's where leaves
// out has Skip set and no values; a where that fails is a Fault, not a reason to skip.
func (m *Mapping) Map(ctx context.Context, row *sheet.Row, rec *Record) error {
	*rec = Record{Row: row, PackageColumn: m.package_.column, CustomerColumn: m.customer.column, Values: rec.Values[:0], Faults: rec.Faults[:0],
		Package: m.package_.constant, Customer: m.customer.constant}
	if m.where != nil && m.leavesOut(row, rec) {
		rec.Skip = m.where.source
		return nil
	}
	if m.customer.constant == "" {
		v := m.value(&m.customer, customerField, row, rec)
		rec.Customer, rec.CustomerColumn = v.Text, v.Column
		if v.Text == "" || damaged(v.Kind) {
			rec.Faults = append(rec.Faults, Fault{Code: "no-customer", Field: customerField, Column: v.Column, Text: v.Text})
			rec.Customer = ""
		}
	}
	p := m.plan
	if p == nil {
		var err error
		if p, err = m.planOf(ctx, row, rec); p == nil {
			return err
		}
	}
	rec.Schema = p.schema
	for _, i := range p.field {
		if i < 0 {
			rec.Values = append(rec.Values, Value{Column: -1, Kind: sheet.Text})
			continue
		}
		f := &m.fields[i]
		rec.Values = append(rec.Values, m.value(&f.binding, f.name, row, rec))
	}
	for _, i := range p.strange {
		f := &m.fields[i]
		if v := m.value(&f.binding, f.name, row, rec); v.Text != "" && v.Origin != FromConstant && v.Origin != FromClock {
			rec.Faults = append(rec.Faults, Fault{Code: "unknown-field", Field: f.name, Column: v.Column, Text: v.Text, Hint: nearest(f.name, fieldNames(p.schema))})
		}
	}
	return nil
}

// planOf finds the plan of the package that the row names; nil without an error where there is no such package.
func (m *Mapping) planOf(ctx context.Context, row *sheet.Row, rec *Record) (*plan, error) {
	v := m.value(&m.package_, packageField, row, rec)
	rec.Package, rec.PackageColumn = v.Text, v.Column
	if p := m.plans[v.Text]; p != nil {
		return p, nil
	}
	unknown := Fault{Code: "unknown-package", Field: packageField, Column: v.Column, Text: v.Text}
	if v.Text == "" || damaged(v.Kind) {
		rec.Faults = append(rec.Faults, unknown)
		return nil, nil
	}
	schema, err := m.schemas.Schema(ctx, v.Text)
	var none *UnknownPackage
	if errors.As(err, &none) {
		unknown.Hint = none.Nearest
		rec.Faults = append(rec.Faults, unknown)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := m.newPlan(schema)
	m.plans[strings.Clone(v.Text)] = p
	return p, nil
}

// leavesOut runs the profile's where.
func (m *Mapping) leavesOut(row *sheet.Row, rec *Record) bool {
	fault := Fault{Code: "expression-failed", Column: -1}
	if c := m.fill(m.where, row); c >= 0 {
		fault.Column, fault.Text, fault.Hint = c, cell(row, c).Text, "the condition reads a cell without a value"
		rec.Faults = append(rec.Faults, fault)
		return false
	}
	result, err := m.where.run(&m.machine, &m.texts)
	if err != nil {
		fault.Hint = err.Error()
		rec.Faults = append(rec.Faults, fault)
		return false
	}
	take, _ := result.(bool)
	return !take
}

// fill puts the cells that the expression reads into m.texts. It gives the column of a damaged one, or -1.
func (m *Mapping) fill(e *expression, row *sheet.Row) int {
	for _, c := range e.used {
		cell := cell(row, c)
		if damaged(cell.Kind) {
			return c
		}
		m.texts.Cells[c] = Trim(cell.Text)
	}
	return -1
}

// value is what the source gives for the row, with all that the profile does to it. Faults go to rec.
func (m *Mapping) value(b *binding, field string, row *sheet.Row, rec *Record) Value {
	v := m.read(b, field, row, rec)
	if b.bare || damaged(v.Kind) {
		return v
	}
	if v.Text != "" {
		b.change(&v, field, rec)
	}
	if v.Text == "" && b.default_ != "" && !failed(rec, field) {
		return Value{Text: b.default_, Origin: b.defaultOrigin, Kind: sheet.Text, Column: -1}
	}
	return v
}

// failed tells whether the field's expression has just failed: a default must not hide that.
func failed(rec *Record, field string) bool {
	return len(rec.Faults) > 0 && rec.Faults[len(rec.Faults)-1].Field == field
}

// read takes the value as the row has it, trimmed.
func (m *Mapping) read(b *binding, field string, row *sheet.Row, rec *Record) Value {
	switch {
	case b.constant != "":
		return Value{Text: b.constant, Origin: FromConstant, Kind: sheet.Text, Column: -1}
	case b.expression != nil:
		return m.compute(b.expression, field, row, rec)
	case b.template != nil:
		return b.join(row)
	}
	for _, c := range b.columns {
		cell := cell(row, c)
		if text := Trim(cell.Text); text != "" || damaged(cell.Kind) {
			return Value{Text: text, Origin: FromColumn, Kind: cell.Kind, Column: c}
		}
	}
	return Value{Kind: sheet.Empty, Column: b.column}
}

// join fills a template. Without a value in any of its cells there is no value at all: "{{Förnamn}} AB" is not "AB".
func (b *binding) join(row *sheet.Row) Value {
	var text strings.Builder
	any := false
	for _, p := range b.template {
		if p.column < 0 {
			text.WriteString(p.text)
			continue
		}
		cell := cell(row, p.column)
		if damaged(cell.Kind) {
			return Value{Text: cell.Text, Origin: FromColumn, Kind: cell.Kind, Column: p.column}
		}
		t := Trim(cell.Text)
		any = any || t != ""
		text.WriteString(t)
	}
	if !any {
		return Value{Kind: sheet.Text, Column: b.column}
	}
	return Value{Text: Trim(text.String()), Origin: FromRow, Kind: sheet.Text, Column: b.column}
}

// compute runs an expression. A damaged cell that it reads is passed on as it is, for validate to find.
func (m *Mapping) compute(e *expression, field string, row *sheet.Row, rec *Record) Value {
	column := -1
	if len(e.used) == 1 {
		column = e.used[0]
	}
	if c := m.fill(e, row); c >= 0 {
		cell := cell(row, c)
		return Value{Text: cell.Text, Origin: FromColumn, Kind: cell.Kind, Column: c}
	}
	result, err := e.run(&m.machine, &m.texts)
	text := ""
	if err == nil {
		text, err = textOf(result)
	}
	if err != nil {
		fault := Fault{Code: "expression-failed", Field: field, Column: column, Hint: err.Error()}
		if column >= 0 {
			fault.Text = m.texts.Cells[column]
		}
		rec.Faults = append(rec.Faults, fault)
	}
	v := Value{Text: Trim(text), Origin: FromRow, Kind: sheet.Text, Column: column}
	if v.Text == "" {
		v.Origin = NoValue
	}
	return v
}

// change does to a value what the profile says.
func (b *binding) change(v *Value, field string, rec *Record) {
	if b.lower {
		v.Text = strings.ToLower(v.Text)
	}
	if b.upper {
		v.Text = strings.ToUpper(v.Text)
	}
	if b.values != nil {
		if to := b.lookUp(v.Text); to != v.Text {
			v.Text, v.Kind = to, sheet.Text
		}
	}
	if b.dates != nil && v.Kind != sheet.Date {
		switch date, other := readDate(v.Text, b.dates); {
		case other != "":
			rec.Faults = append(rec.Faults, Fault{Code: "ambiguous-date", Field: field, Column: v.Column, Text: v.Text, Hint: date + " or " + other})
		case date != "":
			v.Text, v.Kind = date, sheet.Text
		}
	}
	if v.Text == "" {
		v.Origin = NoValue
	}
}

// maxPassed bounds what lookUp remembers; a column with a value map has few values.
const maxPassed = 1000

// lookUp is the value map: by the text as it is, then without regard to case and blanks; what is in neither passes.
func (b *binding) lookUp(text string) string {
	if to, ok := b.values[text]; ok {
		return to
	}
	if to, ok := b.passed[text]; ok {
		return to
	}
	to, ok := b.looseValues[loose(text)]
	if !ok {
		to = text
	}
	if len(b.passed) < maxPassed {
		b.passed[strings.Clone(text)] = strings.Clone(to)
	}
	return to
}

// cell gives an empty one beyond the end of the row.
func cell(row *sheet.Row, column int) sheet.Cell {
	if column >= len(row.Cells) {
		return sheet.Cell{}
	}
	c := row.Cells[column]
	if strings.HasPrefix(c.Text, "'") {
		c.Text = unguard(c.Text)
	}
	return c
}

// damaged tells a cell that has something in it, but no value.
func damaged(k sheet.Kind) bool { return k == sheet.Error || k == sheet.NoResult }
