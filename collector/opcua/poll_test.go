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

func pollEvery(tag *plant.Tag, d time.Duration) []opcua.Poll {
	return []opcua.Poll{{Tags: tag.Path, Interval: d}}
}

func TestPolledTagsAreReadAtWallClockTimes(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	const interval = 200 * time.Millisecond
	var tags []*plant.Tag
	for _, name := range []string{"Zone1.Temp", "Zone2.Temp", "Zone3.Temp"} {
		tags = append(tags, r.add(name, plant.KindFloat, 0.5))
	}
	subscribed := r.add("Total", plant.KindInt, int64(0))
	r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/Zone*", Interval: interval}}
	reads := make(chan time.Time, 1000)
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if read, ok := req.(*ua.ReadRequest); ok && len(read.NodesToRead) == len(tags) && read.NodesToRead[0].NodeID.Namespace() == 2 {
			reads <- time.Now()
		}
		return ua.StatusOK
	})
	r.start()
	r.sink.WaitValue(t, subscribed, plant.Int(0))
	for range 5 {
		at := <-reads
		if late := at.Sub(at.Truncate(interval)); late > interval/2 {
			t.Errorf("read %v after a multiple of %v, want at once", late, interval)
		}
	}
	for _, tag := range tags {
		r.wait("three samples of "+tag.Name, func() bool { return len(r.samples(tag)) >= 3 })
	}
	if got := r.server.Counts().MonitoredItems; got != 1 {
		t.Errorf("monitored items: got %d, want 1", got)
	}
}

func TestASlowServerIsNotPolledTwiceAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	r.config.Polled = pollEvery(tag, 100*time.Millisecond)
	release := make(chan struct{})
	arrived := make(chan struct{}, 1000)
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if read, ok := req.(*ua.ReadRequest); ok && read.NodesToRead[0].NodeID.Namespace() == 2 {
			arrived <- struct{}{}
			<-release
		}
		return ua.StatusOK
	})
	r.start()
	<-arrived
	held := time.NewTimer(550 * time.Millisecond)
	select {
	case <-arrived:
		t.Error("a second Read came while the first was in work")
	case <-held.C:
	}
	close(release)
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.wait("the polls that were left out", func() bool { return r.event("poll_missed") >= 4 })
}

func TestAPolledNodeInTroubleDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{Limits: opcuatest.Limits{Read: 2}})
	good := r.add("Zone1.Temp", plant.KindFloat, 0.5)
	gone := r.addTag("Zone2.Temp", plant.KindFloat, "ns=2;s=LineA.A1.Zone2.Temp")
	elsewhere := r.addTag("Zone3.Temp", plant.KindFloat, "nsu=urn:northfield:press;s=Temp")
	r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/*", Interval: 100 * time.Millisecond}}
	r.start()
	r.sink.WaitValue(t, good, plant.Float(0.5))
	r.wait("two troubles", func() bool { return len(r.status.Health("").Troubles) == 2 })
	if got := r.status.Health("").Troubles[elsewhere.Path]; !strings.Contains(got, "urn:northfield:press") {
		t.Errorf("trouble: got %q, want one that names the namespace", got)
	}
	if got := r.samples(gone); len(got) == 0 || got[0].Status != plant.BadNodeIDUnknown || got[0].Value.Kind() != plant.KindNone {
		t.Errorf("samples of the unknown node: got %v, want Bad ones without value", got)
	}
	r.server.Add("LineA.A1.Zone2.Temp", 2.5)
	r.sink.WaitValue(t, gone, plant.Float(2.5))
	r.wait("one trouble", func() bool { return len(r.status.Health("").Troubles) == 1 })
}

func TestAValueLargerThanAResponseMayBeCostsNoOtherPolledTag(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	var tags []*plant.Tag
	for _, name := range []string{"Zone1", "Zone2", "Zone4", "Zone5"} {
		tags = append(tags, r.add(name, plant.KindFloat, 0.5))
	}
	long := r.add("Zone3", plant.KindFloat, make([]float64, 70_000))
	r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/Zone*", Interval: 100 * time.Millisecond}}
	x := r.start()
	for _, tag := range tags {
		r.wait("three samples of "+tag.Name, func() bool { return len(r.samples(tag)) >= 3 })
	}
	for _, s := range r.samples(long) {
		if s.Status != plant.Status(ua.StatusBadEncodingLimitsExceeded) || s.Value.Kind() != plant.KindNone {
			t.Errorf("the long array: got %v with status %v, want no value and %v", s.Value, s.Status, ua.StatusBadEncodingLimitsExceeded)
		}
	}
	if got := x.status.Health("").Troubles; len(got) != 1 {
		t.Errorf("tags in trouble: got %v, want the long array", got)
	}
}
