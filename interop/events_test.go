package interop_test

import (
	"strings"
	"testing"

	"andon/collector/opcua"
	"andon/plant"
)

// events returns what came of the alarm of the tank, oldest first.
func (r *rig) events() []plant.Event {
	var list []plant.Event
	for _, b := range r.sink.Batches() {
		for _, e := range b.Events {
			if e.Kind == plant.EventCondition && e.Name == "LevelAlarm" {
				list = append(list, e)
			}
		}
	}
	return list
}

// waitAlarm waits until the newest event of the tank says that the alarm holds,
// or not.
func (r *rig) waitAlarm(what string, holds bool) plant.Event {
	r.t.Helper()
	r.wait(what, func() bool {
		list := r.events()
		return len(list) > 0 && list[len(list)-1].Active == holds
	})
	list := r.events()
	return list[len(list)-1]
}

// alarms has the level of the tank rise above its limit and fall again, and
// once more while andon is away: it hears of that by asking again.
func alarms(t *testing.T, s *server) {
	s.set("Level", 50)
	r := newRig(t, s)
	r.config.Events = &opcua.Events{}
	r.tag("Level", plant.KindFloat)
	stop := r.start()
	r.wait("a session", r.up)
	s.set("Level", 97)
	e := r.waitAlarm("the alarm", true)
	if !e.Holds() || e.Source != "packing" || e.Severity == 0 || !strings.Contains(e.Condition, "urn:northfield:interop") || e.NodeName != "Tank" {
		t.Errorf("alarm: got %+v, want one of the tank that holds", e)
	}
	s.set("Level", 50)
	r.waitAlarm("the end of the alarm", false)
	s.set("Level", 2)
	r.waitAlarm("the next alarm", true)
	stop()
	r.sink.Reset()
	r.start()
	r.waitAlarm("the alarm that still holds", true)
	s.set("Level", 50)
	r.waitAlarm("its end", false)
}
