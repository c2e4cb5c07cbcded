package opcua_test

import (
	"slices"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/collectortest"
	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// stamped is a total with tags of both its time stamps.
func stamped(r *rig) (total, source, server, nanos *plant.Tag) {
	r.t.Helper()
	total = r.add("Total", plant.KindInt, int64(0))
	source = r.addTag("TotalSource", plant.KindNone, "timestamp=source;ns=2;s=LineA.A1.Total")
	server = r.addTag("TotalServer", plant.KindText, "timestamp=server;ns=2;s=LineA.A1.Total")
	nanos = r.addTag("TotalNanos", plant.KindInt, "timestamp=server;ns=2;s=LineA.A1.Total")
	return total, source, server, nanos
}

func TestBothTimeStampsOfAValueAreKept(t *testing.T) {
	t.Parallel()
	for name, polled := range map[string]bool{"subscribed": false, "polled": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, opcuatest.Options{})
			total, source, server, nanos := stamped(r)
			if polled {
				r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/*", Interval: 100 * time.Millisecond}}
			}
			r.start()
			r.sink.WaitValue(t, total, plant.Int(0))
			made := time.Now().UTC().Add(-time.Minute).Truncate(100 * time.Nanosecond) // the resolution of OPC UA
			seen := made.Add(1500 * time.Millisecond)
			r.setValue(total, opcuatest.Value{V: int64(7), Status: ua.StatusUncertainLastUsableValue, Source: made, Server: seen})
			r.sink.WaitValue(t, total, plant.Int(7))
			r.sink.WaitValue(t, source, plant.Text(made.Format(time.RFC3339Nano)))
			r.sink.WaitValue(t, server, plant.Text(seen.Format(time.RFC3339Nano)))
			r.sink.WaitValue(t, nanos, plant.Int(seen.UnixNano()))
			for _, tag := range r.tags {
				list := r.samples(tag)
				if s := list[len(list)-1]; s.Time != plant.At(made) || s.Status != plant.Status(ua.StatusUncertainLastUsableValue) {
					t.Errorf("%s: got time %s and status %v, want those of the value", tag.Name, s.Time, s.Status)
				}
			}
			if got, want := r.server.Counts().MonitoredItems, 1; !polled && got != want {
				t.Errorf("monitored items: got %d, want %d for all tags of one node", got, want)
			}
			if got := r.status.Health("").Troubles; len(got) != 0 {
				t.Errorf("troubles: got %v, want none", got)
			}
		})
	}
}

// A time stamp that the server does not tell is not that of receipt.
func TestATimeStampThatIsNotToldHasNoValue(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	total, source, server, _ := stamped(r)
	r.start()
	r.sink.WaitValue(t, total, plant.Int(0))
	r.setValue(total, opcuatest.Value{V: int64(7), NoSource: true})
	r.sink.WaitValue(t, total, plant.Int(7))
	r.setValue(total, opcuatest.Value{V: int64(8), NoServer: true})
	r.sink.WaitValue(t, total, plant.Int(8))
	for _, c := range []struct {
		tag  *plant.Tag
		none []bool // of the three values
	}{{source, []bool{false, true, false}}, {server, []bool{false, false, true}}} {
		var got []bool
		for _, s := range r.samples(c.tag) {
			none := s.Value.Kind() == plant.KindNone
			if got = append(got, none); none && s.Status != plant.Status(ua.StatusBadNoData) {
				t.Errorf("%s: got no value with status %v, want BadNoData", c.tag.Name, s.Status)
			}
		}
		if !slices.Equal(got, c.none) {
			t.Errorf("%s without a value: got %v, want %v", c.tag.Name, got, c.none)
		}
	}
}

// A deadband is that of the values: time stamps alone are no news.
func TestTimeStampsComeWithTheValuesThatADeadbandLeaves(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.config.Deadband.Absolute = 5
	total, _, server, _ := stamped(r)
	r.start()
	r.sink.WaitValue(t, total, plant.Int(0))
	for _, v := range []int64{3, 4, 10} {
		r.set(total, v, 0)
	}
	r.sink.WaitValue(t, total, plant.Int(10))
	if values, stamps := r.samples(total), r.samples(server); len(values) != 2 || len(stamps) != 2 {
		t.Errorf("got %d values and %d time stamps, want 2 of each", len(values), len(stamps))
	}
	if got := r.server.Counts().MonitoredItems; got != 1 {
		t.Errorf("monitored items: got %d, want 1", got)
	}
}

func TestTheServersTimeStampsOfThePastComeFromItsHistory(t *testing.T) {
	t.Parallel()
	r := historian(t, opcuatest.Options{})
	total, _, _, nanos := stamped(r)
	r.server.Historize("LineA.A1.Total")
	x := r.start()
	r.sink.WaitValue(t, total, plant.Int(0))
	r.waitContact()
	x.stop()
	var want []int64
	for i := range int64(3) {
		at := time.Now().UTC().Truncate(100 * time.Nanosecond)
		r.setValue(total, opcuatest.Value{V: i + 1, Server: at.Add(time.Second)})
		want = append(want, at.Add(time.Second).UnixNano())
	}
	r.start()
	r.sink.Wait(t, "two values of the past", func(*collectortest.Sink) bool { return len(r.past(nanos)) == 2 })
	if got := r.past(nanos); !slices.Equal(got, want[:2]) { // the last one came by itself
		t.Errorf("got %v, want %v", got, want[:2])
	}
}
