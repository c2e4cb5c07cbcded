package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"andon/plant"
)

const stopColumns = `SELECT id, equipment, start, end, state, category, void, body FROM stops`

func scanStop(r *sql.Rows) (x Stop, err error) {
	return x, r.Scan(&x.ID, &x.Equipment, (*int64)(&x.Start), (*int64)(&x.End), &x.State, &x.Category, &x.Void, &x.Body)
}

// StopsOf returns the stops of one equipment that overlap w, by start, voided
// ones left out. It reads no other stops: those of one equipment follow each
// other, so that only the last one before w can reach into it.
func (s *Store) StopsOf(ctx context.Context, equipment string, w plant.Interval) ([]Stop, error) {
	return list(ctx, s, scanStop, stopColumns+` WHERE equipment = ?1 AND void = 0 AND start < ?3 AND
		start >= COALESCE((SELECT MAX(start) FROM stops WHERE equipment = ?1 AND void = 0 AND start <= ?2), ?2) AND (end > ?2 OR end = 0)
		ORDER BY start`, equipment, int64(w.From), int64(w.To))
}

// maxSelected bounds the equipment that StopsBack looks up one by one; of more
// it goes through the stops of all.
const maxSelected = 32

// StopsBack goes n stops back from t, or as many as there are, and returns
// how many they were and when the earliest of them began. They are stops of
// the equipment; of more than 32, those of all equipment.
func (s *Store) StopsBack(ctx context.Context, equipment []string, t plant.Instant, n int) (from plant.Instant, found int, err error) {
	back := `SELECT start FROM stops WHERE void = 0 AND start < ? ORDER BY start DESC LIMIT ?`
	args := []any{int64(t), n}
	if len(equipment) <= maxSelected {
		var each []string
		args = nil
		for _, path := range equipment {
			each = append(each, `SELECT * FROM (SELECT start FROM stops WHERE equipment = ? AND void = 0 AND start < ? ORDER BY start DESC LIMIT ?)`)
			args = append(args, path, int64(t), n)
		}
		back, args = strings.Join(each, " UNION ALL ")+` ORDER BY start DESC LIMIT ?`, append(args, n)
	}
	if len(equipment) == 0 {
		return 0, 0, nil
	}
	var first sql.NullInt64
	if err := s.read.QueryRowContext(ctx, `SELECT MIN(start), COUNT(*) FROM (`+back+`)`, args...).Scan(&first, &found); err != nil {
		return 0, 0, fmt.Errorf("query records: %w", err)
	}
	return plant.Instant(first.Int64), found, nil
}

// StoppedIn returns the paths of equipment with a stop that began in w, or
// with an edit that speaks of it, each once.
func (s *Store) StoppedIn(ctx context.Context, w plant.Interval) ([]string, error) {
	return list(ctx, s, func(r *sql.Rows) (path string, err error) { return path, r.Scan(&path) },
		`SELECT equipment FROM stops WHERE void = 0 AND start >= ?1 AND start < ?2
		UNION SELECT equipment FROM edits WHERE start < ?2 AND end >= ?1`, int64(w.From), int64(w.To))
}

// SegmentsFrom returns the first n segments of one equipment that start at t
// or later, by time.
func (s *Store) SegmentsFrom(ctx context.Context, equipment string, t plant.Instant, n int) ([]Segment, error) {
	return list(ctx, s, func(r *sql.Rows) (x Segment, err error) {
		return x, r.Scan((*int64)(&x.Start), (*int64)(&x.End), &x.State, &x.Body)
	}, `SELECT start, end, state, body FROM segments WHERE equipment = ? AND start >= ? ORDER BY start LIMIT ?`, equipment, int64(t), n)
}
