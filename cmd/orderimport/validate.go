package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"orderimport/importer"
	"orderimport/importer/ledger"
	"orderimport/importer/sheet"
	"orderimport/validate"
)

func (a *app) validate() *cobra.Command {
	c := &cobra.Command{
		Use:  "validate",
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.dryRun(cmd.Context(), args[0])
		},
	}
	a.set.apiFlags(c.Flags())
	a.set.sheetFlags(c.Flags())
	a.set.orderFlags(c.Flags())
	a.set.ledgerFlag(c.Flags())
	a.set.resultFlag(c.Flags())
	a.set.formatFlag(c.Flags())
	return c
}

// open connects, reads the profile and the head of the file, and says what was read and how it was mapped.
func (a *app) open(ctx context.Context, file string) (*service, *importer.Plan, error) {
	if err := a.checkResults(file); err != nil {
		return nil, nil, err
	}
	profile, err := a.set.readProfile()
	if err != nil {
		return nil, nil, err
	}
	plan, err := importer.Read(importer.Job{
		File: file, Sheet: a.set.sheetOptions(), Hidden: importer.Hidden(a.set.hidden), Profile: profile,
		Package: a.set.pkg, Customer: a.set.customer, Usual: a.set.usual(), Now: time.Now(),
	})
	if err != nil {
		return nil, nil, err
	}
	if err := a.checkSheetFlags(plan.File()); err != nil {
		plan.Close()
		return nil, nil, err
	}
	s, err := a.set.connect(a.set.endpoint)
	if err != nil {
		plan.Close()
		return nil, nil, err
	}
	if err := a.fit(ctx, s, plan); err != nil {
		plan.Close()
		s.Close()
		return nil, nil, err
	}
	return s, plan, nil
}

// fit fits the plan to what the service offers, and shows how the columns were matched where no profile says it.
func (a *app) fit(ctx context.Context, s *service, plan *importer.Plan) error {
	catalogue, err := importer.NewCatalogue(ctx, s.client)
	if err != nil {
		return err
	}
	err = plan.Fit(ctx, catalogue, s.endpoint)
	var open *importer.OpenQuestions
	if errors.As(err, &open) {
		a.sayProposal(open.Proposal)
		pkg := ""
		if a.set.pkg != "" { // what is usual is so for the next command, too
			pkg = " --package " + a.set.pkg
		}
		a.say(textAnswer, plan.File().Name, pkg)
		return exitError(exitRows)
	}
	if p := plan.Proposal(); p != nil && err == nil {
		a.sayProposal(p)
	}
	return err
}

func (a *app) dryRun(ctx context.Context, file string) error {
	s, plan, err := a.open(ctx, file)
	if err != nil {
		return err
	}
	defer s.Close()
	defer plan.Close()
	lg, err := a.lookLedger(ctx)
	if err != nil {
		return err
	}
	if lg != nil {
		defer lg.Close()
	}
	results, err := a.stream(plan.Head(), a.json())
	if err != nil {
		return err
	}
	defer results.abort()
	view := a.view(plan)
	defer frugal()()
	summary, err := plan.Validate(ctx, lg, func(row *importer.Row) error {
		view.add(row)
		return results.add(row)
	})
	var many *importer.ImplausibleError
	if err != nil && !errors.As(err, &many) {
		return err
	}
	if closed := results.close(summary); closed != nil {
		return closed
	}
	view.end(summary)
	if err != nil {
		return err
	}
	if code := checkExit(summary.Totals); code != exitOK {
		return exitError(code)
	}
	return nil
}

// frugal collects garbage early while a file is checked, which makes little of it beside one large index: the peak stays near
// what is in use. It gives what ends it.
func frugal() func() {
	before := debug.SetGCPercent(3)
	return func() { debug.SetGCPercent(before) }
}

// checkExit is the code of a dry run: a row that is ready is all a dry run can ask for.
func checkExit(t ledger.Totals) int {
	valid := ledger.Totals{}
	for state, n := range t {
		if state != ledger.Ready {
			valid[state] = n
		}
	}
	return totalsExit(valid)
}

// view shows a check on standard error, or on standard output where that is not JSON's: a few findings and all totals. Rows that somebody
// has to do something about come first; those that are to be looked at follow, and those that are done with are counted.
type view struct {
	app    *app
	unused []string // columns
	shown  int
	later  []string // the lines of rows to be looked at
	more   int
	done   int // rows
	mended int // values
}

const maxShown = 40

func (a *app) view(plan *importer.Plan) *view { return &view{app: a, unused: plan.Unused()} }

func (v *view) add(row *importer.Row) {
	for i := range row.Findings {
		if row.Findings[i].Mends() {
			v.mended++
		}
	}
	switch {
	case row.State == ledger.Duplicate, row.State == ledger.Skipped:
		v.done++
	case !slices.ContainsFunc(row.Findings, func(f validate.Finding) bool { return f.Severity != validate.Note }):
	case row.State == ledger.Ready && len(v.later) < maxShown:
		v.later = append(v.later, rowLine(row, true, v.app.lang))
	case row.State == ledger.Ready, v.shown >= maxShown:
		v.more++
	default:
		v.shown++
		v.app.tell(plain("%s"), rowLine(row, true, v.app.lang))
	}
}

func (v *view) end(summary importer.Summary) {
	fits := min(len(v.later), maxShown-v.shown)
	for _, line := range v.later[:fits] {
		v.app.tell(plain("%s"), line)
	}
	v.more += len(v.later) - fits
	if v.more > 0 {
		v.app.tell(textMoreFindings, v.more)
	}
	if v.done > 0 {
		v.app.tell(textDoneWith, v.done)
	}
	if v.mended > 0 {
		v.app.tell(textMended, v.mended)
	}
	for _, n := range summary.Notes {
		v.app.tell(textNote, noteLine(n, v.app.lang))
	}
	if len(v.unused) > 0 {
		v.app.tell(textUnused, strings.Join(strings.Fields(strings.Join(v.unused, ", ")), " ")) // a label may have two lines
	}
	v.app.tell(plain("%s"), countsLine(summary.Totals, true, v.app.lang))
}

// noteLine is a note about the file with its place.
func noteLine(n sheet.Note, lang validate.Lang) string {
	remark := onOneLine(validate.Remark(n, lang))
	if n.Row == 0 {
		return remark
	}
	return strings.TrimSpace(fmt.Sprintf("%s %d: %s", phrase{SV: "rad", EN: "row"}.In(lang), n.Row, remark))
}
