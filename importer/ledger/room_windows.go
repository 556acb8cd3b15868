package ledger

import "golang.org/x/sys/windows"

// room is how many bytes this user may still write where the ledger lies.
func (p place) room() (bytes int64, known bool) {
	dir, err := windows.UTF16PtrFromString(p.dir())
	if err != nil {
		return 0, false
	}
	var free uint64
	if windows.GetDiskFreeSpaceEx(dir, &free, nil, nil) != nil {
		return 0, false
	}
	return int64(min(free, 1<<62)), true
}
