package engine

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/store"
)

// numbers calls f for every number of a JSON object, by its name.
func numbers(name string, v any, f func(name string, v float64)) {
	switch v := v.(type) {
	case map[string]any:
		for key, x := range v {
			numbers(strings.TrimPrefix(name+"."+key, "."), x, f)
		}
	case []any:
		for i, x := range v {
			key := strconv.Itoa(i)
			if name == "materials" {
				key = x.(map[string]any)["tag"].(string)
			}
			numbers(name+"."+key, x, f)
		}
	case float64:
		f(name, v)
	}
}

func TestEveryNumberInTheRecordsIsExplained(t *testing.T) {
	t.Parallel()
	s := recordedHour(t)
	k, err := NewKPIs(NorthfieldConfig().Production, s.tree, s.store)
	if err != nil {
		t.Fatal(err)
	}
	w := plant.Interval{From: start, To: at(60, 0)}
	for _, path := range []string{productiontest.A1, productiontest.A4, lineAPath, "northfield/packing", "northfield"} {
		published, err := k.Compute(t.Context(), path, production.WindowRange, w)
		if err != nil {
			t.Fatal(err)
		}
		var body any
		if err := json.Unmarshal(published.Body, &body); err != nil {
			t.Fatal(err)
		}
		told := 0
		numbers("", body, func(name string, want float64) {
			x, err := k.Explain(t.Context(), ExplainQuery{Path: path, KPI: name, Span: w})
			if err != nil || x.Value.Value != want || x.Path != path {
				t.Errorf("%s of %s: got %v, %v; want %v", name, path, x.Value, err, want)
			}
			told++
		})
		if told < 100 {
			t.Errorf("%s: %d numbers are explained, want more than a hundred", path, told)
		}
	}
}

func TestAnIntervalSaysWhichCodeAndThresholdMadeIt(t *testing.T) {
	s := recordedHour(t)
	k, err := NewKPIs(NorthfieldConfig().Production, s.tree, s.store)
	if err != nil {
		t.Fatal(err)
	}
	w := plant.Interval{From: start, To: at(60, 0)}
	for name, want := range map[string]string{
		"downtime_by_reason.E-204": "state map packml: 9 is fault; code 204, reason by signal",
		"micro_stop_time":          "stop shorter than 2m0s (micro_stop)",
		"inferred_run_time":        "no data, but the counter shows the units",
		"changeover_over_standard": "beyond the 5m0s allowed from P500 to P1000",
		"waterfall.blocked":        "culprit by the chain",
		"waterfall.unknown":        "no data for more than 15s (stale_after)",
	} {
		x, err := k.Explain(t.Context(), ExplainQuery{Path: productiontest.A1, KPI: name, Span: w})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, v := range x.Terms[0].Intervals {
			found = found || strings.Contains(v.Why, want)
		}
		if !found {
			t.Errorf("%s: got %+v, want one because of %q", name, x.Terms[0].Intervals, want)
		}
	}
}

func TestTheEndOfAnOrderAndThePlanAreExplainedFromTheRecords(t *testing.T) {
	s := recordedHour(t)
	clock := time.Unix(0, 0)
	o := s.outlook(&clock)
	w := plant.Interval{From: start, To: at(60, 0)}
	orders, err := o.Orders(t.Context(), lineAPath)
	if err != nil {
		t.Fatal(err)
	}
	x, err := o.k.Explain(t.Context(), ExplainQuery{Path: lineAPath, KPI: "orders.PO-1002.eta", Span: w})
	if err != nil || x.Time == nil || *x.Time != orders[1].Attainment.ETA {
		t.Errorf("end of PO-1002: got %+v, %v; want %s", x, err, orders[1].Attainment.ETA)
	}
	x, err = o.k.Explain(t.Context(), ExplainQuery{Path: lineAPath, KPI: "plan.target_shift", Span: w})
	if err != nil || x.Value.Value != 19200 {
		t.Errorf("target of the shift: got %+v, %v; want 19200", x, err)
	}
	for _, name := range []string{"orders.PO-9.eta", "orders.PO-1002.etta", "plan.targit", "oee"} {
		if _, err := o.k.Explain(t.Context(), ExplainQuery{Path: lineAPath, KPI: name, Span: w}); !errors.Is(err, ErrNoExplanation) {
			t.Errorf("%s: got %v, want that it is not explained", name, err)
		}
	}
}

func TestAKeptHourIsExplainedAsItWasKept(t *testing.T) {
	t.Parallel()
	s := recordedHour(t)
	k, err := NewKPIs(NorthfieldConfig().Production, s.tree, s.store)
	if err != nil {
		t.Fatal(err)
	}
	w := plant.Interval{From: start, To: at(60, 0)}
	p, err := k.place(lineAPath)
	if err != nil {
		t.Fatal(err)
	}
	kept := &computing{k: k, window: w, name: production.WindowHour, settled: true}
	kpi, _, err := kept.of(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(kpi)
	if err != nil {
		t.Fatal(err)
	}
	row := store.KPI{Path: lineAPath, Window: production.WindowHour, Start: w.From, End: w.To, Revision: 1, Why: "settled", Body: body}
	if err := s.store.Revise(t.Context(), store.Revised{KPIs: []store.KPI{row}}); err != nil {
		t.Fatal(err)
	}
	var published any
	if err := json.Unmarshal(body, &published); err != nil {
		t.Fatal(err)
	}
	numbers("", published, func(name string, want float64) {
		x, err := k.Explain(t.Context(), ExplainQuery{Path: lineAPath, KPI: name, Window: production.WindowHour, Span: w})
		if err != nil || x.Value.Value != want || x.Window != production.WindowHour {
			t.Errorf("%s: got %v of a %s, %v; want %v", name, x.Value, x.Window, err, want)
		}
	})
	w.To--
	if _, err := k.Explain(t.Context(), ExplainQuery{Path: lineAPath, KPI: "oee_index", Window: production.WindowHour, Span: w}); !errors.Is(err, ErrNoExplanation) {
		t.Errorf("not an hour: got %v, want that it is none", err)
	}
}
