package importer

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"

	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/submit"
	"orderimport/validate"
)

// told is what an earlier result says of an order that the ledger does not know. It is zero for any other row.
type told struct {
	FromResult bool // the row says what became of it
	Unsent     bool // when the result was written
	Ordered    bool // an order was made that has to be booked
	Number     string
	ID         int64        // 0: not known
	Own        *ledger.Twin // where that is to be booked: the ledger has the order as one that may exist
	Waits      *Waiting     // the order may have been made, and the ledger has it so
}

// Waiting is a row of the ledger that a result tells may have been ordered.
type Waiting struct {
	Run       string
	Row       int
	RequestID string // to ask the vendor with; "" where the result has none
}

// recall judges a row by what an earlier result says of it, and by nothing else: an order that was made is not to be checked any more,
// and its date may have passed.
func (c *checker) recall(ctx context.Context, before mapping.Earlier) error {
	r, rec := &c.row, c.row.Record
	r.Told.FromResult, r.Told.Unsent = before.Run != "" || before.OrderNumber != "", before.State == ledger.Ready.Status()
	said, err := c.saidBefore(ctx, before)
	if err != nil {
		return err
	}
	pkg := strconv.FormatInt(r.Package, 10)
	switch {
	case !said:
		var known []ledger.Twin
		if rec.Skip == "" && rec.Schema != nil && (r.Told.Unsent || before.State == ledger.Rejected.Status() || before.Doubt()) { // it counts among equal rows, as in its list
			known, _, err = c.recognise(ctx)
		}
		c.leaveUntold()
		r.Told.await(before, known)
		return err
	case rec.Skip != "":
		c.leave(ledger.Invalid, "")
		c.found = append(c.found[:0], validate.Finding{Code: validate.LeftOut, Severity: validate.Error, Args: []string{rec.Skip}})
		return nil
	case rec.Schema == nil || rec.Customer == "":
		c.leave(ledger.Invalid, "") // nobody can tell which order it is
		return nil
	case cmp.Or(before.Package, pkg) != pkg || cmp.Or(before.Customer, rec.Customer) != rec.Customer:
		c.leave(ledger.Invalid, "")
		c.found = append(c.found[:0], validate.Finding{Code: validate.OtherOrder, Severity: validate.Error,
			Args: []string{cmp.Or(before.Customer, rec.Customer), cmp.Or(before.Package, pkg)}})
		return nil
	}
	r.Unfit = validate.HasError(c.found)
	c.found = c.found[:0]
	known, _, err := c.recognise(ctx)
	if err != nil {
		return err
	}
	if before.Ordered() && before.OrderNumber != "" {
		return c.recallOrder(ctx, before, known)
	}
	// What may have been ordered, the ledger has where an equal row is ordered, waits, or was decided. A row that waits only for the ledger to be
	// settled says nothing of it.
	if slices.ContainsFunc(known, func(t ledger.Twin) bool {
		return t.Exact && (t.State.Takes() || t.MayExist && t.Reason != ledger.ReasonUnsettled)
	}) {
		c.leave(ledger.Skipped, validate.EarlierResult)
		r.Told.await(before, known)
	} else {
		c.holdTold(before)
	}
	return nil
}

// await notes where the ledger has a row that may have been ordered and that nobody has decided yet.
func (t *told) await(before mapping.Earlier, known []ledger.Twin) {
	i := slices.IndexFunc(known, func(t ledger.Twin) bool { return t.Exact && (t.State == ledger.Held || t.State == ledger.InDoubt) })
	if before.Doubt() && i >= 0 {
		t.Waits = &Waiting{Run: known[i].Run, Row: known[i].Row, RequestID: before.RequestID}
	}
}

// recallOrder is recall of a row whose order was made.
func (c *checker) recallOrder(ctx context.Context, before mapping.Earlier, known []ledger.Twin) error {
	r := &c.row
	if i := slices.IndexFunc(known, func(t ledger.Twin) bool { return t.OrderNumber == before.OrderNumber }); i >= 0 {
		c.leaveOrdered(before.OrderNumber, known[i].OrderID, known[i].Run, known[i].Row)
		return nil
	}
	if c.ledger != nil { // another occurrence of the same order is no twin
		run, row, fp, err := c.ledger.Numbered(ctx, c.plan.endpoint.Host, before.OrderNumber)
		if err == nil && fp == r.Fingerprint {
			c.leaveOrdered(before.OrderNumber, before.OrderID, run, row)
			return nil
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	r.Told.Ordered, r.Told.Number, r.Told.ID, r.Told.Own = true, before.OrderNumber, before.OrderID, ownOf(known, before.Run)
	if r.Told.Own != nil {
		c.leave(ledger.Skipped, validate.EarlierResult)
	} else {
		c.holdTold(before)
	}
	return nil
}

// ownOf finds the row that an order of run is: the run's own, or one that waits for nothing but a word of such an order.
func ownOf(known []ledger.Twin, run string) *ledger.Twin {
	var waits *ledger.Twin
	for i := range known {
		switch t := &known[i]; {
		case !t.Exact || t.State != ledger.Held && t.State != ledger.InDoubt:
		case t.Run == run:
			return t
		case waits == nil && t.State == ledger.Held && (t.Reason == validate.EarlierResult || t.Reason == ledger.ReasonUnsettled):
			waits = t
		}
	}
	return waits
}

func (c *checker) leaveUntold() {
	c.leave(ledger.Skipped, validate.NoOrderTold)
	c.found = append(c.found[:0], validate.Finding{Code: validate.NoOrderTold, Severity: validate.Note})
}

// Recollection is what results tell of orders that the ledger does not know, and what became of it.
type Recollection struct {
	Rows   int      // that come from a result
	Orders []string // made: their numbers
	Open   int      // that may have been made, and of which the ledger has no row: a person decides
	Waits  []Waiting
	Unsent []int // rows that were still to be sent when the result was written
	// Beyond are rows that tell of an order, of which it cannot be said: their package or customer is not known or not the one that is named, or
	// the profile leaves the row out.
	Beyond []int
	// What TakeOver did.
	Run     string  // where those are stored of which the ledger had no row; "" for none
	Booked  int     // of Orders, as ordered
	Refused []error // *ledger.RefusedError, of the other Orders: the ledger has the number, or its ID, for another row. They are held
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
		if r.Told.FromResult {
			sum.Rows++
		}
		if r.Told.Unsent {
			sum.Unsent = append(sum.Unsent, r.Number)
		}
		if r.Told.Waits != nil {
			sum.Waits = append(sum.Waits, *r.Told.Waits)
		}
		switch {
		case r.State == ledger.Invalid:
			sum.Beyond = append(sum.Beyond, r.Number)
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

// TakeOver books the orders that Recall finds, by a person's word: those that the ledger has as rows that may have been ordered in their place, the
// others in a run of their own, with the rows that may have been ordered Held in it. What the result tells of no order for is left to the next
// import. Errors are the ledger's and those of reading the file; what is booked stays so, and the same call goes on with the rest.
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
			sum.Refused = append(sum.Refused, err)
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
	sum.Run, _, err = p.stage(ctx, lg, Seal{SkipInvalid: true, StopAfterDoubts: submit.DefaultDoubts, TakenOver: true}, func(r *checked) error {
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
