package review_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/production/review"
)

const path = productiontest.A1

// A shift is a random timeline without gaps, with its stops and counts.
type shift struct {
	facts production.Facts
	stops []production.Stop
	end   plant.Instant
}

var stopStates = []struct {
	state plant.State
	loss  production.Loss
}{{plant.StateFault, production.LossFault}, {plant.StateStopped, production.LossOther}, {plant.StateStarved, production.LossStarved},
	{plant.StateStopped, production.LossMicroStop}, {plant.StatePlannedStop, production.LossPlanned}}

func drawShift(t *rapid.T) shift {
	var s shift
	now := at(0, 0)
	for i := range rapid.IntRange(2, 12).Draw(t, "pieces") {
		d := plant.Instant(rapid.Int64Range(1, 400e9).Draw(t, "length"))
		if i%2 == 0 || rapid.Bool().Draw(t, "run") {
			if i%2 == 0 {
				d = plant.Instant(rapid.Int64Range(1, 60e9).Draw(t, "short run"))
			}
			s.facts.Segments = append(s.facts.Segments, production.Segment{From: now, To: now + d, State: plant.StateRun, Product: "P500"})
		} else {
			s.stop(t, now, d)
		}
		now += d
	}
	s.end = now
	for m := at(0, 0); m < now; m = m.Add(time.Minute) {
		good, scrap, rework := rapid.Int64Range(0, 90).Draw(t, "good"), rapid.Int64Range(0, 5).Draw(t, "scrap"), rapid.Int64Range(0, 3).Draw(t, "rework")
		s.facts.Counts = append(s.facts.Counts, production.Count{Minute: m, Product: "P500", Total: good + scrap + rework, Good: good,
			Reject: scrap + rework, Rework: rework, IdealCycle: 500 * time.Millisecond})
	}
	return s
}

func (s *shift) stop(t *rapid.T, from, d plant.Instant) {
	kind := rapid.SampledFrom(stopStates).Draw(t, "kind")
	p := production.Stop{ID: fmt.Sprintf("s%d", len(s.stops)), From: from, To: from + d, State: kind.state, Loss: kind.loss,
		Reason: kind.state.String(), ReasonSource: "state", Micro: kind.loss == production.LossMicroStop,
		Failure: kind.state == plant.StateFault, Planned: kind.loss == production.LossPlanned}
	seg := production.Segment{From: from, To: from + d, State: p.State, Loss: p.Loss, Stop: p.ID, StopStart: from, Reason: p.Reason, Failure: p.Failure}
	if d > 3 && rapid.Bool().Draw(t, "hole") { // a time without data inside
		a, b := seg, seg
		a.To, b.From = from+d/3, from+2*d/3
		s.facts.Segments = append(s.facts.Segments, a, production.Segment{From: a.To, To: b.From, State: plant.StateUnknown, Loss: production.LossUnknown})
		p.Excluded, seg = b.From.Sub(a.To), b
	}
	s.facts.Segments = append(s.facts.Segments, seg)
	s.stops = append(s.stops, p)
}

func (s shift) kpi(f production.Facts) production.KPI {
	return production.Compute(production.KPIInput{Equipment: path, Window: plant.Interval{From: at(0, 0), To: s.end}, Now: s.end,
		Mode: production.ModeTPM, Unknown: production.UnknownInfer, Facts: f})
}

func (s shift) apply(d *review.Definitions, edits []review.Edit) review.Result {
	return review.Apply(d, review.Input{Equipment: path, Facts: s.facts, Stops: s.stops, Edits: edits})
}

func definitions(t testing.TB) (*review.Definitions, *plant.Tree) {
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		t.Fatal(err)
	}
	return review.NewDefinitions(config(), tree), tree
}

// drawEdit says something of a stop as it stands.
func drawEdit(t *rapid.T, i int, kinds []review.Kind, now []review.Stop) review.Edit {
	k := rapid.IntRange(0, len(now)-1).Draw(t, "stop")
	s := now[k]
	e := review.Edit{ID: fmt.Sprintf("e%d", i), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Equipment: path, Stop: s.ID, Anchor: s.From,
		From: s.From, To: s.To, User: "Anna", Source: review.SourceOperator, Time: later + plant.Instant(i)}
	switch e.Kind {
	case review.KindSplit:
		e.Args.At = s.From + plant.Instant(rapid.Int64Range(0, int64(s.To-s.From)).Draw(t, "at"))
	case review.KindMerge:
		for _, x := range now[k:min(len(now), k+2+rapid.IntRange(0, 1).Draw(t, "more"))] {
			e.Args.With = append(e.Args.With, review.Ref{Stop: x.ID, Start: x.From})
			e.To = x.To
		}
	case review.KindAssign:
		e.Args.Reason = rapid.SampledFrom([]string{"cleaning", "adjusting", "no_operator", "E-204", "blocked"}).Draw(t, "reason")
	case review.KindAdjust:
		e.From, e.To = at(0, 0), at(0, 0).Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "minutes"))*time.Minute)
		e.Args.Counts = &review.Adjustment{Scrap: rapid.Int64Range(-20, 40).Draw(t, "scrap"), Rework: rapid.Int64Range(-20, 40).Draw(t, "rework")}
		if rapid.Bool().Draw(t, "more produced") {
			n := rapid.Int64Range(-30, 30).Draw(t, "produced")
			e.Args.Counts.Produced = &n
		}
	}
	return e
}

var structural = []review.Kind{review.KindSplit, review.KindMerge}

var everything = []review.Kind{review.KindSplit, review.KindMerge, review.KindAssign, review.KindAssign, review.KindNotDowntime,
	review.KindReview, review.KindDispute, review.KindReopen, review.KindComment, review.KindAdjust, review.KindSignOff}

func (s shift) draw(t *rapid.T, d *review.Definitions, kinds []review.Kind) []review.Edit {
	var edits []review.Edit
	for i := range rapid.IntRange(1, 8).Draw(t, "edits") {
		edits = append(edits, drawEdit(t, i, kinds, s.apply(d, edits).Stops))
	}
	return edits
}

// whole checks that f is as long as before and without gaps.
func (s shift) whole(t *rapid.T, f production.Facts) {
	next := at(0, 0)
	for _, x := range f.Segments {
		if x.From != next || x.To <= x.From {
			t.Fatalf("timeline: got a piece from %s to %s, want one from %s on", x.From, x.To, next)
		}
		next = x.To
	}
	if next != s.end {
		t.Fatalf("timeline: got its end at %s, want %s", next, s.end)
	}
}

func lost(k production.KPI) production.Seconds {
	w := k.Waterfall
	return k.ActualProduction + w.MicroStop + w.Setup + w.Starved + w.Blocked + w.Fault + w.Safety + w.Other + w.Planned
}

func TestSplittingConservesEveryTotalToTheNanosecond(t *testing.T) {
	d, _ := definitions(t)
	rapid.Check(t, func(t *rapid.T) {
		s := drawShift(t)
		if len(s.stops) == 0 {
			t.Skip("no stop")
		}
		got := s.apply(d, s.draw(t, d, []review.Kind{review.KindSplit}))
		s.whole(t, got.Facts)
		if before, after := s.kpi(s.facts), s.kpi(got.Facts); !reflect.DeepEqual(before, after) {
			t.Fatalf("got %+v, want %+v", after, before)
		}
		var sum time.Duration
		for _, x := range s.stops {
			sum += x.Duration(0)
		}
		for _, x := range got.Stops {
			sum -= x.Duration(0)
		}
		if sum != 0 {
			t.Fatalf("stops: got %s less downtime than before", sum)
		}
	})
}

func TestSplittingAndMergingLoseNoTimeAndNoFailure(t *testing.T) {
	d, _ := definitions(t)
	rapid.Check(t, func(t *rapid.T) {
		s := drawShift(t)
		if len(s.stops) == 0 {
			t.Skip("no stop")
		}
		got := s.apply(d, s.draw(t, d, structural))
		s.whole(t, got.Facts)
		before, after := s.kpi(s.facts), s.kpi(got.Facts)
		if lost(before) != lost(after) || before.Waterfall.Unknown != after.Waterfall.Unknown || after.Waterfall.Sum() != after.Calendar {
			t.Fatalf("times: got %+v, want the sums of %+v", after.Waterfall, before.Waterfall)
		}
		if after.ActualProduction > before.ActualProduction || after.Failures > before.Failures {
			t.Fatalf("got run %d, %d failures; want at most %d and %d", after.ActualProduction, after.Failures, before.ActualProduction, before.Failures)
		}
	})
}

func TestUndoRestoresWhatWasByteByByte(t *testing.T) {
	d, _ := definitions(t)
	rapid.Check(t, func(t *rapid.T) {
		s := drawShift(t)
		if len(s.stops) == 0 {
			t.Skip("no stop")
		}
		edits := s.draw(t, d, everything)
		last := edits[len(edits)-1]
		want, with := s.apply(d, edits[:len(edits)-1]), s.apply(d, edits)
		undo := review.Edit{ID: "undo", Kind: review.KindUndo, Equipment: path, Stop: last.Stop, Anchor: last.Anchor, From: last.From, To: last.To,
			Args: review.Args{Edit: last.ID}}
		got := s.apply(d, append(edits[:len(edits):len(edits)], undo))
		corrected := func(stops []review.Stop) {
			for i := range stops { // that something was taken back after a sign-off stays to be seen
				stops[i].Corrected = false
			}
		}
		corrected(got.Stops)
		corrected(want.Stops)
		if !reflect.DeepEqual(got.Facts, want.Facts) || !reflect.DeepEqual(got.Stops, want.Stops) {
			t.Fatalf("after undoing %s: got %+v, want %+v", last.Kind, got, want)
		}
		redo := undo
		redo.ID, redo.Args.Edit = "redo", "undo"
		again := s.apply(d, append(edits[:len(edits):len(edits)], undo, redo))
		if !reflect.DeepEqual(again.Facts, with.Facts) {
			t.Fatal("undoing the undo: got other facts than before it")
		}
	})
}

func TestApplyingAgainChangesNothing(t *testing.T) {
	d, _ := definitions(t)
	rapid.Check(t, func(t *rapid.T) {
		s := drawShift(t)
		if len(s.stops) == 0 {
			t.Skip("no stop")
		}
		edits := s.draw(t, d, everything)
		once := s.apply(d, edits)
		s.whole(t, once.Facts)
		if twice := s.apply(d, append(edits[:len(edits):len(edits)], edits...)); !reflect.DeepEqual(once, twice) {
			t.Fatal("each edit twice: got another result than once")
		}
		over := review.Apply(d, review.Input{Equipment: path, Stops: s.stops, Edits: edits,
			Facts: production.Facts{Segments: once.Facts.Segments, Counts: s.facts.Counts}})
		if !reflect.DeepEqual(over.Facts, once.Facts) {
			t.Fatal("over the result: got other facts than over the base")
		}
	})
}

func TestAdjustedCountsStayWholeAndSumUp(t *testing.T) {
	d, _ := definitions(t)
	rapid.Check(t, func(t *rapid.T) {
		s := drawShift(t)
		if len(s.stops) == 0 {
			t.Skip("no stop")
		}
		edits := s.draw(t, d, []review.Kind{review.KindAdjust})
		got := s.apply(d, edits)
		want := s.kpi(s.facts).Quantities
		for i, st := range got.Status {
			if st.Stale != "" {
				continue
			}
			good, scrap, rework := edits[i].Args.Counts.Moves()
			want.Good, want.Scrap, want.Rework, want.Produced = want.Good+good, want.Scrap+scrap, want.Rework+rework, want.Produced+good+scrap+rework
		}
		k := s.kpi(got.Facts).Quantities
		if k.Good != want.Good || k.Scrap != want.Scrap || k.Rework != want.Rework || k.Produced != want.Produced {
			t.Fatalf("got %+v, want %+v", k, want)
		}
		for _, c := range got.Facts.Counts {
			if c.Total != c.Good+c.Reject || c.Good < 0 || c.Rework < 0 || c.Reject < c.Rework {
				t.Fatalf("count: got %+v, want whole parts that sum up", c)
			}
		}
	})
}
