package production_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

func TestAWindowOffTheMinuteHasTheUnitsThatWereMadeInIt(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	at := func(d time.Duration) plant.Instant { return productiontest.Start.Add(d) }
	for _, w := range []plant.Interval{{From: at(50 * time.Second), To: at(70 * time.Second)}, {From: at(30 * time.Second), To: at(50 * time.Second)}} {
		checkKPI(t, h.kpi(productiontest.A1, w), want{"calendar_time": 20, "produced_quantity": 40, "standard_time_produced": 20, "effectiveness": 1})
	}
	// The jam from 10:00 to 10:40: the minute's units were made after it.
	checkKPI(t, h.kpi(productiontest.A1, plant.Interval{From: at(10 * time.Minute), To: at(640 * time.Second)}), want{"produced_quantity": 0, "micro_stop_time": 40})
	checkKPI(t, h.kpi(productiontest.A1, plant.Interval{From: at(640 * time.Second), To: at(660 * time.Second)}), want{"produced_quantity": 40})
}

func TestWindowsSideBySideShareAllThatWasCounted(t *testing.T) {
	h := newHall(t, productiontest.Config(productiontest.Start))
	h.hour(productiontest.Start)
	whole := map[string]production.KPI{}
	for _, path := range []string{productiontest.A1, productiontest.B1, productiontest.A3} {
		whole[path] = h.kpi(path, theHour(productiontest.Start))
	}
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SampledFrom([]string{productiontest.A1, productiontest.B1, productiontest.A3}).Draw(t, "equipment")
		cuts := rapid.SliceOfN(rapid.Int64Range(0, int64(time.Hour)), 1, 5).Draw(t, "cuts")
		slices.Sort(cuts)
		var parts []production.KPI
		from := productiontest.Start
		for _, to := range append(cuts, int64(time.Hour)) {
			end := productiontest.Start + plant.Instant(to)
			parts, from = append(parts, h.kpi(path, plant.Interval{From: from, To: end})), end
		}
		sum := production.RollUp(production.ScopeArea, "s", parts)
		want := whole[path]
		if sum.Quantities != want.Quantities || sum.StandardProduced != want.StandardProduced || sum.StandardGood != want.StandardGood ||
			math.Abs(sum.Energy.Value-want.Energy.Value) > 1e-9 {
			t.Fatalf("%s cut at %v:\n got %+v %v\nwant %+v %v", path, cuts, sum.Quantities, sum.Energy, want.Quantities, want.Energy)
		}
	})
}
