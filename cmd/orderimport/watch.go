package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"orderimport/importer"
	"orderimport/importer/connect"
	"orderimport/importer/drop"
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
				return w.check(cmd.Context())
			}
			for _, d := range w.config.Drops {
				if err := w.fits(d); err != nil {
					return err
				}
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), endings()...)
			defer stop()
			w.log("", "", textWatching, len(w.config.Drops), w.config.Poll, a.set.ledgerInUse())
			drop.Watch(ctx, w.config, w.handle, w.observe)
			w.log("", "", textWatchEnds)
			return nil
		},
	}
	c.PersistentFlags().StringVarP(&file, "drops", "c", "", "")
	c.PersistentFlags().StringVar(&a.set.caFile, "ca-file", "", "")
	a.set.ledgerFlag(c.PersistentFlags())
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
	if err := a.chooseLedger(file, config.Ledger); err != nil {
		return nil, err
	}
	a.set.elsewhere = true // who reads the log, or what lies in failed/, has another environment
	if config.Lang != "" && !a.given["lang"] && os.Getenv(variable("lang")) == "" {
		a.lang = validate.Lang(config.Lang)
	}
	return &watcher{app: a, config: config}, nil
}

// chooseLedger takes the ledger that the drops' file names, unless a flag names one. Two words for it, neither of them typed now, are no
// choice: the ledger that is not taken knows what was ordered, and the other would order it again. The user's config file only fills what is left open.
func (a *app) chooseLedger(file, named string) error {
	if named == "" || a.given["ledger"] {
		return nil
	}
	if hasPassword(named) {
		return &useError{text: textLedgerPassword, hint: hintLedgerPassword}
	}
	env := os.Getenv(variable("ledger"))
	switch {
	case env == "":
		a.set.ledger = named
	case !sameLedger(env, named):
		return &useError{text: textTwoLedgers, args: []any{variable("ledger"), ledgerName(env), file, ledgerName(named)}, hint: hintTwoLedgers}
	}
	return nil
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
	text := w.app.sentence(p, args...)
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

// command is the program as it would be called for one file of a drop, with nobody in front of it. What the drop does not say, environment
// and config file do; but not what only a drop can know of its files: where they go, and how many may be ordered.
func (w *watcher) command(d *drop.Drop, results []string) *app {
	own := w.app.set.own
	set := settings{
		endpoint: cmp.Or(d.Endpoint, "test"), caFile: w.app.set.caFile, ledger: w.app.set.ledger, ledgerKey: w.app.set.ledgerKey, pkg: d.Package, customer: d.Customer, profile: d.Profile,
		encoding: own.encoding, delimiter: own.delimiter, quote: own.quote,
		rate: own.rate, workers: cmp.Or(d.Workers, own.workers), maxOrders: d.MaxOrders, stopAfterDoubts: own.stopAfterDoubts,
		skipInvalid: d.SkipInvalid, yes: d.Action == drop.Submit, results: results, own: own, elsewhere: true,
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
func (w *watcher) check(ctx context.Context) error {
	code := exitOK
	lg, err := w.app.lookLedger(ctx)
	switch {
	case err != nil:
		_, text := w.app.words(err)
		code = exitLedger
		w.app.say(plain("%s"), text)
	case lg == nil:
		w.app.tell(textLedgerNew, w.app.set.ledgerInUse())
	default:
		lg.Close()
		w.app.tell(textLedgerThere, w.app.set.ledgerInUse())
	}
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
	ctx, stop := signal.NotifyContext(ctx, endings()...)
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
