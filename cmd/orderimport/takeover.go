package main

import (
	"context"

	"orderimport/importer"
	"orderimport/importer/ledger"
)

// takeOver books what results tell of orders that the ledger does not know.
func (a *app) takeOver(ctx context.Context, files []string, word ledger.Adoption) error {
	if err := a.checkEndpoint(a.set.endpoint); err != nil {
		return err
	}
	var plans []*importer.Plan
	orders := map[string]bool{} // results can tell of the same
	for _, file := range files {
		s, plan, err := a.open(ctx, file)
		if err != nil {
			return err
		}
		defer s.Close()
		defer plan.Close()
		sum, err := a.recall(ctx, plan)
		if err != nil {
			return err
		}
		a.say(textRecalled, file, len(sum.Orders), sum.Open)
		for _, number := range sum.Orders {
			orders[number] = true
		}
		plans = append(plans, plan)
	}
	if len(orders) > 0 {
		if err := a.confirm(textAskTakeOver, len(orders), a.set.ledgerInUse()); err != nil {
			return err
		}
	}
	lg, err := a.openLedger(ctx)
	if err != nil {
		return err
	}
	defer lg.Close()
	code := exitOK
	for i, plan := range plans {
		sum, err := plan.TakeOver(ctx, lg, word)
		if err != nil {
			return err
		}
		a.tell(textTakenOver, files[i], sum.Booked)
		if held := sum.Open + len(sum.Orders) - sum.Booked; held > 0 {
			a.tell(textTakeOverHeld, held, sum.Run)
			code = exitRows
		}
		if len(sum.Beyond) > 0 {
			a.tell(textTakeOverBeyond, listRows(sum.Beyond))
			code = exitRows
		}
	}
	if code != exitOK {
		return exitError(code)
	}
	return nil
}

// recall finds what a result knows of and the ledger does not.
func (a *app) recall(ctx context.Context, plan *importer.Plan) (importer.Recollection, error) {
	lg, err := a.lookLedger(ctx)
	if err != nil {
		return importer.Recollection{}, err
	}
	if lg != nil {
		defer lg.Close()
	}
	return plan.Recall(ctx, lg)
}
