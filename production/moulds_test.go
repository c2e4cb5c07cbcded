package production_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"andon/plant"
	"andon/production"
	"pgregory.net/rapid"
)

// twoCapsAndALid is a mould that makes two caps, a lid and a clip in 12 s.
func twoCapsAndALid(c *production.Config) {
	c.Products = []production.Product{
		{Name: "SET", Ideal: []production.IdealCycle{{Cycle: 3 * time.Second}}, Margin: 1},
		{Name: "cap", Margin: 1, MaterialCost: .5, Consumes: []production.Consumption{{Tag: "resin", PerUnit: .02}}},
		{Name: "lid", Margin: 2, MaterialCost: .25, Consumes: []production.Consumption{{Tag: "resin", PerUnit: .04}}},
		{Name: "clip", Margin: 1, MaterialCost: .125},
		{Name: "P", Ideal: []production.IdealCycle{{Cycle: 2 * time.Second}}, Margin: 1, MaterialCost: .1},
	}
	c.Costs.Currency = "EUR"
	c.Equipment = []production.EquipmentConfig{{Equipment: "s/**", Product: "SET", Moulds: []production.Mould{
		{Product: "SET", Cavities: []production.Cavity{{Product: "cap", Count: 2}, {Product: "lid", Count: 1}, {Product: "clip", Count: 1}}}}}}
}

func mouldTags() []plant.TagConfig {
	return []plant.TagConfig{{Name: "state", Role: plant.RoleState}, {Name: "shots", Role: plant.RoleTotalCount},
		{Name: "reject", Role: plant.RoleRejectCount}, {Name: "product", Role: plant.RoleProduct}, {Name: "resin", Role: plant.RoleLevel, Unit: "kg"}}
}

// made sums up what counts say of each product: units made, and rejects.
func made(counts []production.Count) (all, bad map[string]int64) {
	all, bad = map[string]int64{}, map[string]int64{}
	for _, c := range counts {
		all[c.Product] += c.Total
		bad[c.Product] += c.Reject
	}
	return all, bad
}

func TestOneCycleMakesDifferentProducts(t *testing.T) {
	m := oneMachine(t, func(c *production.Config) {
		twoCapsAndALid(c)
		c.Orders = []production.Order{{Order: "O1", Product: "SET", Line: "s/a/l", From: machineStart.Time(), Quantity: 400}}
	}, mouldTags()...)
	m.say(0, "state", plant.Int(6))
	m.say(0, "resin", plant.Float(100))
	for shot := range 51 {
		m.say(float64(12*shot), "shots", plant.Int(int64(shot)))
		m.say(float64(12*shot), "reject", plant.Int(int64(shot/5)))
	}
	m.till(600)
	all, bad := made(m.facts().Counts)
	if want := map[string]int64{"cap": 100, "lid": 50, "clip": 50}; !reflect.DeepEqual(all, want) {
		t.Errorf("made: got %v, want %v", all, want)
	}
	// The ten rejects are each of the next cavity.
	if want := map[string]int64{"cap": 6, "lid": 2, "clip": 2}; !reflect.DeepEqual(bad, want) {
		t.Errorf("rejects: got %v, want %v", bad, want)
	}
	// Scrap is 6 x 1.50 + 2 x 2.25 + 2 x 1.125.
	checkKPI(t, m.kpi(0, 10), want{"produced_quantity": 200, "standard_time_produced": 600, "standard_time_good": 570, "effectiveness": 1,
		"quality_ratio": .95, "oee_index": .95, "waterfall>speed": 0, "cost>by_reason>scrap": 15.75, "cost>by_loss>quality": 15.75})
	// A minute takes five cycles of 2 x 0.02 + 0.04 kg.
	if x := m.kpi(0, 10).Materials; len(x) != 1 || math.Abs(x[0].RateIdeal.Value-.4) > 1e-9 || math.Abs(x[0].RateDemonstrated.Value-.4) > 1e-9 || x[0].Units != 150 {
		t.Errorf("resin: got %+v, want 0.4 kg/min by 150 caps and lids", x)
	}
	line := m.tree.Areas[0].Lines[0]
	work, err := production.NewWorkTime(m.cfg, m.tree, m.eq())
	if err != nil {
		t.Fatal(err)
	}
	a := production.Attain(production.OrderInput{Config: m.cfg, Line: line, Work: work, Facts: m.facts(), Now: m.now,
		Order: production.OrderRecord{Line: line.Path, Order: "O1", Product: "SET", Quantity: 400, From: machineStart}})
	if want := map[string]int64{"cap": 94, "lid": 48, "clip": 48}; a.Good != 190 || !reflect.DeepEqual(a.ByProduct, want) {
		t.Errorf("order: got %d good, %v, want 190, %v", a.Good, a.ByProduct, want)
	}
}

// However shots, rejects and products come in, each cycle makes one set, its
// standard time counts once, and the OEE is that of the good units.
func TestPropertyCyclesOfAMouldCountOnce(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := oneMachine(t, twoCapsAndALid, mouldTags()...)
		m.say(0, "state", plant.Int(6))
		m.say(0, "shots", plant.Int(0))
		m.say(0, "reject", plant.Int(0))
		sec, shots, reject := 0.0, int64(0), int64(0)
		for range rapid.IntRange(1, 60).Draw(r, "readings") {
			sec += float64(rapid.IntRange(1, 400).Draw(r, "after")) / 10
			shots += int64(rapid.IntRange(0, 2).Draw(r, "shots"))
			reject += int64(rapid.IntRange(0, 1).Draw(r, "rejects"))
			m.say(sec, "shots", plant.Int(shots))
			m.say(sec, "reject", plant.Int(min(reject, 4*shots)))
			m.say(sec, "state", plant.Int(rapid.SampledFrom([]int64{6, 6, 6, 2}).Draw(r, "state")))
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "order"), 1))
		random.Shuffle(len(m.samples), func(i, j int) { m.samples[i], m.samples[j] = m.samples[j], m.samples[i] })
		cut := rapid.IntRange(0, len(m.samples)).Draw(r, "late")
		late := m.samples[cut:]
		m.samples = m.samples[:cut]
		m.till(sec + 60)
		m.samples = late
		m.till(sec + 61)
		all, _ := made(m.facts().Counts)
		if all["cap"] != 2*shots || all["lid"] != shots || all["clip"] != shots {
			r.Fatalf("%d shots: got %v", shots, all)
		}
		k := m.kpi(0, sec/60+2)
		if k.StandardProduced != production.Seconds(shots)*12e9 || k.Waterfall.Sum() != k.Calendar {
			r.Fatalf("%d shots: got %v standard time, and %v of %v", shots, k.StandardProduced, k.Waterfall.Sum(), k.Calendar)
		}
		got, want := k.Availability.Value*k.Effectiveness.Value*k.QualityRatio.Value, k.StandardGood.Float()/k.MeasuredPlanned.Float()
		if shots > 0 && k.Effectiveness.OK && math.Abs(got-want) > 1e-12 {
			r.Fatalf("A x P x Q: got %v, want %v", got, want)
		}
	})
}

// The mould and a product of its own follow each other within a minute, a
// restart between.
func TestAMouldAndASingleProductInOneMinute(t *testing.T) {
	m := oneMachine(t, twoCapsAndALid, mouldTags()...)
	m.say(0, "state", plant.Int(6))
	m.say(0, "product", plant.Text("SET"))
	m.say(0, "shots", plant.Int(0))
	m.say(24, "shots", plant.Int(2))
	m.till(24)
	snapshot, err := m.area.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if m.area, err = production.New(m.cfg, m.tree, m.tree.Areas[0]); err != nil {
		t.Fatal(err)
	}
	if err := m.area.Restore(snapshot); err != nil {
		t.Fatal(err)
	}
	m.say(24, "product", plant.Text("P"))
	m.say(54, "shots", plant.Int(17))
	m.till(60)
	all, _ := made(m.facts().Counts)
	if want := map[string]int64{"cap": 4, "lid": 2, "clip": 2, "P": 15}; !reflect.DeepEqual(all, want) {
		t.Errorf("got %v, want %v", all, want)
	}
}

func TestMouldsAreCheckedAgainstProductsAndTheLine(t *testing.T) {
	cfg := production.DefaultConfig()
	twoCapsAndALid(&cfg)
	cfg.Equipment[0].Moulds[0].Cavities[1] = production.Cavity{Product: "lit"}
	got := cfg.Validate()
	text := ""
	for _, p := range got {
		text += p.Error() + "\n"
	}
	for _, want := range []string{`moulds[0].cavities[1].product: want the name of a product, not "lit"`, "moulds[0].cavities[1].count: want a number of cavities, 1 or more"} {
		if !strings.Contains(text, want) {
			t.Errorf("got %s, want %s", text, want)
		}
	}
}

func TestAMouldThatIsRenewedWithinAMinuteMakesItsOwnProductsFromThenOn(t *testing.T) {
	m := oneMachine(t, func(c *production.Config) {
		twoCapsAndALid(c)
		c.Equipment[0].Moulds = []production.Mould{
			{Product: "SET", Cavities: []production.Cavity{{Product: "cap", Count: 2}, {Product: "lid", Count: 2}}},
			{Product: "SET", ValidFrom: machineStart.Add(30 * time.Second).Time(), Cavities: []production.Cavity{{Product: "clip", Count: 4}}},
		}
	}, mouldTags()...)
	m.say(0, "state", plant.Int(6))
	for shot := range 11 {
		m.say(float64(12*shot), "shots", plant.Int(int64(shot)))
	}
	m.till(120)
	all, _ := made(m.facts().Counts)
	if want := map[string]int64{"cap": 4, "lid": 4, "clip": 32}; !reflect.DeepEqual(all, want) {
		t.Errorf("made: got %v, want %v", all, want)
	}
}
