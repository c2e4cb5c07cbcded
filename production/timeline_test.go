package production_test

import (
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

func TestFlickerIsNotAStop(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", 11)
	s.say("1:01.500", "M1/state", 6)
	s.say("2:00", "M1/state", 11)
	s.say("2:02", "M1/state", 6)
	s.till("3:00")
	s.want("M1", "00:00 run, 02:00 stopped/micro_stop, 02:02 run")
}

func TestShortRunDoesNotEndAStop(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", 9)
	s.say("4:00", "M1/state", 6) // 3 s: a trial
	s.say("4:03", "M1/state", 9)
	s.say("8:00", "M1/state", 6)
	s.till("8:03")
	s.want("M1", "00:00 run, 01:00 fault, 04:00 fault blip, 04:03 fault, 08:00 fault blip")
	ch := s.till("9:00")
	s.want("M1", "00:00 run, 01:00 fault, 04:00 fault blip, 04:03 fault, 08:00 run")
	if len(ch.Stops) != 1 || ch.Stops[0].From != s.at("1:00") || ch.Stops[0].To != s.at("8:00") {
		t.Errorf("got %+v, want one stop from 1:00 to 8:00", ch.Stops)
	}
}

func TestEmergencyStopCountsHoweverShort(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/estop", true)
	s.say("1:00.500", "M1/estop", false)
	s.till("2:00")
	s.want("M1", "00:00 run, 01:00 safety, 01:00 run")
}

func TestFaultShowsBeforeItIsSure(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.till("1:00")
	s.say("1:00", "M1/state", 9)
	ch := s.till("1:00.100")
	if len(ch.States) != 1 || ch.States[0].State != plant.StateFault || ch.States[0].Since != s.at("1:00") {
		t.Errorf("got %+v, want a fault since 1:00", ch.States)
	}
}

func TestTransitionalStatesBelongToTheStopNextToThem(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", 8)  // aborting
	s.say("1:03", "M1/state", 9)  // aborted
	s.say("5:00", "M1/state", 1)  // clearing
	s.say("5:10", "M1/state", 2)  // stopped
	s.say("5:30", "M1/state", 15) // resetting
	s.say("5:40", "M1/state", 4)  // idle
	s.say("5:50", "M1/state", 3)  // starting
	s.say("6:00", "M1/state", 6)
	s.say("7:00", "M1/state", 15) // alone
	s.say("7:10", "M1/state", 6)
	s.till("8:00")
	s.want("M1", "00:00 run, 01:00 fault, 06:00 run, 07:00 stopped/micro_stop, 07:10 run")
}

func TestMicroStopTurnsIntoDowntimeAtTheThreshold(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", 11)
	ch := s.till("2:59")
	if len(ch.Stops) != 1 || !ch.Stops[0].Micro || !ch.Stops[0].Provisional || ch.Stops[0].To != 0 {
		t.Fatalf("after 119 s: got %+v, want one open, provisional micro-stop", ch.Stops)
	}
	id := ch.Stops[0].ID
	ch = s.till("3:00")
	if len(ch.Stops) != 1 || ch.Stops[0].Micro || ch.Stops[0].Provisional || ch.Stops[0].ID != id || ch.Stops[0].Void {
		t.Fatalf("after 120 s: got %+v, want the same stop, down", ch.Stops)
	}
	s.want("M1", "00:00 run, 01:00 stopped")
	s.say("3:30", "M1/state", 6)
	ch = s.till("4:00")
	if len(ch.Stops) != 1 || ch.Stops[0].ID != id || ch.Stops[0].To != s.at("3:30") {
		t.Errorf("at the end: got %+v, want the same stop, closed at 3:30", ch.Stops)
	}
}

func TestFaultsAndChangeoversAreNeverMicro(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", 9)
	s.say("1:30", "M1/state", 6)
	s.say("2:00", "M1/mode", 4)
	s.say("2:00", "M1/state", 2)
	s.say("2:30", "M1/mode", 1)
	s.say("2:30", "M1/state", 6)
	s.till("3:00")
	s.want("M1", "00:00 run, 01:00 fault, 01:30 run, 02:00 changeover/setup, 02:30 run")
}

func TestReasonGivenDuringTheStopHoldsForAllOfIt(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", 2)
	s.say("1:40", "M1/reason", 3)
	s.say("5:00", "M1/reason", 0) // taken back before the start
	s.say("5:01", "M1/state", 6)
	s.say("6:00", "M1/state", 2)
	s.say("6:01", "M1/reason", 1) // a jam, and a little later
	s.say("9:00", "M1/reason", 3) // a meeting
	s.say("9:30", "M1/state", 6)
	s.till("10:00")
	s.want("M1", "00:00 run, 01:00 planned_stop/planned meeting, 05:01 run, 06:00 stopped jam, 09:00 planned_stop/planned meeting, 09:30 run")
}

func TestFirstAlarmOfAFaultIsItsReason(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", 9)
	s.say("1:00.200", "M1/alarm", 2)
	s.say("1:01", "M1/alarm", 77) // what follows from it
	s.say("3:00", "M1/alarm", 0)
	s.say("3:00", "M1/state", 6)
	ch := s.till("4:00")
	s.want("M1", "00:00 run, 01:00 fault drive, 03:00 run")
	if st := ch.Stops[0]; st.Code != "2" || st.Category != production.CategoryFault || !st.Failure || st.ReasonSource != "signal" {
		t.Errorf("got %+v, want code 2 as a failure", st)
	}
}

func TestGuardMakesAnAbortASafetyStop(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("0:30", "M1/guard", true) // open while running is for the rules to tell
	s.say("1:00", "M1/state", 9)
	s.say("2:00", "M1/guard", false)
	s.say("3:00", "M1/state", 6)
	ch := s.till("4:00")
	s.want("M1", "00:00 run, 01:00 safety, 02:00 fault, 03:00 run")
	if ch.Stops[0].Failure {
		t.Errorf("got a failure, want a safety stop to be none")
	}
}

func TestSuspendedIsExplainedByTheNeighbours(t *testing.T) {
	s := newScene(t)
	for _, m := range []string{"M1", "M2", "M3"} {
		s.say("0:00", m+"/state", 6)
	}
	s.say("1:00", "M3/state", 9)
	s.say("1:05", "M2/state", 5) // backs up
	s.say("1:10", "M1/state", 5)
	s.say("4:00", "M3/state", 6)
	s.say("4:05", "M2/state", 6)
	s.say("4:10", "M1/state", 6)
	s.say("6:00", "M1/state", 2)
	s.say("6:00", "M2/state", 5) // runs dry
	s.say("6:00", "M3/state", 5)
	s.say("9:00", "M1/state", 6)
	s.say("9:00", "M2/state", 6)
	s.say("9:00", "M3/state", 6)
	s.say("10:00", "M1/state", 5) // no neighbour stops
	s.say("10:00", "M3/state", 5)
	s.till("14:00")
	s.want("M1", "00:00 run, 01:10 blocked by M3, 04:10 run, 06:00 stopped, 09:00 run, 10:00 blocked")
	s.want("M2", "00:00 run, 01:05 blocked by M3, 04:05 run, 06:00 starved by M1, 09:00 run")
	s.want("M3", "00:00 run, 01:00 fault, 04:00 run, 06:00 starved by M1, 09:00 run, 10:00 starved")
}

func TestCulpritThatIsToldLaterCounts(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M2/state", 6)
	s.say("1:00", "M1/state", 5)
	s.say("5:00", "M1/state", 6)
	s.till("10:00")
	s.want("M1", "00:00 run, 01:00 blocked, 05:00 run")
	s.say("1:00", "M2/state", 9)
	s.say("5:00", "M2/state", 6)
	ch := s.till("10:01")
	s.want("M1", "00:00 run, 01:00 blocked by M2, 05:00 run")
	if len(ch.Rewrites) != 2 || ch.Rewrites[0].Equipment != s.eq("M1") || ch.Rewrites[0].From != s.at("1:00") {
		t.Errorf("got %+v, want M1 from 1:00 and M2 rewritten", ch.Rewrites)
	}
}

func TestSignalsExplainIdle(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", 4)
	s.say("1:00", "M1/starved", true)
	s.say("4:00", "M1/starved", false)
	s.say("4:00", "M1/state", 6)
	s.say("5:00", "M1/state", 5)
	s.say("5:00", "M1/blocked", true)
	s.say("8:00", "M1/blocked", false)
	s.say("8:00", "M1/state", 6)
	s.till("9:00")
	s.want("M1", "00:00 run, 01:00 starved, 04:00 run, 05:00 blocked, 08:00 run")
}

func withBreak(c *production.Config) {
	c.Calendars = []plant.CalendarConfig{{Name: "c", Shifts: []plant.ShiftConfig{
		{Name: "one", From: "06:00", To: "08:50", Breaks: []plant.BreakConfig{{Name: "lunch", From: "08:20", To: "08:30"}}}}}}
	c.CalendarFor = []production.CalendarFor{{Equipment: "s/a/l/*", Calendar: "c"}}
}

func TestBreakThatIsOverrunIsLost(t *testing.T) {
	s := newScene(t, withBreak)
	s.say("0:00", "M1/state", 6)
	s.say("20:00", "M1/state", 2)
	s.say("33:00", "M1/state", 6)
	s.till("34:00")
	s.want("M1", "00:00 run, 20:00 planned_stop/planned, 30:00 stopped break_overrun, 33:00 run")
	k, _ := s.area.KPI(s.eq("M1"), plant.Interval{From: s.start, To: s.at("34:00")}, "")
	if got, want := k.DowntimeByReason["break_overrun"].Float(), 180.0; got != want {
		t.Errorf("got %v s overrun, want %v", got, want)
	}
}

func TestFaultInABreakStaysAFaultAndRunInItStaysRun(t *testing.T) {
	s := newScene(t, withBreak)
	s.say("0:00", "M1/state", 6)
	s.say("25:00", "M1/state", 9)
	s.say("31:00", "M1/state", 6)
	s.till("34:00")
	s.want("M1", "00:00 run, 20:00 run unscheduled, 25:00 fault, 31:00 run")
}

func TestNobodyScheduledIsNeitherStopNorUnknown(t *testing.T) {
	s := newScene(t, withBreak)
	s.say("0:00", "M1/state", 6)
	s.say("45:00", "M1/state", 2) // unexplained, until the shift ends at 50:00
	s.say("60:00", "M1/state", 6) // somebody works on
	s.say("65:00", "M1/state", 2)
	s.till("70:00")
	s.silent("90:00") // the PLC is switched off
	s.want("M1", "00:00 run, 20:00 run unscheduled, 30:00 run, 45:00 stopped, 50:00 not_scheduled, 60:00 run unscheduled, 65:00 not_scheduled")
	k, _ := s.area.KPI(s.eq("M1"), plant.Interval{From: s.start, To: s.at("90:00")}, "")
	if got, want := k.UnscheduledProduction.Float(), 900.0; got != want {
		t.Errorf("got %v s of unscheduled production, want %v", got, want)
	}
	k, _ = s.area.KPI(s.eq("M1"), plant.Interval{From: s.at("70:00"), To: s.at("90:00")}, "")
	if k.Availability.OK || k.OEEIndex.OK || k.Waterfall.NotScheduled != k.Calendar {
		t.Errorf("got availability %v, OEE %v; want none where nothing is planned", k.Availability, k.OEEIndex)
	}
}

func TestFaultThroughTheNightIsOneStop(t *testing.T) {
	s := newScene(t, withBreak)
	s.say("0:00", "M1/state", 6)
	s.say("48:00", "M1/state", 9)
	ch := s.till("60:00")
	s.want("M1", "00:00 run, 20:00 run unscheduled, 30:00 run, 48:00 fault, 50:00 fault/not_scheduled")
	if got, want := ch.Stops[0].Duration(s.now), 2*time.Minute; got != want {
		t.Errorf("got %v of downtime, want %v: the shift was over", got, want)
	}
}

func TestProductChangeExplainsAStop(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/product", "P")
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", 2)
	s.say("3:00", "M1/product", "Q")
	s.say("8:00", "M1/state", 6)
	s.till("9:00")
	s.want("M1", "00:00 run, 01:00 changeover/setup, 03:00 changeover/setup, 08:00 run")
}
