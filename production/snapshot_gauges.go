package production

import (
	"math"
	"math/bits"
	"slices"

	"andon/plant"
)

// The part of a snapshot that holds what becomes Meters.

func (w *writer) gauges(g *gauges) {
	e := &g.energy
	w.counter(&e.counter, e.now, e.done)
	w.carry(e.carry)
	w.power(e.power)
	w.power(e.base)
	w.len(len(e.minutes))
	for _, m := range e.minutes {
		w.time(m.minute)
		w.int(m.run)
		w.int(m.idle)
		w.power(m.power)
	}
	w.len(len(g.levels))
	for _, l := range g.levels {
		w.text(l.tag.Path)
		w.len(len(l.points))
		for _, p := range l.points {
			w.time(p.t)
			w.float(p.v)
		}
	}
	w.bool(g.safety.lasting)
	w.time(g.safety.told)
	w.len(len(g.safety.minutes))
	for _, m := range g.safety.minutes {
		w.time(m.minute)
		w.int(int64(m.estops))
		w.int(int64(m.estopTime))
		w.int(int64(m.guards))
		w.int(int64(m.guardTime))
	}
}

func (r *reader) gauges(g *gauges) {
	e := &g.energy
	e.now, e.done = r.counter(&e.counter)
	e.carry = r.carry()
	e.power, e.base = r.power(), r.power()
	for range r.len() {
		e.minutes = append(e.minutes, energyMinute{minute: r.time(), run: r.int(), idle: r.int(), power: r.power()})
	}
	if e.tag == nil { // the equipment has no such meter any more
		*e = energy{recount: endless}
	}
	for range r.len() {
		path := r.text()
		var points []levelPoint
		for range r.len() {
			points = append(points, levelPoint{r.time(), r.float()})
		}
		if i := slices.IndexFunc(g.levels, func(l level) bool { return l.tag.Path == path }); i >= 0 {
			g.levels[i].points = points
		}
	}
	g.safety.lasting = r.bool()
	g.safety.told = r.time()
	for range r.len() {
		g.safety.minutes = append(g.safety.minutes, safetyMinute{minute: r.time(), estops: int(r.upTo(math.MaxInt32)),
			estopTime: plant.Instant(r.int()), guards: int(r.upTo(math.MaxInt32)), guardTime: plant.Instant(r.int())})
	}
}

func (w *writer) power(p power) {
	w.int(p.energy)
	w.int(int64(p.time))
}

func (r *reader) power() power { return power{r.int(), plant.Instant(r.int())} }

// Floats are written with their bytes turned round: round numbers get short.
func (w *writer) float(f float64) { w.int(int64(bits.ReverseBytes64(math.Float64bits(f)))) }

func (r *reader) float() float64 { return math.Float64frombits(bits.ReverseBytes64(uint64(r.int()))) }
