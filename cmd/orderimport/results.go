package main

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"orderimport/importer"
	"orderimport/importer/drop"
	"orderimport/importer/ledger"
	"orderimport/report"
)

// render writes a result, of all rows or of those whose status is in only; then the totals are those of the rows written.
func (a *app) render(w io.Writer, format report.Format, head importer.Head, summary importer.Summary, rows iter.Seq2[*importer.Row, error], only []string) error {
	out, err := report.New(format, w, head, a.lang)
	if err != nil {
		return err
	}
	defer out.Abort()
	written := ledger.Totals{}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if len(only) > 0 && !slices.Contains(only, row.State.Status()) {
			continue
		}
		if err := out.Add(row); err != nil {
			return err
		}
		written[row.State]++
	}
	if len(only) > 0 {
		summary.Totals = written
	}
	return out.Close(summary)
}

// createResult begins a result at path, in the format that its ending asks for.
func createResult(path string) (*report.File, report.Format, error) {
	format, err := report.FormatOf(path)
	if err != nil {
		return nil, format, &useError{text: plain("%s"), args: []any{saidError(err)}, hint: hintResult}
	}
	f, err := report.Create(path)
	if err != nil {
		return nil, format, &useError{text: textFileUnwritable, args: []any{path}, hint: hintFile}
	}
	return f, format, nil
}

// writeResult writes a run's result to path, whole or not at all.
func (a *app) writeResult(ctx context.Context, lg *ledger.Ledger, run, path string, only []string) error {
	f, format, err := createResult(path)
	if err != nil {
		return err
	}
	return a.fillResult(ctx, lg, run, f, format, only)
}

func (a *app) fillResult(ctx context.Context, lg *ledger.Ledger, run string, f *report.File, format report.Format, only []string) error {
	defer f.Abort()
	head, summary, rows, err := importer.Result(ctx, lg, run)
	if err != nil {
		return err
	}
	if err := a.render(f, format, head, summary, rows, only); err != nil {
		return err
	}
	return f.Commit()
}

// beside is the file beside which a run's result belongs: the input where it lies now, which for a watched file is done/ or failed/.
// Where it is gone the result comes into the current folder, which is said.
func (a *app) beside(input string) string {
	if now, ok := drop.Whereabouts(input); ok {
		return now
	}
	a.say(textInputGone, input)
	return filepath.Base(input)
}

// writeResults writes a run's results to where --result says, else to the default name beside the input. It gives the paths.
func (a *app) writeResults(ctx context.Context, lg *ledger.Ledger, run, input string) ([]string, error) {
	if len(a.set.results) == 0 {
		input = a.beside(input)
		f, err := report.CreateBeside(input)
		if err != nil {
			return nil, &useError{text: textFileUnwritable, args: []any{report.DefaultPath(input)}, hint: hintFile}
		}
		if err := a.fillResult(ctx, lg, run, f, report.XLSX, nil); err != nil {
			return nil, err
		}
		return []string{f.Path()}, nil
	}
	var paths []string
	var errs []error
	for _, path := range a.set.results {
		if err := a.writeResult(ctx, lg, run, path, nil); err != nil {
			errs = append(errs, err)
			continue
		}
		paths = append(paths, path)
	}
	return paths, errors.Join(errs...)
}

// streamed are the results of a check, written while its rows go by.
type streamed struct {
	files   []*report.File
	writers []report.Writer
}

// stream begins the results of a check that --result asks for, and the JSON on standard output.
func (a *app) stream(head importer.Head, toStdout bool) (*streamed, error) {
	s := &streamed{}
	if toStdout {
		w, err := report.New(report.JSON, a.out, head, a.lang)
		if err != nil {
			return nil, err
		}
		s.writers = append(s.writers, w)
	}
	for _, path := range a.set.results {
		f, format, err := createResult(path)
		if err != nil {
			s.abort()
			return nil, err
		}
		s.files = append(s.files, f)
		w, err := report.New(format, f, head, a.lang)
		if err != nil {
			s.abort()
			return nil, err
		}
		s.writers = append(s.writers, w)
	}
	return s, nil
}

func (s *streamed) add(row *importer.Row) error {
	for _, w := range s.writers {
		if err := w.Add(row); err != nil {
			return err
		}
	}
	return nil
}

func (s *streamed) close(summary importer.Summary) error {
	for _, w := range s.writers {
		if err := w.Close(summary); err != nil {
			return err
		}
	}
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.Commit())
	}
	return errors.Join(errs...)
}

func (s *streamed) abort() {
	for _, w := range s.writers {
		w.Abort()
	}
	for _, f := range s.files {
		f.Abort()
	}
}

// checkResults refuses a result that would replace the input, and one whose format is not known.
func (a *app) checkResults(input string) error {
	for _, path := range a.set.results {
		if _, bad := report.FormatOf(path); bad != nil {
			return &useError{text: plain("%s"), args: []any{saidError(bad)}, hint: hintResult}
		}
		if err := notInput(path, input); err != nil {
			return err
		}
	}
	return nil
}

// tryResults refuses a result that cannot be written where it is asked for, while nothing has been sent yet.
func (a *app) tryResults() error {
	for _, path := range a.set.results {
		f, _, err := createResult(path)
		if err != nil {
			return err
		}
		f.Abort()
	}
	return nil
}

// notInput refuses to write over the file that was read.
func notInput(output, input string) error {
	now, ok := drop.Whereabouts(input)
	if !ok {
		return nil
	}
	in, err := os.Stat(now)
	if err != nil {
		return nil
	}
	if out, err := os.Stat(output); err == nil && os.SameFile(in, out) {
		return &useError{text: textOwnInput, args: []any{output}}
	}
	return nil
}
