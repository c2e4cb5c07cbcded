package queue

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"andon/plant"
)

// A camera tells a megabyte a message: 200,000 of them would be all the memory
// there is.
func TestAnExportOfLongTextsHoldsABoundedPartOfThem(t *testing.T) {
	tag := &plant.Tag{Path: "northfield/packing/lineA/camera/image"}
	image := plant.Text(strings.Repeat("x", 1<<20))
	var out bytes.Buffer
	x := &export{out: bufio.NewWriter(&out)}
	const now = plant.Instant(1_772_438_400_000_000_000)
	for i := range 100 {
		// All of one second, so none is old enough to go.
		if err := x.record(&plant.Message{Time: now, Samples: []plant.Sample{{Tag: tag, Value: image, Time: now + plant.Instant(i^1)}}}); err != nil {
			t.Fatal(err)
		}
		if held := x.held.Len(); held > holdBytes>>20 {
			t.Fatalf("%d MB are held after %d messages, want at most %d", held, i+1, holdBytes>>20)
		}
	}
	for x.held.Len() > 0 {
		if err := x.release(); err != nil {
			t.Fatal(err)
		}
	}
	if x.sum.Samples != 100 || x.heldBytes != 0 {
		t.Errorf("%d samples given out and %d bytes counted as held, want all 100 and none", x.sum.Samples, x.heldBytes)
	}
}
