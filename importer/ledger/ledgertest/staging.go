package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"orderimport/importer/ledger"
	"orderimport/importer/sheet"
)

func readBack(f *fixture) {
	ctx := context.Background()
	meta := ledger.Run{File: "/in/å.csv", SHA256: "ab", Format: "csv", Sheet: "Blad1", HeaderRow: 4, Columns: []string{"A", "Å (2)"},
		Endpoint: "https://api.example.se/", Host: host, StartedAt: f.clock.Now().Add(123456 * time.Microsecond)}
	s, err := f.l.Stage(ctx, meta)
	if err != nil {
		f.t.Fatal(err)
	}
	held := in(ledger.Held, ready(2))
	held.Number, held.Reason, held.Customer, held.TwinRow, held.Occurrence = 9, "equal-row", "300400", 7, 2
	first := ready(1, 1, 2, 1)
	first.Number = 7
	first.Cells = []sheet.Cell{{Text: "\x00å\n", Kind: sheet.Text}, {}, {Text: strings.Repeat("x", 3000), Kind: sheet.NoResult}}
	invalid := ledger.Row{Number: 10, State: ledger.Invalid, Findings: []byte(`[{"code":"x"}]`)}
	for _, row := range []*ledger.Row{&first, &held, &invalid} {
		if err := s.Add(ctx, row); err != nil {
			f.t.Fatal(err)
		}
	}
	if runs, err := f.l.Runs(ctx); err != nil || len(runs) != 0 {
		f.t.Fatalf("an open stage is seen: %v, %v", runs, err)
	}
	meta.Package, meta.Profile, meta.Schemas, meta.Options, meta.Notes = 1001, []byte("version: 1\n"), []byte("[]"), []byte(`{"a":1}`), []byte(`[2]`)
	if err := s.Commit(ctx, meta); err != nil {
		f.t.Fatal(err)
	}
	if err := s.Rollback(); err != nil {
		f.t.Fatal(err)
	}
	f.crash()
	run, err := f.l.Run(ctx, s.ID())
	if err != nil {
		f.t.Fatal(err)
	}
	meta.ID, meta.State, meta.Totals = s.ID(), ledger.RunStaged, ledger.Totals{ledger.Ready: 1, ledger.Held: 1, ledger.Invalid: 1}
	if have, want := fmt.Sprintf("%+v", *run), fmt.Sprintf("%+v", meta); have != want {
		f.t.Errorf("run\n%s, want\n%s", have, want)
	}
	if len(run.ID) != 11 || run.ID[0] != 'r' || strings.Trim(run.ID, "0123456789abcdefghijklmnopqrstuvwxyz") != "" {
		f.t.Errorf("run ID %q", run.ID)
	}
	held.TwinRun = run.ID
	var have []string
	for row, err := range f.l.Rows(ctx, run.ID) {
		if err != nil {
			f.t.Fatal(err)
		}
		have = append(have, fmt.Sprintf("%+v", *row))
	}
	for i, want := range []ledger.Row{first, held, invalid} {
		want.Keys = nil
		if w := fmt.Sprintf("%+v", want); have[i] != w {
			f.t.Errorf("row\n%s, want\n%s", have[i], w)
		}
	}
	for _, err := range []error{errorOf(f.l.Run(ctx, "r0000000000")), f.l.SetRunState(ctx, "r0000000000", ledger.RunDone), f.l.Resolve(ctx, "r0000000000", []int{2}, verdict(ledger.Closed))} {
		if !errors.Is(err, fs.ErrNotExist) {
			f.t.Errorf("unknown run: %v", err)
		}
	}
	for row, err := range f.l.Rows(ctx, "r0000000000") {
		if row != nil || !errors.Is(err, fs.ErrNotExist) {
			f.t.Errorf("rows of an unknown run: %v, %v", row, err)
		}
	}
}

func errorOf(_ any, err error) error { return err }

func allOrNothing(f *fixture) {
	ctx := context.Background()
	kept, _ := f.stage(ready(1))
	for _, end := range []func(s *ledger.Stage){
		func(s *ledger.Stage) { _ = s.Rollback() },
		func(s *ledger.Stage) { f.crash() },
		func(s *ledger.Stage) {
			row := ready(3)
			row.Number = 1 // after a faulty row nothing of the run may be sealed
			if err := s.Add(ctx, &row); err == nil {
				f.t.Error("numbers need not ascend")
			}
			if err := s.Commit(ctx, ledger.Run{}); err == nil {
				f.t.Error("sealed without the faulty row")
			}
			_ = s.Rollback()
		},
		func(s *ledger.Stage) {
			cut, cancel := context.WithCancel(ctx)
			cancel()
			row := ready(3)
			row.Number = 9
			if err := s.Add(cut, &row); !errors.Is(err, context.Canceled) {
				f.t.Errorf("add with a context that has ended: %v", err)
			}
			row.Number = 10
			if err := s.Add(ctx, &row); err == nil {
				f.t.Error("stored after a failure")
			}
			_ = s.Rollback()
		},
	} {
		s, err := f.l.Stage(ctx, ledger.Run{Host: host})
		if err != nil {
			f.t.Fatal(err)
		}
		row := ready(2)
		row.Number = 2
		if err := s.Add(ctx, &row); err != nil {
			f.t.Fatal(err)
		}
		end(s)
		runs, err := f.l.Runs(ctx)
		if err != nil || len(runs) != 1 || runs[0].ID != kept {
			f.t.Fatalf("runs %v, %v", runs, err)
		}
		if err := s.Commit(ctx, ledger.Run{}); err == nil {
			f.t.Error("an ended stage can be sealed")
		}
		f.check()
	}
}

func stageRefuses(f *fixture) {
	for name, spoil := range map[string]func(*ledger.Row){
		"sending": func(r *ledger.Row) { r.State = ledger.Sending }, "ordered": func(r *ledger.Row) { r.State = ledger.Ordered },
		"no state": func(r *ledger.Row) { r.State = "" }, "no payload": func(r *ledger.Row) { r.Payload = nil },
		"no fingerprint": func(r *ledger.Row) { r.Fingerprint = ledger.Fingerprint{} }, "no occurrence": func(r *ledger.Row) { r.Occurrence = 0 },
		"no twin": func(r *ledger.Row) { r.State, r.TwinRow = ledger.Duplicate, 77 },
	} {
		s, err := f.l.Stage(context.Background(), ledger.Run{Host: host})
		if err != nil {
			f.t.Fatal(err)
		}
		row := ready(1)
		row.Number = 2
		spoil(&row)
		if err := s.Add(context.Background(), &row); !errors.As(err, new(*ledger.RefusedError)) {
			f.t.Errorf("%s: %v, want a refusal", name, err)
		}
		_ = s.Rollback()
	}
}

func runStates(f *fixture) {
	ctx := context.Background()
	state := func(run string) ledger.RunState {
		r, err := f.l.Run(ctx, run)
		if err != nil {
			f.t.Fatal(err)
		}
		return r.State
	}
	run, ids := f.stage(ready(1), ready(2))
	other, _ := f.stage(ready(3))
	if state(run) != ledger.RunRunning {
		f.t.Errorf("state %s", state(run))
	}
	request := f.bring(ids[0], nil)
	f.refused(f.l.SetRunState(ctx, run, ledger.RunStopped)) // a row is in flight
	f.refused(f.l.SetRunState(ctx, run, ledger.RunStaged))
	if _, err := f.finish(ids[0], request, rejected); err != nil {
		f.t.Fatal(err)
	}
	if err := f.l.SetRunState(ctx, run, ledger.RunStopped); err != nil {
		f.t.Fatal(err)
	}
	_, err := f.l.Claim(ctx, ids[1], "r", f.clock.Now())
	f.refused(err)
	f.want(run, 3, ledger.Ready)
	if err := f.l.SetRunState(ctx, run, ledger.RunDone); err != nil || state(run) != ledger.RunStopped {
		f.t.Fatalf("done with a row that is ready: %s, %v", state(run), err)
	}
	f.send(run)
	f.bring(ids[1], &rejected)
	if err := f.l.SetRunState(ctx, run, ledger.RunDone); err != nil {
		f.t.Fatal(err)
	}
	reader, err := f.store.Open(ledger.Options{ReadOnly: true})
	if err != nil {
		f.t.Fatal(err)
	}
	defer reader.Close()
	runs, err := reader.Runs(ctx)
	if err != nil || len(runs) != 2 || runs[0].ID != other || runs[0].State != ledger.RunRunning || runs[1].State != ledger.RunDone {
		f.t.Errorf("beside the writer: %+v, %v", runs, err)
	}
	f.store.Crash(f.l)
	if r, err := reader.Run(ctx, other); err != nil || r.State != ledger.RunStopped {
		f.t.Errorf("its process is dead: %+v, %v", r, err)
	}
	if err := reader.SetRunState(ctx, other, ledger.RunRunning); err == nil {
		f.t.Error("a reader can write")
	}
	f.reopen()
	if state(other) != ledger.RunStopped {
		f.t.Errorf("after a crash: %s", state(other))
	}
}

func readyPages(f *fixture) {
	f.stage(ready(90))
	var rows []ledger.Row
	for i := range 10 {
		rows = append(rows, ready(byte(i+1)))
	}
	rows[3].State = ledger.Held
	run, ids := f.stage(rows...)
	f.stage(ready(91))
	f.bring(ids[5], &rejected)
	var have []int
	for after := int64(0); ; {
		page, err := f.l.Ready(context.Background(), run, after, 3)
		if err != nil {
			f.t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, row := range page {
			have, after = append(have, row.Number), row.ID
			if row.Customer != "100200" || row.Package != 1001 || len(row.Payload) == 0 {
				f.t.Errorf("row %+v", row)
			}
		}
	}
	if want := []int{2, 3, 4, 6, 8, 9, 10, 11}; !slices.Equal(have, want) {
		f.t.Errorf("ready %v, want %v", have, want)
	}
}
