-- Lists of stops go back in time, of all equipment or of some, page by page.
DROP INDEX stops_by_start;
CREATE INDEX stops_began ON stops (start, equipment) WHERE void = 0;
CREATE INDEX stops_of_equipment ON stops (equipment, start) WHERE void = 0;

-- Most looks at edits ask which of one equipment reach into a time: the index
-- alone answers.
DROP INDEX edits_by_equipment;
CREATE INDEX edits_by_equipment ON edits (equipment, start, end);
