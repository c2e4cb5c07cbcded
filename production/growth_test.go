package production_test

import (
	"testing"
	"time"

	"andon/plant"
)

// A silence is equipment whose state is not known for days, though it sends.
type silence struct {
	name  string
	state plant.Sample
	every plant.Instant
}

func silences() []silence {
	return []silence{
		{"its state tag is bad", plant.Sample{Status: plant.Bad}, 10 * second},
		{"no map has its state code", plant.Sample{Value: plant.Int(0)}, 10 * second},
		{"it reports less often than stale_after", plant.Sample{Value: plant.Int(6)}, 30 * second},
	}
}

// hours plays n hours of the silence and calls each after every one.
func (q silence) hours(t *testing.T, n int, each func(hour, effort, size int)) {
	p := &press{tree: pressTree(t), cfg: pressConfig(), start: plant.At(time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC))}
	p.cfg.Calendars, p.cfg.CalendarFor = nil, nil
	p.cfg.Horizon = 12 * time.Hour
	a := p.area(t)
	before := 0
	for hour := 1; hour <= n; hour++ {
		for now := p.start + plant.Instant(hour-1)*Hour; now < p.start+plant.Instant(hour)*Hour; now += 5 * second {
			if (now-p.start)%q.every == 0 {
				a.Apply(now, q.report(p, now), nil)
			}
			a.Tick(now)
			a.TakeStates()
			a.Drain()
		}
		snap, err := a.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		each(hour, a.Effort()-before, len(snap))
		before = a.Effort()
	}
}

func (q silence) report(p *press, now plant.Instant) []plant.Sample {
	var in []plant.Sample
	for _, eq := range p.tree.Equipment() {
		s := q.state
		s.Tag, s.Time = p.tree.Tag(eq.Path+"/state"), now
		in = append(in, s, plant.Sample{Tag: p.tree.Tag(eq.Path + "/mode"), Time: now, Value: plant.Int(1)},
			plant.Sample{Tag: p.tree.Tag(eq.Path + "/product"), Time: now, Value: plant.Text("P")},
			plant.Sample{Tag: p.tree.Tag(eq.Path + "/total"), Time: now, Value: plant.Int(int64(now-p.start) / 1e9 % 1000)})
	}
	return in
}

func TestEquipmentThatStaysUnknownCostsNoMoreEachDay(t *testing.T) {
	for _, q := range silences() {
		t.Run(q.name, func(t *testing.T) {
			var effort, size [51]int
			q.hours(t, 50, func(hour, work, bytes int) { effort[hour], size[hour] = work, bytes })
			if early, late := effort[2], effort[50]; late > early*3/2 {
				t.Errorf("work: hour 2 took %d, hour 50 %d", early, late)
			}
			if perTick := effort[50] / 720; perTick > 60 {
				t.Errorf("work: got %d stretches each 5 s for three machines, want a few", perTick)
			}
			if early, late := size[25], size[50]; late > early*5/4 {
				t.Errorf("snapshot: %d bytes after 25 h, %d after 50 h", early, late)
			}
		})
	}
}

// A device that tells its state forty times a second, whether it changed or
// not, and one that changes between codes of the same meaning.
func TestStatesToldOftenCostNoMoreThanTheirChanges(t *testing.T) {
	for _, codes := range [][]int64{{6, 6}, {6, 16}} {
		p := &press{tree: pressTree(t), cfg: pressConfig(), start: plant.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))}
		p.cfg.Calendars, p.cfg.CalendarFor = nil, nil
		a := p.area(t)
		state := p.tree.Tag(p.tree.Equipment()[0].Path + "/state")
		const seconds, rate = 60, 40
		for n := range seconds * rate {
			now := p.start + plant.Instant(n)*second/rate
			a.Apply(now, []plant.Sample{{Tag: state, Time: now, Value: plant.Int(codes[n%len(codes)])}}, nil)
			a.Starting() // as rules ask after each message
		}
		if per := float64(a.Effort()) / (seconds * rate); per > 4 {
			t.Errorf("states %v: got %.0f stretches worked out for each sample, want a few", codes, per)
		}
	}
}
