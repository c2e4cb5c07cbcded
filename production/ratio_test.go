package production_test

import (
	"testing"
	"time"

	"andon/plant"
	"andon/production"
)

func TestALineThatRanAllItsPlannedTimeIsAvailableForExactlyThatTime(t *testing.T) {
	// In seconds as floats 0.1 + 0.2 is more than 0.3.
	start := plant.At(time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC))
	stop, end := start.Add(100*time.Millisecond), start.Add(300*time.Millisecond)
	k := production.Compute(production.KPIInput{Equipment: "s/a/l/e", Window: plant.Interval{From: start, To: end}, Now: end,
		Mode: production.ModeTPM, Unknown: production.UnknownExclude,
		Facts: production.Facts{Segments: []production.Segment{
			{From: start, To: stop, State: plant.StateRun, Loss: production.LossRun},
			{From: stop, To: end, State: plant.StateStopped, Loss: production.LossMicroStop},
		}}})
	if k.Availability != (production.Ratio{Value: 1, OK: true}) {
		t.Errorf("availability: got %v, want exactly 1", k.Availability.Value)
	}
}
