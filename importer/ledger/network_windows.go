package ledger

import (
	"path/filepath"
	"strings"

	"golang.org/x/sys/windows"
)

// networkFS names the network drive or share that dir, an absolute path, lies on, or "".
func networkFS(dir string) string {
	volume := filepath.VolumeName(dir)
	if strings.HasPrefix(volume, `\\`) && !strings.HasPrefix(volume, `\\?\`) && !strings.HasPrefix(volume, `\\.\`) {
		return volume
	}
	root, err := windows.UTF16PtrFromString(volume + `\`)
	if err != nil || windows.GetDriveType(root) != windows.DRIVE_REMOTE {
		return ""
	}
	return "drive " + volume
}
