//go:build !windows

package main

import (
	"cmp"
	"os"
)

// localeName is the language of the environment, as POSIX ranks its variables.
func localeName() string {
	return cmp.Or(os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG"))
}
