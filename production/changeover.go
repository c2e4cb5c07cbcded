package production

import (
	"time"

	"andon/plant"
)

// A Changeover is a stop for another product beside the time allowed for it.
type Changeover struct {
	Stop   string        `json:"stop"` // id
	From   plant.Instant `json:"from"`
	Before string        `json:"before"` // product of the run before, "" when the facts do not show it
	After  string        `json:"after"`  // product of the run after, or else of the end of the stop

	Actual   Seconds `json:"actual"` // up to now while it goes on
	Open     bool    `json:"open"`
	Standard Seconds `json:"standard"` // 0 when none is configured
	// Over is Actual less Standard, negative when quicker; 0 without a
	// standard.
	Over Seconds `json:"over"`
}

// Changeovers returns the changeovers of eq in facts, in order, with what is
// configured for them.
func Changeovers(c Config, eq *plant.Equipment, f Facts, now plant.Instant) []Changeover {
	return changeovers(standardsOf(c, eq), f.Segments, now)
}

// standardsOf returns the times allowed that are for eq.
func standardsOf(c Config, eq *plant.Equipment) []ChangeoverStandard {
	var own []ChangeoverStandard
	for _, s := range c.Changeover.Standards {
		if s.Equipment == "" || plant.Match(s.Equipment, eq.Path) {
			own = append(own, s)
		}
	}
	return own
}

func changeovers(standards []ChangeoverStandard, segs []Segment, now plant.Instant) []Changeover {
	var out []Changeover
	before := ""
	for i, s := range segs {
		switch n := len(out); {
		case s.Loss == LossRun:
			before = s.Product
		case s.Loss != LossSetup:
		case n > 0 && out[n-1].Stop == s.Stop:
			out[n-1].Actual += Seconds(s.Interval(now).Duration())
			out[n-1].Open = s.To == 0
		default:
			out = append(out, Changeover{Stop: s.Stop, From: s.StopStart, Before: before, After: incoming(segs, i),
				Actual: Seconds(s.Interval(now).Duration()), Open: s.To == 0})
		}
	}
	for i := range out {
		c := &out[i]
		if c.Standard = Seconds(standardFor(standards, c.Before, c.After)); c.Standard > 0 {
			c.Over = c.Actual - c.Standard
		}
	}
	return out
}

// standardFor returns the time allowed from one product to another, 0 for
// none. A product that is not known matches every standard.
func standardFor(standards []ChangeoverStandard, before, after string) time.Duration {
	match := func(want, got string) bool { return want == "" || got == "" || want == got }
	for _, s := range standards {
		if match(s.From, before) && match(s.To, after) {
			return s.Time
		}
	}
	return 0
}

// addChangeovers adds the changeovers that began in the window with the time
// allowed for them, and the setup in the window that is beyond it.
func (k *KPI) addChangeovers(in KPIInput, window plant.Interval) {
	for _, c := range changeovers(in.Standards, in.Facts.Segments, window.To) {
		if window.Contains(c.From) {
			k.Changeovers++
			k.ChangeoverStandard += c.Standard
		}
		if c.Standard == 0 {
			continue
		}
		over := plant.Interval{From: max(window.From, c.From.Add(c.Standard.Duration())), To: window.To}
		for _, s := range in.Facts.Segments {
			if s.Loss == LossSetup && s.Stop == c.Stop {
				k.ChangeoverOver += Seconds(s.Interval(window.To).Clip(over).Duration())
			}
		}
	}
}
