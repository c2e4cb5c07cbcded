package production

import (
	"slices"
	"time"

	"andon/plant"
)

// trimEvery is how often what left the horizon is forgotten.
const trimEvery = plant.Instant(time.Hour)

// trim forgets what no timely sample can change any more.
func (a *Area) trim() {
	if a.now < a.trimmed+trimEvery {
		return
	}
	a.settle()
	a.trimmed = a.now
	a.forgetOrders(a.now - a.horizon)
	for _, u := range a.units {
		u.trim(a.now - a.horizon)
	}
	for _, u := range a.units {
		u.trimLog(u.logFrom())
	}
	for _, name := range sortedKeys(a.sources) {
		src := a.sources[name]
		oldest := endless
		for _, u := range src.members {
			oldest = min(oldest, u.logFrom())
		}
		src.trim(oldest)
	}
}

// trim makes the last checkpoint before cutoff the base. The log before the
// base goes, and so do the facts that are wholly before it.
func (u *unit) trim(cutoff plant.Instant) {
	n := u.nextBase(cutoff)
	if n == 0 {
		return
	}
	u.since, u.ran = u.lastReading(u.checks[n].pos)
	u.freeze(cutoff)
	u.checks = slices.Clone(u.checks[n:])
	base := &u.checks[0]
	segs, stops := base.segs, base.stops
	// A rewrite begins with a whole minute: keep all that begins in it, and
	// what Drain has not told yet.
	for first := min(u.segs[segs].From, u.out.segment).Truncate(time.Minute); segs > 0 && u.segs[segs-1].From >= first; {
		segs--
	}
	u.segs, u.stops = slices.Clone(u.segs[segs:]), slices.Clone(u.stops[stops:])
	u.sureSegs, u.sureStop = u.sureSegs-segs, u.sureStop-stops
	for i := range u.checks {
		u.checks[i].segs -= segs
		u.checks[i].stops -= stops
	}
	u.cutUnknown(base.pos)
	for i := range u.counters {
		c := &u.counters[i]
		c.trim(base.pos)
	}
	u.slow = slices.DeleteFunc(u.slow, func(v plant.Interval) bool { return len(u.segs) > 0 && v.From < u.segs[0].From })
	k := u.bucketIndex(min(cutoff, u.out.minute).Truncate(time.Minute))
	u.buckets = slices.Clone(u.buckets[k:])
	u.forgetMeters(cutoff, min(cutoff, u.out.meter).Truncate(time.Minute))
	u.window = window{}
	u.packKeys()
}

// logFrom returns from when on the log is needed: by the unit itself and by
// those of its line whose starved or blocked time it may explain.
func (u *unit) logFrom() plant.Instant {
	oldest := u.checks[0].pos
	for _, n := range u.line {
		c := &n.checks[0]
		from := c.pos
		for _, f := range slices.Concat(c.runs, c.nons, []frag{c.partial}) {
			if f.from != 0 {
				from = min(from, f.from)
			}
		}
		oldest = min(oldest, max(from, c.pos.Add(-keepAtMost)))
	}
	return oldest
}

func (u *unit) trimLog(t plant.Instant) {
	for i := range u.tracks {
		u.tracks[i].trim(t)
	}
	u.spans.trim(t)
	u.signs.trim(t)
}

// keepAtMost bounds how long before the horizon the log may have to begin.
const keepAtMost = 12 * time.Hour

// nextBase returns the last checkpoint before cutoff up to which nothing
// depends on what came later, 0 for none.
func (u *unit) nextBase(cutoff plant.Instant) int {
	last := 0
	for last+1 < len(u.checks) && u.checks[last+1].pos < cutoff {
		last++
	}
	n := last
	for n > 0 && !u.independent(u.checks[n].pos) {
		n--
	}
	if n == 0 && cutoff.Sub(u.checks[0].pos) > keepAtMost {
		return last
	}
	return n
}

// lastReading returns when the main counter was last read before t, and for
// how long the equipment ran from then to t; t when it was not.
func (u *unit) lastReading(t plant.Instant) (plant.Instant, time.Duration) {
	c := u.main()
	if c == nil {
		return 0, 0
	}
	since := plant.Instant(0)
	m := c.walk(c.lim, t, func(inc increment) bool {
		if inc.to > t {
			since = min(inc.from, t)
		}
		return inc.to <= t
	})
	if since == 0 {
		since = min(m.last.t, t)
	}
	if since == 0 {
		since = t
	}
	return since, u.ranIn(plant.Interval{From: since, To: t})
}

// cutUnknown has a stretch without data that has no end yet begin at the base:
// what was made in it before is not asked any more.
func (u *unit) cutUnknown(base plant.Instant) {
	u.gaps = slices.DeleteFunc(u.gaps, func(g gap) bool { return g.To <= base })
	for i := range u.gaps {
		g := &u.gaps[i]
		g.From, g.runs = max(g.From, base), after(g.runs, base)
	}
	if u.checks[0].lasts {
		u.checks[0].scanner = scanner{pos: base}
	}
	for i := range u.checks {
		u.checks[i].unknown.From = max(u.checks[i].unknown.From, base)
	}
	u.cur.unknown.From = max(u.cur.unknown.From, base)
}

// after returns what of list, which is in order, is not before t.
func after(list []plant.Interval, t plant.Instant) []plant.Interval {
	var out []plant.Interval
	for _, v := range list {
		if v.To > t {
			out = append(out, plant.Interval{From: max(v.From, t), To: v.To})
		}
	}
	return out
}

// packKeys forgets the keys that no bucket has any more.
func (u *unit) packKeys() {
	if len(u.keys) < 256 {
		return
	}
	old := u.keys
	u.keys = nil
	place := map[int32]int32{}
	for i := range u.buckets {
		k := u.buckets[i].key
		if _, ok := place[k]; !ok {
			place[k] = int32(len(u.keys))
			u.keys = append(u.keys, old[k])
		}
		u.buckets[i].key = place[k]
	}
}
