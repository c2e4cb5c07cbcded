package production

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"andon/plant"
)

// A goal takes apart how far an order or a shift is.
type goal struct {
	prefix   string // of names, such as orders.PO-1002
	values   []leaf
	formulas []formula
	terms    []Term
	now      plant.Instant // times are counted from here
}

// ExplainOrder takes one value of an order's Attainment apart, by its JSON
// name, such as eta. The explanation has it as orders.PO-1002.eta.
func ExplainOrder(in OrderInput, name string) (Explanation, error) {
	a := Attain(in)
	g := goal{"orders." + in.Order.Order, leaves(a), orderFormulas(in, a), orderTerms(in, a), in.Now}
	return g.explain(name, in.Line, plant.Interval{From: in.Order.From, To: in.Now})
}

// ExplainShift takes one value of a ShiftAttainment apart. The explanation
// has it as plan.target, for example.
func ExplainShift(in ShiftInput, name string) (Explanation, error) {
	a := AttainShift(in)
	g := goal{"plan", leaves(a), shiftFormulas(a), shiftTerms(in, a), in.past().To}
	return g.explain(name, in.Line, in.past())
}

func (g goal) explain(name string, line *plant.Line, w plant.Interval) (Explanation, error) {
	i := slices.IndexFunc(g.values, func(l leaf) bool { return l.name == name })
	k := slices.IndexFunc(g.formulas, func(f formula) bool { return f.name == name })
	if i < 0 || k < 0 {
		var names []string
		for _, l := range g.values {
			names = append(names, l.name)
		}
		return Explanation{}, fmt.Errorf("%s.%.100s: there is none of that name; near are %s", g.prefix, name, strings.Join(nearest(name, names, near), ", "))
	}
	l, f := g.values[i], g.formulas[k]
	x := Explanation{KPI: g.prefix + "." + name, Value: l.value, Text: l.text, Formula: f.text, Source: f.source, Unit: f.unit,
		Level: ScopeLine, Path: line.Path, Equipment: line.Constraint.Path, From: w.From, To: w.To, Window: WindowRange}
	if l.time != nil && *l.time != 0 {
		x.Time = l.time
		if f.text != "" {
			x.Origin, x.Value = &g.now, Ratio{Seconds(l.time.Sub(g.now)).Float(), true}
		}
	}
	for _, term := range termsOf(x.Formula) {
		x.Terms = append(x.Terms, g.term(term))
	}
	if x.Text == "" && x.Time == nil && !x.Value.OK {
		x.Null = "what it is divided by is 0"
		if f.absent != "" {
			x.Null = f.absent
		}
	}
	return x, nil
}

func (g goal) term(name string) Term {
	if i := slices.IndexFunc(g.terms, func(t Term) bool { return t.Name == name }); i >= 0 {
		return g.terms[i]
	}
	i := slices.IndexFunc(g.values, func(l leaf) bool { return l.name == name })
	return Term{Name: name, Value: g.values[i].value.Value, Unit: "units", Rule: "explained as " + g.prefix + "." + name}
}

// madeBy lists good units by product and ideal cycle.
func madeBy(name, equipment string, counts []Count, which func(Count) bool) Term {
	t := Term{Name: name, Unit: "units"}
	for _, c := range counts {
		if which(c) && c.Good != 0 {
			t.Value += float64(c.Good)
			t.rate(equipment, c, c.Good)
		}
	}
	return t
}

// working lists the working time of the calendar in v.
func (w *WorkTime) working(name string, v plant.Interval) Term {
	t := Term{Name: name, Unit: "s", Rule: "shifts of the calendar without their breaks"}
	w.walk(v.From, func(span plant.Interval) bool {
		if part := span.Clip(v); part.Duration() > 0 {
			t.Work = append(t.Work, WorkSpan{part.From, part.To, Seconds(part.Duration())})
		}
		return span.To < v.To
	})
	t.Value = Seconds(w.Between(v)).Float()
	return t
}

// off lists what of v is no working time.
func (w *WorkTime) off(name string, v plant.Interval) Term {
	t := Term{Name: name, Unit: "s", Rule: "breaks, holidays and time outside the shifts"}
	at := v.From
	add := func(to plant.Instant) {
		if to > at {
			t.Work = append(t.Work, WorkSpan{at, to, Seconds(to.Sub(at))})
		}
	}
	for _, s := range w.working(name, v).Work {
		add(s.From)
		at = s.To
	}
	add(v.To)
	t.Value = (Seconds(v.Duration()) - Seconds(w.Between(v))).Float()
	return t
}

// A WorkSpan is time that the calendar has for work, or has not.
type WorkSpan struct {
	From    plant.Instant `json:"from"`
	To      plant.Instant `json:"to"`
	Seconds Seconds       `json:"seconds"`
}

const (
	srcPlan = srcOwn + "plan"
	srcSaid = "the order, as configured or given"
	ended   = "there is no pace yet, it is done, or nobody works on it any more"
)

// orderFormulas are those of an Attainment.
func orderFormulas(in OrderInput, a Attainment) []formula {
	target := "floor(quantity * work_until_now / work_until_due)"
	switch ideal := newPlan(in.Config, in.Line.Constraint, "").ideal(a.Product, in.Now); {
	case a.Due != 0:
	case ideal == 0:
		target = "0"
	case a.Quantity > 0:
		target = "min(quantity, floor(work_until_now / ideal_cycle))"
	default:
		target = "floor(work_until_now / ideal_cycle)"
	}
	late, required := "end_from_now - due_from_now", "remaining / work_left"
	if a.Due == 0 {
		required = ""
	}
	if a.Due == 0 || max(a.Completed, a.ETA) == 0 {
		late = "0"
	}
	return []formula{
		{name: "line", source: srcSaid}, {name: "order", source: srcSaid}, {name: "product", source: srcSaid},
		{name: "quantity", unit: "units", text: "quantity", source: srcSaid}, {name: "due", source: srcSaid, absent: "the order has none"},
		{name: "good", unit: "units", text: "done_before + good_of_order", source: srcPlan},
		{name: "remaining", unit: "units", text: "max(0, quantity - (done_before + good_of_order))", source: srcPlan},
		{name: "started", source: srcPlan + ": first run of the order", absent: "it did not run yet"},
		{name: "completed", source: srcPlan + ": when the last unit of the quantity was made, by run time in its minute", absent: "it is not done"},
		{name: "eta", text: "work_needed + time_off", source: srcPlan, absent: ended},
		{name: "late", unit: "s", text: late, source: srcPlan},
		{name: "elapsed_time", unit: "s", text: "elapsed_time", source: srcPlan},
		{name: "demonstrated_rate", unit: "units/s", text: "good_of_order / elapsed_time", source: srcPlan},
		{name: "required_rate", unit: "units/s", text: required, source: srcPlan,
			absent: "it is done, has no due time, or there is no working time left"},
		{name: "target", unit: "units", text: target, source: srcPlan},
		{name: "attainment", unit: "1", text: "good / target", source: srcPlan},
	}
}

// orderTerms are what the names in these formulas stand for.
func orderTerms(in OrderInput, a Attainment) []Term {
	o := in.Order
	eta := max(a.ETA, in.Now)
	until := min(in.Now, max(o.Due, o.From))
	if o.Due == 0 {
		until = in.Now
	}
	terms := []Term{
		{Name: "quantity", Value: float64(a.Quantity), Unit: "units", Rule: "of the order"},
		{Name: "done_before", Value: float64(o.DoneBefore), Unit: "units", Rule: "made before andon saw the order"},
		madeBy("good_of_order", "", in.Facts.Counts, func(c Count) bool { return c.Order == o.Order && c.Minute < in.Now }),
		elapsedOf(in, a),
		{Name: "ideal_cycle", Value: Seconds(newPlan(in.Config, in.Line.Constraint, "").ideal(a.Product, in.Now)).Float(), Unit: "s", Rule: "of the constraint"},
		{Name: "work_needed", Value: (Seconds(eta.Sub(in.Now)) - Seconds(offTime(in.Work, in.Now, eta))).Float(), Unit: "s",
			Rule: fmt.Sprintf("elapsed_time %s s x remaining %d / good_of_order %d, rounded down", seconds(a.Elapsed), a.Remaining, a.Good-o.DoneBefore)},
		in.Work.off("time_off", plant.Interval{From: in.Now, To: eta}),
		in.Work.working("work_until_now", plant.Interval{From: o.From, To: until}),
	}
	if o.Due != 0 {
		terms = append(terms, in.Work.working("work_until_due", plant.Interval{From: o.From, To: o.Due}),
			in.Work.working("work_left", plant.Interval{From: in.Now, To: max(in.Now, o.Due)}),
			Term{Name: "end_from_now", Value: Seconds(max(a.Completed, a.ETA).Sub(in.Now)).Float(), Unit: "s", Rule: "completed, or else eta, less now"},
			Term{Name: "due_from_now", Value: Seconds(o.Due.Sub(in.Now)).Float(), Unit: "s", Rule: "due less now"})
	}
	return terms
}

func seconds(s Seconds) string {
	text, _ := s.MarshalJSON()
	return string(text)
}

func offTime(w *WorkTime, from, to plant.Instant) time.Duration {
	v := plant.Interval{From: from, To: to}
	return v.Duration() - w.Between(v)
}

// elapsedOf lists the planned time of the order from its first run on.
func elapsedOf(in OrderInput, a Attainment) Term {
	t := Term{Name: "elapsed_time", Unit: "s", Value: a.Elapsed.Float()}
	end := in.Now
	if a.Completed != 0 {
		end = a.Completed
	}
	for _, s := range in.Facts.Segments {
		v := s.Interval(end).Clip(plant.Interval{From: s.From, To: end})
		if s.Order == a.Order && a.Started != 0 && s.From >= a.Started && v.Duration() > 0 && s.Loss != LossPlanned && s.Loss != LossNotScheduled {
			t.Intervals = append(t.Intervals, spanOf(s, v, s.Loss))
		}
	}
	return t
}
