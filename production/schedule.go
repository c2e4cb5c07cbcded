package production

import (
	"math"
	"slices"
	"time"

	"andon/plant"
)

// Endless stands for "no end yet".
const endless = plant.Instant(math.MaxInt64)

// A schedKind says what the calendar plans.
type schedKind uint8

const (
	schedWork schedKind = iota
	schedBreak
	schedOff
)

// A schedSpan is a stretch in which the calendar plans one thing.
type schedSpan struct {
	plant.Interval
	kind  schedKind
	shift plant.Shift // zero when off
	name  string      // of the break
}

// A schedule resolves a calendar into spans and remembers them. Without a
// calendar there is one endless span of work. It is not safe for concurrent
// use.
type schedule struct {
	cal   *plant.Calendar
	spans []schedSpan // without gaps
	hint  int
}

const schedChunk = plant.Instant(48 * time.Hour)

// at returns the span that t lies in.
func (s *schedule) at(t plant.Instant) schedSpan {
	if s.cal == nil {
		return schedSpan{Interval: plant.Interval{From: math.MinInt64, To: endless}}
	}
	if s.hint < len(s.spans) && s.spans[s.hint].Contains(t) {
		return s.spans[s.hint]
	}
	s.cover(t)
	s.hint, _ = slices.BinarySearchFunc(s.spans, t, func(v schedSpan, t plant.Instant) int {
		if v.To <= t {
			return -1
		}
		return 1
	})
	return s.spans[s.hint]
}

// cover extends the spans to hold t, or begins them anew when t is far away.
func (s *schedule) cover(t plant.Instant) {
	n := len(s.spans)
	if n > 0 && t >= s.spans[0].From && t < s.spans[n-1].To {
		return
	}
	if n == 0 || t < s.spans[0].From || t >= s.spans[n-1].To+schedChunk {
		from := s.cal.Day(t).From - schedChunk
		s.spans = s.resolve(plant.Interval{From: from, To: t + schedChunk})
		return
	}
	for s.spans[len(s.spans)-1].To <= t {
		end := s.spans[len(s.spans)-1].To
		s.spans = append(s.spans, s.resolve(plant.Interval{From: end, To: end + schedChunk})...)
	}
	// Two weeks back are more than any shift or late sample needs.
	if old := len(s.spans) - 1000; old > 0 {
		s.spans = slices.Clone(s.spans[old:])
	}
}

// resolve returns the spans from v.From to at least v.To. Its last span ends
// where the calendar itself ends it, so that pieces join well.
func (s *schedule) resolve(v plant.Interval) []schedSpan {
	wide := plant.Interval{From: v.From, To: v.To + schedChunk}
	shifts, breaks := s.cal.Shifts(wide), s.cal.Breaks(wide)
	cuts := []plant.Instant{v.From, wide.To}
	for _, sh := range shifts {
		cuts = append(cuts, sh.From, sh.To)
	}
	for _, b := range breaks {
		cuts = append(cuts, b.From, b.To)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []schedSpan
	for i, from := range cuts[:len(cuts)-1] {
		if from < v.From {
			continue
		}
		if from >= v.To {
			break
		}
		out = append(out, planned(plant.Interval{From: from, To: cuts[i+1]}, shifts, breaks))
	}
	return out
}

// planned says what is planned in v, which no shift or break divides.
func planned(v plant.Interval, shifts []plant.Shift, breaks []plant.Break) schedSpan {
	span := schedSpan{Interval: v, kind: schedOff}
	for _, sh := range shifts {
		if sh.From <= v.From && v.From < sh.To && (span.kind == schedOff || sh.From > span.shift.From) {
			span.kind, span.shift = schedWork, sh
		}
	}
	for _, b := range breaks {
		if span.kind != schedOff && b.From <= v.From && v.From < b.To && b.Shift == span.shift.Name {
			span.kind, span.name = schedBreak, b.Name
			break
		}
	}
	return span
}
