package engine

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/store"
)

const (
	stopsOfA1   = "stop,area=packing,equipment=A1,line=lineA,site=northfield"
	minutesOfA1 = "production,area=packing,equipment=A1,level=equipment,line=lineA,site=northfield"
	minutesOfA  = "production,area=packing,level=line,line=lineA,site=northfield"
	hoursOfA1   = "kpi,area=packing,equipment=A1,level=equipment,line=lineA,site=northfield,window=hour"
)

// newForgetfulKeeper is one whose engine holds three hours of the past only.
func newForgetfulKeeper(t *testing.T) *keeper {
	t.Helper()
	k := &keeper{station: newStation(t, "packing")}
	k.edit = func(c *Config) { c.Production.Horizon = 3 * time.Hour }
	k.begin()
	return k
}

// tooOld is the hour and a quiet plant until a forgetful engine no longer
// holds it.
func (k *keeper) tooOld() []plant.Message { return k.until(k.hour(), at(5*60, 0)) }

// saidThen adds commands, given after all that there is, and a tick each.
func saidThen(msgs []plant.Message, commands ...*plant.Command) []plant.Message {
	for _, c := range commands {
		now := msgs[len(msgs)-1].Time.Add(1e9)
		c.Time = now
		for _, m := range []plant.Message{{Kind: plant.KindCommand, Command: c}, {Kind: plant.KindTick}} {
			m.Pos, m.Time = uint64(len(msgs)+1), now
			msgs = append(msgs, m)
		}
	}
	return msgs
}

// shown is what a database has by now.
func (k *keeper) shown() map[string]series { return points(k.t, k.derived()) }

func TestAStopOfTwoDaysAgoIsSplitInTheDatabaseToo(t *testing.T) {
	t.Parallel()
	k := newFillerKeeper(t)
	msgs := k.until(k.hour(), at(51*60, 0))
	k.feed(msgs, 500)
	k.revise()
	before := k.shown()
	msgs = saidThen(msgs, faultOfTheFiller()...)
	k.feed(msgs, 500)
	if diff := cmp.Diff(before[stopsOfA1], k.shown()[stopsOfA1]); diff != "" {
		t.Errorf("points of stops that the engine no longer holds (-before +after):\n%s", diff)
	}
	k.revise()
	all := k.shown()
	first, second := all[stopsOfA1][at(18, 40)], all[stopsOfA1][at(21, 40)]
	if first["duration_s"] != 180.0 || first["reason"] != "E-204" || second["duration_s"] != 180.0 || second["reason"] != "changeover" || second["void"] != false {
		t.Errorf("stops: got %v and %v, want three minutes of the fault and three of a changeover", first, second)
	}
	for _, name := range []string{minutesOfA1, minutesOfA} {
		if m := all[name][at(22, 0)]; m["setup_s"] != 60.0 || m["fault_s"] != 0.0 || m["reason"] != "changeover" {
			t.Errorf("%s at 8:22: got %v, want a minute of changeover", name, m)
		}
		if m := all[name][at(20, 0)]; m["fault_s"] != 60.0 {
			t.Errorf("%s at 8:20: got %v, want a minute of the fault", name, m)
		}
	}
	if p := all[hoursOfA1][at(0, 0)]; p["revision"] != int64(2) {
		t.Errorf("hour: got %v, want that of the second revision", p)
	}
	touched := map[plant.Instant]bool{}
	for when, m := range all[minutesOfA1] {
		if !cmp.Equal(m, before[minutesOfA1][when]) {
			touched[when] = true
		}
	}
	for when := range touched {
		if when < at(18, 0) || when > at(25, 0) {
			t.Errorf("minute of %s: got %v, want %v as before", when, all[minutesOfA1][when], before[minutesOfA1][when])
		}
	}
}

func TestAPartOfAnOldStopThatIsWholeAgainIsVoid(t *testing.T) {
	t.Parallel()
	k := newForgetfulKeeper(t)
	msgs := saidThen(k.tooOld(), faultOfTheFiller()...)
	k.feed(msgs, 500)
	k.revise()
	msgs = saidThen(msgs, said("c3", "stop.undo", productiontest.A1, `{"edit":"c1"}`, "", 0))
	k.feed(msgs, 500)
	k.revise()
	all := k.shown()
	if first, second := all[stopsOfA1][at(18, 40)], all[stopsOfA1][at(21, 40)]; first["duration_s"] != 360.0 || second["void"] != true {
		t.Errorf("stops: got %v and %v, want the whole and a void part", first, second)
	}
	for _, when := range []plant.Instant{at(21, 40), at(22, 0)} {
		if m := all[minutesOfA1][when]; m["reason"] != "E-204" {
			t.Errorf("state at %s: got %v, want the fault", when, m)
		}
	}
}

func TestPointsOfAnOldStopAreTheSameHoweverTheProcessEnds(t *testing.T) {
	t.Parallel()
	whole := newForgetfulKeeper(t)
	msgs := whole.tooOld()
	more := saidThen(msgs, faultOfTheFiller()...)
	whole.feed(msgs, 500)
	whole.revise()
	whole.feed(more, 500)
	whole.revise()
	want := whole.shown()

	killed := newForgetfulKeeper(t)
	killed.feed(msgs, 500)
	killed.revise()
	killed.feed(more, 500)
	killed.begin() // the edit is in the records, and its points are not made
	killed.feed(more, 500)
	killed.revise()
	if diff := cmp.Diff(want[stopsOfA1], killed.shown()[stopsOfA1]); diff != "" {
		t.Errorf("killed before the points (-whole +killed):\n%s", diff)
	}
	rows, err := killed.store.DirtyTime(t.Context())
	if err != nil || len(rows) != 0 {
		t.Errorf("changed time left: got %v, %v, want none", rows, err)
	}
	sent := []store.Dirty{{Equipment: productiontest.A1, Start: at(18, 40), End: at(24, 40), Why: "sent, and no more"}}
	if err := killed.v.rewriteOld(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	killed.begin()
	killed.feed(more, 500)
	killed.revise()
	got := killed.shown()
	for _, name := range []string{stopsOfA1, minutesOfA1, minutesOfA, hoursOfA1} {
		if diff := cmp.Diff(want[name], got[name]); diff != "" {
			t.Errorf("killed after the points, %s (-whole +killed):\n%.2000s", name, diff)
		}
	}
}

func TestOldUnitsThatALabTakesBackLeaveTheMinutesOfTheLineToo(t *testing.T) {
	t.Parallel()
	k := newForgetfulKeeper(t)
	msgs := saidThen(k.tooOld(), said("lab", "count.adjust", productiontest.A3,
		`{"from":"2026-03-02T08:00:00Z","to":"2026-03-02T09:00:00Z","scrap":60}`, "lab", 0))
	k.feed(msgs[:len(msgs)-2], 500)
	k.revise()
	good := func() (machine, line int64) {
		all := k.shown()
		for m := range 60 {
			if n, ok := all["production,area=packing,equipment=A3,level=equipment,line=lineA,site=northfield"][at(m, 0)]["good"].(int64); ok {
				machine += n
			}
			if n, ok := all[minutesOfA][at(m, 0)]["good"].(int64); ok {
				line += n
			}
		}
		return machine, line
	}
	machine, line := good()
	k.feed(msgs, 500)
	k.revise()
	if m, l := good(); m != machine-60 || l != line-60 {
		t.Errorf("good units of the labeller and the line: got %d and %d, want %d and %d", m, l, machine-60, line-60)
	}
	if r := k.revisions(lineA, production.WindowHour); len(r) == 0 || r[1].Revision != 2 {
		t.Errorf("revisions: got %s, want a second one of the line's hour", told(r))
	}
}

func TestAStopAtTheEndOfTheHorizonIsSplitOnBothSidesOfIt(t *testing.T) {
	t.Parallel()
	for _, now := range []plant.Instant{at(3*60+19, 0), at(3*60+22, 0), at(3*60+24, 0), at(3*60+26, 0)} {
		k := newForgetfulKeeper(t)
		k.feed(saidThen(k.until(k.hour(), now), faultOfTheFiller()...), 500)
		k.revise()
		all := k.shown()
		if first, second := all[stopsOfA1][at(18, 40)], all[stopsOfA1][at(21, 40)]; first["duration_s"] != 180.0 || second["duration_s"] != 180.0 || second["void"] != false {
			t.Errorf("stops at %s: got %v and %v, want two parts of three minutes", now, first, second)
		}
		fault, setup := 0.0, 0.0
		for m := range 30 {
			p := all[minutesOfA1][at(m, 0)]
			fault, setup = fault+p["fault_s"].(float64), setup+p["setup_s"].(float64)
		}
		if fault != 180 || setup != 180 {
			t.Errorf("minutes at %s: got %v s of the fault and %v s of changeover, want 180 each", now, fault, setup)
		}
	}
}
