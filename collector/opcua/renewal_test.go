package opcua_test

import (
	"testing"
	"time"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

func TestValuesFlowWhileTheChannelRenewsItsKeys(t *testing.T) {
	t.Parallel()
	if testing.Short() || underRace {
		t.Skip("takes four seconds, and runs without the race detector, see underRace")
	}
	for name, mode := range map[string]string{"in the clear": opcua.ModeNone, "signed": opcua.ModeSign, "encrypted": opcua.ModeSignAndEncrypt} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, opcuatest.Options{})
			if mode != opcua.ModeNone {
				r = secureRig(t, opcuatest.Options{}, opcuatest.CertOptions{})
				r.config.Security.Mode = mode
			}
			r.keys = 2 * time.Second // renewed after one, the old ones expire after two and a half
			tag := r.add("Total", plant.KindInt, int64(0))
			r.start()
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for i := range int64(180) {
				<-tick.C
				r.set(tag, i+1, 0)
			}
			r.count(tag, 181, 200)
			if got := r.server.Counts(); got.SessionsCreated != 1 || got.Connections != 2 || got.Republished != 0 {
				t.Errorf("got %d sessions on %d connections and %d messages sent again, want 1 on 2 (one for discovery) and none", got.SessionsCreated, got.Connections, got.Republished)
			}
		})
	}
}

// A server whose responses nobody can read while keys are renewed loses one
// publish request with each, until none is left.
func TestAServerThatAnswersNoPublishRequestAnyMoreLosesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	r.config.KeepAlive = 200 * time.Millisecond
	tag := r.add("Total", plant.KindInt, int64(0))
	s := r.supervise()
	r.sink.WaitValue(t, tag, plant.Int(0))
	r.server.LoseAnswers(3)
	for i := range int64(3) {
		r.set(tag, i+1, 0)
		r.wait("a lost answer", func() bool { return r.server.Counts().PublishWaiting < 3-int(i) })
	}
	r.wait("up again, with another session", func() bool {
		return s.Health()[0].Up && r.server.Counts().SessionsCreated+r.server.Counts().Transferred > 1
	})
	r.count(tag, 4, 50)
	seen := map[int64]bool{}
	for _, s := range r.samples(tag) {
		v, _ := s.Value.Int()
		seen[v] = true
	}
	if !seen[1] || !seen[2] || !seen[3] || r.event("lost") != 0 {
		t.Errorf("got 1, 2 and 3: %v, %v and %v, and %v notifications lost; want all and none", seen[1], seen[2], seen[3], r.event("lost"))
	}
}
