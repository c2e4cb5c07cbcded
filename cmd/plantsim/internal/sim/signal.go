package sim

import (
	"math"
	"strconv"
	"time"

	"andon/cmd/plantsim/internal/northfield"
	"andon/cmd/plantsim/internal/scenario"
	"andon/plant"
)

// BadWaitingForInitialData is the status of a value that equipment has not
// had yet (OPC 10000-4, 7.39).
const BadWaitingForInitialData plant.Status = 0x80320000

// A signal is one value of a machine while the plant runs.
type signal struct {
	*northfield.Signal
	m *machine
}

// valueAt returns the value at t. It is false when an analog value has no
// course yet: then whatever it was stays.
func (s *signal) valueAt(t time.Duration) (plant.Value, bool) {
	m, seg := s.m, s.m.segment(t)
	switch s.Meaning {
	case northfield.State:
		return word(s.Type, seg.State), true
	case northfield.Reason:
		return word(s.Type, seg.Reason), true
	case northfield.Mode:
		return plant.Int(seg.Mode), true
	case northfield.Speed:
		return plant.Float(speed(seg)), true
	case northfield.Total:
		return count(s.Type, m.totalAt(t)), true
	case northfield.Reject:
		return count(s.Type, m.rejectAt(t)), true
	case northfield.Energy:
		return plant.Float(m.energyAt(t)), true
	case northfield.Level:
		return plant.Float(m.levelAt(t)), true
	case northfield.EStop:
		return plant.Bool(seg.EStop), true
	case northfield.Guard:
		return plant.Bool(m.guardAt(t)), true
	case northfield.AlarmID:
		return plant.Text(seg.Alarm), true
	}
	a := m.cfg.Analog[s.Name]
	f, ok := analogAt(&a, s.Path, t)
	return plant.Float(f), ok
}

// speed returns units per hour, exactly what a 32-bit float holds.
func speed(seg *scenario.Segment) float64 {
	if seg.Cycle == 0 {
		return 0
	}
	return float64(float32(time.Hour.Seconds() / seg.Cycle.Seconds()))
}

func word(t northfield.Type, s string) plant.Value {
	if t == northfield.String {
		return plant.Text(s)
	}
	n, _ := strconv.ParseInt(s, 10, 32) // "" is no reason, 0; others were checked
	return plant.Int(n)
}

// count rolls n over as the counter's type does.
func count(t northfield.Type, n uint64) plant.Value {
	if t == northfield.UInt16 {
		return plant.Uint(n & math.MaxUint16)
	}
	return plant.Uint(n & math.MaxUint32)
}

// times returns when in a pass the signal may change or is to be told.
func (s *signal) times(length time.Duration) []time.Duration {
	switch s.Meaning {
	case northfield.Analog:
		a := s.m.cfg.Analog[s.Name]
		return analogTimes(&a, length)
	case northfield.Guard:
		at := []time.Duration{0}
		for _, g := range s.m.cfg.Guard {
			at = append(at, g.From, g.To)
		}
		return at
	}
	var at []time.Duration
	for _, seg := range s.m.cfg.Segments {
		at = append(at, seg.From)
	}
	switch s.Meaning {
	case northfield.Total, northfield.Reject, northfield.Energy:
		at = append(at, every(grid, length)...)
		at = append(at, s.m.cfg.Resets...)
	case northfield.Level:
		at = append(at, every(levelGrid, length)...)
		for _, r := range s.m.cfg.Refills {
			at = append(at, r.At)
		}
	}
	return at
}

func every(step, length time.Duration) []time.Duration {
	var at []time.Duration
	for t := step; t < length; t += step {
		at = append(at, t)
	}
	return at
}
