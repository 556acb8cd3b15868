package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"orderimport/importer/connect"
	"orderimport/importer/drop"
	"orderimport/importer/ledger"
	"orderimport/report"
)

// ask is the question before money is spent. What would make a person say no is said first.
func (a *app) ask(ctx context.Context, run *staged, stored *ledger.Run, url string, ready int) error {
	what, err := run.survey(ctx, stored.Host, ready)
	if err != nil {
		return err
	}
	if len(what.strangers) > 0 {
		a.say(textNewCustomer, strings.Join(what.strangers, ", "))
	}
	input, there := drop.Whereabouts(stored.File)
	if !there {
		input = stored.File
	} else {
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
	question, yes, orders := textAsk, yesWords, textOrders
	if ready == 1 {
		orders = textOneOrder
	}
	if url == liveURL {
		question, yes = textAskLive, []string{strconv.Itoa(ready)}
	}
	answer := a.prompt(a.sentence(question, counted(orders, ready), what.packageWords(stored), what.customerWords(), onOneLine(filepath.Base(input)), url))
	if !slices.Contains(yes, strings.ToLower(answer)) {
		a.say(textAnswerNo, run.id)
		return exitError(exitStopped)
	}
	return nil
}

// yesWords agree to a question, in either language.
var yesWords = []string{"y", "yes", "j", "ja"}

// prompt asks, and gives the line that a person types. Who ends the program instead, by Ctrl-C say, has typed nothing.
func (a *app) prompt(question string) (answer string) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endings()...)
	defer signal.Stop(signals)
	fmt.Fprint(a.err, question+" ")
	typed := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(io.LimitReader(a.in, 4096)).ReadString('\n')
		typed <- strings.TrimSpace(line)
	}()
	select {
	case line := <-typed:
		return line
	case <-signals:
		fmt.Fprintln(a.err)
		return ""
	}
}

// survey is what a person is asked about.
type survey struct {
	packages  []int64  // of the rows that would be sent
	customers []string // of the rows that would be sent
	strangers []string // the customers of all ready rows for whom this ledger has never ordered
}

// survey looks at the run's ready rows, of which the first are to be sent.
func (r *staged) survey(ctx context.Context, host string, first int) (survey, error) {
	const page = 1000
	var found survey
	packages, customers, seen := map[int64]bool{}, map[string]bool{}, map[string]bool{}
	count := 0
	for after := int64(0); ; {
		rows, err := r.ledger.Ready(ctx, r.id, after, page)
		if err != nil {
			return found, err
		}
		for i := range rows {
			if count++; count <= first {
				packages[rows[i].Package], customers[rows[i].Customer] = true, true
			}
			if seen[rows[i].Customer] {
				continue
			}
			seen[rows[i].Customer] = true
			known, err := r.ledger.KnowsCustomer(ctx, host, rows[i].Customer)
			if err != nil {
				return found, err
			}
			if !known {
				found.strangers = append(found.strangers, rows[i].Customer)
			}
		}
		if len(rows) < page {
			found.packages, found.customers = slices.Sorted(maps.Keys(packages)), slices.Sorted(maps.Keys(customers))
			return found, nil
		}
		after = rows[len(rows)-1].ID
	}
}

// packageWords name the package as the run's schemas have it, or count them.
func (s *survey) packageWords(run *ledger.Run) phrase {
	if len(s.packages) != 1 {
		return counted(textPackages, len(s.packages))
	}
	var schemas []*connect.OrderSchema
	_ = json.Unmarshal(run.Schemas, &schemas) // they were read right before; without them there is the number
	for _, schema := range schemas {
		if schema.PredefinedPackageID == s.packages[0] {
			return plain(onOneLine(fmt.Sprintf("%d %s", s.packages[0], schema.Name)))
		}
	}
	return plain(strconv.FormatInt(s.packages[0], 10))
}

// customerWords name the customer, or count them.
func (s *survey) customerWords() phrase {
	if len(s.customers) != 1 {
		return counted(textCustomers, len(s.customers))
	}
	return phrase{SV: fmt.Sprintf(textCustomer.SV, s.customers[0]), EN: fmt.Sprintf(textCustomer.EN, s.customers[0])}
}

func counted(p phrase, n int) phrase {
	return phrase{SV: fmt.Sprintf(p.SV, n), EN: fmt.Sprintf(p.EN, n)}
}
