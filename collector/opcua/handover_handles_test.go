package opcua_test

import (
	"testing"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// The server still has values of a tag that left the configuration; they come
// before its item is deleted.
func TestValuesOfATagThatLeftAreNotThoseOfOneThatCame(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	stays, left := r.add("Total", plant.KindInt, int64(0)), r.add("Good", plant.KindInt, int64(0))
	x := r.start()
	r.sink.WaitValue(t, stays, plant.Int(0))
	r.sink.WaitValue(t, left, plant.Int(0))
	x.stop()
	r.change(left, numbers(1001, 1009))
	r.tags = r.tags[:1]
	came := r.add("Scrap", plant.KindInt, int64(7))
	r.sink.Reset()
	r.start()
	r.sink.WaitValue(t, came, plant.Int(7))
	r.count(stays, 1, 5)
	for _, s := range r.samples(came) {
		if s.Value != plant.Int(7) {
			t.Errorf("got %v at %v, which is of another tag, want 7 alone", s.Value, s.Time)
		}
	}
}
