package rules

import (
	"time"

	"andon/plant"
)

// Config is the list of rules. The loader puts it at the top level of the
// configuration (inline), so that paths of problems begin with rules[0].
type Config struct {
	Rules []Rule `yaml:"rules"`
}

// A Kind says how a rule looks at the plant.
type Kind string

// The kinds of rules.
const (
	KindThreshold Kind = "threshold" // a tag's value passes a limit
	KindState     Kind = "state"     // equipment is in a state for a time
	KindAbsence   Kind = "absence"   // nothing is heard for a time
	KindSPC       Kind = "spc"       // the points of a control chart are a signal
	KindTrend     Kind = "trend"     // a value will pass a limit soon
	KindCount     Kind = "count"     // equipment came into a state several times
	KindEvent     Kind = "event"     // a server says that one of its own conditions holds
)

// Kinds returns every kind of rule.
func Kinds() []Kind {
	return []Kind{KindThreshold, KindState, KindAbsence, KindSPC, KindTrend, KindCount, KindEvent}
}

// A Rule is one rule for every equipment that its pattern matches. ID and the
// path of the equipment are the identity of its conditions: all else may be
// edited without losing them.
type Rule struct {
	ID        string         `yaml:"id"`
	Class     plant.Class    `yaml:"class"`
	Kind      Kind           `yaml:"kind"`
	Priority  plant.Priority `yaml:"priority"`  // of levels that have none, and of rules without levels
	Equipment string         `yaml:"equipment"` // pattern of plant.Match
	Tag       string         `yaml:"tag"`       // name; an absence rule may go without
	Message   string         `yaml:"message"`   // text/template over Facts; a text of the kind when empty
	Response  string         `yaml:"response"`  // what the operator should do

	// Threshold.
	Levels   []Level       `yaml:"levels"` // highest priority first
	Raise    string        `yaml:"raise"`  // such as "> 85" or "> 85 degC", for a single level
	Clear    string        `yaml:"clear"`  // such as "< 80"; the opposite of raise when empty
	When     When          `yaml:"when"`
	OnDelay  time.Duration `yaml:"on_delay"`  // raise must hold so long
	OffDelay time.Duration `yaml:"off_delay"` // clear must hold so long; state, trend and count rules have it too
	Quality  Quality       `yaml:"quality"`   // hold when empty

	// State, absence and count.
	States []string      `yaml:"states"` // names of canonical states
	Reason string        `yaml:"reason"` // pattern of the state's reason, "" for every reason
	For    time.Duration `yaml:"for"`

	// SPC. Values are in the unit of the tag.
	Center         *float64      `yaml:"center"` // the target of spec, else its middle, when nil
	Sigma          float64       `yaml:"sigma"`
	Spec           Spec          `yaml:"spec"`
	Tests          []string      `yaml:"tests"`       // names such as n1, we4, ewma; of a single level
	ClearAfter     int           `yaml:"clear_after"` // points without a signal; 1 when 0
	Rising         int           `yaml:"rising"`      // points of n3; 6 when 0
	EWMA           EWMA          `yaml:"ewma"`
	CUSUM          CUSUM         `yaml:"cusum"`
	CapabilityOver int           `yaml:"capability_over"` // the last points; 125 when 0
	Gap            time.Duration `yaml:"gap"`             // longer without a sample, and the chart, or the window of a trend, begins anew

	// Trend.
	Limit       string        `yaml:"limit"`        // such as ">= 75 degC"
	Within      time.Duration `yaml:"within"`       // the limit is reached so soon; of count: its window
	ClearBeyond time.Duration `yaml:"clear_beyond"` // it is reached later than this; half as long again as Within when 0
	Window      time.Duration `yaml:"window"`       // of the samples that the rate is taken from
	Points      int           `yaml:"points"`       // how many are needed; 10 when 0
	Jump        float64       `yaml:"jump"`         // a change between two samples above it begins the window anew; 0 none does

	// Count.
	Count      int  `yaml:"count"`       // how many times within Within
	SameReason bool `yaml:"same_reason"` // each reason is counted by itself

	// Event. Levels have limits of the severity as Raise.
	Source     string      `yaml:"source"`     // whose server tells its conditions
	Conditions []string    `yaml:"conditions"` // patterns of their names; every one when empty
	Place      []Placement `yaml:"place"`      // the first that matches says of which equipment it is
}

// A Placement says to which equipment a server's condition belongs. In its
// patterns * stands for any characters and ? for one. At least one is set.
type Placement struct {
	Node      string `yaml:"node"`      // pattern of the node id that the condition is about
	Name      string `yaml:"name"`      // pattern of that node's name
	Equipment string `yaml:"equipment"` // path
}

// A Level is one priority of a threshold, an spc or an event rule.
type Level struct {
	Priority plant.Priority `yaml:"priority"`
	Raise    string         `yaml:"raise"`
	Clear    string         `yaml:"clear"` // the opposite of Raise when empty
	Tests    []string       `yaml:"tests"` // spc
}

// A Spec is what parts must keep, in the unit of the tag. What is nil is not
// known.
type Spec struct {
	Lower  *float64 `yaml:"lower"`
	Upper  *float64 `yaml:"upper"`
	Target *float64 `yaml:"target"`
}

// EWMA are the settings of the moving average of an spc rule. What is 0 is as
// usual.
type EWMA struct {
	Lambda float64 `yaml:"lambda"` // .2
	Limit  float64 `yaml:"limit"`  // 3, in sigmas of the average
}

// CUSUM are the settings of the cumulative sums of an spc rule, in sigmas.
// K and H that are 0 are as usual.
type CUSUM struct {
	K         float64 `yaml:"k"` // .5
	H         float64 `yaml:"h"` // 5
	HeadStart float64 `yaml:"head_start"`
}

// When limits a threshold rule to states of the equipment. In other states
// the condition is cleared; while the state is unknown it stays as it is.
type When struct {
	States []string      `yaml:"states"` // names of canonical states; every state when empty
	Settle time.Duration `yaml:"settle"` // not before the equipment is in them so long
}

// A Quality says what a threshold rule takes a value for whose status is not
// Good.
type Quality string

// The values of Quality.
const (
	QualityHold   Quality = "hold"   // for nothing: the condition stays as it is
	QualityRaise  Quality = "raise"  // for one beyond the highest level's limit
	QualityNormal Quality = "normal" // for one within all limits
)

// DefaultConfig returns no rules.
func DefaultConfig() Config { return Config{} }
