-- Version 3 of postgres.sql, for a ledger that an older version made: 3.sql says why.

ALTER TABLE orderimport.orders ADD COLUMN since BIGINT NOT NULL DEFAULT 0; -- the last verdict (its rowid) from before the row took its identity

-- Of what was taken before this version, the clocks are all that is known: what may have come after a release that still stands, has.
UPDATE orderimport.orders SET since = (SELECT max(rowid) FROM orderimport.verdicts)
WHERE sent_at >= (SELECT min(v.decided_at) FROM orderimport.verdicts v JOIN orderimport.orders r ON r.id = v.id WHERE r.state = 'ready' AND r.override = 1);
