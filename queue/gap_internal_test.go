package queue

import (
	"bufio"
	"bytes"
	"testing"

	"andon/plant"
)

func TestARecordingTellsOfGapsAndOfThePast(t *testing.T) {
	tag := &plant.Tag{Path: "northfield/packing/lineA/A1/speed"}
	const at = plant.Instant(1_772_438_400_000_000_000)
	var out bytes.Buffer
	x := &export{out: bufio.NewWriter(&out)}
	for _, m := range []plant.Message{
		{Time: at, Samples: []plant.Sample{{Tag: tag, Value: plant.Int(1), Time: at}}},
		{Time: at, Samples: []plant.Sample{{Tag: tag, Value: plant.Int(2), Time: at - 60e9}}, Backfilled: true,
			Gaps: []plant.Gap{{Area: "northfield/packing", Source: "plc", Interval: plant.Interval{From: at - 60e9, To: at}, Cause: plant.GapOverflow, Tags: 2}}},
	} {
		if err := x.record(&m); err != nil {
			t.Fatal(err)
		}
	}
	for x.held.Len() > 0 {
		if err := x.release(); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.out.Flush(); err != nil {
		t.Fatal(err)
	}
	const want = `{"gap":{"area":"northfield/packing","source":"plc","from":"2026-03-02T07:59:00Z","to":"2026-03-02T08:00:00Z","cause":"overflow","tags":2}}
{"tag":"northfield/packing/lineA/A1/speed","ts":"2026-03-02T07:59:00Z","value":2,"backfilled":true}
{"tag":"northfield/packing/lineA/A1/speed","ts":"2026-03-02T08:00:00Z","value":1}
`
	if got := out.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
