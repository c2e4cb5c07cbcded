package production_test

import (
	"testing"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

func TestConfidenceIsTheKnownShareOfTime(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	// Of 3000 s the filler was unknown for 10 and inferred for 50.
	checkKPI(t, h.kpi(productiontest.A1, theHour(productiontest.Start)), want{"confidence": 2940.0 / 3000, "confidence_measured": 2940.0 / 3000,
		"confidence_parts>known_time": 2940, "confidence_parts>inferred_time": 50, "confidence_parts>unknown_time": 10,
		"confidence_parts>n": 3352, "confidence_parts>contradictory_quantity": 0, "confidence_parts>unaccounted_quantity": 0})
}

func TestUnitsOfAMachineThatStandsLowerTheConfidence(t *testing.T) {
	m := oneMachine(t, nil, plant.TagConfig{Name: "state", Role: plant.RoleState}, plant.TagConfig{Name: "total", Role: plant.RoleTotalCount})
	for _, s := range []struct {
		sec   float64
		tag   string
		value int64
	}{{0, "state", 6}, {0, "total", 0}, {100, "total", 40}, {120, "state", 2}, {130, "total", 40}, {170, "total", 50}} {
		m.say(s.sec, s.tag, plant.Int(s.value))
	}
	m.till(240)
	checkKPI(t, m.kpi(0, 4), want{"confidence": .8, "confidence_measured": 1, "confidence_parts>n": 50, "confidence_parts>contradictory_quantity": 10})
	checkKPI(t, m.kpi(0, 2), want{"confidence": 1})
	checkKPI(t, m.kpi(5, 5), want{"confidence": nil})
}

func TestNeighboursThatCountOtherwiseLowerTheConfidenceOfTheirLine(t *testing.T) {
	s := newScene(t, func(c *production.Config) { c.Conservation.Tolerance = 10 })
	for name, total := range map[string]int{"M1": 200, "M2": 140, "M3": 140} {
		s.say("00:00", name+"/state", 6)
		s.say("00:00", name+"/total", 0)
		s.say("00:00", name+"/reject", 0)
		s.say("09:30", name+"/total", total)
	}
	s.till("10:00")
	w := plant.Interval{From: s.start, To: s.now}
	var parts []production.KPIInput
	for _, eq := range s.tree.Equipment() {
		in := s.area.Definition(eq, w, "range")
		in.Now, in.Facts = s.now, s.area.Facts(eq, w)
		parts = append(parts, in)
	}
	k := production.ComputeLine(s.cfg, s.tree.Areas[0].Lines[0], parts)
	// 200 and then 140 units were handed on; 50 of them are gone for good.
	checkKPI(t, k, want{"confidence": 1 - 50.0/340, "confidence_parts>compared_quantity": 340, "confidence_parts>unaccounted_quantity": 50})
	checkKPI(t, production.Compute(parts[0]), want{"confidence": 1})
	if live := s.area.Live(s.now)[0].KPI; live.DataQuality.Unaccounted != k.DataQuality.Unaccounted {
		t.Errorf("screen: got %+v, want 50 units unaccounted for", live.DataQuality)
	}
	sure := k
	sure.DataQuality.Compared, sure.DataQuality.Unaccounted = 660, 0
	checkKPI(t, production.RollUp(production.ScopeArea, "s/a", []production.KPI{k, sure}), want{"confidence": 1 - 50.0/1000,
		"confidence_parts>known_time": 1200})
}
