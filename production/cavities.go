package production

import (
	"strconv"
	"time"

	"andon/plant"
)

// UnitsFrom says how many units one count of equipment stands for, such as
// the active cavities of its mould, from a time on.
type UnitsFrom struct {
	Units     int64     `yaml:"units"`
	ValidFrom time.Time `yaml:"valid_from"` // zero: from the beginning
}

// maxCavities bounds what a tag may say, so that sums cannot overflow.
const maxCavities = 1 << 20

// unitsAt returns how many units one count of counter i stands for at t while
// product runs. For the main counter the mould of several products comes
// first, then a tag of the role cavities, then the configuration of the
// equipment, then that of the tag.
func (u *unit) unitsAt(i int, t plant.Instant, product string) int64 {
	c := &u.counters[i]
	if c != u.main() {
		return c.units
	}
	if m := u.set.mouldAt(product, t); m != nil && !m.Parts {
		return m.units()
	}
	if v := u.tracks[sigCavities].at(t); v != codeNone {
		if n, err := strconv.ParseFloat(v.Value(), 64); err == nil && n >= 1 && n <= maxCavities {
			return int64(n)
		}
	}
	n, from := c.units, plant.Instant(-1)
	for _, x := range u.set.units {
		if at := plant.At(x.ValidFrom); at <= t && at > from {
			n, from = x.Units, at
		}
	}
	return n
}

// mainUnitsAt is unitsAt for the main counter, which there must be.
func (u *unit) mainUnitsAt(t plant.Instant, product string) int64 {
	for i := range u.counters {
		if &u.counters[i] == u.main() {
			return u.unitsAt(i, t, product)
		}
	}
	return 1
}
