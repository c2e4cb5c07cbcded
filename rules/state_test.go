package rules_test

import (
	"testing"
	"time"

	"andon/plant"
)

func TestFaultIsRaisedAfterItsTime(t *testing.T) {
	s := newShift(t, fault())
	want(t, "fault", s.at("10:00:02", s.state("10:00", "A1", plant.StateFault, "E-204")), "")
	want(t, "not yet", s.tick("10:00:02", "10:00:29"), "")
	got := s.at("10:00:30")
	want(t, "30 s after it began", got, "A1 fault high at 10:00:30")
	if m, want := got[0].Message, "state fault (E-204) since 11:00:00"; m != want {
		t.Errorf("message: got %q, want %q", m, want)
	}
	want(t, "runs", s.at("10:02:01", s.state("10:02", "A1", plant.StateRun, "")), "A1 fault over at 10:02:00")
}

func TestFaultFoundLateIsRaisedAtOnce(t *testing.T) {
	s := newShift(t, fault())
	want(t, "found after a minute", s.at("10:01", s.state("10:00", "A1", plant.StateFault, "")), "A1 fault high at 10:00:30")
}

func TestFaultThatBeganEarlierThanThought(t *testing.T) {
	s := newShift(t, fault())
	s.at("10:00:10", s.state("10:00:10", "A1", plant.StateFault, ""))
	s.at("10:00:11", s.state("10:00", "A1", plant.StateFault, "E-204"))
	want(t, "counts from the revised time", s.tick("10:00:11", "10:00:30"), "A1 fault high at 10:00:30")
}

func TestFaultThatNeverWasIsOverNoEarlierThanRaised(t *testing.T) {
	s := newShift(t, fault())
	want(t, "raised", s.at("10:00:30", s.state("10:00", "A1", plant.StateFault, "")), "A1 fault high at 10:00:30")
	want(t, "revised away", s.at("10:01", s.state("09:59", "A1", plant.StateRun, "")), "A1 fault over at 10:00:30")
}

func TestShortFaultIsNotRaised(t *testing.T) {
	s := newShift(t, fault())
	s.at("10:00", s.state("10:00", "A1", plant.StateFault, ""))
	s.at("10:00:30", s.state("10:00:29", "A1", plant.StateRun, ""))
	want(t, "over within its time", s.tick("10:00:30", "10:02"), "")
}

func TestReasonChoosesTheStops(t *testing.T) {
	r := fault()
	r.ID, r.States, r.Reason, r.For = "valve", []string{"fault", "stopped"}, "E-2*", 0
	s := newShift(t, r)
	want(t, "no reason yet", s.at("10:00", s.state("10:00", "A1", plant.StateStopped, "")), "")
	want(t, "another reason", s.at("10:00:01", s.state("10:00", "A1", plant.StateStopped, "E-310")), "")
	want(t, "its reason, found later", s.at("10:00:05", s.state("10:00", "A1", plant.StateStopped, "E-204")), "A1 valve high at 10:00:00")
	want(t, "the other state, the same reason", s.at("10:00:06", s.state("10:00:06", "A1", plant.StateFault, "E-204")), "")
	want(t, "revised to another reason", s.at("10:00:07", s.state("10:00:06", "A1", plant.StateFault, "E-310")), "A1 valve over at 10:00:06")
}

func TestUnknownStateHoldsWhatIs(t *testing.T) {
	s := newShift(t, fault())
	s.at("10:00", s.state("10:00", "A1", plant.StateFault, ""))
	s.at("10:00:20", s.state("10:00:10", "A1", plant.StateUnknown, ""))
	want(t, "nobody knows", s.tick("10:00:20", "10:05"), "")
	want(t, "still a fault", s.at("10:05", s.state("10:05", "A1", plant.StateFault, "")), "")
	want(t, "the 20 s that were left", s.tick("10:05", "10:05:20"), "A1 fault high at 10:05:20")
	want(t, "unknown again", s.at("10:06", s.state("10:06", "A1", plant.StateUnknown, "")), "")
	want(t, "runs", s.at("10:07", s.state("10:07", "A1", plant.StateRun, "")), "A1 fault over at 10:07:00")
}

func TestUnknownCanBeAState(t *testing.T) {
	r := fault()
	r.ID, r.States = "lost", []string{"unknown"}
	s := newShift(t, r)
	s.at("10:00", s.state("10:00", "A1", plant.StateUnknown, ""))
	want(t, "unknown for 30 s", s.tick("10:00", "10:00:30"), "A1 lost high at 10:00:30")
}

func TestOffDelayJoinsFaultsThatFollowEachOther(t *testing.T) {
	r := fault()
	r.For, r.OffDelay = 0, time.Minute
	s := newShift(t, r)
	want(t, "fault", s.at("10:00", s.state("10:00", "A1", plant.StateFault, "")), "A1 fault high at 10:00:00")
	s.at("10:01", s.state("10:01", "A1", plant.StateRun, ""))
	want(t, "fault again within a minute", s.at("10:01:30", s.state("10:01:30", "A1", plant.StateFault, "")), "")
	s.at("10:02", s.state("10:02", "A1", plant.StateRun, ""))
	want(t, "runs for a minute", s.tick("10:02", "10:03"), "A1 fault over at 10:03:00")
}

func TestPatternCoversEveryMachineOfTheAreaOnly(t *testing.T) {
	r := fault()
	r.Equipment, r.For = "northfield/**", 0
	s := newShift(t, r)
	b1 := plant.StateChange{Equipment: s.tree.FindEquipment("northfield/moulding/lineB/B1"), State: plant.StateFault, Since: clock("10:00")}
	want(t, "three machines", s.at("10:00", s.state("10:00", "A3", plant.StateFault, ""), b1, s.state("10:00", "A1", plant.StateFault, "")),
		"A3 fault high at 10:00:00, A1 fault high at 10:00:00")
}

func TestChangeOfUnknownEquipmentIsIgnored(t *testing.T) {
	s := newShift(t, fault())
	old, err := plant.Detached("northfield/packing/lineA/A9/state")
	if err != nil {
		t.Fatal(err)
	}
	want(t, "from an earlier configuration", s.at("10:00", plant.StateChange{Equipment: old.Equipment, State: plant.StateFault, Since: 1}, plant.Sample{Tag: old}), "")
}
