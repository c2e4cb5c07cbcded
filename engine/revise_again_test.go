package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/store"
)

func TestAKillBetweenPointsAndRevisionLosesNothingAndRevisesOnce(t *testing.T) {
	t.Parallel()
	whole := newKeeper(t, "packing")
	msgs := whole.until(whole.hour(), at(179, 0))
	more := whole.lateFault(msgs)
	whole.feed(msgs, 100)
	whole.revise()
	whole.feed(more, 100)
	whole.revise()
	want, shown := whole.kept(), whole.shown()

	killed := newKeeper(t, "packing")
	killed.feed(msgs, 100)
	killed.dies()
	killed.revise()
	killed.feed(more, 100)
	killed.dies()
	if p := killed.shown()[hoursOfA1][at(0, 0)]; p["revision"] != int64(2) {
		t.Fatalf("point when the process dies: got %v, want that of the second revision", p)
	}
	killed.feed(more, 7)
	killed.revise()
	if diff := cmp.Diff(want, killed.kept()); diff != "" {
		t.Errorf("revisions (-whole +killed):\n%.2000s", diff)
	}
	if diff := cmp.Diff(shown[hoursOfA1], killed.shown()[hoursOfA1]); diff != "" {
		t.Errorf("points (-whole +killed):\n%.2000s", diff)
	}
	if left, err := killed.store.DirtyTime(t.Context()); err != nil || len(left) != 0 {
		t.Errorf("changed time left: got %v, %v, want none", left, err)
	}
}

// dies kills the process when the points of a round are out and its revisions
// are not written; a new one begins.
func (k *keeper) dies() {
	k.t.Helper()
	k.exec(`CREATE TRIGGER dies BEFORE INSERT ON kpis BEGIN SELECT RAISE(FAIL, 'killed'); END`)
	sent := len(k.derived())
	if _, _, err := k.v.round(k.t.Context()); err == nil || len(k.derived()) == sent {
		k.t.Fatalf("round: got %v and %d messages, want it to fail after one more than %d", err, len(k.derived()), sent)
	}
	k.exec(`DROP TRIGGER dies`)
	k.begin()
}

// tenDays is the hour, a quiet plant after it with a fault of the filler on each of the days
// after, and a tick every half an hour.
func (k *keeper) tenDays() []plant.Message {
	msgs := k.hour()
	for now := at(90, 0); now <= at(10*24*60, 0); now = now.Add(30 * time.Minute) {
		m := plant.Message{Time: now, Kind: plant.KindTick}
		if now.Sub(at(120, 0))%(24*time.Hour) == 0 {
			m = plant.Message{Time: now, Kind: plant.KindTelemetry, Samples: []plant.Sample{k.one("state", plant.Int(9), now)},
				Contacts: []plant.Contact{{Source: "plc", Time: now}}}
		}
		m.Pos = uint64(len(msgs) + 1)
		msgs = append(msgs, m)
	}
	return msgs
}

// again loses the snapshot and works through what is left of the stream, and
// two hours more.
func (k *keeper) again(msgs []plant.Message, from int) {
	k.t.Helper()
	k.lose()
	k.begin()
	if len(k.dirty()) == 0 {
		k.t.Fatal("nothing is in doubt when the stream is worked through again")
	}
	msgs = k.until(msgs, msgs[len(msgs)-1].Time.Add(2*time.Hour))
	if err := k.r.handle(k.t.Context(), msgs[from:]); err != nil {
		k.t.Fatal(err)
	}
	k.revise()
	if left := k.dirty(); len(left) != 0 {
		k.t.Errorf("changed time left: got %v, want none", left)
	}
	if c := k.verify(); len(c.Differences) > 0 || c.Pending != 0 {
		k.t.Errorf("verify: got %d pending and %+v, want all as their facts say", c.Pending, c.Differences)
	}
}

func (k *keeper) dirty() []store.Dirty {
	k.t.Helper()
	all, err := k.store.DirtyTime(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	return all
}

func TestAStreamOfTenDaysWorkedThroughAgainGivesTheSameRevisions(t *testing.T) {
	t.Parallel()
	k := newFillerKeeper(t)
	msgs := k.tenDays()
	k.feed(msgs, 500)
	k.revise()
	before := k.kept()
	k.again(msgs, 0)
	k.stillKept(before)
	for _, r := range k.revisions(productiontest.A1, production.WindowHour) {
		if r.Revision > 1 {
			t.Errorf("got revision %d of %s because %q, want one of each", r.Revision, r.Start, r.Why)
		}
	}
}

// Of the first days the stream has nothing any more, and of the ninth only the
// end: facts of the days that it may have held are looked at again.
func TestKPIsOfTheLastEightDaysAreLookedAtAgainWhenPartOfTheStreamIsGone(t *testing.T) {
	t.Parallel()
	k := newFillerKeeper(t)
	msgs := k.tenDays()
	k.feed(msgs, 500)
	k.revise()
	kept := k.kept()
	from := before(msgs, at(8*24*60+121, 0)) // just after the fault of the ninth day
	k.again(msgs, from)
	edge := msgs[len(msgs)-1].Time.Add(-longestStream - 24*time.Hour)
	again := 0
	for _, r := range k.revisions(productiontest.A1, production.WindowHour) {
		switch {
		case r.Revision == 1:
		case !strings.Contains(r.Why, "the stream was worked through again") || r.Start < edge:
			t.Errorf("got revision %d of %s because %q, want those of the last days because of the stream", r.Revision, r.Start, r.Why)
		default:
			again++
		}
	}
	if again == 0 {
		t.Errorf("got no further revision, want some of the ninth day")
	}
	k.stillKept(kept)
}

// stillKept wants revisions to be as they were.
func (k *keeper) stillKept(before []string) {
	k.t.Helper()
	after := k.kept()
	for _, r := range before {
		if !slices.Contains(after, r) {
			k.t.Errorf("revision that is no more as it was: %.120s", r)
		}
	}
}
