package production_test

import (
	"math"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

func twoSpeeds(c *production.Config) {
	c.Products = append(c.Products, production.Product{Name: "F", Ideal: []production.IdealCycle{{Cycle: 4 * time.Second}}})
	c.Equipment[0].Product = ""
}

func (s *scene) wantMade(from, to string, want map[string]int64, oee float64) {
	s.t.Helper()
	w := plant.Interval{From: s.at(from), To: s.at(to)}
	got := map[string]int64{}
	for _, c := range s.area.Facts(s.eq("M1"), w).Counts {
		if w.Contains(c.Minute) {
			got[c.Product] += c.Total
		}
	}
	for product, n := range want {
		if got[product] != n {
			s.t.Errorf("got %d units of %s, want %d", got[product], product, n)
		}
	}
	k, _ := s.area.KPI(s.eq("M1"), w, "")
	if math.Abs(k.OEEPartial.Value-oee) > 1e-12 {
		s.t.Errorf("got A x P %v, want %v", k.OEEPartial.Value, oee)
	}
}

// Edge case: one reading of the counter shows what was made of two products of
// very different speed.
func TestAReadingOverAChangeOfProductIsDividedByTheUnitsToBeExpected(t *testing.T) {
	s := newScene(t, twoSpeeds, func(c *production.Config) { c.Changeover.OnProduct = false })
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/product", "P")
	s.say("0:00", "M1/total", 0)
	s.say("5:00", "M1/product", "F")
	s.say("10:00", "M1/total", 375)
	s.till("11:00")
	s.wantMade("0:00", "10:00", map[string]int64{"P": 300, "F": 75}, 1)
}

// Edge case: the ideal cycle of the product changes while it is made.
func TestAReadingOverAChangeOfTheIdealCycleIsDividedByTheUnitsToBeExpected(t *testing.T) {
	s := newScene(t, func(c *production.Config) {
		c.Products[0].Ideal = append(c.Products[0].Ideal, production.IdealCycle{Cycle: 4 * time.Second, ValidFrom: time.Date(2026, 3, 2, 8, 5, 0, 0, time.UTC)})
	})
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/total", 0)
	s.say("10:00", "M1/total", 376)
	s.till("11:00")
	s.wantMade("0:00", "10:00", map[string]int64{"P": 376}, 1+1./600)
	s.wantMade("0:00", "5:00", map[string]int64{"P": 301}, 1+1./300)
}

// Edge case: of one of the products no ideal cycle is known.
func TestAReadingOverAChangeToAProductOfUnknownSpeedIsDividedByTime(t *testing.T) {
	s := newScene(t, twoSpeeds)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/product", "P")
	s.say("0:00", "M1/total", 0)
	s.say("4:00", "M1/product", "Q")
	s.say("10:00", "M1/total", 100)
	s.till("11:00")
	w := plant.Interval{From: s.start, To: s.at("10:00")}
	got := map[string]int64{}
	for _, c := range s.area.Facts(s.eq("M1"), w).Counts {
		got[c.Product] += c.Total
	}
	if got["P"] != 40 || got["Q"] != 60 {
		t.Errorf("got %v, want 40 of P and 60 of Q", got)
	}
}

func TestPartsWhileStoppedAreCountedAndToldApart(t *testing.T) {
	s := newScene(t)
	s.say("0:00", "M1/state", 6)
	s.say("0:00", "M1/total", 0)
	s.say("1:00", "M1/total", 60)
	s.say("1:00", "M1/state", 2)
	s.say("2:00", "M1/total", 67)
	s.till("3:00")
	k, _ := s.area.KPI(s.eq("M1"), plant.Interval{From: s.start, To: s.now}, "")
	if k.Produced != 67 || k.Idle != 7 {
		t.Errorf("got %d units, %d idle; want 67, 7", k.Produced, k.Idle)
	}
}

func TestBoundariesDivideCountsByRunTime(t *testing.T) {
	s := newScene(t, withBreak)
	s.say("0:00", "M1/state", 6)
	s.say("49:30", "M1/total", 0)
	s.say("49:30", "M1/product", "P")
	s.say("49:50", "M1/product", "Q")
	s.say("50:31", "M1/total", 100) // the shift ended at 50:00
	s.till("51:00")
	var got [][3]any
	for _, c := range s.area.Facts(s.eq("M1"), plant.Interval{From: s.start, To: s.now}).Counts {
		got = append(got, [3]any{c.Product, c.Shift, c.Total})
	}
	want := [][3]any{{"P", "one", int64(33)}, {"Q", "one", int64(16)}, {"Q", "", int64(51)}}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("got %v, want %v", got, want)
	}
}
