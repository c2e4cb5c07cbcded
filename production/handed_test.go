package production_test

import (
	"testing"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// accounted compares the neighbours of Northfield, with cases of 12 and 6.
func accounted() production.Config {
	cfg := priced()
	cfg.Conservation = production.ConservationConfig{Tolerance: 24, Ratios: []production.ConservedConfig{
		{Equipment: productiontest.A4, Product: "P500", Units: 12}, {Equipment: productiontest.A4, Product: "P1000", Units: 6}}}
	return cfg
}

// pairs are the neighbours of both lines by hand: A4 has 220 cases of 12 and
// 111 of 6, and all 852 parts of the moulder reach the camera, which finds the
// 42 bad ones.
var pairs = []production.Conserved{
	{From: "northfield/packing/lineA/A1", To: "northfield/packing/lineA/A2", Out: 3310, In: 3310},
	{From: "northfield/packing/lineA/A2", To: "northfield/packing/lineA/A3", Out: 3310, In: 3310},
	{From: "northfield/packing/lineA/A3", To: "northfield/packing/lineA/A4", Out: 3310, In: 3306, Difference: 4},
	{From: "northfield/moulding/lineB/B1", To: "northfield/moulding/lineB/B2", Out: 852, In: 852},
	{From: "northfield/moulding/lineB/B2", To: "northfield/moulding/lineB/B3", Out: 852, In: 852},
}

func samePairs(t *testing.T, what string, got, want []production.Conserved) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: got %+v, want %d pairs", what, got, len(want))
	}
	for i, w := range want {
		w.Tolerance, w.OK, w.Confidence = 24, true, 1
		if got[i] != w {
			t.Errorf("%s: got %+v, want %+v", what, got[i], w)
		}
	}
}

func TestKPIsOfALineTellWhatNeighboursHandedOn(t *testing.T) {
	cfg := accounted()
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	w := theHour(productiontest.Start)
	var areas []production.KPI
	for i, area := range h.tree.Areas {
		want := pairs[:3]
		if i == 1 {
			want = pairs[3:]
		}
		k := production.ComputeLine(cfg, area.Lines[0], h.parts(area.Lines[0], w))
		samePairs(t, k.Path, k.Rollup.Neighbours, want)
		samePairs(t, k.Path+" on screen", h.areas[i].Live(productiontest.Start + Hour)[0].Hour.Rollup.Neighbours, want)
		areas = append(areas, production.RollUp(production.ScopeArea, area.Path, []production.KPI{k}))
		samePairs(t, area.Path, areas[i].Rollup.Neighbours, want)
	}
	samePairs(t, "site", production.RollUp(production.ScopeSite, "northfield", areas).Rollup.Neighbours, pairs)
}

// What the laboratory finds the day after has long left the filler.
func TestUnitsFoundBadLaterWereHandedOn(t *testing.T) {
	cfg := accounted()
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	found := func(f production.Facts) production.Facts {
		f.Counts = withScrap(f.Counts, 40)
		f.Counts[0].Said.Bad = 40
		return f
	}
	line := h.tree.Areas[0].Lines[0]
	parts := h.parts(line, theHour(productiontest.Start))
	parts[0].Facts = found(parts[0].Facts)
	samePairs(t, "records", production.ComputeLine(cfg, line, parts).Rollup.Neighbours, pairs[:3])
	h.areas[0].SetReview(func(eq *plant.Equipment, w plant.Interval) (production.Facts, bool) {
		f := h.areas[0].Facts(eq, theHour(productiontest.Start))
		if eq.Path != productiontest.A1 {
			return f, false
		}
		return found(f), true
	})
	l := h.areas[0].Live(productiontest.Start + Hour)
	samePairs(t, "screen", l[0].Hour.Rollup.Neighbours, pairs[:3])
	if l[1].Hour.Quantities.Good != 3270 {
		t.Errorf("good of A1: got %d, want 3270", l[1].Hour.Quantities.Good)
	}
}

func TestNeighboursThatDisagreeAreExplainedByProduct(t *testing.T) {
	cfg := accounted()
	cfg.Conservation.Tolerance = 3
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	line := h.tree.Areas[0].Lines[0]
	s := production.Subject{Level: production.ScopeLine, Path: line.Path, Config: cfg, Line: line, Inputs: h.parts(line, theHour(productiontest.Start))}
	x, err := production.NewExplainer(s).Explain("rollup.neighbours.2.difference")
	if err != nil {
		t.Fatal(err)
	}
	if x.Formula != "out - in" || x.Value.Value != 4 || len(x.Terms) != 2 || x.Unit != "units" {
		t.Fatalf("got %+v, want out - in = 4 units", x)
	}
	if in := x.Terms[1].Products; len(in) != 2 || in[0].Units != 220 || in[0].Amount != 2640 || in[1].Units != 111 || in[1].Amount != 666 {
		t.Errorf("in: got %+v, want 220 cases of 12 and 111 of 6", in)
	}
	if out := x.Terms[0].Counts; len(out) != 2 || out[0].Units != 2640 || out[1].Units != 670 {
		t.Errorf("out: got %+v, want 2640 and 670 bottles", out)
	}
	if x, err = production.NewExplainer(s).Explain("rollup.neighbours.2.ok"); err != nil || x.Value.Value != 0 {
		t.Errorf("ok: got %v %v, want 0: 4 bottles between them are more than 3", x.Value, err)
	}
}
