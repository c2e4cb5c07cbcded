-- What meters showed in each minute: energy, material levels, safety.
CREATE TABLE meters (
  equipment TEXT    NOT NULL,
  start     INTEGER NOT NULL,
  safety    INTEGER NOT NULL, -- 1 when something safety-relevant happened
  body      TEXT    NOT NULL,
  PRIMARY KEY (equipment, start)
) WITHOUT ROWID;
CREATE INDEX meters_safety ON meters (equipment, start) WHERE safety = 1;

-- What people said of stops and counts, in the order in which it was taken.
-- Rows are never changed: each carries the hash of the one before.
CREATE TABLE edits (
  area      TEXT    NOT NULL,
  seq       INTEGER NOT NULL, -- from 1, without gaps
  id        TEXT    NOT NULL, -- of the command
  pos       INTEGER NOT NULL, -- its stream position
  time      INTEGER NOT NULL, -- its stream time
  equipment TEXT    NOT NULL,
  start     INTEGER NOT NULL, -- the time that it speaks of
  end       INTEGER NOT NULL,
  kind      TEXT    NOT NULL,
  user      TEXT    NOT NULL,
  body      TEXT    NOT NULL,
  PRIMARY KEY (area, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX edits_by_id ON edits (id);
CREATE INDEX edits_by_equipment ON edits (equipment, start);

-- KPIs of windows that are over, one row a revision. Earlier revisions stay.
CREATE TABLE kpis (
  path     TEXT    NOT NULL, -- of equipment, line, area or site
  window   TEXT    NOT NULL, -- hour, shift or day
  start    INTEGER NOT NULL,
  revision INTEGER NOT NULL, -- from 1
  end      INTEGER NOT NULL,
  time     INTEGER NOT NULL, -- stream time at which it was computed
  hash     TEXT    NOT NULL, -- of the facts and definitions that it came from
  why      TEXT    NOT NULL, -- what changed since the revision before, for people
  body     TEXT    NOT NULL,
  PRIMARY KEY (path, window, start, revision)
) WITHOUT ROWID;
CREATE INDEX kpis_by_start ON kpis (start);

-- Time whose facts changed and whose stored KPIs are to be looked at again.
CREATE TABLE dirty (
  equipment TEXT    NOT NULL,
  start     INTEGER NOT NULL,
  end       INTEGER NOT NULL,
  why       TEXT    NOT NULL,
  PRIMARY KEY (equipment, start, end, why)
) WITHOUT ROWID;

-- Orders that people gave; those of the configuration are not here.
CREATE TABLE orders (
  id    TEXT    PRIMARY KEY,
  line  TEXT    NOT NULL, -- path
  start INTEGER NOT NULL,
  body  TEXT    NOT NULL
) WITHOUT ROWID;
