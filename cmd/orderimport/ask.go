package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"orderimport/importer/drop"
	"orderimport/importer/ledger"
	"orderimport/report"
)

// ask is the question before money is spent. What would make a person say no is said first.
func (a *app) ask(ctx context.Context, run *staged, stored *ledger.Run, url string, ready int) error {
	strangers, err := run.strangers(ctx, stored.Host)
	if err != nil {
		return err
	}
	if len(strangers) > 0 {
		a.say(textNewCustomer, strings.Join(strangers, ", "))
	}
	if input, ok := drop.Whereabouts(stored.File); ok {
		var names []string
		for _, path := range report.Beside(input) {
			names = append(names, filepath.Base(path))
		}
		if len(names) > 0 {
			a.say(textOldResults, strings.Join(slices.Sorted(slices.Values(names)), ", "))
		}
	}
	if a.set.yes {
		return nil
	}
	if !a.terminal(a.in) {
		return &useError{text: textNoTerminal, hint: hintYes}
	}
	question, yes := textAsk, yesWords
	if url == liveURL {
		question, yes = textAskLive, []string{strconv.Itoa(ready)}
	}
	fmt.Fprintf(a.err, question.In(a.lang)+" ", ready, url)
	if !slices.Contains(yes, strings.ToLower(a.answer())) {
		a.say(textAnswerNo, run.id)
		return exitError(exitStopped)
	}
	return nil
}

// yesWords agree to a question, in either language.
var yesWords = []string{"y", "yes", "j", "ja"}

// strangers are the customers of the run's ready rows for whom this ledger has never ordered.
func (r *staged) strangers(ctx context.Context, host string) ([]string, error) {
	const page = 1000
	seen := map[string]bool{}
	var strangers []string
	for after := int64(0); ; {
		rows, err := r.ledger.Ready(ctx, r.id, after, page)
		if err != nil {
			return nil, err
		}
		for i := range rows {
			if seen[rows[i].Customer] {
				continue
			}
			seen[rows[i].Customer] = true
			known, err := r.ledger.KnowsCustomer(ctx, host, rows[i].Customer)
			if err != nil {
				return nil, err
			}
			if !known {
				strangers = append(strangers, rows[i].Customer)
			}
		}
		if len(rows) < page {
			return strangers, nil
		}
		after = rows[len(rows)-1].ID
	}
}
