package rules

import (
	"slices"

	"andon/plant"
)

// mostEntries bounds the memory of one instance: several reasons may come by
// turns.
const mostEntries = 400

// entries are the times at which the equipment of one instance came into the
// states of a count rule.
type entries struct {
	list   []entry // the oldest first
	inside bool    // it is in them, since the last of list
	reason string  // with which the count was last reached
}

type entry struct {
	Since  plant.Instant `json:"since"`
	Reason string        `json:"reason,omitempty"`
}

// countRule takes a state of the instance's equipment, which others may have
// followed: a delay that ended before it began has ended.
func (s *Set) countRule(i *instance, c *plant.StateChange) {
	r, e := i.rule, i.entries
	if s.timers.running(i.first) && s.timers.due[i.first] <= c.Since {
		s.timers.stop(i.first)
		s.settle(i, i.first)
		s.tell(i)
	}
	in := input{at: c.Since, from: c.Since}
	switch {
	case r.states.has(c.State) && (r.Reason == "" || plant.Match(r.Reason, c.Reason)):
		e.enter(c, c.Since.Add(-r.Within))
		in.raise = e.count(r) >= r.Count || s.level(i) >= 0 && (!r.SameReason || c.Reason == e.reason)
		if in.raise {
			e.reason = c.Reason
		}
	case c.State == plant.StateUnknown:
		s.freeze(i, c.Since)
		return
	default:
		e.leave(c.Since)
	}
	in.clear = !in.raise
	s.thaw(i, c.Since)
	s.step(i, i.first, in)
}

// enter counts a state, unless it is the one that goes on: its beginning, and
// the reason once it is known, may be put right afterwards.
func (e *entries) enter(c *plant.StateChange, oldest plant.Instant) {
	now := entry{c.Since, c.Reason}
	if last := len(e.list) - 1; e.inside && last >= 0 && !e.list[last].endsWith(now) {
		e.list[last] = now
	} else {
		e.list = append(e.list, now)
	}
	e.inside = true
	gone := 0
	for gone < len(e.list) && (e.list[gone].Since < oldest || len(e.list)-gone > mostEntries) {
		gone++
	}
	e.list = slices.Delete(e.list, 0, gone)
}

// endsWith reports whether next is another event than e: a later one for
// another reason.
func (e entry) endsWith(next entry) bool {
	return next.Since > e.Since && e.Reason != "" && next.Reason != "" && next.Reason != e.Reason
}

// leave ends the last entry. One that has not begun by then never was: the
// past was put right.
func (e *entries) leave(at plant.Instant) {
	if last := len(e.list) - 1; e.inside && last >= 0 && e.list[last].Since >= at {
		e.list = e.list[:last]
	}
	e.inside = false
}

// count returns how often it was, with the reason of the last one where each
// is counted by itself.
func (e *entries) count(r *rule) (n int) {
	if len(e.list) == 0 {
		return 0
	}
	last := e.list[len(e.list)-1]
	for _, x := range e.list {
		if !r.SameReason || x.Reason == last.Reason {
			n++
		}
	}
	return n
}

// savedEntries are entries in a snapshot.
type savedEntries struct {
	List   []entry `json:"list,omitempty"`
	Inside bool    `json:"inside,omitempty"`
	Reason string  `json:"reason,omitempty"`
}

func (e *entries) save() *savedEntries {
	return &savedEntries{List: e.list, Inside: e.inside, Reason: e.reason}
}

func (e *entries) load(x *savedEntries) {
	e.list, e.inside, e.reason = x.List[max(0, len(x.List)-mostEntries):], x.Inside, x.Reason
}
