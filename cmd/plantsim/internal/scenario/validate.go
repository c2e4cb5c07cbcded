package scenario

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"andon/cmd/plantsim/internal/northfield"
	"andon/plant/setting"
)

// maxLength bounds a scenario so that one pass of it fits in memory.
const maxLength = 24 * time.Hour

// tick is the finest step of all times but the cycle. Values that change in it
// can still be told apart by a client that samples as fast as a server can.
const tick = 10 * time.Millisecond

func (s *Scenario) validate() setting.Problems {
	var p setting.Problems
	if s.Name == "" {
		p.Add("name", "a name")
	}
	if s.Length <= 0 || s.Length > maxLength {
		p.Add("length", "a duration above 0 and at most %s", maxLength)
		return p
	}
	s.validateOutages(&p)
	byName := map[string]*northfield.Equipment{}
	for _, e := range s.Plant {
		byName[e.Name] = e
		if s.Equipment[e.Name] == nil {
			p.Add("equipment."+e.Name, "segments for this equipment")
		}
	}
	for _, name := range sortedKeys(s.Equipment) {
		at := "equipment." + name
		eq, e := byName[name], s.Equipment[name]
		switch {
		case eq == nil:
			p.Add(at, "equipment of the plant: A1 to A4, B1 to B3")
		case e != nil:
			p.Under(at, e.validate(eq, s.Length))
			p.Under(at, e.validateFeed(eq, s))
		}
	}
	return p
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

func (s *Scenario) validateOutages(p *setting.Problems) {
	var free time.Duration
	for i, o := range s.Outages {
		at := fmt.Sprintf("opcua_outages[%d]", i)
		if o.Away <= 0 || o.Settle <= 0 || !whole(o.At, o.Away, o.Settle) {
			p.Add(at, "away and settle above 0, in steps of 10ms")
		}
		if o.At < free || o.End() >= s.Length {
			p.Add(at, "a time after the outage before it, ended before the scenario does")
		}
		free = o.End() + tick
	}
}

func (e *Equipment) validate(eq *northfield.Equipment, length time.Duration) setting.Problems {
	var p setting.Problems
	var end time.Duration
	for i := range e.Segments {
		p.Under(fmt.Sprintf("segments[%d]", i), e.Segments[i].validate(eq, e))
		end = e.Segments[i].To
	}
	if end != length {
		p.Add("segments", "durations that sum up to the length %s, not %s", length, end)
	}
	e.validateTimes(&p, eq, length)
	for _, name := range sortedKeys(e.Analog) {
		a, at := e.Analog[name], "analog."+name
		if sig, err := eq.Signal(name); err != nil || sig.Meaning != northfield.Analog {
			p.Add(at, "an analog signal of %s", eq.Name)
		}
		p.Under(at, a.validate(length))
	}
	if bad(e.Start.Energy) || bad(e.Start.Level) || bad(e.Power.Running) || bad(e.Power.Idle) {
		p.Add("start", "numbers from 0 to 1e9")
	}
	return p
}

func (e *Equipment) validateTimes(p *setting.Problems, eq *northfield.Equipment, length time.Duration) {
	ascending := func(path string, last, at time.Duration) {
		if at < last || at >= length || !whole(at) {
			p.Add(path, "a time in steps of 10ms, in order, before %s", length)
		}
	}
	var last time.Duration
	for i, r := range e.Resets {
		ascending(fmt.Sprintf("counter_resets[%d]", i), last, r)
		last = r
	}
	last = 0
	for i, r := range e.Refills {
		ascending(fmt.Sprintf("refills[%d].at", i), last, r.At)
		if last = r.At; bad(r.Add) {
			p.Add(fmt.Sprintf("refills[%d].add", i), "a number from 0 to 1e9")
		}
	}
	last = 0
	for i, g := range e.Guard {
		ascending(fmt.Sprintf("guard_open[%d].from", i), last, g.From)
		ascending(fmt.Sprintf("guard_open[%d].to", i), g.From+tick, g.To)
		last = g.To
	}
	if len(e.Guard) > 0 && !eq.Has(northfield.Guard) {
		p.Add("guard_open", "equipment with a guard, not %s", eq.Name)
	}
	if len(e.Refills) > 0 && !eq.Has(northfield.Level) {
		p.Add("refills", "equipment with a level, not %s", eq.Name)
	}
}

func (s *Segment) validate(eq *northfield.Equipment, e *Equipment) setting.Problems {
	var p setting.Problems
	if s.For <= 0 || s.For > maxLength || !whole(s.For) {
		p.Add("for", "a duration above 0 and at most %s, in steps of 10ms", maxLength)
	}
	switch {
	case s.Cycle < 0 || s.Cycle > 0 && s.Cycle < tick:
		p.Add("cycle", "0 or at least %s", tick)
	case s.Cycle > 0 && e.Feed != nil:
		p.Add("cycle", "none: %s counts what %s makes", eq.Name, e.Feed.From)
	}
	for i := range eq.Signals {
		sig := &eq.Signals[i]
		switch {
		case sig.Meaning == northfield.State && !fits(sig.Type, s.State):
			p.Add("state", "a state that %s has", eq.Name)
		case sig.Meaning == northfield.Reason && s.Reason != "" && !fits(sig.Type, s.Reason):
			p.Add("reason", "a reason that %s has", eq.Name)
		}
	}
	if s.Reason != "" && !eq.Has(northfield.Reason) {
		p.Add("reason", "none: %s has no signal for it", eq.Name)
	}
	if s.Alarm != "" && !eq.Has(northfield.AlarmID) {
		p.Add("alarm", "none: %s has no signal for it", eq.Name)
	}
	if s.EStop && !eq.Has(northfield.EStop) {
		p.Add("estop", "none: %s has no signal for it", eq.Name)
	}
	if s.Mode < 1 || s.Mode > 31 || s.Mode != 1 && !eq.Has(northfield.Mode) {
		p.Add("mode", "a PackML unit mode from 1 to 31, for equipment that has modes")
	}
	if s.Comm != "" && s.Comm != CommLost {
		p.Add("comm", "%s or nothing", CommLost)
	}
	if bad(s.Uses) || s.Pack < 1 {
		p.Add("uses", "a number from 0 to 1e9, and pack at least 1")
	}
	p.Under("rejects", s.validateRejects(e))
	return p
}

func (s *Segment) validateRejects(e *Equipment) setting.Problems {
	var p setting.Problems
	r, sum := s.Rejects, s.Rejects.Count+s.Rejects.First
	for i, a := range r.At {
		if a.At <= s.From || a.At > s.To || a.Count < 1 {
			p.Add(fmt.Sprintf("at[%d]", i), "a count at a time after %s and up to %s", s.From, s.To)
		}
		sum += a.Count
	}
	if r.Count < 0 || r.First < 0 || r.Rework < 0 || r.Rework > sum {
		p.Add("", "counts from 0 up, rework at most the sum of the others")
	}
	if e.Feed == nil && sum > s.Units() {
		p.Add("", "at most as many as the %d units of the segment", s.Units())
	}
	return p
}

// validateFeed keeps equipment from feeding itself over a detour.
func (e *Equipment) validateFeed(eq *northfield.Equipment, s *Scenario) setting.Problems {
	var p setting.Problems
	if e.Feed == nil {
		return p
	}
	if e.Feed.Each < 1 {
		p.Add("feed.each", "a whole number above 0")
	}
	seen := map[string]bool{eq.Name: true}
	for next := e.Feed; next != nil; {
		from := s.Equipment[next.From]
		if from == nil || seen[next.From] {
			p.Add("feed.from", "equipment that does not count %s's units itself", eq.Name)
			return p
		}
		seen[next.From] = true
		next = from.Feed
	}
	return p
}

func (a Analog) validate(length time.Duration) setting.Problems {
	var p setting.Problems
	last := -tick
	for i, pt := range a.Points {
		if pt.At <= last || pt.At >= length || !whole(pt.At) {
			p.Add(fmt.Sprintf("points[%d].at", i), "a time in steps of 10ms, in order, before %s", length)
		}
		if math.Abs(pt.Value) > 1e9 || math.Abs(pt.PerMinute) > 1e9 {
			p.Add(fmt.Sprintf("points[%d]", i), "numbers from -1e9 to 1e9")
		}
		last = pt.At
	}
	if len(a.Points) == 0 {
		p.Add("points", "at least one")
	}
	if bad(a.Noise) {
		p.Add("noise", "a number from 0 to 1e9")
	}
	return p
}

// fits reports whether word can be sent as t.
func fits(t northfield.Type, word string) bool {
	if t == northfield.String {
		return word != ""
	}
	_, err := strconv.ParseInt(word, 10, 32)
	return err == nil
}

func bad(f float64) bool { return !(f >= 0 && f <= 1e9) }

func whole(d ...time.Duration) bool {
	for _, v := range d {
		if v < 0 || v%tick != 0 {
			return false
		}
	}
	return true
}
