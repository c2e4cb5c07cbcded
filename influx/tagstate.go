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
	tag    *plant.Tag
	series *series
	fields *fields
	status tagStatus
	newest plant.Instant // time of the newest sample that was encoded
	line   uint64        // the last line that has this tag
}

// A fieldsID is what the fields of a tag depend on.
type fieldsID struct {
	tag      string // its name
	declared plant.Kind
}

// fields are where tags of one name and type go, whatever their equipment.
type fields struct {
	targets   []target // by the kind of the value; mostly one
	statusKey []byte
}

// targetOf returns where values of a kind go.
func (e *encoder) targetOf(t *tagState, kind plant.Kind) *target {
	f := t.fields
	for i := range f.targets {
		if f.targets[i].of == kind {
			return &f.targets[i]
		}
	}
	to := e.schema.target(t.tag, kind)
	to.of = kind
	f.targets = append(f.targets, to)
	return &f.targets[len(f.targets)-1]
}

// fieldsOf returns the fields of t, which it shares with all tags of the tree
// that have its name and type.
func (e *encoder) fieldsOf(t *plant.Tag) *fields {
	id := fieldsID{t.Name, t.Type}
	if f := e.fields[id]; f != nil {
		return f
	}
	f := &fields{statusKey: fieldKey(statusField(t.Name))}
	if t.ID >= 0 { // there may be no end of names that are in no tree
		e.fields[id] = f
	}
	return f
}

// A tagStatus is the last status of a tag that was written, and its time;
// good while none was.
type tagStatus struct {
	code plant.Status
	time plant.Instant
}

// said reports whether a sample of that status and time must be written with
// its status: one that is not good always, a good one when the tag was not
// good before it.
func (s tagStatus) said(code plant.Status, at plant.Instant) bool {
	return !code.IsGood() || !s.code.IsGood() && at >= s.time
}

// A statusID identifies a status field of one equipment, in the names that
// the database has.
type statusID struct {
	site, area, line, equipment, field string
}

func statusIDOf(t *plant.Tag) statusID {
	line := t.Equipment.Line
	return statusID{cleanName(line.Area.Site), cleanName(line.Area.Name), cleanName(line.Name), cleanName(t.Equipment.Name), statusField(t.Name)}
}

// statusField is the name of the status field of a tag's name.
func statusField(tag string) string { return fieldName(tag) + statusSuffix }

const statusSuffix = "_status"

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
	s := &tagState{tag: t, series: e.seriesOf(t.Equipment), fields: e.fieldsOf(t)}
	if len(e.restored) > 0 {
		s.status = e.restored[statusIDOf(t)]
	}
	if t.ID < 0 {
		e.detached[t.Path] = s
		return s
	}
	e.tags = grow(e.tags, t.ID)
	if old := e.tags[t.ID]; old != nil && old.tag.Path == t.Path {
		s.status = old.status // the same tag in a tree that was loaded again
	}
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
