//go:build race

package ledger_test

// underRace makes the suites that a race detector cannot help with, and slows down twenty times, as short as in a plain go test.
const underRace = true
