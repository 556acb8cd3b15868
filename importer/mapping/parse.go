package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxProfile bounds what ParseProfile reads; the longest value map anyone keeps is far below.
const maxProfile = 1 << 20

// ParseProfile reads YAML strictly: an unknown key is an error with its line and the nearest key. All errors are
// *ProfileError. name is the file's, for errors. Texts are taken as they stand: 0123 is no number, and no is not false.
func ParseProfile(name string, data []byte) (*Profile, error) {
	r := &profileReader{file: name, profile: &Profile{file: name, lines: map[string]int{}}}
	root, err := r.document(data)
	if err != nil {
		return nil, err
	}
	if err := r.read(root); err != nil {
		return nil, err
	}
	return r.profile, nil
}

var (
	profileKeys = []string{"version", "endpoint", "package", "customer", "key", "sheet", "header", "hidden", "where", "fields", "checks", "rows", "mode"}
	sourceKeys  = []string{"column", "value", "expr", "lower", "upper", "map", "dates", "default", "choose"}
	checkKeys   = []string{"field", "matches", "message"}
	rowsKeys    = []string{"min", "max", "maxChange"}
)

// profileReader walks the YAML by hand, since yaml.v3's own decoding knows no lines and turns texts into numbers.
type profileReader struct {
	file    string
	profile *Profile
}

func (r *profileReader) wrong(line int, hint, format string, args ...any) error {
	return &ProfileError{File: r.file, Line: line, Text: fmt.Sprintf(format, args...), Hint: hint}
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

// document parses the YAML itself.
func (r *profileReader) document(data []byte) (*yaml.Node, error) {
	if len(data) > maxProfile {
		return nil, r.wrong(0, "is it a profile at all?", "the profile is larger than %d bytes", maxProfile)
	}
	var doc, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, r.wrong(0, "make one with orderimport map FILE -o PROFILE", "the profile is empty")
		}
		found := yamlLine.FindStringSubmatch(err.Error())
		line, _ := strconv.Atoi(found[1])
		return nil, r.wrong(line, "check the indentation and the quotes there", "not readable as YAML: %s", err.Error()[len(found[0]):])
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, r.wrong(more.Line, "one profile a file", "something follows after the end of the profile")
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, r.wrong(doc.Line, "it begins with version: 1", "this is not a profile")
	}
	return doc.Content[0], nil
}

// pairs calls set for each key of a mapping; keys nil allows all.
func (r *profileReader) pairs(node *yaml.Node, what string, keys []string, set func(key string, k, v *yaml.Node) error) error {
	if node.Kind != yaml.MappingNode {
		return r.wrong(node.Line, "write it as key: value", "%s is not a list of keys and values", what)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		k, v := node.Content[i], node.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			return r.wrong(k.Line, "", "a key of %s is not a text", what)
		}
		if keys != nil && !slices.Contains(keys, k.Value) {
			hint := didYouMean(nearest(k.Value, keys))
			if hint == "" {
				hint = "the keys here are " + strings.Join(keys, ", ")
			}
			return r.wrong(k.Line, hint, "unknown key %q", k.Value)
		}
		if seen[k.Value] {
			return r.wrong(k.Line, "leave one of them out", "%q stands there twice", k.Value)
		}
		seen[k.Value] = true
		if err := set(k.Value, k, v); err != nil {
			return err
		}
	}
	return nil
}

// text takes a scalar as it is written; null is "".
func (r *profileReader) text(key string, node *yaml.Node) (string, error) {
	if node.Kind == yaml.AliasNode {
		return "", r.wrong(node.Line, "write the value out", "aliases (*%s) cannot be used", node.Value)
	}
	if node.Kind != yaml.ScalarNode {
		return "", r.wrong(node.Line, "", "%q takes one text", key)
	}
	if node.Tag == "!!null" {
		return "", nil
	}
	return node.Value, nil
}

// needed is text that must not be empty.
func (r *profileReader) needed(key string, node *yaml.Node) (string, error) {
	s, err := r.text(key, node)
	if err == nil && Trim(s) == "" {
		err = r.wrong(node.Line, "leave the key out, or give it a value", "%q is empty", key)
	}
	return s, err
}

func (r *profileReader) number(key string, node *yaml.Node, suffix string) (int, error) {
	s, err := r.needed(key, node)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(strings.TrimSuffix(s, suffix), 10, 31)
	if err != nil || (suffix != "" && !strings.HasSuffix(s, suffix)) {
		return 0, r.wrong(node.Line, "", "%q takes a whole number%s, not %q", key, map[bool]string{true: " with " + suffix}[suffix != ""], s)
	}
	return int(n), nil
}

func (r *profileReader) word(key string, node *yaml.Node, words ...string) (string, error) {
	s, err := r.needed(key, node)
	if err == nil && !slices.Contains(words, s) {
		err = r.wrong(node.Line, "it takes "+strings.Join(words, " or "), "%q cannot be %q", key, s)
	}
	return s, err
}

// list takes one text, or a list of texts.
func (r *profileReader) list(key string, node *yaml.Node) ([]string, error) {
	if node.Kind != yaml.SequenceNode {
		s, err := r.needed(key, node)
		return []string{s}, err
	}
	if len(node.Content) == 0 {
		return nil, r.wrong(node.Line, "leave the key out, or give it a value", "%q is empty", key)
	}
	var list []string
	for _, n := range node.Content {
		s, err := r.needed(key, n)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func (r *profileReader) read(root *yaml.Node) error {
	p := r.profile
	err := r.pairs(root, "the profile", profileKeys, func(key string, k, v *yaml.Node) (err error) {
		p.lines[key] = k.Line
		switch key {
		case "version":
			if p.Version, err = r.number(key, v, ""); err == nil && p.Version != 1 {
				err = r.wrong(v.Line, "this program knows version 1", "version %q is not known", v.Value)
			}
		case "endpoint":
			p.Endpoint, err = r.needed(key, v)
		case "package":
			p.Package, err = r.source(key, v, true)
		case "customer":
			p.Customer, err = r.source(key, v, true)
		case "key":
			p.Key, err = r.list(key, v)
		case "sheet":
			p.Sheet, err = r.needed(key, v)
		case "header":
			if p.Header, err = r.number(key, v, ""); err == nil && p.Header == 0 {
				err = r.wrong(v.Line, "rows are counted from 1", "%q cannot be 0", key)
			}
		case "hidden":
			p.Hidden, err = r.word(key, v, "hold", "skip", "take")
		case "where":
			p.Where, err = r.needed(key, v)
		case "fields":
			err = r.fields(v)
		case "checks":
			err = r.checks(v)
		case "rows":
			err = r.rows(v)
		case "mode":
			p.Mode, err = r.word(key, v, "all", "new-only")
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case p.Version == 0:
		return r.wrong(0, "begin it with version: 1", `the profile has no "version"`)
	case len(p.Fields) == 0:
		return r.wrong(0, "list the fields of the order and their columns", `the profile has no "fields"`)
	}
	return nil
}

func (r *profileReader) fields(node *yaml.Node) error {
	return r.pairs(node, `"fields"`, nil, func(key string, k, v *yaml.Node) error {
		s, err := r.source(key, v, false)
		s.line = k.Line
		r.profile.Fields = append(r.profile.Fields, Field{Name: key, Source: s})
		return err
	})
}

// source reads a source; a bare text is a label, or where constant is set, a constant.
func (r *profileReader) source(name string, node *yaml.Node, constant bool) (Source, error) {
	s := Source{line: node.Line}
	if node.Kind != yaml.MappingNode {
		if node.Kind == yaml.SequenceNode {
			return s, r.wrong(node.Line, "several labels are written {column: [A, B]}", "%q takes one text", name)
		}
		text, err := r.needed(name, node)
		if constant {
			s.Value = text
		} else {
			s.Column = []string{text}
		}
		return s, err
	}
	err := r.pairs(node, strconv.Quote(name), sourceKeys, func(key string, k, v *yaml.Node) (err error) {
		switch key {
		case "column":
			s.Column, err = r.list(key, v)
		case "value":
			if s.Value, err = r.needed(key, v); err == nil {
				if _, bad := splitTemplate(s.Value); bad != nil {
					err = r.wrong(v.Line, "write {{Label}}", "%q is no template: %v", s.Value, bad)
				}
			}
		case "expr":
			s.Expr, err = r.needed(key, v)
		case "lower":
			s.Lower, err = r.yes(key, v)
		case "upper":
			s.Upper, err = r.yes(key, v)
		case "map":
			s.Map, err = r.valueMap(v)
		case "dates":
			if s.Dates, err = r.list(key, v); err == nil {
				err = r.dateFormats(v, s.Dates)
			}
		case "default":
			s.Default, err = r.needed(key, v)
		case "choose":
			err = r.open(name, v)
		}
		return err
	})
	if err != nil {
		return s, err
	}
	if n := len(s.Column); (n > 0 && s.Value != "") || (n > 0 && s.Expr != "") || (s.Value != "" && s.Expr != "") || !s.Set() {
		return s, r.wrong(node.Line, "", "%q takes exactly one of column, value and expr", name)
	}
	if s.Lower && s.Upper {
		return s, r.wrong(node.Line, "", "%q takes lower or upper, not both", name)
	}
	return s, nil
}

// open refuses a question that `map` wrote down and nobody has answered: without it, the field would be lost in silence.
func (r *profileReader) open(name string, node *yaml.Node) error {
	if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		return r.wrong(node.Line, fmt.Sprintf("write %s: LABEL, or %s: {value: …}", name, name), "%q is still open: no column fits", name)
	}
	labels := make([]string, len(node.Content))
	for i, n := range node.Content {
		labels[i] = strconv.Quote(n.Value)
	}
	list := strings.Join(labels, ", ")
	switch first := scalar(node.Content[0].Value); name {
	case "package":
		return r.wrong(node.Line, fmt.Sprintf("write package: {column: %s}, or package: ID", first), "%q is still open: choose one of %s, or one package for all rows", name, list)
	case "customer":
		return r.wrong(node.Line, fmt.Sprintf("write customer: {column: %s}, or customer: \"NUMBER\"", first), "%q is still open: choose one of %s", name, list)
	default:
		return r.wrong(node.Line, fmt.Sprintf("write %s: %s, or take the line out where the order needs no such value", name, first), "%q is still open: choose one of %s", name, list)
	}
}

func (r *profileReader) yes(key string, node *yaml.Node) (bool, error) {
	s, err := r.word(key, node, "true", "false")
	return s == "true", err
}

func (r *profileReader) valueMap(node *yaml.Node) (map[string]string, error) {
	values := map[string]string{}
	err := r.pairs(node, `"map"`, nil, func(key string, k, v *yaml.Node) error {
		text, err := r.text(key, v)
		values[Trim(key)] = text
		return err
	})
	if err == nil && len(values) == 0 {
		err = r.wrong(node.Line, "leave the key out, or give it a value", `"map" is empty`)
	}
	return values, err
}

func (r *profileReader) dateFormats(node *yaml.Node, formats []string) error {
	for _, f := range formats {
		if _, err := parseDateFormat(f); err != nil {
			return r.wrong(node.Line, "write it like d/m/yyyy, yyyy-mm-dd or dd.mm.yy", "%q is no date format: %v", f, err)
		}
	}
	return nil
}

func (r *profileReader) checks(node *yaml.Node) error {
	if node.Kind != yaml.SequenceNode {
		return r.wrong(node.Line, "begin each check with a -", `"checks" is not a list`)
	}
	for _, n := range node.Content {
		c := Check{Message: map[string]string{}, line: n.Line}
		err := r.pairs(n, "a check", checkKeys, func(key string, k, v *yaml.Node) (err error) {
			switch key {
			case "field":
				c.Field, err = r.needed(key, v)
			case "matches":
				if c.Matches, err = r.needed(key, v); err == nil {
					if _, bad := regexp.Compile(c.Matches); bad != nil {
						err = r.wrong(v.Line, "", "%q is no regular expression: %v", c.Matches, bad)
					}
				}
			case "message":
				err = r.pairs(v, `"message"`, []string{"sv", "en"}, func(lang string, _, v *yaml.Node) error {
					text, err := r.needed(lang, v)
					c.Message[lang] = text
					return err
				})
			}
			return err
		})
		if err != nil {
			return err
		}
		if c.Field == "" || c.Matches == "" {
			return r.wrong(n.Line, "", "a check needs field and matches")
		}
		r.profile.Checks = append(r.profile.Checks, c)
	}
	return nil
}

func (r *profileReader) rows(node *yaml.Node) error {
	rows := &r.profile.Rows
	err := r.pairs(node, `"rows"`, rowsKeys, func(key string, k, v *yaml.Node) (err error) {
		switch key {
		case "min":
			rows.Min, err = r.number(key, v, "")
		case "max":
			rows.Max, err = r.number(key, v, "")
		case "maxChange":
			rows.MaxChange, err = r.number(key, v, "%")
		}
		return err
	})
	if err == nil && rows.Max > 0 && rows.Min > rows.Max {
		err = r.wrong(node.Line, "", "min %d is more than max %d", rows.Min, rows.Max)
	}
	return err
}
