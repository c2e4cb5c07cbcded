package alerts

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"andon/plant"
)

func siteBook() (*Book, *plant.Area) {
	area := &plant.Area{Name: "packing", Path: "northfield/packing", Site: "northfield"}
	return NewBook(Config{Policies: map[string][]Step{"call": {{Notify: []string{"first"}}, {After: 5 * time.Minute, Notify: []string{"first", "second"}},
		{After: time.Hour, Notify: []string{"boss"}}}}, Routes: []Route{{Policy: "call", Ack: AckNone}}}, area), area
}

func full(at plant.Instant) SystemCondition {
	return SystemCondition{Rule: "stream-blocked", Subject: "northfield", Active: true, Priority: plant.PriorityCritical, Time: at,
		Message: "the stream takes no messages", Response: "Make room."}
}

func told(messages []Message) string {
	var s []string
	for _, m := range messages {
		s = append(s, string(m.Kind)+" "+m.To)
	}
	return strings.Join(s, ", ")
}

func TestWhoWasToldDirectlyIsNotToldAgainAndLearnsTheEnd(t *testing.T) {
	b, _ := siteBook()
	began := plant.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	now := began.Add(20 * time.Minute)
	s := full(began)
	s.Before = Announcement{Alarm: "0123", Time: began.Add(10 * time.Second), Told: []string{"first"}}
	b.TakeOver(now, s)
	c := b.Drain()
	if got := told(c.Messages); got != "escalated second" {
		t.Errorf("taken over after 20 minutes: got %q, want only the second told, whom nobody reached", got)
	}
	a := c.Alarms[0]
	if a.ID != "0123" || a.Step != 2 || a.Raised.Event != began || a.Raised.Stream != now || a.NextAt != began.Add(time.Hour+10*time.Second) {
		t.Errorf("alarm: got %+v, want the id that people know, two steps done and the boss after an hour", a)
	}
	b.Tick(began.Add(2 * time.Hour))
	if got := told(b.Drain().Messages); got != "escalated boss" {
		t.Errorf("after an hour: got %q, want the boss told", got)
	}
	s = SystemCondition{Rule: s.Rule, Subject: s.Subject, Priority: s.Priority, Time: began.Add(3 * time.Hour)}
	b.TakeOver(began.Add(3*time.Hour), s)
	if got := told(b.Drain().Messages); got != "resolved first, resolved second, resolved boss" {
		t.Errorf("over: got %q, want all of them told", got)
	}
}

func TestARepeatOfASystemConditionTellsNobody(t *testing.T) {
	b, _ := siteBook()
	now := plant.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	b.TakeOver(now, full(now))
	if got := told(b.Drain().Messages); got != "raised first" {
		t.Fatalf("first: got %q", got)
	}
	again := full(now)
	again.Before = Announcement{Alarm: "4567", Time: now}
	b.TakeOver(now.Add(time.Second), again)
	if c := b.Drain(); !c.Empty() {
		t.Errorf("again: got %+v, want nothing", c)
	}
}

func TestASystemConditionThatIsNoneIsRefused(t *testing.T) {
	_, area := siteBook()
	good, err := json.Marshal(full(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadSystemCondition(area, good); err != nil {
		t.Errorf("a good one: %v", err)
	}
	for text, want := range map[string]string{
		strings.Replace(string(good), "stream-blocked", "", 1):                    "a rule",
		strings.Replace(string(good), `"northfield"`, `"northfield/moulding"`, 1): "want the subject northfield/packing or northfield",
		strings.Replace(string(good), "critical", "urgent", 1):                    "want a priority",
		strings.Replace(string(good), "Make room.", strings.Repeat("x", 5000), 1): "at most",
		`{`: "read system condition",
	} {
		if _, err := ReadSystemCondition(area, json.RawMessage(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: got %v, want %q", text, err, want)
		}
	}
}
