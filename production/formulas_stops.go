package production

// stopFormulas are those of stops, failures and changeovers.
var stopFormulas = []formula{
	{name: "stops", unit: "events", text: "stops", source: srcTime + "downtime events that began in the window"},
	{name: "micro_stops", unit: "events", text: "micro_stops", source: srcTime + "minor stoppages that began in the window"},
	{name: "failures", unit: "failures", text: "failures", source: srcISO + "failure events (FE)"},
	{name: "mean_time_between_failures", unit: "s",
		text: "actual_production_time / failures", source: "IEC 60050-192:2015, 192-05-13: mean operating time between failures"},
	{name: "mean_time_to_repair", unit: "s", text: "repair_time / failures", source: srcISO + "mean time to restoration"},
	{name: "repair_time", text: "repair_time", source: srcISO + "mean time to restoration: time to restore"},
	{name: "open_repair", text: "open_repairs > 0", source: srcOwn + "KPIs"},
	{name: "mean_time_between_failures_interval.confidence", text: "interval_confidence", source: srcNIST},
	{name: "mean_time_between_failures_interval.n", unit: "failures", text: "failures", source: srcNIST},
	{name: "mean_time_to_acknowledge", unit: "s",
		text: "acknowledge_time / acknowledged_failures", source: srcOwn + "KPIs: begin of the failure to the first acknowledgement"},
	{name: "acknowledge_time", text: "acknowledge_time", source: srcOwn + "KPIs: begin of the failure to the first acknowledgement"},
	{name: "acknowledged_failures", unit: "failures", text: "acknowledged_failures", source: srcOwn + "KPIs"},
	{name: "inherent_availability", text: "(actual_production_time / failures) / (actual_production_time / failures + repair_time / failures)",
		source: "IEC 60050-192:2015, 192-08-02: inherent availability"},
	{name: "corrective_maintenance_time", text: "corrective_maintenance_time",
		source: srcISO + "corrective maintenance ratio: corrective maintenance time (CMT)"},
	{name: "preventive_maintenance_time", text: "preventive_maintenance_time",
		source: srcISO + "corrective maintenance ratio: preventive maintenance time (PMT)"},
	{name: "corrective_maintenance_ratio", text: "corrective_maintenance_time / (corrective_maintenance_time + preventive_maintenance_time)",
		source: srcISO + "corrective maintenance ratio"},
	{name: "changeovers", unit: "events", text: "changeovers", source: srcTime + "changeovers that began in the window"},
	{name: "changeover_standard", text: "changeover_standard", source: "configuration: production.changeover.standards"},
	{name: "changeover_over_standard", text: "changeover_over_standard", source: srcOwn + "changeovers"},
	{name: "mean_time_between_failures_interval.low", unit: "s", source: srcNIST, adapt: mtbfLow, absent: "there was no run"},
	{name: "mean_time_between_failures_interval.high", unit: "s",
		text: "actual_production_time / half_chi_square_lower", source: srcNIST, null: noFailures},
}

// mtbfLow is the lower end of the interval, one-sided without failures.
func mtbfLow(e *Explainer) string {
	if e.kpi.Failures == 0 {
		return "actual_production_time / minus_log_alpha"
	}
	return "actual_production_time / half_chi_square_upper"
}

// noFailures says why there is no upper end.
func noFailures(e *Explainer) string {
	if e.kpi.Failures == 0 {
		return "nothing failed, so there is a lower bound only"
	}
	return "there was no run"
}

// dataFormulas are those of the confidence in data.
var dataFormulas = []formula{
	{name: "confidence", source: srcOwn + "data-quality confidence", adapt: soundness},
	{name: "confidence_measured", text: "(measured_planned_time - inferred_run_time) / planned_busy_time", source: srcOwn + "data-quality confidence"},
	{name: "confidence_with_inferred", text: "measured_planned_time / planned_busy_time", source: srcOwn + "data-quality confidence"},
	{name: "confidence_parts.known_time", text: "measured_planned_time - inferred_run_time", source: srcOwn + "data-quality confidence"},
	{name: "confidence_parts.inferred_time", text: "inferred_run_time", source: srcOwn + "data-quality confidence"},
	{name: "confidence_parts.unknown_time", text: "unknown_time", source: srcOwn + "data-quality confidence"},
	{name: "confidence_parts.uninspected_time", text: "uninspected_time", source: srcOwn + "data-quality confidence"},
	{name: "confidence_parts.n", unit: "units", text: "produced_quantity", source: srcOwn + "data-quality confidence"},
	{name: "confidence_parts.contradictory_quantity", unit: "units", text: "idle_quantity", source: srcOwn + "data-quality confidence"},
	{name: "confidence_parts.compared_quantity", unit: "units", text: "compared_quantity", source: srcOwn + "data-quality confidence"},
	{name: "confidence_parts.unaccounted_quantity", unit: "units", text: "unaccounted_quantity", source: srcOwn + "data-quality confidence"},
}

// soundness is the formula of confidence; a share without denominator is 0.
func soundness(e *Explainer) string {
	sound := ""
	factor := func(part, whole string, n float64) {
		if n != 0 {
			sound += " * (1 - min(1, max(0, " + part + " / " + whole + ")))"
		}
	}
	q := e.kpi.DataQuality
	factor("idle_quantity", "produced_quantity", float64(q.Units))
	factor("uninspected_time", "actual_production_time", float64(e.kpi.ActualProduction))
	factor("unaccounted_quantity", "compared_quantity", q.Compared)
	return "known_time * (1" + sound + ") / planned_busy_time"
}
