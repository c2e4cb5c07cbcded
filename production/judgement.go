package production

import "andon/plant"

// A Judgement is what a reason makes of a stop's time.
type Judgement struct {
	State plant.State
	Loss  Loss
	Micro bool
}

// Judge returns what reason makes of a stop that the equipment told as state;
// short says that the stop is shorter than a micro-stop may be. Safety stays
// safety whatever its reason: time in an emergency stop is never booked away.
func (r Reason) Judge(state plant.State, short bool) Judgement {
	j := Judgement{State: state}
	if state != plant.StateSafety {
		j.State = stateOf(r.Category)
	}
	j.Loss = lossOf(j.State)
	if j.Micro = short && mayBeMicro(j.State, r.Category); j.Micro {
		j.Loss = LossMicroStop
	}
	switch {
	case state == plant.StateSafety:
	case r.CountsAgainst == CountsNone:
		j.Loss, j.Micro = LossPlanned, false
	case r.CountsAgainst == CountsPerformance:
		j.Loss = LossMicroStop
	case r.CountsAgainst == CountsAvailability && (j.Loss == LossPlanned || j.Loss == LossMicroStop):
		j.Loss, j.Micro = lossOf(j.State), false
		if j.Loss == LossPlanned {
			j.Loss = LossOther
		}
	}
	return j
}

// CountsAsFailure says whether a stop of this reason is a failure: as
// configured, or else by category.
func (r Reason) CountsAsFailure() bool {
	if r.Failure != nil {
		return *r.Failure
	}
	return r.Category == CategoryFault
}

// stateOf is the state that a category of reason means.
func stateOf(c ReasonCategory) plant.State {
	switch c {
	case CategoryFault:
		return plant.StateFault
	case CategoryPlanned:
		return plant.StatePlannedStop
	case CategoryChangeover:
		return plant.StateChangeover
	case CategoryStarved:
		return plant.StateStarved
	case CategoryBlocked:
		return plant.StateBlocked
	case CategorySafety:
		return plant.StateSafety
	}
	return plant.StateStopped
}

// Title returns the reason's name, its id when it has none.
func (r Reason) Title() string { return r.name() }

// MicroStopOf returns below which length stops of eq are micro-stops.
func (c Config) MicroStopOf(eq *plant.Equipment) (micro Seconds) {
	set, _ := newSettings(c, eq)
	return Seconds(set.micro)
}
