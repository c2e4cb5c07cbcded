package production_test

import (
	"math"
	"reflect"
	"testing"

	"andon/production"
	"andon/production/productiontest"
)

const fillerAndCapper = 24.6 + 2 // kWh: the capper draws 2 kW all the hour

func checkLineEnergy(t *testing.T, what string, k production.KPI, kwh, idle float64, basis ...string) {
	t.Helper()
	if math.Abs(k.Energy.Value-kwh) > 1e-6 || math.Abs(k.EnergyNotRunning.Value-idle) > 2e-6 || !reflect.DeepEqual(k.EnergyBasis, basis) {
		t.Errorf("%s: got %v kWh, %v not running, of %v; want %v, %v, %v", what, k.Energy, k.EnergyNotRunning, k.EnergyBasis, kwh, idle, basis)
	}
}

func TestEnergyOfALineIsThatOfAllItsMeters(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	if own := h.kpi(productiontest.A1, theHour(productiontest.Start)); own.EnergyBasis != nil {
		t.Errorf("filler: got energy of %v, want no basis but its own", own.EnergyBasis)
	}
	lines := h.lines()
	a2 := "northfield/packing/lineA/A2"
	// The capper stands for 1520 s, and of the minute without data its 49 units
	// show 49 s of run instead of 50.
	checkLineEnergy(t, "line A", lines[0], fillerAndCapper, 3.8+2*1521/3600.0, productiontest.A1, a2)
	checkLineEnergy(t, "line B", lines[1], 37.5, 3.75, productiontest.B1)
	site := production.RollUp(production.ScopeSite, "northfield", lines)
	checkLineEnergy(t, "site", site, fillerAndCapper+37.5, 7.55+2*1521/3600.0, productiontest.A1, a2, productiontest.B1)
	if got, want := site.EnergyPerGood.Value, (fillerAndCapper+37.5)*1e3/4120; math.Abs(got-want) > 1e-3 {
		t.Errorf("per good unit of the site: got %v Wh, want %v", got, want)
	}
	for _, l := range h.areas[0].Live(productiontest.Start + Hour) {
		if l.Line != nil {
			checkLineEnergy(t, "line A, live", l.Hour, fillerAndCapper, 3.8+2*1521/3600.0, productiontest.A1, a2)
		}
	}
}

func TestALineMayHaveAMeterOfItsOwn(t *testing.T) {
	cfg := priced()
	cfg.Lines = []production.LineConfig{{Line: "northfield/packing/lineA", EnergyFrom: "A1"}}
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	line := h.tree.Areas[0].Lines[0]
	checkLineEnergy(t, "line A", production.ComputeLine(cfg, line, h.parts(line, theHour(productiontest.Start))), 24.6, 3.8, productiontest.A1)
	cfg.Lines[0].EnergyFrom = "A3"
	if p := cfg.Check(h.tree); len(p) != 1 {
		t.Errorf("a meter of A3: got %v, want that it has none", p)
	}
}
