package production_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
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
	statuses := []plant.Status{0, 0, 0, 0, 0, 0, 0, 0, plant.Bad, plant.BadNoCommunication}
	if rapid.Bool().Draw(t, "wired") {
		statuses = statuses[:9] // communication is never lost
	}
	signal := func(name string, gap int, values ...plant.Value) {
		at := p.start + plant.Instant(rapid.IntRange(0, 60000).Draw(t, "first"))*1e6
		for n := 0; at < p.end && n < 60; n++ {
			s := plant.Sample{Tag: p.tree.Tag(eq.Path + "/" + name), Time: at, Value: rapid.SampledFrom(values).Draw(t, name)}
			if name == "state" {
				s.Status = rapid.SampledFrom(statuses).Draw(t, "status")
			}
			p.samples = append(p.samples, s)
			at += plant.Instant(rapid.SampledFrom([]int{0, 300, 900, 1500, 3000, 4000, 8000, 60000, 119000, 121000, 400000, gap}).Draw(t, "gap")) * 1e6
		}
	}
	var states []plant.Value
	for _, s := range []int64{6, 6, 6, 16, 2, 4, 5, 5, 9, 11, 15, 8, 6} {
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

// drawParts deals samples and contacts into batches: all in order, late ones,
// or any order. Values that one tag takes at one time are not exchanged: which
// of them came last is what they say.
func drawParts(t *rapid.T, p *press) []plant.Batch {
	s := slices.Clone(p.samples)
	reach := rapid.SampledFrom([]int{1, 5, 50, len(s)}).Draw(t, "reach")
	for i := range s {
		j := min(len(s)-1, i+rapid.IntRange(0, reach).Draw(t, "swap"))
		s[i], s[j] = s[j], s[i]
	}
	keepTurns(s, p.samples)
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

// keepTurns has those samples of one tag and time come in the order of turns.
func keepTurns(s, turns []plant.Sample) {
	type moment struct {
		tag *plant.Tag
		at  plant.Instant
	}
	places := map[moment][]int{}
	for i, x := range s {
		places[moment{x.Tag, x.Time}] = append(places[moment{x.Tag, x.Time}], i)
	}
	for _, x := range turns {
		m := moment{x.Tag, x.Time}
		s[places[m][0]], places[m] = x, places[m][1:]
	}
}
