package production

import (
	"andon/plant"
)

// An Explanation takes one published value apart, down to the intervals,
// counts, readings and prices that it comes from. Computing Formula with the
// values of the terms gives Value: ratios to the last bit, times to the
// nanosecond, money to the millionth, units whole.
type Explanation struct {
	KPI     string `json:"kpi"` // JSON name, with those of what it is part of before it
	Value   Ratio  `json:"value"`
	Unit    string `json:"unit"`
	Formula string `json:"formula"` // in the names of the terms; "" of what is not computed
	Source  string `json:"source"`  // standard and clause, or what says it

	// Text is the value when it is no number. Of a value that is a time, Time
	// is that, and the formula gives the seconds from Origin to it.
	Text   string         `json:"text,omitempty"`
	Time   *plant.Instant `json:"time,omitempty"`
	Origin *plant.Instant `json:"origin,omitempty"`
	// Null says why there is no value.
	Null string `json:"null_because,omitempty"`

	Level     Scope         `json:"level"`
	Path      string        `json:"path"`
	Equipment string        `json:"equipment"` // path, of a line its constraint
	From      plant.Instant `json:"from"`
	To        plant.Instant `json:"to"`
	Window    string        `json:"window"`

	OEEMode       OEEMode       `json:"oee_mode,omitempty"`
	UnknownPolicy UnknownPolicy `json:"unknown_policy,omitempty"`
	Provisional   bool          `json:"provisional"`
	// Rules are the other definitions that hold.
	Rules []Rule `json:"rules,omitempty"`

	Terms []Term `json:"terms"`
	// Waterfall is where the whole window went; none of orders and plans.
	Waterfall Waterfall `json:"waterfall,omitzero"`
}

// A Rule is one definition, such as micro_stop = 2m0s.
type Rule struct {
	Name  string `json:"name"` // key in the configuration
	Value string `json:"value"`
}

// A Term is one quantity of a formula. Its value is the sum of the parts
// listed, unless Rule says how else it comes of them.
type Term struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Rule  string  `json:"rule,omitempty"`

	Members    []Member    `json:"members,omitempty"` // of a roll-up, each to be explained in turn
	Intervals  []Span      `json:"intervals,omitempty"`
	Counts     []Rated     `json:"counts,omitempty"`
	Stops      []NotedStop `json:"stops,omitempty"`
	Meters     []Metering  `json:"meters,omitempty"`
	Costs      []Priced    `json:"costs,omitempty"`
	Crews      []Staffed   `json:"crews,omitempty"`
	Neighbours []Conserved `json:"neighbours,omitempty"`
	Products   []Taken     `json:"products,omitempty"`
	Work       []WorkSpan  `json:"work,omitempty"`
}

// A Subject is what KPIs are explained of, with what they are computed from.
type Subject struct {
	Level Scope
	Path  string
	// Config and Line are those of equipment and of a line. Without a line the
	// thresholds of states are not told.
	Config Config
	Line   *plant.Line
	// Inputs is the input of equipment, or those of the equipment of a line.
	Inputs []KPIInput
	// Parts are the KPIs of the lines of an area, or the areas of a site.
	Parts []KPI
	// Stops are those that the records have of the equipment, or of the line's
	// constraint, in the window: they say how a reason was found.
	Stops []Stop
}

// Explain takes one value of the KPIs of equipment apart, without telling
// what made its states.
func Explain(in KPIInput, name string) (Explanation, error) {
	return NewExplainer(Subject{Level: ScopeEquipment, Path: in.Equipment, Inputs: []KPIInput{in}}).Explain(name)
}

// Explain takes the value of that name apart. The error names those that are
// near when there is no such value.
func (e *Explainer) Explain(name string) (Explanation, error) {
	l, f, err := e.find(name)
	if err != nil {
		return Explanation{}, err
	}
	e.args = l.args
	k := e.kpi
	x := Explanation{KPI: l.name, Value: l.value, Unit: e.unit(l, f), Source: f.source, Text: l.text, Time: l.time,
		Level: k.Level, Path: k.Path, Equipment: k.Equipment, From: k.From, To: k.To, Window: k.Window, OEEMode: k.OEEMode,
		UnknownPolicy: k.UnknownPolicy, Provisional: k.Provisional, Rules: e.rules(), Waterfall: k.Waterfall,
		Formula: e.text(f)}
	for _, term := range termsOf(x.Formula) {
		x.Terms = append(x.Terms, e.term(term))
	}
	if f.origin != nil {
		x.Origin = f.origin(e)
	}
	if l.time != nil && x.Origin != nil {
		x.Value = Ratio{Seconds(l.time.Sub(*x.Origin)).Float(), true}
	}
	if x.Text == "" && x.Time == nil && !x.Value.OK {
		x.Null = e.null(f, l)
	}
	return x, nil
}

// text returns the formula that holds for what is explained.
func (e *Explainer) text(f formula) string {
	switch {
	case e.rolled && f.rolled != "":
		return f.rolled
	case f.adapt != nil:
		return f.adapt(e)
	}
	return f.text
}

// null says why there is no value.
func (e *Explainer) null(f formula, l leaf) string {
	switch {
	case e.kpi.Rollup != nil && e.kpi.Rollup.Mixed:
		return "the parts follow different definitions and do not add up"
	case e.kpi.OEEMode == "":
		return "nothing is known of the constraint"
	case f.null != nil && f.null(e) != "":
		return f.null(e)
	case f.absent != "":
		return f.absent
	}
	return "what it is divided by is 0"
}

// unit returns the unit of a value.
func (e *Explainer) unit(l leaf, f formula) string {
	switch {
	case f.unit == "money" || l.unit == "money":
		return e.currency()
	case f.unit != "":
		return f.unit
	case l.unit != "":
		return l.unit
	case l.text != "":
		return ""
	}
	return "1"
}

func (e *Explainer) currency() string {
	if e.kpi.Cost == nil {
		return ""
	}
	return e.kpi.Cost.Currency
}
