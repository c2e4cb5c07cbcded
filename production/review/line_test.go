package review_test

import (
	"testing"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
	"andon/production/review"
)

// line returns the KPIs of the line of eq as people say its equipment was.
func (r *room) line(eq string) production.KPI {
	r.t.Helper()
	cfg, line := config(), r.tree.FindEquipment(eq).Line
	var parts []production.KPIInput
	for _, e := range line.Equipment {
		in := r.area.Definition(e, hourWindow(), "hour")
		in.Now, in.Facts = later, r.apply(e.Path).Facts
		parts = append(parts, in)
	}
	k := production.ComputeLine(cfg, line, parts)
	facts, err := production.LineFacts(cfg, line, hourWindow().To, func(e *plant.Equipment) (production.Facts, error) {
		return r.apply(e.Path).Facts, nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	in := r.area.Definition(line.Constraint, hourWindow(), "hour")
	in.Now, in.Facts, in.NoQuality = later, facts, false
	if got := production.Compute(in); got.Quantities != k.Quantities || got.Waterfall != k.Waterfall {
		r.t.Errorf("facts of %s: got %+v, want those of its KPIs %+v", line.Path, got.Quantities, k.Quantities)
	}
	return k
}

func (r *room) adjust(path string, a review.Adjustment) {
	r.t.Helper()
	r.must("count.adjust", path, review.CommandArgs{From: at(0, 0), To: at(60, 0), Adjustment: a})
}

func number(n int64) *int64 { return &n }

const (
	labeller = productiontest.A3
	capper   = "northfield/packing/lineA/A2"
	packer   = "northfield/packing/lineA/A4"
)

// What the lab finds bad had been counted good by everybody after it.
func TestWhatTheLabRejectsIsNotGoodOfTheLineEither(t *testing.T) {
	r := newRoom(t, "moulding")
	before := r.line(productiontest.B1)
	r.adjust(productiontest.B1, review.Adjustment{Scrap: 10})
	k := r.line(productiontest.B1)
	near(t, "OEE of the line", k.OEEIndex, 2400.0/3600)
	if k.Produced != 852 || k.Quantities.Good != 800 || k.Scrap != 52 || k.Cost.Total-before.Cost.Total != 12_500_000 {
		t.Errorf("got %+v and cost %s, want 800 good of 852 and 12.50 more than %s", k.Quantities, k.Cost.Total, before.Cost.Total)
	}
	r.adjust(productiontest.B1, review.Adjustment{Scrap: -10})
	if k := r.line(productiontest.B1); k.Quantities != before.Quantities {
		t.Errorf("said back: got %+v, want %+v", k.Quantities, before.Quantities)
	}
}

func TestWhatPeopleSayOfEquipmentChangesItsLineOnce(t *testing.T) {
	for name, x := range map[string]struct {
		equipment             string
		said                  review.Adjustment
		good, rework, rejects int64 // by how much those of the line change
	}{
		"the constraint, before the counter": {productiontest.A1, review.Adjustment{Scrap: 10}, -10, 0, 10},
		"another before the counter":         {capper, review.Adjustment{Scrap: 6, Rework: 4}, -10, 4, 10},
		"the counter itself":                 {labeller, review.Adjustment{Scrap: 10}, -10, 0, 10},
		"behind the counter":                 {packer, review.Adjustment{Scrap: 10}, 0, 0, 0},
		"scrap that is rework":               {productiontest.A1, review.Adjustment{Scrap: -8, Rework: 8}, 0, 8, 0},
		// These never were: the counter behind did not see them either.
		"good units that were none": {capper, review.Adjustment{Good: number(-5)}, 0, 0, 0},
		"scrap that nobody counted": {productiontest.A1, review.Adjustment{Scrap: 5, Good: number(0)}, 0, 0, 5},
		"both":                      {productiontest.A1, review.Adjustment{Scrap: 4, Good: number(-10)}, -4, 0, -2},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, "packing")
			before := r.line(productiontest.A1)
			r.adjust(x.equipment, x.said)
			k := r.line(productiontest.A1)
			if good, rework, rejects := k.Quantities.Good-before.Quantities.Good, k.Rework-before.Rework, k.Rejected-before.Rejected; good != x.good || rework != x.rework || rejects != x.rejects {
				t.Errorf("the line: got %d good, %d rework, %d rejects more, want %d, %d, %d", good, rework, rejects, x.good, x.rework, x.rejects)
			}
			if sum := k.Waterfall.Sum(); sum != k.Calendar {
				t.Errorf("waterfall: got %v, want %v", sum, k.Calendar)
			}
		})
	}
}
