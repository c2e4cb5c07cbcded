package production

import (
	"math"
	"time"

	"andon/plant"
)

// demonstratedOver is how far back the demonstrated rate looks.
const demonstratedOver = 15 * time.Minute

// A Material is one level and when it is used up. What has no value is null.
type Material struct {
	Tag  string `json:"tag"`  // name, the path when it is of another equipment
	Unit string `json:"unit"` // of the level

	Level     Ratio          `json:"level"` // last good value up to the end of the window
	LevelTime *plant.Instant `json:"level_time"`

	// The rates are the level's unit per minute: that of the present product
	// at its ideal cycle, and that of the units made in the last 15 minutes
	// of the window, Units in Over.
	RateIdeal        Ratio   `json:"rate_ideal_per_minute"`
	RateDemonstrated Ratio   `json:"rate_demonstrated_per_minute"`
	Units            int64   `json:"demonstrated_units"`
	Over             Seconds `json:"demonstrated_over"`

	RunOutIdeal        *plant.Instant `json:"run_out_ideal"`
	RunOutDemonstrated *plant.Instant `json:"run_out_demonstrated"`
}

// materials computes the levels that products take from.
func materials(in KPIInput, window plant.Interval) []Material {
	var out []Material
	for i, t := range in.Intakes {
		known := false
		for _, before := range in.Intakes[:i] {
			known = known || before.Tag == t.Tag
		}
		if !known {
			out = append(out, material(in, t, window))
		}
	}
	return out
}

func material(in KPIInput, of Intake, window plant.Interval) Material {
	m := Material{Tag: of.Tag, Unit: of.Unit}
	m.find(in.Facts.Meters, window.To)
	product := ""
	for _, s := range in.Facts.Segments {
		if s.From < window.To {
			product = s.Product
		}
	}
	last := demonstrated(window)
	m.Over = Seconds(last.Duration())
	taken := 0.0
	for _, t := range in.Intakes {
		if t.Tag != of.Tag {
			continue
		}
		if t.Product == product && !m.RateIdeal.OK {
			m.RateIdeal = Over(t.PerUnit*60, Seconds(t.IdealCycle).Float())
		}
		made := madeOf(in.Facts.Counts, t.Product, last)
		taken += t.PerUnit * float64(made)
		m.Units += made
	}
	m.RateDemonstrated = Over(taken*60, m.Over.Float())
	m.RunOutIdeal, m.RunOutDemonstrated = m.runOut(m.RateIdeal), m.runOut(m.RateDemonstrated)
	return m
}

// demonstrated returns the last whole minutes of a window that show the pace.
func demonstrated(window plant.Interval) plant.Interval {
	last := plant.Interval{From: max(window.From, window.To.Add(-demonstratedOver)), To: window.To}
	if whole := last.From.Truncate(time.Minute); whole < last.From {
		last.From = min(whole+minute, last.To)
	}
	return last
}

// madeOf returns how many units of a product were made in v.
func madeOf(counts []Count, product string, v plant.Interval) (n int64) {
	for _, c := range counts {
		if c.Product == product && v.Contains(c.Minute) {
			n += c.Total
		}
	}
	return n
}

// find finds the level that holds at t.
func (m *Material) find(meters []Meter, t plant.Instant) {
	for i := len(meters) - 1; i >= 0; i-- {
		for _, l := range meters[i].Levels {
			if l.Tag == m.Tag && l.Time <= t {
				m.Level, m.LevelTime = Ratio{Value: l.Value, OK: true}, &l.Time
				return
			}
		}
	}
}

// runOut returns when the level is used up at a rate, nil for never.
func (m *Material) runOut(rate Ratio) *plant.Instant {
	left := max(0, m.Level.Value/rate.Value*60) // seconds
	if m.LevelTime == nil || !rate.OK || !(rate.Value > 0) || left > 100*365*86400 {
		return nil
	}
	t := m.LevelTime.Add(time.Duration(math.Round(left * 1e9)))
	return &t
}
