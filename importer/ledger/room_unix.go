//go:build linux || darwin

package ledger

import "golang.org/x/sys/unix"

// room is how many bytes this user may still write where the ledger lies.
func (p place) room() (bytes int64, known bool) {
	var s unix.Statfs_t
	if unix.Statfs(p.dir(), &s) != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}
