package drop

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// The folders in a drop's folder.
const (
	workDir   = "work"
	doneDir   = "done"
	failedDir = "failed"
	lockName  = ".lock"
)

var ownDirs = []string{workDir, doneDir, failedDir}

// folder is a drop's folder, open. All that is done in it stays in it: no symbolic link leads out.
type folder struct {
	path string
	root *os.Root
}

func openFolder(path string) (*folder, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &folder{path: path, root: root}, nil
}

func (f *folder) close() { f.root.Close() }

// Check reports whether a drop's folder is there and can be worked in. It leaves nothing behind.
func (d *Drop) Check() error {
	f, err := openFolder(d.Folder)
	if err != nil {
		return err
	}
	defer f.close()
	for _, dir := range append([]string{"."}, ownDirs...) {
		switch info, err := f.root.Lstat(dir); {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return err
		case !info.IsDir():
			return fmt.Errorf("%s: must be a folder", filepath.Join(f.path, dir))
		}
		probe := filepath.Join(dir, fmt.Sprintf(".check-%d.part", os.Getpid()))
		file, err := f.root.OpenFile(probe, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("%s: cannot be written to: %w", filepath.Join(f.path, dir), cause(err))
		}
		file.Close()
		if err := f.root.Remove(probe); err != nil {
			return err
		}
	}
	return nil
}

// look gives what lies in the folder, by name.
func (f *folder) look() ([]fs.FileInfo, error) { return f.list(".") }

func (f *folder) list(dir string) ([]fs.FileInfo, error) {
	entries, err := fs.ReadDir(f.root.FS(), dir)
	if err != nil {
		return nil, err
	}
	infos := make([]fs.FileInfo, 0, len(entries))
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		infos = append(infos, info)
	}
	return infos, nil
}

// prepare makes the folders that are missing.
func (f *folder) prepare() error {
	for _, dir := range ownDirs {
		info, err := f.root.Lstat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			if err = f.root.Mkdir(dir, 0o700); errors.Is(err, fs.ErrExist) {
				err = nil
			}
			if err == nil {
				info, err = f.root.Lstat(dir)
			}
		}
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%s: must be a folder", filepath.Join(f.path, dir))
		}
	}
	return nil
}

// lock keeps other processes out of work/; ok is false where one is there.
func (f *folder) lock() (unlock func(), ok bool, err error) {
	l := flock.New(filepath.Join(f.path, workDir, lockName), flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o600))
	if ok, err = l.TryLock(); err != nil || !ok {
		l.Close()
		return nil, false, err
	}
	return func() { l.Close() }, true, nil
}

// claims are the files in work/, the oldest claim first.
func (f *folder) claims() ([]string, error) {
	infos, err := f.list(workDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, info := range infos {
		if _, ours := unstamped(info.Name()); ours && info.Mode().IsRegular() {
			names = append(names, info.Name())
		}
	}
	slices.Sort(names)
	return names, err
}

// sweep removes half-written results of a process that has ended. The caller holds the lock.
func (f *folder) sweep() error {
	infos, err := f.list(workDir)
	if err != nil {
		return err
	}
	for _, info := range infos {
		if leftover(info.Name()) && info.Mode().IsRegular() {
			if err := f.root.Remove(filepath.Join(workDir, info.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// claim moves a file that looked like seen into work/, under the stamp of at. It gives "" where the file is gone or is no
// longer the one that was seen: somebody else took it, or still writes to it.
func (f *folder) claim(seen fs.FileInfo, at time.Time) (string, error) {
	name := seen.Name()
	if info, err := f.root.Lstat(name); errors.Is(err, fs.ErrNotExist) || err == nil && !same(seen, info) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	short := name
	if inner, again := unstamped(name); again { // put back from failed/
		short = inner
	}
	claimed, err := f.free(clean(short), at)
	if err != nil {
		return "", err
	}
	to := filepath.Join(workDir, claimed)
	if err := f.root.Rename(name, to); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", err
	}
	// Between the look and the rename another file may have come to that name, or a writer have gone on.
	if info, err := f.root.Lstat(to); err != nil || !same(seen, info) {
		if _, err := f.root.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return "", f.root.Rename(to, name)
		}
		return "", fmt.Errorf("%s: changed while it was claimed; it lies in %s now", name, to)
	}
	return claimed, errors.Join(f.sync(workDir), f.sync("."))
}

// free is a name that no claim has, nor had.
func (f *folder) free(name string, at time.Time) (string, error) {
	for range 1000 {
		claimed := stamp(at) + name
		taken := false
		for _, path := range []string{
			filepath.Join(workDir, claimed), filepath.Join(doneDir, claimed), filepath.Join(failedDir, claimed),
			filepath.Join(doneDir, filedResult(claimed)), filepath.Join(failedDir, filedResult(claimed)),
		} {
			_, err := f.root.Lstat(path)
			taken = taken || !errors.Is(err, fs.ErrNotExist)
		}
		if !taken {
			return claimed, nil
		}
		at = at.Add(time.Millisecond)
	}
	return "", fmt.Errorf("%s: no free name in %s", f.path, workDir)
}

// fileAway moves a claim with its result to done/ or failed/, and text beside it under NAME-SUFFIX.txt. The claim goes last:
// after a crash in the middle it is found in work/ and filed again.
func (f *folder) fileAway(claimed, dir, suffix, text string) error {
	result := filepath.Join(workDir, resultName(claimed))
	if _, err := f.root.Lstat(result); err == nil {
		if err := f.root.Rename(result, filepath.Join(dir, filedResult(claimed))); err != nil {
			return err
		}
	}
	if text != "" {
		if err := f.write(filepath.Join(dir, stem(claimed)+"-"+suffix+".txt"), text+"\n"); err != nil {
			return err
		}
	}
	if err := f.root.Rename(filepath.Join(workDir, claimed), filepath.Join(dir, claimed)); err != nil {
		return err
	}
	return errors.Join(f.sync(dir), f.sync(workDir))
}

// write makes a small file, whole or not at all.
func (f *folder) write(path, text string) error {
	temp := filepath.Join(workDir, "."+filepath.Base(path)+".part")
	file, err := f.root.OpenFile(temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return f.root.Rename(temp, path)
}

// sync makes the names in a folder durable. Windows has no such call, and keeps renames in its journal; some shares refuse.
func (f *folder) sync(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// same reports whether two looks saw one file that nobody wrote to between them.
func same(a, b fs.FileInfo) bool {
	return b.Mode().IsRegular() && os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// cause is the plain reason of a failed file operation, without its path.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// reason is an error in one line.
func reason(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
