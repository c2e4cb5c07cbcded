package alerts_test

import (
	"testing"

	"andon/alerts"
	"andon/plant"
)

func TestSnapshotKeepsTheKindOfAValue(t *testing.T) {
	s := newShift(t, duty())
	s.raise("10:00", "A1")
	s.restart()
	if got := s.book.Alarms()[0].Value; got != plant.Float(85) {
		t.Errorf("value: got %s %s, want float 85", got.Kind(), got)
	}
}

func TestSnapshotWithoutDrainIsRefused(t *testing.T) {
	s := newShift(t, duty())
	s.book.Apply(clock("10:00"), []plant.Condition{s.condition("A1", plant.PriorityHigh, true, clock("10:00"))})
	if _, err := s.book.Snapshot(); err == nil {
		t.Error("got no error, want one, for the messages would be lost")
	}
}

func TestDamagedSnapshotLeavesTheBookAsItWas(t *testing.T) {
	s := newShift(t, duty())
	s.raise("10:00", "A1")
	for _, bad := range []string{"", "{", `{"version":99}`, `[]`} {
		if err := s.book.Restore([]byte(bad)); err == nil {
			t.Errorf("snapshot %q: got no error, want one", bad)
		}
	}
	if n := len(s.book.Alarms()); n != 1 {
		t.Errorf("open alarms: got %d, want 1", n)
	}
}

func TestAlarmWhosePolicyIsGoneGoesOnWithItsPresentRoute(t *testing.T) {
	s := newShift(t, duty())
	s.raise("10:00", "A1")
	s.cfg = duty()
	s.cfg.Policies["night"] = s.cfg.Policies["duty"]
	delete(s.cfg.Policies, "duty")
	s.cfg.Routes = []alerts.Route{{Policy: "night"}}
	s.restart()
	wantTold(t, "10:15", s.tick("10:15"), "second escalated")
}

func TestAlarmGoesOnAfterItsPolicyWasShortened(t *testing.T) {
	s := newShift(t, duty())
	s.raise("10:00", "A1")
	s.tick("10:15")
	s.cfg = duty()
	s.cfg.Policies["duty"] = s.cfg.Policies["duty"][:1]
	s.restart()
	wantTold(t, "11:00", s.tick("11:00"), "")
	wantTold(t, "over", s.clear("11:01", "A1"), "first resolved, second resolved")
}
