package production_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// evaluate computes a formula with the values of its terms.
func evaluate(t interface{ Fatalf(string, ...any) }, text string, terms map[string]float64) float64 {
	e, err := parser.ParseExpr(text)
	if err != nil {
		t.Fatalf("formula %q: %v", text, err)
	}
	var eval func(ast.Expr) float64
	eval = func(e ast.Expr) float64 {
		switch e := e.(type) {
		case *ast.ParenExpr:
			return eval(e.X)
		case *ast.BasicLit:
			v, _ := strconv.ParseFloat(e.Value, 64)
			return v
		case *ast.Ident:
			v, ok := terms[e.Name]
			if !ok {
				t.Fatalf("formula %q: no term %s", text, e.Name)
			}
			return v
		case *ast.BinaryExpr:
			x, y := eval(e.X), eval(e.Y)
			switch e.Op {
			case token.ADD:
				return x + y
			case token.SUB:
				return x - y
			case token.MUL:
				return x * y
			case token.QUO:
				return x / y
			}
		}
		t.Fatalf("formula %q: cannot be evaluated", text)
		return 0
	}
	return eval(e)
}

// explain wants an explanation whose terms give the value and whose intervals
// and counts give the terms.
func explain(t interface{ Fatalf(string, ...any) }, in production.KPIInput, name string) production.Explanation {
	x, err := production.Explain(in, name)
	if err != nil {
		t.Fatalf("explain %s: %v", name, err)
	}
	terms := map[string]float64{}
	for _, term := range x.Terms {
		terms[term.Name] = term.Value
		var time, standard production.Seconds
		for _, s := range term.Intervals {
			time += s.Seconds
		}
		for _, r := range term.Counts {
			standard += r.StandardTime
		}
		if len(term.Intervals) > 0 && time.Float() != term.Value {
			t.Fatalf("%s: intervals of %s give %v s, want %v", name, term.Name, time.Float(), term.Value)
		}
		if term.Unit == "s" && len(term.Counts) > 0 && standard.Float() != term.Value {
			t.Fatalf("%s: counts of %s give %v s, want %v", name, term.Name, standard.Float(), term.Value)
		}
	}
	got := evaluate(t, x.Formula, terms)
	if x.Value.OK && math.Abs(got-x.Value.Value) > 1e-9*max(1, math.Abs(got)) {
		t.Fatalf("%s: %s with %v gives %v, want %v", name, x.Formula, terms, got, x.Value)
	}
	return x
}

func TestEveryNumberOfTheHourCanBeTakenApart(t *testing.T) {
	for _, mode := range []production.OEEMode{production.ModeTPM, production.ModeISO22400} {
		for _, unknown := range []production.UnknownPolicy{production.UnknownInfer, production.UnknownExclude, production.UnknownAsDown} {
			cfg := productiontest.Config(productiontest.Start)
			cfg.OEEMode, cfg.Unknown = mode, unknown
			h := newHall(t, cfg)
			h.hour(productiontest.Start)
			for _, name := range production.Explained() {
				explain(t, h.input(productiontest.A1, theHour(productiontest.Start)), name)
			}
		}
	}
}

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

func TestAnyWindowCanBeTakenApart(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Int64Range(-600, 3500).Draw(t, "from")
		to := rapid.Int64Range(from+1, 4000).Draw(t, "to")
		w := plant.Interval{From: productiontest.Start + plant.Instant(from)*second, To: productiontest.Start + plant.Instant(to)*second}
		path := rapid.SampledFrom([]string{productiontest.A1, productiontest.A3, productiontest.B1}).Draw(t, "equipment")
		in := h.input(path, theHour(productiontest.Start))
		in.Window, in.Now = w, w.To
		explain(t, in, rapid.SampledFrom(production.Explained()).Draw(t, "kpi"))
	})
}

func TestANumberThatNobodyKnowsIsRefusedWithThoseThatThereAre(t *testing.T) {
	if _, err := production.Explain(production.KPIInput{}, "happiness"); err == nil {
		t.Error("explain happiness: got no error, want the names of KPIs")
	}
}
