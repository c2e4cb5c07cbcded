package production_test

import (
	"bytes"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

// shifting is a press of which one tag changes four times a second for an hour.
func shifting(t *testing.T, tag string, value func(n int) plant.Value) (*press, *production.Area) {
	t.Helper()
	p := &press{tree: pressTree(t), cfg: pressConfig(), start: plant.At(time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC))}
	p.end = p.start + Hour
	a := p.area(t)
	for _, eq := range p.tree.Equipment() {
		a.Apply(p.start, []plant.Sample{{Tag: p.tree.Tag(eq.Path + "/state"), Time: p.start, Value: plant.Int(6)},
			{Tag: p.tree.Tag(eq.Path + "/product"), Time: p.start, Value: plant.Text("P")}}, nil)
	}
	n := 0
	for now := p.start + second; now <= p.end; now += second {
		first := len(p.samples)
		for t := now - second*3/4; t <= now; t += second / 4 {
			for _, eq := range p.tree.Equipment() {
				p.samples = append(p.samples, plant.Sample{Tag: p.tree.Tag(eq.Path + "/" + tag), Value: value(n), Time: t})
			}
			n++
		}
		a.Apply(now, p.samples[first:], nil)
		a.Tick(now)
		a.Drain()
	}
	return p, a
}

func TestWhatSaysTheSameAgainIsNotDerivedAgain(t *testing.T) {
	cases := []struct {
		name, tag string
		value     func(n int) plant.Value
	}{
		{"a state of the same meaning", "state", func(n int) plant.Value { return plant.Int([]int64{16, 6}[n%2]) }},
		{"the same state", "state", func(int) plant.Value { return plant.Int(6) }},
		{"the same product", "product", func(int) plant.Value { return plant.Text("P") }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, a := shifting(t, c.tag, c.value)
			if n, most := a.Effort(), 4*3600; n > most {
				t.Errorf("worked out %d stretches in an hour, want at most %d of %d samples", n, most, len(p.samples))
			}
			got := p.record(t, a)
			a.Rederive()
			if want := p.record(t, a); !bytes.Equal(got, want) {
				t.Errorf("derived as it came: %s", firstDifference(got, want))
			}
		})
	}
}
