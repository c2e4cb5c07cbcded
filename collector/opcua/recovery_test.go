package opcua_test

import (
	"maps"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector"
	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
)

// recoveryLimit is after how long everything flows again that a fault kept,
// counted from its end.
const recoveryLimit = 10 * time.Second

// patiently sets all waits to what they are in a plant, and those between
// sessions to the longest, as after an outage of hours.
func (h *truth) patiently() {
	d := opcua.DefaultConfig()
	h.config.PublishingInterval, h.config.KeepAlive = d.PublishingInterval, d.KeepAlive
	h.config.RequestTimeout, h.config.ItemRetry = d.RequestTimeout, d.ItemRetry
	h.retries = collector.DefaultConfig()
	h.retries.RetryInitial = h.retries.RetryMax
}

// fails waits until the session is lost, and then another attempt.
func (h *truth) fails() {
	h.t.Helper()
	h.wait("the source is down", func() bool { return !h.up() })
	was := h.super.Health()[0].Attempts
	h.wait("an attempt that fails", func() bool { return h.super.Health()[0].Attempts > was })
}

// stir makes the nodes of all tags at a server that was started anew. Their
// values may come, if nothing follows them too soon.
func (h *truth) stir() {
	for _, tag := range h.tags {
		h.server.AddValue("LineA.A1."+tag.Name, h.next(tag, h.may))
	}
}

// A trial is a fault and its end. It returns when the fault is over.
type trial struct {
	options opcuatest.Options
	secure  bool
	tags    int
	run     func(h *truth, g *gate)
}

// passing are the faults of a server that goes on.
func passing() map[string]trial {
	return map[string]trial{
		"every request is refused": {run: func(h *truth, _ *gate) {
			h.server.Intercept(func(ua.Request) ua.StatusCode { return ua.StatusBadOutOfMemory })
			h.server.KillSessions()
			h.fails()
			h.server.Intercept(nil)
		}},
		"the connection is cut": {run: func(_ *truth, g *gate) {
			g.set(gateCut)
			g.set(gateOpen)
		}},
		"the server cannot be reached": {run: func(h *truth, g *gate) {
			g.set(gateCut)
			h.fails()
			g.set(gateOpen)
		}},
		"the link is open and nothing comes": {run: func(h *truth, g *gate) {
			g.set(gateHolding)
			h.wait("the silence is noticed", func() bool { return !h.up() })
			g.set(gateOpen)
		}},
		"the session is killed":                       {run: func(h *truth, _ *gate) { h.server.KillSessions() }},
		"the session is killed with its subscription": {run: func(h *truth, _ *gate) { h.server.DropSessions() }},
		"messages are lost, and come twice": {run: func(h *truth, _ *gate) {
			h.server.DropNext(2)
			h.server.DuplicateNext(3, 1)
			h.tell(1)
			h.wait("messages that are lost", func() bool { return h.server.Counts().Republished > 0 })
		}},
		"the server bears less than it says": {tags: 1000, options: opcuatest.Options{
			Limits: opcuatest.Limits{MonitoredItems: 100, Read: 100}, Reported: opcuatest.Limits{MonitoredItems: 1000, Read: 1000},
		}, run: func(h *truth, _ *gate) { h.server.DropSessions() }},
	}
}

// restarts are those of a server that is started anew.
func restarts() map[string]trial {
	return map[string]trial{
		"the server restarts and numbers its namespaces anew": {run: func(h *truth, g *gate) {
			h.leave(g)
			h.restart(opcuatest.Options{Namespaces: []string{"urn:northfield:press", "urn:northfield:oven", opcuatest.Namespace}})
			h.stir()
			g.set(gateOpen)
		}},
		"the server knows none of its nodes for a while": {tags: 300, run: func(h *truth, g *gate) {
			h.leave(g)
			h.restart(opcuatest.Options{})
			var asked atomic.Int64
			h.server.Intercept(func(req ua.Request) ua.StatusCode {
				if _, ok := req.(*ua.CreateMonitoredItemsRequest); ok {
					asked.Add(1)
				}
				return ua.StatusOK
			})
			g.set(gateOpen)
			h.wait("the third time that it is asked for them", func() bool { return asked.Load() >= 3 })
			h.stir()
		}},
		"the server shows a certificate that nobody trusts": {secure: true, run: func(h *truth, g *gate) {
			der, key, other := certificate(h.t, opcuatest.CertOptions{})
			h.leave(g)
			h.restart(opcuatest.Options{Certificate: der, Key: key})
			h.stir()
			g.set(gateOpen)
			h.wait("the refusal", func() bool { return strings.Contains(h.super.Health()[0].Error, "not trusted") })
			if err := os.Rename(string(other), string(h.config.Security.Trusted)); err != nil {
				h.t.Fatal(err)
			}
		}},
	}
}

// leave has the source lose its server, which may be closed then.
func (h *truth) leave(g *gate) {
	h.t.Helper()
	g.set(gateCut)
	h.wait("the source is down", func() bool { return !h.up() })
}

// The waits are those of a plant. What is measured is andon's patience, so what
// a busy machine takes for its work is left out: a session that is begun without
// any fault shows how long that is. Two may be needed, for one may be under way
// as the fault ends. That a link is silent is part of the fault, not of its end.
func TestEveryFaultIsForgottenTenSecondsAfterItsEnd(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	defer all.Wait()
	trials := passing()
	maps.Copy(trials, restarts())
	for name, c := range trials {
		all.Go(func() { t.Run(name, c.test) }) // all at once: they only wait
	}
}

// test makes the source lose its server and measures how long it takes to have
// it back.
func (c trial) test(t *testing.T) {
	r := newRig(t, c.options)
	if c.secure {
		r = secureRig(t, c.options, opcuatest.CertOptions{})
	}
	h := newTruth(t, r, max(c.tags, 5))
	for _, tag := range h.tags {
		tag.Address = "nsu=" + opcuatest.Namespace + ";s=LineA.A1." + tag.Name
	}
	h.patiently()
	g := newGate(t, h.server.Addr())
	h.config.Endpoint = g.url()
	began := time.Now()
	h.begin()
	work := time.Since(began)
	c.run(h, g)
	ended := time.Now()
	h.tell(1)
	h.compare()
	took := time.Since(ended)
	t.Logf("recovered within %v, the first session took %v", took.Round(time.Millisecond), work.Round(time.Millisecond))
	if took > recoveryLimit+2*work {
		t.Errorf("everything flows %v after the end of the fault, want within %v and twice the %v of a session", took, recoveryLimit, work)
	}
}
