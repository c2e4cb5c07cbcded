package production

import (
	"time"

	"andon/plant"
)

// IdealTime returns the ideal time of eq for one unit of a product at t, 0
// when the product table has none.
func IdealTime(c Config, eq *plant.Equipment, product string, t plant.Instant) time.Duration {
	return newPlan(c, eq, "").ideal(product, t)
}

// Target returns how many good units the plan wants of equipment in v: the
// time that is not planned off over the ideal cycle of the product. segs are
// the segments of v. It does not exist where a product has no ideal cycle.
func (d *Definitions) Target(eq *plant.Equipment, v plant.Interval, segs []Segment) Ratio {
	e := d.by[eq]
	if e == nil {
		return Ratio{}
	}
	sum, ok := e.set.plan.wanted(v, segs)
	return Ratio{Value: sum, OK: ok}
}

// LineTarget is Target of a line, with the segments of its constraint: of the
// configured target of the shift the part that falls into v by working time,
// else as of equipment. The sum over a shift is the target of AttainShift.
func (d *Definitions) LineTarget(line *plant.Line, v plant.Interval, segs []Segment) Ratio {
	e := d.by[line.Constraint]
	if e == nil {
		return Ratio{}
	}
	work := &WorkTime{schedule{cal: e.cal}}
	in := ShiftInput{Config: d.cfg, Line: line, Work: work, Shift: work.plan.shiftAt(v.From)}
	if units := in.configured(); units > 0 {
		return Over(float64(units)*float64(in.Work.Between(v)), float64(in.Work.Between(in.Shift.Interval())))
	}
	sum, ok := e.set.plan.wanted(v, segs)
	return Ratio{Value: sum, OK: ok}
}

// wanted returns how many units the planned time in v has room for.
func (p plan) wanted(v plant.Interval, segs []Segment) (units float64, ok bool) {
	ok = true
	for _, s := range segs {
		part := s.Interval(v.To).Clip(v)
		if part.Duration() <= 0 || s.Loss == LossPlanned || s.Loss == LossNotScheduled {
			continue
		}
		cycle := p.ideal(s.Product, part.From)
		if cycle <= 0 {
			return 0, false
		}
		units += float64(part.Duration()) / float64(cycle)
	}
	return units, ok
}
