package production_test

import (
	"math"
	"testing"

	"andon/production"
	"andon/production/productiontest"
)

// A1 passes 3310 of 3352 and A2 passes all but 10 of its 3310; the others all.
func TestTheYieldThroughALineIsThatOfAllItsSteps(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	line := h.tree.Areas[0].Lines[0]
	parts := h.parts(line, theHour(productiontest.Start))
	parts[1].Facts.Counts = withScrap(parts[1].Facts.Counts, 10)
	k := production.ComputeLine(priced(), line, parts)
	if want := 3310. / 3352 * 3300 / 3310; math.Abs(k.RolledYield.Value-want) > 1e-12 || !k.RolledYield.OK {
		t.Errorf("line A: got %v, want %v", k.RolledYield, want)
	}
	checkKPI(t, h.areas[0].Live(productiontest.Start + Hour)[0].Hour, want{"rolled_throughput_yield": .987470})
	for i := range parts {
		parts[i].NoQuality = true
	}
	if k := production.ComputeLine(priced(), line, parts); k.RolledYield.OK {
		t.Errorf("without any signal of quality: got %v, want null", k.RolledYield)
	}
}

// The camera's rejects are the moulder's: they count once.
func TestTheCameraIsNoStepOfItsOwn(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	k := h.lines()[1]
	checkKPI(t, k, want{"rolled_throughput_yield": .950704})
	checkKPI(t, h.areas[1].Live(productiontest.Start + Hour)[0].Hour, want{"rolled_throughput_yield": .950704})
	if r := production.RollUp(production.ScopeArea, "northfield/moulding", []production.KPI{k}); r.RolledYield.OK {
		t.Errorf("area: got %v, want null", r.RolledYield)
	}
}
