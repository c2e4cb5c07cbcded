package review

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"andon/plant"
	"andon/production"
)

// do lays one edit over the stops and returns why it has no effect, "" when
// it has.
func (w *work) do(e Edit) string {
	if e.Kind == KindUndo {
		return w.undo(e)
	}
	if e.Kind == KindMerge {
		return w.merge(e)
	}
	l := w.find(e.Stop, e.Anchor)
	if l == nil {
		return "there is no stop at " + e.Anchor.String() + " any more"
	}
	switch e.Kind {
	case KindAssign:
		if stale := w.assign(l, e); stale != "" {
			return stale
		}
	case KindSplit:
		stale := w.split(l, e)
		if stale != "" {
			w.noParts(e)
		}
		return stale
	case KindNotDowntime:
		l.notDowntime()
		l.touched()
	case KindReview:
		if l.To == 0 {
			return "the stop is not over"
		}
		l.Reviewed, l.Disputed, l.Reopened = mark(e), false, false
	case KindDispute:
		l.Disputed = true
	case KindReopen:
		l.Reviewed, l.SignedOff, l.Disputed, l.Reopened = nil, nil, false, true
	}
	l.said(e)
	return ""
}

func mark(e Edit) *Mark { return &Mark{User: e.User, Time: e.Time} }

// said notes that e holds for the stop.
func (l *leaf) said(e Edit) {
	l.Edits = append(slices.Clip(l.Edits), e.ID)
	if e.Comment != "" {
		l.Comments = append(slices.Clip(l.Comments), Comment{Mark: *mark(e), Text: e.Comment, Edit: e.ID})
	}
}

// touched notes that what a review looked at is no more: after the sign-off
// that is a correction, before it the review has to be done again.
func (l *leaf) touched() {
	l.changed = true
	if l.SignedOff != nil {
		l.Corrected = true
		return
	}
	l.Reviewed = nil
}

// undo has nothing left to do but to tell when what it took back was signed
// off.
func (w *work) undo(e Edit) string {
	if !slices.ContainsFunc(w.edits, func(x Edit) bool { return x.ID == e.Args.Edit }) {
		return "there is no edit " + e.Args.Edit
	}
	if root(w.edits, e).Kind == KindSignOff {
		return ""
	}
	for _, l := range w.leaves {
		if l.SignedOff != nil && l.From <= e.To && l.end() > e.From {
			l.Corrected = true
		}
	}
	return ""
}

func (w *work) assign(l *leaf, e Edit) string {
	r, ok := w.d.reason(w.equipment, e.Args.Reason)
	if !ok {
		return "there is no reason " + e.Args.Reason + " any more"
	}
	if e.Source == SourceRule && (HasReason(l.Stop.Stop) || l.NotDowntime) {
		return "the stop has a reason of its own"
	}
	w.give(l, r, e.Source)
	if e.Source == SourceOperator {
		l.Assigned = mark(e)
	}
	l.touched()
	return ""
}

// give makes r the stop's reason.
func (w *work) give(l *leaf, r production.Reason, source string) {
	l.Reason, l.ReasonName, l.ReasonSource, l.Category = r.ID, r.Title(), source, r.Category
	short := l.length < w.d.micro(w.equipment)
	if l.base.To == 0 { // it may still become longer
		short = l.base.Provisional
	}
	j := r.Judge(l.base.State, short)
	l.State, l.Loss, l.Micro = j.State, j.Loss, j.Micro
	l.Planned = l.Loss == production.LossPlanned
	l.Failure, l.NotDowntime = r.CountsAsFailure(), false
	l.Provisional = l.Provisional && l.To == 0 && l.Micro
	if l.Loss != production.LossStarved && l.Loss != production.LossBlocked && l.Loss != production.LossMicroStop {
		l.Culprit = ""
	}
}

func (l *leaf) notDowntime() {
	l.NotDowntime, l.Assigned = true, nil
	l.State, l.Loss, l.Micro, l.Planned, l.Failure = plant.StateRun, production.LossRun, false, false, false
	l.Reason, l.ReasonName, l.ReasonSource, l.Category, l.Culprit = "not_downtime", "not downtime", SourceOperator, "", ""
}

// split puts two parts in the place of a stop.
func (w *work) split(l *leaf, e Edit) string {
	at := e.Args.At
	if at.Sub(l.From) < w.d.minPart || l.To != 0 && l.To.Sub(at) < w.d.minPart {
		return fmt.Sprintf("%s leaves a part shorter than %s", at, w.d.minPart)
	}
	first, second := *l, *l
	first.To, second.From = at, at
	first.Provisional = false
	for i, part := range []*leaf{&first, &second} {
		part.ID, part.Parent, part.Children = childID(l.ID, at, i), l.ID, nil
		part.Excluded = w.excluded(part.From, part.To)
		part.touched()
		part.said(e)
	}
	gone := l.Stop
	gone.Children = []string{first.ID, second.ID}
	w.replaced = append(w.replaced, gone)
	i := slices.Index(w.leaves, l)
	w.leaves = slices.Replace(slices.Clone(w.leaves), i, i+1, &first, &second)
	return ""
}

// noParts notes that the parts which e made are no more. What was said of them
// is not said of the whole.
func (w *work) noParts(e Edit) {
	for part := range 2 {
		w.gone[childID(e.Stop, e.Args.At, part)] = true
	}
	w.gone[e.Args.At.String()] = true // for who goes by the start alone
}

// childID derives the id of a part from that of the whole, which it begins
// with, so that a replay comes to the same.
func childID(parent string, at plant.Instant, part int) string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d/%d", parent, int64(at), part) // never fails
	return fmt.Sprintf("%s.%08x", parent, uint32(h.Sum64()))
}

// excluded returns the time without data or outside the calendar in a part of
// a stop.
func (w *work) excluded(from, to plant.Instant) (sum time.Duration) {
	if to == 0 {
		to = endless
	}
	for _, s := range w.facts.Segments {
		if s.State == plant.StateUnknown || s.Loss == production.LossNotScheduled {
			sum += s.Interval(endless).Clip(plant.Interval{From: from, To: to}).Duration()
		}
	}
	return sum
}

// merge puts one stop in the place of several.
func (w *work) merge(e Edit) string {
	var at []int
	for _, ref := range e.Args.With {
		l := w.find(ref.Stop, ref.Start)
		if l == nil {
			return "there is no stop at " + ref.Start.String() + " any more"
		}
		if i := slices.Index(w.leaves, l); !slices.Contains(at, i) {
			at = append(at, i)
		}
	}
	slices.Sort(at)
	if len(at) < 2 {
		return "the stops are one already"
	}
	parts := w.leaves[at[0] : at[len(at)-1]+1]
	if len(parts) != len(at) {
		return "there is another stop between them"
	}
	for i, l := range parts[1:] {
		if gap := l.From.Sub(parts[i].end()); gap > w.d.mergeGap {
			return fmt.Sprintf("%s lie between them, want at most %s", gap, w.d.mergeGap)
		}
	}
	whole, stale := w.whole(parts, e)
	if stale != "" {
		return stale
	}
	w.leaves = slices.Replace(slices.Clone(w.leaves), at[0], at[0]+len(at), whole)
	return ""
}

// whole returns the stop that the parts are together: that of the longest
// part which has a reason, over the time of all.
func (w *work) whole(parts []*leaf, e Edit) (*leaf, string) {
	main := slices.MaxFunc(parts, func(a, b *leaf) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.end()-a.From, b.end()-b.From), cmp.Compare(b.From, a.From))
	})
	first, last := parts[0], parts[len(parts)-1]
	l := *main
	l.ID, l.From, l.To, l.root, l.Parent = first.ID, first.From, last.To, first.root, first.Parent
	l.Product, l.Order, l.Shift, l.Provisional = first.Product, first.Order, first.Shift, false
	l.base.To, l.length, l.Excluded = last.base.To, 0, w.excluded(first.From, last.To)
	l.Children, l.Comments, l.Edits, l.Assigned = nil, nil, nil, main.Assigned
	for _, p := range parts {
		l.length += p.length
		l.Children = append(l.Children, p.ID)
		l.Comments = append(l.Comments, p.Comments...)
		l.Edits = append(l.Edits, p.Edits...)
		if p.SignedOff != nil {
			l.SignedOff, l.Corrected = p.SignedOff, true
		}
	}
	if r, ok := w.d.reason(w.equipment, e.Args.Reason); ok {
		w.give(&l, r, SourceOperator)
		l.Assigned = mark(e)
	} else if e.Args.Reason != "" {
		return nil, "there is no reason " + e.Args.Reason + " any more"
	}
	for _, p := range parts[1:] {
		gone := p.Stop
		gone.Parent = l.ID
		w.replaced = append(w.replaced, gone)
	}
	l.touched()
	l.said(e)
	return &l, ""
}

func rank(l *leaf) int {
	if l.NotDowntime {
		return 0
	}
	if HasReason(l.Stop.Stop) {
		return 2
	}
	return 1
}
