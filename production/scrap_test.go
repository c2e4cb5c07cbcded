package production_test

import (
	"strings"
	"testing"

	"andon/production"
	"andon/production/productiontest"
)

func TestScrapIsComparedWithWhatIsPlannedOfTheProduct(t *testing.T) {
	cfg := priced()
	for i := range cfg.Products {
		if cfg.Products[i].Name == "M10" {
			cfg.Products[i].PlannedScrap = .03
		}
	}
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	checkKPI(t, h.kpi(productiontest.B1, theHour(productiontest.Start)), want{"planned_scrap_quantity": 25.56, "scrap_with_plan_quantity": 42,
		"actual_to_planned_scrap_ratio": 1.643192, "scrap_ratio": .049296})
	var lines []production.KPI
	for _, area := range h.tree.Areas {
		lines = append(lines, production.ComputeLine(cfg, area.Lines[0], h.parts(area.Lines[0], theHour(productiontest.Start))))
	}
	if a := lines[0]; a.Planned.OK || a.ScrapToPlanned.OK || a.ScrapOf != 0 {
		t.Errorf("line A, of whose products nothing is planned: got %+v, %v, want null", a.PlannedScrap, a.ScrapToPlanned)
	}
	checkKPI(t, production.RollUp(production.ScopeSite, "northfield", lines), want{"planned_scrap_quantity": 25.56, "scrap_quantity": 76,
		"scrap_with_plan_quantity": 42, "actual_to_planned_scrap_ratio": 1.643192})
	x := explain(t, h.input(productiontest.B1, theHour(productiontest.Start)), "actual_to_planned_scrap_ratio")
	if p := x.Terms[1].Products; x.Formula != "scrap_with_plan / planned_scrap" || len(p) != 1 || p[0].PerUnit != .03 || p[0].Units != 852 {
		t.Errorf("explanation: got %s with %+v, want 0.03 of 852", x.Formula, x.Terms)
	}
}

func TestPlannedScrapIsAShare(t *testing.T) {
	cfg := productiontest.Config(productiontest.Start)
	for _, wrong := range []float64{-.1, 1, 3} {
		cfg.Products[0].PlannedScrap = wrong
		if err := cfg.Validate().Err(); err == nil || !strings.Contains(err.Error(), "products[0].planned_scrap: want a share") {
			t.Errorf("planned scrap %v: got %v, want it refused", wrong, err)
		}
	}
}
