package rules

import (
	"fmt"

	"andon/plant"
)

// Input is what the stream brought at once. Eval keeps none of its memory.
type Input struct {
	States   []plant.StateChange
	Passed   []plant.StateChange // that were over when States began, in order; only count rules look at them
	Samples  []plant.Sample
	Contacts []plant.Contact
	Events   []plant.Event // of all servers; those of other areas are passed by
}

// Eval takes what came at stream time now and returns the conditions that
// began, changed priority or ceased, in the order of their causes; nil when
// there are none. With no input it is to be called every second, so that
// delays end in time. The caller owns the result.
func (s *Set) Eval(now plant.Instant, in Input) []plant.Condition {
	now = max(now, s.now)
	s.begin(now)
	for n := range in.Passed {
		s.passedState(&in.Passed[n])
	}
	for n := range in.States {
		s.stateChange(now, &in.States[n])
	}
	for n := range in.Samples {
		s.sample(now, &in.Samples[n])
	}
	for n := range in.Contacts {
		s.contact(now, &in.Contacts[n])
	}
	for n := range in.Events {
		s.event(now, &in.Events[n])
	}
	s.runTimers(now)
	out := s.out
	s.out = nil
	return out
}

// begin does what the passing of time alone asks for.
func (s *Set) begin(now plant.Instant) {
	for _, g := range s.removed {
		s.clearGone(now, g)
	}
	s.removed = nil
	if away := now.Sub(s.now); s.now != 0 && away > hole {
		for n := range s.instances {
			s.prolongAway(&s.instances[n], away)
		}
	}
	s.now = now
	if s.arm {
		s.arm = false
		s.start(now)
	}
}

// start begins the silences that are not running, and shows the known states
// to rules that may be new.
func (s *Set) start(now plant.Instant) {
	for n := range s.instances {
		i := &s.instances[n]
		if i.rule.Kind == KindAbsence {
			s.armAbsence(i, now)
		}
		if st := &s.states[i.equipment.ID]; st.Equipment != nil {
			s.seeState(now, i, st)
		}
	}
}

func (s *Set) stateChange(now plant.Instant, c *plant.StateChange) {
	id := c.Equipment.ID
	if id < 0 || id >= len(s.states) {
		return
	}
	s.states[id] = *c
	for _, n := range s.byEquipment.at(id) {
		s.seeState(now, &s.instances[n], c)
	}
}

// passedState shows a state that is over to the rules that count.
func (s *Set) passedState(c *plant.StateChange) {
	for _, n := range s.byEquipment.at(c.Equipment.ID) {
		if i := &s.instances[n]; i.entries != nil {
			s.countRule(i, c)
			s.tell(i)
		}
	}
}

func (s *Set) seeState(now plant.Instant, i *instance, c *plant.StateChange) {
	switch {
	case i.rule.Kind == KindState:
		s.stateRule(i, c)
	case i.entries != nil:
		s.countRule(i, c)
	case i.rule.when != 0:
		s.seeGate(now, i, c)
	}
	s.tell(i)
}

func (s *Set) contact(now plant.Instant, c *plant.Contact) {
	for _, n := range s.bySource[c.Source] {
		i := &s.instances[n]
		// A contact says that values which did not change are still known.
		switch {
		case i.trend != nil:
			s.trendContact(i, now, c.Time)
		case s.hasGood(i):
			s.heard(i, now, c.Time)
		default:
			continue
		}
		s.tell(i)
	}
}

func (s *Set) sample(now plant.Instant, smp *plant.Sample) {
	for _, n := range s.byTag.at(smp.Tag.ID) {
		i := &s.instances[n]
		switch i.rule.Kind {
		case KindAbsence:
			s.sampleHeard(i, now, smp)
		case KindSPC:
			s.samplePoint(i, now, smp)
		case KindTrend:
			s.sampleTrend(i, now, smp)
		default:
			s.sampleValue(i, now, smp)
		}
		s.tell(i)
	}
}

// runTimers does what is due. What several levels of one instance do at the
// same time becomes one condition.
func (s *Set) runTimers(now plant.Instant) {
	for id, ok := s.timers.pop(now); ok; id, ok = s.timers.pop(now) {
		i, changed := s.timerOwner(id), true
		switch {
		case int(id) >= len(s.latches):
			s.settled(now, i, s.timers.due[id])
		case i.rule.Kind == KindAbsence:
			changed = s.silent(i)
		default:
			s.settle(i, id)
		}
		if changed && !i.isDirty {
			i.isDirty = true
			s.dirty = append(s.dirty, i.index)
		}
	}
	for _, n := range s.dirty {
		s.instances[n].isDirty = false
		s.tell(&s.instances[n])
	}
	s.dirty = s.dirty[:0]
}

// timerOwner finds the instance of a timer. Instances stand in the order of
// their latches.
func (s *Set) timerOwner(id int32) *instance {
	if n := int(id) - len(s.latches); n >= 0 {
		return &s.instances[n]
	}
	return &s.instances[s.owner[id]]
}

// tell appends a condition when the highest level that holds is not the one
// last told.
func (s *Set) tell(i *instance) {
	k := s.level(i)
	var now plant.Priority
	if k >= 0 {
		now = i.rule.levels[k].priority
	}
	if now == i.said {
		return
	}
	if i.said == "" {
		i.last = i.flip
	}
	// A state may be revised to before the raise; a clear is never earlier.
	i.last = max(i.flip, i.last)
	c := plant.Condition{Rule: i.rule.ID, Equipment: i.equipment, Tag: i.tag, Class: i.rule.Class, Priority: now, Active: k >= 0,
		Time: i.last, Value: i.value, Response: i.rule.Response}
	if k >= 0 {
		i.began = s.latches[i.first+int32(k)].began
		c.Message = s.message(i, k)
	} else {
		c.Priority = i.said // and no message: the rule's says what is no longer so
	}
	i.said = now
	s.out = append(s.out, c)
}

// levelOf returns the level of that priority, -1 for none.
func (r *rule) levelOf(p plant.Priority) int {
	for k := range r.levels {
		if r.levels[k].priority == p {
			return k
		}
	}
	return -1
}

func (r *rule) limitText(k int) string {
	switch r.Kind {
	case KindThreshold, KindTrend:
		return r.levels[k].raise.text
	case KindSPC:
		return number(r.chart.Center) + " ± " + number(3*r.chart.Sigma)
	case KindCount:
		return fmt.Sprintf("%d in %s", r.Count, short(r.Within))
	}
	return r.onDelay.String()
}

// clearGone clears the condition of an instance that is no longer configured.
func (s *Set) clearGone(now plant.Instant, g gone) {
	t, err := plant.Detached(g.Equipment + "/removed")
	if err != nil {
		return // no equipment ever had such a path
	}
	s.out = append(s.out, plant.Condition{Rule: g.Rule, Equipment: t.Equipment, Class: g.Class, Priority: g.Said,
		Time: max(now, g.Last), Message: "the rule or its equipment is no longer configured"})
}
