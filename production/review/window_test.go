package review_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"andon/plant"
	"andon/production"
	"andon/production/review"
)

// A query for less time gives what the query for all gives there.
func TestAWindowShowsWhatTheWholeShows(t *testing.T) {
	d, _ := definitions(t)
	rapid.Check(t, func(t *rapid.T) {
		s := drawShift(t)
		if len(s.stops) == 0 {
			t.Skip("no stop")
		}
		edits := s.draw(t, d, everything)
		all := s.apply(d, edits)
		from := at(0, 0).Add(time.Duration(rapid.IntRange(0, 8).Draw(t, "from")) * time.Minute)
		w := plant.Interval{From: from, To: from.Add(time.Duration(rapid.IntRange(1, 10).Draw(t, "minutes")) * time.Minute)}
		timeline, counts := review.Reach(w, s.stops, edits)
		var f production.Facts
		var stops []production.Stop
		for _, x := range s.facts.Segments {
			if x.From < timeline.To && x.To > timeline.From {
				f.Segments = append(f.Segments, x)
			}
		}
		for _, x := range s.facts.Counts {
			if counts.Contains(x.Minute) {
				f.Counts = append(f.Counts, x)
			}
		}
		for _, x := range s.stops {
			if x.From < timeline.To && x.To > timeline.From {
				stops = append(stops, x)
			}
		}
		part := review.Apply(d, review.Input{Equipment: path, Facts: f, Stops: stops, Edits: edits})
		in := production.KPIInput{Equipment: path, Window: w, Now: w.To, Mode: production.ModeTPM, Unknown: production.UnknownInfer}
		in.Facts = all.Facts
		want := production.Compute(in)
		in.Facts = part.Facts
		if got := production.Compute(in); !reflect.DeepEqual(got.Waterfall, want.Waterfall) || !reflect.DeepEqual(got.Quantities, want.Quantities) ||
			got.Failures != want.Failures {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}
