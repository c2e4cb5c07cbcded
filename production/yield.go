package production

import "slices"

// times multiplies r by s; what does not exist leaves the other as it is.
func (r *Ratio) times(s Ratio) {
	switch {
	case r.OK && s.OK:
		r.Value *= s.Value
	case s.OK:
		*r = s
	}
}

// inspects reports whether equipment tells good units from bad ones for other
// equipment of the line: its rejects are those of the other, and it is no
// step of its own.
func inspects(parts []KPIInput, path string) bool {
	return slices.ContainsFunc(parts, func(in KPIInput) bool { return in.InspectedBy == path && in.Equipment != path })
}

// inspects is the same of units.
func (v *lineView) inspects(u *unit) bool {
	return slices.ContainsFunc(v.units, func(w *unit) bool { return w.inspector == u && w != u })
}

// yieldFormula is the first pass yield through a line.
var yieldFormula = formula{name: "rolled_throughput_yield", text: "first_pass_yields",
	source: srcISO + "first pass yield, of each step of a line (rolled throughput yield)", null: noYields}

// noYields says why there is no yield through a line.
func noYields(e *Explainer) string {
	if e.kpi.Level != ScopeLine {
		return "it is told of lines only"
	}
	return "no equipment of the line has made anything and a signal for good or rejected units"
}

// memberYield is the first pass yield of a step of the line.
func memberYield(e *Explainer, k *KPI) (string, Ratio) {
	if e.kpi.Level != ScopeLine || inspects(e.subject.Inputs, k.Path) {
		return "", Ratio{}
	}
	return "first_pass_yield", k.FirstPassYield
}
