package ledger

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// fileIdentity tells a file from any other, whatever its name and bytes; "" where it is not known. A file system gives the number of a
// removed file again, so the time at which the file was made belongs to it.
func fileIdentity(path string) string {
	var s unix.Statx_t
	if unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_INO|unix.STATX_BTIME, &s) != nil {
		return ""
	}
	return fmt.Sprintf("%d-%d.%09d", s.Ino, s.Btime.Sec, s.Btime.Nsec)
}
