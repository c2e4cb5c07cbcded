package production

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"andon/plant"
)

const (
	// mostPower is the highest believable power in kilowatts where none is
	// configured: a meter that shows more was set, not driven.
	mostPower = 5000
	// The running power is that of the last 5 to 10 minutes of run: meters of
	// coarse steps show nothing over less.
	powerOver = 10 * minute
)

// A power is energy in milliwatt-hours over time of run.
type power struct {
	energy int64
	time   plant.Instant
}

func (p *power) learn(n int64, d plant.Instant) {
	p.energy, p.time = p.energy+n, p.time+d
	for p.time > powerOver {
		p.energy, p.time = p.energy/2, p.time/2
	}
}

// over returns the energy that the power makes in d.
func (p power) over(d plant.Instant) float64 {
	return math.Round(float64(p.energy) * float64(d) / float64(p.time))
}

// An energyMinute is the energy used in one minute, in milliwatt-hours.
type energyMinute struct {
	minute    plant.Instant
	run, idle int64
	power     power // after the last increment that ended in the minute
}

// An energy is the energy meter of a unit and what it showed. The readings of
// its counter are in milliwatt-hours.
type energy struct {
	counter
	scale   float64 // milliwatt-hours of one unit of the tag
	now     meter   // after the last reading that is counted
	done    int     // how many readings of the tail are counted
	power   power   // after the last reading that is counted
	base    power   // before the first of minutes
	minutes []energyMinute
	recount plant.Instant // earliest change that came late, endless for none
	carry   carry
}

// metering finds the energy meter of the unit.
func (e *energy) metering(tag *plant.Tag, most float64) {
	e.recount = endless
	if e.tag = tag; tag == nil {
		return
	}
	e.scale = map[string]float64{"Wh": 1e3, "MWh": 1e9}[tag.Unit]
	if e.scale == 0 {
		e.scale = 1e6
	}
	if most == 0 {
		most = mostPower
	}
	e.lim.rate = most * 1e6 / 3600
	// Whatever the power, a meter may count in whole units.
	e.lim.free = int64(e.scale)
	if float64(tag.Rollover)*e.scale < 1<<62 {
		e.lim.rollover = int64(float64(tag.Rollover) * e.scale)
	}
}

func (e *energy) milliwattHours(v plant.Value) (int64, bool) {
	f, ok := v.Float()
	f = math.Round(f * e.scale)
	if !ok || v.Kind() == plant.KindBool || math.IsNaN(f) || math.Abs(f) >= 1<<62 {
		return 0, false
	}
	return int64(f), true
}

// readEnergy puts a reading into the log of the energy meter.
func (a *Area) readEnergy(u *unit, s *plant.Sample) {
	e := &u.energy
	v, ok := e.milliwattHours(s.Value)
	if !ok {
		a.stats.NoNumber++
		return
	}
	n := len(e.tail)
	inOrder := n == 0 && len(e.blocks) == 0 || n > 0 && e.tail[n-1].t < s.Time
	if !e.insert(reading{s.Time, v}) {
		a.stats.Repeated++
		return
	}
	if !inOrder {
		e.recount = min(e.recount, s.Time-1)
	}
	a.mark(u)
}

// countEnergy counts the readings that came since. When the timeline differs
// from changed on, or readings came late, it counts again from there.
func (u *unit) countEnergy(changed plant.Instant) {
	e := &u.energy
	if !e.any() {
		return
	}
	if e.recount != endless || e.now.last.t > changed {
		from := min(changed, e.recount)
		if e.done < len(e.tail) {
			from = min(from, e.uncounted())
		}
		e.recount = endless
		u.countEnergyAgain(from)
		return
	}
	for ; e.done < len(e.tail); e.done++ {
		if inc, ok := e.now.step(e.lim, e.tail[e.done]); ok {
			u.useEnergy(inc, 0)
		}
	}
	e.seal()
}

// uncounted returns the beginning of the next increment.
func (e *energy) uncounted() plant.Instant {
	if e.now.seen {
		return e.now.last.t
	}
	return e.first()
}

// countEnergyAgain replaces all energy from the minute on in which an
// increment begins that from divides.
func (u *unit) countEnergyAgain(from plant.Instant) {
	e := &u.energy
	e.walk(e.lim, from, func(inc increment) bool {
		if inc.to > from {
			from = min(from, inc.from)
		}
		return inc.to <= from
	})
	first := begin(max(from.Truncate(time.Minute), u.frozen), u.frozen, &e.counter)
	k := e.index(first)
	if e.power = e.base; k > 0 {
		e.power = e.minutes[k-1].power
	}
	e.minutes = e.minutes[:k]
	u.out.meter = min(u.out.meter, first)
	since := e.carry.reopen(first, u.frozen, &e.counter, energyOf)
	e.now = e.walk(e.lim, min(first, since), func(inc increment) bool {
		if inc.to > first || inc.from >= since {
			u.useEnergy(inc, first)
		}
		return true
	})
	e.done = len(e.tail)
	e.seal()
}

func (e *energy) seal() {
	if n := len(e.tail); n >= 2*blockSize {
		e.readings.seal(e.lim)
		e.done -= n - len(e.tail)
	}
}

// useEnergy books an increment on the minutes and on run or not, but not on
// minutes before first.
func (u *unit) useEnergy(inc increment, first plant.Instant) {
	e := &u.energy
	v, all := u.after(inc), inc.n
	if e.carry.owed != 0 {
		all = e.carry.take(inc, all, u.frozen)
	}
	run, idle := u.runParts(v)
	d := length(run)
	whole := d + length(idle)
	var n int64
	switch {
	case d == 0:
	case d == whole:
		n = all
		e.power.learn(n, d)
	case e.power.time > 0:
		n = int64(min(float64(all), e.power.over(d)))
	default: // no run was seen alone yet
		n = share(all, d, whole)
	}
	u.spread(n, run, func(m *energyMinute) *int64 { return &m.run }, first)
	u.spread(all-n, idle, func(m *energyMinute) *int64 { return &m.idle }, first)
	if end := (inc.to - 1).Truncate(time.Minute); end >= first {
		e.at(end).power = e.power
	}
}

// runParts cuts v into run and all else. Counts know the same run.
func (u *unit) runParts(v plant.Interval) (run, idle []plant.Interval) {
	if v.From == v.To {
		v.From-- // two readings of one instant
	}
	t := v.From
	for k := u.segmentIndex(v.From); k < len(u.segs) && u.segs[k].From < v.To; k++ {
		if !u.segs[k].counting().run {
			continue
		}
		part := u.segs[k].Interval(endless).Clip(v)
		if part.Duration() <= 0 {
			continue
		}
		if t < part.From {
			idle = append(idle, plant.Interval{From: t, To: part.From})
		}
		run, t = append(run, part), part.To
	}
	if t < v.To {
		idle = append(idle, plant.Interval{From: t, To: v.To})
	}
	return run, idle
}

func length(parts []plant.Interval) plant.Instant {
	var sum plant.Instant
	for _, p := range parts {
		sum += p.To - p.From
	}
	return sum
}

// share returns n x part / whole, for part up to whole.
func share(n int64, part, whole plant.Instant) int64 {
	hi, lo := bits.Mul64(uint64(n), uint64(part))
	q, _ := bits.Div64(hi, lo, uint64(whole))
	return int64(q)
}

// spread books n evenly over parts. What is booked up to any minute is
// rounded down, so that all of n is booked at the end.
func (u *unit) spread(n int64, parts []plant.Interval, field func(*energyMinute) *int64, first plant.Instant) {
	if n == 0 {
		return
	}
	all := length(parts)
	var past plant.Instant
	var booked int64
	for _, p := range parts {
		for t := p.From; t < p.To; {
			m := t.Truncate(time.Minute)
			to := min(p.To, m+minute)
			past += to - t
			due := share(n, past, all)
			if due > booked && m >= first {
				*field(u.energy.at(m)) += due - booked
				u.out.meter = min(u.out.meter, m)
			}
			booked, t = due, to
		}
	}
}

// at returns the place of a minute, a new one if need be. The pointer holds
// until the next call.
func (e *energy) at(m plant.Instant) *energyMinute {
	i := len(e.minutes)
	for i > 0 && e.minutes[i-1].minute > m {
		i--
	}
	if i > 0 && e.minutes[i-1].minute == m {
		return &e.minutes[i-1]
	}
	known := e.base
	if i > 0 {
		known = e.minutes[i-1].power
	}
	e.minutes = slices.Insert(e.minutes, i, energyMinute{minute: m, power: known})
	return &e.minutes[i]
}

func (e *energy) index(m plant.Instant) int {
	k, _ := slices.BinarySearchFunc(e.minutes, m, func(x energyMinute, t plant.Instant) int { return cmpInstant(x.minute, t) })
	return k
}

// forget forgets readings before cutoff and minutes before oldest.
func (e *energy) forget(cutoff, oldest plant.Instant) {
	e.readings.trim(cutoff)
	if k := e.index(oldest); k > 0 {
		e.base = e.minutes[k-1].power
		e.minutes = slices.Clone(e.minutes[k:])
	}
}
