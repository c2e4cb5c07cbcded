package production

// A formula is how one KPI is computed from terms, for people.
type formula struct {
	kpi, unit string
	text      string
	source    string
	value     func(KPI) Ratio
	adapt     func(KPIInput) string // the text where it depends on definitions
}

// Buckets of the time terms in formulas.
var (
	downLosses    = []Loss{LossSetup, LossStarved, LossBlocked, LossFault, LossSafety, LossOther}
	delayLosses   = []Loss{LossMicroStop, LossStarved, LossBlocked, LossFault, LossSafety, LossOther}
	plannedLosses = append([]Loss{LossRun, LossMicroStop}, downLosses...)
)

// timeTerms are the time elements by name, as sums of buckets.
var timeTerms = map[string][]Loss{
	"calendar_time":               Losses(),
	"planned_busy_time":           append([]Loss{LossUnknown}, plannedLosses...),
	"measured_planned_time":       plannedLosses,
	"actual_production_time":      {LossRun},
	"micro_stop_time":             {LossMicroStop},
	"actual_unit_setup_time":      {LossSetup},
	"actual_unit_processing_time": {LossRun, LossSetup},
	"actual_unit_delay_time":      delayLosses,
	"actual_unit_busy_time":       append([]Loss{LossRun, LossSetup}, delayLosses...),
	"downtime":                    downLosses,
}

// base is the time that availability and OEE are measured against.
func (in KPIInput) base() string {
	if in.Unknown == UnknownAsDown {
		return "planned_busy_time"
	}
	return "measured_planned_time"
}

// effective is the time that availability counts.
func (in KPIInput) effective() string {
	if in.Mode == ModeTPM {
		return "(actual_production_time + micro_stop_time)"
	}
	return "actual_production_time"
}

const (
	srcISO = "ISO 22400-2:2014, "
	srcTPM = "Total Productive Maintenance"
)

// formulas are the KPIs that can be explained.
var formulas = []formula{
	{kpi: "availability", unit: "1", source: srcISO + "availability", value: func(k KPI) Ratio { return k.Availability },
		adapt: func(in KPIInput) string { return in.effective() + " / " + in.base() }},
	{kpi: "effectiveness", unit: "1", source: srcISO + "effectiveness", value: func(k KPI) Ratio { return k.Effectiveness },
		adapt: func(in KPIInput) string { return "standard_time_produced / " + in.effective() }},
	{kpi: "quality_ratio", unit: "1", source: srcISO + "quality ratio, weighted by standard time", value: func(k KPI) Ratio { return k.QualityRatio },
		text: "standard_time_good / standard_time_produced"},
	{kpi: "oee_index", unit: "1", source: srcISO + "overall equipment effectiveness index", value: func(k KPI) Ratio { return k.OEEIndex },
		adapt: func(in KPIInput) string { return "standard_time_good / " + in.base() }},
	{kpi: "oee_partial", unit: "1", source: srcTPM, value: func(k KPI) Ratio { return k.OEEPartial },
		adapt: func(in KPIInput) string { return "standard_time_produced / " + in.base() }},
	{kpi: "nee_index", unit: "1", source: srcISO + "net equipment effectiveness index", value: func(k KPI) Ratio { return k.NEEIndex },
		adapt: func(in KPIInput) string {
			return "(actual_unit_processing_time * standard_time_good) / (" + in.base() + " * actual_production_time)"
		}},
	{kpi: "teep_index", unit: "1", source: srcTPM, value: func(k KPI) Ratio { return k.TEEPIndex },
		text: "standard_time_good / calendar_time"},
	{kpi: "technical_efficiency", unit: "1", source: srcISO + "technical efficiency", value: func(k KPI) Ratio { return k.TechnicalEfficiency },
		text: "actual_production_time / (actual_production_time + actual_unit_delay_time)"},
	{kpi: "setup_ratio", unit: "1", source: srcISO + "setup rate", value: func(k KPI) Ratio { return k.SetupRatio },
		text: "actual_unit_setup_time / actual_unit_processing_time"},
	{kpi: "allocation_efficiency", unit: "1", source: srcISO + "allocation efficiency", value: func(k KPI) Ratio { return k.AllocationEfficiency },
		text: "actual_unit_busy_time / planned_busy_time"},
	{kpi: "utilization_efficiency", unit: "1", source: srcISO + "utilization efficiency", value: func(k KPI) Ratio { return k.UtilizationEfficiency },
		text: "actual_production_time / actual_unit_busy_time"},
	{kpi: "scrap_ratio", unit: "1", source: srcISO + "scrap ratio", value: func(k KPI) Ratio { return k.ScrapRatio },
		text: "scrap_quantity / produced_quantity"},
	{kpi: "rework_ratio", unit: "1", source: srcISO + "rework ratio", value: func(k KPI) Ratio { return k.ReworkRatio },
		text: "rework_quantity / produced_quantity"},
	{kpi: "first_pass_yield", unit: "1", source: srcISO + "first pass yield, count based", value: func(k KPI) Ratio { return k.FirstPassYield },
		text: "good_quantity / produced_quantity"},
	{kpi: "final_yield", unit: "1", source: srcTPM, value: func(k KPI) Ratio { return k.FinalYield },
		text: "(good_quantity + rework_quantity) / produced_quantity"},
	{kpi: "throughput_rate", unit: "units/h", source: srcISO + "throughput rate, over the window", value: func(k KPI) Ratio { return k.ThroughputRate.PerHourCalendar },
		text: "3600 * produced_quantity / calendar_time"},
	{kpi: "good_rate", unit: "units/h", source: srcTPM, value: func(k KPI) Ratio { return k.GoodRate.PerHourCalendar },
		text: "3600 * good_quantity / calendar_time"},
	{kpi: "mean_time_between_failures", unit: "s", source: "IEC 60050-192, mean operating time between failures", value: func(k KPI) Ratio { return k.MTBF },
		text: "actual_production_time / failures"},
	{kpi: "mean_time_to_repair", unit: "s", source: srcISO + "mean time to restoration", value: func(k KPI) Ratio { return k.MTTR },
		text: "repair_time / failures"},
}
