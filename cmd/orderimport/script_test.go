package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"orderimport/importer/connect/connecttest"
	"orderimport/samples"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"orderimport": main})
}

// TestScript runs the commands as a person or a scheduler does: one script a command. Each script has a home of its own, the
// samples, and commands beside testscript's own:
//
//	sandbox [KIND@WHEN …]   starts a sandbox server with faults; $SANDBOX is its URL
//	ordered N               the server's audit holds N orders, each identity once
//	exits CODE ARGS…        runs orderimport and insists on its exit code
//	remember FILE [STATUS]  $RUN is the run of a JSON result, $ROW its first row with that status
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			for name, value := range map[string]string{
				"HOME": home, "XDG_DATA_HOME": filepath.Join(home, "data"), "XDG_CONFIG_HOME": filepath.Join(home, "config"),
				"AppData": filepath.Join(home, "config"), "LocalAppData": filepath.Join(home, "data"), "LANG": "en_GB.UTF-8", "TZ": "UTC", "ORDERIMPORT_TOKEN": "token-of-a-test",
			} {
				env.Setenv(name, value)
			}
			for name, data := range map[string][]byte{"hr.csv": samples.HRExportCSV, "hr.xlsx": samples.HRExportXLSX, "profile.yaml": samples.Profile, "drops.yaml": samples.Drops} {
				if err := os.WriteFile(filepath.Join(env.WorkDir, name), data, 0o600); err != nil {
					return err
				}
			}
			return os.MkdirAll(home, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sandbox":  scriptSandbox,
			"ordered":  scriptOrdered,
			"exits":    scriptExits,
			"remember": scriptRemember,
		},
	})
}

func scriptSandbox(ts *testscript.TestScript, _ bool, args []string) {
	opt := connecttest.Options{Token: "token-of-a-test"}
	for _, text := range args {
		fault, err := connecttest.ParseFault(text)
		ts.Check(err)
		opt.Faults = append(opt.Faults, fault)
	}
	server, err := connecttest.Start(opt)
	ts.Check(err)
	ts.Defer(func() { server.Close() })
	ts.Setenv("SANDBOX", server.URL())
	servers.Store(ts.Getenv("WORK"), server)
}

// servers are those of the scripts, by work folder: scripts run in parallel.
var servers sync.Map

func scriptOrdered(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ordered N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	server, ok := servers.Load(ts.Getenv("WORK"))
	if !ok {
		ts.Fatalf("no sandbox was started")
	}
	orders := server.(*connecttest.Server).Audit()
	seen := map[string]bool{}
	for _, o := range orders {
		who := fmt.Sprint(o.PackageID, o.Customer, o.Data)
		if seen[who] {
			ts.Fatalf("ordered twice: order %s", o.OrderNumber)
		}
		seen[who] = true
	}
	if len(orders) != want {
		ts.Fatalf("the server made %d orders, not %d", len(orders), want)
	}
}

func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE ARGS…")
	}
	want := args[0]
	err := ts.Exec("orderimport", args[1:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != want {
		ts.Fatalf("orderimport %s: exit %s, not %s", strings.Join(args[1:], " "), got, want)
	}
}

func scriptRemember(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: remember FILE [STATUS]")
	}
	var r struct {
		result
		Runs []struct{ Run string } // of `runs`: the newest
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &r))
	if len(r.Runs) > 0 {
		r.Run = r.Runs[0].Run
	}
	ts.Setenv("RUN", r.Run)
	if len(args) == 1 {
		return
	}
	for _, row := range r.Rows {
		if row.Status == args[1] {
			ts.Setenv("ROW", strconv.Itoa(row.Row))
			return
		}
	}
	ts.Fatalf("%s has no row that is %s", args[0], args[1])
}
