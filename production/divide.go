package production

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"andon/plant"
)

// divide divides n units over the run in v by the units to be expected of it,
// whole units by the largest remainder. Without any run, all go to the end of
// v; they were made in time without data if there is any.
func (u *unit) divide(v plant.Interval, n int64) []piece {
	pieces := u.runPieces(v)
	u.expect(pieces)
	var total uint64
	for _, p := range pieces {
		total += p.weight
	}
	if total == 0 {
		at := max(v.From, v.To-1)
		seg := u.segmentAt(at)
		key := u.keyOf(seg, u.plan.at(at).shift.Name, at.Truncate(time.Minute))
		return []piece{{minute: at.Truncate(time.Minute), key: key, n: n, inferred: u.blindIn(v)}}
	}
	left := n
	rest := make([]uint64, len(pieces))
	order := make([]int, len(pieces))
	for i := range pieces {
		hi, lo := bits.Mul64(uint64(n), pieces[i].weight)
		q, r := bits.Div64(hi, lo, total)
		pieces[i].n, rest[i], order[i] = int64(q), r, i
		left -= int64(q)
	}
	if left > 0 {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
		for _, i := range order[:left] {
			pieces[i].n++
		}
	}
	return pieces
}

// blindIn reports whether nothing is known of some of v.
func (u *unit) blindIn(v plant.Interval) bool {
	for k := u.segmentIndex(v.From); k < len(u.segs) && u.segs[k].From < v.To; k++ {
		if u.segs[k].State == plant.StateUnknown && u.segs[k].Interval(endless).To > v.From {
			return true
		}
	}
	return false
}

// runPieces cuts the run in v at minutes, shifts and segments.
func (u *unit) runPieces(v plant.Interval) []piece {
	var pieces []piece
	for k := u.segmentIndex(v.From); k < len(u.segs) && u.segs[k].From < v.To; k++ {
		seg := u.segs[k]
		if !seg.counting().run {
			continue
		}
		run := seg.Interval(endless).Clip(v)
		for t := run.From; t < run.To; {
			span := u.plan.at(t)
			m := t.Truncate(time.Minute)
			to := min(run.To, m+minute, span.To)
			key := u.keyOf(seg, span.shift.Name, m)
			if n := len(pieces); n > 0 && pieces[n-1].minute == m && pieces[n-1].key == key && pieces[n-1].inferred == seg.Inferred {
				pieces[n-1].weight += uint64(to - t)
			} else {
				within := seg.Interval(endless).Clip(plant.Interval{From: max(m, span.From), To: min(m+minute, span.To)})
				pieces = append(pieces, piece{minute: m, key: key, inferred: seg.Inferred, weight: uint64(to - t), within: within})
			}
			t = to
		}
	}
	return pieces
}

// expect weighs run time by the ideal cycle, so that weights are as the units
// to be expected, where all are known.
func (u *unit) expect(pieces []piece) {
	var least, most time.Duration
	for _, p := range pieces {
		ideal := u.keys[p.key].ideal
		if ideal == 0 {
			return
		}
		if most = max(most, ideal); least == 0 {
			least = ideal
		}
		least = min(least, ideal)
	}
	if least == most {
		return
	}
	for i := range pieces {
		p := &pieces[i]
		hi, lo := bits.Mul64(p.weight, uint64(least))
		p.weight, _ = bits.Div64(hi, lo, uint64(u.keys[p.key].ideal))
		p.weight = max(1, p.weight)
	}
}
