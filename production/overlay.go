package production

import (
	"slices"

	"andon/plant"
)

// A Review returns the facts of eq that end in or after w as people say they
// were, false when nobody said anything of them. It may ask the Area for its
// own facts.
type Review func(eq *plant.Equipment, w plant.Interval) (Facts, bool)

// SetReview has the Area compute KPIs from reviewed facts. What it tells by
// Drain and Facts stays as derived from signals. It must be set again after
// New; a snapshot does not have it.
func (a *Area) SetReview(r Review) {
	for _, u := range a.units {
		u.review = r
	}
}

func (u *unit) overlay(in *KPIInput) {
	if u.review == nil {
		return
	}
	if f, ok := u.review(u.eq, in.Window); ok {
		in.Facts = f
	}
}

// Stops returns a copy of the stops of one equipment that the area still
// holds, in order of time; the last may be going on.
func (a *Area) Stops(eq *plant.Equipment) []Stop {
	a.settle()
	if u := a.of[eq]; u != nil {
		return slices.Clone(u.stops)
	}
	return nil
}
