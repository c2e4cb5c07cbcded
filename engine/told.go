package engine

import (
	"slices"

	"andon/plant"
	"andon/production"
)

// A toldBefore says up to where a process before this one told people of
// alarms, when the snapshot with its alarms is lost and the stream is worked
// through again. The alarms open then are in the book from the records.
type toldBefore struct {
	Pos    uint64        `json:"pos,omitzero"`
	Time   plant.Instant `json:"time,omitzero"`
	Doubts []doubt       `json:"doubts,omitempty"` // of which the rules have said nothing yet
}

// A doubt is an alarm whose condition may or may not hold still.
type doubt struct {
	Rule      string `json:"rule"`
	Equipment string `json:"equipment"`
}

// covers reports whether what m leads to was told before. A stream that was
// made anew has small positions at later times.
func (b toldBefore) covers(m plant.Message) bool {
	return m.Pos <= b.Pos && m.Time <= b.Time.Add(leap)
}

// alarm hands the rules' conditions to the alarms, unless they were told
// before. Then it does so once that is over.
func (c *core) alarm(m plant.Message, conditions []plant.Condition) {
	defer func() { c.system = nil }()
	if c.told.Pos != 0 {
		if c.told.covers(m) {
			return
		}
		c.told.Pos = 0
		conditions = append(c.rules.Holding(), conditions...)
	}
	if len(c.told.Doubts) > 0 && m.Kind == plant.KindTick {
		conditions = append(c.settleDoubts(), conditions...)
	}
	if c.system != nil {
		c.book.TakeOver(c.now, *c.system)
	}
	c.book.Apply(c.now, conditions)
	if m.Kind == plant.KindTick {
		c.book.Tick(c.now)
	}
}

// settleDoubts clears alarms of before whose condition is over, as soon as
// their rules know.
func (c *core) settleDoubts() []plant.Condition {
	holds := map[doubt]bool{}
	for _, x := range c.rules.Holding() {
		holds[doubt{x.Rule, x.Equipment.Path}] = true
	}
	for _, d := range c.told.Doubts {
		holds[d] = holds[d] || d.Rule == production.RuleContradiction && c.prod.Contradicts(d.Equipment)
	}
	var over []plant.Condition
	c.told.Doubts = slices.DeleteFunc(slices.Clone(c.told.Doubts), func(d doubt) bool {
		if !holds[d] && !c.rules.Knows(d.Rule, d.Equipment) {
			return false
		}
		if t, err := plant.Detached(d.Equipment + "/over"); err == nil && !holds[d] {
			over = append(over, plant.Condition{Rule: d.Rule, Equipment: t.Equipment, Time: c.now})
		}
		return true
	})
	return over
}
