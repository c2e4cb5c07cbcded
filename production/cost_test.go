package production_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"pgregory.net/rapid"
)

// priced is Northfield's configuration.
func priced() production.Config { return productiontest.Config(productiontest.Start) }

// withRework has n rejects of a product go to rework.
func withRework(f production.Facts, product string, n int64) production.Facts {
	for i := range f.Counts {
		if c := &f.Counts[i]; c.Product == product {
			c.Rework = min(c.Reject, n)
			n -= c.Rework
		}
	}
	return f
}

// compute computes the KPIs of one equipment from facts.
func (h *hall) compute(cfg production.Config, path string, f production.Facts) production.KPI {
	h.t.Helper()
	eq := h.tree.FindEquipment(path)
	for _, a := range h.areas {
		if in := a.Definition(eq, theHour(productiontest.Start), "hour"); in.Mode != "" {
			in.Now, in.Facts, in.Pricing = productiontest.Start+Hour, f, production.NewPricing(cfg, eq)
			return production.Compute(in)
		}
	}
	h.t.Fatalf("nothing defines %s", path)
	return production.KPI{}
}

func (h *hall) facts(path string) production.Facts {
	h.t.Helper()
	for _, a := range h.areas {
		if f := a.Facts(h.tree.FindEquipment(path), theHour(productiontest.Start)); len(f.Segments) > 0 {
			return f
		}
	}
	h.t.Fatalf("no facts of %s", path)
	return production.Facts{}
}

func TestCostOfTheFillersHour(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	k := h.compute(priced(), productiontest.A1, withRework(h.facts(productiontest.A1), "P500", 8))
	checkKPI(t, k, want{
		"cost>currency": "EUR", "cost>total": 375.92,
		"cost>by_loss>micro_stop": 16, "cost>by_loss>speed": 25.6, "cost>by_loss>fault": 144,
		"cost>by_loss>setup": 126, "cost>by_loss>blocked": 52.5, "cost>by_loss>quality": 11.82,
		"cost>by_reason>scrap": 11.42, "cost>by_reason>rework": .4, "cost>by_reason>E-204": 144,
		"cost>by_reason>changeover": 126, "cost>by_reason>blocked": 52.5, "cost>by_reason>infeed_jam": 16,
		"cost>unpriced_time": 0,
	})
	if got, want := k.Cost.PerDowntimeMinute, []production.MinuteCost{
		{Product: "P500", Basis: "margin of P500 at 0.5 s/unit", Amount: 24_000_000},
		{Product: "P1000", Basis: "margin of P1000 at 1 s/unit", Amount: 21_000_000}}; len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("per downtime minute: got %v, want %v", got, want)
	}
}

func TestRejectsAreScrapUntilSomebodySaysRework(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	checkKPI(t, h.kpi(productiontest.A1, theHour(productiontest.Start)), want{
		"cost>by_reason>scrap": 13.66, "cost>by_loss>quality": 13.66, "cost>total": 377.76})
}

func TestCostOfTheMouldersHour(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	k := h.kpi(productiontest.B1, theHour(productiontest.Start))
	checkKPI(t, k, want{
		"cost>total": 365.7, "cost>by_loss>speed": 43.2, "cost>by_loss>fault": 126, "cost>by_loss>safety": 72,
		"cost>by_loss>starved": 72, "cost>by_loss>quality": 52.5, "cost>by_reason>E-310": 126, "cost>by_reason>e_stop": 72})
	if m := k.Cost.PerDowntimeMinute; len(m) != 1 || m[0].Amount.String() != "18.00" {
		t.Errorf("per downtime minute: got %v, want 18.00", m)
	}
}

func TestEquipmentBesideTheConstraintCostsLabourAndOverhead(t *testing.T) {
	cfg := priced()
	cfg.Costs.Rates = []production.CostRate{{Equipment: productiontest.A3, LabourPerHour: 30, OverheadPerHour: 18},
		{Equipment: productiontest.A3, LabourPerHour: 300, ValidFrom: productiontest.Start.Add(55 * time.Minute).Time()}}
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	k := h.kpi(productiontest.A3, theHour(productiontest.Start))
	// Faults of 150 s at 48 an hour; the last of two micro-stops, 10 s long,
	// comes after the rate became 300.
	checkKPI(t, k, want{"cost>by_loss>fault": 2, "cost>by_loss>starved": 4.8, "cost>by_loss>setup": 4.8})
	if got, want := k.Cost.ByLoss["micro_stop"], production.Money(533_333+833_333); got < want || got > want+2 {
		t.Errorf("micro-stops: got %v, want about %v", got, want)
	}
	for _, i := range k.Cost.Items {
		if i.Basis != "labour and overhead" {
			t.Errorf("%s: got basis %q, want labour and overhead", i.Loss, i.Basis)
		}
	}
}

func TestPriceChangesAtItsTime(t *testing.T) {
	cfg := priced()
	cfg.Products[0].Prices = []production.Price{{Margin: .4, ValidFrom: productiontest.Start.Add(20 * time.Minute).Time()}}
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	// 80 s of the fault at the old margin, 280 s at the new one.
	checkKPI(t, h.kpi(productiontest.A1, theHour(productiontest.Start)), want{"cost>by_loss>fault": 256})
}

func TestEnergyWhileNotRunningIsToldBesideTheTotal(t *testing.T) {
	cfg := priced()
	cfg.Costs.TariffPerKWh = .25
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	f := withRework(h.facts(productiontest.A1), "P500", 8)
	f.Meters = []production.Meter{{Minute: productiontest.Start, EnergyIdle: 3_800_000}}
	checkKPI(t, h.compute(cfg, productiontest.A1, f), want{"cost>energy_not_running": .95, "cost>total": 375.92})
}

func TestNothingPricedCostsNull(t *testing.T) {
	cfg := productiontest.Config(productiontest.Start)
	for i := range cfg.Products {
		cfg.Products[i].Margin, cfg.Products[i].MaterialCost, cfg.Products[i].ReworkCost = 0, 0, 0
	}
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	checkKPI(t, h.kpi(productiontest.A1, theHour(productiontest.Start)), want{"cost": nil})
}

func TestStopCostsWhatItLost(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	f := h.facts(productiontest.A1)
	p := production.NewPricing(priced(), h.tree.FindEquipment(productiontest.A1))
	for reason, want := range map[string]production.Amount{
		"E-204":      {Amount: 144_000_000, Basis: "margin of P500 at 0.5 s/unit", Time: 360e9},
		"changeover": {Amount: 126_000_000, Basis: "margin of P1000 at 1 s/unit", Time: 360e9},
		"blocked":    {Amount: 52_500_000, Basis: "margin of P1000 at 1 s/unit", Time: 150e9},
		"break":      {},
	} {
		for _, s := range f.Segments {
			if s.Reason != reason {
				continue
			}
			if got := p.CostOf(production.Stop{ID: s.Stop}, f, productiontest.Start+Hour); got != want {
				t.Errorf("%s: got %+v, want %+v", reason, got, want)
			}
		}
	}
}

func TestChildrenOfADividedStopCostWhatItDid(t *testing.T) {
	h := newHall(t, priced())
	eq := h.tree.FindEquipment(productiontest.A1)
	rapid.Check(t, func(t *rapid.T) {
		cfg := priced()
		cfg.Products[0].Margin = rapid.Float64Range(.001, 50).Draw(t, "margin")
		cfg.Products[0].Prices = []production.Price{{Margin: 1, ValidFrom: productiontest.Start.Add(5 * time.Minute).Time()}}
		cfg.Products[0].Ideal[0].Cycle = time.Duration(rapid.Int64Range(1e6, 1e10).Draw(t, "cycle"))
		p := production.NewPricing(cfg, eq)
		from := productiontest.Start + plant.Instant(rapid.Int64Range(0, 600e9).Draw(t, "from"))
		to := from + plant.Instant(rapid.Int64Range(2, 900e9).Draw(t, "length"))
		at := plant.Instant(rapid.Int64Range(int64(from)+1, int64(to)-1).Draw(t, "at"))
		piece := func(id string, from, to plant.Instant) production.Segment {
			return production.Segment{From: from, To: to, Loss: production.LossFault, Stop: id, StopStart: from, Product: "P500"}
		}
		f := production.Facts{Segments: []production.Segment{piece("whole", from, to)}}
		split := production.Facts{Segments: []production.Segment{piece("a", from, at), piece("b", at, to)}}
		whole := p.CostOf(production.Stop{ID: "whole"}, f, to)
		a, b := p.CostOf(production.Stop{ID: "a"}, split, to), p.CostOf(production.Stop{ID: "b"}, split, to)
		if a.Amount+b.Amount != whole.Amount || a.Time+b.Time != whole.Time {
			t.Fatalf("got %v and %v, the whole is %v", a, b, whole)
		}
	})
}

func TestCostsOfPartsOfAWindowAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPress(t)
		p.cfg.Products[0].Margin, p.cfg.Products[0].MaterialCost = .37, .011
		p.cfg.Costs.Rates = []production.CostRate{{LabourPerHour: 41.7}, {OverheadPerHour: 77.7, ValidFrom: p.start.Add(50 * time.Minute).Time()}}
		a := p.area(t)
		a.Apply(p.end, p.samples, p.contacts)
		a.Tick(p.end)
		cut := p.start + plant.Instant(rapid.Int64Range(0, int64(p.end-p.start)).Draw(t, "cut"))
		for _, eq := range p.tree.Equipment() {
			f := a.Facts(eq, plant.Interval{From: p.start - Hour, To: p.end})
			cost := func(from, to plant.Instant) production.Cost {
				in := a.Definition(eq, plant.Interval{From: from, To: to}, "")
				in.Now, in.Facts = p.end, f
				return *production.Compute(in).Cost
			}
			whole, first, second := cost(p.start-Hour, p.end), cost(p.start-Hour, cut), cost(cut, p.end)
			if first.Total+second.Total != whole.Total || first.Unpriced+second.Unpriced != whole.Unpriced {
				t.Fatalf("%s: %v and %v, the whole costs %v", eq.Path, first.Total, second.Total, whole.Total)
			}
		}
	})
}

func TestChangeoverTakesAMinuteMoreThanItsStandard(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	got := production.Changeovers(priced(), h.tree.FindEquipment(productiontest.A1), h.facts(productiontest.A1), productiontest.Start+Hour)
	if len(got) != 1 || got[0].Actual != 360e9 || got[0].Standard != 300e9 || got[0].Over != 60e9 || got[0].Before != "P500" || got[0].After != "P1000" {
		t.Errorf("got %+v, want 360 s from P500 to P1000 with 300 s allowed", got)
	}
	checkKPI(t, h.kpi(productiontest.A1, theHour(productiontest.Start)), want{
		"changeovers": 1, "changeover_standard": 300, "changeover_over_standard": 60})
	w := plant.Interval{From: productiontest.Start + 2730*second, To: productiontest.Start + 2800*second}
	checkKPI(t, h.kpi(productiontest.A1, w), want{"changeovers": 0, "changeover_over_standard": 30})
}

func TestPricesTargetsAndLinesThatMakeNoSenseAreToldAtTheirPlace(t *testing.T) {
	cfg := priced()
	cfg.Products[0].Margin = -1
	cfg.Products[0].Prices = []production.Price{{ReworkCost: math.Inf(1)}}
	cfg.Costs = production.CostConfig{Currency: "euro", TariffPerKWh: math.NaN(), Rates: []production.CostRate{{LabourPerHour: 2e6}}}
	cfg.Targets = []production.Target{{Line: "northfield/**"}}
	cfg.Lines = []production.LineConfig{{}}
	var got []string
	for _, p := range cfg.Validate() {
		got = append(got, p.Path)
	}
	want := []string{"products[0].margin", "products[0].prices[0].valid_from", "products[0].prices[0].rework_cost",
		"costs.currency", "costs.tariff_per_kwh", "costs.rates[0].labour_per_hour", "lines[0].line", "targets[0].units"}
	if !slices.Equal(got, want) {
		t.Errorf("got problems at\n%q\nwant\n%q", got, want)
	}
	h := newHall(t, priced())
	cfg = priced()
	cfg.Costs.Rates = []production.CostRate{{Equipment: "northfield/packing/lineA/A9"}}
	cfg.Lines = []production.LineConfig{{Line: "northfield/packing/lineA", GoodFrom: "B1"}}
	cfg.Targets = []production.Target{{Line: "northfield/packing/lineC", Units: 1}}
	got = nil
	for _, p := range cfg.Check(h.tree) {
		got = append(got, p.Path)
	}
	if want := []string{"costs.rates[0].equipment", "lines[0].good_from", "targets[0].line"}; !slices.Equal(got, want) {
		t.Errorf("against the plant: got problems at %q, want %q", got, want)
	}
}

func TestMoneyIsWrittenAsItIs(t *testing.T) {
	for m, want := range map[production.Money]string{0: "0.00", 16_000_000: "16.00", -400_000: "-0.40", 11_820_001: "11.820001", 1: "0.000001",
		math.MinInt64: "-9223372036854.775808"} {
		if got := m.String(); got != want {
			t.Errorf("%d: got %s, want %s", int64(m), got, want)
		}
	}
}
