package production_test

import (
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

// workdays gives a scene the shift 09:00 to 17:00 with a break at noon.
func workdays(c *production.Config) {
	c.Calendars = []plant.CalendarConfig{{Name: "day", Zone: "UTC", Shifts: []plant.ShiftConfig{
		{Name: "day", From: "09:00", To: "17:00", Breaks: []plant.BreakConfig{{Name: "noon", From: "12:00", To: "12:30"}}}}}}
	c.CalendarFor = []production.CalendarFor{{Equipment: "s/**", Calendar: "day"}}
}

func TestTimeBeforeTheFirstSampleIsUnknownOnlyWhereWorkWasPlanned(t *testing.T) {
	s := newScene(t, workdays)
	s.say("359:50", "M1/state", 6) // 13:59:50Z
	s.till("420:00")
	checkKPI(t, s.kpi("M1", "0:00", "360:00"), want{"calendar_time": 21600, "waterfall>not_scheduled": 3600, "waterfall>planned": 1800,
		"waterfall>unknown": 16190, "planned_busy_time": 16200, "schedule_loading": 16200.0 / 21600, "confidence_measured": 10.0 / 16200})
	checkKPI(t, s.kpi("M1", "0:00", "60:00"), want{"waterfall>not_scheduled": 3600, "waterfall>unknown": 0, "planned_busy_time": 0,
		"availability": nil, "oee_index": nil, "confidence_measured": nil, "schedule_loading": 0})
}

func TestInputsWithAnotherCalendarHaveAnotherDigest(t *testing.T) {
	digest := func(change ...func(*production.Config)) string {
		s := newScene(t, change...)
		in := s.area.Definition(s.eq("M1"), plant.Interval{From: s.start, To: s.start + Hour}, "hour")
		in.Now = s.start + Hour
		sum, err := production.Digest(in)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	if digest() == digest(workdays) {
		t.Error("an hour without samples: got the same digest with and without planned work")
	}
}

func TestAFailureOutsideTheCalendarCountsNeitherAsFailureNorAsRepair(t *testing.T) {
	s := newScene(t, workdays)
	s.say("0:00", "M1/state", 6)
	s.say("10:00", "M1/state", 9)
	s.say("20:00", "M1/state", 6)
	s.say("55:00", "M1/state", 9) // five minutes before the shift
	s.say("65:00", "M1/state", 6)
	s.till("90:00")
	checkKPI(t, s.kpi("M1", "0:00", "50:00"), want{"failures": 0, "mean_time_to_repair": nil, "inherent_availability": nil})
	checkKPI(t, s.kpi("M1", "0:00", "90:00"), want{"failures": 1, "mean_time_to_repair": 300})
}

func TestProductionWhereNoneWasPlannedHasNoAvailability(t *testing.T) {
	s := newScene(t, workdays)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/total", 0)
	s.say("10:00", "M1/total", 300)
	s.till("10:00")
	checkKPI(t, s.kpi("M1", "0:00", "10:00"), want{"produced_quantity": 300, "unscheduled_production_time": 600, "availability": nil,
		"effectiveness": nil, "oee_index": nil, "oee_partial": nil, "throughput_rate>per_hour_calendar": 1800})
}

func TestUnitsWithoutAnIdealCycleHaveNoEffectiveness(t *testing.T) {
	s := newScene(t, func(c *production.Config) { c.Equipment[0].Product = "Q" })
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/total", 0)
	s.say("10:00", "M1/total", 300)
	s.till("10:00")
	checkKPI(t, s.kpi("M1", "0:00", "10:00"), want{"produced_quantity": 300, "unrated_quantity": 300, "availability": 1,
		"effectiveness": nil, "oee_index": nil, "oee_partial": nil, "teep_index": nil})
}

func TestAMachineWithoutACounterHasNoEffectiveness(t *testing.T) {
	m := oneMachine(t, nil, plant.TagConfig{Name: "state", Role: plant.RoleState})
	m.say(0, "state", plant.Int(6))
	m.till(float64(10 * time.Minute / time.Second))
	checkKPI(t, m.kpi(0, 10), want{"availability": 1, "effectiveness": nil, "oee_index": nil, "oee_partial": nil})
}
