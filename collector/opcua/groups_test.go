package opcua_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/collectortest"
	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// groupOf makes a group of one tag with another publishing interval than the
// rest of the rig.
func groupOf(tag *plant.Tag) opcua.Group {
	return opcua.Group{Tags: tag.Path, PublishingInterval: 70 * time.Millisecond}
}

// twoGroups makes a rig with a tag in each of two subscriptions.
func twoGroups(t *testing.T, o opcuatest.Options) (r *rig, fast, slow *plant.Tag) {
	r = newRig(t, o)
	fast = r.add("Total", plant.KindInt, int64(0))
	slow = r.add("Energy", plant.KindInt, int64(0))
	r.config.Groups = []opcua.Group{groupOf(slow)}
	return r, fast, slow
}

// countBoth sets both to from, … to and waits for the last.
func (r *rig) countBoth(a, b *plant.Tag, from, to int64) {
	r.t.Helper()
	for i := from; i <= to; i++ {
		r.set(a, i, 0)
		r.set(b, i, 0)
	}
	r.sink.WaitValue(r.t, a, plant.Int(to))
	r.sink.WaitValue(r.t, b, plant.Int(to))
}

// exactly checks that the sink got from, … to of tag, in order and once each.
func (r *rig) exactly(tag *plant.Tag, from, to int64) {
	r.t.Helper()
	next := from
	for _, s := range r.samples(tag) {
		if v, _ := s.Value.Int(); v != next {
			r.t.Fatalf("%s: got %d, want %d, each count once and in order", tag.Name, v, next)
		}
		next++
	}
	if next != to+1 {
		r.t.Errorf("%s: the last count is %d, want %d", tag.Name, next-1, to)
	}
}

func TestTagsOfTwoPublishingIntervalsFlowInOneSession(t *testing.T) {
	t.Parallel()
	r, fast, slow := twoGroups(t, opcuatest.Options{})
	r.start()
	r.wait("first values", func() bool { return len(r.samples(fast)) > 0 && len(r.samples(slow)) > 0 })
	for i := range int64(5) {
		r.countBoth(fast, slow, 60*i+1, 60*i+60)
	}
	r.exactly(fast, 0, 300)
	r.exactly(slow, 0, 300)
	if got := r.server.Counts(); got.Subscriptions != 2 || got.SessionsCreated != 1 || got.Faults != 0 {
		t.Errorf("got %d subscriptions, %d sessions and %d faults, want 2, 1 and none", got.Subscriptions, got.SessionsCreated, got.Faults)
	}
	r.wait("all acknowledged", func() bool { return r.server.Unacknowledged() == 0 })
}

// What an equipment says must not stop because the server ended what another
// one is read by.
func TestTheEndOfOneSubscriptionIsNotThatOfTheOthers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ told, missing bool }{
		"which the server tells":                {told: true},
		"which it keeps to itself":              {},
		"which shows when a node is looked for": {missing: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, fast, slow := twoGroups(t, opcuatest.Options{})
			r.config.KeepAlive = 500 * time.Millisecond
			if c.missing {
				r.addTag("Energy.Missing", plant.KindInt, "ns=2;s=LineA.A1.Missing")
				r.config.Groups[0].Tags += "*"
			}
			r.start()
			r.wait("first values", func() bool { return len(r.samples(fast)) > 0 && len(r.samples(slow)) > 0 })
			r.countBoth(fast, slow, 1, 20)
			r.exactly(slow, 0, 20)
			if c.told {
				r.server.EndSubscription("LineA.A1.Energy", ua.StatusBadTimeout)
			} else {
				r.server.ForgetSubscription("LineA.A1.Energy")
			}
			last := int64(20)
			r.wait("another subscription", func() bool {
				last++
				r.set(fast, last, 0)
				return r.event("resubscribed") == 1 && r.server.Counts().Subscriptions == 2
			})
			r.set(slow, int64(1000), 0)
			r.sink.WaitValue(t, slow, plant.Int(1000))
			r.sink.WaitValue(t, fast, plant.Int(last))
			r.exactly(fast, 0, last)
			r.count(slow, 1001, 1040)
			if got := r.server.Counts(); got.SessionsCreated != 1 {
				t.Errorf("sessions: got %d, want 1", got.SessionsCreated)
			}
		})
	}
}

func TestTheEndOfAllSubscriptionsIsFollowedByOthersInTheSession(t *testing.T) {
	t.Parallel()
	for name, told := range map[string]bool{"which the server tells": true, "which it keeps to itself": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, fast, slow := twoGroups(t, opcuatest.Options{})
			r.start()
			r.wait("first values", func() bool { return len(r.samples(fast)) > 0 && len(r.samples(slow)) > 0 })
			r.countBoth(fast, slow, 1, 20)
			if told {
				r.server.EndSubscriptions(ua.StatusBadTimeout)
			} else {
				r.server.ForgetSubscription("LineA.A1.Energy")
				r.server.ForgetSubscription("LineA.A1.Total")
			}
			r.wait("two other subscriptions", func() bool { return r.event("resubscribed") == 2 && r.server.Counts().MonitoredItems == 2 })
			r.countBoth(fast, slow, 21, 60)
			if got := r.server.Counts(); got.SessionsCreated != 1 || got.Subscriptions != 2 {
				t.Errorf("got %d sessions and %d subscriptions, want 1 and 2", got.SessionsCreated, got.Subscriptions)
			}
		})
	}
}

func TestWhatAnEndedSubscriptionSentIsKeptWhileTheBusIsSlow(t *testing.T) {
	t.Parallel()
	r, fast, slow := twoGroups(t, opcuatest.Options{})
	r.start()
	r.wait("first values", func() bool { return len(r.samples(fast)) > 0 && len(r.samples(slow)) > 0 })
	r.sink.Block()
	for i := range int64(500) {
		r.set(fast, i+1, 0)
		r.set(slow, i+1, 0)
	}
	r.server.EndSubscription("LineA.A1.Energy", ua.StatusBadTimeout)
	r.wait("the end of the subscription", func() bool { return r.server.Counts().Subscriptions == 1 })
	r.sink.Unblock()
	r.sink.WaitValue(t, fast, plant.Int(500))
	r.wait("another subscription", func() bool { return r.event("resubscribed") == 1 })
	r.set(slow, int64(501), 0)
	r.sink.WaitValue(t, slow, plant.Int(501))
	r.exactly(fast, 0, 500)
	seen := r.values(slow)
	for i := range int64(502) {
		if !seen[i] {
			t.Fatalf("value %d is missing", i)
		}
	}
}

func TestAServerThatTakesFewPublishRequestsServesTwoSubscriptions(t *testing.T) {
	t.Parallel()
	for limit := range uint32(2) {
		t.Run(fmt.Sprint(limit+1), func(t *testing.T) {
			t.Parallel()
			r, fast, slow := twoGroups(t, opcuatest.Options{Limits: opcuatest.Limits{Publish: limit + 1}})
			r.start()
			r.wait("first values", func() bool { return len(r.samples(fast)) > 0 && len(r.samples(slow)) > 0 })
			r.countBoth(fast, slow, 1, 200)
			r.exactly(fast, 0, 200)
			r.exactly(slow, 0, 200)
			refused := r.server.Counts().Faults
			r.countBoth(fast, slow, 201, 400)
			if got := r.server.Counts(); got.Faults != refused || got.SessionsCreated != 1 {
				t.Errorf("got %d more refusals and %d sessions, want none and 1", got.Faults-refused, got.SessionsCreated)
			}
		})
	}
}

// A server may admit one subscription only. That one then reads the tags of the
// others, too.
func TestAServerThatAdmitsOneSubscriptionIsReadWhole(t *testing.T) {
	t.Parallel()
	r, fast, slow := twoGroups(t, opcuatest.Options{})
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if _, ok := req.(*ua.CreateSubscriptionRequest); ok && r.server.Counts().Subscriptions == 1 {
			return ua.StatusBadTooManySubscriptions
		}
		return ua.StatusOK
	})
	r.supervise()
	r.wait("first values", func() bool { return len(r.samples(fast)) > 0 && len(r.samples(slow)) > 0 })
	r.countBoth(fast, slow, 1, 50)
	r.exactly(fast, 0, 50)
	r.exactly(slow, 0, 50)
	r.sink.Wait(t, "a contact", func(s *collectortest.Sink) bool { return len(s.Contacts()) > 0 })
	r.server.Cut()
	r.set(fast, int64(51), 0) // while the link is down
	r.set(slow, int64(51), 0)
	r.countBoth(fast, slow, 52, 100)
	for _, tag := range []*plant.Tag{fast, slow} {
		seen := r.values(tag)
		for i := range int64(101) {
			if !seen[i] {
				t.Fatalf("%s: value %d is missing", tag.Name, i)
			}
		}
	}
	if got := r.server.Counts(); got.Subscriptions != 1 || got.MonitoredItems != 2 || got.Transferred != 1 {
		t.Errorf("got %d subscriptions, %d items and %d transfers, want 1, 2 and 1", got.Subscriptions, got.MonitoredItems, got.Transferred)
	}
}

// The tags of a subscription that the server refuses are in trouble until it
// does not.
func TestASubscriptionThatTheServerRefusesDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	r, fast, slow := twoGroups(t, opcuatest.Options{})
	r.server.Intercept(func(req ua.Request) ua.StatusCode {
		if _, ok := req.(*ua.CreateSubscriptionRequest); ok && r.server.Counts().Subscriptions == 1 {
			return ua.StatusBadOutOfMemory
		}
		return ua.StatusOK
	})
	r.start()
	r.sink.WaitValue(t, fast, plant.Int(0))
	r.count(fast, 1, 50)
	if got := r.status.Health("").Troubles; len(got) != 1 || got[slow.Path] == "" {
		t.Errorf("troubles: got %v, want one of %s", got, slow.Path)
	}
	if got := len(r.sink.Contacts()); got != 0 {
		t.Errorf("contacts while one subscription is missing: got %d, want none", got)
	}
	r.server.Intercept(nil)
	r.sink.WaitValue(t, slow, plant.Int(0))
	r.wait("no trouble", func() bool { return len(r.status.Health("").Troubles) == 0 })
	r.countBoth(fast, slow, 51, 100)
}

// Tags that are published seldom are no reason to notice a dead link late.
func TestADeadLinkIsNoticedSoonWhereTagsArePublishedSeldom(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Energy", plant.KindInt, int64(0))
	r.config.Groups = []opcua.Group{{Tags: tag.Path, PublishingInterval: time.Minute}}
	r.config.KeepAlive, r.config.RequestTimeout = 200*time.Millisecond, 300*time.Millisecond
	x := r.start()
	r.server.Freeze(true)
	if err := x.fails(); !strings.Contains(err.Error(), "no publish response") {
		t.Errorf("Run: got error %q, want one about the silence", err)
	}
}

// However often a server refuses, it sees no more sessions than attempts.
func TestThereIsOneSessionForEachAttempt(t *testing.T) {
	t.Parallel()
	r, _, _ := twoGroups(t, opcuatest.Options{})
	r.server.Intercept(fault[*ua.CreateSubscriptionRequest](1, ua.StatusBadTooManySubscriptions))
	s := r.supervise()
	r.wait("six attempts", func() bool { return s.Health()[0].Attempts >= 6 })
	r.server.Intercept(nil)
	r.wait("up", func() bool { return s.Health()[0].Up })
	failed, _ := r.counter("andon_opcua_reconnects_total", "session")
	others, _ := r.counter("andon_opcua_reconnects_total", "other")
	if got := r.server.Counts(); got.SessionsCreated != int(failed+others)+1 || got.SessionsActive != 1 || got.Subscriptions != 2 {
		t.Errorf("got %d sessions created after %v failures, %d active and %d subscriptions, want one each attempt, 1 and 2",
			got.SessionsCreated, failed+others, got.SessionsActive, got.Subscriptions)
	}
}
