package production_test

import (
	"fmt"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

func byOrder(t *testing.T, change ...func(*production.Config)) *machine {
	return oneMachine(t, func(c *production.Config) {
		c.Products = append(c.Products, production.Product{Name: "Z", Ideal: []production.IdealCycle{{Cycle: time.Second}}})
		for _, f := range change {
			f(c)
		}
	}, plant.TagConfig{Name: "state", Role: plant.RoleState}, plant.TagConfig{Name: "order", Role: plant.RoleOrder},
		plant.TagConfig{Name: "mode", Role: plant.RoleMode})
}

// wantBooked compares the timeline, written as seconds, state/loss, order and
// product.
func (m *machine) wantBooked(want string) {
	m.t.Helper()
	got := ""
	for _, s := range m.facts().Segments {
		got += fmt.Sprintf("%v %s/%s %q %s, ", time.Duration(s.From-machineStart).Seconds(), s.State, s.Loss, s.Order, s.Product)
	}
	if got != want+", " {
		m.t.Errorf("got  %s\nwant %s", got, want)
	}
}

func ordered(name, product string, from, until float64) func(*production.Config) {
	return func(c *production.Config) {
		o := production.Order{Order: name, Product: product, Line: "s/a/l", From: (machineStart + plant.Instant(from*1e9)).Time()}
		if until != 0 {
			o.Until = (machineStart + plant.Instant(until*1e9)).Time()
		}
		c.Orders = append(c.Orders, o)
	}
}

// Edge case: the order is over and no other follows.
func TestIdleWithoutAnOrderIsNotScheduled(t *testing.T) {
	for policy, want := range map[production.NoOrderPolicy]string{
		production.NoOrderNotScheduled: `0 run/run "" P, 100 run/run "O1" P, 400 not_scheduled/not_scheduled "" P, 1000 run/run "" P`,
		production.NoOrderLoss:         `0 run/run "" P, 100 run/run "O1" P, 400 stopped/other "" P, 1000 run/run "" P`,
	} {
		m := byOrder(t, func(c *production.Config) { c.NoOrder = policy })
		m.say(0, "state", plant.Int(6))
		m.till(100)
		m.order(100, plant.VerbOrderStart, `{"order":"O1","product":"P"}`)
		m.till(400)
		m.order(400, plant.VerbOrderEnd, `{}`)
		m.say(400, "state", plant.Int(2))
		m.till(900)
		m.restart()
		m.say(1000, "state", plant.Int(6)) // without an order, but it runs
		m.till(1200)
		m.wantBooked(want)
		k, _ := m.area.KPI(m.eq(), plant.Interval{From: m.at(400), To: m.at(1000)}, "")
		if scheduled := policy == production.NoOrderLoss; (k.PlannedBusy != 0) != scheduled {
			t.Errorf("%s: got %v s of planned busy time", policy, k.PlannedBusy.Float())
		}
	}
}

// Edge case: the order tag says that there is none.
func TestAnEmptyOrderTagFallsBackToNoConfiguredOrder(t *testing.T) {
	m := byOrder(t, ordered("PO1", "Z", -3600, 0))
	m.say(0, "state", plant.Int(6))
	m.say(100, "order", plant.Text("PO1"))
	m.say(200, "order", plant.Text(""))
	m.say(300, "state", plant.Int(2))
	m.say(600, "order", plant.Text("PO1"))
	m.till(800)
	m.wantBooked(`0 run/run "PO1" Z, 200 run/run "" P, 300 not_scheduled/not_scheduled "" P, 600 changeover/setup "PO1" Z`)
}

// Edge case: the order tag names an order that nobody gave.
func TestAnUnknownOrderIsNotOfTheProductOfTheConfiguredOne(t *testing.T) {
	m := byOrder(t, ordered("PO1", "Z", -3600, 0))
	m.say(0, "state", plant.Int(6))
	m.say(100, "order", plant.Text("PO-77"))
	m.till(200)
	m.wantBooked(`0 run/run "PO1" Z, 100 run/run "PO-77" P`)
}

// Edge case: a dated list of orders with a pause in it.
func TestBetweenDatedOrdersNothingIsScheduled(t *testing.T) {
	m := byOrder(t, ordered("PO1", "P", 100, 300), ordered("PO2", "P", 600, 0))
	m.say(0, "state", plant.Int(6))
	m.say(50, "state", plant.Int(2)) // before the first: nobody knows of none
	m.say(120, "state", plant.Int(6))
	m.say(300, "state", plant.Int(4))
	m.say(700, "state", plant.Int(6))
	m.till(800)
	m.wantBooked(`0 run/run "" P, 50 stopped/micro_stop "" P, 100 stopped/micro_stop "PO1" P, 120 run/run "PO1" P, ` +
		`300 not_scheduled/not_scheduled "" P, 600 stopped/micro_stop "PO2" P, 700 run/run "PO2" P`)
	bad := production.DefaultConfig()
	bad.Products = []production.Product{{Name: "P"}}
	ordered("PO1", "P", 100, 50)(&bad)
	if p := bad.Validate(); len(p) != 1 || p[0].Path != "orders[0].until" {
		t.Errorf("an order that ends before it begins: got %v", p)
	}
}

// Edge case: what people do without an order, and what breaks then.
func TestWithoutAnOrderOnlyIdleTimeIsHidden(t *testing.T) {
	m := byOrder(t, ordered("PO1", "P", 0, 300))
	m.say(0, "state", plant.Int(6))
	m.say(300, "state", plant.Int(2))
	m.say(400, "mode", plant.Int(4)) // sets up for the next one
	m.say(600, "mode", plant.Int(2)) // maintenance
	m.say(800, "mode", plant.Int(1))
	m.say(800, "state", plant.Int(9))
	m.say(900, "state", plant.Int(6))
	m.till(1000)
	m.wantBooked(`0 run/run "PO1" P, 300 not_scheduled/not_scheduled "" P, 400 changeover/setup "" P, 600 planned_stop/planned "" P, ` +
		`800 fault/not_scheduled "" P, 900 run/run "" P`)
}

// Edge case: no order for longer than andon remembers samples.
func TestNoOrderForDaysStaysNoOrder(t *testing.T) {
	m := byOrder(t, func(c *production.Config) { c.Horizon = time.Hour })
	m.say(0, "state", plant.Int(6))
	m.till(100)
	m.order(100, plant.VerbOrderStart, `{"order":"O1","product":"P"}`)
	m.till(200)
	m.order(200, plant.VerbOrderEnd, `{}`)
	m.say(200, "state", plant.Int(2))
	for sec := 1000.; sec < 200000; sec += 1000 {
		m.till(sec)
	}
	m.restart()
	m.till(200000)
	live := m.area.Live(m.now)[0]
	if live.State != plant.StateNotScheduled {
		t.Errorf("after two days: got %s, want not_scheduled", live.State)
	}
}
