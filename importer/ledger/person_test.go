package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
)

// someone is a row for TestErase.
type someone struct {
	staff, mail, phone, remark string
	state                      ledger.State // as staged
	end                        connect.Verdict
}

// stagePeople stages and sends rows; those that end as NotSent stay as they were staged.
func stagePeople(t *testing.T, l *ledger.Ledger, rows ...someone) string {
	t.Helper()
	ctx := context.Background()
	h := l.Hasher()
	run := ledger.Run{File: "/in/hr.csv", Host: "https://api.example.se", Columns: []string{"Anställningsnr", "E-post", "Mobil", "Kommentar"}}
	s, err := l.Stage(ctx, run)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Rollback()
	for i, p := range rows {
		row := ledger.Row{Number: i + 2, State: p.state, Package: 1001, Customer: "100200", Occurrence: 1}
		for _, v := range []string{p.staff, p.mail, p.phone, p.remark} {
			row.Cells = append(row.Cells, sheet.Cell{Text: v, Kind: sheet.Text})
		}
		if p.state == ledger.Invalid {
			row.Findings = fmt.Appendf(nil, `[{"code":"not-allowed","value":%q}]`, p.remark)
		} else {
			row.Payload = fmt.Appendf(nil, `{"predefinedPackageID":1001,"customerNumber":"100200","data":{"email":%q,"phone":%q,"remark":%q}}`, p.mail, p.phone, p.remark)
			row.Fingerprint = h.Fingerprint(run.Host, "100200", 1001, []ledger.Field{{Name: "email", Value: p.mail}, {Name: "run", Value: s.ID()}})
			for kind, value := range map[string]string{"employee": p.staff, "email": p.mail, "phone": p.phone} {
				if key, ok := h.Key(run.Host, "100200", 1001, mapping.Identifier{Kind: kind, Value: value}); ok {
					row.Keys = append(row.Keys, key)
				}
			}
		}
		if err := s.Add(ctx, &row); err != nil {
			t.Fatal(err)
		}
	}
	run.Profile, run.Notes = []byte("fields: {contact: anna@example.se}\n"), []byte(`[{"code":"comment","text":"ask anna@example.se, 0701234567"}]`)
	if err := s.Commit(ctx, run); err != nil {
		t.Fatal(err)
	}
	if err := l.SetRunState(ctx, s.ID(), ledger.RunRunning); err != nil {
		t.Fatal(err)
	}
	ready, err := l.Ready(ctx, s.ID(), 0, len(rows))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range ready {
		p := rows[row.Number-2]
		if p.end == connect.NotSent {
			continue
		}
		request := fmt.Sprint(s.ID(), row.Number)
		if state, err := l.Claim(ctx, row.ID, request, time.Now()); err != nil || state != ledger.Sending {
			t.Fatal(row.Number, state, err)
		}
		o := connect.Outcome{Verdict: p.end, Status: 422, Reason: "http-422", Message: p.mail + " is taken by 070-123 45 67"}
		if p.end == connect.Ordered {
			o = connect.Outcome{Verdict: p.end, Status: 200, Result: connect.CreateOrderResult{OrderID: row.ID, OrderNumber: fmt.Sprint("A3-", row.ID)}}
		}
		booked := make(chan error, 1)
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

func TestErase(t *testing.T) {
	ctx := context.Background()
	anna := someone{"004711", "Anna@example.se", "070-123 45 67", "", ledger.Ready, connect.Ordered}
	others := []someone{
		{"4712", "joanna@example.se", "070-123 45 68", "", ledger.Ready, connect.Ordered},
		{"4713", "anna@example.se.org", "0701234566", "kst 4711", ledger.Ready, connect.Ordered},
		{"4714", "bo@example.se", "", "not (anna@example.se), nor +46 (0)70-1234567 or 701234567.", ledger.Ready, connect.Rejected},
	}
	for _, c := range []struct {
		name, word string
		rows       []someone
		own        string // numbers of the rows that are theirs
		mentions   string
		refused    string
		gone       []string
	}{
		{"by e-mail", " ANNA@example.se ", append([]someone{anna}, others...), "2", "5", "", []string{"\"anna@example.se\"", "(anna@", "ask anna"}},
		{"by phone", "+46 70 123 45 67", append([]someone{anna}, others...), "2", "5", "", []string{"070-123 45 67", "(0)70", "701234567"}},
		{"by number", "4711", append([]someone{anna}, others...), "2", "", "", []string{"004711"}},
		{"rows that were never to be ordered", "anna@example.se", []someone{{"4711", "anna@example,se", "", "anna@example.se", ledger.Invalid, connect.NotSent}, others[0]}, "2", "", "", []string{"anna@example,se"}},
		{"an invalid row by its number", "4711", []someone{{"04711", "x", "", "bad", ledger.Invalid, connect.NotSent}, {"4712", "y", "", "4711", ledger.Invalid, connect.NotSent}}, "2", "", "", []string{"04711"}},
		{"rows that wait are closed", "anna@example.se", []someone{{"4711", "anna@example.se", "", "", ledger.Ready, connect.NotSent}, {"4711", "anna@example.se", "070", "", ledger.Held, connect.NotSent}, others[0]}, "2 3", "", "", []string{"anna@example.se\"}"}},
		{"in doubt", "anna@example.se", []someone{anna, {"4715", "Anna@example.se", "", "", ledger.Ready, connect.InDoubt}}, "", "", "row 2", nil},
		{"another's row that waits", "anna@example.se", []someone{anna, {"4716", "eva@example.se", "", "as anna@example.se", ledger.Held, connect.NotSent}}, "", "", "row 3", nil},
		{"nobody", "nobody@example.se", []someone{anna}, "", "", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "in doubt" { // two rows of one person would hold each other
				c.rows = c.rows[1:]
			}
			path := filepath.Join(t.TempDir(), "ledger.db")
			l := open(t, path, ledger.Options{})
			run := stagePeople(t, l, c.rows...)
			before := states(t, l, run)
			found, err := l.Find(ctx, c.word)
			if err != nil {
				t.Fatal(err)
			}
			traces, err := l.Erase(ctx, c.word, "eva@hr")
			if c.refused != "" {
				var refused *ledger.RefusedError
				if !errors.As(err, &refused) || !strings.HasPrefix(refused.Text, c.refused) || inFiles(t, path, "anna@example.se") == 0 || fmt.Sprint(states(t, l, run)) != fmt.Sprint(before) {
					t.Fatalf("%v", err)
				}
				return
			}
			if err != nil || fmt.Sprint(found) != fmt.Sprint(traces) {
				t.Fatalf("found %v, erased %v: %v", found, traces, err)
			}
			var own, mentions []string
			for _, x := range traces {
				if x.Own {
					own = append(own, fmt.Sprint(x.Row))
				} else {
					mentions = append(mentions, fmt.Sprint(x.Row))
				}
			}
			if strings.Join(own, " ") != c.own || strings.Join(mentions, " ") != c.mentions {
				t.Errorf("own %v, mentions %v", own, mentions)
			}
			files := bytes.ToLower(allFiles(t, path))
			for _, g := range c.gone {
				if bytes.Contains(files, []byte(strings.ToLower(g))) {
					t.Errorf("%q is still in the files", g)
				}
			}
			for row, err := range l.Rows(ctx, run) {
				if err != nil {
					t.Fatal(err)
				}
				was := c.rows[row.Number-2]
				switch {
				case strings.Contains(c.own, fmt.Sprint(row.Number)):
					if row.Payload != nil || row.Cells != nil || row.Findings != nil || row.Message != "" || was.end == connect.NotSent && was.state != ledger.Invalid && row.State != ledger.Closed {
						t.Errorf("row %d: %+v", row.Number, row)
					}
				case strings.Contains(c.mentions, fmt.Sprint(row.Number)):
					if !strings.Contains(string(row.Payload), "bo@example.se") || !strings.Contains(row.Cells[3].Text, "erased") {
						t.Errorf("row %d: %s, %v", row.Number, row.Payload, row.Cells)
					}
				default:
					if row.Cells[1].Text != was.mail || row.Cells[3].Text != was.remark || row.Cells[2].Text != was.phone {
						t.Errorf("row %d: %v", row.Number, row.Cells)
					}
				}
			}
			if err := l.Verify(ctx); err != nil {
				t.Error(err)
			}
			if again, err := l.Erase(ctx, c.word, "eva@hr"); err != nil || len(again) != 0 {
				t.Errorf("again: %v, %v", again, err)
			}
			// Never twice.
			if was := c.rows[0]; was.end == connect.Ordered {
				key, _ := l.Hasher().Key("https://api.example.se", "100200", 1001, mapping.Identifier{Kind: "email", Value: was.mail})
				if twins, err := l.Twins(ctx, ledger.Fingerprint{1}, 1, []ledger.Key{key}); err != nil || len(twins) != 1 {
					t.Errorf("twins %v, %v", twins, err)
				}
			}
		})
	}
	l := open(t, filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	for _, word := range []string{"", " ", "\u200b"} {
		if _, err := l.Find(ctx, word); !errors.As(err, new(*ledger.RefusedError)) {
			t.Errorf("%q: %v", word, err)
		}
	}
}
