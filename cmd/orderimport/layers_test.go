package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// layers are DESIGN.md's house, from the roof down. A package may import what stands on a later line, and nothing else of ours.
var layers = []string{
	"cmd/orderimport",
	"samples",
	"report",
	"importer/drop",
	"importer",
	"importer/submit",
	"validate",
	"validate/damage",
	"validate/sweden",
	"importer/ledger",
	"importer/mapping",
	"importer/connect/connecttest",
	"importer/connect",
	"importer/sheet",
}

// beside are packages for tests: they stand beside the package that they test, and no program imports them. connecttest is
// not one of them: the demo and the sandbox command are made of it.
var beside = map[string]string{"importer/ledger/ledgertest": "importer/ledger"}

// walls are libraries whose types stay inside one package.
var walls = map[string][]string{
	"github.com/xuri/excelize/v2":          {"report", "importer/sheet"},
	"github.com/richardlehane/mscfb":       {"importer/sheet"},
	"github.com/gocarina/gocsv":            {"report", "importer/sheet"},
	"github.com/ncruces/go-sqlite3":        {"importer/ledger"},
	"github.com/ncruces/go-sqlite3/driver": {"importer/ledger"},
	"github.com/jackc/pgx/v5":              {"importer/ledger"},
	"github.com/expr-lang/expr":            {"importer/mapping"},
	"github.com/spf13/cobra":               {"cmd/orderimport"},
	"github.com/schollz/progressbar/v3":    {"cmd/orderimport"},
	"github.com/netresearch/go-cron":       {"importer/drop"},
	"net/http":                             {"importer/connect", "importer/connect/connecttest"},
}

func TestImportsPointDownwards(t *testing.T) {
	const module = "orderimport/"
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		from := strings.TrimPrefix(words[0], module)
		level := slices.Index(layers, from)
		if home, ok := beside[from]; ok {
			level = slices.Index(layers, home) - 1
		}
		if level < 0 && beside[from] == "" {
			t.Errorf("%s has no place in the house; give it one in layers", from)
			continue
		}
		for _, to := range words[1:] {
			if homes, ok := walls[to]; ok && !slices.Contains(homes, from) {
				t.Errorf("%s imports %s, which belongs to %v alone", from, to, homes)
			}
			to, ours := strings.CutPrefix(to, module)
			if !ours {
				continue
			}
			if beside[to] != "" {
				t.Errorf("%s imports %s, which is for tests", from, to)
			}
			if below := slices.Index(layers, to); beside[to] == "" && below <= level {
				t.Errorf("%s imports %s, which does not stand below it", from, to)
			}
		}
	}
}
