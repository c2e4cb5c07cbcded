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
)

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
	OffDelay time.Duration `yaml:"off_delay"` // clear must hold so long; state rules have it too
	Quality  Quality       `yaml:"quality"`   // hold when empty

	// State and absence.
	States []string      `yaml:"states"` // names of canonical states
	Reason string        `yaml:"reason"` // pattern of the state's reason, "" for every reason
	For    time.Duration `yaml:"for"`
}

// A Level is one priority of a threshold rule.
type Level struct {
	Priority plant.Priority `yaml:"priority"`
	Raise    string         `yaml:"raise"`
	Clear    string         `yaml:"clear"` // the opposite of Raise when empty
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
