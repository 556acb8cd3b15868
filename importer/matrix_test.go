package importer_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"orderimport/importer"
	"orderimport/importer/connect"
	"orderimport/importer/connect/connecttest"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/submit"
	"orderimport/report"
	"orderimport/validate"
)

// ending is what a fault that strikes one of the rows leads to, once the run has been sent to its end.
type ending string

const (
	orderedAll  ending = "ordered"  // every row is ordered
	doubtful    ending = "doubt"    // one row is in doubt
	perhaps     ending = "perhaps"  // one row may be in doubt: a race that nobody decides
	downed      ending = "downed"   // whatever was under way is in doubt
	refusedOne  ending = "rejected" // one row is rejected
	refusedRest ending = "rest"     // from the row on all are rejected or invalid
)

// faultEndings is every fault of research/reliability.md section 5 with its ending. Not among them are refusals that come after
// the order was made: no client can see through that lie, and the vendor is asked to rule it out.
func faultEndings() map[string]ending {
	endings := map[string]ending{
		"http-201-before": doubtful, "http-201-after": orderedAll, "slow-after": orderedAll, "close-idle-after": perhaps, "twice-after": orderedAll,
		"http-400-before": refusedOne, "http-422-before": refusedOne, "plain-400-before": doubtful, "plain-400-after": doubtful,
		"http-503-before": doubtful, "http-503-after": doubtful, "plain-503-before": doubtful, "plain-503-after": doubtful, "plain-503-before/5": doubtful, "plain-503-after/5": doubtful, "restart-before": downed, "restart-after": downed,
		"token-expiry-before": orderedAll, "schema-change-before": orderedAll, "schema-change-before/userGroup1=HR|Lager": refusedRest,
	}
	for name := range strings.FieldsSeq("reset eof timeout cut-header cut-body stall-body truncate cut-close long-length short-length garbage garbage-200 empty-200 html-200 " +
		"error-200 zero-id no-number repeat huge gzip-200 redirect-other http-202 http-204 http-303 http-308 http-408 http-409 http-500 http-502 http-504 plain-502") {
		endings[name+"-before"], endings[name+"-after"] = doubtful, doubtful
	}
	for name := range strings.FieldsSeq("http-401-before http-403-before http-404-before http-405-before http-413-before http-415-before http-429-before " +
		"http-429-before/1 http-429-before/date:2s http-429-before/1e9 http-429-before/-5 plain-429-before http-503-before/1") {
		endings[name] = orderedAll
	}
	return endings
}

// cell is one place of the matrix.
type cell struct {
	fault   string
	ending  ending
	fresh   bool // each order has a connection of its own
	workers int
	row     int // the order that is struck, by arrival
	people  int // number of its first person: a port may come twice, and the ledger knows who was ordered there
}

const matrixRows = 5

// TestNetworkMatrix strikes the first, a middle and the last row with every fault, on new and on used connections, with one
// worker and with four; then it sends what is left. The sandbox's audit, the ledger and the report must say the same.
func TestNetworkMatrix(t *testing.T) {
	log.SetOutput(io.Discard) // net/http tells it of replies that nobody asked for
	defer log.SetOutput(os.Stderr)
	var cells []cell
	for fault, ending := range faultEndings() {
		for _, fresh := range []bool{true, false} {
			for _, workers := range []int{1, 4} {
				first := 2 // nobody has used a connection before the first row
				if fresh {
					first = 1
				}
				for _, row := range []int{first, matrixRows/2 + 1, matrixRows} {
					cells = append(cells, cell{fault, ending, fresh, workers, row, len(cells) * matrixRows})
				}
			}
		}
	}
	if os.Getenv("ORDERIMPORT_TEST_ALL") != "1" && os.Getenv("ORDERIMPORT_TEST_LONG") != "1" {
		cells = cells[:60] // the map's order is another one each time
	}
	lg, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lg.Close() })
	// Most cells wait for something most of the time, so many go on at once.
	free := make(chan struct{}, 24)
	var all sync.WaitGroup
	for _, c := range cells {
		free <- struct{}{}
		all.Go(func() {
			defer func() { <-free }()
			if err := c.play(t.Context(), t.TempDir(), lg); err != nil {
				t.Errorf("%+v: %v", c, err)
			}
		})
	}
	all.Wait()
	if err := lg.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	t.Logf("%d cells", len(cells))
}

// play sends one run through the cell's fault to its end, and audits it.
func (c cell) play(ctx context.Context, dir string, lg *ledger.Ledger) error {
	kind, value, valued := strings.Cut(c.fault, "/")
	text := fmt.Sprintf("%s@%d", kind, c.row)
	if valued {
		text += "/" + value
	}
	fault, err := connecttest.ParseFault(text)
	if err != nil {
		return err
	}
	server, err := connecttest.Start(connecttest.Options{Faults: []connecttest.Fault{fault}, CloseEach: c.fresh})
	if err != nil {
		return err
	}
	defer server.Close()
	place, err := connect.ParseEndpoint(server.URL())
	if err != nil {
		return err
	}
	config := connect.Config{Endpoint: place, Token: connect.NewToken("t"), Reread: func() (connect.Token, error) {
		return connect.NewToken(cmp.Or(server.Token(), "t")), nil
	}}
	if strings.HasPrefix(kind, "timeout") || strings.HasPrefix(kind, "stall") {
		config.Reply = 2 * time.Second
	}
	client, err := connect.NewClient(config)
	if err != nil {
		return err
	}
	run, err := stagePeople(ctx, dir, lg, client, place, c.people)
	if err != nil {
		return err
	}
	for tries := 0; ; tries++ {
		sending, err := importer.Sendable(ctx, lg, client, place, run, 0)
		if err != nil {
			return err
		}
		if sending.Run.Totals[ledger.Ready] == 0 {
			break
		}
		if tries == 4 {
			return fmt.Errorf("no end: %v", sending.Run.Totals)
		}
		if _, err := sending.Submit(ctx, submit.Config{Workers: c.workers, StopAfterDoubts: submit.DefaultDoubts}); err != nil {
			return err
		}
	}
	return c.audit(ctx, lg, run, server.Audit())
}

// stagePeople stages a file of matrixRows people.
func stagePeople(ctx context.Context, dir string, lg *ledger.Ledger, client *connect.Client, place connect.Endpoint, first int) (string, error) {
	text := header
	for n := range matrixRows {
		text += person(first + n)
	}
	path := filepath.Join(dir, "people.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", err
	}
	p, err := mapping.ParseProfile("profile.yaml", []byte(profile))
	if err != nil {
		return "", err
	}
	plan, err := importer.Read(importer.Job{File: path, Profile: p, Now: time.Now()})
	if err != nil {
		return "", err
	}
	defer plan.Close()
	catalogue, err := importer.NewCatalogue(ctx, client)
	if err != nil {
		return "", err
	}
	if err := plan.Fit(ctx, catalogue, place); err != nil {
		return "", err
	}
	run, _, err := plan.Stage(ctx, lg, importer.Seal{}, func(*importer.Row) error { return nil })
	return run, err
}

// audit holds what the server made against what the ledger holds and the report tells.
func (c cell) audit(ctx context.Context, lg *ledger.Ledger, run string, made []connecttest.Order) error {
	head, summary, rows, err := importer.Result(ctx, lg, run)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	result, err := report.New(report.JSON, &out, head, validate.English)
	if err != nil {
		return err
	}
	for row, err := range rows {
		if err == nil {
			err = result.Add(row)
		}
		if err != nil {
			return err
		}
	}
	if err := result.Close(summary); err != nil {
		return err
	}
	var told struct {
		Totals map[string]int
		Rows   []struct {
			Row                            int
			Status, OrderNumber, RequestID string
		}
	}
	if err := json.Unmarshal(out.Bytes(), &told); err != nil {
		return err
	}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	byEmail, byNumber := map[string]int{}, map[string]string{}
	for _, o := range made {
		byEmail[o.Data["email"]]++
		byNumber[o.OrderNumber] = o.Data["email"]
	}
	for who, n := range byEmail {
		if n > 1 {
			fault("%s was ordered %d times", who, n)
		}
	}
	// A number given twice at the same moment belongs to one of two rows: the other is in doubt, and the run has stopped.
	crossed := strings.HasPrefix(c.fault, "repeat-") && c.workers > 1
	for _, row := range told.Rows {
		who := fmt.Sprintf("asa%d@example.se", c.people+row.Row-2)
		switch n := byEmail[who]; {
		case crossed:
		case row.Status == "ordered" && (n != 1 || byNumber[row.OrderNumber] != who):
			fault("row %d is ordered as %q, which is %q's; %d made", row.Row, row.OrderNumber, byNumber[row.OrderNumber], n)
		case row.Status != "ordered" && row.Status != "inDoubt" && n != 0:
			fault("row %d is %s, %d made", row.Row, row.Status, n)
		}
	}
	doubts, ordered := told.Totals["inDoubt"], told.Totals["ordered"]
	if told.Totals["rows"] != matrixRows || len(told.Rows) != matrixRows {
		fault("%d rows of %d", told.Totals["rows"], matrixRows)
	}
	if n := len(made); n < ordered && !crossed || n > ordered+doubts {
		fault("%d made, %v", n, told.Totals)
	}
	least, most, refused := 0, 0, 0
	switch c.ending {
	case doubtful:
		least, most = 1, 1
	case perhaps:
		most = 1
	case downed:
		least, most = 1, c.workers
	case refusedOne:
		refused = 1
	case refusedRest:
		refused = told.Totals["rejected"] + told.Totals["invalid"]
		// Of those that arrived beside the one that is struck, each may be looked at before the change.
		if refused < matrixRows-c.row+2-c.workers || refused > matrixRows-c.row+c.workers {
			fault("%d refused", refused)
		}
	}
	if doubts < least || doubts > most || ordered != matrixRows-doubts-refused {
		fault("%v is no %s", told.Totals, c.ending)
	}
	return errors.Join(faults...)
}
