package production

import (
	"andon/plant"
)

// Gauges is the part of a unit that becomes Meters: energy, levels, safety.
type gauges struct {
	energy energy
	levels []level
	safety safety
	sheet  *meterSheet // for KPIs, shared by the area
}

// measure brings the meters up to the timeline, which differs from changed
// on. It returns when they change by themselves.
func (u *unit) measure(changed plant.Instant) (wake plant.Instant) {
	if !u.gauged {
		return endless
	}
	u.countEnergy(changed)
	return u.watchSafety(changed)
}

// forgetMeters forgets what was before cutoff and is before oldest.
func (u *unit) forgetMeters(cutoff, oldest plant.Instant) {
	u.energy.forget(cutoff, oldest)
	for i := range u.levels {
		u.levels[i].forget(oldest)
	}
	u.safety.forget(oldest)
}

// A meterSheet takes Meters; their levels share one array.
type meterSheet struct {
	meters []Meter
	levels []Level

	// What is not written yet.
	energy []energyMinute
	safety []safetyMinute
	points [][]levelPoint // of each level
}

// exportMeters writes the minutes from the given one on.
func (u *unit) exportMeters(to *meterSheet, from plant.Instant) []Meter {
	to.meters, to.levels, to.points = to.meters[:0], to.levels[:0], to.points[:0]
	to.energy, to.safety = u.energy.minutes[u.energy.index(from):], u.safety.minutes[u.safety.index(from):]
	for i := range u.levels {
		to.points = append(to.points, u.levels[i].points[u.levels[i].index(from):])
	}
	for m := to.minute(); m != endless; m = to.minute() {
		if x := to.next(u, m); x.shows() {
			to.meters = append(to.meters, x)
		}
	}
	return to.meters
}

// minute returns the first minute that is not written, endless for none.
func (to *meterSheet) minute() plant.Instant {
	m := endless
	if len(to.energy) > 0 {
		m = to.energy[0].minute
	}
	if len(to.safety) > 0 {
		m = min(m, to.safety[0].minute)
	}
	for _, p := range to.points {
		if len(p) > 0 {
			m = min(m, closing(p[0].t))
		}
	}
	return m
}

// next takes what there is of minute at.
func (to *meterSheet) next(u *unit, at plant.Instant) Meter {
	m := Meter{Minute: at}
	if len(to.energy) > 0 && to.energy[0].minute == at {
		m.EnergyRun, m.EnergyIdle = to.energy[0].run, to.energy[0].idle
		to.energy = to.energy[1:]
	}
	if len(to.safety) > 0 && to.safety[0].minute == at {
		s := to.safety[0]
		m.EStops, m.EStopTime, m.GuardRuns, m.GuardRunTime = s.estops, Seconds(s.estopTime), s.guards, Seconds(s.guardTime)
		to.safety = to.safety[1:]
	}
	first := len(to.levels)
	for i, p := range to.points {
		if len(p) > 0 && closing(p[0].t) == at {
			to.levels = append(to.levels, Level{Tag: u.levels[i].name, Time: p[0].t, Value: p[0].v})
			to.points[i] = p[1:]
		}
	}
	if n := len(to.levels); n > first {
		m.Levels = to.levels[first:n:n]
	}
	return m
}

// shows reports whether anything is in m.
func (m Meter) shows() bool { return m.EnergyRun|m.EnergyIdle != 0 || len(m.Levels) > 0 || m.Safety() }

// Safety reports whether anything safety-relevant happened in the minute.
func (m Meter) Safety() bool { return m.EStops+m.GuardRuns > 0 || m.EStopTime+m.GuardRunTime > 0 }
