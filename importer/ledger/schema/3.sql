-- Version 3. What was taken before a person released a row, and what after, is told by the order of commits and not by clocks.

ALTER TABLE orders ADD COLUMN since INTEGER NOT NULL DEFAULT 0; -- the last verdict (its rowid) from before the row took its identity

-- Of what was taken before this version, the clocks are all that is known: what may have come after a release that still stands, has.
UPDATE orders SET since = (SELECT max(rowid) FROM verdicts)
WHERE sent_at >= (SELECT min(v.decided_at) FROM verdicts v JOIN orders r ON r.id = v.id WHERE r.state = 'ready' AND r.override = 1);
