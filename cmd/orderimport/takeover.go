package main

import (
	"context"
	"strings"

	"orderimport/importer"
	"orderimport/importer/ledger"
)

// takeOver books what results tell of orders that the ledger does not know.
func (a *app) takeOver(ctx context.Context, files []string, word ledger.Adoption) error {
	if !a.set.placed {
		return &useError{text: textNoPlace, hint: hintHelp}
	}
	if err := a.checkEndpoint(a.set.endpoint); err != nil {
		return err
	}
	var plans []*importer.Plan
	orders := map[string]bool{} // results can tell of the same
	url := ""
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
		plans, url = append(plans, plan), s.endpoint.URL
	}
	if len(orders) > 0 {
		if err := a.confirm(textAskTakeOver, len(orders), url, a.set.ledgerInUse()); err != nil {
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
		a.tell(textTakenOver, files[i], sum.Booked, url)
		if sum.Open > 0 {
			a.tell(textTakeOverHeld, sum.Open, sum.Run)
			code = exitRows
		}
		if len(sum.Refused) > 0 {
			a.tell(textTakeOverRefused, strings.Join(sum.Refused, ", "))
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
