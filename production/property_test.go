package production_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"pgregory.net/rapid"
)

// A press is a small plant with anything in it: three equipment in a line,
// states of any kind, resets, wraps, lost contact, breaks and the end of a
// shift.
type press struct {
	tree     *plant.Tree
	cfg      production.Config
	start    plant.Instant
	end      plant.Instant
	samples  []plant.Sample
	contacts []plant.Contact
}

func pressTree(t interface{ Fatal(...any) }) *plant.Tree {
	var eqs []plant.EquipmentConfig
	for i := range 3 {
		eqs = append(eqs, plant.EquipmentConfig{Name: fmt.Sprintf("E%d", i+1), Source: "plc", Tags: []plant.TagConfig{
			{Name: "state", Role: plant.RoleState},
			{Name: "mode", Role: plant.RoleMode},
			{Name: "estop", Role: plant.RoleEStop},
			{Name: "reason", Role: plant.RoleStopReason},
			{Name: "product", Role: plant.RoleProduct},
			{Name: "total", Role: plant.RoleTotalCount, Type: "uint", Rollover: 1000, UnitsPerCount: int64(i + 1)},
			{Name: "reject", Role: plant.RoleRejectCount, Type: "uint"},
			{Name: "temp"},
			{Name: "guard", Role: plant.RoleGuard},
			{Name: "energy", Role: plant.RoleEnergy, Type: "float"},
			{Name: "tank", Role: plant.RoleLevel, Type: "float"},
		}})
	}
	tree, err := plant.NewTree(plant.Config{Site: "s", Zone: "Europe/Berlin", Areas: []plant.AreaConfig{
		{Name: "a", Lines: []plant.LineConfig{{Name: "l", Equipment: eqs}}}}})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func pressConfig() production.Config {
	c := production.DefaultConfig()
	c.Horizon = 6 * time.Hour
	c.Calendars = []plant.CalendarConfig{{Name: "c", Shifts: []plant.ShiftConfig{
		{Name: "one", From: "00:00", To: "10:00", Breaks: []plant.BreakConfig{{Name: "b", From: "09:20", To: "09:30"}}},
		{Name: "two", From: "10:00", To: "10:40"}}}}
	c.CalendarFor = []production.CalendarFor{{Equipment: "s/a/**", Calendar: "c"}}
	c.Products = []production.Product{
		{Name: "P", Ideal: []production.IdealCycle{{Cycle: time.Second}}},
		{Name: "Q", Ideal: []production.IdealCycle{{Cycle: 1700 * time.Millisecond}}}}
	c.Reasons = []production.Reason{{ID: "jam", Codes: []string{"1"}, Category: production.CategoryMicro},
		{ID: "drive", Codes: []string{"2"}, Category: production.CategoryFault},
		{ID: "lunch", Codes: []string{"3"}, Category: production.CategoryPlanned}}
	c.Equipment = []production.EquipmentConfig{{Equipment: "s/a/**", MaxRate: 1e9}}
	return c
}

func drawPress(t *rapid.T) *press {
	p := &press{tree: pressTree(t), cfg: pressConfig(),
		start: plant.At(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))} // 09:00 local
	p.end = p.start + 2*Hour
	for _, eq := range p.tree.Equipment() {
		p.drawSignals(t, eq)
		p.drawCounters(t, eq)
		p.drawGauges(t, eq)
	}
	at := p.start
	for at < p.end {
		p.contacts = append(p.contacts, plant.Contact{Source: "plc", Time: at})
		at = at.Add(time.Duration(rapid.SampledFrom([]int{4, 5, 5, 5, 5, 5, 14, 16, 90}).Draw(t, "contact")) * time.Second)
	}
	slices.SortStableFunc(p.samples, func(a, b plant.Sample) int { return int(min(1, max(-1, a.Time-b.Time))) })
	return p
}

func (p *press) drawSignals(t *rapid.T, eq *plant.Equipment) {
	signal := func(name string, gap int, values ...plant.Value) {
		at := p.start + plant.Instant(rapid.IntRange(0, 60000).Draw(t, "first"))*1e6
		for n := 0; at < p.end && n < 60; n++ {
			s := plant.Sample{Tag: p.tree.Tag(eq.Path + "/" + name), Time: at, Value: rapid.SampledFrom(values).Draw(t, name)}
			if name == "state" {
				s.Status = rapid.SampledFrom([]plant.Status{0, 0, 0, 0, 0, 0, 0, 0, plant.Bad, plant.BadNoCommunication}).Draw(t, "status")
			}
			p.samples = append(p.samples, s)
			at += plant.Instant(rapid.SampledFrom([]int{300, 900, 1500, 3000, 4000, 8000, 60000, 119000, 121000, 400000, gap}).Draw(t, "gap")) * 1e6
		}
	}
	var states []plant.Value
	for _, s := range []int64{6, 6, 6, 2, 4, 5, 5, 9, 11, 15, 8, 6} {
		states = append(states, plant.Int(s))
	}
	signal("state", 60000, states...)
	signal("mode", 3000000, plant.Int(1), plant.Int(1), plant.Int(4), plant.Int(2))
	signal("estop", 3000000, plant.Bool(false), plant.Bool(false), plant.Bool(true))
	signal("guard", 3000000, plant.Bool(false), plant.Bool(false), plant.Bool(true))
	signal("reason", 200000, plant.Int(0), plant.Int(1), plant.Int(2), plant.Int(3), plant.Int(77))
	signal("product", 3000000, plant.Text("P"), plant.Text("Q"), plant.Text(""))
	signal("temp", 60000, plant.Float(1))
}

func (p *press) drawCounters(t *rapid.T, eq *plant.Equipment) {
	for _, name := range []string{"total", "reject"} {
		at, v := p.start, rapid.IntRange(0, 999).Draw(t, "from")
		for n := 0; at < p.end && n < 80; n++ {
			p.samples = append(p.samples, plant.Sample{Tag: p.tree.Tag(eq.Path + "/" + name), Time: at, Value: plant.Int(int64(v))})
			at += plant.Instant(rapid.SampledFrom([]int{700, 10000, 10000, 10000, 14000, 61000, 300000}).Draw(t, "step")) * 1e6
			v += rapid.IntRange(0, 40).Draw(t, "made")
			if rapid.IntRange(0, 20).Draw(t, "reset") == 0 {
				v = rapid.IntRange(0, 3).Draw(t, "after")
			}
			v %= 1000
		}
	}
}

// drawGauges draws an energy meter that is reset now and then, and a tank.
func (p *press) drawGauges(t *rapid.T, eq *plant.Equipment) {
	at, used := p.start+1e9, 100.0
	for n := 0; at < p.end && n < 60; n++ {
		p.samples = append(p.samples,
			plant.Sample{Tag: p.tree.Tag(eq.Path + "/energy"), Time: at, Value: plant.Float(used)},
			plant.Sample{Tag: p.tree.Tag(eq.Path + "/tank"), Time: at, Value: plant.Float(float64(rapid.IntRange(0, 9).Draw(t, "tank")))})
		at += plant.Instant(rapid.SampledFrom([]int{1000, 10000, 10000, 13700, 61000, 300000}).Draw(t, "reading")) * 1e6
		used += float64(rapid.IntRange(0, 3000).Draw(t, "used")) / 1e6
		if rapid.IntRange(0, 20).Draw(t, "energy reset") == 0 {
			used = .001
		}
	}
}

func (p *press) area(t interface{ Fatal(...any) }) *production.Area {
	a, err := production.New(p.cfg, p.tree, p.tree.Areas[0])
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// play delivers everything in order, in steps.
func (p *press) play(a *production.Area, step plant.Instant, each func()) {
	s, c := p.samples, p.contacts
	for now := p.start; now <= p.end; now += step {
		i, j := 0, 0
		for i < len(s) && s[i].Time <= now {
			i++
		}
		for j < len(c) && c[j].Time <= now {
			j++
		}
		a.Apply(now, s[:i], c[:j])
		a.Tick(now)
		each()
		s, c = s[i:], c[j:]
	}
	a.Apply(p.end, s, c)
	a.Tick(p.end)
	each()
}

func (p *press) record(t interface{ Fatal(...any) }, a *production.Area) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", " ")
	for _, eq := range p.tree.Equipment() {
		k, _ := a.KPI(eq, plant.Interval{From: p.start, To: p.end}, "")
		if err := enc.Encode([]any{eq.Path, a.Facts(eq, plant.Interval{From: p.start, To: p.end}), k}); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func TestFactsDependOnSamplesAndNotOnTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPress(t)
		a := p.area(t)
		p.play(a, 10*second, func() { a.Drain() })
		want := p.record(t, a)

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
			if rapid.Bool().Draw(t, "drain") {
				books.take(b.Drain())
			}
			if rapid.IntRange(0, 9).Draw(t, "restart") == 0 {
				books.take(b.Drain())
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

func restarted(t *rapid.T, p *press, a *production.Area) *production.Area {
	snap, err := a.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	b := p.area(t)
	if err := b.Restore(snap); err != nil {
		t.Fatal(err)
	}
	return b
}

// drawParts deals samples and contacts into batches: all in order, late ones,
// or any order.
func drawParts(t *rapid.T, p *press) []plant.Batch {
	s := slices.Clone(p.samples)
	reach := rapid.SampledFrom([]int{1, 5, 50, len(s)}).Draw(t, "reach")
	for i := range s {
		j := min(len(s)-1, i+rapid.IntRange(0, reach).Draw(t, "swap"))
		s[i], s[j] = s[j], s[i]
	}
	s = append(s, s[:len(s)/3]...) // some twice
	var parts []plant.Batch
	c := p.contacts
	for len(s) > 0 {
		n, k := min(len(s), rapid.IntRange(1, 60).Draw(t, "batch")), min(len(c), rapid.IntRange(0, 200).Draw(t, "contacts"))
		parts = append(parts, plant.Batch{Samples: s[:n], Contacts: c[:k]})
		s, c = s[n:], c[k:]
	}
	return append(parts, plant.Batch{Contacts: c})
}

func TestWaterfallSumsUpForAnyWindowAndDivision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPress(t)
		a := p.area(t)
		a.Apply(p.end, p.samples, p.contacts)
		a.Tick(p.end)
		offset := rapid.Int64Range(-int64(Hour), int64(3*Hour))
		cuts := []plant.Instant{p.start - Hour, p.end}
		for range rapid.IntRange(0, 6).Draw(t, "cuts") {
			cuts = append(cuts, p.start+plant.Instant(offset.Draw(t, "cut")))
		}
		slices.Sort(cuts)
		for _, eq := range p.tree.Equipment() {
			whole, _ := a.KPI(eq, plant.Interval{From: cuts[0], To: cuts[len(cuts)-1]}, "")
			var sum production.Waterfall
			var made, good, failures int64
			for i, to := range cuts[1:] {
				k, _ := a.KPI(eq, plant.Interval{From: cuts[i], To: to}, "")
				if got, want := k.Waterfall.Sum(), k.Calendar; got != want {
					t.Fatalf("%s: waterfall sums to %v, window is %v", eq.Path, got.Duration(), want.Duration())
				}
				sum = addWaterfalls(sum, k.Waterfall)
				made, good, failures = made+k.Produced, good+k.Quantities.Good, failures+int64(k.Failures)
			}
			if sum != whole.Waterfall || made != whole.Produced || good != whole.Quantities.Good || failures != int64(whole.Failures) {
				t.Fatalf("%s: parts sum to %+v, %d, %d; whole is %+v, %d, %d", eq.Path, sum, made, good, whole.Waterfall, whole.Produced, whole.Quantities.Good)
			}
		}
	})
}

func addWaterfalls(a, b production.Waterfall) production.Waterfall {
	return production.Waterfall{Good: a.Good + b.Good, Quality: a.Quality + b.Quality, Speed: a.Speed + b.Speed,
		MicroStop: a.MicroStop + b.MicroStop, Setup: a.Setup + b.Setup, Starved: a.Starved + b.Starved, Blocked: a.Blocked + b.Blocked,
		Fault: a.Fault + b.Fault, Safety: a.Safety + b.Safety, Other: a.Other + b.Other, Unknown: a.Unknown + b.Unknown,
		Planned: a.Planned + b.Planned, NotScheduled: a.NotScheduled + b.NotScheduled}
}

func TestCountsAreConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPress(t)
		a := p.area(t)
		p.play(a, 30*second, func() {})
		for i, eq := range p.tree.Equipment() {
			f := a.Facts(eq, plant.Interval{From: p.start, To: p.end})
			var total, reject int64
			for _, c := range f.Counts {
				total, reject = total+c.Total, reject+c.Reject
				if c.Total != c.Good+c.Reject {
					t.Fatalf("%s: total %d is not good %d and rejects %d", eq.Path, c.Total, c.Good, c.Reject)
				}
			}
			if want := p.counted(eq.Path+"/total", 1000) * int64(i+1); total != want {
				t.Fatalf("%s: got %d units, want %d", eq.Path, total, want)
			}
			var energy int64
			for _, m := range f.Meters {
				energy += m.EnergyRun + m.EnergyIdle
			}
			if want := p.used(eq.Path + "/energy"); energy != want {
				t.Fatalf("%s: got %d mWh, want %d", eq.Path, energy, want)
			}
			if want := p.counted(eq.Path+"/reject", 0); reject != want {
				t.Fatalf("%s: got %d rejects, want %d", eq.Path, reject, want)
			}
		}
	})
}

// used adds up what an energy meter shows.
func (p *press) used(path string) int64 {
	var sum, last int64 = 0, -1
	for _, s := range p.samples {
		if s.Tag.Path != path {
			continue
		}
		f, _ := s.Value.Float()
		v := int64(math.Round(f * 1e6))
		switch {
		case last < 0:
		case v >= last:
			sum += v - last
		default:
			sum += v
		}
		last = v
	}
	return sum
}

// counted adds up what a counter shows, by the plainest rule.
func (p *press) counted(path string, rollover int64) int64 {
	var sum, last int64 = 0, -1
	for _, s := range p.samples {
		if s.Tag.Path != path {
			continue
		}
		v, _ := s.Value.Int()
		switch {
		case last < 0:
		case v >= last:
			sum += v - last
		case rollover > 0 && last > rollover*9/10 && v < rollover/10:
			sum += rollover - last + v
		default:
			sum += v
		}
		last = v
	}
	return sum
}

func TestDerivingStepByStepIsDerivingAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPress(t)
		a := p.area(t)
		p.play(a, 10*second, func() { a.Drain() })
		got := p.record(t, a)
		a.Rederive()
		if want := p.record(t, a); !bytes.Equal(got, want) {
			t.Fatalf("step by step: %s", firstDifference(got, want))
		}
	})
}
