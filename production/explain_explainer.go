package production

import (
	"slices"
	"strings"

	"andon/plant"
)

// An explainer looks up the terms of one window of one place.
type Explainer struct {
	subject Subject
	kpi     KPI      // as published
	in      KPIInput // that it is computed from; of a roll-up empty
	own     KPI      // of a line: the KPIs of its constraint alone
	good    string   // of a line: whose good units are the line's
	window  plant.Interval
	values  map[string]leaf
	rolled  bool     // it is the sum of members
	members []member // of a roll-up, and of a line its equipment
	spans   []located
	priced  []Priced // all costs, once they are asked for
	all     []formula
	args    []string // what the * in the KPI's name stand for
}

// A member is a place whose values are added.
type member struct {
	kpi    KPI
	values map[string]leaf
}

// NewExplainer computes the KPIs of s.
func NewExplainer(s Subject) *Explainer {
	e := &Explainer{subject: s, all: formulas()}
	switch s.Level {
	case ScopeArea, ScopeSite:
		e.kpi, e.rolled = RollUp(s.Level, s.Path, s.Parts), true
		for _, p := range s.Parts {
			if p.OEEMode != "" && !e.kpi.Rollup.Mixed {
				e.addMember(p)
			}
		}
	case ScopeLine:
		e.ofLine()
	default:
		if len(s.Inputs) > 0 {
			e.in = s.Inputs[0]
		}
		e.kpi = Compute(e.in)
	}
	e.window = plant.Interval{From: e.kpi.From, To: e.kpi.To}
	e.values = byName(leaves(e.kpi))
	e.spans = e.timeline()
	return e
}

// ofLine takes a line as ComputeLine does.
func (e *Explainer) ofLine() {
	s := e.subject
	e.kpi = ComputeLine(s.Config, s.Line, s.Inputs)
	in, ok := partOf(s.Inputs, s.Line.Constraint)
	if !ok {
		e.rolled = true
		return
	}
	sheet := sheetOf(s.Config, s.Line, s.Inputs)
	e.own, e.good = Compute(in), sheet.good.Path
	e.in = in.ofLine(newPlan(s.Config, s.Line.Constraint, ""), sheet)
	e.in.Crews = in.LineCrews
	for _, eq := range s.Line.Equipment {
		if part, ok := partOf(s.Inputs, eq); ok {
			e.addMember(Compute(part))
		}
	}
}

func (e *Explainer) addMember(k KPI) { e.members = append(e.members, member{k, byName(leaves(k))}) }

func byName(list []leaf) map[string]leaf {
	by := make(map[string]leaf, len(list))
	for _, l := range list {
		by[l.name] = l
	}
	return by
}

// functions are the names in formulas that are no terms. floor rounds down
// what is exact to nine decimals.
var functions = []string{"min", "max", "floor"}

// termsOf returns the names in a formula, each once, in order; functions are
// not among them.
func termsOf(text string) []string {
	var names []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !(r == '_' || r >= 'a' && r <= 'z') }) {
		if !slices.Contains(functions, word) && !slices.Contains(names, word) {
			names = append(names, word)
		}
	}
	return names
}

// How the values of members make a term; "" is their sum.
const (
	theLeast   = "the least of its members"
	theProduct = "the product of its members"
	theAny     = "1 when it is 1 of any member"
	theSame    = "the same for its members"
)

// A term is what a name in formulas stands for.
type term struct {
	leaf    string // published value that it is, "" for the one of its name
	unit    string // "" for that of the value
	rule    string
	combine string // how members make it
	value   func(e *Explainer) float64
	detail  func(e *Explainer, t *Term)
	member  func(e *Explainer, k *KPI) (string, Ratio) // nil: the value of the same name
	machine bool                                       // of a line: it may be the sum of its equipment
}

func (e *Explainer) term(name string) Term {
	d, ok := terms[name]
	if !ok {
		d = meterTerms[name]
	}
	if d.leaf == "" {
		d.leaf = name
	}
	l := e.values[fill(d.leaf, e.args)]
	t := Term{Name: name, Value: l.value.Value, Unit: d.unit, Rule: d.rule}
	switch {
	case d.unit == "" && l.unit == "money" || d.unit == "money":
		t.Unit = e.currency()
	case d.unit == "" && l.unit != "":
		t.Unit = l.unit
	case d.unit == "":
		t.Unit = "1"
	}
	if d.value != nil {
		t.Value = d.value(e)
	}
	switch {
	case e.rolled && (d.value == nil || d.member != nil), d.machine && (d.member != nil || e.machines()) && e.kpi.Level == ScopeLine:
		e.addMembers(&t, d)
	case d.detail != nil && !e.rolled:
		d.detail(e, &t)
	}
	return t
}

// addMembers lists what the members have of a term.
func (e *Explainer) addMembers(t *Term, d term) {
	for _, m := range e.members {
		name := fill(d.leaf, e.args)
		v := m.values[name].value
		if d.member != nil {
			name, v = d.member(e, &m.kpi)
		}
		if v.OK {
			t.Members = append(t.Members, Member{Path: m.kpi.Path, KPI: name, Value: v.Value})
		}
	}
	if d.combine != "" {
		t.Rule = d.combine
	}
}
