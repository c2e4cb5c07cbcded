package production_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// The units of a minute at the edge are divided for the counter of the line's
// good units as they are for its constraint, on screen as in the records.
func TestAScreenAndTheRecordsDivideTheMinutesAtTheEdges(t *testing.T) {
	cfg := accounted()
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	scrapped := productiontest.A2
	facts := func(eq *plant.Equipment) production.Facts {
		f := h.areas[0].Facts(eq, theHour(productiontest.Start))
		if eq.Path == scrapped { // half of what it made in the minutes at the edges is found bad
			for i, c := range f.Counts {
				f.Counts[i].Said.Bad = c.Good / 2
				f.Counts[i].Good, f.Counts[i].Reject = c.Good-c.Good/2, c.Reject+c.Good/2
			}
		}
		return f
	}
	h.areas[0].SetReview(func(eq *plant.Equipment, _ plant.Interval) (production.Facts, bool) {
		return facts(eq), eq.Path == scrapped
	})
	line := h.tree.Areas[0].Lines[0]
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Int64Range(0, 3500).Draw(t, "from")
		w := plant.Interval{From: productiontest.Start + plant.Instant(from)*second,
			To: productiontest.Start + plant.Instant(rapid.Int64Range(from+1, 3600).Draw(t, "to"))*second}
		var parts []production.KPIInput
		for _, eq := range line.Equipment {
			in := h.areas[0].Definition(eq, w, production.WindowRange)
			in.Now, in.Facts = productiontest.Start+Hour, facts(eq)
			parts = append(parts, in.Cut())
		}
		got, want := h.areas[0].LineOver(line, w), production.ComputeLine(cfg, line, parts)
		if got.Quantities != want.Quantities || got.StandardGood != want.StandardGood || !reflect.DeepEqual(got.Rollup.Neighbours, want.Rollup.Neighbours) {
			t.Fatalf("%v to %v: got %+v %+v\nwant %+v %+v", w.From, w.To, got.Quantities, got.Rollup.Neighbours, want.Quantities, want.Rollup.Neighbours)
		}
	})
}
