package production

import (
	"slices"
	"strconv"

	"andon/plant"
)

const (
	srcNeighbours = srcOwn + "counters and doubtful data"
	neighbourLeaf = "rollup.neighbours.*."
)

// neighbourFormulas are those of what neighbours on a line handed on.
var neighbourFormulas = []formula{
	{name: neighbourLeaf + "from", source: "configuration: plant, the order of equipment"},
	{name: neighbourLeaf + "to", source: "configuration: plant, the order of equipment"},
	{name: neighbourLeaf + "out", unit: "units", text: "out", source: srcNeighbours},
	{name: neighbourLeaf + "in", unit: "units", text: "in", source: srcNeighbours},
	{name: neighbourLeaf + "difference", unit: "units", text: "out - in", source: srcNeighbours},
	{name: neighbourLeaf + "tolerance", unit: "units", text: "tolerance", source: "configuration: production.conservation.tolerance"},
	{name: neighbourLeaf + "ok", text: "1 - (max(out - in, in - out) > tolerance)", source: srcNeighbours},
	{name: neighbourLeaf + "confidence", source: srcNeighbours, adapt: agreement},
}

// agreement is the formula of the confidence in two neighbours; of nothing at
// all it is 1.
func agreement(e *Explainer) string {
	if n := e.neighbour(); max(float64(n.Out), n.In) <= 0 {
		return "1"
	}
	return "max(0, 1 - max(0, max(out - in, in - out) - tolerance) / max(out, in))"
}

// neighbour returns the two neighbours that the KPI's name numbers.
func (e *Explainer) neighbour() Conserved {
	if r := e.kpi.Rollup; r != nil && len(e.args) > 0 {
		if i, err := strconv.Atoi(e.args[0]); err == nil && i >= 0 && i < len(r.Neighbours) {
			return r.Neighbours[i]
		}
	}
	return Conserved{}
}

func tolerated(e *Explainer) float64 { return float64(e.neighbour().Tolerance) }

// handed returns what one equipment of the line counted, and what stands
// behind it.
func (e *Explainer) handed(path string) (in KPIInput, next []*plant.Equipment) {
	line := e.subject.Line
	if e.kpi.Level != ScopeLine || line == nil {
		return KPIInput{}, nil
	}
	i := slices.IndexFunc(line.Equipment, func(eq *plant.Equipment) bool { return eq.Path == path })
	if i < 0 {
		return KPIInput{}, nil
	}
	in, _ = partOf(e.subject.Inputs, line.Equipment[i])
	return in, line.Equipment[i+1:]
}

// handedOut lists the units that went on to the next equipment.
func handedOut(e *Explainer, t *Term) {
	in, next := e.handed(e.neighbour().From)
	for _, c := range in.handedOn(next) {
		if c.Good != 0 {
			t.rate(in.Equipment, c, c.Good)
		}
	}
}

// takenIn lists the units that came from the equipment before, by product.
func takenIn(e *Explainer, t *Term) {
	path := e.neighbour().To
	in, _ := e.handed(path)
	for _, c := range in.whole() {
		if c.Total == 0 {
			continue
		}
		i := slices.IndexFunc(t.Products, func(p Taken) bool { return p.Product == c.Product })
		if i < 0 {
			i = len(t.Products)
			t.Products = append(t.Products, Taken{Product: c.Product, PerUnit: e.subject.Config.Conservation.ratio(path, c.Product)})
		}
		p := &t.Products[i]
		p.Units += c.Total
		p.Amount = float64(p.Units) * p.PerUnit
	}
}

// memberNeighbour finds the two neighbours in a member.
func memberNeighbour(field string) func(*Explainer, *KPI) (string, Ratio) {
	return func(e *Explainer, k *KPI) (string, Ratio) {
		if k.Rollup == nil || e.kpi.Level == ScopeLine {
			return "", Ratio{}
		}
		own := e.neighbour()
		i := slices.IndexFunc(k.Rollup.Neighbours, func(n Conserved) bool { return n.From == own.From && n.To == own.To })
		if i < 0 {
			return "", Ratio{}
		}
		name := "rollup.neighbours." + strconv.Itoa(i) + "." + field
		if field == "out" {
			return name, Ratio{float64(own.Out), true}
		}
		return name, Ratio{own.In, true}
	}
}
