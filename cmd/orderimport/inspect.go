package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"orderimport/importer"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
	"orderimport/report"
)

func (a *app) inspect() *cobra.Command {
	c := &cobra.Command{
		Use:   "inspect FILE",
		Short: "what was read",
		Long:  "Shows how a file is read: format, encoding, delimiter, sheet, header, columns, rows. Writes nothing, needs no token.",
		Args:  oneArg("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := sheet.Open(args[0], a.set.sheetOptions())
			if err != nil {
				return err
			}
			defer f.Close()
			if a.json() {
				return a.inspectJSON(f)
			}
			return a.inspectText(f)
		},
	}
	a.set.sheetFlags(c.Flags())
	a.formatFlag(c)
	return c
}

func (a *app) inspectText(f *sheet.File) error {
	const shown = 5
	a.tellRead(f.Name, f.Format, f.Encoding, f.Delimiter, f.Sheet, f.HeaderRow, len(f.Columns))
	for i, label := range f.Columns {
		fmt.Fprintf(a.out, "  %-3s %s\n", sheet.ColumnName(i), label)
	}
	n := 0
	for row, err := range f.Rows() {
		if err != nil {
			return err
		}
		if n++; n <= shown {
			texts := make([]string, len(row.Cells))
			for i, c := range row.Cells {
				texts[i] = c.Text
			}
			fmt.Fprintf(a.out, "%s %d: %s\n", phrase{"rad", "row"}.in(a.lang), row.Number, strings.Join(texts, " | "))
		}
	}
	fmt.Fprintf(a.out, phrase{"%d rader\n", "%d rows\n"}.in(a.lang), n)
	for _, note := range f.Notes {
		fmt.Fprintf(a.out, textNote.in(a.lang)+"\n", noteLine(note, a.lang))
	}
	return nil
}

// tellRead says in one line what was read.
func (a *app) tellRead(name, format, encoding, delimiter, sheetName string, header, columns int) {
	how := []string{format}
	for _, s := range []string{encoding, sheetName} {
		if s != "" {
			how = append(how, s)
		}
	}
	if delimiter != "" {
		how = append(how, fmt.Sprintf("%q", delimiter))
	}
	a.tell(textRead, name, strings.Join(how, ", "), header, columns)
}

// inspectJSON streams all rows; the columns keep the sheet's order.
func (a *app) inspectJSON(f *sheet.File) error {
	w := bufio.NewWriter(a.out)
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	var header any
	if f.HeaderRow > 0 {
		header = f.HeaderRow
	}
	put := func(text string, v any) error {
		w.WriteString(text)
		data, err := encode(v)
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	}
	fields := []struct {
		text  string
		value any
	}{
		{`{"file":`, f.Name}, {`,"format":`, f.Format}, {`,"encoding":`, null(f.Encoding)}, {`,"delimiter":`, null(f.Delimiter)},
		{`,"sheet":`, null(f.Sheet)}, {`,"headerRow":`, header}, {`,"columns":`, f.Columns},
	}
	for _, field := range fields {
		if err := put(field.text, field.value); err != nil {
			return err
		}
	}
	w.WriteString(`,"rows":[`)
	lead := "\n"
	for row, err := range f.Rows() {
		if err != nil {
			w.Flush()
			return err
		}
		fmt.Fprintf(w, `%s{"row":%d,"cells":{`, lead, row.Number)
		lead = ",\n"
		comma := ""
		for i, cell := range row.Cells {
			if cell.Text == "" {
				continue
			}
			label := sheet.ColumnName(i)
			if i < len(f.Columns) {
				label = f.Columns[i]
			}
			w.WriteString(comma)
			comma = ","
			if err := put("", label); err != nil {
				return err
			}
			if err := put(":", cell.Text); err != nil {
				return err
			}
		}
		w.WriteString("}")
		if row.Hidden {
			w.WriteString(`,"hidden":true`)
		}
		w.WriteString("}")
	}
	notes := f.Notes
	if notes == nil {
		notes = []sheet.Note{}
	}
	if err := put("],\n\"notes\":", notes); err != nil {
		return err
	}
	w.WriteString("}\n")
	return w.Flush()
}

// encode is JSON with "<" and "&" as they stand.
func encode(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return []byte(strings.TrimSuffix(b.String(), "\n")), err
}

func (a *app) mapCommand() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "map FILE --package P [-o PROFILE]",
		Short: "propose a profile",
		Long:  "Matches a file's columns with the package's fields and proposes a profile, with the reason for each column: YAML on standard output, or in the file of -o. Ends with 1 while a question is open.",
		Args:  oneArg("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.set.pkg == "" {
				return importer.ErrNoPackage
			}
			f, err := sheet.Open(args[0], a.set.sheetOptions())
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
			schema, err := catalogue.Schema(cmd.Context(), a.set.pkg)
			if err != nil {
				return err
			}
			return a.propose(mapping.Suggest(f.Columns, f.Samples(), schema, a.set.customer), output)
		},
	}
	a.set.apiFlags(c.Flags())
	a.set.sheetFlags(c.Flags())
	c.Flags().StringVar(&a.set.pkg, "package", "", "package to order, by ID or name")
	c.Flags().StringVar(&a.set.customer, "customer", "", "customer number of the account that is ordered on")
	c.Flags().StringVarP(&output, "output", "o", "", "profile to write (default: standard output)")
	a.formatFlag(c)
	return c
}

func (a *app) propose(p *mapping.Proposal, output string) error {
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

// sayProposal shows how the columns were matched.
func (a *app) sayProposal(p *mapping.Proposal) {
	a.say(textMapped)
	for _, t := range p.Targets {
		if t.Column != "" {
			fmt.Fprintf(a.err, "  %-28s → %-24s %3.0f %%  %s\n", t.Column, t.Field, t.Score*100, t.Reason)
		}
	}
	a.sayQuestions(p)
}

func (a *app) sayQuestions(p *mapping.Proposal) {
	for _, q := range p.Open {
		answer := textNoColumn.in(a.lang)
		if len(q.Candidates) > 0 {
			answer = fmt.Sprintf(textOneOf.in(a.lang), strings.Join(q.Candidates, ", "))
		}
		a.say(textOpen, q.Field, answer)
	}
}

// checkResults refuses a result that would replace the input, and one whose format is not known.
func (a *app) checkResults(input string) error {
	in, err := os.Stat(input)
	for _, path := range a.set.results {
		if _, bad := report.FormatOf(path); bad != nil {
			return &useError{text: plain("%s"), args: []any{bad.Error()}, hint: hintResult}
		}
		if out, outErr := os.Stat(path); err == nil && outErr == nil && os.SameFile(in, out) {
			return &useError{text: textOwnInput, args: []any{path}}
		}
	}
	return nil
}
