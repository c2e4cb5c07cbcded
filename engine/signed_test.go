package engine

import (
	"testing"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/production/review"
	"andon/store"
)

// standings returns how revisions of the moulder's hour stand that were made
// at these times.
func standings(t *testing.T, edits []review.Edit, made ...plant.Instant) (got []string) {
	t.Helper()
	tree := Northfield(t)
	s, _ := OpenStore(t)
	c := store.Commit{Area: "northfield/moulding", Pos: 1, Time: at(0, 0)}
	for i, e := range edits {
		c.Edits = append(c.Edits, (&encoder{}).edits([]review.Edit{e})...)
		c.Edits[i].Seq = int64(i + 1)
	}
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	var rows []store.KPI
	for i, when := range made {
		rows = append(rows, store.KPI{Path: productiontest.B1, Window: production.WindowHour, Start: at(0, 0), End: at(60, 0), Revision: i + 1, Time: when})
	}
	b1 := tree.FindEquipment(productiontest.B1)
	all, err := (&KPIs{store: s}).stand(t.Context(), &place{path: b1.Path, scope: production.ScopeEquipment, calendar: b1}, rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		got = append(got, r.Standing)
	}
	return got
}

func TestHowRevisionsOfASignedHourStand(t *testing.T) {
	sign := func(id string, from, to, said plant.Instant) review.Edit {
		return review.Edit{ID: id, Kind: review.KindSignOff, Equipment: productiontest.B1, From: from, To: to, Time: said, User: "Anna"}
	}
	undo := func(id string, of review.Edit) review.Edit {
		return review.Edit{ID: id, Kind: review.KindUndo, Equipment: of.Equipment, From: of.From, To: of.To, Time: of.Time + 1, Args: review.Args{Edit: of.ID}}
	}
	lab := func(said plant.Instant) review.Edit {
		return review.Edit{ID: "lab", Kind: review.KindAdjust, Equipment: productiontest.B1, From: at(0, 0), To: at(60, 0), Time: said,
			Args: review.Args{Counts: &review.Adjustment{Scrap: 10}}}
	}
	whole := sign("w", at(0, 0), at(60, 0), at(61, 0))
	back := undo("b", whole)
	for name, x := range map[string]struct {
		edits []review.Edit
		made  []plant.Instant
		want  []string
	}{
		"nobody signed":                      {nil, []plant.Instant{at(75, 0)}, []string{Settled}},
		"signed before the hour was kept":    {[]review.Edit{whole}, []plant.Instant{at(75, 0)}, []string{Final}},
		"late data after that":               {[]review.Edit{whole}, []plant.Instant{at(75, 0), at(90, 0)}, []string{Final, Correction}},
		"corrected before the hour was kept": {[]review.Edit{whole, lab(at(70, 0))}, []plant.Instant{at(75, 0)}, []string{Correction}},
		"said, then signed":                  {[]review.Edit{lab(at(50, 0)), whole}, []plant.Instant{at(75, 0)}, []string{Final}},
		"said after the hour was kept":       {[]review.Edit{whole, lab(at(80, 0))}, []plant.Instant{at(75, 0), at(81, 0)}, []string{Final, Correction}},
		"signed after the second":            {[]review.Edit{sign("w", at(0, 0), at(60, 0), at(95, 0))}, []plant.Instant{at(75, 0), at(90, 0)}, []string{Settled, Final}},
		"said before the hour was over":      {[]review.Edit{sign("w", at(0, 0), at(60, 0), at(30, 0))}, []plant.Instant{at(75, 0), at(90, 0)}, []string{Settled, Settled}},
		"only its first half":                {[]review.Edit{sign("a", at(0, 0), at(30, 0), at(61, 0))}, []plant.Instant{at(75, 0), at(90, 0)}, []string{Settled, Settled}},
		"half while it went on, half later":  {[]review.Edit{sign("w", at(0, 0), at(60, 0), at(30, 0)), sign("b", at(30, 0), at(60, 0), at(80, 0))}, []plant.Instant{at(75, 0), at(90, 0)}, []string{Final, Correction}},
		"in two parts":                       {[]review.Edit{sign("a", at(0, 0), at(30, 0), at(31, 0)), sign("b", at(30, 0), at(60, 0), at(80, 0))}, []plant.Instant{at(75, 0), at(90, 0)}, []string{Final, Correction}},
		"taken back":                         {[]review.Edit{whole, back}, []plant.Instant{at(75, 0), at(90, 0)}, []string{Settled, Settled}},
		"taken back, and that taken back as": {[]review.Edit{whole, back, undo("again", back)}, []plant.Instant{at(75, 0), at(90, 0)}, []string{Final, Correction}},
	} {
		got := standings(t, x.edits, x.made...)
		for i := range x.want {
			if got[i] != x.want[i] {
				t.Errorf("%s: got %v, want %v", name, got, x.want)
				break
			}
		}
	}
}
