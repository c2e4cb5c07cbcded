package review

import (
	"cmp"
	"slices"

	"andon/plant"
)

// signOff makes an edit for each equipment at and below the target. Only what
// is over can be signed off: nobody has looked at the rest.
func (b *Book) signOff(e Edit, a CommandArgs) ([]Edit, error) {
	if err := checkWindow(&e, a); err != nil {
		return nil, err
	}
	if now := max(e.Time, e.Given); e.To > now {
		return nil, refuse("to", "the time runs until %s and it is %s: sign off what is over, with to not later than now",
			b.defs.clock(e.To), b.defs.clock(now))
	}
	paths := b.below(e.Equipment)
	if len(paths) == 0 {
		return nil, refuse("target", "%.100q has no equipment of the area", e.Equipment)
	}
	if err := b.unchangedIn(a.Revision, paths, plant.Interval{From: e.From, To: e.To}); err != nil {
		return nil, err
	}
	var out []Edit
	for i, path := range paths {
		one := e
		one.ID, one.Equipment = numbered(e.Command, i, len(paths)), path
		out = append(out, one)
	}
	return out, nil
}

// closes returns the time that a sign-off closes: of the time it names, what
// was over when it was said.
func (e Edit) closes() plant.Interval { return plant.Interval{From: e.From, To: min(e.To, e.Time)} }

// signOff marks the stops that began in the signed time and were over when it
// was said.
func (w *work) signOff(e Edit) {
	v := e.closes()
	for _, l := range w.leaves {
		if v.Contains(l.From) && l.To != 0 && l.To <= e.Time {
			l.SignedOff, l.Corrected, l.Disputed, l.Reopened = mark(e), false, false, false
			l.said(e)
		}
	}
}

// SignedOff returns when the sign-offs of one equipment that nobody took back
// had closed the whole of w, one of them or several together; 0 when they did
// not. The edits may be those of more equipment.
func SignedOff(edits []Edit, equipment string, w plant.Interval) plant.Instant {
	undone := undoneBy(edits)
	var signs []Edit
	for _, e := range edits {
		if e.Kind == KindSignOff && e.Equipment == equipment && undone[e.ID] == "" {
			signs = append(signs, e)
		}
	}
	slices.SortStableFunc(signs, func(a, b Edit) int { return cmp.Compare(a.Time, b.Time) })
	var closed []plant.Interval // in order of their begin
	for _, e := range signs {
		v := e.closes()
		i, _ := slices.BinarySearchFunc(closed, v, func(a, b plant.Interval) int { return cmp.Compare(a.From, b.From) })
		if closed = slices.Insert(closed, i, v); covered(w, closed) {
			return e.Time
		}
	}
	return 0
}

// Corrected reports whether somebody said something of one equipment in w that
// holds, after a time and up to another, which makes other figures of it.
func Corrected(edits []Edit, equipment string, w, said plant.Interval) bool {
	undone := undoneBy(edits)
	return slices.ContainsFunc(edits, func(e Edit) bool {
		if e.Equipment != equipment || undone[e.ID] != "" || e.Time <= said.From || e.Time > said.To || e.From >= w.To || e.To < w.From {
			return false
		}
		switch root(edits, e).Kind {
		case KindSignOff, KindComment, KindReview, KindDispute, KindReopen:
			return false
		}
		return true
	})
}

// covered reports whether the intervals, in order of their begin, leave
// nothing of w out.
func covered(w plant.Interval, all []plant.Interval) bool {
	for _, v := range all {
		if v.From > w.From {
			break
		}
		w.From = max(w.From, v.To)
	}
	return w.From >= w.To
}

// root returns of the edits that which an undo is about in the end: that which
// was taken back, or done again. It is e itself for all other kinds.
func root(edits []Edit, e Edit) Edit {
	for range edits { // a ring cannot be, but somebody may have tampered
		i := slices.IndexFunc(edits, func(x Edit) bool { return e.Kind == KindUndo && x.ID == e.Args.Edit })
		if i < 0 {
			return e
		}
		e = edits[i]
	}
	return e
}
