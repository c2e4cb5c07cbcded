-- Changed time is gathered: what keeps changing for one cause is one row.
CREATE TABLE changed (
  kind      TEXT    NOT NULL, -- facts, said, recompute
  equipment TEXT    NOT NULL, -- of recompute a pattern of paths
  why       TEXT    NOT NULL,
  part      INTEGER NOT NULL, -- tells apart what is not gathered, 0 for facts
  start     INTEGER NOT NULL,
  end       INTEGER NOT NULL,
  first     INTEGER NOT NULL, -- stream time of the first and the last change
  last      INTEGER NOT NULL,
  version   INTEGER NOT NULL, -- rises with each change
  PRIMARY KEY (kind, equipment, why, part)
) WITHOUT ROWID;
INSERT INTO changed SELECT 'facts', equipment, why, 0, MIN(start), MAX(end), 0, 0, 1 FROM dirty GROUP BY equipment, why;
DROP TABLE dirty;
ALTER TABLE changed RENAME TO dirty;

-- Points of revisions that were made while no daemon ran. The next one
-- publishes them.
CREATE TABLE unpublished (
  seq   INTEGER PRIMARY KEY,
  area  TEXT NOT NULL, -- path
  lines BLOB NOT NULL  -- line protocol
);
