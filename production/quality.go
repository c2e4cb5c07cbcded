package production

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"andon/plant"
)

// A QualityKind says what is wrong with data.
type QualityKind string

// The kinds of quality events.
const (
	QualityReset         QualityKind = "reset"         // a counter began anew or was set
	QualityRollover      QualityKind = "rollover"      // a counter went over its greatest value
	QualityGlitch        QualityKind = "glitch"        // a reading that cannot be true was left out
	QualityContradiction QualityKind = "contradiction" // units counted while the equipment did not run
)

// A QualityEvent is one thing that makes data less sure.
type QualityEvent struct {
	Equipment *plant.Equipment `json:"-"`
	Time      plant.Instant    `json:"time"` // of a contradiction: start of its minute
	Kind      QualityKind      `json:"kind"`
	Counter   string           `json:"counter"` // total, good, reject or rework; "" for a contradiction
	Value     int64            `json:"value"`   // what the counter showed, or the units
}

// QualityConfig says when doubtful data call somebody.
type QualityConfig struct {
	// Contradictions are how many units may be counted within Window while
	// equipment does not run; more are a condition of the rule
	// RuleContradiction. 0: never.
	Contradictions int64         `yaml:"contradictions"`
	Window         time.Duration `yaml:"window"`
}

// RuleContradiction is the name of the rule in conditions that production
// itself finds.
const RuleContradiction = "counts_while_stopped"

// Quality returns the quality events of one equipment in w as they are known
// now, by time.
func (a *Area) Quality(eq *plant.Equipment, w plant.Interval) []QualityEvent {
	a.settle()
	if u := a.of[eq]; u != nil {
		return u.quality(w)
	}
	return nil
}

func (u *unit) quality(w plant.Interval) []QualityEvent {
	var out []QualityEvent
	for i := range u.counters {
		c := &u.counters[i]
		for k := min(c.find(w.From), max(0, c.valid-1)); k <= len(c.blocks); k++ {
			m := *c.startOf(k)
			for _, r := range c.open(k) {
				m.step(c.lim, r)
				if m.what != "" && w.Contains(r.t) {
					out = append(out, QualityEvent{u.eq, r.t, m.what, counterKeys[i], r.v})
				}
			}
			if k < len(c.blocks) && c.valid <= k+1 {
				*c.startOf(k + 1) = m
				c.valid = k + 2
			}
		}
	}
	for _, b := range u.buckets[u.bucketIndex(w.From.Truncate(time.Minute)):] {
		if b.idle > 0 && w.Contains(b.minute) {
			out = append(out, QualityEvent{u.eq, b.minute, QualityContradiction, "", b.idle})
		}
	}
	slices.SortStableFunc(out, func(x, y QualityEvent) int { return cmp.Compare(x.Time, y.Time) })
	return out
}

// odd notes an event of a counter for Drain to tell. Events that late
// readings bring to light are not told again; Quality has them.
func (u *unit) odd(i int, r reading) {
	if kind := u.meters[i].what; kind != "" {
		u.out.quality = append(u.out.quality, QualityEvent{u.eq, r.t, kind, counterKeys[i], r.v})
	}
}

// Conditions returns which contradictions began or ended since the last call.
// It is meant to be called at every tick.
func (a *Area) Conditions() []plant.Condition {
	if a.quality.Contradictions == 0 {
		return nil
	}
	a.settle()
	var out []plant.Condition
	window := plant.Instant(a.quality.Window)
	for _, u := range a.units {
		var units int64
		for _, b := range u.buckets[u.bucketIndex(a.now-window):] {
			units += b.idle
		}
		active := units > a.quality.Contradictions
		if active == u.contradicts {
			continue
		}
		u.contradicts = active
		c := plant.Condition{Rule: RuleContradiction, Equipment: u.eq, Class: plant.ClassProduction, Priority: plant.PriorityLow,
			Active: active, Time: a.now, Value: plant.Int(units)}
		if active {
			c.Message = fmt.Sprintf("%s counted %d units in %s without running", u.eq.Path, units, a.quality.Window)
			c.Response = "Check the state signal and the counter."
		}
		out = append(out, c)
	}
	return out
}
