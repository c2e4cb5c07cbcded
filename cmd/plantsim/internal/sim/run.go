// Package sim plays a scenario: it turns it into the samples that the plant's
// equipment tells, in order of time.
//
// It does no I/O, never reads the clock and uses no randomness: the same
// scenario gives the same events, whether they are recorded at once or shown
// over an hour. A Run belongs to one goroutine.
package sim

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"andon/cmd/plantsim/internal/northfield"
	"andon/cmd/plantsim/internal/scenario"
	"andon/plant"
)

// A Sample is one value that equipment tells.
type Sample struct {
	Signal *northfield.Signal
	Value  plant.Value
	Status plant.Status
}

// A Step is the beginning of a segment, for people who watch.
type Step struct {
	Equipment *northfield.Equipment
	Segment   *scenario.Segment
}

// An Event is all that happens at one time. What comes up (Up, ServerUp) does
// so before the samples, what goes down (Down, ServerDown) after them.
type Event struct {
	At                   time.Duration // since the start of the first pass
	Steps                []Step
	Up, Down             []*northfield.Equipment // equipment on MQTT
	ServerUp, ServerDown bool                    // the plant's OPC UA server
	Samples              []Sample
}

// A Run is one play of a scenario.
type Run struct {
	s        *scenario.Scenario
	machines []*machine
	groups   []*group
	plan     []instant
	lost     map[*machine]bool
	frozen   bool // the OPC UA server shows what it showed last
}

// An instant is a time of a pass at which groups are looked at, in order.
type instant struct {
	at  time.Duration
	due []*group
}

// New prepares a run of s.
func New(s *scenario.Scenario) *Run {
	r := &Run{s: s, lost: map[*machine]bool{}}
	byName := map[string]*machine{}
	for _, eq := range s.Plant {
		m := newMachine(eq, s.Equipment[eq.Name])
		byName[eq.Name] = m
		r.machines = append(r.machines, m)
		r.groups = append(r.groups, groupsOf(m, len(r.groups))...)
	}
	for _, m := range r.machines {
		if m.cfg.Feed != nil {
			m.from = byName[m.cfg.Feed.From]
		}
	}
	r.plan = r.instants()
	return r
}

// instants lists the times of a pass at which something may happen.
func (r *Run) instants() []instant {
	due := map[time.Duration][]*group{}
	for _, g := range r.groups {
		for _, t := range g.fields[0].times(r.s.Length) {
			if n := len(due[t]); n == 0 || due[t][n-1] != g {
				due[t] = append(due[t], g)
			}
		}
	}
	for _, o := range r.s.Outages {
		for _, t := range []time.Duration{o.At, o.At + o.Away, o.End()} {
			due[t] = append(due[t], nil...)
		}
	}
	plan := make([]instant, 0, len(due))
	for t, groups := range due {
		plan = append(plan, instant{t, groups})
	}
	slices.SortFunc(plan, func(a, b instant) int { return cmp.Compare(a.at, b.at) })
	return plan
}

// Events yields what happens in order of time: one pass and its end, or with
// repeat pass after pass without an end. Counters go on from pass to pass,
// levels and analog courses begin anew. It may be ranged over once.
func (r *Run) Events(repeat bool) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for base := time.Duration(0); ; base += r.s.Length {
			for _, in := range r.plan {
				if !yield(r.step(in, base)) {
					return
				}
			}
			if !repeat {
				yield(r.step(instant{r.s.Length, r.groups}, base))
				return
			}
			r.carry()
		}
	}
}

// carry makes what a pass added up to the start of the next.
func (r *Run) carry() {
	for _, m := range r.machines {
		m.total, m.reject, m.energy = m.totalAt(r.s.Length), m.rejectAt(r.s.Length), m.consumed(r.s.Length)
	}
}

// step lets the plant be at one instant of the pass that started at base.
func (r *Run) step(in instant, base time.Duration) Event {
	e := Event{At: base + in.at}
	if e.At == 0 {
		r.begin(&e)
	}
	back := r.comeUp(in.at, &e)
	for _, g := range in.due {
		g.look(in.at)
	}
	due := in.due
	for _, g := range r.groups {
		isDue := len(due) > 0 && due[0] == g
		if isDue {
			due = due[1:]
		}
		if !r.frozen || g.m.eq.Transport != northfield.OPCUA {
			e.Samples = g.tell(e.Samples, r.lost[g.m], isDue, back[g.m])
		}
	}
	r.goDown(in.at, &e)
	return e
}

// begin notes what nobody can reach from the first moment on. It has not told
// anything yet.
func (r *Run) begin(e *Event) {
	for _, m := range r.machines {
		if m.segment(0).Comm != scenario.CommLost {
			continue
		}
		r.lost[m] = true
		if m.eq.Transport == northfield.MQTT {
			e.Down = append(e.Down, m.eq)
		}
	}
}

// comeUp notes what begins at t of the pass and what can be reached again,
// and returns the latter.
func (r *Run) comeUp(t time.Duration, e *Event) map[*machine]bool {
	back := map[*machine]bool{}
	for _, m := range r.machines {
		seg := m.segment(t)
		if seg.From == t {
			e.Steps = append(e.Steps, Step{m.eq, seg})
		}
		if !r.lost[m] || seg.Comm == scenario.CommLost {
			continue
		}
		delete(r.lost, m)
		back[m] = true
		if m.eq.Transport == northfield.MQTT {
			e.Up = append(e.Up, m.eq)
		}
	}
	for _, o := range r.s.Outages {
		e.ServerUp = e.ServerUp || t == o.At+o.Away
		r.frozen = r.frozen && t != o.End()
	}
	return back
}

// goDown notes what nobody can reach from t of the pass on.
func (r *Run) goDown(t time.Duration, e *Event) {
	for _, m := range r.machines {
		if r.lost[m] || m.segment(t).Comm != scenario.CommLost || t == r.s.Length {
			continue
		}
		r.lost[m] = true
		if m.eq.Transport == northfield.MQTT {
			e.Down = append(e.Down, m.eq)
		}
	}
	for _, g := range r.groups {
		if r.lost[g.m] && !r.frozen && g.message == "" {
			e.Samples = g.tell(e.Samples, true, false, false)
		}
	}
	for _, o := range r.s.Outages {
		e.ServerDown = e.ServerDown || t == o.At
		r.frozen = r.frozen || t == o.At
	}
}

// An Output is what one equipment does in one pass.
type Output struct {
	Equipment              *northfield.Equipment
	Units, Rejects, Rework int64
}

// Outputs returns what each equipment makes and rejects in one pass.
func (r *Run) Outputs() []Output {
	var out []Output
	for _, m := range r.machines {
		n := r.s.Length
		out = append(out, Output{m.eq, m.units(n), m.rejects(n), m.rework(n)})
	}
	return out
}
