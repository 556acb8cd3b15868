package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"orderimport/importer"
	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/report"
	"orderimport/samples"
)

// demoRate is quick enough to watch and slow enough to see the pool keep it.
const demoRate = 20

func (a *app) demo() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:  "demo",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.runDemo(cmd.Context(), dir)
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "")
	return c
}

// newFolder makes the demo's folder; it must be new or empty.
func newFolder(dir string) (string, error) {
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", err
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
			return "", &useError{text: textNotEmpty, args: []any{dir}}
		}
		return dir, nil
	}
	for n := 1; ; n++ {
		dir = "orderimport-demo"
		if n > 1 {
			dir = fmt.Sprintf("orderimport-demo-%d", n)
		}
		if err := os.Mkdir(dir, 0o700); err == nil || !os.IsExist(err) {
			return dir, err
		}
	}
}

func (a *app) runDemo(ctx context.Context, dir string) error {
	dir, err := newFolder(dir)
	if err != nil {
		return err
	}
	input := filepath.Join(dir, "hr-export.csv")
	profilePath := filepath.Join(dir, "profile.yaml")
	for path, data := range map[string][]byte{input: samples.HRExportCSV, profilePath: samples.Profile} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
	}
	profile, err := mapping.ParseProfile(profilePath, samples.Profile)
	if err != nil {
		return err
	}
	plan, err := importer.Read(importer.Job{File: input, Profile: profile, Now: time.Now()})
	if err != nil {
		return err
	}
	defer plan.Close()
	s, err := startSandbox(connecttest.Options{Latency: 50 * time.Millisecond})
	if err != nil {
		return err
	}
	defer s.Close()
	a.say(textDemo, input)
	if err := a.fit(ctx, s, plan); err != nil {
		return err
	}
	a.say(plain("%s"), a.readLine(plan.File()))

	a.set.ledger = filepath.Join(dir, "ledger.db")
	a.set.skipInvalid, a.set.rate, a.set.workers = true, demoRate, 4
	lg, err := a.openLedger(ctx)
	if err != nil {
		return err
	}
	defer lg.Close()
	run, err := a.seal(ctx, plan, lg)
	if err != nil {
		return err
	}
	sending, err := importer.Sendable(ctx, lg, s.client, s.endpoint, run.id, 0)
	if err != nil {
		return err
	}
	code, err := a.deliver(ctx, sending, run, sending.Ready)
	if err != nil {
		return err
	}
	result := report.DefaultPath(input)
	if err := a.writeResult(ctx, lg, run.id, result, nil); err != nil {
		return err
	}
	_, summary, rows, err := importer.Result(ctx, lg, run.id)
	if err != nil {
		return err
	}
	a.tell(plain("%s"), countsLine(summary.Totals, false, a.lang))

	// The promise, held against the other side's own record.
	ours := map[string]bool{}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if row.State == ledger.Ordered {
			ours[row.OrderNumber] = true
		}
	}
	audit := s.sandbox.Audit()
	for _, order := range audit {
		if !ours[order.OrderNumber] {
			return &useError{text: textAuditDiffers, args: []any{order.OrderNumber}}
		}
	}
	if len(audit) != len(ours) {
		return &useError{text: textAuditDiffers, args: []any{fmt.Sprintf("%d ≠ %d", len(audit), len(ours))}}
	}
	a.tell(textAudit, len(audit))
	a.tell(textDemoExit, worse(code, totalsExit(summary.Totals)))
	a.tell(plain("%s"), result)
	return nil
}
