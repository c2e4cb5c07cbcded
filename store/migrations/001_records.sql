-- Times are nanoseconds since 1970-01-01T00:00:00Z. body is the record as
-- JSON, the columns beside it are what queries select and sort by.

CREATE TABLE progress (
  area        TEXT PRIMARY KEY,
  pos         INTEGER NOT NULL, -- last stream position whose outputs are here
  time        INTEGER NOT NULL, -- its stream time
  snapshot_at INTEGER NOT NULL DEFAULT 0, -- position of snapshot
  snapshot    BLOB
);

CREATE TABLE segments (
  equipment TEXT    NOT NULL,
  start     INTEGER NOT NULL,
  end       INTEGER NOT NULL,
  state     TEXT    NOT NULL,
  body      TEXT    NOT NULL,
  PRIMARY KEY (equipment, start)
) WITHOUT ROWID;

CREATE TABLE counts (
  equipment TEXT    NOT NULL,
  start     INTEGER NOT NULL,
  part      TEXT    NOT NULL, -- product, order and shift the units belong to
  body      TEXT    NOT NULL,
  PRIMARY KEY (equipment, start, part)
) WITHOUT ROWID;

CREATE TABLE stops (
  id        TEXT PRIMARY KEY,
  equipment TEXT    NOT NULL,
  start     INTEGER NOT NULL,
  end       INTEGER NOT NULL, -- 0 while open
  state     TEXT    NOT NULL,
  category  TEXT    NOT NULL,
  void      INTEGER NOT NULL,
  body      TEXT    NOT NULL
) WITHOUT ROWID;
CREATE INDEX stops_by_start ON stops (start);
CREATE INDEX stops_by_end ON stops (end);

CREATE TABLE alarms (
  id        TEXT PRIMARY KEY,
  area      TEXT    NOT NULL,
  equipment TEXT    NOT NULL,
  rule      TEXT    NOT NULL,
  class     TEXT    NOT NULL,
  priority  TEXT    NOT NULL,
  state     TEXT    NOT NULL,
  open      INTEGER NOT NULL,
  raised    INTEGER NOT NULL,
  body      TEXT    NOT NULL
) WITHOUT ROWID;
CREATE INDEX alarms_by_time ON alarms (raised);
CREATE INDEX alarms_by_equipment ON alarms (equipment, raised);
CREATE INDEX alarms_open ON alarms (open) WHERE open = 1;

CREATE TABLE transitions (
  id    TEXT PRIMARY KEY,
  alarm TEXT    NOT NULL,
  time  INTEGER NOT NULL,
  body  TEXT    NOT NULL
) WITHOUT ROWID;
CREATE INDEX transitions_by_alarm ON transitions (alarm, time);

CREATE TABLE outbox (
  id       TEXT PRIMARY KEY,
  contact  TEXT    NOT NULL,
  alarm    TEXT    NOT NULL,
  seq      INTEGER NOT NULL, -- order in which messages to one contact arose
  state    TEXT    NOT NULL, -- queued, sending, sent, dead
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at  INTEGER NOT NULL,
  created  INTEGER NOT NULL,
  done_at  INTEGER NOT NULL DEFAULT 0,
  error    TEXT    NOT NULL DEFAULT '',
  body     TEXT    NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX outbox_order ON outbox (seq);
CREATE INDEX outbox_by_alarm ON outbox (alarm, seq);
CREATE INDEX outbox_waiting ON outbox (contact, seq) WHERE state IN ('queued', 'sending');
