package mapping

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/vm"

	"orderimport/importer/connect"
)

// Mapping is a profile bound to a file's columns. One goroutine uses it.
type Mapping struct {
	columns  *columns
	where    *expression
	package_ binding
	customer binding
	fields   []boundField
	schemas  Schemas
	plan     *plan            // of a constant package; nil where it differs by row
	plans    map[string]*plan // by the package's text, where it differs by row
	key      []int            // columns of the profile's key
	keyKind  string
	unsent   []int // columns with employee numbers that feed no field
	earlier  earlierColumns

	texts   cellsOfRow // trimmed cells, for expressions
	machine vm.VM
}

type boundField struct {
	name string
	binding
}

// plan is how the fields of the profile meet those of one schema.
type plan struct {
	schema  *connect.OrderSchema
	field   []int    // for each of schema.Data: index into Mapping.fields, -1 where nothing feeds it
	strange []int    // fields of the profile that the schema does not have
	kinds   []string // for each of schema.Data: the kind of identifier it is, "" for none
}

// binding is a source with its labels, formats and expression resolved.
type binding struct {
	columns    []int
	column     int    // the only or first column, -1 where there is none
	constant   string // without a template
	template   []templatePart
	expression *expression

	lower, upper  bool
	values        map[string]string // by the text as it is
	looseValues   map[string]string // by loose, for what is not in values
	passed        map[string]string // what looseValues said before, by the text as it is
	dates         []dateFormat
	default_      string
	defaultOrigin Origin
	bare          bool // nothing is to be done with what was read
}

// templatePart is a text, or where column is not -1, a cell.
type templatePart struct {
	text   string
	column int
}

// columns finds labels.
type columns struct {
	labels []string
	exact  map[string]int
	loose  map[string]int // -1 where two labels differ only by case and blanks
}

func newColumns(labels []string) *columns {
	c := &columns{labels: labels, exact: make(map[string]int, len(labels)), loose: make(map[string]int, len(labels))}
	for i, label := range labels {
		c.exact[label] = i
		if _, twice := c.loose[loose(label)]; twice {
			c.loose[loose(label)] = -1
		} else {
			c.loose[loose(label)] = i
		}
	}
	return c
}

// find takes a label as it stands, or in another case or with other blanks where just one label is meant. Its error is a
// *BindError without a place.
func (c *columns) find(label string) (int, error) {
	if i, ok := c.exact[label]; ok {
		return i, nil
	}
	if i, ok := c.loose[loose(label)]; ok && i >= 0 {
		return i, nil
	}
	near := nearest(label, c.labels)
	hint := didYouMean(near)
	if hint == "" {
		hint = "its columns are " + strings.Join(c.labels, ", ")
	}
	return 0, &BindError{What: "column", Name: label, Nearest: near, Hint: hint}
}

// Bind fits the profile to the columns of a file. A label or a field that is not there is *BindError, with the nearest one;
// for a constant package the schema is fetched here, and the error may be that of schemas.
func (p *Profile) Bind(ctx context.Context, labels []string, schemas Schemas, opt Options) (*Mapping, error) {
	m := &Mapping{columns: newColumns(labels), schemas: schemas, plans: map[string]*plan{}, earlier: newEarlierColumns(labels)}
	m.texts.Cells = make([]string, len(labels))
	at := func(err error, line int) error {
		var bind *BindError
		if errors.As(err, &bind) {
			bind.File, bind.Line = p.file, line
		}
		return err
	}
	source := func(s Source, override string) (binding, error) {
		if override != "" {
			return binding{column: -1, constant: override, bare: true}, nil
		}
		b, err := m.bindSource(&s, opt.Now)
		return b, at(err, s.line)
	}

	var err error
	if p.Where != "" {
		if m.where, err = compileExpression(p.Where, m.columns, true); err != nil {
			return nil, at(err, p.lines["where"])
		}
	}
	if opt.Customer == "" && !p.Customer.Set() {
		return nil, at(&BindError{What: "customerNumber", Hint: "give it with --customer, or as customer in the profile"}, 0)
	}
	if m.customer, err = source(p.Customer, opt.Customer); err != nil {
		return nil, err
	}
	if opt.Package == "" && !p.Package.Set() {
		return nil, at(&BindError{What: "package", Hint: "give it with --package, or as package in the profile"}, 0)
	}
	if m.package_, err = source(p.Package, opt.Package); err != nil {
		return nil, err
	}
	for _, f := range p.Fields {
		b, err := source(f.Source, "")
		if err != nil {
			return nil, err
		}
		m.fields = append(m.fields, boundField{f.Name, b})
	}
	if err := m.bindKey(p.Key); err != nil {
		return nil, at(err, p.lines["key"])
	}
	if m.package_.constant == "" {
		return m, nil
	}
	schema, err := schemas.Schema(ctx, m.package_.constant)
	if err != nil {
		return nil, err
	}
	m.plan = m.newPlan(schema)
	for _, i := range m.plan.strange {
		return nil, at(noField(p.Fields[i].Name, schema), p.Fields[i].line)
	}
	for _, c := range p.Checks {
		if !slices.ContainsFunc(schema.Data, func(d connect.OrderDataItem) bool { return d.Name == c.Field }) {
			return nil, at(noField(c.Field, schema), c.line)
		}
	}
	return m, nil
}

func noField(name string, schema *connect.OrderSchema) *BindError {
	near := nearest(name, fieldNames(schema))
	hint := didYouMean(near)
	if hint == "" {
		hint = "its fields are " + strings.Join(fieldNames(schema), ", ")
	}
	return &BindError{What: "field", Name: name, Nearest: near, Hint: hint}
}

func fieldNames(schema *connect.OrderSchema) []string {
	names := make([]string, len(schema.Data))
	for i := range schema.Data {
		names[i] = schema.Data[i].Name
	}
	return names
}

func (m *Mapping) newPlan(schema *connect.OrderSchema) *plan {
	p := &plan{schema: schema, field: make([]int, len(schema.Data)), kinds: make([]string, len(schema.Data))}
	index := make(map[string]int, len(m.fields))
	for i, f := range m.fields {
		index[f.name] = i
	}
	for d := range schema.Data {
		p.field[d] = -1
		if i, ok := index[schema.Data[d].Name]; ok {
			p.field[d] = i
		}
		p.kinds[d] = fieldKind(&schema.Data[d])
	}
	for i := range m.fields {
		if !slices.Contains(p.field, i) {
			p.strange = append(p.strange, i)
		}
	}
	return p
}

// bindSource resolves labels, formats and expressions; its error is a *BindError without a place.
func (m *Mapping) bindSource(s *Source, now time.Time) (binding, error) {
	b := binding{column: -1, lower: s.Lower, upper: s.Upper, default_: s.Default, defaultOrigin: FromConstant}
	var err error
	switch {
	case s.Choose != nil:
		return b, &BindError{What: "column", Hint: "choose one of " + strings.Join(s.Choose, ", ")}
	case s.Expr != "":
		if b.expression, err = compileExpression(s.Expr, m.columns, false); err != nil {
			return b, err
		}
		b.columns = b.expression.used
	case s.Value != "":
		if err = m.bindTemplate(&b, s.Value); err != nil {
			return b, err
		}
	default:
		for _, label := range s.Column {
			i, err := m.columns.find(label)
			if err != nil {
				return b, err
			}
			b.columns = append(b.columns, i)
		}
		if len(b.columns) > 0 {
			b.column = b.columns[0]
		}
	}
	if len(s.Map) > 0 {
		b.values = s.Map
		b.looseValues, b.passed = looseKeys(s.Map), map[string]string{}
	}
	for _, text := range s.Dates {
		f, err := parseDateFormat(text)
		if err != nil {
			return b, &BindError{What: "date format", Name: text, Hint: err.Error()}
		}
		b.dates = append(b.dates, f)
	}
	if days, ok := relativeDays(s.Default); ok {
		b.default_, b.defaultOrigin = now.AddDate(0, 0, days).Format(time.DateOnly), FromClock
	}
	b.bare = !b.lower && !b.upper && b.values == nil && b.dates == nil && b.default_ == ""
	return b, nil
}

// looseKeys leaves out what is ambiguous once case and blanks do not count: such a text passes as it stands.
func looseKeys(values map[string]string) map[string]string {
	found := make(map[string]string, len(values))
	ambiguous := map[string]bool{}
	for key, value := range values {
		k := loose(key)
		if other, twice := found[k]; twice && other != value {
			ambiguous[k] = true
		}
		found[k] = value
	}
	for k := range ambiguous {
		delete(found, k)
	}
	return found
}

func (m *Mapping) bindTemplate(b *binding, text string) error {
	parts, err := splitTemplate(text)
	if err != nil {
		return &BindError{What: "template", Name: text, Hint: err.Error()}
	}
	if len(parts) == 1 && !parts[0].label {
		b.constant = text
		return nil
	}
	for _, p := range parts {
		part := templatePart{text: p.text, column: -1}
		if p.label {
			if part.column, err = m.columns.find(p.text); err != nil {
				return err
			}
			b.columns = append(b.columns, part.column)
		}
		b.template = append(b.template, part)
	}
	if len(b.columns) == 1 {
		b.column = b.columns[0]
	}
	return nil
}

type textOrLabel struct {
	text  string
	label bool
}

// splitTemplate takes "{{Label}} text" apart.
func splitTemplate(s string) ([]textOrLabel, error) {
	var parts []textOrLabel
	for s != "" {
		text, rest, found := strings.Cut(s, "{{")
		if text != "" {
			parts = append(parts, textOrLabel{text: text})
		}
		if !found {
			break
		}
		label, after, closed := strings.Cut(rest, "}}")
		if !closed {
			return nil, errors.New("a {{ has no }}")
		}
		if Trim(label) == "" {
			return nil, errors.New("there is no label between {{ and }}")
		}
		parts = append(parts, textOrLabel{Trim(label), true})
		s = after
	}
	return parts, nil
}

// Column is the 0-based column that feeds the field, -1 where none does or several do. It also takes "customerNumber" and
// "predefinedPackageID".
func (m *Mapping) Column(field string) int {
	if c := m.Columns(field); len(c) == 1 {
		return c[0]
	}
	return -1
}

// Columns are the 0-based columns that feed the field, in the order in which they are looked at; it takes the same names as
// Column. The caller does not change them.
func (m *Mapping) Columns(field string) []int {
	switch field {
	case customerField:
		return m.customer.columns
	case packageField:
		return m.package_.columns
	}
	for i := range m.fields {
		if m.fields[i].name == field {
			return m.fields[i].columns
		}
	}
	return nil
}

// Unused are the labels of the columns that nothing is read from, in order. What a result sheet added is left out.
func (m *Mapping) Unused() []string {
	used := slices.Clone(m.earlier.added)
	sources := [][]int{m.package_.columns, m.customer.columns, m.key, m.unsent}
	if m.where != nil {
		sources = append(sources, m.where.used)
	}
	for i := range m.fields {
		sources = append(sources, m.fields[i].columns)
	}
	for _, c := range slices.Concat(sources...) {
		used[c] = true
	}
	var unused []string
	for i, label := range m.columns.labels {
		if !used[i] {
			unused = append(unused, label)
		}
	}
	return unused
}

// The order's own fields, as `map --format json` names them.
const (
	customerField = "customerNumber"
	packageField  = "predefinedPackageID"
)
