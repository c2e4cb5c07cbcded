package opcua_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// refuseWith answers every request that has to do with a node with a fault, as
// servers do that trip over it.
func refuseWith(node string) func(ua.Request) ua.StatusCode {
	return func(req ua.Request) ua.StatusCode {
		switch q := req.(type) {
		case *ua.CreateMonitoredItemsRequest:
			for _, it := range q.ItemsToCreate {
				if it.ItemToMonitor.NodeID.StringID() == node {
					return ua.StatusBadInternalError
				}
			}
		case *ua.ReadRequest:
			for _, n := range q.NodesToRead {
				if n.NodeID.StringID() == node {
					return ua.StatusBadInternalError
				}
			}
		}
		return ua.StatusOK
	}
}

func TestANodeForWhichTheServerRefusesWholeCallsStopsNoOther(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	for i := range 20 {
		r.add(fmt.Sprint("Total", i), plant.KindInt, int64(i))
	}
	r.server.Intercept(refuseWith("LineA.A1.Total7"))
	r.start()
	r.wait("the others", func() bool { return len(r.sink.Samples()) == 19 })
	if got := r.status.Health("").Troubles[r.tags[7].Path]; got != "StatusBadInternalError" {
		t.Errorf("trouble of the node: got %q, want StatusBadInternalError", got)
	}
	r.server.Intercept(nil)
	r.sink.WaitValue(t, r.tags[7], plant.Int(7))
}

// Where the server is to blame and not a node, it is not asked for each of them.
func TestAServerThatRefusesEveryCallIsNotAskedForEachNode(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	for i := range 500 {
		r.add(fmt.Sprint("Total", i), plant.KindInt, int64(i))
	}
	r.config.ItemRetry = waitLimit
	r.server.Intercept(fault[*ua.CreateMonitoredItemsRequest](1, ua.StatusBadInternalError))
	r.start()
	if got := r.server.Counts().Faults; got < 2 || got > 20 {
		t.Errorf("calls refused: got %d, want a few", got)
	}
	if got := len(r.status.Health("").Troubles); got != 500 {
		t.Errorf("nodes in trouble: got %d, want 500", got)
	}
}

// A server that answers, but nothing else than that it cannot publish, is no
// more in touch than one that is silent.
func TestAServerThatRefusesEveryPublishRequestIsNoticedWithinThreeKeepAlives(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	x := r.start()
	r.sink.WaitValue(t, tag, plant.Int(0))
	began := time.Now()
	r.server.Intercept(fault[*ua.PublishRequest](1, ua.StatusBadInternalError))
	err := x.fails()
	if d := time.Since(began); !strings.Contains(err.Error(), "no publish response") || d < 2*r.config.KeepAlive {
		t.Errorf("Run: got error %v after %v, want no publish response after three keep-alives of %v", err, d, r.config.KeepAlive)
	}
	r.server.Intercept(nil)
	r.start()
	r.count(tag, 1, 10)
}

func TestAPolledNodeForWhichTheServerRefusesWholeCallsStopsNoOther(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	for i := range 20 {
		r.add(fmt.Sprint("Total", i), plant.KindInt, int64(i))
	}
	r.config.Polled = []opcua.Poll{{Tags: "**", Interval: 100 * time.Millisecond}}
	r.server.Intercept(refuseWith("LineA.A1.Total7"))
	r.start()
	for i, tag := range r.tags {
		if i != 7 {
			r.sink.WaitValue(t, tag, plant.Int(int64(i)))
		}
	}
	r.wait("the trouble", func() bool {
		return strings.Contains(r.status.Health("").Troubles[r.tags[7].Path], "cannot be read")
	})
	before := r.server.Counts().Faults
	polls := r.event("poll")
	r.wait("two polls", func() bool { return r.event("poll") >= polls+2 })
	if got := r.server.Counts().Faults - before; got > 8 {
		t.Errorf("calls refused in two polls: got %d, want one or two of each, for the node is read alone", got)
	}
	r.server.Intercept(nil)
	r.sink.WaitValue(t, r.tags[7], plant.Int(7))
	r.wait("no trouble", func() bool { return len(r.status.Health("").Troubles) == 0 })
}

// Contacts say that what did not change is known. Of a tag that cannot be read
// nobody knows whether it changed.
func TestTagsOfPollsThatFailAreNotKnown(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	tag := r.add("State", plant.KindInt, int64(6))
	r.config.Polled, r.config.RegisterNodes = pollEvery(tag, 100*time.Millisecond), false
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(6))
	r.server.Intercept(refuseWith("LineA.A1.State"))
	r.wait("a sample without value", func() bool {
		list := r.samples(tag)
		last := list[len(list)-1]
		return last.Status == plant.Status(ua.StatusBadInternalError) && last.Value == plant.Value{}
	})
	if len(r.status.Health("").Troubles) != 1 {
		t.Errorf("troubles: got %v, want that of the tag", r.status.Health("").Troubles)
	}
	r.server.Intercept(nil)
	r.set(tag, int64(2), 0)
	r.sink.WaitValue(t, tag, plant.Int(2))
}

func TestATagWhoseNodeIsMissingAfterARestartIsNotKnown(t *testing.T) {
	t.Parallel()
	h := newTruth(t, newRig(t, opcuatest.Options{}), 2)
	h.begin()
	h.restart(opcuatest.Options{})
	h.list = h.tags[:1]
	h.appear(h.list)
	gone := h.tags[1]
	h.wait("a sample without value", func() bool {
		list := h.samples(gone)
		last := list[len(list)-1]
		return last.Status == plant.Status(ua.StatusBadNodeIDUnknown) && last.Value == plant.Value{}
	})
	h.compare()
	h.tell(20)
	h.compare()
	told := len(h.samples(gone))
	h.wait("another try", func() bool { return h.super.Health()[0].Troubles[gone.Path] != "" })
	if got := len(h.samples(gone)); got != told {
		t.Errorf("samples of the missing node: got %d, want %d: it is told once", got, told)
	}
	h.appear(h.tags[1:])
	h.compare()
}
