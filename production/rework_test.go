package production_test

import (
	"testing"

	"andon/plant"
	"andon/production"
)

// reworkedUnits has a machine make 400 units, with what its counters say of
// them.
func reworkedUnits(t *testing.T, change func(*production.Config), counted map[string]int64) production.KPI {
	t.Helper()
	tags := []plant.TagConfig{{Name: "state", Role: plant.RoleState}, {Name: "total", Role: plant.RoleTotalCount}, {Name: "rework", Role: plant.RoleReworkCount}}
	if _, ok := counted["reject"]; ok {
		tags = append(tags, plant.TagConfig{Name: "reject", Role: plant.RoleRejectCount})
	}
	m := oneMachine(t, change, tags...)
	m.say(0, "state", plant.Int(6))
	counted["total"] = 400
	for tag, n := range counted {
		m.say(0, tag, plant.Int(0))
		m.say(590, tag, plant.Int(n))
	}
	m.till(600)
	return m.kpi(0, 10)
}

func TestReworkIsPartOfTheRejects(t *testing.T) {
	k := reworkedUnits(t, nil, map[string]int64{"reject": 20, "rework": 12})
	checkKPI(t, k, want{"rejected_quantity": 20, "scrap_quantity": 8, "rework_quantity": 12, "good_quantity": 380, "first_pass_yield": .95, "final_yield": .98})
}

func TestReworkIsCountedApartFromScrap(t *testing.T) {
	k := reworkedUnits(t, func(c *production.Config) { c.Equipment[0].ReworkApart = true }, map[string]int64{"reject": 8, "rework": 12})
	checkKPI(t, k, want{"rejected_quantity": 20, "scrap_quantity": 8, "rework_quantity": 12, "good_quantity": 380, "first_pass_yield": .95, "final_yield": .98})
}

func TestReworkIsNotGoodWithoutARejectCounter(t *testing.T) {
	k := reworkedUnits(t, nil, map[string]int64{"rework": 12})
	checkKPI(t, k, want{"rejected_quantity": 12, "scrap_quantity": 0, "good_quantity": 388, "first_pass_yield": .97, "final_yield": 1})
}
