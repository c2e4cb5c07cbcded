package opcua

import (
	"sync/atomic"
	"time"

	"andon/plant"
)

// An instant is a plant.Instant that one goroutine writes and others read.
type instant struct{ ns atomic.Int64 }

func (i *instant) load() plant.Instant   { return plant.Instant(i.ns.Load()) }
func (i *instant) store(t plant.Instant) { i.ns.Store(int64(t)) }

// sightings are the points of the values that are being put. They belong to
// the goroutine that decodes them.
type sightings struct{ points []*point }

// note takes a sample of p that is to be put. It reports the value before it.
func (s *sightings) note(p *point, at plant.Instant) (before plant.Instant) {
	g := &p.sight
	if g.newest == 0 {
		s.points = append(s.points, p)
		g.oldest, g.newest = at, at
		return g.last.load()
	}
	before = g.newest
	g.oldest, g.newest = min(g.oldest, at), max(g.newest, at)
	return before
}

// has reports whether a value of that time or a later one came.
func (g *sight) has(at time.Time) bool {
	return !at.IsZero() && plant.At(at) <= max(g.newest, g.last.load())
}

// settle ends a batch, which the Sink took or did not.
func (s *sightings) settle(taken bool) {
	for _, p := range s.points {
		g := &p.sight
		if taken {
			if g.newest > g.last.load() {
				g.last.store(g.newest)
			}
			if g.first.load() == 0 {
				g.first.store(g.oldest)
			}
		}
		g.newest = 0
	}
	s.points = s.points[:0]
}
