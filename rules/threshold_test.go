package rules_test

import (
	"math"
	"testing"
	"time"

	"andon/plant"
	"andon/rules"
)

func TestHotGearboxIsRaisedAndClearedWithHysteresis(t *testing.T) {
	s := newShift(t, hot())
	want(t, "warm", s.at("10:00", s.temp("10:00", 74)), "")
	want(t, "at the limit", s.at("10:01", s.temp("10:01", 75)), "")
	want(t, "above medium", s.at("10:02", s.temp("10:02", 75.1)), "A1 hot medium at 10:02:00")
	want(t, "still above", s.at("10:03", s.temp("10:03", 84)), "")
	want(t, "above high", s.at("10:04", s.temp("10:04", 86)), "A1 hot high at 10:04:00")
	want(t, "between high's limits", s.at("10:05", s.temp("10:05", 81)), "")
	want(t, "below high's clear", s.at("10:06", s.temp("10:06", 79)), "A1 hot medium at 10:06:00")
	want(t, "between medium's limits", s.at("10:07", s.temp("10:07", 73)), "")
	want(t, "below medium's clear", s.at("10:08", s.temp("10:08", 71)), "A1 hot over at 10:08:00")
	want(t, "between medium's limits from below", s.at("10:09", s.temp("10:09", 73)), "")
}

func TestJumpOverBothLevelsIsOneCondition(t *testing.T) {
	s := newShift(t, hot())
	want(t, "90", s.at("10:00", s.temp("10:00", 90)), "A1 hot high at 10:00:00")
	want(t, "60", s.at("10:01", s.temp("10:01", 60)), "A1 hot over at 10:01:00")
}

func TestOnDelayIsExact(t *testing.T) {
	r := hot()
	r.OnDelay, r.OffDelay = 10*time.Second, 5*time.Second
	s := newShift(t, r)
	s.at("10:00", s.temp("10:00", 90))
	want(t, "one nanosecond early", s.eval(clock("10:00:10")-1), "")
	want(t, "in time", s.at("10:00:10"), "A1 hot high at 10:00:10")
	s.at("10:00:12", s.temp("10:00:12", 60))
	want(t, "off-delay, one nanosecond early", s.eval(clock("10:00:17")-1), "")
	want(t, "off-delay", s.at("10:00:17"), "A1 hot over at 10:00:17")
}

func TestValueThatReturnsExactlyAtTheOnDelayWasNeverRaised(t *testing.T) {
	r := hot()
	r.OnDelay = 10 * time.Second
	s := newShift(t, r)
	s.at("10:00", s.temp("10:00", 90))
	want(t, "returned in time", s.at("10:00:10", s.temp("10:00:10", 60)), "")
	want(t, "later", s.tick("10:00:10", "10:01"), "")
}

func TestOnDelayBeginsAnewAfterAnInterruption(t *testing.T) {
	r := hot()
	r.OnDelay = 10 * time.Second
	s := newShift(t, r)
	s.at("10:00", s.temp("10:00", 90))
	s.at("10:00:05", s.temp("10:00:05", 60))
	s.at("10:00:06", s.temp("10:00:06", 90))
	want(t, "ten seconds after the first", s.tick("10:00:06", "10:00:15"), "")
	want(t, "ten seconds after the second", s.at("10:00:16"), "A1 hot high at 10:00:16")
}

func TestEveryLevelHasItsOwnOnDelay(t *testing.T) {
	r := hot()
	r.OnDelay = 10 * time.Second
	s := newShift(t, r)
	s.at("10:00", s.temp("10:00", 80))
	s.at("10:00:05", s.temp("10:00:05", 90))
	want(t, "medium for ten seconds", s.tick("10:00:05", "10:00:14"), "A1 hot medium at 10:00:10")
	want(t, "high for ten seconds", s.at("10:00:15"), "A1 hot high at 10:00:15")
	spike := newShift(t, r)
	spike.at("10:00", spike.temp("10:00", 80))
	spike.at("10:00:09", spike.temp("10:00:09", 90))
	spike.at("10:00:09.5", spike.temp("10:00:09.5", 80))
	want(t, "a spike above high", spike.tick("10:00:09", "10:00:30"), "A1 hot medium at 10:00:10")
}

func TestOffDelayIsInterruptedByTheHysteresisBand(t *testing.T) {
	r := hot()
	r.OffDelay = 10 * time.Second
	s := newShift(t, r)
	s.at("10:00", s.temp("10:00", 76))
	s.at("10:00:05", s.temp("10:00:05", 71))
	s.at("10:00:10", s.temp("10:00:10", 73))
	want(t, "the same condition goes on", s.tick("10:00:10", "10:01"), "")
}

func TestBadValueHoldsWhatIs(t *testing.T) {
	for _, status := range []plant.Status{plant.Bad, plant.BadSensorFailure, plant.Uncertain, plant.UncertainLastUsableValue} {
		s := newShift(t, hot())
		want(t, "bad and hot", s.at("10:00", s.badTemp("10:00", 99, status)), "")
		want(t, "good and hot", s.at("10:00:01", s.temp("10:00:01", 76)), "A1 hot medium at 10:00:01")
		want(t, "bad and cold", s.at("10:00:02", s.badTemp("10:00:02", 20, status)), "")
		want(t, "bad and hotter", s.at("10:00:03", s.badTemp("10:00:03", 99, status)), "")
		want(t, "good and cold", s.at("10:00:04", s.temp("10:00:04", 20)), "A1 hot over at 10:00:04")
	}
}

func TestNumberThatIsNoneHoldsWhatIs(t *testing.T) {
	s := newShift(t, hot())
	s.at("10:00", s.temp("10:00", 76))
	for _, v := range []plant.Value{{}, plant.Text("20"), plant.Float(math.NaN()), plant.Float(math.Inf(-1)), plant.Float(math.Inf(1))} {
		want(t, v.String(), s.at("10:00:01", s.sample("10:00:01", "A1/gearbox_temp", v)), "")
	}
}

func TestDelaysStandStillWhileTheValueIsBad(t *testing.T) {
	r := hot()
	r.OnDelay = 10 * time.Second
	s := newShift(t, r)
	s.at("10:00", s.temp("10:00", 90))
	s.tick("10:00", "10:00:04")
	s.at("10:00:04", s.badTemp("10:00:04", 0, plant.Bad))
	want(t, "while bad", s.tick("10:00:04", "10:00:30"), "")
	want(t, "good again", s.at("10:00:30", s.temp("10:00:30", 91)), "")
	want(t, "six seconds more", s.tick("10:00:30", "10:00:36"), "A1 hot high at 10:00:36")
}

func TestQualityRaiseAndNormal(t *testing.T) {
	r := hot()
	r.Quality = rules.QualityRaise
	s := newShift(t, r)
	want(t, "raise: broken sensor", s.at("10:00", s.badTemp("10:00", 20, plant.BadSensorFailure)), "A1 hot high at 10:00:00")
	want(t, "raise: mended", s.at("10:01", s.temp("10:01", 20)), "A1 hot over at 10:01:00")
	r.Quality = rules.QualityNormal
	s = newShift(t, r)
	s.at("10:00", s.temp("10:00", 90))
	want(t, "normal: broken sensor", s.at("10:01", s.badTemp("10:01", 90, plant.Bad)), "A1 hot over at 10:01:00")
}

func TestLateSampleSaysNothingOfThePresent(t *testing.T) {
	s := newShift(t, hot())
	s.at("10:00", s.temp("10:00", 60))
	want(t, "a sample from before", s.at("10:00:05", s.temp("09:59", 99)), "")
	want(t, "a sample of now", s.at("10:00:06", s.temp("10:00:06", 76)), "A1 hot medium at 10:00:06")
}

func TestClockThatWasAheadDoesNotBlindTheRule(t *testing.T) {
	s := newShift(t, hot())
	s.at("10:00", s.temp("11:00", 60))
	want(t, "clock set right", s.at("10:00:05", s.temp("10:00:05", 76)), "A1 hot medium at 10:00:05")
}

func TestFlickerWithinOneBatchIsToldInFull(t *testing.T) {
	s := newShift(t, guardOpen())
	open := func(at string, b bool) plant.Sample { return s.sample(at, "A1/guard_open", plant.Bool(b)) }
	want(t, "guard open for three seconds, reported at once",
		s.at("10:00", s.state("09:00", "A1", plant.StateRun, ""), open("09:50:00", true), open("09:50:03", false)),
		"A1 guard critical at 09:50:00, A1 guard over at 09:50:03")
}

func TestRuleLooksOnlyInItsStates(t *testing.T) {
	s := newShift(t, guardOpen())
	open := s.sample("10:00", "A1/guard_open", plant.Bool(true))
	want(t, "state not known", s.at("10:00", open), "")
	want(t, "stopped", s.at("10:00:01", s.state("10:00:01", "A1", plant.StateStopped, "")), "")
	want(t, "starts with the guard open", s.at("10:00:02", s.state("10:00:02", "A1", plant.StateRun, "")), "A1 guard critical at 10:00:02")
	want(t, "slower", s.at("10:00:03", s.state("10:00:03", "A1", plant.StateSlow, "")), "")
	want(t, "not known any more", s.at("10:00:04", s.state("10:00:04", "A1", plant.StateUnknown, "")), "")
	want(t, "stops", s.at("10:00:05", s.state("10:00:04.5", "A1", plant.StateStopped, "")), "A1 guard over at 10:00:04.5")
}

func TestRuleWaitsUntilTheMachineHasSettled(t *testing.T) {
	r := hot()
	r.When = rules.When{States: []string{"run"}, Settle: 30 * time.Second}
	s := newShift(t, r)
	s.at("10:00", s.state("10:00", "A1", plant.StateStopped, ""), s.temp("10:00", 90))
	s.at("10:01", s.state("10:01", "A1", plant.StateRun, ""))
	want(t, "not settled", s.tick("10:01", "10:01:29"), "")
	want(t, "settled", s.at("10:01:30"), "A1 hot high at 10:01:30")
}

func TestStateThatBeganEarlierThanThoughtShortensTheSettleTime(t *testing.T) {
	r := hot()
	r.When = rules.When{States: []string{"run"}, Settle: 30 * time.Second}
	s := newShift(t, r)
	s.at("10:00", s.state("10:00", "A1", plant.StateRun, ""), s.temp("10:00", 90))
	want(t, "revised", s.at("10:00:05", s.state("09:59:40", "A1", plant.StateRun, "")), "")
	want(t, "settled", s.tick("10:00:05", "10:00:10"), "A1 hot high at 10:00:10")
}

func TestDelaysGoOnAfterAndonWasAway(t *testing.T) {
	r := hot()
	r.OnDelay = 20 * time.Second
	s := newShift(t, r)
	s.at("10:00", s.temp("10:00", 90))
	s.tick("10:00", "10:00:05")
	want(t, "an hour away", s.at("11:00:05"), "")
	want(t, "the rest of the delay", s.tick("11:00:05", "11:00:20"), "A1 hot high at 11:00:20")
}

func TestConditionCarriesWhatPeopleNeed(t *testing.T) {
	r := hot()
	r.Message = "{{.Equipment.Name}} of {{.Equipment.Line}}: {{.Tag}} {{.Value}} {{.Unit}}, limit {{.Limit}}, since {{.Since}} {{.Since.Format \"2 Jan\"}} ({{.State}}{{.Reason}})"
	s := newShift(t, r)
	c := s.at("10:00", s.temp("10:00", 86.12345))[0]
	if got, want := c.Message, "A1 of lineA: gearbox_temp 86.123 degC, limit > 85 degC, since 11:00:00 2 Mar (unknown)"; got != want {
		t.Errorf("message: got %q, want %q", got, want)
	}
	if c.Tag != s.tree.Tag(lineA+"A1/gearbox_temp") || c.Value != plant.Float(86.12345) || c.Class != plant.ClassMaintenance || c.Response != "check the oil cooler" {
		t.Errorf("condition: got %+v", c)
	}
	if c := s.at("10:01", s.temp("10:01", 60))[0]; c.Active || c.Message != "" || c.Priority != plant.PriorityHigh || c.Value != plant.Float(60) {
		t.Errorf("over: got %+v, want the priority it had, the new value and no message", c)
	}
}
