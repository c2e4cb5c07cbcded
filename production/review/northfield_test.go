package review_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"andon/production"
	"andon/production/productiontest"
	"andon/production/review"
)

func near(t *testing.T, what string, got production.Ratio, want float64) {
	t.Helper()
	if !got.OK || math.Abs(got.Value-want) > 5e-7 {
		t.Errorf("%s: got %s, want %.6f", what, got, want)
	}
}

func TestSplittingTheFillersFaultChangesNoTotal(t *testing.T) {
	r := newRoom(t, "packing")
	before := r.kpi(productiontest.A1, r.facts(productiontest.A1))
	split := start(at(18, 40))
	split.At = at(21, 40)
	r.must("stop.split", productiontest.A1, split)
	assign := start(at(21, 40))
	assign.Reason = "wait_technician"
	r.must("stop.assign", productiontest.A1, assign)

	got := r.apply(productiontest.A1)
	drive, waiting := stopAt(t, got, at(18, 40)), stopAt(t, got, at(21, 40))
	if d, w := drive.Duration(0), waiting.Duration(0); d != 180*time.Second || w != 180*time.Second {
		t.Errorf("parts: got %s and %s, want 180 s each", d, w)
	}
	if drive.Reason != "E-204" || waiting.Reason != "wait_technician" || waiting.Life != review.LifeReasoned ||
		drive.Parent == "" || drive.Parent != waiting.Parent || drive.SharesFailure || !waiting.SharesFailure {
		t.Errorf("parts: got %+v and %+v", drive, waiting)
	}
	if path := waiting.ReasonPath; !reflect.DeepEqual(path, []string{"People", "Waiting for the technician"}) {
		t.Errorf("reason path: got %q", path)
	}
	after := r.kpi(productiontest.A1, got.Facts)
	near(t, "OEE", after.OEEIndex, 1990.0/2990)
	if after.DowntimeByReason["E-204"] != 180e9 || after.DowntimeByReason["wait_technician"] != 180e9 {
		t.Errorf("downtime by reason: got %v, want 180 s each", after.DowntimeByReason)
	}
	if after.Failures != 1 || after.MTTR.Value != 360 || after.Stops != before.Stops {
		t.Errorf("got %d failures, MTTR %s, %d stops; want 1, 360 s, %d", after.Failures, after.MTTR, after.Stops, before.Stops)
	}
	if c := after.Cost; c.ByReason["E-204"] != 72e6 || c.ByReason["wait_technician"] != 72e6 || c.Total != before.Cost.Total {
		t.Errorf("cost: got %v of %v, want 72.00 each of %v", c.ByReason, c.Total, before.Cost.Total)
	}
	after.DowntimeByReason, after.Cost = before.DowntimeByReason, before.Cost
	if !reflect.DeepEqual(before, after) {
		t.Errorf("KPIs: got %+v, want %+v", after, before)
	}
}

func TestTenMoreScrapOfTheMoulderFromTheLab(t *testing.T) {
	r := newRoom(t, "moulding")
	r.must("count.adjust", productiontest.B1, review.CommandArgs{From: at(0, 0), To: at(60, 0), Adjustment: review.Adjustment{Scrap: 10}})
	base := r.facts(productiontest.B1)
	k := r.kpi(productiontest.B1, r.apply(productiontest.B1).Facts)
	near(t, "quality", k.QualityRatio, .938967)
	near(t, "OEE", k.OEEIndex, 2400.0/3600)
	if k.Produced != 852 || k.Quantities.Good != 800 || k.Scrap != 52 {
		t.Errorf("got %d produced, %d good, %d scrap; want 852, 800, 52", k.Produced, k.Quantities.Good, k.Scrap)
	}
	near(t, "revision 1", r.kpi(productiontest.B1, base).OEEIndex, .675)
}

func TestScrapTurnsOutToBeRework(t *testing.T) {
	r := newRoom(t, "packing")
	before := r.kpi(productiontest.A1, r.facts(productiontest.A1))
	r.must("count.adjust", productiontest.A1, review.CommandArgs{From: at(0, 0), To: at(60, 0), Adjustment: review.Adjustment{Scrap: -8, Rework: 8}})
	after := r.kpi(productiontest.A1, r.apply(productiontest.A1).Facts)
	if after.Scrap != before.Scrap-8 || after.Rework != before.Rework+8 || after.Quantities.Good != before.Quantities.Good || after.Produced != before.Produced {
		t.Errorf("got %+v, want 8 units moved from scrap to rework in %+v", after.Quantities, before.Quantities)
	}
	r.must("count.adjust", productiontest.A1, review.CommandArgs{From: at(0, 0), To: at(60, 0), Adjustment: review.Adjustment{Scrap: -8000}})
	if st := r.apply(productiontest.A1).Status[1]; st.Stale == "" {
		t.Error("taking 8,000 units of scrap that were never there: got an effect, want it stale")
	}
}

func TestTheBucketFollowsTheReason(t *testing.T) {
	for reason, bucket := range map[string]func(production.Waterfall) production.Seconds{
		"cleaning":        func(w production.Waterfall) production.Seconds { return w.Planned - 600e9 },
		"adjusting":       func(w production.Waterfall) production.Seconds { return w.Setup - 360e9 },
		"wait_technician": func(w production.Waterfall) production.Seconds { return w.Fault },
		"no_operator":     func(w production.Waterfall) production.Seconds { return w.Other },
		"trial":           func(w production.Waterfall) production.Seconds { return w.Planned - 600e9 },
		"blocked":         func(w production.Waterfall) production.Seconds { return w.Blocked - 150e9 },
	} {
		r := newRoom(t, "packing")
		a := start(at(18, 40))
		a.Reason = reason
		r.must("stop.assign", productiontest.A1, a)
		k := r.kpi(productiontest.A1, r.apply(productiontest.A1).Facts)
		if got := bucket(k.Waterfall); got != 360e9 || k.Waterfall.Sum() != k.Calendar {
			t.Errorf("%s: got %s in its bucket, the sum %s; want 360 s and the hour", reason, got.Duration(), k.Waterfall.Sum().Duration())
		}
	}
}

func TestAStopThatWasNoneIsRun(t *testing.T) {
	r := newRoom(t, "packing")
	before := r.kpi(productiontest.A1, r.facts(productiontest.A1))
	r.must("stop.not_downtime", productiontest.A1, start(at(18, 40)))
	got := r.apply(productiontest.A1)
	after := r.kpi(productiontest.A1, got.Facts)
	if after.ActualProduction != before.ActualProduction+360e9 || after.Failures != 0 || after.Waterfall.Fault != 0 {
		t.Errorf("got run %s, %d failures, want 360 s more run and none", after.ActualProduction.Duration(), after.Failures)
	}
	if s := stopAt(t, got, at(18, 40)); !s.NotDowntime || s.Life != review.LifeClosed {
		t.Errorf("stop: got %+v, want it closed as no downtime", s)
	}
}

func TestTheLifeOfAStop(t *testing.T) {
	r := newRoom(t, "packing")
	life := func(want review.LifeCycle) {
		t.Helper()
		if s := stopAt(t, r.apply(productiontest.A1), at(18, 40)); s.Life != want {
			t.Errorf("got %s, want %s", s.Life, want)
		}
	}
	fault := start(at(18, 40))
	life(review.LifeAutoReason)
	assign := fault
	assign.Reason = "no_operator"
	r.must("stop.assign", productiontest.A1, assign)
	life(review.LifeReasoned)
	r.must("stop.review", productiontest.A1, fault)
	life(review.LifeReviewed)
	r.must("stop.dispute", productiontest.A1, fault)
	life(review.LifeDisputed)
	r.must("stop.review", productiontest.A1, fault)
	r.must("stop.sign_off", "northfield/packing/lineA", review.CommandArgs{From: at(0, 0), To: at(60, 0)})
	life(review.LifeSignedOff)
	assign.Reason = "cleaning"
	r.must("stop.assign", productiontest.A1, assign)
	life(review.LifeSignedOff)
	got := r.apply(productiontest.A1)
	if s := stopAt(t, got, at(18, 40)); !s.Corrected || s.Reason != "cleaning" || !got.Status[len(got.Status)-1].Correction {
		t.Errorf("after the sign-off: got %+v and %+v, want a correction", s, got.Status)
	}
	r.must("stop.reopen", productiontest.A1, fault)
	life(review.LifeReopened)
}

func TestWhatNoLongerFitsIsStale(t *testing.T) {
	r := newRoom(t, "packing")
	gone := start(at(5, 0)) // run
	gone.Reason = "no_operator"
	r.must("stop.assign", productiontest.A1, gone)
	late := start(at(18, 40))
	late.At = at(24, 38) // two seconds before the end
	r.must("stop.split", productiontest.A1, late)
	r.must("stop.merge", productiontest.A1, review.CommandArgs{Stops: []review.Ref{{Start: at(10, 0)}, {Start: at(18, 40)}}})
	got := r.apply(productiontest.A1)
	for _, st := range got.Status {
		if st.Stale == "" {
			t.Errorf("%s: got an effect, want it stale", st.Edit)
		}
	}
	if !reflect.DeepEqual(got.Facts, r.facts(productiontest.A1)) {
		t.Error("facts: got others than before")
	}
}

func TestAnEditFollowsAStopThatLateDataMoved(t *testing.T) {
	r := newRoom(t, "packing")
	a := review.CommandArgs{Ref: review.Ref{Stop: "0123456789abcdef", Start: at(19, 0)}, Reason: "no_operator"}
	r.must("stop.assign", productiontest.A1, a)
	if s := stopAt(t, r.apply(productiontest.A1), at(18, 40)); s.Reason != "no_operator" {
		t.Errorf("got reason %s, want that of the stop which now holds the moment", s.Reason)
	}
}
