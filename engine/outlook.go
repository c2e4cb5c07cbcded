package engine

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/forecast"
	"andon/store"
)

// An Outlook answers from the records how far orders are and what lines will
// make. It reads only. An answer is kept for a minute, and only one is worked
// out at a time, so that many who ask cost no more than one. All methods are
// safe for concurrent use.
type Outlook struct {
	k     *KPIs
	tree  *plant.Tree
	clock func() time.Time

	turn chan struct{} // holds one token; its owner uses what follows
	work map[*plant.Line]*production.WorkTime
	// By question.
	attained  answers[*production.Attainment]
	forecasts answers[LineForecast]
	histories answers[forecast.History]
	backtests answers[[]forecast.Coverage]

	mu     sync.Mutex
	latest map[string]forecast.Forecast[int64] // by path of the line, see Watch
}

// answers are those that are kept, by question.
type answers[T any] map[string]keptAnswer[T]

// A keptAnswer is one answer with when it is too old.
type keptAnswer[T any] struct {
	until time.Time
	value T
}

const (
	keepAnswer = time.Minute
	keepToday  = 5 * time.Minute // history up to now: a bucket's length
	keepPast   = time.Hour       // what hardly changes any more
	// maxKept bounds the answers of one kind that are kept. A plant of 100
	// lines has a thousand.
	maxKept = 2000
)

// NewOutlook returns the outlook of the plant whose KPIs k answers.
func NewOutlook(k *KPIs, tree *plant.Tree) *Outlook {
	return &Outlook{k: k, tree: tree, clock: time.Now, turn: make(chan struct{}, 1),
		attained: answers[*production.Attainment]{}, forecasts: answers[LineForecast]{},
		histories: answers[forecast.History]{}, backtests: answers[[]forecast.Coverage]{},
		work: map[*plant.Line]*production.WorkTime{}, latest: map[string]forecast.Forecast[int64]{}}
}

// take waits for the turn; give ends it.
func (o *Outlook) take(ctx context.Context) error {
	select {
	case o.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the outlook: %w", ctx.Err())
	}
}

func (o *Outlook) give() { <-o.turn }

// get returns the kept answer to a question, or works it out and keeps it up
// to a time.
func (kept answers[T]) get(now, until time.Time, question string, answer func() (T, error)) (T, error) {
	if a, ok := kept[question]; ok && now.Before(a.until) {
		return a.value, nil
	}
	v, err := answer()
	if err != nil {
		return v, err
	}
	if len(kept) >= maxKept {
		maps.DeleteFunc(kept, func(_ string, a keptAnswer[T]) bool { return !now.Before(a.until) })
	}
	if len(kept) < maxKept {
		kept[question] = keptAnswer[T]{until, v}
	}
	return v, nil
}

// lines returns the lines at and below a path that have a constraint.
func (o *Outlook) lines(path string) []*plant.Line {
	var all []*plant.Line
	for _, p := range o.k.all {
		if p.scope == production.ScopeLine && isBelow(p.path, path) {
			all = append(all, p.line)
		}
	}
	return all
}

// isBelow reports whether path is at or under top; "" is above everything.
func isBelow(path, top string) bool {
	return top == "" || path == top || len(path) > len(top) && path[:len(top)] == top && path[len(top)] == '/'
}

func (o *Outlook) workOf(line *plant.Line) (*production.WorkTime, error) {
	if o.work[line] == nil {
		w, err := production.NewWorkTime(o.k.cfg, o.tree, line.Constraint)
		if err != nil {
			return nil, err
		}
		o.work[line] = w
	}
	return o.work[line], nil
}

// facts returns the facts of a line over w, as people say they were.
func (o *Outlook) facts(ctx context.Context, line *plant.Line, w plant.Interval) (production.Facts, error) {
	return production.LineFacts(o.k.cfg, line, w.To, func(eq *plant.Equipment) (production.Facts, error) {
		return o.factsOf(ctx, eq, w)
	})
}

func (o *Outlook) factsOf(ctx context.Context, eq *plant.Equipment, w plant.Interval) (production.Facts, error) {
	segments, err := o.k.store.Segments(ctx, eq.Path, w)
	if err != nil {
		return production.Facts{}, err
	}
	counts, err := o.k.store.Counts(ctx, eq.Path, minutes(w))
	if err != nil {
		return production.Facts{}, err
	}
	f, err := facts(segments, counts)
	if err != nil {
		return f, fmt.Errorf("facts of %s: %w", eq.Path, err)
	}
	return reviewedFacts(ctx, kpiQuery{store: o.k.store, defs: o.k.defs, equipment: eq, window: w}, w.From, f)
}

// line returns the line of a path, or store.ErrNotFound.
func (o *Outlook) line(path string) (*plant.Line, error) {
	p, err := o.k.place(path)
	if err == nil && p.scope != production.ScopeLine {
		err = fmt.Errorf("line %.100q: %w", path, store.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return p.line, nil
}
