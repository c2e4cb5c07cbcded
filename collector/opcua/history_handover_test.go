package opcua_test

import (
	"slices"
	"testing"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// The item of a tag that is wanted on other terms is made anew, and with the
// old one goes what the server queued of it.
func TestWhatATagOnOtherTermsMissedIsReadFromTheHistory(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	other, same, plain := r.addKept("Speed", int64(0)), r.addKept("Total", int64(0)), r.add("Good", plant.KindInt, int64(0))
	r.config.Groups = []opcua.Group{{Tags: other.Path}, {Tags: plain.Path}}
	x := r.start()
	for _, tag := range []*plant.Tag{same, other, plain} {
		r.sink.WaitValue(t, tag, plant.Int(0))
	}
	r.waitContact()
	x.stop()
	r.change(same, numbers(1, 9))
	r.change(other, numbers(1, 9))
	r.config.Groups[0].QueueSize, r.config.Groups[1].QueueSize = 77, 78
	r.start()
	r.sink.WaitValue(t, same, plant.Int(9))
	r.sink.WaitValue(t, other, plant.Int(9))
	gaps, known := r.waitVerdict(2)
	if len(gaps) != 1 || gaps[0].Tags != 1 || len(known) != 1 {
		t.Errorf("got gaps %v and known %v, want a gap of the tag without history", gaps, known)
	}
	if got := r.past(other); !slices.Equal(got, numbers(1, 8)) {
		t.Errorf("got %v from the history, want 1 to 8", got)
	}
	if got := r.past(same); len(got) != 0 || r.event("transfer") != 1 {
		t.Errorf("got %v from the history of what was taken over, and %v transfers; want nothing and 1", got, r.event("transfer"))
	}
}
