package production_test

import (
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

func (h *hall) lineFacts(cfg production.Config, line *plant.Line) production.Facts {
	h.t.Helper()
	f, err := production.LineFacts(cfg, line, productiontest.Start+Hour, func(eq *plant.Equipment) (production.Facts, error) { return h.facts(eq.Path), nil })
	if err != nil {
		h.t.Fatal(err)
	}
	return f
}

func (h *hall) workTime(cfg production.Config, line *plant.Line) *production.WorkTime {
	h.t.Helper()
	w, err := production.NewWorkTime(cfg, h.tree, line.Constraint)
	if err != nil {
		h.t.Fatal(err)
	}
	return w
}

// attain is how far an order of line A is at 09:00Z.
func (h *hall) attain(cfg production.Config, name string, done int64) production.Attainment {
	h.t.Helper()
	line := h.tree.Areas[0].Lines[0]
	for _, o := range production.OrdersOf(line, cfg.Orders, nil) {
		if o.Order == name {
			o.DoneBefore = done
			return production.Attain(production.OrderInput{Config: cfg, Line: line, Work: h.workTime(cfg, line), Order: o,
				Facts: h.lineFacts(cfg, line), Now: productiontest.Start + Hour})
		}
	}
	h.t.Fatalf("no order %s", name)
	return production.Attainment{}
}

func TestFirstOrderIsCompleteWhenItsLastBottleIsReady(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	a := h.attain(priced(), "PO-1001", 2360)
	if got, want := a.Completed.String(), "2026-03-02T08:30:00Z"; got != want {
		t.Errorf("completed: got %s, want %s", got, want)
	}
	if a.Good != 5000 || a.Remaining != 0 || a.ETA != 0 || a.Started != productiontest.Start || a.Elapsed != 1800e9 {
		t.Errorf("got %+v, want 5000 good and nothing remaining after 1800 s", a)
	}
}

func TestSecondOrderIsReadyAtThePaceShown(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	a := h.attain(priced(), "PO-1002", 0)
	if a.Good != 670 || a.Remaining != 5330 || a.Elapsed != 840e9 || a.Completed != 0 {
		t.Errorf("got %d good, %d remaining after %v, want 670, 5330, 840 s", a.Good, a.Remaining, a.Elapsed.Duration())
	}
	if got, want := a.ETA.Truncate(time.Millisecond).String(), "2026-03-02T10:51:22.388Z"; got != want {
		t.Errorf("ETA: got %s, want %s", got, want)
	}
	if got, want := a.Demonstrated.String()+" "+a.Required.String(), "0.797619 0.493519"; got != want {
		t.Errorf("rates: got %s, want %s", got, want)
	}
	// 1200 s of the 12000 s from 08:40 to 12:00 are over.
	if a.Target != 600 || a.Attainment.String() != "1.116667" || a.Late >= 0 {
		t.Errorf("target: got %d, %v, late %v, want 600, 1.116667 and early", a.Target, a.Attainment, a.Late.Duration())
	}
}

func TestPlannedBreaksToComeDelayTheEndOfAnOrder(t *testing.T) {
	cfg := priced()
	h := newHall(t, cfg)
	h.hour(productiontest.Start)
	early := &cfg.Calendars[0].Shifts[0]
	early.Breaks = append(early.Breaks, plant.BreakConfig{Name: "Lunch", From: "11:00", To: "11:20"})
	a := h.attain(cfg, "PO-1002", 0)
	if got, want := a.ETA.Truncate(time.Millisecond).String(), "2026-03-02T11:11:22.388Z"; got != want {
		t.Errorf("ETA: got %s, want %s", got, want)
	}
	if got, want := a.Required, production.Over(5330, 9600); got != want {
		t.Errorf("required rate: got %v, want %v", got, want)
	}
}

func TestHolidaysAndShiftsAreNoTimeToWork(t *testing.T) {
	cfg := priced()
	cfg.Calendars[0].Exceptions = []plant.ExceptionConfig{{Name: "Holiday", From: "2026-03-03"}}
	h := newHall(t, cfg)
	w := h.workTime(cfg, h.tree.Areas[0].Lines[0])
	at := func(text string) plant.Instant {
		i := new(plant.Instant)
		if err := i.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		return *i
	}
	// Monday's night shift ends on Tuesday at 05:00Z; Wednesday's early shift
	// begins a day later.
	if got, ok := w.After(at("2026-03-03T04:00:00Z"), 2*time.Hour); !ok || got != at("2026-03-04T06:00:00Z") {
		t.Errorf("two hours of work after Tuesday 04:00: got %v, want Wednesday 06:00", got)
	}
	if got, want := w.Between(plant.Interval{From: at("2026-03-02T05:00:00Z"), To: at("2026-03-05T05:00:00Z")}), 48*time.Hour-20*time.Minute; got != want {
		t.Errorf("work from Monday to Thursday: got %v, want %v", got, want)
	}
	cfg.Calendars[0].Shifts, cfg.Calendars[0].Exceptions = cfg.Calendars[0].Shifts[:1], []plant.ExceptionConfig{{Name: "Closed", From: "2026-03-03", To: "2028-01-01"}}
	if got, ok := h.workTime(cfg, h.tree.Areas[0].Lines[0]).After(at("2026-03-03T04:00:00Z"), time.Hour); ok {
		t.Errorf("a plant that stays closed: got %v, want no end", got)
	}
}

func TestOrderWithoutRunHasNoPace(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	cfg := priced()
	cfg.Orders = append(cfg.Orders, production.Order{Order: "PO-1003", Product: "P500", Line: "northfield/packing/lineA", Quantity: 10,
		From: productiontest.Start.Add(30 * time.Hour).Time()})
	if a := h.attain(cfg, "PO-1003", 0); a.ETA != 0 || a.Demonstrated.OK || a.Required.OK || a.Attainment.OK || a.Remaining != 10 {
		t.Errorf("got %+v, want no pace and 10 remaining", a)
	}
}

func TestShiftAttainsWhatItsTargetSays(t *testing.T) {
	h := newHall(t, priced())
	h.hour(productiontest.Start)
	line := h.tree.Areas[0].Lines[0]
	attain := func(cfg production.Config) production.ShiftAttainment {
		shift := h.areas[0].Shifts(line.Constraint, theHour(productiontest.Start))[0]
		return production.AttainShift(production.ShiftInput{Config: cfg, Line: line, Work: h.workTime(cfg, line), Shift: shift,
			Facts: h.lineFacts(cfg, line), Now: productiontest.Start + Hour})
	}
	// 1800 s at 0.5 s and 1200 s at 1 s, then four hours at 1 s.
	if a := attain(priced()); a.Good != 3310 || a.Target != 4800 || a.TargetShift != 19200 || a.Attainment.String() != "0.689583" {
		t.Errorf("by ideal cycles: got %+v, want 3310 of 4800 of 19200", a)
	}
	cfg := priced()
	cfg.Targets = []production.Target{{Line: "northfield/packing/*", Shift: "Late", Units: 1}, {Line: "northfield/packing/*", Units: 24000}}
	// 13800 s of the 28200 s without break are over.
	if a := attain(cfg); !a.Configured || a.Target != 11744 || a.TargetShift != 24000 {
		t.Errorf("by configuration: got %+v, want 11744 of 24000", a)
	}
}
