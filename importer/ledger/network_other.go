//go:build !linux && !darwin && !windows

package ledger

// networkFS cannot tell here; the manual says that a ledger belongs on a local disk.
func networkFS(string) string { return "" }
