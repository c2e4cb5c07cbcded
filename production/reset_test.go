package production_test

import (
	"fmt"
	"testing"

	"andon/plant"
	"andon/production"
)

// Edge case: a counter is reset to more than half of what it showed, and no
// ideal cycle says how fast it can count.
func TestAResetWithoutAKnownRateCountsOnceTheNextReadingConfirmsIt(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2, 3}, {0, 3, 2, 1}, {3, 0, 1, 2}, {2, 0, 3, 1}} {
		m := oneMachine(t, func(c *production.Config) { c.Products = []production.Product{{Name: "P"}} },
			plant.TagConfig{Name: "state", Role: plant.RoleState}, plant.TagConfig{Name: "total", Role: plant.RoleTotalCount})
		m.say(0, "state", plant.Int(6))
		m.till(40)
		for _, i := range order {
			m.say(float64(10*i), "total", plant.Int([]int64{50, 100, 60, 70}[i]))
			m.till(40)
		}
		k, _ := m.area.KPI(m.eq(), plant.Interval{From: machineStart, To: m.now}, "")
		if k.Produced != 120 {
			t.Errorf("readings came as %v: got %d units, want 50 and 70", order, k.Produced)
		}
		var kinds string
		for _, q := range m.area.Quality(m.eq(), plant.Interval{From: machineStart, To: m.now}) {
			kinds += fmt.Sprintf("%s %d, ", q.Kind, q.Value)
		}
		if want := "glitch 60, reset 70, "; kinds != want {
			t.Errorf("got %s want %s", kinds, want)
		}
	}
}
