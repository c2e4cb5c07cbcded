package opcua_test

import (
	"strings"
	"testing"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/ua"

	"andon/collector/collectortest"
	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// trouble waits until the source tells trouble with its events that has text,
// or none when that is "".
func (r *rig) trouble(text string) {
	r.t.Helper()
	r.wait("trouble with events: "+text, func() bool {
		got, has := r.status.Health("").Troubles["events"]
		return has == (text != "") && strings.Contains(got, text)
	})
}

func TestTagsFlowWhereEventsCannotBeHad(t *testing.T) {
	r, speed := newEventRig(t)
	r.config.Events.Types = []string{"nsu=urn:northfield:plant;i=1001"}
	r.server.RefuseFilters(func(*ua.EventFilter) ua.StatusCode { return ua.StatusBadFilterOperatorUnsupported })
	r.start()
	r.sink.WaitValue(t, speed, plant.Int(7))
	r.trouble("BadFilterOperatorUnsupported")
	r.server.RefuseFilters(nil)
	r.trouble("")
	r.hears("start, end")
}

func TestUnknownNotifierIsTold(t *testing.T) {
	r, speed := newEventRig(t)
	r.config.Events.Notifier = "nsu=urn:nowhere;s=Line"
	r.start()
	r.sink.WaitValue(t, speed, plant.Int(7))
	r.trouble(`namespace "urn:nowhere"`)
}

func TestServerWithoutRefreshIsTold(t *testing.T) {
	r, _ := newEventRig(t)
	r.server.RefuseRefresh(ua.StatusBadMethodInvalid)
	r.start()
	r.trouble("does not tell its conditions again")
	r.server.Raise(alarm("Hot", 700, true))
	r.hears("Hot 700")
}

func TestConditionsThatAreNotUnderstoodAreTold(t *testing.T) {
	r, _ := newEventRig(t)
	bad := alarm("Bad", 700, true)
	bad.Spoil = func(f map[string]any) { f[""] = "not a node id" }
	r.server.Raise(bad, alarm("Hot", 700, true))
	r.start()
	r.hears("start, Hot 700")
	r.trouble("not understood") // else an alarm that ended while the server was away would stay for ever, and nobody knew why
	r.server.Forget("LineA.A1.Bad")
	r.server.Notify(id.RefreshRequiredEventType)
	r.hears("start, Hot 700, start, Hot 700, end")
	r.trouble("")
}

func TestRefreshInProgressIsWaitedFor(t *testing.T) {
	r, _ := newEventRig(t)
	r.server.RefuseRefresh(ua.StatusBadRefreshInProgress)
	r.start()
	r.wait("a second try", func() bool { return r.server.Refreshes() >= 2 })
	r.server.RefuseRefresh(ua.StatusOK)
	r.hears("start, end")
}

func TestSourceMayReadEventsAlone(t *testing.T) {
	r := newRig(t, opcuatest.Options{})
	r.config.Events = &opcua.Events{}
	r.start()
	r.hears("start, end")
	r.server.Raise(alarm("Hot", 700, true))
	r.hears("start, end, Hot 700")
	r.wait("a contact", func() bool { return len(r.sink.Contacts()) > 0 })
}

func TestLostNotificationLeadsToARefresh(t *testing.T) {
	r, tag := newEventRig(t)
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(7)) // or that one could be the next to be dropped
	r.hears("start, end")
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if _, ok := req.(*ua.RepublishRequest); ok {
			return ua.StatusBadMessageNotAvailable
		}
		return ua.StatusOK
	})
	r.server.DropNext(1)
	r.server.Raise(alarm("Hot", 700, true))
	r.hears("start, end, start, Hot 700, end")
	if n := r.event("lost"); n != 1 {
		t.Errorf("lost notifications: got %v, want 1", n)
	}
}

func TestKilledProcessLeavesEventsToTheNext(t *testing.T) {
	r, _ := newEventRig(t)
	x := r.start()
	r.hears("start, end")
	r.acknowledged()
	x.stop()
	r.server.Raise(alarm("Hot", 700, true), alarm("Hot", 700, false))
	r.sink.Reset()
	r.start()
	r.hears("Hot 700, Hot over, start, end")
	if n := r.server.Counts().Transferred; n != 2 {
		t.Errorf("subscriptions taken over: got %d, want 2", n)
	}
}

func TestAnotherFilterNeedsAnotherSubscription(t *testing.T) {
	r, _ := newEventRig(t)
	x := r.start()
	r.hears("start, end")
	x.stop()
	r.config.Events.MinSeverity = 600
	r.server.Raise(alarm("Note", 500, true))
	r.sink.Reset()
	r.start()
	r.hears("start, end")
	r.server.Raise(alarm("Hot", 700, true))
	r.hears("start, end, Hot 700")
}

// A server may admit one subscription only, which then has the events, too.
func TestEventsShareASubscriptionWhereTheServerAdmitsNoMore(t *testing.T) {
	r, speed := newEventRig(t)
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if _, ok := req.(*ua.CreateSubscriptionRequest); ok && r.server.Counts().Subscriptions == 1 {
			return ua.StatusBadTooManySubscriptions
		}
		return ua.StatusOK
	})
	x := r.start()
	r.hears("start, end")
	r.server.Raise(alarm("Hot", 700, true))
	r.hears("start, end, Hot 700")
	r.set(speed, int32(8), ua.StatusOK)
	r.sink.WaitValue(t, speed, plant.Int(8))
	r.wait("a contact", func() bool { return len(r.sink.Contacts()) > 0 })
	r.acknowledged()
	x.stop()
	r.server.Raise(alarm("Hot", 700, false), alarm("Door", 300, true))
	r.sink.Reset()
	r.start()
	r.sink.Wait(t, "what holds", func(s *collectortest.Sink) bool { return strings.HasSuffix(heard(s), "start, Door 300, end") })
	if got := heard(r.sink); !strings.HasPrefix(got, "Hot over, Door 300, ") {
		t.Errorf("got %s, want first what happened meanwhile", got)
	}
	if n := r.server.Counts(); n.Subscriptions != 1 || n.Transferred != 1 {
		t.Errorf("got %d subscriptions, %d transferred, want 1 and 1", n.Subscriptions, n.Transferred)
	}
}
