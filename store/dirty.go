package store

import (
	"context"
	"database/sql"
	"fmt"

	"andon/plant"
)

// The kinds of changed time.
const (
	DirtyFacts     = "facts"     // facts changed by themselves: changes of one cause are gathered in one row
	DirtySaid      = "said"      // somebody said something
	DirtyRecompute = "recompute" // somebody wants the windows that start in it renewed; Equipment is a pattern of paths, "" for all
)

// A Dirty is time whose facts changed, so that KPIs of it may be others now.
type Dirty struct {
	Kind        string
	Equipment   string
	Start, End  plant.Instant
	Why         string
	First, Last plant.Instant // stream time of the first and the last change
	Version     int64         // rises with each change; set by the records
}

// part tells rows apart that have the same kind, equipment and cause.
func (d Dirty) part() plant.Instant {
	switch d.Kind {
	case DirtySaid:
		return d.Start
	case DirtyRecompute:
		return d.First // when it was asked for: Start moves on with the work
	}
	return 0
}

func (w *writer) dirty(ctx context.Context, list []Dirty) {
	for _, x := range list {
		w.exec(ctx, `INSERT INTO dirty (kind, equipment, why, part, start, end, first, last, version) VALUES (?,?,?,?,?,?,?,?,1)
			ON CONFLICT DO UPDATE SET start = MIN(start, excluded.start), end = MAX(end, excluded.end),
			first = MIN(first, excluded.first), last = MAX(last, excluded.last), version = version + 1`,
			x.Kind, x.Equipment, x.Why, x.part(), x.Start, x.End, x.First, x.Last)
	}
}

// DirtyTime returns all changed time: what people said first, each kind in
// the order of time.
func (s *Store) DirtyTime(ctx context.Context) ([]Dirty, error) {
	return list(ctx, s, func(r *sql.Rows) (x Dirty, err error) {
		return x, r.Scan(&x.Kind, &x.Equipment, &x.Why, (*int64)(&x.Start), (*int64)(&x.End), (*int64)(&x.First), (*int64)(&x.Last), &x.Version)
	}, `SELECT kind, equipment, why, start, end, first, last, version FROM dirty ORDER BY kind DESC, first, equipment, start, why`)
}

// Points are points of one area on their way to the stream.
type Points struct {
	Seq   int64 // set by the records
	Area  string
	Lines []byte // line protocol
}

// Unpublished returns up to n points that no daemon has published yet, in
// their order.
func (s *Store) Unpublished(ctx context.Context, n int) ([]Points, error) {
	return list(ctx, s, func(r *sql.Rows) (x Points, err error) {
		return x, r.Scan(&x.Seq, &x.Area, &x.Lines)
	}, `SELECT seq, area, lines FROM unpublished ORDER BY seq LIMIT ?`, n)
}

// Published forgets points that are on the stream now.
func (s *Store) Published(ctx context.Context, seq int64) error {
	if _, err := s.write.ExecContext(ctx, `DELETE FROM unpublished WHERE seq = ?`, seq); err != nil {
		return fmt.Errorf("forget published points: %w", err)
	}
	return nil
}

// Revised is what one transaction of revisions writes.
type Revised struct {
	KPIs []KPI
	// Done is changed time that was looked at. What changed again since it
	// was read stays.
	Done []Dirty
	// Rest is what is left of changed time, in the place of its row in Done.
	Rest []Dirty
	// Points wait for a daemon.
	Points []Points
}

// Revise writes revisions together with what led to them.
func (s *Store) Revise(ctx context.Context, r Revised) error {
	err := s.transaction(ctx, func(w *writer) {
		for _, k := range r.KPIs {
			w.exec(ctx, `INSERT OR REPLACE INTO kpis (path, window, start, revision, end, time, hash, why, body) VALUES (?,?,?,?,?,?,?,?,?)`,
				k.Path, k.Window, k.Start, k.Revision, k.End, k.Time, k.Hash, k.Why, string(k.Body))
		}
		for _, d := range r.Done {
			w.exec(ctx, `DELETE FROM dirty WHERE kind = ? AND equipment = ? AND why = ? AND part = ? AND version = ?`,
				d.Kind, d.Equipment, d.Why, d.part(), d.Version)
		}
		w.dirty(ctx, r.Rest)
		for _, p := range r.Points {
			w.exec(ctx, `INSERT INTO unpublished (area, lines) VALUES (?,?)`, p.Area, p.Lines)
		}
	})
	if err != nil {
		return fmt.Errorf("write revisions: %w", err)
	}
	return nil
}

// NextKPI returns the start of the first window at or after t that has a
// revision, 0 when there is none.
func (s *Store) NextKPI(ctx context.Context, t plant.Instant) (plant.Instant, error) {
	return s.instant(ctx, `SELECT MIN(start) FROM kpis WHERE start >= ?`, int64(t))
}

// RevisedFor counts the revisions of windows that start in span which say why
// among their reasons.
func (s *Store) RevisedFor(ctx context.Context, span plant.Interval, why string) (int, error) {
	var n int
	if err := s.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM kpis WHERE start >= ? AND start < ? AND instr(why, ?) > 0`,
		int64(span.From), int64(span.To), why).Scan(&n); err != nil {
		return 0, fmt.Errorf("query records: %w", err)
	}
	return n, nil
}
