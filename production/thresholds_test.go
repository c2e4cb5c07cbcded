package production_test

import (
	"fmt"
	"testing"
	"time"

	"andon/production"
)

func TestMicroStopsAreMeasuredInCyclesOfTheProduct(t *testing.T) {
	for _, c := range []struct {
		general, equipment, product float64
		cycle                       time.Duration
		want                        string
	}{
		{0, 0, 0, time.Second, "micro"},         // 60 s of 120
		{50, 0, 0, time.Second, "down"},         // 60 cycles of 50
		{50, 0, 0, 2 * time.Second, "micro"},    // 30 cycles
		{50, 70, 0, time.Second, "micro"},       // that of the machine
		{50, 70, 60, time.Second, "down"},       // that of the product; 60 is not shorter than 60
		{50, 70, 60.1, time.Second, "micro"},    //
		{1000, 0, 0, 10 * time.Second, "micro"}, //
	} {
		s := newScene(t, func(cfg *production.Config) {
			cfg.MicroStopCycles, cfg.Equipment[0].MicroStopCycles = c.general, c.equipment
			cfg.Products[0].MicroStopCycles, cfg.Products[0].Ideal[0].Cycle = c.product, c.cycle
		})
		s.say("0:00", "M1/state", 6)
		s.say("1:00", "M1/state", 11)
		s.say("2:00", "M1/state", 6)
		ch := s.till("3:00")
		got := "down"
		if len(ch.Stops) == 1 && ch.Stops[0].Micro {
			got = "micro"
		}
		if got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
}

func TestAnOpenStopTurnsIntoDowntimeAfterItsCycles(t *testing.T) {
	s := newScene(t, func(cfg *production.Config) { cfg.MicroStopCycles = 30 })
	s.say("0:00", "M1/state", 6)
	s.say("1:00", "M1/state", 11)
	if ch := s.till("1:29"); !ch.Stops[0].Provisional {
		t.Errorf("after 29 s: got %+v, want it provisional", ch.Stops)
	}
	if ch := s.till("1:30"); len(ch.Stops) != 1 || ch.Stops[0].Micro {
		t.Errorf("after 30 s: got %+v, want it down", ch.Stops)
	}
}

func TestSlowRunIsJudgedAsConfigured(t *testing.T) {
	for _, c := range []struct {
		factor float64
		window time.Duration
		want   string
	}{
		{1.10, time.Minute, "00:00 slow/run"},     // 5 units in 6 s
		{1.25, time.Minute, "00:00 run"},          //
		{1.10, 2 * time.Minute, "00:00 slow/run"}, //
		{1.10, 10 * time.Minute, "00:00 run"},     // the window is not full yet
	} {
		s := newScene(t, func(cfg *production.Config) { cfg.SlowFactor, cfg.SlowWindow = c.factor, c.window })
		s.say("0:00", "M1/state", 6)
		for i := range 51 {
			s.say(fmt.Sprintf("%d:%02d", 6*i/60, 6*i%60), "M1/total", 5*i)
		}
		s.till("5:00")
		if got := s.timeline("M1"); got != c.want {
			t.Errorf("factor %v over %s: got %s, want %s", c.factor, c.window, got, c.want)
		}
	}
}
