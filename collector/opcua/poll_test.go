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
	soonest := interval // a busy machine may be late for some of them
	for range 5 {
		at := <-reads
		soonest = min(soonest, at.Sub(at.Truncate(interval)))
	}
	if soonest > interval/4 {
		t.Errorf("the soonest of five reads came %v after a multiple of %v, want one at once", soonest, interval)
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

// zonesWith starts polling four zones with a number and one with v, and returns
// the tag of that.
func zonesWith(t *testing.T, v any) (*rig, *plant.Tag) {
	t.Helper()
	r := newRig(t, opcuatest.Options{})
	r.bytes = 2 << 20
	var tags []*plant.Tag
	for _, name := range []string{"Zone1", "Zone2", "Zone4", "Zone5"} {
		tags = append(tags, r.add(name, plant.KindFloat, 0.5))
	}
	odd := r.add("Zone3", plant.KindFloat, v)
	r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/Zone*", Interval: 100 * time.Millisecond}}
	r.start()
	for _, tag := range append(tags, odd) {
		r.wait("three samples of "+tag.Name, func() bool { return len(r.samples(tag)) >= 3 })
	}
	for _, tag := range tags {
		for _, s := range r.samples(tag) {
			if s.Value != plant.Float(0.5) || s.Status != plant.Good {
				t.Errorf("%s: got %v with status %v, want 0.5", tag.Name, s.Value, s.Status)
			}
		}
	}
	return r, odd
}

func TestAValueThatCannotBeHadCostsNoOtherPolledTag(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		v       any
		status  ua.StatusCode
		trouble string
	}{
		"a long array":                     {make([]float64, 70_000), ua.StatusBadTypeMismatch, "array of TypeIDDouble"},
		"larger than a response may be":    {make([]float64, 400_000), ua.StatusBadResponseTooLarge, "too large"},
		"a GUID that lacks its last bytes": {&ua.GUID{Data4: []byte{1, 2, 3}}, ua.StatusBadDecodingError, "makes no sense"},
	} {
		t.Run(name, func(t *testing.T) {
			r, tag := zonesWith(t, c.v)
			for _, s := range r.samples(tag) {
				if s.Status != plant.Status(c.status) || s.Value.Kind() != plant.KindNone {
					t.Errorf("got %v with status %v, want no value and %v", s.Value, s.Status, c.status)
				}
			}
			if got := r.status.Health("").Troubles; len(got) != 1 || !strings.Contains(got[tag.Path], c.trouble) {
				t.Errorf("tags in trouble: got %v, want %s with %q", got, tag.Path, c.trouble)
			}
			r.set(tag, 2.5, 0)
			r.sink.WaitValue(t, tag, plant.Float(2.5))
			r.wait("no trouble", func() bool { return len(r.status.Health("").Troubles) == 0 })
		})
	}
}

func TestAValueThatCannotBeHadIsReadAloneFromThenOn(t *testing.T) {
	t.Parallel()
	r, _ := zonesWith(t, &ua.GUID{Data4: []byte{1, 2, 3}})
	sizes := make(chan int, 1000)
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if read, ok := req.(*ua.ReadRequest); ok && read.NodesToRead[0].NodeID.Namespace() == 2 {
			sizes <- len(read.NodesToRead)
		}
		return ua.StatusOK
	})
	<-sizes // a poll may be under way
	for range 10 {
		if n := <-sizes; n != 1 && n != 4 {
			t.Errorf("a call of %d values, want 1 and 4 by turns", n)
		}
	}
}
