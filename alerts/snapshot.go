package alerts

import (
	"encoding/json"
	"errors"
	"fmt"

	"andon/plant"
)

// snapshotVersion changes when an older snapshot can no longer be read.
const snapshotVersion = 1

type snapshot struct {
	Version int             `json:"version"`
	Mint    mint            `json:"mint"`
	Open    []snapshotEntry `json:"open"`
}

// A snapshotEntry is an entry with the exact kind of its value, which plain
// JSON loses: 85.0 would come back as an integer.
type snapshotEntry struct {
	Alarm     Alarm         `json:"alarm"`
	Announced plant.Instant `json:"announced"`
	Command   string        `json:"command,omitempty"`
	Kind      plant.Kind    `json:"kind"`
	Bits      uint64        `json:"bits"`
}

// Snapshot returns the whole state of b. It is an error to take it with
// changes that were not drained, because they would be lost.
func (b *Book) Snapshot() ([]byte, error) {
	if len(b.changed) > 0 || !b.out.Empty() {
		return nil, errors.New("snapshot of alarms: want Drain called before")
	}
	s := snapshot{Version: snapshotVersion, Mint: b.mint, Open: make([]snapshotEntry, len(b.open))}
	for i, e := range b.open {
		v := e.Alarm.Value
		s.Open[i] = snapshotEntry{Alarm: e.Alarm, Announced: e.Announced, Command: e.Command, Kind: v.Kind(), Bits: v.Bits()}
	}
	return json.Marshal(s)
}

// Restore sets b to the state that Snapshot returned, also when the
// configuration changed since: an alarm whose policy is gone takes that of its
// present route, at the step where it was. On an error b stays as it was.
func (b *Book) Restore(data []byte) error {
	var s snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("read snapshot of alarms: %w", err)
	}
	if s.Version != snapshotVersion {
		return fmt.Errorf("read snapshot of alarms: version %d, want %d", s.Version, snapshotVersion)
	}
	n := NewBook(b.cfg, b.area)
	n.mint = s.Mint
	for _, x := range s.Open {
		e := &entry{Alarm: x.Alarm, Announced: x.Announced, Command: x.Command}
		if e.Alarm.FirstRaised == (Moment{}) { // of a version that kept only the first raise
			e.Alarm.FirstRaised = e.Alarm.Raised
		}
		if x.Kind != plant.KindText {
			e.Alarm.Value = plant.FromBits(x.Kind, x.Bits)
		}
		if _, ok := b.cfg.Policies[e.Alarm.Policy]; !ok {
			e.Alarm.Policy = n.route(&e.Alarm).Policy
		}
		n.open = append(n.open, e)
		n.byKey[key{e.Alarm.Rule, e.Alarm.Equipment}] = e
		n.byID[e.Alarm.ID] = e
		n.plan(e)
	}
	*b = *n
	return nil
}
