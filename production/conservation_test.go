package production_test

import (
	"testing"

	"andon/production"
	"andon/production/productiontest"
)

func TestBottlesOfTheLineAreAccountedFor(t *testing.T) {
	cfg := productiontest.Config(productiontest.Start)
	cfg.Conservation = production.ConservationConfig{Tolerance: 12, Ratios: []production.ConservedConfig{
		{Equipment: "northfield/packing/lineA/A4", Product: "P500", Units: 12},
		{Equipment: "northfield/packing/lineA/A4", Product: "P1000", Units: 6}}}
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	found := map[string]production.Conserved{}
	for _, a := range h.areas {
		for _, c := range a.Conservation(theHour(productiontest.Start)) {
			found[c.To] = c
		}
	}
	line := "northfield/packing/lineA/"
	labelled, cases := found[line+"A3"], found[line+"A4"]
	if labelled.Out != 3310 || labelled.In != 3310 || !labelled.OK || labelled.Confidence != 1 {
		t.Errorf("into the labeller: got %+v, want 3310 of 3310", labelled)
	}
	if cases.Out != 3310 || cases.In != 220*12+111*6 || cases.Difference != 4 || !cases.OK {
		t.Errorf("into cases: got %+v, want 4 bottles on the way", cases)
	}
}

func TestUnitsThatVanishAreToldWithNumbers(t *testing.T) {
	count := func(good, total int64) []production.Count {
		return []production.Count{{Good: good, Total: total, Product: "P"}}
	}
	one := func(string) float64 { return 1 }
	c := production.Conserve(count(1000, 1010), count(0, 900), 20, one)
	if c.OK || c.Difference != 100 || c.Confidence != .92 {
		t.Errorf("100 lost: got %+v, want a confidence of 0.92", c)
	}
	if c := production.Conserve(count(900, 900), count(0, 1000), 20, one); c.OK || c.Difference != -100 || c.Confidence != .92 {
		t.Errorf("100 too many: got %+v, want a confidence of 0.92", c)
	}
	if c := production.Conserve(nil, nil, 20, one); !c.OK || c.Confidence != 1 {
		t.Errorf("nothing made: got %+v, want it well", c)
	}
	if c := production.Conserve(count(1200, 1200), count(0, 100), 0, func(string) float64 { return 12 }); !c.OK {
		t.Errorf("cases of 12: got %+v, want it well", c)
	}
}
