package production_test

import (
	"testing"

	"andon/plant"
	"andon/production"
)

func TestAMachineMayHaveAnotherCalendarThanItsArea(t *testing.T) {
	s := newScene(t, func(c *production.Config) {
		c.Calendars = []plant.CalendarConfig{
			{Name: "area", Shifts: []plant.ShiftConfig{{Name: "one", From: "00:00", To: "08:10"}}},
			{Name: "alone", Shifts: []plant.ShiftConfig{{Name: "long", From: "00:00", To: "08:20"}}}}
		c.CalendarFor = []production.CalendarFor{{Equipment: "s/a/l/M2", Calendar: "alone"}, {Equipment: "s/a/**", Calendar: "area"}}
	})
	for _, m := range []string{"M1", "M2"} {
		s.say("0:00", m+"/state", 6)
		s.say("5:00", m+"/state", 2)
	}
	s.till("30:00")
	s.want("M1", "00:00 run, 05:00 stopped, 10:00 not_scheduled")
	s.want("M2", "00:00 run, 05:00 stopped, 20:00 not_scheduled")
}

func TestRunOutsideTheCalendarIsProductionAndToldApart(t *testing.T) {
	s := newScene(t, shiftWithBreak)
	s.steady("40:00")
	s.till("40:00")
	s.want("M1", "00:00 run, 10:00 run unscheduled, 20:00 run, 30:00 run unscheduled")
	k, _ := s.area.KPI(s.eq("M1"), plant.Interval{From: s.start, To: s.now}, "")
	if got := k.Produced; got != 2400 {
		t.Errorf("got %d units, want all 2400", got)
	}
}
