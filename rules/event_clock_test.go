package rules_test

import (
	"testing"

	"andon/plant"
)

// TestAlarmOfAServerWhoseClockWasSetBackIsTold: a refresh may stay without an
// end, where the server has more conditions than its queue holds.
func TestAlarmOfAServerWhoseClockWasSetBackIsTold(t *testing.T) {
	s := newShift(t, ofServer())
	s.at("10:00", refresh(plant.EventRefreshStart, "10:00"), hotDrive("10:00", 500, true))
	s.at("10:30", hotDrive("10:30", 500, false))
	x := hotDrive("10:20", 500, true) // its clock was set back by twenty minutes
	x.Received = clock("10:40")
	s.restart()
	want(t, "after a clock was set back", s.at("10:40", x), "A1 "+driveLabel+" medium at 10:20:00")
}
