package opcua_test

import (
	"testing"

	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

// A message may be too large for a server, or for what is between it and andon.
// It is lost, but the next ones must not be as large again.
func TestMessagesThatAreTooLargeBecomeSmaller(t *testing.T) {
	t.Parallel()
	for name, hangsUp := range map[string]bool{"the server says so": false, "the server hangs up": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const burst = 400
			r := newRig(t, opcuatest.Options{Limits: opcuatest.Limits{Notifications: 150}, HangsUp: hangsUp})
			tag := r.add("Total", plant.KindInt, int64(0))
			r.supervise()
			r.sink.WaitValue(t, tag, plant.Int(0))
			value := int64(0)
			tell := func() {
				for range burst {
					value++
					r.set(tag, value, 0)
				}
				r.sink.WaitValue(t, tag, plant.Int(value))
			}
			for whole, bursts := 0, 0; whole < 3; bursts++ {
				if bursts > 10 {
					t.Fatalf("bursts of which all %d values came: got %d in a row, want 3 after a few", burst, whole)
				}
				before := len(r.samples(tag))
				tell()
				if whole++; len(r.samples(tag))-before < burst {
					whole = 0
				}
			}
			const steps, requests = 3, 3 // from 1000 to 125, each as many messages as can be under way
			if lost := r.event("lost"); lost > steps*requests {
				t.Errorf("notifications lost: got %v, want %d at most", lost, steps*requests)
			}
		})
	}
}
