package engine

import (
	"errors"
	"testing"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// tampered is the hour, kept, and then the revisions of the filler are not
// what the facts say any more.
func (k *keeper) tampered() []plant.Message {
	msgs := k.until(k.hour(), at(179, 0))
	k.feed(msgs, 500)
	k.revise()
	k.exec(`UPDATE kpis SET hash = 'of other definitions' WHERE path = '` + productiontest.A1 + `'`)
	return msgs
}

func recompute(args string) *plant.Command {
	return said("renew", VerbRecompute, packing, args, "", at(180, 0))
}

func (k *keeper) wantRenewed(why string) {
	k.t.Helper()
	hours := k.revisions(productiontest.A1, production.WindowHour)
	if len(hours) != 3 || hours[1].Revision != 2 || hours[1].Start != at(0, 0) || hours[1].Why != why || hours[2].Revision != 1 {
		k.t.Errorf("revisions: got %s, want a second one of the first hour alone, because %s", told(hours), why)
	}
	if p := k.shown()[hoursOfA1]; p[at(0, 0)]["revision"] != int64(2) || p[at(60, 0)]["revision"] != int64(1) {
		k.t.Errorf("points: got %v, want that of the second revision in the first hour alone", p)
	}
	if c := k.verify(); c.Pending != 0 || len(c.Differences) != 1 || c.Differences[0].Start != at(60, 0) {
		k.t.Errorf("verify: got %+v, want the other hour to differ still", c)
	}
}

func TestACommandToRecomputeRenewsTheHourAskedForWithItsPoints(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "packing")
	msgs := saidThen(k.tampered(), recompute(`{"from":"2026-03-02T08:00:00Z","to":"2026-03-02T09:00:00Z","equipment":"northfield/packing/**","reason":"cycle corrected"}`))
	k.feed(msgs, 500)
	k.revise()
	k.wantRenewed("Anna: recomputed: cycle corrected")
	k.begin() // the command comes again
	k.feed(msgs, 500)
	k.revise()
	k.wantRenewed("Anna: recomputed: cycle corrected")
}

func TestACommandToRecomputeIsDoneAfterACrashToo(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "packing")
	msgs := saidThen(k.tampered(), recompute(`{"from":"2026-03-02T08:00:00Z","to":"2026-03-02T09:00:00Z","reason":"cycle corrected"}`))
	k.feed(msgs, 500)
	if c := k.verify(); c.Pending == 0 {
		t.Error("verify before the command was done: got nothing pending")
	}
	k.begin()
	k.revise()
	k.wantRenewed("Anna: recomputed: cycle corrected")
}

func TestWhatIsRecomputedWithoutADaemonIsPublishedByTheNextOne(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "packing")
	k.tampered()
	span := plant.Interval{From: at(0, 0), To: at(60, 0)}
	if n, err := k.v.kpis.Recompute(t.Context(), span, everywhere, RecomputeWhy("Anna", "cycle corrected")); err != nil || n != 1 {
		t.Fatalf("recompute: got %d, %v; want one revision", n, err)
	}
	if p := k.shown()[hoursOfA1][at(0, 0)]; p["revision"] != int64(1) {
		t.Fatalf("point before the daemon starts: got %v, want the old one", p)
	}
	k.begin()
	k.revise()
	k.wantRenewed("Anna: recomputed: cycle corrected")
	sent := len(k.derived())
	k.begin()
	k.revise()
	if left, err := k.store.Unpublished(t.Context(), 10); err != nil || len(left) != 0 || len(k.derived()) != sent {
		t.Errorf("after one more start: got %d points queued, %v, and %d messages; want none and %d", len(left), err, len(k.derived()), sent)
	}
}

func TestACommandToRecomputeThatMakesNoSenseIsRefused(t *testing.T) {
	k := newKeeper(t, "packing")
	for _, args := range []string{``, `{"reason":" "}`, `{"reason":"x","from":"2026-03-02T09:00:00Z","to":"2026-03-02T08:00:00Z"}`} {
		if err := k.r.core.takeRecompute(*recompute(args)); !errors.Is(err, ErrBadRecompute) {
			t.Errorf("%s: got %v, want it refused", args, err)
		}
	}
}
