package influx

import "andon/plant"

// maxDetached bounds what is kept of tags that are in no tree. Beyond it
// everything about them is found again, which costs time only.
const maxDetached = 10_000

// A series is the part of a line that is the same for all of an equipment.
type series struct {
	equipment *plant.Equipment
	prefix    []byte // measurement and tags with the space after them

	// The samples of the present message, as a list through encoder.next.
	head, tail int
	linked     bool
	unsorted   bool
}

// A tagState is what the encoder knows of one tag.
type tagState struct {
	tag       *plant.Tag
	series    *series
	targets   [plant.KindText + 1]target // by the kind of the value
	statusKey []byte
	status    plant.Status // of the last sample
	line      uint64       // the last line that has this tag
}

// statusUnknown is the last status of a tag whose status field stands in the
// database from an earlier run: the next sample states it, good or not. It is
// no code that a server sends.
const statusUnknown plant.Status = 0xFFFFFFFF

// state returns what is known of t, or begins it.
func (e *encoder) state(t *plant.Tag) *tagState {
	if t.ID >= 0 && t.ID < len(e.tags) {
		if s := e.tags[t.ID]; s != nil && s.tag == t {
			return s
		}
	}
	return e.beginState(t)
}

func (e *encoder) beginState(t *plant.Tag) *tagState {
	if t.ID < 0 {
		if s := e.detached[t.Path]; s != nil {
			return s
		}
		if len(e.detached) >= maxDetached {
			clear(e.detached)
			clear(e.detachedS)
		}
	}
	statusName := fieldName(t.Name) + "_status"
	s := &tagState{tag: t, series: e.seriesOf(t.Equipment), statusKey: fieldKey(statusName)}
	if e.status[statusName] {
		s.status = statusUnknown
	}
	if t.ID < 0 {
		e.detached[t.Path] = s
		return s
	}
	e.tags = grow(e.tags, t.ID)
	e.tags[t.ID] = s
	return s
}

func (e *encoder) seriesOf(eq *plant.Equipment) *series {
	if eq.ID >= 0 && eq.ID < len(e.equipment) {
		if s := e.equipment[eq.ID]; s != nil && s.equipment == eq {
			return s
		}
	}
	if s := e.detachedS[eq.Path]; s != nil && eq.ID < 0 {
		return s
	}
	line := eq.Line
	s := &series{equipment: eq, prefix: append(appendSeries(nil, measurementTelemetry, []Label{
		{"area", line.Area.Name}, {"equipment", eq.Name}, {"line", line.Name}, {"site", line.Area.Site},
	}), ' ')}
	if eq.ID < 0 {
		e.detachedS[eq.Path] = s
		return s
	}
	e.equipment = grow(e.equipment, eq.ID)
	e.equipment[eq.ID] = s
	return s
}

// grow returns s with an element at index i.
func grow[T any](s []*T, i int) []*T {
	for len(s) <= i {
		s = append(s, nil)
	}
	return s
}
