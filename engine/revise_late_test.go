package engine

import (
	"fmt"
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

const (
	packing = "northfield/packing"
	lineA   = packing + "/lineA"
)

// lateFault says at 11:00 that the filler stood at 8:27.
func (k *keeper) lateFault(msgs []plant.Message) []plant.Message {
	late := plant.Message{Pos: uint64(len(msgs) + 1), Time: at(180, 0), Kind: plant.KindTelemetry,
		Samples: []plant.Sample{k.one("state", plant.Int(9), at(27, 0))}}
	return k.until(append(msgs, late), at(182, 0))
}

// kept is what the records keep of all places, without when it was computed.
func (k *keeper) kept() []string {
	k.t.Helper()
	all, err := k.store.KPIs(k.t.Context(), store.KPIFilter{Revision: -1, Limit: store.All})
	if err != nil {
		k.t.Fatal(err)
	}
	var out []string
	for _, r := range all {
		out = append(out, fmt.Sprintf("%s %s %s %d %s %s %s", r.Path, r.Window, r.Start, r.Revision, r.Hash, r.Why, r.Body))
	}
	slices.Sort(out)
	return out
}

func everywhere(string) bool { return true }

func (k *keeper) verify() Check {
	k.t.Helper()
	c, err := k.v.kpis.Verify(k.t.Context(), plant.Interval{}, everywhere)
	if err != nil {
		k.t.Fatal(err)
	}
	return c
}

func TestLateSamplesReviseTheHourTheyFallIntoAndNoOther(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "packing")
	msgs := k.until(k.hour(), at(179, 0))
	k.feed(msgs, 100)
	k.revise()
	k.feed(k.lateFault(msgs), 100)
	if c := k.verify(); c.Pending == 0 {
		t.Error("verify before the change was looked at: got nothing pending")
	}
	k.revise()
	for _, path := range []string{productiontest.A1, lineA, packing} {
		hours := k.revisions(path, production.WindowHour)
		if len(hours) != 3 || hours[1].Revision != 2 || hours[1].Start != at(0, 0) || hours[1].Why != "late samples of A1" || hours[2].Revision != 1 {
			t.Errorf("%s: got %s, want two revisions of the first hour and one of the second", path, told(hours))
		}
	}
	for _, path := range []string{productiontest.A2, productiontest.A4} {
		if hours := k.revisions(path, production.WindowHour); len(hours) != 2 {
			t.Errorf("%s: got %s, want its hours as they were", path, told(hours))
		}
	}
	if c := k.verify(); len(c.Differences) > 0 || c.Checked < 10 || c.Pending != 0 {
		t.Errorf("verify: got %+v, want everything recomputed to the same", c)
	}
}

func TestAChangeIsRevisedOnceHoweverTheProcessEnds(t *testing.T) {
	t.Parallel()
	whole := newKeeper(t, "packing")
	msgs := whole.until(whole.hour(), at(179, 0))
	more := whole.lateFault(msgs)
	whole.feed(msgs, 100)
	whole.revise()
	whole.feed(more, 100)
	whole.revise()
	want := whole.kept()

	killed := newKeeper(t, "packing")
	killed.feed(msgs, 100)
	killed.revise()
	killed.feed(more, 100)
	killed.begin() // the change is in the records, and nobody has looked at it
	killed.revise()
	if diff := cmp.Diff(want, killed.kept()); diff != "" {
		t.Errorf("killed before the revision (-want +got):\n%.2000s", diff)
	}
	killed.begin() // the revision is in the records; part of the stream comes again
	killed.feed(more, 7)
	killed.revise()
	if diff := cmp.Diff(want, killed.kept()); diff != "" {
		t.Errorf("killed after the revision (-want +got):\n%.2000s", diff)
	}
}

func TestAChangeThatComesAgainWhileItIsLookedAtIsNotForgotten(t *testing.T) {
	k := newKeeper(t, "packing")
	d := store.Dirty{Kind: store.DirtySaid, Equipment: productiontest.A1, Start: at(0, 0), End: at(1, 0), Why: "twice", First: at(2, 0), Last: at(2, 0)}
	row := store.Commit{Area: packing, Pos: 1, Time: at(2, 0), Dirty: []store.Dirty{d}}
	ctx := t.Context()
	if err := k.store.Commit(ctx, row); err != nil {
		t.Fatal(err)
	}
	batch, err := k.v.batch(ctx)
	if err != nil || len(batch.done.Done) != 1 {
		t.Fatalf("batch: got %v, %v; want the change", batch.done.Done, err)
	}
	if err := k.store.Commit(ctx, row); err != nil { // while the batch is worked on
		t.Fatal(err)
	}
	if err := k.v.write(ctx, &batch); err != nil {
		t.Fatal(err)
	}
	if left, err := k.store.DirtyTime(ctx); err != nil || len(left) != 1 {
		t.Errorf("changed time after the round: got %v, %v; want what came again", left, err)
	}
}

// shuffled delivers what comes in ten seconds at their end, last first and
// twice.
func (k *keeper) shuffled() []plant.Message {
	var samples []plant.Sample
	for _, x := range productiontest.Northfield(k.tree, start) {
		if x.Tag.Equipment.Line.Area == k.area {
			samples = append(samples, x)
		}
	}
	contacts := productiontest.Contacts(start)
	var out []plant.Message
	add := func(m plant.Message) {
		m.Pos = uint64(len(out) + 1)
		out = append(out, m)
	}
	for now := start; now <= at(60, 10); now = now.Add(10 * time.Second) {
		i, j := 0, 0
		for i < len(samples) && samples[i].Time <= now {
			i++
		}
		for j < len(contacts) && contacts[j].Time <= now {
			j++
		}
		block := slices.Clone(samples[:i])
		slices.Reverse(block)
		add(plant.Message{Time: now, Kind: plant.KindTelemetry, Samples: append(block, block...), Contacts: contacts[:j]})
		add(plant.Message{Time: now, Kind: plant.KindTick})
		samples, contacts = samples[i:], contacts[j:]
	}
	return k.until(out, at(180, 0))
}

func TestTheOrderOfDeliveryLeavesNoTraceInKPIs(t *testing.T) {
	t.Parallel()
	inOrder, shuffled := newKeeper(t, "packing"), newKeeper(t, "packing")
	inOrder.feed(inOrder.until(inOrder.hour(), at(180, 0)), 100)
	shuffled.feed(shuffled.shuffled(), 33)
	inOrder.revise()
	shuffled.revise()
	want, got := inOrder.kept(), shuffled.kept()
	if len(want) < 10 || !slices.ContainsFunc(want, func(s string) bool { return strings.HasPrefix(s, lineA+" hour") }) {
		t.Fatalf("got %d revisions, want those of all places", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("KPIs (-in order +shuffled):\n%.3000s", diff)
	}
}
