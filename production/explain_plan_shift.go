package production

import "andon/plant"

// past returns the part of the shift up to now.
func (in ShiftInput) past() plant.Interval {
	return plant.Interval{From: in.Shift.From, To: max(in.Shift.From, min(in.Now, in.Shift.To))}
}

// shiftFormulas are those of a ShiftAttainment.
func shiftFormulas(a ShiftAttainment) []formula {
	target, whole := "floor(ideal_units)", "floor(ideal_units + ideal_units_to_come)"
	if a.Configured {
		target, whole = "floor(configured_target * work_until_now / work_of_shift)", "configured_target"
	}
	calendar := "configuration: production.calendars"
	return []formula{
		{name: "line", source: "configuration: plant"}, {name: "shift.name", source: calendar},
		{name: "shift.from", source: calendar}, {name: "shift.to", source: calendar},
		{name: "good", unit: "units", text: "good_of_shift", source: srcPlan},
		{name: "target", unit: "units", text: target, source: srcPlan},
		{name: "target_shift", unit: "units", text: whole, source: srcPlan},
		{name: "configured", unit: "1", text: "configured_target > 0", source: "configuration: production.targets"},
		{name: "attainment", unit: "1", text: "good / target", source: srcPlan},
		{name: "required_rate", unit: "units/s", text: "(target_shift - good) / work_left", source: srcPlan,
			absent: "the target of the shift is reached, or there is no working time left"},
	}
}

// shiftTerms are what the names in these formulas stand for.
func shiftTerms(in ShiftInput, a ShiftAttainment) []Term {
	past := in.past()
	return []Term{
		madeBy("good_of_shift", "", in.Facts.Counts, func(c Count) bool { return past.Contains(c.Minute) }),
		{Name: "configured_target", Value: float64(in.configured()), Unit: "units", Rule: "production.targets, 0 for none"},
		in.Work.working("work_until_now", past),
		in.Work.working("work_of_shift", in.Shift.Interval()),
		in.Work.working("work_left", plant.Interval{From: past.To, To: in.Shift.To}),
		in.idealUnits(past),
		in.idealUnitsToCome(past),
	}
}

// idealUnits lists for how many units the planned time had room, each amount
// rounded down to a millionth.
func (in ShiftInput) idealUnits(past plant.Interval) Term {
	t := Term{Name: "ideal_units", Unit: "units"}
	plan := in.ideals()
	var sum Money
	for _, s := range in.Facts.Segments {
		v := s.Interval(past.To).Clip(past)
		cycle := plan.ideal(s.Product, v.From)
		if v.Duration() <= 0 || s.Loss == LossPlanned || s.Loss == LossNotScheduled || cycle <= 0 {
			continue
		}
		units := rate{amount: moneyUnit, per: cycle}.during(v)
		sum += units
		t.Products = append(t.Products, Taken{Product: s.Product, IdealCycle: Seconds(cycle), Seconds: Seconds(v.Duration()), Amount: units.Float()})
	}
	t.Value = sum.Float()
	return t
}

// idealUnitsToCome lists the same of the time to come, at the last product.
func (in ShiftInput) idealUnitsToCome(past plant.Interval) Term {
	t := Term{Name: "ideal_units_to_come", Unit: "units"}
	product := ""
	for _, s := range in.Facts.Segments {
		if s.From < past.To {
			product = s.Product
		}
	}
	cycle := in.ideals().ideal(product, past.To)
	if cycle <= 0 {
		return t
	}
	ahead := in.Work.Between(plant.Interval{From: past.To, To: in.Shift.To})
	units := rate{amount: moneyUnit, per: cycle}.of(ahead)
	t.Value = units.Float()
	t.Products = []Taken{{Product: product, IdealCycle: Seconds(cycle), Seconds: Seconds(ahead), Amount: units.Float()}}
	return t
}

// ideals returns the plan that has the ideal cycles.
func (in ShiftInput) ideals() *plan {
	if in.plan != nil {
		return in.plan
	}
	return new(newPlan(in.Config, in.Line.Constraint, ""))
}
