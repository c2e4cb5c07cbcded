package productiontest

import (
	"cmp"
	"slices"
	"time"

	"andon/plant"
)

// lostFrom and lostTo bound the time without data of the OPC UA server of line
// A; what is at the ends still comes.
const (
	lostFrom = (57*60 + 30) * sec
	lostTo   = (58*60 + 30) * sec
)

// Northfield returns all samples of the scripted hour that begins at start,
// in order of time: states when they change, counters and measurements every
// 10 s and with every change of state. tree must be that of Plant.
func Northfield(tree *plant.Tree, start plant.Instant) []plant.Sample {
	r := recorder{tree: tree, start: start}
	r.filler()
	r.capper()
	r.follower(A3, followerStates("DOWN"), func(t plant.Instant) int64 {
		a, b := fillerGood(t)
		return a + b
	})
	emit(&r, A3+"/stop_reason", labellerReasons(), plant.Text)
	r.follower(A4, followerStates("STARVED"), func(t plant.Instant) int64 {
		a, b := fillerGood(t)
		return a/12 + b/6
	})
	r.moulder()
	parts := func(t plant.Instant) int64 {
		shots, _ := made(moulderRuns(), t)
		return 4 * shots
	}
	r.follower(B2, behindMoulder(), parts)
	r.inspection(parts)
	slices.SortStableFunc(r.out, func(a, b plant.Sample) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Tag.ID, b.Tag.ID))
	})
	return r.out
}

// Contacts returns the contacts of the two OPC UA sources, every 5 s.
func Contacts(start plant.Instant) []plant.Contact {
	var out []plant.Contact
	for t := plant.Instant(0); t <= Hour; t += 5 * sec {
		if t <= lostFrom || t >= lostTo {
			out = append(out, plant.Contact{Source: "plc-a", Time: start + t})
		}
		out = append(out, plant.Contact{Source: "plc-b", Time: start + t})
	}
	return out
}

// A recorder collects samples; its times are offsets from start.
type recorder struct {
	tree  *plant.Tree
	start plant.Instant
	out   []plant.Sample
}

func (r *recorder) put(path string, at plant.Instant, v plant.Value) {
	tag := r.tree.Tag(path)
	if (tag.Equipment.Path == A1 || tag.Equipment.Path == A2) && at > lostFrom && at < lostTo {
		return
	}
	r.out = append(r.out, plant.Sample{Tag: tag, Value: v, Time: r.start + at})
}

// emit puts the steps of a signal, and its value when lost contact is back.
func emit[T comparable](r *recorder, path string, steps []step[T], value func(T) plant.Value) {
	last := steps[0].v
	for _, s := range steps {
		r.put(path, s.at, value(s.v))
		if s.at <= lostTo {
			last = s.v
		}
	}
	if tag := r.tree.Tag(path); tag.Equipment.Path == A1 || tag.Equipment.Path == A2 {
		r.put(path, lostTo, value(last))
	}
}

// every calls f every 10 s and whenever steps change.
func every[T any](steps []step[T], f func(t plant.Instant)) {
	times := []plant.Instant{}
	for t := plant.Instant(0); t <= Hour; t += 10 * sec {
		times = append(times, t)
	}
	for _, s := range steps {
		times = append(times, s.at)
	}
	slices.Sort(times)
	for _, t := range slices.Compact(times) {
		f(t)
	}
}

func (r *recorder) filler() {
	emit(r, A1+"/state", fillerStates(), plant.Int)
	emit(r, A1+"/mode", fillerModes(), plant.Int)
	emit(r, A1+"/stop_reason", fillerReasons(), plant.Int)
	runs := fillerRuns()
	every(fillerStates(), func(t plant.Instant) {
		units, rejects := made(runs, t)
		shown := 100000 + units
		if t >= ms(44, 0) {
			beforeReset, _ := made(runs, ms(44, 0))
			shown = units - beforeReset
		}
		r.put(A1+"/total", t, plant.Uint(uint64(shown)))
		r.put(A1+"/reject", t, plant.Uint(uint64((65520+rejects)%65536)))
		speed := 0.0
		if now, ok := current(runs, t); ok {
			speed = float64(Hour) / float64(now.cycle)
		}
		r.put(A1+"/speed", t, plant.Float(speed))
		running := runTime(runs, t)
		r.put(A1+"/energy", t, plant.Float(5000+(36*running+9*(t-running)).Sub(0).Hours()))
		first, _ := made(runs, min(t, secondProduct))
		r.put(A1+"/tank_level", t, plant.Float(4000-float64(first)/2-float64(units-first)))
		r.put(A1+"/vibration", t, plant.Float(vibration(t)))
		r.put(A1+"/gearbox_temp", t, plant.Float(68+.5*max(0, time.Duration(t-ms(46, 0)).Minutes())))
	})
}

func vibration(t plant.Instant) float64 {
	switch {
	case t < ms(52, 30):
		return 2.1
	case t >= ms(55, 0) && t < ms(55, 20):
		return 4.8
	}
	return 3.2
}

func (r *recorder) capper() {
	emit(r, A2+"/state", capperStates(), plant.Int)
	every(capperStates(), func(t plant.Instant) {
		a, b := fillerGood(t)
		r.put(A2+"/total", t, plant.Uint(uint64(a+b)))
		r.put(A2+"/reject", t, plant.Uint(0))
		r.put(A2+"/energy", t, plant.Float((2 * t).Sub(0).Hours())) // 2 kW, also while it waits
	})
}

func (r *recorder) follower(path string, states []step[string], total func(plant.Instant) int64) {
	emit(r, path+"/state", states, plant.Text)
	every(states, func(t plant.Instant) {
		r.put(path+"/total", t, plant.Int(total(t)))
		r.put(path+"/reject", t, plant.Int(0))
	})
}

func (r *recorder) moulder() {
	emit(r, B1+"/state", moulderStates(), plant.Text)
	emit(r, B1+"/alarm_id", moulderAlarms(), plant.Text)
	emit(r, B1+"/estop", moulderEStop(), plant.Bool)
	emit(r, B1+"/guard_open", moulderGuard(), plant.Bool)
	emit(r, B1+"/stop_reason", []step[string]{{0, ""}}, plant.Text)
	emit(r, B1+"/part_weight", partWeights(), plant.Float)
	r.put(B1+"/cavities", 0, plant.Int(4))
	runs := moulderRuns()
	every(moulderStates(), func(t plant.Instant) {
		shots, _ := made(runs, t)
		r.put(B1+"/shots", t, plant.Uint(uint64(shots)))
		running := runTime(runs, t)
		r.put(B1+"/energy", t, plant.Float((45*running + 15*(t-running)).Sub(0).Hours()))
		resin := 14.8 - .1*float64(shots)
		if t >= ms(44, 30) {
			resin += 25
		}
		r.put(B1+"/resin", t, plant.Float(resin))
	})
}

func (r *recorder) inspection(parts func(plant.Instant) int64) {
	emit(r, B3+"/state", behindMoulder(), plant.Text)
	emit(r, B3+"/stop_reason", []step[string]{{0, ""}}, plant.Text)
	every(behindMoulder(), func(t plant.Instant) {
		r.put(B3+"/inspected", t, plant.Int(parts(t)))
		r.put(B3+"/reject", t, plant.Int(inspectionRejects(t)))
	})
}
