package production

import (
	"slices"
	"testing"

	"andon/plant"
	"pgregory.net/rapid"
)

// Contact at each instant of a time is what an interval of contact stands for.
func TestAnIntervalOfContactIsContactAtEachInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const join = 4
		var one, each spans
		for range rapid.IntRange(0, 8).Draw(t, "contacts") {
			at := plant.Instant(rapid.IntRange(1, 80).Draw(t, "at"))
			one.add(at, join)
			each.add(at, join)
		}
		before := slices.Clone(one)
		v := plant.Interval{From: plant.Instant(rapid.IntRange(1, 80).Draw(t, "from"))}
		v.To = v.From + plant.Instant(rapid.IntRange(0, 40).Draw(t, "length"))
		from, changed := one.addInterval(v, join)
		for at := v.From; at <= v.To; at++ {
			each.add(at, join)
		}
		if !slices.Equal(one, each) {
			t.Fatalf("%v and %v: got %v, want %v", before, v, one, each)
		}
		if changed == slices.Equal(before, one) {
			t.Fatalf("%v and %v: got %v, changed %t", before, v, one, changed)
		}
		// What was known before from is known as before.
		for at := plant.Instant(0); changed && at < from; at++ {
			if before.covers(at) != one.covers(at) {
				t.Fatalf("%v and %v: differs at %d, want not before %d", before, v, at, from)
			}
		}
	})
}

// covers reports whether t lies in a span.
func (s spans) covers(t plant.Instant) bool { return s.lastBy(t) == t && len(s) > 0 && t >= s[0].From }
