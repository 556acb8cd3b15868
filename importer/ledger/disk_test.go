package ledger_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// disk is a simulated disk beneath SQLite: files in memory, and every change of them in its order, so that the power can be cut
// after any of them. Only the WAL index is a file in the folder of the ledger, as it is in production.
type disk struct {
	name string // SQLite's

	// fail says how a change ends before it is made: nil for well. keep is how many bytes of a write are written all the same.
	fail func(c change) (keep int, err error)
	// synced is called in the middle of each sync: what was written before is safe only when it returns.
	synced func()

	mu      sync.Mutex
	files   map[string]*file
	history []change
}

// file is an inode.
type file struct {
	kind     fileKind
	data     []byte
	header   bool // the last write was a log's header
	shared   int  // locks
	reserved bool
	pending  bool
}

type fileKind string

const (
	database fileKind = "database"
	journal  fileKind = "journal"
	logFile  fileKind = "log"
)

// change is one entry of a disk's history. A mark changes nothing: it is what somebody outside was told at that moment.
type change struct {
	kind changeKind
	file *file
	name string // of a creation or removal
	off  int64  // of a write; the new size of a truncation
	data []byte
	sync syncKind
	mark any
}

type changeKind uint8

const (
	written changeKind = iota + 1
	truncated
	created
	removed
	synced
	folderSynced
	looked // a read: only to fail, it is in no history
	marked
)

// syncKind tells syncs apart by what they make safe.
type syncKind string

const (
	syncNewDatabase syncKind = "a new database's first page"
	syncNewFolder   syncKind = "the name of a new journal or log"
	syncJournal     syncKind = "the journal of a new database"
	syncCommit      syncKind = "a commit in the log"
	syncLogHeader   syncKind = "the header of a log that begins anew"
	syncEarlier     syncKind = "what is on the disk to begin with"
	syncDatabase    syncKind = "the database, after pages were copied into it"
)

var disks atomic.Int64

// newDisk registers an empty disk until its remove.
func newDisk() *disk {
	d := &disk{name: fmt.Sprintf("disk%d", disks.Add(1)), files: map[string]*file{}}
	vfs.Register(d.name, d)
	return d
}

func (d *disk) remove() { vfs.Unregister(d.name) }

// mark notes what was told outside.
func (d *disk) mark(m any) {
	d.mu.Lock()
	d.history = append(d.history, change{kind: marked, mark: m})
	d.mu.Unlock()
}

// do makes a change and notes it. The caller holds mu.
func (d *disk) do(c change) error {
	var failure error
	if d.fail != nil {
		var keep int
		if keep, failure = d.fail(c); failure != nil {
			if c.kind != written || keep == 0 {
				return failure
			}
			c.data = c.data[:keep]
		}
	}
	if c.kind == written {
		c.data = append([]byte(nil), c.data...)
	}
	d.apply(c)
	d.history = append(d.history, c)
	return failure
}

func (d *disk) apply(c change) {
	switch c.kind {
	case written, truncated:
		c.file.data = applied(c.file.data, c)
		c.file.header = c.file.kind == logFile && c.off == 0 && len(c.data) == 32
	case created:
		d.files[c.name] = c.file
	case removed:
		delete(d.files, c.name)
	}
}

// applied is data after a write or truncation.
func applied(data []byte, c change) []byte {
	end := c.off + int64(len(c.data))
	if c.kind == truncated && end < int64(len(data)) {
		return data[:end]
	}
	if grow := end - int64(len(data)); grow > 0 {
		data = append(data, make([]byte, grow)...)
	}
	copy(data[c.off:], c.data)
	return data
}

// Open, Delete, Access and FullPathname make disk a vfs.VFS.
func (d *disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[name]
	if f == nil {
		if flags&vfs.OPEN_CREATE == 0 {
			return nil, flags, sqlite3.CANTOPEN
		}
		f = &file{kind: database}
		switch {
		case flags&vfs.OPEN_WAL != 0:
			f.kind = logFile
		case flags&vfs.OPEN_MAIN_JOURNAL != 0:
			f.kind = journal
		case flags&vfs.OPEN_MAIN_DB == 0:
			return nil, flags, fmt.Errorf("file %q opened with %x", name, flags)
		}
		if err := d.do(change{kind: created, file: f, name: name}); err != nil {
			return nil, flags, err
		}
	}
	h := &handle{disk: d, file: f, readOnly: flags&vfs.OPEN_READONLY != 0}
	// As the library's own file system does: the first sync of a log or journal also syncs its folder.
	h.unnamed = f.kind != database && flags&vfs.OPEN_CREATE != 0
	h.shm = vfs.NewSharedMemory(name+"-shm", flags)
	return h, flags, nil
}

func (d *disk) Delete(name string, syncFolder bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.files[name] == nil {
		return sqlite3.IOERR_DELETE_NOENT
	}
	if err := d.do(change{kind: removed, file: d.files[name], name: name}); err != nil {
		return err
	}
	if syncFolder {
		return d.do(change{kind: folderSynced, sync: syncNewFolder})
	}
	return nil
}

func (d *disk) Access(name string, _ vfs.AccessFlag) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.files[name] != nil, nil
}

func (d *disk) FullPathname(name string) (string, error) { return name, nil }

// handle is an open file, a vfs.File.
type handle struct {
	disk     *disk
	file     *file
	readOnly bool
	unnamed  bool // opened as a log or journal that may be new, and its folder not synced since
	lock     vfs.LockLevel
	shm      vfs.SharedMemory
}

var (
	_ vfs.FileSizeHint     = (*handle)(nil)
	_ vfs.FileLockState    = (*handle)(nil)
	_ vfs.FileSharedMemory = (*handle)(nil)
)

func (h *handle) Close() error {
	err := h.Unlock(vfs.LOCK_NONE)
	if h.shm != nil {
		err = errors.Join(err, h.shm.Close())
	}
	return err
}

func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.disk.fail != nil {
		if _, err := h.disk.fail(change{kind: looked, file: h.file}); err != nil {
			return 0, err
		}
	}
	if off >= int64(len(h.file.data)) {
		return 0, io.EOF
	}
	n := copy(p, h.file.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (h *handle) WriteAt(p []byte, off int64) (int, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if err := h.disk.do(change{kind: written, file: h.file, off: off, data: p}); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (h *handle) Truncate(size int64) error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	return h.disk.do(change{kind: truncated, file: h.file, off: size})
}

// SizeHint makes the file longer ahead of its pages, as the library's own file system does.
func (h *handle) SizeHint(size int64) error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if size <= int64(len(h.file.data)) {
		return nil
	}
	return h.disk.do(change{kind: truncated, file: h.file, off: size})
}

func (h *handle) Sync(vfs.SyncFlag) error {
	if h.disk.synced != nil {
		h.disk.synced()
	}
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if err := h.disk.do(change{kind: synced, file: h.file, sync: h.disk.syncKind(h.file)}); err != nil {
		return err
	}
	if h.unnamed {
		h.unnamed = false
		return h.disk.do(change{kind: folderSynced, sync: syncNewFolder})
	}
	return nil
}

func (d *disk) syncKind(f *file) syncKind {
	switch {
	case f.kind == journal:
		return syncJournal
	case f.kind == logFile && f.header:
		return syncLogHeader
	case f.kind == logFile:
		return syncCommit
	}
	for _, other := range d.files {
		if other.kind == logFile {
			return syncDatabase
		}
	}
	return syncNewDatabase
}

func (h *handle) Size() (int64, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	return int64(len(h.file.data)), nil
}

func (h *handle) SectorSize() int { return 4096 }

func (h *handle) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return vfs.IOCAP_POWERSAFE_OVERWRITE | vfs.IOCAP_SUBPAGE_READ
}

func (h *handle) SharedMemory() vfs.SharedMemory { return h.shm }
func (h *handle) LockState() vfs.LockLevel       { return h.lock }

func (h *handle) CheckReservedLock() (bool, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	return h.file.reserved, nil
}

func (h *handle) Lock(want vfs.LockLevel) error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	f := h.file
	if h.lock >= want {
		return nil
	}
	if h.readOnly && want > vfs.LOCK_SHARED {
		return sqlite3.IOERR_LOCK
	}
	switch want {
	case vfs.LOCK_SHARED:
		if f.pending {
			return sqlite3.BUSY
		}
		f.shared++
	case vfs.LOCK_RESERVED:
		if f.reserved {
			return sqlite3.BUSY
		}
		f.reserved = true
	case vfs.LOCK_EXCLUSIVE:
		if h.lock != vfs.LOCK_PENDING && f.pending {
			return sqlite3.BUSY
		}
		if h.lock == vfs.LOCK_RESERVED || !f.reserved {
			f.pending, h.lock = true, vfs.LOCK_PENDING
		}
		if f.shared > 1 {
			return sqlite3.BUSY
		}
	}
	h.lock = want
	return nil
}

func (h *handle) Unlock(want vfs.LockLevel) error {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	f := h.file
	if h.lock <= want {
		return nil
	}
	if h.lock >= vfs.LOCK_RESERVED {
		f.reserved = false
	}
	if h.lock >= vfs.LOCK_PENDING {
		f.pending = false
	}
	if want == vfs.LOCK_NONE {
		f.shared--
	}
	h.lock = want
	return nil
}

// sectorSize is what a disk writes whole or not at all.
const sectorSize = 512

// after is a new disk as this one is found when its power went after the first n changes of its history. What was synced
// is there; of what was not, any part may be: random chooses. Syncs of the kind ignored did nothing.
func (d *disk) after(n int, random *rand.Rand, ignored syncKind) *disk {
	type state struct {
		data   []byte
		unsafe []change
	}
	files, names := map[*file]*state{}, map[string]*file{}
	of := func(f *file) *state {
		if files[f] == nil {
			files[f] = &state{}
		}
		return files[f]
	}
	var folder []change // names that are not safe
	rename := func(c change) {
		if c.kind == created {
			names[c.name] = c.file
		} else {
			delete(names, c.name)
		}
	}
	for _, c := range d.history[:n] {
		switch c.kind {
		case written, truncated:
			s := of(c.file)
			s.unsafe = append(s.unsafe, c)
		case created, removed:
			folder = append(folder, c)
		case synced:
			if c.sync != ignored {
				s := of(c.file)
				for _, w := range s.unsafe {
					s.data = applied(s.data, w)
				}
				s.unsafe = nil
			}
		case folderSynced:
			if c.sync != ignored {
				for _, c := range folder {
					rename(c)
				}
				folder = nil
			}
		}
	}
	luck := lucks[random.IntN(len(lucks))](random)
	for _, c := range folder {
		if luck(c) != nil {
			rename(c)
		}
	}
	next := newDisk()
	for name, f := range names {
		s := of(f)
		for _, w := range s.unsafe {
			for _, part := range luck(w) {
				s.data = applied(s.data, part)
			}
		}
		g := &file{kind: f.kind, data: s.data}
		next.files[name] = g
		next.history = append(next.history, change{kind: created, file: g, name: name}, change{kind: written, file: g, data: append([]byte(nil), s.data...)},
			change{kind: synced, file: g, sync: syncEarlier}, change{kind: folderSynced, sync: syncEarlier})
	}
	return next
}

// copied is nil where nothing was copied out of the log into the database that had not been safe before, whatever the sync that SQLite makes of the log
// right before it copies: that one is of no use to a ledger, whose committer copies only what is synced, and no cut of the power can miss it.
func (d *disk) copied() error {
	syncs := 2 // of the log, since it was last written to
	for n, c := range d.history {
		switch {
		case c.sync == syncEarlier:
			syncs = 2
		case c.file == nil || n+1 < len(d.history) && d.history[n+1].sync == syncEarlier:
		case c.file.kind == logFile && (c.kind == written || c.kind == truncated):
			syncs = 0
		case c.file.kind == logFile && c.kind == synced:
			syncs++
		case c.file.kind == database && c.kind == written && syncs < 2:
			return fmt.Errorf("change %d copies what is not safe in the log:\n%s", n, d.story(max(0, n-12), n+1))
		}
	}
	return nil
}

// killed is a new disk as this one is found by the next process when the one that used it was killed after n changes: all that was
// written is there, and what was not synced is still not safe.
func (d *disk) killed(n int) *disk {
	next := newDisk()
	copies := map[*file]*file{}
	for _, c := range d.history[:n] {
		if c.kind == marked {
			continue
		}
		if c.file != nil {
			if copies[c.file] == nil {
				copies[c.file] = &file{kind: c.file.kind}
			}
			c.file = copies[c.file]
		}
		next.apply(c)
		next.history = append(next.history, c)
	}
	return next
}

// lucks are the ways in which unsynced changes can end: what luck gives for a change is what became of it, nil for nothing.
var lucks = []func(random *rand.Rand) func(change) []change{
	// Nothing was written.
	func(*rand.Rand) func(change) []change { return func(change) []change { return nil } },
	// All was written.
	func(*rand.Rand) func(change) []change { return func(c change) []change { return []change{c} } },
	// All up to a moment.
	func(random *rand.Rand) func(change) []change {
		left := random.IntN(12)
		return func(c change) []change {
			if left--; left < 0 {
				return nil
			}
			return []change{c}
		}
	},
	// All but the first: a disk writes in the order it likes.
	func(random *rand.Rand) func(change) []change {
		lost := random.IntN(8)
		return func(c change) []change {
			if lost--; lost >= 0 {
				return nil
			}
			return []change{c}
		}
	},
	// Any of them.
	func(random *rand.Rand) func(change) []change {
		return func(c change) []change {
			if random.IntN(2) == 0 {
				return nil
			}
			return []change{c}
		}
	},
	// All but the first sectors: one long write is no more in order than many.
	func(random *rand.Rand) func(change) []change {
		lost := random.IntN(80)
		return func(c change) []change {
			if c.kind != written {
				if lost--; lost >= 0 {
					return nil
				}
				return []change{c}
			}
			at := 0
			for ; at < len(c.data) && lost > 0; lost-- {
				at = min(len(c.data), at+sectorSize-int(c.off+int64(at))%sectorSize)
			}
			return []change{{kind: written, off: c.off + int64(at), data: c.data[at:]}}
		}
	},
	// Any sectors of any of them, and rubbish in others.
	func(random *rand.Rand) func(change) []change {
		return func(c change) []change { return torn(c, random) }
	},
}

// torn is a write of which some sectors did not get to the disk.
func torn(c change, random *rand.Rand) []change {
	if c.kind != written {
		if random.IntN(2) == 0 {
			return nil
		}
		return []change{c}
	}
	var parts []change
	for at := 0; at < len(c.data); {
		end := min(len(c.data), at+sectorSize-int(c.off+int64(at))%sectorSize)
		switch part := (change{kind: written, off: c.off + int64(at), data: c.data[at:end]}); random.IntN(12) {
		case 0, 1, 2:
		case 3:
			part.data = make([]byte, end-at)
			for i := range part.data {
				part.data[i] = byte(random.Uint32())
			}
			parts = append(parts, part)
		default:
			parts = append(parts, part)
		}
		at = end
	}
	return parts
}

// story tells changes of a history, a line each.
func (d *disk) story(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		c := d.history[i]
		switch c.kind {
		case written:
			fmt.Fprintf(&b, "%d: %s write %d bytes at %d\n", i, c.file.kind, len(c.data), c.off)
		case truncated:
			fmt.Fprintf(&b, "%d: %s size %d\n", i, c.file.kind, c.off)
		case created:
			fmt.Fprintf(&b, "%d: %s created\n", i, c.file.kind)
		case removed:
			fmt.Fprintf(&b, "%d: %s removed\n", i, c.file.kind)
		case synced, folderSynced:
			fmt.Fprintf(&b, "%d: sync of %s\n", i, c.sync)
		case marked:
			fmt.Fprintf(&b, "%d: told %+v\n", i, c.mark)
		}
	}
	return b.String()
}
