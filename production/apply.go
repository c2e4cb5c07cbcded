package production

import (
	"math"
	"slices"
	"unique"

	"andon/plant"
)

// maxAhead is how far event time may run ahead of stream time.
const maxAhead = 10 * minute

// Apply takes samples and contacts at stream time now, which goes back only by
// Rewind. The slices are not kept.
func (a *Area) Apply(now plant.Instant, samples []plant.Sample, contacts []plant.Contact) {
	a.advance(now)
	for i := range samples {
		s := &samples[i]
		if s.Tag.ID < 0 || s.Tag.ID >= len(a.routes) {
			a.stats.Unmatched++
			continue
		}
		if s.Time < a.now-a.horizon {
			a.applyOld(s)
			continue
		}
		if !a.timely(s.Time) {
			continue
		}
		for _, r := range a.routes[s.Tag.ID] {
			a.ingest(r, s)
		}
	}
	for _, c := range contacts {
		if src := a.sources[c.Source]; src != nil && a.timely(c.Time) {
			a.contact(src, c.Time)
		}
	}
}

// applyOld takes a sample from before the horizon. It is what a source tells
// of a value that did not change for days: where nothing else is known of a
// signal, it holds from now on.
func (a *Area) applyOld(s *plant.Sample) {
	if a.past {
		a.stats.TooLate++
		return
	}
	used := false
	for _, r := range a.routes[s.Tag.ID] {
		known := r.signal < 0 || r.u.tracks[r.signal].any()
		if r.counter >= 0 {
			known = r.u.counters[r.counter].any()
		} else if r.energy || r.level >= 0 {
			known = r.energy && r.u.energy.any() || r.level >= 0 && len(r.u.levels[r.level].points) > 0
		}
		if !known && s.Status.IsGood() {
			now := *s
			now.Time = a.now
			a.ingest(r, &now)
			used = true
		}
	}
	if !used {
		a.stats.TooLate++
	}
}

// timely reports whether event time t is within the horizon.
func (a *Area) timely(t plant.Instant) bool {
	switch {
	case t < a.now-a.horizon:
		a.stats.TooLate++
		return false
	case t > a.now+maxAhead:
		a.stats.TooEarly++
		return false
	}
	return true
}

func (a *Area) contact(src *source, t plant.Instant) {
	for _, u := range src.members {
		a.closing(u, t)
		a.refresh(u, src.last(), t)
	}
	if from, changed := src.add(t, src.join); changed {
		for _, u := range src.members {
			a.touchHeard(u, u.spans, from, t)
		}
	}
}

// touchHeard notes that one kind of contact, which is now also at t, is another
// after from. Without a contact of that kind before t, a state that was lost may
// be known for longer since the other kind's last.
func (a *Area) touchHeard(u *unit, other spans, from, t plant.Instant) {
	if last := other.lastBy(from); from == t && last != 0 {
		from = last
	}
	u.touch(from)
	a.mark(u)
}

// closing notes that there will be contact at t, where there may have been a
// gap.
func (a *Area) closing(u *unit, t plant.Instant) {
	own, all := u.spans.last(), u.source.last()
	if t >= max(own, all) && !u.stale {
		return
	}
	if g, ok := gapAfter(u.spans, *u.source, t, a.now, u.set.stale); ok && g.From <= t {
		u.touch(g.From)
		a.mark(u)
	}
}

// refresh notes that there is contact at t, after that at last: a state that
// was lost later than last was known for longer then.
func (a *Area) refresh(u *unit, last, t plant.Instant) {
	if t <= last || last == 0 || last >= u.stated {
		return
	}
	if u.tracks[sigState].firstAfter(last, true) != endless {
		u.touch(last)
		a.mark(u)
	}
}

// ingest puts a sample into the log of one unit.
func (a *Area) ingest(r route, s *plant.Sample) {
	u := r.u
	good := s.Status.IsGood()
	if r.own && (good || r.signal == sigState) {
		a.seen(u, s.Time, good)
	}
	switch {
	case r.signal >= 0:
		a.readSignal(u, int(r.signal), s)
	case r.power && good:
		a.draw(u, s)
	case r.counter >= 0 && good:
		v, ok := whole(s.Value)
		if !ok {
			a.stats.NoNumber++
			return
		}
		a.read(u, int(r.counter), reading{s.Time, v})
	case r.energy && good:
		a.readEnergy(u, s)
	case r.level >= 0 && good:
		a.readLevel(u, int(r.level), s)
	}
}

// seen notes that a sample of the unit came, a good one or not.
func (a *Area) seen(u *unit, t plant.Instant, good bool) {
	if u.begin == 0 || t < u.begin {
		u.begin = t
		u.touch(t)
		a.mark(u)
	}
	u.last = max(u.last, t)
	if !good {
		return
	}
	a.closing(u, t)
	a.refresh(u, u.spans.last(), t)
	if from, changed := u.spans.add(t, u.set.stale); changed {
		a.touchHeard(u, *u.source, from, t)
	}
}

// codeOf returns what a sample says of a signal, false for nothing.
func (u *unit) codeOf(signal int, s *plant.Sample) (code, bool) {
	switch {
	case s.Status.IsGood() && s.Value.Kind() != plant.KindNone:
		m := u.memoOf(signal)
		if m.value != s.Value {
			m.value, m.code = s.Value, unique.Make(shortText(s.Value.String()))
		}
		return m.code, true
	case s.Status.IsGood() || signal != sigState:
		return codeNone, false
	case connectionLost(s.Status):
		return codeLost, true
	}
	return codeBad, true
}

// A memo spares turning a repeated value into text.
type memo struct {
	value plant.Value
	code  code
}

// memoOf returns the memo of a signal. Most equipment has only the first ones.
func (u *unit) memoOf(signal int) *memo {
	for len(u.memo) <= signal {
		u.memo = append(u.memo, memo{})
	}
	return &u.memo[signal]
}

// connectionLost reports whether a status says that the way to the equipment
// is gone, and not that its value is bad.
func connectionLost(s plant.Status) bool {
	return slices.Contains([]plant.Status{plant.BadCommunicationError, plant.BadNoCommunication,
		0x800D0000, // BadServerNotConnected
		0x808A0000, // BadNotConnected
		0x80AE0000, // BadConnectionClosed
	}, s&0xFFFF0000)
}

// whole returns a counter's value; fractions of a count are cut off.
func whole(v plant.Value) (int64, bool) {
	if n, ok := v.Int(); ok && v.Kind() != plant.KindBool {
		return n, true
	}
	f, ok := v.Float()
	if !ok || v.Kind() != plant.KindFloat || math.IsNaN(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(math.Floor(f)), true
}

// read puts a reading into the log of a counter.
func (a *Area) read(u *unit, i int, r reading) {
	c := &u.counters[i]
	n := len(c.tail)
	inOrder := n == 0 || c.tail[n-1].t < r.t
	if !c.insert(r) {
		a.stats.Repeated++
		return
	}
	from := u.uncounted(i)
	if !inOrder {
		// What was counted up to r is counted anew, and up to the next one.
		from = r.t - 1
		c.walk(c.lim, from, func(inc increment) bool {
			from = min(from, inc.from)
			return inc.to <= r.t-1
		})
		u.recount = min(u.recount, r.t-1)
	}
	if c == u.main() && u.signs.by() == byPulse {
		if inOrder {
			u.pulse(r)
		} else {
			u.pulseAgain(from)
		}
	}
	if c == u.main() {
		u.touchGaps(from)
		if v := u.cur.unknown; u.cur.lasts && r.t > v.From && r.t <= u.cur.pos {
			u.touch(v.From)
		}
	}
	if u.lost && u.tracks[sigState].at(r.t) == codeLost {
		u.touch(r.t)
	}
	a.mark(u)
}

// Tick moves stream time on without samples: states become stale, stops grow
// out of being micro.
func (a *Area) Tick(now plant.Instant) {
	a.advance(now)
	for _, u := range a.units {
		a.due(u)
	}
	a.trim()
}
