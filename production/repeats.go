package production

import "andon/plant"

// readSignal puts what a sample says of a signal into the log.
func (a *Area) readSignal(u *unit, signal int, s *plant.Sample) {
	v, ok := u.codeOf(signal, s)
	if !ok {
		return
	}
	e := entry{s.Time, v}
	again := u.repeats(signal, e)
	if !u.tracks[signal].insert(e) {
		a.stats.Repeated++
		return
	}
	if signal == sigState {
		u.stated = max(u.stated, e.t)
		u.lost = u.lost || v == codeLost
	}
	if again {
		a.due(u)
		return
	}
	if signal == sigEStop || signal == sigGuard {
		u.safety.from = min(u.safety.from, e.t)
	}
	u.changed(signal, e.t)
	a.mark(u)
}

// repeats reports whether e, which is not in the log yet, says of a signal
// what that says already: equipment that tells its state again, or by another
// code of the same meaning, is what it was, and nothing is to be derived again.
// That there was contact is noted apart from it.
func (u *unit) repeats(signal int, e entry) bool {
	if signal == sigEStop || signal == sigGuard || u.unsure || u.grows() {
		return false // what lasts is told as it is when it is told again
	}
	was := u.tracks[signal].at(e.t)
	switch {
	case u.lost || was == codeNone || isLost(was) || isLost(e.v):
		return false // where data were lost, each good sample tells something
	case signal != sigState:
		return was == e.v
	}
	return u.set.states.alike(was, e.v) && u.set.states.classOf(e.v) != clsUnknown
}

// grows reports whether more is told of the stop that is going on the longer it
// lasts: its time outside the calendar, or how sure its culprit is.
func (u *unit) grows() bool {
	n := len(u.segs)
	if n == 0 {
		return false
	}
	s := &u.segs[n-1]
	return s.Stop != "" && (s.Culprit != "" || s.Loss == LossNotScheduled)
}

// changed notes that a signal is another from t on.
func (u *unit) changed(signal int, t plant.Instant) {
	switch signal {
	case sigCavities:
		u.recount = min(u.recount, t-1)
		if u.signs.by() == byPulse {
			u.touchPlan(t)
		}
	case sigProduct, sigOrder:
		u.touchPlan(t)
	case sigState:
		u.touch(u.heardBy(t)) // a state that is lost was known up to then
	default:
		u.touch(t)
	}
}
