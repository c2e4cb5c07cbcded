package interop_test

import (
	"fmt"
	"testing"
	"time"

	"andon/collector/opcua"
	"andon/plant"
)

// What a server that nobody disturbs tells, over one server for all, because
// starting one takes seconds.
func TestAServerOfAnotherMakerIsUnderstood(t *testing.T) {
	s := startServer(t)
	for _, c := range []struct {
		name string
		test func(*testing.T, *server)
	}{
		{"values of every type come as they are", everyType},
		{"every change comes once", everyChange},
		{"a status comes with its value", statuses},
		{"parts of arrays and structures are read, and the names of enumerations", parts},
		{"a unit that is not that of the server is told", units},
		{"alarms of the server come and go", alarms},
		{"tags are polled", polled},
		{"its variables are found with their types and units", browsing},
		{"a probe tells its security, limits and clock", probing},
		{"a thousand items are read in calls that the server bears", nothingBeyondLimits},
		{"users log in with their password", passwords},
		{"users log in with their certificate", userCertificates},
		{"a server that is not trusted is refused", untrusted},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, s) })
	}
}

func everyType(t *testing.T, s *server) {
	want := map[string]plant.Value{
		"Boolean":       plant.Bool(true),
		"SByte":         plant.Int(-7),
		"Byte":          plant.Uint(200),
		"Int16":         plant.Int(-1234),
		"UInt16":        plant.Uint(43210),
		"Int32":         plant.Int(-70000),
		"UInt32":        plant.Uint(4000000000),
		"Int64":         plant.Int(-1099511627776),
		"UInt64":        plant.Uint(1099511627776),
		"Float":         plant.Float(0.5),
		"Double":        plant.Float(12.75),
		"String":        plant.Text("Füllstand"),
		"DateTime":      plant.Text("2026-03-02T05:59:58.25Z"),
		"ByteString":    plant.Text("ff00a1"),
		"LocalizedText": plant.Text("läuft"),
		"DriveState":    plant.Int(1),
	}
	r := newRig(t, s)
	tags := map[string]*plant.Tag{}
	for name := range want {
		tags[name] = r.tag(name, plant.KindNone)
	}
	r.start()
	for name, v := range want {
		if got := r.last(tags[name]); got.Value != v || got.Status != plant.Good {
			t.Errorf("%s: got %s (%s), want %s (good)", name, got.Value, got.Status, v)
		}
	}
	if troubles := r.super.Health()[0].Troubles; len(troubles) > 0 {
		t.Errorf("troubles: got %v, want none", troubles)
	}
}

func everyChange(t *testing.T, s *server) {
	r := newRig(t, s)
	total := r.tag("Total", plant.KindInt)
	told := s.do(command{"op": "told", "node": "Total"}).Told
	r.start()
	r.last(total)
	told = append(told, s.do(command{"op": "count", "node": "Total", "from": 1, "to": 3000, "every": 1}).Told...)
	r.compare(total, told)
	if got := r.event("lost") + r.event("overflow"); got != 0 {
		t.Errorf("lost or overflowed: got %v, want none", got)
	}
}

func statuses(t *testing.T, s *server) {
	r := newRig(t, s)
	speed := r.tag("Double", plant.KindFloat)
	r.start()
	r.last(speed)
	for _, c := range []struct {
		name string
		want plant.Status
	}{{"BadSensorFailure", plant.BadSensorFailure}, {"UncertainLastUsableValue", plant.UncertainLastUsableValue}, {"Good", plant.Good}} {
		s.do(command{"op": "set", "node": "Double", "value": 12.75, "status": c.name})
		r.wait(c.name, func() bool { return r.last(speed).Status == c.want })
	}
	if got := r.last(speed).Value; got != plant.Float(12.75) {
		t.Errorf("value: got %s, want 12.75", got)
	}
}

func polled(t *testing.T, s *server) {
	r := newRig(t, s)
	level := r.tag("Level", plant.KindFloat)
	r.config.Polled = []opcua.Poll{{Tags: level.Path, Interval: 100 * time.Millisecond}}
	r.start()
	for _, v := range []float64{41.5, 42.5} {
		s.set("Level", v)
		r.wait("the level", func() bool { return r.last(level).Value == plant.Float(v) })
	}
}

// The server reads and monitors 1,000 nodes in one call, and refuses more.
func nothingBeyondLimits(t *testing.T, s *server) {
	const cells = 2500
	r := newRig(t, s)
	r.config.MaxItemsPerCall = 2 * cells // the server's own limits count
	r.config.Polled = []opcua.Poll{{Tags: "northfield/packing/lineA/A1/polled*", Interval: 500 * time.Millisecond}}
	s.do(command{"op": "extend", "count": cells})
	for i := range cells {
		for _, how := range []string{"cell", "polled"} {
			r.tagAt(fmt.Sprintf("%s%d", how, i), plant.KindUint, fmt.Sprintf("nsu=urn:northfield:interop;s=Cell%d", i))
		}
	}
	r.start()
	values := map[*plant.Tag]plant.Value{}
	r.wait("a sample of each of 5000 tags", func() bool {
		for _, s := range r.sink.Samples() {
			values[s.Tag] = s.Value
		}
		return len(values) == len(r.tags)
	})
	for i, tag := range r.tags {
		if want := plant.Uint(uint64(i / 2)); values[tag] != want {
			t.Fatalf("%s: got %s, want %s", tag.Name, values[tag], want)
		}
	}
	if got := s.do(command{"op": "counts"}).Items; got != cells {
		t.Errorf("monitored items at the server: got %d, want %d", got, cells)
	}
	if sessions, faults := r.event("session"), r.sum("andon_opcua_faults_total"); sessions != 1 || faults != 0 {
		t.Errorf("got %v sessions and %v faults, want 1 and none", sessions, faults)
	}
}
