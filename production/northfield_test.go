package production_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// A hall is the two areas of Northfield.
type hall struct {
	t     *testing.T
	tree  *plant.Tree
	areas []*production.Area
}

func newHall(t *testing.T, cfg production.Config) *hall {
	t.Helper()
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		t.Fatal(err)
	}
	h := &hall{t: t, tree: tree}
	for _, area := range tree.Areas {
		a, err := production.New(cfg, tree, area)
		if err != nil {
			t.Fatal(err)
		}
		h.areas = append(h.areas, a)
	}
	return h
}

func (h *hall) apply(now plant.Instant, s []plant.Sample, c []plant.Contact) {
	for _, a := range h.areas {
		a.Apply(now, s, c)
	}
}

func (h *hall) tick(now plant.Instant) {
	for _, a := range h.areas {
		a.Tick(now)
	}
}

func (h *hall) kpi(path string, w plant.Interval) production.KPI {
	h.t.Helper()
	for _, a := range h.areas {
		if k, ok := a.KPI(h.tree.FindEquipment(path), w, "hour"); ok {
			return k
		}
	}
	h.t.Fatalf("no KPI of %s", path)
	return production.KPI{}
}

// hour plays the scripted hour in order, second by second.
func (h *hall) hour(start plant.Instant) {
	h.play(start, func(plant.Instant) {
		for _, a := range h.areas {
			a.Drain()
		}
	})
}

// play plays the scripted hour and calls each after every second.
func (h *hall) play(start plant.Instant, each func(now plant.Instant)) {
	s, c := productiontest.Northfield(h.tree, start), productiontest.Contacts(start)
	for now := start; now <= start+productiontest.Hour; now += 1e9 {
		i, j := 0, 0
		for i < len(s) && s[i].Time <= now {
			i++
		}
		for j < len(c) && c[j].Time <= now {
			j++
		}
		h.apply(now, s[:i], c[:j])
		h.tick(now)
		s, c = s[i:], c[j:]
		each(now)
	}
}

func theHour(start plant.Instant) plant.Interval {
	return plant.Interval{From: start, To: start + productiontest.Hour}
}

// want maps JSON paths of a KPI to what they must show.
type want map[string]any

func checkKPI(t *testing.T, k production.KPI, w want) {
	t.Helper()
	b, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	for path, v := range w {
		if g := lookup(got, path); !equalNumber(g, v) {
			t.Errorf("%s: got %s = %v, want %v", k.Equipment, path, g, v)
		}
	}
}

func lookup(m map[string]any, path string) any {
	for i := range path {
		if path[i] == '>' {
			sub, _ := m[path[:i]].(map[string]any)
			return lookup(sub, path[i+1:])
		}
	}
	return m[path]
}

// equalNumber compares to the digits that the worked example gives: whole
// numbers exactly, others to half a unit of their sixth decimal.
func equalNumber(got, want any) bool {
	g, ok := got.(float64)
	if !ok {
		return fmt.Sprint(got) == fmt.Sprint(want)
	}
	switch w := want.(type) {
	case int:
		return g == float64(w)
	case float64:
		return math.Abs(g-w) <= .5e-6*max(1, math.Pow(10, math.Floor(math.Log10(math.Abs(w)))))
	}
	return false
}

func TestNorthfieldHourOfTheFiller(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	checkKPI(t, h.kpi(productiontest.A1, theHour(productiontest.Start)), want{
		"calendar_time": 3600, "planned_busy_time": 3000, "measured_planned_time": 2990,
		"actual_production_time": 2080, "inferred_run_time": 50, "micro_stop_time": 40, "downtime": 870,
		"downtime_by_reason>E-204": 360, "downtime_by_reason>changeover": 360, "downtime_by_reason>blocked": 150,
		"downtime_by_culprit>" + productiontest.A3: 150,
		"produced_quantity":                        3352, "rejected_quantity": 42, "good_quantity": 3310,
		"standard_time_produced": 2016, "standard_time_good": 1990,
		"waterfall>good": 1990, "waterfall>quality": 26, "waterfall>speed": 64, "waterfall>micro_stop": 40,
		"waterfall>blocked": 150, "waterfall>fault": 360, "waterfall>setup": 360, "waterfall>unknown": 10, "waterfall>planned": 600,
		"availability": .709030, "effectiveness": .950943, "quality_ratio": .987103, "quality_ratio_units": .987470,
		"oee_index": .665552, "teep_index": .552778, "nee_index": .780744,
		"technical_efficiency": .790875, "setup_ratio": .147541, "allocation_efficiency": .996667,
		"throughput_rate>per_hour_calendar": 3352, "good_rate>per_hour_calendar": 3310, "throughput_rate>per_minute_running": 96.692308,
		"first_pass_yield": .987470, "failures": 1, "mean_time_between_failures": 2080, "mean_time_to_repair": 360,
		"confidence_measured": .980000, "confidence_with_inferred": .996667, "micro_stops": 1, "stops": 3,
	})
}

func TestNorthfieldHourOfTheMoulder(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	checkKPI(t, h.kpi(productiontest.B1, theHour(productiontest.Start)), want{
		"calendar_time": 3600, "planned_busy_time": 3600, "measured_planned_time": 3600,
		"actual_production_time": 2700, "inferred_run_time": 0, "micro_stop_time": 0, "downtime": 900,
		"downtime_by_reason>e_stop": 240, "downtime_by_reason>E-310": 420, "downtime_by_reason>starved": 240,
		"produced_quantity": 852, "rejected_quantity": 42, "good_quantity": 810,
		"standard_time_produced": 2556, "standard_time_good": 2430,
		"waterfall>good": 2430, "waterfall>quality": 126, "waterfall>speed": 144, "waterfall>safety": 240,
		"waterfall>fault": 420, "waterfall>starved": 240, "waterfall>unknown": 0, "waterfall>planned": 0,
		"availability": .75, "effectiveness": .946667, "quality_ratio": .950704, "quality_ratio_units": .950704,
		"oee_index": .675, "teep_index": .675, "nee_index": .675,
		"technical_efficiency": .75, "setup_ratio": 0, "allocation_efficiency": 1,
		"throughput_rate>per_hour_calendar": 852, "good_rate>per_hour_calendar": 810, "throughput_rate>per_minute_running": 18.933333,
		"scrap_ratio": .049296, "rework_ratio": 0, "first_pass_yield": .950704, "final_yield": .950704,
		"failures": 2, "mean_time_between_failures": 1350, "mean_time_to_repair": 210,
		"confidence_measured": 1, "confidence_with_inferred": 1, "stops": 4, "micro_stops": 0,
	})
}
