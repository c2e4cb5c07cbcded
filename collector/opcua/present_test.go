package opcua_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// What a lost notification said is what the tag is, until it changes again; and
// that may be tomorrow.
func TestATagWhoseLastChangeWasLostHasItsPresentValue(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	tag := r.add("State", plant.KindInt, int64(6))
	other := r.add("Total", plant.KindInt, int64(0))
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(6))
	r.server.Intercept(fault[*ua.RepublishRequest](1, ua.StatusBadMessageNotAvailable))
	r.server.DropNext(1)
	r.set(tag, int64(2), 0)
	r.sink.WaitValue(t, tag, plant.Int(2))
	if got := r.event("lost"); got != 1 {
		t.Errorf("lost notifications: got %v, want 1", got)
	}
	r.count(other, 1, 10)
	if got := r.server.Counts().SessionsCreated; got != 1 {
		t.Errorf("sessions: got %d, want 1", got)
	}
}

// A notification may be larger than any message that is taken, and then it is
// when it is sent again.
func TestValuesThatAreTooLargeTogetherAreReadOneByOne(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.bytes = 2 << 20
	text := strings.Repeat("x", 900_000)
	for i := range 5 {
		r.add(fmt.Sprint("Recipe", i), plant.KindText, text)
	}
	r.start()
	for _, tag := range r.tags {
		r.wait(tag.Name, func() bool { return len(r.samples(tag)) > 0 })
		if got := r.samples(tag)[0]; got.Status != plant.Good {
			t.Errorf("%s: got status %s, want Good", tag.Name, got.Status)
		}
	}
	tag := r.tags[0]
	r.setValue(tag, opcuatest.Value{V: "short"})
	r.sink.WaitValue(t, tag, plant.Text("short"))
}
