package production

import (
	"time"

	"andon/plant"
)

// The state-like signals of an equipment.
const (
	sigState = iota
	sigMode
	sigEStop
	sigGuard
	sigStarved
	sigBlocked
	sigFault
	sigReason
	sigProduct
	sigOrder
	sigCavities
	signals
)

func signalOf(r plant.Role) (int, bool) {
	switch r {
	case plant.RoleState:
		return sigState, true
	case plant.RoleMode:
		return sigMode, true
	case plant.RoleEStop:
		return sigEStop, true
	case plant.RoleGuard:
		return sigGuard, true
	case plant.RoleStarved:
		return sigStarved, true
	case plant.RoleBlocked:
		return sigBlocked, true
	case plant.RoleFaultCode:
		return sigFault, true
	case plant.RoleStopReason:
		return sigReason, true
	case plant.RoleProduct:
		return sigProduct, true
	case plant.RoleOrder:
		return sigOrder, true
	case plant.RoleCavities:
		return sigCavities, true
	}
	return 0, false
}

// The counters of an equipment.
const (
	cntTotal = iota
	cntGood
	cntReject
	cntRework
	counters
)

// counterKeys are the keys of EquipmentConfig that name counters.
var counterKeys = [counters]string{"total", "good", "reject", "rework"}

func (e EquipmentConfig) counterPaths() [counters]string {
	return [counters]string{e.Total, e.Good, e.Reject, e.Rework}
}

// Settings are a Config resolved for one equipment.
type settings struct {
	reworkApart             bool // the reject counter does not count it
	micro, minRun, minState time.Duration
	units                   []UnitsFrom
	moulds                  []Mould
	microCycles             float64 // instead of micro where the ideal cycle is known; 0 for none
	slowFactor              float64
	slowWindow              time.Duration
	stale                   plant.Instant
	startup                 time.Duration
	maintenance             []string // ids of reasons
	states, modes           codes
	reasons                 reasonList
	plan                    plan
	onProduct               bool
	noOrder                 bool  // time without an order is not scheduled
	suspended               class // clsStarved or clsBlocked
	unknown                 UnknownPolicy
	mode                    OEEMode
	pricing                 *Pricing
	standards               []ChangeoverStandard
	staff, lineStaff        []StaffConfig // of the line only for its constraint
	scrap                   []ScrapPlan
}

// A counter is one counter of an equipment.
type counter struct {
	tag   *plant.Tag // nil when the equipment has none
	units int64      // per count
	lim   limits
	readings
}

// A unit is all that is known of one equipment.
type unit struct {
	*definition
	id   int // index in Area.units
	line []*unit
	pos  int // index in line
	plan *schedule
	jobs []jobAt // sorted by from

	// The log: what came in.
	tracks   [signals]track
	spans    spans  // good samples
	source   *spans // contacts of its source, shared
	counters [counters]counter
	lost     bool          // the state's track holds codeLost
	stated   plant.Instant // nothing in the state's track is later

	inspector *unit  // other equipment that tells good units from bad ones; nil for none
	memo      []memo // by signal, as far as one came

	signs *signs // nil of equipment with a state, which most have

	timeline
	counts
	slowness

	// What to derive again.
	dirty   bool
	fresh   bool          // in Area.fresh
	listed  bool          // in Area.starting
	touched plant.Instant // earliest change of the log since settle, endless for none
	recount plant.Instant // earliest change that only counts see

	out output

	gauged bool // it has something to measure
	gauges

	review Review // nil for none
}

func newSettings(c Config, eq *plant.Equipment) (settings, EquipmentConfig) {
	over := EquipmentConfig{MicroStop: c.MicroStop, StaleAfter: c.StaleAfter, MicroStopCycles: c.MicroStopCycles,
		SlowFactor: c.SlowFactor, SlowWindow: c.SlowWindow}
	for _, e := range c.Equipment {
		if plant.Match(e.Equipment, eq.Path) {
			over = over.merge(e)
		}
	}
	s := settings{
		units: over.Units, moulds: over.Moulds, reworkApart: over.ReworkApart,
		micro: over.MicroStop, microCycles: over.MicroStopCycles, slowFactor: over.SlowFactor, slowWindow: over.SlowWindow, minRun: c.MinRun, minState: c.MinState, stale: plant.Instant(over.StaleAfter),
		startup: c.Startup, maintenance: maintenanceReasons(c),
		reasons: newReasonList(c, eq), plan: newPlan(c, eq, over.Product), onProduct: c.Changeover.OnProduct, noOrder: c.NoOrder == NoOrderNotScheduled,
		suspended: clsStarved, unknown: c.Unknown, mode: c.OEEMode, pricing: NewPricing(c, eq), standards: standardsOf(c, eq),
		scrap: c.scrapPlans(),
	}
	s.staff = staffOf(c, eq.Path, equipmentStaff)
	if eq.Line.Constraint == eq {
		s.lineStaff = staffOf(c, eq.Line.Path, lineStaff)
	}
	if over.Suspended == "blocked" || over.Suspended == "" && eq == eq.Line.Equipment[0] {
		s.suspended = clsBlocked
	}
	return s, over
}

func (e EquipmentConfig) merge(f EquipmentConfig) EquipmentConfig {
	for _, d := range []struct{ to, from *time.Duration }{{&e.MicroStop, &f.MicroStop}, {&e.StaleAfter, &f.StaleAfter},
		{&e.PulseTimeout, &f.PulseTimeout}, {&e.SlowWindow, &f.SlowWindow}} {
		if *d.from != 0 {
			*d.to = *d.from
		}
	}
	if len(f.Units) > 0 {
		e.Units = f.Units
	}
	if len(f.Moulds) > 0 {
		e.Moulds = f.Moulds
	}
	for _, s := range []struct{ to, from *string }{{&e.Total, &f.Total}, {&e.Good, &f.Good}, {&e.Reject, &f.Reject},
		{&e.Rework, &f.Rework}, {&e.Suspended, &f.Suspended}, {&e.Product, &f.Product}} {
		if *s.from != "" {
			*s.to = *s.from
		}
	}
	for _, n := range []struct{ to, from *float64 }{{&e.MaxRate, &f.MaxRate}, {&e.RunningAbove, &f.RunningAbove},
		{&e.IdleBelow, &f.IdleBelow}, {&e.MicroStopCycles, &f.MicroStopCycles}, {&e.SlowFactor, &f.SlowFactor}} {
		if *n.from != 0 {
			*n.to = *n.from
		}
	}
	if f.MaxPower != 0 {
		e.MaxPower = f.MaxPower
	}
	e.ReworkApart = e.ReworkApart || f.ReworkApart
	return e
}

// counting finds the tags that count for the unit.
func (u *unit) counting(tree *plant.Tree, over EquipmentConfig) {
	roles := [counters]plant.Role{plant.RoleTotalCount, plant.RoleGoodCount, plant.RoleRejectCount, plant.RoleReworkCount}
	paths := over.counterPaths()
	for i := range u.counters {
		c := &u.counters[i]
		c.tag = u.eq.Tag(roles[i])
		if paths[i] != "" {
			c.tag = tree.Tag(paths[i])
		}
		if c.tag == nil {
			continue
		}
		c.units = max(1, c.tag.UnitsPerCount)
		c.lim.rollover = int64(min(c.tag.Rollover, 1<<62))
		rate := over.MaxRate
		if f := u.set.plan.fastest(); rate == 0 && f > 0 {
			rate = 1 / f.Seconds()
		}
		c.lim.rate = rate / float64(c.units)
	}
}

// hasQuality reports whether good and bad units can be told apart.
func (u *unit) hasQuality() bool {
	c := &u.counters
	return c[cntReject].tag != nil || c[cntRework].tag != nil || c[cntTotal].tag != nil && c[cntGood].tag != nil
}

// main returns the counter that shows production best, nil for none.
func (u *unit) main() *counter {
	for i := range u.counters[:cntReject] {
		if u.counters[i].tag != nil {
			return &u.counters[i]
		}
	}
	return nil
}

// touch notes that the log changed from t on.
func (u *unit) touch(t plant.Instant) { u.touched = min(u.touched, t) }
