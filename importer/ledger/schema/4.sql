-- Version 4. A row that a person closed keeps an equal one from being sent unseen, whether it was ever sent or not, and so does a row that is held
-- because its order may have been made where the ledger does not know of it.

ALTER TABLE orders ADD COLUMN bars INTEGER NOT NULL DEFAULT 0; -- held and closed rows: 1: an equal row is a person's to decide; 2: its order may exist, so whatever shares a key with it is too

UPDATE orders SET bars = 2 WHERE state = 'closed' AND request_id IS NOT NULL OR state = 'held' AND reason IN ('restored', 'earlier-result', 'unsettled');
UPDATE orders SET bars = 1 WHERE state = 'closed' AND bars = 0 AND reason <> 'erased';

-- What a person closed before this version is not known to have been held for what may exist, nor by whom "erased" was said.

DROP INDEX orders_closed;
CREATE INDEX orders_barring ON orders (fingerprint, occurrence) WHERE bars > 0;
