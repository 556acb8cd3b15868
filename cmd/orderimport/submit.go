package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"orderimport/importer"
	"orderimport/importer/connect"
	"orderimport/importer/drop"
	"orderimport/importer/ledger"
	"orderimport/importer/submit"
	"orderimport/report"
)

func (a *app) stage() *cobra.Command {
	c := &cobra.Command{
		Use:  "stage",
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, run, err := a.stageFile(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			defer s.Close()
			defer run.ledger.Close()
			a.say(textStaged, run.id, run.id)
			if a.json() {
				head, summary, rows, err := importer.Result(cmd.Context(), run.ledger, run.id)
				if err != nil {
					return err
				}
				if err := a.render(a.out, report.JSON, head, summary, rows, nil); err != nil {
					return err
				}
			}
			if code := checkExit(run.totals); code != exitOK {
				return exitError(code)
			}
			return nil
		},
	}
	a.set.apiFlags(c.Flags())
	a.set.sheetFlags(c.Flags())
	a.set.orderFlags(c.Flags())
	a.set.ledgerFlag(c.Flags())
	a.set.sealFlags(c.Flags())
	a.set.formatFlag(c.Flags())
	return c
}

func (a *app) submit() *cobra.Command {
	c := &cobra.Command{
		Use:  "submit",
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if runID.MatchString(args[0]) {
				for _, sealed := range []string{"endpoint", "package", "customer", "profile", "sheet", "header", "encoding", "delimiter", "quote", "hidden", "skip-invalid", "stop-after-doubts"} {
					if a.given[sealed] {
						return &useError{text: textSealed, args: []any{sealed}}
					}
				}
				return a.goOn(cmd.Context(), args[0])
			}
			return a.submitFile(cmd.Context(), args[0])
		},
	}
	a.set.apiFlags(c.Flags())
	a.set.sheetFlags(c.Flags())
	a.set.orderFlags(c.Flags())
	a.set.ledgerFlag(c.Flags())
	a.set.sealFlags(c.Flags())
	a.set.sendFlags(c.Flags())
	a.set.resultFlag(c.Flags())
	a.set.formatFlag(c.Flags())
	return c
}

// staged is a run in an open ledger.
type staged struct {
	id     string
	ledger *ledger.Ledger
	totals ledger.Totals
}

// stageFile checks a file and stores its run. The caller closes both.
func (a *app) stageFile(ctx context.Context, file string) (*service, *staged, error) {
	if err := a.checkEndpoint(a.set.endpoint); err != nil {
		return nil, nil, err
	}
	s, plan, err := a.open(ctx, file)
	if err != nil {
		return nil, nil, err
	}
	defer plan.Close()
	lg, err := a.openLedger(ctx)
	if err != nil {
		s.Close()
		return nil, nil, err
	}
	run, err := a.seal(ctx, plan, lg)
	if err != nil {
		lg.Close()
		s.Close()
		return nil, nil, err
	}
	return s, run, nil
}

// seal stores the plan's run. Where it may not be stored, the result says why.
func (a *app) seal(ctx context.Context, plan *importer.Plan, lg *ledger.Ledger) (*staged, error) {
	results, err := a.stream(plan.Head(), a.json()) // of a run that is stored, the JSON comes from the ledger
	if err != nil {
		return nil, err
	}
	defer results.abort()
	view := a.view(plan)
	relax := frugal()
	id, summary, err := plan.Stage(ctx, lg, importer.Seal{SkipInvalid: a.set.skipInvalid, StopAfterDoubts: a.set.stopAfterDoubts}, func(row *importer.Row) error {
		view.add(row)
		return results.add(row)
	})
	relax()
	if errors.Is(err, importer.ErrInvalidRows) {
		view.end(summary)
		a.say(textInvalidStop, summary.Totals[ledger.Invalid])
		if err := results.close(summary); err != nil {
			return nil, err
		}
		return nil, exitError(exitRows)
	}
	if err != nil {
		return nil, err
	}
	view.end(summary)
	return &staged{id: id, ledger: lg, totals: summary.Totals}, nil
}

func (a *app) submitFile(ctx context.Context, file string) error {
	s, run, err := a.stageFile(ctx, file)
	if err != nil {
		return err
	}
	defer s.Close()
	defer run.ledger.Close()
	return a.send(ctx, s, run)
}

// goOn sends a staged run, or goes on with a stopped one.
func (a *app) goOn(ctx context.Context, id string) error {
	look, err := a.findRun(ctx, id)
	if err != nil {
		return err
	}
	stored, err := look.Run(ctx, id)
	look.Close()
	if err != nil {
		return err
	}
	endpoint := stored.Endpoint
	if stored.Host == importer.Sandbox {
		endpoint = importer.Sandbox
	}
	err = a.sendStored(ctx, stored, endpoint)
	doubts := stored.Totals[ledger.InDoubt]
	if doubts == 0 || err == nil {
		return err
	}
	if !a.doubtsTold {
		a.say(textDoubtRows, doubts, id)
	}
	var said exitError
	if errors.As(err, &said) {
		return exitError(worse(int(said), exitDoubt))
	}
	return &doubtError{err}
}

func (a *app) sendStored(ctx context.Context, stored *ledger.Run, endpoint string) error {
	var seal importer.Seal
	if err := json.Unmarshal(stored.Options, &seal); err != nil {
		return err
	}
	a.set.stopAfterDoubts = seal.StopAfterDoubts
	if err := a.checkResults(stored.File); err != nil {
		return err
	}
	if stored.Totals[ledger.Ready] > 0 { // else the totals are told all the same
		if err := a.tryResults(); err != nil {
			return err
		}
	}
	if err := a.checkEndpoint(endpoint); err != nil {
		return err
	}
	s, err := a.set.connect(endpoint)
	if err != nil {
		return err
	}
	defer s.Close()
	lg, err := a.openLedger(ctx)
	if err != nil {
		return err
	}
	defer lg.Close()
	if stored.Totals[ledger.Ready] > 0 {
		a.noteChanged(stored)
	}
	return a.send(ctx, s, &staged{id: stored.ID, ledger: lg})
}

// noteChanged says where a run's file is no longer what was stored of it: a person may think that what stands there now is sent. A file
// that is gone or cannot be read misleads nobody.
func (a *app) noteChanged(stored *ledger.Run) {
	input, there := drop.Whereabouts(stored.File)
	if !there {
		return
	}
	if info, err := os.Stat(input); err != nil || !info.Mode().IsRegular() {
		return
	}
	if sum, err := contentOf(input); err == nil && sum != stored.SHA256 {
		a.say(textFileChanged, input, stored.ID)
	}
}

// send asks, sends, writes the result and says what became of the rows.
func (a *app) send(ctx context.Context, s *service, run *staged) error {
	sending, err := importer.Sendable(ctx, run.ledger, s.client, s.endpoint, run.id, a.set.maxOrders)
	if err != nil {
		return a.unsent(ctx, run, err)
	}
	if sending.Misfits > 0 {
		a.say(textMisfits, sending.Misfits, run.id)
	}
	a.tellUnlisted(sending.Unlisted)
	stored, ready := sending.Run, sending.Ready
	if a.set.first > 0 && a.set.first < ready {
		ready = a.set.first
	}
	code, begun := exitOK, false
	if ready == 0 {
		a.say(textNothingReady)
		_, err = sending.Submit(ctx, submit.Config{})
	} else if err = a.ask(ctx, run, stored, s.endpoint.URL, ready); err == nil {
		begun = true
		code, err = a.deliver(ctx, sending, run, ready)
	}
	switch {
	case err == nil:
	case !begun, errors.As(err, new(*connect.Error)):
		return a.unsent(ctx, run, err)
	case errors.As(err, new(*ledger.Error)): // rows may have been sent, and nothing is certain but what it says
		a.say(textGoOn, run.id)
		return err
	default:
		code = a.complain(err)
	}
	return a.settle(context.WithoutCancel(ctx), run, stored.File, code)
}

// unsent tells of a run that is stored and was not sent, since why. It gives why, unless more went wrong: then all has been said.
func (a *app) unsent(ctx context.Context, run *staged, why error) error {
	if !errors.As(why, new(exitError)) {
		a.say(textStaged, run.id, run.id)
	}
	if !a.json() || errors.As(why, new(*ledger.Error)) {
		return why
	}
	head, summary, rows, err := importer.Result(context.WithoutCancel(ctx), run.ledger, run.id)
	if err == nil {
		err = a.render(a.out, report.JSON, head, summary, rows, nil)
	}
	if err != nil {
		return exitError(worse(a.complain(why), a.complain(err)))
	}
	return why
}

// tellUnlisted names packages whose rows are left, since the API no longer lists them.
func (a *app) tellUnlisted(packages []int64) {
	if len(packages) > 0 {
		a.say(textUnlisted, strings.Trim(fmt.Sprint(packages), "[]"))
	}
}

// deliver sends with progress, and says why it stopped.
func (a *app) deliver(ctx context.Context, sending *importer.Sending, run *staged, ready int) (int, error) {
	progress := a.progress(sending.Run, ready)
	var underWay submit.UnderWay
	drain, done := draining(ctx, &underWay, progress)
	told := len(sending.Unlisted)
	stop, err := sending.Submit(drain, submit.Config{
		Rate: a.set.rate, Workers: a.set.workers, First: a.set.first, StopAfterDoubts: a.set.stopAfterDoubts,
		UnderWay: &underWay, Observe: progress.observe,
	})
	done()
	progress.end()
	a.tellUnlisted(sending.Unlisted[told:])
	if err != nil {
		return exitLedger, err
	}
	if stop != nil {
		a.stopped = stop.Code
		a.say(textStopped, stopText(stop.Code, stop.Message))
		a.say(textGoOn, run.id)
	}
	return stopExit(stop), nil
}

// settle writes the results and ends with the code that the rows and the stop call for.
func (a *app) settle(ctx context.Context, run *staged, input string, code int) error {
	head, summary, rows, err := importer.Result(ctx, run.ledger, run.id)
	if err != nil {
		return err
	}
	code = worse(code, totalsExit(summary.Totals))
	// A result that cannot be written must not hide what was ordered, nor what is in doubt: `report` writes it again.
	unwritten := func(err error) {
		code = worse(code, a.complain(err))
		a.say(textReport, run.id)
	}
	if a.json() {
		if err := a.render(a.out, report.JSON, head, summary, rows, nil); err != nil {
			unwritten(err)
		}
	}
	a.tell(plain("%s"), countsLine(summary.Totals, false, a.lang))
	if n := summary.Totals[ledger.InDoubt]; n > 0 {
		a.doubtsTold = true
		a.say(textDoubtRows, n, run.id)
	}
	if summary.Totals[ledger.Ready] > 0 && a.stopped == "" {
		a.say(textGoOn, run.id) // after a pilot; a stop has said it
	}
	paths, err := a.writeResults(ctx, run.ledger, run.id, input)
	for _, path := range paths {
		a.tell(plain("%s"), path)
	}
	if err != nil {
		unwritten(err)
	}
	if code != exitOK {
		return exitError(code)
	}
	return nil
}

// checkEndpoint refuses settings that the endpoint does not allow: before anything is asked of it, or stored that could never be sent.
func (a *app) checkEndpoint(name string) error {
	place, err := endpointOf(name)
	if err != nil {
		return err
	}
	switch {
	case a.set.rate == 0 && place.Host != importer.Sandbox && !loopback(place.URL):
		return &useError{text: textNoLimit}
	case place.URL == liveURL && a.set.stopAfterDoubts == 0:
		return &useError{text: textLiveDoubts}
	case place.URL == liveURL && a.set.yes && a.set.maxOrders == 0:
		return &useError{text: textLiveYes, hint: hintLiveYes}
	}
	return nil
}

var liveURL = func() string {
	live, err := connect.ParseEndpoint("live")
	if err != nil {
		panic(err)
	}
	return live.URL
}()
