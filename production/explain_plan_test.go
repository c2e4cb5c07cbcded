package production_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// plannedAs wants that explain gives every value that v publishes.
func plannedAs(t *testing.T, v any, explain func(name string) (production.Explanation, error)) {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	if shift, ok := all["shift"].(map[string]any); ok {
		for k, x := range shift {
			all["shift."+k] = x
		}
		delete(all, "shift")
	}
	for name, want := range all {
		x, err := explain(name)
		if err != nil {
			t.Fatal(err)
		}
		if text, ok := want.(string); ok && strings.HasPrefix(text, "1970-01-01T00:00:00") || want == nil {
			if x.Time != nil || x.Value.OK || x.Null == "" {
				t.Errorf("%s: got %+v, want none and why", x.KPI, x)
			}
			continue
		}
		gives(t, x, want)
		for _, term := range x.Terms {
			addsUp(t, x, term)
		}
	}
}

func TestHowFarOrdersAreIsGivenByTheExplanation(t *testing.T) {
	cfg := priced()
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	line := h.tree.Areas[0].Lines[0]
	for _, o := range production.OrdersOf(line, cfg.Orders, nil) {
		for _, now := range []int{5, 29, 41, 47, 60} {
			for _, change := range []func(*production.OrderRecord){func(*production.OrderRecord) {},
				func(o *production.OrderRecord) { o.Due = 0 }, func(o *production.OrderRecord) { o.Due, o.Quantity = 0, 0 },
				func(o *production.OrderRecord) { o.To = productiontest.Start + Hour }} {
				in := production.OrderInput{Config: cfg, Line: line, Work: h.workTime(cfg, line), Order: o, Facts: h.lineFacts(cfg, line),
					Now: productiontest.Start + plant.Instant(now)*60*second}
				change(&in.Order)
				plannedAs(t, production.Attain(in), func(name string) (production.Explanation, error) { return production.ExplainOrder(in, name) })
			}
		}
	}
}

func TestHowFarAShiftIsIsGivenByTheExplanation(t *testing.T) {
	cfg := priced()
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	line := h.tree.Areas[0].Lines[0]
	shift := plant.Shift{Name: "Early", From: productiontest.Start, To: productiontest.Start + 5*Hour}
	for _, targets := range [][]production.Target{nil, {{Line: line.Path, Units: 24001}}} {
		cfg.Targets = targets
		for _, after := range []time.Duration{0, 7 * time.Minute, 41*time.Minute + 777*time.Millisecond, time.Hour} {
			in := production.ShiftInput{Config: cfg, Line: line, Work: h.workTime(cfg, line), Shift: shift, Facts: h.lineFacts(cfg, line),
				Now: productiontest.Start.Add(after)}
			plannedAs(t, production.AttainShift(in), func(name string) (production.Explanation, error) { return production.ExplainShift(in, name) })
		}
	}
}

func TestTheEndOfAnOrderIsExplainedWithTheBreaksToCome(t *testing.T) {
	cfg := priced()
	cfg.Calendars[0].Shifts = []plant.ShiftConfig{{Name: "Early", From: "06:00", To: "10:20"}, {Name: "Late", From: "11:00", To: "20:00"}}
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	line := h.tree.Areas[0].Lines[0]
	orders := production.OrdersOf(line, cfg.Orders, nil)
	in := production.OrderInput{Config: cfg, Line: line, Work: h.workTime(cfg, line), Order: orders[len(orders)-1],
		Facts: h.lineFacts(cfg, line), Now: productiontest.Start + Hour}
	x, err := production.ExplainOrder(in, "eta")
	if err != nil {
		t.Fatal(err)
	}
	off := x.Terms[1]
	if off.Name != "time_off" || len(off.Work) != 1 || off.Work[0].Seconds.Duration() != 40*time.Minute {
		t.Errorf("time without work until the end: got %+v, want the 40 minutes between the shifts", off)
	}
	if _, err := production.ExplainOrder(in, "etta"); err == nil || !strings.Contains(err.Error(), "eta") {
		t.Errorf("a value that there is none of: got %v, want those that are near", err)
	}
}
