package rules

import (
	"encoding/json"
	"errors"
	"fmt"

	"andon/plant"
)

// snapshotVersion changes when an older snapshot can no longer be read.
const snapshotVersion = 1

type snapshot struct {
	Version   int             `json:"version"`
	Now       plant.Instant   `json:"now"`
	States    []savedState    `json:"states"`
	Instances []savedInstance `json:"instances"`
	Removed   []gone          `json:"removed"`
	Servers   savedServers    `json:"servers,omitzero"`
}

// Times are written as numbers: there are many of them.
type savedState struct {
	Equipment string `json:"equipment"`
	State     string `json:"state"`
	Since     int64  `json:"since"`
	Reason    string `json:"reason,omitempty"`
}

type savedInstance struct {
	Rule      string         `json:"rule"`
	Equipment string         `json:"equipment"`
	Kind      Kind           `json:"kind"`
	Class     plant.Class    `json:"class"`
	Tag       string         `json:"tag,omitempty"`
	Frozen    int64          `json:"frozen,omitzero"`
	Began     int64          `json:"began,omitzero"`
	Last      int64          `json:"last,omitzero"`
	Said      plant.Priority `json:"said,omitempty"`
	Quality   quality        `json:"quality,omitzero"`
	ValueKind plant.Kind     `json:"value_kind,omitzero"`
	ValueBits uint64         `json:"value_bits,omitzero"`
	ValueTime int64          `json:"value_time,omitzero"`
	Gate      gate           `json:"gate,omitzero"`
	Settles   int64          `json:"settles,omitzero"` // when the settle time ends
	Seen      int64          `json:"seen,omitzero"`
	Good      []string       `json:"good,omitempty"` // absence: names of the tags that were last Good
	Latches   []savedLatch   `json:"latches"`
	Chart     *savedChart    `json:"chart,omitempty"`
	Trend     *savedTrend    `json:"trend,omitempty"`
	Entries   *savedEntries  `json:"entries,omitempty"`
}

type savedLatch struct {
	Priority plant.Priority `json:"priority"`
	Phase    phase          `json:"phase,omitzero"`
	Began    int64          `json:"began,omitzero"`
	Mark     int64          `json:"mark,omitzero"`
	Due      int64          `json:"due,omitzero"`
}

// Snapshot returns the whole state of s, with every delay as far as it is.
func (s *Set) Snapshot() ([]byte, error) {
	out := snapshot{Version: snapshotVersion, Now: s.now, Removed: s.removed}
	for _, c := range s.states {
		if c.Equipment != nil {
			out.States = append(out.States, savedState{c.Equipment.Path, c.State.String(), int64(c.Since), c.Reason})
		}
	}
	for n := range s.instances {
		out.Instances = append(out.Instances, s.save(&s.instances[n]))
	}
	out.Servers = s.servers.save()
	return json.Marshal(out)
}

func (s *Set) save(i *instance) savedInstance {
	x := savedInstance{Rule: i.rule.ID, Equipment: i.equipment.Path, Kind: i.rule.Kind, Class: i.rule.Class, Frozen: int64(i.frozen),
		Began: int64(i.began), Last: int64(i.last), Said: i.said, Quality: i.quality, ValueKind: i.value.Kind(),
		ValueBits: i.value.Bits(), ValueTime: int64(i.valueTime), Gate: i.gate, Seen: int64(i.seen)}
	if i.tag != nil {
		x.Tag = i.tag.Name
	}
	switch i.rule.Kind {
	case KindAbsence:
		x.Good = s.goodTags(i)
	case KindSPC:
		x.Chart = i.chart.save(i.rule)
	case KindTrend:
		x.Trend = i.trend.save()
	case KindCount:
		x.Entries = i.entries.save()
	}
	if t := s.settleTimer(i); s.timers.running(t) {
		x.Settles = int64(s.timers.due[t])
	}
	for k := range i.n {
		l := s.latches[i.first+k]
		x.Latches = append(x.Latches, savedLatch{i.rule.levels[k].priority, l.phase, int64(l.began), int64(l.mark), int64(l.due)})
	}
	return x
}

// Restore sets s, fresh from New, to the state that Snapshot returned, also
// when the configuration changed since. A rule is known again by its id and
// the equipment's path; the next Eval clears the conditions of those that are
// gone. On an error s must not be used.
func (s *Set) Restore(data []byte) error {
	var in snapshot
	if err := json.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("read snapshot of rules: %w", err)
	}
	if in.Version != snapshotVersion {
		return fmt.Errorf("read snapshot of rules: version %d, want %d", in.Version, snapshotVersion)
	}
	if s.now != 0 {
		return errors.New("read snapshot of rules: want a set that evaluated nothing yet")
	}
	s.now, s.removed = in.Now, in.Removed
	if err := s.restoreStates(in.States); err != nil {
		return err
	}
	known := map[[2]string]*instance{}
	for n := range s.instances {
		i := &s.instances[n]
		known[[2]string{i.rule.ID, i.equipment.Path}] = i
	}
	for _, x := range in.Instances {
		if !x.valid() {
			return fmt.Errorf("read snapshot of rules: %.64q on %.200q has a state that is none", x.Rule, x.Equipment)
		}
		if i := known[[2]string{x.Rule, x.Equipment}]; i != nil && i.rule.Kind == x.Kind {
			s.load(i, x)
		} else if x.Said != "" {
			s.removed = append(s.removed, gone{x.Rule, x.Equipment, x.Class, x.Said, plant.Instant(x.Last)})
		}
	}
	s.loadServers(in.Servers)
	return nil
}

func (x savedInstance) valid() bool {
	for _, l := range x.Latches {
		if l.Phase > offDelay {
			return false
		}
	}
	return x.Quality <= bad && x.Gate <= shut && x.ValueKind <= plant.KindText
}

func (s *Set) restoreStates(in []savedState) error {
	byPath := map[string]*plant.Equipment{}
	for n := range s.instances {
		byPath[s.instances[n].equipment.Path] = s.instances[n].equipment
	}
	for _, x := range in {
		state, ok := plant.ParseState(x.State)
		if !ok {
			return fmt.Errorf("read snapshot of rules: state %.40q of %.200q is none", x.State, x.Equipment)
		}
		if e := byPath[x.Equipment]; e != nil {
			s.states[e.ID] = plant.StateChange{Equipment: e, State: state, Since: plant.Instant(x.Since), Reason: x.Reason}
		}
	}
	return nil
}

func (s *Set) load(i *instance, x savedInstance) {
	i.frozen, i.began, i.last, i.said = plant.Instant(x.Frozen), plant.Instant(x.Began), plant.Instant(x.Last), x.Said
	i.flip = i.last
	i.seen = plant.Instant(x.Seen)
	if i.rule.Kind == KindAbsence {
		s.loadGood(i, x)
	}
	if i.rule.when != 0 {
		i.gate = x.Gate
		if x.Settles != 0 {
			s.timers.set(s.settleTimer(i), plant.Instant(x.Settles))
		}
	}
	if i.tag == nil || i.tag.Name == x.Tag { // the value of another tag says nothing
		i.quality, i.valueTime = x.Quality, plant.Instant(x.ValueTime)
		if x.ValueKind != plant.KindText {
			i.value = plant.FromBits(x.ValueKind, x.ValueBits)
		}
		i.loadPast(x)
	}
	for _, l := range x.Latches {
		if k := i.rule.levelOf(l.Priority); k >= 0 {
			s.loadLatch(i, i.first+int32(k), l)
		}
	}
	if i.said != "" && s.level(i) < 0 {
		// Its level has another priority now; the condition holds until the
		// clear limit of the lowest says otherwise.
		s.latches[i.first+i.n-1].phase = active
		s.latches[i.first+i.n-1].began = i.began
	}
	if k := s.level(i); k >= 0 && i.rule.levels[k].priority != i.said {
		i.isDirty = true
		s.dirty = append(s.dirty, i.index) // the next Eval tells the other priority
	}
}

// loadPast loads what the rule keeps besides the last value.
func (i *instance) loadPast(x savedInstance) {
	switch {
	case i.chart != nil && x.Chart != nil:
		i.chart.load(i.rule, x.Chart)
	case i.trend != nil && x.Trend != nil:
		i.trend.load(x.Trend)
		if i.seen == 0 { // of an earlier version
			i.seen = i.trend.at
		}
	case i.entries != nil && x.Entries != nil:
		i.entries.load(x.Entries)
	}
}

func (s *Set) loadLatch(i *instance, id int32, x savedLatch) {
	l := &s.latches[id]
	*l = latch{phase: x.Phase, began: plant.Instant(x.Began), mark: plant.Instant(x.Mark), due: plant.Instant(x.Due)}
	running := l.phase == onDelay || l.phase == offDelay
	if running && i.frozen == 0 && i.rule.Kind != KindAbsence {
		s.timers.set(id, l.due)
	}
}
