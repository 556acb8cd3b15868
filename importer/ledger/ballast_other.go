//go:build !linux

package ledger

import "os"

func reserve(f *os.File) error { return occupy(f) }
