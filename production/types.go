package production

import (
	"time"

	"andon/plant"
)

// A Segment is a piece of an equipment's timeline in which nothing changed.
// The segments of one equipment follow each other without gap or overlap.
type Segment struct {
	From plant.Instant `json:"from"`
	To   plant.Instant `json:"to"` // 0 while the segment is still going on

	State     plant.State   `json:"state"`
	Loss      Loss          `json:"loss"`       // where its time is booked
	Stop      string        `json:"stop"`       // id of the stop it belongs to, "" for none
	StopStart plant.Instant `json:"stop_start"` // start of that stop, 0 for none
	Reason    string        `json:"reason"`     // id of the reason, "" while producing
	Culprit   string        `json:"culprit"`    // path of the equipment that starves or blocks it
	Failure   bool          `json:"failure"`    // its stop counts as a failure
	Inferred  bool          `json:"inferred"`   // run that only the counter shows, during lost contact
	Blip      bool          `json:"blip"`       // run too short to end the stop around it
	Product   string        `json:"product"`
	Order     string        `json:"order"`

	// Unscheduled says that equipment runs in a break or outside the
	// calendar.
	Unscheduled bool `json:"unscheduled"`
}

// Interval returns the segment's span; an open one ends at now.
func (s Segment) Interval(now plant.Instant) plant.Interval {
	if s.To == 0 {
		return plant.Interval{From: s.From, To: max(s.From, now)}
	}
	return plant.Interval{From: s.From, To: s.To}
}

// A Count is what an equipment made in one minute of one product, order and
// shift; these four are its key. Total is always Good plus Reject.
type Count struct {
	Minute  plant.Instant `json:"minute"` // start of the minute
	Product string        `json:"product"`
	Order   string        `json:"order"`
	Shift   string        `json:"shift"`

	Total  int64 `json:"total"`
	Good   int64 `json:"good"`
	Reject int64 `json:"reject"` // scrap and rework
	Rework int64 `json:"rework"` // the part of Reject that goes to rework

	Inferred     int64 `json:"inferred"`      // units of Total made in inferred run
	InferredGood int64 `json:"inferred_good"` // units of Good made in inferred run
	Idle         int64 `json:"idle"`          // units of Total counted while not running: a contradiction

	// Said is what people said of units that had been counted good; zero as
	// derived from signals.
	Said Said `json:"said,omitzero"`

	// Mould is the product that ran when Product was made together with
	// others, see Mould; "" when it ran itself. It belongs to the key.
	Mould string `json:"mould,omitempty"`

	// IdealCycle is the ideal time for one unit that held in this minute, 0
	// when the product table has none.
	IdealCycle time.Duration `json:"ideal_cycle"`
}

// Said are the units that people say are bad though they were counted good;
// negative where they say that rejects were good.
type Said struct {
	Bad    int64 `json:"bad"`
	Rework int64 `json:"rework"` // the part of Bad that goes to rework
}

// A Meter is what the meters of one equipment showed in one minute, whose
// start is its key. Minutes in which no meter showed anything have none.
type Meter struct {
	Minute plant.Instant `json:"minute"`

	// EnergyRun and EnergyIdle are energy used in run and in all other time,
	// in milliwatt-hours.
	EnergyRun  int64 `json:"energy_run"`
	EnergyIdle int64 `json:"energy_idle"`

	// Levels are the last good values of material levels in the minute, in
	// order of their tags.
	Levels []Level `json:"levels,omitempty"`

	// EStops and GuardRuns are emergency stops and openings of a guard while
	// running that began in the minute; the times are what of them lies in it.
	EStops       int     `json:"estops"`
	EStopTime    Seconds `json:"estop_time"`
	GuardRuns    int     `json:"guard_runs"`
	GuardRunTime Seconds `json:"guard_run_time"`
}

// A Level is one reading of a material level, in the tag's unit.
type Level struct {
	Tag   string        `json:"tag"` // name
	Time  plant.Instant `json:"time"`
	Value float64       `json:"value"`
}

// Facts are the segments, counts and meters of one equipment over some time,
// each in order of time.
type Facts struct {
	Segments []Segment
	Counts   []Count
	Meters   []Meter
}

// A Stop is one downtime event. It keeps its ID while it is open, grows and
// gets its reason; an ID is the hash of equipment and start.
type Stop struct {
	ID        string           `json:"id"`
	Equipment *plant.Equipment `json:"-"`
	From      plant.Instant    `json:"from"`
	To        plant.Instant    `json:"to"` // 0 while open

	// Void says that later data took this stop away: there is no stop of
	// this ID any more, and the other fields are as last told.
	Void bool `json:"void"`
	// Provisional says that the stop is still too short to tell a micro-stop
	// from downtime.
	Provisional bool `json:"provisional"`

	State        plant.State    `json:"state"`
	Loss         Loss           `json:"loss"`
	Reason       string         `json:"reason"`        // id
	ReasonName   string         `json:"reason_name"`   // for people
	ReasonSource string         `json:"reason_source"` // signal, calendar, line or state
	Code         string         `json:"code"`          // what the equipment gave as the reason, "" for nothing
	Category     ReasonCategory `json:"category"`
	Micro        bool           `json:"micro"`
	Planned      bool           `json:"planned"`
	Failure      bool           `json:"failure"`
	Culprit      string         `json:"culprit"` // path of the equipment that starves or blocks it
	// CulpritChain are the paths from the next equipment on the line up to the
	// culprit, with > between. CulpritConfidence is how sure that is: 1 when
	// only one equipment comes into question and stopped all the time.
	CulpritChain      string  `json:"culprit_chain"`
	CulpritConfidence float64 `json:"culprit_confidence"`

	Product string `json:"product"`
	Order   string `json:"order"`
	Shift   string `json:"shift"` // in which it began

	// Excluded is time inside the stop that is not downtime: without data, or
	// outside the calendar.
	Excluded time.Duration `json:"excluded"`
}

// Duration returns the stop's downtime; an open one lasts until now.
func (s Stop) Duration(now plant.Instant) time.Duration {
	to := s.To
	if to == 0 {
		to = max(now, s.From)
	}
	return to.Sub(s.From) - s.Excluded
}

// Changes are everything that changed since the last Drain. Slices are in a
// fixed order and belong to the caller.
type Changes struct {
	Rewrites []Rewrite
	Stops    []Stop // new and changed stops, voided ones included
	States   []plant.StateChange
	Orders   []OrderRecord  // that people gave or changed
	Quality  []QualityEvent // new ones of counters that came in order
}

// A Rewrite replaces stored facts of one equipment: every stored segment that
// starts at or after From by Segments, and every stored count of a minute at or
// after CountsFrom by Counts. From or CountsFrom is 0 when there is nothing to
// replace. What is before Since came out as before: the segment at From may
// have got its end only.
type Rewrite struct {
	Equipment  *plant.Equipment
	From       plant.Instant
	Segments   []Segment
	CountsFrom plant.Instant // a whole minute
	Counts     []Count
	MetersFrom plant.Instant // a whole minute
	Meters     []Meter       // every stored meter of a minute at or after MetersFrom is replaced by these
	Since      plant.Instant
}

// A Live is what a screen shows of one equipment or one line now.
type Live struct {
	// Equipment is the equipment; of a line, its constraint.
	Equipment *plant.Equipment `json:"-"`
	// Line is set when this is the line as a whole.
	Line *plant.Line `json:"-"`

	State   plant.State   `json:"state"`
	Since   plant.Instant `json:"since"`
	Reason  string        `json:"reason"`
	Stop    string        `json:"stop"` // id of the open stop, "" for none
	Culprit string        `json:"culprit"`
	Product string        `json:"product"`
	Order   string        `json:"order"`

	// Shift is the running shift, without a name outside the calendar; then
	// its From is the start of the production day.
	Shift plant.Shift `json:"shift"`
	// KPI is that of the running shift up to now, with its counts; Hour that
	// of the 60 minutes before the current minute began.
	KPI  KPI `json:"kpi"`
	Hour KPI `json:"hour"`
	// Plan is what a line made in the running shift beside what it should
	// have; nil of equipment.
	Plan *ShiftAttainment `json:"plan,omitempty"`
	// UnitsLastMinute and UnitsLastHour are units made in the last full
	// minute and in the last 60 full minutes.
	UnitsLastMinute int64 `json:"units_last_minute"`
	UnitsLastHour   int64 `json:"units_last_hour"`

	// Known is false while there is no data; LastSeen is the last contact.
	Known    bool          `json:"known"`
	LastSeen plant.Instant `json:"last_seen"`
}

// Total returns the units made in the running shift.
func (l Live) Total() int64 { return l.KPI.Produced }

// Good returns the good units made in the running shift.
func (l Live) Good() int64 { return l.KPI.Quantities.Good }

// Reject returns the rejected units of the running shift.
func (l Live) Reject() int64 { return l.KPI.Rejected }
