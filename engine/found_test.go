package engine

import (
	"testing"

	"andon/plant"
	"andon/production/productiontest"
	"andon/production/review"
)

// edits returns what the records have of the station's area.
func (s *station) edits() []review.Edit {
	s.t.Helper()
	return must(readEdits(must(s.store.EditsUpTo(s.t.Context(), s.area.Path, 1<<62))))
}

func TestAnEditKeepsWhatItFound(t *testing.T) {
	s := newStation(t, "packing")
	a1 := productiontest.A1
	s.feed(s.reviewedHour(
		said("c1", "stop.assign", a1, `{"start":"2026-03-02T08:18:40Z","reason":"changeover"}`, "", at(61, 0)),
		said("c2", "stop.not_downtime", a1, `{"start":"2026-03-02T08:18:40Z","was":{"reason":"a lie"}}`, "", at(61, 0)),
		said("c3", "stop.undo", a1, `{"edit":"c2"}`, "", at(61, 0)),
		said("c4", "count.adjust", a1, `{"from":"2026-03-02T08:00:00Z","to":"2026-03-02T09:00:00Z","scrap":10}`, "", at(61, 0)),
		said("c5", "count.adjust", a1, `{"from":"2026-03-02T08:00:00Z","to":"2026-03-02T09:00:00Z","scrap":-10}`, "", at(61, 0)),
		said("c6", "stop.merge", a1, `{"stops":[{"start":"2026-03-02T08:10:00Z"},{"start":"2026-03-02T08:18:40Z"}]}`, "", at(61, 0)),
		said("c7", "stop.comment", a1, `{"start":"2001-03-02T08:18:40Z","was":{"reason":"from the records"}}`, "long ago", at(61, 0)),
	), 50)
	s.commit(true)
	edits := s.edits()
	if len(edits) != 7 {
		t.Fatalf("got %d edits, want 7", len(edits))
	}
	for i, want := range []review.Was{
		{Reason: "E-204", Life: review.LifeAutoReason}, {Reason: "changeover", Life: review.LifeReasoned}, {Reason: "not_downtime", Life: review.LifeClosed},
	} {
		if w := edits[i].Was; w == nil || w.Reason != want.Reason || w.Life != want.Life || w.From != at(18, 40) || w.To != at(24, 40) {
			t.Errorf("%s: got %+v, want %s, %s", edits[i].ID, w, want.Reason, want.Life)
		}
	}
	first, second := edits[3].Was, edits[4].Was
	if first == nil || second == nil || first.Counts == nil || *second.Counts != (review.Counted{Good: first.Counts.Good - 10, Scrap: first.Counts.Scrap + 10}) ||
		first.Counts.Good == 0 {
		t.Errorf("adjusted: got %+v, then %+v; want ten less good and ten more scrap", first, second)
	}
	if with := edits[5].Args.With; with[0].Was == nil || with[1].Was == nil || with[1].Was.Reason != "changeover" {
		t.Errorf("merged: got %+v, want what each of them was", with)
	}
	if w := edits[6].Was; w == nil || w.Reason != "from the records" {
		t.Errorf("stop that the engine no longer holds: got %+v, want what the command brought", w)
	}
	if c := s.chain(); c.Broken != "" {
		t.Errorf("chain: got %s", c.Broken)
	}
	s.exec(`UPDATE edits SET body = replace(body, '"reason":"E-204"', '"reason":"E-205"') WHERE seq = 1`)
	if c := s.chain(); c.Broken == "" {
		t.Error("another old value: got a whole chain, want it broken")
	}
}

func TestATryOfAnUndoSaysWhatWouldBeRefused(t *testing.T) {
	s := newStation(t, "packing")
	msgs := s.reviewedHour(faultOfTheFiller()...)
	s.feed(msgs, 50)
	s.commit(true)
	d := NewDesk(NorthfieldConfig().Production, s.tree, s.store)
	undo := func(edit, revision string) error {
		return d.Try(t.Context(), *said("try", "stop.undo", productiontest.A1, `{"edit":"`+edit+`"`+revision+`}`, "", at(63, 0)), at(63, 0))
	}
	if err := undo("c2", ""); err != nil {
		t.Errorf("an edit that holds: got %v, want nothing against it", err)
	}
	if _, refused := undo("nothing", "").(*review.RefusedError); !refused {
		t.Errorf("no edit at all: got %v, want it refused", undo("nothing", ""))
	}
	if _, changed := undo("c2", `,"revision":1`).(*review.ChangedError); !changed {
		t.Errorf("one that was not yet said when the editor looked: got %v, want it refused", undo("c2", `,"revision":1`))
	}
	s.feed(saidThen(msgs, said("c3", "stop.undo", productiontest.A1, `{"edit":"c2"}`, "", 0)), 50)
	s.commit(true)
	if _, undone := undo("c2", "").(*review.UndoneError); !undone {
		t.Errorf("an edit that was taken back: got %v, want it refused", undo("c2", ""))
	}
	if err := undo("c3", ""); err != nil {
		t.Errorf("what took it back: got %v, want nothing against it", err)
	}
	v, _, err := d.Stop(t.Context(), stopIDs(t, s)[at(18, 40)], s.r.core.now)
	if err != nil || v.Revision != 3 {
		t.Errorf("stop: got revision %d, %v; want 3", v.Revision, err)
	}
}

// stopIDs are those of the filler by begin.
func stopIDs(t *testing.T, s *station) map[plant.Instant]string {
	t.Helper()
	rows, err := s.store.StopsOf(t.Context(), productiontest.A1, plant.Interval{From: at(0, 0), To: at(60, 0)})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[plant.Instant]string{}
	for _, row := range rows {
		ids[row.Start] = row.ID
	}
	return ids
}
