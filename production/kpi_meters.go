package production

import (
	"time"

	"andon/plant"
)

// Gauging is what the KPIs of meters depend on besides facts. Facts.Meters
// should begin with the last level before the window and end with the minute
// before its end.
type Gauging struct {
	HasEnergy bool     // there is an energy meter
	EnergyOf  []string `json:",omitempty"` // of a line: paths of the equipment whose meters are added up
	HasSafety bool     // there is a signal of an emergency stop or of a guard
	Intakes   []Intake // what products take from levels

	// StartupWindow is how long after a stop rejects are those of the
	// start-up. Facts.Segments should begin so long before the window.
	StartupWindow time.Duration
	// Maintenance are the ids of reasons that are preventive maintenance.
	Maintenance []string

	// Acknowledged says by the id of a stop when a person took note of it.
	Acknowledged map[string]plant.Instant
	// LastSafety is when something safety-relevant happened last before the
	// window, 0 for never.
	LastSafety plant.Instant
}

// An Intake is what one unit of a product takes from a level.
type Intake struct {
	Tag, Unit  string // of the level, as in Level
	Product    string
	PerUnit    float64
	IdealCycle time.Duration // of the product at the end of the window, 0 when there is none
}

// Metered are the KPIs of energy, reliability, safety, material and start-up.
type Metered struct {
	EnergyUse   // written inline
	Reliability // written inline
	Safety      // written inline
	Startup     // written inline

	Materials []Material `json:"materials,omitempty"`
}

// An EnergyUse is null without an energy meter.
type EnergyUse struct {
	Energy           Ratio `json:"energy_kwh"`
	EnergyNotRunning Ratio `json:"energy_not_running_kwh"`
	// EnergyPerUnit is the comprehensive energy consumption of ISO 22400-2.
	EnergyPerUnit Ratio `json:"energy_per_unit_wh"`
	EnergyPerGood Ratio `json:"energy_per_good_unit_wh"`
	// EnergyBasis are the paths of the equipment whose meters these come from,
	// of a line, an area or the site; empty of equipment.
	EnergyBasis []string `json:"energy_basis,omitempty"`
}

// Safety events count whether or not work was scheduled.
type Safety struct {
	EStops       int     `json:"estops"` // that began in the window
	EStopTime    Seconds `json:"estop_time"`
	GuardRuns    int     `json:"guard_open_while_running"` // that began in the window
	GuardRunTime Seconds `json:"guard_open_while_running_time"`
	// DaysSince is the time from the last minute in which anything of these
	// happened to the end of the window; null when nothing is known to have
	// happened.
	DaysSince Ratio `json:"days_since_safety_event"`
}

// A Startup divides the quality loss.
type Startup struct {
	StartupRejected int64   `json:"startup_rejected_quantity"`
	StartupQuality  Seconds `json:"startup_quality_loss"`
	SteadyQuality   Seconds `json:"steady_quality_loss"`
}

// addMeters computes what comes from meters.
func (k *KPI) addMeters(in KPIInput, window plant.Interval) {
	var run, idle int64
	last := in.LastSafety
	for _, m := range in.Facts.Meters {
		if !window.Contains(m.Minute) {
			continue
		}
		run, idle = run+m.EnergyRun, idle+m.EnergyIdle
		k.EStops, k.EStopTime = k.EStops+m.EStops, k.EStopTime+m.EStopTime
		k.GuardRuns, k.GuardRunTime = k.GuardRuns+m.GuardRuns, k.GuardRunTime+m.GuardRunTime
		if m.Safety() {
			last = max(last, m.Minute)
		}
	}
	if in.HasEnergy {
		k.EnergyBasis = in.EnergyOf
		k.Energy, k.EnergyNotRunning = Over(float64(run+idle), 1e6), Over(float64(idle), 1e6)
	}
	if last != 0 {
		k.DaysSince = Over(Seconds(window.To.Sub(last)).Float(), 86400)
	}
	k.startup(in, window)
	k.Materials = materials(in, window)
}

// startup divides the quality loss. Rejects are known by the minute; those of
// minutes that touch a start-up belong to it, since what a start-up spoils is
// often told when it begins, or even before.
func (k *KPI) startup(in KPIInput, window plant.Interval) {
	restarts := restarts(in.Facts.Segments)
	for _, c := range in.Facts.Counts {
		if !window.Contains(c.Minute) || c.Total == c.Good {
			continue
		}
		total, good := c.Total, c.Good
		if in.Unknown == UnknownExclude {
			total, good = total-c.Inferred, good-c.InferredGood
		}
		loss := Seconds(c.IdealCycle) * Seconds(total-good)
		if in.starting(restarts, c.Minute) {
			k.StartupRejected += c.Reject
			k.StartupQuality += loss
		} else {
			k.SteadyQuality += loss
		}
	}
}

// restarts returns when run began after a stop that is no micro-stop.
func restarts(segments []Segment) []plant.Instant {
	var at []plant.Instant
	stopped := false
	for _, s := range segments {
		switch {
		case s.Loss == LossRun && stopped:
			at = append(at, s.From)
			stopped = false
		case s.Loss == LossRun:
		case s.Loss != LossMicroStop && s.Loss != LossUnknown:
			stopped = true
		}
	}
	return at
}
