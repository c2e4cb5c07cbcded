package forecast

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	resamples = 1000
	// maxAhead bounds how far a forecast looks: 200 hours of work.
	maxAhead = 2400
	// The longest stop of a line is seldom in its history: it is drawn from as
	// if unseen more buckets of it had begun a stop of longStop buckets.
	unseen, longStop = 3, 6
)

// A sampler draws futures from a history.
type sampler struct {
	rnd   *rand.Rand
	seen  []float64
	drawn []float64 // a history that could have been
	block int
	mean  float64
	widen float64
}

// newSampler returns the sampler of a history; question is what tells this
// forecast from others of it.
func newSampler(h History, question uint64) *sampler {
	s := &sampler{drawn: make([]float64, len(h)), mean: h.mean()}
	sum := fnv.New64a()
	word := make([]byte, 8)
	for _, b := range h {
		s.seen = append(s.seen, b.Pace)
		binary.LittleEndian.PutUint64(word, math.Float64bits(b.Pace))
		sum.Write(word)
	}
	s.rnd = rand.New(rand.NewPCG(sum.Sum64(), question))
	s.block = min(max(len(h)/8, 6), 48)
	s.widen = widening(float64(len(h)) / float64(s.block))
	return s
}

// widening is by how much futures deviate more from the mean than those drawn
// from so many blocks do: blocks vary less than what they are taken from, and
// few tell little about how much that is (the 95 % quantile of Student's
// distribution over that of the normal one).
func widening(blocks float64) float64 {
	t := [...]float64{6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796}
	free := min(max(int(blocks)-1, 1), len(t))
	return t[free-1] / 1.645 * math.Sqrt(blocks/(blocks-1))
}

// begin draws the history that the next future comes from.
func (s *sampler) begin() {
	n := len(s.drawn)
	for i := 0; i < n; {
		if s.rnd.IntN(n+unseen) < unseen {
			stop := s.drawn[i:min(n, i+longStop)]
			clear(stop)
			i += len(stop)
			continue
		}
		at := s.rnd.IntN(n - s.block + 1)
		i += copy(s.drawn[i:], s.seen[at:at+s.block])
	}
}

// future calls f with the pace of the buckets to come, until it returns
// false. A pace may be below 0, only sums have a meaning.
func (s *sampler) future(f func(pace float64) bool) {
	s.begin()
	for n := 0; n < maxAhead; {
		at := s.rnd.IntN(len(s.drawn) - s.block + 1)
		for _, pace := range s.drawn[at : at+s.block] {
			if !f(s.mean + s.widen*(pace-s.mean)) {
				return
			}
			n++
		}
	}
}

// quantile returns the smallest value of a sorted list that at least the
// share q of it does not exceed.
func quantile(sorted []float64, q float64) float64 {
	i := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// sums returns, sorted, what futures of the given length make, in buckets at
// the ideal pace. The length may be a fraction.
func (s *sampler) sums(buckets float64) []float64 {
	all := make([]float64, resamples)
	for i := range all {
		left, sum := buckets, 0.0
		s.future(func(pace float64) bool {
			sum += pace * min(1, left)
			left--
			return left > 0
		})
		all[i] = max(0, sum)
	}
	slices.Sort(all)
	return all
}

// lengths returns, sorted, how many buckets futures take to make what amount
// buckets make at the ideal pace. Infinite ones take longer than maxAhead.
func (s *sampler) lengths(amount float64) []float64 {
	all := make([]float64, resamples)
	for i := range all {
		left, length := amount, 0.0
		s.future(func(pace float64) bool {
			if pace >= left {
				length += left / pace
				left = 0
				return false
			}
			left -= pace
			length++
			return true
		})
		if left > 0 {
			length = math.Inf(1)
		}
		all[i] = length
	}
	slices.Sort(all)
	return all
}
