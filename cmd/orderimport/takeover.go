package main

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"

	"orderimport/importer"
	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/report"
)

// takeOver books what results tell of orders that the ledger does not know.
func (a *app) takeOver(ctx context.Context, files []string, word ledger.Adoption) error {
	if !a.set.placed {
		return &useError{text: textNoPlace, hint: hintHelp}
	}
	if err := wholeResults(files); err != nil {
		return err
	}
	var plans []*importer.Plan
	orders := map[string]bool{} // results can tell of the same
	open, url, code := 0, "", exitOK
	for _, file := range files {
		s, plan, err := a.open(ctx, file)
		if err != nil {
			return err
		}
		defer s.Close()
		defer plan.Close()
		if made := report.EndpointOf(file); made != "" && made != s.endpoint.URL && hostOf(made) != s.endpoint.Host {
			return &useError{text: textOtherPlace, args: []any{file, made, s.endpoint.URL}, hint: hintEndpoint}
		}
		sum, err := a.recall(ctx, plan)
		if err != nil {
			return err
		}
		if sum.Rows == 0 {
			return &useError{text: textNoResult, args: []any{file}, hint: hintResultSheet}
		}
		a.say(textRecalled, file, len(sum.Orders), sum.Open)
		if len(sum.Unsent) > 0 {
			a.say(textRecallUnsent, file, listRows(sum.Unsent))
		}
		if len(sum.Beyond) > 0 {
			a.say(textTakeOverBeyond, file, listRows(sum.Beyond))
			code = exitRows
		}
		for _, number := range sum.Orders {
			orders[number] = true
		}
		plans, open, url = append(plans, plan), open+sum.Open, s.endpoint.URL
	}
	if len(orders)+open > 0 {
		if err := a.confirm(textAskTakeOver, len(orders), open, url, a.set.ledgerInUse()); err != nil {
			return err
		}
	}
	lg, err := a.openLedger(ctx)
	if err != nil {
		return err
	}
	defer lg.Close()
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
		for _, w := range sum.Waits {
			a.tell(textTakeOverWaits, w.Row, w.Run, cmp.Or(w.RequestID, "?"))
			code = exitRows
		}
		for _, refusal := range sum.Refused {
			a.tell(textTakeOverRefused, saidError(refusal))
			code = exitRows
		}
	}
	if code != exitOK {
		return exitError(code)
	}
	return nil
}

// wholeResults refuses the results of a file that are not all there are: what the others tell would be ordered again.
func wholeResults(files []string) error {
	for _, file := range files {
		var others []string
		for _, path := range report.Siblings(file) {
			if !slices.ContainsFunc(files, func(f string) bool { return filepath.Clean(f) == filepath.Clean(path) }) {
				others = append(others, filepath.Base(path))
			}
		}
		if len(others) > 0 {
			return &useError{text: textOtherResults, args: []any{file, strings.Join(others, ", ")}, hint: hintHelp}
		}
	}
	return nil
}

// hostOf is the identity of an endpoint's URL, "" where it is none.
func hostOf(url string) string {
	place, err := connect.ParseEndpoint(url)
	if err != nil {
		return ""
	}
	return place.Host
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
