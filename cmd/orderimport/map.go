package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"orderimport/importer"
	"orderimport/importer/mapping"
	"orderimport/report"
)

func (a *app) mapCommand() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:  "map",
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			said, usual := mapping.Order{Package: a.set.pkg, Customer: a.set.customer}, mapping.Order{Package: a.set.own.pkg, Customer: a.set.own.customer}
			if said.Package == "" && usual.Package == "" {
				return importer.ErrNoPackage
			}
			if err := notInput(output, args[0]); err != nil {
				return err
			}
			if _, err := os.Lstat(output); output != "" && err == nil {
				return &useError{text: textExists, args: []any{output}, hint: hintExists}
			}
			f, err := a.openSheet(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			s, err := a.set.connect(a.set.endpoint)
			if err != nil {
				return err
			}
			defer s.Close()
			catalogue, err := importer.NewCatalogue(cmd.Context(), s.client)
			if err != nil {
				return err
			}
			proposal, err := mapping.SuggestFor(cmd.Context(), f.Columns, f.Samples(), catalogue, said, usual)
			if err != nil {
				return err
			}
			return a.propose(proposal, output)
		},
	}
	a.set.apiFlags(c.Flags())
	a.set.sheetFlags(c.Flags())
	c.Flags().StringVar(&a.set.pkg, "package", "", "")
	c.Flags().StringVar(&a.set.customer, "customer", "", "")
	c.Flags().StringVarP(&output, "output", "o", "", "")
	a.set.formatFlag(c.Flags())
	return c
}

func (a *app) propose(p *mapping.Proposal, output string) error {
	p.Translate(func(comment string) string { return said(comment).In(a.lang) })
	if a.json() {
		data, err := encode(p)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, "%s\n", data)
	} else if output == "" {
		a.out.Write(p.YAML())
	}
	if output != "" {
		f, err := report.Create(output)
		if err != nil {
			return &useError{text: textFileUnwritable, args: []any{output}, hint: hintFile}
		}
		defer f.Abort()
		if _, err := f.Write(p.YAML()); err != nil {
			return err
		}
		if err := f.Commit(); err != nil {
			return err
		}
		a.tell(textWritten, output)
	}
	a.sayQuestions(p)
	if len(p.Open) > 0 {
		return exitError(exitRows)
	}
	return nil
}

// customerNumber is the order's own field, as `map --format json` names it.
const customerNumber = "customerNumber"

// sayProposal shows how the columns were matched.
func (a *app) sayProposal(p *mapping.Proposal) {
	a.say(textMapped)
	for _, t := range p.Targets {
		if t.Column != "" {
			fmt.Fprintf(a.err, "  %-28s → %-24s %3.0f %%  %s\n", t.Column, t.Field, t.Score*100, matchWords[t.Reason].In(a.lang))
		}
	}
	a.sayQuestions(p)
}

func (a *app) sayQuestions(p *mapping.Proposal) {
	for _, q := range p.Open {
		switch {
		case len(q.Candidates) > 0:
			a.say(textOpen, q.Field, textOneOf, strings.Join(q.Candidates, ", "))
		case q.Field == customerNumber:
			a.say(textOpen, q.Field, textNoColumn, textGiveCustomer)
		default:
			a.say(textOpen, q.Field, textNoColumn, "")
		}
	}
}
