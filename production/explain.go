package production

import (
	"fmt"
	"slices"
	"strings"

	"andon/plant"
)

// An Explanation takes one KPI apart, down to the intervals and counts that it
// comes from. Computing Formula with the values of the terms gives Value.
type Explanation struct {
	KPI     string `json:"kpi"` // JSON name in KPI
	Value   Ratio  `json:"value"`
	Unit    string `json:"unit"`
	Formula string `json:"formula"` // in the names of the terms
	Source  string `json:"source"`  // standard and the KPI's name there

	Equipment string        `json:"equipment"` // path
	From      plant.Instant `json:"from"`
	To        plant.Instant `json:"to"`
	Window    string        `json:"window"`

	OEEMode       OEEMode       `json:"oee_mode"`
	UnknownPolicy UnknownPolicy `json:"unknown_policy"`
	Provisional   bool          `json:"provisional"`

	Terms []Term `json:"terms"`
	// Waterfall is where the whole window went.
	Waterfall Waterfall `json:"waterfall"`
}

// A Term is one quantity of a formula. A time is the sum of its intervals, a
// standard time or a quantity that of its counts.
type Term struct {
	Name      string   `json:"name"`
	Value     float64  `json:"value"` // seconds or units
	Unit      string   `json:"unit"`
	Intervals []Span   `json:"intervals,omitempty"`
	Counts    []Rated  `json:"counts,omitempty"`
	Stops     []string `json:"stops,omitempty"` // ids of the failures counted
}

// A Span is a piece of the timeline inside the window.
type Span struct {
	From     plant.Instant `json:"from"`
	To       plant.Instant `json:"to"`
	Seconds  Seconds       `json:"seconds"`
	State    string        `json:"state"`
	Loss     string        `json:"loss"`
	Stop     string        `json:"stop,omitempty"`
	Reason   string        `json:"reason,omitempty"`
	Inferred bool          `json:"inferred,omitempty"`
}

// A Rated is what was made of one product at one ideal cycle time.
type Rated struct {
	Product      string  `json:"product"`
	Order        string  `json:"order"`
	IdealCycle   Seconds `json:"ideal_cycle"`
	Units        int64   `json:"units"`
	StandardTime Seconds `json:"standard_time"`
}

// Explain takes the KPI of that JSON name apart. The error names the KPIs
// that can be explained.
func Explain(in KPIInput, name string) (Explanation, error) {
	n := slices.IndexFunc(formulas, func(f formula) bool { return f.kpi == name })
	if n < 0 {
		return Explanation{}, fmt.Errorf("kpi %.60q: want one of %s", name, strings.Join(Explained(), ", "))
	}
	f, k := formulas[n], Compute(in)
	x := Explanation{KPI: f.kpi, Value: f.value(k), Unit: f.unit, Formula: f.text, Source: f.source, Equipment: in.Equipment,
		From: k.From, To: k.To, Window: k.Window, OEEMode: k.OEEMode, UnknownPolicy: k.UnknownPolicy,
		Provisional: k.Provisional, Waterfall: k.Waterfall}
	if f.adapt != nil {
		x.Formula = f.adapt(in)
	}
	e := explainer{in: in, window: plant.Interval{From: k.From, To: k.To}, kpi: k}
	e.spans = e.timeline()
	for _, term := range termsOf(x.Formula) {
		x.Terms = append(x.Terms, e.term(term))
	}
	return x, nil
}

// Explained returns the names of the KPIs that Explain knows.
func Explained() []string {
	names := make([]string, len(formulas))
	for i, f := range formulas {
		names[i] = f.kpi
	}
	return names
}

// termsOf returns the names in a formula, each once, in order.
func termsOf(text string) []string {
	var names []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !(r == '_' || r >= 'a' && r <= 'z') }) {
		if !slices.Contains(names, word) {
			names = append(names, word)
		}
	}
	return names
}

// An explainer looks up the terms of one window.
type explainer struct {
	in     KPIInput
	window plant.Interval
	kpi    KPI
	spans  []located
}

// A located span is one with the bucket that the KPIs book it on.
type located struct {
	Span
	loss Loss
}

// timeline cuts the segments to the window. What none covers is unknown.
func (e *explainer) timeline() []located {
	var out []located
	at := e.window.From
	add := func(w plant.Interval, s Segment, loss Loss) {
		if d := w.Duration(); d > 0 {
			out = append(out, located{Span{From: w.From, To: w.To, Seconds: Seconds(d), State: s.State.String(), Loss: loss.String(),
				Stop: s.Stop, Reason: s.Reason, Inferred: s.Inferred}, loss})
		}
	}
	nothing := Segment{State: plant.StateUnknown}
	for _, s := range e.in.Facts.Segments {
		w := s.Interval(e.window.To).Clip(e.window)
		if w.Duration() == 0 {
			continue
		}
		add(plant.Interval{From: at, To: max(at, w.From)}, nothing, LossUnknown)
		add(w, s, e.in.booked(s))
		at = max(at, w.To)
	}
	add(plant.Interval{From: at, To: e.window.To}, nothing, LossUnknown)
	return out
}

// booked returns the bucket on which the KPIs book a segment.
func (in KPIInput) booked(s Segment) Loss {
	if s.Loss == LossRun && s.Inferred && in.Unknown == UnknownExclude {
		return LossUnknown
	}
	return s.Loss
}

func (e *explainer) term(name string) Term {
	if losses, ok := timeTerms[name]; ok {
		return e.time(name, func(l Loss) bool { return slices.Contains(losses, l) })
	}
	switch name {
	case "standard_time_produced", "standard_time_good":
		return e.standard(name, name == "standard_time_good")
	case "produced_quantity", "good_quantity", "rejected_quantity", "scrap_quantity", "rework_quantity":
		return e.units(name)
	case "failures":
		return e.failures()
	case "repair_time":
		return Term{Name: name, Value: e.kpi.Repair.Float(), Unit: "s", Stops: e.failures().Stops}
	}
	return Term{Name: name}
}

// time sums up the intervals of some buckets.
func (e *explainer) time(name string, in func(Loss) bool) Term {
	t := Term{Name: name, Unit: "s"}
	var sum Seconds
	for _, s := range e.spans {
		if in(s.loss) {
			sum += s.Seconds
			t.Intervals = append(t.Intervals, s.Span)
		}
	}
	t.Value = sum.Float()
	return t
}

// rated sums up counts by product, order and ideal cycle time.
func (e *explainer) rated(units func(Count) int64) []Rated {
	var out []Rated
	for _, c := range e.in.Facts.Counts {
		n := units(c)
		if !e.window.Contains(c.Minute) || n == 0 {
			continue
		}
		i := slices.IndexFunc(out, func(r Rated) bool {
			return r.Product == c.Product && r.Order == c.Order && r.IdealCycle == Seconds(c.IdealCycle)
		})
		if i < 0 {
			i = len(out)
			out = append(out, Rated{Product: c.Product, Order: c.Order, IdealCycle: Seconds(c.IdealCycle)})
		}
		out[i].Units += n
		out[i].StandardTime += Seconds(c.IdealCycle) * Seconds(n)
	}
	return out
}

func (e *explainer) standard(name string, good bool) Term {
	t := Term{Name: name, Unit: "s"}
	t.Counts = e.rated(func(c Count) int64 {
		n, inferred := c.Total, c.Inferred
		if good {
			n, inferred = c.Good, c.InferredGood
		}
		if e.in.Unknown == UnknownExclude {
			n -= inferred
		}
		return n
	})
	var sum Seconds
	for _, r := range t.Counts {
		sum += r.StandardTime
	}
	t.Value = sum.Float()
	return t
}

func (e *explainer) units(name string) Term {
	of := map[string]func(Count) int64{
		"produced_quantity": func(c Count) int64 { return c.Total },
		"good_quantity":     func(c Count) int64 { return c.Good },
		"rejected_quantity": func(c Count) int64 { return c.Reject },
		"rework_quantity":   func(c Count) int64 { return c.Rework },
		"scrap_quantity":    func(c Count) int64 { return c.Reject - c.Rework },
	}[name]
	t := Term{Name: name, Unit: "units", Counts: e.rated(of)}
	for _, r := range t.Counts {
		t.Value += float64(r.Units)
	}
	return t
}

// failures names the failures that began in the window.
func (e *explainer) failures() Term {
	t := Term{Name: "failures", Unit: "failures", Value: float64(e.kpi.Failures)}
	for _, s := range e.in.Facts.Segments {
		if s.Failure && s.Loss != LossUnknown && e.window.Contains(s.StopStart) && !slices.Contains(t.Stops, s.Stop) {
			t.Stops = append(t.Stops, s.Stop)
		}
	}
	return t
}
