package production

// timeFormulas are those of the time elements: each is the sum of its
// intervals.
var timeFormulas = []formula{
	{name: "calendar_time", text: "calendar_time", source: srcTime + "the window"},
	{name: "planned_busy_time", text: "planned_busy_time", source: srcTime + "planned busy time (PBT)"},
	{name: "measured_planned_time", text: "measured_planned_time", source: srcTime + "PBT less unknown time"},
	{name: "actual_production_time", text: "actual_production_time", source: srcTime + "actual production time (APT)"},
	{name: "inferred_run_time", text: "inferred_run_time", source: srcTime + "the part of APT that only the counter shows"},
	{name: "unscheduled_production_time", text: "unscheduled_production_time", source: srcTime + "the part of APT in breaks and outside the calendar"},
	{name: "micro_stop_time", text: "micro_stop_time", source: srcTime + "minor stoppages, a part of ADET"},
	{name: "actual_unit_setup_time", text: "actual_unit_setup_time", source: srcTime + "actual unit setup time (AUST)"},
	{name: "actual_unit_processing_time", text: "actual_unit_processing_time", source: srcTime + "actual unit processing time (AUPT = APT + AUST)"},
	{name: "actual_unit_delay_time", text: "actual_unit_delay_time", source: srcTime + "actual unit delay time (ADET)"},
	{name: "actual_unit_busy_time", text: "actual_unit_busy_time", source: srcTime + "actual unit busy time (AUBT = AUPT + ADET)"},
	{name: "downtime", text: "downtime", source: srcTime + "AUST and the stops of ADET that are not minor"},
	{name: "standard_time_produced", text: "standard_time_produced", source: srcISO + "effectiveness: planned run time per item x produced quantity"},
	{name: "standard_time_good", text: "standard_time_good", source: srcISO + "effectiveness: planned run time per item x good quantity"},
	{name: "downtime_by_reason.*", text: "downtime_of_reason", source: srcTime + "AUST and ADET by the reason of the stop"},
	{name: "downtime_by_culprit.*", text: "downtime_of_culprit", source: srcOwn + "starved and blocked"},
}

// waterfallFormulas say where the window went.
var waterfallFormulas = []formula{
	{name: "waterfall.good", text: "standard_time_good", source: srcTPM + ", losses"},
	{name: "waterfall.quality", text: "standard_time_produced - standard_time_good", source: srcTPM + ", losses"},
	{name: "waterfall.speed", text: "actual_production_time - standard_time_produced", source: srcTPM + ", losses"},
	{name: "waterfall.micro_stop", text: "micro_stop_time", source: srcTPM + ", losses"},
	{name: "waterfall.setup", text: "actual_unit_setup_time", source: srcTPM + ", losses"},
	{name: "waterfall.starved", text: "starved_time", source: srcTPM + ", losses"},
	{name: "waterfall.blocked", text: "blocked_time", source: srcTPM + ", losses"},
	{name: "waterfall.fault", text: "fault_time", source: srcTPM + ", losses"},
	{name: "waterfall.safety", text: "safety_time", source: srcTPM + ", losses"},
	{name: "waterfall.other", text: "other_time", source: srcTPM + ", losses"},
	{name: "waterfall.unknown", text: "unknown_time", source: srcTPM + ", losses"},
	{name: "waterfall.planned", text: "planned_time", source: srcTPM + ", losses"},
	{name: "waterfall.not_scheduled", text: "not_scheduled_time", source: srcTPM + ", losses"},
}
