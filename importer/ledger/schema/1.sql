-- Version 1. Times are microseconds since 1970 in UTC. A run's orders have consecutive ids in the file's order.

CREATE TABLE facts (                -- what the ledger is: key check value, time of making
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE hosts (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE accounts (
  id       INTEGER PRIMARY KEY,
  host     INTEGER NOT NULL REFERENCES hosts (id),
  customer TEXT NOT NULL,
  UNIQUE (host, customer)
) STRICT;

CREATE TABLE runs (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,  -- r[0-9a-z]{10}
  host       INTEGER NOT NULL REFERENCES hosts (id),
  state      TEXT NOT NULL CHECK (state IN ('staged', 'running', 'stopped', 'done')),
  file       TEXT NOT NULL,
  sha256     TEXT NOT NULL,
  format     TEXT NOT NULL,
  sheet      TEXT NOT NULL,
  header_row INTEGER NOT NULL,
  columns    TEXT NOT NULL,         -- JSON
  endpoint   TEXT NOT NULL,
  package    INTEGER NOT NULL,      -- 0 where rows differ
  profile    BLOB,
  schemas    BLOB,
  options    BLOB,
  notes      BLOB,
  started_at INTEGER NOT NULL,
  first      INTEGER NOT NULL,      -- of orders.id
  count      INTEGER NOT NULL       -- of orders, as sealed
) STRICT;

CREATE TABLE orders (               -- what moves; what does not is in contents
  id           INTEGER PRIMARY KEY,
  run          INTEGER NOT NULL REFERENCES runs (id),
  number       INTEGER NOT NULL,    -- the row in the file
  host         INTEGER NOT NULL REFERENCES hosts (id),
  account      INTEGER NOT NULL REFERENCES accounts (id),
  package      INTEGER NOT NULL,
  fingerprint  BLOB,
  occurrence   INTEGER NOT NULL,
  override     INTEGER NOT NULL,
  state        TEXT NOT NULL,
  takes        INTEGER NOT NULL DEFAULT 0, -- 1: the row has taken its identity. A column of its own, so that a move between two taking states leaves the index alone
  reason       TEXT NOT NULL,
  message      TEXT NOT NULL,
  twin         INTEGER REFERENCES orders (id),
  request_id   TEXT,                -- of the attempt that the row carries
  sent_at      INTEGER,
  ended_at     INTEGER,
  http_status  INTEGER NOT NULL DEFAULT 0,
  order_id     INTEGER,             -- unknown where a person gave only the number
  order_number TEXT,
  decided_by   TEXT,
  CHECK ((state = 'ordered') = (order_number IS NOT NULL)),
  -- Not with IN: SQLite fills a table with such a list at each move, a fifth of an order's time. A word that is no state has no takes.
  CHECK (takes IS CASE state
    WHEN 'sending' THEN 1 WHEN 'ordered' THEN 1 WHEN 'in_doubt' THEN 1
    WHEN 'ready' THEN 0 WHEN 'rejected' THEN 0 WHEN 'invalid' THEN 0 WHEN 'held' THEN 0 WHEN 'duplicate' THEN 0 WHEN 'skipped' THEN 0 WHEN 'closed' THEN 0
  END)
) STRICT;

CREATE UNIQUE INDEX orders_place    ON orders (run, number);
CREATE        INDEX orders_account  ON orders (account);
CREATE UNIQUE INDEX orders_identity ON orders (fingerprint, occurrence) WHERE takes = 1;
CREATE        INDEX orders_released ON orders (fingerprint, occurrence) WHERE override = 1;
CREATE UNIQUE INDEX orders_number   ON orders (host, order_number)      WHERE order_number IS NOT NULL;
CREATE UNIQUE INDEX orders_order_id ON orders (host, order_id)          WHERE order_id IS NOT NULL;

CREATE TABLE contents (
  id       INTEGER PRIMARY KEY REFERENCES orders (id),
  payload  BLOB,
  cells    BLOB,
  findings BLOB
) STRICT;

CREATE TABLE identifiers (          -- keys of the people and things an order is for
  id  INTEGER NOT NULL REFERENCES orders (id),
  key BLOB NOT NULL,
  PRIMARY KEY (id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX identifiers_key ON identifiers (key);

CREATE TABLE attempts (             -- those before the one that the row carries; with no sent_at: an answer that came too late to be booked
  id           INTEGER NOT NULL REFERENCES orders (id),
  request_id   TEXT NOT NULL,
  sent_at      INTEGER,
  ended_at     INTEGER NOT NULL,
  outcome      TEXT NOT NULL,       -- ordered, rejected, in_doubt or ready: not sent
  reason       TEXT NOT NULL,
  message      TEXT NOT NULL,
  http_status  INTEGER NOT NULL,
  order_id     INTEGER,
  order_number TEXT
) STRICT;

CREATE INDEX attempts_order ON attempts (id);

CREATE TABLE verdicts (             -- a person's words; only ever added to
  id           INTEGER NOT NULL REFERENCES orders (id),
  decided_at   INTEGER NOT NULL,
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL,
  from_state   TEXT NOT NULL,
  to_state     TEXT NOT NULL,
  occurrence   INTEGER NOT NULL,    -- as the verdict left it
  order_number TEXT
) STRICT;

CREATE INDEX verdicts_order ON verdicts (id);
