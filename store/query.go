package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"

	"andon/plant"
)

// ErrNotFound says that no record has that id.
var ErrNotFound = errors.New("no such record")

// Progress is how far an area's stream is in the records.
//
// Facts, stops and alarms are complete up to Time. Of a large area, alarms may
// be written ahead of the facts: they are up to Pos, and some of the facts may
// be as new.
type Progress struct {
	Pos        uint64
	Time       plant.Instant
	SnapshotAt uint64
	Snapshot   []byte
}

// Progress returns how far area came; the zero Progress when it never did.
func (s *Store) Progress(ctx context.Context, area string) (Progress, error) {
	var p Progress
	row := s.read.QueryRowContext(ctx, `SELECT pos, time, snapshot_at, snapshot FROM progress WHERE area = ?`, area)
	err := row.Scan(&p.Pos, (*int64)(&p.Time), &p.SnapshotAt, &p.Snapshot)
	if errors.Is(err, sql.ErrNoRows) {
		return Progress{}, nil
	}
	if err != nil {
		return Progress{}, fmt.Errorf("read progress of %s: %w", area, err)
	}
	return p, nil
}

// LastTime returns the latest stream time that any area came to, 0 when none
// began.
func (s *Store) LastTime(ctx context.Context) (plant.Instant, error) {
	var t plant.Instant
	if err := s.read.QueryRowContext(ctx, `SELECT COALESCE(MAX(time), 0) FROM progress`).Scan((*int64)(&t)); err != nil {
		return 0, fmt.Errorf("read last progress: %w", err)
	}
	return t, nil
}

// Segments returns the segments of one equipment that overlap w, by time. An
// open segment has End 0.
func (s *Store) Segments(ctx context.Context, equipment string, w plant.Interval) ([]Segment, error) {
	return list(ctx, s, func(r *sql.Rows) (x Segment, err error) {
		return x, r.Scan((*int64)(&x.Start), (*int64)(&x.End), &x.State, &x.Body)
	}, `SELECT start, end, state, body FROM segments WHERE equipment = ?1 AND start < ?3 AND
		start >= COALESCE((SELECT MAX(start) FROM segments WHERE equipment = ?1 AND start <= ?2), ?2) AND (end > ?2 OR end = 0)
		ORDER BY start`, equipment, int64(w.From), int64(w.To))
}

// Counts returns the counts of one equipment whose minute starts in w, by
// time.
func (s *Store) Counts(ctx context.Context, equipment string, w plant.Interval) ([]Count, error) {
	return list(ctx, s, func(r *sql.Rows) (x Count, err error) {
		return x, r.Scan((*int64)(&x.Start), &x.Part, &x.Body)
	}, `SELECT start, part, body FROM counts WHERE equipment = ? AND start >= ? AND start < ? ORDER BY start, part`,
		equipment, int64(w.From), int64(w.To))
}

// A StopFilter selects stops; zero fields select all.
type StopFilter struct {
	Window    plant.Interval // stops that overlap it
	Equipment string         // a path, or the path of a line, area or site above it
	Open      bool           // only those that last
	Limit     int            // at most so many, 0 means 1,000; or All
}

// Stops returns the stops that f selects, latest first, voided ones left out.
func (s *Store) Stops(ctx context.Context, f StopFilter) ([]Stop, error) {
	var q where
	q.add("void = 0")
	if f.Window.To != 0 {
		q.add("start < ?", int64(f.Window.To))
	}
	if f.Window.From != 0 {
		// A union of two ranges of one index: with OR the whole history
		// before the window would be read.
		q.add("id IN (SELECT id FROM stops WHERE end = 0 UNION ALL SELECT id FROM stops WHERE end > ?)", int64(f.Window.From))
	}
	if f.Open {
		q.add("end = 0")
	}
	q.below(f.Equipment)
	return list(ctx, s, scanStop, stopColumns+q.clause()+` ORDER BY start DESC, id LIMIT ?`, q.limit(f.Limit)...)
}

// An AlarmFilter selects alarms; zero fields select all.
type AlarmFilter struct {
	Window    plant.Interval // alarms raised in it
	Equipment string         // a path, or the path of a line, area or site above it
	Class     string
	Open      bool // only those that still need somebody
	Limit     int  // at most so many, 0 means 1,000; or All
}

// Alarms returns the alarms that f selects, latest first.
func (s *Store) Alarms(ctx context.Context, f AlarmFilter) ([]Alarm, error) {
	var q where
	if f.Window.To != 0 {
		q.add("raised < ?", int64(f.Window.To))
	}
	if f.Window.From != 0 {
		q.add("raised >= ?", int64(f.Window.From))
	}
	if f.Class != "" {
		q.add("class = ?", f.Class)
	}
	if f.Open {
		q.add("open = 1")
	}
	q.below(f.Equipment)
	return list(ctx, s, scanAlarm, alarmColumns+q.clause()+` ORDER BY raised DESC, id LIMIT ?`, q.limit(f.Limit)...)
}

const alarmColumns = `SELECT id, area, equipment, rule, class, priority, state, open, raised, body FROM alarms`

func scanAlarm(r *sql.Rows) (x Alarm, err error) {
	return x, r.Scan(&x.ID, &x.Area, &x.Equipment, &x.Rule, &x.Class, &x.Priority, &x.State, &x.Open, (*int64)(&x.Raised), &x.Body)
}

// Alarm returns one alarm, or ErrNotFound.
func (s *Store) Alarm(ctx context.Context, id string) (Alarm, error) {
	found, err := list(ctx, s, scanAlarm, alarmColumns+` WHERE id = ?`, id)
	if err == nil && len(found) == 0 {
		return Alarm{}, fmt.Errorf("alarm %.64q: %w", id, ErrNotFound)
	}
	if err != nil {
		return Alarm{}, err
	}
	return found[0], nil
}

// Transitions returns the changes of one alarm, oldest first.
func (s *Store) Transitions(ctx context.Context, alarm string) ([]Transition, error) {
	return list(ctx, s, func(r *sql.Rows) (x Transition, err error) {
		return x, r.Scan(&x.ID, &x.Alarm, (*int64)(&x.Time), &x.Body)
	}, `SELECT id, alarm, time, body FROM transitions WHERE alarm = ? ORDER BY time, json_extract(body, '$.seq')`, alarm)
}

// A where builds the WHERE clause of one query.
type where struct {
	parts []string
	args  []any
}

func (w *where) add(cond string, args ...any) {
	w.parts, w.args = append(w.parts, cond), append(w.args, args...)
}

// below selects the equipment with that path or below it.
func (w *where) below(path string) {
	if path != "" {
		// '0' is the character after '/': the range holds all paths below.
		w.add("(equipment = ? OR equipment >= ? AND equipment < ?)", path, path+"/", path+"0")
	}
}

func (w *where) clause() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.parts, " AND ")
}

// maxRows bounds every answer that is not for All.
const maxRows = 1000

// All is the limit of a filter that is to select every row.
const All = math.MaxInt32

func (w *where) limit(n int) []any {
	if n <= 0 || n > maxRows && n != All {
		n = maxRows
	}
	return append(w.args, n)
}

func list[T any](ctx context.Context, s *Store, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := s.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("query records: %w", s.note(err))
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		x, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read record: %w", err)
		}
		all = append(all, x)
	}
	return all, s.note(rows.Err())
}
