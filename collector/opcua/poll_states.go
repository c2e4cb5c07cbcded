package opcua

import (
	"maps"

	"andon/collector/opcua/wire"
)

// placePolled is the place of polled points in a tally, beside those of
// subscriptions.
const placePolled = -1

// A roll says which polled points are in which state, or for what reason in
// trouble. It is of one goroutine.
type roll struct {
	states  map[*point]string
	counts  map[string]int
	changed bool // since it was shown
}

// newRoll returns one of points that are yet to be read.
func newRoll(groups []*group) *roll {
	r := &roll{states: map[*point]string{}, counts: map[string]int{}, changed: true}
	for _, g := range groups {
		for _, p := range g.points {
			r.states[p] = statePending
		}
		r.counts[statePending] += len(g.points)
	}
	return r
}

// note takes the state of p.
func (r *roll) note(p *point, state string) {
	if old := r.states[p]; old != state {
		r.states[p], r.changed = state, true
		r.counts[old]--
		r.counts[state]++
	}
}

// show has the metric of items count these, when it is news.
func (r *roll) show(s *Source) {
	if r.changed {
		r.changed = false
		s.tally.show(s.metrics, placePolled, maps.Clone(r.counts))
	}
}

// stateOf returns the state of the node that v was read of. What a value is worth
// is no matter of the node.
func stateOf(v *wire.ReadValue) string {
	if v.Err != nil || nodeTrouble(v.Status) || tooMuch(v.Status) {
		return reasonOf(v.Status)
	}
	return stateOK
}
