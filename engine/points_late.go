package engine

import (
	"slices"
	"time"

	"andon/plant"
	"andon/production"
)

// fresh is how far back changes have their points at once.
const fresh = 5 * minute

// A lateTime is what has changed long after its time, and waits for its points.
// Samples that were on their way for hours come in many pieces, and each may
// change every minute up to now: their points are written once in a quiet
// time, and with each snapshot, for a restart knows nothing of what waits.
type lateTime struct {
	until plant.Instant // when the points are due, 0 while nothing waits
	since map[*plant.Equipment]lateSince
}

// A lateSince is the time from which minutes and states of one equipment are
// others; 0 for none.
type lateSince struct {
	minutes, states plant.Instant
}

// lateArgs say how to sort changes.
type lateArgs struct {
	quiet time.Duration
	all   bool // nothing waits
}

// due reports whether something has waited long enough at now.
func (l *lateTime) due(now plant.Instant) bool { return l.until != 0 && now >= l.until }

// sort returns what of the rewrites is to have its points now, with what has
// waited long enough. The rest waits.
func (l *lateTime) sort(core *core, rewrites []production.Rewrite, a lateArgs) []production.Rewrite {
	edge := core.now.Truncate(minute).Add(-fresh)
	if l.until != 0 && noticed(core.now, a.quiet) < l.until {
		a.all = true // the clock was put back
	}
	all := a.all || l.due(core.now)
	for i := range rewrites {
		r := &rewrites[i]
		if r.Since >= edge || all && len(l.since) == 0 {
			continue
		}
		l.note(r, edge)
		if l.until == 0 {
			l.until = noticed(core.now, a.quiet)
		}
		r.Since = max(r.Since, edge)
		if r.From != 0 && r.From < edge {
			r.From = edge
			r.Segments = slices.DeleteFunc(slices.Clone(r.Segments), func(s production.Segment) bool { return s.From < edge })
		}
	}
	if all {
		rewrites = append(rewrites, l.take(core)...)
	}
	return rewrites
}

// note has the time before the edge wait.
func (l *lateTime) note(r *production.Rewrite, edge plant.Instant) {
	if l.since == nil {
		l.since = map[*plant.Equipment]lateSince{}
	}
	s := l.since[r.Equipment]
	earlier := func(t *plant.Instant, v plant.Instant) {
		if v != 0 && v < edge && (*t == 0 || v < *t) {
			*t = v
		}
	}
	earlier(&s.minutes, r.Since)
	earlier(&s.states, r.From)
	l.since[r.Equipment] = s
}

// take returns what waits, with the facts as they are now, in order of the
// tree.
func (l *lateTime) take(core *core) []production.Rewrite {
	var out []production.Rewrite
	for _, eq := range core.equipment() {
		s, ok := l.since[eq]
		if !ok {
			continue
		}
		r := production.Rewrite{Equipment: eq, Since: s.minutes, From: s.states}
		if r.Since == 0 {
			r.Since = s.states
		}
		if r.From != 0 {
			r.Segments = slices.DeleteFunc(core.facts(eq, plant.Interval{From: r.From, To: endOfTime}).Segments,
				func(x production.Segment) bool { return x.From < r.From })
		}
		out = append(out, r)
	}
	*l = lateTime{}
	return out
}
