package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"orderimport/importer/ledger"
	"orderimport/report"
)

func (a *app) ledger() *cobra.Command {
	c := &cobra.Command{Use: "ledger"}
	c.AddCommand(a.ledgerVerify(), a.ledgerBackup(), a.ledgerAdopt(), a.ledgerPurge())
	return c
}

// confirm asks before what cannot be undone. Without --yes it needs somebody who answers.
func (a *app) confirm(question phrase, args ...any) error {
	if a.set.yes {
		return nil
	}
	if !a.terminal(a.in) {
		return &useError{text: textNoTerminal, hint: hintYes}
	}
	if !slices.Contains(yesWords, strings.ToLower(a.prompt(sentence(a.lang, question, args...)))) {
		a.say(textNothingDone)
		return exitError(exitStopped)
	}
	return nil
}

func (a *app) ledgerVerify() *cobra.Command {
	c := &cobra.Command{
		Use:  "verify",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			lg, err := a.someLedger(cmd.Context())
			if err != nil {
				return err
			}
			defer lg.Close()
			broken := lg.Verify(cmd.Context())
			if a.set.format == "json" {
				doc := struct {
					Sound  bool     `json:"sound"`
					Broken []string `json:"broken"`
				}{broken == nil, []string{}}
				if broken != nil {
					doc.Broken = strings.Split(broken.Error(), "\n")
				}
				if err := a.writeJSON(doc); err != nil {
					return err
				}
			}
			if broken != nil {
				return &ledger.Error{Text: broken.Error(), Hint: "put back the last backup", Err: broken}
			}
			a.tell(textSound)
			return nil
		},
	}
	a.set.ledgerFlag(c.Flags())
	a.set.formatFlag(c.Flags())
	return c
}

func (a *app) ledgerBackup() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:  "backup",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if output == "" {
				return &useError{text: textNoBackup, hint: hintHelp}
			}
			lg, err := a.someLedger(cmd.Context())
			if err != nil {
				return err
			}
			defer lg.Close()
			if err := lg.Backup(cmd.Context(), output); err != nil {
				return err
			}
			a.tell(textBackedUp, output, output+".key")
			return nil
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "")
	a.set.ledgerFlag(c.Flags())
	return c
}

func (a *app) ledgerAdopt() *cobra.Command {
	word := ledger.Adoption{By: person()}
	var settled, results bool
	of := pflag.NewFlagSet("", pflag.ContinueOnError) // --from-results
	a.set.apiFlags(of)
	a.set.sheetFlags(of)
	a.set.fitFlags(of)
	c := &cobra.Command{
		Use: "adopt",
		Args: func(_ *cobra.Command, args []string) error {
			if results == (len(args) == 0) || results && settled {
				return &useError{text: textAdoptUse, hint: hintHelp}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(word.Reason) == "" {
				return &useError{text: textNoReason, hint: hintHelp}
			}
			if results {
				return a.takeOver(cmd.Context(), args, word)
			}
			for name := range a.given {
				if of.Lookup(name) != nil {
					return &useError{text: textOfResults, args: []any{name}, hint: hintHelp}
				}
			}
			lg, err := a.someLedger(cmd.Context())
			if err != nil {
				return err
			}
			if err := lg.Close(); err != nil {
				return err
			}
			if settled {
				return a.settleLedger(cmd.Context(), word)
			}
			return a.adoptCopy(cmd.Context(), word)
		},
	}
	c.Flags().StringVar(&word.Reason, "reason", "", "")
	c.Flags().BoolVar(&settled, "settled", false, "")
	c.Flags().BoolVar(&results, "from-results", false, "")
	c.Flags().BoolVar(&a.set.yes, "yes", false, "")
	c.Flags().AddFlagSet(of)
	a.set.ledgerFlag(c.Flags())
	return c
}

// adoptCopy makes a copy the ledger.
func (a *app) adoptCopy(ctx context.Context, word ledger.Adoption) error {
	if err := a.confirm(textAskAdopt); err != nil {
		return err
	}
	path, err := a.set.ledgerPath()
	if err != nil {
		return err
	}
	opt, err := a.set.ledgerOptions()
	if err != nil {
		return err
	}
	held, err := ledger.Adopt(ctx, path, word, opt)
	if err != nil {
		return err
	}
	a.tell(textAdopted, held)
	return nil
}

func (a *app) settleLedger(ctx context.Context, word ledger.Adoption) error {
	if err := a.confirm(textAskSettle); err != nil {
		return err
	}
	lg, err := a.openLedger(ctx)
	if err != nil {
		return err
	}
	defer lg.Close()
	if err := lg.Settle(ctx, word); err != nil {
		return err
	}
	a.tell(textSettled)
	return nil
}

func (a *app) ledgerPurge() *cobra.Command {
	var older string
	c := &cobra.Command{
		Use:  "purge",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			age, err := days(older)
			if err != nil {
				return err
			}
			now := time.Now()
			before := now.AddDate(0, 0, -age)
			look, err := a.someLedger(ctx)
			if err != nil {
				return err
			}
			found, err := look.Purgeable(ctx, before)
			if err := errors.Join(err, look.Close()); err != nil {
				return err
			}
			if idle := int(now.Sub(found.Last) / (24 * time.Hour)); !found.Last.IsZero() && (idle > 30 || idle < 0) {
				a.say(textIdle, found.Last.Local().Format(time.DateOnly), now.Local().Format(time.DateOnly))
			}
			if found.Rows > 0 {
				if err := a.confirm(textAskPurge, found.Rows, before.Local().Format(time.DateOnly)); err != nil {
					return err
				}
			}
			lg, err := a.openLedger(ctx)
			if err != nil {
				return err
			}
			defer lg.Close()
			n, err := lg.Purge(ctx, before, person())
			if err != nil {
				return err
			}
			a.tell(textPurged, n)
			if found.Open > 0 {
				a.tell(textPurgeOpen, found.Open)
			}
			return nil
		},
	}
	c.Flags().StringVar(&older, "older-than", "", "")
	c.Flags().BoolVar(&a.set.yes, "yes", false, "")
	a.set.ledgerFlag(c.Flags())
	return c
}

// days reads "90d".
func days(text string) (int, error) {
	if text == "" {
		return 0, &useError{text: textNoAge, hint: hintHelp}
	}
	n, isDays := strings.CutSuffix(text, "d")
	age, err := strconv.Atoi(n)
	if !isDays || err != nil || age < 0 || age > maxAge {
		return 0, &useError{text: textBadAge, args: []any{text, maxAge}}
	}
	return age, nil
}

// maxAge is more days than anything here is old.
const maxAge = 36_500

func (a *app) erase() *cobra.Command {
	c := &cobra.Command{
		Use:  "erase",
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			look, err := a.someLedger(ctx)
			if err != nil {
				return err
			}
			found, err := look.Find(ctx, args[0])
			if err := errors.Join(err, look.Close()); err != nil {
				return err
			}
			if len(found) > 0 {
				a.showTraces(found)
				if err := a.confirm(textAskErase, len(found)); err != nil {
					return err
				}
			}
			lg, err := a.openLedger(ctx)
			if err != nil {
				return err
			}
			defer lg.Close()
			erased, err := lg.Erase(ctx, args[0], person())
			if err != nil {
				return err
			}
			if len(erased) == 0 {
				a.tell(textErasedNobody, args[0], a.set.ledgerInUse())
				return nil
			}
			a.tell(textErased, len(erased))
			var files []string
			for _, t := range erased {
				files = append(files, t.File)
			}
			slices.Sort(files)
			for _, file := range slices.Compact(files) {
				a.tell(textErasedFile, file)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&a.set.yes, "yes", false, "")
	a.set.ledgerFlag(c.Flags())
	return c
}

// showTraces lists what would be erased, before the question.
func (a *app) showTraces(traces []ledger.Trace) {
	for _, t := range traces {
		what := textTraceOwn
		switch {
		case !t.Own:
			what = textTraceMention
		case t.State == ledger.Ready || t.State == ledger.Held:
			what = textTraceCloses
		}
		a.say(textTrace, phrase{SV: fmt.Sprintf(textTwin.SV, t.Run, t.Row), EN: fmt.Sprintf(textTwin.EN, t.Run, t.Row)},
			plain(strings.ToLower(report.StatusWord(t.State, false, a.lang))), what)
	}
}
