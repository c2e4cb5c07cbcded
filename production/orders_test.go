package production_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

// order gives a command about an order of the line at a time.
func (s *scene) order(clock, verb, args string) error {
	s.now = max(s.now, s.at(clock))
	return s.area.Command(s.now, plant.Command{ID: verb + clock + args, Verb: verb, Target: "s/a/l", User: "Anna",
		Time: s.at(clock), Args: json.RawMessage(args)})
}

// orderCounts writes what M1 made as order product units.
func (s *scene) orderCounts() map[string]int64 {
	made := map[string]int64{}
	for _, c := range s.area.Facts(s.eq("M1"), plant.Interval{From: s.start, To: s.now}).Counts {
		made[c.Order+" "+c.Product] += c.Total
	}
	return made
}

func (s *scene) wantCounts(want map[string]int64) {
	s.t.Helper()
	got := s.orderCounts()
	for k, n := range want {
		if got[k] != n {
			s.t.Errorf("%q: got %d units of %v, want %d", k, got[k], got, n)
		}
	}
	if len(got) != len(want) {
		s.t.Errorf("got %v, want %v", got, want)
	}
}

// steady has M1 make a unit a second until a time.
func (s *scene) steady(until string) {
	s.say("0:00", "M1/state", 6)
	for t := s.start; t <= s.at(until); t += 10 * second {
		s.batch = append(s.batch, plant.Sample{Tag: s.tree.Tag("s/a/l/M1/total"), Time: t, Value: plant.Int(int64(t-s.start) / 1e9)})
	}
}

func TestOrdersThatAForemanStartsAndEnds(t *testing.T) {
	s := newScene(t)
	s.steady("10:00")
	s.till("2:00")
	for _, c := range []struct{ clock, verb, args string }{
		{"2:00", plant.VerbOrderStart, `{"order":"O1","product":"P","quantity":500}`},
		{"4:00", plant.VerbOrderStart, `{"order":"O2","product":"Q"}`},
		{"7:00", plant.VerbOrderEnd, `{}`},
	} {
		s.till(c.clock)
		if err := s.order(c.clock, c.verb, c.args); err != nil {
			t.Fatalf("%s: %v", c.verb, err)
		}
	}
	ch := s.till("10:00")
	s.wantCounts(map[string]int64{" P": 120 + 180, "O1 P": 120, "O2 Q": 180})
	if len(ch.Orders) != 1 || ch.Orders[0].Order != "O2" || ch.Orders[0].To != s.at("7:00") || ch.Orders[0].User != "Anna" {
		t.Errorf("told last: got %+v, want the end of O2", ch.Orders)
	}
}

func TestAnOrderIsCorrectedAfterwards(t *testing.T) {
	s := newScene(t)
	s.steady("10:00")
	s.till("5:00")
	if err := s.order("5:00", plant.VerbOrderStart, `{"order":"O1","product":"Q"}`); err != nil {
		t.Fatal(err)
	}
	s.till("8:00")
	from, err := json.Marshal(map[string]any{"order": "O1", "product": "P", "from": s.at("3:00").Time()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.order("8:00", plant.VerbOrderChange, string(from)); err != nil {
		t.Fatal(err)
	}
	s.till("10:00")
	s.wantCounts(map[string]int64{" P": 180, "O1 P": 420})
	orders := s.area.Orders()
	if len(orders) != 1 || orders[0].From != s.at("3:00") || orders[0].Product != "P" {
		t.Errorf("got %+v, want one order from 3:00", orders)
	}
}

func TestAStartedOrderEndsTheConfiguredOneForGood(t *testing.T) {
	s := newScene(t, func(c *production.Config) {
		c.Orders = []production.Order{{Order: "C", Product: "P", Line: "s/a/*", From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}}
	})
	s.steady("10:00")
	s.till("3:00")
	if err := s.order("3:00", plant.VerbOrderStart, `{"order":"D","product":"Q"}`); err != nil {
		t.Fatal(err)
	}
	s.till("6:00")
	if err := s.order("6:00", plant.VerbOrderEnd, `{"order":"D"}`); err != nil {
		t.Fatal(err)
	}
	s.till("10:00")
	want := map[string]int64{"C P": 180, "D Q": 180, " P": 240}
	s.wantCounts(want)
	snap, err := s.area.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if s.area, err = production.New(s.cfg, s.tree, s.tree.Areas[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.area.Restore(snap); err != nil {
		t.Fatal(err)
	}
	s.till("10:01")
	s.wantCounts(want)
}

func TestOrdersThatMakeNoSenseAreRefused(t *testing.T) {
	s := newScene(t)
	s.steady("1:00")
	s.till("1:00")
	if err := s.order("1:00", plant.VerbOrderStart, `{"order":"O1","product":"P"}`); err != nil {
		t.Fatal(err)
	}
	if err := s.order("1:00", plant.VerbOrderStart, `{"order":"O1","product":"P"}`); err != nil {
		t.Errorf("the same command again: got %v, want it taken as done", err)
	}
	for _, c := range []struct {
		verb, args string
		want       error
	}{
		{plant.VerbOrderStart, `{"order":"O1"}`, production.ErrOrderRuns},
		{plant.VerbOrderStart, `{"order":""}`, production.ErrBadOrder},
		{plant.VerbOrderStart, `{"order":"O2","product":"none"}`, production.ErrBadOrder},
		{plant.VerbOrderStart, `{"order":"O2","quantity":-1}`, production.ErrBadOrder},
		{plant.VerbOrderStart, `{"order":"O2","from":"2026-01-01T00:00:00Z"}`, production.ErrBadOrder},
		{plant.VerbOrderStart, `{"order":"O2","from":"2036-01-01T00:00:00Z"}`, production.ErrBadOrder},
		{plant.VerbOrderStart, `[`, production.ErrBadOrder},
		{plant.VerbOrderEnd, `{"order":"O9"}`, production.ErrUnknownOrder},
		{plant.VerbOrderChange, `{"order":"O9"}`, production.ErrUnknownOrder},
		{"order.sell", `{"order":"O1"}`, production.ErrBadOrder},
	} {
		if err := s.order("2:00", c.verb, c.args); !errors.Is(err, c.want) {
			t.Errorf("%s %s: got %v, want %v", c.verb, c.args, err, c.want)
		}
	}
	if err := s.area.Command(s.now, plant.Command{Verb: plant.VerbOrderStart, Target: "s/a/none"}); !errors.Is(err, production.ErrBadOrder) {
		t.Errorf("no line: got %v, want %v", err, production.ErrBadOrder)
	}
}

func TestOneCountOverShiftOrderAndProductKeepsItsTotal(t *testing.T) {
	s := newScene(t, func(c *production.Config) {
		shiftWithBreak(c)
		c.Calendars[0].Shifts = []plant.ShiftConfig{{Name: "one", From: "00:00", To: "08:10"}, {Name: "two", From: "08:10", To: "16:00"}}
	})
	s.say("0:00", "M1/state", 6)
	s.say("9:30", "M1/total", 0)
	s.till("9:30")
	for _, c := range []struct{ clock, args string }{{"9:40", `{"order":"O1","product":"P"}`}, {"10:00", `{"order":"O2","product":"Q"}`}} {
		s.till(c.clock)
		if err := s.order(c.clock, plant.VerbOrderStart, c.args); err != nil {
			t.Fatal(err)
		}
	}
	s.say("10:30", "M1/total", 101)
	s.till("11:00")
	got := map[string]int64{}
	total := int64(0)
	for _, c := range s.area.Facts(s.eq("M1"), plant.Interval{From: s.start, To: s.now}).Counts {
		got[c.Shift+" "+c.Order+" "+c.Product] += c.Total
		total += c.Total
	}
	// 10, 20 and 30 s of a minute: 16.8, 33.7 and 50.5 of 101.
	if got["one  P"] != 17 || got["one O1 P"] != 34 || got["two O2 Q"] != 50 || total != 101 {
		t.Errorf("got %v, in all %d, want 17, 34 and 50 of 101", got, total)
	}
}
