package production_test

import (
	"fmt"
	"testing"

	"andon/plant"
	"andon/production/productiontest"
)

func TestSlowRunIsToldFromItsBeginning(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	told := map[string]string{}
	h.play(productiontest.Start, func(now plant.Instant) {
		for _, a := range h.areas {
			for _, s := range a.Drain().States {
				if s.State == plant.StateSlow {
					told[s.Equipment.Name] += fmt.Sprintf("%ds since %ds;", (now-productiontest.Start)/second, (s.Since-productiontest.Start)/second)
				}
			}
		}
	})
	// A1 at 80 % is known after a minute, B1 with its long cycle after 20
	// ideal cycles: both before five minutes are over.
	if got, want := told["A1"], "1540s since 1480s;"; got != want {
		t.Errorf("A1 slow: got %s, want %s", got, want)
	}
	if got, want := told["B1"], "1200s since 960s;"; got != want {
		t.Errorf("B1 slow: got %s, want %s", got, want)
	}
	for _, seg := range h.areas[1].Facts(h.tree.FindEquipment(productiontest.B1), theHour(productiontest.Start)).Segments {
		if seg.State == plant.StateSlow && (seg.From != productiontest.Start+960*second || seg.To != productiontest.Start+1680*second) {
			t.Errorf("B1 slow from %v to %v, want 08:16:00 to 08:28:00", seg.From, seg.To)
		}
	}
}

func TestRunWithoutUnitsIsSlow(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/total", 0)
	s.say("1:00", "M1/total", 60)
	s.till("2:59")
	s.want("M1", "00:00 run")
	s.till("3:00") // no count for two minutes, though the state says run
	s.want("M1", "00:00 run, 01:00 slow/run")
	s.say("4:00", "M1/total", 61)
	s.say("5:00", "M1/total", 121)
	s.say("6:00", "M1/total", 181)
	s.till("6:00")
	s.want("M1", "00:00 run, 01:00 slow/run, 04:00 run")
}
