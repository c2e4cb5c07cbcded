package store

import (
	"context"
	"iter"
	"strings"

	"andon/plant"
)

// rowsAtOnce is how many rows one statement writes while there are as many:
// most of what a row costs is the statement around it.
const rowsAtOnce = 16

// rewrites replaces facts, those of many machines with one statement.
func (w *writer) rewrites(ctx context.Context, list []Rewrite) {
	for len(list) > 0 {
		n, seen := 0, map[string]bool{}
		for n < len(list) && !seen[list[n].Equipment] { // rewrites of one follow one another
			seen[list[n].Equipment] = true
			n++
		}
		w.replaced(ctx, list[:n])
		w.replacing(ctx, list[:n])
		list = list[n:]
	}
}

// replaced takes away what the rewrites replace. No equipment is in two.
func (w *writer) replaced(ctx context.Context, list []Rewrite) {
	counts, meters := map[plant.Instant][]any{}, map[plant.Instant][]any{}
	for _, r := range list {
		if r.From != 0 {
			w.exec(ctx, `DELETE FROM segments WHERE equipment = ? AND start >= ?`, r.Equipment, r.From)
			// One that a lost snapshot left open ends where the new ones begin.
			w.exec(ctx, `UPDATE segments SET end = ? WHERE equipment = ? AND start < ? AND (end = 0 OR end > ?)`, r.From, r.Equipment, r.From, r.From)
		}
		if r.CountsFrom != 0 {
			counts[r.CountsFrom] = append(counts[r.CountsFrom], r.Equipment)
		}
		if r.MetersFrom != 0 {
			meters[r.MetersFrom] = append(meters[r.MetersFrom], r.Equipment)
		}
	}
	w.remove(ctx, `DELETE FROM counts WHERE start >= ? AND equipment IN `, counts)
	w.remove(ctx, `DELETE FROM meters WHERE start >= ? AND equipment IN `, meters)
}

// remove runs a statement for each time, with the equipment behind it.
func (w *writer) remove(ctx context.Context, query string, equipment map[plant.Instant][]any) {
	for from, all := range equipment {
		for part := range atOnce(all, 1) {
			w.exec(ctx, query+tuple(len(part)), append([]any{from}, part...)...)
		}
	}
}

// replacing writes the rows of the rewrites.
func (w *writer) replacing(ctx context.Context, list []Rewrite) {
	var segments, counts, meters []any
	for _, r := range list {
		for _, x := range r.Segments {
			segments = append(segments, r.Equipment, x.Start, x.End, x.State, string(x.Body))
		}
		for _, x := range r.Counts {
			counts = append(counts, r.Equipment, x.Start, x.Part, string(x.Body))
		}
		for _, x := range r.Meters {
			meters = append(meters, r.Equipment, x.Start, x.Safety, string(x.Body))
		}
	}
	w.insert(ctx, `INSERT OR REPLACE INTO meters (equipment, start, safety, body) VALUES `, 4, meters)
	w.insert(ctx, `INSERT OR REPLACE INTO segments (equipment, start, end, state, body) VALUES `, 5, segments)
	w.insert(ctx, `INSERT OR REPLACE INTO counts (equipment, start, part, body) VALUES `, 4, counts)
}

// insert writes rows of so many columns, one behind the other in values.
func (w *writer) insert(ctx context.Context, query string, columns int, values []any) {
	for part := range atOnce(values, columns) {
		rows := len(part) / columns
		w.exec(ctx, query+strings.Repeat(tuple(columns)+",", rows-1)+tuple(columns), part...)
	}
}

// atOnce yields the values of rowsAtOnce rows, and of single rows at the end:
// so there are few texts of statements.
func atOnce(values []any, columns int) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for n := rowsAtOnce * columns; len(values) > 0; values = values[n:] {
			if n > len(values) {
				n = columns
			}
			if !yield(values[:n:n]) {
				return
			}
		}
	}
}

// tuple is n parameters.
func tuple(n int) string { return "(" + strings.Repeat("?,", n-1) + "?)" }
