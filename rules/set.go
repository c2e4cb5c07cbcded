package rules

import (
	"errors"
	"time"

	"andon/plant"
)

// hole is the jump of stream time from which andon must have been away: ticks
// come every second.
const hole = 10 * time.Second

// A Set is every rule of one area. It is not safe for concurrent use.
type Set struct {
	zone      *time.Location
	instances []instance // in the order of rules, then of equipment
	latches   []latch
	owner     []int32 // instance of each latch
	timers    timers  // ids: latches, then the settle time of each instance

	byTag       index // by Tag.ID: threshold, absence, spc and trend
	byEquipment index // by Equipment.ID: state, count, and threshold with when
	bySource    map[string][]int32
	servers     servers             // what servers tell of their own conditions
	states      []plant.StateChange // by Equipment.ID; no Equipment when not known
	good        []bool              // by Tag.ID, of tags that absence rules watch: the last sample was Good

	now     plant.Instant // of the last Eval
	arm     bool          // the next Eval is the first since New or Restore
	dirty   []int32       // instances to look at once timers have run
	removed []gone        // to be cleared at the next Eval
	out     []plant.Condition
}

// An instance is one rule on one equipment.
type instance struct {
	rule      *rule
	equipment *plant.Equipment
	tag       *plant.Tag // nil when the rule has none
	index     int32
	first, n  int32 // its latches

	frozen  plant.Instant // since when delays stand still, 0 when they run
	flip    plant.Instant // event time of the last change of a latch
	began   plant.Instant // event time at which what is announced began
	last    plant.Instant // Condition.Time of the last one
	said    plant.Priority
	isDirty bool

	// What the rule last saw.
	quality   quality
	value     plant.Value // the last Good one
	valueTime plant.Instant
	gate      gate
	seen      plant.Instant // stream time of the last sign of life (absence) or value (trend)

	// What rules keep that look at more than the last value; nil for others.
	chart   *chart
	trend   *trend
	entries *entries
}

// A quality says what is known of an instance's tag.
type quality uint8

const (
	never quality = iota // no sample yet
	good
	bad
)

// A gate says whether the equipment is in a state that the rule looks at.
type gate uint8

const (
	held gate = iota // not known, or not settled: nothing changes
	open
	shut
)

// A gone is the condition of an instance that the configuration no longer
// has.
type gone struct {
	Rule, Equipment string
	Class           plant.Class
	Said            plant.Priority
	Last            plant.Instant
}

// New returns the rules of cfg for the equipment of area. Problems of cfg, by
// itself and against tree, are one error that joins them.
func New(cfg Config, tree *plant.Tree, area *plant.Area) (*Set, error) {
	if err := errors.Join(cfg.Validate().Err(), cfg.Check(tree).Err()); err != nil {
		return nil, err
	}
	s := &Set{zone: tree.Zone, arm: true, bySource: map[string][]int32{}, states: make([]plant.StateChange, len(tree.Equipment())),
		good: make([]bool, len(tree.Tags())), servers: newServers(area)}
	for _, r := range cfg.Rules {
		cr, _ := compile(r) // validated above
		if r.Kind == KindEvent {
			s.servers.rules = append(s.servers.rules, newEventRule(cr, tree))
			continue
		}
		for _, e := range tree.Equipment() {
			tag := tagNamed(e, r.Tag)
			if e.Line.Area != area || !plant.Match(r.Equipment, e.Path) || r.Tag != "" && tag == nil {
				continue
			}
			s.add(cr, e, tag)
		}
	}
	s.timers = newTimers(len(s.latches) + len(s.instances))
	s.buildIndex(tree)
	return s, nil
}

func (s *Set) add(r *rule, e *plant.Equipment, tag *plant.Tag) {
	i := instance{rule: r, equipment: e, tag: tag, index: int32(len(s.instances)), first: int32(len(s.latches)), n: int32(len(r.levels))}
	if r.when == 0 {
		i.gate = open
	}
	switch r.Kind {
	case KindSPC:
		i.chart = newChart(r)
	case KindTrend:
		i.trend = newTrend()
	case KindCount:
		i.entries = &entries{}
	}
	s.instances = append(s.instances, i)
	for range i.n {
		s.latches = append(s.latches, latch{})
		s.owner = append(s.owner, i.index)
	}
}

// settleTimer is the timer of the instance's settle time.
func (s *Set) settleTimer(i *instance) int32 { return int32(len(s.latches)) + i.index }

// An index lists instances by a dense id, without a map or a pointer on the
// way of a sample.
type index struct {
	start []int32 // start[id] to start[id+1] in list
	list  []int32
}

// at returns the instances of id; none when the tree does not know the id.
func (x *index) at(id int) []int32 {
	if id < 0 || id+1 >= len(x.start) {
		return nil
	}
	return x.list[x.start[id]:x.start[id+1]]
}

func newIndex(byID [][]int32) (x index) {
	for _, list := range byID {
		x.start = append(x.start, int32(len(x.list)))
		x.list = append(x.list, list...)
	}
	x.start = append(x.start, int32(len(x.list)))
	return x
}

func (s *Set) buildIndex(tree *plant.Tree) {
	byTag := make([][]int32, len(tree.Tags()))
	byEquipment := make([][]int32, len(tree.Equipment()))
	for n := range s.instances {
		i := &s.instances[n]
		e := i.equipment
		if i.rule.Kind == KindState || i.rule.Kind == KindCount || i.rule.when != 0 {
			byEquipment[e.ID] = append(byEquipment[e.ID], i.index)
		}
		if (i.rule.Kind == KindAbsence || i.trend != nil) && e.Source != "" {
			s.bySource[e.Source] = append(s.bySource[e.Source], i.index)
		}
		for _, t := range e.Tags {
			if i.tag == t || i.tag == nil && i.rule.Kind == KindAbsence {
				byTag[t.ID] = append(byTag[t.ID], i.index)
			}
		}
	}
	s.byTag, s.byEquipment = newIndex(byTag), newIndex(byEquipment)
}
