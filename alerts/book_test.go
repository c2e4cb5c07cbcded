package alerts_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"andon/alerts"
	"andon/plant"
)

func TestSecondOnDutyIsToldWhenTheFirstDoesNotAcknowledge(t *testing.T) {
	cfg := duty()
	cfg.Policies["duty"][0].After = 5 * 60e9
	cfg.Policies["duty"][1].After = 20 * 60e9
	s := newShift(t, cfg)
	wantTold(t, "line stops at 10:00", s.raise("10:00", "A1"), "")
	wantTold(t, "10:04:59", s.tick("10:04:59"), "")
	wantTold(t, "10:05", s.tick("10:05"), "first raised")
	wantTold(t, "10:19:59", s.tick("10:19:59"), "")
	wantTold(t, "10:20", s.tick("10:20"), "second escalated")
	wantTold(t, "10:59:59", s.tick("10:59:59"), "")
	wantTold(t, "11:00", s.tick("11:00"), "boss escalated")
	wantTold(t, "a day later", s.tick("23:00"), "")
}

func TestRestartBetweenStepsTellsNobodyTwiceAndForgetsNobody(t *testing.T) {
	s := newShift(t, duty())
	wantTold(t, "10:00", s.raise("10:00", "A1"), "first raised")
	s.restart()
	wantTold(t, "after the restart", s.tick("10:00:01"), "")
	wantTold(t, "the same raise again", s.raise("10:00:02", "A1"), "")
	wantTold(t, "10:15", s.tick("10:15"), "second escalated")
	s.restart()
	wantTold(t, "after another restart", s.tick("10:15:01"), "")
	wantTold(t, "cleared", s.clear("10:16", "A1"), "first resolved, second resolved")
	s.restart()
	wantTold(t, "over", s.tick("11:30"), "")
}

func TestAcknowledgeStopsEscalationAndTellsWhoeverWasTold(t *testing.T) {
	s := newShift(t, duty())
	s.raise("10:00", "A1")
	s.tick("10:15")
	c, err := s.ack("10:16", "anna", "A1")
	if err != nil {
		t.Fatal(err)
	}
	wantTold(t, "10:16", c, "first acknowledged, second acknowledged")
	if got, want := c.Messages[0].Title, "Acknowledged by anna: A1 stopped"; got != want {
		t.Errorf("title: got %q, want %q", got, want)
	}
	wantTold(t, "11:00", s.tick("11:00"), "")
	wantTold(t, "11:10", s.clear("11:10", "A1"), "first resolved, second resolved")
	if open := s.book.Alarms(); len(open) != 0 {
		t.Errorf("open alarms: got %v, want none", open)
	}
}

func TestClearExactlyAtTheStepIsNotEscalated(t *testing.T) {
	s := newShift(t, duty())
	s.raise("10:00", "A1")
	wantTold(t, "10:15", s.clear("10:15", "A1"), "first resolved")
}

func TestAcknowledgeExactlyAtTheStepIsNotEscalated(t *testing.T) {
	s := newShift(t, duty())
	s.raise("10:00", "A1")
	c, err := s.ack("10:15", "anna", "A1")
	if err != nil {
		t.Fatal(err)
	}
	wantTold(t, "10:15", c, "first acknowledged")
}

func TestCommandEscalatesOtherAlarms(t *testing.T) {
	s := newShift(t, duty())
	s.raise("10:00", "A1")
	s.raise("10:00", "A2")
	c, err := s.ack("10:15", "anna", "A2")
	if err != nil {
		t.Fatal(err)
	}
	wantTold(t, "10:15", c, "first acknowledged, second escalated")
}

func TestHigherPriorityIsAnnouncedAgainAndNeedsAnotherAcknowledge(t *testing.T) {
	s := newShift(t, duty())
	s.apply("10:00", s.condition("A1", plant.PriorityMedium, true, clock("10:00")))
	if _, err := s.ack("10:01", "anna", "A1"); err != nil {
		t.Fatal(err)
	}
	c := s.apply("10:10", s.condition("A1", plant.PriorityCritical, true, clock("10:10")))
	wantTold(t, "critical", c, "first raised")
	a := c.Alarms[0]
	if a.State != alerts.StateUnacknowledged || a.AckUser != "" || a.Round != 2 {
		t.Errorf("after the priority rose: got state %s, acknowledged by %q, round %d; want unacknowledged, nobody, 2", a.State, a.AckUser, a.Round)
	}
	wantTold(t, "10:25", s.tick("10:25"), "second escalated")
	c = s.apply("10:26", s.condition("A1", plant.PriorityMedium, true, clock("10:26")))
	wantTold(t, "medium again", c, "")
	if got := c.Transitions[0].Event; got != alerts.EventPriorityLowered {
		t.Errorf("event: got %s, want priority_lowered", got)
	}
}

func TestPriorityDecidesTheRouteAnew(t *testing.T) {
	cfg := duty()
	cfg.Routes[0].Match = alerts.Match{Priority: []plant.Priority{plant.PriorityCritical}}
	s := newShift(t, cfg)
	wantTold(t, "high", s.raise("10:00", "A1"), "first raised")
	c := s.apply("10:10", s.condition("A1", plant.PriorityCritical, true, clock("10:10")))
	wantTold(t, "critical", c, "safety raised, boss raised")
	wantTold(t, "the old policy's second step", s.tick("10:20"), "")
	wantTold(t, "over", s.clear("10:21", "A1"), "first resolved, safety resolved, boss resolved")
}

func TestAlarmThatComesAgainUnacknowledgedIsTheSameAlarm(t *testing.T) {
	s := newShift(t, duty())
	first := s.raise("10:00", "A1").Alarms[0]
	wantTold(t, "over", s.clear("10:01", "A1"), "first resolved")
	wantTold(t, "10:15", s.tick("10:15"), "")
	again := s.raise("10:20", "A1")
	wantTold(t, "again", again, "first raised")
	if a := again.Alarms[0]; a.ID != first.ID || a.Recurrences != 1 || a.FirstRaised != first.Raised {
		t.Errorf("again: got id %s, %d recurrences, first raised %v; want %s, 1, %v", a.ID, a.Recurrences, a.FirstRaised, first.ID, first.Raised)
	}
	if got := again.Messages[0].Title; got != "HIGH again: A1 stopped" {
		t.Errorf("title: got %q", got)
	}
	wantTold(t, "15 min after it came again", s.tick("10:35"), "second escalated")
}

func TestAcknowledgeOfAnAlarmThatIsOverClosesItSilently(t *testing.T) {
	s := newShift(t, duty())
	s.raise("10:00", "A1")
	s.clear("10:01", "A1")
	c, err := s.ack("10:02", "anna", "A1")
	if err != nil {
		t.Fatal(err)
	}
	wantTold(t, "seen", c, "")
	if c.Alarms[0].State != alerts.StateNormal || c.Alarms[0].AckUser != "anna" {
		t.Errorf("alarm: got %+v, want normal, acknowledged by anna", c.Alarms[0])
	}
	next := s.raise("10:05", "A1").Alarms[0]
	if next.ID == c.Alarms[0].ID {
		t.Errorf("the next raise has the id of the closed alarm")
	}
}

func TestAlarmWithoutAcknowledgeEndsWithTheCondition(t *testing.T) {
	s := newShift(t, duty())
	s.apply("10:00", s.condition("A1", plant.PriorityLow, true, clock("10:00")))
	c := s.apply("10:01", s.condition("A1", plant.PriorityLow, false, clock("10:01")))
	wantTold(t, "over", c, "first resolved")
	if c.Alarms[0].State != alerts.StateNormal {
		t.Errorf("state: got %s, want normal", c.Alarms[0].State)
	}
}

func TestAcknowledgeSaysWhyItIsRefused(t *testing.T) {
	s := newShift(t, duty())
	if _, err := s.ack("10:00", "anna", "A1"); !errors.Is(err, alerts.ErrUnknownAlarm) {
		t.Errorf("no alarm: got %v, want ErrUnknownAlarm", err)
	}
	id := s.raise("10:00", "A1").Alarms[0].ID
	byID := plant.Command{ID: "c1", Verb: plant.VerbAlarmAck, Target: id, User: "anna", Time: clock("10:01")}
	if err := s.book.Command(clock("10:01"), byID); err != nil {
		t.Errorf("by id: got %v, want no error", err)
	}
	if err := s.book.Command(clock("10:02"), byID); err != nil {
		t.Errorf("the same command again: got %v, want no error", err)
	}
	s.drain()
	c, err := s.ack("10:03", "ben", "A1")
	var taken *alerts.AcknowledgedError
	if !errors.As(err, &taken) || taken.User != "anna" || taken.Time != clock("10:01") {
		t.Errorf("second person: got %v, want already acknowledged by anna at 10:01", err)
	}
	if !c.Empty() {
		t.Errorf("refused command changed %+v", c)
	}
	if err := s.book.Command(clock("10:04"), plant.Command{Verb: "alarm.eat", Target: id, User: "ben"}); !errors.Is(err, alerts.ErrUnknownVerb) {
		t.Errorf("unknown verb: got %v, want ErrUnknownVerb", err)
	}
	if err := s.book.Command(clock("10:04"), plant.Command{Verb: plant.VerbAlarmAck, Target: id}); err == nil {
		t.Errorf("nobody acknowledged: got no error, want one")
	}
}

func TestAlarmSaysWhoIsToldNextAndWhen(t *testing.T) {
	s := newShift(t, duty())
	a := s.raise("10:00", "A1").Alarms[0]
	if diff := cmp.Diff([]string{"second"}, a.NextTo); diff != "" || a.NextAt != clock("10:15") {
		t.Errorf("next: got %v at %s, want second at 10:15", a.NextTo, a.NextAt)
	}
	a = s.tick("11:00").Alarms[0]
	if a.NextAt != 0 || a.NextTo != nil || a.Step != 3 {
		t.Errorf("after the last step: got %v at %s, step %d; want nobody, step 3", a.NextTo, a.NextAt, a.Step)
	}
	if diff := cmp.Diff([]string{"first", "second", "boss"}, a.Told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestReplayMakesTheSameIds(t *testing.T) {
	day := func() []byte {
		s := newShift(t, duty())
		s.raise("10:00", "A1")
		s.apply("10:01", s.condition("A2", plant.PriorityLow, true, clock("10:00:30")), s.condition("A3", plant.PriorityHigh, true, clock("10:00:31")))
		s.tick("10:20")
		if _, err := s.ack("10:21", "anna", "A3"); err != nil {
			t.Fatal(err)
		}
		s.clear("10:30", "A1")
		s.raise("10:31", "A1")
		b, err := json.Marshal(s.all)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if diff := cmp.Diff(string(day()), string(day())); diff != "" {
		t.Errorf("two replays differ:\n%s", diff)
	}
}

func TestRaisesAtTheSameTimeAreApart(t *testing.T) {
	s := newShift(t, duty())
	low := func(active bool) plant.Condition {
		return s.condition("A1", plant.PriorityLow, active, clock("10:00"))
	}
	c := s.apply("10:00", low(true), low(false), low(true), low(false))
	seen := map[string]bool{}
	for _, a := range c.Alarms {
		seen[a.ID] = true
	}
	for _, x := range c.Transitions {
		seen[x.ID] = true
	}
	if len(c.Alarms) != 2 || len(seen) != 6 {
		t.Errorf("got %d alarms, %d different ids; want 2 alarms, 6 ids (with 4 transitions)", len(c.Alarms), len(seen))
	}
}

func TestHistoryOfAClearSaysWhatIsOver(t *testing.T) {
	s := newShift(t, duty())
	s.raise("10:00", "A1")
	over := s.condition("A1", plant.PriorityHigh, false, clock("10:01"))
	over.Message = ""
	c := s.apply("10:01", over)
	if got := c.Transitions[0].Message; got != "A1 stopped" {
		t.Errorf("transition: got message %q, want that of the raise", got)
	}
	if got := c.Messages[0].Title; got != "Resolved: A1 stopped" {
		t.Errorf("title: got %q", got)
	}
}

func TestFlickerWithinOneBatchTellsNobody(t *testing.T) {
	s := newShift(t, duty())
	c := s.apply("10:00", s.condition("A1", plant.PriorityLow, true, clock("10:00")), s.condition("A1", plant.PriorityLow, false, clock("10:00")))
	wantTold(t, "flicker", c, "")
	if len(c.Transitions) != 2 {
		t.Errorf("transitions: got %d, want 2, for the history is complete", len(c.Transitions))
	}
}

func TestMessageTellsAPersonWhatToDo(t *testing.T) {
	s := newShift(t, duty())
	m := s.raise("10:00", "A1").Messages[0]
	for _, want := range []string{"A1 stopped", "What to do: go and look", "northfield/packing/lineA/A1", "high (production)",
		"Mon 2 Mar 2026 11:00:00 CET", "second at Mon 2 Mar 2026 11:15:00 CET", m.Alarm} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("text lacks %q:\n%s", want, m.Text)
		}
	}
	if m.Title != "HIGH: A1 stopped" {
		t.Errorf("title: got %q", m.Title)
	}
}
