package opcua_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// gauges returns the values of a family, by its labels other than the source.
func (r *rig) gauges(family string) map[string]float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	list := map[string]float64{}
	for _, f := range families {
		if f.GetName() != family {
			continue
		}
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				if l.GetName() != "source" && l.GetValue() != "" {
					labels = append(labels, l.GetValue())
				}
			}
			if v := m.GetGauge().GetValue() + m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount()); v != 0 {
				list[strings.Join(labels, " ")] = v
			}
		}
	}
	return list
}

func TestItemsAreCountedOverAllSubscriptions(t *testing.T) {
	t.Parallel()
	r, fast, slow := twoGroups(t, opcuatest.Options{})
	r.addTag("Missing", plant.KindInt, "ns=2;s=LineA.A1.Missing")
	r.addTag("Elsewhere", plant.KindInt, "nsu=urn:northfield:press;s=Temp")
	r.start()
	r.countBoth(fast, slow, 1, 10)
	want := map[string]float64{"ok": 2, "unknown_node trouble": 1, "namespace trouble": 1}
	if got := r.gauges("andon_opcua_items"); !maps.Equal(got, want) {
		t.Errorf("items: got %v, want %v", got, want)
	}
	if got := r.gauges("andon_opcua_publish_seconds")[""]; got == 0 {
		t.Error("no notification was timed")
	}
}

// A plant has more nodes than a database of metrics can bear series.
func TestNoMetricHasALabelForEachNode(t *testing.T) {
	t.Parallel()
	r, fast, slow := twoGroups(t, opcuatest.Options{})
	r.addTag("Missing", plant.KindInt, "ns=2;s=LineA.A1.Missing")
	r.config.Polled = pollEvery(r.add("Polled", plant.KindFloat, 0.5), 100*time.Millisecond)
	r.start()
	r.countBoth(fast, slow, 1, 10)
	families, err := r.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if slices.ContainsFunc(r.tags, func(tag *plant.Tag) bool { return strings.Contains(l.GetValue(), tag.Name) }) || strings.Contains(l.GetValue(), "ns=") {
					t.Errorf("%s: label %s is %q, which is of one node", f.GetName(), l.GetName(), l.GetValue())
				}
			}
		}
	}
}

func TestReconnectsAreCountedByTheirCause(t *testing.T) {
	t.Parallel()
	r, fast, slow := twoGroups(t, opcuatest.Options{})
	s := r.supervise()
	r.wait("up", func() bool { return s.Health()[0].Up })
	r.server.Cut()
	r.wait("a cut", func() bool { return r.gauges("andon_opcua_reconnects_total")["connection"] > 0 })
	r.wait("up again", func() bool { return s.Health()[0].Up })
	r.countBoth(fast, slow, 1, 10)
	r.server.DropSessions()
	r.wait("the end of the session", func() bool { return r.gauges("andon_opcua_reconnects_total")["session"] > 0 })
	r.wait("up again", func() bool { return s.Health()[0].Up })
	r.countBoth(fast, slow, 11, 20)
	if got := r.server.Counts().SessionsActive; got != 1 {
		t.Errorf("sessions at the server: got %d, want 1", got)
	}
}

func TestPolledItemsAreCountedWithTheSubscribedOnes(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.add("State", plant.KindInt, int64(6))
	good := r.add("Polled1", plant.KindInt, int64(1))
	r.addTag("Polled2", plant.KindInt, "ns=2;s=LineA.A1.Polled2")
	r.addTag("Polled3", plant.KindInt, "ns=2;s=LineA.A1.Polled3")
	denied := r.add("Polled4", plant.KindInt, int64(1))
	r.server.Deny("LineA.A1."+denied.Name, ua.StatusBadUserAccessDenied)
	r.addTag("Polled5", plant.KindInt, "nsu=urn:northfield:press;s=Temp")
	r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/Polled*", Interval: 100 * time.Millisecond}}
	r.start()
	r.sink.WaitValue(t, good, plant.Int(1))
	shows := func(want map[string]float64) func() bool {
		return func() bool { return maps.Equal(r.gauges("andon_opcua_items"), want) }
	}
	r.wait("all states", shows(map[string]float64{"ok": 2, "unknown_node trouble": 2, "denied trouble": 1, "namespace trouble": 1}))
	r.server.Add("LineA.A1.Polled2", int64(1))
	r.wait("the one that is there", shows(map[string]float64{"ok": 3, "unknown_node trouble": 1, "denied trouble": 1, "namespace trouble": 1}))
}
