package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A server whose files were put back from a copy, such as a virtual machine's snapshot, cannot tell: its tables and its timeline are what they
// were. Each host remembers beside its key how far the server's log had grown when it last heard of it. A log that is shorter now has lost
// what was ordered since; a database that has no ledger any more has lost all. Where no file can be written beside the key there
// is no memory.
type memory struct {
	Origin    string `json:"origin"`
	WAL       int64  `json:"wal"`       // the log had grown to here, and all before it was durable
	Adoptions int    `json:"adoptions"` // of copies: a person's word that the log may be shorter
}

// walNow is how far the log has grown, as told before a commit: once that has succeeded, all up to here is durable.
const walNow = `(pg_current_wal_insert_lsn() - '0/0')::bigint`

// recall reads what this host remembers; nil where it remembers nothing.
func (p place) recall() (*memory, error) {
	b, err := os.ReadFile(p.mark())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	m := new(memory)
	if err == nil {
		err = json.Unmarshal(b, m)
	}
	if err != nil {
		return nil, p.fail(err, "check the file's permissions", "its mark %q cannot be read: %v", p.mark(), cause(err))
	}
	return m, nil
}

// remember replaces what this host remembers. Its processes may do so at the same time. A copy is not remembered before it has been adopted.
func (s *shared) remember(wal int64) {
	s.remembering.Lock()
	defer s.remembering.Unlock()
	if s.memory.Origin == "" || wal <= s.memory.WAL {
		return
	}
	s.memory.WAL = wal
	b, err := json.Marshal(s.memory)
	if err != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(s.place.mark()), filepath.Base(s.place.mark())+".*")
	if err != nil {
		return
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), s.place.mark())
	}
	if err != nil {
		os.Remove(f.Name())
	}
}

// refuseShorter keeps a ledger from being written to whose server has lost what this host knows of.
func (s *shared) refuseShorter(ctx context.Context, db querier) error {
	m, err := s.place.recall()
	if err != nil {
		return err
	}
	var wal int64
	if err := db.QueryRowContext(ctx, `SELECT `+walNow+`, (SELECT count(*) FROM facts WHERE name LIKE 'adopted %')`).Scan(&wal, &s.memory.Adoptions); err != nil {
		return err
	}
	switch {
	case m == nil, s.memory.Adoptions > m.Adoptions:
		return nil
	case m.Origin != s.memory.Origin:
		return s.place.fail(nil, hintAdopt, "is a copy, or was put back from one, and may not know what was ordered since")
	case s.memory.Adoptions < m.Adoptions, wal < m.WAL:
		return s.place.fail(nil, hintAdopt, "is not as it was left: it was put back from a copy, and does not know what was ordered since")
	}
	return nil
}

// refuseGone keeps a new ledger from being made where this host had one.
func (s *shared) refuseGone() error {
	m, err := s.place.recall()
	if err == nil && m != nil {
		err = s.place.fail(nil, "name the right database, or put its last backup back and take that over with `orderimport ledger adopt --reason TEXT`; only where nothing was ever ordered, delete the .mark file",
			"is gone, and what was ordered with it: its mark %q is still there", s.place.mark())
	}
	return err
}
