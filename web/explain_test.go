package web_test

import (
	"encoding/json"
	"testing"
)

func TestExplanationsOfAllKindsAreAsDescribed(t *testing.T) {
	d := readDescription(t)
	s := full(t, nil)
	response := d.resolve(d.at("paths", "/api/v1/kpis/explain", "get", "responses", "200"))
	content, _ := response["content"].(map[string]any)
	media, _ := content["application/json"].(map[string]any)
	schema, _ := media["schema"].(map[string]any)
	for _, kpi := range []string{"oee_index", "downtime_by_reason.E-204", "good_quantity", "failures", "mean_time_to_acknowledge", "oee_mode",
		"from", "energy_kwh", "cost.total", "throughput_rate", "effectiveness_over_1", "mean_time_between_failures_interval.high"} {
		var v any
		if err := json.NewDecoder(s.get("/api/v1/kpis/explain?kpi=" + kpi + "&equipment=" + lineA + eightToNine).Body).Decode(&v); err != nil {
			t.Fatalf("%s: %v", kpi, err)
		}
		for _, wrong := range d.check("", schema, v) {
			t.Errorf("%s%s", kpi, wrong)
		}
	}
}
