package review_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"andon/plant"
	"andon/production/productiontest"
	"andon/production/review"
)

func seen(revision int64, s plant.Instant, end plant.Instant) review.CommandArgs {
	return review.CommandArgs{Ref: review.Ref{Start: s, End: end, Revision: &revision}, Reason: "no_operator"}
}

func TestTheSecondOfTwoEditorsIsToldWhatTheFirstSaid(t *testing.T) {
	fault := func(revision int64) review.CommandArgs { return seen(revision, at(18, 40), at(24, 40)) }
	r := newRoom(t, "packing")
	if err := r.say("stop.assign", productiontest.A1, fault(0), ""); err != nil {
		t.Fatalf("the first: got %v, want it taken", err)
	}
	second := fault(0)
	second.Reason = "cleaning"
	var changed *review.ChangedError
	if err := r.say("stop.assign", productiontest.A1, second, ""); !errors.As(err, &changed) || changed.Last.Seq != 1 || !strings.Contains(err.Error(), "No operator") {
		t.Errorf("the second: got %v, want what the first said", err)
	}
	if s := stopAt(t, r.apply(productiontest.A1), at(18, 40)); s.Reason != "no_operator" {
		t.Errorf("stop: got %s, want the first one's reason", s.Reason)
	}
	if rev := review.Revision(r.book.Edits(), productiontest.A1, plant.Interval{From: at(18, 40), To: at(24, 40)}); rev != 1 {
		t.Errorf("revision: got %d, want 1", rev)
	}
	second.Revision = new(int64)
	*second.Revision = 1
	if err := r.say("stop.assign", productiontest.A1, second, ""); err != nil {
		t.Errorf("the second after another look: got %v, want it taken", err)
	}
	if err := r.say("stop.assign", productiontest.A1, seen(0, at(10, 0), at(10, 40)), ""); err != nil {
		t.Errorf("another stop: got %v, want it taken", err)
	}
	plain := start(at(18, 40))
	plain.Reason = "cleaning"
	if err := r.say("stop.assign", productiontest.A1, plain, ""); err != nil {
		t.Errorf("who names no revision: got %v, want it taken", err)
	}
}

func TestEveryCommandKnowsWhatItsEditorSaw(t *testing.T) {
	zero := int64(0)
	ref := review.Ref{Start: at(18, 40), End: at(24, 40), Revision: &zero}
	window := review.CommandArgs{Ref: review.Ref{Revision: &zero}, From: at(0, 0), To: at(60, 0), Adjustment: review.Adjustment{Scrap: 1}}
	split, undo, sign := review.CommandArgs{Ref: ref, At: at(21, 40)}, review.CommandArgs{Ref: review.Ref{Revision: &zero}, Edit: "cb"}, window
	sign.Adjustment = review.Adjustment{}
	for verb, args := range map[string]review.CommandArgs{
		"stop.assign": {Ref: ref, Reason: "no_operator"}, "stop.comment": {Ref: ref}, "stop.split": split, "stop.not_downtime": {Ref: ref},
		"stop.review": {Ref: ref}, "stop.dispute": {Ref: ref}, "stop.reopen": {Ref: ref},
		"stop.merge":    {Stops: []review.Ref{{Start: at(10, 0)}, ref}},
		"stop.sign_off": sign, "count.adjust": window, "stop.undo": undo,
	} {
		r := newRoom(t, "packing")
		r.must("stop.comment", productiontest.A1, start(at(18, 40))) // its id is cb
		var changed *review.ChangedError
		if err := r.say(verb, productiontest.A1, args, "x"); !errors.As(err, &changed) {
			t.Errorf("%s: got %v, want it refused", verb, err)
		}
		if n := len(r.book.Edits()); n != 1 {
			t.Errorf("%s: got %d edits, want the comment alone", verb, n)
		}
	}
}

func TestCountsAreNoPartOfAStopsRevision(t *testing.T) {
	r := newRoom(t, "packing")
	r.adjust(productiontest.A1, review.Adjustment{Scrap: 5})
	r.must("stop.undo", productiontest.A1, review.CommandArgs{Edit: "cb"})
	if err := r.say("stop.assign", productiontest.A1, seen(0, at(18, 40), at(24, 40)), ""); err != nil {
		t.Errorf("after counts were adjusted: got %v, want it taken", err)
	}
}

func TestAnEditIsTakenBackOnceAndDoneAgain(t *testing.T) {
	r := newRoom(t, "packing")
	before := r.apply(productiontest.A1)
	assign := start(at(18, 40))
	assign.Reason = "no_operator"
	r.must("stop.assign", productiontest.A1, assign)
	with := r.apply(productiontest.A1)
	undo := func(id string) error {
		return r.say("stop.undo", productiontest.A1, review.CommandArgs{Edit: id}, "")
	}
	same := func(what string, want review.Result) {
		t.Helper()
		if got := r.apply(productiontest.A1); !reflect.DeepEqual(got.Stops, want.Stops) || !reflect.DeepEqual(got.Facts, want.Facts) {
			t.Errorf("%s: got other stops", what)
		}
	}
	if err := undo("cb"); err != nil {
		t.Fatal(err)
	}
	same("taken back", before)
	var undone *review.UndoneError
	if err := undo("cb"); !errors.As(err, &undone) || undone.By.ID != "cc" || !strings.Contains(err.Error(), "Anna took cb back already") {
		t.Errorf("taken back twice: got %v, want who did it before", err)
	}
	if err := undo("cc"); err != nil { // cd was refused
		t.Fatal(err)
	}
	same("done again", with)
	if err := undo("cc"); !errors.As(err, &undone) {
		t.Errorf("done again twice: got %v, want it refused", err)
	}
	if err := undo("cb"); err != nil {
		t.Errorf("taken back after it was done again: got %v, want it taken", err)
	}
	same("taken back after that", before)
}

func TestUndoingACommandLeavesOutWhatWasTakenBackAlone(t *testing.T) {
	r := newRoom(t, "packing")
	r.must("stop.assign", productiontest.A1, review.CommandArgs{Reason: "no_operator", Stops: []review.Ref{{Start: at(10, 0)}, {Start: at(18, 40)}}})
	r.must("stop.undo", productiontest.A1, review.CommandArgs{Edit: "cb#1"})
	r.must("stop.undo", productiontest.A1, review.CommandArgs{Edit: "cb"})
	if n := len(r.book.Edits()); n != 4 {
		t.Errorf("got %d edits, want the two and an undo of each", n)
	}
	var undone *review.UndoneError
	if err := r.say("stop.undo", productiontest.A1, review.CommandArgs{Edit: "cb"}, ""); !errors.As(err, &undone) {
		t.Errorf("once more: got %v, want it refused", err)
	}
}
