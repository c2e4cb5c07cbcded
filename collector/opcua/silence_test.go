package opcua_test

import (
	"strings"
	"testing"
	"time"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// Nodes that are missing are asked for all the time, and the server says that it
// has none: that is no sign of values.
func TestAServerThatOnlyRefusesNodesIsSilent(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.config.KeepAlive = 300 * time.Millisecond
	tag := r.add("Total", plant.KindInt, int64(1))
	r.addTag("Missing", plant.KindInt, "ns=2;s=LineA.A1.Missing")
	x := r.run()
	r.sink.WaitValue(t, tag, plant.Int(1))
	r.server.Mute(true)
	if err := x.fails().Error(); !strings.Contains(err, "no publish response") {
		t.Errorf("Run: got error %q, want that there is no publish response", err)
	}
}
