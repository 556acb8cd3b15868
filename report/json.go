package report

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/validate"
)

// JSONTotals is the "totals" object of every JSON output: "rows", which is the sum of the others, then each status in the
// order of ledger.States, all of them always.
func JSONTotals(t ledger.Totals) json.RawMessage {
	b := strconv.AppendInt([]byte(`{"rows": `), int64(t.Rows()), 10)
	for _, s := range ledger.States {
		b = append(b, `, "`...)
		b = append(b, s.Status()...)
		b = append(b, `": `...)
		b = strconv.AppendInt(b, int64(t[s]), 10)
	}
	return append(b, '}')
}

// jsonRow is a row as scripts rely on it. Members that do not apply are left out, but for package (null) and findings ([]).
type jsonRow struct {
	Row         int           `json:"row"`
	Package     *int64        `json:"package"`
	Customer    string        `json:"customer"`
	Status      string        `json:"status"`
	OrderID     int64         `json:"orderID,omitempty"`
	OrderNumber string        `json:"orderNumber,omitempty"`
	Reason      string        `json:"reason,omitempty"`
	HTTPStatus  int           `json:"httpStatus,omitempty"`
	RequestID   string        `json:"requestID,omitempty"`
	SentAt      string        `json:"sentAt,omitempty"`
	By          string        `json:"by,omitempty"`
	Twin        *jsonTwin     `json:"twin,omitempty"`
	Findings    []jsonFinding `json:"findings"`
}

// jsonTwin is the other row of a duplicate or held one.
type jsonTwin struct {
	Run any `json:"run"` // null: of this file, in a dry run
	Row int `json:"row"`
}

type jsonFinding struct {
	Code       string            `json:"code"`
	Severity   validate.Severity `json:"severity"`
	Column     string            `json:"column"`
	Cell       string            `json:"cell"`
	Field      string            `json:"field"`
	Value      string            `json:"value"`
	Message    string            `json:"message"`
	Suggestion string            `json:"suggestion,omitempty"`
}

// jsonWriter keeps the rows compressed until the totals, which stand before them, are known.
type jsonWriter struct {
	w     io.Writer
	head  importer.Head
	lang  validate.Lang
	spool chunks
	press *flate.Writer
	enc   *json.Encoder
	line  bytes.Buffer
	row   jsonRow
	rows  int
	done  bool
}

func newJSON(w io.Writer, head importer.Head, lang validate.Lang) (*jsonWriter, error) {
	j := &jsonWriter{w: w, head: head, lang: lang}
	press, err := flate.NewWriter(&j.spool, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	j.press = press
	j.enc = json.NewEncoder(&j.line)
	j.enc.SetEscapeHTML(false)
	return j, nil
}

// Add puts the row, on a line of its own, behind those before.
func (j *jsonWriter) Add(row *importer.Row) error {
	r := &j.row
	*r = jsonRow{
		Row: row.Number, Customer: row.Customer, Status: row.State.Status(), OrderID: row.OrderID, OrderNumber: row.OrderNumber,
		Reason: row.Message, HTTPStatus: row.HTTPStatus, RequestID: row.RequestID, By: row.By, Findings: r.Findings[:0],
	}
	if row.Decided() || r.Reason == "" && row.State != ledger.Ordered {
		r.Reason = row.Reason
	}
	if row.Package != 0 {
		r.Package = &row.Package
	}
	if !row.SentAt.IsZero() {
		r.SentAt = row.SentAt.UTC().Format(time.RFC3339)
	}
	if row.TwinRow != 0 {
		r.Twin = &jsonTwin{Run: nullable(row.TwinRun), Row: row.TwinRow}
	}
	for i := range row.Findings {
		f := &row.Findings[i]
		r.Findings = append(r.Findings, jsonFinding{
			Code: f.Code, Severity: f.Severity, Column: f.Column, Cell: f.Cell, Field: f.Field, Value: f.Value,
			Message: f.Message(j.lang), Suggestion: f.Suggestion,
		})
	}
	if r.Findings == nil {
		r.Findings = []jsonFinding{}
	}

	j.line.Reset()
	if j.rows > 0 {
		j.line.WriteByte(',')
	}
	j.line.WriteString("\n  ")
	if err := j.enc.Encode(r); err != nil {
		return err
	}
	j.line.Truncate(j.line.Len() - 1) // Encode's line end: the comma comes first
	j.rows++
	_, err := j.press.Write(j.line.Bytes())
	return err
}

// Close writes the head, the totals and then the rows.
func (j *jsonWriter) Close(sum importer.Summary) error {
	if j.done {
		return errors.New("the result is closed already")
	}
	j.done = true
	if err := j.press.Close(); err != nil {
		return err
	}
	b := []byte("{")
	for _, member := range []struct {
		name  string
		value any
	}{
		{"run", nullable(j.head.Run)}, {"file", j.head.File}, {"sha256", j.head.SHA256}, {"package", nullable(sum.Package)},
		{"endpoint", j.head.Endpoint}, {"dryRun", j.head.DryRun}, {"totals", JSONTotals(sum.Totals)},
	} {
		j.line.Reset()
		if err := j.enc.Encode(member.value); err != nil {
			return err
		}
		if len(b) > 1 {
			b = append(b, ",\n "...)
		}
		b = append(b, `"`+member.name+`": `...)
		b = append(b, bytes.TrimSpace(j.line.Bytes())...)
	}
	b = append(b, ",\n \"rows\": ["...)
	if _, err := j.w.Write(b); err != nil {
		return err
	}
	if _, err := io.Copy(j.w, flate.NewReader(j.spool.reader())); err != nil {
		return err
	}
	end := "]}\n"
	if j.rows > 0 {
		end = "\n ]}\n"
	}
	_, err := io.WriteString(j.w, end)
	j.spool = nil
	return err
}

// Abort forgets the rows.
func (j *jsonWriter) Abort() { j.spool, j.done = nil, true }

// nullable is null for the zero value.
func nullable[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// chunks is a growing buffer that never copies what it holds.
type chunks [][]byte

const chunkSize = 64 << 10

func (c *chunks) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if len(*c) == 0 || len((*c)[len(*c)-1]) == chunkSize {
			*c = append(*c, make([]byte, 0, chunkSize))
		}
		last := &(*c)[len(*c)-1]
		k := min(len(p), chunkSize-len(*last))
		*last = append(*last, p[:k]...)
		p = p[k:]
	}
	return n, nil
}

func (c chunks) reader() io.Reader {
	readers := make([]io.Reader, len(c))
	for i, b := range c {
		readers[i] = bytes.NewReader(b)
	}
	return io.MultiReader(readers...)
}
