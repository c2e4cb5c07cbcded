package opcua_test

import (
	"fmt"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

func TestAFullQueueLosesWhatTheGroupSays(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	oldest := r.add("Total", plant.KindInt, int64(0))
	newest := r.add("Batch", plant.KindInt, int64(0))
	r.config.Groups = []opcua.Group{
		{Tags: oldest.Path, QueueSize: 3},
		{Tags: newest.Path, QueueSize: 3, Discard: opcua.DiscardNewest},
	}
	r.start()
	r.waitAll(r.tags)
	r.server.Intercept(fault[*ua.PublishRequest](1, ua.StatusBadResourceUnavailable))
	marks := int64(0)
	r.wait("no publish request at the server", func() bool {
		marks++
		r.set(oldest, marks, 0)
		r.set(newest, marks, 0)
		return r.server.Counts().PublishWaiting == 0
	})
	for i := int64(1); i <= 10; i++ {
		r.set(oldest, 1000+i, 0)
		r.set(newest, 1000+i, 0)
	}
	r.server.Intercept(nil)
	r.sink.WaitValue(t, oldest, plant.Int(1010))
	r.sink.WaitValue(t, newest, plant.Int(1010))
	for _, v := range []int64{1008, 1009} {
		if !r.values(oldest)[v] {
			t.Errorf("oldest discarded: %d is missing", v)
		}
		if r.values(newest)[v] {
			t.Errorf("newest discarded: got %d, want it lost", v)
		}
	}
	if r.event("overflow") < 2 {
		t.Errorf("overflows: got %v, want one of each queue", r.event("overflow"))
	}
}

func TestEachGroupHasItsDeadband(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.config.Deadband = opcua.Deadband{Absolute: 10}
	coarse := r.add("Gearbox.Temp", plant.KindFloat, 50.0)
	fine := r.add("Oil.Temp", plant.KindFloat, 50.0) // bears an absolute one only
	none := r.add("Motor.Vib", plant.KindFloat, 50.0)
	r.server.DenyFilter("LineA.A1.Motor.Vib", ua.StatusBadFilterNotAllowed)
	all := r.add("Speed", plant.KindFloat, 50.0)
	r.config.Groups = []opcua.Group{
		{Tags: fine.Path, Deadband: &opcua.Deadband{Percent: 2, Absolute: 1}},
		{Tags: all.Path, Deadband: &opcua.Deadband{}},
	}
	r.start()
	r.waitAll(r.tags)
	for _, v := range []float64{50.5, 52, 52.5, 70} {
		for _, tag := range r.tags {
			r.set(tag, v, 0)
		}
	}
	for tag, want := range map[*plant.Tag]string{
		coarse: "[50 70]", fine: "[50 52 70]", none: "[50 50.5 52 52.5 70]", all: "[50 50.5 52 52.5 70]",
	} {
		r.sink.WaitValue(t, tag, plant.Float(70))
		var got []float64
		for _, s := range r.samples(tag) {
			v, _ := s.Value.Float()
			got = append(got, v)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s: got %v, want %s", tag.Name, got, want)
		}
	}
	if got := r.status.Health("").Troubles; len(got) != 0 {
		t.Errorf("troubles: got %v, want none", got)
	}
}
