package production_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

// A delivery is one message of an area's stream; without samples and contacts
// it is a tick.
type delivery struct {
	now      plant.Instant
	samples  []plant.Sample
	contacts []plant.Contact
}

// A stream is a press of several hours with its messages in the order in
// which they came: some a little late, some by up to 50 minutes.
type stream struct {
	*press
	all []delivery
}

func newStream(t interface{ Fatal(...any) }, seed int64, hours int) *stream {
	return newLateStream(t, seed, hours, 50*time.Minute)
}

// newLateStream has samples that come up to a time late, the most of those
// only just.
func newLateStream(t interface{ Fatal(...any) }, seed int64, hours int, most time.Duration) *stream {
	r := rand.New(rand.NewSource(seed))
	p := &press{tree: pressTree(t), cfg: pressConfig(), start: plant.At(time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC))}
	p.end = p.start + plant.Instant(hours)*Hour
	came := map[plant.Instant]*delivery{}
	at := func(t plant.Instant) *delivery {
		t = (t + 5*second - 1) / (5 * second) * (5 * second)
		if came[t] == nil {
			came[t] = &delivery{now: t}
		}
		return came[t]
	}
	for _, eq := range p.tree.Equipment() {
		for _, s := range chaos(r, p, eq) {
			arrives := s.Time + []plant.Instant{0, 0, 0, 0, 0, 0, 0, second, 12 * second, 20 * second}[r.Intn(10)]
			switch r.Intn(60) {
			case 0:
				arrives = s.Time + plant.Instant(r.Int63n(int64(most)))
			case 1:
				arrives = s.Time + plant.Instant(int64(most)-r.Int63n(int64(2*time.Minute)))
			}
			d := at(arrives)
			d.samples = append(d.samples, s)
		}
	}
	// Contact is steady with holes, or lost more often than not.
	steps := [][]plant.Instant{{4, 5, 5, 5, 5, 5, 5, 5, 5, 14, 16, 90, 600}, {5, 14, 16, 17, 25, 90, 300}}[r.Intn(2)]
	for t := p.start; t < p.end; {
		d := at(t)
		d.contacts = append(d.contacts, plant.Contact{Source: "plc", Time: t})
		t += steps[r.Intn(len(steps))] * second
	}
	s := &stream{press: p}
	for now := p.start; now <= p.end+Hour/2; now += 5 * second {
		if d := came[now]; d != nil {
			s.all = append(s.all, *d)
		}
		s.all = append(s.all, delivery{now: now})
	}
	return s
}

// chaos returns hours of samples of one equipment, in order of each tag.
func chaos(r *rand.Rand, p *press, eq *plant.Equipment) []plant.Sample {
	var out []plant.Sample
	signal := func(name string, gaps []int, values ...plant.Value) {
		for t := p.start + plant.Instant(r.Intn(60000))*1e6; t < p.end; t += plant.Instant(gaps[r.Intn(len(gaps))]) * 1e6 {
			s := plant.Sample{Tag: p.tree.Tag(eq.Path + "/" + name), Time: t, Value: values[r.Intn(len(values))]}
			if name == "state" && r.Intn(12) == 0 {
				s.Status = []plant.Status{plant.Bad, plant.BadNoCommunication}[r.Intn(2)]
			}
			out = append(out, s)
		}
	}
	var states []plant.Value
	for _, s := range []int64{6, 6, 6, 2, 4, 5, 5, 9, 11, 15, 8, 6, 0} {
		states = append(states, plant.Int(s))
	}
	signal("state", []int{300, 900, 1500, 3000, 4000, 8000, 60000, 119000, 121000, 400000, 900000}, states...)
	signal("mode", []int{3000000, 100000}, plant.Int(1), plant.Int(1), plant.Int(4), plant.Int(2))
	signal("estop", []int{3000000}, plant.Bool(false), plant.Bool(false), plant.Bool(true))
	signal("reason", []int{200000, 1000000}, plant.Int(0), plant.Int(1), plant.Int(2), plant.Int(3), plant.Int(77))
	signal("product", []int{3000000, 400000}, plant.Text("P"), plant.Text("Q"), plant.Text(""))
	for _, name := range []string{"total", "reject"} {
		v := r.Intn(1000)
		for t := p.start; t < p.end; t += plant.Instant([]int{700, 10000, 10000, 10000, 14000, 61000, 300000, 1500000}[r.Intn(8)]) * 1e6 {
			out = append(out, plant.Sample{Tag: p.tree.Tag(eq.Path + "/" + name), Time: t, Value: plant.Int(int64(v))})
			if v += r.Intn(41); r.Intn(20) == 0 {
				v = r.Intn(4)
			}
			v %= 1000
		}
	}
	return append(out, chaoticEnergy(r, p, eq)...)
}

// chaoticEnergy returns the readings of an energy meter that is reset at times.
func chaoticEnergy(r *rand.Rand, p *press, eq *plant.Equipment) (out []plant.Sample) {
	used := 0.
	for t := p.start; t < p.end; t += plant.Instant([]int{900, 10000, 10000, 60000, 900000}[r.Intn(5)]) * 1e6 {
		out = append(out, plant.Sample{Tag: p.tree.Tag(eq.Path + "/energy"), Time: t, Value: plant.Float(used)})
		if used += float64(r.Intn(3000)) / 1e6; r.Intn(20) == 0 {
			used = float64(r.Intn(9)) / 1e6
		}
	}
	return out
}

// hear delivers a message and returns what rules hear after it.
func (d delivery) hear(a *production.Area) string {
	if len(d.samples)+len(d.contacts) > 0 {
		a.Apply(d.now, d.samples, d.contacts)
	} else {
		a.Tick(d.now)
	}
	text := fmt.Sprint(a.Starting())
	present, passed := a.TakeStates()
	for _, c := range append(present, passed...) {
		text += fmt.Sprintf(" %s %v %s %s", c.Equipment.Name, c.State, c.Since, c.Reason)
	}
	return text
}

// text writes the books down.
func (l *ledger) text(p *press) []byte {
	var out []any
	for _, eq := range p.tree.Equipment() {
		for _, at := range slices.Sorted(maps.Keys(l.segments[eq])) {
			out = append(out, eq.Name, l.segments[eq][at])
		}
		for _, at := range slices.Sorted(maps.Keys(l.counts[eq])) {
			out = append(out, eq.Name, l.counts[eq][at])
		}
		for _, at := range slices.Sorted(maps.Keys(l.meters[eq])) {
			out = append(out, eq.Name, l.meters[eq][at])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.stops)) {
		out = append(out, l.stops[id])
	}
	b, _ := json.MarshalIndent(out, "", " ")
	return b
}

// TestRestartsChangeNeitherFactsNorWhatRulesHear kills an area now and then,
// restores an older snapshot and delivers again what came after it, while
// what left the horizon is forgotten.
func TestRestartsChangeNeitherFactsNorWhatRulesHear(t *testing.T) {
	for seed := range int64(16) {
		s := newStream(t, seed, 3)
		s.cfg.Horizon = time.Hour
		a, want := s.area(t), newLedger()
		var heard []string
		for _, d := range s.all {
			heard = append(heard, d.hear(a))
			want.take(a.Drain())
		}
		got := s.killed(t, rand.New(rand.NewSource(seed)), heard)
		if g, w := got.text(s.press), want.text(s.press); !bytes.Equal(g, w) {
			t.Errorf("stream %d: facts: %s", seed, firstDifference(g, w))
		}
	}
}

// killed plays the stream with restarts and returns what is stored then.
func (s *stream) killed(t *testing.T, r *rand.Rand, heard []string) *ledger {
	a, books := s.area(t), newLedger()
	snap, next := []byte(nil), 0
	for i := 0; i < len(s.all); i++ {
		if now := s.all[i].hear(a); now != heard[i] {
			t.Errorf("at %s rules heard %s, without a restart %s", s.all[i].now, now, heard[i])
			return books
		}
		books.take(a.Drain())
		switch {
		case snap == nil || r.Intn(60) == 0:
			b, err := a.Snapshot()
			if err != nil {
				t.Fatal(err)
			}
			snap, next = b, i+1
		case r.Intn(60) == 0:
			a = s.area(t)
			if err := a.Restore(snap); err != nil {
				t.Fatal(err)
			}
			i = next - 1
		}
	}
	return books
}

// whole puts all that was counted of an equipment into one count, since units
// cannot go over into minutes that are forgotten. Energy is left out.
func (l *ledger) whole() *ledger {
	for eq, minutes := range l.counts {
		var sum production.Count
		for _, list := range minutes {
			for _, c := range list {
				sum.Total, sum.Good, sum.Reject = sum.Total+c.Total, sum.Good+c.Good, sum.Reject+c.Reject
			}
		}
		l.counts[eq] = map[plant.Instant][]production.Count{0: {sum}}
	}
	clear(l.meters)
	return l
}

// forgetful returns what is stored of a stream by an area that forgets what is
// older than an hour, and by one that forgets nothing.
func (s *stream) forgetful(t *testing.T) (books [2]*ledger) {
	for i, horizon := range []time.Duration{time.Hour, 26 * time.Hour} {
		s.cfg.Horizon = horizon
		a := s.area(t)
		books[i] = newLedger()
		for _, d := range s.all {
			d.hear(a)
			books[i].take(a.Drain())
		}
	}
	return books
}

// Readings up to 25 minutes apart that come up to five minutes late, with the
// next one to confirm them, stay within the hour: every fact is the same.
func TestForgettingChangesNoFacts(t *testing.T) {
	for seed := range int64(8) {
		s := newLateStream(t, seed, 4, 5*time.Minute)
		books := s.forgetful(t)
		if g, w := books[0].text(s.press), books[1].text(s.press); !bytes.Equal(g, w) || !bytes.Contains(w, []byte(`"total"`)) {
			t.Errorf("stream %d: facts: %s", seed, firstDifference(g, w))
		}
	}
}

// Later ones reach into minutes that are forgotten, into which units cannot
// go: the same units are counted in others.
func TestForgettingLosesNoUnits(t *testing.T) {
	for seed := range int64(8) {
		s := newStream(t, seed, 4)
		books := s.forgetful(t)
		if g, w := books[0].whole().text(s.press), books[1].whole().text(s.press); !bytes.Equal(g, w) {
			t.Errorf("stream %d: facts: %s", seed, firstDifference(g, w))
		}
	}
}
