package engine

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/store"
)

const lineAPath = "northfield/packing/lineA"

// outlook is that of the records, at a wall clock that the test turns.
func (s *station) outlook(clock *time.Time) *Outlook {
	s.t.Helper()
	k, err := NewKPIs(NorthfieldConfig().Production, s.tree, s.store)
	if err != nil {
		s.t.Fatal(err)
	}
	o := NewOutlook(k, s.tree)
	o.clock = func() time.Time { return *clock }
	return o
}

// recordedHour is the scripted hour up to its end to the second.
func recordedHour(t *testing.T) *station {
	s := newStation(t, "packing")
	msgs := s.hour()
	for i, m := range msgs {
		if m.Time > at(60, 0) {
			msgs = msgs[:i]
			break
		}
	}
	s.feed(msgs, 500)
	s.commit(true)
	return s
}

func TestOrdersTellFromTheRecordsHowFarTheyAre(t *testing.T) {
	s := recordedHour(t)
	clock := time.Unix(0, 0)
	orders, err := s.outlook(&clock).Orders(t.Context(), "northfield/packing")
	if err != nil || len(orders) != 2 {
		t.Fatalf("got %d orders, %v; want two", len(orders), err)
	}
	first, second := orders[0].Attainment, orders[1].Attainment
	if first == nil || first.Completed.String() != "2026-03-02T08:30:00Z" || first.Good != 5000 || first.Remaining != 0 || first.ETA != 0 {
		t.Errorf("PO-1001: got %+v, want it complete at 08:30", first)
	}
	if second == nil || second.Good != 670 || second.ETA.Truncate(time.Millisecond).String() != "2026-03-02T10:51:22.388Z" ||
		second.Required.String() != "0.493519" || second.Demonstrated.String() != "0.797619" {
		t.Errorf("PO-1002: got %+v, want 670 good and an end at 10:51:22.388", second)
	}
}

func TestForecastOfTheLineComesFromItsRecords(t *testing.T) {
	s := recordedHour(t)
	clock := time.Unix(0, 0)
	o := s.outlook(&clock)
	ask := func(q ForecastQuery) LineForecast {
		t.Helper()
		f, err := o.Forecast(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	// Fifty minutes of work are too little history.
	f := ask(ForecastQuery{Line: lineAPath})
	if f.Good != 3310 || f.Product != "P1000" || f.Shift.Name != "Early" || f.Until != start+5*productiontest.Hour || f.Units.Reason == "" {
		t.Errorf("after the hour: got %+v, want 3310 of Early and too little history", f)
	}
	if f.Order != "PO-1002" || f.Remaining != 5330 || f.Target.TargetShift != 19200 {
		t.Errorf("order: got %s, %d remaining, target %d", f.Order, f.Remaining, f.Target.TargetShift)
	}
	if _, err := o.Forecast(t.Context(), ForecastQuery{Line: lineAPath + "/A1"}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("forecast of equipment: got %v, want ErrNotFound", err)
	}
}

// steadyDay is a filler that makes a bottle each second from the start of the
// hour on, with a fault of two minutes in each of its hours.
func (s *station) steadyDay(hours int) []plant.Message {
	var samples []plant.Sample
	count := uint64(0)
	for h := range hours {
		from := start.Add(time.Duration(h) * 60 * minute)
		stop := from.Add(time.Duration(20+h) * minute)
		for t := from; t < from.Add(60*minute); t += 10e9 {
			if stopped := t >= stop && t < stop.Add(2*minute); !stopped {
				samples = append(samples, s.one("state", plant.Int(6), t), s.one("total", plant.Uint(count), t), s.one("reject", plant.Uint(0), t))
				count += 10
			} else {
				samples = append(samples, s.one("state", plant.Int(9), t), s.one("total", plant.Uint(count), t))
			}
		}
	}
	end := start.Add(time.Duration(hours) * 60 * minute)
	return stream(samples, nil, end)
}

func TestForecastIsKeptForAMinuteAndHoldsWhatASteadyLineMakes(t *testing.T) {
	t.Parallel()
	s := newStation(t, "packing")
	msgs := s.steadyDay(4)
	s.feed(msgs, 2000)
	s.commit(true)
	clock := time.Unix(0, 0)
	o := s.outlook(&clock)
	o.k.cfg.Lines = []production.LineConfig{{Line: lineAPath, GoodFrom: "A1"}} // nothing else runs
	q := ForecastQuery{Line: lineAPath, Backtest: true}
	f, err := o.Forecast(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if f.Units.Reason != "" || !f.Units.Thin || f.Units.Low > f.Units.Median || f.Units.High < f.Units.Median || len(f.Backtest) != 2 {
		t.Errorf("got %+v, backtest %v; want a thin forecast with an interval", f.Units, f.Backtest)
	}
	if ahead := float64(f.Units.Median - f.Good); math.Abs(ahead/3600-58.0/60) > .1 {
		t.Errorf("the last hour of the shift: got %v more, want about %d", ahead, 58*60)
	}
	s.exec("DELETE FROM counts")
	if again, err := o.Forecast(t.Context(), q); err != nil || again.Units != f.Units {
		t.Errorf("asked at once again: got %+v, %v; want the same answer", again.Units, err)
	}
	clock = clock.Add(6 * time.Minute)
	if later, err := o.Forecast(t.Context(), q); err != nil || later.Good != 0 {
		t.Errorf("asked later: got %d good, %v; want what the records say by then", later.Good, err)
	}
}

func TestTheLineOnScreenHasItsOwnGoodUnitsAndCulprits(t *testing.T) {
	s := recordedHour(t)
	l := s.present()[0]
	if l.Line == nil || l.Hour.Level != production.ScopeLine || l.Hour.Quantities.Good != 3310 || l.Hour.OEEIndex.String() != "0.665552" {
		t.Errorf("line A: got level %s, %d good, OEE %s; want line, 3310, 0.665552", l.Hour.Level, l.Hour.Quantities.Good, l.Hour.OEEIndex)
	}
	var causes []string
	for _, x := range l.Hour.Rollup.Shares {
		causes = append(causes, string(x.Cause)+" "+x.Culprit+" "+x.Time.Duration().String())
	}
	want := []string{"equipment " + productiontest.A1 + " 8m10s", "changeover  6m0s", "equipment " + productiontest.A3 + " 2m30s", "unknown  10s"}
	if !slices.Equal(causes, want) {
		t.Errorf("causes of loss: got %q, want %q", causes, want)
	}
}
