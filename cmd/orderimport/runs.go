package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"orderimport/importer"
	"orderimport/importer/drop"
	"orderimport/importer/ledger"
	"orderimport/report"
)

var runID = regexp.MustCompile(`^r[0-9a-z]{10}$`)

// openLedger opens the ledger for writing. What an earlier process left under way is said.
func (a *app) openLedger(ctx context.Context) (*ledger.Ledger, error) {
	path, err := a.set.ledgerPath()
	if err != nil {
		return nil, err
	}
	opt, err := a.set.ledgerOptions()
	if err != nil {
		return nil, err
	}
	lg, err := ledger.Open(ctx, path, opt)
	if err != nil {
		return nil, err
	}
	if n := lg.Recovered(); n > 0 {
		a.say(textRecovered, n)
	}
	return lg, nil
}

// lookLedger opens the ledger for reading; nil where there is none.
func (a *app) lookLedger(ctx context.Context) (*ledger.Ledger, error) {
	lg, err := a.someLedger(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return lg, err
}

// someLedger is lookLedger, but one that is not there is an error.
func (a *app) someLedger(ctx context.Context) (*ledger.Ledger, error) {
	path, err := a.set.ledgerPath()
	if err != nil {
		return nil, err
	}
	opt, err := a.set.ledgerOptions()
	if err != nil {
		return nil, err
	}
	opt.ReadOnly = true
	return ledger.Open(ctx, path, opt)
}

// findRun opens the ledger for reading and finds the run in it.
func (a *app) findRun(ctx context.Context, id string) (*ledger.Ledger, error) {
	look := a.lookLedger
	if a.set.ledger != "" {
		look = a.someLedger
	}
	lg, err := look(ctx)
	if err != nil {
		return nil, err
	}
	if lg != nil {
		if _, err = lg.Run(ctx, id); err == nil {
			return lg, nil
		}
		lg.Close()
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return nil, &useError{text: textNoRun, args: []any{id}, hint: hintRuns}
}

func (a *app) runs() *cobra.Command {
	c := &cobra.Command{
		Use:  "runs",
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listRuns(cmd.Context())
			}
			return a.showRun(cmd.Context(), args[0])
		},
	}
	a.set.ledgerFlag(c.Flags())
	a.set.formatFlag(c.Flags())
	return c
}

// runEntry is a run in `runs --format json`.
type runEntry struct {
	Run       string          `json:"run"`
	File      string          `json:"file"`
	State     ledger.RunState `json:"state"`
	StartedAt string          `json:"startedAt"`
	Endpoint  string          `json:"endpoint"`
	Totals    json.RawMessage `json:"totals"`
	counts    ledger.Totals
}

func (a *app) listRuns(ctx context.Context) error {
	look := a.lookLedger
	if a.given["ledger"] { // a slip of the pen must not look like a ledger without runs; what is set for all commands is made by the first
		look = a.someLedger
	}
	lg, err := look(ctx)
	if err != nil {
		return err
	}
	entries := []runEntry{}
	if lg != nil {
		defer lg.Close()
		runs, err := lg.Runs(ctx)
		if err != nil {
			return err
		}
		for _, r := range runs {
			entries = append(entries, runEntry{r.ID, r.File, r.State, r.StartedAt.UTC().Format(time.RFC3339), r.Endpoint, report.JSONTotals(r.Totals), r.Totals})
		}
	}
	if a.json() {
		return a.writeJSON(map[string]any{"runs": entries})
	}
	if len(entries) == 0 {
		a.tell(textNoRuns)
	}
	for _, e := range entries {
		fmt.Fprintf(a.out, "%s  %s  %-8s %s  %s  %s\n", e.Run, e.StartedAt, runWords[e.State].In(a.lang), e.Endpoint, countsLine(e.counts, false, a.lang), whereabouts(e.File))
	}
	return nil
}

// whereabouts is where a run's file lies now, or where it lay when it was read.
func whereabouts(file string) string {
	if now, ok := drop.Whereabouts(file); ok {
		return now
	}
	return file
}

func (a *app) showRun(ctx context.Context, id string) error {
	lg, err := a.findRun(ctx, id)
	if err != nil {
		return err
	}
	defer lg.Close()
	head, summary, rows, err := importer.Result(ctx, lg, id)
	if err != nil {
		return err
	}
	if a.json() {
		return a.render(a.out, report.JSON, head, summary, rows, nil)
	}
	fmt.Fprintf(a.out, "%s  %s  %s\n", head.Run, whereabouts(head.File), head.Endpoint)
	for row, err := range rows {
		if err != nil {
			return err
		}
		fmt.Fprintln(a.out, rowLine(row, false, a.lang))
	}
	fmt.Fprintln(a.out, countsLine(summary.Totals, false, a.lang))
	return nil
}

func (a *app) report() *cobra.Command {
	var output string
	var only []string
	c := &cobra.Command{
		Use:  "report",
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if output == "" {
				return &useError{text: textNoOutput, hint: hintHelp}
			}
			for _, status := range only {
				if !slices.ContainsFunc(ledger.States, func(s ledger.State) bool { return s.Status() == status }) {
					return &useError{text: textBadStatus, args: []any{status}, hint: hintStatus}
				}
			}
			ctx := cmd.Context()
			lg, err := a.findRun(ctx, args[0])
			if err != nil {
				return err
			}
			defer lg.Close()
			run, err := lg.Run(ctx, args[0])
			if err != nil {
				return err
			}
			if err := notInput(output, run.File); err != nil {
				return err
			}
			if err := a.writeResult(ctx, lg, args[0], output, only); err != nil {
				return err
			}
			if len(only) > 0 && !anyOf(run.Totals, only) {
				a.say(textNoneOfThose, args[0], strings.Join(only, ", "))
			}
			a.tell(textWritten, output)
			return nil
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "")
	c.Flags().StringSliceVar(&only, "only", nil, "")
	a.set.ledgerFlag(c.Flags())
	return c
}

func (a *app) resolve() *cobra.Command {
	var v ledger.Verdict
	var send, closed bool
	c := &cobra.Command{
		Use:  "resolve",
		Args: takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			rows, err := parseRows(args[1])
			if err != nil {
				return err
			}
			v.OrderNumber = strings.TrimSpace(v.OrderNumber)
			said := 0
			for _, w := range []struct {
				said bool
				to   ledger.State
			}{{v.OrderNumber != "", ledger.Ordered}, {send, ledger.Ready}, {closed, ledger.Closed}} {
				if w.said {
					said, v.To = said+1, w.to
				}
			}
			if said != 1 || v.HostIsDown && !send || strings.TrimSpace(v.Reason) == "" || v.To == ledger.Ordered && len(rows) != 1 {
				return &useError{text: textResolveUse, hint: hintHelp}
			}
			return a.resolveRows(cmd.Context(), args[0], args[1], rows, v)
		},
	}
	f := c.Flags()
	f.StringVar(&v.OrderNumber, "ordered", "", "")
	f.Int64Var(&v.OrderID, "order-id", 0, "")
	f.BoolVar(&send, "send", false, "")
	f.BoolVar(&closed, "close", false, "")
	f.BoolVar(&v.HostIsDown, "host-is-down", false, "")
	f.StringVar(&v.Reason, "reason", "", "")
	f.BoolVar(&a.set.yes, "yes", false, "")
	a.set.ledgerFlag(f)
	return c
}

func (a *app) resolveRows(ctx context.Context, run, typed string, rows []int, v ledger.Verdict) error {
	if lg, err := a.findRun(ctx, run); err != nil {
		return err
	} else if err := lg.Close(); err != nil {
		return err
	}
	if !a.set.yes {
		if !a.terminal(a.in) {
			return &useError{text: textNoTerminal, hint: hintYes}
		}
		if a.prompt(fmt.Sprintf(textTypeRows.In(a.lang), report.StatusCounts(ledger.Totals{v.To: len(rows)}, false, a.lang), typed)) != typed {
			a.say(textNothingDone)
			return exitError(exitStopped)
		}
	}
	lg, err := a.openLedger(ctx)
	if err != nil {
		return err
	}
	defer lg.Close()
	v.By = person()
	if err := lg.Resolve(ctx, run, rows, v); err != nil {
		return err
	}
	after, err := lg.Run(ctx, run)
	if err != nil {
		return err
	}
	if v.To == ledger.Ready && after.State == ledger.RunDone { // it has rows to send again
		if err := lg.SetRunState(ctx, run, ledger.RunStopped); err != nil {
			return err
		}
	}
	a.tell(textResolved, len(rows))
	return nil
}

// person is who sits here, for the ledger.
func person() string {
	name := "?"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}

// parseRows reads "5,9,12-14", in order, each row once.
func parseRows(s string) ([]int, error) {
	bad := &useError{text: textBadRows, args: []any{s}}
	var rows []int
	for part := range strings.SplitSeq(s, ",") {
		from, to, span := strings.Cut(strings.TrimSpace(part), "-")
		first, err := strconv.Atoi(from)
		last := first
		if err == nil && span {
			last, err = strconv.Atoi(to)
		}
		if err != nil || first < 1 || last < first || last-first >= 1<<20 {
			return nil, bad
		}
		for r := first; r <= last; r++ {
			rows = append(rows, r)
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows), nil
}

// listRows is the other way round, as short as it goes.
func listRows(rows []int) string {
	slices.Sort(rows)
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = strconv.Itoa(r)
	}
	return strings.Join(texts, ",")
}

func (a *app) writeJSON(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// anyOf reports whether a run has rows of any of these statuses.
func anyOf(totals ledger.Totals, statuses []string) bool {
	for state, n := range totals {
		if n > 0 && slices.Contains(statuses, state.Status()) {
			return true
		}
	}
	return false
}
