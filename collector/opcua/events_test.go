package opcua_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/collectortest"
	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// newEventRig is a rig whose source reads the server's alarms and one tag.
func newEventRig(t *testing.T) (*rig, *plant.Tag) {
	t.Helper()
	r := newRig(t, opcuatest.Options{})
	r.config.Events = &opcua.Events{}
	return r, r.add("speed", plant.KindInt, int32(7))
}

// alarm is a state of an alarm of A1, given by its name.
func alarm(name string, severity uint16, active bool) opcuatest.Condition {
	return opcuatest.Condition{ID: "LineA.A1." + name, Name: name, Source: "A1", Message: name + " on A1", Severity: severity, Active: active, Acked: !active}
}

// heard writes events as "start", "end", "Hot 700" or "Hot over".
func heard(s *collectortest.Sink) string {
	var out []string
	for _, b := range s.Batches() {
		for _, x := range b.Events {
			switch {
			case x.Kind == plant.EventRefreshStart:
				out = append(out, "start")
			case x.Kind == plant.EventRefreshEnd:
				out = append(out, "end")
			case x.Holds():
				out = append(out, fmt.Sprintf("%s %d", x.Name, x.Severity))
			default:
				out = append(out, x.Name+" over")
			}
		}
	}
	return strings.Join(out, ", ")
}

// hears waits until the sink has those events, and no others before them.
func (r *rig) hears(want string) {
	r.t.Helper()
	r.sink.Wait(r.t, "events "+want, func(s *collectortest.Sink) bool { return heard(s) == want })
}

// acknowledged waits until the server may forget all that it sent: else it
// sends it again after a transfer.
func (r *rig) acknowledged() {
	r.t.Helper()
	r.wait("all acknowledged", func() bool { return r.server.Unacknowledged() == 0 })
}

// events returns all events taken so far.
func (r *rig) events() (all []plant.Event) {
	for _, b := range r.sink.Batches() {
		all = append(all, b.Events...)
	}
	return all
}

func TestServersAlarmsComeInTheirOrder(t *testing.T) {
	r, _ := newEventRig(t)
	r.server.Raise(alarm("Door", 300, true), alarm("Air", 300, false))
	r.start()
	r.hears("start, Door 300, end")
	r.server.Raise(alarm("Hot", 700, true), alarm("Door", 300, false), alarm("Hot", 900, true))
	r.server.Raise(alarm("Hot", 900, false))
	r.hears("start, Door 300, end, Hot 700, Door over, Hot 900, Hot over")
	all := r.events()
	if last := all[len(all)-1]; last.Source != "packing" || last.Condition != "nsu=urn:northfield:plant;s=LineA.A1.Hot" || last.Node != "nsu=urn:northfield:plant;s=A1" ||
		last.NodeName != "A1" || last.Message != "Hot on A1" || last.Type != "i=2915" || last.ID == "" || time.Since(last.Time.Time()) > time.Minute {
		t.Errorf("event: got %+v", last)
	}
}

func TestEventsAreAcknowledgedOnceTheBusHasThem(t *testing.T) {
	r, _ := newEventRig(t)
	r.start()
	r.hears("start, end")
	r.acknowledged()
	r.sink.Block()
	r.server.Raise(alarm("Hot", 700, true))
	r.wait("a put that waits, with its notification kept", func() bool { return r.sink.Waiting() > 0 && r.server.Unacknowledged() == 1 })
	r.sink.Unblock()
	r.hears("start, end, Hot 700")
	r.acknowledged()
}

func TestAfterACutTheServerTellsWhatHappenedAndWhatHolds(t *testing.T) {
	r, _ := newEventRig(t)
	r.server.Raise(alarm("Door", 300, true))
	x := r.start()
	r.hears("start, Door 300, end")
	r.acknowledged()
	r.server.Cut()
	x.fails()
	r.server.Raise(alarm("Hot", 700, true), alarm("Hot", 700, false), alarm("Door", 300, false), alarm("Air", 400, true))
	r.sink.Reset()
	r.start()
	// What was queued comes late but comes, then what holds.
	r.hears("Hot 700, Hot over, Door over, Air 400, start, Air 400, end")
}

func TestServerThatStartedAnewNamesOnlyWhatHolds(t *testing.T) {
	r, _ := newEventRig(t)
	r.server.Raise(alarm("Door", 300, true), alarm("Air", 400, true))
	x := r.start()
	r.hears("start, Door 300, Air 400, end")
	r.server.Forget("LineA.A1.Door")
	r.server.DropSessions()
	r.server.Cut()
	x.fails()
	r.sink.Reset()
	r.start()
	r.hears("start, Air 400, end")
}

func TestRefreshIsAskedForWhenTheServerWantsItOrLostEvents(t *testing.T) {
	r, _ := newEventRig(t)
	r.config.Events.QueueSize = 5
	r.server.Raise(alarm("Door", 300, true))
	r.start()
	r.hears("start, Door 300, end")
	r.server.Notify(id.RefreshRequiredEventType)
	r.hears("start, Door 300, end, start, Door 300, end")
	r.sink.Reset()
	var list []opcuatest.Condition
	for range 10 {
		list = append(list, alarm("Hot", 700, true), alarm("Hot", 700, false))
	}
	r.server.Raise(list...)
	r.wait("the overflow", func() bool { return r.event("event_overflow") == 1 })
	r.sink.Wait(t, "a refresh", func(s *collectortest.Sink) bool { return strings.HasSuffix(heard(s), "start, Door 300, end") })
}

func TestEndOfARefreshThatLostSomethingIsNotTold(t *testing.T) {
	r, _ := newEventRig(t)
	r.config.Events.QueueSize = 4
	for i := range 8 {
		r.server.Raise(alarm(fmt.Sprintf("C%d", i), 500, true))
	}
	r.start()
	r.wait("refreshes that do not fit", func() bool { return r.event("event_overflow") >= 2 })
	if got := heard(r.sink); strings.Contains(got, "end") {
		t.Errorf("got %s, want no end", got)
	}
	r.server.Forget("LineA.A1.C0", "LineA.A1.C1", "LineA.A1.C2", "LineA.A1.C3", "LineA.A1.C4", "LineA.A1.C5")
	r.sink.Wait(t, "one that fits", func(s *collectortest.Sink) bool { return strings.HasSuffix(heard(s), "start, C6 500, C7 500, end") })
}

func TestNewerStateWithinARefreshKeepsItsPlace(t *testing.T) {
	r, _ := newEventRig(t)
	r.server.Raise(alarm("Door", 300, true))
	r.server.DuringRefresh(alarm("Door", 300, false))
	r.start()
	r.hears("start, Door over, Door 300, end") // which is older, the rules see
	events := r.events()
	if i := slices.IndexFunc(events, func(x plant.Event) bool { return x.Holds() }); i >= 0 && events[i].Time >= events[i-1].Time {
		t.Errorf("times of the states: got %v, then %v; want the second older", events[i-1].Time, events[i].Time)
	}
}

func TestMalformedEventConcernsItAlone(t *testing.T) {
	r, speed := newEventRig(t)
	r.start()
	r.hears("start, end")
	bad := alarm("Bad", 700, true)
	bad.Spoil = func(f map[string]any) { f[""] = "not a node id" }
	odd := alarm("Odd", 700, true)
	odd.Spoil = func(f map[string]any) { f["Severity"], f["Message"] = "severe", []string{"a", "b"} }
	branch := alarm("Old", 700, true)
	branch.Branch = "LineA.A1.Old.1"
	plain := alarm("Plain", 200, true)
	plain.Plain = true
	r.server.Raise(bad, odd, branch, plain, alarm("Hot", 700, true))
	r.set(speed, int32(8), ua.StatusOK)
	r.hears("start, end, Odd 0, Plain 200, Hot 700")
	r.sink.WaitValue(t, speed, plant.Int(8))
	if n := r.event("event_malformed"); n != 1 {
		t.Errorf("malformed events: got %v, want 1", n)
	}
}

func TestMinSeverityIsTheServersMatterOrOurs(t *testing.T) {
	for _, refuses := range []bool{false, true} {
		r, _ := newEventRig(t)
		r.config.Events.MinSeverity = 600 // that of a refresh is 500
		if refuses {
			r.server.RefuseFilters(func(f *ua.EventFilter) ua.StatusCode {
				if len(f.WhereClause.Elements) > 0 {
					return ua.StatusBadFilterOperatorUnsupported
				}
				return ua.StatusOK
			})
		}
		r.start()
		r.wait("the first refresh", func() bool { return strings.HasSuffix(heard(r.sink), "end") })
		r.sink.Reset()
		r.server.Raise(alarm("Note", 400, true), alarm("Hot", 600, true), alarm("Hot", 100, false), alarm("Last", 700, true))
		want := "Hot 600, Hot over, Last 700"
		if refuses {
			want = "Note over, " + want
		}
		r.hears(want)
	}
}

func TestOfTheTypesThatAreWantedTheServerTellsAndOfNoOthers(t *testing.T) {
	for name, wanted := range map[string]string{"the type itself": "i=2915", "a subtype": "i=2881"} { // AlarmConditionType, AcknowledgeableConditionType
		t.Run(name, func(t *testing.T) {
			r, _ := newEventRig(t)
			r.config.Events.Types = []string{wanted}
			r.start()
			r.wait("the first refresh", func() bool { return strings.HasSuffix(heard(r.sink), "end") })
			r.sink.Reset()
			note := alarm("Note", 700, true)
			note.Plain = true // of a supertype of both
			r.server.Raise(note, alarm("Hot", 600, true))
			r.hears("Hot 600")
		})
	}
}
