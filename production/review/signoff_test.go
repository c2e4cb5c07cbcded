package review_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/production/review"
)

// signOff is a sign-off of the filler, said at a time.
func signOff(id string, from, to, said plant.Instant) review.Edit {
	return review.Edit{ID: id, Kind: review.KindSignOff, Equipment: path, Anchor: from, From: from, To: to, Time: said,
		Given: said, User: "Anna", Source: review.SourceOperator}
}

func undoOf(id string, e review.Edit) review.Edit {
	return review.Edit{ID: id, Kind: review.KindUndo, Equipment: e.Equipment, Stop: e.Stop, Anchor: e.Anchor, From: e.From, To: e.To,
		Time: e.Time + 1, User: "Ben", Source: review.SourceOperator, Args: review.Args{Edit: e.ID}}
}

func stopped(id string, from, to plant.Instant) production.Stop {
	return production.Stop{ID: id, From: from, To: to, State: plant.StateFault, Loss: production.LossFault, Reason: "fault", ReasonSource: "state"}
}

func TestOnlyWhatWasOverIsSignedOff(t *testing.T) {
	d, _ := definitions(t)
	stops := []production.Stop{stopped("over", at(5, 0), at(10, 0)), stopped("ends as it is said", at(12, 0), at(30, 0)),
		stopped("ends later", at(29, 0), at(31, 0)), stopped("begins later", at(40, 0), at(41, 0)), stopped("lasts", at(20, 0), 0)}
	for _, to := range []plant.Instant{at(30, 0), at(60, 0)} { // records of before may name more
		got := review.Apply(d, review.Input{Equipment: path, Stops: stops, Edits: []review.Edit{signOff("s", at(0, 0), to, at(30, 0))}})
		for _, s := range got.Stops {
			if want := s.ID == "over" || s.ID == "ends as it is said"; (s.SignedOff != nil) != want {
				t.Errorf("signed off to %s at %s, the stop that %s: got %v, want %v", to, at(30, 0), s.ID, s.SignedOff != nil, want)
			}
		}
	}
	// A change after what was closed is no correction.
	late := review.Edit{ID: "c", Kind: review.KindComment, Equipment: path, Anchor: at(40, 0), From: at(40, 0), To: at(41, 0), Comment: "x", User: "Ben"}
	got := review.Apply(d, review.Input{Equipment: path, Stops: stops, Edits: []review.Edit{signOff("s", at(0, 0), at(60, 0), at(30, 0)), late}})
	if got.Status[1].Correction {
		t.Error("comment on a stop after the time that was over: got it called a correction")
	}
}

func TestAShiftThatRunsIsNotSignedOff(t *testing.T) {
	r := newRoom(t, "packing")
	args := review.CommandArgs{From: at(0, 0), To: later.Add(time.Hour)}
	var refused *review.RefusedError
	if err := r.say("stop.sign_off", productiontest.A1, args, ""); !errors.As(err, &refused) || refused.Field != "to" ||
		!strings.Contains(err.Error(), "runs until 13:00:00 and it is 12:00:00") {
		t.Errorf("until one o'clock at noon: got %v, want it refused with both times", err)
	}
	args.To = later
	if err := r.say("stop.sign_off", productiontest.A1, args, ""); err != nil {
		t.Errorf("until now: got %v, want it taken", err)
	}
}

func TestAWindowIsClosedByTheSignOffsThatHold(t *testing.T) {
	whole, early, late := signOff("w", at(0, 0), at(60, 0), at(70, 0)), signOff("e", at(0, 0), at(30, 0), at(71, 0)), signOff("l", at(30, 0), at(60, 0), at(72, 0))
	back := undoOf("b", whole)
	other := whole
	other.Equipment = productiontest.A2
	for name, x := range map[string]struct {
		edits []review.Edit
		want  plant.Instant
	}{
		"nobody":                       {nil, 0},
		"another machine":              {[]review.Edit{other}, 0},
		"one for all of it":            {[]review.Edit{whole, early}, at(70, 0)},
		"a part":                       {[]review.Edit{early}, 0},
		"two parts":                    {[]review.Edit{early, late}, at(72, 0)},
		"two parts, the later first":   {[]review.Edit{late, early}, at(72, 0)},
		"a gap between":                {[]review.Edit{early, signOff("g", at(31, 0), at(60, 0), at(72, 0))}, 0},
		"taken back":                   {[]review.Edit{whole, back}, 0},
		"taken back and done again":    {[]review.Edit{whole, back, undoOf("again", back)}, at(70, 0)},
		"one of two taken back":        {[]review.Edit{early, late, undoOf("b", early)}, 0},
		"before the end of the hour":   {[]review.Edit{signOff("s", at(0, 0), at(60, 0), at(59, 0))}, 0},
		"one that reaches further":     {[]review.Edit{signOff("s", at(-60, 0), at(90, 0), at(100, 0))}, at(100, 0)},
		"taken back, then signed anew": {[]review.Edit{whole, back, signOff("w2", at(0, 0), at(60, 0), at(80, 0))}, at(80, 0)},
	} {
		if got := review.SignedOff(x.edits, path, hourWindow()); got != x.want {
			t.Errorf("%s: got %s, want %s", name, got, x.want)
		}
	}
}

func TestASignOffDoneAgainIsNoCorrection(t *testing.T) {
	d, _ := definitions(t)
	sign := signOff("s", at(0, 0), at(60, 0), at(70, 0))
	back := undoOf("back", sign)
	got := review.Apply(d, review.Input{Equipment: path, Stops: []production.Stop{stopped("x", at(5, 0), at(10, 0))},
		Edits: []review.Edit{sign, back, undoOf("again", back)}})
	if s := got.Stops[0]; s.SignedOff == nil || s.Corrected || got.Status[2].Correction {
		t.Errorf("got %+v and %+v, want it signed off without a correction", s.Detail, got.Status)
	}
}
