package engine

import (
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// sheet is what the records have of the filler's hour.
func (s *station) sheet(path string) (sum time.Duration, cost production.Money, all Sheet) {
	s.t.Helper()
	d := NewDesk(NorthfieldConfig().Production, s.tree, s.store)
	all, err := d.Sheet(s.t.Context(), s.tree.FindEquipment(path), plant.Interval{From: at(0, 0), To: at(60, 0)}, at(60, 5))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, x := range all.Stops {
		sum, cost = sum+x.Inside, cost+x.Cost.Amount
	}
	return sum, cost, all
}

func TestASheetKeepsItsTotalsWhateverIsSaid(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	s.feed(s.reviewedHour(), 50)
	sum, cost, before := s.sheet(productiontest.A1)
	// Micro-stop, fault, break, changeover and blocked; the rest of the cost
	// is that of slow run and of rejects.
	if want := 40*time.Second + 6*time.Minute + 10*time.Minute + 6*time.Minute + 150*time.Second; sum != want || len(before.Stops) != 5 {
		t.Fatalf("stops: got %s in %d, want %s in 5", sum, len(before.Stops), want)
	}
	if cost != 16e6+144e6+126e6+525e5 {
		t.Errorf("cost: got %s, want 338.50", cost)
	}
	s = newStation(t, "packing")
	s.feed(s.reviewedHour(faultOfTheFiller()...), 50)
	sum2, cost2, after := s.sheet(productiontest.A1)
	if sum2 != sum || cost2 != cost || len(after.Stops) != 6 || len(after.Edits) != 2 {
		t.Errorf("after a split: got %s and %s in %d stops with %d edits; want %s and %s in 6 with 2", sum2, cost2, len(after.Stops), len(after.Edits), sum, cost)
	}
	if e := after.Edits[0]; e.Text != "Anna: stop of A1 at 09:18:40 split at 09:21:40" || e.Status.Stale != "" {
		t.Errorf("history: got %+v", e)
	}
}

func TestASheetCountsOnlyWhatLiesInItsWindow(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	s.feed(s.hour(), 50)
	d := NewDesk(NorthfieldConfig().Production, s.tree, s.store)
	got, err := d.Sheet(t.Context(), s.tree.FindEquipment(productiontest.A1), plant.Interval{From: at(20, 0), To: at(40, 0)}, at(60, 5))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Stops) != 2 || got.Stops[0].Inside != 280*time.Second || got.Stops[0].Cost.Amount != 144e6 || got.Stops[1].Inside != 10*time.Minute {
		t.Errorf("stops: got %+v, want 280 s of the fault, and the break", got.Stops)
	}
	// 0.40 a second, as the whole of 6 min costs 144.
	if part := got.Stops[0].InsideCost; part.Amount != 112e6 || part.Time != production.Seconds(280*time.Second) {
		t.Errorf("cost within the window: got %+v, want 112.00 for 280 s", part)
	}
	shifts := d.Shifts(s.tree.FindEquipment(productiontest.A1), plant.Interval{From: at(0, 0), To: at(60, 0)})
	if len(shifts) != 1 || shifts[0].From > at(0, 0) || shifts[0].To < at(60, 0) {
		t.Errorf("shifts: got %+v, want the one of the hour", shifts)
	}
}

func TestAdjacentWindowsShareTheMinutesAndTheMoneyOfAStop(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	s.feed(s.reviewedHour(faultOfTheFiller()...), 50)
	d := NewDesk(NorthfieldConfig().Production, s.tree, s.store)
	eq := s.tree.FindEquipment(productiontest.A1)
	sheet := func(w plant.Interval) (time.Duration, production.Money) {
		got, err := d.Sheet(t.Context(), eq, w, at(60, 5))
		if err != nil {
			t.Fatal(err)
		}
		var sum time.Duration
		var cost production.Money
		for _, x := range got.Stops {
			sum, cost = sum+x.Inside, cost+x.InsideCost.Amount
		}
		return sum, cost
	}
	sum, cost := sheet(plant.Interval{From: at(0, 0), To: at(60, 0)})
	if sum != 1510*time.Second {
		t.Fatalf("hour: got %s, want 25 min 10 s", sum)
	}
	// Cuts through the micro-stop, each part of the fault, the changeover and
	// blocked time, to the nanosecond.
	for _, cut := range []plant.Instant{at(10, 7), at(20, 0) + 1, at(21, 40), at(22, 13) + 333333333, at(44, 59), at(47, 0), at(52, 1), at(53, 30) + 999999999} {
		before, c1 := sheet(plant.Interval{From: at(0, 0), To: cut})
		after, c2 := sheet(plant.Interval{From: cut, To: at(60, 0)})
		if before+after != sum || c1+c2 != cost {
			t.Errorf("cut at %s: got %s and %s, together %s for %s; want %s for %s", cut, before, after, before+after, c1+c2, sum, cost)
		}
	}
	var minutes time.Duration
	var money production.Money
	for m := range 60 {
		a, b := sheet(plant.Interval{From: at(m, 0), To: at(m+1, 0)})
		minutes, money = minutes+a, money+b
	}
	if minutes != sum || money != cost {
		t.Errorf("minute by minute: got %s for %s, want %s for %s", minutes, money, sum, cost)
	}
}
