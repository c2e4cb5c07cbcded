package opcua_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// addMany makes n tags, the first at value 0, and returns them.
func (r *rig) addMany(n int) []*plant.Tag {
	tags := make([]*plant.Tag, n)
	for i := range tags {
		tags[i] = r.add(fmt.Sprintf("Zone%d.Temp", i), plant.KindFloat, float64(i))
	}
	return tags
}

// waitAll waits until every tag has a sample.
func (r *rig) waitAll(tags []*plant.Tag) {
	r.t.Helper()
	r.wait(fmt.Sprintf("a sample of each of %d tags", len(tags)), func() bool {
		seen := map[*plant.Tag]bool{}
		for _, s := range r.sink.Samples() {
			seen[s.Tag] = true
		}
		return len(seen) == len(tags)
	})
}

func TestAThousandItemsPerCallAreNeverExceeded(t *testing.T) {
	for name, c := range map[string]struct {
		limits, reported opcuatest.Limits
		most             int // in the configuration
		secure           bool
		faults           int // that are fair
	}{
		"the server says so":                   {limits: opcuatest.Limits{MonitoredItems: 1000, Read: 1000}},
		"the server says so, encrypted":        {limits: opcuatest.Limits{MonitoredItems: 1000, Read: 1000}, secure: true},
		"the server says nothing":              {limits: opcuatest.Limits{MonitoredItems: 1000, Read: 1000}, reported: opcuatest.Limits{Publish: 1}},
		"the server says 1000 and bears 100":   {limits: opcuatest.Limits{MonitoredItems: 100, Read: 2}, reported: opcuatest.Limits{MonitoredItems: 1000, Read: 1000}, faults: 6},
		"the configuration says less":          {limits: opcuatest.Limits{MonitoredItems: 1000}, most: 300},
		"the server reads one value at a time": {limits: opcuatest.Limits{MonitoredItems: 1000, Read: 1}, faults: 2},
	} {
		t.Run(name, func(t *testing.T) {
			o := opcuatest.Options{Limits: c.limits, Reported: c.reported}
			r := newRig(t, o)
			if c.secure {
				r = secureRig(t, o, opcuatest.CertOptions{})
			}
			if c.most > 0 {
				r.config.MaxItemsPerCall = c.most
			}
			tags := r.addMany(2500)
			r.start()
			r.waitAll(tags)
			counts := r.server.Counts()
			if counts.MonitoredItems != 2500 || counts.SessionsCreated != 1 {
				t.Errorf("got %d monitored items in %d sessions, want 2500 in 1", counts.MonitoredItems, counts.SessionsCreated)
			}
			if counts.Faults > c.faults {
				t.Errorf("faults: got %d, want at most %d", counts.Faults, c.faults)
			}
			if c.most > 0 && counts.LargestCreate > c.most {
				t.Errorf("largest call: got %d items, want at most %d", counts.LargestCreate, c.most)
			}
		})
	}
}

func TestAnEncryptedSessionBearsTwentyThousandItems(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	r := secureRig(t, opcuatest.Options{Limits: opcuatest.Limits{MonitoredItems: 1000, Read: 1000}}, opcuatest.CertOptions{})
	r.config.KeepAlive = opcua.DefaultConfig().KeepAlive
	tags := r.addMany(20_000)
	r.start()
	r.waitAll(tags)
	if counts := r.server.Counts(); counts.Faults != 0 {
		t.Errorf("faults: got %d, want 0", counts.Faults)
	}
}

func TestNodesInTroubleDoNotStopTheOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	good := r.add("Energy.kWh", plant.KindFloat, 1.5)
	unknown := r.addTag("Gone.Temp", plant.KindFloat, "ns=2;s=LineA.A1.Gone.Temp")
	denied := r.add("Secret.Temp", plant.KindFloat, 3.5)
	r.server.Deny("LineA.A1.Secret.Temp", ua.StatusBadUserAccessDenied)
	elsewhere := r.addTag("Elsewhere", plant.KindFloat, "nsu=urn:northfield:press;s=Temp")
	r.start()
	r.sink.WaitValue(t, good, plant.Float(1.5))
	troubles := r.status.Health("").Troubles
	for tag, want := range map[*plant.Tag]string{
		unknown: "StatusBadNodeIDUnknown", denied: "StatusBadUserAccessDenied", elsewhere: "urn:northfield:press",
	} {
		if got := troubles[tag.Path]; !strings.Contains(got, want) {
			t.Errorf("trouble of %s: got %q, want %s", tag.Name, got, want)
		}
	}
	if len(troubles) != 3 {
		t.Errorf("troubles: got %v, want 3", troubles)
	}

	r.server.Add("LineA.A1.Gone.Temp", 2.5)
	r.server.Deny("LineA.A1.Secret.Temp", ua.StatusOK)
	r.sink.WaitValue(t, unknown, plant.Float(2.5))
	r.sink.WaitValue(t, denied, plant.Float(3.5))
	r.wait("only one trouble left", func() bool { return len(r.status.Health("").Troubles) == 1 })
	if got := r.server.Counts().SessionsCreated; got != 1 {
		t.Errorf("sessions: got %d, want 1", got)
	}
}

func TestANodeThatVanishesAndReturnsIsFollowed(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Energy.kWh", plant.KindFloat, 1.5)
	r.start()
	r.sink.WaitValue(t, tag, plant.Float(1.5))
	r.server.Remove("LineA.A1.Energy.kWh")
	r.wait("the sample that says so", func() bool {
		list := r.samples(tag)
		return list[len(list)-1].Status == plant.BadNodeIDUnknown
	})
	r.wait("trouble", func() bool { return r.status.Health("").Troubles[tag.Path] != "" })
	r.server.Add("LineA.A1.Energy.kWh", 7.5)
	r.sink.WaitValue(t, tag, plant.Float(7.5))
	r.wait("no trouble", func() bool { return len(r.status.Health("").Troubles) == 0 })
	if got := r.server.Counts().MonitoredItems; got != 1 {
		t.Errorf("monitored items: got %d, want 1", got)
	}
}

func TestNamespacesAreFoundByTheirURI(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	r.server.Add("LineA.A1.Energy.kWh", 1.5)
	tag := r.addTag("energy", plant.KindFloat, "nsu=urn:northfield:plant;s=LineA.A1.Energy.kWh")
	r.start()
	r.sink.WaitValue(t, tag, plant.Float(1.5))
}

func TestADeadbandThatANodeRefusesIsLeftOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.config.Deadband = opcua.Deadband{Percent: 5, Absolute: 1}
	number := r.add("Gearbox.Temp", plant.KindFloat, 50.0) // bears an absolute one only
	strict := r.add("Motor.Vib", plant.KindFloat, 2.0)     // bears none
	r.server.DenyFilter("LineA.A1.Motor.Vib", ua.StatusBadFilterNotAllowed)
	text := r.add("AlarmId", plant.KindNone, "E-310")
	r.start()
	r.waitAll(r.tags)
	r.set(number, 50.5, 0)
	r.set(strict, 2.25, 0)
	r.set(text, "E-311", 0)
	r.set(number, 52.0, 0)
	r.sink.WaitValue(t, strict, plant.Float(2.25))
	r.sink.WaitValue(t, text, plant.Text("E-311"))
	r.sink.WaitValue(t, number, plant.Float(52))
	for _, s := range r.samples(number) {
		if s.Value == plant.Float(50.5) {
			t.Error("value within the deadband: got it, want it left out")
		}
	}
	if got := r.status.Health("").Troubles; len(got) != 0 {
		t.Errorf("troubles: got %v, want none", got)
	}
}

func TestACallThatFailsAsAWholeIsTriedAgain(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Energy.kWh", plant.KindFloat, 1.5)
	refusals := make(chan struct{}, 2)
	refusals <- struct{}{}
	refusals <- struct{}{}
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if _, ok := req.(*ua.CreateMonitoredItemsRequest); ok {
			select {
			case <-refusals:
				return ua.StatusBadOutOfMemory
			default:
			}
		}
		return ua.StatusOK
	})
	r.start()
	r.sink.WaitValue(t, tag, plant.Float(1.5))
	if got := r.server.Counts(); got.SessionsCreated != 1 || got.Faults != 2 {
		t.Errorf("got %d sessions and %d faults, want 1 and 2", got.SessionsCreated, got.Faults)
	}
}
