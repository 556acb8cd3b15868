-- Version 4 of postgres.sql, for a ledger that an older version made: 4.sql says why.

ALTER TABLE orderimport.orders ADD COLUMN bars BIGINT NOT NULL DEFAULT 0; -- held and closed rows: 1: an equal row is a person's to decide; 2: its order may exist, so whatever shares a key with it is too

UPDATE orderimport.orders SET bars = 2 WHERE state = 'closed' AND request_id IS NOT NULL OR state = 'held' AND reason IN ('restored', 'earlier-result', 'unsettled');
UPDATE orderimport.orders SET bars = 1 WHERE state = 'closed' AND bars = 0 AND reason <> 'erased';

-- What a person closed before this version is not known to have been held for what may exist, nor by whom "erased" was said.

DROP INDEX orderimport.orders_closed;
CREATE INDEX orders_barring ON orderimport.orders (fingerprint, occurrence) WHERE bars > 0;
