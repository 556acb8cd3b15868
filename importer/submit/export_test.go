package submit

import "time"

// ShortPauses makes the shortest pause d instead of a second, and all of our own as much shorter.
func (c *Config) ShortPauses(d time.Duration) { c.shortest = d }
