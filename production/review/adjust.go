package review

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"andon/production"
)

const minute = time.Minute

// adjusted returns the counts with an adjustment spread over the minutes and
// products of its window in proportion to what was counted there, whole units
// by the largest remainder. Units taken from one place of a count go to
// another place of the same count, so that what was made in each minute stays
// unless the total changes.
func adjusted(counts []production.Count, e Edit) ([]production.Count, string) {
	var rows []int
	for i, c := range counts {
		if c.Minute >= e.From.Truncate(minute) && c.Minute < e.To {
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 {
		return counts, "nothing was counted in that time"
	}
	out := slices.Clone(counts)
	s := spread{rows: rows, counts: out, free: make([]int64, len(rows))}
	good, scrap, rework := e.Args.Counts.Moves()
	steps := []struct {
		name string
		n    int64
		have func(c *production.Count) int64
		add  func(c *production.Count, n int64)
	}{
		{"good", good, func(c *production.Count) int64 { return c.Good }, func(c *production.Count, n int64) { c.Good += n }},
		{"scrap", scrap, func(c *production.Count) int64 { return c.Reject - c.Rework }, func(c *production.Count, n int64) { c.Reject += n }},
		{"rework", rework, func(c *production.Count) int64 { return c.Rework }, func(c *production.Count, n int64) { c.Rework += n; c.Reject += n }},
	}
	for _, st := range steps {
		if st.n < 0 {
			if have := s.take(-st.n, st.have, st.add); have < -st.n {
				return counts, fmt.Sprintf("there were only %d units of %s, not %d", have, st.name, -st.n)
			}
		}
	}
	if extra := good + scrap + rework; extra != 0 {
		s.grow(extra)
	}
	for _, st := range steps {
		if st.n > 0 {
			s.give(st.n, st.add)
		}
	}
	s.settle()
	s.note(counts, e.Args.Counts)
	return out, ""
}

// A spread is one adjustment under way. free are the units of each row that
// were taken from one place and not yet given to another.
type spread struct {
	rows   []int
	counts []production.Count
	free   []int64
}

func (s *spread) take(n int64, have func(*production.Count) int64, add func(*production.Count, int64)) int64 {
	weights, sum := make([]int64, len(s.rows)), int64(0)
	for i, row := range s.rows {
		weights[i] = max(0, have(&s.counts[row]))
		sum += weights[i]
	}
	if sum < n {
		return sum
	}
	for i, part := range divide(n, weights) {
		add(&s.counts[s.rows[i]], -part)
		s.free[i] += part
	}
	return n
}

// grow changes the total by n: more units by what was made in each row, fewer
// by what is free in it.
func (s *spread) grow(n int64) {
	weights := slices.Clone(s.free)
	if n > 0 {
		for i, row := range s.rows {
			weights[i] = s.counts[row].Total
		}
	}
	sign := int64(1)
	if n < 0 {
		sign, n = -1, -n
	}
	for i, part := range divide(n, weights) {
		s.free[i] += sign * part
		s.counts[s.rows[i]].Total += sign * part
	}
}

func (s *spread) give(n int64, add func(*production.Count, int64)) {
	for i, part := range divide(n, s.free) {
		add(&s.counts[s.rows[i]], part)
		s.free[i] -= part
	}
}

// settle keeps the units of inferred run within those there are.
func (s *spread) settle() {
	for _, row := range s.rows {
		c := &s.counts[row]
		c.Inferred, c.Idle = min(c.Inferred, c.Total), min(c.Idle, c.Total)
		c.InferredGood = max(min(c.InferredGood, c.Good, c.Inferred), c.Inferred-c.Reject, 0)
	}
}

// note has each row say how many of its units were counted good and are bad:
// what went from good to another place. What changes the total is a
// correction of this equipment's counter, which no other one saw.
func (s *spread) note(before []production.Count, a *Adjustment) {
	good, scrap, rework := a.Moves()
	bad := common(-good, scrap+rework)
	if bad == 0 {
		return
	}
	weights := make([]int64, len(s.rows))
	for i, row := range s.rows {
		was, is := before[row], s.counts[row]
		weights[i] = max(common(was.Good-is.Good, is.Reject-was.Reject), common(is.Good-was.Good, was.Reject-is.Reject))
	}
	sign := int64(1)
	if bad < 0 {
		sign = -1
	}
	parts := divide(sign*bad, weights)
	reworked := divide(sign*common(bad, rework), parts)
	for i, row := range s.rows {
		s.counts[row].Said.Bad += sign * parts[i]
		s.counts[row].Said.Rework += sign * reworked[i]
	}
}

// common returns the part of a that b has too: 0 when one is more and the
// other less.
func common(a, b int64) int64 {
	if a > 0 {
		return max(0, min(a, b))
	}
	return min(0, max(a, b))
}

// divide divides n whole units by weights, what is left by the largest
// remainder and, between equals, to the earlier. Without any weight all are
// equal. No part is more than its weight when n is at most their sum.
func divide(n int64, weights []int64) []int64 {
	parts := make([]int64, len(weights))
	var total uint64
	for _, w := range weights {
		total += uint64(w)
	}
	if total == 0 {
		weights = slices.Repeat([]int64{1}, len(weights))
		total = uint64(len(weights))
	}
	left, rest, order := n, make([]uint64, len(weights)), make([]int, len(weights))
	for i, w := range weights {
		// n and w are below 2^62 and w is at most total: the quotient fits.
		hi, lo := bits.Mul64(uint64(n), uint64(w))
		q, r := bits.Div64(hi, lo, total)
		parts[i], rest[i], order[i] = int64(q), r, i
		left -= int64(q)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, i := range order[:left] {
		parts[i]++
	}
	return parts
}
