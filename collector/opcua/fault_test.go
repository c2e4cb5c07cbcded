package opcua_test

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
)

// refuse answers the first two requests of a kind with a fault.
func refuse[T ua.Request](status ua.StatusCode) func(ua.Request) ua.StatusCode {
	var seen atomic.Int64
	return func(req ua.Request) ua.StatusCode {
		if _, ok := req.(T); ok && seen.Add(1) <= 2 {
			return status
		}
		return ua.StatusOK
	}
}

// Whatever a server refuses twice, from the first question for its endpoints
// to the last message, is asked for again, and nothing that it has is lost.
func TestAFaultToAnyRequestLosesNothing(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(ua.StatusCode) func(ua.Request) ua.StatusCode{
		"GetEndpoints":          refuse[*ua.GetEndpointsRequest],
		"CreateSession":         refuse[*ua.CreateSessionRequest],
		"ActivateSession":       refuse[*ua.ActivateSessionRequest],
		"Read":                  refuse[*ua.ReadRequest],
		"CreateSubscription":    refuse[*ua.CreateSubscriptionRequest],
		"CreateMonitoredItems":  refuse[*ua.CreateMonitoredItemsRequest],
		"Publish":               refuse[*ua.PublishRequest],
		"Republish":             refuse[*ua.RepublishRequest],
		"TransferSubscriptions": refuse[*ua.TransferSubscriptionsRequest],
		"CloseSession":          refuse[*ua.CloseSessionRequest],
	} {
		for _, status := range []ua.StatusCode{ua.StatusBadTooManyOperations, ua.StatusBadOutOfMemory} {
			t.Run(fmt.Sprintf("%s, %s", name, ua.StatusCodes[status].Name), func(t *testing.T) {
				t.Parallel()
				h := newTruth(t, newRig(t, opcuatest.Options{}), 3)
				h.server.Intercept(f(status)) // at the start
				h.begin()
				h.tell(50)
				h.server.Intercept(f(status)) // while values flow, and when the session is made anew
				h.server.DropNext(1)
				h.tell(50)
				h.compare()
				h.server.Cut()
				h.tell(50)
				h.compare()
				h.kept()
			})
		}
	}
}

func TestACutConnectionLosesAndInventsNothing(t *testing.T) {
	t.Parallel()
	for name, secure := range map[string]bool{"in the clear": false, "encrypted": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, opcuatest.Options{})
			if secure {
				r = secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{})
			}
			h := newTruth(t, r, 20)
			h.begin()
			h.tellSlowly(500, func(i int) {
				if i%100 == 50 {
					h.server.Cut()
				}
			})
			h.compare()
			h.kept()
		})
	}
}

// The link stays open and nothing comes: neither answers nor an end.
func TestAHalfOpenLinkLosesAndInventsNothing(t *testing.T) {
	t.Parallel()
	h := newTruth(t, newRig(t, opcuatest.Options{}), 5)
	h.config.KeepAlive = 300 * time.Millisecond
	h.begin()
	for range 2 {
		h.tell(50)
		h.server.Freeze(true)
		h.tell(200)
		h.wait("the silence is noticed", func() bool { return !h.up() })
		h.tell(200)
		h.server.Freeze(false)
		h.tell(50)
		h.compare()
	}
	h.kept()
}

func TestAKilledSessionLosesAndInventsNothing(t *testing.T) {
	t.Parallel()
	h := newTruth(t, newRig(t, opcuatest.Options{}), 5)
	h.begin()
	h.tellSlowly(500, func(i int) {
		if i%100 == 50 {
			h.server.KillSessions()
		}
	})
	h.compare()
	h.kept()
}

// A server that forgets subscriptions with the session has nothing of what
// came between, but for the present values.
func TestASessionKilledWithItsSubscriptionInventsNothing(t *testing.T) {
	t.Parallel()
	h := newTruth(t, newRig(t, opcuatest.Options{}), 5)
	h.begin()
	for range 3 {
		h.tell(100)
		h.compare()
		h.server.DropSessions()
		h.mutter(20)
		h.compare()
	}
	h.kept()
}

// The server is started again and numbers its namespaces in another order. At
// the old place of the plant's nodes are those of a press.
func TestARestartThatReordersNamespacesReadsTheSameNodes(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	h := newTruth(t, r, 5)
	for _, tag := range h.tags {
		tag.Address = "nsu=" + opcuatest.Namespace + ";s=LineA.A1." + tag.Name
	}
	h.begin()
	h.tell(50)
	h.compare()
	h.restart(opcuatest.Options{Namespaces: []string{"urn:northfield:press", "urn:northfield:oven", opcuatest.Namespace}})
	for _, tag := range h.tags {
		h.server.AddForeign(2, "LineA.A1."+tag.Name, int64(-7))
	}
	h.appear(h.tags)
	h.compare()
	h.tell(100)
	h.compare()
	h.kept()
}

func TestDroppedAndDuplicatedMessagesLoseAndInventNothing(t *testing.T) {
	t.Parallel()
	for after := range 4 {
		t.Run(fmt.Sprintf("again after %d others", after), func(t *testing.T) {
			t.Parallel()
			h := newTruth(t, newRig(t, opcuatest.Options{}), 5)
			h.config.KeepAlive = 400 * time.Millisecond
			h.begin()
			before := len(h.sink.Samples())
			h.tellSlowly(600, func(i int) {
				switch i % 150 {
				case 30:
					h.server.DuplicateNext(3, after)
				case 90:
					h.server.DropNext(2)
				}
			})
			h.compare()
			h.wait("the messages sent again", func() bool { return h.server.Counts().Repeated == 12 })
			h.tell(10)
			h.compare()
			h.kept()
			counts := h.server.Counts()
			if counts.Republished < 8 {
				t.Errorf("republished: got %d, want at least 8", counts.Republished)
			}
			if got, want := len(h.sink.Samples())-before, 610*5; got != want {
				t.Errorf("samples: got %d, want %d: none twice", got, want)
			}
		})
	}
}

// A server that starts anew does not know all of its nodes at once.
func TestNodesUnknownAfterARestartComeWithoutLossOfTheOthers(t *testing.T) {
	t.Parallel()
	h := newTruth(t, newRig(t, opcuatest.Options{}), 6)
	h.begin()
	h.tell(20)
	h.compare()
	h.restart(opcuatest.Options{})
	all := h.list
	h.list = all[:3]
	h.appear(h.list)
	h.compare()
	h.wait("three troubles", func() bool { return len(h.super.Health()[0].Troubles) == 3 })
	h.tell(100)
	h.compare()
	h.appear(all[3:])
	h.compare()
	h.list = all
	h.tell(100)
	h.compare()
	h.kept()
	if got := h.super.Health()[0].Troubles; len(got) != 0 {
		t.Errorf("troubles: got %v, want none", got)
	}
}

// The server comes back with another certificate: that is not the server which
// is trusted, until somebody says that it is.
func TestASwappedCertificateIsRefusedUntilItIsTrusted(t *testing.T) {
	t.Parallel()
	h := newTruth(t, secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{}), 5)
	h.begin()
	h.tell(50)
	h.compare()
	der, key, other := certificate(t, opcuatest.CertOptions{})
	h.restart(opcuatest.Options{Certificate: der, Key: key})
	h.appear(h.tags)
	h.wait("the refusal", func() bool { return strings.Contains(h.super.Health()[0].Error, "not trusted") })
	if got := h.server.Counts().SessionsCreated; got != 0 {
		t.Errorf("sessions with a server that is not trusted: got %d, want none", got)
	}
	if err := os.Rename(string(other), string(h.config.Security.Trusted)); err != nil {
		t.Fatal(err)
	}
	h.compare()
	h.tell(50)
	h.compare()
	h.kept()
}

func TestAServerThatBearsLessThanItSaysLosesNothing(t *testing.T) {
	t.Parallel()
	h := newTruth(t, newRig(t, opcuatest.Options{
		Limits: opcuatest.Limits{MonitoredItems: 100, Read: 100}, Reported: opcuatest.Limits{MonitoredItems: 1000, Read: 1000},
	}), 1000)
	h.begin()
	h.tell(5)
	h.compare()
	faults := h.server.Counts().Faults
	h.server.Cut()
	h.tell(5)
	h.compare()
	h.kept()
	if got := h.server.Counts(); got.LargestCreate > 1000 || got.Faults > faults {
		t.Errorf("got calls of %d items and %d faults after the first session, want none: what the server bears is remembered", got.LargestCreate, got.Faults-faults)
	}
}
