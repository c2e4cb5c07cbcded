package queue

import (
	"container/heap"
	"time"

	"andon/plant"
)

// Sources send their samples in their own order; those of a recording are in
// order of time, so each is held until the stream is this far beyond it, or
// more than this would be held.
const (
	holdTime    = 30 * time.Second
	holdSamples = 200_000  // some 20 MB
	holdBytes   = 32 << 20 // of texts, which have any length
)

// A heldSample waits for those that belong before it.
type heldSample struct {
	plant.Sample
	number     uint64 // keeps samples of one time in their order
	backfilled bool
}

// heldSamples is a heap, the earliest first.
type heldSamples []heldSample

// Len implements heap.Interface.
func (h heldSamples) Len() int { return len(h) }

// Less implements heap.Interface.
func (h heldSamples) Less(i, j int) bool {
	if h[i].Time != h[j].Time {
		return h[i].Time < h[j].Time
	}
	return h[i].number < h[j].number
}

// Swap implements heap.Interface.
func (h heldSamples) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *heldSamples) Push(x any) { *h = append(*h, x.(heldSample)) }

// Pop implements heap.Interface.
func (h *heldSamples) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	(*h)[last] = heldSample{}
	*h = (*h)[:last]
	return x
}

// record gives out a recording's samples, and gaps where the stream has them.
func (x *export) record(m *plant.Message) error {
	for i := range m.Gaps {
		if err := x.writeGap(&m.Gaps[i]); err != nil {
			return err
		}
	}
	for _, s := range m.Samples {
		if s.Time == 0 {
			s.Time = m.Time
		}
		x.count++
		x.heldBytes += textBytes(s)
		heap.Push(&x.held, heldSample{s, x.count, m.Backfilled})
	}
	for x.held.Len() > 0 && (x.held.Len() > holdSamples || x.heldBytes > holdBytes || x.held[0].Time < m.Time.Add(-holdTime)) {
		if err := x.release(); err != nil {
			return err
		}
	}
	return nil
}

// release gives out the earliest sample that is held.
func (x *export) release() error {
	s := heap.Pop(&x.held).(heldSample)
	x.heldBytes -= textBytes(s.Sample)
	return x.write(&s)
}

// textBytes is what a sample has of memory beyond that of any other.
func textBytes(s plant.Sample) int {
	text, _ := s.Value.Text()
	return len(text)
}
