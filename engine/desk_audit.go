package engine

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"andon/plant"
	"andon/production"
	"andon/production/review"
	"andon/store"
)

// An EditQuery selects what people said; zero fields select all.
type EditQuery struct {
	Path   string         // of what is at and below it
	Window plant.Interval // that they spoke of
	Cursor string         // Next of the page before, "" for the latest
	Limit  int            // positive
}

// An EditPage is a part of what people said, in the order in which they said
// it. Next is the cursor of the page with what was said before, "" for none.
type EditPage struct {
	Edits []EditView
	Next  string
}

// Edits returns the latest that q selects, of all areas.
func (d *Desk) Edits(ctx context.Context, q EditQuery) (EditPage, error) {
	before, err := editPlace(q.Cursor)
	if err != nil {
		return EditPage{}, err
	}
	rows, err := d.store.LatestEdits(ctx, store.EditFilter{Path: q.Path, Window: q.Window, Before: before, Limit: q.Limit + 1})
	if err != nil {
		return EditPage{}, err
	}
	next := ""
	if len(rows) > q.Limit {
		rows = rows[len(rows)-q.Limit:]
		next = fmt.Sprintf("%d-%d-%s", int64(rows[0].Time), rows[0].Seq, rows[0].Area)
	}
	views, err := d.judged(ctx, rows)
	return EditPage{views, next}, err
}

// editPlace reads a cursor.
func editPlace(cursor string) (p store.EditPlace, err error) {
	if cursor == "" {
		return p, nil
	}
	parts := strings.SplitN(cursor, "-", 3)
	if len(parts) != 3 {
		return p, ErrBadCursor
	}
	at, err1 := strconv.ParseInt(parts[0], 10, 64)
	seq, err2 := strconv.ParseInt(parts[1], 10, 64)
	if err1 != nil || err2 != nil {
		return p, ErrBadCursor
	}
	return store.EditPlace{Time: plant.Instant(at), Seq: seq, Area: parts[2]}, nil
}

// judged returns edits with what became of them.
func (d *Desk) judged(ctx context.Context, rows []store.Edit) ([]EditView, error) {
	edits, err := readEdits(rows)
	if err != nil {
		return nil, err
	}
	var all review.Result
	for _, eq := range d.tree.Equipment() {
		mine := slices.DeleteFunc(slices.Clone(edits), func(e review.Edit) bool { return e.Equipment != eq.Path })
		slices.SortFunc(mine, func(a, b review.Edit) int { return int(max(-1, min(1, a.From-b.From))) })
		for len(mine) > 0 {
			n := nearby(mine)
			status, err := d.status(ctx, eq, mine[:n])
			if err != nil {
				return nil, err
			}
			all.Status, mine = append(all.Status, status...), mine[n:]
		}
	}
	return noteBroken(d.editViews(edits, all), misfiled(rows, edits)), nil
}

// nearby returns how many of the edits, from the first on, speak of times that
// are near each other.
func nearby(edits []review.Edit) (n int) {
	end := edits[0].From
	for n < len(edits) && edits[n].From.Sub(end) <= apart {
		end = max(end, edits[n].To)
		n++
	}
	return n
}

// status returns what became of edits of one equipment.
func (d *Desk) status(ctx context.Context, eq *plant.Equipment, edits []review.Edit) ([]review.Status, error) {
	v := plant.Interval{From: edits[0].From, To: edits[0].From + 1}
	r := &reading{store: d.store, equipment: eq, bare: true}
	for _, e := range edits {
		v.To = max(v.To, e.To, e.From+1)
		// What was counted decides whether counts can be adjusted.
		r.bare = r.bare && e.Kind != review.KindAdjust && e.Kind != review.KindUndo
	}
	if err := r.read(ctx, v, production.Facts{}); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(r.apply(d.defs).Status, func(s review.Status) bool {
		return !slices.ContainsFunc(edits, func(e review.Edit) bool { return e.ID == s.Edit })
	}), nil
}
