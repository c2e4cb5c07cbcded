package production_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

func TestNorthfieldHourUsesEnergy(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	checkKPI(t, h.kpi(productiontest.A1, theHour(productiontest.Start)), want{
		"energy_kwh": 24.6, "energy_not_running_kwh": 3.8, "energy_per_good_unit_wh": 7.432024, "energy_per_unit_wh": 7.338902})
	checkKPI(t, h.kpi(productiontest.B1, theHour(productiontest.Start)), want{
		"energy_kwh": 37.5, "energy_not_running_kwh": 3.75, "energy_per_good_unit_wh": 46.296296, "energy_per_unit_wh": 44.014085})
	checkKPI(t, h.kpi(productiontest.A3, theHour(productiontest.Start)), want{"energy_kwh": nil, "energy_per_unit_wh": nil})
}

func TestNorthfieldMaterialRunsOut(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	for _, w := range []struct {
		path, tag, ideal, demonstrated string
		level, perMinute               float64
	}{
		{productiontest.A1, "tank_level", "2026-03-02T09:33:04.000Z", "2026-03-02T09:43:45.882Z", 1984, 60 * .755555556},
		{productiontest.B1, "resin", "2026-03-02T09:37:00.000Z", "2026-03-02T09:42:41.538Z", 18.5, .433333333},
	} {
		m := h.kpi(w.path, theHour(productiontest.Start)).Materials
		if len(m) != 1 || m[0].Tag != w.tag || math.Abs(m[0].Level.Value-w.level) > 1e-9 || math.Abs(m[0].RateDemonstrated.Value-w.perMinute) > 1e-6 {
			t.Fatalf("%s: got %+v, want %s at %v, demonstrated %v a minute", w.path, m, w.tag, w.level, w.perMinute)
		}
		const layout = "2006-01-02T15:04:05.000Z"
		at := func(i *plant.Instant) string { return i.Time().Round(time.Millisecond).Format(layout) }
		if got := at(m[0].RunOutIdeal); got != w.ideal {
			t.Errorf("%s: at the ideal rate it runs out at %s, want %s", w.path, got, w.ideal)
		}
		if got := at(m[0].RunOutDemonstrated); got != w.demonstrated {
			t.Errorf("%s: at the demonstrated rate it runs out at %s, want %s", w.path, got, w.demonstrated)
		}
	}
	// While nothing runs, nothing runs out.
	w := plant.Interval{From: productiontest.Start + 1800*second, To: productiontest.Start + 2400*second}
	if m := h.kpi(productiontest.A1, w).Materials[0]; m.RunOutDemonstrated != nil || m.Level.Value != 4000-1336 {
		t.Errorf("after the break: got %+v, want %v and no demonstrated end", m, 4000-1336)
	}
}

func TestNorthfieldHourIsSafeButForThreeSeconds(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	checkKPI(t, h.kpi(productiontest.B1, theHour(productiontest.Start)), want{"estops": 1, "estop_time": 180,
		"guard_open_while_running": 1, "guard_open_while_running_time": 3, "days_since_safety_event": 12. / 60 / 24})
}

func TestNorthfieldRejectsOfTheStartUp(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	checkKPI(t, h.kpi(productiontest.B1, theHour(productiontest.Start)), want{
		"startup_quality_loss": 96, "steady_quality_loss": 30, "startup_rejected_quantity": 32, "waterfall>quality": 126})
}

func TestNorthfieldFailuresWithTheirUncertainty(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	for path, w := range map[string][3]float64{productiontest.A1: {438.46, 40551.1, .852459}, productiontest.B1: {428.86, 7597.90, .865385}} {
		k := h.kpi(path, theHour(productiontest.Start))
		got := k.MTBFInterval
		if math.Abs(got.Low.Value-w[0]) > .005 || math.Abs(got.High.Value-w[1]) > .05 || got.Failures != k.Failures || got.Confidence != .9 {
			t.Errorf("%s: got %+v, want %v to %v with 90 %%", path, got, w[0], w[1])
		}
		checkKPI(t, k, want{"inherent_availability": w[2], "mean_time_to_acknowledge": nil, "corrective_maintenance_ratio": 1})
	}
	a, eq := h.areas[0], h.tree.FindEquipment(productiontest.A1)
	in := a.Definition(eq, theHour(productiontest.Start), "hour")
	in.Now, in.Facts = productiontest.Start+Hour, a.Facts(eq, theHour(productiontest.Start))
	for _, s := range in.Facts.Segments {
		if s.Failure {
			in.Acknowledged = map[string]plant.Instant{s.Stop: productiontest.Start + 1210*second} // 20:10
		}
	}
	checkKPI(t, production.Compute(in), want{"mean_time_to_acknowledge": 90, "acknowledged_failures": 1, "energy_kwh": 24.6})
}

func TestMTBFIntervalsOfTheHandbook(t *testing.T) {
	for _, c := range []struct {
		time      time.Duration
		failures  int
		low, high float64
	}{
		{800 * time.Hour, 2, 127.07, 2251.23}, // NIST/SEMATECH e-Handbook, 8.4.5.1
		{1000 * time.Hour, 0, 434.29, 0},
		{1000 * time.Hour, 1, 210.80, 19495.73},
		{1000 * time.Hour, 10, 58.9545, 184.3180},
		{1000 * time.Hour, 400, 2.3043, 2.7229},
		{1000 * time.Hour, 600, 1.5593, 1.7848},
	} {
		got := production.NewMTBFInterval(c.time, c.failures, .9)
		close := func(got, want float64) bool { return math.Abs(got-want) <= max(.005, want/1e5) }
		if !close(got.Low.Value/3600, c.low) || !close(got.High.Value/3600, c.high) || got.High.OK != (c.failures > 0) {
			t.Errorf("%d failures in %v: got %.4f to %.4f h, want %v to %v", c.failures, c.time, got.Low.Value/3600, got.High.Value/3600, c.low, c.high)
		}
	}
	if got := production.NewMTBFInterval(0, 0, .9); got.Low.OK || got.High.OK {
		t.Errorf("without run time: got %+v, want no bounds", got)
	}
}

func TestMetersSurviveTheirRecord(t *testing.T) {
	for _, d := range []production.Seconds{0, 3e9, 2999999999, -1, 1e15 + 1} {
		b, err := json.Marshal(production.Meter{GuardRunTime: d})
		if err != nil {
			t.Fatal(err)
		}
		var got production.Meter
		if err := json.Unmarshal(b, &got); err != nil || got.GuardRunTime != d {
			t.Errorf("got %d, %v; want %d back from %s", got.GuardRunTime, err, d, b)
		}
	}
}

// metersOf returns the meters of an equipment of a scene.
func (s *scene) metersOf(name string) []production.Meter {
	return s.area.Facts(s.eq(name), plant.Interval{From: s.start - Hour, To: s.now}).Meters
}

func sumOf(meters []production.Meter) production.Meter {
	var sum production.Meter
	for _, m := range meters {
		sum.EnergyRun, sum.EnergyIdle = sum.EnergyRun+m.EnergyRun, sum.EnergyIdle+m.EnergyIdle
		sum.EStops, sum.EStopTime = sum.EStops+m.EStops, sum.EStopTime+m.EStopTime
		sum.GuardRuns, sum.GuardRunTime = sum.GuardRuns+m.GuardRuns, sum.GuardRunTime+m.GuardRunTime
		sum.Levels = append(slices.Clone(sum.Levels), m.Levels...)
	}
	return sum
}

func checkEnergy(t *testing.T, s *scene, run, idle int64) {
	t.Helper()
	if got := sumOf(s.metersOf("M1")); got.EnergyRun != run || got.EnergyIdle != idle {
		t.Errorf("got %d mWh running and %d not, want %d and %d", got.EnergyRun, got.EnergyIdle, run, idle)
	}
}

func TestEnergyOfAnIncrementIsDividedByTheRunningPower(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/energy", 10.)
	s.say("1:00", "M1/energy", 10.6)    // 36 kW
	s.say("1:30", "M1/state", 9)        //
	s.say("2:00", "M1/energy", 10.975)  // 300 Wh of run, 75 Wh not
	s.say("3:00", "M1/energy", 11.125)  // wholly not
	s.say("3:30", "M1/state", 6)        //
	s.say("4:00", "M1/energy", 11.2251) // less than the running power makes: all of it
	s.till("4:00")
	checkEnergy(t, s, 600000+300000+100100, 75000+150000)
}

func TestEnergyMeterThatIsResetGoesOn(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/energy", 5000.)
	s.say("1:00", "M1/energy", 5000.5)
	s.say("2:00", "M1/energy", .4)
	s.say("3:00", "M1/energy", 1.)
	s.say("3:10", "M1/energy", 90000.) // cannot be
	s.say("3:20", "M1/energy", 1.1)
	s.till("4:00")
	checkEnergy(t, s, 500000+400000+600000+100000, 0)
}

func TestEnergyMetersCountInTheirUnits(t *testing.T) {
	for _, c := range []struct {
		unit     string
		typ      string
		rollover uint64
		values   []any
		want     int64
	}{
		{"Wh", "uint", 1000, []any{990, 998, 5}, 15000},
		{"MWh", "int", 0, []any{7, 7, 8}, 1e9},
		{"kWh", "float", 0, []any{1.5, 1.75, 1.75}, 250000},
	} {
		tree, err := plant.NewTree(plant.Config{Site: "s", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "a", Lines: []plant.LineConfig{{Name: "l",
			Equipment: []plant.EquipmentConfig{{Name: "M1", Source: "plc", Tags: []plant.TagConfig{{Name: "state", Role: plant.RoleState},
				{Name: "energy", Role: plant.RoleEnergy, Type: c.typ, Unit: c.unit, Rollover: c.rollover}}}}}}}}})
		if err != nil {
			t.Fatal(err)
		}
		s := sceneOf(t, production.DefaultConfig(), tree)
		s.say("0:00", "M1/state", 6)
		for i, v := range c.values {
			s.say([]string{"0:00", "0:10", "0:20"}[i], "M1/energy", v)
		}
		s.till("0:30")
		checkEnergy(t, s, c.want, 0)
	}
}

func TestEmergencyStopOverTheEndOfTheShiftCountsOnceAndWhole(t *testing.T) {
	s := newScene(t, func(c *production.Config) {
		c.Calendars = []plant.CalendarConfig{{Name: "c", Shifts: []plant.ShiftConfig{{Name: "early", From: "06:00", To: "08:10"}}}}
		c.CalendarFor = []production.CalendarFor{{Equipment: "s/**", Calendar: "c"}}
	})
	s.say("0:00", "M1/state", 6)
	s.say("9:30", "M1/estop", true)
	s.say("9:30", "M1/state", 9)
	s.till("10:20")
	if got, want := sumOf(s.metersOf("M1")).EStopTime, production.Seconds(30e9); got != want {
		t.Errorf("while it lasts: got %v, want %v up to the last whole minute", got.Duration(), want.Duration())
	}
	if ch := s.till("12:00"); len(ch.Rewrites) == 0 || len(ch.Rewrites[0].Meters) == 0 {
		t.Errorf("got %+v, want the minutes told in which it went on", ch)
	}
	s.say("12:15.500", "M1/estop", false)
	s.till("13:00")
	meters := s.metersOf("M1")
	if got := sumOf(meters); got.EStops != 1 || got.EStopTime != 165500e6 || len(meters) != 4 {
		t.Errorf("got %d stops of %v in %d minutes, want one of 2m45.5s in four", got.EStops, got.EStopTime.Duration(), len(meters))
	}
}

func TestGuardThatOpensWhileRunningCountsInABreakAndWhenLate(t *testing.T) {
	s := newScene(t, func(c *production.Config) {
		c.Calendars = []plant.CalendarConfig{{Name: "c", Shifts: []plant.ShiftConfig{{Name: "early", From: "06:00", To: "07:00"}}}}
		c.CalendarFor = []production.CalendarFor{{Equipment: "s/**", Calendar: "c"}}
	})
	s.say("0:00", "M1/state", 6)
	s.say("4:00", "M1/state", 2)
	s.say("5:00", "M1/guard", true) // legal: nothing runs
	s.say("6:00", "M1/guard", false)
	s.till("7:00")
	if got := s.metersOf("M1"); len(got) != 0 {
		t.Errorf("guard open while stopped: got %+v, want nothing", got)
	}
	s.say("2:59.990", "M1/guard", true)
	s.say("3:00.040", "M1/guard", false)
	ch := s.till("7:01")
	if got := ch.Rewrites[0].MetersFrom; got != s.at("2:00") {
		t.Errorf("told from %v on, want 08:02", got)
	}
	got := s.metersOf("M1")
	if len(got) != 2 || got[0].GuardRuns != 1 || got[0].GuardRunTime != 10e6 || got[1].GuardRuns != 0 || got[1].GuardRunTime != 40e6 {
		t.Errorf("got %+v, want one of 10 ms and 40 ms of it in the next minute", got)
	}
}

func TestMachineThatStartsUnderAnOpenGuardIsUnsafe(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 2)
	s.say("1:00", "M1/guard", true)
	s.say("2:00", "M1/state", 6)
	s.say("2:20", "M1/guard", false)
	s.till("3:00")
	if got := sumOf(s.metersOf("M1")); got.GuardRuns != 1 || got.GuardRunTime != 20e9 {
		t.Errorf("got %d of %v, want one of 20 s", got.GuardRuns, got.GuardRunTime.Duration())
	}
}
