package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"orderimport/importer/connect"
	"orderimport/importer/ledger"
)

// TestBitFlips turns single bits of a ledger's files, as a bad disk does: the ledger is refused, or it tells exactly what it told before.
func TestBitFlips(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l := open(t, path, ledger.Options{})
	run := stagePeople(t, l,
		someone{"1", "a@example.se", "070-1", "", ledger.Ready, connect.Ordered}, someone{"2", "b@example.se", "070-2", "", ledger.Ready, connect.Rejected},
		someone{"3", "c@example.se", "", "note", ledger.Ready, connect.InDoubt}, someone{"4", "d@example.se", "", "", ledger.Ready, connect.NotSent},
		someone{"5", "x", "", "", ledger.Invalid, connect.NotSent}, someone{"6", "e@example.se", "", "", ledger.Held, connect.NotSent})
	tell := func(l *ledger.Ledger) (told string, err error) {
		r, err := l.Run(ctx, run)
		if err != nil {
			return "", err
		}
		told = fmt.Sprintf("%+v", *r)
		for row, err := range l.Rows(ctx, run) {
			if err != nil {
				return "", err
			}
			told += fmt.Sprintf("\n%+v", *row)
			twins, err := l.Twins(ctx, row.Fingerprint, row.Occurrence, nil)
			if err != nil {
				return "", err
			}
			told += fmt.Sprint(twins)
		}
		return told, l.Verify(ctx)
	}
	before, err := tell(l)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	files := []string{path, path + ".key", path + ".mark"}
	sound := map[string][]byte{}
	for _, f := range files {
		if sound[f], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	write := func(f string, data []byte) { // not a new file: that would be a copy
		t.Helper()
		w, err := os.OpenFile(f, os.O_WRONLY|os.O_TRUNC, 0)
		if err == nil {
			_, err = w.Write(data)
			err = errors.Join(err, w.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	noticed := 0
	for i := range tier(150, 2000, 50000) {
		f := files[0]
		if i%20 == 0 {
			f = files[1+i/20%2]
		}
		data := append([]byte(nil), sound[f]...)
		bit := random.IntN(8 * len(data))
		if f == path && i%4 == 1 {
			bit = random.IntN(8 * 100) // the head of the file
		}
		data[bit/8] ^= 1 << (bit % 8)
		write(f, data)
		l, err := ledger.Open(ctx, path, ledger.Options{})
		var told string
		if err == nil {
			told, err = tell(l)
			l.Close()
		}
		switch {
		case err != nil:
			noticed++
		case told != before:
			t.Fatalf("bit %d of byte %d of %s changed what is told:\n%s\nnot\n%s", bit%8, bit/8, filepath.Base(f), told, before)
		}
		for _, f := range files {
			write(f, sound[f])
		}
		for _, extra := range []string{"-wal", "-shm"} {
			_ = os.Remove(path + extra)
		}
	}
	t.Logf("%d flips noticed", noticed)
}
