-- The tables of 1.sql to 4.sql on PostgreSQL, in a schema of their own, and what only hosts that share a ledger need: sessions and pace.
-- Times of the orders are microseconds since 1970 in UTC, by this server's clock as the host knows it; those of sessions and pace are this server's own.

CREATE SCHEMA orderimport;

CREATE TABLE orderimport.facts (
  name  TEXT PRIMARY KEY,
  value BYTEA NOT NULL
);

CREATE TABLE orderimport.sessions ( -- processes that have the ledger open for writing; each holds an advisory lock on its id
  id        INTEGER PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  host      TEXT NOT NULL,
  pid       INTEGER NOT NULL,
  opened_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
  seen_at   TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE orderimport.pace (     -- of all hosts together, by the host of the API
  host         TEXT PRIMARY KEY,
  last_at      TIMESTAMPTZ NOT NULL, -- the last order's slot
  paused_until TIMESTAMPTZ NOT NULL
);

CREATE TABLE orderimport.hosts (
  id   BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  name TEXT NOT NULL UNIQUE
);

CREATE TABLE orderimport.accounts (
  id       BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  host     BIGINT NOT NULL REFERENCES orderimport.hosts (id),
  customer TEXT NOT NULL,
  UNIQUE (host, customer)
);

CREATE TABLE orderimport.runs (
  id         BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  name       TEXT NOT NULL UNIQUE,
  host       BIGINT NOT NULL REFERENCES orderimport.hosts (id),
  state      TEXT NOT NULL CHECK (state IN ('staged', 'running', 'stopped', 'done')),
  session    INTEGER,               -- who sends it
  file       TEXT NOT NULL,
  sha256     TEXT NOT NULL,
  format     TEXT NOT NULL,
  sheet      TEXT NOT NULL,
  header_row BIGINT NOT NULL,
  columns    TEXT NOT NULL,
  endpoint   TEXT NOT NULL,
  package    BIGINT NOT NULL,
  profile    BYTEA,
  schemas    BYTEA,
  options    BYTEA,
  notes      BYTEA,
  started_at BIGINT NOT NULL,
  first      BIGINT NOT NULL,       -- id × 2³², so that hosts can stage side by side
  count      BIGINT NOT NULL,
  CHECK ((state = 'running') = (session IS NOT NULL))
);

CREATE TABLE orderimport.orders (
  id           BIGINT PRIMARY KEY,
  run          BIGINT NOT NULL REFERENCES orderimport.runs (id),
  number       BIGINT NOT NULL,
  host         BIGINT NOT NULL REFERENCES orderimport.hosts (id),
  account      BIGINT NOT NULL REFERENCES orderimport.accounts (id),
  package      BIGINT NOT NULL,
  fingerprint  BYTEA,
  occurrence   BIGINT NOT NULL,
  override     BIGINT NOT NULL,
  state        TEXT NOT NULL,
  takes        BIGINT NOT NULL DEFAULT 0,
  reason       TEXT NOT NULL,
  message      TEXT NOT NULL,
  twin         BIGINT REFERENCES orderimport.orders (id),
  request_id   TEXT,
  sent_at      BIGINT,
  ended_at     BIGINT,
  http_status  BIGINT NOT NULL DEFAULT 0,
  order_id     BIGINT,
  order_number TEXT,
  decided_by   TEXT,
  since        BIGINT NOT NULL DEFAULT 0,
  bars         BIGINT NOT NULL DEFAULT 0,
  CHECK ((state = 'ordered') = (order_number IS NOT NULL)),
  CHECK (takes IS NOT DISTINCT FROM CASE
    WHEN state IN ('sending', 'ordered', 'in_doubt') THEN 1
    WHEN state IN ('ready', 'rejected', 'invalid', 'held', 'duplicate', 'skipped', 'closed') THEN 0
  END)
);

CREATE UNIQUE INDEX orders_place    ON orderimport.orders (run, number);
CREATE        INDEX orders_account  ON orderimport.orders (account);
CREATE UNIQUE INDEX orders_identity ON orderimport.orders (fingerprint, occurrence) WHERE takes = 1;
CREATE        INDEX orders_released ON orderimport.orders (fingerprint, occurrence) WHERE override = 1;
CREATE        INDEX orders_barring  ON orderimport.orders (fingerprint, occurrence) WHERE bars > 0;
CREATE UNIQUE INDEX orders_number   ON orderimport.orders (host, order_number)      WHERE order_number IS NOT NULL;
CREATE UNIQUE INDEX orders_order_id ON orderimport.orders (host, order_id)          WHERE order_id IS NOT NULL;

CREATE TABLE orderimport.contents (
  id       BIGINT PRIMARY KEY REFERENCES orderimport.orders (id),
  payload  BYTEA,
  cells    BYTEA,
  findings BYTEA
);

CREATE TABLE orderimport.identifiers (
  id  BIGINT NOT NULL REFERENCES orderimport.orders (id),
  key BYTEA NOT NULL,
  PRIMARY KEY (id, key)
);

CREATE INDEX identifiers_key ON orderimport.identifiers (key);

CREATE TABLE orderimport.attempts (
  rowid        BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  id           BIGINT NOT NULL REFERENCES orderimport.orders (id),
  request_id   TEXT NOT NULL,
  sent_at      BIGINT,
  ended_at     BIGINT NOT NULL,
  outcome      TEXT NOT NULL,
  reason       TEXT NOT NULL,
  message      TEXT NOT NULL,
  http_status  BIGINT NOT NULL,
  order_id     BIGINT,
  order_number TEXT
);

CREATE INDEX attempts_order ON orderimport.attempts (id);

CREATE TABLE orderimport.verdicts (
  rowid        BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  id           BIGINT NOT NULL REFERENCES orderimport.orders (id),
  decided_at   BIGINT NOT NULL,
  decided_by   TEXT NOT NULL,
  reason       TEXT NOT NULL,
  from_state   TEXT NOT NULL,
  to_state     TEXT NOT NULL,
  occurrence   BIGINT NOT NULL,
  order_number TEXT
);

CREATE INDEX verdicts_order ON orderimport.verdicts (id);
