package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
)

// people stages a run of n people whose values begin with mark, and sends all but the last three: those stay ready, in doubt and held.
func people(t *testing.T, l *ledger.Ledger, mark string, n int) string {
	t.Helper()
	ctx := context.Background()
	h := l.Hasher()
	run := ledger.Run{File: "/in/" + mark + ".csv", Host: "https://api.example.se", Columns: []string{"Anställningsnr", "Namn", "E-post", "Telefon"}}
	s, err := l.Stage(ctx, run)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Rollback()
	for i := range n {
		mail, staff := fmt.Sprintf("%s-%d@example.se", mark, i), fmt.Sprintf("%s%d", mark, i)
		values := []string{staff, strings.Repeat(mark+" ", 1+i%400), mail, fmt.Sprintf("070-%d%06d", len(mark), i)}
		row := ledger.Row{Number: i + 2, State: ledger.Ready, Package: 1001, Customer: "100200", Findings: fmt.Appendf(nil, `[{"value":%q}]`, mail),
			Payload:     fmt.Appendf(nil, `{"predefinedPackageID":1001,"customerNumber":"100200","data":{"email":%q,"lastname":%q}}`, mail, values[1]),
			Fingerprint: h.Fingerprint(run.Host, "100200", 1001, []ledger.Field{{Name: "email", Value: mail}}), Occurrence: 1}
		for _, v := range values {
			row.Cells = append(row.Cells, sheet.Cell{Text: v, Kind: sheet.Text})
		}
		for kind, value := range map[string]string{"employee": staff, "email": mail, "phone": values[3]} {
			key, _ := h.Key(run.Host, "100200", 1001, mapping.Identifier{Kind: kind, Value: value})
			row.Keys = append(row.Keys, key)
		}
		if i == n-1 {
			row.State = ledger.Held
		}
		if err := s.Add(ctx, &row); err != nil {
			t.Fatal(err)
		}
	}
	run.Notes = fmt.Appendf(nil, `[{"code":"comment","text":"%s was here"}]`, mark)
	if err := s.Commit(ctx, run); err != nil {
		t.Fatal(err)
	}
	if err := l.SetRunState(ctx, s.ID(), ledger.RunRunning); err != nil {
		t.Fatal(err)
	}
	rows, err := l.Ready(ctx, s.ID(), 0, n)
	if err != nil {
		t.Fatal(err)
	}
	end := connect.Outcome{Verdict: connect.Rejected, Status: 422, Reason: "http-422", Message: mark + " is not liked"}
	for i, row := range rows[:n-2] {
		if i == n-3 {
			end = connect.Outcome{Verdict: connect.InDoubt, Reason: "timeout", Message: mark + " is late"}
		}
		request := fmt.Sprintf("%s-%d", s.ID(), i)
		if state, err := l.Claim(ctx, row.ID, request, time.Now()); err != nil || state != ledger.Sending {
			t.Fatal(state, err)
		}
		booked := make(chan error, 1)
		o := end
		if i%2 == 0 && o.Verdict == connect.Rejected {
			o = connect.Outcome{Verdict: connect.Ordered, Status: 200, Result: connect.CreateOrderResult{OrderID: row.ID, OrderNumber: fmt.Sprint("A3-", row.ID)}}
		}
		l.Finish(row.ID, request, o, func(_ ledger.State, err error) { booked <- err })
		if err := <-booked; err != nil {
			t.Fatal(err)
		}
	}
	if err := l.SetRunState(ctx, s.ID(), ledger.RunStopped); err != nil {
		t.Fatal(err)
	}
	return s.ID()
}

// scatter lets the contents of rows grow one by one, as findings do that come later: pages are split, and keep copies of what moved away.
func scatter(t *testing.T, l *ledger.Ledger, mark string, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	must(t, ledger.Exec(l, `BEGIN`))
	for range 2 * n {
		i := random.IntN(n)
		must(t, ledger.Exec(l, `UPDATE contents SET findings = CAST(?2 AS BLOB) WHERE id = ?1`, i+1, fmt.Sprintf(`[%*s"%s-%d@"]`, random.IntN(1500), "", mark, i)))
	}
	must(t, ledger.Exec(l, `COMMIT`))
}

// allFiles are the raw bytes of a ledger's files.
func allFiles(t *testing.T, path string) (all []byte) {
	t.Helper()
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(path), f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	return all
}

// inFiles counts a text in the raw bytes of a ledger's files, whatever the case of its letters.
func inFiles(t *testing.T, path, text string) int {
	t.Helper()
	return bytes.Count(bytes.ToLower(allFiles(t, path)), []byte(strings.ToLower(text)))
}

func TestPurge(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	now := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	l := open(t, path, ledger.Options{Now: func() time.Time { return now }})
	old := people(t, l, "kestrel", 1000)
	scatter(t, l, "kestrel", 1000)
	now = now.AddDate(0, 0, 60)
	recent := people(t, l, "plover", 50)
	reader := open(t, path, ledger.Options{ReadOnly: true})
	if inFiles(t, path, "kestrel") < 1000 {
		t.Fatal("nothing to erase")
	}
	totals := states(t, l, old)

	now = now.AddDate(0, 0, 60)
	before := now.AddDate(0, 0, -90)
	found, err := reader.Purgeable(ctx, before)
	if err != nil || found.Rows != 997 || found.Open != 3 || !found.Last.Equal(now.AddDate(0, 0, -60)) {
		t.Fatalf("%+v, %v", found, err)
	}
	if n, err := l.Purge(ctx, before, "eva@hr"); err != nil || n != 997 {
		t.Fatalf("%d rows, %v", n, err)
	}
	// The rows that are open keep what a person needs to decide them: their own values, and nothing of the others'.
	left := allFiles(t, path)
	for i := range 997 {
		if n := bytes.Count(left, fmt.Appendf(nil, "kestrel-%d@", i)); n != 0 {
			t.Fatalf("row %d is still %d times in the files", i+2, n)
		}
	}
	if got := states(t, l, old); fmt.Sprint(got) != fmt.Sprint(totals) {
		t.Errorf("%v became %v", totals, got)
	}
	for row, err := range l.Rows(ctx, old) {
		if err != nil {
			t.Fatal(err)
		}
		open := row.Number > 998
		if (row.Payload != nil) != open || (row.Cells != nil) != open || (row.Findings != nil) != open || !open && row.Message != "" || row.State == ledger.Ordered && row.OrderNumber == "" {
			t.Fatalf("row %d: %+v", row.Number, row)
		}
	}
	for row, err := range l.Rows(ctx, recent) {
		if err != nil || row.Cells == nil || row.Payload == nil {
			t.Fatalf("a run that is not old: %+v, %v", row, err)
		}
	}
	// Never twice: the order is still known by its content and by its person.
	h := l.Hasher()
	mail, _ := h.Key("https://api.example.se", "100200", 1001, mapping.Identifier{Kind: "email", Value: "Kestrel-0@example.se"})
	twins, err := l.Twins(ctx, h.Fingerprint("https://api.example.se", "100200", 1001, []ledger.Field{{Name: "email", Value: "kestrel-0@example.se"}}), 1, []ledger.Key{mail})
	if err != nil || len(twins) != 1 || !twins[0].Exact || twins[0].State != ledger.Ordered {
		t.Errorf("twins %+v, %v", twins, err)
	}
	if err := l.Verify(ctx); err != nil {
		t.Error(err)
	}
	if n, err := l.Purge(ctx, before, "eva@hr"); err != nil || n != 0 {
		t.Errorf("again: %d rows, %v", n, err)
	}
	people(t, l, "after", 10) // the ledger goes on
}

// A reader that holds the log open keeps the bytes there: it is told, and the same command ends it later.
func TestPurgeBesideReader(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path, ledger.Options{})
	run := people(t, l, "kestrel", 20)
	reader := open(t, path, ledger.Options{ReadOnly: true})
	before := time.Now().Add(time.Hour)
	var told *ledger.Error
	for row, err := range reader.Rows(ctx, run) {
		if err != nil {
			t.Fatal(err)
		}
		if row.Number > 2 {
			break
		}
		must(t, ledger.Exec(l, `PRAGMA busy_timeout = 50`))
		if n, err := l.Purge(ctx, before, "eva@hr"); n != 17 || !errors.As(err, &told) || !strings.Contains(told.Text, "still in its log") {
			t.Fatalf("%d rows, %v", n, err)
		}
	}
	if inFiles(t, path, "kestrel-5@") == 0 {
		t.Fatal("nothing was left: the reader did not matter")
	}
	if n, err := l.Purge(ctx, before, "eva@hr"); n != 0 || err != nil {
		t.Fatalf("%d rows, %v", n, err)
	}
	if n := inFiles(t, path, "kestrel-5@"); n != 0 {
		t.Errorf("%d times in the files", n)
	}
}

// TestRewriteKeepsVerdicts: orders refer to verdicts by number, and those that came from a server have gaps. SQLite promises nothing of such numbers when it
// rewrites a database.
func TestRewriteKeepsVerdicts(t *testing.T) {
	ctx, now := context.Background(), time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{Now: func() time.Time { return now }})
	run, _ := alike(t, l, ledger.Held, "Åsa")
	must(t, l.Resolve(ctx, run, []int{2}, ledger.Verdict{To: ledger.Closed, Reason: "left", By: "eva@hr"}))
	must(t, l.SetRunState(ctx, run, ledger.RunDone))
	must(t, ledger.Exec(l, `UPDATE verdicts SET rowid = rowid + 33`))
	now = now.AddDate(0, 0, 60)
	if n, err := l.Purge(ctx, now, "eva@hr"); err != nil || n != 1 {
		t.Fatalf("%d rows, %v", n, err)
	}
	if err := ledger.Exec(l, `INSERT INTO facts (name, value) SELECT 'no such number', NULL WHERE NOT EXISTS (SELECT 1 FROM verdicts WHERE rowid = 34)`); err != nil {
		t.Error(err)
	}
}
