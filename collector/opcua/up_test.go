package opcua_test

import (
	"strings"
	"testing"
	"time"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

func TestASourceIsUpOnlyOnceTheServerPublishes(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.config.KeepAlive = 300 * time.Millisecond
	r.add("Total", plant.KindInt, int64(1))
	r.server.Mute(true)
	x := r.run()
	r.wait("an item", func() bool { return r.server.Counts().MonitoredItems == 1 })
	if err := x.fails().Error(); !strings.Contains(err, "no publish response") {
		t.Errorf("Run: got error %q, want that there is no publish response", err)
	}
	if x.status.Health("").Up {
		t.Error("the source was up before anything was published")
	}
	r.server.Mute(false)
	r.start()
}

func TestASourceWhoseTagsDoNotExistIsUpByKeepAlives(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.addTag("Missing", plant.KindInt, "ns=2;s=LineA.A1.Missing")
	r.start()
}

func TestASourceWhoseTagsAreAllPolledIsUpOnceTheServerAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.add("Total", plant.KindInt, int64(1))
	r.config.Polled = []opcua.Poll{{Tags: "**", Interval: time.Hour}}
	r.server.Mute(true)
	r.start()
}

// Nobody waits a minute to see that a source works whose server publishes once
// in a minute.
func TestASourceThatIsPublishedSeldomIsUpOnceTheServerAnswers(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.add("Total", plant.KindInt, int64(1))
	r.config.Groups = []opcua.Group{{Tags: "**", PublishingInterval: time.Minute}}
	r.start()
}
