package opcua_test

import (
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// polledZones is a rig with five polled tags.
func polledZones(t *testing.T, o opcuatest.Options) (*rig, []*plant.Tag) {
	t.Helper()
	r := newRig(t, o)
	var tags []*plant.Tag
	for _, name := range []string{"Zone1", "Zone2", "Zone3", "Zone4", "Zone5"} {
		tags = append(tags, r.add(name, plant.KindFloat, 0.5))
	}
	r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/Zone*", Interval: 100 * time.Millisecond}}
	return r, tags
}

// nothingBad checks that no tag got a Bad sample.
func (r *rig) nothingBad(tags []*plant.Tag) {
	r.t.Helper()
	for _, tag := range tags {
		for _, s := range r.samples(tag) {
			if s.Status != plant.Good {
				r.t.Errorf("%s: got status %v, want Good only", tag.Name, s.Status)
			}
		}
	}
}

func TestPolledNodesAreReadByRegisteredIDs(t *testing.T) {
	t.Parallel()
	r, tags := polledZones(t, opcuatest.Options{Limits: opcuatest.Limits{Register: 2}})
	r.start()
	r.wait("reads by registered ids", func() bool { return r.server.Counts().ReadRegistered >= 10 })
	if got := r.server.Counts().Registered; got != len(tags) {
		t.Errorf("registered: got %d nodes, want %d, each once", got, len(tags))
	}
	r.set(tags[3], 2.5, 0)
	r.sink.WaitValue(t, tags[3], plant.Float(2.5))
	r.nothingBad(tags)
}

func TestRegisteredIDsThatAServerForgotCostNoValue(t *testing.T) {
	t.Parallel()
	r, tags := polledZones(t, opcuatest.Options{})
	r.start()
	for range 3 {
		before := r.server.Counts().ReadRegistered
		r.wait("reads by registered ids", func() bool { return r.server.Counts().ReadRegistered > before+5 })
		r.server.ForgetRegistered()
	}
	before := len(r.samples(tags[0]))
	r.wait("samples after that", func() bool { return len(r.samples(tags[0])) > before+3 })
	r.nothingBad(tags)
}

func TestAServerThatRegistersNoNodesIsPolled(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]ua.StatusCode{
		"no such service": ua.StatusBadServiceUnsupported,
		"out of memory":   ua.StatusBadOutOfMemory,
		"too many":        ua.StatusBadTooManyOperations,
	} {
		t.Run(name, func(t *testing.T) {
			r, tags := polledZones(t, opcuatest.Options{})
			r.server.Intercept(fault[*ua.RegisterNodesRequest](1, status))
			r.start()
			r.wait("polls", func() bool { return len(r.samples(tags[0])) >= 5 })
			if got := r.server.Counts(); got.Faults > 4 || got.ReadRegistered > 0 {
				t.Errorf("got %d faults, want few: the service is not asked for with each poll", got.Faults)
			}
			r.nothingBad(tags)
		})
	}
}

func TestNodesThatDoNotExistAreNotRegistered(t *testing.T) {
	t.Parallel()
	r, tags := polledZones(t, opcuatest.Options{})
	gone := r.addTag("Zone6", plant.KindFloat, "ns=2;s=LineA.A1.Zone6")
	r.start()
	r.wait("reads by registered ids", func() bool { return r.server.Counts().ReadRegistered >= 10 })
	if got := r.server.Counts().Registered; got != len(tags) {
		t.Errorf("registered: got %d nodes, want the %d that exist", got, len(tags))
	}
	r.server.Add("LineA.A1.Zone6", 2.5)
	r.sink.WaitValue(t, gone, plant.Float(2.5))
	r.wait("the new node to be registered", func() bool { return r.server.Counts().Registered == len(tags)+1 })
}

func TestRegisteringCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	r, tags := polledZones(t, opcuatest.Options{})
	r.config.RegisterNodes = false
	r.start()
	r.wait("polls", func() bool { return len(r.samples(tags[0])) >= 4 })
	if got := r.server.Counts().Registered; got != 0 {
		t.Errorf("registered: got %d nodes, want none", got)
	}
}
