package review

import (
	"slices"
	"time"

	"andon/plant"
	"andon/production"
)

// An Input is what Apply lays edits over. All of it is of one equipment.
type Input struct {
	Equipment string // path
	// Facts are base facts. For counts that were adjusted they must cover
	// the whole adjusted window, for stops that were split or merged the
	// whole stop; Reach says how far that is.
	Facts production.Facts
	Stops []production.Stop // base stops, voided ones left out
	Edits []Edit            // in their order; those of other equipment are left out
}

// A Status says what became of an edit.
type Status struct {
	Edit       string `json:"edit"`   // id
	Stale      string `json:"stale"`  // why it has no effect, "" when it has
	Undone     string `json:"undone"` // id of the edit that took it back
	Correction bool   `json:"correction"`
}

// A Result is what facts and stops are with the edits.
type Result struct {
	Facts    production.Facts
	Stops    []Stop   // in order of time; those that count
	Replaced []Stop   // those that were split or merged
	Status   []Status // one for each edit of the equipment, in order
}

// Apply lays edits over facts and stops. It changes neither; without edits it
// gives them back as they are.
func Apply(d *Definitions, in Input) Result {
	w := newWork(d, in)
	undone := undoneBy(w.edits)
	counts := in.Facts.Counts
	var signed []Edit
	for _, e := range w.edits {
		st := Status{Edit: e.ID, Undone: undone[e.ID]}
		if st.Undone != "" {
			if e.Kind == KindSplit {
				w.noParts(e)
			}
			w.status = append(w.status, st)
			continue
		}
		st.Correction = root(w.edits, e).Kind != KindSignOff && slices.ContainsFunc(signed, func(s Edit) bool { return overlaps(s, e) })
		switch e.Kind {
		case KindAdjust:
			counts, st.Stale = adjusted(counts, e)
		case KindSignOff:
			signed = append(signed, e)
			w.signOff(e)
		default:
			st.Stale = w.do(e)
		}
		w.status = append(w.status, st)
	}
	return w.result(counts)
}

// overlaps reports whether e speaks of time that s signed off.
func overlaps(s, e Edit) bool {
	v := s.closes()
	return e.From < v.To && max(e.To, e.From+1) > v.From
}

// undoneBy returns by which edit each one is taken back. An undo that is
// itself taken back does nothing, so the last one is looked at first.
func undoneBy(edits []Edit) map[string]string {
	undone := map[string]string{}
	for _, e := range slices.Backward(edits) {
		if e.Kind == KindUndo && undone[e.ID] == "" {
			undone[e.Args.Edit] = e.ID
		}
	}
	return undone
}

// work is one Apply.
type work struct {
	d         *Definitions
	equipment string
	facts     production.Facts
	edits     []Edit
	status    []Status
	leaves    []*leaf // in order of time
	replaced  []Stop
	gone      map[string]bool // ids of parts whose split does not hold
}

// A leaf is a stop that counts.
type leaf struct {
	Stop
	root    string          // id of the base stop that its parts share a failure of
	length  time.Duration   // downtime of the whole stop that it is a part of
	base    production.Stop // as derived
	changed bool            // its segments are not as derived
	start   plant.Instant   // that its segments carry
}

func newWork(d *Definitions, in Input) *work {
	w := &work{d: d, equipment: in.Equipment, facts: in.Facts, gone: map[string]bool{}}
	for _, e := range in.Edits {
		if e.Equipment == in.Equipment && !slices.ContainsFunc(w.edits, func(x Edit) bool { return x.ID == e.ID }) {
			w.edits = append(w.edits, e)
		}
	}
	stops := slices.Clone(in.Stops)
	slices.SortFunc(stops, func(a, b production.Stop) int { return int(max(-1, min(1, a.From-b.From))) })
	for _, s := range stops {
		if s.Void {
			continue
		}
		l := &leaf{Stop: Stop{Stop: s}, root: s.ID, base: s}
		if s.To != 0 {
			l.length = s.Duration(s.To)
		}
		w.leaves = append(w.leaves, l)
	}
	return w
}

func (l *leaf) end() plant.Instant {
	if l.To == 0 {
		return endless
	}
	return l.To
}

const endless = plant.Instant(1<<63 - 1)

// find returns the stop that a ref names: by id, else by the instant.
func (w *work) find(stop string, at plant.Instant) *leaf {
	if len(w.gone) > 0 && (w.gone[stop] || stop == "" && w.gone[at.String()]) {
		return nil
	}
	var holds *leaf
	for _, l := range w.leaves {
		if stop != "" && l.ID == stop {
			return l
		}
		if l.From <= at && at < l.end() {
			holds = l
		}
	}
	return holds
}

func (w *work) result(counts []production.Count) Result {
	w.share()
	r := Result{Facts: w.facts, Replaced: w.replaced, Status: w.status}
	r.Facts.Counts = counts
	r.Facts.Segments = w.segments()
	for _, l := range w.leaves {
		l.settle(w.d, w.equipment)
		r.Stops = append(r.Stops, l.Stop)
	}
	for i := range r.Replaced {
		s := &r.Replaced[i]
		s.settle(w.d, w.equipment)
		s.Life, s.NeedsReason = LifeReplaced, false
	}
	return r
}

// share has the parts of one stop count as one stop and, if one of them is a
// failure, as one failure: all parts that are downtime carry the start of the
// first of them.
func (w *work) share() {
	parts := map[string][]*leaf{}
	for _, l := range w.leaves {
		l.start = l.From
		if l.downtime() {
			parts[l.root] = append(parts[l.root], l)
		}
	}
	for _, group := range parts { // each leaf is in one group, so their order does not matter
		failure := slices.ContainsFunc(group, func(l *leaf) bool { return l.Failure })
		for i, l := range group {
			l.start, l.Failure, l.SharesFailure = group[0].From, failure, failure && i > 0
		}
	}
}

func (l *leaf) downtime() bool {
	return l.Loss >= production.LossMicroStop && l.Loss <= production.LossOther
}
