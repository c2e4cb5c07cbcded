package production

import (
	"encoding/binary"
	"errors"
	"slices"

	"andon/plant"
)

// A packed reading begins with a byte that says how its distance in time
// changed, in units, and how far it counted:
//
//	0 to smallMax    -3..3 units and 0..34
//	wideMin and up   0..7, and the change of the distance follows
//	sameReadings     both as of the reading before, and so many times: follows
//	bigReading       both follow
const (
	smallSteps   = 35
	smallMax     = 7*smallSteps - 1
	wideMin      = smallMax + 1
	wideSteps    = 8
	sameReadings = 254
	bigReading   = 255

	// maxPacked bounds how many readings are packed together.
	maxPacked = 1 << 20
)

var (
	// OPC UA counts time in 100 ns.
	timeUnits = [...]plant.Instant{1e9, 1e6, 1e3, 100, 1}
	// Energy comes in steps of watt-hours and more, though it is counted in
	// milliwatt-hours.
	countUnits = [...]int64{1, 1e3, 1e4, 1e5, 1e6}
)

// A pace is how readings follow each other: the distance in time from one to
// the next and how far it counts, in units.
type pace struct{ step, climb int64 }

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
	var room [640]byte
	b := append(room[:0], byte(c*len(timeUnits)+u))
	b = binary.AppendVarint(b, int64(rs[0].t/unit))
	b = binary.AppendVarint(b, rs[0].v/each)
	var was pace
	same := 0
	for i, r := range rs[1:] {
		now := pace{int64(r.t/unit - rs[i].t/unit), r.v/each - rs[i].v/each}
		if now == was {
			same++
			continue
		}
		b = appendPace(appendSame(b, was, same), was, now)
		was, same = now, 0
	}
	return slices.Clone(appendSame(b, was, same))
}

// appendSame appends n readings at the pace of the one before.
func appendSame(b []byte, p pace, n int) []byte {
	if n > 2 {
		return binary.AppendUvarint(append(b, sameReadings), uint64(n))
	}
	for range n {
		b = appendPace(b, p, p)
	}
	return b
}

// appendPace appends a reading at pace now after one at pace was.
func appendPace(b []byte, was, now pace) []byte {
	dd, dv := now.step-was.step, now.climb
	switch {
	case dd >= -3 && dd <= 3 && dv >= 0 && dv < smallSteps:
		return append(b, byte((dd+3)*smallSteps+dv))
	case dv >= 0 && dv < wideSteps:
		return binary.AppendVarint(append(b, byte(wideMin+dv)), dd)
	}
	return binary.AppendVarint(binary.AppendVarint(append(b, bigReading), dd), dv)
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
	if len(b) == 0 || int(b[0]) >= len(timeUnits)*len(countUnits) || n < 1 || n > maxPacked {
		return dst, errPacked
	}
	unit, each := timeUnits[int(b[0])%len(timeUnits)], countUnits[int(b[0])/len(timeUnits)]
	p := packed{b: b[1:]}
	t, v := p.varint(), p.varint()
	dst = append(dst, reading{plant.Instant(t) * unit, v * each})
	for left := n - 1; left > 0; {
		now, times := p.next()
		if p.bad || times > left {
			return dst, errPacked
		}
		for range times {
			t, v = t+now.step, v+now.climb
			dst = append(dst, reading{plant.Instant(t) * unit, v * each})
		}
		left -= times
	}
	if p.bad || len(p.b) != 0 {
		return dst, errPacked
	}
	return dst, nil
}

// A packed is what is left to unpack of a block.
type packed struct {
	b   []byte
	was pace
	bad bool
}

// next returns the pace of the readings that follow, and how many have it.
func (p *packed) next() (pace, int) {
	if len(p.b) == 0 {
		p.bad = true
		return pace{}, 0
	}
	head := int64(p.b[0])
	p.b = p.b[1:]
	switch {
	case head <= smallMax:
		p.was = pace{p.was.step + head/smallSteps - 3, head % smallSteps}
	case head < wideMin+wideSteps:
		p.was = pace{p.was.step + p.varint(), head - wideMin}
	case head == sameReadings:
		n, k := binary.Uvarint(p.b)
		if k <= 0 || n == 0 || n > maxPacked {
			p.bad = true
			return pace{}, 0
		}
		p.b = p.b[k:]
		return p.was, int(n)
	case head == bigReading:
		p.was = pace{p.was.step + p.varint(), p.varint()}
	default:
		p.bad = true
	}
	return p.was, 1
}

func (p *packed) varint() int64 {
	v, k := binary.Varint(p.b)
	if k <= 0 {
		p.bad = true
		return 0
	}
	p.b = p.b[k:]
	return v
}
