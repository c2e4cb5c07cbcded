package production

import (
	"cmp"
	"slices"

	"andon/plant"
)

// ComputeLine works out the KPIs of a line. Its time is that of its
// constraint, its good units are those of the last equipment that counts the
// constraint's units. parts are its equipment over the same window, each with
// its facts and in any order; without the constraint there are no figures.
func ComputeLine(c Config, line *plant.Line, parts []KPIInput) KPI {
	in, ok := partOf(parts, line.Constraint)
	if !ok {
		return KPI{Level: ScopeLine, Path: line.Path, Rollup: &Rollup{}}
	}
	own := Compute(in)
	sheet := sheetOf(c, line, parts)
	k := lineKPI(line, in.ofLine(newPlan(c, line.Constraint, ""), sheet), &own)
	k.conserve(conservedParts(c, line, parts))
	var people Labour
	for _, eq := range line.Equipment {
		part, ok := partOf(parts, eq)
		if !ok {
			continue
		}
		own := Compute(part)
		if !inspects(parts, eq.Path) {
			k.RolledYield.times(own.FirstPassYield)
		}
		if len(part.Crews) > 0 {
			people.add(own.Labour)
		}
		if p := newPlan(c, eq, ""); p.fastest() != 0 {
			k.Rollup.offer(eq.Path, own.OEEIndex)
		}
	}
	k.ofMachines(people)
	return k
}

// sheetOf collects the counts of the line's sources. When there are none of
// its GoodCounter, those of the constraint are the line's.
func sheetOf(c Config, line *plant.Line, parts []KPIInput) lineSheet {
	s := lineSheet{line: line, good: GoodCounter(c, line, parts[0].Window.To)}
	if _, ok := partOf(parts, s.good); !ok {
		s.good = line.Constraint
	}
	for _, eq := range LineSources(line, s.good) {
		in, _ := partOf(parts, eq)
		s.add(eq, in.Facts.Counts)
	}
	for _, eq := range energyOfLine(c, line, func(eq *plant.Equipment) bool { in, _ := partOf(parts, eq); return in.HasEnergy }) {
		in, _ := partOf(parts, eq)
		s.addEnergy(eq, in.Facts.Meters)
	}
	return s
}

// ofLine returns the input of a line from that of its constraint.
func (in KPIInput) ofLine(p plan, s lineSheet) KPIInput {
	in.Facts.Counts = s.counts(p, in.Facts.Counts)
	in.Facts.Meters, in.HasEnergy, in.EnergyOf = s.meters(in.Facts.Meters), len(s.energyOf) > 0, s.energyOf
	in.NoQuality = in.NoQuality && s.good == s.line.Constraint
	return in
}

// lineKPI works out the KPIs of a line from its input; own are those of its
// constraint alone. The worst equipment is for the caller to offer.
func lineKPI(line *plant.Line, in KPIInput, own *KPI) KPI {
	in.Crews = in.LineCrews
	k := Compute(in)
	k.Level, k.Path = ScopeLine, line.Path
	k.Rollup = &Rollup{Shares: shares(in, own, &k)}
	return k
}

func partOf(parts []KPIInput, eq *plant.Equipment) (KPIInput, bool) {
	i := slices.IndexFunc(parts, func(in KPIInput) bool { return in.Equipment == eq.Path })
	if i < 0 {
		return KPIInput{}, false
	}
	return parts[i], true
}

// offer notes an OEE index that may be the worst.
func (r *Rollup) offer(path string, oee Ratio) {
	if oee.OK && (!r.WorstOEE.OK || oee.Value < r.WorstOEE.Value) {
		r.Worst, r.WorstOEE = path, oee
	}
}

// GoodCounter returns the equipment whose good units are those of the line:
// the configured one, or else the last that counts and has, for every product
// of the constraint, an ideal cycle not longer than the constraint's. What
// takes longer for a unit counts something bigger, such as cases.
func GoodCounter(c Config, line *plant.Line, at plant.Instant) *plant.Equipment {
	for _, l := range c.Lines {
		if eq := memberOf(line, l.GoodFrom); plant.Match(l.Line, line.Path) && eq != nil {
			return eq
		}
	}
	limit := newPlan(c, line.Constraint, "")
	for _, eq := range slices.Backward(line.Equipment) {
		if eq == line.Constraint {
			break
		}
		if own := newPlan(c, eq, ""); hasCounter(c, eq) && own.sameUnits(limit, at) {
			return eq
		}
	}
	return line.Constraint
}

func (p plan) sameUnits(limit plan, at plant.Instant) bool {
	any := false
	for _, i := range limit.ideals {
		most := limit.ideal(i.product, at)
		if most == 0 {
			continue
		}
		any = true
		if own := p.ideal(i.product, at); own == 0 || own > most {
			return false
		}
	}
	return any
}

func hasCounter(c Config, eq *plant.Equipment) bool {
	if eq.Tag(plant.RoleTotalCount) != nil || eq.Tag(plant.RoleGoodCount) != nil {
		return true
	}
	return slices.ContainsFunc(c.Equipment, func(e EquipmentConfig) bool {
		return e.Total+e.Good != "" && plant.Match(e.Equipment, eq.Path)
	})
}

// A shareTable collects losses by cause.
type shareTable struct {
	list   []LossShare
	priced bool
}

func (t *shareTable) at(cause Cause, culprit string) *LossShare {
	for i := range t.list {
		if t.list[i].Cause == cause && t.list[i].Culprit == culprit {
			return &t.list[i]
		}
	}
	t.list = append(t.list, LossShare{Cause: cause, Culprit: culprit, Losses: map[string]Seconds{}})
	if t.priced {
		t.list[len(t.list)-1].Cost = new(Money)
	}
	return &t.list[len(t.list)-1]
}

func (t *shareTable) add(s *LossShare, loss string, d Seconds) {
	if d != 0 {
		s.Time += d
		s.Losses[loss] += d
	}
}

// causeOf says who caused a loss of the line's constraint.
func causeOf(loss, culprit, constraint string) (Cause, string) {
	switch {
	case loss == LossSetup.String():
		return CauseChangeover, ""
	case culprit != "":
		return CauseEquipment, culprit
	case loss == LossStarved.String() || loss == LossBlocked.String():
		return CauseOutside, ""
	}
	return CauseEquipment, constraint
}

// shares divides the losses of line k; own are the KPIs of its constraint
// alone.
func shares(in KPIInput, own, k *KPI) []LossShare {
	t := shareTable{priced: k.Cost != nil}
	window := plant.Interval{From: k.From, To: k.To}
	for _, s := range in.Facts.Segments {
		d := Seconds(s.Interval(window.To).Clip(window).Duration())
		if d > 0 && s.Loss > LossRun && s.Loss < LossUnknown {
			t.add(t.at(causeOf(s.Loss.String(), s.Culprit, in.Equipment)), s.Loss.String(), d)
		}
	}
	constraint := t.at(CauseEquipment, in.Equipment)
	t.add(constraint, costSpeed, k.Waterfall.Speed)
	t.add(constraint, costQuality, own.Waterfall.Quality)
	t.add(t.at(CauseDownstream, ""), costQuality, k.Waterfall.Quality-own.Waterfall.Quality)
	t.add(t.at(CauseUnknown, ""), LossUnknown.String(), k.Waterfall.Unknown)
	if t.priced {
		for _, i := range k.Cost.Items {
			s := t.at(causeOf(i.Loss, i.Culprit, in.Equipment))
			*s.Cost += i.Amount
		}
		lost := k.Cost.ByLoss[costQuality] - own.Cost.ByLoss[costQuality]
		*t.at(CauseEquipment, in.Equipment).Cost -= lost
		*t.at(CauseDownstream, "").Cost += lost
	}
	return sortShares(t.list)
}

// sortShares drops shares without time or cost and puts the longest first.
func sortShares(list []LossShare) []LossShare {
	list = slices.DeleteFunc(list, func(s LossShare) bool {
		return s.Time == 0 && len(s.Losses) == 0 && (s.Cost == nil || *s.Cost == 0)
	})
	slices.SortStableFunc(list, func(a, b LossShare) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Culprit, b.Culprit))
	})
	return list
}
