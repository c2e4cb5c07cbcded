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

// backlog is the scripted hour as it comes three hours late, so many times as
// fast as it was, and then a quiet half an hour.
func (k *keeper) backlog(speed int64) []plant.Message {
	hour := k.hour()
	var out []plant.Message
	add := func(m plant.Message) {
		m.Pos = uint64(len(out) + 1)
		out = append(out, m)
	}
	tick := at(240, 0)
	for _, m := range hour {
		if m.Kind != plant.KindTelemetry {
			continue
		}
		m.Time = at(240, 0) + (m.Time-start)/plant.Instant(speed)
		for ; tick < m.Time; tick = tick.Add(time.Second) {
			add(plant.Message{Time: tick, Kind: plant.KindTick})
		}
		m.Contacts = nil
		add(m)
	}
	return k.until(out, tick.Add(30*time.Minute))
}

// arrives takes a stream as a daemon does that is never busy.
func (k *keeper) arrives(msgs []plant.Message, n int) {
	k.asItComes = true
	k.begin()
	k.feed(msgs, n)
}

func TestABacklogMakesOneRevisionOfEachWindowOnceItIsThrough(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "packing")
	k.arrives(k.backlog(80), 1)
	for _, path := range []string{productiontest.A1, productiontest.A3, lineA, packing} {
		hours := k.revisions(path, production.WindowHour)
		if len(hours) < 3 || hours[0].Start != at(0, 0) || slices.ContainsFunc(hours, func(r store.KPI) bool { return r.Revision != 1 }) {
			t.Errorf("%s: got %s, want one revision of each hour", path, told(hours))
		}
	}
	first := k.revisions(productiontest.A1, production.WindowHour)[0]
	if first.Time != at(242, 0) {
		t.Errorf("first revision: got one of %s, want it after a quiet minute, at %s", first.Time, at(242, 0))
	}
	if c := k.verify(); len(c.Differences) > 0 || c.Pending != 0 {
		t.Errorf("verify: got %+v, want all as their facts say", c)
	}
}

func TestABacklogThatNeverEndsIsRevisedEveryQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "packing")
	k.arrives(k.backlog(2), 5) // takes 30 minutes
	hours := k.revisions(productiontest.A1, production.WindowHour)
	var when []plant.Instant
	for _, r := range hours {
		if r.Start == at(0, 0) {
			when = append(when, r.Time)
		}
	}
	if want := []plant.Instant{at(255, 0), at(270, 0), at(272, 0)}; !slices.Equal(when, want) {
		t.Errorf("revisions of the hour: got %s, want them at %v", told(hours), want)
	}
}

func TestABacklogOfKnownHoursRevisesEachOnce(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "packing")
	whole := k.backlog(80)
	msgs := k.until([]plant.Message{{Pos: 1, Time: at(0, 0), Kind: plant.KindTelemetry, Samples: []plant.Sample{k.one("state", plant.Int(6), at(0, 0))}},
		{Pos: 2, Time: at(0, 1), Kind: plant.KindTick}}, at(239, 0))
	for _, m := range whole {
		m.Pos = uint64(len(msgs) + 1)
		msgs = append(msgs, m)
	}
	k.arrives(msgs, 3)
	hours := k.revisions(productiontest.A1, production.WindowHour)
	for n := range hours {
		if r := hours[n]; r.Revision > 2 || r.Revision == 2 && r.Why != "late samples of A1" {
			t.Errorf("got %s, want at most one further revision for the late samples", told(hours))
			break
		}
	}
	if len(hours) < 5 || hours[1].Revision != 2 {
		t.Errorf("got %s, want a second revision of the first hour", told(hours))
	}
}

// labBetween is the hour of the moulding, and a lab that speaks while samples
// of B2 come late.
func (k *keeper) labBetween() []plant.Message {
	msgs := k.until(k.hour(), at(179, 0))
	b2 := func(m int) plant.Sample {
		return plant.Sample{Tag: k.tree.Tag(productiontest.B2 + "/state"), Value: plant.Text([]string{"STOPPED", "RUN"}[m%2]), Time: at(10+m, 0)}
	}
	for m := range 20 {
		now := at(180, m*10)
		msgs = append(msgs, plant.Message{Pos: uint64(len(msgs) + 1), Time: now, Kind: plant.KindTelemetry, Samples: []plant.Sample{b2(m)}})
		if m == 9 {
			l := lab(len(msgs) + 1)
			l.Time, l.Command.Time = now, now
			msgs = append(msgs, l)
		}
	}
	return k.until(msgs, at(190, 0))
}

func TestWhatALabSaysWhileSamplesComeLateShowsAtOnceAndUnderItsOwnName(t *testing.T) {
	t.Parallel()
	k := newKeeper(t, "moulding")
	k.arrives(k.labBetween(), 7)
	hours := k.revisions(productiontest.B1, production.WindowHour)
	if len(hours) < 3 || hours[1].Start != at(0, 0) || hours[1].Why != "Anna: 10 scrap added at B1 from 09:00:00 to 10:00:00 (lab)" || hours[1].Time != at(180, 90) {
		t.Errorf("B1: got %s, want a second revision at once, for the lab alone", told(hours))
	}
	hours = k.revisions(productiontest.B2, production.WindowHour)
	if len(hours) < 3 || hours[1].Revision != 2 || hours[1].Why != "late samples of B2" || hours[2].Revision != 1 {
		t.Errorf("B2: got %s, want a second revision for its late samples, and no more", told(hours))
	}
	line := k.revisions("northfield/moulding/lineB", production.WindowHour)
	if len(line) < 3 || line[1].Why != "Anna: 10 scrap added at B1 from 09:00:00 to 10:00:00 (lab); late samples of B2" {
		t.Errorf("line: got %s, want the lab and the late samples each named for itself", told(line))
	}
}

func TestTheStreamReadAgainInOtherPiecesGivesTheSameRevisions(t *testing.T) {
	t.Parallel()
	for name, stream := range map[string]func(*keeper) []plant.Message{
		"backlog": func(k *keeper) []plant.Message { return k.backlog(3) },
		"lab":     (*keeper).labBetween,
	} {
		area := map[string]string{"backlog": "packing", "lab": "moulding"}[name]
		var want []string
		for _, n := range []int{1, 33, 500} {
			k := newKeeper(t, area)
			k.arrives(stream(k), n)
			all, err := k.store.KPIs(t.Context(), store.KPIFilter{Revision: -1, Limit: store.All})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range all {
				got = append(got, strings.Join([]string{r.Path, r.Window, r.Start.String(), r.Time.String(), r.Why, r.Hash}, " "))
			}
			if want == nil {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" || len(got) < 10 {
				t.Errorf("%s in pieces of %d (-in pieces of 1 +got):\n%.2000s", name, n, diff)
			}
		}
	}
}
