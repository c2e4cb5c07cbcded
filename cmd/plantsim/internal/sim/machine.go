package sim

import (
	"sort"
	"time"

	"andon/cmd/plantsim/internal/northfield"
	"andon/cmd/plantsim/internal/scenario"
)

// Fractions are kept in whole numbers, so that sums are exact and the same on
// every machine: materials and analog values in millionths, energy in
// watt-milliseconds.
const (
	micro           = 1_000_000
	wattMillisecond = 3600 // watt-milliseconds per millionth of a kWh
)

// A machine computes what one equipment has done by any time of a pass. It
// keeps what earlier passes added up to.
type machine struct {
	eq   *northfield.Equipment
	cfg  *scenario.Equipment
	from *machine // whose good units it counts, nil when it makes its own

	// carried over from the passes before this one
	total, reject uint64
	energy        int64 // watt-milliseconds since the start
}

func newMachine(eq *northfield.Equipment, cfg *scenario.Equipment) *machine {
	return &machine{eq: eq, cfg: cfg, total: cfg.Start.Total, reject: cfg.Start.Reject}
}

// segment returns the segment at t; at a boundary the one that begins.
func (m *machine) segment(t time.Duration) *scenario.Segment {
	segs := m.cfg.Segments
	i := sort.Search(len(segs), func(i int) bool { return segs[i].To > t })
	return &segs[min(i, len(segs)-1)]
}

// units returns how many units the machine has made in this pass up to t. A
// unit that completes at t counts.
func (m *machine) units(t time.Duration) int64 {
	if m.from == nil {
		var n int64
		for i := range m.cfg.Segments {
			n += madeIn(&m.cfg.Segments[i], t)
		}
		return n
	}
	var cases int64
	segs := m.cfg.Segments
	for i := 0; i < len(segs) && segs[i].From < t; {
		// An open case lives as long as the pack stays the same.
		from, pack := segs[i].From, segs[i].Pack
		for i < len(segs) && segs[i].Pack == pack {
			i++
		}
		to := min(t, segs[i-1].To)
		cases += (m.fed(to) - m.fed(from)) / pack
	}
	return cases
}

// fed returns how many units have come from the machine before this one.
func (m *machine) fed(t time.Duration) int64 {
	return m.from.good(t) * m.cfg.Feed.Each
}

func (m *machine) good(t time.Duration) int64 { return m.units(t) - m.rejects(t) }

// madeIn returns how many units segment s of a machine with its own cycle
// has made up to t.
func madeIn(s *scenario.Segment, t time.Duration) int64 {
	if s.Cycle == 0 || t <= s.From {
		return 0
	}
	return int64((min(t, s.To) - s.From) / s.Cycle)
}

// rejects returns how many units of this pass were rejected up to t.
func (m *machine) rejects(t time.Duration) int64 {
	var n int64
	for i := range m.cfg.Segments {
		s := &m.cfg.Segments[i]
		if t <= s.From {
			break
		}
		n += m.rejectsIn(s, t)
	}
	return n
}

func (m *machine) rejectsIn(s *scenario.Segment, t time.Duration) int64 {
	r := s.Rejects
	before := m.units(s.From)
	made := m.units(min(t, s.To)) - before
	n := min(r.First, made)
	if r.Count > 0 {
		// Number r of n is unit ceil(r*units/n), so u units hold floor(u*n/units).
		all := m.units(s.To) - before
		n += made * min(r.Count, all) / max(all, 1)
	}
	for _, a := range r.At {
		if a.At <= t {
			n += a.Count
		}
	}
	return n
}

// rework returns how many rejects of this pass can be reworked, of the
// segments that ended by t.
func (m *machine) rework(t time.Duration) int64 {
	var n int64
	for _, s := range m.cfg.Segments {
		if s.To <= t {
			n += s.Rejects.Rework
		}
	}
	return n
}

// totalAt returns the counter of units, which the equipment's controller may
// have set to 0 in between.
func (m *machine) totalAt(t time.Duration) uint64 {
	base, since := m.total, int64(0)
	for _, r := range m.cfg.Resets {
		if r <= t {
			base, since = 0, m.units(r)
		}
	}
	return base + uint64(m.units(t)-since)
}

func (m *machine) rejectAt(t time.Duration) uint64 { return m.reject + uint64(m.rejects(t)) }

// consumed returns watt-milliseconds since the first pass.
func (m *machine) consumed(t time.Duration) int64 {
	sum := m.energy
	for _, s := range m.cfg.Segments {
		if t <= s.From {
			break
		}
		kw := m.cfg.Power.Idle
		if s.Cycle > 0 {
			kw = m.cfg.Power.Running
		}
		sum += toMicro(kw) / 1000 * (min(t, s.To) - s.From).Milliseconds()
	}
	return sum
}

// energyAt returns the energy meter in kWh.
func (m *machine) energyAt(t time.Duration) float64 {
	return fromMicro(toMicro(m.cfg.Start.Energy) + m.consumed(t)/wattMillisecond)
}

// levelAt returns the material left. It is full again in every pass.
func (m *machine) levelAt(t time.Duration) float64 {
	left := toMicro(m.cfg.Start.Level)
	for i := range m.cfg.Segments {
		s := &m.cfg.Segments[i]
		left -= toMicro(s.Uses) * madeIn(s, t)
	}
	for _, r := range m.cfg.Refills {
		if r.At <= t {
			left += toMicro(r.Add)
		}
	}
	return fromMicro(max(left, 0))
}

func (m *machine) guardAt(t time.Duration) bool {
	for _, g := range m.cfg.Guard {
		if g.From <= t && t < g.To {
			return true
		}
	}
	return false
}

func toMicro(f float64) int64 {
	if f < 0 {
		return -toMicro(-f)
	}
	return int64(f*micro + 0.5)
}

func fromMicro(n int64) float64 { return float64(n) / micro }
