package interop_test

import (
	"fmt"
	"strings"
	"testing"

	"andon/collector/collectortest"
	"andon/collector/opcua"
	"andon/plant"
)

// heard writes what came of the tank's level alarm and of refreshes.
func heard(s *collectortest.Sink) string {
	var out []string
	for _, b := range s.Batches() {
		for _, x := range b.Events {
			switch {
			case x.Kind == plant.EventRefreshStart:
				out = append(out, "start")
			case x.Kind == plant.EventRefreshEnd:
				out = append(out, "end")
			case x.Name != "LevelAlarm":
				out = append(out, fmt.Sprintf("%+v", x))
			case x.Holds():
				out = append(out, "alarm")
			default:
				out = append(out, "over")
			}
		}
	}
	return strings.Join(out, ", ")
}

func (r *rig) hears(want string) {
	r.t.Helper()
	r.wait("events "+want, func() bool { return heard(r.sink) == want })
}

func (s *server) level(v float64) {
	s.t.Helper()
	s.do(command{"op": "set", "node": "Level", "value": v})
}

// The alarm of a tank's level comes with what it is about, once for each
// change, and again after the connection was lost.
func TestAlarmsOfAServerOfAnotherMaker(t *testing.T) {
	s := startServer(t)
	s.level(50)
	r := newRig(t, s)
	r.config.Events = &opcua.Events{}
	level := r.tag("Level", plant.KindFloat)
	r.start()
	r.last(level)
	r.hears("start, end")
	s.level(99)
	r.wait("the alarm", func() bool { return strings.HasSuffix(heard(r.sink), "alarm") })
	var x plant.Event
	for _, b := range r.sink.Batches() {
		for _, e := range b.Events {
			x = e
		}
	}
	if x.Condition == "" || x.NodeName != "Tank" || x.Node != "nsu=urn:northfield:interop;s=Tank" || x.ID == "" || x.Severity == 0 || !x.Active || x.Message == "" {
		t.Errorf("event of the alarm: got %+v", x)
	}
	r.sink.Reset()
	s.do(command{"op": "cut"})
	r.wait("a refresh after the cut", func() bool { return strings.HasSuffix(heard(r.sink), "start, alarm, end") })
	r.sink.Reset()
	s.level(50)
	r.wait("its end", func() bool { return strings.HasSuffix(heard(r.sink), "over") })
}

// The server leaves out what is less severe than asked for, or andon does, and
// never the end of an alarm.
func TestSeverityIsLimitedAtAServerOfAnotherMaker(t *testing.T) {
	s := startServer(t)
	s.level(50)
	mild, severe := newRig(t, s), newRig(t, s)
	mild.config.Events, severe.config.Events = &opcua.Events{MinSeverity: 100}, &opcua.Events{MinSeverity: 500}
	for _, r := range []*rig{mild, severe} {
		r.start()
		r.hears("start, end")
		if trouble := r.super.Health()[0].Troubles; len(trouble) > 0 {
			t.Errorf("got trouble %v", trouble)
		}
	}
	for range 3 {
		s.level(99) // of severity 150
		s.level(50)
	}
	mild.wait("the last end", func() bool { return strings.HasSuffix(heard(mild.sink), "alarm, over") })
	if got := heard(severe.sink); strings.Contains(got, "alarm") {
		t.Errorf("less severe alarms: got %s, want none", got)
	}
}

// The tank's alarm is an ExclusiveLimitAlarmType, which is a LimitAlarmType.
func TestSubtypesOfAnEventTypeComeFromAServerOfAnotherMaker(t *testing.T) {
	s := startServer(t)
	s.level(50)
	limits, others := newRig(t, s), newRig(t, s)
	limits.config.Events, others.config.Events = &opcua.Events{Types: []string{"i=2955"}}, &opcua.Events{Types: []string{"i=10637"}} // OffNormalAlarmType
	for _, r := range []*rig{limits, others} {
		r.start()
		r.hears("start, end")
	}
	s.level(99)
	s.level(50)
	limits.wait("the end of the alarm", func() bool { return strings.HasSuffix(heard(limits.sink), "alarm, over") })
	if got := heard(others.sink); strings.Contains(got, "alarm") {
		t.Errorf("alarms of another type: got %s, want none", got)
	}
}
