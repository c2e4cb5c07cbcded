package production

import (
	"slices"

	"andon/plant"
)

// stopStates are the states in which equipment stops, as reasons name them.
var stopStates = []string{"stopped", "starved", "blocked", "planned_stop", "changeover", "fault", "safety"}

// The ids of reasons that need no configuration are the names of states, and
// these: of a stop that goes on when its break is over, and of time in which
// the equipment stands because no order is to be made.
const (
	reasonOverrun = "break_overrun"
	reasonNoOrder = "no_order"
)

// Sources of a reason.
const (
	sourceSignal   = "signal"   // a code of the equipment
	sourceCalendar = "calendar" // a planned break
	sourceLine     = "line"     // the neighbours' stops
	sourceState    = "state"    // nothing but the state
)

// A reasonList finds the reasons of one equipment.
type reasonList struct {
	byCode  map[string]*Reason
	byState map[string]*Reason
}

func newReasonList(c Config, eq *plant.Equipment) reasonList {
	l := reasonList{byCode: map[string]*Reason{}, byState: map[string]*Reason{}}
	for i := range c.Reasons {
		r := c.withCategory(c.Reasons[i])
		if r.Equipment != "" && !plant.Match(r.Equipment, eq.Path) {
			continue
		}
		for _, code := range r.Codes {
			if l.byCode[code] == nil {
				l.byCode[code] = r
			}
		}
		for _, s := range r.States {
			if l.byState[s] == nil {
				l.byState[s] = r
			}
		}
	}
	return l
}

func (r *Reason) name() string {
	if r.Name != "" {
		return r.Name
	}
	return r.ID
}

// category returns the category of a code, "" when the list has it not.
func (l reasonList) category(code string) ReasonCategory {
	if r := l.byCode[code]; r != nil {
		return r.Category
	}
	return ""
}

// categoryOf is the category that a state alone implies.
func categoryOf(s plant.State) ReasonCategory {
	switch s {
	case plant.StateFault:
		return CategoryFault
	case plant.StateSafety:
		return CategorySafety
	case plant.StateChangeover:
		return CategoryChangeover
	case plant.StatePlannedStop, plant.StateNotScheduled:
		return CategoryPlanned
	case plant.StateStarved:
		return CategoryStarved
	case plant.StateBlocked:
		return CategoryBlocked
	}
	return CategoryOther
}

// mayBeMicro reports whether a short stop of that kind is a micro-stop.
// Faults, safety, planned stops and changeovers never are.
func mayBeMicro(s plant.State, c ReasonCategory) bool {
	switch s {
	case plant.StateStopped, plant.StateStarved, plant.StateBlocked:
		return slices.Contains([]ReasonCategory{CategoryMicro, CategoryOther, CategoryStarved, CategoryBlocked}, c)
	}
	return false
}

func lossOf(s plant.State) Loss {
	switch s {
	case plant.StateRun, plant.StateSlow:
		return LossRun
	case plant.StateNotScheduled:
		return LossNotScheduled
	case plant.StatePlannedStop:
		return LossPlanned
	case plant.StateChangeover:
		return LossSetup
	case plant.StateStarved:
		return LossStarved
	case plant.StateBlocked:
		return LossBlocked
	case plant.StateFault:
		return LossFault
	case plant.StateSafety:
		return LossSafety
	case plant.StateStopped:
		return LossOther
	}
	return LossUnknown
}

// explain sets reason, category and failure of a stop.
func (l reasonList) explain(stop *Stop, s stopping) {
	stop.Code = s.code.Value()
	if !isSet(s.code) {
		stop.Code = ""
	}
	r := l.byCode[stop.Code]
	stop.ReasonSource = sourceSignal
	if r == nil {
		r = l.byState[s.state.String()]
		switch {
		case s.calendar || s.overrun:
			stop.ReasonSource = sourceCalendar
		case s.line:
			stop.ReasonSource = sourceLine
		default:
			stop.ReasonSource = sourceState
		}
	}
	stop.Category = categoryOf(s.state)
	stop.Failure = s.state == plant.StateFault
	switch {
	case s.overrun:
		stop.Reason, stop.ReasonName, stop.Category = reasonOverrun, "break overrun", CategoryOther
	case r != nil:
		stop.Reason, stop.ReasonName = r.ID, r.name()
		if r.Category != "" {
			stop.Category = r.Category
		}
		if r.Failure != nil {
			stop.Failure = *r.Failure
		}
	default:
		stop.Reason, stop.ReasonName = s.state.String(), s.state.String()
		if s.name != "" {
			stop.ReasonName = s.name
		}
	}
}
