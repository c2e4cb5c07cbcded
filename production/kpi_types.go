package production

import "andon/plant"

// A KPIInput is all that a KPI depends on.
type KPIInput struct {
	Equipment string // path
	Window    plant.Interval
	Name      string        // of the window, such as WindowShift
	Now       plant.Instant // the window counts up to here
	Mode      OEEMode
	Unknown   UnknownPolicy
	// NoQuality says that the equipment has no signal for good or rejected
	// units, so that its quality is not known (and not 1).
	NoQuality bool
	NoCount   bool `json:",omitempty"` // the equipment has no counter: its effectiveness is not known (and not 0)
	// InspectedBy is the other equipment that tells good units from bad ones,
	// "" for none, Uninspected when in the window nothing is known of it.
	InspectedBy string           `json:",omitempty"`
	Uninspected []plant.Interval `json:",omitempty"`
	Gauging                      // what energy, safety, material and start-up depend on
	// Facts must cover the window; what lies outside it is left out. To give
	// whole repair times, segments should go on to the end of each stop that
	// began in the window.
	Facts Facts
	// Pricing and Standards are what NewPricing and the configuration say of
	// the equipment; both may be nil.
	Pricing   *Pricing
	Standards []ChangeoverStandard
	// ScrapPlans are those of products, each once.
	ScrapPlans []ScrapPlan `json:",omitempty"`
	// Crews are the people of the equipment in the window, LineCrews those of
	// a line whose constraint it is.
	Crews     []Crew `json:",omitempty"`
	LineCrews []Crew `json:",omitempty"`

	calendar *plant.Calendar // plans what no segment covers; nil for work at all times
	plan     *schedule       // of the calendar, resolved already; nil when its owner may be at work elsewhere
}

// The names of windows, the same in the API, in reports and in InfluxDB.
const (
	WindowHour     = "hour"      // a clock hour
	WindowLastHour = "last_hour" // the last 60 full minutes
	WindowShift    = "shift"     // a shift, the running one up to now
	WindowDay      = "day"       // a production day
	WindowRange    = "range"     // from and to as somebody asked for
)

// A KPI is the set of KPIs of one equipment over one window, with the time
// and quantity elements they come from. JSON names follow ISO 22400-2;
// formulas and clauses are in docs/kpis.md. Ratios whose denominator is zero
// are null.
type KPI struct {
	Equipment string        `json:"equipment"` // path; of a line, its constraint
	Level     Scope         `json:"level"`
	Path      string        `json:"path"` // of the equipment, line, area or site
	From      plant.Instant `json:"from"`
	To        plant.Instant `json:"to"`     // end of the window, cut at now
	Window    string        `json:"window"` // what kind of window it is, such as WindowShift

	OEEMode       OEEMode       `json:"oee_mode"`
	UnknownPolicy UnknownPolicy `json:"unknown_policy"`
	// Provisional says that the window had not ended when this was computed.
	Provisional bool `json:"provisional"`

	Times        // written inline
	Quantities   // written inline
	PlannedScrap // written inline
	Metered      // written inline
	Labour       // written inline

	Waterfall Waterfall `json:"waterfall"`

	Availability          Ratio `json:"availability"`
	Effectiveness         Ratio `json:"effectiveness"` // "performance"; never cut at 1
	EffectivenessOver1    bool  `json:"effectiveness_over_1"`
	QualityRatio          Ratio `json:"quality_ratio"` // weighted by standard time
	QualityRatioUnits     Ratio `json:"quality_ratio_units"`
	OEEIndex              Ratio `json:"oee_index"`
	OEEPartial            Ratio `json:"oee_partial"` // availability x effectiveness, when quality has no signal
	NEEIndex              Ratio `json:"nee_index"`
	TEEPIndex             Ratio `json:"teep_index"`
	TechnicalEfficiency   Ratio `json:"technical_efficiency"`
	SetupRatio            Ratio `json:"setup_ratio"`
	ScheduleLoading       Ratio `json:"schedule_loading"` // utilisation of the calendar: PBT over calendar time
	AllocationEfficiency  Ratio `json:"allocation_efficiency"`
	UtilizationEfficiency Ratio `json:"utilization_efficiency"`
	ScrapRatio            Ratio `json:"scrap_ratio"`
	ReworkRatio           Ratio `json:"rework_ratio"`
	ScrapToPlanned        Ratio `json:"actual_to_planned_scrap_ratio"`
	FirstPassYield        Ratio `json:"first_pass_yield"` // count based
	FinalYield            Ratio `json:"final_yield"`      // if all rework is recovered
	// RolledYield is, of a line, the product of the first pass yields of its
	// equipment.
	RolledYield            Ratio `json:"rolled_throughput_yield"`
	ConfidenceMeasured     Ratio `json:"confidence_measured"`
	ConfidenceWithInferred Ratio `json:"confidence_with_inferred"`
	// Confidence says how far data carry all of these, from 0 to 1.
	Confidence  Ratio       `json:"confidence"`
	DataQuality DataQuality `json:"confidence_parts"`

	ThroughputRate Rates `json:"throughput_rate"` // produced units
	GoodRate       Rates `json:"good_rate"`       // good units

	Stops      int     `json:"stops"`                      // downtime events that began in the window, micro-stops and planned ones not counted
	MicroStops int     `json:"micro_stops"`                // that began in the window
	Failures   int     `json:"failures"`                   // that began in the window
	MTBF       Ratio   `json:"mean_time_between_failures"` // seconds of run
	MTTR       Ratio   `json:"mean_time_to_repair"`        // seconds
	Repair     Seconds `json:"repair_time"`                // of the failures that began in the window, to its end
	OpenRepair bool    `json:"open_repair"`                // a failure in MTTR is not repaired yet

	// DowntimeByReason is the time of stops by reason id, DowntimeByCulprit
	// that of starved and blocked time by the path of the equipment behind
	// it. Micro-stops, planned time and unknown time are not downtime.
	DowntimeByReason  map[string]Seconds `json:"downtime_by_reason"`
	DowntimeByCulprit map[string]Seconds `json:"downtime_by_culprit"`

	Changeovers        int     `json:"changeovers"`              // that began in the window
	ChangeoverStandard Seconds `json:"changeover_standard"`      // allowed for them
	ChangeoverOver     Seconds `json:"changeover_over_standard"` // setup in the window beyond what is allowed

	Cost   *Cost   `json:"cost"` // null when nothing has a price
	Rollup *Rollup `json:"rollup,omitempty"`
}

// Times are the time elements of a window.
type Times struct {
	Calendar              Seconds `json:"calendar_time"`               // length of the window
	PlannedBusy           Seconds `json:"planned_busy_time"`           // PBT
	MeasuredPlanned       Seconds `json:"measured_planned_time"`       // MPT: PBT less unknown time
	ActualProduction      Seconds `json:"actual_production_time"`      // APT: run
	InferredRun           Seconds `json:"inferred_run_time"`           // part of APT
	UnscheduledProduction Seconds `json:"unscheduled_production_time"` // part of APT, outside the calendar
	MicroStop             Seconds `json:"micro_stop_time"`             // part of ADET
	ActualUnitSetup       Seconds `json:"actual_unit_setup_time"`      // AUST
	ActualUnitProcessing  Seconds `json:"actual_unit_processing_time"` // AUPT = APT + AUST
	ActualUnitDelay       Seconds `json:"actual_unit_delay_time"`      // ADET: all unplanned stops
	ActualUnitBusy        Seconds `json:"actual_unit_busy_time"`       // AUBT = AUPT + ADET
	Downtime              Seconds `json:"downtime"`                    // setup and unplanned stops that are not micro
	StandardProduced      Seconds `json:"standard_time_produced"`      // sum of ideal cycle x produced quantity
	StandardGood          Seconds `json:"standard_time_good"`          // sum of ideal cycle x good quantity
}

// A Waterfall is where the window went. Its fields sum up to the calendar
// time, exactly. Speed is negative when equipment ran faster than ideal.
type Waterfall struct {
	Good         Seconds `json:"good"` // standard time of good units
	Quality      Seconds `json:"quality"`
	Speed        Seconds `json:"speed"`
	MicroStop    Seconds `json:"micro_stop"`
	Setup        Seconds `json:"setup"`
	Starved      Seconds `json:"starved"`
	Blocked      Seconds `json:"blocked"`
	Fault        Seconds `json:"fault"`
	Safety       Seconds `json:"safety"`
	Other        Seconds `json:"other"`
	Unknown      Seconds `json:"unknown"`
	Planned      Seconds `json:"planned"`
	NotScheduled Seconds `json:"not_scheduled"`
}

// Sum returns the sum of all buckets.
func (w Waterfall) Sum() Seconds {
	return w.Good + w.Quality + w.Speed + w.MicroStop + w.Setup + w.Starved + w.Blocked + w.Fault +
		w.Safety + w.Other + w.Unknown + w.Planned + w.NotScheduled
}

// Quantities are the quantity elements of a window, in units.
type Quantities struct {
	Produced int64 `json:"produced_quantity"` // PQ
	Good     int64 `json:"good_quantity"`     // GQ
	Rejected int64 `json:"rejected_quantity"` // PQ - GQ
	Scrap    int64 `json:"scrap_quantity"`    // SQ
	Rework   int64 `json:"rework_quantity"`   // RQ
	Inferred int64 `json:"inferred_quantity"` // part of PQ, made while there was no data
	// InferredGood is the part of GQ made while there was no data.
	InferredGood int64 `json:"inferred_good_quantity"`
	Idle         int64 `json:"idle_quantity"` // part of PQ, counted while the state was not run
	// Unrated is the part of PQ without an ideal cycle time: it has no
	// standard time, so effectiveness is too low.
	Unrated int64 `json:"unrated_quantity"`
}

// Rates are units per time over three denominators.
type Rates struct {
	PerHourCalendar   Ratio `json:"per_hour_calendar"`   // of the window
	PerHourPlanned    Ratio `json:"per_hour_planned"`    // of PBT
	PerHourRunning    Ratio `json:"per_hour_running"`    // of APT
	PerMinuteCalendar Ratio `json:"per_minute_calendar"` //
	PerMinutePlanned  Ratio `json:"per_minute_planned"`
	PerMinuteRunning  Ratio `json:"per_minute_running"`
	PerHourExecution  Ratio `json:"per_hour_execution"` // of order execution time (AOET), the ISO ratio
}
