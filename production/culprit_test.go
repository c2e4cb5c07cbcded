package production_test

import (
	"fmt"
	"testing"

	"andon/production"
)

// culpritOf returns chain and confidence of the one stop of a machine.
func (s *scene) culpritOf(name string, stops []production.Stop) string {
	out := ""
	for _, st := range stops {
		if st.Equipment == s.eq(name) {
			out = fmt.Sprintf("%s %v", st.CulpritChain, st.CulpritConfidence)
		}
	}
	return out
}

func TestTheChainLeadsToTheFirstOut(t *testing.T) {
	for _, c := range []struct {
		name string
		say  func(s *scene)
		want string // of M1, blocked from 2:00 to 6:00
	}{
		{"the last stops all the time", func(s *scene) {
			s.say("2:00", "M3/state", 9)
			s.say("2:00", "M2/state", 5)
		}, "s/a/l/M2>s/a/l/M3 1"},
		{"the next stops half the time", func(s *scene) {
			s.say("4:00", "M2/state", 9)
			s.say("2:00", "M3/state", 5)
		}, "s/a/l/M2 0.5"},
		{"both stop", func(s *scene) {
			s.say("2:00", "M2/state", 9)
			s.say("2:00", "M3/state", 9)
		}, "s/a/l/M2 0.5"},
		{"the one between runs on", func(s *scene) { s.say("2:00", "M3/state", 9) }, "s/a/l/M2>s/a/l/M3 0.667"},
		{"nobody stops", func(s *scene) {}, " 0"},
	} {
		s := newScene(t)
		for _, m := range []string{"M1", "M2", "M3"} {
			s.say("0:00", m+"/state", 6)
		}
		s.say("2:00", "M1/state", 5)
		s.say("2:00", "M1/blocked", true)
		c.say(s)
		for _, m := range []string{"M1", "M2", "M3"} {
			s.say("6:00", m+"/state", 6)
		}
		s.say("6:00", "M1/blocked", false)
		ch := s.till("8:00")
		if got := s.culpritOf("M1", ch.Stops); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAnUnknownNeighbourMakesTheCulpritLessSure(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M3/state", 6)
	s.say("2:00", "M1/state", 5) // M2 never tells anything
	s.say("2:00", "M3/state", 9)
	s.say("6:00", "M1/state", 6)
	s.say("6:00", "M3/state", 6)
	ch := s.till("8:00")
	if got, want := s.culpritOf("M1", ch.Stops), "s/a/l/M2>s/a/l/M3 0.667"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
