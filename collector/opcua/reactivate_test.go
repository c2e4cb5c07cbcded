package opcua_test

import (
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// hasAll looks for the values of a tag from 0 to below n.
func (r *rig) hasAll(tag *plant.Tag, n int64) {
	r.t.Helper()
	seen := r.values(tag)
	for i := range n {
		if !seen[i] {
			r.t.Fatalf("%s: value %d of %d is missing", tag.Name, i, n)
		}
	}
}

// Some controllers know no TransferSubscriptions: the session goes on over
// another connection, with what its subscriptions hold.
func TestNothingIsLostOverCutsAtAServerThatCannotTransfer(t *testing.T) {
	t.Parallel()
	for name, secure := range map[string]bool{"in the clear": false, "encrypted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, fast, slow := twoGroups(t, opcuatest.Options{})
			if secure {
				r = secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{})
				fast, slow = r.add("Total", plant.KindInt, int64(0)), r.add("Energy", plant.KindInt, int64(0))
				r.config.Groups = append(r.config.Groups, groupOf(slow))
			}
			r.server.Intercept(fault[*ua.TransferSubscriptionsRequest](1, ua.StatusBadServiceUnsupported))
			r.supervise()
			r.wait("first values", func() bool { return len(r.samples(fast)) > 0 && len(r.samples(slow)) > 0 })
			tick := time.NewTicker(2 * time.Millisecond)
			defer tick.Stop()
			const last = 800
			for i := range int64(last) {
				<-tick.C
				r.set(fast, i+1, 0)
				r.set(slow, i+1, 0)
				switch i % 200 {
				case 140:
					r.sink.Block() // what came but was not taken must come again
				case 150:
					r.server.Cut()
				case 190:
					r.sink.Unblock()
				}
			}
			for _, tag := range []*plant.Tag{fast, slow} {
				r.sink.WaitValue(t, tag, plant.Int(last))
				r.hasAll(tag, last)
			}
			if got := r.server.Counts(); got.SessionsCreated != 1 || got.Subscriptions != 2 || r.event("reactivated") != 4 || r.event("lost") != 0 {
				t.Errorf("got %d sessions, %d subscriptions, %v activated again and %v lost notifications, want 1, 2, 4 and none",
					got.SessionsCreated, got.Subscriptions, r.event("reactivated"), r.event("lost"))
			}
		})
	}
}

// What the connection lost and the server has no more of may have been the
// last change of a value: then only a new subscription says what it is.
func TestAServerThatKeepsNoMessagesIsAskedForThePresentValues(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]bool{"of one subscription": true, "of one of two": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, fast, slow := twoGroups(t, opcuatest.Options{})
			if one {
				r.config.Groups = nil
			}
			transfer, again := fault[*ua.TransferSubscriptionsRequest](1, ua.StatusBadServiceUnsupported), fault[*ua.RepublishRequest](1, ua.StatusBadServiceUnsupported)
			r.server.Intercept(func(req ua.Request) ua.StatusCode { return max(transfer(req), again(req)) })
			r.supervise()
			r.wait("first values", func() bool { return len(r.samples(fast)) > 0 && len(r.samples(slow)) > 0 })
			r.countBoth(fast, slow, 1, 20)
			r.sink.Block()
			r.set(slow, int64(21), 0) // the last change for long
			sent := r.event("notification")
			r.wait("a notification", func() bool { return r.event("notification") > sent })
			r.server.Cut()
			r.wait("the session again", func() bool { return r.event("reactivated") > 0 })
			r.sink.Unblock()
			r.sink.WaitValue(t, slow, plant.Int(21))
			r.countBoth(fast, slow, 22, 40)
		})
	}
}

// The subscription to changes of the server's nodes is in the session too.
func TestASessionThatGoesOnHasNoSubscriptionTwice(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	looks := r.discovering()
	r.server.Intercept(fault[*ua.TransferSubscriptionsRequest](1, ua.StatusBadServiceUnsupported))
	r.supervise()
	r.look(looks)
	for i := range int64(3) {
		r.wait("both subscriptions", func() bool { return r.server.Counts().Subscriptions == 2 })
		r.server.Cut()
		r.wait("the session going on", func() bool { return r.event("reactivated") == float64(i+1) })
		r.look(looks)
		r.set(tag, i+1, 0)
		r.sink.WaitValue(t, tag, plant.Int(i+1))
	}
	r.wait("both subscriptions, and no more", func() bool { return r.server.Counts().Subscriptions == 2 })
}
