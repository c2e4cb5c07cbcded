package production

const noMeter = "there is no energy meter"

// meterFormulas are those of energy, safety and start-up.
var meterFormulas = []formula{
	{name: "energy_kwh", unit: "kWh", text: "energy / 1000000",
		source: srcISO + "comprehensive energy consumption: energy used", rolled: "energy_kwh", null: noEnergy},
	{name: "energy_not_running_kwh", unit: "kWh",
		text: "energy_not_running / 1000000", source: srcOwn + "meters", rolled: "energy_not_running_kwh", null: noEnergy},
	{name: "energy_per_unit_wh", unit: "Wh/unit",
		text:   "energy / 1000000 * 1000 / produced_quantity",
		source: srcISO + "comprehensive energy consumption", rolled: "energy_kwh * 1000 / produced_quantity", null: noEnergy},
	{name: "energy_per_good_unit_wh", unit: "Wh/unit",
		text: "energy / 1000000 * 1000 / good_quantity", source: srcOwn + "KPIs: energy / GQ", rolled: "energy_kwh * 1000 / good_quantity", null: noEnergy},
	{name: "estops", unit: "events", text: "estops", source: srcOwn + "meters: safety"},
	{name: "estop_time", text: "estop_time", source: srcOwn + "meters: safety"},
	{name: "guard_open_while_running", unit: "events", text: "guard_open_while_running", source: srcOwn + "meters: safety"},
	{name: "guard_open_while_running_time", text: "guard_open_while_running_time", source: srcOwn + "meters: safety"},
	{name: "days_since_safety_event", unit: "d",
		text:   "time_since_safety_event / 86400",
		source: srcOwn + "KPIs", rolled: "days_since_safety_event", absent: "nothing safety-relevant is known to have happened"},
	{name: "startup_rejected_quantity", unit: "units", text: "startup_rejected_quantity", source: srcTPM + ", start-up rejects"},
	{name: "startup_quality_loss", text: "startup_quality_loss", source: srcTPM + ", start-up rejects"},
	{name: "steady_quality_loss", text: "steady_quality_loss", source: srcTPM + ", production rejects"},
}

// noEnergy says why there is no energy, "" when there is.
func noEnergy(e *Explainer) string {
	if !e.kpi.Energy.OK {
		return noMeter
	}
	return ""
}

// materialFormulas are those of levels that products take from.
var materialFormulas = []formula{
	{name: "materials.*.level", text: "level", source: srcOwn + "materials", absent: "no level is known up to the end of the window"},
	{name: "materials.*.level_time", source: "time stamp of the last good value up to the end of the window",
		absent: "no level is known up to the end of the window"},
	{name: "materials.*.rate_ideal_per_minute", unit: "per min",
		text:   "per_unit * 60 / ideal_cycle",
		source: srcOwn + "materials", absent: "the product at the end of the window takes nothing or has no ideal cycle"},
	{name: "materials.*.rate_demonstrated_per_minute", unit: "per min", text: "taken * 60 / demonstrated_over", source: srcOwn + "materials"},
	{name: "materials.*.demonstrated_units", unit: "units", text: "demonstrated_units", source: srcOwn + "materials"},
	{name: "materials.*.demonstrated_over", text: "demonstrated_over", source: srcOwn + "materials"},
	{name: "materials.*.run_out_ideal", unit: "time",
		text:   "max(0, level / (per_unit * 60 / ideal_cycle) * 60)",
		source: srcOwn + "materials", absent: "no level or no rate is known, the rate is 0, or it lasts for more than 100 years", origin: levelSince},
	{name: "materials.*.run_out_demonstrated", unit: "time",
		text:   "max(0, level / (taken * 60 / demonstrated_over) * 60)",
		source: srcOwn + "materials", absent: "no level or no rate is known, the rate is 0, or it lasts for more than 100 years", origin: levelSince},
}

const nobody = "nobody is to work there in the window"

// labourFormulas are those of people.
var labourFormulas = []formula{
	{name: "labour_hours", unit: "h", source: srcOwn + "labour", adapt: byCrew("present_time / 3600", "labour_hours"), null: noLabour},
	{name: "required_labour_hours", unit: "h",
		source: srcOwn + "labour", adapt: byCrew("required_time / 3600", "required_labour_hours"), null: noLabour},
	{name: "personnel_work_hours", unit: "h",
		source: srcISO + "worker efficiency: actual personnel work time (APWT)", adapt: byCrew("work_time / 3600", "personnel_work_hours"), null: noLabour},
	{name: "personnel_attendance_hours", unit: "h",
		source: srcISO + "worker efficiency: actual personnel attendance time (APAT)",
		adapt:  byCrew("(present_time - planned_stop_time) / 3600", "personnel_attendance_hours"), null: noLabour},
	{name: "units_per_labour_hour", unit: "units/h",
		source: srcOwn + "labour", adapt: byCrew("labour_good_quantity / (present_time / 3600)", "labour_good_quantity / labour_hours"), null: noLabour},
	{name: "staffed_ratio", source: srcOwn + "labour",
		adapt: byCrew("(present_time / 3600) / (required_time / 3600)", "labour_hours / required_labour_hours"), null: noLabour},
	{name: "worker_efficiency", source: srcISO + "worker efficiency",
		adapt: byCrew("(work_time / 3600) / ((present_time - planned_stop_time) / 3600)", "personnel_work_hours / personnel_attendance_hours"), null: noLabour},
	{name: "labour_good_quantity", unit: "units", text: "labour_good_quantity", source: srcOwn + "labour"},
}

// noLabour says why there is nothing of people, "" when there is.
func noLabour(e *Explainer) string {
	if !e.kpi.LabourHours.OK {
		return nobody
	}
	return ""
}
