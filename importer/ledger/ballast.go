package ledger

import (
	"crypto/rand"
	"errors"
	"os"

	"github.com/ncruces/go-sqlite3"
)

const (
	// ballastSize is the room that a ledger keeps for the outcomes of orders under way when its disk becomes full.
	ballastSize = 16 << 20
	// minRoom is what a disk must have to spare, the ballast counted in, before a sending begins.
	minRoom = 64 << 20
)

func (p place) ballast() string { return p.path + ".ballast" }

// load refuses a disk that is nearly full, and sees to the ballast.
func (p place) load() error {
	room, known := freeRoom(p)
	ballast := size(p.ballast())
	if known && room+ballast < minRoom {
		return p.fail(nil, "make room on the disk, then go on with the run", "its disk has only %d MiB left, and a sending needs %d", (room+ballast)>>20, minRoom>>20)
	}
	if ballast >= ballastSize {
		return nil
	}
	err := func() error {
		f, err := os.OpenFile(p.ballast(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		return errors.Join(reserve(f), f.Sync(), f.Close())
	}()
	if err != nil {
		_ = os.Remove(p.ballast())
		return p.fail(err, "make room on the disk, then go on with the run", "no room can be kept for outcomes: %v", cause(err))
	}
	return nil
}

// occupy fills a ballast with bytes that no file system can make smaller.
func occupy(f *os.File) error {
	block := make([]byte, 1<<20)
	for range ballastSize / len(block) {
		rand.Read(block)
		if _, err := f.Write(block); err != nil {
			return err
		}
	}
	return nil
}

// unload gives the ballast's room to the ledger. Where there is none, outcomes may still fit by themselves.
func (p place) unload() { _ = os.Remove(p.ballast()) }

// unwritten reports whether a transaction failed in a write, and so for certain did not take effect: a log without its last frame has
// no commit. After a sync that failed nothing is certain.
func unwritten(err error) bool {
	return errors.Is(err, sqlite3.FULL) || errors.Is(err, sqlite3.IOERR_WRITE) || errors.Is(err, sqlite3.IOERR_TRUNCATE)
}

// isFull reports whether err comes of a disk without room. The driver does not hand on what the system said of a write.
func (p place) isFull(err error) bool {
	if !unwritten(err) {
		return false
	}
	room, known := freeRoom(p)
	return errors.Is(err, sqlite3.FULL) || known && room < 1<<20
}

// lighten frees the ballast after a commit that failed in a write, and lets nothing but outcomes be booked from there on. It reports
// whether the commit may be tried again with them.
func (w *writer) lighten(err error) bool {
	if w.full != nil || !unwritten(err) {
		return false
	}
	w.full = w.ledger.unwritable(err)
	w.ledger.place.unload()
	return true
}
