package production_test

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"pgregory.net/rapid"
)

func pulseMachine(t *testing.T, change ...func(*production.Config)) *machine {
	return oneMachine(t, func(c *production.Config) {
		for _, f := range change {
			f(c)
		}
	}, plant.TagConfig{Name: "total", Role: plant.RoleTotalCount})
}

// count says the values of the counter at times.
func (m *machine) count(values map[float64]int64) {
	for _, sec := range slices.Sorted(maps.Keys(values)) {
		m.say(sec, "total", plant.Int(values[sec]))
	}
}

func TestAMachineThatOnlyCountsRunsWhileCountsCome(t *testing.T) {
	m := pulseMachine(t)
	for i := range 31 { // one unit every two seconds up to 60 s
		m.say(float64(2*i), "total", plant.Int(int64(i)))
	}
	m.till(65)
	m.want("0 run") // the next count may come yet
	ch := m.till(66)
	m.want("0 run, 62 stopped") // the last count and one cycle
	if len(ch.Stops) != 1 || ch.Stops[0].From != m.at(62) {
		t.Errorf("got %+v, want one stop from 62 s", ch.Stops)
	}
	m.till(300)
	m.want("0 run, 62 stopped") // silent, and never unknown while there is contact
	m.say(400, "total", plant.Int(31))
	m.say(402, "total", plant.Int(32))
	m.till(403)
	m.want("0 run, 62 stopped, 398 run") // the first unit took a cycle too
	m.say(200, "total", plant.Int(31))   // came late
	m.till(407)
	m.want("0 run, 62 stopped, 198 stopped, 202 stopped, 400 run") // one unit ends no stop
}

func TestPulseTimeoutFollowsTheCycleOrTheConfiguration(t *testing.T) {
	slow := pulseMachine(t, func(c *production.Config) { c.Products[0].Ideal[0].Cycle = 20 * time.Second })
	slow.count(map[float64]int64{0: 0, 20: 1, 40: 2})
	slow.till(74)
	slow.want("0 run")
	slow.till(75) // 1.7 cycles
	slow.want("0 run, 60 stopped")
	set := pulseMachine(t, func(c *production.Config) { c.Equipment[0].PulseTimeout = 30 * time.Second })
	set.count(map[float64]int64{0: 0, 2: 1, 30: 2})
	set.till(61)
	set.want("0 run, 32 stopped")
}

// Edge case: products of very different cycles on one machine that only counts.
func TestPulseTimeoutIsThatOfTheProductRunningAndNotOfTheSlowest(t *testing.T) {
	m := oneMachine(t, func(c *production.Config) {
		c.Products = append(c.Products, production.Product{Name: "big", Ideal: []production.IdealCycle{{Cycle: time.Minute}}})
		c.Changeover.OnProduct = false
	}, plant.TagConfig{Name: "total", Role: plant.RoleTotalCount}, plant.TagConfig{Name: "product", Role: plant.RoleProduct})
	m.say(0, "product", plant.Text("P"))
	m.count(map[float64]int64{0: 0, 2: 1, 4: 2})
	m.till(10)
	m.want("0 run, 6 stopped") // and not run until 106
	m.say(100, "product", plant.Text("big"))
	m.count(map[float64]int64{200: 3, 260: 4})
	m.till(362)
	m.want("0 run, 6 stopped, 100 stopped, 140 run")
	m.say(150, "product", plant.Text("P")) // told late
	m.till(363)
	m.want("0 run, 6 stopped, 100 stopped, 150 stopped, 198 stopped, 202 stopped, 258 stopped, 262 stopped")
}

func TestAMachineThatOnlyCountsIsUnknownWithoutContact(t *testing.T) {
	m := pulseMachine(t)
	m.count(map[float64]int64{0: 0, 2: 1, 4: 2})
	m.till(30)
	m.silent = true
	m.till(60)
	m.want("0 run, 6 stopped, 30 unknown")
}

func powerMachine(t *testing.T) *machine {
	return oneMachine(t, func(c *production.Config) {
		c.Equipment[0].RunningAbove, c.Equipment[0].IdleBelow = 10, 4
	}, plant.TagConfig{Name: "power", Role: plant.RolePower, Unit: "kW"})
}

func TestAMachineThatOnlyDrawsPowerRunsAboveTheThreshold(t *testing.T) {
	m := powerMachine(t)
	for sec, kw := range map[float64]float64{0: 2, 60: 12, 90: 7, 120: 11, 180: 5, 200: 3, 260: 12, 261: 3, 300: 11} {
		m.say(sec, "power", plant.Float(kw))
	}
	m.till(320)
	m.want("0 stopped, 60 run, 200 stopped, 260 stopped, 261 stopped, 300 run") // a second above it ends no stop
	m.say(150, "power", plant.Float(1))                                         // came late: 180 is between the thresholds
	m.till(321)
	m.want("0 stopped, 60 run, 150 stopped, 260 stopped, 261 stopped, 300 run")
}

func TestPowerWithoutThresholdsSaysNothing(t *testing.T) {
	m := oneMachine(t, nil, plant.TagConfig{Name: "power", Role: plant.RolePower, Unit: "kW"})
	m.say(0, "power", plant.Float(12))
	m.till(60)
	m.want("")
}

func TestAnActiveFaultCodeExplainsAStopWithoutAState(t *testing.T) {
	m := oneMachine(t, nil, plant.TagConfig{Name: "total", Role: plant.RoleTotalCount}, plant.TagConfig{Name: "alarm", Role: plant.RoleFaultCode},
		plant.TagConfig{Name: "estop", Role: plant.RoleEStop})
	m.count(map[float64]int64{0: 0, 2: 1, 4: 2})
	m.say(3, "alarm", plant.Int(7)) // a warning while it runs
	m.say(60, "estop", plant.Bool(true))
	m.till(90)
	m.want("0 run, 6 fault, 60 safety")
}

func TestSignsDependOnSamplesAndNotOnTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawSigns(t)
		a := p.area(t)
		p.play(a, 10*second, func() { a.Drain() })
		want := p.record(t, a)
		a.Rederive()
		if again := p.record(t, a); !bytes.Equal(again, want) {
			t.Fatalf("step by step: %s", firstDifference(want, again))
		}
		b := p.area(t)
		books := newLedger()
		now := p.start
		for _, part := range drawParts(t, p) {
			for _, s := range part.Samples {
				now = max(now, s.Time)
			}
			for _, c := range part.Contacts {
				now = max(now, c.Time)
			}
			b.Apply(now, part.Samples, part.Contacts)
			if rapid.Bool().Draw(t, "tick") {
				b.Tick(now)
			}
			books.take(b.Drain())
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				b = restarted(t, p, b)
			}
		}
		b.Tick(p.end)
		books.take(b.Drain())
		if got := p.record(t, b); !bytes.Equal(got, want) {
			t.Fatalf("delivered out of order: %s", firstDifference(got, want))
		}
		books.check(t, p, b)
	})
}

// drawSigns draws a line of one machine that counts, one that draws power and
// one with a state between them.
func drawSigns(t *rapid.T) *press {
	tags := [][]plant.TagConfig{
		{{Name: "total", Role: plant.RoleTotalCount, Type: "uint", Rollover: 1000}, {Name: "product", Role: plant.RoleProduct}},
		{{Name: "state", Role: plant.RoleState}},
		{{Name: "power", Role: plant.RolePower}, {Name: "estop", Role: plant.RoleEStop}},
	}
	var eqs []plant.EquipmentConfig
	for i, name := range []string{"E1", "E2", "E3"} {
		eqs = append(eqs, plant.EquipmentConfig{Name: name, Source: "plc", Tags: tags[i]})
	}
	tree, err := plant.NewTree(plant.Config{Site: "s", Zone: "UTC", Areas: []plant.AreaConfig{{Name: "a", Lines: []plant.LineConfig{{Name: "l", Equipment: eqs}}}}})
	if err != nil {
		t.Fatal(err)
	}
	p := &press{tree: tree, cfg: pressConfig(), start: machineStart, end: machineStart + 2*Hour}
	p.cfg.Equipment = []production.EquipmentConfig{{Equipment: "s/a/**", MaxRate: 1e9, Product: "P", RunningAbove: 10, IdleBelow: 5}}
	p.cfg.Products = append(p.cfg.Products, production.Product{Name: "S", Ideal: []production.IdealCycle{{Cycle: 12 * time.Second}}})
	draw := func(path string, gaps []int, value func() plant.Value) {
		at := p.start
		for n := 0; at < p.end && n < 120; n++ {
			p.samples = append(p.samples, plant.Sample{Tag: tree.Tag(path), Time: at, Value: value()})
			at += plant.Instant(rapid.SampledFrom(gaps).Draw(t, "gap")) * 1e6
		}
	}
	v := 990
	draw("s/a/l/E1/total", []int{300, 900, 1000, 4999, 5000, 5001, 9999, 12000, 20399, 20401, 60000, 300000}, func() plant.Value {
		v = (v + rapid.SampledFrom([]int{0, 1, 1, 2, 9, 990}).Draw(t, "made")) % 1000
		return plant.Int(int64(v))
	})
	draw("s/a/l/E1/product", []int{60000, 900000}, func() plant.Value {
		return plant.Text(rapid.SampledFrom([]string{"P", "S", "none"}).Draw(t, "product"))
	})
	draw("s/a/l/E2/state", []int{4000, 60000, 130000}, func() plant.Value {
		return plant.Int(rapid.SampledFrom([]int64{6, 6, 5, 5, 2, 9}).Draw(t, "state"))
	})
	draw("s/a/l/E3/power", []int{1000, 3000, 6000, 60000, 200000}, func() plant.Value {
		return plant.Float(rapid.SampledFrom([]float64{1, 4.9, 5, 7, 10, 11, 30}).Draw(t, "power"))
	})
	for at := p.start; at < p.end; {
		p.contacts = append(p.contacts, plant.Contact{Source: "plc", Time: at})
		at = at.Add(time.Duration(rapid.SampledFrom([]int{5, 5, 5, 14, 16, 90}).Draw(t, "contact")) * time.Second)
	}
	slices.SortStableFunc(p.samples, func(a, b plant.Sample) int { return int(min(1, max(-1, a.Time-b.Time))) })
	return p
}

func TestPowerOfOneHourIsPacked(t *testing.T) {
	m := powerMachine(t)
	for sec := range 3600 {
		m.say(float64(sec), "power", plant.Float(12))
	}
	m.till(3600)
	snap, err := m.area.Snapshot()
	if err != nil || len(snap) > 8000 {
		t.Errorf("snapshot: got %d bytes, %v, want a byte or two a reading", len(snap), err)
	}
}
