package opcua_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

func TestAnElementThatTheServersArraysCannotHaveIsToldOf(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{Limits: opcuatest.Limits{ArrayLength: 100}})
	r.server.Add("LineA.A1.Temps", []float64{20.5, 21.5})
	first, never := r.part("temp0", plant.KindFloat, "[0]", "Temps"), r.part("temp100", plant.KindFloat, "[100]", "Temps")
	r.start()
	r.sink.WaitValue(t, first, plant.Float(20.5))
	r.wait("one trouble", func() bool { return len(r.status.Health("").Troubles) == 1 })
	r.server.Remove("LineA.A1.Temps")
	r.wait("two troubles", func() bool { return len(r.status.Health("").Troubles) == 2 })
	r.server.Add("LineA.A1.Temps", make([]float64, 101)) // the server has more than it says
	r.sink.WaitValue(t, never, plant.Float(0))
	r.wait("the doubt", func() bool {
		return strings.Contains(r.status.Health("").Troubles[never.Path], "its arrays have 100 values at most")
	})
}

func TestTagsOfOneNodeAreMonitoredOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.config.Deadband.Absolute = 0.1
	r.server.Add("LineA.A1.Temps", []float64{20.5, 21.5, 22.5})
	var tags []*plant.Tag
	for i, path := range []string{"[0]", "[1]", "[2]"} {
		tags = append(tags, r.part(path, plant.KindFloat, path, "Temps"))
		if i == 1 {
			r.add("Total", plant.KindInt, int64(7))
		}
	}
	r.start()
	r.sink.WaitValue(t, tags[2], plant.Float(22.5))
	if got := r.server.Counts().MonitoredItems; got != 2 {
		t.Errorf("monitored items: got %d, want 2 for two nodes", got)
	}
	r.server.Remove("LineA.A1.Temps")
	r.wait("all of them in trouble", func() bool { return len(r.status.Health("").Troubles) == 3 })
	r.server.Add("LineA.A1.Temps", []float64{30.5, 31.5, 32.5})
	for i, tag := range tags {
		r.sink.WaitValue(t, tag, plant.Float(30.5+float64(i)))
	}
	r.wait("none in trouble", func() bool { return len(r.status.Health("").Troubles) == 0 })
}

func TestTagsOfOneNodeAreReadOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.server.Add("LineA.A1.Temps", []float64{20.5, 21.5, 22.5})
	first, last := r.part("temp0", plant.KindFloat, "[0]", "Temps"), r.part("temp2", plant.KindFloat, "[2]", "Temps")
	r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/*", Interval: 100 * time.Millisecond}}
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if read, ok := req.(*ua.ReadRequest); ok && read.NodesToRead[0].NodeID.Namespace() == 2 && len(read.NodesToRead) != 1 {
			t.Errorf("read of %d values, want one for both tags", len(read.NodesToRead))
		}
		return ua.StatusOK
	})
	r.start()
	r.sink.WaitValue(t, first, plant.Float(20.5))
	r.sink.WaitValue(t, last, plant.Float(22.5))
}
