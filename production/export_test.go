package production

import "andon/plant"

// LineOver returns the KPIs of a line over any window, as screens have them
// of the shift and the last hour.
func (a *Area) LineOver(line *plant.Line, w plant.Interval) KPI {
	v := a.view(line)
	own := v.limit.kpi(w, WindowRange, a.now)
	k := lineKPI(v.line, v.input(w, WindowRange, a.now), &own)
	k.conserve(v.conserved(w, a.now))
	return k
}

// Rederive throws away everything derived and derives it again from the log.
func (a *Area) Rederive() {
	a.settle()
	for _, u := range a.units {
		u.touched = u.begin - 1
		u.derive(a.now)
		u.countAgain(u.begin - 1)
		u.judgeSpeed(0)
		u.safety.from, u.energy.recount = u.begin-1, u.begin-1
		u.measure(u.begin - 1)
	}
}

// Effort returns how many stretches of timelines were worked out so far.
func (a *Area) Effort() int {
	n := 0
	for _, u := range a.units {
		n += u.frags
	}
	return n
}
