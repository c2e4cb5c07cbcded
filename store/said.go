package store

import (
	"context"
	"fmt"
)

// Said returns how many edits the records have of an area, so that a screen
// sees that somebody said something.
func (s *Store) Said(ctx context.Context, area string) (int64, error) {
	var n int64
	// They are numbered without gaps: the last one tells, without counting.
	if err := s.read.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM edits WHERE area = ?`, area).Scan(&n); err != nil {
		return 0, fmt.Errorf("query records: %w", err)
	}
	return n, nil
}
