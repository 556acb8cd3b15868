//go:build !linux && !windows

package ledger

import (
	"os"
	"strconv"
	"syscall"
)

// fileIdentity tells a file from any other, whatever its name and bytes; "" where it is not known. APFS gives no number twice.
func fileIdentity(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return strconv.FormatUint(uint64(s.Ino), 10)
	}
	return ""
}
