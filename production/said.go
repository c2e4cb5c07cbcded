package production

import (
	"cmp"
	"fmt"
	"slices"

	"andon/plant"
)

// LineSources returns the equipment of a line whose counts make those of the
// line, in the order of the material's flow: its constraint, the equipment
// whose good units are its own, and all that stands before that one.
func LineSources(line *plant.Line, good *plant.Equipment) []*plant.Equipment {
	last := slices.Index(line.Equipment, good)
	var all []*plant.Equipment
	for i, eq := range line.Equipment {
		if i <= last || eq == line.Constraint {
			all = append(all, eq)
		}
	}
	return all
}

// A lineSheet collects what the counts of a line are made of.
type lineSheet struct {
	line *plant.Line
	good *plant.Equipment
	last []Count // of good
	said []Count // of the equipment before good
	done bool    // good is in it

	energyOf []string // paths of the equipment whose meters are the line's
	energy   []Meter  // what they show
}

// add takes the counts of one of the LineSources, each in its turn.
func (s *lineSheet) add(eq *plant.Equipment, counts []Count) {
	switch {
	case eq == s.good:
		s.last, s.done = counts, true
	case !s.done:
		for _, c := range counts {
			if c.Said == (Said{}) {
				continue
			}
			if eq == s.line.Constraint {
				c.Said.Rework = 0 // it is in the rework of the constraint
			}
			s.said = append(s.said, c)
		}
	}
}

// own reports whether the line's counts are those of its constraint.
func (s *lineSheet) own() bool { return s.good == s.line.Constraint && len(s.said) == 0 }

// counts returns counts whose sums are those of the line; made are those of
// its constraint. A single one of them has no meaning: rejects are what good
// units make up for.
func (s *lineSheet) counts(p plan, made []Count) []Count {
	if s.own() {
		return made
	}
	last := s.last
	if s.good == s.line.Constraint {
		last = made
	}
	out := make([]Count, 0, len(made)+len(last)+len(s.said))
	for _, m := range made {
		m.Good, m.Reject = 0, m.Total
		out = append(out, m)
	}
	add := func(c Count, good, rework int64) {
		out = append(out, Count{Minute: c.Minute, Product: c.Product, Order: c.Order, Shift: c.Shift, Mould: c.Mould,
			Good: good, Reject: -good, Rework: rework, IdealCycle: p.ideal(c.Made(), c.Minute)})
	}
	for _, g := range last {
		add(g, g.Good, 0)
	}
	for _, c := range s.said {
		add(c, -c.Said.Bad, c.Said.Rework)
	}
	slices.SortStableFunc(out, func(a, b Count) int { return cmp.Compare(a.Minute, b.Minute) })
	return out
}

// LineFacts returns the facts of a line over a time that ends at at: the time
// and production of its constraint, and the good units of its GoodCounter
// less those of which people said, at equipment before it, that they are bad.
// What the line lost on the way is rejected. of returns the facts of one
// equipment over that time, as people say they were.
func LineFacts(c Config, line *plant.Line, at plant.Instant, of func(*plant.Equipment) (Facts, error)) (Facts, error) {
	s := lineSheet{line: line, good: GoodCounter(c, line, at)}
	var own Facts
	for _, eq := range LineSources(line, s.good) {
		f, err := of(eq)
		if err != nil {
			return Facts{}, fmt.Errorf("facts of line %s: %w", line.Path, err)
		}
		if s.add(eq, f.Counts); eq == line.Constraint {
			own = f
		}
	}
	own.Counts = s.counts(newPlan(c, line.Constraint, ""), own.Counts)
	return own, nil
}
