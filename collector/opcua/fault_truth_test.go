package opcua_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// A fact is that a tag had a value at a time.
type fact struct {
	tag *plant.Tag
	at  plant.Instant
}

// A truth is what a server told in a test with a fault, to be compared with
// everything that came. Its counter goes on with every value, so that none
// comes twice, and so do the time stamps.
type truth struct {
	*rig
	super *collector.Supervisor
	list  []*plant.Tag
	count int64
	last  time.Time
	told  map[fact]plant.Value // what must come
	may   map[fact]plant.Value // what may: it was told while nobody listened
}

// newTruth makes a rig with n tags that count, each with a first value.
func newTruth(t *testing.T, r *rig, n int) *truth {
	t.Helper()
	h := &truth{rig: r, told: map[fact]plant.Value{}, may: map[fact]plant.Value{}}
	for i := range n {
		h.list = append(h.list, r.add(fmt.Sprintf("Total%d", i), plant.KindInt, int64(0)))
	}
	h.tell(1)
	return h
}

// tell gives every tag n new values, which must come.
func (h *truth) tell(n int) { h.t.Helper(); h.change(n, h.told) }

// mutter gives every tag n new values while nobody listens. They may be lost,
// but for the last, which the server still has.
func (h *truth) mutter(n int) {
	h.t.Helper()
	h.change(n-1, h.may)
	h.change(1, h.told)
}

func (h *truth) change(n int, in map[fact]plant.Value) {
	h.t.Helper()
	for range n {
		for _, tag := range h.list {
			h.setValue(tag, h.next(tag, in))
		}
	}
}

// next returns the next value of a tag, which is among those of in.
func (h *truth) next(tag *plant.Tag, in map[fact]plant.Value) opcuatest.Value {
	h.count++
	if now := time.Now().Truncate(time.Microsecond); now.After(h.last) {
		h.last = now
	} else {
		h.last = h.last.Add(time.Microsecond) // the past has it already
	}
	in[fact{tag, plant.At(h.last)}] = plant.Int(h.count)
	return opcuatest.Value{V: h.count, Source: h.last}
}

// restart starts another server in the place of the present one. It knows no
// nodes yet.
func (h *truth) restart(o opcuatest.Options) {
	h.t.Helper()
	o.Listen = h.server.Addr()
	h.server.Close()
	h.server = opcuatest.Start(h.t, o)
}

// appear makes the nodes of tags, each with a value that must come.
func (h *truth) appear(tags []*plant.Tag) {
	for _, tag := range tags {
		h.server.AddValue("LineA.A1."+tag.Name, h.next(tag, h.told))
	}
}

// tellSlowly tells n values of each tag over time, and does at each of them
// what do says.
func (h *truth) tellSlowly(n int, do func(i int)) {
	h.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for i := range n {
		<-tick.C
		h.tell(1)
		do(i)
	}
}

// begin supervises the source and waits for the first values.
func (h *truth) begin() {
	h.t.Helper()
	h.super = h.supervise()
	h.compare()
}

func (h *truth) up() bool { return h.super.Health()[0].Up }

// compare waits until everything has come that must, and wants nothing else: no
// value that was not told, none under another time, none that is not good. A
// value may come twice, because what was not acknowledged is sent again.
func (h *truth) compare() {
	h.t.Helper()
	began := time.Now()
	seen, next := map[fact]bool{}, 0
	h.wait("everything that was told", func() bool {
		samples := h.sink.Samples()
		for _, s := range samples[next:] {
			seen[fact{s.Tag, s.Time}] = true
		}
		next = len(samples)
		for f := range h.told {
			if !seen[f] {
				return false
			}
		}
		return true
	})
	for _, s := range h.sink.Samples() {
		f := fact{s.Tag, s.Time}
		want, ok := h.told[f]
		if !ok {
			want, ok = h.may[f]
		}
		if s.Status == plant.Status(ua.StatusBadNodeIDUnknown) && s.Value == (plant.Value{}) {
			continue // that there is no such node is no value
		}
		if !ok || s.Value != want || s.Status != plant.Good {
			h.t.Fatalf("%s: got %s (%s) at %s, which was not told", s.Tag.Name, s.Value, s.Status, s.Time)
		}
	}
	h.t.Logf("%d values told, all came; the last %v after it was asked for", len(h.told), time.Since(began).Round(time.Millisecond))
}

// kept wants that the server's queues were never lost.
func (h *truth) kept() {
	h.t.Helper()
	if lost, overflow := h.event("lost"), h.event("overflow"); lost != 0 || overflow != 0 {
		h.t.Errorf("got %v lost notifications and %v overflows, want none", lost, overflow)
	}
	if got := h.server.Counts(); got.Subscriptions != 1 || got.MonitoredItems != len(h.tags) {
		h.t.Errorf("left at the server: %d subscriptions with %d items, want 1 with %d", got.Subscriptions, got.MonitoredItems, len(h.tags))
	}
}
