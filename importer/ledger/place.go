package ledger

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// place is where a ledger lies: one database file and its companions.
type place struct {
	path    string // absolute; of a shared ledger its name, which no file has
	keyFile string // where it is not beside the file
	vfs     string // of Options
}

func newPlace(dsn string, opt Options) (place, error) {
	path, isURI := strings.CutPrefix(dsn, "file:")
	if scheme, _, ok := strings.Cut(path, "://"); ok && !isURI {
		return place{}, place{path: scheme + "://…"}.fail(nil, "give --ledger the path of a file, or postgres://…", "is neither a file nor a database of PostgreSQL")
	}
	if path == "" || strings.ContainsRune(path, 0) {
		return place{}, &Error{Path: path, Text: fmt.Sprintf("ledger %q: no path", dsn), Hint: "give --ledger the path of a file"}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return place{}, &Error{Path: path, Text: fmt.Sprintf("ledger %q: %v", path, err), Hint: "give --ledger an absolute path", Err: err}
	}
	return place{path: abs, vfs: opt.vfs}, nil
}

func (p place) key() string {
	if p.keyFile != "" {
		return p.keyFile
	}
	return p.path + ".key"
}

func (p place) lock() string { return p.path + ".lock" }
func (p place) wal() string  { return p.path + "-wal" }
func (p place) shm() string  { return p.path + "-shm" }
func (p place) dir() string  { return filepath.Dir(p.path) }

func (p place) fail(err error, hint, format string, args ...any) *Error {
	return &Error{Path: p.path, Text: fmt.Sprintf("ledger %q: ", p.path) + fmt.Sprintf(format, args...), Hint: hint, Err: err}
}

// absent is a ledger that is not there: fs.ErrNotExist.
func (p place) absent() *Error {
	return p.fail(fs.ErrNotExist, "name the right file with --ledger", "is not there")
}

// uri is the driver's name for the database file, with settings.
func (p place) uri(settings ...string) string {
	var b strings.Builder
	b.WriteString("file:")
	b.WriteString((&url.URL{Path: filepath.ToSlash(p.path)}).EscapedPath())
	// The log takes over the file's permissions. SQLite reads "+" as it stands.
	fmt.Fprintf(&b, "?modeof=%s", strings.ReplaceAll(url.QueryEscape(p.path), "+", "%20"))
	if p.vfs != "" {
		b.WriteString("&vfs=" + p.vfs)
	}
	for _, s := range settings {
		b.WriteByte('&')
		b.WriteString(s)
	}
	return b.String()
}

// exists reports whether there is a database, or at least something where it should be.
func (p place) exists() (bool, error) {
	info, err := os.Stat(p.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, p.fail(err, "check the path and its permissions", "cannot be read: %v", cause(err))
	case !info.Mode().IsRegular():
		return false, p.fail(nil, "give --ledger the path of a file", "is not a file")
	}
	return info.Size() > 0, nil
}

// prepare makes the folder and refuses one that a ledger cannot lie in.
func (p place) prepare() error {
	if err := os.MkdirAll(p.dir(), 0o700); err != nil {
		return p.fail(err, "choose another place with --ledger", "its folder cannot be made: %v", cause(err))
	}
	return p.refuseNetwork()
}

// touch makes the file if it is not there, and proves that it can be written.
func (p place) touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return p.fail(err, "check the permissions of the file and its folder, or choose another place with --ledger", "cannot be written: %v", cause(err))
	}
	return f.Close()
}

// fileSystem and freeRoom are the system's word; tests have others.
var (
	fileSystem = networkFS
	freeRoom   = place.room
)

func (p place) refuseNetwork() error {
	if name := fileSystem(p.dir()); name != "" {
		return p.fail(nil, "put the ledger on a local disk", "lies on a network file system (%s), where its locks and syncs cannot be relied on", name)
	}
	return nil
}

// hold takes the lock for writing. It waits for a moment only, since readers take the lock for an instant to see whether it is free.
func (p place) hold(ctx context.Context) (*flock.Flock, error) {
	lock := flock.New(p.lock(), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	wait, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	ok, err := lock.TryLockContext(wait, 20*time.Millisecond)
	switch {
	case ok:
		// Only a courtesy: the lock is the kernel's, and the number helps to find its holder.
		_ = os.WriteFile(p.lock(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
		return lock, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && !errors.Is(err, context.DeadlineExceeded):
		return nil, p.fail(err, "check the permissions of the folder, or choose another place with --ledger", "its lock cannot be taken: %v", cause(err))
	}
	who := "another process"
	if b, err := os.ReadFile(p.lock()); err == nil {
		if pid, err := strconv.Atoi(string(bytes.TrimSpace(b))); err == nil {
			who = fmt.Sprintf("process %d", pid)
		}
	}
	return nil, p.fail(nil, "wait until it has ended; another ledger does not know what this one ordered", "is held by %s", who)
}

// held reports whether a live process writes to the ledger. It creates nothing and keeps nothing.
func (p place) held() bool {
	if _, err := os.Stat(p.lock()); err != nil {
		return false
	}
	lock := flock.New(p.lock(), flock.SetFlag(os.O_RDONLY))
	ok, err := lock.TryRLock()
	if ok {
		_ = lock.Unlock()
	}
	return !ok && err == nil
}

// readKey reads the ledger's key; fs.ErrNotExist where there is none.
func (p place) readKey() ([]byte, error) {
	b, err := os.ReadFile(p.key())
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(string(bytes.TrimSpace(b)))
	if err != nil || len(key) != keySize {
		return nil, p.fail(nil, "put back the key file that was made with this ledger", "its key file %q is damaged", p.key())
	}
	return key, nil
}

// makeKey makes the key, durable before anything is hashed with it.
func (p place) makeKey() ([]byte, error) {
	key := make([]byte, keySize)
	rand.Read(key)
	err := p.writeKey(key)
	if err != nil {
		return nil, p.fail(err, "check the permissions of the folder and the room on the disk", "its key file cannot be made: %v", cause(err))
	}
	return key, nil
}

// size of a file, 0 where it is not there.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// cause is err without the path, which the sentence around it names already.
func cause(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// newer refuses a ledger of a later version than this program's.
func (p place) newer(version any) error {
	return p.fail(nil, "use the newer version of the program", "was written by a newer version of this program (%s, known is %d)", fmt.Sprint(version), schemaVersion)
}
