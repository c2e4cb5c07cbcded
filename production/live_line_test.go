package production_test

import (
	"math"
	"testing"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

func TestLineOnScreenCountsWhatLeavesIt(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	l := h.areas[0].Live(productiontest.Start + Hour)[0]
	checkKPI(t, l.Hour, want{"level": "line", "path": "northfield/packing/lineA", "equipment": productiontest.A1,
		"good_quantity": 3310, "produced_quantity": 3352, "oee_index": .665552,
		"rollup>worst": productiontest.A3, "rollup>worst_oee_index": .663333})
	causes := map[string]production.Seconds{}
	for _, s := range l.Hour.Rollup.Shares {
		causes[string(s.Cause)+" "+s.Culprit] = s.Time
	}
	for cause, d := range map[string]production.Seconds{"equipment " + productiontest.A1: 490e9, "equipment " + productiontest.A3: 150e9,
		"changeover ": 360e9, "unknown ": 10e9} {
		if causes[cause] != d {
			t.Errorf("%s: got %v of the loss, want %v", cause, causes[cause].Duration(), d.Duration())
		}
	}
	if p := l.Plan; p == nil || p.Good != 3310 || p.Target != 4800 || p.TargetShift != 19200 || p.Required.String() != "1.103472" {
		t.Errorf("plan: got %+v, want 3310 of 4800 of 19200, to be reached with 15890 in 14400 s", p)
	}
	if a1 := h.areas[0].Live(productiontest.Start + Hour)[1]; a1.Plan != nil || a1.KPI.Level != "equipment" {
		t.Errorf("A1: got plan %v, level %s, want those of equipment", a1.Plan, a1.KPI.Level)
	}
}

func TestLabelsLostAfterTheFillerAreLostToTheLine(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	h.areas[0].SetReview(func(eq *plant.Equipment, w plant.Interval) (production.Facts, bool) {
		f := h.areas[0].Facts(eq, theHour(productiontest.Start))
		if eq.Path != productiontest.A3 {
			return f, false
		}
		f.Counts = withScrap(f.Counts, 10)
		return f, true
	})
	l := h.areas[0].Live(productiontest.Start + Hour)
	if l[0].Good() != 3300 || l[1].Good() != 3310 {
		t.Errorf("good: got %d of the line and %d of A1, want 3300 and 3310", l[0].Good(), l[1].Good())
	}
}

// withScrap takes n good units of the first minutes.
func withScrap(counts []production.Count, n int64) []production.Count {
	for i := range counts {
		k := min(n, counts[i].Good)
		counts[i].Good, counts[i].Reject, n = counts[i].Good-k, counts[i].Reject+k, n-k
	}
	return counts
}

func TestTargetsOfMinutesAddUpToThatOfTheShift(t *testing.T) {
	cfg := priced()
	for _, targets := range [][]production.Target{nil, {{Line: "northfield/packing/*", Units: 24000}}} {
		cfg.Targets = targets
		h := newHall(t, cfg)
		h.hour(productiontest.Start)
		a, line := h.areas[0], h.tree.Areas[0].Lines[0]
		segs := a.Facts(line.Constraint, plant.Interval{From: 1, To: productiontest.Start + Hour}).Segments
		shift := a.Live(productiontest.Start + Hour)[0].Shift
		sum := 0.0
		for m := shift.From; m < productiontest.Start+Hour; m += 60 * second {
			sum += a.LineTarget(line, plant.Interval{From: m, To: m + 60*second}, segs).Value
		}
		if want := a.Live(productiontest.Start + Hour)[0].Plan.Target; int64(math.Round(sum*1e6)/1e6) != want {
			t.Errorf("targets %v: got %v by minutes, want %d", targets, sum, want)
		}
	}
}
