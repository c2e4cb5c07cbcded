package engine

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"andon/alerts"
	"andon/plant"
	"andon/production/review"
	"andon/store"
)

// resume sets the engine to the last snapshot. A snapshot that cannot be read
// is set aside: the engine then works through the stream from its start and
// comes to the same records; the alarms go on as the records have them.
func (r *runner) resume(ctx context.Context) error {
	p, err := r.o.Store.Progress(ctx, r.area.Path)
	if err != nil {
		return err
	}
	r.again.Store(int64(p.Time.Add(leap)))
	r.before.Store(int64(p.Pos))
	r.asOf.Store(int64(p.Time.Truncate(r.quiet())))
	heads := headsIn(p.Snapshot)
	edits, err := r.edits(ctx, heads)
	if err != nil {
		return err
	}
	// All of them, those after the snapshot too: what was taken stays taken
	// when its command comes again, whatever the configuration says by then.
	if err := r.core.loadEdits(edits, heads); err != nil {
		return err
	}
	if p.Snapshot == nil {
		return r.beginAgain(ctx, p)
	}
	if err := r.core.restore(p.Snapshot); err != nil {
		r.log.Warn("snapshot not usable, working through the stream again", "pos", p.SnapshotAt, "err", err)
		if r.core, err = newCore(r.o.Config, r.o.Tree, r.area); err != nil {
			return err
		}
		if err := r.core.loadEdits(edits, heads); err != nil {
			return err
		}
		return r.beginAgain(ctx, p)
	}
	r.pos, r.committed, r.snapped = p.SnapshotAt, p.Time, r.core.now
	r.written.Store(int64(p.Time))
	// What the snapshot covers was published before it was written.
	r.points.resume(r.core)
	if err := r.rememberStates(ctx, r.core.now); err != nil {
		return err
	}
	r.log.Info("engine resumes", "pos", r.pos, "stream_time", r.core.now)
	return nil
}

// edits returns all edits of the area and tells of those that somebody else
// changed.
func (r *runner) edits(ctx context.Context, heads []review.Head) ([]store.Edit, error) {
	edits, err := r.o.Store.EditsUpTo(ctx, r.area.Path, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	kept, err := readEdits(edits)
	if err != nil {
		return nil, err
	}
	if err := verifyChain(edits, kept, heads); err != nil {
		r.log.Error("edits in the records were changed by other than andon", "err", err)
	}
	return edits, nil
}

// find looks where in the stream to go on: it may have lost its end.
func (r *runner) find(ctx context.Context) error {
	at, err := r.o.Bus.Resume(ctx, r.area, r.pos, r.committed)
	if err != nil {
		return fmt.Errorf("resume engine of %s: %w", r.area.Path, err)
	}
	if at != r.pos && at > 0 { // what is read from here on is new
		r.before.Store(int64(min(at, uint64(r.before.Load()))))
	}
	r.pos = at
	return nil
}

// beginAgain has the stream worked through from its start. Alarms are not: the
// records know them, and what people were told of them, better than what is
// left of the stream.
func (r *runner) beginAgain(ctx context.Context, p store.Progress) error {
	if p.Pos == 0 {
		return nil
	}
	if err := r.doubt(ctx, p.Time); err != nil {
		return err
	}
	open, err := openAlarms(ctx, r.o.Store, r.area)
	if err != nil {
		return err
	}
	slices.SortStableFunc(open, func(a, b alerts.Alarm) int { return cmp.Compare(a.Raised.Stream, b.Raised.Stream) })
	if err := r.core.book.Seed(open); err != nil {
		return err
	}
	r.core.told = toldBefore{Pos: p.Pos, Time: p.Time}
	ids := map[string]bool{}
	for _, a := range open {
		ids[a.ID] = true
		if a.Class == plant.ClassSystem {
			continue // no rule knows; who watches andon says when it is over
		}
		r.core.told.Doubts = append(r.core.told.Doubts, doubt{a.Rule, a.Equipment})
	}
	if err := r.rememberStates(ctx, p.Time.Add(-rememberFor)); err != nil {
		return err
	}
	return reconcile(ctx, r.o.Store, r.area.Path, p.Time, func(id, _ string) bool { return ids[id] })
}

// rememberFor is how far back state points are remembered that were written
// before a snapshot was lost.
const rememberFor = 24 * time.Hour

// rememberStates adds the states from a time on that the records have and no
// snapshot knows of. Their points are written, too, and may have to be taken
// back when late data comes before this process gets there.
func (r *runner) rememberStates(ctx context.Context, from plant.Instant) error {
	w := plant.Interval{From: max(1, from), To: 1<<63 - 1}
	for _, line := range r.area.Lines {
		for _, eq := range line.Equipment {
			segments, err := r.o.Store.Segments(ctx, eq.Path, w)
			if err != nil {
				return err
			}
			for _, s := range segments {
				r.points.remember(eq, s.Start)
			}
		}
	}
	return nil
}
