package production

import (
	"slices"

	"andon/plant"
)

// conserved compares the equipment of a line that counts; of returns what one
// counted in the window, false when nothing is derived of it.
func (c ConservationConfig) conserved(line *plant.Line, of func(*plant.Equipment) (KPIInput, bool)) []Conserved {
	if c.Tolerance == 0 {
		return nil
	}
	var out []Conserved
	var before *plant.Equipment
	var left []Count
	for i, eq := range line.Equipment {
		own, ok := of(eq)
		if !ok {
			continue
		}
		own.Facts.Counts = own.whole()
		if before != nil {
			x := Conserve(left, own.Facts.Counts, c.Tolerance, func(product string) float64 { return c.ratio(eq.Path, product) })
			x.From, x.To = before.Path, eq.Path
			out = append(out, x)
		}
		before, left = eq, own.handedOn(line.Equipment[i+1:])
	}
	return out
}

// whole returns the counts of the window.
func (in KPIInput) whole() []Count {
	window := in.counted()
	return slices.DeleteFunc(slices.Clone(in.Facts.Counts), func(c Count) bool { return !window.Contains(c.Minute) })
}

// handedOn returns the counts of the window with the units that go on to the
// next equipment as good ones: what people find bad later went on, and so did
// the rejects that only equipment further down the line finds.
func (in KPIInput) handedOn(next []*plant.Equipment) []Count {
	later := slices.ContainsFunc(next, func(eq *plant.Equipment) bool { return eq.Path == in.InspectedBy })
	counts := in.whole()
	for i := range counts {
		if later {
			counts[i].Good = counts[i].Total
		} else {
			counts[i].Good += counts[i].Said.Bad
		}
	}
	return counts
}

// conservedParts compares the equipment of a line from the inputs of its KPIs.
func conservedParts(c Config, line *plant.Line, parts []KPIInput) []Conserved {
	return c.Conservation.conserved(line, handedParts(c, parts))
}

func handedParts(c Config, parts []KPIInput) func(*plant.Equipment) (KPIInput, bool) {
	return func(eq *plant.Equipment) (KPIInput, bool) {
		in, ok := partOf(parts, eq)
		return in, ok && hasCounter(c, eq)
	}
}
