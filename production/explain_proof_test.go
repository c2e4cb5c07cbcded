package production_test

import (
	"encoding/json"
	"go/token"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"andon/plant"
	"andon/production"
)

// A fataler is a test, or one try of a property.
type fataler interface {
	Fatalf(format string, args ...any)
	Helper()
}

// published returns every value of KPIs in their JSON by its name: numbers,
// texts, null.
func published(t fataler, k production.KPI) map[string]any {
	t.Helper()
	b, err := json.Marshal(k)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatalf("decode: %v", err)
	}
	out := map[string]any{}
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, x := range v {
				walk(strings.TrimPrefix(name+"."+key, "."), x)
			}
		case []any:
			for i, x := range v {
				key := strconv.Itoa(i)
				if name == "materials" {
					key = x.(map[string]any)["tag"].(string)
				}
				walk(name+"."+key, x)
			}
		default:
			out[name] = v
		}
	}
	walk("", all)
	return out
}

// proved wants that every published value of s has an explanation whose terms
// give exactly that value, and whose parts give the terms.
func proved(t fataler, s production.Subject, k production.KPI) {
	t.Helper()
	e := production.NewExplainer(s)
	for name, want := range published(t, k) {
		x, err := e.Explain(name)
		if err != nil {
			t.Fatalf("%s of %s: %v", name, s.Path, err)
		}
		if x.KPI != name || x.Source == "" || x.Path != k.Path {
			t.Fatalf("%s of %s: got the explanation of %s of %s by %q", name, s.Path, x.KPI, x.Path, x.Source)
		}
		gives(t, x, want)
		for _, term := range x.Terms {
			addsUp(t, x, term)
		}
	}
}

// gives wants that the formula of x gives what is published.
func gives(t fataler, x production.Explanation, want any) {
	t.Helper()
	terms := map[string]float64{}
	for _, term := range x.Terms {
		terms[term.Name] = term.Value
	}
	switch want := want.(type) {
	case nil:
		if x.Value.OK || x.Null == "" || x.Time != nil {
			t.Fatalf("%s of %s: got %v because of %q, want null and why", x.KPI, x.Path, x.Value, x.Null)
		}
		if strings.Contains(x.Null, "divided") && x.Formula != "" && !math.IsNaN(operate(token.SUB, evaluate(t, x.Formula, terms), evaluate(t, x.Formula, terms))) {
			t.Fatalf("%s of %s: null because %s, but %s with %v is a number", x.KPI, x.Path, x.Null, x.Formula, terms)
		}
	case string:
		if x.Time == nil {
			if x.Text != want {
				t.Fatalf("%s of %s: got %q, want %q", x.KPI, x.Path, x.Text, want)
			}
			return
		}
		at := *x.Time
		if x.Origin != nil {
			at = *x.Origin + plant.Instant(math.Round(evaluate(t, x.Formula, terms)*1e9))
		}
		if at.String() != want || x.Time.String() != want {
			t.Fatalf("%s of %s: %s from %v gives %s, want %s", x.KPI, x.Path, x.Formula, terms, at, want)
		}
	case bool:
		if got := evaluate(t, x.Formula, terms); (got == 1) != want {
			t.Fatalf("%s of %s: %s with %v gives %v, want %v", x.KPI, x.Path, x.Formula, terms, got, want)
		}
	case float64:
		// andon adds whole nanoseconds and units, and a calculator seconds: where the
		// calculator's steps round otherwise, the exact result tells who is right.
		got := evaluate(t, x.Formula, terms)
		if got != want && math.Abs(exactly(t, x.Formula, terms)-want) <= 1e-15*math.Abs(want) {
			got = want
		}
		if got != want || x.Value.Value != want {
			t.Fatalf("%s of %s: %s with %v gives %v, told is %v, want %v", x.KPI, x.Path, x.Formula, terms, got, x.Value, want)
		}
	}
}

// addsUp wants that the parts of a term give its value.
func addsUp(t fataler, x production.Explanation, term production.Term) {
	t.Helper()
	var time production.Seconds
	var money production.Money
	var units int64
	sum, any := 0.0, false
	list := func(n int, add func(i int)) {
		any = any || n > 0
		for i := range n {
			add(i)
		}
	}
	list(len(term.Intervals), func(i int) { time += term.Intervals[i].Seconds })
	list(len(term.Counts), func(i int) {
		if c := term.Counts[i]; term.Unit == "s" {
			time += c.StandardTime
		} else {
			units += c.Units
		}
	})
	list(len(term.Costs), func(i int) {
		switch c := term.Costs[i]; term.Unit {
		case "s":
			time += c.Seconds
		case "units":
			units += c.Units
		default:
			money += c.Amount
		}
	})
	list(len(term.Stops), func(i int) { sum += term.Stops[i].Value })
	list(len(term.Meters), func(i int) { sum += term.Meters[i].Value })
	list(len(term.Crews), func(i int) { sum += term.Crews[i].Person })
	list(len(term.Members), func(i int) { sum += term.Members[i].Value })
	list(len(term.Products), func(i int) {
		if c := term.Products[i]; term.Unit == "units" && c.Seconds == 0 && term.Name != "in" && term.Name != "planned_scrap" {
			units += c.Units
		} else {
			sum += c.Amount
		}
	})
	list(len(term.Work), func(i int) { time += term.Work[i].Seconds })
	list(len(term.Neighbours), func(i int) {
		c := term.Neighbours[i]
		most := max(float64(c.Out), c.In)
		if term.Name == "unaccounted_quantity" {
			most *= 1 - c.Confidence
		}
		sum += most
	})
	got := sum + time.Float() + money.Float() + float64(units)
	switch {
	case term.Name == "open_repairs" && len(term.Members) == 0:
		got = min(1, got)
	case len(term.Products) > 0 && term.Rule != "":
		got = map[string]float64{"per_unit": term.Products[0].PerUnit, "ideal_cycle": term.Products[0].IdealCycle.Float()}[term.Name]
	case len(term.Members) == 0 && term.Value == 0:
	case strings.Contains(term.Rule, "least"):
		got = slices.MinFunc(term.Members, func(a, b production.Member) int { return cmpFloat(a.Value, b.Value) }).Value
	case term.Rule == "the product of its members":
		got = 1
		for _, m := range term.Members {
			got *= m.Value
		}
	case strings.Contains(term.Rule, "the same"), strings.Contains(term.Rule, "1 when it is 1"):
		got = slices.MaxFunc(term.Members, func(a, b production.Member) int { return cmpFloat(a.Value, b.Value) }).Value
	case !any && term.Rule != "":
		return // a constant, or one that is explained by itself
	}
	if term.Unit == "units" && math.Abs(got-term.Value) < .5e-6 { // sums of millionths
		got = term.Value
	}
	if term.Unit == "s" && math.Abs(got-term.Value) < .5e-9 { // sums of nanoseconds
		got = term.Value
	}
	if money == 0 && len(term.Members) > 0 && math.Abs(got-term.Value) < .5e-6 && term.Unit == "EUR" {
		got = term.Value
	}
	if got != term.Value {
		t.Fatalf("%s of %s: the parts of %s give %v %s, want %v: %+v", x.KPI, x.Path, term.Name, got, term.Unit, term.Value, term)
	}
}

func cmpFloat(a, b float64) int {
	if a < b {
		return -1
	}
	return 1
}

// explain wants an explanation of one value that holds.
func explain(t *testing.T, in production.KPIInput, name string) production.Explanation {
	t.Helper()
	x, err := production.Explain(in, name)
	if err != nil {
		t.Fatalf("explain %s: %v", name, err)
	}
	for _, term := range x.Terms {
		addsUp(t, x, term)
	}
	return x
}
