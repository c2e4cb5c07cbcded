package alerts_test

import (
	"encoding/json"
	"strings"
	"testing"

	"andon/alerts"
	"andon/plant"
)

// wantRaised compares since when an alarm is raised, and was at first.
func wantRaised(t *testing.T, when string, a alerts.Alarm, now, first string) {
	t.Helper()
	if a.Raised.Event != clock(now) || a.FirstRaised.Event != clock(first) {
		t.Errorf("%s: raised %s, first %s; want %s, %s", when, a.Raised.Event, a.FirstRaised.Event, clock(now), clock(first))
	}
}

func TestFaultThatComesAgainIsToldWithTheTimeItBeganThisTime(t *testing.T) {
	s := newShift(t, duty())
	m := s.raise("20:55", "A1").Messages[0]
	wantRaised(t, "at first", m.About, "20:55", "20:55")
	if strings.Contains(m.Text, "First raised") {
		t.Errorf("text of the first raise speaks of an earlier one:\n%s", m.Text)
	}
	s.clear("20:56", "A1")
	m = s.raise("21:18", "A1").Messages[0]
	wantRaised(t, "again", m.About, "21:18", "20:55")
	for _, want := range []string{"\nRaised: Mon 2 Mar 2026 22:18:00 CET\n", "\nFirst raised: Mon 2 Mar 2026 21:55:00 CET, 2 times by now\n"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("text lacks %q:\n%s", want, m.Text)
		}
	}
	s.restart()
	over := s.clear("21:20", "A1")
	wantRaised(t, "over, after a restart", over.Alarms[0], "21:18", "20:55")
}

func TestHigherPriorityIsNoOtherBeginning(t *testing.T) {
	s := newShift(t, duty())
	s.raise("10:00", "A1")
	c := s.apply("10:10", s.condition("A1", plant.PriorityCritical, true, clock("10:10")))
	wantRaised(t, "critical", c.Messages[0].About, "10:00", "10:00")
}

// Earlier versions knew only the first raise.
func TestSnapshotWithoutTheFirstRaiseIsRestored(t *testing.T) {
	s := newShift(t, duty())
	s.raise("10:00", "A1")
	data, err := s.book.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var old map[string]any
	if err := json.Unmarshal(data, &old); err != nil {
		t.Fatal(err)
	}
	delete(old["open"].([]any)[0].(map[string]any)["alarm"].(map[string]any), "first_raised")
	if data, err = json.Marshal(old); err != nil {
		t.Fatal(err)
	}
	s.book = alerts.NewBook(s.cfg, s.area)
	if err := s.book.Restore(data); err != nil {
		t.Fatal(err)
	}
	wantRaised(t, "restored", s.book.Alarms()[0], "10:00", "10:00")
	s.clear("10:01", "A1")
	wantRaised(t, "again", s.raise("10:30", "A1").Alarms[0], "10:30", "10:00")
}
