package production

// A Scope is the kind of place that KPIs are of.
type Scope string

// The scopes, from the work unit up.
const (
	ScopeEquipment Scope = "equipment"
	ScopeLine      Scope = "line"
	ScopeArea      Scope = "area"
	ScopeSite      Scope = "site"
)

// A Rollup is what KPIs of more than one equipment have besides.
type Rollup struct {
	// Mixed says that the parts follow different definitions, so that no
	// figures are given: their times and quantities do not add up.
	Mixed bool `json:"mixed_definitions"`
	// Worst is the equipment, and above lines the line, with the lowest OEE
	// index, "" when none has one.
	Worst    string `json:"worst"`
	WorstOEE Ratio  `json:"worst_oee_index"`
	// Shares are the losses of the line, or lines, by who caused them. With
	// good, planned and unscheduled time they sum up to the calendar time.
	Shares []LossShare `json:"loss_by_culprit"`
	// Neighbours compare what equipment handed on with what the next took, in
	// the order of the lines and of their equipment. There are none without
	// ConservationConfig.Tolerance.
	Neighbours []Conserved `json:"neighbours"`
}

// A LossShare is the part of a line's losses with one cause.
type LossShare struct {
	Cause   Cause              `json:"cause"`
	Culprit string             `json:"culprit"` // path of the equipment, "" for other causes
	Time    Seconds            `json:"time"`
	Losses  map[string]Seconds `json:"losses"` // by bucket of the waterfall
	Cost    *Money             `json:"cost"`   // null when nothing has a price
}

// A Cause says what kind of cause a loss has.
type Cause string

// The causes.
const (
	CauseEquipment  Cause = "equipment"  // the equipment named
	CauseChangeover Cause = "changeover" // changeovers, whoever takes longest
	CauseOutside    Cause = "outside"    // starved or blocked from outside the line
	CauseDownstream Cause = "downstream" // units lost after the constraint
	CauseUnknown    Cause = "unknown"    // time without data
)
