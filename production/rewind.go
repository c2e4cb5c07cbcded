package production

import (
	"slices"
	"time"

	"andon/plant"
)

// Rewind sets stream time back to now, after the clock that stamps the stream
// was put right. What was told of times that are now to come is taken back,
// but for what it said last: that holds from now on, and the next input goes
// on from there. It is to be called before the first Apply or Tick at now.
func (a *Area) Rewind(now plant.Instant) {
	if now >= a.now {
		return
	}
	a.settle()
	was := a.now
	a.now, a.trimmed = now, min(a.trimmed, now)
	for _, name := range sortedKeys(a.sources) {
		src := a.sources[name]
		src.rewind(now, src.join)
	}
	a.rewindOrders(now, was)
	for _, u := range a.units {
		if u.begin == 0 {
			continue
		}
		u.rewind(now)
		a.mark(u)
	}
	a.settle()
}

// rewindOrders has orders that people began or ended meanwhile begin and end
// now.
func (a *Area) rewindOrders(now, was plant.Instant) {
	for _, o := range slices.Clone(a.orders) {
		from, to := o.From, o.To
		if o.From > now && o.From <= was {
			o.From = now
		}
		if o.To > now && o.To <= was {
			o.To = now
		}
		if o.From == from && o.To == to {
			continue
		}
		a.putOrder(o)
		if line := a.lineOf(o.Line); line != nil {
			a.replan(line)
		}
	}
}

// rewind forgets contacts after now. That there were some is contact at now.
func (s *spans) rewind(now, join plant.Instant) {
	v := *s
	if len(v) == 0 || v.last() <= now {
		return
	}
	n := len(v)
	for n > 0 && v[n-1].From > now {
		n--
	}
	v = slices.Clone(v[:n])
	if n > 0 {
		v[n-1].To = min(v[n-1].To, now)
	}
	*s = v
	s.add(now, join)
}

// rewind forgets samples after now but for the last of each signal and
// counter, which then say what they say at now.
func (u *unit) rewind(now plant.Instant) {
	for i := range u.tracks {
		u.tracks[i].rewind(now)
	}
	u.spans.rewind(now, u.set.stale)
	for i := range u.counters {
		u.counters[i].rewind(now)
	}
	u.gauges.rewind(now)
	u.out.meter = min(u.out.meter, closing(now))
	u.last = min(u.last, now)
	if m := (now + minute - 1).Truncate(time.Minute); m < u.frozen { // what is stored of its minute stays
		u.frozen, u.carry, u.energy.carry = m, [counters]carry{}, carry{}
		for i := range u.carry {
			u.carry[i].since = now
		}
		u.energy.carry.since = now
	}
	if u.begin > now || u.checks[0].pos > now {
		u.beginAnew(now, now)
	}
	u.judgeAgain(now)
	u.touch(now)
	u.recount = min(u.recount, now-1)
}

// rewind forgets readings and levels after now but for the last of each.
func (g *gauges) rewind(now plant.Instant) {
	g.energy.readings.rewind(now)
	g.energy.recount = min(g.energy.recount, now-1)
	g.safety.from = min(g.safety.from, now)
	for i := range g.levels {
		l := &g.levels[i]
		n := len(l.points)
		for n > 0 && l.points[n-1].t > now {
			n--
		}
		if n < len(l.points) {
			last := l.points[len(l.points)-1].v
			l.points = slices.Clone(l.points[:n])
			l.note(levelPoint{now, last})
		}
	}
}

// beginAnew begins the unit's facts at now, when all that is kept of it is of
// another time. The facts stored of before stay; stops last until end.
func (u *unit) beginAnew(now, end plant.Instant) {
	var over []Stop
	for _, s := range u.stops {
		if s.To != 0 && s.To <= end {
			continue
		}
		s.Void = s.From >= end
		s.To = max(end, s.From)
		s.Excluded = min(s.Excluded, s.To.Sub(s.From))
		over = append(over, s)
	}
	u.timeline = timeline{begin: now, last: now, at: now, end: now + 1, wake: endless, near: endless, checks: []checkpoint{{}}}
	u.slowness = slowness{}
	u.buckets, u.keys, u.meters, u.done = nil, nil, [counters]meter{}, [counters]int{}
	for i := range u.counters {
		u.counters[i].readings.restart()
	}
	u.window = window{}
	u.energy.restart()
	u.energy.now, u.energy.done, u.energy.minutes = meter{}, 0, nil
	u.safety.minutes = nil
	u.out.note(change{segment: now, differs: now, count: now, stops: over})
}

// rewind forgets the readings after now; the last of them was at now.
func (h *readings) rewind(now plant.Instant) {
	if !h.any() {
		return
	}
	tail := h.open(len(h.blocks))
	var last reading
	if len(tail) > 0 {
		last = tail[len(tail)-1]
	} else {
		block := h.open(len(h.blocks) - 1)
		last = block[len(block)-1]
	}
	if last.t <= now {
		return
	}
	k := h.find(now)
	rest := slices.Clone(h.open(k))
	if k < len(h.blocks) {
		h.start, h.blocks = h.blocks[k].start, h.blocks[:k]
	}
	n := 0
	for n < len(rest) && rest[n].t <= now {
		n++
	}
	h.tail, h.valid = rest[:n], min(max(h.valid, 1), k+1)
	last.t = now
	h.insert(last)
}

// restart makes the last reading the first.
func (h *readings) restart() {
	if n := len(h.tail); n > 0 {
		*h = readings{tail: slices.Clone(h.tail[n-1:]), valid: 1}
	} else {
		*h = readings{}
	}
}
