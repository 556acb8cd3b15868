package importer

import (
	"cmp"
	"context"
	"errors"
	"strconv"

	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/validate"
)

// told is what an earlier result says of an order that the ledger does not know. It is zero for any other row.
type told struct {
	Ordered bool // made; else it may have been
	Number  string
	ID      int64        // 0: not known
	Own     *ledger.Twin // the row that the result is of, where the ledger has it as one that may exist
	Known   bool         // the ledger has an equal row that may exist
}

func newTold(before mapping.Earlier, known []ledger.Twin) told {
	t := told{Ordered: before.Ordered && before.OrderNumber != "", Number: before.OrderNumber, ID: before.OrderID}
	for i := range known {
		if k := &known[i]; k.Exact && (k.State == ledger.Held || k.State == ledger.InDoubt) {
			t.Known = true
			if k.Run == before.Run {
				t.Own = k
			}
		}
	}
	return t
}

// news reports whether the ledger should have a row of its own for it.
func (t *told) news() bool { return t.Ordered && t.Own == nil || !t.Known }

// recall judges a row by what an earlier result says of it, and by nothing else: an order that was made is not to be checked any more,
// and its date may have passed.
func (c *checker) recall(ctx context.Context, before mapping.Earlier) error {
	r, rec := &c.row, c.row.Record
	unclear := rec.Schema == nil || rec.Customer == ""
	switch pkg := strconv.FormatInt(r.Package, 10); {
	case rec.Skip != "":
		unclear = true
		c.found = append(c.found[:0], validate.Finding{Code: validate.LeftOut, Severity: validate.Error, Args: []string{rec.Skip}})
	case !unclear && (cmp.Or(before.Package, pkg) != pkg || cmp.Or(before.Customer, rec.Customer) != rec.Customer):
		unclear = true
		c.found = append(c.found[:0], validate.Finding{Code: validate.OtherOrder, Severity: validate.Error,
			Args: []string{cmp.Or(before.Customer, rec.Customer), cmp.Or(before.Package, pkg)}})
	}
	if unclear { // nobody can tell which order it is
		said, err := c.saidBefore(ctx, before)
		if said {
			c.leave(ledger.Invalid, "")
		} else {
			c.leaveUntold()
		}
		return err
	}
	r.Unfit = validate.HasError(c.found)
	c.found = c.found[:0]
	r.State = ledger.Ready
	if err := c.identify(ctx, before); err != nil {
		return err
	}
	switch {
	case r.State == ledger.Duplicate:
	case r.Reason != validate.EarlierResult:
		c.leaveUntold()
	case !r.Told.news(): // it waits, or is decided, where the ledger has it
		c.leave(ledger.Skipped, validate.EarlierResult)
		r.MayExist = false
	}
	return nil
}

func (c *checker) leaveUntold() {
	c.leave(ledger.Skipped, validate.NoOrderTold)
	c.found = append(c.found[:0], validate.Finding{Code: validate.NoOrderTold, Severity: validate.Note})
}

// Recollection is what results tell of orders that the ledger does not know, and what became of it.
type Recollection struct {
	Orders []string // made: their numbers
	Open   int      // that may have been made: a person decides
	Beyond []int    // rows that tell of an order, of which it cannot be said: their package or customer is not known, or not the one that is named
	// What TakeOver did.
	Run     string   // where those are stored of which the ledger had no row; "" for none
	Booked  int      // of Orders, as ordered
	Refused []string // of Orders: the ledger has the number, or its ID, for another row. They are held
}

// Recall reads a result for the orders that it tells of and lg, nil for none, does not know. It books nothing.
func (p *Plan) Recall(ctx context.Context, lg *ledger.Ledger) (Recollection, error) {
	r, _, err := p.recall(ctx, lg)
	return r, err
}

// recall also gives the rows that the ledger has.
func (p *Plan) recall(ctx context.Context, lg *ledger.Ledger) (sum Recollection, own []told, err error) {
	p.recalling = true
	_, err = p.check(ctx, lg, p.file.Survey(), func(r *checked) error {
		switch {
		case r.State == ledger.Invalid:
			sum.Beyond = append(sum.Beyond, r.Number)
		case r.Reason != validate.EarlierResult:
		case r.Told.Ordered:
			sum.Orders = append(sum.Orders, r.Told.Number)
			if r.Told.Own != nil {
				own = append(own, r.Told)
			}
		case r.State == ledger.Held:
			sum.Open++
		}
		return nil
	})
	return sum, own, err
}

// TakeOver books the orders that Recall finds, by a person's word: those of runs that the ledger has where they are, the others in a run of
// their own, with the rows that may have been ordered Held in it. What the result tells of no order for is left to the next import. Errors are the
// ledger's and those of reading the file; what is booked stays so, and the same call goes on with the rest.
func (p *Plan) TakeOver(ctx context.Context, lg *ledger.Ledger, word ledger.Adoption) (Recollection, error) {
	sum, own, err := p.recall(ctx, lg)
	if err != nil {
		return sum, err
	}
	book := func(run string, row int, t *told) error {
		err := lg.Resolve(ctx, run, []int{row}, ledger.Verdict{To: ledger.Ordered, OrderNumber: t.Number, OrderID: t.ID, Reason: word.Reason, By: word.By})
		if err == nil {
			sum.Booked++
		} else if errors.As(err, new(*ledger.RefusedError)) {
			sum.Refused = append(sum.Refused, t.Number)
			return nil
		}
		return err
	}
	for _, t := range own {
		if err := book(t.Own.Run, t.Own.Row, &t); err != nil {
			return sum, err
		}
	}
	if len(sum.Orders)+sum.Open == len(own) {
		return sum, nil
	}
	type numbered struct {
		row int
		told
	}
	var made []numbered
	sum.Run, _, err = p.stage(ctx, lg, Seal{SkipInvalid: true}, func(r *checked) error {
		if r.State == ledger.Held && r.Told.Ordered {
			made = append(made, numbered{r.Number, r.Told})
		}
		return nil
	})
	if err != nil {
		return sum, err
	}
	for _, m := range made {
		if err := book(sum.Run, m.row, &m.told); err != nil {
			return sum, err
		}
	}
	return sum, lg.SetRunState(ctx, sum.Run, ledger.RunDone)
}
