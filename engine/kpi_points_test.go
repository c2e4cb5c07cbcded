package engine

import (
	"testing"

	"andon/plant"
	"andon/production"
	"andon/production/productiontest"
)

// fieldsOf are the numbers of the point of A1's hour.
func fieldsOf(t *testing.T, s *station, cfg production.Config) map[string]float64 {
	t.Helper()
	k, err := NewKPIs(cfg, s.tree, s.store)
	if err != nil {
		t.Fatal(err)
	}
	p, err := k.place(productiontest.A1)
	if err != nil {
		t.Fatal(err)
	}
	x := &computing{k: k, window: plant.Interval{From: start, To: at(60, 0)}, name: production.WindowHour}
	kpi, _, err := x.of(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range kpiFields(kpi, 1) {
		got[f.Key], _ = f.Value.Float()
	}
	return got
}

func TestThePointOfAnHourTellsOfPeopleAndConfidence(t *testing.T) {
	s := recordedHour(t)
	cfg := NorthfieldConfig().Production
	cfg.Staff = []production.StaffConfig{{Equipment: productiontest.A1, Required: 4, Present: new(3.)}}
	got := fieldsOf(t, s, cfg)
	// Fifty minutes of work, in which run and setup took 2080 and 360 s.
	for key, want := range map[string]float64{"labour_hours": 2.5, "required_labour_hours": 10. / 3, "staffed": .75, "labour_good": 3310,
		"units_per_labour_hour": 1324, "personnel_work_hours": 3 * 2440. / 3600, "personnel_attendance_hours": 2.5,
		"worker_efficiency": 2440. / 3000, "confidence": .98, "revision": 1} {
		if v, ok := got[key]; !ok || v < want-1e-9 || v > want+1e-9 {
			t.Errorf("%s: got %v (there: %v), want %v", key, v, ok, want)
		}
	}
}

func TestThePointOfAnHourWithoutPeopleSaysNothingOfThem(t *testing.T) {
	got := fieldsOf(t, recordedHour(t), NorthfieldConfig().Production)
	for _, key := range []string{"labour_hours", "labour_good", "staffed", "worker_efficiency"} {
		if v, ok := got[key]; ok {
			t.Errorf("%s: got %v, want no field", key, v)
		}
	}
}
