package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"andon/plant"
	"andon/production/review"
)

// The orders of a list of stops.
const (
	SortTime     = "time" // latest first
	SortDuration = "duration"
	SortCost     = "cost"
)

// A StopQuery selects stops as people say they were; zero fields select all.
type StopQuery struct {
	Equipment   []*plant.Equipment // nil for the plant
	Window      plant.Interval     // stops that overlap it
	Open        bool
	NeedsReason bool
	Reason      string // id of the reason, or of one above it
	States      []plant.State
	Lives       []review.LifeCycle
	Shift       string // in which they began
	Sort        string
	Cursor      string // Next of the page before, "" for the first page
	Limit       int    // positive
	Now         plant.Instant
}

// A StopPage is a part of a list of stops.
type StopPage struct {
	Stops []StopView
	// Next is the cursor of the page after this one, "" when there is none. A
	// page may be short, or empty, and have a next one: what an answer looks
	// at is bounded.
	Next string
}

// The errors of a StopQuery that cannot be answered.
var (
	ErrBadCursor    = errors.New("want the cursor that the page before gave, with the same sort")
	ErrTooManyStops = fmt.Errorf("more than %d stops are in this time: choose a shorter time or less equipment, or sort by time", maxLookedAt)
)

// An answer goes back through the records in steps of stopsAtOnce stops and
// looks at no more than maxLookedAt: so it takes as long whatever the records
// hold.
const (
	stopsAtOnce = 1000
	maxLookedAt = 10 * stopsAtOnce
)

// Stops returns a page of the stops that q selects. The filters see each stop
// with everything that people said of it, back to the oldest of the records.
func (d *Desk) Stops(ctx context.Context, q StopQuery) (StopPage, error) {
	if q.Sort == SortDuration || q.Sort == SortCost {
		return d.sorted(ctx, q)
	}
	at, err := placeOf(q)
	if err != nil {
		return StopPage{}, err
	}
	found, next, err := d.back(ctx, q, at, q.Limit)
	if err != nil {
		return StopPage{}, err
	}
	views, err := d.views(ctx, found, q.Now)
	if err != nil {
		return StopPage{}, err
	}
	return StopPage{views, next.cursor()}, nil
}

// sorted returns a page of a list that is not in order of time. All of it has
// to be looked at first; the cursor is how many stops the pages before had.
func (d *Desk) sorted(ctx context.Context, q StopQuery) (StopPage, error) {
	skip := 0
	if q.Cursor != "" {
		n, err := strconv.ParseUint(q.Cursor, 10, 31)
		if err != nil {
			return StopPage{}, ErrBadCursor
		}
		skip = int(n)
	}
	found, next, err := d.back(ctx, q, startOf(q), math.MaxInt)
	if err == nil && next != (placeInList{}) {
		err = ErrTooManyStops
	}
	if err != nil {
		return StopPage{}, err
	}
	all, err := d.views(ctx, found, q.Now)
	if err != nil {
		return StopPage{}, err
	}
	slices.SortStableFunc(all, func(a, b StopView) int {
		if q.Sort == SortCost {
			return cmp.Compare(b.Cost.Amount, a.Cost.Amount)
		}
		return cmp.Compare(b.Duration(q.Now), a.Duration(q.Now))
	})
	all = all[min(skip, len(all)):]
	if len(all) <= q.Limit {
		return StopPage{Stops: all}, nil
	}
	return StopPage{all[:q.Limit], strconv.Itoa(skip + q.Limit)}, nil
}

// A placeInList is a place in the list of all stops, latest first and by id:
// after the stop of that id which begins at, or before all that begin earlier
// than at. The zero place is the end.
type placeInList struct {
	at plant.Instant
	id string
}

// cursor writes p for the asker.
func (p placeInList) cursor() string {
	if p == (placeInList{}) {
		return ""
	}
	return strconv.FormatInt(int64(p.at), 10) + "-" + p.id
}

// placeOf returns where the page of q begins.
func placeOf(q StopQuery) (placeInList, error) {
	if q.Cursor == "" {
		return startOf(q), nil
	}
	at, id, ok := strings.Cut(q.Cursor, "-")
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !ok || n <= 0 {
		return placeInList{}, ErrBadCursor
	}
	p := placeInList{plant.Instant(n), id}
	if first := startOf(q); first.at < p.at {
		return first, nil
	}
	return p, nil
}

func startOf(q StopQuery) placeInList {
	if q.Window.To == 0 {
		return placeInList{at: math.MaxInt64}
	}
	return placeInList{at: q.Window.To}
}

// before returns the time before which everything after p begins.
func (p placeInList) before() plant.Instant {
	if p.id == "" {
		return p.at
	}
	return p.at + 1
}

// has reports whether s comes after p.
func (p placeInList) has(s review.Stop) bool {
	return s.From < p.at || p.id != "" && s.From == p.at && s.ID > p.id
}

// A foundStop is a stop with its equipment.
type foundStop struct {
	equipment *plant.Equipment
	review.Stop
}

// back goes back from p and returns up to n stops that q selects, and the
// place to go on at.
func (d *Desk) back(ctx context.Context, q StopQuery, p placeInList, n int) ([]foundStop, placeInList, error) {
	all := q.Equipment
	if all == nil {
		all = d.tree.Equipment()
	}
	var paths []string
	for _, eq := range all {
		paths = append(paths, eq.Path)
	}
	var out []foundStop
	for seen := 0; p.before() > q.Window.From; {
		from, count, err := d.store.StopsBack(ctx, paths, p.before(), stopsAtOnce)
		if err != nil {
			return nil, p, err
		}
		if count < stopsAtOnce || from < q.Window.From {
			from = q.Window.From
		}
		more, err := d.began(ctx, all, plant.Interval{From: from, To: p.before()})
		if err != nil {
			return nil, p, err
		}
		if out = d.pick(q, p, out, more); len(out) > n {
			return out[:n], after(out[n-1]), nil
		}
		p = placeInList{at: from}
		if seen += count; seen >= maxLookedAt && from > q.Window.From {
			return out, p, nil
		}
	}
	if q.Window.From == 0 {
		return out, placeInList{}, nil
	}
	more, err := d.reachInto(ctx, all, q.Window.From)
	if out = d.pick(q, p, out, more); err == nil && len(out) > n {
		return out[:n], after(out[n-1]), nil
	}
	return out, placeInList{}, err
}

func after(s foundStop) placeInList { return placeInList{s.From, s.ID} }

// pick appends those of more that q selects, in the order of the list.
func (d *Desk) pick(q StopQuery, p placeInList, out, more []foundStop) []foundStop {
	slices.SortFunc(more, func(a, b foundStop) int { return cmp.Or(cmp.Compare(b.From, a.From), cmp.Compare(a.ID, b.ID)) })
	for _, s := range more {
		if p.has(s.Stop) && q.selects(s, d.defs) {
			out = append(out, s)
		}
	}
	return out
}
