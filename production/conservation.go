package production

import (
	"fmt"
	"math"

	"andon/plant"
	"andon/plant/setting"
)

// ConservationConfig says how counts of neighbours on a line must agree: what
// leaves the one as good enters the next.
type ConservationConfig struct {
	// Tolerance is how many units of the upstream equipment may lie between
	// two neighbours. 0: nothing is compared.
	Tolerance int64             `yaml:"tolerance"`
	Ratios    []ConservedConfig `yaml:"ratios"`
}

// ConservedConfig says how many units of the equipment before it one unit of
// an equipment holds, such as 12 bottles in a case. The first entry that
// matches counts; without one it is 1.
type ConservedConfig struct {
	Equipment string  `yaml:"equipment"`
	Product   string  `yaml:"product"` // "" for all
	Units     float64 `yaml:"units"`
}

// A Conserved compares the good units that left one equipment with those that
// entered the next, both in units of the first.
type Conserved struct {
	From       string  `json:"from"` // paths
	To         string  `json:"to"`
	Out        int64   `json:"out"`
	In         float64 `json:"in"`
	Difference float64 `json:"difference"` // Out - In: between them, or lost
	Tolerance  int64   `json:"tolerance"`
	OK         bool    `json:"ok"`
	// Confidence is 1 while the difference is tolerable, and falls by the
	// share of the units that cannot be accounted for.
	Confidence float64 `json:"confidence"`
}

// Conserve compares the counts of two neighbours over the same window: the
// good units of from with all of to. It is a pure function: ratio returns how
// many units of from one unit of to holds of a product.
func Conserve(from, to []Count, tolerance int64, ratio func(product string) float64) Conserved {
	c := Conserved{Tolerance: tolerance, Confidence: 1}
	for _, x := range from {
		c.Out += x.Good
	}
	for _, x := range to {
		c.In += float64(x.Total) * ratio(x.Product)
	}
	c.Difference = float64(c.Out) - c.In
	missing := math.Abs(c.Difference) - float64(tolerance)
	c.OK = missing <= 0
	if most := max(float64(c.Out), c.In); !c.OK && most > 0 {
		c.Confidence = max(0, 1-missing/most)
	}
	return c
}

// Conservation compares all neighbours on the lines of the area that count,
// over the whole minutes of w, which must lie within the horizon. It is nil
// when the configuration names no tolerance.
func (a *Area) Conservation(w plant.Interval) []Conserved {
	a.settle()
	var out []Conserved
	for _, v := range a.views {
		out = append(out, v.conserved(w, a.now)...)
	}
	return out
}

// conserved compares the equipment of the line.
func (v *lineView) conserved(w plant.Interval, now plant.Instant) []Conserved {
	return v.cfg.Conservation.conserved(v.line, func(eq *plant.Equipment) (KPIInput, bool) {
		for _, u := range v.units {
			if u.eq == eq && u.main() != nil {
				return u.handed(w, now, new([]Count)), true
			}
		}
		return KPIInput{}, false
	})
}

func (c ConservationConfig) ratio(equipment, product string) float64 {
	for _, r := range c.Ratios {
		if (r.Product == "" || r.Product == product) && plant.Match(r.Equipment, equipment) {
			return r.Units
		}
	}
	return 1
}

func (c ConservationConfig) validate(products map[string]bool) setting.Problems {
	var p setting.Problems
	if c.Tolerance < 0 {
		p.Add("tolerance", "a number of units, 0 or more")
	}
	for i, r := range c.Ratios {
		at := fmt.Sprintf("ratios[%d]", i)
		glob(&p, at+".equipment", r.Equipment)
		if r.Product != "" {
			knownProduct(&p, at+".product", r.Product, products)
		}
		if !(r.Units > 0) || r.Units > maxCavities {
			p.Add(at+".units", "a number above 0")
		}
	}
	return p
}
