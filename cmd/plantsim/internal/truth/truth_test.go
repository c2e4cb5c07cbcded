package truth_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"andon/cmd/plantsim/internal/northfield"
	"andon/cmd/plantsim/internal/sim"
	"andon/cmd/plantsim/internal/truth"
	"andon/plant"
)

func TestLinesAreSamplesAsRecordingsHoldThem(t *testing.T) {
	state := &northfield.Signal{Path: "northfield/packing/lineA/A1/state"}
	energy := &northfield.Signal{Path: "northfield/packing/lineA/A1/energy"}
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	w := truth.NewWriter(&out)
	for _, step := range []struct {
		at      time.Time
		samples []sim.Sample
	}{
		{at, []sim.Sample{{Signal: state, Value: plant.Int(6)}, {Signal: energy, Value: plant.Float(5000.125)}}},
		{at.Add(10 * time.Millisecond), []sim.Sample{{Signal: state, Status: plant.BadNoCommunication}}},
		{at.Add(time.Second), nil},
	} {
		if err := w.Add(step.at, step.samples); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"tag":"northfield/packing/lineA/A1/state","ts":"2026-03-02T08:00:00Z","value":6}
{"tag":"northfield/packing/lineA/A1/energy","ts":"2026-03-02T08:00:00Z","value":5000.125}
{"tag":"northfield/packing/lineA/A1/state","ts":"2026-03-02T08:00:00.01Z","value":null,"status":"bad_no_communication"}
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	b, err := json.Marshal(w.Summary("hour"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"scenario":"hour","lines":3,"first":"2026-03-02T08:00:00Z","last":"2026-03-02T08:00:00.01Z"`,
		`{"tag":"northfield/packing/lineA/A1/state","lines":2,"last":{`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("summary %s, want %s in it", b, want)
		}
	}
}
