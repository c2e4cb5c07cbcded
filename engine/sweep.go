package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"andon/plant"
	"andon/production"
	"andon/store"
)

// machinesPerRound bounds what one round reads: windows, times the machines
// whose facts each of them needs. One window of the whole plant may be more.
const machinesPerRound = 500

// A sweep goes through the windows of one row of changed time, by their ends.
// How far it is need not outlast the process: a window that is looked at twice
// says the second time what it said the first, and gets no further revision.
type sweep struct {
	row  store.Dirty
	from plant.Instant // windows that end later may be others now
	done windowKey     // this window and those before it are looked at
}

// A windowKey is one window of one kind.
type windowKey struct {
	kind string
	plant.Interval
}

// compare orders windows by their ends.
func (w windowKey) compare(o windowKey) int {
	return cmp.Or(cmp.Compare(w.To, o.To), cmp.Compare(w.From, o.From), cmp.Compare(w.kind, o.kind))
}

// endingBy is behind all windows that end by t.
func endingBy(t plant.Instant) windowKey { return windowKey{"", plant.Interval{From: t, To: t}} }

// to returns the time at which windows must begin before, to be others now.
func (s *sweep) to() plant.Instant { return max(s.row.End, s.row.End.Add(lead)) }

// next returns the earliest end of windows that are to be looked at.
func (s *sweep) next() plant.Instant {
	if s.done == endingBy(s.done.To) {
		return max(s.from, s.done.To) + 1
	}
	return max(s.from+1, s.done.To)
}

// means reports whether a window of a place is still to be looked at.
func (s *sweep) means(p *place, w windowKey) bool {
	return w.To > s.from && w.From < s.to() && w.compare(s.done) > 0 && p.has(s.row.Equipment)
}

func (s *sweep) advance(to windowKey) {
	if to.compare(s.done) > 0 {
		s.done = to
	}
}

// sweepOf returns where the sweep of a row is. There is none while the records
// do not reach to the end of all its windows: the stream is worked through
// again.
func (v *reviser) sweepOf(ctx context.Context, d store.Dirty) (*sweep, error) {
	if s, ok := v.sweeps[d]; ok {
		return &s, nil
	}
	from, err := v.reach(ctx, d)
	if err != nil {
		return nil, err
	}
	s := &sweep{row: d, from: from}
	for _, p := range v.kpis.all {
		if !p.has(d.Equipment) {
			continue
		}
		beyond, err := v.kpis.store.KPIsOver(ctx, p.path, plant.Interval{From: max(from, v.end(p)), To: s.to()})
		if err != nil || len(beyond) > 0 {
			return nil, err
		}
	}
	return s, nil
}

// sweepThrough adds windows to a batch until it is full or none is left, the
// one that ended first at first. It returns the sweeps that are not through.
func (v *reviser) sweepThrough(ctx context.Context, b *batch, left []*sweep) ([]*sweep, error) {
	for len(left) > 0 && b.machines < machinesPerRound {
		next := slices.MinFunc(left, func(a, b *sweep) int { return cmp.Compare(a.next(), b.next()) }).next()
		p := stretch{from: next, to: (next - 1).Truncate(time.Hour).Add(time.Hour)}
		for _, s := range left {
			if s.next() <= p.to {
				p.sweeps = append(p.sweeps, s)
			}
		}
		if err := v.windowsOf(ctx, &p); err != nil {
			return nil, err
		}
		if !b.addStretch(&p) {
			return left, nil
		}
		left = slices.DeleteFunc(left, func(s *sweep) bool {
			through := slices.Contains(p.sweeps, s) && !p.more[s]
			if through {
				b.done.Done = append(b.done.Done, s.row)
			}
			return through
		})
	}
	return left, nil
}

// A stretch is the windows that end in a time, of some sweeps.
type stretch struct {
	from, to plant.Instant // both included
	sweeps   []*sweep
	jobs     map[windowKey][]*job
	more     map[*sweep]bool // has windows that end later
	next     plant.Instant   // when nothing is on the way to it
}

// windowsOf finds the windows of a stretch that have a revision.
func (v *reviser) windowsOf(ctx context.Context, x *stretch) error {
	x.jobs, x.more = map[windowKey][]*job{}, map[*sweep]bool{}
	none := true
	for _, p := range v.kpis.all {
		if !slices.ContainsFunc(x.sweeps, func(s *sweep) bool { return p.has(s.row.Equipment) }) {
			continue
		}
		found, err := v.kpis.store.KPIsOver(ctx, p.path, plant.Interval{From: x.from - 1, To: x.to})
		if err != nil {
			return err
		}
		for _, k := range found {
			none = false
			x.add(p, &k)
		}
	}
	x.next = x.to
	if none {
		next, err := v.kpis.store.NextKPI(ctx, x.to)
		if err != nil {
			return err
		}
		if x.next = next; next == 0 {
			x.next = endOfTime
		}
	}
	for _, s := range x.sweeps {
		x.more[s] = x.more[s] || x.next < s.to()
	}
	return nil
}

// add notes who wants a window looked at.
func (x *stretch) add(p *place, k *store.KPI) {
	j := &job{place: p, kind: k.Window, window: plant.Interval{From: k.Start, To: k.End}, before: k}
	for _, s := range x.sweeps {
		switch {
		case !s.means(p, j.key()):
		case k.End > x.to:
			x.more[s] = true
		default:
			j.rows = append(j.rows, s.row)
		}
	}
	if len(j.rows) > 0 {
		x.jobs[j.key()] = append(x.jobs[j.key()], j)
	}
}

// addStretch adds windows of a stretch, all places of each, and moves its sweeps
// on. It reports whether there was room for all.
func (b *batch) addStretch(p *stretch) bool {
	keys := make([]windowKey, 0, len(p.jobs))
	for key := range p.jobs {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, windowKey.compare)
	for _, key := range keys {
		n := machines(p.jobs[key])
		if b.machines > 0 && b.machines+n > machinesPerRound {
			return false
		}
		b.machines += n
		for _, j := range p.jobs[key] {
			b.add(j)
		}
		for _, s := range p.sweeps {
			s.advance(key)
		}
	}
	for _, s := range p.sweeps {
		s.advance(endingBy(p.next))
	}
	return true
}

// machines counts the machines whose facts jobs of one window need.
func machines(jobs []*job) int {
	all := map[*plant.Equipment]bool{}
	for _, j := range jobs {
		for _, eq := range j.place.equipment() {
			all[eq] = true
		}
	}
	return len(all)
}

// sort puts jobs of the same window together, parts before the whole.
func (v *reviser) sort(jobs []*job) {
	order := map[*place]int{}
	for i, p := range v.kpis.all {
		order[p] = i
	}
	slices.SortFunc(jobs, func(a, b *job) int {
		return cmp.Or(a.key().compare(b.key()), cmp.Compare(order[a.place], order[b.place]))
	})
}

// waiting returns the changed facts that are in the figures of a job already,
// though it is not yet their turn.
func (v *reviser) waiting(b *batch, j *job) []store.Dirty {
	all := v.gathered(b.pending, j.place, j.window, endOfTime)
	for _, s := range b.left {
		d := s.row
		if d.Kind == store.DirtyFacts && d.Start < j.window.To && d.End > j.window.From && s.means(j.place, j.key()) {
			all = append(all, d)
		}
	}
	return all
}

// drop forgets the facts of the parts of a line, which is done.
func (x *computing) drop(p *place) {
	if p.scope == production.ScopeLine {
		for _, part := range p.parts {
			delete(x.inputs, part.calendar)
		}
	}
}
