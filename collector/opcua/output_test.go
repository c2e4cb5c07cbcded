package opcua

import (
	"testing"
	"time"

	"andon/collector"
)

// A contact is of all equipment of the source.
func TestAContactSaysWhatAllSubscriptionsHaveTold(t *testing.T) {
	s := &Source{name: "packing", subscribers: make([]*subscriber, 2), history: newHistorian(nil, "")}
	o := newOutput(s, nil, &collector.Status{})
	says := func() string {
		list := o.contacts()
		if len(list) == 0 {
			return "nothing"
		}
		return list[0].Time.Time().UTC().Format(time.TimeOnly)
	}
	for _, c := range []struct {
		place int
		at    time.Duration
		want  string
	}{
		{0, 0, "nothing"}, // the other one has told nothing yet
		{1, time.Second, "12:00:00"},
		{1, 20 * time.Second, "nothing"}, // the first one is where it was
		{0, 10 * time.Second, "12:00:10"},
		{0, 30 * time.Second, "12:00:20"},
	} {
		o.hear(c.place, noon.Add(c.at))
		if got := says(); got != c.want {
			t.Errorf("subscription %d has told up to %s after noon: contact says %s, want %s", c.place, c.at, got, c.want)
		}
	}
}
