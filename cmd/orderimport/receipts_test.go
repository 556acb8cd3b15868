package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"orderimport/importer/ledger"
	"orderimport/importer/submit"
)

// A receipt goes where there is a folder for it, each as a line of its own, for its owner alone.
func TestReceipts(t *testing.T) {
	home, input := t.TempDir(), filepath.Join(t.TempDir(), "in")
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	run := &ledger.Run{ID: "r7k2m9x4tq0", File: filepath.Join(input, "people.csv"), Endpoint: "https://api.example.se"}
	lost := submit.Event{Kind: submit.Lost, Row: 5, Number: "A3-0500001", OrderID: 500001, Request: "REQUEST"}
	if path := keepReceipts(run, time.Now(), lost); path != filepath.Join(home, receiptsFile) {
		t.Errorf("without the input's folder it is in %q", path)
	}
	if err := os.Mkdir(input, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(input, receiptsFile)
	for range 2 {
		if got := keepReceipts(run, time.Now(), lost); got != path {
			t.Errorf("it is in %q", got)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	lines := 0
	for d := json.NewDecoder(f); d.More(); lines++ {
		var r struct {
			Run, OrderNumber, RequestID string
			Row                         int
			OrderID                     int64
		}
		if err := d.Decode(&r); err != nil || r.Run != run.ID || r.Row != 5 || r.OrderNumber != "A3-0500001" || r.OrderID != 500001 || r.RequestID != "REQUEST" {
			t.Fatal(r, err)
		}
	}
	if lines != 2 {
		t.Errorf("%d lines", lines)
	}
}
