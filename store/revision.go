package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"andon/plant"
)

// OpenReadOnly opens existing records for reading only, also while a daemon
// writes them. Its schema must be that of this andon.
func OpenReadOnly(ctx context.Context, path string) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open records: %w", err)
	}
	read, err := openDB(path, "_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	read.SetMaxOpenConns(maxReaders)
	if err := current(ctx, read); err != nil {
		return nil, fmt.Errorf("open records %s: %w", path, errors.Join(err, read.Close()))
	}
	return &Store{write: read, read: read, broken: make(chan struct{})}, nil
}

// current returns an error unless the schema is that of this andon.
func current(ctx context.Context, db *sql.DB) error {
	names, err := migrations.ReadDir("migrations")
	if err != nil {
		return err
	}
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if version != len(names) {
		return fmt.Errorf("schema version %d, want %d: let the daemon of this andon start once", version, len(names))
	}
	return nil
}

// longestWindow is more than any window of KPIs lasts.
const longestWindow = 49 * time.Hour

// KPIsOver returns the latest revisions of one path whose windows overlap w,
// by start.
func (s *Store) KPIsOver(ctx context.Context, path string, w plant.Interval) ([]KPI, error) {
	return list(ctx, s, scanKPI, kpiColumns+` WHERE path = ? AND window IN ('hour', 'shift', 'day') AND start > ? AND start < ? AND end > ? AND
		revision = (SELECT MAX(revision) FROM kpis b WHERE b.path = a.path AND b.window = a.window AND b.start = a.start)
		ORDER BY start, window`, path, int64(w.From.Add(-longestWindow)), int64(w.To), int64(w.From))
}

// LastWindow returns the start of the last window of one path that has a
// revision, 0 when none has.
func (s *Store) LastWindow(ctx context.Context, path, window string) (plant.Instant, error) {
	return s.instant(ctx, `SELECT MAX(start) FROM kpis WHERE path = ? AND window = ?`, path, window)
}

// FirstSegment returns the start of the first segment of one equipment, 0
// when it has none.
func (s *Store) FirstSegment(ctx context.Context, equipment string) (plant.Instant, error) {
	return s.instant(ctx, `SELECT MIN(start) FROM segments WHERE equipment = ?`, equipment)
}

// SegmentBefore returns the last segment of one equipment that begins before
// t; false when there is none.
func (s *Store) SegmentBefore(ctx context.Context, equipment string, t plant.Instant) (Segment, bool, error) {
	found, err := list(ctx, s, func(r *sql.Rows) (x Segment, err error) {
		return x, r.Scan((*int64)(&x.Start), (*int64)(&x.End), &x.State, &x.Body)
	}, `SELECT start, end, state, body FROM segments WHERE equipment = ? AND start < ? ORDER BY start DESC LIMIT 1`, equipment, int64(t))
	if err != nil || len(found) == 0 {
		return Segment{}, false, err
	}
	return found[0], true, nil
}

func (s *Store) instant(ctx context.Context, query string, args ...any) (plant.Instant, error) {
	var t sql.NullInt64
	if err := s.read.QueryRowContext(ctx, query, args...).Scan(&t); err != nil {
		return 0, fmt.Errorf("query records: %w", s.note(err))
	}
	return plant.Instant(t.Int64), nil
}

// Time returns the stream time up to which the records of an area are
// complete, 0 when there are none.
func (s *Store) Time(ctx context.Context, area string) (plant.Instant, error) {
	return s.instant(ctx, `SELECT MAX(time) FROM progress WHERE area = ?`, area)
}
