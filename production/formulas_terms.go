package production

import "math"

// terms are what the names in formulas stand for.
var terms = map[string]term{
	"calendar_time":               {detail: booking(Losses()...)},
	"planned_busy_time":           {detail: booking(append([]Loss{LossUnknown}, plannedLosses...)...)},
	"measured_planned_time":       {detail: booking(plannedLosses...)},
	"actual_production_time":      {detail: booking(LossRun)},
	"inferred_run_time":           {detail: spending(func(_ *Explainer, s located) bool { return s.isInferred() })},
	"unscheduled_production_time": {detail: spending(func(_ *Explainer, s located) bool { return s.isUnscheduled() })},
	"micro_stop_time":             {detail: booking(LossMicroStop)},
	"actual_unit_setup_time":      {detail: booking(LossSetup)},
	"actual_unit_processing_time": {detail: booking(LossRun, LossSetup)},
	"actual_unit_delay_time":      {detail: booking(delayLosses...)},
	"actual_unit_busy_time":       {detail: booking(plannedLosses...)},
	"downtime":                    {detail: booking(downLosses...)},
	"starved_time":                {leaf: "waterfall.starved", detail: booking(LossStarved)},
	"blocked_time":                {leaf: "waterfall.blocked", detail: booking(LossBlocked)},
	"fault_time":                  {leaf: "waterfall.fault", detail: booking(LossFault)},
	"safety_time":                 {leaf: "waterfall.safety", detail: booking(LossSafety)},
	"other_time":                  {leaf: "waterfall.other", detail: booking(LossOther)},
	"unknown_time":                {leaf: "waterfall.unknown", detail: booking(LossUnknown)},
	"planned_time":                {leaf: "waterfall.planned", detail: booking(LossPlanned)},
	"not_scheduled_time":          {leaf: "waterfall.not_scheduled", detail: booking(LossNotScheduled)},
	"downtime_of_reason": {leaf: "downtime_by_reason.*",
		detail: spending(func(e *Explainer, s located) bool { return s.isDown() && s.Reason == e.args[0] })},
	"downtime_of_culprit": {leaf: "downtime_by_culprit.*", detail: spending(func(e *Explainer, s located) bool {
		return (s.loss == LossStarved || s.loss == LossBlocked) && s.Culprit == e.args[0]
	})},

	"standard_time_produced": {detail: countedBy(standardProduced)},
	"standard_time_good":     {detail: countedBy(standardGood)},
	"produced_quantity":      {unit: "units", detail: countedBy(unitsProduced)},
	"good_quantity":          {unit: "units", detail: countedBy(unitsGood)},
	"rejected_quantity":      {unit: "units", detail: countedBy(unitsRejected)},
	"scrap_quantity":         {unit: "units", detail: countedBy(unitsScrapped)},
	"rework_quantity":        {unit: "units", detail: countedBy(unitsReworked)},
	"inferred_quantity":      {unit: "units", detail: countedBy(unitsInferred)},
	"inferred_good_quantity": {unit: "units", detail: countedBy(unitsInferredGood)},
	"idle_quantity":          {unit: "units", detail: countedBy(unitsIdle)},
	"planned_scrap":          {leaf: "planned_scrap_quantity", unit: "units", detail: scrapPlanned},
	"scrap_with_plan":        {leaf: "scrap_with_plan_quantity", unit: "units", detail: countedBy(unitsScrappedWithPlan)},
	"unrated_quantity":       {unit: "units", detail: countedBy(unitsUnrated)},

	"provisional": {rule: "1 while stream time is before the end of the window", combine: theAny},
	"stops":       {unit: "events", detail: begun(func(_ Segment, l Loss) bool { return l >= LossSetup && l <= LossOther })},
	"micro_stops": {unit: "events", detail: begun(func(_ Segment, l Loss) bool { return l == LossMicroStop })},
	"failures":    {unit: "failures", detail: failed},
	"repair_time": {detail: repaired, rule: "of the failures that began in the window, also what comes after it"},
	"open_repairs": {leaf: "open_repair", rule: "1 while a failure that began in the window is not repaired",
		combine: theAny, detail: unrepaired},
	"acknowledge_time":            {detail: acknowledged(false)},
	"acknowledged_failures":       {unit: "failures", detail: acknowledged(true)},
	"corrective_maintenance_time": {detail: spending(func(_ *Explainer, s located) bool { return s.isRepair() })},
	"preventive_maintenance_time": {detail: spending(func(e *Explainer, s located) bool { return s.isMaintenance(e) })},
	"changeovers":                 {unit: "events", detail: changedOver(true)},
	"changeover_standard":         {detail: changedOver(false)},
	"changeover_over_standard":    {detail: overStandard},
	"interval_confidence":         {rule: "fixed", value: func(*Explainer) float64 { return mtbfConfidence }},
	"minus_log_alpha": {rule: "-ln(1 - 0.9): the lower bound when nothing failed",
		value: func(*Explainer) float64 { return -math.Log(alphaOf(mtbfConfidence)) }},
	"half_chi_square_upper": {rule: "half of the 0.95 quantile of chi-square with 2n + 2 degrees of freedom, n failures",
		value: func(e *Explainer) float64 { return erlangQuantile(e.kpi.Failures+1, 1-alphaOf(mtbfConfidence)/2) }},
	"half_chi_square_lower": {rule: "half of the 0.05 quantile of chi-square with 2n degrees of freedom, n failures",
		value: func(e *Explainer) float64 {
			if e.kpi.Failures == 0 {
				return 0
			}
			return erlangQuantile(e.kpi.Failures, alphaOf(mtbfConfidence)/2)
		}},

	"known_time": {leaf: "confidence_parts.known_time", rule: "measured planned time less inferred run", detail: knownTime},
	"uninspected_time": {leaf: "confidence_parts.uninspected_time", rule: "run while nothing is known of the equipment that tells good units from bad ones",
		detail: uninspected},
	"compared_quantity": {leaf: "confidence_parts.compared_quantity", unit: "units", rule: "the larger count of each two neighbours",
		detail: compared},
	"unaccounted_quantity": {leaf: "confidence_parts.unaccounted_quantity", unit: "units", rule: "the larger count of each two neighbours x (1 - their confidence)",
		detail: compared},
}

// Buckets of the time terms.
var (
	downLosses    = []Loss{LossSetup, LossStarved, LossBlocked, LossFault, LossSafety, LossOther}
	delayLosses   = []Loss{LossMicroStop, LossStarved, LossBlocked, LossFault, LossSafety, LossOther}
	plannedLosses = append([]Loss{LossRun, LossMicroStop}, downLosses...)
)

// meterTerms are those of meters, materials, people and money.
var meterTerms = map[string]term{
	"energy":                        {unit: "mWh", value: summed(energyUsed), detail: metering(energyUsed)},
	"energy_not_running":            {unit: "mWh", value: summed(energyIdle), detail: metering(energyIdle)},
	"energy_kwh":                    {unit: "kWh"},
	"energy_not_running_kwh":        {unit: "kWh"},
	"estops":                        {unit: "events", detail: metering(eStops)},
	"estop_time":                    {detail: metering(eStopTime)},
	"guard_open_while_running":      {unit: "events", detail: metering(guardRuns)},
	"guard_open_while_running_time": {detail: metering(guardTime)},
	"time_since_safety_event":       {unit: "s", value: sinceSafety, detail: safetyEvent},
	"days_since_safety_event":       {unit: "d", combine: theLeast},
	"startup_rejected_quantity":     {unit: "units", detail: spoiled(true, false)},
	"startup_quality_loss":          {detail: spoiled(true, true)},
	"steady_quality_loss":           {detail: spoiled(false, true)},

	"level":              {leaf: "materials.*.level", detail: levelRead},
	"per_unit":           {value: perUnitNow, detail: presentIntake},
	"ideal_cycle":        {unit: "s", value: cycleNow, detail: presentIntake},
	"taken":              {value: takenSum, detail: takenOf},
	"demonstrated_over":  {leaf: "materials.*.demonstrated_over", rule: "the last whole minutes of the window, at most 15"},
	"demonstrated_units": {leaf: "materials.*.demonstrated_units", unit: "units", detail: takenOf},

	"present_time":               crewTime(presentCrews),
	"required_time":              crewTime(requiredCrews),
	"work_time":                  crewTime(workingCrews),
	"planned_stop_time":          crewTime(plannedCrews),
	"labour_hours":               {unit: "h", machine: true},
	"required_labour_hours":      {unit: "h", machine: true},
	"personnel_work_hours":       {unit: "h", machine: true},
	"personnel_attendance_hours": {unit: "h", machine: true},
	"labour_good_quantity":       {unit: "units", detail: labourMade},

	"cost_total":     {leaf: "cost.total", detail: costing(func(*Explainer, Priced) bool { return true })},
	"cost_of_loss":   {leaf: "cost.by_loss.*", detail: costing(func(e *Explainer, c Priced) bool { return c.Loss == e.args[0] })},
	"cost_of_reason": {leaf: "cost.by_reason.*", detail: costing(func(e *Explainer, c Priced) bool { return c.Reason == e.args[0] })},
	"cost_of_item": {leaf: "cost.items.*.amount", detail: costing(isItem),
		member: memberItem("amount", func(i CostItem) float64 { return i.Amount.Float() })},
	"time_of_item": {leaf: "cost.items.*.time", detail: costing(isItem),
		member: memberItem("time", func(i CostItem) float64 { return i.Time.Float() })},
	"units_of_item": {leaf: "cost.items.*.units", unit: "units", detail: costing(isItem),
		member: memberItem("units", func(i CostItem) float64 { return float64(i.Units) })},
	"cost_of_minute": {leaf: "cost.per_downtime_minute.*.amount", detail: minutePrice, combine: theSame, member: memberMinute},
	"cost_of_energy": {leaf: "cost.energy_not_running", detail: tariffed},
	"unpriced_time":  {leaf: "cost.unpriced_time", detail: unpriced},

	"mixed_definitions": {leaf: "rollup.mixed_definitions", rule: "1 when the members differ in oee_mode or unknown_policy",
		value: func(e *Explainer) float64 { return e.values["rollup.mixed_definitions"].value.Value }},
	"worst_oee_index":         {leaf: "rollup.worst_oee_index", combine: theLeast, member: memberOEE, machine: true},
	"stopped_time":            {unit: "s", value: stoppedTime, detail: spending(isShared)},
	"speed_loss":              {leaf: "waterfall.speed", rule: "explained as waterfall.speed"},
	"quality_loss":            {leaf: "waterfall.quality", rule: "explained as waterfall.quality"},
	"constraint_quality_loss": {unit: "s", value: constraintQuality, rule: "of the constraint alone"},
	"share_items":             {unit: "money", value: sharedCost, detail: costing(isSharedCost)},
	"quality_cost":            {unit: "money", value: qualityCost(lineOf), rule: "explained as cost.by_loss.quality"},
	"constraint_quality_cost": {unit: "money", value: qualityCost(constraintOf), rule: "of the constraint alone"},
	"share_time":              {leaf: "rollup.loss_by_culprit.*.time", member: memberShare("time", shareTimeOf)},
	"share_loss":              {leaf: "rollup.loss_by_culprit.*.losses.*", member: memberShare("losses.*", shareLossOf)},
	"first_pass_yields":       {leaf: "rolled_throughput_yield", combine: theProduct, member: memberYield, machine: true},
	"out":                     {leaf: neighbourLeaf + "out", unit: "units", detail: handedOut, member: memberNeighbour("out")},
	"in":                      {leaf: neighbourLeaf + "in", unit: "units", detail: takenIn, member: memberNeighbour("in")},
	"tolerance":               {unit: "units", value: tolerated, rule: "configuration: production.conservation.tolerance"},
	"share_cost":              {leaf: "rollup.loss_by_culprit.*.cost", unit: "money", member: memberShare("cost", shareCostOf)},
}
