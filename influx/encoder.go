package influx

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"andon/plant"
)

// An encoder turns samples into lines of the measurement telemetry. It keeps
// what it needs of each equipment and tag, so that a sample costs no memory,
// and once what tags of one name share.
// Not safe for concurrent use.
type encoder struct {
	schema   *schema
	restored map[statusID]tagStatus // what was not good in the database at start

	fields    map[fieldsID]*fields // of tags of the tree
	tags      []*tagState          // by Tag.ID
	equipment []*series            // by Equipment.ID
	detached  map[string]*tagState // by tag path
	detachedS map[string]*series   // by equipment path

	touched    []*series // those of the present message
	next       []int     // by sample: next one of the same equipment, -1 for none
	order      []int     // samples of one equipment, when they must be sorted
	undo       []statusChange
	late       []*tagState // of the present message: those that were not good before others that are written
	line       openLine
	dropped    droppedCounts
	backfilled bool // the samples of the present message are
}

// A statusChange is how to undo the change of a tag's last status.
type statusChange struct {
	state  *tagState
	before tagStatus
}

// An openLine is the line that fields are added to.
type openLine struct {
	number uint64 // counts lines over the encoder's life
	series *series
	time   plant.Instant
	open   bool
	fields int
}

// droppedCounts counts values that InfluxDB cannot hold.
type droppedCounts struct {
	notFinite  int
	outOfRange int
}

// newEncoder returns an encoder for the tags of tree, which may be nil.
func newEncoder(tree *plant.Tree) *encoder {
	return &encoder{schema: newSchema(tree), fields: map[fieldsID]*fields{}, detached: map[string]*tagState{}, detachedS: map[string]*series{}}
}

// samples appends the lines of a message's samples to dst. A sample without
// a time of its own takes taken, the stream time of its message. Samples of
// one equipment with one time share a line. The number of lines is returned.
func (e *encoder) samples(dst []byte, samples []plant.Sample, taken plant.Instant) ([]byte, int) {
	before := e.line.number
	e.next = slices.Grow(e.next[:0], len(samples))[:len(samples)]
	e.touched = e.touched[:0]
	for i := range samples {
		e.link(samples, i)
	}
	for _, s := range e.touched {
		if s.unsorted {
			e.sort(s, samples)
		}
		for i := s.head; i >= 0; i = e.next[i] {
			dst = e.sample(dst, &samples[i], taken)
		}
		dst = e.endLine(dst)
		s.linked, s.unsorted = false, false
	}
	if len(e.late) > 0 {
		e.backfilled = false // the values there are not
		dst = e.settle(dst)
	}
	return dst, int(e.line.number - before)
}

// link appends sample i to the list of its equipment.
func (e *encoder) link(samples []plant.Sample, i int) {
	s := e.state(samples[i].Tag).series
	e.next[i] = -1
	if !s.linked {
		s.linked, s.head, s.tail = true, i, i
		e.touched = append(e.touched, s)
		return
	}
	s.unsorted = s.unsorted || samples[i].Time < samples[s.tail].Time
	e.next[s.tail] = i
	s.tail = i
}

// sort orders the list of s by time, so that samples of one time stand
// together; a server sends the queue of each item in one piece. Of two
// samples of one tag and time the later one stays the later one.
func (e *encoder) sort(s *series, samples []plant.Sample) {
	e.order = e.order[:0]
	for i := s.head; i >= 0; i = e.next[i] {
		e.order = append(e.order, i)
	}
	slices.SortStableFunc(e.order, func(a, b int) int { return cmp.Compare(samples[a].Time, samples[b].Time) })
	s.head = e.order[0]
	for i, at := range e.order[1:] {
		e.next[e.order[i]] = at
	}
	e.next[e.order[len(e.order)-1]] = -1
}

// sample appends the fields of one sample. A status that is not good is
// written beside the value, and a good one after it once.
func (e *encoder) sample(dst []byte, s *plant.Sample, taken plant.Instant) []byte {
	t := e.state(s.Tag)
	key, value := e.place(t, s.Value)
	at := s.Time
	if at == 0 {
		at = taken
	}
	withStatus := t.status.said(s.Status, at) || e.backfilled && at < t.status.time
	before := t.newest
	t.newest = max(before, at)
	if key == nil && !withStatus {
		return dst
	}
	dst = e.openFor(dst, t, at)
	if key != nil {
		dst = append(e.separate(dst), key...)
		dst = appendValue(dst, value)
	}
	if withStatus {
		dst = append(e.separate(dst), t.fields.statusKey...)
		dst = append(strconv.AppendUint(dst, uint64(s.Status), 10), 'i')
		e.note(t, tagStatus{s.Status, at})
		if at < before && !s.Status.IsGood() {
			e.late = append(e.late, t)
		}
	}
	return dst
}

// note keeps a status that was written, when it is the newest of its tag.
func (e *encoder) note(t *tagState, s tagStatus) {
	if s.time >= t.status.time {
		e.undo = append(e.undo, statusChange{t, t.status})
		t.status = s
	}
}

// settle says of tags that were good already when a status of the past came
// which is not, that it is over.
func (e *encoder) settle(dst []byte) []byte {
	for _, t := range e.late {
		if t.status.code.IsGood() || t.status.time >= t.newest {
			continue
		}
		dst = e.openFor(dst, t, t.newest)
		dst = append(e.separate(dst), t.fields.statusKey...)
		dst = append(dst, '0', 'i')
		e.note(t, tagStatus{plant.Good, t.newest})
		dst = e.endLine(dst)
	}
	e.late = e.late[:0]
	return dst
}

// openFor makes sure that the open line is one of t's equipment at that time
// and does not have t yet: two samples of one tag and time are two lines, of
// which InfluxDB keeps the later.
func (e *encoder) openFor(dst []byte, t *tagState, at plant.Instant) []byte {
	l := &e.line
	if l.open && l.series == t.series && l.time == at && t.line != l.number {
		t.line = l.number
		return dst
	}
	dst = e.endLine(dst)
	*l = openLine{number: l.number + 1, series: t.series, time: at, open: true}
	t.line = l.number
	return append(dst, t.series.prefix...)
}

func (e *encoder) endLine(dst []byte) []byte {
	if !e.line.open {
		return dst
	}
	e.line.open = false
	if e.backfilled {
		dst = append(dst, ","+backfilledField+"=true"...)
	}
	return appendTime(dst, e.line.time)
}

// separate appends the comma between two fields.
func (e *encoder) separate(dst []byte) []byte {
	e.line.fields++
	if e.line.fields == 1 {
		return dst
	}
	return append(dst, ',')
}

// place returns the field's key and value for v, no key when there is nothing
// to write.
func (e *encoder) place(t *tagState, v plant.Value) ([]byte, plant.Value) {
	kind := v.Kind()
	if kind == plant.KindNone {
		return nil, v
	}
	if kind == plant.KindFloat && !finite(v.Bits()) {
		e.dropped.notFinite++
		return nil, v
	}
	to := e.targetOf(t, kind)
	key := to.key
	if fitting, ok := fit(v, to.kind); ok {
		v = fitting
	} else {
		key = to.other
	}
	if v.Kind() == plant.KindUint && v.Bits() > math.MaxInt64 {
		e.dropped.outOfRange++
		return nil, v
	}
	return key, v
}

// learn notes that the database has a field with that kind; it is false when
// that changes nothing.
func (e *encoder) learn(name string, kind plant.Kind) bool {
	if !e.schema.learn(name, kind) {
		return false
	}
	for _, f := range e.fields {
		f.targets = nil
	}
	for _, t := range e.detached {
		t.fields.targets = nil
	}
	return true
}

// commit makes what was encoded since the last commit final, and returns what
// was dropped.
func (e *encoder) commit() droppedCounts {
	dropped := e.dropped
	e.dropped, e.undo = droppedCounts{}, e.undo[:0]
	return dropped
}

// rewind takes back what was encoded since the last commit, so that the same
// samples can be encoded again.
func (e *encoder) rewind() {
	for _, c := range slices.Backward(e.undo) {
		c.state.status = c.before
	}
	e.commit()
}
