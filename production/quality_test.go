package production_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

func kinds(events []production.QualityEvent) string {
	var out []string
	for _, e := range events {
		out = append(out, fmt.Sprintf("%v %s %s %d", time.Duration(e.Time-machineStart).Seconds(), e.Kind, e.Counter, e.Value))
	}
	return strings.Join(out, ", ")
}

func TestWhatIsOddInACounterIsTold(t *testing.T) {
	m := oneMachine(t, nil, plant.TagConfig{Name: "total", Role: plant.RoleTotalCount, Type: "uint", Rollover: 1000000})
	m.count(map[float64]int64{0: 999985, 10: 999990, 20: 999995, 30: 0, 40: 5, 50: 900000, 60: 10, 70: 0, 80: 5})
	ch := m.till(90)
	want := "30 rollover total 0, 50 glitch total 900000, 70 reset total 0"
	if got := kinds(ch.Quality); got != want {
		t.Errorf("told: got %s\nwant %s", got, want)
	}
	if got := kinds(m.area.Quality(m.eq(), plant.Interval{From: machineStart, To: m.now})); got != want {
		t.Errorf("asked: got %s\nwant %s", got, want)
	}
	if got := kinds(m.area.Quality(m.eq(), plant.Interval{From: m.at(40), To: m.at(70)})); got != "50 glitch total 900000" {
		t.Errorf("asked for a while: got %s", got)
	}
	if got := m.till(100).Quality; len(got) != 0 {
		t.Errorf("told again: %s", kinds(got))
	}
	total := int64(0)
	for _, c := range m.facts().Counts {
		total += c.Total
	}
	if total != 5+5+5+5+5+0+5 {
		t.Errorf("got %d units, want 30", total)
	}
}

func TestCountsWithoutRunAreAContradictionThatCallsSomebody(t *testing.T) {
	m := oneMachine(t, func(c *production.Config) { c.Quality.Contradictions = 20 },
		plant.TagConfig{Name: "state", Role: plant.RoleState}, plant.TagConfig{Name: "total", Role: plant.RoleTotalCount})
	m.say(0, "state", plant.Int(2))
	for i := range 6 {
		m.say(float64(10*i), "total", plant.Int(int64(4*i)))
	}
	m.till(50)
	if got := m.area.Conditions(); len(got) != 0 {
		t.Errorf("after 20 units: got %+v, want none", got)
	}
	m.samples = append(m.samples, plant.Sample{Tag: m.tree.Tag("s/a/l/M/total"), Time: m.at(60), Value: plant.Int(24)})
	m.till(60)
	got := m.area.Conditions()
	if len(got) != 1 || !got[0].Active || got[0].Rule != production.RuleContradiction || !strings.Contains(got[0].Message, "24 units") {
		t.Fatalf("after 24 units: got %+v, want the condition", got)
	}
	if again := m.area.Conditions(); len(again) != 0 {
		t.Errorf("told again: %+v", again)
	}
	m.till(500)
	if got := m.area.Conditions(); len(got) != 1 || got[0].Active {
		t.Errorf("after five minutes: got %+v, want its end", got)
	}
}

func TestCavitiesHoldFromTheirTime(t *testing.T) {
	m := oneMachine(t, func(c *production.Config) {
		c.Equipment[0].Units = []production.UnitsFrom{{Units: 2}, {Units: 3, ValidFrom: machineStart.Add(100 * time.Second).Time()}}
	}, plant.TagConfig{Name: "state", Role: plant.RoleState}, plant.TagConfig{Name: "shots", Role: plant.RoleTotalCount},
		plant.TagConfig{Name: "reject", Role: plant.RoleRejectCount}, plant.TagConfig{Name: "cavities", Role: plant.RoleCavities, Type: "int"})
	m.say(0, "state", plant.Int(6))
	for i := range 31 {
		m.say(float64(10*i), "shots", plant.Int(int64(i)))
	}
	m.say(0, "reject", plant.Int(0))
	m.say(300, "reject", plant.Int(1))
	m.till(300)
	sum := func() (total, reject int64) {
		for _, c := range m.facts().Counts {
			total, reject = total+c.Total, reject+c.Reject
		}
		return total, reject
	}
	if total, reject := sum(); total != 9*2+21*3 || reject != 1 {
		t.Errorf("by configuration: got %d and %d rejects, want %d and 1", total, reject, 9*2+21*3)
	}
	m.say(200, "cavities", plant.Int(4)) // told late
	m.till(301)
	if total, _ := sum(); total != 9*2+10*3+11*4 {
		t.Errorf("by the tag: got %d, want %d", total, 9*2+10*3+11*4)
	}
}

func TestReworkIsAPartOfTheRejects(t *testing.T) {
	m := oneMachine(t, nil, plant.TagConfig{Name: "state", Role: plant.RoleState}, plant.TagConfig{Name: "total", Role: plant.RoleTotalCount},
		plant.TagConfig{Name: "reject", Role: plant.RoleRejectCount}, plant.TagConfig{Name: "rework", Role: plant.RoleReworkCount})
	m.say(0, "state", plant.Int(6))
	for tag, n := range map[string]int64{"total": 25, "reject": 5, "rework": 2} {
		m.say(0, tag, plant.Int(0))
		m.say(50, tag, plant.Int(n))
	}
	m.till(60)
	c := m.facts().Counts
	if len(c) != 1 || c[0].Total != 25 || c[0].Good != 20 || c[0].Reject != 5 || c[0].Rework != 2 {
		t.Errorf("got %+v, want 20 good, 5 rejects and 2 of them to rework", c)
	}
}
