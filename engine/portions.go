package engine

import (
	"context"
	"math"
	"time"

	"andon/plant"
	"andon/production"
	"andon/store"
)

// portionMachines is of how much equipment one transaction takes the facts
// while the engine is live: about what an alarm may wait for.
const portionMachines = 128

// divideEvery is how often a large area commits its facts: with every other
// tick, and not with each, which is half the work. Nobody waits for them.
const divideEvery = 1500 * time.Millisecond

// A divided is a commit of a large area on its way to disk. Its facts are
// written in portions, some equipment in one transaction, so that what people
// are to be told waits for one portion and not for all. The last portion has
// the position and the snapshot. A process that dies before that begins again
// from the earlier snapshot, and writes the same rows once more.
type divided struct {
	last     store.Commit // the last portion, but for its equipment
	snap     bool
	rewrites map[*plant.Equipment][]production.Rewrite
	dirty    map[*plant.Equipment][]store.Dirty // what its rewrites changed
	stops    map[*plant.Equipment][]production.Stop
	points   *pointPlan
	next     int // subject of points
}

// live reports whether the engine is about as far as the clock at t of the
// stream. What is past is committed whole: that is less work.
func live(t plant.Instant) bool { return patienceAt(t, untilAll) == atOnce }

// commitDue commits what is to be committed now that a piece was taken. A
// large area that is live writes first what people are to be told, and then
// begins with the facts, which goOn goes on with.
func (r *runner) commitDue(ctx context.Context, piece []plant.Message) error {
	if !r.large || r.committed == 0 || piece[0].Kind == plant.KindCommand || !r.live(piece[0].Time) {
		if r.due(piece) {
			return r.commitAll(ctx)
		}
		return nil
	}
	if r.core.book.Changed() {
		if err := r.tell(ctx); err != nil {
			return err
		}
	}
	now := r.core.now
	if !r.due(piece) || now >= r.committed && now.Sub(r.committed) < divideEvery && r.held < fetchMax && !r.answersWait() {
		return nil
	}
	return r.divide(ctx)
}

// tell commits what people are to be told, without the facts.
func (r *runner) tell(ctx context.Context) error {
	if r.prepared != nil { // it may have what was before
		if err := r.finish(ctx); err != nil {
			return err
		}
	}
	c := changes{alerts: r.core.book.Drain()}
	row, err := records(r.area.Path, c)
	if err != nil {
		return err
	}
	row.Pos, row.Time, row.Dirty, row.Told = r.pos, r.core.now, r.dirtySaid(c, r.edge()), r.pos
	r.points.alarms(r.core, c.alerts.Transitions)
	r.told = r.pos
	r.prepared = &prepared{row: row, lines: r.points.take(), write: r.o.Store.Amend, news: len(c.alerts.Alarms) > 0, wake: len(c.alerts.Messages) > 0}
	return r.finish(ctx)
}

// divide begins to commit all that was taken, when what was divided before is
// written. What people said is written whole, with the facts it is about.
func (r *runner) divide(ctx context.Context) error {
	if err := r.finishAll(ctx); err != nil {
		return err
	}
	c, snap, due := r.drain(false)
	switch {
	case !due:
		r.written.Store(int64(r.core.now))
		return nil
	case len(c.edits) > 0 || len(c.recompute) > 0 || !c.alerts.Empty() || r.answersWait():
		if err := r.prepareWhole(c, snap); err != nil {
			return err
		}
		return r.finish(ctx)
	}
	dirty := r.dirtyFacts(c)
	last, err := r.lastOf(c, snap)
	if err != nil {
		return err
	}
	d := &divided{last: last, snap: snap, points: r.points.begin(r.core, c, snap),
		rewrites: map[*plant.Equipment][]production.Rewrite{}, dirty: map[*plant.Equipment][]store.Dirty{}, stops: map[*plant.Equipment][]production.Stop{}}
	for i, w := range c.Rewrites {
		d.rewrites[w.Equipment] = append(d.rewrites[w.Equipment], w)
		d.dirty[w.Equipment] = append(d.dirty[w.Equipment], dirty[i]...)
	}
	for _, s := range c.Stops {
		d.stops[s.Equipment] = append(d.stops[s.Equipment], s)
	}
	r.divided = d
	return nil
}

// lastOf returns the rows of c that are of no equipment.
func (r *runner) lastOf(c changes, snap bool) (store.Commit, error) {
	rest := c
	rest.Rewrites, rest.Stops = nil, nil
	row, err := records(r.area.Path, rest)
	if err == nil {
		err = r.complement(&row, r.dirtySaid(c, r.edge()), snap)
	}
	return row, err
}

// goOn writes the next portion of what was divided, if there is any.
func (r *runner) goOn(ctx context.Context) error {
	if r.divided == nil {
		return nil
	}
	if err := r.portion(r.portionOf); err != nil {
		return err
	}
	return r.finish(ctx)
}

// finishAll writes what is not on disk yet of earlier commits.
func (r *runner) finishAll(ctx context.Context) error {
	if r.prepared != nil {
		if err := r.finish(ctx); err != nil {
			return err
		}
	}
	if r.divided == nil {
		return nil
	}
	if err := r.portion(math.MaxInt); err != nil {
		return err
	}
	return r.finish(ctx)
}

// portion prepares the next portion, of about that many machines.
func (r *runner) portion(machines int) error {
	d := r.divided
	subjects := d.points.subjects
	var c changes
	var dirty []store.Dirty
	for n := 0; d.next < len(subjects) && n < machines; d.next++ {
		of := subjects[d.next]
		if of.good == nil {
			c.Rewrites, c.Stops = append(c.Rewrites, d.rewrites[of.eq]...), append(c.Stops, d.stops[of.eq]...)
			dirty = append(dirty, d.dirty[of.eq]...)
		}
		r.points.subject(d.points, of)
		n += d.points.work(of)
	}
	row, err := records(r.area.Path, c)
	if err != nil {
		return err
	}
	p := &prepared{row: d.last, lines: r.points.take(), write: r.o.Store.Commit, whole: true, snap: d.snap, news: len(c.Stops) > 0}
	if d.next < len(subjects) {
		p.row = store.Commit{Area: row.Area, Pos: d.last.Pos, Time: d.last.Time}
		p.write, p.whole, p.snap = r.o.Store.Precede, false, false
	} else {
		r.divided = nil
	}
	p.row.Rewrites, p.row.Stops, p.row.Told = row.Rewrites, row.Stops, r.told
	p.row.Dirty = append(p.row.Dirty, dirty...)
	r.prepared = p
	return nil
}
