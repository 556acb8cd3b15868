package importer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
	"orderimport/validate"
)

// drift knows the schemas that the ready rows of a run fit, and finds out when the API's have become others.
type drift struct {
	client  *connect.Client
	ledger  *ledger.Ledger
	run     *ledger.Run
	fitting map[int64]*connect.OrderSchema // nil for a package that the API no longer has
	columns map[string][]int               // by field, where the profile takes it from columns
}

// newDrift looks up which packages the run's ready rows order, and against which schemas they were checked. It gives the rows' packages by number, too.
func newDrift(ctx context.Context, client *connect.Client, lg *ledger.Ledger, run *ledger.Run) (*drift, map[int]int64, error) {
	var sealed []*connect.OrderSchema
	if err := json.Unmarshal(run.Schemas, &sealed); err != nil {
		return nil, nil, fmt.Errorf("run %s: its schemas cannot be read: %w", run.ID, err)
	}
	d := &drift{client: client, ledger: lg, run: run, fitting: map[int64]*connect.OrderSchema{}, columns: sources(run)}
	ordered := map[int64]bool{}
	ready := make(map[int]int64, run.Totals[ledger.Ready])
	const page = 1000
	for after := int64(0); ; {
		rows, err := lg.Ready(ctx, run.ID, after, page)
		if err != nil {
			return nil, nil, err
		}
		for i := range rows {
			ready[rows[i].Number] = rows[i].Package
			ordered[rows[i].Package] = true
		}
		if len(rows) < page {
			break
		}
		after = rows[len(rows)-1].ID
	}
	for _, s := range sealed {
		if ordered[s.PredefinedPackageID] {
			d.fitting[s.PredefinedPackageID] = s
		}
	}
	return d, ready, nil
}

// sources says which columns the run's profile takes each field from: for the place of a finding, so what cannot be read is
// left out.
func sources(run *ledger.Run) map[string][]int {
	columns := map[string][]int{}
	profile, err := mapping.ParseProfile("", run.Profile)
	if err != nil {
		return columns
	}
	for _, field := range profile.Fields {
		for _, label := range field.Column {
			if i := slices.Index(run.Columns, label); i >= 0 {
				columns[field.Name] = append(columns[field.Name], i)
			}
		}
	}
	return columns
}

// check fetches the schemas again. Where one has changed it calls hold, and then moves those of the package's ready rows that
// no longer fit to Invalid, each told to moved. Errors are connect's and the ledger's.
func (d *drift) check(ctx context.Context, hold func(), moved func(row int)) error {
	changed := map[int64]*connect.OrderSchema{}
	for id, fits := range d.fitting {
		now, err := d.client.GetPackageSchema(ctx, id)
		if err != nil {
			if now, err = nil, d.gone(ctx, id, err); err != nil {
				return err
			}
		}
		if !sameSchema(fits, now) {
			changed[id] = now
		}
	}
	if len(changed) == 0 {
		return nil
	}
	hold()
	if err := d.recheck(ctx, changed, moved); err != nil {
		return err
	}
	for id, schema := range changed {
		d.fitting[id] = schema
	}
	return nil
}

// gone is nil where the API has no such package any more, by two answers: it gives no schema of it, and does not list it.
// One alone may be a fault of the moment.
func (d *drift) gone(ctx context.Context, id int64, unknown error) error {
	var failure *connect.Error
	if !errors.As(unknown, &failure) || failure.Kind != connect.NotFound {
		return unknown
	}
	packages, err := d.client.GetPackages(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(packages, func(p connect.GetPackageResult) bool { return p.PredefinedPackageID == id }) {
		return unknown
	}
	return nil
}

// unlisted takes out of ready the rows whose package the API no longer lists among those that may be ordered, though it still has its schema, and
// gives these packages.
func (d *drift) unlisted(ctx context.Context, ready map[int]int64) ([]int64, error) {
	packages, err := d.client.GetPackages(ctx)
	if err != nil {
		return nil, err
	}
	var gone []int64
	for row, id := range ready {
		if !slices.ContainsFunc(packages, func(p connect.GetPackageResult) bool { return p.PredefinedPackageID == id }) {
			gone = append(gone, id)
			delete(ready, row)
		}
	}
	slices.Sort(gone)
	return slices.Compact(gone), nil
}

// sameSchema compares what an order depends on; nil and empty lists are the same, and two packages that are not there.
func sameSchema(a, b *connect.OrderSchema) bool {
	if a == nil || b == nil {
		return a == b
	}
	return samePackage(a, b) && slices.EqualFunc(a.Data, b.Data, sameItem)
}

// samePackage compares what is ordered, whatever fields an order of it has. The vendor does not say that products have an order; one that
// is there twice is ordered twice.
func samePackage(a, b *connect.OrderSchema) bool {
	return a.Name == b.Name && slices.Equal(slices.Sorted(slices.Values(a.Products)), slices.Sorted(slices.Values(b.Products)))
}

func sameItem(a, b connect.OrderDataItem) bool {
	if len(a.AllowedValues) == 0 && len(b.AllowedValues) == 0 {
		a.AllowedValues, b.AllowedValues = nil, nil
	}
	return reflect.DeepEqual(a, b)
}

// recheck holds the ready rows of the changed packages against their new schemas.
func (d *drift) recheck(ctx context.Context, changed map[int64]*connect.OrderSchema, moved func(row int)) error {
	changes := map[int64]*change{}
	for id, now := range changed {
		c, err := newChange(d.run, d.fitting[id], now)
		if err != nil {
			return err
		}
		changes[id] = c
	}
	const group = 256
	var misfits []ledger.Misfit
	numbers := map[int64]int{}
	invalidate := func() error {
		ids, err := d.ledger.Invalidate(context.WithoutCancel(ctx), misfits)
		for _, id := range ids {
			moved(numbers[id])
		}
		misfits = misfits[:0]
		clear(numbers)
		return err
	}
	for row, err := range d.ledger.Rows(ctx, d.run.ID) {
		if err != nil {
			return err
		}
		c := changes[row.Package]
		if row.State != ledger.Ready || c == nil {
			continue
		}
		findings, err := c.misfit(row, d.columns)
		if err != nil {
			return err
		}
		if findings == nil {
			continue
		}
		misfits, numbers[row.ID] = append(misfits, ledger.Misfit{Row: row.ID, Findings: findings}), row.Number
		if len(misfits) == group {
			if err := invalidate(); err != nil {
				return err
			}
		}
	}
	return invalidate()
}

// change is what became of one package's schema.
type change struct {
	gone   bool
	other  bool                 // it holds other products, or is called otherwise: nobody has approved that
	fields map[string]bool      // of the new schema
	filled map[string]bool      // fields that the server now fills in otherwise where an order has no value
	items  *connect.OrderSchema // its fields that are new or not what they were
	rules  *validate.Checker
}

// newChange compares a package's schemas. The rows were checked on the day of the run; only the schema is another now.
func newChange(run *ledger.Run, before, now *connect.OrderSchema) (*change, error) {
	rules, err := validate.New(run.StartedAt, run.Columns, nil)
	if err != nil || now == nil {
		return &change{gone: true, rules: rules}, err
	}
	c := &change{other: before != nil && !samePackage(before, now), fields: map[string]bool{}, filled: map[string]bool{}, items: &connect.OrderSchema{PredefinedPackageID: now.PredefinedPackageID, Name: now.Name}, rules: rules}
	for _, item := range now.Data {
		c.fields[item.Name] = true
		var was connect.OrderDataItem
		if before != nil {
			if i := slices.IndexFunc(before.Data, func(b connect.OrderDataItem) bool { return b.Name == item.Name }); i >= 0 {
				was = before.Data[i]
			}
		}
		if !sameItem(was, item) {
			c.items.Data = append(c.items.Data, item)
			c.filled[item.Name] = item.DefaultValue != "" && item.DefaultValue != was.DefaultValue
		}
	}
	return c, nil
}

// misfit gives the row's findings, old and new, where its order does not fit any more, and nil where it fits as it stands:
// what was approved is sent as it was approved, or not at all.
func (c *change) misfit(row *ledger.Row, columns map[string][]int) (json.RawMessage, error) {
	var order connect.CreateOrderRequest
	if err := json.Unmarshal(row.Payload, &order); err != nil {
		return nil, fmt.Errorf("row %d: its order cannot be read: %w", row.Number, err)
	}
	place := func(field string) int {
		for _, column := range columns[field] {
			if column < len(row.Cells) && strings.TrimSpace(row.Cells[column].Text) != "" {
				return column
			}
		}
		return -1
	}
	rec := mapping.Record{
		Row: &sheet.Row{Number: row.Number, Cells: row.Cells}, Package: strconv.FormatInt(row.Package, 10), PackageColumn: -1,
		Customer: order.CustomerNumber, CustomerColumn: -1, Schema: c.items,
	}
	if c.gone {
		rec.Schema = nil
	} else {
		for _, item := range c.items.Data {
			// A number in an order has its "." before the decimals, as a number cell has.
			rec.Values = append(rec.Values, mapping.Value{Text: order.Data[item.Name], Origin: mapping.FromRow, Kind: sheet.Number, Column: place(item.Name)})
		}
		for name := range order.Data {
			if !c.fields[name] {
				rec.Faults = append(rec.Faults, mapping.Fault{Code: validate.UnknownField, Field: name, Column: place(name), Text: order.Data[name]})
			}
		}
		slices.SortFunc(rec.Faults, func(a, b mapping.Fault) int { return strings.Compare(a.Field, b.Field) })
	}
	found := c.rules.Check(&rec, nil)
	var changed []validate.Finding
	if rec.Schema != nil {
		for i, item := range c.items.Data {
			// What the check would mend or fill in is not what was approved.
			if sent := order.Data[item.Name]; rec.Values[i].Text != sent || sent == "" && c.filled[item.Name] {
				changed = append(changed, validate.Finding{Code: validate.SchemaChanged, Severity: validate.Error, Field: item.Name, Value: sent, Suggestion: rec.Values[i].Text})
			}
		}
	}
	if len(changed) == 0 && !validate.HasError(found) && !c.other {
		return nil, nil
	}
	if len(changed) == 0 {
		changed = []validate.Finding{{Code: validate.SchemaChanged, Severity: validate.Error}}
	}
	var all []validate.Finding
	if len(row.Findings) > 0 {
		if err := json.Unmarshal(row.Findings, &all); err != nil {
			return nil, fmt.Errorf("row %d: its findings cannot be read: %w", row.Number, err)
		}
	}
	return json.Marshal(slices.Concat(all, changed, found))
}
