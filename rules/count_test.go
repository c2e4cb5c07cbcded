package rules_test

import (
	"testing"
	"time"

	"andon/plant"
	"andon/rules"
)

// chronic finds faults that come again.
func chronic() rules.Rule {
	return rules.Rule{ID: "chronic", Class: plant.ClassMaintenance, Kind: rules.KindCount, Equipment: lineA + "A1", Priority: plant.PriorityHigh,
		States: []string{"fault"}, Count: 2, Within: 30 * time.Minute, SameReason: true, Response: "find the cause"}
}

// faults lets faults of two minutes happen, each a time and a reason.
func (s *shift) faults(list ...string) (out []plant.Condition) {
	for k := 0; k+1 < len(list); k += 2 {
		out = append(out, s.at(list[k], s.state(list[k], "A1", plant.StateFault, list[k+1]))...)
		end := clock(list[k]).Add(2 * time.Minute)
		out = append(out, s.eval(end, plant.StateChange{Equipment: s.tree.FindEquipment(lineA + "A1"), State: plant.StateRun, Since: end})...)
	}
	return out
}

func TestSecondFaultOfAKindWithinHalfAnHourIsChronic(t *testing.T) {
	s := newShift(t, chronic())
	got := s.faults("08:28", "E-310", "08:40", "E-204", "08:53", "E-310")
	want(t, "E-310 twice", got, "A1 chronic high at 08:53:00")
	if m := got[0].Message; m != "state fault (E-310) 2 times, limit 2 in 30m" {
		t.Errorf("message: got %q", m)
	}
	want(t, "half an hour after the last", s.tick("08:55", "09:30"), "A1 chronic over at 09:25:00")
}

func TestOtherFaultDoesNotKeepTheCondition(t *testing.T) {
	s := newShift(t, chronic())
	s.faults("08:28", "E-310", "08:53", "E-310")
	s.tick("08:55", "09:00")
	got := append(s.faults("09:00", "E-204"), s.tick("09:02", "09:30")...)
	want(t, "E-310 did not come again", got, "A1 chronic over at 09:25:00")
}

func TestOneMoreFaultKeepsTheCondition(t *testing.T) {
	s := newShift(t, chronic())
	s.faults("08:28", "E-310", "08:53", "E-310")
	s.tick("08:55", "09:24")
	got := append(s.faults("09:24", "E-310"), s.tick("09:26", "10:00")...)
	want(t, "31 minutes after the one before", got, "A1 chronic over at 09:56:00")
}

func TestFaultsOfDifferentKindsCountTogetherUnlessTold(t *testing.T) {
	r := chronic()
	r.SameReason, r.Count = false, 3
	s := newShift(t, r)
	want(t, "three in all", s.faults("08:00", "E-310", "08:10", "E-204", "08:20", ""), "A1 chronic high at 08:20:00")
}

func TestFaultsFurtherApartAreNotChronic(t *testing.T) {
	s := newShift(t, chronic())
	want(t, "30 minutes and a second", s.faults("08:00", "E-310", "08:30:01", "E-310"), "")
	s = newShift(t, chronic())
	want(t, "30 minutes exactly", s.faults("08:00", "E-310", "08:30", "E-310"), "A1 chronic high at 08:30:00")
}

func TestFaultThatIsPutRightCountsOnce(t *testing.T) {
	s := newShift(t, chronic())
	want(t, "the reason comes later, the beginning moves, the connection breaks", s.at("08:00:05",
		s.state("08:00", "A1", plant.StateFault, ""), s.state("08:00", "A1", plant.StateFault, "E-310"),
		s.state("07:59:50", "A1", plant.StateFault, "E-310"), s.state("08:00:01", "A1", plant.StateUnknown, ""),
		s.state("08:00:03", "A1", plant.StateFault, "E-310")), "")
	s.restart()
	want(t, "restart during the fault", s.at("08:00:06"), "")
	want(t, "the next one", s.faults("08:10", "E-310"), "")
	want(t, "is the same as long as nothing came between", s.faults("08:20", "E-310"), "A1 chronic high at 08:20:00")
}

func TestFaultThatNeverWasIsForgotten(t *testing.T) {
	s := newShift(t, chronic())
	s.at("08:00:05", s.state("08:00", "A1", plant.StateFault, "E-310"), s.state("07:50", "A1", plant.StateRun, ""))
	want(t, "the first", s.faults("08:10", "E-310"), "")
}

func TestAnotherFaultDuringAFaultCounts(t *testing.T) {
	r := chronic()
	r.SameReason = false
	s := newShift(t, r)
	want(t, "E-204 takes over", s.at("08:01", s.state("08:00", "A1", plant.StateFault, "E-310"), s.state("08:01", "A1", plant.StateFault, "E-204")),
		"A1 chronic high at 08:01:00")
}
