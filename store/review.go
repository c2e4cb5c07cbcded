package store

import (
	"context"
	"database/sql"
	"fmt"

	"andon/plant"
)

// An Edit is what a person said of a stop or of counts. Edits are never
// changed or removed.
type Edit struct {
	Area       string
	Seq        int64 // in the area, from 1 without gaps
	ID         string
	Pos        uint64        // stream position of the command
	Time       plant.Instant // its stream time
	Equipment  string
	Start, End plant.Instant // what it speaks of
	Kind, User string
	Body       []byte // JSON
}

// An Order is a production order that a person gave.
type Order struct {
	ID    string
	Line  string
	Start plant.Instant
	Body  []byte // JSON
}

// A KPI is one revision of the KPIs of a window that is over.
type KPI struct {
	Path       string // of equipment, line, area or site
	Window     string // hour, shift or day
	Start, End plant.Instant
	Revision   int // from 1
	Time       plant.Instant
	Hash, Why  string
	Body       []byte // JSON
}

func (w *writer) edits(ctx context.Context, c Commit) {
	for _, x := range c.Edits {
		w.exec(ctx, `INSERT OR IGNORE INTO edits (area, seq, id, pos, time, equipment, start, end, kind, user, body) VALUES (?,?,?,?,?,?,?,?,?,?,?)`,
			c.Area, x.Seq, x.ID, int64(x.Pos), x.Time, x.Equipment, x.Start, x.End, x.Kind, x.User, string(x.Body))
	}
}

func (w *writer) orders(ctx context.Context, list []Order) {
	for _, x := range list {
		w.exec(ctx, `INSERT OR REPLACE INTO orders (id, line, start, body) VALUES (?,?,?,?)`, x.ID, x.Line, x.Start, string(x.Body))
	}
}

// Meters returns what the meters of one equipment showed in the minutes that
// start in w, by time.
func (s *Store) Meters(ctx context.Context, equipment string, w plant.Interval) ([]Meter, error) {
	return list(ctx, s, func(r *sql.Rows) (x Meter, err error) {
		return x, r.Scan((*int64)(&x.Start), &x.Safety, &x.Body)
	}, `SELECT start, safety, body FROM meters WHERE equipment = ? AND start >= ? AND start < ? ORDER BY start`,
		equipment, int64(w.From), int64(w.To))
}

// LastSafety returns the start of the last minute before t in which something
// safety-relevant happened, 0 for none.
func (s *Store) LastSafety(ctx context.Context, equipment string, t plant.Instant) (plant.Instant, error) {
	var last sql.NullInt64
	err := s.read.QueryRowContext(ctx, `SELECT MAX(start) FROM meters WHERE equipment = ? AND start < ? AND safety = 1`, equipment, int64(t)).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("query records: %w", err)
	}
	return plant.Instant(last.Int64), nil
}

// EditsUpTo returns the edits of an area whose stream position is at most
// pos, in their order.
func (s *Store) EditsUpTo(ctx context.Context, area string, pos uint64) ([]Edit, error) {
	return list(ctx, s, scanEdit, editColumns+` WHERE area = ? AND pos <= ? ORDER BY seq`, area, int64(pos))
}

// Edits returns the edits that speak of one equipment's time in w, or of all
// equipment below a path, in their order.
func (s *Store) Edits(ctx context.Context, path string, w plant.Interval) ([]Edit, error) {
	var q where
	q.below(path)
	q.add("start < ?", int64(w.To))
	q.add("end >= ?", int64(w.From))
	return list(ctx, s, scanEdit, editColumns+q.clause()+` ORDER BY area, seq`, q.args...)
}

// An EditPlace is a place in the edits of all areas, in the order in which they
// were said: before that edit. The zero place is the end.
type EditPlace struct {
	Time plant.Instant
	Area string
	Seq  int64
}

// An EditFilter selects edits; zero fields select all.
type EditFilter struct {
	Path   string         // of what is at and below it
	Window plant.Interval // that they speak of
	Before EditPlace
	Limit  int
}

// LatestEdits returns the latest said of the edits that f selects, of all
// areas, in the order in which they were said.
func (s *Store) LatestEdits(ctx context.Context, f EditFilter) ([]Edit, error) {
	var q where
	q.below(f.Path)
	if f.Window.To != 0 {
		q.add("start < ?", int64(f.Window.To))
	}
	q.add("end >= ?", int64(f.Window.From))
	if b := f.Before; b != (EditPlace{}) {
		q.add("(time, area, seq) < (?, ?, ?)", int64(b.Time), b.Area, b.Seq)
	}
	return list(ctx, s, scanEdit, `SELECT * FROM (`+editColumns+q.clause()+` ORDER BY time DESC, area DESC, seq DESC LIMIT ?) ORDER BY time, area, seq`,
		q.limit(f.Limit)...)
}

const editColumns = `SELECT area, seq, id, pos, time, equipment, start, end, kind, user, body FROM edits`

func scanEdit(r *sql.Rows) (x Edit, err error) {
	return x, r.Scan(&x.Area, &x.Seq, &x.ID, &x.Pos, (*int64)(&x.Time), &x.Equipment, (*int64)(&x.Start), (*int64)(&x.End),
		&x.Kind, &x.User, &x.Body)
}

// Orders returns the orders that people gave for a line, by start; all lines'
// for "".
func (s *Store) Orders(ctx context.Context, line string) ([]Order, error) {
	var q where
	if line != "" {
		q.add("line = ?", line)
	}
	return list(ctx, s, func(r *sql.Rows) (x Order, err error) {
		return x, r.Scan(&x.ID, &x.Line, (*int64)(&x.Start), &x.Body)
	}, `SELECT * FROM (SELECT id, line, start, body FROM orders`+q.clause()+` ORDER BY start DESC, id LIMIT ?) ORDER BY start, id`, q.limit(0)...)
}

// A KPIFilter selects revisions; zero fields select all.
type KPIFilter struct {
	Path     string // of one level exactly
	Window   string
	Span     plant.Interval // windows that start in it
	Revision int            // 0 for the latest of each, -1 for all
	Limit    int
}

// KPIs returns the revisions that f selects, by start, path and revision.
func (s *Store) KPIs(ctx context.Context, f KPIFilter) ([]KPI, error) {
	var q where
	if f.Path != "" {
		q.add("path = ?", f.Path)
	}
	if f.Window != "" {
		q.add("window = ?", f.Window)
	}
	if f.Span.From != 0 {
		q.add("start >= ?", int64(f.Span.From))
	}
	if f.Span.To != 0 {
		q.add("start < ?", int64(f.Span.To))
	}
	switch {
	case f.Revision == 0:
		q.add("revision = (SELECT MAX(revision) FROM kpis b WHERE b.path = a.path AND b.window = a.window AND b.start = a.start)")
	case f.Revision > 0:
		q.add("revision = ?", f.Revision)
	}
	return list(ctx, s, scanKPI, kpiColumns+q.clause()+` ORDER BY start, path, window, revision LIMIT ?`, q.limit(f.Limit)...)
}

// LastKPI returns the latest revision of one window, or ErrNotFound.
func (s *Store) LastKPI(ctx context.Context, path, window string, start plant.Instant) (KPI, error) {
	found, err := list(ctx, s, scanKPI, kpiColumns+` WHERE path = ? AND window = ? AND start = ? ORDER BY revision DESC LIMIT 1`, path, window, int64(start))
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("KPIs of %.100q: %w", path, ErrNotFound)
	}
	if err != nil {
		return KPI{}, err
	}
	return found[0], nil
}

const kpiColumns = `SELECT path, window, start, end, revision, time, hash, why, body FROM kpis a`

func scanKPI(r *sql.Rows) (x KPI, err error) {
	return x, r.Scan(&x.Path, &x.Window, (*int64)(&x.Start), (*int64)(&x.End), &x.Revision, (*int64)(&x.Time), &x.Hash, &x.Why, &x.Body)
}
