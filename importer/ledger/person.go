package ledger

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"orderimport/importer/mapping"
	"orderimport/importer/sheet"
)

// ReasonErased is Closed, by Erase: the person that the order was for has been forgotten.
const ReasonErased = "person-erased"

// Trace is a row that knows a person.
type Trace struct {
	Run   string
	File  string // of the run
	Row   int    // in the file
	State State
	Own   bool // the order is for this person; else the row only mentions them

	id    int64
	runID int64
}

// Find gives the rows that know a person, who is named by e-mail address, phone number or employee number in any spelling; in the order in which
// they were stored. It reads the whole ledger: rows that could not be ordered have no keys, and one person's row may name another.
func (l *Ledger) Find(ctx context.Context, person string) ([]Trace, error) {
	if err := l.failed(); err != nil {
		return nil, err
	}
	p, err := l.person(person)
	if err != nil {
		return nil, err
	}
	tx, err := l.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, l.unreadable(ctx, err)
	}
	defer tx.Rollback()
	traces, err := p.find(ctx, tx)
	return traces, l.unreadable(ctx, err)
}

// Erase makes the ledger forget a person, named as for Find, and books that by did it. Rows of their own lose their contents and the
// API's messages; of those, rows held or not sent are Closed (ReasonErased) and never sent. In what else mentions them, e-mail
// address and phone number give way to a word. Fingerprints, keys and order numbers stay, so that nothing is ordered twice.
// On return no byte of what was erased is left in the ledger's files; copies of them are not its to change.
//
// *RefusedError, and nothing is erased, while a row of theirs is in doubt, since it takes its contents to ask the vendor; or while a row of
// another person that mentions them has not ended, since what was approved is what is sent.
func (l *Ledger) Erase(ctx context.Context, person, by string) (erased []Trace, err error) {
	if err := l.writable(); err != nil {
		return nil, err
	}
	p, err := l.person(person)
	if err != nil {
		return nil, err
	}
	err = l.writer.do(ctx, func(ctx context.Context) error {
		conn := l.writer.conn
		if erased, err = p.find(ctx, conn); err != nil {
			return err
		}
		for _, t := range erased {
			if text := t.needed(); text != "" {
				return &RefusedError{Row: t.Row, From: t.State, Text: fmt.Sprintf("row %d: ", t.Row) + text}
			}
		}
		closed := 0
		for _, t := range erased {
			if !t.Own {
				err = p.maskRow(ctx, conn, t)
			} else {
				err = l.forget(ctx, t, by)
			}
			if err != nil {
				return err
			}
			if t.State == Ready || t.State == Held {
				closed++
			}
		}
		told, err := p.maskTexts(ctx, conn)
		if err != nil || len(erased) == 0 && !told {
			return err
		}
		return l.bookErasure(ctx, "erased", struct {
			By     string `json:"by"`
			Rows   int    `json:"rows"`
			Closed int    `json:"closed"`
		}{by, len(erased), closed})
	})
	if err != nil {
		return nil, err
	}
	return erased, l.scrub(ctx)
}

// needed says why a row cannot lose the person, "" where it can.
func (t *Trace) needed() string {
	switch {
	case t.State == InDoubt || t.State == Sending:
		return fmt.Sprintf("is in doubt in run %s, and asking the vendor takes what it says; resolve it first", t.Run)
	case !t.Own && (t.State == Ready || t.State == Held):
		return fmt.Sprintf("belongs to somebody else, names this person and has not ended in run %s; send it or close it first", t.Run)
	}
	return ""
}

// forget erases a row of the person's own, within the transaction.
func (l *Ledger) forget(ctx context.Context, t Trace, by string) error {
	conn := l.writer.conn
	for _, query := range []string{
		`UPDATE contents SET payload = NULL, cells = NULL, findings = NULL WHERE id = ?1`,
		`UPDATE orders SET message = '' WHERE id = ?1`,
		`UPDATE attempts SET message = '' WHERE id = ?1`,
	} {
		if _, err := conn.ExecContext(ctx, query, t.id); err != nil {
			return err
		}
	}
	if t.State != Ready && t.State != Held {
		return nil
	}
	if _, err := conn.ExecContext(ctx, `UPDATE orders SET state = 'closed', takes = 0, decided_by = ?2, reason = ?3 WHERE id = ?1`, t.id, by, ReasonErased); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, `
		INSERT INTO verdicts (id, decided_at, decided_by, reason, from_state, to_state, occurrence)
		SELECT id, ?2, ?3, ?4, ?5, 'closed', occurrence FROM orders WHERE id = ?1`, t.id, micros(l.now()), by, ReasonErased, string(t.State))
	return err
}

// person is what somebody is recognised by.
type person struct {
	hasher *Hasher
	ids    []mapping.Identifier
	staff  []byte         // employee number, as all its spellings are one; nil where the word is none
	text   *regexp.Regexp // finds e-mail address or phone number in any text; nil where the word is neither
}

func (l *Ledger) person(word string) (*person, error) {
	p := &person{hasher: l.Hasher(), ids: mapping.Named(word)}
	for _, id := range p.ids {
		switch id.Kind {
		case "employee":
			p.staff = p.spelling(id.Kind, id.Value)
		case "email":
			p.text = mailPattern(id.Value)
		case "phone":
			p.text = phonePattern(p.spelling(id.Kind, id.Value))
		}
	}
	if len(p.ids) == 0 || p.staff == nil && p.text == nil {
		return nil, &RefusedError{Text: "a person is named by e-mail address, phone number or employee number"}
	}
	return p, nil
}

// spelling is the one of all spellings of an identifier; nil where nothing is left of it.
func (p *person) spelling(kind, value string) []byte {
	h := p.hasher
	h.buf = h.buf[:0]
	h.appendKind(kind, value)
	if len(h.buf) == 4 {
		return nil
	}
	return slices.Clone(h.buf[4:])
}

// mailPattern finds an address in a text, whatever the case of its letters, but not as the end or the beginning of another one.
func mailPattern(mail string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(^|[^\pL\pN._%+-])` + regexp.QuoteMeta(norm.NFC.String(mail)) + `($|[^\pL\pN.-]|\.$|\.[^\pL\pN])`)
}

// phonePattern finds the number with these digits, country first, in a text: grouped by anything, and a Swedish one with or without
// its country. Without its zero, which a spreadsheet eats, only a mobile number is one.
func phonePattern(digits []byte) *regexp.Regexp {
	const gap = `[- \x{a0}\x{202f}\x{2013}()/.]*`
	spaced := func(b []byte) string { return strings.Join(strings.Split(string(b), ""), gap) }
	number := `(?:\+|00)?` + spaced(digits)
	if home, ok := bytes.CutPrefix(digits, []byte("46")); ok {
		zero := `(?:(?:\+|00)?4` + gap + `6` + gap + `)?\(?0\)?` + gap
		if len(home) == 9 && home[0] == '7' {
			zero = `(?:` + zero + `)?`
		}
		number = zero + spaced(home) + `|` + number
	}
	return regexp.MustCompile(`(^|[^\pN+])(?:` + number + `)($|[^\pN])`)
}

// mask puts a word in the place of the person.
func (p *person) mask(text string) string {
	for p.text.MatchString(text) { // neighbours share the character between them
		text = p.text.ReplaceAllString(text, "${1}erased${2}")
	}
	return text
}

// maskJSON is mask of a document; nil where that leaves none, since the number stood in it bare.
func (p *person) maskJSON(doc []byte) []byte {
	masked := []byte(p.mask(string(doc)))
	if len(masked) == 0 || !json.Valid(masked) {
		return nil
	}
	return masked
}

func (p *person) in(text []byte) bool { return p.text != nil && p.text.Match(text) }

// reading is what *sql.Tx and *sql.Conn have in common.
type reading interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// each calls visit for every row of a query, which scans it.
func each(ctx context.Context, db reading, visit func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := visit(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (p *person) find(ctx context.Context, db reading) ([]Trace, error) {
	own, err := p.byKeys(ctx, db)
	if err != nil {
		return nil, err
	}
	staff := map[int64][]int{} // employee number columns by run
	err = each(ctx, db, func(scan func(...any) error) error {
		var id int64
		var labels string
		var columns []string
		if err := scan(&id, &labels); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(labels), &columns); err != nil {
			return fmt.Errorf("columns: %w", err)
		}
		staff[id] = mapping.EmployeeColumns(columns)
		return nil
	}, `SELECT id, columns FROM runs`)
	if err != nil {
		return nil, err
	}
	mentioned := map[int64]bool{}
	err = each(ctx, db, func(scan func(...any) error) error {
		var id, run int64
		var over bool
		var payload, cells, findings sql.RawBytes
		if err := scan(&id, &run, &over, &payload, &cells, &findings); err != nil {
			return err
		}
		if own[id] {
			if over && payload == nil && cells == nil && findings == nil {
				delete(own, id) // forgotten before
			}
			return nil
		}
		row, err := decodeCells(cells)
		if err != nil {
			return err
		}
		for _, c := range staff[run] {
			if p.staff != nil && payload == nil && c < len(row) && string(p.spelling("employee", row[c].Text)) == string(p.staff) {
				own[id] = true
			}
		}
		mentioned[id] = p.in(payload) || p.in(findings) || slices.ContainsFunc(row, func(c sheet.Cell) bool { return p.in([]byte(c.Text)) })
		if mentioned[id] && payload == nil {
			own[id] = true // it was never to be ordered: there is nobody else whom it is for
		}
		return nil
	}, `SELECT orders.id, orders.run, `+ended+`, payload, cells, findings FROM orders JOIN contents ON contents.id = orders.id`)
	if err != nil {
		return nil, err
	}
	var traces []Trace
	for id := range own {
		mentioned[id] = true
	}
	for id, yes := range mentioned {
		if !yes {
			continue
		}
		t := Trace{id: id, Own: own[id]}
		err := each(ctx, db, func(scan func(...any) error) error { return scan(&t.Run, &t.File, &t.runID, &t.Row, &t.State) },
			`SELECT runs.name, runs.file, runs.id, orders.number, orders.state FROM orders JOIN runs ON runs.id = orders.run WHERE orders.id = ?1`, id)
		if err != nil {
			return nil, err
		}
		traces = append(traces, t)
	}
	slices.SortFunc(traces, func(a, b Trace) int { return cmp.Compare(a.id, b.id) })
	return traces, nil
}

// byKeys finds the rows whose order is for the person.
func (p *person) byKeys(ctx context.Context, db reading) (map[int64]bool, error) {
	var keys []Key
	err := each(ctx, db, func(scan func(...any) error) error {
		var host, customer string
		var packageID int64
		if err := scan(&host, &customer, &packageID); err != nil {
			return err
		}
		for _, id := range p.ids {
			if key, ok := p.hasher.Key(host, customer, packageID, id); ok {
				keys = append(keys, key)
			}
		}
		return nil
	}, `
		SELECT DISTINCT hosts.name, accounts.customer, orders.package
		FROM orders JOIN accounts ON accounts.id = orders.account JOIN hosts ON hosts.id = orders.host`)
	if err != nil {
		return nil, err
	}
	own := map[int64]bool{}
	for _, key := range keys {
		err := each(ctx, db, func(scan func(...any) error) error {
			var id int64
			err := scan(&id)
			own[id] = true
			return err
		}, `SELECT id FROM identifiers WHERE key = ?1`, key[:])
		if err != nil {
			return nil, err
		}
	}
	return own, nil
}

// maskRow takes the person out of a row that mentions them and has ended.
func (p *person) maskRow(ctx context.Context, conn *sql.Conn, t Trace) error {
	var payload, cells, findings []byte
	if err := conn.QueryRowContext(ctx, `SELECT payload, cells, findings FROM contents WHERE id = ?1`, t.id).Scan(&payload, &cells, &findings); err != nil {
		return err
	}
	row, err := decodeCells(cells)
	if err != nil {
		return err
	}
	for i := range row {
		row[i].Text = p.mask(row[i].Text)
	}
	_, err = conn.ExecContext(ctx, `UPDATE contents SET payload = ?2, cells = ?3, findings = ?4 WHERE id = ?1`,
		t.id, blob(p.maskJSON(payload)), blob(appendCells(nil, row)), blob(p.maskJSON(findings)))
	return err
}

// maskTexts takes the person out of all that was said beside the contents of rows, and reports whether there was anything.
func (p *person) maskTexts(ctx context.Context, conn *sql.Conn) (found bool, err error) {
	if p.text == nil {
		return false, nil
	}
	for _, column := range []struct{ table, id, name string }{
		{"orders", "id", "message"}, {"orders", "id", "reason"}, {"attempts", "rowid", "message"}, {"attempts", "rowid", "reason"}, {"verdicts", "rowid", "reason"},
		{"runs", "id", "file"}, {"runs", "id", "sheet"}, {"runs", "id", "columns"}, {"runs", "id", "profile"}, {"runs", "id", "notes"},
	} {
		masked := map[int64]any{}
		err := each(ctx, conn, func(scan func(...any) error) error {
			var id int64
			var text sql.RawBytes
			if err := scan(&id, &text); err != nil {
				return err
			}
			if p.in(text) {
				switch column.name {
				case "notes":
					masked[id] = blob(p.maskJSON(text))
				case "profile":
					masked[id] = []byte(p.mask(string(text)))
				default:
					masked[id] = p.mask(string(text))
				}
			}
			return nil
		}, fmt.Sprintf(`SELECT %s, %s FROM %s WHERE %[2]s IS NOT NULL AND length(%[2]s) > 0`, column.id, column.name, column.table))
		if err != nil {
			return false, err
		}
		for id, value := range masked {
			if _, err := conn.ExecContext(ctx, fmt.Sprintf(`UPDATE %s SET %s = ?2 WHERE %s = ?1`, column.table, column.name, column.id), id, value); err != nil {
				return false, err
			}
			found = true
		}
	}
	return found, nil
}
