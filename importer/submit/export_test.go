package submit

import "time"

// ShortPauses makes the shortest pause d instead of a second, and all of our own as much shorter.
func (c *Config) ShortPauses(d time.Duration) { c.shortest = d }

// Clock makes now the wall clock that an intent's age is read from.
func (c *Config) Clock(now func() time.Time) { c.clock = now }

// MaxUnwritten is how many attempts of one row may come to nothing without a byte written.
const MaxUnwritten = maxUnwritten

// Stale are the words for an order that was given back since its connection or its intent was no longer fresh.
var Stale = unsent(stale).Said
