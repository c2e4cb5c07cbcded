package alerts_test

import (
	"strings"
	"testing"

	"andon/alerts"
)

func TestTitleNamesTheEquipmentOnce(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{"blocked", "A1: blocked"},
		{"A1: emergency stop", "A1: emergency stop"},
		{"A1 stopped", "A1 stopped"},
		{"guard of A1 is open", "guard of A1 is open"},
		{"northfield/packing/lineA/A1 has not been heard", "northfield/packing/lineA/A1 has not been heard"},
		{"blocked by A10", "A1: blocked by A10"},
		{"blocked by XA1 and A1B", "A1: blocked by XA1 and A1B"},
		{"XA1 waits for A1", "XA1 waits for A1"},
		{"", "A1"},
	} {
		s := newShift(t, duty())
		x := s.condition("A1", "high", true, clock("10:00"))
		x.Message = c.message
		m := s.apply("10:00", x).Messages[0]
		if want := "HIGH: " + c.want; m.Title != want {
			t.Errorf("title for %q: got %q, want %q", c.message, m.Title, want)
		}
		if got, _, _ := strings.Cut(m.Text, "\n"); got != c.want {
			t.Errorf("text for %q: got first line %q, want %q", c.message, got, c.want)
		}
	}
}

func TestHeadlineOfEquipmentWithoutANameIsTheMessage(t *testing.T) {
	if got := (alerts.Alarm{Message: "blocked"}).Headline(); got != "blocked" {
		t.Errorf("got %q, want the message alone", got)
	}
}

func TestMessagesHaveTheTimesOfTheSiteAsPeopleReadThem(t *testing.T) {
	s := newShift(t, duty())
	first := s.raise("23:30", "A1").Messages[0] // the next day has begun in Berlin
	for _, want := range []string{"\nRaised: Tue 3 Mar 2026 00:30:00 CET\n", " at Tue 3 Mar 2026 00:45:00 CET\n"} {
		if !strings.Contains(first.Text, want) {
			t.Errorf("text of the raise: got no %q in\n%s", want, first.Text)
		}
	}
	var over alerts.Message
	for _, m := range s.clear("23:31", "A1").Messages {
		over = m
	}
	if want := "\nOver: Tue 3 Mar 2026 00:31:00 CET\n"; !strings.Contains(over.Text, want) {
		t.Errorf("text when it is over: got no %q in\n%s", want, over.Text)
	}
	for _, m := range []alerts.Message{first, over} {
		if strings.Contains(m.Text, "Z\n") || strings.Contains(m.Text, "T23:") {
			t.Errorf("text: got a time in UTC in\n%s", m.Text)
		}
	}
}
