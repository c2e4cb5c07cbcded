package productiontest_test

import (
	"math"
	"testing"

	"andon/plant"
	"andon/production/productiontest"
)

func TestReadingsOfTheFiller(t *testing.T) {
	tree, err := plant.NewTree(productiontest.Plant())
	if err != nil {
		t.Fatal(err)
	}
	at := map[plant.Instant]map[string]float64{}
	for _, s := range productiontest.Northfield(tree, productiontest.Start) {
		if s.Tag.Equipment.Path == productiontest.A1 {
			offset := (s.Time - productiontest.Start) / 1e9
			if at[offset] == nil {
				at[offset] = map[string]float64{}
			}
			at[offset][s.Tag.Name], _ = s.Value.Float()
		}
	}
	for _, w := range []struct {
		offset                plant.Instant
		total, reject, energy float64
	}{
		{0, 100000, 65520, 5000}, {600, 101200, 65532, 5006}, {1120, 102160, 6, 5010.9}, {1800, 102672, 16, 5015},
		{2640, 0, 16, 5017.1}, {3000, 240, 22, 5019.8}, {3450, 540, 25, 5023.175}, {3510, 590, 26, 5023.7}, {3600, 680, 26, 5024.6},
	} {
		got := at[w.offset]
		if got["total"] != w.total || got["reject"] != w.reject || math.Abs(got["energy"]-w.energy) > 1e-9 {
			t.Errorf("%d s: got total %v, reject %v, energy %v; want %v, %v, %v", w.offset, got["total"], got["reject"], got["energy"], w.total, w.reject, w.energy)
		}
	}
	if got := at[3600]; got["tank_level"] != 1984 || got["gearbox_temp"] != 75 || got["vibration"] != 3.2 {
		t.Errorf("at the end: got %v, want tank 1984, gearbox 75, vibration 3.2", got)
	}
	for offset := plant.Instant(3451); offset < 3510; offset++ {
		if at[offset] != nil {
			t.Errorf("%d s: got samples while the connection is lost", offset)
		}
	}
}
