package review_test

import (
	"testing"
	"time"

	"andon/plant"
	"andon/production/productiontest"
	"andon/production/review"
)

func TestTheHistorySaysWhoSaidWhatOfWhat(t *testing.T) {
	r := newRoom(t, "packing")
	assign := start(at(18, 40))
	assign.Reason = "no_operator"
	r.must("stop.assign", productiontest.A1, assign)                                                                        // cb
	r.must("stop.undo", productiontest.A1, review.CommandArgs{Edit: "cb"})                                                  // cc
	r.must("stop.undo", productiontest.A1, review.CommandArgs{Edit: "cc"})                                                  // cd
	r.must("stop.undo", productiontest.A1, review.CommandArgs{Edit: "cd"})                                                  // ce
	r.must("stop.sign_off", "northfield/packing/lineA", review.CommandArgs{From: at(0, 0), To: at(60, 0)})                  // cf
	r.must("stop.assign", productiontest.A1, review.CommandArgs{Reason: "cleaning", Stops: []review.Ref{{Start: at(10, 0)}, // cg
		{Start: at(18, 40)}, {Equipment: labeller, Start: at(50, 0)}}})
	r.must("count.adjust", productiontest.A1, review.CommandArgs{From: at(0, 0), To: at(60, 0), Adjustment: review.Adjustment{Scrap: -8, Rework: 8}}) // ch
	r.must("stop.undo", productiontest.A1, review.CommandArgs{Edit: "cf"})                                                                            // ci
	all := r.book.Edits()
	of := map[string][]review.Edit{}
	for _, e := range all {
		of[e.Command] = append(of[e.Command], e)
	}
	first := "“Anna: reason of stop of A1 at 09:18:40 is No operator (as seen)”"
	for id, want := range map[string]string{
		"cb": "Anna: reason of stop of A1 at 09:18:40 is No operator (as seen)",
		"cc": "Anna: " + first + " taken back (as seen)",
		"cd": "Anna: " + first + " done again (as seen)",
		"ce": "Anna: " + first + " taken back (as seen)",
		"cf": "Anna: A1, A2, A3, A4 signed off from 09:00:00 to 10:00:00 (as seen)",
		"cg": "Anna: reason of 3 stops of A1, A3 is Cleaning (as seen)",
		"ch": "Anna: 8 scrap taken off, 8 rework added at A1 from 09:00:00 to 10:00:00 (as seen)",
		"ci": "Anna: “Anna: A1, A2, A3, A4 signed off from 09:00:00 to 10:00:00 (as seen)” taken back (as seen)",
	} {
		if got := review.Text(r.defs, of[id], all); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
	if got, want := review.Text(r.defs, of["cc"], nil), "Anna: edit cb taken back (as seen)"; got != want {
		t.Errorf("without what it took back: got %s, want %s", got, want)
	}
}

func TestTheHistoryNamesTheDayThatIsNotTheOneOnWhichItWasSaid(t *testing.T) {
	d, _ := definitions(t)
	for days, want := range map[int]string{
		0:   "Anna: stop of A1 at 09:18:40 reviewed",
		1:   "Anna: stop of A1 at Mon 2 Mar 09:18:40 reviewed",
		365: "Anna: stop of A1 at Mon 2 Mar 2026 09:18:40 reviewed",
	} {
		e := review.Edit{Kind: review.KindReview, Equipment: path, Anchor: at(18, 40), User: "Anna", Time: plant.At(at(30, 0).Time().Add(time.Duration(days) * 24 * time.Hour))}
		if got := review.Text(d, []review.Edit{e}, nil); got != want {
			t.Errorf("said %d days later: got %s, want %s", days, got, want)
		}
	}
}
