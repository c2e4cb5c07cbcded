package production_test

import (
	"reflect"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"pgregory.net/rapid"
)

// parts are the inputs of a line's KPIs, with eight rejects of P500 reworked
// on A1.
func (h *hall) parts(line *plant.Line, w plant.Interval) []production.KPIInput {
	var parts []production.KPIInput
	for _, eq := range line.Equipment {
		for _, a := range h.areas {
			if in := a.Definition(eq, w, "hour"); in.Mode != "" {
				in.Now, in.Facts = productiontest.Start+Hour, a.Facts(eq, theHour(productiontest.Start))
				if eq.Path == productiontest.A1 {
					in.Facts = withRework(in.Facts, "P500", 8)
				}
				parts = append(parts, in)
			}
		}
	}
	return parts
}

// lines are the KPIs of line A and line B over the scripted hour.
func (h *hall) lines() []production.KPI {
	w := theHour(productiontest.Start)
	a, b := h.tree.Areas[0].Lines[0], h.tree.Areas[1].Lines[0]
	return []production.KPI{production.ComputeLine(priced(), a, h.parts(a, w)), production.ComputeLine(priced(), b, h.parts(b, w))}
}

func TestLineIsAsItsConstraintWithItsLastGoodCounter(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	k := h.lines()[0]
	checkKPI(t, k, want{
		"level": "line", "path": "northfield/packing/lineA", "equipment": productiontest.A1,
		"good_quantity": 3310, "produced_quantity": 3352, "oee_index": .665552, "availability": .709030,
		"effectiveness": .950943, "quality_ratio": .987103, "cost>total": 375.92,
		"rollup>worst": productiontest.A3, "rollup>worst_oee_index": .663333})
	if got := production.GoodCounter(priced(), h.tree.Areas[0].Lines[0], productiontest.Start+Hour); got.Path != productiontest.A3 {
		t.Errorf("good units of the line: got those of %s, want those of A3, since A4 counts cases", got.Path)
	}
}

func TestLineLossHasItsCulprits(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	k := h.lines()[0]
	type share struct {
		losses map[string]production.Seconds
		cost   string
	}
	wants := map[string]share{
		"equipment " + productiontest.A1: {map[string]production.Seconds{"fault": 360e9, "micro_stop": 40e9, "speed": 64e9, "quality": 26e9}, "197.42"},
		"equipment " + productiontest.A3: {map[string]production.Seconds{"blocked": 150e9}, "52.50"},
		"changeover ":                    {map[string]production.Seconds{"setup": 360e9}, "126.00"},
		"unknown ":                       {map[string]production.Seconds{"unknown": 10e9}, "0.00"},
	}
	sum := k.Waterfall.Good + k.Waterfall.Planned + k.Waterfall.NotScheduled
	for _, s := range k.Rollup.Shares {
		w := wants[string(s.Cause)+" "+s.Culprit]
		if !reflect.DeepEqual(s.Losses, w.losses) || s.Cost.String() != w.cost {
			t.Errorf("%s %s: got %v, %v, want %v, %v", s.Cause, s.Culprit, s.Losses, s.Cost, w.losses, w.cost)
		}
		sum += s.Time
	}
	if len(k.Rollup.Shares) != len(wants) || sum != k.Calendar {
		t.Errorf("got %d shares and %v in all, want %d and %v", len(k.Rollup.Shares), sum.Duration(), len(wants), k.Calendar.Duration())
	}
}

func TestPlantIsTheSumOfItsLines(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	lines := h.lines()
	packing := production.RollUp(production.ScopeArea, "northfield/packing", lines[:1])
	moulding := production.RollUp(production.ScopeArea, "northfield/moulding", lines[1:])
	checkKPI(t, production.RollUp(production.ScopeSite, "northfield", []production.KPI{packing, moulding}), want{
		"level": "site", "path": "northfield", "oee_index": .670713, "cost>total": 741.62, "calendar_time": 7200,
		"measured_planned_time": 6590, "standard_time_good": 4420, "failures": 3, "mean_time_to_repair": 260,
		"changeover_over_standard": 60, "downtime_by_reason>E-310": 420, "rollup>worst": "northfield/packing",
		"rollup>worst_oee_index": .665552, "rollup>mixed_definitions": false})
}

func TestDifferentDefinitionsDoNotAddUp(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	for name, change := range map[string]func(*production.KPI){
		"mode":   func(k *production.KPI) { k.OEEMode = production.ModeISO22400 },
		"policy": func(k *production.KPI) { k.UnknownPolicy = production.UnknownAsDown },
	} {
		lines := h.lines()
		change(&lines[1])
		k := production.RollUp(production.ScopeSite, "northfield", lines)
		if !k.Rollup.Mixed || k.OEEIndex.OK || k.Produced != 0 {
			t.Errorf("another %s: got OEE %v of %d units, want no figures and a flag", name, k.OEEIndex, k.Produced)
		}
	}
}

func TestEveryTimeAndQuantityOfAPartIsAddedUp(t *testing.T) {
	part := production.KPI{OEEMode: production.ModeTPM}
	fill := func(v any) {
		for s, i := reflect.ValueOf(v).Elem(), 0; i < s.NumField(); i++ {
			s.Field(i).SetInt(int64(i + 1))
		}
	}
	fill(&part.Times)
	fill(&part.Quantities)
	fill(&part.Waterfall)
	for v, i := reflect.ValueOf(&part).Elem(), 0; i < v.NumField(); i++ {
		if f := v.Field(i); f.CanInt() && f.Type() != reflect.TypeFor[plant.Instant]() {
			f.SetInt(7)
		}
	}
	k := production.RollUp(production.ScopeArea, "a", []production.KPI{part, part, part})
	for v, i := reflect.ValueOf(k), 0; i < v.NumField(); i++ {
		if f := v.Field(i); f.CanInt() && f.Type() != reflect.TypeFor[plant.Instant]() && f.Int() != 21 {
			t.Errorf("%s: got %d, want 21", v.Type().Field(i).Name, f.Int())
		}
	}
	for _, sum := range []any{k.Times, k.Quantities, k.Waterfall} {
		for s, i := reflect.ValueOf(sum), 0; i < s.NumField(); i++ {
			if got := s.Field(i).Int(); got != int64(3*(i+1)) {
				t.Errorf("%s.%s: got %d, want %d", s.Type(), s.Type().Field(i).Name, got, 3*(i+1))
			}
		}
	}
}

func TestUnitsLostAfterTheConstraintAreLostDownstream(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	line := h.tree.Areas[0].Lines[0]
	parts := h.parts(line, theHour(productiontest.Start))
	for i := range parts {
		if parts[i].Equipment == productiontest.A3 {
			parts[i].Facts.Counts[0].Good -= 10
		}
	}
	k := production.ComputeLine(priced(), line, parts)
	checkKPI(t, k, want{"good_quantity": 3300, "rejected_quantity": 52, "standard_time_good": 1985, "cost>total": 378.72})
	for _, s := range k.Rollup.Shares {
		if s.Cause == production.CauseDownstream && s.Time == 5e9 && s.Cost.String() == "2.80" {
			return
		}
	}
	t.Errorf("got %v, want 5 s and 2.80 downstream", k.Rollup.Shares)
}

func TestPartsOfAWindowRollUpToIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPress(t)
		p.cfg.Products[0].Margin = .37
		a := p.area(t)
		a.Apply(p.end, p.samples, p.contacts)
		a.Tick(p.end)
		line := p.tree.Areas[0].Lines[0]
		compute := func(from, to plant.Instant) production.KPI {
			var parts []production.KPIInput
			for _, eq := range line.Equipment {
				in := a.Definition(eq, plant.Interval{From: from, To: to}, "")
				in.Now, in.Facts = p.end, a.Facts(eq, plant.Interval{From: p.start - Hour, To: p.end})
				parts = append(parts, in)
			}
			return production.ComputeLine(p.cfg, line, parts)
		}
		cut := p.start + plant.Instant(rapid.Int64Range(0, int64(2*time.Hour)).Draw(t, "cut"))
		whole := production.RollUp(production.ScopeArea, "s/a", []production.KPI{compute(p.start, p.end)})
		sum := production.RollUp(production.ScopeArea, "s/a", []production.KPI{compute(p.start, cut), compute(cut, p.end)})
		if whole.Times != sum.Times || whole.Quantities != sum.Quantities || whole.Waterfall != sum.Waterfall ||
			whole.OEEIndex != sum.OEEIndex || whole.Cost.Total != sum.Cost.Total || !reflect.DeepEqual(whole.Rollup.Shares, sum.Rollup.Shares) {
			t.Fatalf("cut at %v: got\n%+v %v\nwant\n%+v %v", cut, sum.Waterfall, sum.Rollup.Shares, whole.Waterfall, whole.Rollup.Shares)
		}
		if got := whole.Waterfall.Sum(); got != whole.Calendar {
			t.Fatalf("waterfall of the line sums to %v, window is %v", got.Duration(), whole.Calendar.Duration())
		}
	})
}
