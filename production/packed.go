package production

import (
	"encoding/binary"
	"errors"
	"slices"

	"andon/plant"
)

const (
	// packed bytes up to smallMax hold one reading: how its distance in time
	// changed (-3..3 units) and how far it counted (0..34).
	smallSteps = 35
	smallMax   = 7*smallSteps - 1
	bigReading = 255
)

var (
	timeUnits = [...]plant.Instant{1e9, 1e6, 1e3, 1}
	// Energy comes in steps of watt-hours and more, though it is counted in
	// milliwatt-hours.
	countUnits = [...]int64{1, 1e3, 1e4, 1e5, 1e6}
)

// pack packs readings, which are sorted and not empty.
func pack(rs []reading) []byte {
	u := 0
	for _, r := range rs {
		for r.t%timeUnits[u] != 0 {
			u++
		}
	}
	unit, c := timeUnits[u], commonUnit(rs)
	each := countUnits[c]
	b := make([]byte, 1, 2*len(rs)+16)
	b[0] = byte(c*len(timeUnits) + u)
	b = binary.AppendVarint(b, int64(rs[0].t/unit))
	b = binary.AppendVarint(b, rs[0].v/each)
	var step int64
	for i, r := range rs[1:] {
		dt := int64((r.t - rs[i].t) / unit)
		dd, dv := dt-step, (r.v-rs[i].v)/each
		step = dt
		if dd >= -3 && dd <= 3 && dv >= 0 && dv < smallSteps {
			b = append(b, byte((dd+3)*smallSteps+dv))
			continue
		}
		b = append(b, bigReading)
		b = binary.AppendVarint(b, dd)
		b = binary.AppendVarint(b, dv)
	}
	return slices.Clip(b)
}

// commonUnit returns the index of the greatest unit that all values are in.
func commonUnit(rs []reading) int {
	c := len(countUnits) - 1
	for _, r := range rs {
		for r.v%countUnits[c] != 0 {
			c--
		}
	}
	return c
}

var errPacked = errors.New("unpack readings: damaged block")

// unpack appends the n readings in b to dst.
func unpack(dst []reading, b []byte, n int) ([]reading, error) {
	if len(b) == 0 || int(b[0]) >= len(timeUnits)*len(countUnits) || n < 1 || n > len(b) {
		return dst, errPacked
	}
	unit, count := timeUnits[int(b[0])%len(timeUnits)], countUnits[int(b[0])/len(timeUnits)]
	b = b[1:]
	bad := false
	varint := func() int64 {
		v, k := binary.Varint(b)
		if k <= 0 {
			bad = true
			return 0
		}
		b = b[k:]
		return v
	}
	t := varint()
	v := varint()
	dst = append(dst, reading{plant.Instant(t) * unit, v * count})
	var step int64
	for i := 1; i < n && !bad; i++ {
		if len(b) == 0 {
			return dst, errPacked
		}
		head := int64(b[0])
		b = b[1:]
		if head <= smallMax {
			step += head/smallSteps - 3
			v += head % smallSteps
		} else {
			step += varint()
			v += varint()
		}
		t += step
		dst = append(dst, reading{plant.Instant(t) * unit, v * count})
	}
	if bad || len(b) != 0 {
		return dst, errPacked
	}
	return dst, nil
}
