package production

import (
	"fmt"
	"slices"
	"time"

	"andon/plant"
	"andon/plant/setting"
)

// A Mould says that equipment makes several products at once while it runs a
// product: in each cycle so many units of each.
type Mould struct {
	// Product is what orders and tags name, such as the mould. Its ideal cycle
	// is that of one unit of whatever product: the time of a cycle divided by
	// all cavities.
	Product  string   `yaml:"product"`
	Cavities []Cavity `yaml:"cavities"`
	// Parts says that the equipment counts single units and not cycles, such
	// as an inspection behind the mould.
	Parts     bool      `yaml:"parts"`
	ValidFrom time.Time `yaml:"valid_from"` // zero: from the beginning
}

// A Cavity is so many cavities of one product.
type Cavity struct {
	Product string `yaml:"product"`
	Count   int64  `yaml:"count"`
}

// units returns how many units a cycle makes.
func (m *Mould) units() int64 {
	var n int64
	for _, c := range m.Cavities {
		n += c.Count
	}
	return n
}

// mouldAt returns the mould that makes what runs as product at t, nil when
// that is a product itself.
func (s *settings) mouldAt(product string, t plant.Instant) *Mould {
	var found *Mould
	from := plant.Instant(-1)
	for i := range s.moulds {
		m := &s.moulds[i]
		if at := plant.At(m.ValidFrom); m.Product == product && at <= t && at > from {
			found, from = m, at
		}
	}
	return found
}

// runningIn returns what ran last in the time of an increment; without any
// run it is what stood.
func (u *unit) runningIn(inc increment) string {
	product := u.segmentAt(max(inc.from, inc.to-1)).Product
	for k := u.segmentIndex(inc.from); k < len(u.segs) && u.segs[k].From < inc.to; k++ {
		if u.segs[k].counting().run {
			product = u.segs[k].Product
		}
	}
	return product
}

// numberOf returns a number for the unit after the last one of an increment.
// Cycles end with the last cavity. Single units have that of the counter, so
// that in the long run each cavity has its share, in whatever steps they are
// counted.
func (u *unit) numberOf(i int, inc increment) int64 {
	if len(u.set.moulds) == 0 {
		return 0
	}
	m := u.set.mouldAt(u.runningIn(inc), inc.to)
	if m != nil && !m.Parts && &u.counters[i] == u.main() {
		return 0
	}
	return inc.at * u.counters[i].units
}

// byCavity divides the units of a piece among the products of the mould that
// made them: unit after unit to the next cavity. number is that of the first
// unit; the mould is the one that holds when the units were counted.
func (u *unit) byCavity(p piece, number int64, counted plant.Instant) []piece {
	base := u.keys[p.key]
	m := u.set.mouldAt(base.product, counted)
	if m == nil {
		return []piece{p}
	}
	var out []piece
	all, before := m.units(), int64(0)
	for _, c := range m.Cavities {
		part := p
		part.n = belowIn(number+p.n, before, c.Count, all) - belowIn(number, before, c.Count, all)
		before += c.Count
		if part.n != 0 {
			key := base
			key.product, key.mould = c.Product, base.product
			part.key = u.keyFor(key)
			out = append(out, part)
		}
	}
	return out
}

// belowIn returns how many of the units numbered below n, by sets of all, are
// the count ones that come after the first before ones of a set.
func belowIn(n, before, count, all int64) int64 {
	sets, rest := n/all, n%all
	if rest < 0 {
		sets, rest = sets-1, rest+all
	}
	return sets*count + min(max(0, rest-before), count)
}

// Made returns the product whose ideal cycle c has on its equipment: that of
// its mould when it has one.
func (c Count) Made() string {
	if c.Mould != "" {
		return c.Mould
	}
	return c.Product
}

// addMouldIntakes adds what moulds take of each level for a unit of whatever
// product, on average over their cavities.
func (d *definition) addMouldIntakes(in *KPIInput) {
	own := in.Intakes
	done := map[string]bool{}
	for _, m := range d.set.moulds {
		if done[m.Product] {
			continue
		}
		done[m.Product] = true
		now := d.set.mouldAt(m.Product, in.Window.To)
		for i := 0; now != nil && i < len(own); i++ {
			if slices.ContainsFunc(in.Intakes, func(t Intake) bool { return t.Tag == own[i].Tag && t.Product == m.Product }) {
				continue
			}
			taken := 0.0
			for _, c := range now.Cavities {
				for _, t := range own {
					if t.Tag == own[i].Tag && t.Product == c.Product {
						taken += t.PerUnit * float64(c.Count)
					}
				}
			}
			if taken > 0 {
				in.Intakes = append(in.Intakes, Intake{Tag: own[i].Tag, Unit: own[i].Unit, Product: m.Product,
					PerUnit: taken / float64(now.units()), IdealCycle: d.set.plan.ideal(m.Product, in.Window.To)})
			}
		}
	}
}

func validMoulds(p *setting.Problems, moulds []Mould, products map[string]bool) {
	for i, m := range moulds {
		at := fmt.Sprintf("moulds[%d]", i)
		knownProduct(p, at+".product", m.Product, products)
		for j, n := range moulds[:i] {
			if n.Product == m.Product && n.ValidFrom.Equal(m.ValidFrom) {
				p.Add(at+".valid_from", "another time than that of moulds[%d], which is of the same product", j)
			}
		}
		if len(m.Cavities) == 0 {
			p.Add(at+".cavities", "at least one product with a count")
		}
		seen := map[string]bool{}
		for j, c := range m.Cavities {
			at := fmt.Sprintf("%s.cavities[%d]", at, j)
			knownProduct(p, at+".product", c.Product, products)
			usedOnce(p, seen, at+".product", c.Product)
			if c.Count < 1 || c.Count > maxCavities {
				p.Add(at+".count", "a number of cavities, 1 or more")
			}
			if k := slices.IndexFunc(moulds, func(n Mould) bool { return n.Product == c.Product }); k >= 0 {
				p.Add(at+".product", "a product that is made, not %s, which is that of the mould moulds[%d]", c.Product, k)
			}
		}
	}
}

// checkMoulds reports moulds of a line's constraint that the equipment which
// counts the line's good units does not know: it could not say of which
// product they are.
func (c Config) checkMoulds(p *setting.Problems, tree *plant.Tree) {
	for _, line := range lines(tree) {
		good := GoodCounter(c, line, endless)
		for _, m := range mouldsOf(c, line.Constraint) {
			known := false
			for _, n := range mouldsOf(c, good) {
				known = known || n.Product == m.Product
			}
			if !known {
				p.Add("equipment", "an entry for %s with the mould %s and parts: true, since it counts the good units of what %s makes",
					good.Path, m.Product, line.Constraint.Path)
			}
		}
	}
}

// mouldsOf returns the moulds of equipment.
func mouldsOf(c Config, eq *plant.Equipment) []Mould {
	var moulds []Mould
	for _, e := range c.Equipment {
		if len(e.Moulds) > 0 && plant.Match(e.Equipment, eq.Path) {
			moulds = e.Moulds
		}
	}
	return moulds
}
