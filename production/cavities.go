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

// unitsAt returns how many units one count of counter i stands for at t. For
// the main counter a tag of the role cavities comes first, then the
// configuration of the equipment, then that of the tag.
func (u *unit) unitsAt(i int, t plant.Instant) int64 {
	c := &u.counters[i]
	if c != u.main() {
		return c.units
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
func (u *unit) mainUnitsAt(t plant.Instant) int64 {
	for i := range u.counters {
		if &u.counters[i] == u.main() {
			return u.unitsAt(i, t)
		}
	}
	return 1
}
