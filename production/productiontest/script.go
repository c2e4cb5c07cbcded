package productiontest

import (
	"time"

	"andon/plant"
)

// sec is a second of the script; its times are offsets from the start.
const sec = plant.Instant(time.Second)

func ms(min, s int) plant.Instant { return plant.Instant(min*60+s) * sec }

// A run is a stretch in which equipment makes units: the k-th is ready k
// cycles after the start, the r-th of n rejects is unit ceil(r*units/n).
type run struct {
	from, to plant.Instant
	cycle    plant.Instant
	units    int64
	rejects  int64
}

// made returns units and rejects made in r up to t.
func (r run) made(t plant.Instant) (units, rejects int64) {
	if t <= r.from {
		return 0, 0
	}
	units = min(r.units, int64((t-r.from)/r.cycle))
	return units, units * r.rejects / r.units
}

// fillerRuns is what A1 makes.
func fillerRuns() []run {
	return []run{
		{0, ms(10, 0), sec / 2, 1200, 12},
		{ms(10, 40), ms(18, 40), sec / 2, 960, 10},
		{ms(24, 40), ms(30, 0), 625 * sec / 1000, 512, 10},
		{ms(46, 0), ms(50, 0), sec, 240, 6},
		{ms(52, 30), ms(57, 30), sec, 300, 3},
		{ms(57, 30), ms(58, 20), sec, 50, 1},
		{ms(58, 30), ms(60, 0), sec, 90, 0},
	}
}

// moulderRuns is what B1 makes, in shots of four parts.
func moulderRuns() []run {
	return []run{
		{0, ms(12, 0), 12 * sec, 60, 0},
		{ms(16, 0), ms(28, 0), 15 * sec, 48, 0},
		{ms(33, 0), ms(41, 0), 12 * sec, 40, 0},
		{ms(45, 0), ms(53, 0), 12 * sec, 40, 0},
		{ms(55, 0), ms(60, 0), 12 * sec, 25, 0},
	}
}

// made returns what rs made up to t.
func made(rs []run, t plant.Instant) (units, rejects int64) {
	for _, r := range rs {
		u, n := r.made(t)
		units, rejects = units+u, rejects+n
	}
	return units, rejects
}

// runTime returns how long rs ran up to t.
func runTime(rs []run, t plant.Instant) plant.Instant {
	var sum plant.Instant
	for _, r := range rs {
		sum += max(0, min(t, r.to)-r.from)
	}
	return sum
}

// current returns the run at t, false when nothing runs.
func current(rs []run, t plant.Instant) (run, bool) {
	for _, r := range rs {
		if r.from <= t && t < r.to {
			return r, true
		}
	}
	return run{}, false
}

// The line's product changes at 40:00.
const secondProduct = 40 * 60 * sec

// fillerGood returns the good bottles of A1 up to t, of each product.
func fillerGood(t plant.Instant) (p500, p1000 int64) {
	units, rejects := made(fillerRuns(), min(t, secondProduct))
	p500 = units - rejects
	units, rejects = made(fillerRuns(), t)
	return p500, units - rejects - p500
}

// inspectionRejects are what B3 finds, all at once.
func inspectionRejects(t plant.Instant) int64 {
	var n int64
	for _, r := range []struct {
		at plant.Instant
		n  int64
	}{{ms(5, 0), 3}, {ms(16, 0), 8}, {ms(20, 0), 4}, {ms(33, 0), 8}, {ms(45, 0), 8}, {ms(50, 0), 3}, {ms(55, 0), 8}} {
		if t >= r.at {
			n += r.n
		}
	}
	return n
}

// A step is a value that a signal takes at a time of the script.
type step[T any] struct {
	at plant.Instant
	v  T
}

func fillerStates() []step[int64] {
	return []step[int64]{{0, 6}, {ms(10, 0), 11}, {ms(10, 40), 6}, {ms(18, 40), 9}, {ms(24, 40), 6}, {ms(30, 0), 2},
		{ms(46, 0), 6}, {ms(50, 0), 5}, {ms(52, 30), 6}, {ms(58, 20), 4}, {ms(58, 30), 6}}
}

func fillerModes() []step[int64] {
	return []step[int64]{{0, 1}, {ms(40, 0), 4}, {ms(46, 0), 1}}
}

func fillerReasons() []step[int64] {
	return []step[int64]{{0, 0}, {ms(10, 0), 110}, {ms(10, 40), 0}, {ms(18, 40), 204}, {ms(24, 40), 0}, {ms(30, 0), 300},
		{ms(40, 0), 400}, {ms(46, 0), 0}, {ms(50, 0), 501}, {ms(52, 30), 0}}
}

func capperStates() []step[int64] {
	return []step[int64]{{0, 6}, {ms(10, 0), 5}, {ms(10, 40), 6}, {ms(18, 40), 5}, {ms(24, 40), 6}, {ms(30, 0), 2},
		{ms(46, 0), 6}, {ms(50, 0), 5}, {ms(52, 30), 6}, {ms(58, 20), 5}, {ms(58, 30), 6}}
}

// followerStates are those of A3, or of A4 behind it.
func followerStates(down string) []step[string] {
	return []step[string]{{0, "RUN"}, {ms(10, 0), "STARVED"}, {ms(10, 40), "RUN"}, {ms(18, 40), "STARVED"}, {ms(24, 40), "RUN"},
		{ms(30, 0), "BREAK"}, {ms(40, 0), "SETUP"}, {ms(46, 0), "RUN"}, {ms(50, 0), down}, {ms(52, 30), "RUN"},
		{ms(58, 20), "STARVED"}, {ms(58, 30), "RUN"}}
}

func labellerReasons() []step[string] {
	return []step[string]{{0, ""}, {ms(50, 0), "label roll empty"}, {ms(52, 30), ""}}
}

func moulderStates() []step[string] {
	return []step[string]{{0, "RUN"}, {ms(12, 0), "ESTOP"}, {ms(15, 0), "RESET"}, {ms(16, 0), "RUN"}, {ms(28, 0), "ALARM"},
		{ms(33, 0), "RUN"}, {ms(41, 0), "IDLE"}, {ms(45, 0), "RUN"}, {ms(53, 0), "ALARM"}, {ms(55, 0), "RUN"}}
}

func moulderAlarms() []step[string] {
	return []step[string]{{0, ""}, {ms(28, 0), "E-310"}, {ms(33, 0), ""}, {ms(53, 0), "E-310"}, {ms(55, 0), ""}}
}

func moulderEStop() []step[bool] {
	return []step[bool]{{0, false}, {ms(12, 0), true}, {ms(15, 0), false}}
}

func moulderGuard() []step[bool] {
	return []step[bool]{{0, false}, {ms(12, 20), true}, {ms(14, 10), false}, {ms(48, 10), true}, {ms(48, 13), false}}
}

// behindMoulder are the states of B2 and B3.
func behindMoulder() []step[string] {
	return []step[string]{{0, "RUN"}, {ms(12, 0), "STARVED"}, {ms(16, 0), "RUN"}, {ms(28, 0), "STARVED"}, {ms(33, 0), "RUN"},
		{ms(41, 0), "STARVED"}, {ms(45, 0), "RUN"}, {ms(53, 0), "STARVED"}, {ms(55, 0), "RUN"}}
}

func partWeights() []step[float64] {
	var out []step[float64]
	for k, w := range []float64{24.98, 25.02, 25.03, 25.01, 25.04, 25.02, 25.045, 25.03, 25.02, 25.06, 25.16, 25.01} {
		out = append(out, step[float64]{ms(5*(k+1)-3, 0), w})
	}
	return out
}
