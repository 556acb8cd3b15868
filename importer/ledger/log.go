package ledger

import (
	"fmt"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// logLimit is how long SQLite's log becomes before it is copied into the database, in bytes.
const logLimit = 16 << 20

// logHeader is the length of what the log begins with, before its frames. https://sqlite.org/fileformat2.html#the_wal_header
const logHeader = 32

// log is the file system beneath the writer's connection, for the sake of one file: SQLite's log. A commit's many writes to it become
// one, and the commit's sync can be left to the committer, who meanwhile prepares the next.
type log struct {
	vfs.VFS // beneath
	name    string
	file    *logFile
	late    bool // syncs are left to harden
	due     bool // one is
}

var logs atomic.Int64

// newLog gives the file system of SQLite's name beneath a log of its own. It is known to SQLite until release.
func newLog(beneath string) *log {
	l := &log{VFS: vfs.Find(beneath), name: fmt.Sprintf("ledger-%d", logs.Add(1))}
	vfs.Register(l.name, l)
	return l
}

func (l *log) release() { vfs.Unregister(l.name) }

// OpenFilename opens a file of the database. SQLite asks for it rather than for Open.
func (l *log) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (file vfs.File, out vfs.OpenFlag, err error) {
	if beneath, ok := l.VFS.(vfs.VFSFilename); ok {
		file, out, err = beneath.OpenFilename(name, flags)
	} else {
		file, out, err = l.VFS.Open(name.String(), flags)
	}
	if err == nil && flags&vfs.OPEN_WAL != 0 {
		l.file = &logFile{File: file, log: l}
		file = l.file
	}
	return file, out, err
}

// size is how much of the log is in use.
func (l *log) size() int64 {
	if l.file == nil {
		return 0
	}
	return l.file.at + int64(len(l.file.waiting))
}

// owes reports, once, whether the last commit left its sync to harden.
func (l *log) owes() bool {
	due := l.due
	l.due = false
	return due
}

// harden makes up for the sync that was left to it. Until it has returned, nothing else may be synced: the system tells of a failure
// only one of those who wait.
func (l *log) harden() error {
	if err := l.file.File.Sync(l.file.how); err != nil {
		return sqlite3.IOERR_FSYNC
	}
	return nil
}

// logFile gathers what SQLite writes, which is a frame's head, its page, the next one's head and so on, until a sync, or
// anything else but one more write behind the last.
type logFile struct {
	vfs.File
	log     *log
	waiting []byte
	at      int64 // where waiting begins; where nothing waits, the end of the last write
	how     vfs.SyncFlag
}

// mostWaiting bounds what a large transaction keeps in memory.
const mostWaiting = 1 << 20

func (f *logFile) WriteAt(p []byte, off int64) (int, error) {
	if off != f.at+int64(len(f.waiting)) || len(f.waiting)+len(p) > mostWaiting {
		if err := f.flush(); err != nil {
			return 0, err
		}
		f.at = off
	}
	f.waiting = append(f.waiting, p...)
	return len(p), nil
}

// flush hands down what waits. After a failure it is gone, and so is SQLite's transaction.
func (f *logFile) flush() error {
	if len(f.waiting) == 0 {
		return nil
	}
	n, err := f.File.WriteAt(f.waiting, f.at)
	f.at += int64(n)
	f.waiting = f.waiting[:0]
	return err
}

func (f *logFile) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.at {
		if err := f.flush(); err != nil {
			return 0, err
		}
	}
	return f.File.ReadAt(p, off)
}

func (f *logFile) Sync(flags vfs.SyncFlag) error {
	if err := f.flush(); err != nil {
		return sqlite3.IOERR_WRITE // not of the sync: without its last frame a transaction has not taken effect
	}
	// A log that begins anew has its header made safe before anything behind it is written.
	if f.log.late && f.at > logHeader {
		f.how, f.log.due = flags, true
		return nil
	}
	return f.File.Sync(flags)
}

func (f *logFile) Size() (int64, error) {
	if err := f.flush(); err != nil {
		return 0, err
	}
	return f.File.Size()
}

func (f *logFile) Truncate(size int64) error {
	if err := f.flush(); err != nil {
		return err
	}
	f.at = size
	return f.File.Truncate(size)
}

func (f *logFile) Close() error {
	if f.log.file == f {
		f.log.file = nil
	}
	return f.File.Close()
}
