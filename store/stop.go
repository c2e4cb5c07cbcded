package store

import (
	"context"
	"fmt"
)

// Stop returns one stop that was not voided, or ErrNotFound.
func (s *Store) Stop(ctx context.Context, id string) (Stop, error) {
	found, err := list(ctx, s, scanStop, stopColumns+` WHERE id = ? AND void = 0`, id)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("stop %.64q: %w", id, ErrNotFound)
	}
	if err != nil {
		return Stop{}, err
	}
	return found[0], nil
}

// EditsNamed returns the edit of that id and those of the command of that id,
// in their order.
func (s *Store) EditsNamed(ctx context.Context, id string) ([]Edit, error) {
	// A command with several edits numbers them: "$" follows "#".
	return list(ctx, s, scanEdit, editColumns+` WHERE id = ?1 OR (id >= ?1 || '#' AND id < ?1 || '$') ORDER BY area, seq`, id)
}

// Edit returns one edit by its id, or by that of its command the first of it,
// or ErrNotFound.
func (s *Store) Edit(ctx context.Context, id string) (Edit, error) {
	found, err := list(ctx, s, scanEdit, editColumns+` WHERE id IN (?, ?) LIMIT 1`, id, id+"#1")
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("edit %.64q: %w", id, ErrNotFound)
	}
	if err != nil {
		return Edit{}, err
	}
	return found[0], nil
}
