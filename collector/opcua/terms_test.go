package opcua

import (
	"testing"
	"time"
)

func TestATagIsSubscribedAsItsFirstGroupSays(t *testing.T) {
	often, half := time.Duration(0), 500*time.Millisecond
	c := DefaultConfig()
	c.SamplingInterval, c.Deadband = 50*time.Millisecond, Deadband{Absolute: 1}
	c.Groups = []Group{
		{Tags: "northfield/packing/*/*/energy", PublishingInterval: time.Second, SamplingInterval: &half, QueueSize: 5, Discard: DiscardNewest, Deadband: &Deadband{Percent: 2}},
		{Tags: "northfield/packing/**", SamplingInterval: &often, Deadband: &Deadband{}},
	}
	for path, want := range map[string]struct {
		interval time.Duration
		terms    terms
	}{
		"northfield/packing/lineA/A1/energy":  {time.Second, terms{half, 5, DiscardNewest, Deadband{Percent: 2}}},
		"northfield/packing/lineA/A1/state":   {250 * time.Millisecond, terms{0, 100, DiscardOldest, Deadband{}}},
		"northfield/moulding/press/M1/energy": {250 * time.Millisecond, terms{50 * time.Millisecond, 100, DiscardOldest, Deadband{Absolute: 1}}},
	} {
		interval, terms := c.subscription(path)
		if interval != want.interval || terms != want.terms {
			t.Errorf("%s: got %v and %+v, want %v and %+v", path, interval, terms, want.interval, want.terms)
		}
	}
}
