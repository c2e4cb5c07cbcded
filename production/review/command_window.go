package review

import (
	"strings"

	"andon/plant"
)

// checkWindow checks the time that a command speaks of.
func checkWindow(e *Edit, a CommandArgs) error {
	if a.From == 0 || a.To <= a.From {
		return refuse("from", "want from and to, such as 2026-03-02T08:00:00Z and 2026-03-02T09:00:00Z")
	}
	if a.From > e.Time {
		return refuse("from", "want a time that has begun")
	}
	e.Anchor, e.From, e.To = a.From, a.From, a.To
	return nil
}

// below returns the equipment of the area at and below a path.
func (b *Book) below(path string) []string {
	var all []string
	for _, eq := range b.paths {
		if eq == path || strings.HasPrefix(eq, path+"/") {
			all = append(all, eq)
		}
	}
	return all
}

func (b *Book) adjust(e Edit, a CommandArgs) ([]Edit, error) {
	if err := checkWindow(&e, a); err != nil {
		return nil, err
	}
	if !b.equipment[e.Equipment] {
		return nil, refuse("target", "%.100q is no equipment of the area", e.Equipment)
	}
	good, scrap, rework := a.Adjustment.Moves()
	for _, n := range []int64{good, scrap, rework} {
		if n > maxUnits || n < -maxUnits {
			return nil, refuse("scrap", "want at most %d units", maxUnits)
		}
	}
	if a.Good != nil && a.Produced != nil && *a.Produced != good+scrap+rework {
		return nil, refuse("produced", "want good plus scrap plus rework, which is %d, or none of it", good+scrap+rework)
	}
	if good == 0 && scrap == 0 && rework == 0 {
		return nil, refuse("scrap", "want some units of scrap, rework, good or produced")
	}
	if err := b.unchangedIn(a.Revision, []string{e.Equipment}, plant.Interval{From: e.From, To: e.To}); err != nil {
		return nil, err
	}
	counts := a.Adjustment
	e.ID, e.Args.Counts = e.Command, &counts
	b.found(&e, a.Was)
	return []Edit{e}, nil
}

// undo makes an edit for each that the named edit or command made.
func (b *Book) undo(e Edit, a CommandArgs) ([]Edit, error) {
	var targets []Edit
	for _, i := range b.byCommand[a.Edit] {
		targets = append(targets, b.edits[i])
	}
	if i, ok := b.byID[a.Edit]; ok && len(targets) == 0 {
		targets = append(targets, b.edits[i])
	}
	if len(targets) == 0 {
		return nil, refuse("edit", "there is no edit %.100q", a.Edit)
	}
	targets, err := b.holding(targets)
	if err != nil {
		return nil, err
	}
	var out []Edit
	for i, t := range targets {
		one := e
		one.ID, one.Equipment, one.Stop = numbered(e.Command, i, len(targets)), t.Equipment, t.Stop
		one.Anchor, one.From, one.To, one.Args.Edit = t.Anchor, t.From, t.To, t.ID
		if err := b.unchangedIn(a.Revision, []string{t.Equipment}, plant.Interval{From: t.From, To: max(t.To, t.From+1)}); err != nil {
			return nil, err
		}
		b.found(&one, nil)
		out = append(out, one)
	}
	return out, nil
}

// holding returns those edits that nobody took back yet, of which there must
// be some.
func (b *Book) holding(edits []Edit) (out []Edit, err error) {
	for _, e := range edits {
		by := undoneBy(b.of[e.Equipment])[e.ID]
		if by == "" {
			out = append(out, e)
		} else if err == nil {
			err = &UndoneError{Edit: e.ID, By: b.edits[b.byID[by]]}
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	return nil, err
}
