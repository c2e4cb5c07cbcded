package production

import (
	"time"

	"andon/plant"
)

// An UnknownPolicy says how KPIs take time without data.
type UnknownPolicy string

// The policies for time without data.
const (
	UnknownInfer   UnknownPolicy = "infer"   // the run that the counter shows is run, the rest is held out
	UnknownExclude UnknownPolicy = "exclude" // all of it and the units made in it are held out
	UnknownAsDown  UnknownPolicy = "as_down" // as infer, but the rest counts against availability
)

// A NoOrderPolicy says what time is in which a line has no order and does not
// run.
type NoOrderPolicy string

// The policies for time without an order.
const (
	NoOrderNotScheduled NoOrderPolicy = "not_scheduled" // nobody wants it to run
	NoOrderLoss         NoOrderPolicy = "loss"          // a stop like any other
)

// An OEEMode says whether micro-stops count against availability or against
// effectiveness. The OEE index is the same in both.
type OEEMode string

// The modes.
const (
	ModeTPM      OEEMode = "tpm"      // micro-stops are a loss of effectiveness
	ModeISO22400 OEEMode = "iso22400" // availability = APT / PBT
)

// A ReasonCategory is the kind of a reason; it decides where time is booked.
type ReasonCategory string

// The categories of reasons.
const (
	CategoryFault      ReasonCategory = "fault"
	CategoryChangeover ReasonCategory = "changeover"
	CategoryPlanned    ReasonCategory = "planned"
	CategoryStarved    ReasonCategory = "starved"
	CategoryBlocked    ReasonCategory = "blocked"
	CategoryMicro      ReasonCategory = "micro" // may be a micro-stop, such as a jam
	CategoryOther      ReasonCategory = "other"
	CategorySafety     ReasonCategory = "safety" // from the state only, never of a configured reason
)

// Config configures production. Where several entries of a list match an
// equipment, the first one counts. Equipment is named by a path glob such as
// northfield/packing/**.
type Config struct {
	MicroStop  time.Duration `yaml:"micro_stop"`  // stops shorter than this are micro-stops
	StaleAfter time.Duration `yaml:"stale_after"` // without contact for longer, the state is unknown
	// MicroStopCycles is the same as a multiple of the ideal cycle, where that
	// is known; 0: MicroStop holds.
	MicroStopCycles float64 `yaml:"micro_stop_cycles"`
	// Run is slow when units take more than SlowFactor times their ideal time
	// over SlowWindow, and over 20 cycles at least.
	SlowFactor float64       `yaml:"slow_factor"`
	SlowWindow time.Duration `yaml:"slow_window"`
	MinRun     time.Duration `yaml:"min_run"`   // a shorter run does not end a stop
	MinState   time.Duration `yaml:"min_state"` // a shorter excursion to another state is ignored
	Horizon    time.Duration `yaml:"horizon"`   // how far back late samples still count
	Startup    time.Duration `yaml:"startup"`   // so long after a stop, rejects are those of the start-up

	// Settle is how long after its end the KPIs of a window become their first
	// revision.
	Settle time.Duration `yaml:"settle"`
	// Quiet is how long nothing more may have come late before revisions are
	// made of what did. They are made after 15 times this at the latest.
	Quiet time.Duration `yaml:"quiet"`

	Unknown UnknownPolicy `yaml:"unknown"`
	NoOrder NoOrderPolicy `yaml:"no_order"`
	OEEMode OEEMode       `yaml:"oee_mode"`

	Calendars   []plant.CalendarConfig `yaml:"calendars"`
	CalendarFor []CalendarFor          `yaml:"calendar_for"`

	StateMaps []CodeMap `yaml:"state_maps"`
	ModeMaps  []CodeMap `yaml:"mode_maps"`

	Quality      QualityConfig      `yaml:"quality"`
	Conservation ConservationConfig `yaml:"conservation"`

	Products   []Product         `yaml:"products"`
	Orders     []Order           `yaml:"orders"`
	Changeover ChangeoverConfig  `yaml:"changeover"`
	Reasons    []Reason          `yaml:"reasons"`
	Equipment  []EquipmentConfig `yaml:"equipment"`

	ReasonRules []ReasonRule `yaml:"reason_rules"`
	Review      ReviewConfig `yaml:"review"`

	Costs   CostConfig   `yaml:"costs"`
	Lines   []LineConfig `yaml:"lines"`
	Targets []Target     `yaml:"targets"`

	Staff []StaffConfig `yaml:"staff"`
}

// CalendarFor gives a calendar to equipment. Equipment without one is always
// scheduled.
type CalendarFor struct {
	Equipment string `yaml:"equipment"`
	Calendar  string `yaml:"calendar"`
}

// A CodeMap maps raw codes, written as text, to what they mean.
//
// In state maps the words are those of plant.State and besides: idle (ready
// but not running), suspended (starved or blocked by the line: find out
// which) and transitional (starting, resetting, stopping: belongs to the stop
// before it, or else after it). Built in are packml, packml_30060 and umh. A
// tag that names no map uses packml.
//
// In mode maps they are production, changeover, planned_stop and
// not_scheduled. A tag that names no map uses packml_modes.
type CodeMap struct {
	Name    string            `yaml:"name"`
	Codes   map[string]string `yaml:"codes"`
	Default string            `yaml:"default"` // for all other codes; unknown, or production in mode maps
}

// A Product is what equipment makes.
type Product struct {
	Name   string       `yaml:"name"`
	Ideal  []IdealCycle `yaml:"ideal"`
	Margin float64      `yaml:"margin"` // per unit, in the site's currency
	// MicroStopCycles overrides that of the equipment; 0 keeps it.
	MicroStopCycles float64 `yaml:"micro_stop_cycles"`
	MaterialCost    float64 `yaml:"material_cost"` // per unit
	ReworkCost      float64 `yaml:"rework_cost"`   // per unit that is reworked
	Prices          []Price `yaml:"prices"`        // later ones
	// PlannedScrap is the share of the units produced that is planned to be
	// scrap; 0: none is planned.
	PlannedScrap float64 `yaml:"planned_scrap"`
	// Consumes are the materials it is made of, as far as levels show them.
	Consumes []Consumption `yaml:"consumes"`
}

// An IdealCycle is the ideal time for one unit of a product on equipment.
type IdealCycle struct {
	Equipment string        `yaml:"equipment"`
	Cycle     time.Duration `yaml:"cycle"`
	ValidFrom time.Time     `yaml:"valid_from"` // zero: from the beginning
}

// An Order is a production order. It runs on its lines from From to Until, or
// until the next order there begins; tags with the roles order and product
// override it.
type Order struct {
	Order    string    `yaml:"order"`
	Product  string    `yaml:"product"`
	Line     string    `yaml:"line"` // path glob of lines or equipment
	Quantity int64     `yaml:"quantity"`
	From     time.Time `yaml:"from"`
	Until    time.Time `yaml:"until"` // zero: until the next one
	Due      time.Time `yaml:"due"`
	// DoneBefore is what was made of it before andon saw it.
	DoneBefore int64 `yaml:"done_before"`
}

// ChangeoverConfig says what a changeover is.
type ChangeoverConfig struct {
	// OnProduct makes a changeover of an otherwise unexplained stop in which
	// the product changes.
	OnProduct bool `yaml:"on_product"`
	// Standards are the times allowed.
	Standards []ChangeoverStandard `yaml:"standards"`
}

// A ChangeoverStandard is the time allowed for a changeover. Empty names
// match every product.
type ChangeoverStandard struct {
	Equipment string        `yaml:"equipment"`
	From      string        `yaml:"from"`
	To        string        `yaml:"to"`
	Time      time.Duration `yaml:"time"`
}

// A Reason is why equipment stops. It is found by the code that a tag with
// the role stop_reason or fault_code gives, or else by the state; people may
// give any that no other reason has as its parent. One that is no longer used
// gets ValidTo and stays, since old stops name it.
type Reason struct {
	ID        string         `yaml:"id"`
	Name      string         `yaml:"name"`
	Equipment string         `yaml:"equipment"` // "" for all
	Codes     []string       `yaml:"codes"`
	States    []string       `yaml:"states"` // for stops in these states that gave no code
	Category  ReasonCategory `yaml:"category"`
	// Maintenance says that such a stop is preventive maintenance.
	Maintenance bool `yaml:"maintenance"`
	// Failure says whether the stop counts as a failure; nil: when the
	// category is fault.
	Failure *bool `yaml:"failure"`

	Parent string `yaml:"parent"` // id of the reason above it, whose category holds when it has none
	// CountsAgainst overrides what time with this reason, given by a person
	// or a rule, is a loss of; "": what its category says.
	CountsAgainst   CountsAgainst `yaml:"counts_against"`
	RequiresComment bool          `yaml:"requires_comment"`
	ValidFrom       time.Time     `yaml:"valid_from"` // stops that begin earlier cannot get it; zero: no bound
	ValidTo         time.Time     `yaml:"valid_to"`   // nor those that begin then or later
	Owner           string        `yaml:"owner"`      // the group that can do something about it
}

// EquipmentConfig overrides settings of some equipment. Zero values keep the
// general setting. Unlike in other lists, all matching entries apply, the
// later over the earlier.
type EquipmentConfig struct {
	Equipment       string        `yaml:"equipment"`
	MicroStop       time.Duration `yaml:"micro_stop"`
	StaleAfter      time.Duration `yaml:"stale_after"`
	MicroStopCycles float64       `yaml:"micro_stop_cycles"`
	SlowFactor      float64       `yaml:"slow_factor"`
	SlowWindow      time.Duration `yaml:"slow_window"`
	// Total, Good, Reject and Rework are paths of tags, perhaps of other
	// equipment, that count for this one.
	Total  string `yaml:"total"`
	Good   string `yaml:"good"`
	Reject string `yaml:"reject"`
	Rework string `yaml:"rework"`
	// ReworkApart says that the reject counter counts scrap only, and not
	// what is to be reworked.
	ReworkApart bool `yaml:"rework_apart"`
	// Units are how many units one count of the total, or else of the good,
	// counter stands for, from when on; a tag of the role cavities overrides it.
	Units []UnitsFrom `yaml:"units"`
	// Moulds are the products that make several products in each cycle.
	Moulds []Mould `yaml:"moulds"`
	// MaxRate is the highest believable rate in units per second; 0: that of
	// the ideal cycle time.
	MaxRate float64 `yaml:"max_rate"`
	// MaxPower is the highest believable power in kilowatts; 0: 5,000.
	MaxPower float64 `yaml:"max_power"`
	// Suspended is what a suspended state means when no neighbour explains
	// it: starved or blocked; "": blocked for the first equipment of a line,
	// else starved.
	Suspended string `yaml:"suspended"`
	// PulseTimeout is how long equipment without a state runs on without a
	// count; 0: 5 s, or 1.7 ideal cycles of the product when that is longer.
	PulseTimeout time.Duration `yaml:"pulse_timeout"`
	// Equipment without a state but with a tag of the role power runs when it
	// draws more than RunningAbove and until it draws less than IdleBelow,
	// both in the tag's unit; IdleBelow 0 is RunningAbove. RunningAbove 0:
	// power says nothing.
	RunningAbove float64 `yaml:"running_above"`
	IdleBelow    float64 `yaml:"idle_below"`
	Product      string  `yaml:"product"` // made when neither tag nor order says it
}

// DefaultConfig returns the settings that hold when nothing is configured.
func DefaultConfig() Config {
	return Config{
		MicroStop: 120 * time.Second, StaleAfter: 15 * time.Second,
		Quality:    QualityConfig{Window: 5 * time.Minute},
		SlowFactor: 1.10, SlowWindow: time.Minute,
		MinRun: 5 * time.Second, MinState: 2 * time.Second, Horizon: 26 * time.Hour, Startup: time.Minute,
		Settle:  15 * time.Minute,
		Quiet:   time.Minute,
		Unknown: UnknownInfer, NoOrder: NoOrderNotScheduled, OEEMode: ModeTPM,
		Changeover: ChangeoverConfig{OnProduct: true},
		Review:     ReviewConfig{MinPart: 5 * time.Second, MergeGap: 30 * time.Second},
	}
}
