package engine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"andon/plant"
	"andon/production"
	"andon/production/review"
)

// An explainer gives the reasons of the configuration's rules to stops that
// nothing else explains. What signals and alarms were meanwhile is not in the
// records, so a rule's verdict is an edit like a person's, taken once at its
// place in the stream.
type explainer struct {
	rules   []production.ReasonRule
	watched map[string]bool    // paths of tags that rules look at
	alarms  map[string]bool    // names of rules that rules look at
	tracks  map[string][]value // by path of tag, or rule@equipment
	done    plant.Instant      // stops that ended up to here are judged
}

// A value is what a track took at a time.
type value struct {
	At   plant.Instant `json:"at"`
	Text string        `json:"text"`
}

const (
	// explainAfter is how long after its end a stop is judged: by then late
	// samples of its end are mostly there.
	explainAfter = 10 * time.Second
	// maxTrack bounds what is remembered of one signal.
	maxTrack = 500
	holds    = "1"
)

func newExplainer(cfg production.Config, area *plant.Area) *explainer {
	x := &explainer{rules: cfg.ReasonRules, watched: map[string]bool{}, alarms: map[string]bool{}, tracks: map[string][]value{}}
	for _, r := range x.rules {
		x.alarms[r.When.Alarm] = r.When.Alarm != ""
		for _, line := range area.Lines {
			for _, eq := range line.Equipment {
				if r.When.Signal != "" {
					x.watched[signalPath(r, eq)] = true
				}
			}
		}
	}
	return x
}

func signalPath(r production.ReasonRule, eq *plant.Equipment) string {
	if strings.Contains(r.When.Signal, "/") {
		return r.When.Signal
	}
	return eq.Path + "/" + r.When.Signal
}

// see notes what signals and conditions are.
func (x *explainer) see(samples []plant.Sample, conditions []plant.Condition) {
	if len(x.rules) == 0 {
		return
	}
	for _, s := range samples {
		if x.watched[s.Tag.Path] && s.Status.IsGood() {
			x.note(s.Tag.Path, value{s.Time, s.Value.String()})
		}
	}
	for _, c := range conditions {
		if x.alarms[c.Rule] && c.Equipment != nil {
			text := ""
			if c.Active {
				text = holds
			}
			x.note(c.Rule+"@"+c.Equipment.Path, value{c.Time, text})
		}
	}
}

func (x *explainer) note(track string, v value) {
	all := x.tracks[track]
	i, _ := slices.BinarySearchFunc(all, v.At+1, func(a value, t plant.Instant) int { return cmp.Compare(a.At, t) })
	if i > 0 && all[i-1].Text == v.Text {
		return
	}
	all = slices.Insert(all, i, v)
	x.tracks[track] = all[max(0, len(all)-maxTrack):]
}

// during returns the values of a track in v.
func (x *explainer) during(track string, v plant.Interval) []string {
	var out []string
	all := x.tracks[track]
	for i, a := range all {
		if a.At < v.To && (i+1 == len(all) || all[i+1].At > v.From) {
			out = append(out, a.Text)
		}
	}
	return out
}

// explain judges the stops that ended since the last time.
func (c *core) explain(pos uint64) error {
	x := c.explainer
	if len(x.rules) == 0 {
		return nil
	}
	until := c.now.Add(-explainAfter)
	for _, line := range c.area.Lines {
		for _, eq := range line.Equipment {
			for _, s := range c.prod.Stops(eq) {
				if s.To <= x.done || s.To > until || review.HasReason(s) {
					continue
				}
				if reason := x.reason(c, s); reason != "" {
					if err := c.review.Explain(c.now, pos, review.Ref{Equipment: eq.Path, Stop: s.ID, Start: s.From, End: s.To}, reason); err != nil {
						return err
					}
				}
			}
		}
	}
	x.done = max(x.done, until)
	return nil
}

// reason returns the reason of the first rule that is for the stop, "" for
// none.
func (x *explainer) reason(c *core, s production.Stop) string {
	v := plant.Interval{From: s.From, To: s.To}
	for _, r := range x.rules {
		if r.Equipment != "" && !plant.Match(r.Equipment, s.Equipment.Path) {
			continue
		}
		ev := review.Evidence{Zone: c.zone}
		if r.When.Signal != "" {
			ev.Signal = x.during(signalPath(r, s.Equipment), v)
		}
		if r.When.Alarm != "" {
			ev.Alarm = slices.Contains(x.during(r.When.Alarm+"@"+s.Equipment.Path, v), holds)
		}
		if n := neighbour(s.Equipment, r.When.Neighbour); n != nil {
			for _, seg := range c.prod.Facts(n, v).Segments {
				if seg.From < v.To {
					ev.Neighbours = append(ev.Neighbours, seg.State)
				}
			}
		}
		if review.Match(r.When, s, ev) {
			return r.Reason
		}
	}
	return ""
}

// neighbour finds who a rule calls a neighbour, nil for nobody.
func neighbour(eq *plant.Equipment, name string) *plant.Equipment {
	mates := eq.Line.Equipment
	i := slices.Index(mates, eq)
	switch {
	case name == "":
	case name == "upstream" && i > 0:
		return mates[i-1]
	case name == "downstream" && i+1 < len(mates):
		return mates[i+1]
	default:
		for _, line := range eq.Line.Area.Lines {
			for _, other := range line.Equipment {
				if other.Path == name {
					return other
				}
			}
		}
	}
	return nil
}

// explainerState is what a snapshot has of an explainer.
type explainerState struct {
	Tracks map[string][]value `json:"tracks"`
	Done   plant.Instant      `json:"done"`
}

func (x *explainer) snapshot() ([]byte, error) {
	if len(x.rules) == 0 {
		return nil, nil
	}
	return json.Marshal(explainerState{x.tracks, x.done})
}

func (x *explainer) restore(data []byte) error {
	if len(data) == 0 || len(x.rules) == 0 {
		return nil
	}
	var s explainerState
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("read reason rules: %w", err)
	}
	if s.Tracks != nil {
		x.tracks = s.Tracks
	}
	x.done = s.Done
	return nil
}
