// Package scenario reads what happens in the simulated plant from YAML: for
// each equipment a list of segments that follow one another, and what its
// counters, levels and measured values do meanwhile.
//
// A Scenario that Parse returned is complete and consistent; nothing in it
// needs to be checked again.
package scenario

import (
	"time"

	"andon/cmd/plantsim/internal/northfield"
)

// A Scenario is one pass of the plant's play. All times in it are offsets
// from its start.
type Scenario struct {
	Name      string                `yaml:"name"`
	About     string                `yaml:"about"`
	Length    time.Duration         `yaml:"length"`
	Outages   []Outage              `yaml:"opcua_outages"`
	Equipment map[string]*Equipment `yaml:"equipment"`

	// Plant is the equipment that the scenario plays on.
	Plant []*northfield.Equipment `yaml:"-"`
}

// An Outage is a time in which the OPC UA server of the plant restarts: from
// At on every connection is cut and none accepted for Away; then it accepts
// connections again but shows what it showed last, until Settle has passed
// and it has read the machines anew.
type Outage struct {
	At     time.Duration `yaml:"at"`
	Away   time.Duration `yaml:"away"`
	Settle time.Duration `yaml:"settle"`
}

// End returns the offset at which values move again.
func (o Outage) End() time.Duration { return o.At + o.Away + o.Settle }

// Equipment is what one machine does.
type Equipment struct {
	Start    Start             `yaml:"start"`
	Power    Power             `yaml:"power_kw"`
	Feed     *Feed             `yaml:"feed"`
	Segments []Segment         `yaml:"segments"`
	Resets   []time.Duration   `yaml:"counter_resets"` // total goes to 0
	Refills  []Refill          `yaml:"refills"`
	Guard    []Span            `yaml:"guard_open"`
	Analog   map[string]Analog `yaml:"analog"`
}

// Start is what counters and levels show when the scenario starts.
type Start struct {
	Total  uint64  `yaml:"total"`
	Reject uint64  `yaml:"reject"`
	Energy float64 `yaml:"energy"` // kWh
	Level  float64 `yaml:"level"`
}

// Power is the electric power drawn in kW.
type Power struct {
	Running float64 `yaml:"running"`
	Idle    float64 `yaml:"idle"`
}

// A Feed makes equipment count the good units of the one before it, at the
// moment that one makes them.
type Feed struct {
	From string `yaml:"from"`
	// Each is how many units one unit of From becomes; 0 means 1.
	Each int64 `yaml:"each"`
}

// A Segment is a span in which the equipment stays in one state. It starts
// where the one before it ends.
type Segment struct {
	For     time.Duration `yaml:"for"`
	State   string        `yaml:"state"`
	Mode    int64         `yaml:"mode"` // 0 means 1, production
	Reason  string        `yaml:"reason"`
	Alarm   string        `yaml:"alarm"`
	EStop   bool          `yaml:"estop"`
	Cycle   time.Duration `yaml:"cycle"` // per unit; 0 when not running
	Uses    float64       `yaml:"uses"`  // material per unit
	Rejects Rejects       `yaml:"rejects"`
	// Pack is how many units go into one case, in the plant's case packer;
	// 0 keeps the last one. Another number leaves the open case behind.
	Pack int64  `yaml:"pack"`
	Comm string `yaml:"comm"` // "lost": nobody sees the equipment
	Note string `yaml:"note"` // for people who watch

	// From and To are where the segment lies in the scenario.
	From, To time.Duration `yaml:"-"`
}

// CommLost in Segment.Comm says that the equipment cannot be reached.
const CommLost = "lost"

// Rejects says which units of a segment are rejected.
type Rejects struct {
	// Count units spread evenly: number r of n is unit ceil(r*units/n). More
	// than the units that are fed are not rejected.
	Count int64 `yaml:"count"`
	// First units of the segment, such as those of a start-up.
	First int64 `yaml:"first"`
	// At are rejects at given times.
	At []RejectAt `yaml:"at"`
	// Rework is how many of all of them can be reworked; no signal shows it.
	Rework int64 `yaml:"rework"`
}

// RejectAt is a number of units rejected at one time.
type RejectAt struct {
	At    time.Duration `yaml:"at"`
	Count int64         `yaml:"count"`
}

// A Refill adds material.
type Refill struct {
	At  time.Duration `yaml:"at"`
	Add float64       `yaml:"add"`
}

// A Span is the half-open interval [From, To).
type Span struct {
	From time.Duration `yaml:"from"`
	To   time.Duration `yaml:"to"`
}

// Analog is the course of a measured value. Before its first point, or
// without a course, there is no value yet.
type Analog struct {
	Noise  float64 `yaml:"noise"` // greatest deviation, the same in every run
	Points []Point `yaml:"points"`
}

// A Point begins a stretch of an analog value that lasts until the next.
type Point struct {
	At        time.Duration `yaml:"at"`
	Value     float64       `yaml:"value"`
	PerMinute float64       `yaml:"per_minute"` // slope, updated every 10 s
}

// Units returns how many cycles s completes.
func (s Segment) Units() int64 {
	if s.Cycle == 0 {
		return 0
	}
	return int64((s.To - s.From) / s.Cycle)
}
