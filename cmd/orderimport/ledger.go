package main

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"orderimport/importer/ledger"
)

func (a *app) ledger() *cobra.Command {
	c := &cobra.Command{Use: "ledger"}
	c.AddCommand(a.ledgerVerify(), a.ledgerBackup(), a.ledgerAdopt())
	return c
}

// someLedger opens the ledger for reading; one that is not there is an error.
func (a *app) someLedger(ctx context.Context) (*ledger.Ledger, error) {
	lg, err := a.lookLedger(ctx)
	if lg == nil && err == nil {
		path, err := a.set.ledgerPath()
		if err != nil {
			return nil, err
		}
		return nil, &ledger.Error{Path: path, Text: fmt.Sprintf("ledger %q: is not there", path), Hint: "name the right file with --ledger", Err: fs.ErrNotExist}
	}
	return lg, err
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
	c := &cobra.Command{
		Use:  "adopt",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if strings.TrimSpace(word.Reason) == "" {
				return &useError{text: textNoReason, hint: hintHelp}
			}
			lg, err := a.someLedger(cmd.Context())
			if err != nil {
				return err
			}
			if err := lg.Close(); err != nil {
				return err
			}
			if !a.set.yes {
				if !a.terminal(a.in) {
					return &useError{text: textNoTerminal, hint: hintYes}
				}
				fmt.Fprint(a.err, textAskAdopt.In(a.lang)+" ")
				if !slices.Contains(yesWords, strings.ToLower(a.answer())) {
					a.say(textNothingDone)
					return exitError(exitStopped)
				}
			}
			path, err := a.set.ledgerPath()
			if err != nil {
				return err
			}
			held, err := ledger.Adopt(cmd.Context(), path, word, ledger.Options{})
			if err != nil {
				return err
			}
			a.tell(textAdopted, held)
			return nil
		},
	}
	c.Flags().StringVar(&word.Reason, "reason", "", "")
	c.Flags().BoolVar(&a.set.yes, "yes", false, "")
	a.set.ledgerFlag(c.Flags())
	return c
}
