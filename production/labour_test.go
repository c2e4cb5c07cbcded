package production_test

import (
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

// heads are an entry of people at the machine, with three of four present in
// the early shift, which ends at 09:00.
func twoShifts(c *production.Config) {
	c.Calendars = []plant.CalendarConfig{{Name: "two", Shifts: []plant.ShiftConfig{
		{Name: "Early", From: "06:00", To: "09:00"},
		{Name: "Late", From: "09:00", To: "14:00", Breaks: []plant.BreakConfig{{Name: "coffee", From: "09:20", To: "09:30"}}}}}}
	c.CalendarFor = []production.CalendarFor{{Equipment: "s/**", Calendar: "two"}}
	three := 3.0
	c.Staff = []production.StaffConfig{{Equipment: "s/a/l/M", Shift: "Early", Required: 4, Present: &three}, {Equipment: "s/**", Shift: "Late", Required: 2}}
}

// crewAtWork is a machine from 08:30 to 09:40: a fault of five minutes and
// maintenance of five before the shift ends at 09:00, a changeover from 09:10
// to the break. It makes 300 units.
func crewAtWork(t *testing.T, change func(*production.Config)) *machine {
	t.Helper()
	m := oneMachine(t, func(c *production.Config) { twoShifts(c); change(c) }, plant.TagConfig{Name: "state", Role: plant.RoleState},
		plant.TagConfig{Name: "mode", Role: plant.RoleMode}, plant.TagConfig{Name: "total", Role: plant.RoleTotalCount})
	for _, s := range []struct {
		minute float64
		tag    string
		value  int64
	}{{0, "mode", 1}, {0, "state", 6}, {30, "total", 0}, {40, "total", 300}, {50, "state", 9}, {55, "mode", 2}, {55, "state", 2},
		{60, "mode", 1}, {60, "state", 6}, {70, "mode", 4}, {70, "state", 2}, {80, "mode", 1}, {90, "state", 6}, {100, "total", 300}} {
		m.say(s.minute*60, s.tag, plant.Int(s.value))
	}
	m.till(100 * 60)
	return m
}

func (m *machine) kpi(from, to float64) production.KPI {
	m.t.Helper()
	k, ok := m.area.KPI(m.eq(), plant.Interval{From: m.at(from * 60), To: m.at(to * 60)}, "range")
	if !ok {
		m.t.Fatal("no KPIs of the machine")
	}
	return k
}

func asConfigured(*production.Config) {}

func TestPeopleWorkWhileTheMachineRunsOrIsSetUp(t *testing.T) {
	m := crewAtWork(t, asConfigured)
	// 30 minutes of three of four, then 20 and 10 of two.
	checkKPI(t, m.kpi(30, 100), want{"labour_hours": 2.5, "required_labour_hours": 3, "staffed_ratio": .833333, "units_per_labour_hour": 120,
		"personnel_work_hours": 2, "personnel_attendance_hours": 2.25, "worker_efficiency": .888889, "labour_good_quantity": 300})
}

func TestTheCrewChangesWithTheShift(t *testing.T) {
	m := crewAtWork(t, asConfigured)
	checkKPI(t, m.kpi(30, 60), want{"labour_hours": 1.5, "staffed_ratio": .75, "worker_efficiency": .8})
	checkKPI(t, m.kpi(60, 100), want{"labour_hours": 1, "staffed_ratio": 1, "worker_efficiency": 1, "units_per_labour_hour": 0})
	checkKPI(t, m.kpi(59, 61), want{"labour_hours": 5.0 / 60})
	checkKPI(t, m.kpi(80, 90), want{"labour_hours": nil, "units_per_labour_hour": nil, "staffed_ratio": nil, "worker_efficiency": nil})
}

func TestANewCrewHoldsFromItsTimeAndLeavesThePast(t *testing.T) {
	m := crewAtWork(t, func(c *production.Config) {
		c.Staff = append(c.Staff, production.StaffConfig{Equipment: "s/**", Required: 6, ValidFrom: machineStart.Add(45 * time.Minute).Time()})
	})
	checkKPI(t, m.kpi(30, 45), want{"labour_hours": .75})
	checkKPI(t, m.kpi(30, 60), want{"labour_hours": .75 + 1.5, "required_labour_hours": 1 + 1.5})
	in := m.area.Definition(m.eq(), plant.Interval{From: m.at(1800), To: m.at(3600)}, "range")
	if len(in.Crews) != 2 || in.Crews[0].Present != 3 || in.Crews[1].From != m.at(45*60) || in.Crews[1].Present != 6 {
		t.Errorf("crews: got %+v, want three until 08:45 and six from then on", in.Crews)
	}
}

func TestWithoutStaffNothingIsSaidOfPeople(t *testing.T) {
	m := crewAtWork(t, func(c *production.Config) { c.Staff = nil })
	checkKPI(t, m.kpi(30, 100), want{"labour_hours": nil, "units_per_labour_hour": nil, "worker_efficiency": nil, "labour_good_quantity": 0})
	hash, err := production.Digest(m.area.Definition(m.eq(), plant.Interval{From: m.at(0), To: m.at(60)}, "hour"))
	staffed := crewAtWork(t, asConfigured)
	other, err2 := production.Digest(staffed.area.Definition(staffed.eq(), plant.Interval{From: m.at(0), To: m.at(60)}, "hour"))
	if err != nil || err2 != nil || hash == other {
		t.Errorf("digests: got %s, %v and %s, %v, want them to differ with the crew", hash, err, other, err2)
	}
}

// lineOf returns the KPIs of the scene's line after ten minutes of run, and
// those that screens show.
func lineOf(t *testing.T, staff ...production.StaffConfig) (production.KPI, production.KPI) {
	t.Helper()
	s := newScene(t, func(c *production.Config) { c.Staff = staff })
	for _, m := range []string{"M1", "M2", "M3"} {
		s.say("00:00", m+"/state", 6)
		s.say("00:00", m+"/total", 0)
		s.say("00:00", m+"/reject", 0)
		s.say("10:00", m+"/total", 100)
	}
	s.say("05:00", "M1/state", 9)
	s.say("06:00", "M1/state", 6)
	s.till("10:00")
	w := plant.Interval{From: s.start, To: s.now}
	var parts []production.KPIInput
	for _, eq := range s.tree.Equipment() {
		in := s.area.Definition(eq, w, "range")
		in.Now, in.Facts = s.now, s.area.Facts(eq, w)
		parts = append(parts, in)
	}
	return production.ComputeLine(s.cfg, s.tree.Areas[0].Lines[0], parts), s.area.Live(s.now)[0].KPI
}

func TestPeopleOfALineAreItsOwnOrThoseOfItsMachines(t *testing.T) {
	crew := production.StaffConfig{Line: "s/a/l", Required: 6}
	one, two := production.StaffConfig{Equipment: "s/a/l/M1", Required: 1}, production.StaffConfig{Equipment: "s/a/l/M2", Required: 2}
	k, _ := lineOf(t, crew)
	checkKPI(t, k, want{"labour_hours": 1, "labour_good_quantity": 100, "units_per_labour_hour": 100})
	k, _ = lineOf(t, crew, one, two)
	checkKPI(t, k, want{"labour_hours": 1})
	k, live := lineOf(t, one, two)
	checkKPI(t, k, want{"labour_hours": .5, "units_per_labour_hour": 200, "personnel_work_hours": .5 - 1.0/60})
	if live.Labour.WorkHours != k.Labour.WorkHours { // the shift is the day so far
		t.Errorf("screen: got %+v, want work of %s h", live.Labour, k.Labour.WorkHours)
	}
	other := k
	other.Labour, other.Quantities.Good = production.Labour{}, 900
	checkKPI(t, production.RollUp(production.ScopeArea, "s/a", []production.KPI{k, other}), want{
		"labour_hours": .5, "units_per_labour_hour": 200, "worker_efficiency": k.WorkerEfficiency.Value})
	checkKPI(t, production.RollUp(production.ScopeArea, "s/a", []production.KPI{k, k}), want{
		"labour_hours": 1, "units_per_labour_hour": 200, "worker_efficiency": k.WorkerEfficiency.Value})
}

func TestStaffThatCannotBeIsRefused(t *testing.T) {
	minus := -1.0
	c := production.DefaultConfig()
	c.Staff = []production.StaffConfig{{Required: 1}, {Line: "s/a/l", Equipment: "s/a/l/M", Required: 1}, {Line: "s/a/l", Shift: "Nigth", Required: 1},
		{Line: "s/a/l"}, {Line: "s/a/l", Required: 2, Present: &minus}}
	var got []string
	for _, p := range c.Validate() {
		got = append(got, p.Path)
	}
	want := "staff[0] staff[1] staff[2].shift staff[3].required staff[4].present"
	if strings.Join(got, " ") != want {
		t.Errorf("got problems at %s, want %s", got, want)
	}
	m := oneMachine(t, nil, plant.TagConfig{Name: "state", Role: plant.RoleState})
	m.cfg.Staff = []production.StaffConfig{{Line: "s/a/x", Required: 1}, {Equipment: "s/b/**", Required: 1}}
	if p := m.cfg.Check(m.tree); len(p) != 2 || p[0].Path != "staff[0].line" || p[1].Path != "staff[1].equipment" {
		t.Errorf("without the plant: got %v, want both patterns refused", p)
	}
}
