package main

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"andon/production/productiontest"
)

// explained asks for one KPI of the hour.
func explained(t *testing.T, path, kpi string, more ...string) (string, error) {
	t.Helper()
	return andon(t, append([]string{"kpi", "explain", "--equipment", path, "--kpi", kpi, "--from", hourFrom, "--to", hourTo}, more...)...)
}

func TestAKPIIsExplainedDownToWhatItComesFrom(t *testing.T) {
	keptHour(t)
	const lineA = "northfield/packing/lineA"
	for _, c := range []struct{ path, kpi, want string }{
		{productiontest.A1, "oee_index", "0.66555183946488"}, {productiontest.A1, "oee_index", "2640 units of P500 at 0.5 s: 1320 s"},
		{productiontest.A1, "downtime", "fault: E-204; state map packml: 9 is fault"},
		{productiontest.A1, "cost.by_reason.E-204", "margin of P500 at 0.5 s/unit, 0.20 a 0.5 s = 144.00"},
		{productiontest.A1, "energy_kwh", "... and "},
		{productiontest.A1, "materials.tank_level.run_out_ideal", "seconds of max(0, level / (per_unit * 60 / ideal_cycle) * 60)"},
		{productiontest.B1, "estops", "= 1 events"},
		{productiontest.B1, "mean_time_between_failures_interval.low", "NIST/SEMATECH e-Handbook, 8.4.5.1"},
		{lineA, "good_quantity", "counted by northfield/packing/lineA/A3"},
		{lineA, "orders.PO-1002.eta", "work_needed + time_off"}, {lineA, "plan.target", "floor(ideal_units)"},
		{"northfield", "availability", "northfield/moulding: 2700 s (its actual_production_time)"},
	} {
		text, err := explained(t, c.path, c.kpi)
		if err != nil || !strings.Contains(joined(text), c.want) {
			t.Errorf("%s of %s: got %v and\n%swant %q in it", c.kpi, c.path, err, text, c.want)
		}
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 100 {
				t.Errorf("%s of %s: %d columns in %q, want 100 at most", c.kpi, c.path, n, line)
			}
		}
	}
	out, err := explained(t, lineA, "oee_index", "--format", "json")
	var x struct{ Value float64 }
	if err != nil || json.Unmarshal([]byte(out), &x) != nil || math.Abs(x.Value-.665552) > 5e-7 {
		t.Errorf("explanation of the line: got %v, %v; want .665552", x.Value, err)
	}
	if text, err := explained(t, productiontest.A1, "energy_kwh", "--all"); err != nil || strings.Count(text, " mWh") < 50 {
		t.Errorf("energy with all readings: got %v and\n%s", err, text)
	}
}

// joined puts the lines of a tree together again.
func joined(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' || r == '│' }), " ")
}

func TestAKPIThatThereIsNoneOfIsAnsweredWithThoseThatAreNear(t *testing.T) {
	keptHour(t)
	for kpi, want := range map[string]string{"oee": "oee_index", "cost.by_reason.E-2O4": "cost.by_reason.E-204", "avaliability": "availability"} {
		if _, err := explained(t, productiontest.A1, kpi); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s named", kpi, err, want)
		}
	}
}

func TestAShellCompletesTheNamesOfKPIs(t *testing.T) {
	var out, errs bytes.Buffer
	err := run(t.Context(), []string{"__complete", "kpi", "explain", "--kpi", "cost.by_loss.f"}, &out, &errs)
	if err != nil || !strings.Contains(out.String(), "cost.by_loss.fault") {
		t.Errorf("got %q, %v; want cost.by_loss.fault", out.String(), err)
	}
}
