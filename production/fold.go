package production

import (
	"slices"
	"time"

	"andon/plant"
)

// A phase is what the fold is sure of up to now.
type phase uint8

const (
	phaseUnknown phase = iota // nothing: no data, or the beginning
	phaseRun
	phaseStop
)

// A fold turns frags, in order, into segments and stops: first it takes out
// flicker, then it groups what is left. What later frags may still change
// stays inside it; what is sure goes to the timeline. It is plain data, so
// that clone makes a checkpoint.
type fold struct {
	partial frag // the frag that may go on; none when its from is 0
	phase   phase
	runs    []frag // run after a stop, still too short to end it
	nons    []frag // not run, still too short to count
	group
}

func (d *fold) clone() fold {
	c := *d
	c.runs, c.nons, c.open, c.chain = slices.Clone(d.runs), slices.Clone(d.nons), slices.Clone(d.open), d.chain.clone()
	return c
}

// add takes the next piece, which may go on as the frag before.
func (d *fold) add(u *unit, p frag) {
	switch {
	case d.partial.from == 0:
		d.partial = p
	case d.partial.same(p):
		d.partial.to = p.to
	default:
		d.push(u, d.partial)
		d.partial = p
	}
}

// push takes a whole frag and passes on what is sure.
//
// Between two runs, a stretch that is shorter than min_state is flicker and
// becomes run. Between two stops, a run that is shorter than min_run is a
// blip and stays in the stop.
func (d *fold) push(u *unit, f frag) {
	switch {
	case f.cls == clsUnknown:
		d.flush(u, d.runs, d.nons)
		d.take(u, f)
		d.phase = phaseUnknown
	case d.phase == phaseRun && !f.running():
		d.nons = append(d.nons, f)
		if f.cls == clsSafety || span(d.nons) >= u.set.minState {
			d.flush(u, d.nons)
			d.phase = phaseStop
		}
	case d.phase == phaseRun:
		d.flush(u, asRun(d.nons))
		d.take(u, f)
	case d.phase == phaseStop && f.running():
		d.runs = append(append(d.runs, asRun(d.nons)...), f)
		d.nons = d.nons[:0]
		if f.inferred || span(d.runs) >= u.set.minRun {
			d.flush(u, d.runs)
			d.phase = phaseRun
		}
	case d.phase == phaseStop && len(d.runs) > 0:
		d.nons = append(d.nons, f)
		if f.cls == clsSafety || span(d.nons) >= u.set.minState {
			d.flush(u, asBlip(d.runs), d.nons)
		}
	default:
		d.take(u, f)
		d.phase = phaseStop
		if f.running() {
			d.phase = phaseRun
		}
	}
}

// flush passes on the frags of lists and empties both buffers.
func (d *fold) flush(u *unit, lists ...[]frag) {
	for _, fs := range lists {
		for _, f := range fs {
			d.take(u, f)
		}
	}
	d.runs, d.nons = d.runs[:0], d.nons[:0]
}

// finish passes on what is not sure yet, as it looks now: short stretches are
// flicker and short runs blips until they last, but a fault shows at once.
// It returns when that will be sure, endless for never.
func (d *fold) finish(u *unit) (wake plant.Instant) {
	wake = endless
	d.push(u, d.partial)
	if len(d.nons) > 0 {
		wake = d.nons[0].from.Add(u.set.minState)
	}
	if len(d.runs) > 0 {
		wake = min(wake, d.runs[0].from.Add(u.set.minRun))
	}
	switch faulty := slices.ContainsFunc(d.nons, func(f frag) bool { return f.cls == clsFault }); {
	case d.phase == phaseRun && !faulty:
		d.flush(u, asRun(d.nons))
	default:
		d.flush(u, asBlip(d.runs), d.nons)
	}
	return wake
}

func span(fs []frag) time.Duration { return fs[len(fs)-1].to.Sub(fs[0].from) }

func asRun(fs []frag) []frag {
	for i := range fs {
		fs[i].cls, fs[i].base, fs[i].code, fs[i].byReason = clsRun, clsRun, codeNone, false
	}
	return fs
}

func asBlip(fs []frag) []frag {
	for i := range fs {
		fs[i].blip = true
	}
	return fs
}
