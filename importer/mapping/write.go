package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// YAML writes the profile as `map` does: one line for each thing, with the fields' comments. ParseProfile reads it back to
// the same profile.
func (p *Profile) YAML() []byte {
	var b strings.Builder
	line := func(indent int, key, value, comment string) {
		fmt.Fprintf(&b, "%s%s: %s", strings.Repeat("  ", indent), scalar(key), value)
		if comment != "" {
			b.WriteString("  # " + oneLine(comment))
		}
		b.WriteByte('\n')
	}
	text := func(key, value string) {
		if value != "" {
			line(0, key, scalar(value), "")
		}
	}
	line(0, "version", "1", "")
	text("endpoint", p.Endpoint)
	if p.Package.Set() {
		id := p.Package.yaml(true)
		if _, err := strconv.ParseUint(p.Package.Value, 10, 31); err == nil && p.Package.Value[0] != '0' {
			id = strings.Trim(id, `"`) // reads better, and no reader loses anything of it
		}
		line(0, "package", id, "")
	}
	if p.Customer.Set() {
		line(0, "customer", p.Customer.yaml(true), "")
	}
	if len(p.Key) > 0 {
		line(0, "key", list(p.Key), "")
	}
	text("sheet", p.Sheet)
	if p.Header > 0 {
		line(0, "header", strconv.Itoa(p.Header), "")
	}
	text("hidden", p.Hidden)
	text("where", p.Where)
	b.WriteString("fields:\n")
	for i := range p.Fields {
		line(1, p.Fields[i].Name, p.Fields[i].yaml(false), p.Fields[i].Comment)
	}
	if len(p.Checks) > 0 {
		b.WriteString("checks:\n")
		for _, c := range p.Checks {
			pairs := []string{"field: " + scalar(c.Field), "matches: " + scalar(c.Matches)}
			if len(c.Message) > 0 {
				pairs = append(pairs, "message: "+flow(c.Message))
			}
			b.WriteString("  - {" + strings.Join(pairs, ", ") + "}\n")
		}
	}
	if p.Rows != (Rows{}) {
		var pairs []string
		for _, bound := range []struct {
			key   string
			value int
			unit  string
		}{{"min", p.Rows.Min, ""}, {"max", p.Rows.Max, ""}, {"maxChange", p.Rows.MaxChange, "%"}} {
			if bound.value > 0 {
				pairs = append(pairs, fmt.Sprintf("%s: %d%s", bound.key, bound.value, bound.unit))
			}
		}
		line(0, "rows", "{"+strings.Join(pairs, ", ")+"}", "")
	}
	text("mode", p.Mode)
	return []byte(b.String())
}

// yaml writes the source as a bare text where that says it all.
func (s *Source) yaml(constant bool) string {
	var pairs []string
	add := func(set bool, key, value string) {
		if set {
			pairs = append(pairs, key+": "+value)
		}
	}
	column := list(s.Column)
	if len(s.Column) == 1 {
		column = scalar(s.Column[0])
	}
	add(len(s.Column) > 0, "column", column)
	add(s.Value != "", "value", scalar(s.Value))
	add(s.Expr != "", "expr", scalar(s.Expr))
	add(s.Lower, "lower", "true")
	add(s.Upper, "upper", "true")
	add(len(s.Map) > 0, "map", flow(s.Map))
	add(len(s.Dates) > 0, "dates", list(s.Dates))
	add(s.Default != "", "default", scalar(s.Default))
	add(s.Choose != nil, "choose", list(s.Choose))
	switch {
	case len(pairs) == 1 && constant && s.Value != "":
		return scalar(s.Value)
	case len(pairs) == 1 && !constant && len(s.Column) == 1:
		return column
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

func list(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = scalar(t)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func flow(values map[string]string) string {
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		pairs = append(pairs, scalar(key)+": "+scalar(values[key]))
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

// oneLine keeps what a comment may hold.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' }), " ")
}

// scalar writes a text bare where every YAML reader takes it for that text; else in single quotes where it is full of double
// ones, as expressions are; else in double quotes, whose escapes are those of Go for all that strconv.Quote writes.
func scalar(s string) string {
	if bare(s) {
		return s
	}
	quoted := strconv.Quote(s)
	if strings.ContainsAny(s, "\"\\") && !strings.Contains(s, "'") && strings.Count(quoted, `\`) == strings.Count(s, `"`)+2*strings.Count(s, `\`) {
		return "'" + s + "'" // no escape but those of the quotes and backslashes
	}
	return quoted
}

func bare(s string) bool {
	for i, r := range s {
		word := unicode.IsLetter(r) || (i > 0 && (unicode.IsDigit(r) || strings.ContainsRune("_-./", r)))
		blank := r == ' ' && i > 0 && i < len(s)-1
		if !word && !blank {
			return false
		}
	}
	switch strings.ToLower(s) {
	case "", "null", "true", "false", "yes", "no", "on", "off", "y", "n":
		return false
	}
	return true
}
