package opcua_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"andon/collector/opcua"
	"andon/collector/opcua/opcuatest"
	"andon/plant"
)

func TestNothingOfTwoSubscriptionsIsLostOverARestart(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(r *rig, x *running){
		"killed":  func(r *rig, x *running) { r.kill(x) },
		"stopped": func(r *rig, x *running) { x.stop() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, fast, slow := twoGroups(t, opcuatest.Options{})
			x := r.start()
			r.wait("first values", func() bool { return len(r.samples(fast)) > 0 && len(r.samples(slow)) > 0 })
			tick := time.NewTicker(2 * time.Millisecond)
			defer tick.Stop()
			const last = 600
			for i := range int64(last) {
				<-tick.C
				r.set(fast, i+1, 0)
				r.set(slow, i+1, 0)
				switch i % 200 {
				case 140:
					r.sink.Block() // what came but was not taken must come again
				case 150:
					go r.sink.Unblock()
					end(r, x)
				case 180:
					x = r.start()
				}
			}
			r.sink.WaitValue(t, fast, plant.Int(last))
			r.sink.WaitValue(t, slow, plant.Int(last))
			for _, tag := range []*plant.Tag{fast, slow} {
				seen := r.values(tag)
				for i := range int64(last) {
					if !seen[i] {
						t.Fatalf("%s: value %d of %d is missing", tag.Name, i, last)
					}
				}
			}
			if got := r.server.Counts(); got.Transferred != 6 || got.Subscriptions != 2 || r.event("lost") != 0 {
				t.Errorf("got %d transfers, %d subscriptions and %v lost notifications, want 6, 2 and none", got.Transferred, got.Subscriptions, r.event("lost"))
			}
		})
	}
}

// What another configuration asks of one tag is no reason to lose what others
// said while andon was away.
func TestOnlyTheItemsWhoseTermsChangedAreMadeAnew(t *testing.T) {
	t.Parallel()
	r, fast, slow := twoGroups(t, opcuatest.Options{})
	level := r.add("Level", plant.KindFloat, 50.0)
	r.start().stop()
	r.set(fast, int64(1), 0)
	r.set(fast, int64(2), 0)
	r.set(slow, int64(1), 0)
	r.set(slow, int64(2), 0)
	r.config.Groups = append(r.config.Groups, opcua.Group{Tags: level.Path, Deadband: &opcua.Deadband{Absolute: 5}})
	r.sink.Reset()
	r.start()
	r.sink.WaitValue(t, fast, plant.Int(2))
	r.sink.WaitValue(t, slow, plant.Int(2))
	r.sink.WaitValue(t, level, plant.Float(50))
	if !r.values(fast)[1] || !r.values(slow)[1] {
		t.Error("values while andon was away are missing")
	}
	if got := r.server.Counts(); got.MonitoredItems != 3 || got.Transferred != 2 {
		t.Errorf("got %d items and %d transfers, want 3 and 2", got.MonitoredItems, got.Transferred)
	}
	r.set(level, 52.0, 0)
	r.set(level, 60.0, 0)
	r.sink.WaitValue(t, level, plant.Float(60))
	for _, s := range r.samples(level) {
		if s.Value == plant.Float(52) {
			t.Error("value within the deadband: got it, want it left out")
		}
	}
}

// The next version of andon takes over what one left that knew one
// subscription only.
func TestANoteOfOneSubscriptionIsUnderstood(t *testing.T) {
	t.Parallel()
	r := newRig(t, opcuatest.Options{})
	tag := r.add("Total", plant.KindInt, int64(0))
	r.start().stop()
	r.set(tag, int64(1), 0)
	r.set(tag, int64(2), 0)
	r.writeFormerNote()
	r.sink.Reset()
	r.start()
	r.sink.WaitValue(t, tag, plant.Int(2))
	if !r.values(tag)[1] {
		t.Error("the value while andon was away is missing")
	}
	if got := r.server.Counts(); got.Transferred != 1 || got.MonitoredItems != 1 {
		t.Errorf("got %d transfers and %d items, want 1 and 1", got.Transferred, got.MonitoredItems)
	}
}

// writeFormerNote writes the note as former versions did.
func (r *rig) writeFormerNote() {
	r.t.Helper()
	text, err := os.ReadFile(r.note)
	if err != nil {
		r.t.Fatal(err)
	}
	var note struct {
		Endpoint      string    `json:"endpoint"`
		Started       time.Time `json:"server_started"`
		Subscriptions []struct {
			ID    uint32           `json:"subscription"`
			Items []map[string]any `json:"items"`
		} `json:"subscriptions"`
	}
	if err := json.Unmarshal(text, &note); err != nil || len(note.Subscriptions) != 1 {
		r.t.Fatalf("note: got %s, error %v, want one subscription", text, err)
	}
	sub := note.Subscriptions[0]
	for _, item := range sub.Items {
		delete(item, "terms")
	}
	former, err := json.Marshal(map[string]any{
		"endpoint": note.Endpoint, "server_started": note.Started, "subscription": sub.ID, "keep_alive": time.Second,
		"asked": map[string]any{
			"publishing_interval": r.config.PublishingInterval, "sampling_interval": 0, "queue_size": r.config.QueueSize,
			"deadband": map[string]any{"Absolute": 0, "Percent": 0}, "keep_alive": r.config.KeepAlive, "keep_for": r.config.KeepFor,
		},
		"items": sub.Items, "refused": false,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(r.note, former, 0o600); err != nil {
		r.t.Fatal(err)
	}
}
