package plant

import "fmt"

// A State is the canonical state of equipment. Its numbers rise with
// severity, so that the greatest of several is the worst; they are stored as
// state_code and never change.
type State uint8

// The canonical states.
const (
	StateUnknown      State = iota // zero value: no data; stored as code 8
	StateRun                       // producing
	StateNotScheduled              // outside the calendar
	StatePlannedStop               // break, planned maintenance, meeting
	StateChangeover                // set-up for another product
	StateSlow                      // producing well below the ideal rate
	StateStarved                   // nothing to work on
	StateBlocked                   // nowhere to put it
	StateStopped                   // stopped, cause not known
	StateFault                     // broken down
	StateSafety                    // emergency stop, guard
)

var states = [...]struct {
	name string
	code int64
}{
	StateUnknown: {"unknown", 8}, StateRun: {"run", 0}, StateNotScheduled: {"not_scheduled", 1},
	StatePlannedStop: {"planned_stop", 2}, StateChangeover: {"changeover", 3}, StateSlow: {"slow", 4},
	StateStarved: {"starved", 5}, StateBlocked: {"blocked", 6}, StateStopped: {"stopped", 7},
	StateFault: {"fault", 9}, StateSafety: {"safety", 10},
}

// String returns the state's name as used in configuration, API and database.
func (s State) String() string {
	if int(s) < len(states) {
		return states[s].name
	}
	return "invalid"
}

// Code returns the state's number by severity: run 0 … safety 10.
func (s State) Code() int64 {
	if int(s) < len(states) {
		return states[s].code
	}
	return states[StateUnknown].code
}

// ParseState reads a state's name.
func ParseState(name string) (State, bool) {
	for s, st := range states {
		if st.name == name {
			return State(s), true
		}
	}
	return StateUnknown, false
}

// MarshalText writes the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state's name.
func (s *State) UnmarshalText(b []byte) error {
	parsed, ok := ParseState(string(b))
	if !ok {
		return fmt.Errorf("state %.40q: want a name such as run", b)
	}
	*s = parsed
	return nil
}

// Producing reports whether the equipment makes units in state s.
func (s State) Producing() bool { return s == StateRun || s == StateSlow }

// A StateChange is the beginning of a state of one equipment, as rules see
// it. Since is event time and may lie before the stream time it was found at.
type StateChange struct {
	Equipment *Equipment
	State     State
	Since     Instant
	Reason    string
}
