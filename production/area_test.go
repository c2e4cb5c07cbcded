package production_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

func TestDaysOnEndAreForgottenButNotTheShift(t *testing.T) {
	// Two areas see the same four days; one forgets what is older than six
	// hours.
	tree, all := hallOf(t, 3)
	cfg := pressConfig()
	cfg.Horizon = 6 * time.Hour
	cfg.Equipment = []production.EquipmentConfig{{Equipment: "s/**", Product: "P"}}
	short, err := production.New(cfg, tree, tree.Areas[0])
	if err != nil {
		t.Fatal(err)
	}
	books := newLedger()
	start := productiontest.Start
	now := start
	for s := 0; s < 96*3600; s += 10 {
		now = start + plant.Instant(s)*second
		var batch []plant.Sample
		for i, eq := range tree.Equipment() {
			if (s+70*i)%610 < 10 {
				batch = append(batch, plant.Sample{Tag: eq.Tags[0], Time: now, Value: plant.Int([]int64{6, 11, 6, 5, 6, 9, 6}[s/610%7])})
			}
			batch = append(batch, plant.Sample{Tag: eq.Tags[1], Time: now, Value: plant.Int(int64(s / 3))})
		}
		for _, a := range []*production.Area{all, short} {
			a.Apply(now, batch, nil)
			a.Tick(now)
		}
		books.take(short.Drain())
		all.Drain()
		if s%(7*3600) == 0 && s > 0 {
			snap, err := short.Snapshot()
			if err != nil {
				t.Fatal(err)
			}
			if len(snap) > 100_000 {
				t.Fatalf("snapshot after %d h has %d bytes, want it bounded", s/3600, len(snap))
			}
			if short, err = production.New(cfg, tree, tree.Areas[0]); err != nil {
				t.Fatal(err)
			}
			if err := short.Restore(snap); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, eq := range tree.Equipment() {
		w := plant.Interval{From: now - 5*Hour, To: now}
		got, _ := short.KPI(eq, w, "")
		want, _ := all.KPI(eq, w, "")
		g, _ := json.Marshal(got)
		if b, _ := json.Marshal(want); !bytes.Equal(g, b) {
			t.Errorf("%s: got\n%s, want\n%s", eq.Path, g, b)
		}
		// What was stored over the days is what a long memory derives.
		var stored int64
		for _, cs := range books.counts[eq] {
			for _, c := range cs {
				stored += c.Total
			}
		}
		if want := int64(96*3600-10) / 3; stored != want {
			t.Errorf("%s: stored %d units, want %d", eq.Path, stored, want)
		}
	}
}

func TestSamplesBeyondTheHorizonAreCountedOut(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.till("1:00")
	old := plant.Sample{Tag: s.tree.Tag("s/a/l/M1/state"), Time: s.start - 27*Hour, Value: plant.Int(9)}
	ahead := plant.Sample{Tag: old.Tag, Time: s.now + Hour, Value: plant.Int(9)}
	stray, err := plant.Detached("s/a/l/M9/state")
	if err != nil {
		t.Fatal(err)
	}
	half := plant.Sample{Tag: s.tree.Tag("s/a/l/M1/total"), Time: s.now, Value: plant.Text("many")}
	s.area.Apply(s.now, []plant.Sample{old, ahead, {Tag: stray, Time: s.now}, half}, nil)
	if got, want := s.area.Stats(), (production.Stats{TooLate: 1, TooEarly: 1, Unmatched: 1, NoNumber: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	s.want("M1", "00:00 run")
}

func TestStateOfLastWeekHoldsWhenNothingElseIsKnown(t *testing.T) {
	s := newScene(t)
	old := plant.Sample{Tag: s.tree.Tag("s/a/l/M1/state"), Time: s.start - 100*Hour, Value: plant.Int(2)}
	s.area.Apply(s.start, []plant.Sample{old}, nil)
	s.till("1:00")
	s.want("M1", "00:00 stopped/micro_stop")
	s.area.Apply(s.now, []plant.Sample{old}, nil)
	if got := s.area.Stats().TooLate; got != 1 {
		t.Errorf("told again: got %d samples too late, want 1", got)
	}
}

func TestLiveShowsTheRunningShift(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	live := h.areas[0].Live(productiontest.Start + Hour)
	if len(live) != 5 || live[0].Line == nil || live[0].Equipment.Name != "A1" || live[1].Line != nil || live[4].Equipment.Name != "A4" {
		t.Fatalf("got %d entries, want line A and then A1 to A4", len(live))
	}
	l := live[0]
	if l.State != plant.StateRun || l.Since != productiontest.Start+3510*second || !l.Known {
		t.Errorf("got %s since %v, want run since the contact came back", l.State, l.Since)
	}
	if l.Product != "P1000" || l.Order != "PO-1002" || l.Shift.Name != "Early" || l.Shift.From != productiontest.Start-3*Hour {
		t.Errorf("got %s, %s, %+v; want P1000, PO-1002 in Early from 06:00", l.Product, l.Order, l.Shift)
	}
	if l.Total() != 3352 || l.Good() != 3310 || l.Reject() != 42 || l.UnitsLastMinute != 60 || l.UnitsLastHour != 3352 {
		t.Errorf("got %d = %d + %d, last minute %d, last hour %d", l.Total(), l.Good(), l.Reject(), l.UnitsLastMinute, l.UnitsLastHour)
	}
	checkKPI(t, l.Hour, want{"oee_index": .665552})
	if l.KPI.Window != "shift" || l.Hour.Window != "last_hour" {
		t.Errorf("windows: got %q and %q, want shift and last_hour", l.KPI.Window, l.Hour.Window)
	}
	checkKPI(t, l.KPI, want{"calendar_time": 4 * 3600, "waterfall>unknown": 3*3600 + 10, "oee_index": .665552})
	later := productiontest.Start + Hour + 20*second
	h.tick(later)
	if l := h.areas[0].Live(later)[0]; l.State != plant.StateUnknown || l.Known || l.LastSeen != productiontest.Start+Hour {
		t.Errorf("20 s later: got %s, known %v; want unknown", l.State, l.Known)
	}
}

func TestCountsAloneRewriteOneMinuteOnly(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/total", 0)
	s.till("20:00")
	s.say("20:10", "M1/total", 1210)
	s.till("20:10")
	s.say("20:20", "M1/total", 1220)
	ch := s.till("20:20")
	if len(ch.Rewrites) != 1 || len(ch.Rewrites[0].Segments) != 0 || len(ch.Rewrites[0].Counts) != 1 ||
		ch.Rewrites[0].Counts[0].Minute != s.at("20:00") || ch.Rewrites[0].Counts[0].Total != 20 {
		t.Errorf("got %+v, want the one count of 20:00", ch.Rewrites)
	}
	if ch := s.till("20:30"); len(ch.Rewrites)+len(ch.Stops)+len(ch.States) != 0 {
		t.Errorf("got %+v when nothing happened, want nothing", ch)
	}
}

func TestLateRejectMakesAnotherRevision(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	// Ten more rejects of the hour, told at 11:00Z.
	now := productiontest.Start + 3*Hour
	h.apply(now, []plant.Sample{{Tag: h.tree.Tag(productiontest.B3 + "/reject"), Time: productiontest.Start + 3599*second, Value: plant.Int(52)},
		{Tag: h.tree.Tag(productiontest.B3 + "/reject"), Time: productiontest.Start + Hour, Value: plant.Int(52)}}, nil)
	h.tick(now)
	checkKPI(t, h.kpi(productiontest.B1, theHour(productiontest.Start)), want{
		"produced_quantity": 852, "rejected_quantity": 52, "quality_ratio": .938967, "oee_index": .666667})
}

func TestSnapshotThatIsDamagedIsRefused(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.till("1:00")
	snap, err := s.area.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, {9}, snap[:len(snap)-1], append(bytes.Clone(snap), 0), bytes.Replace(snap, []byte("M1"), []byte("M2"), 1)} {
		a, err := production.New(s.cfg, s.tree, s.tree.Areas[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Restore(bad); err == nil {
			t.Errorf("got no error for a snapshot of %d bytes, the good one has %d", len(bad), len(snap))
		}
	}
}

func TestConfigNamesEveryProblem(t *testing.T) {
	c := production.DefaultConfig()
	if p := c.Validate(); len(p) != 0 {
		t.Errorf("got %v for the default", p)
	}
	if p := productiontest.Config(productiontest.Start).Validate(); len(p) != 0 {
		t.Errorf("got %v for Northfield", p)
	}
	c.MicroStop, c.StaleAfter, c.Horizon, c.Unknown, c.OEEMode = -1, 0, time.Minute, "guess", "best"
	c.Calendars = []plant.CalendarConfig{{Name: "c"}}
	c.CalendarFor = []production.CalendarFor{{Equipment: "", Calendar: "d"}}
	c.StateMaps = []production.CodeMap{{Name: "m", Codes: map[string]string{"1": "running"}}, {Name: "m", Codes: map[string]string{"2": "run"}, Default: "x"}}
	c.ModeMaps = []production.CodeMap{{}}
	c.Products = []production.Product{{Name: "P", Ideal: []production.IdealCycle{{Equipment: "[", Cycle: 0}}}}
	c.Orders = []production.Order{{Order: "o", Product: "Q", Line: "s/a/l"}}
	c.Changeover.Standards = []production.ChangeoverStandard{{To: "Q"}}
	c.Reasons = []production.Reason{{ID: "r"}, {Codes: []string{"1"}, Category: "bad", States: []string{"run"}}}
	c.Equipment = []production.EquipmentConfig{{MaxRate: -1, Suspended: "idle", Product: "Q"}}
	var got []string
	for _, p := range c.Validate() {
		got = append(got, p.Path)
	}
	want := `micro_stop stale_after horizon unknown oee_mode calendars[0].shifts calendar_for[0].equipment calendar_for[0].calendar
		state_maps[0].codes.1 state_maps[1].default state_maps[1].name mode_maps[0].name mode_maps[0].codes
		products[0].ideal[0].equipment products[0].ideal[0].cycle orders[0].product orders[0].from
		changeover.standards[0].to changeover.standards[0].time reasons[0].codes reasons[1].id reasons[1].states[0] reasons[1].category
		equipment[0].equipment equipment[0].max_rate equipment[0].suspended equipment[0].product`
	if strings.Join(got, " ") != strings.Join(strings.Fields(want), " ") {
		t.Errorf("got problems at\n%s, want\n%s", strings.Join(got, " "), strings.Join(strings.Fields(want), " "))
	}
}

func TestNewNamesWhatTheTreeDoesNotKnow(t *testing.T) {
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*production.Config){
		"no equipment \"B9\"": func(c *production.Config) { c.Equipment[0].Reject = "northfield/moulding/lineB/B9/reject" },
		"in another area":     func(c *production.Config) { c.Equipment[0].Reject = productiontest.A1 + "/reject" },
		"not \"moulder\"":     func(c *production.Config) { c.StateMaps = c.StateMaps[1:] },
	} {
		cfg := productiontest.Config(productiontest.Start)
		change(&cfg)
		if _, err := production.New(cfg, tree, tree.FindArea("moulding")); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("got %v, want an error that says %q", err, what)
		}
	}
}
