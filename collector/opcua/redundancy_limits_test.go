package opcua_test

import (
	"fmt"
	"testing"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// Two servers of one line may be of two makes.
func TestWhatOneServerBearsSaysNothingOfAnother(t *testing.T) {
	t.Parallel()
	w := newTwin(t)
	weak := opcuatest.Limits{MonitoredItems: 10, Read: 10}
	w.second.Close()
	w.second = opcuatest.Start(t, opcuatest.Options{Limits: weak, Reported: opcuatest.Limits{MonitoredItems: 1000, Read: 1000}})
	w.config.Endpoints = []string{w.second.URL(), w.server.URL()}
	w.second.Add("LineA.A1.Total", int64(0))
	for i := range 50 {
		name := fmt.Sprintf("Zone%d", i)
		w.add(name, plant.KindInt, int64(0))
		w.second.Add("LineA.A1."+name, int64(0))
	}
	status := w.supervised()
	w.waitVia(status, w.second)
	w.waitAll(w.tags)
	if got := w.second.Counts(); got.MonitoredItems != len(w.tags) {
		t.Fatalf("items at the first server: got %d, want %d", got.MonitoredItems, len(w.tags))
	}
	w.second.Close()
	w.waitVia(status, w.server)
	w.wait("the items at the other server", func() bool { return w.server.Counts().MonitoredItems == len(w.tags) })
	if got := w.server.Counts().LargestCreate; got != len(w.tags) {
		t.Errorf("largest call at a server that bears more: got %d items, want all %d", got, len(w.tags))
	}
	if got := w.gauges("andon_opcua_items_per_call")["monitor"]; got != 1000 {
		t.Errorf("limit that is shown: got %v, want the 1000 of the server in use", got)
	}
}
