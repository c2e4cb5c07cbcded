package production_test

import (
	"math/rand"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"andon/plant"
	"andon/production"
)

// A life says how often, counted in messages, an area is drained, its state
// kept, and the area killed.
type life struct{ drain, snapshot, kill int }

// ledger returns what is stored of the stream in such a life.
func (s *stream) ledger(t interface{ Fatal(...any) }, r *rand.Rand, l life) *ledger {
	a, books := s.area(t), newLedger()
	snap, next := []byte(nil), 0
	for i := 0; i < len(s.all); i++ {
		s.all[i].hear(a)
		if r.Intn(l.drain) == 0 {
			books.take(a.Drain())
			if snap == nil || r.Intn(l.snapshot) == 0 {
				b, err := a.Snapshot()
				if err != nil {
					t.Fatal(err)
				}
				snap, next = b, i+1
			}
		}
		if snap != nil && r.Intn(l.kill) == 0 {
			a = s.area(t)
			if err := a.Restore(snap); err != nil {
				t.Fatal(err)
			}
			i = next - 1
		}
	}
	books.take(a.Drain())
	return books
}

// inOrder returns the press with all that its messages bring, in order of
// time.
func (s *stream) inOrder() *press {
	p := *s.press
	p.samples = nil
	for _, d := range s.all {
		p.samples = append(p.samples, d.samples...)
	}
	slices.SortStableFunc(p.samples, func(a, b plant.Sample) int { return int(min(1, max(-1, a.Time-b.Time))) })
	return &p
}

// TestNoUnitIsLostOrCountedTwice has samples that come as late as the horizon
// allows, facts that are told late, and restarts.
func TestNoUnitIsLostOrCountedTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Int64().Draw(t, "stream")
		wantNothingLost(t, seed, rapid.SampledFrom([]int{1, 20, 300}).Draw(t, "drain"), rapid.SampledFrom([]int{1, 20}).Draw(t, "snapshot"))
	})
}

// What a reading shows may lie on both sides of the end of frozen minutes, and
// facts may change after that.
func TestWhatGoesOnOverTheHorizonIsDividedAsAWhole(t *testing.T) {
	wantNothingLost(t, -524722, 20, 20)
}

// wantNothingLost compares what is stored of four hours with what the meters
// showed.
func wantNothingLost(t interface {
	Fatal(...any)
	Errorf(string, ...any)
}, seed int64, drain, snapshot int) {
	const horizon = time.Hour
	s := newLateStream(t, seed, 4, horizon-5*time.Second)
	s.cfg.Horizon = horizon
	books := s.ledger(t, rand.New(rand.NewSource(seed)), life{drain: drain, snapshot: snapshot, kill: 100 + 2*drain*snapshot})
	p := s.inOrder()
	for i, eq := range s.tree.Equipment() {
		var total, reject, energy int64
		for _, minute := range books.counts[eq] {
			for _, c := range minute {
				total, reject = total+c.Total, reject+c.Reject
			}
		}
		for _, m := range books.meters[eq] {
			energy += m.EnergyRun + m.EnergyIdle
		}
		if want := p.counted(eq.Path+"/total", 1000) * int64(i+1); total != want {
			t.Errorf("%s: got %d units, want %d", eq.Path, total, want)
		}
		if want := p.counted(eq.Path+"/reject", 0); reject != want {
			t.Errorf("%s: got %d rejects, want %d", eq.Path, reject, want)
		}
		if want := p.used(eq.Path + "/energy"); energy != want {
			t.Errorf("%s: got %d mWh, want %d", eq.Path, energy, want)
		}
	}
}

func TestLateUnitsAreToldAlthoughTheirMinuteIsForgottenMeanwhile(t *testing.T) {
	m := oneMachine(t, func(c *production.Config) { c.Horizon = time.Hour },
		plant.TagConfig{Name: "state", Role: plant.RoleState}, plant.TagConfig{Name: "total", Role: plant.RoleTotalCount})
	books := newLedger()
	for sec := 0.; sec <= 10790; sec += 10 {
		if int(sec)%200 == 0 {
			m.say(sec, "state", plant.Int(6))
			m.say(sec+190, "state", plant.Int(5))
		}
		if int(sec)%600 == 0 {
			m.say(sec, "total", plant.Int(int64(sec)/5))
		}
		books.take(m.till(sec))
	}
	m.say(7230, "total", plant.Int(1800)) // all of the ten minutes before 8:10 within 30 seconds
	m.area.Apply(m.at(10800), m.samples, nil)
	m.area.Tick(m.at(10920)) // forgets what was before 7320 s
	books.take(m.area.Drain())
	var sum int64
	for _, minute := range books.counts[m.eq()] {
		for _, c := range minute {
			sum += c.Total
		}
	}
	if sum != 10200/5 {
		t.Errorf("got %d units in all, want %d", sum, 10200/5)
	}
}

func TestTwoReadingsOfAnEnergyMeterAtOneTime(t *testing.T) {
	m := oneMachine(t, nil, plant.TagConfig{Name: "state", Role: plant.RoleState}, plant.TagConfig{Name: "energy", Role: plant.RoleEnergy, Type: "float"})
	m.say(0, "state", plant.Int(6))
	m.say(60, "energy", plant.Float(1))
	m.say(60, "energy", plant.Float(1.001))
	m.till(90)
	var sum int64
	for _, x := range m.facts().Meters {
		sum += x.EnergyRun + x.EnergyIdle
	}
	if sum != 1000 {
		t.Errorf("got %d mWh, want 1000", sum)
	}
}
