package mapping

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"orderimport/importer/connect"
	"orderimport/importer/sheet"
)

// Order is what a person says of all orders of a file; "" where nothing is said.
type Order struct {
	Package  string // ID or name
	Customer string
}

// SuggestFor is Suggest for a file of which a person has said something, or has something that is usual: that gives way to a column
// that says it. One of the two names a package. Errors are those of schemas.
func SuggestFor(ctx context.Context, labels []string, samples [][]sheet.Cell, schemas Schemas, said, usual Order) (*Proposal, error) {
	schema, err := schemas.Schema(ctx, cmp.Or(said.Package, usual.Package))
	if err != nil {
		return nil, err
	}
	byRow := said.Package == ""
	p := suggest(labels, samples, schema, said.Customer, byRow)
	if columns := p.Profile.Package.Column; byRow && len(columns) > 0 {
		// The fields are those of the packages that the column names. Where it names none, what it holds is a question.
		all := *schema
		names := samplesOf(samples, slices.Index(labels, columns[0]))
		if all.Data, err = fieldsOfAll(ctx, schemas, names); err != nil {
			return nil, err
		}
		if byRow = all.Data != nil; byRow {
			schema = &all
		}
		p = suggest(labels, samples, schema, said.Customer, byRow)
	}
	if said.Customer == "" && usual.Customer != "" && !p.Profile.Customer.Set() {
		p = suggest(labels, samples, schema, usual.Customer, byRow)
	}
	return p, nil
}

// fieldsOfAll are the fields of all packages that are named, each as strict as the strictest has it. A name that no package has is left
// to the check of its row.
func fieldsOfAll(ctx context.Context, schemas Schemas, names []string) ([]connect.OrderDataItem, error) {
	var all []connect.OrderDataItem
	for _, name := range names {
		one, err := schemas.Schema(ctx, name)
		if errors.As(err, new(*UnknownPackage)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, item := range one.Data {
			switch i := slices.IndexFunc(all, func(d connect.OrderDataItem) bool { return d.Name == item.Name }); {
			case i < 0:
				all = append(all, item)
			case item.Required && item.DefaultValue == "":
				all[i] = item
			}
		}
	}
	return all, nil
}
