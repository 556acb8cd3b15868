//go:build !linux && !darwin && !windows

package ledger

// room cannot tell here.
func (p place) room() (bytes int64, known bool) { return 0, false }
