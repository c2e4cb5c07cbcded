package production_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// input is what the KPIs of one window depend on.
func (h *hall) input(path string, w plant.Interval) production.KPIInput {
	eq := h.tree.FindEquipment(path)
	for _, a := range h.areas {
		if f := a.Facts(eq, w); len(f.Segments) > 0 {
			in := a.Definition(eq, w, production.WindowRange)
			in.Facts, in.Now = f, w.To
			return in
		}
	}
	h.t.Fatalf("no facts of %s", path)
	return production.KPIInput{}
}

// equipped is the subject of equipment of a line.
func equipped(cfg production.Config, line *plant.Line, in production.KPIInput) production.Subject {
	return production.Subject{Level: production.ScopeEquipment, Path: in.Equipment, Config: cfg, Line: line, Inputs: []production.KPIInput{in}}
}

// everything has a price, people, neighbours that are compared and failures
// that somebody took note of.
func everything() production.Config {
	cfg := priced()
	cfg.Costs.TariffPerKWh = .25
	cfg.Costs.Rates = []production.CostRate{{LabourPerHour: 32, OverheadPerHour: 18},
		{LabourPerHour: 33.1, OverheadPerHour: 18, ValidFrom: productiontest.Start.Add(25 * time.Minute).Time()}}
	cfg.Conservation = production.ConservationConfig{Tolerance: 5,
		Ratios: []production.ConservedConfig{{Equipment: productiontest.A4, Units: 12}}}
	cfg.Staff = []production.StaffConfig{{Line: "northfield/packing/lineA", Required: 4, Present: new(3.5)},
		{Equipment: "northfield/moulding/lineB/*", Required: .3}}
	cfg.Reasons[0].Maintenance = true
	cfg.Products[0].PlannedScrap = .013
	return cfg
}

// acknowledge says that each failure was taken note of after 70 s.
func acknowledge(in production.KPIInput) production.KPIInput {
	in.Acknowledged = map[string]plant.Instant{}
	for _, s := range in.Facts.Segments {
		if s.Failure {
			in.Acknowledged[s.Stop] = s.StopStart + 70*second
		}
	}
	return in
}

// proveHall wants that every value of every equipment, line, area and the
// site has an explanation that gives it.
func proveHall(t fataler, h *hall, cfg production.Config, w plant.Interval) {
	var areas []production.KPI
	for _, area := range h.tree.Areas {
		var lines []production.KPI
		for _, line := range area.Lines {
			inputs := h.parts(line, w)
			for i := range inputs {
				inputs[i] = acknowledge(inputs[i])
				proved(t, equipped(cfg, line, inputs[i]), production.Compute(inputs[i]))
			}
			k := production.ComputeLine(cfg, line, inputs)
			proved(t, production.Subject{Level: production.ScopeLine, Path: line.Path, Config: cfg, Line: line, Inputs: inputs}, k)
			lines = append(lines, k)
		}
		k := production.RollUp(production.ScopeArea, area.Path, lines)
		proved(t, production.Subject{Level: production.ScopeArea, Path: area.Path, Parts: lines}, k)
		areas = append(areas, k)
	}
	proved(t, production.Subject{Level: production.ScopeSite, Path: h.tree.Site, Parts: areas},
		production.RollUp(production.ScopeSite, h.tree.Site, areas))
}

func TestEveryNumberOfTheHourIsGivenByItsExplanation(t *testing.T) {
	for _, mode := range []production.OEEMode{production.ModeTPM, production.ModeISO22400} {
		for _, unknown := range []production.UnknownPolicy{production.UnknownInfer, production.UnknownExclude, production.UnknownAsDown} {
			cfg := everything()
			cfg.OEEMode, cfg.Unknown = mode, unknown
			h := newHall(t, cfg)
			h.hour(productiontest.Start)
			proveHall(t, h, cfg, theHour(productiontest.Start))
		}
	}
}

func TestEveryNumberOfAnyWindowIsGivenByItsExplanation(t *testing.T) {
	cfg := everything()
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Int64Range(-600, 3500).Draw(t, "from")
		to := rapid.Int64Range(from+1, 4000).Draw(t, "to")
		w := plant.Interval{From: productiontest.Start + plant.Instant(from)*second, To: productiontest.Start + plant.Instant(to)*second}
		line := h.tree.Areas[rapid.IntRange(0, 1).Draw(t, "area")].Lines[0]
		inputs := h.parts(line, w)
		in := acknowledge(rapid.SampledFrom(inputs).Draw(t, "equipment"))
		proved(t, equipped(cfg, line, in), production.Compute(in))
		proved(t, production.Subject{Level: production.ScopeLine, Path: line.Path, Config: cfg, Line: line, Inputs: inputs},
			production.ComputeLine(cfg, line, inputs))
	})
}

func TestEveryNumberOfAnyPlantIsGivenByItsExplanation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPress(t)
		p.cfg.Costs = production.CostConfig{Currency: "EUR", TariffPerKWh: .31, Rates: []production.CostRate{{LabourPerHour: 37.77}}}
		p.cfg.Products[0].Margin, p.cfg.Products[0].MaterialCost = .123, .07
		p.cfg.Products[0].Consumes = []production.Consumption{{Tag: "tank", PerUnit: .013}}
		p.cfg.Unknown = rapid.SampledFrom([]production.UnknownPolicy{production.UnknownInfer, production.UnknownExclude, production.UnknownAsDown}).Draw(t, "unknown")
		p.cfg.Staff = []production.StaffConfig{{Line: "s/a/l", Shift: "one", Required: 3, Present: new(2.7)}, {Line: "s/a/l", Shift: "two", Required: 1}}
		a := p.area(t)
		p.play(a, 60*second, func() {})
		line := p.tree.Areas[0].Lines[0]
		w := plant.Interval{From: p.start + plant.Instant(rapid.IntRange(0, 3600).Draw(t, "from"))*second, To: p.end}
		var inputs []production.KPIInput
		for _, eq := range line.Equipment {
			in := a.Definition(eq, w, production.WindowRange)
			in.Facts, in.Now = a.Facts(eq, plant.Interval{From: p.start, To: p.end}), p.end
			inputs = append(inputs, acknowledge(in))
			proved(t, equipped(p.cfg, line, inputs[len(inputs)-1]), production.Compute(inputs[len(inputs)-1]))
		}
		k := production.ComputeLine(p.cfg, line, inputs)
		proved(t, production.Subject{Level: production.ScopeLine, Path: line.Path, Config: p.cfg, Line: line, Inputs: inputs}, k)
		both := []production.KPI{k, k}
		proved(t, production.Subject{Level: production.ScopeArea, Path: "s/a", Parts: both}, production.RollUp(production.ScopeArea, "s/a", both))
	})
}

func TestEveryFieldOfKPIsHasAFormula(t *testing.T) {
	var names []string
	var walk func(v reflect.Type, name string)
	walk = func(v reflect.Type, name string) {
		switch {
		case v == reflect.TypeFor[production.Ratio]():
			names = append(names, name)
		case v.Kind() == reflect.Pointer:
			walk(v.Elem(), name)
		case v.Kind() == reflect.Map || v.Kind() == reflect.Slice:
			walk(v.Elem(), name+".*")
		case v.Kind() != reflect.Struct:
			names = append(names, name)
		default:
			for i := range v.NumField() {
				own, _, _ := strings.Cut(v.Field(i).Tag.Get("json"), ",")
				walk(v.Field(i).Type, strings.Trim(name+"."+own, "."))
			}
		}
	}
	walk(reflect.TypeFor[production.KPI](), "")
	have := production.Explained()
	for _, name := range names {
		if !slices.Contains(have, name) {
			t.Errorf("%s: has no formula", name)
		}
	}
	if len(names) < 130 {
		t.Errorf("found %d fields, want more than 130", len(names))
	}
}

func TestTheOEEOfTheFillerComesFromTwoProductsAndEightStretches(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	x := explain(t, h.input(productiontest.A1, theHour(productiontest.Start)), "oee_index")
	if x.Formula != "standard_time_good / measured_planned_time" || x.Terms[0].Value != 1990 || x.Terms[1].Value != 2990 {
		t.Errorf("formula: got %s with %+v, want 1990 s of good units in 2990 s", x.Formula, x.Terms)
	}
	made := map[string]int64{}
	for _, r := range x.Terms[0].Counts {
		made[r.Product+" at "+time.Duration(r.IdealCycle).String()] += r.Units
	}
	if made["P500 at 500ms"] != 2640 || made["P1000 at 1s"] != 670 {
		t.Errorf("good units by product and ideal cycle: got %v, want 2640 P500 and 670 P1000", made)
	}
	if x.Waterfall.Sum() != production.Seconds(time.Hour) {
		t.Errorf("waterfall: got %v s, want the hour", x.Waterfall.Sum().Float())
	}
	if got := x.Terms[1].Intervals; got[0].State != "run" || len(got) < 8 {
		t.Errorf("planned time: got %d intervals, want the eight stretches and more", len(got))
	}
}

func TestANumberThatNobodyKnowsIsRefusedWithThoseThatAreNear(t *testing.T) {
	for name, want := range map[string]string{"oee": "oee_index", "availabilty": "availability", "unpriced": "cost.unpriced_time"} {
		if _, err := production.Explain(production.KPIInput{}, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want a refusal that names %s", name, err, want)
		}
	}
}

func TestAListWithNothingInItHasNoValueAndSaysWhy(t *testing.T) {
	cfg := everything()
	cfg.Costs.Rates = nil
	for i := range cfg.Products {
		cfg.Products[i].Margin, cfg.Products[i].MaterialCost, cfg.Products[i].ReworkCost = 0, 0, 0
	}
	h := newHall(t, cfg) // energy alone has a price
	h.hour(productiontest.Start)
	free := h.input(productiontest.A2, theHour(productiontest.Start))
	for name, c := range map[string]struct {
		in        production.KPIInput
		kpi, want string
	}{
		"no price of lost time":   {free, "cost.per_downtime_minute", "lost time has no price"},
		"nothing lost by price":   {free, "cost.items", "nothing that has a price was lost"},
		"no prices at all":        {production.KPIInput{Mode: production.ModeTPM}, "cost.items", "nothing has a price"},
		"equipment has no shares": {free, "rollup.loss_by_culprit", "of lines, areas and the site"},
	} {
		if x := explain(t, c.in, c.kpi); x.KPI != c.kpi || x.Value.OK || x.Formula != "" || !strings.Contains(x.Null, c.want) {
			t.Errorf("%s: got %s %v with %q because of %q, want null because of %q", name, x.KPI, x.Value, x.Formula, x.Null, c.want)
		}
	}
	if x := explain(t, h.input(productiontest.A1, theHour(productiontest.Start)), "cost.items"); x.Null == "" {
		t.Errorf("the filler without prices: got %v, want no items", x.Value)
	}
	rich := newHall(t, everything())
	rich.hour(productiontest.Start)
	in := rich.input(productiontest.A1, theHour(productiontest.Start))
	if x := explain(t, in, "cost.items"); x.KPI != "cost.total" || !x.Value.OK {
		t.Errorf("items of the filler: got %s %v, want the total", x.KPI, x.Value)
	}
	if _, err := production.Explain(in, "cost.per_downtime_minute"); err == nil || !strings.Contains(err.Error(), "cost.per_downtime_minute.0.amount") {
		t.Errorf("a list of two prices: got %v, want a refusal that names the first", err)
	}
}
