package engine

import (
	"testing"
	"time"

	"andon/plant"
	"andon/production/productiontest"
)

// Of a signal of which nothing is known, a value that did not change for days
// counts from now on; one that was read from a history says nothing of now.
func TestAValueOfAPastThatIsOverIsNotThatOfThePresent(t *testing.T) {
	tree := Northfield(t)
	c, err := newCore(NorthfieldConfig(), tree, tree.FindEquipment(productiontest.A1).Line.Area)
	if err != nil {
		t.Fatal(err)
	}
	now := at(0, 0)
	sample := func(tag string, v plant.Value, when plant.Instant) plant.Sample {
		return plant.Sample{Tag: tree.Tag(productiontest.A1 + "/" + tag), Value: v, Time: when}
	}
	old := now.Add(-NorthfieldConfig().Production.Horizon - time.Hour)
	for pos, m := range []plant.Message{
		{Kind: plant.KindTelemetry, Time: now, Backfilled: true, Samples: []plant.Sample{sample("state", plant.Int(6), old)}},
		{Kind: plant.KindTick, Time: now.Add(time.Second)},
	} {
		m.Pos = uint64(pos + 1)
		if err := c.step(m); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range c.prod.Facts(tree.FindEquipment(productiontest.A1), plant.Interval{From: now, To: now.Add(time.Second)}).Segments {
		if s.State != plant.StateUnknown {
			t.Errorf("got %+v, want nothing known", s)
		}
	}
}
