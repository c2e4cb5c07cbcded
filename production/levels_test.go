package production_test

import (
	"math"
	"slices"
	"testing"

	"andon/plant"
	"andon/production"
)

func TestLastGoodLevelOfEachMinuteStays(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("0:10", "M1/tank", 50.)
	s.say("0:20", "M1/tank", plant.Bad)
	s.say("1:00", "M1/tank", 40.) // the end of the first minute
	s.say("2:30", "M1/tank", 90.) // a refill
	s.say("2:10", "M1/tank", 30.) // late
	s.say("2:40", "M1/tank", math.NaN())
	s.till("3:00")
	got := sumOf(s.metersOf("M1")).Levels
	want := []production.Level{{Tag: "tank", Time: s.at("1:00"), Value: 40}, {Tag: "tank", Time: s.at("2:30"), Value: 90}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestMaterialRunsOutAfterARefill(t *testing.T) {
	s := newScene(t, func(c *production.Config) {
		c.Products[0].Consumes = []production.Consumption{{Tag: "s/a/l/M1/tank", PerUnit: 2, Equipment: "s/a/l/M[12]"}}
	})
	s.say("0:00", "M2/state", 6)
	s.say("0:00", "M2/total", 0)
	s.say("0:00", "M1/tank", 3.)
	s.say("5:00", "M1/tank", 600.)
	s.say("10:00", "M2/total", 300)
	s.till("10:00")
	k, _ := s.area.KPI(s.eq("M2"), plant.Interval{From: s.start, To: s.at("10:00")}, "")
	m := k.Materials[0]
	if m.Tag != "s/a/l/M1/tank" || m.Level.Value != 600 || m.RateDemonstrated.Value != 60 || m.RateIdeal.Value != 120 {
		t.Fatalf("got %+v, want 600 left, 60 a minute, 120 at the ideal cycle", m)
	}
	if *m.RunOutDemonstrated != s.at("15:00") || *m.RunOutIdeal != s.at("10:00") {
		t.Errorf("runs out at %v, ideally at %v; want 08:15 and 08:10", m.RunOutDemonstrated, m.RunOutIdeal)
	}
	if k, _ := s.area.KPI(s.eq("M3"), plant.Interval{From: s.start, To: s.now}, ""); len(k.Materials) != 0 {
		t.Errorf("got materials %+v for equipment that takes none", k.Materials)
	}
}
