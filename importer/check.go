package importer

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strconv"
	"strings"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
	"orderimport/validate"
	"orderimport/validate/damage"
)

// checked is a row after all checks: what a result shows, and what the ledger keeps beside it.
type checked struct {
	Row
	Record      *mapping.Record
	Fingerprint ledger.Fingerprint
	Occurrence  int
	Keys        []ledger.Key
	MayExist    bool // of a held row: ordered where the ledger does not know of it
	Told        told
	Unfit       bool // to be sent as it stands, whoever releases it
}

// checker is the one path of the dry run and the real run: sheet.Row → mapping.Record → findings → state.
type checker struct {
	plan   *Plan
	ledger *ledger.Ledger // nil: none to compare with
	hasher *ledger.Hasher
	rules  *validate.Checker
	twins  *twins

	record      mapping.Record
	found       []validate.Finding
	fields      []ledger.Field
	identifiers []mapping.Identifier
	row         checked
	summary     Summary
	packages    map[int64]bool
	unsettled   string            // Ledger.Unsettled
	hosts       map[string]string // of the runs that earlier results name; "" for those that the ledger does not know
}

// check gives every one of the file's rows with its state to visit, valid until the next one.
func (p *Plan) check(ctx context.Context, lg *ledger.Ledger, rows iter.Seq2[*sheet.Row, error], visit func(*checked) error) (Summary, error) {
	rules, err := validate.New(p.job.Now, p.file.Columns, p.profile.Checks)
	if err != nil {
		return Summary{}, err
	}
	profile, err := p.survey(ctx)
	if err != nil {
		return Summary{}, err
	}
	rules.Compare(profile)
	c := &checker{plan: p, ledger: lg, rules: rules, twins: newTwins(), summary: Summary{Totals: ledger.Totals{}}, packages: map[int64]bool{}, hosts: map[string]string{}}
	if lg != nil {
		c.hasher = lg.Hasher()
	} else {
		c.hasher = ledger.NewHasher()
	}
	if lg != nil {
		if c.unsettled, err = lg.Unsettled(ctx); err != nil {
			return Summary{}, err
		}
	}
	for row, err := range rows {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = c.check(ctx, row)
		}
		if err == nil {
			err = visit(&c.row)
		}
		if err != nil {
			return Summary{}, err
		}
		c.summary.Totals[c.row.State]++
	}
	c.summary.Notes = slices.Concat(p.file.Notes, rules.Notes())
	if len(c.packages) == 1 {
		for id := range c.packages {
			c.summary.Package = id
		}
	}
	if p.recalling { // a result may have fewer rows than the lists
		return c.summary, nil
	}
	return c.summary, p.plausible(ctx, lg, c.summary.Totals.Rows())
}

// survey reads the file once ahead of the check, and counts what the columns hold that feed the order: only beside the rest of its
// column does a value show what a spreadsheet program did to it.
func (p *Plan) survey(ctx context.Context) (*damage.Profile, error) {
	columns := slices.Clone(p.mapping.Columns("customerNumber"))
	for _, f := range p.profile.Fields {
		columns = append(columns, p.mapping.Columns(f.Name)...)
	}
	profile := damage.NewProfile(columns)
	for row, err := range p.file.Survey() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		profile.Add(row.Cells)
	}
	return profile, nil
}

// check fills c.row from row.
func (c *checker) check(ctx context.Context, row *sheet.Row) error {
	rec := &c.record
	if err := c.plan.mapping.Map(ctx, row, rec); err != nil {
		return err
	}
	c.found = c.rules.Check(rec, c.found[:0])
	keys := c.row.Keys[:0]
	c.row = checked{Row: Row{Number: row.Number, Cells: row.Cells, Customer: rec.Customer}, Record: rec, Occurrence: 1, Keys: keys}
	r := &c.row
	if rec.Schema != nil {
		r.Package = rec.Schema.PredefinedPackageID
		c.packages[r.Package] = true
	}
	before := c.plan.mapping.Earlier(row)
	hidden := row.Hidden || before.Hidden
	switch {
	case c.plan.recalling:
		if err := c.recall(ctx, before); err != nil {
			return err
		}
	case rec.Skip != "":
		c.leave(ledger.Skipped, "where")
		c.found = append(c.found[:0], validate.Finding{Code: validate.LeftOut, Severity: validate.Note, Args: []string{rec.Skip}})
	case hidden && c.plan.job.Hidden == Skip:
		c.leave(ledger.Skipped, validate.HiddenRow)
		c.found = append(c.found[:0], validate.Finding{Code: validate.HiddenRow, Severity: validate.Note})
	case validate.HasError(c.found):
		c.leave(ledger.Invalid, "")
	default:
		r.State = ledger.Ready
		if err := c.identify(ctx, before); err != nil {
			return err
		}
		if r.State == ledger.Ready && hidden && c.plan.job.Hidden == Hold {
			c.hold(validate.HiddenRow)
		}
	}
	r.Findings = c.found
	return nil
}

func (c *checker) leave(state ledger.State, reason string) { c.row.State, c.row.Reason = state, reason }

// recognise gives the earlier rows that have the row's identity or one of its keys: of the ledger, and the first of its file, 0 for none.
func (c *checker) recognise(ctx context.Context) (known []ledger.Twin, earlier int, err error) {
	r, rec, host := &c.row, c.row.Record, c.plan.endpoint.Host
	c.fields = c.fields[:0]
	kinds := c.plan.mapping.Kinds(rec)
	for i, v := range rec.Values {
		if v.Text != "" && v.Origin != mapping.FromSchema && v.Origin != mapping.FromClock {
			c.fields = append(c.fields, ledger.Field{Name: rec.Schema.Data[i].Name, Value: v.Text, Kind: kinds[i]})
		}
	}
	r.Fingerprint = c.hasher.Fingerprint(host, rec.Customer, r.Package, c.fields)
	c.identifiers = c.plan.mapping.Identifiers(rec, c.identifiers[:0])
	for _, id := range c.identifiers {
		if k, ok := c.hasher.Key(host, rec.Customer, r.Package, id); ok && !slices.Contains(r.Keys, k) {
			r.Keys = append(r.Keys, k)
		}
	}
	if earlier, r.Occurrence = c.twins.enter(r.Number, r.Fingerprint, r.Keys); earlier != 0 {
		r.TwinRow = earlier
	}
	if c.ledger != nil {
		known, err = c.ledger.Twins(ctx, r.Fingerprint, r.Occurrence, r.Keys)
	}
	if len(known) > 0 {
		r.TwinRun, r.TwinRow = known[0].Run, known[0].Row
	}
	return known, earlier, err
}

// identify compares the row with the earlier ones of its file and of the ledger.
func (c *checker) identify(ctx context.Context, before mapping.Earlier) error {
	r := &c.row
	known, earlier, err := c.recognise(ctx)
	if err != nil {
		return err
	}
	said, err := c.saidBefore(ctx, before)
	if err != nil {
		return err
	}
	switch {
	case len(known) > 0 && (!said || tells(known, before.OrderNumber)):
		c.meet(&known[0])
	case said:
		c.holdTold(before)
	case earlier != 0 && r.Occurrence > 1:
		c.hold(validate.DuplicateInFile, strconv.Itoa(earlier))
	case earlier != 0:
		c.hold(validate.SamePersonInFile, strconv.Itoa(earlier))
	case c.unsettled != "":
		c.hold(validate.Unsettled, c.unsettled)
		r.MayExist = true
	}
	return nil
}

// holdTold leaves to a person what an earlier result says may have been ordered.
func (c *checker) holdTold(before mapping.Earlier) {
	what := []string{cmp.Or(before.OrderNumber, before.Status, "?"), cmp.Or(before.Run, "?")}
	if before.OrderNumber == "" && before.Doubt() {
		what = append(what, cmp.Or(before.RequestID, "?"))
	}
	c.hold(validate.EarlierResult, what...)
	c.row.MayExist = true
}

// hold leaves the row to a person, and says why.
func (c *checker) hold(code string, args ...string) {
	c.leave(ledger.Held, code)
	c.found = append(c.found, validate.Finding{Code: code, Severity: validate.Warning, Args: args})
}

// tells reports whether the twins account for the order that an earlier result tells of.
func tells(twins []ledger.Twin, number string) bool {
	return twins[0].Exact && twins[0].State == ledger.Ordered ||
		number != "" && slices.ContainsFunc(twins, func(t ledger.Twin) bool { return t.OrderNumber == number })
}

// saidBefore reports whether an earlier result says of a row that it was ordered, or may have been, where the ledger does not know it: the ledger
// has been lost, or the result is another one's. Orders of another host are none of this one.
func (c *checker) saidBefore(ctx context.Context, before mapping.Earlier) (bool, error) {
	if before.Run == "" && before.OrderNumber == "" {
		return false, nil
	}
	host, known := c.hosts[before.Run]
	if !known && c.ledger != nil && before.Run != "" {
		run, err := c.ledger.Run(ctx, before.Run)
		if err == nil {
			host = run.Host
		} else if !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		c.hosts[before.Run] = host
	}
	// A run that the ledger knows has its open rows there, among the twins.
	if host != "" {
		return host == c.plan.endpoint.Host && before.OrderNumber != "", nil
	}
	return before.OrderNumber != "" || before.Open(), nil
}

// meet decides what an earlier order means for this row.
func (c *checker) meet(twin *ledger.Twin) {
	place := []string{twin.Run, strconv.Itoa(twin.Row)}
	switch {
	case twin.Exact && twin.State == ledger.Ordered:
		c.leaveOrdered(twin.OrderNumber, twin.OrderID, twin.Run, twin.Row)
	case twin.State == ledger.Closed:
		c.hold(validate.TwinClosed, place...)
	case twin.State == ledger.Held:
		c.hold(validate.TwinHeld, place...)
	case twin.State != ledger.Ordered:
		c.hold(validate.TwinInDoubt, place...)
	case c.plan.profile.Mode == "new-only":
		c.leave(ledger.Skipped, validate.KnownPerson)
		c.found = append(c.found, validate.Finding{Code: validate.KnownPerson, Severity: validate.Note, Args: place})
	default:
		code := validate.SamePerson
		switch names, known := c.difference(twin.Payload); {
		case names != "":
			place = append(place, names)
		case known:
			code = validate.SameOrder // the second of equal rows, or one that spells out what an earlier one left to the schema
		}
		c.hold(code, place...)
	}
}

// leaveOrdered leaves a row whose order another one is.
func (c *checker) leaveOrdered(number string, id int64, run string, row int) {
	r := &c.row
	c.leave(ledger.Duplicate, validate.Duplicate)
	r.OrderNumber, r.OrderID, r.TwinRun, r.TwinRow = number, id, run, row
	c.found = append(c.found, validate.Finding{Code: validate.Duplicate, Severity: validate.Note, Args: []string{number, run, strconv.Itoa(row)}})
}

// difference names the fields in which the row differs from an order made earlier by more than their spelling, "" where it does not. The
// names suffice: the values are personal, and both rows can be looked at. It is not known where that order has been erased.
func (c *checker) difference(payload []byte) (names string, known bool) {
	var before connect.CreateOrderRequest
	if json.Unmarshal(payload, &before) != nil {
		return "", false
	}
	rec := c.row.Record
	kinds := c.plan.mapping.Kinds(rec)
	var differing []string
	for i, item := range rec.Schema.Data {
		if !c.hasher.Same(kinds[i], rec.Values[i].Text, before.Data[item.Name]) {
			differing = append(differing, item.Name)
		}
	}
	return strings.Join(differing, ", "), true
}

// order is the row as it will be sent.
func (r *checked) order() ([]byte, error) {
	data := make(map[string]string, len(r.Record.Values))
	for i, v := range r.Record.Values {
		if v.Text != "" {
			data[r.Record.Schema.Data[i].Name] = v.Text
		}
	}
	return connect.CreateOrderRequest{PredefinedPackageID: r.Package, CustomerNumber: r.Customer, Data: data}.Encode()
}

// ImplausibleError is a file with far fewer or far more rows than the profile allows.
type ImplausibleError struct {
	Rows, Min, Max int // Min and Max as they result from the profile; 0 is none
}

func (e *ImplausibleError) Error() string {
	switch {
	case e.Max == 0:
		return fmt.Sprintf("%d rows, but the profile asks for at least %d", e.Rows, e.Min)
	case e.Min == 0:
		return fmt.Sprintf("%d rows, but the profile allows at most %d", e.Rows, e.Max)
	}
	return fmt.Sprintf("%d rows, but the profile allows %d to %d", e.Rows, e.Min, e.Max)
}

// plausible compares the number of rows with the profile's bounds and with the last run of the same profile.
func (p *Plan) plausible(ctx context.Context, lg *ledger.Ledger, rows int) error {
	bounds := p.profile.Rows
	least, most := bounds.Min, bounds.Max
	if bounds.MaxChange > 0 && lg != nil {
		runs, err := lg.Runs(ctx)
		if err != nil {
			return err
		}
		for _, listed := range runs {
			if listed.Host != p.endpoint.Host {
				continue
			}
			run, err := lg.Run(ctx, listed.ID)
			if err != nil {
				return err
			}
			var seal Seal
			if !bytes.Equal(run.Profile, p.profile.YAML()) || json.Unmarshal(run.Options, &seal) == nil && seal.TakenOver {
				continue
			}
			before := float64(run.Totals.Rows())
			least = max(least, int(before*(1-float64(bounds.MaxChange)/100)))
			if high := int(before * (1 + float64(bounds.MaxChange)/100)); most == 0 || high < most {
				most = high
			}
			break
		}
	}
	if rows < least || most > 0 && rows > most {
		return &ImplausibleError{Rows: rows, Min: least, Max: most}
	}
	return nil
}
