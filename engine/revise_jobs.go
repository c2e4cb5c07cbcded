package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"andon/plant"
	"andon/production"
	"andon/store"
)

// A job is one window to look at, and why.
type job struct {
	place  *place
	kind   string
	window plant.Interval
	before *store.KPI    // latest revision, nil when there is none
	rows   []store.Dirty // what may have changed it, none when it is over only now
}

func (j *job) key() windowKey { return windowKey{j.kind, j.window} }

// add adds a job, or its rows to that of the same window.
func (b *batch) add(j *job) {
	type key struct {
		*place
		windowKey
	}
	of := key{j.place, j.key()}
	if old := b.index[of]; old != nil {
		old.rows = append(old.rows, j.rows...)
		return
	}
	if b.index == nil {
		b.index = map[any]*job{}
	}
	b.index[of] = j
	b.jobs = append(b.jobs, j)
}

// touched adds to a batch the windows that have a revision and whose time
// changed, and the changes that are through with it: first what people said,
// then facts, then what is to be renewed. Changed facts wait while more of
// them come.
func (v *reviser) touched(ctx context.Context, b *batch) error {
	var said, facts []*sweep
	for _, d := range b.rows {
		if d.Kind == store.DirtyRecompute || v.waits(b.pending, d) {
			continue
		}
		s, err := v.sweepOf(ctx, d)
		switch {
		case err != nil:
			return err
		case s == nil:
		case d.Kind == store.DirtySaid:
			said = append(said, s)
		default:
			facts = append(facts, s)
		}
	}
	b.swept = len(said)+len(facts) > 0
	said, err := v.sweepThrough(ctx, b, said)
	if err != nil {
		return err
	}
	b.saidLeft = len(said) > 0
	if !b.saidLeft {
		if facts, err = v.sweepThrough(ctx, b, facts); err != nil {
			return err
		}
	}
	if b.left = append(said, facts...); len(b.left) == 0 {
		if err := v.renew(ctx, b); err != nil {
			return err
		}
	}
	for _, j := range b.jobs { // what is not looked at yet is in their figures, too
		j.rows = append(j.rows, v.waiting(b, j)...)
	}
	return nil
}

// renew adds to a batch what people want renewed.
func (v *reviser) renew(ctx context.Context, b *batch) error {
	for _, d := range b.rows {
		if d.Kind != store.DirtyRecompute {
			continue
		}
		if b.machines >= machinesPerRound {
			return nil
		}
		jobs, rest, err := v.recomputing(ctx, d)
		if err != nil {
			return err
		}
		b.done.Done = append(b.done.Done, d)
		if rest != nil {
			b.done.Rest = append(b.done.Rest, *rest)
		}
		for _, j := range jobs {
			b.add(j)
		}
		b.machines += len(jobs)
	}
	return nil
}

// lead is more than what KPIs look at before their window.
const lead = 5 * time.Minute

// has reports whether the place contains equipment of that path, or is below
// it.
func (p *place) has(path string) bool {
	return path == p.path || strings.HasPrefix(path, p.path+"/") || strings.HasPrefix(p.path, path+"/")
}

// reach returns from when on KPIs may differ: a stop that began before the
// change counts in the window in which it began.
func (v *reviser) reach(ctx context.Context, d store.Dirty) (plant.Instant, error) {
	row, ok, err := v.kpis.store.SegmentBefore(ctx, d.Equipment, d.Start)
	if err != nil || !ok {
		return d.Start, err
	}
	f, err := facts([]store.Segment{row}, nil)
	if err != nil {
		return d.Start, err
	}
	if s := f.Segments[0]; s.StopStart != 0 {
		return min(d.Start, s.StopStart), nil
	}
	return d.Start, nil
}

// longestPause is how long ago a window may have been over to get its first
// revision: a clock may come from another decade, with an hour for each hour.
const longestPause = 31 * 24 * time.Hour

// end returns the end of settled time of a place.
func (v *reviser) end(p *place) plant.Instant {
	if p.area != nil {
		t, _ := v.complete(p.area)
		return t.Add(-v.settle)
	}
	end := endOfTime
	for _, part := range p.parts {
		end = min(end, v.end(part))
	}
	return end
}

// lastWindow returns the start of the last window that has a revision, or the
// time before the first fact.
func (v *reviser) lastWindow(ctx context.Context, p *place, kind string) (plant.Instant, error) {
	last, known := v.last[p.path][kind]
	if !known {
		var err error
		if last, err = v.kpis.store.LastWindow(ctx, p.path, kind); err != nil {
			return 0, err
		}
		v.reached(p.path, kind, last)
	}
	if last == 0 {
		var err error
		if last, err = v.first(ctx, p); err != nil || last == 0 {
			return endOfTime, err // nothing is known yet: look again in the next round
		}
		if w := v.kpis.windows(p, kind, plant.Interval{From: last, To: last + 1}); len(w) > 0 {
			last = w[0].From
		}
		return last - 1, nil // earlier facts may come until there is a revision
	}
	return last, nil
}

// reached notes the last window that has a revision, 0 while none has.
func (v *reviser) reached(path, kind string, start plant.Instant) {
	if v.last[path] == nil {
		v.last[path] = map[string]plant.Instant{}
	}
	v.last[path][kind] = max(v.last[path][kind], start)
}

// first returns the time of the first fact of a place, 0 for none.
func (v *reviser) first(ctx context.Context, p *place) (plant.Instant, error) {
	var first plant.Instant
	for _, eq := range p.equipment() {
		t, known := v.firsts[eq]
		if !known {
			var err error
			if t, err = v.kpis.store.FirstSegment(ctx, eq.Path); err != nil {
				return 0, err
			}
			v.firsts[eq] = t
		}
		if t != 0 && (first == 0 || t < first) {
			first = t
		}
	}
	return first, nil
}

// work computes jobs, one window after the other. Revisions that differ from those before go to the
// batch, their points are returned by area.
func (v *reviser) work(ctx context.Context, b *batch) (map[*plant.Area][]byte, error) {
	points := map[*plant.Area][]byte{}
	v.sort(b.jobs)
	var shared *computing
	for i, j := range b.jobs {
		if i == 0 || j.key() != b.jobs[i-1].key() {
			shared = &computing{k: v.kpis, window: j.window, name: j.kind, settled: true}
		}
		kpi, row, err := shared.revision(ctx, j.place)
		if err != nil {
			return nil, fmt.Errorf("revise %s of %s: %w", j.kind, j.place.path, err)
		}
		if same(j.before, row) {
			continue
		}
		if j.before != nil {
			row.Revision = j.before.Revision + 1
		}
		row.Why, row.Time = v.reason(j, b.pending), v.time(j)
		b.done.KPIs = append(b.done.KPIs, row)
		area := j.place.calendar.Line.Area
		points[area] = appendKPI(points[area], j.place, kpi, row.Revision)
	}
	return points, nil
}

// time returns the stream time of a job: when somebody last said something
// that led to it, else the end of the quiet time.
func (v *reviser) time(j *job) plant.Instant {
	var said plant.Instant
	for _, d := range j.rows {
		if d.Kind != store.DirtyFacts {
			said = max(said, d.Last)
		}
	}
	return max(said, v.end(j.place).Add(v.settle))
}

// same reports whether a revision says what the one before says.
func same(before *store.KPI, now store.KPI) bool {
	return before != nil && before.Hash == now.Hash && bytes.Equal(before.Body, now.Body)
}

// revision computes what the records keep of a place.
func (x *computing) revision(ctx context.Context, p *place) (production.KPI, store.KPI, error) {
	kpi, hash, err := x.of(ctx, p)
	if err != nil {
		return kpi, store.KPI{}, err
	}
	body, err := json.Marshal(kpi)
	return kpi, store.KPI{Path: p.path, Window: x.name, Start: x.window.From, End: x.window.To, Revision: 1, Time: x.now, Hash: hash, Body: body}, err
}
