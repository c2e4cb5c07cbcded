package production

// classify sets what the signals say of f, whose state is of class cls. Of
// several that hold at once the worst wins: safety, fault, maintenance,
// changeover, planned stop, blocked, starved, run, stopped.
func (u *unit) classify(f *frag, cls class) {
	t := f.from
	if isSet(u.tracks[sigEStop].at(t)) {
		cls = clsSafety
	}
	if cls == clsUnknown {
		return
	}
	fault, reason := u.tracks[sigFault].at(t), u.tracks[sigReason].at(t)
	cls = u.inMode(f, cls)
	if cls == clsFault && isSet(u.tracks[sigGuard].at(t)) && !isSet(fault) {
		cls = clsSafety
	}
	code, byReason := codeNone, isSet(reason)
	switch {
	case byReason:
		code = reason
	case isSet(fault):
		code = fault
	}
	category := u.set.reasons.category(code.Value())
	if cls != clsStopped || category == "" {
		cls = u.waiting(f, cls)
	}
	if cls != clsRun && cls != clsSafety {
		f.code, f.byReason = code, byReason
	}
	f.base, f.cls = cls, explained(cls, category)
}

// classifySigns classifies f by the signs of equipment without a state. An
// active fault code explains why it does not run.
func (u *unit) classifySigns(f *frag) {
	cls, until := u.shown(f.from)
	f.to = min(f.to, until)
	if cls == clsStopped && isSet(u.tracks[sigFault].at(f.from)) {
		cls = clsFault
	}
	u.classify(f, cls)
}

// inMode returns what a class is in the unit's mode.
func (u *unit) inMode(f *frag, cls class) class {
	m := clsRun
	if mode := u.tracks[sigMode].at(f.from); mode != codeNone {
		m = u.set.modes.classOf(mode)
	}
	switch {
	case cls == clsSafety, cls == clsFault:
		return cls
	case m == clsPlanned, m == clsChangeover, m == clsOff && cls != clsRun:
		return m
	case cls == clsOutOfService:
		return clsFault
	}
	return cls
}

// waiting returns what a class is with the signals of the line looked at.
func (u *unit) waiting(f *frag, cls class) class {
	switch cls {
	case clsRun, clsStopped, clsIdle, clsSuspended, clsStarved:
	default:
		return cls
	}
	switch t := f.from; {
	case isSet(u.tracks[sigBlocked].at(t)):
		return clsBlocked
	case isSet(u.tracks[sigStarved].at(t)):
		return clsStarved
	}
	return cls
}

// explained returns what a state means whose reason is of category c.
func explained(cls class, c ReasonCategory) class {
	if cls != clsStopped && cls != clsIdle && cls != clsSuspended {
		return cls
	}
	switch c {
	case CategoryFault:
		return clsFault
	case CategoryPlanned:
		return clsPlanned
	case CategoryChangeover:
		return clsChangeover
	case CategoryStarved:
		return clsStarved
	case CategoryBlocked:
		return clsBlocked
	}
	return cls
}
