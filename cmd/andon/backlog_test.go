package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"andon/collector/opcua/opcuatest"
)

// While nobody can reach the server A1 stops for a second. The stop begins at the
// end of the first message that the server kept and ends in the third: in
// between nobody may believe that A1 has been standing all the time.
func TestAStopThatEndedWhileTheLinkWasCutCallsNobody(t *testing.T) {
	if testing.Short() {
		t.Skip("is cut off for 17 seconds")
	}
	t.Parallel()
	server := opcuatest.Start(t, opcuatest.Options{Limits: opcuatest.Limits{Publish: 1}}) // one message after the other
	const state, vibration, energy = "LineA.A1.Status.StateCurrent", "LineA.A1.Motor.Vib", "LineB.B1.Energy.kWh"
	server.Add(state, int32(6))
	server.Add(vibration, 1.)
	server.Add(energy, 1.)
	set := func(node string, v any) {
		if err := server.Set(node, opcuatest.Value{V: v}); err != nil {
			t.Fatal(err)
		}
	}
	n := newLiveNorthfield(t, recentStart(t), "for: 2m", "for: 5s", "publishing_interval: 250ms", "publishing_interval: 250ms\n      queue_size: 2000")
	n.env = append(n.env, "OPCUA_PORT="+server.Addr()[strings.LastIndex(server.Addr(), ":")+1:])
	daemon := n.andon()
	n.awaitRun("before the cut")

	server.Intercept(func(r ua.Request) ua.StatusCode {
		if _, ok := r.(*ua.CreateSessionRequest); ok {
			return ua.StatusBadTooManySessions
		}
		return ua.StatusOK
	})
	server.Cut()
	for i := range 499 { // a message has room for 1,000 values
		set(energy, 1+float64(i+1)/1000)
		set(vibration, 1+float64(i+1)/1000)
	}
	for range 600 {
		set(state, int32(2)) // stopped
		set(state, int32(1)) // clearing
	}
	<-time.After(time.Second)
	set(state, int32(6))
	<-time.After(16 * time.Second) // longer than without contact the state is known
	server.Intercept(nil)
	n.awaitRun("after the cut")

	var list struct {
		Alarms []struct{ Rule, Equipment string }
	}
	if status, err := n.get("/api/v1/alarms?equipment="+url.QueryEscape(a1), &list); err != nil || status != http.StatusOK {
		t.Fatalf("alarms: %d %v", status, err)
	}
	for _, a := range list.Alarms {
		if a.Rule != "no-data" {
			t.Errorf("alarm %s of %s, want none", a.Rule, a.Equipment)
		}
	}
	daemon.stop()
}

// awaitRun waits until A1 is known to run.
func (n *liveNorthfield) awaitRun(when string) {
	n.t.Helper()
	eventually(n.t, 30*time.Second, "A1 runs "+when, func() error {
		var board struct {
			Equipment []struct {
				Path, State string
				Known       bool
			}
		}
		if _, err := n.get("/api/v1/board", &board); err != nil {
			return err
		}
		for _, e := range board.Equipment {
			if e.Path == a1 && e.Known && e.State == "run" {
				return nil
			}
		}
		return fmt.Errorf("got %+v", board.Equipment)
	})
}
