package review_test

import (
	"testing"

	"andon/production"
	"andon/production/productiontest"
	"andon/production/review"
)

func TestWhoIsStarvedByANeighbourIsNotAskedWhy(t *testing.T) {
	r := newRoom(t, "packing")
	for _, path := range []string{labeller, packer} {
		s := stopAt(t, r.apply(path), at(18, 40))
		if s.Culprit != productiontest.A1 || s.NeedsReason || s.Life != review.LifeAutoReason || s.ReasonSource != review.SourceNeighbour ||
			s.Reason != "starved" || s.Confidence != s.CulpritConfidence || s.Confidence == 0 {
			t.Errorf("%s starved by the filler: got %s by %s, culprit %q, needs a reason %v, confidence %v; want it explained", path, s.Life, s.ReasonSource,
				s.Culprit, s.NeedsReason, s.Confidence)
		}
	}
	before := r.kpi(labeller, r.facts(labeller))
	a := start(at(18, 40))
	a.Reason = "no_operator"
	r.must("stop.assign", labeller, a)
	got := r.apply(labeller)
	if s := stopAt(t, got, at(18, 40)); s.ReasonSource != review.SourceOperator || s.Life != review.LifeReasoned {
		t.Errorf("a person who knows better: got %s by %s", s.Life, s.ReasonSource)
	}
	if err := r.book.Explain(later, 9, review.Ref{Equipment: packer, Start: at(18, 40)}, "no_operator"); err != nil {
		t.Fatal(err)
	}
	if s := stopAt(t, r.apply(packer), at(18, 40)); s.ReasonSource != review.SourceRule || s.Reason != "no_operator" {
		t.Errorf("a rule that says more: got %s by %s", s.Reason, s.ReasonSource)
	}
	r.must("stop.undo", labeller, review.CommandArgs{Edit: "cb"})
	if after := r.kpi(labeller, r.apply(labeller).Facts); after.Waterfall != before.Waterfall || after.Stops != before.Stops {
		t.Errorf("KPIs: got %+v, want %+v", after.Waterfall, before.Waterfall)
	}
}

func TestAStopWithoutCulpritStillNeedsAReason(t *testing.T) {
	s := stopped("x", at(0, 0), at(10, 0))
	if s.Culprit = productiontest.A1; !review.Explained(s) || review.HasReason(s) {
		t.Error("with a culprit: want it explained, without a reason of its own")
	}
	if s.Culprit = ""; review.Explained(s) {
		t.Error("without one: want it to need a reason")
	}
	d, _ := definitions(t)
	got := review.Apply(d, review.Input{Equipment: path, Stops: []production.Stop{s}}).Stops[0]
	if !got.NeedsReason || got.Life != review.LifeNeedsReason {
		t.Errorf("got %s, want that it needs a reason", got.Life)
	}
}
