package mapping

import (
	"bytes"
	"encoding/json"
)

// MarshalJSON is `map --format json`: every label in the file's order, null where it is not used.
func (p *Proposal) MarshalJSON() ([]byte, error) {
	var labels bytes.Buffer
	labels.WriteByte('{')
	for i, label := range p.Columns {
		if i > 0 {
			labels.WriteByte(',')
		}
		var field *string
		if name, ok := p.Mapping[label]; ok {
			field = &name
		}
		key, err := plainJSON(label)
		if err != nil {
			return nil, err
		}
		value, err := plainJSON(field)
		if err != nil {
			return nil, err
		}
		labels.Write(key)
		labels.WriteByte(':')
		labels.Write(value)
	}
	labels.WriteByte('}')

	type target struct {
		Field  string  `json:"field"`
		Column *string `json:"column"`
		Score  float64 `json:"score"`
		Reason string  `json:"reason"`
	}
	type question struct {
		Field      string   `json:"field"`
		Candidates []string `json:"candidates"`
	}
	targets, open := []target{}, []question{}
	for _, t := range p.Targets {
		entry := target{Field: t.Field, Score: t.Score, Reason: t.Reason}
		if t.Column != "" {
			entry.Column = &t.Column
		}
		targets = append(targets, entry)
	}
	for _, q := range p.Open {
		open = append(open, question{q.Field, append([]string{}, q.Candidates...)})
	}
	return plainJSON(struct {
		Mapping json.RawMessage `json:"mapping"`
		Fields  []target        `json:"fields"`
		Open    []question      `json:"open"`
	}{labels.Bytes(), targets, open})
}

// plainJSON leaves "<", ">" and "&" as they stand.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
