package production

// quantityFormulas are those of the quantity elements.
var quantityFormulas = []formula{
	{name: "produced_quantity", unit: "units", text: "produced_quantity", source: srcUnit + "produced quantity (PQ)"},
	{name: "good_quantity", unit: "units", text: "good_quantity", source: srcUnit + "good quantity (GQ)"},
	{name: "rejected_quantity", unit: "units", text: "rejected_quantity", source: srcUnit + "PQ - GQ"},
	{name: "scrap_quantity", unit: "units", text: "rejected_quantity - rework_quantity", source: srcUnit + "scrap quantity (SQ)"},
	{name: "rework_quantity", unit: "units", text: "rework_quantity", source: srcUnit + "rework quantity (RQ)"},
	{name: "inferred_quantity", unit: "units", text: "inferred_quantity", source: srcUnit + "the part of PQ made without data"},
	{name: "inferred_good_quantity", unit: "units", text: "inferred_good_quantity", source: srcUnit + "the part of GQ made without data"},
	{name: "idle_quantity", unit: "units", text: "idle_quantity", source: srcUnit + "the part of PQ counted while the state was not run"},
	{name: "unrated_quantity", unit: "units", text: "unrated_quantity", source: srcUnit + "the part of PQ without an ideal cycle"},
}

// ratioFormulas are those of the KPIs proper.
var ratioFormulas = []formula{
	{name: "availability", source: srcISO + "availability", adapt: func(e *Explainer) string { return e.effective() + " / " + e.base() }, null: noPlan},
	{name: "effectiveness", source: srcISO + "effectiveness", adapt: func(e *Explainer) string { return "standard_time_produced / " + e.effective() }, null: firstOf(noPlan, noRate)},
	{name: "effectiveness_over_1", source: srcISO + "effectiveness, which may be above 1", adapt: tooIdeal},
	{name: "quality_ratio", text: "standard_time_good / standard_time_produced",
		source: srcISO + "quality ratio, weighted by standard time", null: noQuality},
	{name: "quality_ratio_units", source: srcISO + "quality ratio (GQ / PQ)", adapt: unitQuality, null: noQuality},
	{name: "oee_index", source: srcISO + "overall equipment effectiveness index", adapt: overBase("standard_time_good"), null: firstOf(noQuality, noRate, noPlan)},
	{name: "oee_partial", source: srcTPM + ", availability x effectiveness", adapt: overBase("standard_time_produced"), null: firstOf(noPlan, noRate)},
	{name: "nee_index", source: srcISO + "net equipment effectiveness index", adapt: func(e *Explainer) string {
		return "(actual_unit_processing_time * standard_time_good) / (" + e.base() + " * actual_production_time)"
	}, null: firstOf(noQuality, noRate, noPlan)},
	{name: "teep_index", text: "standard_time_good / calendar_time", source: srcTPM, null: firstOf(noQuality, noRate)},
	{name: "technical_efficiency", text: "actual_production_time / (actual_production_time + actual_unit_delay_time)",
		source: srcISO + "technical efficiency"},
	{name: "setup_ratio", text: "actual_unit_setup_time / actual_unit_processing_time", source: srcISO + "setup ratio"},
	{name: "schedule_loading", text: "planned_busy_time / calendar_time", source: srcTPM + ", schedule loading (PBT / calendar time)"},
	{name: "allocation_efficiency", text: "actual_unit_busy_time / planned_busy_time", source: srcISO + "allocation efficiency"},
	{name: "utilization_efficiency", text: "actual_production_time / actual_unit_busy_time", source: srcISO + "utilization efficiency"},
	{name: "scrap_ratio", text: "scrap_quantity / produced_quantity", source: srcISO + "scrap ratio", null: noQuality},
	{name: "rework_ratio", text: "rework_quantity / produced_quantity", source: srcISO + "rework ratio", null: noQuality},
	{name: "first_pass_yield", text: "good_quantity / produced_quantity", source: srcISO + "first pass yield, count based", null: noQuality},
	{name: "final_yield", text: "(good_quantity + rework_quantity) / produced_quantity",
		source: srcTPM + ", when all rework is recovered", null: noQuality},
	yieldFormula,
}

// tooIdeal compares the effectiveness with 1; without run there is none.
func tooIdeal(e *Explainer) string {
	if !e.kpi.Effectiveness.OK {
		return "0"
	}
	return "standard_time_produced / " + e.effective() + " > 1"
}

// unitQuality is the quality ratio of units, without those made without data
// when these are left out.
func unitQuality(e *Explainer) string {
	if e.kpi.UnknownPolicy == UnknownExclude {
		return "(good_quantity - inferred_good_quantity) / (produced_quantity - inferred_quantity)"
	}
	return "good_quantity / produced_quantity"
}
