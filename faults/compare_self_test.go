package faults_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"andon/influx/influxtest"
	"andon/plant"
)

// A comparison that notices nothing would let every other test pass.
func TestTheComparisonNoticesWhatIsMissingWrongOrTooMuch(t *testing.T) {
	t.Parallel()
	const tag = "load/hall/line1/m001/flow"
	series := "telemetry,site=load,area=hall,line=line1,equipment=m001 "
	want := map[plant.Instant]plant.Value{1000: plant.Float(1.5), 2000: plant.Float(2.5)}
	for _, c := range []struct{ name, lines, complains string }{
		{"all", "flow=1.5 1000\nflow=2.5 2000", ""},
		{"one in the other field", "flow_float=1.5 1000\nflow=2.5 2000", ""},
		{"one missing", "flow=1.5 1000", "has 1 values, the plant told 2"},
		{"none", "speed=1 1000", "has 0 values"},
		{"another value", "flow=1.5 1000\nflow=2.25 2000", "InfluxDB has 2.25, the plant told 2.5"},
		{"another time", "flow=1.5 1000\nflow=2.5 2001", "which the plant never told"},
		{"one too many", "flow=1.5 1000\nflow=2.5 2000\nflow=3 3000", "which the plant never told"},
	} {
		r := &rig{t: t, db: influxtest.Start(t)}
		r.db.CreateDatabase("plant")
		text := series + strings.ReplaceAll(c.lines, "\n", "\n"+series)
		resp, err := http.Post(r.db.URL()+"/write?db=plant", "text/plain", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		got := fmt.Sprint(r.compare(told{tag: want}))
		if c.complains == "" && got != "<nil>" || !strings.Contains(got, c.complains) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.complains)
		}
		r.db.Kill()
	}
}
