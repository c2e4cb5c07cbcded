package sim

import (
	"slices"
	"time"

	"andon/cmd/plantsim/internal/northfield"
	"andon/plant"
)

// A group is what equipment tells at once: one node on OPC UA, all fields of
// one message on MQTT.
type group struct {
	m       *machine
	order   int // among all groups
	fields  []*field
	message string
}

// A field is one signal of a group.
type field struct {
	signal
	now, sent sampled
}

// sampled is a value as somebody has it.
type sampled struct {
	known  bool
	value  plant.Value
	status plant.Status
}

// groupsOf sorts the signals of a machine into groups.
func groupsOf(m *machine, first int) []*group {
	var groups []*group
	for i := range m.eq.Signals {
		s := &m.eq.Signals[i]
		f := &field{signal: signal{Signal: s, m: m}}
		n := len(groups)
		if s.Message != "" && n > 0 && groups[n-1].message == s.Message {
			groups[n-1].fields = append(groups[n-1].fields, f)
			continue
		}
		groups = append(groups, &group{m: m, order: first + n, message: s.Message, fields: []*field{f}})
	}
	return groups
}

// look takes the values at t.
func (g *group) look(t time.Duration) {
	for _, f := range g.fields {
		switch v, ok := f.valueAt(t); {
		case ok:
			f.now = sampled{known: true, value: v}
		case !f.now.known:
			f.now = sampled{known: true, status: BadWaitingForInitialData}
		}
	}
}

// tell appends what the group tells. On OPC UA that is what changed. A count
// message is sent whenever it is due, a state message when it changed; fresh
// is true after the equipment was away, when both are sent.
func (g *group) tell(out []Sample, lost, due, fresh bool) []Sample {
	if g.message == "" {
		return g.fields[0].tell(out, lost)
	}
	changed := slices.ContainsFunc(g.fields, func(f *field) bool { return f.now != f.sent })
	wanted := fresh || changed || due && g.message == northfield.CountMessage
	if lost || !wanted {
		return out
	}
	for _, f := range g.fields {
		f.sent = f.now
		out = append(out, Sample{f.Signal, f.now.value, f.now.status})
	}
	return out
}

func (f *field) tell(out []Sample, lost bool) []Sample {
	now := f.now
	if lost {
		now = sampled{known: true, status: plant.BadNoCommunication}
	}
	if now == f.sent {
		return out
	}
	f.sent = now
	return append(out, Sample{f.Signal, now.value, now.status})
}
