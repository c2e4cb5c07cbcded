package production

import (
	"time"

	"andon/plant"
)

// A ShiftInput is all that the attainment of a shift depends on.
type ShiftInput struct {
	Config Config
	Line   *plant.Line
	Work   *WorkTime // of the line's constraint
	Shift  plant.Shift
	Facts  Facts // of the line over the shift, see LineFacts
	Now    plant.Instant

	plan *plan // of the line's constraint; nil for that of Config
}

// A ShiftAttainment is what a line made in a shift beside what it should have.
type ShiftAttainment struct {
	Line  string      `json:"line"`
	Shift plant.Shift `json:"shift"`
	Good  int64       `json:"good"`
	// Target is for now, TargetShift for the whole shift. Configured says
	// that they come from a configured target, in proportion to working time;
	// else they are what the ideal cycles of the products allow in the planned
	// time, which for the time to come is that of the last product.
	Target      int64 `json:"target"`
	TargetShift int64 `json:"target_shift"`
	Configured  bool  `json:"configured"`
	Attainment  Ratio `json:"attainment"` // good / target
	// Required is what would have to be made from now on to reach the target
	// of the shift, in good units per second of working time left; it does not
	// exist when it is reached.
	Required Ratio `json:"required_rate"`
}

// AttainShift works out what a line made in a shift up to now.
func AttainShift(in ShiftInput) ShiftAttainment {
	a := ShiftAttainment{Line: in.Line.Path, Shift: in.Shift}
	past := in.past()
	for _, c := range in.Facts.Counts {
		if past.Contains(c.Minute) {
			a.Good += c.Good
		}
	}
	if units := in.configured(); units > 0 {
		a.Configured, a.TargetShift = true, units
		over, whole := in.Work.Between(past), in.Work.Between(in.Shift.Interval())
		a.Target = int64(scale(time.Duration(units), int64(over), int64(whole)))
	} else {
		a.Target, a.TargetShift = in.ideal(past)
	}
	a.Attainment = Over(float64(a.Good), float64(a.Target))
	if left := a.TargetShift - a.Good; left > 0 {
		a.Required = Over(float64(left), Seconds(in.Work.Between(plant.Interval{From: past.To, To: in.Shift.To})).Float())
	}
	return a
}

// configured returns the target of the first entry that matches, 0 for none.
func (in ShiftInput) configured() int64 {
	for _, t := range in.Config.Targets {
		if plant.Match(t.Line, in.Line.Path) && (t.Shift == "" || t.Shift == in.Shift.Name) {
			return t.Units
		}
	}
	return 0
}

// ideal returns how many units the planned time up to now, and that of the
// whole shift, has room for.
func (in ShiftInput) ideal(past plant.Interval) (now, whole int64) {
	plan := in.ideals()
	var sum Money // millionths of a unit
	product := ""
	for _, s := range in.Facts.Segments {
		v := s.Interval(past.To).Clip(past)
		if s.From < past.To {
			product = s.Product
		}
		cycle := plan.ideal(s.Product, v.From)
		if s.Loss != LossPlanned && s.Loss != LossNotScheduled && cycle > 0 {
			sum += rate{amount: moneyUnit, per: cycle}.during(v)
		}
	}
	ahead := in.Work.Between(plant.Interval{From: past.To, To: in.Shift.To})
	now, whole = int64(sum/moneyUnit), int64(sum/moneyUnit)
	if cycle := plan.ideal(product, past.To); cycle > 0 {
		whole = int64((sum + rate{amount: moneyUnit, per: cycle}.of(ahead)) / moneyUnit)
	}
	return now, whole
}
