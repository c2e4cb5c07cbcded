package engine

import (
	"bytes"
	"encoding/json"
	"testing"

	"andon/plant"
)

// recorded writes samples as a recording has them.
func recorded(tb testing.TB, samples []plant.Sample) []byte {
	tb.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, s := range samples {
		line := map[string]any{"tag": s.Tag.Path, "ts": s.Time, "value": s.Value}
		if s.Status != plant.Good {
			line["status"] = s.Status.String()
		}
		if err := enc.Encode(line); err != nil {
			tb.Fatal(err)
		}
	}
	return b.Bytes()
}
