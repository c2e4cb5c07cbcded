package production

import (
	"fmt"

	"andon/plant"
)

// An Area keeps the logs of one area's equipment and derives its facts. It is
// not safe for concurrent use.
type Area struct {
	*Definitions
	area    *plant.Area
	horizon plant.Instant
	now     plant.Instant // stream time
	past    bool          // while the samples of ApplyPast are taken

	units    []*unit // with a state or a counter, in order of the tree
	of       map[*plant.Equipment]*unit
	views    []*lineView
	lines    map[*plant.Line]*lineView // of which something is derived
	routes   [][]route
	sources  map[string]*source
	work     []*unit // to derive again
	changed  []*unit // for Drain to tell
	fresh    []*unit // for TakeStates to look at
	starting []*unit // those that may be
	trimmed  plant.Instant
	stats    Stats
	scratch  []Count
	spare    []Count    // of lines
	sheet    meterSheet // for KPIs

	conservation ConservationConfig
	quality      QualityConfig
	products     map[string]bool
	planned      []Order       // of the configuration
	orders       []OrderRecord // that people gave, by line and start
	newOrders    []OrderRecord // for Drain to tell
	early        *Changes      // of before a leap, for Drain to tell; nil for none
}

// A source is what a collector source tells of its own contact.
type source struct {
	spans
	join    plant.Instant // shortest stale_after of its members
	members []*unit
}

// A route says what one tag is to one unit.
type route struct {
	u       *unit
	level   int32 // -1 for none
	signal  int8  // -1 for none
	counter int8  // -1 for none
	energy  bool
	own     bool
	power   bool // by which it shows that it runs
}

// Stats count what an Area could not use since it began.
type Stats struct {
	TooLate   uint64 // samples older than the horizon
	TooEarly  uint64 // samples later than stream time allows
	Repeated  uint64 // samples that were there already
	NoNumber  uint64 // counter samples without a whole number
	Unmatched uint64 // samples of tags that the area does not know
}

// New returns the Area for one area of tree. Its error joins the problems of
// cfg and those that Check finds in what the area needs; patterns that match
// nothing do no harm here.
func New(cfg Config, tree *plant.Tree, area *plant.Area) (*Area, error) {
	if err := cfg.Validate().Err(); err != nil {
		return nil, err
	}
	if err := cfg.checkArea(tree, area).Err(); err != nil {
		return nil, err
	}
	a := &Area{area: area, of: map[*plant.Equipment]*unit{}, lines: map[*plant.Line]*lineView{}, horizon: plant.Instant(cfg.Horizon), routes: make([][]route, len(tree.Tags())),
		sources: map[string]*source{}, products: map[string]bool{}, planned: cfg.Orders, quality: cfg.Quality, conservation: cfg.Conservation}
	for _, q := range cfg.Products {
		a.products[q.Name] = true
	}
	plans, err := newSchedules(cfg, tree)
	if err != nil {
		return nil, err
	}
	maps := cfg.maps()
	for _, line := range area.Lines {
		first := len(a.units)
		for _, eq := range line.Equipment {
			a.addUnit(cfg, maps, tree, eq)
		}
		mates := a.units[first:]
		for i, u := range mates {
			u.line, u.pos, u.plan = mates, i, plans.of(cfg, u.eq)
		}
		a.views = append(a.views, a.newView(cfg, line, mates))
	}
	a.packRoutes()
	a.findInspectors()
	a.publish(cfg)
	return a, nil
}

func (a *Area) addUnit(cfg Config, maps codeMaps, tree *plant.Tree, eq *plant.Equipment) {
	u := &unit{definition: &definition{eq: eq}, id: len(a.units), touched: endless, recount: endless}
	u.near, u.wake, u.checks = endless, endless, []checkpoint{{}}
	u.out.reset()
	u.scratch, u.sheet = &a.scratch, &a.sheet
	var over EquipmentConfig
	u.set, over = newSettings(cfg, eq)
	u.jobs = u.set.plan.withOrders(nil)
	u.set.states = mapOf(eq.Tag(plant.RoleState), maps.states, "packml")
	u.set.modes = mapOf(eq.Tag(plant.RoleMode), maps.modes, usualModes(eq.Tag(plant.RoleState)))
	u.counting(tree, over)
	u.newSigns(over)
	u.gauging(cfg, tree, over)
	u.gauged = u.gaugedBy()
	if eq.Tag(plant.RoleState) == nil && u.signs.by() == byState {
		return
	}
	a.units = append(a.units, u)
	a.of[eq] = u
	src := a.sources[eq.Source]
	if src == nil {
		src = &source{join: u.set.stale}
		a.sources[eq.Source] = src
	}
	src.join = min(src.join, u.set.stale)
	src.members = append(src.members, u)
	u.source = &src.spans
	a.addRoutes(u)
}

func (a *Area) addRoutes(u *unit) {
	for _, tag := range u.eq.Tags {
		r := route{u: u, signal: -1, counter: -1, level: int32(u.levelOf(tag)), energy: u.energy.tag == tag, own: true, power: u.signs.by() == byPower && u.signs.power == tag}
		if s, ok := signalOf(tag.Role); ok && u.eq.Tag(tag.Role) == tag {
			r.signal = int8(s)
		}
		for i := range u.counters {
			if u.counters[i].tag == tag {
				r.counter = int8(i)
			}
		}
		a.routes[tag.ID] = append(a.routes[tag.ID], r)
	}
	for i := range u.counters {
		if tag := u.counters[i].tag; tag != nil && tag.Equipment != u.eq {
			a.routes[tag.ID] = append(a.routes[tag.ID], route{u: u, signal: -1, counter: int8(i), level: -1,
				own: u.signs.by() == byPulse && &u.counters[i] == u.main()})
		}
	}
	for i := range u.levels {
		if tag := u.levels[i].tag; tag.Equipment != u.eq {
			a.routes[tag.ID] = append(a.routes[tag.ID], route{u: u, signal: -1, counter: -1, level: int32(i)})
		}
	}
}

// packRoutes puts the routes of all tags one behind the other: each sample
// asks for those of its tag.
func (a *Area) packRoutes() {
	n := 0
	for _, rs := range a.routes {
		n += len(rs)
	}
	all := make([]route, 0, n)
	for i, rs := range a.routes {
		first := len(all)
		all = append(all, rs...)
		a.routes[i] = all[first:len(all):len(all)]
	}
}

// schedules builds each calendar once.
type schedules struct {
	by   map[string]*schedule
	none *schedule
}

func newSchedules(cfg Config, tree *plant.Tree) (schedules, error) {
	s := schedules{by: map[string]*schedule{}, none: &schedule{}}
	for _, c := range cfg.Calendars {
		cal, err := plant.NewCalendar(c, tree.Zone)
		if err != nil {
			return s, fmt.Errorf("calendar %s: %w", c.Name, err)
		}
		s.by[c.Name] = &schedule{cal: cal}
	}
	return s, nil
}

func (s schedules) of(cfg Config, eq *plant.Equipment) *schedule {
	for _, f := range cfg.CalendarFor {
		if plant.Match(f.Equipment, eq.Path) {
			return s.by[f.Calendar]
		}
	}
	return s.none
}
