package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"orderimport/importer"
	"orderimport/importer/connect"
	"orderimport/importer/drop"
	"orderimport/importer/ledger"
	"orderimport/importer/submit"
	"orderimport/validate"
)

func (a *app) watch() *cobra.Command {
	var file string
	var check bool
	c := &cobra.Command{
		Use:  "watch",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			w, err := a.watcher(file)
			if err != nil {
				return err
			}
			if check {
				return w.check()
			}
			for _, d := range w.config.Drops {
				if err := w.fits(d); err != nil {
					return err
				}
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			w.log("", "", textWatching, len(w.config.Drops), w.config.Poll)
			drop.Watch(ctx, w.config, w.handle, w.observe)
			w.log("", "", textWatchEnds)
			return nil
		},
	}
	c.PersistentFlags().StringVarP(&file, "drops", "c", "", "")
	c.PersistentFlags().StringVar(&a.set.caFile, "ca-file", "", "")
	c.PersistentFlags().StringVar(&a.set.ledger, "ledger", "", "")
	c.Flags().BoolVar(&check, "check", false, "")
	c.AddCommand(&cobra.Command{
		Use:  "run",
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.watcher(file)
			if err != nil {
				return err
			}
			return w.once(cmd.Context(), args[0])
		},
	})
	return c
}

// watcher does what is asked for each file of each drop, and logs it.
type watcher struct {
	app    *app
	config *drop.Config

	mu    sync.Mutex // guards all below, and the log
	codes []int      // of the files handled
}

func (a *app) watcher(file string) (*watcher, error) {
	if file == "" {
		return nil, &useError{text: textNoDrops, hint: hintHelp}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, &useError{text: textConfigUnreadable, args: []any{file}, hint: hintFile}
	}
	config, err := drop.ParseConfig(file, data)
	var wrong *drop.ConfigError
	if errors.As(err, &wrong) {
		return nil, &useError{text: plain("%s"), args: []any{saidError(wrong)}, hint: said(wrong.Hint)}
	}
	if err != nil {
		return nil, err
	}
	// Flag, environment, this file, the user's config file, the default.
	if config.Ledger != "" && !a.given["ledger"] && os.Getenv(variable("ledger")) == "" {
		a.set.ledger = config.Ledger
	}
	if config.Lang != "" && !a.given["lang"] && os.Getenv(variable("lang")) == "" {
		a.lang = validate.Lang(config.Lang)
	}
	return &watcher{app: a, config: config}, nil
}

// log writes one line: time, drop, file, what.
func (w *watcher) log(name, file string, p phrase, args ...any) {
	var b strings.Builder
	b.WriteString(time.Now().Format(time.RFC3339))
	if name != "" {
		b.WriteString(" " + name)
	}
	if file != "" {
		fmt.Fprintf(&b, " %q", file)
	}
	text := sentence(w.app.lang, p, args...)
	fmt.Fprintf(&b, ": %s\n", strings.ReplaceAll(text, "\n", "; "))
	w.mu.Lock()
	defer w.mu.Unlock()
	io.WriteString(w.app.err, b.String())
}

// observe logs what the drops do.
func (w *watcher) observe(e drop.Event) {
	say := func(p phrase, args ...any) { w.log(e.Drop, e.File, p, args...) }
	switch e.Kind {
	case drop.Claimed:
		say(textDropBegins)
	case drop.Resumed:
		say(textDropResumes)
	case drop.Filed:
		say(plain("%s → %s"), cmp.Or(e.Text, "-"), e.Path)
	case drop.Postponed:
		say(textDropPostponed, e.Wait, said(e.Text))
	case drop.Waiting:
		say(textDropWaits)
	case drop.Unmatched:
		say(textDropUnmatched)
	case drop.Irregular:
		say(textDropIrregular)
	case drop.Empty:
		say(textDropEmpty)
	case drop.Unfinished:
		say(textDropUnfinished)
	case drop.Unclaimed:
		say(textDropUnclaimed, said(e.Text))
	case drop.Lost:
		say(textDropLost, said(e.Text))
	case drop.Found:
		say(textDropFound)
	case drop.Busy:
		say(textDropBusy)
	}
}

// command is the program as it would be called for one file of a drop, with nobody in front of it.
func (w *watcher) command(d *drop.Drop, results []string) *app {
	set := settings{
		endpoint: cmp.Or(d.Endpoint, "test"), caFile: w.app.set.caFile, ledger: w.app.set.ledger, pkg: d.Package, customer: d.Customer, profile: d.Profile,
		rate: submit.DefaultRate, workers: cmp.Or(d.Workers, submit.DefaultWorkers), maxOrders: d.MaxOrders, stopAfterDoubts: submit.DefaultDoubts,
		skipInvalid: d.SkipInvalid, yes: d.Action == drop.Submit, results: results,
	}
	if d.Rate != nil {
		set.rate = *d.Rate
	}
	return &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard, set: set, lang: w.app.lang, given: map[string]bool{}, terminal: func(any) bool { return false }}
}

// fits looks whether a drop's settings can be used, without a look at its folder, the token or the network.
func (w *watcher) fits(d *drop.Drop) error {
	sub := w.command(d, nil)
	if err := sub.set.check(); err != nil {
		return err
	}
	if _, err := sub.set.readProfile(); err != nil {
		return err
	}
	return sub.checkEndpoint(sub.set.endpoint)
}

// check is watch --check: every drop, and everything it needs but the API's answer.
func (w *watcher) check() error {
	code := exitOK
	for _, d := range w.config.Drops {
		err := w.fits(d)
		if err == nil {
			if err = d.Check(); err != nil {
				err = &useError{text: textDropLost, args: []any{saidError(err)}, hint: hintFile}
			}
		}
		if err == nil {
			var s *service
			if s, err = w.command(d, nil).set.connect(cmp.Or(d.Endpoint, "test")); err == nil {
				s.Close()
			}
		}
		if err != nil {
			found, text := w.app.words(err)
			code = worse(code, found)
			w.app.say(textDropWrong, d.Name, text)
			continue
		}
		when := textOnArrival.In(w.app.lang)
		if d.Schedule != nil {
			when = d.Schedule.Next(time.Now()).Format(time.RFC3339)
		}
		w.app.tell(textDropFits, d.Name, d.Action, d.Folder, when)
	}
	if code != exitOK {
		return exitError(code)
	}
	return nil
}

// once is watch run NAME.
func (w *watcher) once(ctx context.Context, name string) error {
	d := w.config.Drop(name)
	if d == nil {
		var names []string
		for _, d := range w.config.Drops {
			names = append(names, d.Name)
		}
		return &useError{text: textNoDrop, args: []any{name, strings.Join(names, ", ")}}
	}
	if err := w.fits(d); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := drop.Run(ctx, w.config, d, w.handle, w.observe)
	code := exitOK
	switch {
	case errors.Is(err, drop.ErrBusy):
		code = exitStopped // said already, and so is what follows
	case err != nil:
		code = exitUse
	case len(w.codes) == 0:
		w.log(name, "", textDropNone, d.Folder)
	}
	for _, c := range w.codes {
		code = worse(code, c)
	}
	if code != exitOK {
		return exitError(code)
	}
	return nil
}

// attempt is what one handling of one claim came to know.
type attempt struct {
	sub     *app
	claim   drop.Claim
	run     *ledger.Run // as the ledger has it now; nil: nothing of this file was stored
	earlier *ledger.Run // a run of the same content, sent before
}

// handle does a drop's action with one file.
func (w *watcher) handle(ctx context.Context, d *drop.Drop, c drop.Claim) (out drop.Outcome) {
	code := exitStopped
	defer func() {
		// One file must not end the watch over all others. What a fault of ours read is not shown.
		if r := recover(); r != nil {
			out = drop.Outcome{Verdict: drop.Failed, Text: fmt.Sprintf(textPanic.In(w.app.lang), fmt.Sprintf("%T", r))}
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.codes = append(w.codes, code)
	}()
	t := &attempt{sub: w.command(d, []string{c.Result}), claim: c}
	t.sub.hear = func(p phrase, args []any) {
		// The API's words may repeat what was sent; they stand in the result.
		switch p {
		case textPaused, textUnreachable, textRenewed, textLost, textNowDoubt, textRecovered, textNewCustomer, textWouldDoubt:
			w.log(d.Name, c.Name, p, args...)
		}
	}
	var err error
	if d.Action == drop.Submit {
		err = t.order(ctx)
	} else {
		err = t.sub.dryRun(ctx, c.Path)
	}
	var text string
	code, text = t.sub.words(err)
	if errors.Is(err, context.Canceled) || ctx.Err() != nil && (t.sub.stopped == submit.StopDrained || t.sub.stopped == "" && code == exitStopped) {
		code = exitStopped
		return drop.Outcome{Verdict: drop.Left}
	}
	out = t.outcome(d, code, text)
	if out.Verdict != drop.Again && c.Changed() {
		out.Verdict, out.Text = drop.Failed, strings.TrimSpace(textDropChanged.In(w.app.lang)+" "+out.Text)
	}
	return out
}

// order submits the claimed file, or goes on with the run that was made of it before.
func (t *attempt) order(ctx context.Context) error {
	if err := t.look(ctx); err != nil {
		return err
	}
	var err error
	switch {
	case t.run != nil && t.run.Totals[ledger.Ready]+t.run.Totals[ledger.Sending] == 0:
		err = t.settle(ctx)
	case t.run != nil:
		err = t.sub.goOn(ctx, t.run.ID)
	case t.earlier != nil:
		return nil
	default:
		err = t.sub.submitFile(ctx, t.claim.Path)
	}
	// What the ledger says now decides where the file goes; its own failure to say so comes second.
	if again := t.look(context.WithoutCancel(ctx)); err == nil {
		err = again
	}
	return err
}

// settle writes the result of a run that has nothing left to send.
func (t *attempt) settle(ctx context.Context) error {
	lg, err := t.sub.lookLedger(ctx)
	if err != nil {
		return err
	}
	defer lg.Close()
	return t.sub.settle(ctx, &staged{id: t.run.ID, ledger: lg}, t.claim.Path, exitOK)
}

// look finds the runs of this very claim and of the same content. A claim's name is its own for ever, wherever the folder is
// moved; an earlier run counts where it lay in the same folder, for the same endpoint, and was sent.
func (t *attempt) look(ctx context.Context) error {
	lg, err := t.sub.lookLedger(ctx)
	if err != nil || lg == nil {
		return err
	}
	defer lg.Close()
	runs, err := lg.Runs(ctx)
	if err != nil {
		return err
	}
	sum, err := contentOf(t.claim.Path)
	if err != nil {
		return err
	}
	place, err := endpointOf(t.sub.set.endpoint)
	if err != nil {
		return err
	}
	t.run, t.earlier = nil, nil
	for _, r := range slices.Backward(runs) { // the oldest first: it is the one that ordered
		switch {
		case r.SHA256 != sum || r.Host != place.Host:
		case filepath.Base(r.File) == filepath.Base(t.claim.Path):
			t.run = &r
		case t.earlier == nil && r.State != ledger.RunStaged && filepath.Dir(r.File) == filepath.Dir(t.claim.Path):
			t.earlier = &r
		}
	}
	return nil
}

// outcome says where the file goes, and why.
func (t *attempt) outcome(d *drop.Drop, code int, text string) drop.Outcome {
	lang := t.sub.lang
	if d.Action == drop.Validate {
		return t.checked(code, text)
	}
	if t.run == nil && t.earlier != nil {
		e := t.earlier
		return drop.Outcome{Verdict: drop.Done, Note: true, Text: fmt.Sprintf(textDropSame.In(lang), e.ID, e.StartedAt.Local().Format(time.DateTime), countsLine(e.Totals, false, lang))}
	}
	left := 0
	if t.run != nil {
		left = t.run.Totals[ledger.Ready] + t.run.Totals[ledger.Sending]
		counts := fmt.Sprintf(textDropRun.In(lang), t.run.ID, countsLine(t.run.Totals, false, lang))
		if t.sub.stopped != "" {
			counts += "; " + sentence(lang, textStopped, stopText(t.sub.stopped, ""))
		}
		if left > 0 {
			counts += "; " + fmt.Sprintf(textGoOn.In(lang), t.run.ID)
		}
		if n := t.run.Totals[ledger.InDoubt]; n > 0 {
			counts += "; " + fmt.Sprintf(textDoubtRows.In(lang), n, t.run.ID)
		}
		text = strings.Trim(text+"; "+counts, "; ")
	}
	verdict := drop.Failed
	switch {
	case code == exitToken, code == exitUnreachable, code == exitLedger:
		verdict = drop.Again
	case t.sub.stopped == submit.StopToken, t.sub.stopped == submit.StopUnreachable, t.sub.stopped == submit.StopUntrusted:
		verdict = drop.Again // beside rows in doubt
	case t.run != nil && left == 0 && (code == exitOK || code == exitRows || code == exitDoubt):
		verdict = drop.Done
	case t.run == nil && text == "":
		text = textDropNothing.In(lang)
	}
	return drop.Outcome{Verdict: verdict, Text: text}
}

// checked is outcome for a dry run.
func (t *attempt) checked(code int, text string) drop.Outcome {
	_, err := os.Lstat(t.claim.Result)
	switch {
	case code == exitToken, code == exitUnreachable, code == exitLedger:
		return drop.Outcome{Verdict: drop.Again, Text: text}
	case err != nil, code != exitOK && code != exitRows && code != exitDoubt:
		return drop.Outcome{Verdict: drop.Failed, Text: cmp.Or(text, textDropNothing.In(t.sub.lang))}
	case code == exitOK:
		return drop.Outcome{Verdict: drop.Done, Text: textDropValid.In(t.sub.lang)}
	}
	return drop.Outcome{Verdict: drop.Done, Text: textDropMend.In(t.sub.lang)}
}

// contentOf is the SHA-256 of a file, as the ledger keeps it.
func contentOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// endpointOf is an endpoint as the flag takes it; the sandbox has no address before it is started.
func endpointOf(name string) (connect.Endpoint, error) {
	if name == importer.Sandbox {
		return connect.Endpoint{Host: importer.Sandbox}, nil
	}
	place, err := connect.ParseEndpoint(name)
	if err != nil {
		return place, &useError{text: plain("%s"), args: []any{saidError(err)}, hint: hintEndpoint}
	}
	return place, nil
}
