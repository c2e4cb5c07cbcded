package production

import (
	"cmp"
	"slices"

	"andon/plant"
)

// passed returns the states that came and went after the one told last, as
// one message may bring them, each as it would have been told while it was
// the present one. What was told last may have turned out otherwise since: a
// run that was too short yet to end its stop. There must be a segment.
func (u *unit) passed() (out []plant.StateChange) {
	after := func(s Segment, t plant.Instant) int { return cmp.Compare(s.From, t) }
	k, _ := slices.BinarySearchFunc(u.segs, u.out.part+1, after)
	parts := u.view(nil, max(k-1, 0)) // from the one that was told
	since, last := parts[0].From, u.out.state
	for n, p := range parts[:len(parts)-1] {
		switch {
		case p.Stop != "":
			since = p.StopStart
		case n == 0 || p.State != parts[n-1].State || parts[n-1].Stop != "":
			since = p.From
		}
		now := plant.StateChange{Equipment: u.eq, State: p.State, Since: since, Reason: p.Reason}
		if p.From >= u.out.part && now != last {
			out, last = append(out, now), now
		}
	}
	return out
}
