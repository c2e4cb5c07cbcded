package production_test

import (
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

// watched is a moulder whose rejects a camera finds.
func watched(t *testing.T) *scene {
	return newScene(t, func(c *production.Config) {
		c.Equipment = append(c.Equipment, production.EquipmentConfig{Equipment: "s/a/l/M1", Reject: "s/a/l/M3/reject"})
	})
}

func TestQualityIsNotKnownWhileTheCameraIsSilent(t *testing.T) {
	s := watched(t)
	for _, m := range []string{"M1", "M3"} {
		s.say("0:00", m+"/state", 6)
		s.say("0:00", m+"/total", 0)
		s.say("0:00", m+"/reject", 0)
	}
	s.say("5:00", "M3/state", plant.Bad)
	s.say("19:50", "M1/total", 1190)
	s.till("20:00")
	checkKPI(t, s.kpi("M1", "10:00", "20:00"), want{"actual_production_time": 600, "confidence_parts>uninspected_time": 600,
		"availability": 1, "quality_ratio": nil, "oee_index": nil, "confidence": 0})
	checkKPI(t, s.kpi("M1", "0:00", "20:00"), want{"confidence_parts>uninspected_time": 900, "confidence": .25, "quality_ratio": 1})
}

func TestACameraThatWasNeverHeardSeesNoQuality(t *testing.T) {
	s := watched(t)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/total", 0)
	s.say("9:50", "M1/total", 590)
	s.till("10:00")
	checkKPI(t, s.kpi("M1", "0:00", "10:00"), want{"confidence_parts>uninspected_time": 600, "quality_ratio": nil, "oee_index": nil})
}

func TestWhatIsNotInspectedFollowsTheSegments(t *testing.T) {
	at := func(m int) plant.Instant { return machineStart.Add(time.Duration(m) * time.Minute) }
	got := production.Uninspected([]production.Segment{
		{From: at(2), To: at(4), State: plant.StateRun}, {From: at(4), To: at(5), State: plant.StateUnknown}, {From: at(5), State: plant.StateStopped},
	}, plant.Interval{From: at(0), To: at(10)})
	if len(got) != 2 || got[0] != (plant.Interval{From: at(0), To: at(2)}) || got[1] != (plant.Interval{From: at(4), To: at(5)}) {
		t.Errorf("got %v, want minutes 0 to 2 and 4 to 5", got)
	}
}
