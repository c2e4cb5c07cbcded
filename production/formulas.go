package production

import "andon/plant"

// A formula is how one published value is computed from terms, for people and
// for those who compute it again. It is made of the names of terms, numbers,
// + - * /, a comparison, min and max.
type formula struct {
	name   string // JSON name, with * for keys and numbers
	unit   string // "" for that of the value
	text   string
	source string
	adapt  func(*Explainer) string // the text where it depends on definitions
	rolled string                  // the text of a roll-up where it differs
	absent string                  // why there is none, when its denominator is not 0
	null   func(*Explainer) string // the same, "" for the denominator
	origin func(*Explainer) *plant.Instant
}

const (
	srcISO  = "ISO 22400-2:2014, "
	srcTPM  = "Total Productive Maintenance"
	srcTime = "ISO 22400-2:2014, time model: "
	srcUnit = "ISO 22400-2:2014, quantity elements: "
	srcNIST = "NIST/SEMATECH e-Handbook, 8.4.5.1"
	srcCost = "definition of andon: docs/kpis.md, cost of loss"
	srcOwn  = "definition of andon: docs/kpis.md, "
)

// formulas returns those of all published values.
func formulas() []formula {
	var all []formula
	for _, part := range [][]formula{describing, timeFormulas, waterfallFormulas, quantityFormulas, ratioFormulas, stopFormulas,
		dataFormulas, meterFormulas, materialFormulas, labourFormulas, costFormulas, rollupFormulas, neighbourFormulas, scrapFormulas} {
		all = append(all, part...)
	}
	all = append(all, rateFormulas("throughput_rate", "produced_quantity")...)
	return append(all, rateFormulas("good_rate", "good_quantity")...)
}

// base is the time that availability and OEE are measured against.
func (e *Explainer) base() string {
	if e.kpi.UnknownPolicy == UnknownAsDown {
		return "planned_busy_time"
	}
	return "measured_planned_time"
}

// effective is the time that availability counts.
func (e *Explainer) effective() string {
	if e.kpi.OEEMode == ModeTPM {
		return "(actual_production_time + micro_stop_time)"
	}
	return "actual_production_time"
}

// overBase divides something by the time to be measured against.
func overBase(text string) func(*Explainer) string {
	return func(e *Explainer) string { return text + " / " + e.base() }
}

// noPlan says why nothing is measured against planned time, "" when it is.
func noPlan(e *Explainer) string {
	if e.kpi.PlannedBusy == e.kpi.UnscheduledProduction {
		return "no work was planned"
	}
	return ""
}

// noRate says why standard time says nothing, "" when it does.
func noRate(e *Explainer) string {
	if e.kpi.unrated(e.in) {
		return "nothing counts units, or those made have no ideal cycle"
	}
	return ""
}

// noQuality says why there is no quality, "" when there is.
func noQuality(e *Explainer) string {
	if e.in.NoQuality || e.rolled && e.kpi.Produced > 0 && !e.kpi.FirstPassYield.OK {
		return "there is no signal for good or rejected units"
	}
	return ""
}

// firstOf returns the first of some reasons that holds.
func firstOf(reasons ...func(*Explainer) string) func(*Explainer) string {
	return func(e *Explainer) string {
		for _, r := range reasons {
			if why := r(e); why != "" {
				return why
			}
		}
		return ""
	}
}

// describing are the values that say what the others are of.
var describing = []formula{
	{name: "equipment", source: "configuration: plant; of a line its constraint"},
	{name: "level", source: "configuration: plant"},
	{name: "path", source: "configuration: plant"},
	{name: "from", source: "the window asked for"},
	{name: "to", source: "the window asked for, up to stream time"},
	{name: "window", source: "the window asked for"},
	{name: "energy_basis.*", source: "configuration: plant: the equipment with a tag of the role energy; production.lines.energy_from"},
	{name: "oee_mode", source: "configuration: production.oee_mode"},
	{name: "unknown_policy", source: "configuration: production.unknown"},
	{name: "provisional", text: "provisional", source: "definition of andon: 1 while stream time is before the end of the window"},
	{name: "cost", absent: "nothing has a price", source: srcCost},
	{name: "cost.currency", source: "configuration: production.costs.currency"},
	{name: "cost.items.*.loss", source: srcCost},
	{name: "cost.items.*.reason", source: "reason of the stop, or speed, scrap, rework"},
	{name: "cost.items.*.culprit", source: "the stop's culprit"},
	{name: "cost.items.*.product", source: "the product made, of a changeover the one that comes"},
	{name: "cost.items.*.basis", source: srcCost},
	{name: "cost.per_downtime_minute.*.product", source: "the products of the window"},
	{name: "cost.per_downtime_minute.*.basis", source: srcCost},
	{name: "materials.*.tag", source: "configuration: production.products[].consumes"},
	{name: "materials.*.unit", source: "configuration: unit of the tag"},
	{name: "rollup.worst", source: srcOwn + "lines, areas and the site: the member with the lowest OEE index"},
	{name: "rollup.loss_by_culprit.*.cause", source: srcOwn + "lines, areas and the site"},
	{name: "rollup.loss_by_culprit.*.culprit", source: srcOwn + "lines, areas and the site"},
}

// rateFormulas are those of units over three denominators.
func rateFormulas(name, units string) []formula {
	var all []formula
	for _, r := range []struct{ of, time, source string }{
		{"calendar", "calendar_time", "over the window"}, {"planned", "planned_busy_time", "over planned busy time"},
		{"running", "actual_production_time", "over actual production time"},
	} {
		source := srcISO + "throughput rate, " + r.source
		all = append(all,
			formula{name: name + ".per_hour_" + r.of, unit: "units/h", text: "3600 * " + units + " / " + r.time, source: source},
			formula{name: name + ".per_minute_" + r.of, unit: "units/min", text: "60 * " + units + " / " + r.time, source: source})
	}
	return append(all, formula{name: name + ".per_hour_execution", unit: "units/h", text: "3600 * " + units + " / actual_unit_busy_time",
		source: srcISO + "throughput rate (PQ / AOET)"})
}
